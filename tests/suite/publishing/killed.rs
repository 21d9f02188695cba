//! Builds that end half way: by an error, or because the process is killed.

use super::{named_by, site};
use crate::support::{Base, difference, tree};
use handbill::disk::{self, Places};
use std::fs;
use std::path::Path;
use std::process::Child;

#[test]
fn what_a_killed_build_left_is_cleaned_away() {
    let base = site();
    base.build();
    let whole = tree(&base.at("_site"));
    for path in
        [".public.tmp/0", ".public.new/notes/index.html", ".reader.tmp/a/b", ".reader.new/x"]
    {
        base.write(&format!("_site/{path}"), "half a fi");
    }
    base.build();
    assert!(tree(&base.at("_site")) == whole);
    for folder in [".public.tmp", ".public.new", ".reader.tmp", ".reader.new"] {
        assert!(!base.at("_site").join(folder).exists(), "{folder}");
    }
}

#[test]
fn files_that_a_killed_build_had_begun_are_ours() {
    let base = site();
    base.build();
    // The page of a message that has been changed since, that of one that has gone since, and one
    // that was not written yet.
    base.write("_site/public/notes/2026-11-24T10-00-00Z.html", "an earlier text");
    base.write("_site/public/notes/2026-11-23T10-00-00Z/gone.zip", "of a message that is gone");
    base.write(
        "_site/.public.journal",
        "notes/2026-11-24T10-00-00Z.html\nnotes/2026-11-23T10-00-00Z/gone.zip\nnotes/never.html\n",
    );
    base.write("notes/outbox/2026-11-24T10-00-00Z.md", "New.");
    let report = base.build();
    assert_eq!(named_by(&report, "foreign-file"), Vec::<String>::new());
    assert!(base.page("public/notes/2026-11-24T10-00-00Z.html").contains("New."));
    assert!(!base.at("_site/public/notes/2026-11-23T10-00-00Z").exists());
    assert!(!base.at("_site/.public.journal").exists());
}

/// Makes every build fail at its very end, when all files have been written.
fn block_manifest(base: &Base, edition: &str) {
    let manifest = base.at(&format!("_site/.{edition}.manifest"));
    if manifest.is_file() {
        fs::remove_file(&manifest).unwrap();
    }
    fs::create_dir_all(manifest.join("in the way")).unwrap();
}

#[test]
fn an_edition_appears_whole_or_not_at_all() {
    let base = site();
    block_manifest(&base, "public");
    assert!(disk::build(&base.places(), &base.options()).is_err());
    assert!(!base.at("_site/public").exists());
    base.remove("_site/.public.manifest");
    base.build();
    assert!(base.at("_site/public/index.html").is_file());
    // An empty folder is as good as none.
    base.remove("_site/public").folder("_site/public");
    block_manifest(&base, "public");
    assert!(disk::build(&base.places(), &base.options()).is_err());
    assert!(!base.at("_site/public/index.html").exists());
    base.remove("_site/.public.manifest");
    base.build();
    assert!(base.at("_site/public/index.html").is_file());
}

#[test]
fn a_file_of_somebody_else_does_not_become_ours_by_a_build_that_failed() {
    let base = site();
    base.build();
    base.write("_site/public/notes/2026-11-24T10-00-00Z.html", "mine");
    base.write("notes/outbox/2026-11-24T10-00-00Z.md", "New.");
    let manifest = fs::read(base.at("_site/.public.manifest")).unwrap();
    block_manifest(&base, "public");
    assert!(disk::build(&base.places(), &base.options()).is_err());
    assert!(base.at("_site/.public.journal").is_file());
    base.remove("_site/.public.manifest").write("_site/.public.manifest", manifest);
    let report = base.build();
    assert_eq!(named_by(&report, "foreign-file"), ["public/notes/2026-11-24T10-00-00Z.html"]);
    assert_eq!(base.page("public/notes/2026-11-24T10-00-00Z.html"), "mine");
}

/// A site that takes the program a while.
fn large() -> Base {
    let base = Base::of("-- handbill.toml\npublic = [\"notes\", \"tide\"]\npage_size = 5\n");
    for number in 0..60 {
        let contact = ["notes", "tide", "mira"][number % 3];
        let name = format!("2026-{:02}-{:02}T10-00-00Z", number / 20 + 7, number % 20 + 1);
        base.write(&format!("{contact}/outbox/{name}.md"), format!("Number {number}. #tide"));
        base.write(&format!("{contact}/outbox/{name}/file.zip"), format!("{number}"));
    }
    base
}

/// Kills a build once `begun` holds and some more time has gone by. Returns whether it was killed
/// in the middle.
fn kill_when(mut build: Child, begun: impl Fn() -> bool, spins: usize) -> bool {
    while !begun() {
        if build.try_wait().unwrap().is_some() {
            return false;
        }
        std::thread::yield_now();
    }
    (0..spins).for_each(|_| std::thread::yield_now());
    build.kill().unwrap();
    !build.wait().unwrap().success()
}

/// Makes sure that a build now gives what a clean one gives.
fn check_healed(base: &Base) {
    let report = base.build();
    assert_eq!(named_by(&report, "foreign-file"), Vec::<String>::new());
    let clean = tempfile::TempDir::new().unwrap();
    let (output, state) = (clean.path().join("out"), clean.path().join("state"));
    // What was deleted is remembered there.
    if let Ok(memory) = fs::read(base.at(".handbill/state/memory.json")) {
        fs::create_dir_all(state.join("state")).unwrap();
        fs::write(state.join("state/memory.json"), memory).unwrap();
    }
    let places = Places::of(base.path(), Some(&output), Some(&state)).unwrap();
    disk::build(&places, &base.options()).unwrap();
    let visible = |folder: &Path| {
        let mut all = tree(folder);
        all.retain(|path, _| !path.starts_with('.'));
        all
    };
    assert_eq!(difference(&visible(&base.at("_site")), &visible(&output)), None);
    for leftover in ["tmp", "new", "journal"] {
        assert!(!base.at(&format!("_site/.public.{leftover}")).exists(), "{leftover}");
    }
}

#[test]
fn a_build_that_is_killed_at_any_moment_is_healed_by_the_next() {
    let base = large();
    base.build();
    let mut killed = 0;
    for round in 0..12 {
        base.write("handbill.toml", format!("title = \"{round}\"\npublic = [\"notes\", \"tide\"]"));
        let path = format!("notes/outbox/2026-09-2{}-round-{round}.md", round % 8);
        base.write(&path, format!("Round {round}"));
        if round % 3 == 0 {
            base.remove(&format!("tide/outbox/2026-07-{:02}T10-00-00Z.md", round + 2));
        }
        let edition = ["public", "reader"][round % 2];
        let journal = base.at(&format!("_site/.{edition}.journal"));
        killed += usize::from(kill_when(base.start(), || journal.exists(), round * 20));
        // Now and then two builds in a row are killed.
        if round % 4 != 1 {
            check_healed(&base);
        }
    }
    check_healed(&base);
    assert!(killed > 0, "no build was killed before it was done");
}

#[test]
fn a_first_build_that_is_killed_leaves_a_whole_edition_or_none() {
    let mut killed = 0;
    for round in 0..6 {
        let base = large();
        let staging = base.at("_site/.public.new");
        killed += usize::from(kill_when(base.start(), || staging.exists(), round * 30));
        let (half, index) = (base.edition("public"), base.at("_site/public/index.html"));
        assert_eq!(half.is_empty(), !index.exists());
        check_healed(&base);
        let whole = base.edition("public");
        assert!(half.is_empty() || half == whole);
    }
    assert!(killed > 0, "no build was killed before it was done");
}

#[test]
fn a_folder_goes_though_somebody_removed_the_one_below_it() {
    let base = site();
    base.write("notes/outbox/2019/05/old.md", "+++\ndate = 2019-05-01\n+++\nOld.\n");
    base.build();
    base.remove("_site/public/notes/2019/05").remove("notes/outbox/2019");
    base.build();
    assert!(!base.at("_site/public/notes/2019").exists());
}
