//! The words of the interface: every language has all of them, and dates are in it.

use crate::support::Base;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

type Words = BTreeMap<String, String>;

fn tables() -> BTreeMap<String, Words> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("themes/default/words");
    let table = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.unwrap().path();
        let words: Words = toml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), words)
    };
    fs::read_dir(folder).unwrap().map(table).collect()
}

/// Returns what stands in braces, in order.
fn placeholders(text: &str) -> Vec<&str> {
    text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect()
}

#[test]
fn every_language_has_the_same_words_with_the_same_placeholders() {
    let tables = tables();
    assert_eq!(tables.keys().collect::<Vec<_>>(), ["de", "en"]);
    let english = &tables["en"];
    for (language, words) in &tables {
        let keys = |words: &Words| words.keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(keys(words), keys(english), "{language}");
        for (key, text) in words {
            let (mut own, mut other) = (placeholders(text), placeholders(&english[key]));
            // A date may put its parts in another order.
            if key.ends_with("_format") {
                own.sort_unstable();
                other.sort_unstable();
            }
            assert_eq!(own, other, "{language}: {key}");
            assert!(!text.trim().is_empty(), "{language}: {key}");
        }
    }
}

#[test]
fn hardly_a_word_is_the_same_in_two_languages() {
    let tables = tables();
    let (english, german) = (&tables["en"], &tables["de"]);
    // Names, and words that German has from the same place.
    let same = german.keys().filter(|key| english[*key] == german[*key]);
    let same: BTreeSet<&str> = same.map(String::as_str).collect();
    let known = [
        "april",
        "august",
        "direction",
        "feed",
        "feeds",
        "month_format",
        "november",
        "september",
        "qr_code",
        "write_text",
        "write_where",
    ];
    let untranslated: Vec<_> = same.iter().filter(|key| !known.contains(key)).collect();
    assert!(untranslated.is_empty(), "{untranslated:?}");
}

#[test]
fn every_form_for_one_stands_beside_that_for_more() {
    for (language, words) in tables() {
        for key in words.keys().filter_map(|key| key.strip_suffix("_one")) {
            assert!(words.contains_key(key), "{language}: {key}");
        }
    }
}

/// A channel and a subscription in a language, built.
fn in_language(language: &str, files: &[(&str, &str)]) -> Base {
    let base = Base::of(
        "-- notes/outbox/2026-03-03T10-00-00Z.md\nOne. #tide\n\
         -- notes/outbox/2026-02-01T10-00-00Z.md\nTwo. #tide #moon\n\
         -- harbour/inbox/2025-12-24T10-00-00Z.md\nThree.\n",
    );
    base.write("handbill.toml", format!("public = [\"notes\"]\nlanguage = \"{language}\"\n"));
    for (path, text) in files {
        base.write(path, text);
    }
    base.build();
    base
}

#[test]
fn pages_and_dates_are_in_german_where_it_is_chosen() {
    let base = in_language("de", &[]);
    let home = base.page("reader/index.html");
    for part in ["<html lang=\"de\"", "3. März 2026", "24. Dezember 2025", "Abonnement", "Neues"] {
        assert!(home.contains(part), "{part}");
    }
    assert!(base.page("reader/archive/2026-03/index.html").contains("März 2026"));
    let plain = in_language("de", &[("handbill.toml", "theme = \"plain\"\nlanguage = \"de\"\n")]);
    let home = plain.page("reader/index.html");
    assert!(home.contains("3. März 2026") && home.contains("Gespräche"), "{home}");
}

#[test]
fn a_number_has_the_word_that_goes_with_it() {
    let base = in_language("de", &[]);
    let tags = base.page("reader/tags/index.html");
    assert!(tags.contains(">1<span class=\"unseen\"> Nachricht</span>"), "{tags}");
    assert!(tags.contains(">2<span class=\"unseen\"> Nachrichten</span>"), "{tags}");
    let base = in_language("en", &[]);
    let tags = base.page("reader/tags/index.html");
    assert!(tags.contains(">1<span class=\"unseen\"> message</span>"), "{tags}");
}

#[test]
fn a_variety_of_a_language_has_its_words_over_those_of_the_language() {
    let own = [
        ("theme/words/de-AT.toml", "january = \"Jänner\"\narchive = \"Aufbewahrtes\"\n"),
        ("theme/words/de.toml", "archive = \"Altes\"\nhome = \"Frisches\"\n"),
        ("theme/words/en.toml", "home = \"Fresh\"\nmine = \"only mine\"\n"),
        ("theme/templates/404.html", "{{ site.words.mine }}"),
        ("notes/outbox/2026-01-06T10-00-00Z.md", "Kings. #tide\n"),
    ];
    let base = in_language("de-AT", &own);
    let home = base.page("reader/index.html");
    for part in ["<html lang=\"de-AT\"", "6. Jänner 2026", "Aufbewahrtes", "Frisches", "Kanäle"] {
        assert!(home.contains(part), "{part}");
    }
    assert!(!home.contains("Fresh<"), "English is for what the language lacks");
    assert_eq!(base.page("reader/404.html"), "only mine");
}
