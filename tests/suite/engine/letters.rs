//! Conversations: two letters, both directions, and nobody else.

use super::{Person, until};
use handbill::keys::handbill::{Letter, Link};
use std::time::Duration;

/// Returns a letter that `words` print, with where its writer is found.
#[track_caller]
fn letter(person: &Person, words: &[&str]) -> String {
    until("a letter with an address", || {
        let text = person.run(words);
        let letter = Letter::parse(&text).unwrap();
        (!letter.about.peers[0].addresses.is_empty()).then_some(text.trim().to_owned())
    })
}

#[test]
#[ignore = "takes seconds"]
fn a_conversation_goes_both_ways_and_to_nobody_else() {
    let (one, two, stranger) = (Person::new(), Person::new(), Person::new());
    one.run(&["converse", "mira"]);
    let invitation = letter(&one, &["converse", "mira"]);
    assert!(invitation.starts_with("handbill-invitation:"));
    let answer = letter(&two, &["converse", &invitation, "odo"]);
    assert!(answer.starts_with("handbill-answer:"));
    one.write("mira/outbox/2026-11-20T10-00-00Z.md", "Hello.");
    two.write("odo/outbox/2026-11-20T11-00-00Z.md", "Good day.");
    one.run(&["converse", &answer, "mira"]);
    two.until_has("odo/inbox/2026-11-20T10-00-00Z.md", "Hello.");
    one.until_has("mira/inbox/2026-11-20T11-00-00Z.md", "Good day.");

    // Somebody who has seen the letter knows the key, and is not let in.
    let letter = Letter::parse(&invitation).unwrap();
    let link = Link { channel: letter.channel, about: letter.about };
    stranger.run(&["subscribe", &link.to_string(), "theirs"]);
    std::thread::sleep(Duration::from_secs(4));
    let seen = super::names(&stranger.base.at("theirs"));
    assert!(seen.is_empty(), "{seen:?}");
    stranger.until_listed("connected: 0");

    // Nor does another answer take the place of the first.
    let answer = Person::resting("");
    let (ok, other, _) = answer.try_run("", &["converse", &invitation, "mallory"]);
    assert!(ok);
    let (ok, _, talk) = one.try_run("", &["converse", other.trim(), "mira"]);
    assert!(!ok && talk.contains("somebody else"), "{talk}");
}
