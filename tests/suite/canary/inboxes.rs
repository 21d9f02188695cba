//! What was a conversation once, or looks like one, is never published, listed or not.

use super::{CANARY, assert_absent, folded, public};
use crate::support::Base;
use std::fs;

/// A base folder with a public channel and a contact that is listed too.
fn base() -> Base {
    Base::of(
        "-- handbill.toml\npublic = [\"notes\", \"zqxjmira\"]\n\
         -- notes/outbox/2026-11-16T10-00-00Z.md\nOpen. #tide\n\
         -- zqxjmira/outbox/2026-11-16T10-00-00Z.md\nzqxjmira #zqxjmira #tide\n",
    )
}

/// Builds and asserts that nothing of the contact is public, and that this is told.
#[track_caller]
fn assert_kept_private(base: &Base, why: &str) {
    let report = base.build();
    let public = public(base);
    assert!(public.contains_key("notes/2026-11-16T10-00-00Z.html"), "{why}");
    assert_absent(CANARY, &folded(&public));
    let told =
        report.found.iter().any(|found| found.code.starts_with("public-") && found.is_own_error());
    assert!(told, "{why}: {:?}", report.found);
}

#[track_caller]
fn assert_public(base: &Base) {
    base.build();
    assert!(base.edition("public").contains_key("zqxjmira/2026-11-16T10-00-00Z.html"));
}

#[test]
fn a_listed_channel_is_public() {
    assert_public(&base());
}

#[test]
fn a_conversation_whose_inbox_is_lost_stays_private() {
    let base = base();
    base.write("zqxjmira/inbox/2026-11-17T10-00-00Z.md", "zqxjtheirs");
    assert_kept_private(&base, "it is a conversation");
    base.remove("zqxjmira/inbox");
    assert_kept_private(&base, "the state remembers");
    base.remove("_site").remove(".handbill/cache");
    assert_kept_private(&base, "without output and cache too");
    base.remove(".handbill/state");
    assert_public(&base);
}

#[test]
fn a_channel_that_gets_an_inbox_leaves_the_public_edition_at_once() {
    let base = base();
    assert_public(&base);
    base.folder("zqxjmira/inbox");
    assert_kept_private(&base, "an empty inbox is one");
}

#[test]
fn anything_that_begins_like_an_inbox_keeps_a_contact_private_for_good() {
    for name in [
        "inbox",
        "Inbox",
        "INBOX",
        "inbox ",
        " inbox",
        "\tinBOX ",
        "Inbox (1)",
        "INBOX-old",
        "inbox.zip",
        "InBoX~",
        "inbox.sync-conflict-20261123-140900-K4LFMQY",
    ] {
        for kind in ["folder", "file"] {
            let base = base();
            let path = format!("zqxjmira/{name}");
            match kind {
                "folder" => base.folder(&path),
                _ => base.write(&path, "x"),
            };
            assert_kept_private(&base, &format!("{kind} {name:?}"));
            base.remove(&path);
            assert_kept_private(&base, &format!("{kind} {name:?}, gone"));
        }
    }
}

#[cfg(unix)]
#[test]
fn links_called_inbox_keep_a_contact_private() {
    for target in ["nowhere", ".", "../notes/outbox", "/dev/null"] {
        let base = base();
        std::os::unix::fs::symlink(target, base.at("zqxjmira/inbox")).unwrap();
        assert_kept_private(&base, target);
    }
}

#[cfg(unix)]
#[test]
fn an_outbox_behind_a_link_is_not_published() {
    let base = base();
    fs::rename(base.at("zqxjmira/outbox"), base.at("zqxjelsewhere")).unwrap();
    std::os::unix::fs::symlink("../zqxjelsewhere", base.at("zqxjmira/outbox")).unwrap();
    assert_kept_private(&base, "outbox is a link");
    base.remove("zqxjmira");
    std::os::unix::fs::symlink("zqxjelsewhere", base.at("zqxjmira")).unwrap();
    assert_kept_private(&base, "contact is a link");
}

#[test]
fn contacts_that_are_not_listed_are_not_published() {
    let base = base();
    base.write("handbill.toml", "public = [\"notes\"]\n");
    base.build();
    assert_absent(CANARY, &folded(&public(&base)));
    base.write("handbill.toml", "public = []\n");
    base.build();
    let tree = public(&base);
    assert!(tree.contains_key("index.html") && !tree.keys().any(|path| path.starts_with("notes/")));
    assert_absent(CANARY, &folded(&tree));
    for settings in [
        "public = true\n",
        "public = [true]\n",
        "public = [\"*\"]\n",
        "public = \"zqxj\"\n",
        "publish = [\"zqxjmira\"]\n",
    ] {
        base.write("handbill.toml", settings);
        base.build();
        assert_absent(CANARY, &folded(&public(&base)));
    }
}

#[test]
fn names_are_listed_in_any_case_and_form() {
    let base = Base::of("-- cafe\u{301}/outbox/2026-11-16T10-00-00Z.md\nOpen.\n");
    base.write("handbill.toml", "public = [\"CAFÉ\"]\n");
    base.build();
    assert!(base.edition("public").keys().any(|path| path.ends_with("/2026-11-16T10-00-00Z.html")));
}

#[test]
fn two_folders_that_differ_in_case_only_are_refused() {
    let base = base();
    base.write("ZQXJMIRA/outbox/2026-11-17T10-00-00Z.md", "zqxjother");
    assert_kept_private(&base, "which one is meant?");
    base.remove("zqxjmira/outbox").folder("zqxjmira/inbox");
    assert_kept_private(&base, "one of them is private");
}

#[test]
fn settings_that_cannot_be_read_leave_the_public_edition_as_it_was() {
    let base = base();
    base.write("handbill.toml", "public = [\"notes\"]\n");
    base.build();
    let before = base.edition("public");
    base.write("notes/outbox/2026-11-18T10-00-00Z.md", "New.");
    for broken in
        ["public = [\"notes\", \"zqxjmira\"\n", "public = [\"zqxjmira\"]\npublic = []\n", "\0"]
    {
        base.write("handbill.toml", broken);
        let report = base.build();
        assert!(report.refused.is_some(), "{broken:?}");
        assert_eq!(base.edition("public"), before, "{broken:?}");
    }
    base.remove("handbill.toml");
    assert!(base.build().refused.is_some());
    assert_eq!(base.edition("public"), before);
}

#[test]
fn a_state_that_cannot_be_read_stops_the_build() {
    let base = base();
    base.folder("zqxjmira/inbox");
    assert_kept_private(&base, "it is a conversation");
    base.remove("zqxjmira/inbox");
    let state = base.at(".handbill/state/memory.json");
    for damaged in ["", "{", "[1]", "{\"zqxjmira\": true}"] {
        fs::write(&state, damaged).unwrap();
        let built = handbill::disk::build(&base.places(), &base.options());
        assert!(built.is_err(), "{damaged:?}: not known what was a conversation");
        assert_absent(CANARY, &folded(&public(&base)));
    }
}
