//! When an edition is left as it was: something looks lost.

use super::site;
use crate::support::{Base, times, tree};
use handbill::disk::{self, Busy};
use std::fs::{self, File};

#[test]
fn a_base_folder_without_contacts_empties_no_edition() {
    let base = site();
    base.build();
    let before = tree(&base.at("_site"));
    base.remove("notes").remove("mira");
    let report = base.build();
    assert!(report.refused.is_some_and(|why| why.contains("no contacts")));
    assert_eq!(report.editions.len(), 0);
    assert!(tree(&base.at("_site")) == before);
    let mut options = base.options();
    options.allow_empty = true;
    let report = disk::build(&base.places(), &options).unwrap();
    assert_eq!((report.refused, report.editions.len()), (None, 2));
    assert!(!base.at("_site/public/notes").exists());
    assert!(base.at("_site/public/index.html").is_file());
}

#[test]
fn a_base_folder_that_never_had_contacts_is_built() {
    let base = Base::of("-- handbill.toml\ntitle = \"Empty\"\n");
    let report = base.build();
    assert_eq!((report.refused, report.editions.len()), (None, 2));
    assert!(base.page("public/index.html").contains("Empty"));
    // As `serve` does after `build`.
    let mut options = base.options();
    options.port = Some(8899);
    let report = disk::build(&base.places(), &options).unwrap();
    assert_eq!((report.refused, report.editions.len()), (None, 2));
    // Nor is anything lost with other words for nothing.
    base.write("handbill.toml", "title = \"Still empty\"\n");
    assert_eq!(base.build().refused, None);
    assert!(base.page("public/index.html").contains("Still empty"));
}

#[test]
fn a_base_folder_that_never_said_what_is_public_is_built_again() {
    let base = Base::of("-- notes/outbox/2026-11-20.md\nNot public. #tide\n");
    for _ in 0..2 {
        let report = base.build();
        assert_eq!((report.refused, report.editions.len()), (None, 2));
    }
}

/// Changes `handbill.toml` of a site that has been built, and makes sure that the public edition
/// stays as it is while the reader edition goes on.
fn check_public_stays(change: impl FnOnce(&Base)) {
    let base = site();
    base.build();
    let before = times(&base.at("_site/public"));
    change(&base);
    base.write("notes/outbox/2026-11-24T10-00-00Z.md", "New.");
    let report = base.build();
    assert!(report.refused.is_some_and(|why| why.contains("handbill.toml")));
    assert_eq!(before, times(&base.at("_site/public")));
    assert!(base.at("_site/reader/notes/2026-11-24T10-00-00Z.html").is_file());
    base.write("handbill.toml", "public = [\"notes\"]\n");
    assert_eq!(base.build().refused, None);
    assert!(base.at("_site/public/notes/2026-11-24T10-00-00Z.html").is_file());
}

#[test]
fn without_handbill_toml_the_public_edition_stays() {
    check_public_stays(|base| {
        base.remove("handbill.toml");
    });
}

#[test]
fn with_a_broken_handbill_toml_the_public_edition_stays() {
    check_public_stays(|base| {
        base.write("handbill.toml", "public = [\"notes\"\ntitle = 1");
    });
    check_public_stays(|base| {
        base.write("handbill.toml", "title = \"open\npublic = []");
    });
    check_public_stays(|base| {
        base.write("handbill.toml", b"public = [\"notes\"]\0\0\xff\xfe");
    });
}

#[test]
fn an_empty_list_of_public_channels_does_empty_the_public_edition() {
    let base = site();
    base.build();
    base.write("handbill.toml", "public = []\n");
    assert_eq!(base.build().refused, None);
    assert!(!base.at("_site/public/notes").exists());
}

#[test]
fn a_channel_with_an_inbox_leaves_the_public_edition_at_once_and_never_comes_back() {
    for name in ["inbox", "Inbox", "inbox.bak"] {
        let base = site();
        base.build();
        assert!(base.at("_site/public/notes/index.html").is_file());
        base.folder(&format!("notes/{name}"));
        base.build();
        assert!(!base.at("_site/public/notes").exists(), "{name}");
        base.remove(&format!("notes/{name}"));
        for _ in 0..2 {
            let report = base.build();
            assert!(report.found.iter().any(|d| d.code == "public-inbox"), "{name}");
            assert!(!base.at("_site/public/notes").exists(), "{name}");
        }
    }
}

#[test]
fn private_folders_may_be_called_like_folders_of_the_site() {
    let base = site();
    for name in ["tags", "assets", "archive", "Tags2", "status"] {
        base.write(&format!("{name}/inbox/2026-11-20T10-00-00Z.md"), "Private. #tide");
    }
    base.write("notes/outbox/2026-11-24T10-00-00Z.md", "New. #tide");
    base.build();
    assert!(base.at("_site/public/tags/tide/index.html").is_file());
    assert!(base.at("_site/public/assets/style.css").is_file());
}

#[test]
fn an_author_may_write_about_addresses_that_look_private() {
    let base = site();
    let text = "# On `<a href=\"mira/index.html\">`\n\nWrite `<img src=\"mira/in/x.png\">` there.";
    base.write("notes/outbox/2026-11-24T10-00-00Z.md", text);
    base.build();
    let page = base.page("public/notes/2026-11-24T10-00-00Z.html");
    assert!(page.contains("href=&quot;mira/index.html"), "{page}");
}

#[test]
fn a_second_build_says_that_one_is_running() {
    let base = site();
    base.build();
    let before = times(&base.at("_site"));
    base.write("notes/outbox/2026-11-24T10-00-00Z.md", "New.");
    let lock = File::options().write(true).open(base.at(".handbill/lock")).unwrap();
    lock.try_lock().unwrap();
    let error = disk::build(&base.places(), &base.options()).unwrap_err();
    assert!(error.is::<Busy>(), "{error:#}");
    assert!(error.to_string().contains("another Handbill is building"), "{error}");
    assert_eq!(before, times(&base.at("_site")));
    lock.unlock().unwrap();
    base.build();
    assert!(base.at("_site/public/notes/2026-11-24T10-00-00Z.html").is_file());
}

#[test]
fn a_damaged_local_state_stops_the_build() {
    let base = site();
    base.build();
    let before = times(&base.at("_site"));
    assert!(fs::read_to_string(base.at(".handbill/state/memory.json")).unwrap().contains("mira"));
    base.write(".handbill/state/memory.json", "[\"mira\"");
    let error = disk::build(&base.places(), &base.options()).unwrap_err();
    assert!(error.to_string().contains("memory.json"), "{error}");
    assert_eq!(before, times(&base.at("_site")));
}

#[cfg(unix)]
#[test]
fn a_process_that_is_just_starting_does_not_hold_the_lock_of_a_build_that_is_done() {
    // Between fork and exec a child has all open files of its parent, whoever opened them.
    let base = site();
    std::thread::scope(|scope| {
        let starter = scope.spawn(|| {
            for _ in 0..300 {
                std::process::Command::new("true").status().unwrap();
            }
        });
        while !starter.is_finished() {
            base.build();
        }
    });
}
