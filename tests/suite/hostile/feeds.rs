//! Feeds of a site full of hostile text are what feed readers need: well-formed, with absolute
//! links and ids that are never shared.

use super::holds::feed::{assert_feed, read_xml};
use super::site::hostile_base;
use crate::support::Base;
use std::collections::BTreeSet;

fn check(base: &Base, edition: &str, address: &str) -> usize {
    let tree = base.edition(edition);
    let feeds: Vec<_> = tree.iter().filter(|(path, _)| path.ends_with("feed.xml")).collect();
    let entries = feeds.iter().map(|(path, bytes)| assert_feed(path, bytes, address));
    assert!(entries.sum::<usize>() > 100);
    feeds.len()
}

#[test]
fn feeds_of_hostile_text_are_sound() {
    let base = hostile_base();
    base.build();
    assert!(check(&base, "reader", "http://localhost:8888/") > 30);
    assert!(check(&base, "public", "https://example.org/site/") > 3);
}

#[test]
fn titles_of_untitled_messages_may_be_empty() {
    let base = hostile_base();
    let settings = std::fs::read_to_string(base.at("handbill.toml")).unwrap();
    base.write("handbill.toml", format!("feed_titles = \"empty\"\n{settings}"));
    base.build();
    check(&base, "reader", "http://localhost:8888/");
    let feed = read_xml(base.page("reader/good/feed.xml").as_bytes());
    let titles: Vec<_> = feed.all("entry").map(|entry| entry.one("title").text.as_str()).collect();
    assert_eq!(titles, ["With a title", ""]);
    let plain = feed.all("entry").nth(1).unwrap();
    assert_eq!(plain.one("summary").text, "A plain message. #tide");
}

#[test]
fn no_stranger_takes_the_id_of_another() {
    let id = "7a4f2b0e-9d0c-4c57-8c7a-0d2f5d0a6b11";
    let base = Base::of(&format!(
        "-- handbill.toml\npublic = [\"mine\"]\n\
         -- mine/outbox/channel.toml\nid = \"{id}\"\n\
         -- mine/outbox/2026-11-20T10-00-00Z.md\nMine.\n\
         -- thief/inbox/channel.toml\nid = \"{id}\"\n\
         -- thief/inbox/2026-11-20T10-00-00Z.md\nStolen by channel and stem.\n\
         -- thief/inbox/2026-11-21T10-00-00Z.md\n\
         +++\nid = \"urn:uuid:0cb9db74-24a2-59b3-ba92-9232a0f4de8f\"\n+++\nStolen by header.\n\
         -- other/inbox/channel.toml\nid = \"{id}\"\n\
         -- other/inbox/2026-11-20T10-00-00Z.md\nStolen again.\n"
    ));
    base.build();
    let feed = read_xml(base.page("reader/feed.xml").as_bytes());
    let ids: BTreeSet<_> = feed.all("entry").map(|entry| entry.one("id").text.clone()).collect();
    assert_eq!(ids.len(), 4);
    let public = read_xml(base.page("public/feed.xml").as_bytes());
    let mine = public.one("entry").one("id").text.clone();
    assert!(ids.contains(&mine), "my own message has one id everywhere");
}

#[test]
fn two_messages_of_mine_that_ask_for_one_id_get_two() {
    let base = Base::of(
        "-- handbill.toml\npublic = [\"a\", \"b\", \"c\"]\n\
         -- a/outbox/2026-11-20T10-00-00Z.md\n+++\nid = \"https://old.example/1\"\n+++\nFirst.\n\
         -- a/outbox/2026-11-21T10-00-00Z.md\n+++\nid = \"https://old.example/1\"\n+++\nSecond.\n\
         -- b/outbox/channel.toml\nid = \"7a4f2b0e-9d0c-4c57-8c7a-0d2f5d0a6b11\"\n\
         -- b/outbox/2026-11-20T10-00-00Z.md\nThird.\n\
         -- c/outbox/channel.toml\nid = \"7a4f2b0e-9d0c-4c57-8c7a-0d2f5d0a6b11\"\n\
         -- c/outbox/2026-11-20T10-00-00Z.md\nFourth.\n",
    );
    base.build();
    for edition in ["public", "reader"] {
        let feed = read_xml(base.page(&format!("{edition}/feed.xml")).as_bytes());
        let ids: BTreeSet<_> =
            feed.all("entry").map(|entry| entry.one("id").text.clone()).collect();
        assert_eq!(ids.len(), 4, "{edition}: {ids:?}");
        assert!(ids.contains("https://old.example/1"), "the first keeps it");
    }
    let findings = base.findings();
    assert!(
        findings.contains(&"same-id a/outbox/2026-11-21T10-00-00Z.md".to_owned()),
        "{findings:?}"
    );
}
