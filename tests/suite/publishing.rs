//! What happens on the disk: whose files are written, when none are, and what is left behind.

mod crash;
mod foreign;
mod killed;
mod manifests;
mod odd;
mod places;
mod refused;

use crate::support::{Base, addresses, dead_links, png, set_time, times, written};
use handbill::disk::{self, Check};
use handbill::time::Now;
use std::fs;

/// A public channel with two messages, one with attachments, and a conversation.
fn site() -> Base {
    let base = Base::of(
        "-- handbill.toml
public = [\"notes\"]
-- notes/outbox/2026-11-20T10-00-00Z.md
First.
-- notes/outbox/2026-11-21T10-00-00Z.md
Second.
-- notes/outbox/2026-11-21T10-00-00Z/data.zip
Not really a zip.
-- mira/inbox/2026-11-22T10-00-00Z.md
From Mira.
-- mira/outbox/2026-11-23T10-00-00Z.md
To Mira.
",
    );
    base.write("notes/outbox/2026-11-21T10-00-00Z/gauge.png", png(3, 2));
    base
}

/// Returns the paths of a kind of finding in the last part of its words: what stands in backticks.
fn named_by(report: &disk::BuildReport, code: &str) -> Vec<String> {
    let of_code = report.found.iter().filter(|d| d.code == code);
    of_code.map(|d| d.message.split('`').nth(1).unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_published_file_that_somebody_replaced_or_lost_is_restored() {
    let base = site();
    base.build();
    let whole = base.edition("public");
    base.remove("_site/public/index.html");
    base.write("_site/public/index.html", "Defaced.");
    base.remove("_site/public/notes/2026-11-21T10-00-00Z/data.zip");
    base.write("_site/public/notes/2026-11-21T10-00-00Z/data.zip", "Something else.");
    base.remove("_site/public/notes/2026-11-20T10-00-00Z.html");
    let report = base.build();
    assert_eq!(report.editions[0].written, 3);
    assert!(base.edition("public") == whole);
}

#[test]
fn what_somebody_wrote_into_a_published_file_is_found_by_verify_alone() {
    let base = site();
    base.build();
    let whole = base.edition("public");
    for path in [
        "notes/2026-11-20T10-00-00Z.html",
        "notes/2026-11-21T10-00-00Z/data.zip",
        "notes/2026-11-21T10-00-00Z/gauge.png",
        "feed.xml",
    ] {
        let file = base.at("_site/public").join(path);
        let (time, mut bytes) =
            (fs::metadata(&file).unwrap().modified().unwrap(), fs::read(&file).unwrap());
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&file, bytes).unwrap();
        set_time(&file, time);
    }
    assert_eq!(base.build().editions[0].written, 0);
    let mut options = base.options();
    options.publish.check = Check::Bytes;
    let report = disk::build(&base.places(), &options).unwrap();
    assert_eq!(report.editions[0].written, 4);
    assert!(base.edition("public") == whole);
    let before = times(&base.at("_site/public"));
    let report = disk::build(&base.places(), &options).unwrap();
    assert_eq!(report.editions[0].written, 0);
    assert_eq!(before, times(&base.at("_site/public")));
}

#[test]
fn the_pages_of_removed_messages_go_with_their_folders() {
    let mut base = site();
    base.write("notes/outbox/2019/05/old.md", "+++\ndate = 2019-05-01\n+++\nOld. #rare");
    base.build();
    for path in ["notes/2019/05/old.html", "tags/rare/2019/index.html", "archive/2019/index.html"] {
        assert!(base.at("_site/public").join(path).is_file(), "{path}");
    }
    base.remove("notes/outbox/2019").remove("notes/outbox/2026-11-21T10-00-00Z.md");
    let report = base.build();
    assert!(report.editions.iter().all(|edition| edition.removed > 0));
    // The address of the message says for a year that it was deleted.
    assert!(base.page("public/notes/2019/05/old.html").contains("has been deleted"));
    base.now = Now(base.now.0 + 366 * 86_400);
    base.build();
    for path in ["notes/2019", "notes/2019-05", "tags/rare", "archive/2019", "archive/2019-05"] {
        assert!(!base.at("_site/public").join(path).exists(), "{path}");
    }
    // Without its message, what is attached waits.
    assert!(!base.at("_site/public/notes/2026-11-21T10-00-00Z").exists());
    base.remove("mira");
    base.build();
    assert!(!base.at("_site/reader/mira").exists());
}

#[test]
fn content_is_written_before_what_points_to_it_and_deletions_come_last() {
    let base = site();
    base.write("notes/outbox/2020/a.md", "+++\ndate = 2020-05-01\n+++\nA.");
    base.write("notes/outbox/2020/b.md", "+++\ndate = 2020-05-02\n+++\nB.");
    base.write("notes/outbox/2020/b/old.zip", "It will go.");
    base.build();
    let before = times(&base.at("_site/public"));
    base.write("notes/outbox/2026-11-21T10-00-00Z/data.zip", "Another one.");
    base.write("notes/outbox/2026-11-21T10-00-00Z/gauge.png", png(9, 9));
    base.write("handbill.toml", "title = \"Renamed\"\npublic = [\"notes\"]\n");
    base.remove("notes/outbox/2020/b");
    base.build();
    let after = times(&base.at("_site/public"));
    let rank = |path: &str| match path {
        _ if path.contains("2026-11-21T10-00-00Z/") => 0,
        _ if path.contains("Z.html") || path.ends_with("/a.html") || path.ends_with("/b.html") => 1,
        _ => 2,
    };
    let all = written(&before, &after);
    let of_rank = |wanted: u8| -> Vec<_> {
        let paths = all.iter().filter(|path| rank(path) == wanted);
        paths.map(|path| after[path]).collect()
    };
    let (files, messages, pointers) = (of_rank(0), of_rank(1), of_rank(2));
    assert_eq!((files.len(), messages.len()), (2, 4));
    assert!(pointers.len() > 5);
    assert!(files.iter().max() <= messages.iter().min());
    assert!(messages.iter().max() <= pointers.iter().min());
    let folder = fs::metadata(base.at("_site/public/notes/2020")).unwrap().modified().unwrap();
    assert!(pointers.iter().all(|time| *time <= folder), "something was deleted early");
}

#[test]
fn a_file_and_a_folder_of_the_theme_may_change_places() {
    let base = site();
    base.write("theme/assets/extra", "A file.").write("theme/assets/more/deep.css", "In a folder.");
    base.build();
    base.remove("theme/assets/extra").remove("theme/assets/more");
    base.write("theme/assets/extra/deep.css", "In a folder.").write("theme/assets/more", "A file.");
    let report = base.build();
    assert_eq!(named_by(&report, "foreign-file"), Vec::<String>::new());
    assert_eq!(base.page("public/assets/extra/deep.css"), "In a folder.");
    assert_eq!(base.page("public/assets/more"), "A file.");
}

#[test]
fn no_link_leads_to_a_message_that_the_edition_leaves_out() {
    let base = site();
    let links = "[One](2026-11-21T10-00-00Z.md), ![two](2026-11-21T10-00-00Z/gauge.png) and \
                 [three](other.zip).";
    base.write("notes/outbox/2026-11-24T10-00-00Z.md", links);
    base.write("notes/outbox/other.zip", "Of no message.");
    let page = "notes/2026-11-24T10-00-00Z.html";
    let count = |edition: &str| {
        let text = base.page(&format!("{edition}/{page}"));
        addresses(&text).filter(|a| a.contains("2026-11-21") || a.contains("other.zip")).count()
    };
    base.build();
    // The links and one to the older message.
    assert_eq!((count("public"), count("reader")), (4, 4));
    base.write("notes/outbox/2026-11-21T10-00-00Z.md", "+++\nprivate = true\n+++\nSecond.");
    base.build();
    assert_eq!((count("public"), count("reader")), (1, 4));
    base.write("handbill.toml", "public = [\"notes\"]\n[limits]\nmessages = 1\n");
    base.build();
    assert_eq!((count("public"), count("reader")), (1, 1));
    for edition in ["public", "reader"] {
        assert_eq!(dead_links(&base.edition(edition)), Vec::<String>::new());
    }
}

#[test]
fn the_edition_that_is_not_asked_for_is_left_alone() {
    let base = site();
    base.build();
    let before = times(&base.at("_site/reader"));
    base.write("notes/outbox/2026-11-24T10-00-00Z.md", "New.");
    let mut options = base.options();
    options.editions = vec![handbill::library::Edition::Public];
    let report = disk::build(&base.places(), &options).unwrap();
    assert_eq!(report.editions.len(), 1);
    assert!(base.at("_site/public/notes/2026-11-24T10-00-00Z.html").is_file());
    assert_eq!(before, times(&base.at("_site/reader")));
}

/// Systems allow a process some hundred open files.
#[cfg(target_os = "linux")]
#[test]
fn many_contacts_do_not_keep_as_many_folders_open() {
    let base = Base::new();
    for n in 0..300 {
        base.write(&format!("c{n}/inbox/2026-11-20.md"), "Hello.");
        base.folder(&format!("c{n}/outbox"));
    }
    let program = env!("CARGO_BIN_EXE_handbill");
    let script =
        format!("ulimit -n 300; exec '{program}' build --quiet '{}'", base.path().display());
    let out = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert!(base.page("reader/c299/in/2026-11-20.html").contains("Hello."));
}
