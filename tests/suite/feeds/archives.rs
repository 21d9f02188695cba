//! Archives of feeds (RFC 5005, section 4): nothing is missing, and what is closed stays as it is.

use super::{feed, ids, link};
use crate::support::Base;
use std::collections::BTreeSet;

/// A channel with ten messages a month, the newest of November 2026.
fn long(count: usize) -> Base {
    Base::long("public = [\"notes\"]\nbase_url = \"https://site.example\"\n", count)
}

/// Returns the documents of a feed, from the one to subscribe to back to its oldest archive, each
/// with the ids of its entries.
#[track_caller]
fn chain(base: &Base, path: &str) -> Vec<(String, Vec<String>)> {
    let mut documents = Vec::new();
    let mut next = Some(path.to_owned());
    while let Some(path) = next {
        let document = feed(base, &format!("public/{path}"));
        let older = link(&document, "prev-archive");
        next = older.map(|to| to.strip_prefix("https://site.example/").unwrap().to_owned());
        documents.push((path, ids(&document)));
    }
    documents
}

#[test]
fn a_reader_who_goes_back_gets_every_message() {
    let base = long(84);
    base.build();
    for start in ["feed.xml", "notes/feed.xml"] {
        let chain = chain(&base, start);
        let all: BTreeSet<&String> = chain.iter().flat_map(|(_, ids)| ids).collect();
        assert_eq!(all.len(), 84);
        let counts: Vec<usize> = chain.iter().map(|(_, ids)| ids.len()).collect();
        // The newest fifty are those of five whole months, so that archives begin with the sixth.
        assert_eq!(counts, [50, 10, 10, 10, 4], "{start}");
    }
    assert!(!base.at("_site/public/notes/2026-07/feed.xml").exists());
    let tag = feed(&base, "public/tags/tide/feed.xml");
    assert_eq!((ids(&tag).len(), link(&tag, "prev-archive")), (50, None));
}

#[test]
fn a_feed_that_fits_is_whole() {
    for (count, whole) in [(50, true), (51, false)] {
        let base = long(count);
        base.build();
        for path in ["public/feed.xml", "public/notes/feed.xml", "public/tags/tide/feed.xml"] {
            let is_whole = feed(&base, path).all("fh:complete").count() == 1;
            assert_eq!(is_whole, whole, "{path} of {count}");
        }
    }
}

/// Returns all archives of the public edition with their bytes.
fn archives(base: &Base) -> Vec<(String, Vec<u8>)> {
    let archived = |path: &String| path.ends_with("/feed.xml") && path.matches('/').count() == 2;
    let tree = base.edition("public").into_iter();
    tree.filter(|(path, _)| archived(path) && !path.starts_with("tags/")).collect()
}

#[test]
fn a_message_of_another_month_leaves_an_archive_as_it_is() {
    let base = long(84);
    base.build();
    let before = archives(&base);
    assert_eq!(before.len(), 8);
    base.write("notes/outbox/2026-04-12T11-00-00Z.md", "Late, in a month that is there.");
    base.build();
    let after = archives(&base);
    let changed: Vec<&str> = before
        .iter()
        .zip(&after)
        .filter(|(old, new)| old != new)
        .map(|(_, (path, _))| path.as_str())
        .collect();
    assert_eq!(changed, ["archive/2026-04/feed.xml", "notes/2026-04/feed.xml"]);
    let before = after;
    base.write("notes/outbox/2026-11-23T10-00-00Z.md", "New.");
    base.build();
    // The newest do not hold all of June any more.
    let kept: Vec<_> =
        archives(&base).into_iter().filter(|(path, _)| !path.contains("2026-07")).collect();
    assert_eq!(kept, before);
    assert!(base.at("_site/public/notes/2026-07/feed.xml").exists());
}

#[test]
fn an_old_message_that_was_edited_is_in_the_document_that_readers_look_at() {
    let base = long(84);
    base.build();
    let path = "notes/outbox/2026-04-12T10-00-00Z.md";
    let edited = |when: &str| format!("+++\nupdated = {when}\n+++\nEdited. #tide");
    let has = |feed: &str| base.page(&format!("public/{feed}")).contains("Edited.");
    // An edit of the same spring is as old as the message.
    base.write(path, edited("2026-05-01T10:00:00Z"));
    base.build();
    let all = ["feed.xml", "notes/feed.xml", "tags/tide/feed.xml"];
    assert!(all.iter().all(|path| !has(path)));
    base.write(path, edited("2026-11-22T10:00:00Z"));
    base.build();
    assert!(all.iter().all(|path| has(path)));
    assert!(has("notes/2026-04/feed.xml") && has("archive/2026-04/feed.xml"));
    let notes = feed(&base, "public/notes/feed.xml");
    assert_eq!(ids(&notes).len(), 51);
    let last = notes.all("entry").last().unwrap();
    assert!(last.one("published").text.starts_with("2026-04-12"), "by time, as all others");
    assert!(last.one("updated").text.starts_with("2026-11-22"));
    assert!(notes.one("updated").text.starts_with("2026-11-22"));
}

#[test]
fn texts_that_a_feed_has_no_room_for_are_told_by_their_first_words() {
    let base = Base::new();
    for day in 10..18 {
        let text = format!("Day {day}. {}", "All of it at length. ".repeat(20_000));
        base.write(&format!("notes/outbox/2026-11-{day}.md"), text);
    }
    base.build();
    let notes = feed(&base, "reader/notes/feed.xml");
    let entries: Vec<_> = notes.all("entry").collect();
    assert_eq!(entries.len(), 8, "none is missing");
    let whole = entries.iter().filter(|entry| entry.all("content").count() == 1).count();
    assert!((3..8).contains(&whole), "{whole}");
    assert!(entries[7].one("summary").text.starts_with("Day 10. All of it"));
    let json: serde_json::Value =
        serde_json::from_str(&base.page("reader/notes/feed.json")).unwrap();
    let last = &json["items"][7];
    assert!(last["content_text"].as_str().unwrap().starts_with("Day 10."), "{last}");
    assert_eq!(last["content_html"], serde_json::Value::Null);
}

#[test]
fn what_was_edited_of_a_muted_contact_stays_out_of_the_feed_of_everything() {
    let base = Base::of("-- handbill.toml\n[contact.loud]\nmute = true\n");
    for day in 1..=60 {
        base.write(
            &format!("harbour/inbox/2026-{:02}-{:02}.md", 9 + day / 31, 1 + day % 30),
            format!("Fog, number {day}."),
        );
    }
    let edited = "+++\nupdated = 2026-11-20\n+++\nEdited.";
    base.write("loud/inbox/2026-01-01.md", edited).write("harbour/inbox/2026-01-01.md", edited);
    base.build();
    let old = |page: &str| base.page(page).matches("2026-01-01.html\"").count();
    assert_eq!(base.page("reader/feed.xml").matches("loud/").count(), 0);
    assert_eq!(old("reader/feed.xml"), old("reader/harbour/feed.xml"), "the one that is not muted");
    assert!(old("reader/feed.xml") > 0 && old("reader/loud/feed.xml") > 0);
}

#[test]
fn what_is_answered_in_a_closed_month_changes_nothing_there() {
    let base = long(84);
    let answer =
        "+++\nin_reply_to = \"https://site.example/notes/2026-03-02T10-00-00Z.html\"\n+++\nYes.";
    base.write("notes/outbox/2026-04-12T11-00-00Z.md", answer);
    base.build();
    let before = archives(&base);
    base.write("notes/outbox/2026-03-02T10-00-00Z.md", "What is answered arrives late.");
    base.build();
    let after = archives(&base);
    let april = |all: &[(String, Vec<u8>)]| {
        all.iter().filter(|(path, _)| path.contains("2026-04")).cloned().collect::<Vec<_>>()
    };
    assert_eq!(april(&before), april(&after));
    assert!(before != after);
}
