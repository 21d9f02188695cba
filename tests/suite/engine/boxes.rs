//! What happens in a box that nobody expected.

use super::{Person, names};
use std::fs;

const ONE: &str = "2026-11-20T10-00-00Z.md";

#[test]
#[ignore = "takes seconds"]
fn an_inbox_that_was_changed_follows_again_and_loses_nothing() {
    let (author, mut reader) = (Person::new(), Person::resting(""));
    author.run(&["add", "channel", "notes"]);
    author.write(&format!("notes/outbox/{ONE}"), "One.");
    let link = author.link("notes");
    reader.run(&["subscribe", &link, "tides"]);
    reader.start();
    let path = format!("tides/inbox/{ONE}");
    reader.until_has(&path, "One.");
    reader.write(&path, "My remark.");
    reader.write("tides/inbox/mine.md", "Not the author's.");
    reader.until_has(&path, "One.");
    let kept = names(&reader.base.at(".handbill/state/engine/kept/tides"));
    assert_eq!(kept.len(), 1, "{kept:?}");
    let text =
        fs::read_to_string(reader.base.at(".handbill/state/engine/kept/tides").join(&kept[0]));
    assert_eq!(text.unwrap(), "My remark.");
    reader.until_listed("changed");
    assert!(reader.base.at("tides/inbox/mine.md").exists());
}

#[test]
#[ignore = "takes seconds"]
fn an_outbox_that_is_not_mounted_deletes_nothing() {
    let (author, reader) = (Person::new(), Person::new());
    author.run(&["add", "channel", "notes"]);
    author.write(&format!("notes/outbox/{ONE}"), "One.");
    reader.run(&["subscribe", &author.link("notes"), "tides"]);
    reader.until_has(&format!("tides/inbox/{ONE}"), "One.");
    let (outbox, away) = (author.base.at("notes/outbox"), author.base.at("away"));
    fs::rename(&outbox, &away).unwrap();
    fs::create_dir(&outbox).unwrap();
    author.until_listed("lost all its files at once");
    assert!(reader.base.at(&format!("tides/inbox/{ONE}")).exists());
    fs::remove_dir(&outbox).unwrap();
    fs::rename(&away, &outbox).unwrap();
    author.write("notes/outbox/back.md", "Back.");
    reader.until_has("tides/inbox/back.md", "Back.");
    assert!(reader.base.at(&format!("tides/inbox/{ONE}")).exists());
}

#[test]
#[ignore = "takes seconds"]
fn what_must_not_go_out_is_told() {
    let author = Person::new();
    author.run(&["add", "channel", "notes"]);
    author.link("notes");
    author.write("notes/outbox/oops.md", "The key is A2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3.");
    author.until_listed("Files that cannot be sent: 1. One of them is oops.md");
    // Whatever its size, and whatever kind of text it is.
    let key = "A2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3";
    let large = format!("{}{key}{}", "Low tide. ".repeat(200_000), "\nHigh tide.".repeat(100));
    author.write("notes/outbox/large.txt", large);
    author.until_listed("Files that cannot be sent: 2.");
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    author.write("notes/outbox/wide.md", [b"\xff\xfe".to_vec(), wide(key)].concat());
    author.until_listed("Files that cannot be sent: 3.");
    author.write("notes/outbox/odd.md", [b"caf\xe9 ", key.as_bytes()].concat());
    author.until_listed("Files that cannot be sent: 4.");
    // What is large and holds none goes, whole.
    let large = "Low tide. ".repeat(300_000);
    author.write("notes/outbox/fine.txt", &large);
    let reader = Person::new();
    reader.run(&["subscribe", &author.link("notes"), "tides"]);
    reader.until_has("tides/inbox/fine.txt", &large);
    let arrived = names(&reader.base.at("tides/inbox"));
    assert_eq!(arrived, ["channel.toml", "fine.txt"]);
}

#[cfg(unix)]
#[test]
#[ignore = "takes seconds"]
fn a_contact_that_is_a_link_to_elsewhere_is_not_carried() {
    let author = Person::new();
    author.run(&["add", "channel", "notes"]);
    author.link("notes");
    let elsewhere = tempfile::tempdir().unwrap();
    fs::create_dir(elsewhere.path().join("outbox")).unwrap();
    fs::write(elsewhere.path().join("outbox/secret.md"), "Not to be sent.").unwrap();
    let reader = Person::new();
    reader.run(&["subscribe", &author.link("notes"), "tides"]);
    reader.until_has("tides/inbox/channel.toml", "");
    fs::rename(author.base.at("notes"), author.base.at("away")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), author.base.at("notes")).unwrap();
    std::thread::sleep(std::time::Duration::from_secs(3));
    assert_eq!(names(&reader.base.at("tides/inbox")), ["channel.toml"]);
    fs::remove_file(author.base.at("notes")).unwrap();
    fs::rename(author.base.at("away"), author.base.at("notes")).unwrap();
    author.write("notes/outbox/back.md", "Back.");
    reader.until_has("tides/inbox/back.md", "Back.");
    assert_eq!(names(&reader.base.at("tides/inbox")), ["back.md", "channel.toml"]);
}

#[test]
#[ignore = "takes seconds"]
fn a_channel_that_gets_an_inbox_goes_out_no_more() {
    let (author, reader) = (Person::new(), Person::new());
    author.run(&["add", "channel", "notes"]);
    author.write(&format!("notes/outbox/{ONE}"), "One.");
    reader.run(&["subscribe", &author.link("notes"), "tides"]);
    reader.until_has(&format!("tides/inbox/{ONE}"), "One.");
    fs::create_dir(author.base.at("notes/inbox")).unwrap();
    author.until_listed("for one alone");
    author.write("notes/outbox/two.md", "For you alone.");
    std::thread::sleep(std::time::Duration::from_secs(3));
    assert!(!reader.base.at("tides/inbox/two.md").exists());
    assert!(reader.base.at(&format!("tides/inbox/{ONE}")).exists());
    // By a new start neither.
    let mut author = author;
    author.stop();
    author.start();
    author.until_listed("for one alone");
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert!(!reader.base.at("tides/inbox/two.md").exists());
    fs::remove_dir(author.base.at("notes/inbox")).unwrap();
    reader.until_has("tides/inbox/two.md", "For you alone.");
}

#[test]
#[ignore = "takes seconds"]
fn an_inbox_that_was_deleted_is_told_and_comes_again() {
    let (author, reader) = (Person::new(), Person::new());
    author.run(&["add", "channel", "notes"]);
    author.write(&format!("notes/outbox/{ONE}"), "One.");
    let link = author.link("notes");
    reader.run(&["subscribe", &link, "tides"]);
    let path = format!("tides/inbox/{ONE}");
    reader.until_has(&path, "One.");
    fs::remove_dir_all(reader.base.at("tides")).unwrap();
    reader.until("it is told", || {
        let (_, _, talk) = reader.try_run("", &["list"]);
        talk.contains("handbill unsubscribe tides").then_some(())
    });
    reader.run(&["subscribe", &link, "tides"]);
    reader.until_has(&path, "One.");
}
