//! Channels from an author to readers, and from reader to reader.

use super::{Person, names};
use std::fs;

const ONE: &str = "2026-11-20T10-00-00Z.md";
const TWO: &str = "2026-11-21T10-00-00Z.md";

/// Makes an author with a channel `notes`, and a reader to whom it is `tides`.
fn pair() -> (Person, Person) {
    let (author, reader) = (Person::new(), Person::new());
    author.run(&["add", "channel", "notes"]);
    author.write(&format!("notes/outbox/{ONE}"), "One.");
    let link = author.link("notes");
    reader.run(&["subscribe", &link, "tides"]);
    reader.until_has(&format!("tides/inbox/{ONE}"), "One.");
    (author, reader)
}

#[test]
#[ignore = "takes seconds"]
fn what_is_written_changed_and_deleted_travels() {
    let (author, reader) = pair();
    reader.until_has("tides/inbox/channel.toml", "handbill:");
    author.write(&format!("notes/outbox/{TWO}"), "Two.");
    reader.until_has(&format!("tides/inbox/{TWO}"), "Two.");
    author.write(&format!("notes/outbox/{TWO}"), "Two, mended.");
    reader.until_has(&format!("tides/inbox/{TWO}"), "mended");
    author.write("notes/outbox/2026-11-21T10-00-00Z/deep/low tide.txt", "x".repeat(300_000));
    reader.until_has("tides/inbox/2026-11-21T10-00-00Z/deep/low tide.txt", "xxx");
    fs::remove_file(author.base.at(&format!("notes/outbox/{ONE}"))).unwrap();
    reader.until_gone(&format!("tides/inbox/{ONE}"));
    // A name that begins as another does erases nothing.
    author.write("notes/outbox/notes.md", "Longer.");
    reader.until_has("tides/inbox/notes.md", "Longer");
    author.write("notes/outbox/notes", "Shorter.");
    reader.until_has("tides/inbox/notes", "Shorter");
    // A file without contents is a file.
    fs::write(author.base.at("notes/outbox/empty.txt"), "").unwrap();
    let empty = || fs::read(reader.base.at("tides/inbox/empty.txt")).ok().filter(Vec::is_empty);
    super::until("the empty file", empty);
    assert!(reader.base.at("tides/inbox/notes.md").exists());
    author.until_listed("Sent by Handbill. Peers: 1, connected: 1");
    reader.until_listed("Received by Handbill. Peers: 1, connected: 1");
    // Nothing else was put into the inbox.
    let arrived = names(&reader.base.at("tides"));
    assert!(arrived.iter().all(|name| name.starts_with("inbox/")), "{arrived:?}");
}

#[test]
#[ignore = "takes seconds"]
fn who_has_it_passes_it_on_when_the_author_is_gone() {
    let (mut author, reader) = pair();
    author.kill();
    let link = reader.own_link("tides");
    let third = Person::new();
    third.run(&["subscribe", &link, "passed-on"]);
    third.until_has(&format!("passed-on/inbox/{ONE}"), "One.");
    // And on: what the third has, a fourth gets.
    drop(reader);
    let fourth = Person::new();
    fourth.run(&["subscribe", &third.own_link("passed-on"), "again"]);
    fourth.until_has(&format!("again/inbox/{ONE}"), "One.");
}

#[test]
#[ignore = "takes seconds"]
fn each_is_away_in_turn_and_they_find_each_other_again() {
    let (mut author, mut reader) = pair();
    reader.stop();
    author.write(&format!("notes/outbox/{TWO}"), "Two.");
    author.until_listed("connected: 0");
    author.stop();
    reader.start();
    author.write("notes/outbox/2026-11-22T10-00-00Z.md", "Written while away.");
    fs::remove_file(author.base.at(&format!("notes/outbox/{ONE}"))).unwrap();
    author.start();
    reader.until_has(&format!("tides/inbox/{TWO}"), "Two.");
    reader.until_has("tides/inbox/2026-11-22T10-00-00Z.md", "while away");
    reader.until_gone(&format!("tides/inbox/{ONE}"));
    // What is kept of contents can be deleted at any time.
    author.stop();
    fs::remove_dir_all(author.base.at(".handbill/cache")).unwrap();
    author.start();
    let late = Person::new();
    late.run(&["subscribe", &author.link("notes"), "late"]);
    late.until_has(&format!("late/inbox/{TWO}"), "Two.");
}

#[test]
#[ignore = "takes seconds"]
fn two_thousand_files_come_whole() {
    let author = Person::new();
    author.run(&["add", "channel", "notes"]);
    for number in 0..2_000 {
        let path = format!("notes/outbox/{}/{number}.md", number % 20);
        author.base.write(&path, format!("Number {number}. {}", "x".repeat(number)));
    }
    let reader = Person::new();
    reader.run(&["subscribe", &author.link("notes"), "tides"]);
    let all = || (names(&reader.base.at("tides/inbox")).len() == 2_001).then_some(());
    reader.until("all of them", all);
    for number in [0, 1_000, 1_999] {
        let path = format!("tides/inbox/{}/{number}.md", number % 20);
        let text = fs::read_to_string(reader.base.at(&path)).unwrap();
        assert_eq!(text, format!("Number {number}. {}", "x".repeat(number)));
    }
    author.write("notes/outbox/last.md", "One more.");
    reader.until_has("tides/inbox/last.md", "One more.");
}

#[test]
#[ignore = "takes seconds"]
fn two_authors_lose_nothing() {
    let (author, reader) = pair();
    let (_, master, said) = author.try_run("yes\n", &["share", "notes", "--with-author"]);
    assert!(said.contains("cannot be taken back"), "{said}");
    let mut other = Person::new();
    let (ok, out, talk) = other.try_run(&master, &["join", "-", "together"]);
    assert!(ok, "{out}{talk}");
    other.until_has(&format!("together/outbox/{ONE}"), "One.");
    other.write(&format!("together/outbox/{TWO}"), "By another.");
    author.until_has(&format!("notes/outbox/{TWO}"), "By another.");
    reader.until_has(&format!("tides/inbox/{TWO}"), "By another.");
    // A deletion of what the other has written.
    fs::remove_file(author.base.at(&format!("notes/outbox/{TWO}"))).unwrap();
    other.until_gone(&format!("together/outbox/{TWO}"));
    let kept = names(&other.base.at(".handbill/state/engine/kept"));
    assert!(kept.iter().any(|name| name.ends_with(TWO)), "{kept:?}");

    // Both change one file while they do not hear of each other.
    other.stop();
    author.write(&format!("notes/outbox/{ONE}"), "One, by the first.");
    reader.until_has(&format!("tides/inbox/{ONE}"), "by the first");
    other.write(&format!("together/outbox/{ONE}"), "One, by the second.");
    other.start();
    let both = |person: &Person, outbox: &str| {
        let folder = person.base.at(outbox);
        let text = |name: &String| fs::read_to_string(folder.join(name)).unwrap_or_default();
        let texts: String = names(&folder).iter().map(text).collect();
        (texts.contains("by the first") && texts.contains("by the second")).then_some(())
    };
    // One gives way, as it happens that they hear of each other, and stays where it was written.
    let people = [(&author, "notes/outbox"), (&other, "together/outbox")];
    let holder = super::until("both texts", || {
        people.iter().find(|(person, outbox)| both(person, outbox).is_some())
    });
    holder.0.until_listed("sync-conflict");
    let text = |person: &Person, outbox: &str| {
        fs::read_to_string(person.base.at(&format!("{outbox}/{ONE}"))).unwrap_or_default()
    };
    super::until("the same for all", || {
        let mine = text(&author, "notes/outbox");
        let same = mine == text(&other, "together/outbox") && mine == text(&reader, "tides/inbox");
        (same && mine.starts_with("One, by the ")).then_some(())
    });
    assert!(both(holder.0, holder.1).is_some());
}

#[test]
#[ignore = "takes seconds"]
fn two_large_channels_that_begin_together_fill_each_with_its_own() {
    let (author, reader) = (Person::new(), Person::new());
    for name in ["tides", "winds"] {
        author.run(&["add", "channel", name]);
        for number in 0..1_500 {
            let text = format!("{name} {number}");
            author.base.write(&format!("{name}/outbox/{}/{number}.md", number % 9), text);
        }
    }
    let links = ["tides", "winds"].map(|name| (name, author.link(name)));
    for (name, link) in &links {
        reader.run(&["subscribe", link, name]);
    }
    for (name, _) in &links {
        let inbox = reader.base.at(&format!("{name}/inbox"));
        reader.until(name, || (names(&inbox).len() == 1_501).then_some(()));
        for file in names(&inbox).iter().filter(|file| *file != "channel.toml") {
            let text = fs::read_to_string(inbox.join(file)).unwrap();
            let number = file.rsplit('/').next().unwrap().trim_end_matches(".md");
            assert_eq!(text, format!("{name} {number}"));
        }
    }
}

#[test]
#[ignore = "takes seconds"]
fn an_author_who_allows_himself_less_undoes_nothing() {
    let (author, reader) = pair();
    let (_, master, _) = author.try_run("yes\n", &["share", "notes", "--with-author"]);
    let mut other = Person::resting("file_bytes = 1000\n");
    let (ok, out, talk) = other.try_run(&master, &["join", "-", "together"]);
    assert!(ok, "{out}{talk}");
    other.start();
    let path = format!("together/outbox/{ONE}");
    other.until_has(&path, "One.");
    let long = format!("One, at length. {}", "x".repeat(5000));
    author.write(&format!("notes/outbox/{ONE}"), &long);
    reader.until_has(&format!("tides/inbox/{ONE}"), &long);
    other.until_listed("not taken: 1.");
    // What he has stays as it is, and is not said to be newer.
    other.write("together/outbox/next.md", "Next.");
    reader.until_has("tides/inbox/next.md", "Next.");
    assert_eq!(fs::read_to_string(author.base.at(&format!("notes/outbox/{ONE}"))).unwrap(), long);
    assert_eq!(fs::read_to_string(other.base.at(&path)).unwrap(), "One.");
    // What he writes there is told to be held back.
    other.write(&path, "One, by another.");
    other.until_listed("Files that cannot be sent: 1");
    other.write("together/outbox/last.md", "Last.");
    reader.until_has("tides/inbox/last.md", "Last.");
    assert_eq!(fs::read_to_string(author.base.at(&format!("notes/outbox/{ONE}"))).unwrap(), long);
}
