//! The themes inside the program, on the example: `plain` loads nothing of the default.

use crate::support::{Base, Tree, difference, tree};
use std::path::Path;

/// A copy of the example with these settings before its own, built.
fn example(settings: &str) -> (Base, Tree) {
    let base = Base::new();
    for (path, bytes) in tree(&Path::new(env!("CARGO_MANIFEST_DIR")).join("example-channel")) {
        if !path.starts_with("_site/") && !path.starts_with(".handbill/") {
            base.write(&path, bytes);
        }
    }
    let own = std::fs::read_to_string(base.at("handbill.toml")).unwrap();
    base.write("handbill.toml", format!("{settings}\n{own}"));
    let report = base.build();
    assert!(report.found.iter().all(|found| found.code != "bad-template"), "{:#?}", report.found);
    let site = tree(&base.at("_site"));
    (base, site)
}

fn pages(site: &Tree) -> impl Iterator<Item = (&String, &str)> {
    let pages = site.iter().filter(|(path, _)| path.ends_with(".html"));
    pages.map(|(path, bytes)| (path, std::str::from_utf8(bytes).unwrap()))
}

#[test]
fn plain_has_one_style_sheet_and_no_script_on_every_page() {
    let (_base, site) = example("theme = \"plain\"");
    let mut count = 0;
    for (path, html) in pages(&site) {
        assert!(!html.contains("<script") && !html.contains("script-src"), "{path}");
        let sheets: Vec<&str> = html.split("rel=\"stylesheet\" href=\"").skip(1).collect();
        assert_eq!(sheets.len(), 1, "{path}");
        let sheet = sheets[0].split('"').next().unwrap();
        assert!(sheet.ends_with("assets/plain.css"), "{path}: {sheet}");
        count += 1;
    }
    assert!(count > 150, "{count} pages");
    // What is searched is no asset of a theme.
    let is_asset = |path: &&String| path.contains("/assets/") && !path.contains("/assets/search/");
    let assets: Vec<&String> = site.keys().filter(is_asset).collect();
    let expected = ["public", "reader"]
        .map(|edition| ["feed.css", "plain.css"].map(|name| format!("{edition}/assets/{name}")));
    assert_eq!(assets, expected.iter().flatten().collect::<Vec<_>>());
}

#[test]
fn a_page_of_plain_and_its_style_sheet_come_in_one_round_trip() {
    let (_base, site) = example("theme = \"plain\"");
    let sheet = site["public/assets/plain.css"].len();
    assert!(sheet <= 3 * 1024, "{sheet} bytes of style");
    // Ten segments of TCP (RFC 6928), less the heads of two answers.
    let most = 10 * 1460 - 2 * 300;
    let is_large = |html: &&str| html.len() + sheet > most;
    let all: Vec<&str> = pages(&site).map(|(_, html)| html).collect();
    let large = all.iter().filter(|html| is_large(html)).count();
    assert!(large * 20 < all.len(), "{large} of {} pages are too large", all.len());
    for edition in ["public", "reader"] {
        for page in ["index.html", "benches/index.html", "benches/2026-11-14T11-40-03Z-no-17.html"]
        {
            let path = format!("{edition}/{page}");
            let html = std::str::from_utf8(&site[&path]).unwrap();
            assert!(!is_large(&html), "{path}: {}", html.len());
        }
    }
}

#[test]
fn plain_shows_the_same_pages_as_the_default_in_its_own_order() {
    let (_base, site) = example("theme = \"plain\"");
    let (_other, other) = example("theme = \"default\"");
    let names = |site: &Tree| pages(site).map(|(path, _)| path.clone()).collect::<Vec<_>>();
    assert_eq!(names(&site), names(&other));
    for (path, html) in pages(&site) {
        let place = |what: &str| html.find(what);
        let Some(contents) = place("<nav id=\"contents\"") else {
            assert!(html.contains("http-equiv=\"refresh\""), "{path}");
            continue;
        };
        assert!(place("</main>").unwrap() < contents, "{path}: the text comes first");
    }
    let home = std::str::from_utf8(&site["reader/index.html"]).unwrap();
    let groups: Vec<&str> = home.split("<section>").skip(1).collect();
    assert_eq!(groups.len(), 6, "every contact with a new message has its lines once");
    assert!(groups[0].contains("Corrections to the Map"), "the liveliest is first");
}

#[test]
fn nothing_of_the_default_is_published_that_a_theme_does_not_ask_for() {
    let base = Base::of("-- notes/outbox/2026-11-23-tide.md\nLow tide.\n");
    base.write("theme/theme.toml", "base_assets = [\"feed.css\"]\n");
    base.write("theme/assets/own.css", "p { color: teal }");
    base.build();
    let assets = || {
        let all = tree(&base.at("_site/reader/assets")).into_keys();
        all.filter(|path| !path.starts_with("search/")).collect::<Vec<_>>()
    };
    assert_eq!(assets(), ["feed.css", "own.css"]);
    base.write("theme/theme.toml", "base = \"plain\"\n");
    base.build();
    assert_eq!(assets(), ["feed.css", "own.css", "plain.css"]);
    assert!(base.page("reader/index.html").contains("assets/plain.css"));
}

#[test]
fn a_template_over_plain_that_fails_falls_back_to_plain() {
    let base = Base::of("-- notes/outbox/2026-11-23-tide.md\nLow tide.\n");
    base.write("theme/theme.toml", "base = \"plain\"\n");
    base.write("theme/templates/message.html", "{{ view.message.no.such }}");
    let report = base.build();
    let page = base.page("reader/notes/2026-11-23-tide.html");
    assert!(page.contains("Low tide.") && page.contains("assets/plain.css"), "{page}");
    let found = report.found.iter().find(|found| found.code == "bad-template").unwrap();
    assert_eq!(found.path, "theme/templates/message.html");
}

#[test]
fn what_is_wrong_in_a_theme_toml_is_reported_with_its_place() {
    let base = Base::of("-- notes/outbox/2026-11-23-tide.md\nLow tide.\n");
    base.write("theme/theme.toml", "base = \"plane\"\nbase_asets = []\n");
    let report = base.build();
    let found: Vec<(u32, &str)> = report
        .found
        .iter()
        .filter(|found| found.path == "theme/theme.toml")
        .filter_map(|found| Some((found.place.as_ref()?.line, found.message.as_str())))
        .collect();
    assert_eq!(found.len(), 2, "{:#?}", report.found);
    assert!(base.page("reader/index.html").contains("assets/style.css"));
}

#[test]
fn a_theme_that_is_not_there_is_told_with_those_that_are() {
    let base =
        Base::of("-- handbill.toml\ntheme = \"plian\"\n-- notes/outbox/2026-11-23-a.md\nA.\n");
    base.write("themes/winter/words/en.toml", "archive = \"Old\"\n");
    let report = base.build();
    let found = report.found.iter().find(|found| found.code == "theme-missing").unwrap();
    let hint = found.hint.as_deref().unwrap();
    assert_eq!(hint, "did you mean `plain`? there are `default`, `plain`, `themes/winter`");
    assert!(base.page("reader/index.html").contains("assets/style.css"));
}

#[test]
fn a_contact_that_is_called_like_a_theme_is_a_contact() {
    let base = Base::of(
        "-- handbill.toml\ntheme = \"plain\"\npublic = [\"plain\"]\nbase_url = \"https://example.org/\"\n-- plain/outbox/2026-11-23-a.md\nA.\n",
    );
    assert_eq!(base.findings(), [""; 0]);
    base.build();
    assert!(base.page("reader/plain/2026-11-23-a.html").contains("assets/plain.css"));
}

#[test]
fn another_theme_makes_all_pages_anew_and_takes_the_assets_of_the_first_away() {
    let base = Base::of("-- notes/outbox/2026-11-23-tide.md\nLow tide.\n");
    base.build();
    base.write("handbill.toml", "theme = \"plain\"\n");
    base.build();
    let again = tree(&base.at("_site/reader"));
    assert!(!again.contains_key("assets/style.css"));
    std::fs::remove_dir_all(base.at("_site")).unwrap();
    base.build();
    assert_eq!(difference(&again, &tree(&base.at("_site/reader"))), None, "as a clean build");
}
