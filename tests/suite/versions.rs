//! What messages said before they were changed: kept on this machine, shown in the reader edition.

use crate::support::{Base, times, tree};
use handbill::disk::{Keeper, build};
use handbill::listing::errand::Errand;
use std::fs;

const THEIRS: &str = "harbour/inbox/2026-11-20T10-00-00Z.md";
const PAGE: &str = "reader/harbour/in/2026-11-20T10-00-00Z.html";
const VERSIONS: &str = "reader/_/versions/harbour/in/2026-11-20T10-00-00Z.html";
const HOUR: i64 = 3_600;

/// A public channel and a subscription, built once.
fn seen() -> Base {
    let base = Base::of(
        "-- handbill.toml\npublic = [\"notes\"]\nbase_url = \"https://site.example/\"\n\
         -- notes/outbox/2026-11-20T10-00-00Z.md\nThe quay is shut.\n",
    );
    base.write(THEIRS, "The ferry leaves at six.\n");
    base.build();
    base
}

/// Lets time pass.
fn later(base: &mut Base, seconds: i64) {
    base.now.0 += seconds;
}

fn change(base: &mut Base, path: &str, text: &str) {
    later(base, HOUR);
    base.write(path, text);
    base.build();
}

#[test]
fn a_message_that_was_changed_in_place_says_so_and_shows_how() {
    let mut base = seen();
    assert!(!base.page(PAGE).contains("class=\"edited\""));
    change(&mut base, THEIRS, "The ferry leaves at seven.\n");
    let link = "<a href=\"../../_/versions/harbour/in/2026-11-20T10-00-00Z.html\">changed since you first saw it</a>";
    assert!(base.page(PAGE).contains(link), "{}", base.page(PAGE));
    assert!(base.page("reader/index.html").contains("changed since you first saw it"));
    let page = base.page(VERSIONS);
    assert!(page.contains("leaves at <del>six</del><ins>seven</ins>."), "{page}");
    assert!(page.contains("First seen 24 November 2026, 12:00 UTC"), "{page}");
    assert!(page.contains("changed by 24 November 2026, 13:00 UTC"), "{page}");
    // A header that tells of the edit is the mark, and leads there too.
    change(
        &mut base,
        THEIRS,
        "+++\nupdated = 2026-11-24T14:00:00Z\n+++\nThe ferry leaves at eight.\n",
    );
    let page = base.page(PAGE);
    assert!(
        page.contains("harbour/in/2026-11-20T10-00-00Z.html\">edited <time")
            && !page.contains("changed since")
    );
    let page = base.page(VERSIONS);
    assert_eq!(page.matches("<section class=\"version\">").count(), 2);
    assert!(page.find("<ins>eight</ins>") < page.find("<ins>seven</ins>"), "the newest first");
}

#[test]
fn the_public_edition_knows_nothing_of_it() {
    let mut base = seen();
    let ours = "notes/outbox/2026-11-20T10-00-00Z.md";
    change(&mut base, ours, "The quay is open.\n");
    assert!(
        base.page("reader/_/versions/notes/2026-11-20T10-00-00Z.html").contains("<del>shut</del>")
    );
    let clean = Base::of(
        "-- handbill.toml\npublic = [\"notes\"]\nbase_url = \"https://site.example/\"\n\
         -- notes/outbox/2026-11-20T10-00-00Z.md\nThe quay is open.\n",
    );
    clean.build();
    assert_eq!(crate::support::difference(&clean.edition("public"), &base.edition("public")), None);
}

#[test]
fn a_running_process_and_one_without_a_cache_see_it_too() {
    let mut base = seen();
    let mut keeper = Keeper::new(base.places());
    keeper.build(&base.options(), &Errand::whole()).unwrap();
    later(&mut base, HOUR);
    base.write(THEIRS, "The ferry leaves at seven.\n");
    keeper.build(&base.options(), &Errand::whole()).unwrap();
    assert!(base.page(VERSIONS).contains("<ins>seven</ins>"));
    later(&mut base, HOUR);
    base.write("harbour/inbox/2026-11-22T10-00-00Z.md", "Fog.\n");
    keeper.build(&base.options(), &Errand::whole()).unwrap();
    drop(keeper);
    base.remove(".handbill/cache");
    change(&mut base, "harbour/inbox/2026-11-22T10-00-00Z.md", "Rain.\n");
    let page = base.page("reader/_/versions/harbour/in/2026-11-22T10-00-00Z.html");
    assert!(page.contains("<del>Fog</del><ins>Rain</ins>"), "{page}");
    assert!(base.page(VERSIONS).contains("<ins>seven</ins>"), "and still knows the other");
    // What was built on the way is what a clean build makes of folder and state.
    let output = base.edition("reader");
    base.remove("_site").remove(".handbill/cache");
    base.build();
    assert_eq!(crate::support::difference(&output, &base.edition("reader")), None);
}

#[test]
fn of_an_old_message_only_the_change_is_known() {
    let mut base = seen();
    let old = "harbour/inbox/2019-01-01T10-00-00Z.md";
    base.write(old, "Long ago.\n");
    base.build();
    change(&mut base, old, "Longer ago.\n");
    let versions = "reader/_/versions/harbour/in/2019-01-01T10-00-00Z.html";
    let page = base.page(versions);
    assert!(
        page.contains("The text of this version was not kept.") && !page.contains("<ins>"),
        "{page}"
    );
    // From then on it is one that is changed.
    change(&mut base, old, "Longest ago.\n");
    assert!(base.page(versions).contains("<del>Longer</del><ins>Longest</ins>"));
}

#[test]
fn the_last_ten_versions_are_kept_and_no_long_one() {
    let mut base = seen();
    for n in 0..12 {
        change(&mut base, THEIRS, &format!("Number {n}.\n"));
    }
    let page = base.page(VERSIONS);
    assert_eq!(page.matches("<section class=\"version\">").count(), 10);
    assert!(page.contains("<del>1</del><ins>2</ins>") && !page.contains("<del>0</del>"), "{page}");
    change(&mut base, THEIRS, &"word ".repeat(20_000));
    change(&mut base, THEIRS, "Short.\n");
    assert!(base.page(VERSIONS).contains("The text of this version was not kept."));
    let kept = tree(&base.at(".handbill/state/versions/texts"));
    assert!(kept.values().all(|text| text.len() <= 64 << 10));
}

#[test]
fn what_one_saves_while_one_writes_is_no_version() {
    let mut base = seen();
    let ours = "notes/outbox/2026-11-24T12-00-00Z.md";
    for text in ["Gulls.\n", "Gulls and\n", "Gulls and terns.\n"] {
        later(&mut base, 60);
        base.write(ours, text);
        base.build();
    }
    assert!(!base.page("reader/notes/2026-11-24T12-00-00Z.html").contains("class=\"edited\""));
    change(&mut base, ours, "Terns.\n");
    let page = base.page("reader/_/versions/notes/2026-11-24T12-00-00Z.html");
    assert_eq!(page.matches("<section class=\"version\">").count(), 1);
    assert!(page.contains("Gulls and terns."), "{page}");
}

#[test]
fn what_strangers_write_stays_text() {
    let mut base = seen();
    change(
        &mut base,
        THEIRS,
        "</pre><script>alert(1)</script> A2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3\n",
    );
    change(&mut base, THEIRS, "</ins><img src=x onerror=alert(1)>\n");
    let page = base.page(VERSIONS);
    assert!(!page.contains("<script>") && !page.contains("<img src=x"), "{page}");
    for (path, bytes) in tree(&base.at(".handbill/state")) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains("A2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3"), "{path}");
    }
}

#[test]
fn an_index_that_is_damaged_is_set_aside_and_told() {
    let mut base = seen();
    change(&mut base, THEIRS, "The ferry leaves at seven.\n");
    base.write(".handbill/state/versions/index.json", "{");
    let report = build(&base.places(), &base.options()).unwrap();
    assert!(report.remark.is_some_and(|remark| remark.contains("index.json` is damaged")));
    assert_eq!(fs::read(base.at(".handbill/state/versions/index.json.damaged")).unwrap(), b"{");
    assert!(
        !base.page(PAGE).contains("class=\"edited\"")
            && !base.at(&format!("_site/{VERSIONS}")).exists()
    );
    assert!(base.build().remark.is_none());
}

#[test]
fn versions_go_with_their_message_after_a_month() {
    let mut base = seen();
    change(&mut base, THEIRS, "The ferry leaves at seven.\n");
    base.write("harbour/inbox/2026-11-21T10-00-00Z.md", "Fog.\n");
    base.build();
    base.remove(THEIRS);
    let kept = |base: &Base| {
        let files = tree(&base.at(".handbill/state/versions"));
        files.values().any(|bytes| String::from_utf8_lossy(bytes).contains("The ferry leaves"))
    };
    for days in [1, 28] {
        later(&mut base, days * 24 * HOUR);
        base.build();
        assert!(kept(&base));
    }
    // One that comes back in time is as it was.
    base.write(THEIRS, "The ferry leaves at seven.\n");
    later(&mut base, 24 * HOUR);
    base.build();
    assert!(base.page(VERSIONS).contains("<ins>seven</ins>"));
    base.remove(THEIRS);
    for _ in 0..2 {
        later(&mut base, 31 * 24 * HOUR);
        base.build();
    }
    assert!(!kept(&base));
}

#[test]
fn a_build_without_a_change_writes_nothing_and_one_for_a_new_message_adds_it() {
    let mut base = seen();
    let folder = base.at(".handbill/state/versions");
    let before = times(&folder);
    later(&mut base, HOUR);
    base.settle();
    base.build();
    assert_eq!(times(&folder), before);
    base.write("harbour/inbox/2026-11-21T10-00-00Z.md", "Fog.\n");
    base.build();
    assert!(
        fs::read_to_string(folder.join("recent.bin")).is_ok()
            || folder.join("recent.bin").is_file()
    );
    assert!(tree(&folder).keys().all(|path| path == "recent.bin" || path == "index.json"));
}

#[test]
fn a_message_that_became_too_large_to_be_read_has_no_versions_to_compare() {
    let mut base = seen();
    change(&mut base, THEIRS, "The ferry leaves at seven.\n");
    assert!(base.page(PAGE).contains("changed since"));
    for limit in ["inbox_message = 5", "inbox_message = 5000"] {
        base.write("handbill.toml", format!("public = [\"notes\"]\n[limits]\n{limit}\n"));
        let found = base.build().found;
        let dead = crate::support::dead_links(&base.edition("reader"));
        assert!(dead.is_empty(), "{limit}: {dead:?}");
        assert!(found.iter().all(|d| d.code != "changed"), "{found:?}");
        assert_eq!(base.at(&format!("_site/{VERSIONS}")).exists(), limit.ends_with("5000"));
    }
}

#[test]
fn a_file_that_arrives_empty_first_has_no_earlier_version() {
    let mut base = seen();
    let file = "harbour/inbox/2026-11-21T10-00-00Z.md";
    change(&mut base, file, "");
    change(&mut base, file, "It has arrived.\n");
    let page = base.page("reader/harbour/in/2026-11-21T10-00-00Z.html");
    assert!(page.contains("It has arrived.") && !page.contains("changed since"), "{page}");
    // One that is emptied for a moment keeps what it said before.
    change(&mut base, file, "");
    change(&mut base, file, "It has been mended.\n");
    let versions = base.page("reader/_/versions/harbour/in/2026-11-21T10-00-00Z.html");
    assert_eq!(versions.matches("<section class=\"version\">").count(), 1, "{versions}");
    assert!(versions.contains("<del>arrived</del>"), "{versions}");
}
