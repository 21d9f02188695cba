//! A build of what has not changed at all is known without reading anything, and only that one.

use super::rich;
use crate::support::Base;
use handbill::disk::{self, BuildReport};
use handbill::time::Now;
use std::fs;

/// Builds, and returns the report of a build that was known by the seal.
fn sealed() -> (Base, BuildReport) {
    let base = rich();
    // A message that is held for a while, and one with something to report.
    base.write("notes/outbox/2026-11-26T10-00-00Z-soon.md", "Soon.");
    base.write("notes/outbox/2026-11-02T10-00-00Z-odd.md", "+++\nunknwon = 1\n+++\nOdd.");
    base.write("theme/assets/more.css", "p { color: red }");
    base.settle();
    base.build();
    let report = base.build();
    assert!(by_seal(&report), "{:?}", report.stages);
    (base, report)
}

fn by_seal(report: &BuildReport) -> bool {
    report.stages.last().is_some_and(|stage| stage.name == "compare")
}

#[test]
fn a_build_that_reads_nothing_reports_the_same() {
    let (base, sealed) = sealed();
    fs::remove_file(base.at(".handbill/cache/seal.bin")).unwrap();
    let read = base.build();
    assert!(!by_seal(&read));
    assert_eq!(sealed.found, read.found);
    assert!(sealed.found.iter().any(|d| d.code == "unknown-key"));
    let counts = |report: &BuildReport| {
        let kept =
            report.editions.iter().map(|e| (e.edition, e.kept, e.written)).collect::<Vec<_>>();
        (kept, report.contacts, report.messages, report.next_release)
    };
    assert_eq!(counts(&sealed), counts(&read));
    assert!(sealed.next_release.is_some());
}

/// Makes sure that a change is seen, and returns what was written.
#[track_caller]
fn check(change: impl FnOnce(&mut Base), written: bool) {
    let (mut base, _) = sealed();
    change(&mut base);
    let report = base.build();
    assert!(!by_seal(&report), "the change was not seen");
    let count: usize = report.editions.iter().map(|e| e.written + e.removed).sum();
    assert_eq!(count > 0, written, "{:?}", report.editions);
}

#[test]
fn whatever_a_build_is_made_from_breaks_the_seal() {
    let page = "notes/outbox/2026-11-03T10-00-00Z.txt";
    let settings = "public = [\"notes\"]\ntitle = \"Other\"\nbase_url = \"https://site.example\"\n";
    let write = |path: &'static str, text: &'static str| {
        move |base: &mut Base| {
            base.write(path, text);
        }
    };
    let remove = |path: &'static str| {
        move |base: &mut Base| {
            base.remove(path);
        }
    };
    let later = |seconds: i64| move |base: &mut Base| base.now = Now(base.now.0 + seconds);
    std::thread::scope(|scope| {
        scope.spawn(|| check(write(page, "Third, without a title. #tide"), true));
        scope.spawn(|| check(write("notes/outbox/2026-11-08.md", "New."), true));
        scope.spawn(|| check(remove(page), true));
        scope.spawn(|| check(write("a/inbox/2026-11-08.md", "A contact."), true));
        scope.spawn(|| check(write("handbill.toml", settings), true));
        scope.spawn(|| check(write("theme/assets/more.css", "p { color: blue }"), true));
        scope.spawn(|| check(remove("_site/reader/index.html"), true));
        scope.spawn(|| check(remove("_site/.reader.manifest"), false));
        scope.spawn(|| check(remove(".handbill/state/memory.json"), false));
        scope.spawn(|| check(write(".handbill/cache/seal.bin", "damaged"), false));
        // The held message is shown in time.
        scope.spawn(|| check(later(7 * 86_400), true));
        // A clock that was set back may hide messages again.
        scope.spawn(|| check(later(-1), false));
    });
}

#[test]
fn young_files_are_not_sealed() {
    let (base, _) = sealed();
    base.write("notes/outbox/2026-11-08.md", "New.");
    for _ in 0..3 {
        assert!(!by_seal(&base.build()));
    }
    let places = base.places();
    assert!(!places.state.join("cache/seal.bin").exists());
    drop(disk::build(&places, &base.options()).unwrap());
}
