//! What is neither file nor folder: links and pipes, put where messages lie.
#![cfg(unix)]

use super::site;
use crate::support::{Base, times};
use std::os::unix::fs::symlink;
use std::process::Command;

fn pipe(base: &Base, path: &str) {
    let status = Command::new("mkfifo").arg(base.at(path)).status().unwrap();
    assert!(status.success());
}

/// Builds and makes sure that each finding is made, and that the rest of the site is there.
#[track_caller]
fn check_found(base: &Base, expect: &[&str]) {
    let before: Vec<_> = times(&base.at("notes")).into_iter().collect();
    base.build();
    let found = base.findings();
    for finding in expect {
        assert!(found.iter().any(|f| f == finding), "{finding} is not among {found:#?}");
    }
    assert!(base.at("_site/public/notes/2026-11-20T10-00-00Z.html").is_file());
    assert!(base.at("_site/reader/mira/index.html").is_file());
    assert_eq!(before, times(&base.at("notes")).into_iter().collect::<Vec<_>>());
}

#[test]
fn a_link_in_the_place_of_a_contact_is_reported_and_not_followed() {
    let (base, elsewhere) = (site(), site());
    symlink(elsewhere.at("notes"), base.at("linked")).unwrap();
    symlink(elsewhere.at("nothing"), base.at("dangling")).unwrap();
    check_found(&base, &["link linked"]);
    assert!(!base.at("_site/reader/linked").exists());
}

#[test]
fn a_link_in_the_place_of_a_box_is_reported_and_not_followed() {
    let (base, elsewhere) = (site(), site());
    base.folder("odo").folder("tide/outbox");
    symlink(elsewhere.at("notes/outbox"), base.at("odo/outbox")).unwrap();
    symlink(elsewhere.at("mira/inbox"), base.at("tide/inbox")).unwrap();
    base.write("handbill.toml", "public = [\"notes\", \"odo\", \"tide\"]\n");
    check_found(&base, &["unreadable odo/outbox", "unreadable tide/inbox"]);
    assert!(!base.at("_site/public/odo").exists());
    assert!(!base.at("_site/public/tide").exists());
}

#[test]
fn links_among_messages_are_reported_and_not_followed() {
    let (base, elsewhere) = (site(), Base::new());
    elsewhere.write("secret.md", "SECRET").write("folder/secret.zip", "SECRET");
    symlink(elsewhere.at("secret.md"), base.at("notes/outbox/2026-11-24T10-00-00Z.md")).unwrap();
    symlink(elsewhere.at("folder"), base.at("notes/outbox/2026-11-20T10-00-00Z")).unwrap();
    symlink(
        elsewhere.at("folder/secret.zip"),
        base.at("notes/outbox/2026-11-21T10-00-00Z/linked.zip"),
    )
    .unwrap();
    symlink(elsewhere.at("secret.md"), base.at("notes/outbox/channel.toml")).unwrap();
    symlink("..", base.at("notes/outbox/loop")).unwrap();
    check_found(
        &base,
        &[
            "link notes/outbox/2026-11-24T10-00-00Z.md",
            "link notes/outbox/2026-11-20T10-00-00Z",
            "link notes/outbox/2026-11-21T10-00-00Z/linked.zip",
            "link notes/outbox/loop",
        ],
    );
    for edition in ["public", "reader"] {
        for (path, bytes) in base.edition(edition) {
            assert!(!String::from_utf8_lossy(&bytes).contains("SECRET"), "{edition}/{path}");
        }
    }
}

#[test]
fn pipes_among_messages_are_reported_and_hang_nothing() {
    let base = site();
    base.folder("notes/outbox/2026-11-20T10-00-00Z");
    for path in [
        "notes/outbox/2026-11-24T10-00-00Z.md",
        "notes/outbox/2026-11-20T10-00-00Z/film.mp4",
        "notes/outbox/2026-11-20T10-00-00Z/gauge.png",
        "notes/outbox/channel.toml",
        "mira/inbox/2026-11-24T10-00-00Z.txt",
    ] {
        pipe(&base, path);
    }
    check_found(
        &base,
        &[
            "special-file notes/outbox/2026-11-24T10-00-00Z.md",
            "special-file notes/outbox/2026-11-20T10-00-00Z/film.mp4",
            "special-file notes/outbox/2026-11-20T10-00-00Z/gauge.png",
            "special-file notes/outbox/channel.toml",
            "special-file mira/inbox/2026-11-24T10-00-00Z.txt",
        ],
    );
}

#[test]
fn a_pipe_in_the_place_of_a_box_is_reported_and_hangs_nothing() {
    let base = site();
    base.folder("odo");
    pipe(&base, "odo/outbox");
    pipe(&base, "notes/inbox");
    base.build();
    let found = base.findings();
    assert!(found.iter().any(|f| f == "unreadable odo/outbox"), "{found:#?}");
    // Anything called like an inbox makes a channel private.
    assert!(found.iter().any(|f| f == "public-inbox handbill.toml"), "{found:#?}");
    assert!(!base.at("_site/public/notes").exists());
}

#[test]
fn a_published_channel_whose_outbox_is_shut_stays_and_the_reason_is_told() {
    let base = site();
    base.build();
    let clean = base.edition("public");
    base.remove("notes/outbox");
    pipe(&base, "notes/outbox");
    let refused = base.build().refused.unwrap();
    assert!(refused.contains("`notes/outbox` cannot be read"), "{refused}");
    assert_eq!(base.edition("public"), clean);
    base.remove("notes");
    let refused = base.build().refused.unwrap();
    assert!(refused.contains("the channel `notes` is gone"), "{refused}");
    assert_eq!(base.edition("public"), clean);
}

#[test]
fn pipes_in_the_base_folder_and_in_the_theme_hang_nothing() {
    let base = site();
    base.folder("theme/templates").folder("theme/assets");
    for path in ["stray", "theme/templates/message.html", "theme/assets/style.css"] {
        pipe(&base, path);
    }
    check_found(&base, &[]);
}
