//! The last look: the second wall, should the first ever have a hole.

use super::folder::base;
use handbill::config::Settings;
use handbill::disk;
use handbill::library::{Edition, Head};
use handbill::path::OutPath;
use handbill::plan::look::{LastLook, Private, look_inside};
use handbill::plan::{Output, What};
use std::sync::Arc;

/// Returns an output of the public edition as no plan would make it.
fn output(path: &str, drew_on: &[&Arc<Head>]) -> Output {
    Output {
        path: OutPath::fixed(path),
        what: What::Asset(Arc::from(&b""[..])),
        fingerprint: Default::default(),
        drew_on: drew_on.iter().map(|head| Arc::clone(head)).collect(),
    }
}

/// Runs a test on the heads of all contacts by name, the settings, and what is private.
fn with(test: impl Fn(&dyn Fn(&str) -> Arc<Head>, &Settings, &Private)) {
    let base = base();
    let opened = disk::open(&base.places(), &base.options()).unwrap();
    let heads = &opened.planned(Edition::Reader).heads;
    let head = |name: &str| Arc::clone(heads.iter().find(|head| head.name == name).unwrap());
    test(&head, &opened.loaded.settings, &opened.planned(Edition::Public).private);
}

#[test]
fn an_output_that_drew_on_a_private_contact_is_refused() {
    with(|head, settings, private| {
        let look = |output: Output| LastLook::new(settings, private).at(&output);
        let notes = head("notes");
        assert!(look(output("notes/a.html", &[&notes])).is_ok());
        assert!(look(output("index.html", &[])).is_ok());
        for name in ["zqxjmira", "zqxjharbour", "zqxjunlisted", "zqxjlisted"] {
            let private = head(name);
            for drew_on in [vec![&private], vec![&notes, &private]] {
                let error = look(output("notes/a.html", &drew_on)).unwrap_err();
                assert_eq!(error.code, "leak", "{name}");
                assert!(error.is_own_error());
            }
        }
    });
}

#[test]
fn one_bad_output_among_good_ones_is_found() {
    with(|head, settings, private| {
        let notes = head("notes");
        let mut outputs: Vec<Output> =
            (0..50).map(|n| output(&format!("notes/{n}.html"), &[&notes])).collect();
        let look = LastLook::new(settings, private);
        assert!(outputs.iter().all(|output| look.at(output).is_ok()));
        outputs.push(output("notes/last.html", &[&head("zqxjmira")]));
        assert!(outputs.iter().any(|output| look.at(output).is_err()));
    });
}

#[test]
fn an_address_of_a_private_folder_is_refused() {
    with(|head, settings, private| {
        let look =
            |path: &str| LastLook::new(settings, private).at(&output(path, &[&head("notes")]));
        for name in ["zqxjmira", "zqxjharbour", "zqxjunlisted", "zqxjlisted"] {
            assert!(look(&format!("{name}/a.html")).is_err(), "{name}");
            assert!(look(&format!("{name}/in/a.html")).is_err(), "{name}");
        }
        assert!(look("notes/zqxjmira.html").is_ok(), "an author may name whom he likes");
    });
}

#[test]
fn a_link_into_a_private_folder_is_refused() {
    with(|head, settings, private| {
        let base = settings.base_url.as_ref().unwrap().as_str();
        let look = |text: &str| {
            let output = output("notes/2026-11/index.html", &[&head("notes")]);
            look_inside(&output, text.as_bytes(), Some(base), private)
        };
        for leak in [
            "<a href=\"../../zqxjmira/index.html\">",
            "<a href=\"../../zqxjmira/in/x.html#y\">",
            "<img alt=\"\" src=\"../../zqxjharbour/in/me.png\">",
            "<a class=\"x\" href=\"zqxjunlisted/index.html\">",
            &format!("<link rel=\"canonical\" href=\"{base}zqxjmira/index.html\">"),
            &format!("<link href=\"{base}zqxjlisted/feed.xml\"/>"),
        ] {
            assert!(look(leak).is_err(), "{leak}");
            assert!(look(&format!("<p>{}</p>{leak}", "words ".repeat(1000))).is_err(), "{leak}");
        }
        let feed = disk_feed();
        let escaped = "&lt;img src=&quot;../../zqxjmira/x.png&quot;&gt;";
        assert!(look_inside(&feed, escaped.as_bytes(), Some(base), private).is_err());
        assert!(look(escaped).is_ok(), "in a page that is text");
        for harmless in [
            "<a href=\"../../notes/index.html\">",
            "zqxjmira/index.html",
            "<a href=\"#zqxjmira/x\">",
        ] {
            assert!(look(harmless).is_ok(), "{harmless}");
        }
    });
}

/// Returns a feed of the public edition as it is planned.
fn disk_feed() -> Output {
    let base = base();
    let opened = disk::open(&base.places(), &base.options()).unwrap();
    let segments = opened.segments(Edition::Public);
    let mut outputs = segments.iter().flat_map(|segment| &segment.outputs);
    outputs.find(|output| matches!(output.what, What::Feed(..))).unwrap().clone()
}
