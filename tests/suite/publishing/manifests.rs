//! What is known of a site's files may be lost, torn, of an earlier version, or of other files.

use super::{named_by, site};
use crate::support::{Base, Tree, difference, set_time, tree};
use handbill::hash::{Fingerprint, Hash};
use handbill::path::OutPath;
use handbill::plan::diff::Published;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

const PAGE: &str = "public/notes/2026-11-20T10-00-00Z.html";

/// Builds, and makes sure that nothing of the public edition is taken for somebody else's and that
/// all is as a clean build makes it, but for files in `mine`.
#[track_caller]
fn check(base: &Base, mine: &[&str]) {
    check_against(base, &clean(base), mine);
}

#[track_caller]
fn check_against(base: &Base, clean: &Tree, mine: &[&str]) {
    let report = base.build();
    assert_eq!(named_by(&report, "foreign-file"), Vec::<String>::new());
    let mut public = base.edition("public");
    for path in mine {
        assert_eq!(public.remove(*path).as_deref(), Some(&b"mine"[..]), "{path}");
    }
    assert_eq!(difference(&public, clean), None);
}

/// Returns the public edition of a clean build.
fn clean(base: &Base) -> Tree {
    let copy = Base::new();
    for (path, bytes) in tree(base.path()) {
        if !path.starts_with("_site/") && !path.starts_with(".handbill/cache") {
            copy.write(&path, bytes);
        }
    }
    copy.build();
    copy.edition("public")
}

/// Puts a manifest of the first version in the place of an edition's: its number, then all files.
fn first_version(base: &Base, edition: &str) {
    let folder = base.at("_site").join(edition);
    let published = |(path, bytes): (String, Vec<u8>)| {
        let modified = fs::metadata(folder.join(&path)).unwrap().modified().unwrap();
        let since = modified.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let known = Published {
            fingerprint: Some(Fingerprint::default()),
            content: Hash::of(&bytes),
            size: bytes.len() as u64,
            mtime: i64::try_from(since.as_nanos()).unwrap(),
        };
        (OutPath::parse(&path).unwrap(), known)
    };
    let files: Vec<(OutPath, Published)> = tree(&folder).into_iter().map(published).collect();
    let bytes = postcard::to_allocvec(&(1u32, files)).unwrap();
    fs::write(base.at(&format!("_site/.{edition}.manifest")), bytes).unwrap();
}

#[test]
fn the_files_of_the_first_version_are_ours() {
    let base = site();
    base.build();
    // A page that this version has no more, and what others have put there since.
    base.write("_site/public/notes/old/page.html", "ours");
    for edition in ["public", "reader"] {
        first_version(&base, edition);
    }
    base.write("_site/public/CNAME", "mine").write("_site/public/notes/mine.txt", "mine");
    base.remove(&format!("_site/{PAGE}"));
    base.write("handbill.toml", "title = \"All pages differ\"\npublic = [\"notes\"]\n");
    check(&base, &["CNAME", "notes/mine.txt"]);
    assert!(!base.at("_site/public/notes/old").exists());
    // From then on all is known.
    let report = base.build();
    assert!(report.editions.iter().all(|edition| edition.written + edition.removed == 0));
    base.remove(&format!("_site/{PAGE}"));
    check(&base, &["CNAME", "notes/mine.txt"]);
}

#[test]
fn a_lost_channel_empties_no_site_of_the_first_version() {
    let base = site();
    base.build();
    first_version(&base, "public");
    let before = base.edition("public");
    base.remove("notes/outbox/2026-11-20T10-00-00Z.md");
    base.remove("notes/outbox/2026-11-21T10-00-00Z.md");
    assert!(base.build().refused.is_some());
    assert_eq!(difference(&before, &base.edition("public")), None);
}

#[test]
fn a_site_whose_manifest_was_lost_is_looked_at_like_any_other() {
    let base = site();
    base.build();
    base.remove("_site/.public.manifest");
    check(&base, &[]);
    base.remove(&format!("_site/{PAGE}"));
    base.remove("_site/public/notes/2026-11-21T10-00-00Z/data.zip");
    check(&base, &[]);
}

#[test]
fn a_manifest_that_ends_anywhere_costs_nothing() {
    let base = site();
    base.build();
    let manifest = base.at("_site/.public.manifest");
    let before = fs::metadata(&manifest).unwrap().len();
    base.write("notes/outbox/2026-11-20T10-00-00Z.md", "First, and edited.");
    base.build();
    let whole = fs::read(&manifest).unwrap();
    assert!(whole.len() as u64 > before, "the change was added at the end");
    let begin = usize::try_from(before).unwrap();
    let clean = clean(&base);
    let of_base = (0..begin).step_by(begin / 14);
    let of_change = (begin..whole.len()).step_by((whole.len() - begin) / 8);
    for (number, end) in of_base.chain(of_change).enumerate() {
        fs::write(&manifest, &whole[..end]).unwrap();
        if number % 3 == 0 {
            base.remove(&format!("_site/{PAGE}"));
        }
        check_against(&base, &clean, &[]);
    }
    // A bit that has fallen over is an end.
    for part in [1, 2, 3, 6, 20] {
        let mut torn = fs::read(&manifest).unwrap();
        let at = torn.len() - torn.len() / part + 20;
        torn[at.min(whole.len() - 20)] ^= 4;
        fs::write(&manifest, torn).unwrap();
        base.remove(&format!("_site/{PAGE}"));
        check_against(&base, &clean, &[]);
    }
}

/// Sets the time of a folder.
fn set_folder_time(path: &Path, time: SystemTime) {
    fs::File::open(path).unwrap().set_modified(time).unwrap();
}

#[cfg(unix)]
#[test]
fn folders_that_always_have_one_time_are_looked_at() {
    let base = site();
    base.build();
    let folder = base.at("_site/public/notes");
    set_folder_time(&folder, SystemTime::UNIX_EPOCH);
    base.build();
    base.remove(&format!("_site/{PAGE}"));
    set_folder_time(&folder, SystemTime::UNIX_EPOCH);
    check(&base, &[]);
}

#[cfg(unix)]
#[test]
fn a_site_that_was_replaced_by_a_copy_is_looked_at() {
    let base = site();
    base.build();
    let public = base.at("_site/public");
    let files = tree(&public);
    fs::remove_dir_all(&public).unwrap();
    for (path, bytes) in files {
        base.write(&format!("_site/public/{path}"), bytes);
    }
    // One file is of an earlier copy, of the same size and of a time that is not ours.
    let page = base.at(&format!("_site/{PAGE}"));
    let text = fs::read_to_string(&page).unwrap().replace("First", "Other");
    fs::write(&page, text).unwrap();
    set_time(&page, SystemTime::UNIX_EPOCH);
    check(&base, &[]);
}
