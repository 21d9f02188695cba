//! Writing, editing and deleting one's own messages: nothing is lost, nothing is written elsewhere.

use crate::support::{Base, Tree, png, tree, without_letters};
use handbill::disk::outbox::{Deleted, Edit, Location, NotAttached, Outbox, Replaced, Upload};
use handbill::hash::Hash;
use handbill::message::Tag;
use handbill::message::draft::Draft;
use handbill::path::{RelPath, fold};
use handbill::time::Now;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::SystemTime;

const SITE: &str = "-- handbill.toml\npublic = [\"notes\"]\nbase_url = \"https://example.org/\"\n\
    -- notes/outbox/2026-11-20T10-00-00Z.md\nOne.\n\
    -- harbour/inbox/2026-11-21T10-00-00Z.md\nTwo.\n\
    -- mira/inbox/2026-11-21T10-00-00Z.md\nThree.\n-- mira/outbox/2026-11-22T10-00-00Z.md\nFour.\n";

/// Everything about a tree that a sync tool could see: names, bytes, times of files and folders.
fn seen(folder: &Path) -> BTreeMap<String, (Option<Vec<u8>>, SystemTime)> {
    let entries = walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap);
    let look = |entry: walkdir::DirEntry| {
        let bytes = entry.file_type().is_file().then(|| fs::read(entry.path()).unwrap());
        let time = entry.metadata().unwrap().modified().unwrap();
        (entry.path().to_string_lossy().into_owned(), (bytes, time))
    };
    entries.map(look).collect()
}

fn draft(text: &str) -> Draft {
    Draft { text: text.into(), ..Draft::default() }
}

fn file<'u>(name: &str, bytes: &'u [u8]) -> Upload<'u> {
    Upload::reader(name, bytes)
}

fn post(base: &Base, contact: &str, text: &str, files: Vec<Upload<'_>>) -> RelPath {
    let outbox = Outbox::of(base.path(), contact).unwrap();
    outbox.post(&draft(text), files, Location::Removed, base.now).unwrap().path
}

/// Returns the path below the box.
fn in_box(path: &RelPath) -> RelPath {
    RelPath::parse(path.as_str().splitn(3, '/').nth(2).unwrap()).unwrap()
}

fn read(base: &Base, path: &RelPath) -> String {
    fs::read_to_string(base.at(path.as_str())).unwrap()
}

/// Returns what lies in the trash.
fn trash(base: &Base) -> Tree {
    tree(&base.at(".handbill/trash"))
}

#[test]
fn what_is_posted_is_on_its_page_after_a_build() {
    let base = Base::of(SITE);
    let (gull, notes) = (png(40, 30), b"tide tables\n".to_vec());
    let files = vec![file("Gull at six.png", &gull), file("../notes.txt", &notes)];
    let path = post(&base, "notes", "Low tide at six. #tide", files);
    let name = without_letters(path.as_str());
    assert_eq!(name, "notes/outbox/2026-11-24T12-00-00Z-low-tide-at-six.md");
    assert_eq!(read(&base, &path), "Low tide at six. #tide\n");
    let stem = path.as_str().strip_suffix(".md").unwrap();
    let folder = tree(&base.at(stem));
    assert_eq!(folder.keys().collect::<Vec<_>>(), ["Gull at six.png", "notes.txt"]);
    assert_eq!(folder["notes.txt"], notes);
    base.build();
    for edition in ["public", "reader"] {
        let page = base.page(&format!("{edition}/{}.html", stem.replace("/outbox", "")));
        assert!(page.contains("Low tide at six.") && page.contains("notes.txt"), "{page}");
        let files = base.edition(edition);
        let in_folder =
            |path: &&String| path.contains("low-tide-at-six-") && !path.ends_with("html");
        assert_eq!(files.keys().filter(in_folder).count(), 2);
    }
    assert!(base.findings().iter().all(|f| !f.contains("low-tide")), "{:?}", base.findings());
}

#[test]
fn names_are_unique_in_the_same_second_whoever_writes() {
    let base = Base::of(SITE);
    base.write("notes/outbox/2026-11-24T12-00-00Z-LOW-Tide.txt.md", "in capitals");
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let base = &base;
            scope.spawn(move || {
                for n in 0..8 {
                    let bytes = format!("{writer} {n}");
                    let text = if n % 2 == 0 { "Low tide." } else { "潮" };
                    post(base, "notes", text, vec![file("a.txt", bytes.as_bytes())]);
                }
            });
        }
    });
    let names: Vec<String> = fs::read_dir(base.at("notes/outbox"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("2026-11-24T12-00-00Z"))
        .collect();
    let folded: BTreeSet<String> = names.iter().map(|name| fold(name)).collect();
    assert_eq!((names.len(), folded.len()), (65, 65), "{names:?}");
    let messages = names.iter().filter(|name| name.ends_with(".md") && !name.contains("LOW"));
    let mut said = BTreeSet::new();
    for message in messages {
        let folder = message.strip_suffix(".md").unwrap();
        said.insert(fs::read(base.at(&format!("notes/outbox/{folder}/a.txt"))).unwrap());
    }
    assert_eq!(said.len(), 32, "each message has attachments of its own");
    let opened = base.findings();
    assert!(!opened.iter().any(|f| f.starts_with("same-name")), "{opened:?}");
}

#[test]
fn two_machines_choose_two_names_in_the_same_second() {
    let names = |base: &Base| post(base, "notes", "Low tide", Vec::new());
    let (one, other) = (Base::of(SITE), Base::of(SITE));
    let (one, other) = (names(&one), names(&other));
    assert_eq!(without_letters(one.as_str()), without_letters(other.as_str()));
    assert_ne!(one, other);
}

#[test]
fn a_name_that_differs_in_case_only_is_taken() {
    let base = Base::of(SITE);
    base.write("handbill.toml", "[contact.notes]\nwrite_txt = true\n");
    base.write("notes/outbox/2026-11-24t12-00-00z.TXT", "small");
    base.folder("notes/outbox/2026-11-24t12-00-01z");
    let path = post(&base, "notes", "Low tide", Vec::new());
    assert_eq!(path.as_str(), "notes/outbox/2026-11-24T12-00-02Z.txt");
    assert_eq!(
        read(&base, &RelPath::parse("notes/outbox/2026-11-24t12-00-00z.TXT").unwrap()),
        "small"
    );
}

#[cfg(unix)]
#[test]
fn attachments_lie_in_the_box_before_the_text() {
    use std::os::unix::fs::MetadataExt;
    let base = Base::of(SITE);
    for n in 0..5 {
        let path = post(&base, "notes", &format!("Number {n}"), vec![file("a.txt", b"x")]);
        let changed = |path: &str| {
            let metadata = fs::metadata(base.at(path)).unwrap();
            (metadata.ctime(), metadata.ctime_nsec())
        };
        let folder = path.as_str().strip_suffix(".md").unwrap();
        assert!(changed(folder) <= changed(path.as_str()), "moved in before");
        assert!(changed(&format!("{folder}/a.txt")) <= changed(folder), "whole before");
    }
}

#[test]
fn nothing_half_made_is_ever_in_the_box() {
    let base = Base::of(SITE);
    let before = seen(&base.at("notes"));
    struct Breaks;
    impl std::io::Read for Breaks {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the line went dead"))
        }
    }
    let outbox = Outbox::of(base.path(), "notes").unwrap();
    let refused = |draft: &Draft, files| {
        outbox.post(draft, files, Location::Removed, base.now).unwrap_err().to_string()
    };
    let error = refused(&draft("x"), vec![file("a.txt", b"a"), Upload::reader("b", Breaks)]);
    assert!(error.contains("cannot attach `b`"), "{error}");
    assert!(refused(&draft(" \n"), Vec::new()).contains("nothing to write"));
    assert!(refused(&draft("+++\nx"), Vec::new()).contains("never ends"));
    let key = b"see A2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3 there";
    assert!(refused(&draft("x"), vec![file("k.txt", key)]).contains("holds a key"));
    assert_eq!(seen(&base.at("notes")), before);
    post(&base, "notes", "x", vec![file("a.txt", b"a")]);
    assert!(tree(&base.at(".handbill/tmp")).is_empty());
    assert_eq!(fs::read_dir(base.at(".handbill/tmp")).unwrap().count(), 0);
}

#[test]
fn an_inbox_is_never_written() {
    let base = Base::of(SITE);
    base.write("harbour/inbox/sub/pic.png", png(2, 2));
    let inboxes = || (seen(&base.at("harbour")), seen(&base.at("mira/inbox")));
    let before = inboxes();
    let error = Outbox::of(base.path(), "harbour").unwrap_err().to_string();
    assert!(error.contains("no outbox"), "{error}");
    assert!(Outbox::drafts_of(base.path(), "harbour").is_err());
    for name in ["mira/inbox", "../x", "", ".handbill", "harbour/inbox", "mira/../notes"] {
        assert!(Outbox::of(base.path(), name).is_err(), "{name}");
    }
    let error = Outbox::of(base.path(), "miro").unwrap_err().to_string();
    assert!(error.contains("did you mean `mira`?"), "{error}");
    let outbox = Outbox::of(base.path(), "Mira").unwrap();
    for path in ["../inbox/2026-11-21T10-00-00Z.md", "/etc/passwd.md", "x/../../inbox/a.md"] {
        assert_eq!(RelPath::parse(path), None, "{path}");
    }
    let path = post(&base, "mira", "To you.", vec![file("inbox", b"x")]);
    let edit = outbox.read(&in_box(&path)).unwrap().unwrap();
    outbox.replace(&in_box(&path), edit.source, "To you!", base.now).unwrap();
    outbox.delete(&in_box(&path), None, base.now).unwrap();
    Outbox::drafts_of(base.path(), "mira")
        .unwrap()
        .post(&draft("later"), Vec::new(), Location::Removed, base.now)
        .unwrap();
    base.build();
    assert_eq!(inboxes(), before);
}

#[cfg(unix)]
#[test]
fn a_link_is_never_written_through() {
    let base = Base::of(SITE);
    base.folder("sly");
    std::os::unix::fs::symlink(base.at("harbour/inbox"), base.at("sly/outbox")).unwrap();
    std::os::unix::fs::symlink(base.at("harbour/inbox"), base.at("notes/drafts")).unwrap();
    std::os::unix::fs::symlink(base.at("harbour/inbox"), base.at("notes/outbox/sub")).unwrap();
    let before = seen(&base.at("harbour"));
    assert!(Outbox::of(base.path(), "sly").is_err());
    assert!(Outbox::drafts_of(base.path(), "notes").is_err());
    let outbox = Outbox::of(base.path(), "notes").unwrap();
    let through = RelPath::parse("sub/2026-11-21T10-00-00Z.md").unwrap();
    assert!(outbox.read(&through).is_err());
    assert!(outbox.replace(&through, Hash::of(b"Two.\n"), "x", base.now).is_err());
    assert!(outbox.delete(&through, None, base.now).is_err());
    assert_eq!(seen(&base.at("harbour")), before);
}

#[test]
fn an_edit_keeps_the_old_version_in_the_trash() {
    let base = Base::of(SITE);
    let outbox = Outbox::of(base.path(), "notes").unwrap();
    let path = RelPath::parse("2026-11-20T10-00-00Z.md").unwrap();
    let edit = outbox.read(&path).unwrap().unwrap();
    assert_eq!(edit.text, "One.\n");
    assert_eq!(outbox.replace(&path, edit.source, "One.", base.now).unwrap(), Replaced::Same);
    assert!(!base.at(".handbill/trash").exists());
    let done = outbox.replace(&path, edit.source, "One, mended.", base.now).unwrap();
    let Replaced::Done { source, trashed } = done else { panic!("{done:?}") };
    let text = fs::read(base.at("notes/outbox/2026-11-20T10-00-00Z.md")).unwrap();
    assert_eq!(
        String::from_utf8_lossy(&text),
        "+++\nupdated = 2026-11-24T12:00:00Z\n+++\nOne, mended.\n"
    );
    assert_eq!(source, Hash::of(&text));
    assert_eq!(trashed, "2026-11-24T12-00-00Z-notes-2026-11-20T10-00-00Z.md");
    assert_eq!(trash(&base), Tree::from([(trashed, b"One.\n".to_vec())]));
    // Twice in a second: the trash keeps both.
    outbox.replace(&path, source, "One, mended again.", base.now).unwrap();
    assert_eq!(trash(&base).len(), 2);
    base.build();
    assert!(base.page("public/notes/2026-11-20T10-00-00Z.html").contains("mended again"));
}

#[test]
fn an_edit_that_met_another_version_loses_neither() {
    let base = Base::of(SITE);
    let outbox = Outbox::of(base.path(), "notes").unwrap();
    let path = RelPath::parse("2026-11-20T10-00-00Z.md").unwrap();
    let began = outbox.read(&path).unwrap().unwrap();
    base.write("notes/outbox/2026-11-20T10-00-00Z.md", "Theirs.\r\n");
    let before = seen(&base.at("notes"));
    let met = outbox.replace(&path, began.source, "Mine.", base.now).unwrap();
    let Replaced::Conflict(conflict) = met else { panic!("{met:?}") };
    let theirs = Edit { text: "Theirs.\r\n".into(), source: Hash::of(b"Theirs.\r\n") };
    assert_eq!((conflict.mine.as_str(), &conflict.theirs), ("Mine.", &Some(theirs.clone())));
    let met = outbox.delete(&path, Some(began.source), base.now).unwrap();
    assert_eq!(met, Deleted::Changed(theirs.clone()));
    assert_eq!(seen(&base.at("notes")), before);
    // Whoever has seen both may go on from theirs; line ends stay as they were.
    outbox.replace(&path, theirs.source, "Theirs, and mine.\r\n", base.now).unwrap();
    let text = fs::read_to_string(base.at("notes/outbox/2026-11-20T10-00-00Z.md")).unwrap();
    assert!(text.ends_with("+++\r\nTheirs, and mine.\r\n"), "{text:?}");
    base.remove("notes/outbox/2026-11-20T10-00-00Z.md");
    let met = outbox.replace(&path, theirs.source, "Mine.", base.now).unwrap();
    let Replaced::Conflict(conflict) = met else { panic!("{met:?}") };
    assert_eq!((conflict.mine.as_str(), conflict.theirs), ("Mine.", None));
    assert!(!base.at("notes/outbox/2026-11-20T10-00-00Z.md").exists());
}

#[test]
fn an_edit_does_not_move_a_message_in_time() {
    let base = Base::of(SITE);
    base.write("notes/outbox/undated.md", "Once.");
    let then = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
    crate::support::set_time(&base.at("notes/outbox/undated.md"), then);
    let outbox = Outbox::of(base.path(), "notes").unwrap();
    let path = RelPath::parse("undated.md").unwrap();
    let edit = outbox.read(&path).unwrap().unwrap();
    outbox.replace(&path, edit.source, "Twice.", base.now).unwrap();
    let text = fs::read_to_string(base.at("notes/outbox/undated.md")).unwrap();
    assert!(text.contains("date = 2023-11-14T22:13:20Z\n"), "{text}");
}

#[test]
fn what_is_deleted_lies_in_the_trash_with_its_attachments() {
    let base = Base::of(SITE);
    let path = post(&base, "notes", "Low tide", vec![file("a.txt", b"attached")]);
    base.write("notes/outbox/2026/11/deep.md", "Deep.");
    let outbox = Outbox::of(base.path(), "notes").unwrap();
    let done = outbox.delete(&in_box(&path), None, base.now).unwrap();
    let stem = in_box(&path).as_str().strip_suffix(".md").unwrap().to_owned();
    let stem = format!("2026-11-24T12-00-00Z-notes-{stem}");
    assert_eq!(done, Deleted::Done(vec![format!("{stem}.md"), stem.clone()]));
    assert!(!base.at(path.as_str()).exists());
    assert!(!base.at(path.as_str().strip_suffix(".md").unwrap()).exists());
    let deep = RelPath::parse("2026/11/deep.md").unwrap();
    outbox.delete(&deep, None, base.now).unwrap();
    assert_eq!(outbox.delete(&deep, None, base.now).unwrap(), Deleted::Gone);
    let expect = Tree::from([
        (format!("{stem}.md"), b"Low tide\n".to_vec()),
        (format!("{stem}/a.txt"), b"attached".to_vec()),
        ("2026-11-24T12-00-00Z-notes-2026_11_deep.md".into(), b"Deep.".to_vec()),
    ]);
    assert_eq!(trash(&base), expect);
    for path in ["channel.toml", "2026-11-20T10-00-00Z/a.txt", ".x.md"] {
        let path = RelPath::parse(path).unwrap();
        assert!(outbox.delete(&path, None, base.now).is_err(), "{path}");
    }
}

#[test]
fn a_friend_with_missive_gets_what_missive_reads() {
    let base = Base::of(SITE);
    base.write("handbill.toml", "[contact.mira]\nwrite_txt = true\n");
    let titled = Draft {
        title: Some("Tides".into()),
        tags: vec![Tag::parse("low").unwrap()],
        ..draft("Six.")
    };
    let outbox = Outbox::of(base.path(), "mira").unwrap();
    assert!(outbox.is_plain());
    let write = |draft: &Draft| outbox.post(draft, Vec::new(), Location::Removed, base.now);
    let first = write(&titled).unwrap().path;
    assert_eq!(first.as_str(), "mira/outbox/2026-11-24T12-00-00Z.txt");
    assert_eq!(read(&base, &first), "# Tides\n\nSix.\n\n#low\n");
    let second = write(&draft("Seven.")).unwrap().path;
    assert_eq!(second.as_str(), "mira/outbox/2026-11-24T12-00-01Z.txt");
    let reply = Draft { in_reply_to: Some("https://example.org/".into()), ..draft("x") };
    assert!(write(&reply).unwrap_err().to_string().contains("Missive"));
    let edit = outbox.read(&in_box(&second)).unwrap().unwrap();
    outbox.replace(&in_box(&second), edit.source, "Eight.", base.now).unwrap();
    assert_eq!(read(&base, &second), "Eight.\n");
}

/// Returns a JPEG of no pixels that tells where it was taken.
fn photo() -> Vec<u8> {
    let segment = |marker: u8, data: &[u8]| {
        let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
        [&[0xFF, marker], &length[..], data].concat()
    };
    let exif =
        b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0 52.1N 4.2E";
    let parts = [&b"\xFF\xD8"[..], &segment(0xE1, exif), &segment(0xFE, b"52.1N"), b"\xFF\xD9"];
    parts.concat()
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn pictures_lose_where_they_were_taken() {
    let base = Base::of(SITE);
    let photo = photo();
    let outbox = Outbox::of(base.path(), "mira").unwrap();
    let attached = |location, now| {
        let files = vec![file("Quay.JPG", &photo)];
        let written = outbox.post(&draft("Quay"), files, location, now).unwrap();
        let folder = written.path.as_str().strip_suffix(".md").unwrap().to_owned();
        fs::read(base.at(&format!("{folder}/Quay.JPG"))).unwrap()
    };
    let clean = attached(Location::Removed, base.now);
    assert!(!holds(&clean, b"52.1N") && holds(&clean, b"\x01\x12\0\x03"), "turned, and no place");
    assert_eq!(attached(Location::Kept, Now(base.now.0 + 1)), photo);
    let before = seen(&base.at("mira"));
    let heic = b"\0\0\0\x18ftypheic";
    for (name, bytes) in [("a.heic", &heic[..]), ("b.jpg", b"no picture")] {
        let files = vec![file(name, bytes)];
        let error = outbox.post(&draft("x"), files, Location::Removed, base.now).unwrap_err();
        let not = error.downcast::<NotAttached>().unwrap();
        assert!(not.for_its_place && not.name == name, "{not}");
    }
    assert_eq!(seen(&base.at("mira")), before);
    let files = vec![file("a.heic", heic)];
    assert!(outbox.post(&draft("x"), files, Location::Kept, base.now).is_ok());
}

#[test]
fn a_draft_lies_beside_the_boxes() {
    let base = Base::of(SITE);
    let before = seen(&base.at("notes/outbox"));
    let drafts = Outbox::drafts_of(base.path(), "notes").unwrap();
    let files = vec![file("a.txt", b"x")];
    let path = drafts.post(&draft("Not yet"), files, Location::Removed, base.now).unwrap().path;
    let name = without_letters(path.as_str());
    assert_eq!(name, "notes/drafts/2026-11-24T12-00-00Z-not-yet.md");
    assert_eq!(seen(&base.at("notes/outbox")), before);
    base.build();
    let all = [base.edition("public"), base.edition("reader")];
    assert!(!all.iter().flat_map(|tree| tree.values()).any(|bytes| holds(bytes, b"Not yet")));
}
