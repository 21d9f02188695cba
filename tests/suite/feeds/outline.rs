//! Lists of feeds, out and in.

use super::example;
use crate::commands::ok;
use crate::support::{Base, tree};
use handbill::opml;
use std::fs;
use std::process::Command;

#[test]
fn the_list_of_feeds_leads_to_every_contact() {
    let example = example();
    let feeds = opml::read(&example.page("reader/subscriptions.opml")).unwrap();
    let files = example.edition("reader");
    assert_eq!(feeds.len(), 6);
    for feed in &feeds {
        let path = feed.feed.strip_prefix("http://localhost:8888/").unwrap();
        assert!(files.contains_key(path) && !feed.title.is_empty(), "{feed:?}");
        assert_eq!(feed.key, None, "no key is given away by the way");
    }
    assert!(!example.at("_site/public/subscriptions.opml").exists());
    let list = example.page("reader/subscriptions.opml");
    assert_eq!(list.matches("type=\"rss\"").count(), 6);
    let date = list.split("<dateModified>").nth(1).unwrap().split('<').next().unwrap();
    assert!(chrono::DateTime::parse_from_rfc2822(date).is_ok(), "{date}");
    assert!(list.contains("<head><title>The Chart Room</title><dateModified>"));
    assert_eq!(list.matches("<outline text=\"Subscriptions\">").count(), 1);
}

const KEY: &str = "B2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3";

#[test]
fn what_is_exported_with_keys_can_be_imported() {
    let from = Base::of(&format!(
        "-- handbill.toml\n[contact.harbour]\nalias = \"Harbour <log>\"\nsubscribe = \"{KEY}\"\n\
         -- harbour/inbox/2026-11-20.md\nFog.\n-- notes/outbox/2026-11-20.md\nMine.\n"
    ));
    assert!(!ok(&from, &["export", "opml"]).contains(KEY));
    let list = ok(&from, &["export", "opml", "--keys"]);
    assert!(list.contains(KEY) && list.contains("Harbour &lt;log&gt;"), "{list}");
    ok(&from, &["export", "opml", "--keys", "--file", from.at("list.opml").to_str().unwrap()]);
    let to = Base::new();
    fs::copy(from.at("list.opml"), to.at("list.opml")).unwrap();
    let file = to.at("list.opml");
    let file = file.to_str().unwrap();
    let before = tree(to.path());
    let said = ok(&to, &["import", "opml", file, "--dry-run"]);
    assert!(said.contains("Harbour <log>: the subscription `harbour-log`"), "{said}");
    assert_eq!(before, tree(to.path()), "a dry run does nothing");
    let said = ok(&to, &["import", "opml", file]);
    let left = "notes  http://localhost:8888/notes/feed.xml  left out: Handbill reads folders, not feeds from the web";
    assert!(said.contains(left), "{said}");
    assert!(to.at("harbour-log/inbox").is_dir());
    let settings = fs::read_to_string(to.at("handbill.toml")).unwrap();
    assert!(
        settings.contains(&format!("[contact.harbour-log]\nsubscribe = \"{KEY}\"")),
        "{settings}"
    );
    let again = ok(&to, &["import", "opml", file]);
    assert!(again.contains("left out: there is a `harbour-log` already"), "{again}");
}

#[test]
fn a_list_of_a_stranger_makes_nothing_that_is_not_asked_for() {
    let base = Base::new();
    let outline =
        |title: &str, key: &str| format!("<outline text=\"{title}\" folder:key=\"{key}\"/>");
    let master = "A2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3";
    let list = [
        outline("../../escape", KEY),
        outline("Master", master),
        outline("…", KEY),
        outline("inbox", KEY),
        outline("Shapeless", "zzz"),
        outline("Secret", "https://odo:pw@example.org/n.git"),
        "<outline text=\"Far\" xmlUrl=\"https://far.example/feed\"/>".into(),
    ];
    base.write("list.opml", format!("<opml version=\"2.0\"><body>{}</body></opml>", list.concat()));
    let said = ok(&base, &["import", "opml", base.at("list.opml").to_str().unwrap()]);
    assert_eq!(said.lines().count(), 7, "{said}");
    assert_eq!(said.matches("left out").count(), 6, "{said}");
    assert!(!said.contains(master), "{said}");
    assert!(base.at("escape/inbox").is_dir() && !base.at("../../escape").exists());
    base.write("bomb.opml", "<!DOCTYPE opml [<!ENTITY a \"b\">]><opml><body/></opml>");
    let file = base.at("bomb.opml");
    let out = Command::new(env!("CARGO_BIN_EXE_handbill"))
        .args(["import", "opml"])
        .arg(file)
        .current_dir(base.path())
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&out.stderr).contains("defines entities"));
}
