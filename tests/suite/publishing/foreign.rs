//! Files of others in the output: never overwritten, never deleted.

use super::{named_by, site};
use crate::support::{times, written};
use std::fs;

#[test]
fn files_of_others_stay_whatever_is_built() {
    let base = site();
    let mine = ["CNAME", ".git/config", "notes/mine.txt", "notes/2026-11/.keep"];
    // Before the first build, and with it into a folder that is not empty.
    for path in mine {
        base.write(&format!("_site/public/{path}"), "mine");
    }
    base.build();
    assert!(base.at("_site/public/index.html").is_file());
    base.write("handbill.toml", "title = \"Other\"\npublic = [\"notes\"]\n");
    base.build();
    base.write("handbill.toml", "public = []\n");
    let report = base.build();
    assert_eq!(named_by(&report, "foreign-file"), Vec::<String>::new());
    for path in mine {
        assert_eq!(base.page(&format!("public/{path}")), "mine");
    }
    // All that was ours in those folders is gone.
    assert!(!base.at("_site/public/notes/index.html").exists());
    assert!(!base.at("_site/public/notes/2026-11/index.html").exists());
}

#[test]
fn a_file_of_somebody_else_in_our_place_is_kept_and_reported_until_it_goes() {
    let base = site();
    base.build();
    base.write("_site/public/notes/2026-11-24T10-00-00Z.html", "mine");
    base.write("notes/outbox/2026-11-24T10-00-00Z.md", "New.");
    for _ in 0..2 {
        let report = base.build();
        assert_eq!(named_by(&report, "foreign-file"), ["public/notes/2026-11-24T10-00-00Z.html"]);
        assert_eq!(base.page("public/notes/2026-11-24T10-00-00Z.html"), "mine");
    }
    // The rest of the site is built, the other edition too.
    assert!(base.page("public/notes/index.html").contains("New."));
    assert!(base.page("reader/notes/2026-11-24T10-00-00Z.html").contains("New."));
    base.remove("_site/public/notes/2026-11-24T10-00-00Z.html");
    assert_eq!(named_by(&base.build(), "foreign-file"), Vec::<String>::new());
    assert!(base.page("public/notes/2026-11-24T10-00-00Z.html").contains("New."));
}

#[test]
fn a_file_of_somebody_else_goes_with_no_message() {
    let base = site();
    base.build();
    base.write("_site/public/notes/2026-11-24T10-00-00Z.html", "mine");
    base.write("notes/outbox/2026-11-24T10-00-00Z.md", "New.");
    base.build();
    base.remove("notes/outbox/2026-11-24T10-00-00Z.md");
    base.build();
    assert_eq!(base.page("public/notes/2026-11-24T10-00-00Z.html"), "mine");
}

#[test]
fn a_file_where_a_folder_is_needed_costs_what_would_lie_in_it() {
    let base = site();
    base.write("_site/public/CNAME", "mine").write("_site/public/notes", "mine");
    let report = base.build();
    let foreign = named_by(&report, "foreign-file");
    assert!(foreign.contains(&"public/notes/index.html".to_owned()), "{foreign:?}");
    assert!(foreign.iter().all(|path| path.starts_with("public/notes/")), "{foreign:?}");
    assert_eq!(base.page("public/notes"), "mine");
    assert!(base.at("_site/public/feed.xml").is_file());
    assert!(base.at("_site/reader/notes/index.html").is_file());
    base.remove("_site/public/notes");
    base.build();
    assert!(base.at("_site/public/notes/2026-11-21T10-00-00Z/data.zip").is_file());
}

#[test]
fn a_folder_in_the_place_of_a_page_stays_and_costs_that_page() {
    let base = site();
    base.build();
    let page = "_site/public/notes/2026-11-20T10-00-00Z.html";
    base.remove(page).write(&format!("{page}/mine.txt"), "mine");
    base.write("handbill.toml", "title = \"Other\"\npublic = [\"notes\"]\n");
    let report = base.build();
    assert_eq!(named_by(&report, "foreign-file"), ["public/notes/2026-11-20T10-00-00Z.html"]);
    assert!(base.page("public/index.html").contains("Other"));
    // Neither is it deleted with the message.
    base.remove("notes/outbox/2026-11-20T10-00-00Z.md");
    base.build();
    assert_eq!(fs::read(base.at(page).join("mine.txt")).unwrap(), b"mine");
}

#[test]
fn after_the_loss_of_the_manifest_equal_files_are_taken_over() {
    let base = site();
    base.build();
    let before = times(&base.at("_site/public"));
    base.remove("_site/.public.manifest");
    let report = base.build();
    assert_eq!(report.editions[0].written, 0);
    assert_eq!(named_by(&report, "foreign-file"), Vec::<String>::new());
    assert_eq!(before, times(&base.at("_site/public")));
    // They are ours again: written when they change, removed when they are needed no more.
    base.write("notes/outbox/2026-11-20T10-00-00Z.md", "Changed.");
    base.remove("notes/outbox/2026-11-21T10-00-00Z").remove("notes/outbox/2026-11-21T10-00-00Z.md");
    let report = base.build();
    assert_eq!(named_by(&report, "foreign-file"), Vec::<String>::new());
    assert!(base.page("public/notes/2026-11-20T10-00-00Z.html").contains("Changed."));
    assert!(base.page("public/notes/2026-11-21T10-00-00Z.html").contains("has been deleted"));
    assert!(!base.at("_site/public/notes/2026-11-21T10-00-00Z").exists());
}

#[test]
fn after_the_loss_of_the_manifest_other_files_are_left_and_the_build_goes_on() {
    let base = site();
    base.build();
    base.write("_site/.public.manifest", "damaged");
    base.write("notes/outbox/2026-11-20T10-00-00Z.md", "Changed.");
    base.write("notes/outbox/2026-11-24T10-00-00Z.md", "New.");
    let old = base.page("public/notes/2026-11-20T10-00-00Z.html");
    let before = times(&base.at("_site/public"));
    let report = base.build();
    let foreign = named_by(&report, "foreign-file");
    assert!(foreign.contains(&"public/notes/2026-11-20T10-00-00Z.html".to_owned()), "{foreign:?}");
    assert_eq!(base.page("public/notes/2026-11-20T10-00-00Z.html"), old);
    assert_eq!(
        written(&before, &times(&base.at("_site/public"))),
        ["notes/2026-11-24T10-00-00Z.html"]
    );
    // As the report says: without the folder the edition is built anew.
    base.remove("_site/public");
    assert_eq!(named_by(&base.build(), "foreign-file"), Vec::<String>::new());
    assert!(base.page("public/notes/2026-11-20T10-00-00Z.html").contains("Changed."));
}
