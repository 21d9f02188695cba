//! What the commands say and refuse, without a running engine.

use super::Person;
use handbill::keys::handbill::{About, Channel, Device, Letter, Link, Master, PEERS, Peer};
use std::fs;

/// Where in a base folder a backup of keys may lie.
const BACKUP: &str = ".handbill/backup.json";

#[track_caller]
fn refused(person: &Person, input: &str, words: &[&str], part: &str) {
    let (ok, out, talk) = person.try_run(input, words);
    assert!(!ok && talk.contains(part), "{words:?}: {out}{talk}");
}

#[test]
fn sharing_gives_a_link_that_stays_the_same() {
    let author = Person::resting("");
    author.run(&["add", "channel", "notes", "--title", "Tide notes"]);
    let one = author.run(&["share", "notes"]);
    let text = one.split_whitespace().last().unwrap();
    let link = Link::parse(text).unwrap();
    assert_eq!(link.about.title, "Tide notes");
    let channel = fs::read_to_string(author.base.at("notes/outbox/channel.toml")).unwrap();
    assert!(channel.contains("transport = \"handbill\"") && channel.contains(text), "{channel}");
    assert_eq!(author.run(&["share", "notes"]), one);
    author.run(&["share", "notes", "--via", "handbill", "--address", "192.0.2.7:4433"]);
    let channel = fs::read_to_string(author.base.at("notes/outbox/channel.toml")).unwrap();
    assert_eq!(channel.matches("handbill:").count(), 1, "{channel}");
    assert!(channel.contains("@192.0.2.7:4433"), "{channel}");
    refused(
        &author,
        "",
        &["share", "notes", "--via", "handbill", "--address", "x:1"],
        "no address",
    );
}

#[test]
fn a_master_key_is_asked_for_twice_and_published_never() {
    let author = Person::resting("");
    author.run(&["add", "channel", "notes"]);
    refused(&author, "", &["share", "notes", "--with-author"], "does not carry");
    author.run(&["share", "notes"]);
    for answer in ["", "y\n", "no\n"] {
        let (ok, out, talk) = author.try_run(answer, &["share", "notes", "--with-author"]);
        assert!(!ok && out.is_empty() && talk.contains("cannot be taken back"), "{out}{talk}");
    }
    let (ok, out, _) = author.try_run("yes\n", &["share", "notes", "--with-author"]);
    let master = out.trim();
    assert!(ok && Master::parse(master).is_ok(), "{out}");
    refused(&author, "", &["share", "notes", "--add", master], "read-only key");
    refused(&author, "", &["subscribe", master, "x"], "read-only key");
    let other = Person::resting("");
    refused(&other, "", &["join", &master[..60], "x"], "no master key");
    let channel = author.base.at("notes/outbox/channel.toml");
    let mut text = fs::read_to_string(&channel).unwrap();
    text.push_str(&format!("\n[[subscribe]]\ntransport = \"handbill\"\nlink = \"{master}\"\n"));
    fs::write(&channel, text).unwrap();
    author.write("notes/outbox/2026-11-20T10-00-00Z.md", format!("Write with me: {master}"));
    // It is built, and says that these files have errors.
    let (ok, _, talk) = author.try_run("", &["build"]);
    assert!(!ok && talk.contains("writing-key") && !talk.contains(master), "{talk}");
    let secret = &master["handbill-master:".len()..][..55];
    for (path, bytes) in
        author.base.edition("public").into_iter().chain(author.base.edition("reader"))
    {
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        assert!(!text.contains(secret), "{path}");
    }
}

#[test]
fn keys_are_private_backed_up_and_taken_over() {
    let author = Person::resting("");
    author.run(&["add", "channel", "notes"]);
    let link = author.run(&["share", "notes"]);
    let (_, found, _) = author.try_run("", &["check"]);
    assert!(found.contains("no-backup"), "{found}");
    author.run(&["keys", "export", BACKUP]);
    refused(&author, "", &["keys", "export", BACKUP], "overwrites nothing");
    let (_, found, _) = author.try_run("", &["check"]);
    assert!(!found.contains("no-backup"), "{found}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        for file in [BACKUP, ".handbill/keys/engine.json"] {
            let mode = fs::metadata(author.base.at(file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
    }
    let other = Person::resting("");
    fs::copy(author.base.at(BACKUP), other.base.at("backup.json")).unwrap();
    other.run(&["keys", "import", "backup.json"]);
    let again = other.run(&["share", "notes", "--via", "handbill"]);
    let channel =
        |text: &str| Link::parse(text.split_whitespace().last().unwrap()).unwrap().channel;
    assert_eq!(channel(&link), channel(&again));
    let device = |text: &str| {
        Link::parse(text.split_whitespace().last().unwrap()).unwrap().about.peers[0].device
    };
    assert_ne!(device(&link), device(&again));
}

#[test]
fn keys_of_a_channel_do_not_open_a_conversation() {
    let author = Person::resting("");
    author.run(&["add", "channel", "aside"]);
    author.run(&["share", "aside"]);
    author.run(&["add", "channel", "mira"]);
    let link = author.run(&["share", "mira"]);
    author.run(&["keys", "export", BACKUP]);
    let import = |other: &Person, part: &str| {
        fs::copy(author.base.at(BACKUP), other.base.at("backup.json")).unwrap();
        refused(other, "", &["keys", "import", "backup.json"], part);
        assert!(!other.base.at("aside").exists(), "half of it was taken");
    };
    let talker = Person::resting("");
    talker.run(&["add", "conversation", "Mira"]);
    import(&talker, "for one alone");
    let reader = Person::resting("");
    reader.run(&["add", "subscription", "mira"]);
    import(&reader, "for one alone");
    let renamed = Person::resting("");
    fs::create_dir_all(renamed.base.at("mira/inbox.old")).unwrap();
    import(&renamed, "for one alone");

    // Nor does the key of a subscription make one of a channel.
    let (reader, writer) = (Person::resting(""), Person::resting(""));
    reader.run(&["subscribe", link.split_whitespace().last().unwrap(), "mira"]);
    reader.run(&["keys", "export", BACKUP]);
    writer.run(&["add", "channel", "mira"]);
    fs::copy(reader.base.at(BACKUP), writer.base.at("backup.json")).unwrap();
    refused(&writer, "", &["keys", "import", "backup.json"], "would be a conversation");
    assert!(!writer.base.at("mira/inbox").exists());
}

#[test]
fn a_conversation_is_not_shared_with_whoever_has_a_key() {
    let person = Person::resting("");
    person.run(&["add", "conversation", "mira"]);
    refused(&person, "", &["share", "mira", "--via", "handbill"], "between two");
    person.run(&["add", "channel", "notes"]);
    fs::create_dir(person.base.at("notes/Inbox (old)")).unwrap();
    refused(&person, "", &["share", "notes"], "looks like an inbox");
    assert!(!person.base.at(".handbill/keys/engine.json").exists());
}

#[test]
fn nothing_gets_into_the_book_that_is_not_read_again() {
    let (author, reader) = (Person::resting(""), Person::resting(""));
    author.run(&["add", "channel", "notes"]);
    fs::create_dir_all(author.base.at("a:b/outbox")).unwrap();
    author.run(&["share", "notes"]);
    refused(&author, "", &["share", "a:b"], "cannot be the name of a contact");
    let scoped = "[fe80::1%3]:4433";
    refused(
        &author,
        "",
        &["share", "notes", "--via", "handbill", "--address", scoped],
        "no address",
    );
    let link = author.run(&["share", "notes"]);
    let link = link.split_whitespace().last().unwrap();
    let peer = Link::parse(link).unwrap().about.peers[0].device.text();
    let bad = link.replace(&peer, &format!("{peer}@[fe80::1%253]:4433"));
    refused(&reader, "", &["subscribe", &bad, "notes"], "copy the link again");
    assert!(!reader.base.at("notes").exists());
    reader.run(&["subscribe", link, "notes"]);
}

#[test]
fn keys_are_written_nowhere_that_others_read() {
    let author = Person::resting("");
    author.run(&["add", "channel", "notes"]);
    author.run(&["share", "notes"]);
    author.run(&["build"]);
    refused(&author, "", &["keys", "export", "notes/outbox/keys.json"], "in a box");
    refused(&author, "", &["keys", "export", "notes/../notes/outbox/keys.json"], "in a box");
    refused(&author, "", &["keys", "export", "_site/public/keys.json"], "in an edition");
    refused(&author, "", &["keys", "export", "keys.json"], "in the base folder");
    refused(&author, "", &["keys", "export", "notes/keys.json"], "`.handbill/`");
    refused(&author, "", &["keys", "export", "nowhere/keys.json"], "no folder");
    #[cfg(unix)]
    {
        let away = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(author.base.at("notes"), away.path().join("link")).unwrap();
        let file = away.path().join("link/outbox/keys.json");
        refused(&author, "", &["keys", "export", file.to_str().unwrap()], "in a box");
        // The public edition lies where a web server has it.
        let public = author.base.at("_site/public");
        fs::rename(&public, away.path().join("www")).unwrap();
        std::os::unix::fs::symlink(away.path().join("www"), &public).unwrap();
        let file = away.path().join("www/keys.json");
        refused(&author, "", &["keys", "export", file.to_str().unwrap()], "in an edition");
        let file = away.path().join("keys.json");
        author.run(&["keys", "export", file.to_str().unwrap()]);
        assert!(file.is_file());
    }
    assert_eq!(super::names(&author.base.at("notes/outbox")), ["channel.toml"]);
}

#[test]
fn subscribing_takes_a_name_from_the_title() {
    let (author, reader) = (Person::resting(""), Person::resting(""));
    author.run(&["add", "channel", "notes", "--title", "Tide notes"]);
    let link = author.run(&["share", "notes"]);
    let link = link.split_whitespace().last().unwrap();
    reader.run(&["subscribe", link]);
    assert!(reader.base.at("tide-notes/inbox").is_dir());
    refused(&reader, "", &["subscribe", link, "other"], "already");
    refused(&reader, "", &["subscribe", &link[..50]], "copy the link again");
    reader.run(&["unsubscribe", "tide-notes"]);
    assert!(reader.base.at("tide-notes/inbox").is_dir());
    refused(&reader, "", &["unsubscribe", "tide-notes"], "does not fill");
    reader.run(&["subscribe", link, "tide-notes"]);
    reader.run(&["unsubscribe", "tide-notes", "--delete"]);
    assert!(!reader.base.at("tide-notes").exists());
    refused(&author, "", &["unsubscribe", "notes"], "channel of your own");
    assert!(author.run(&["share", "notes"]).contains(link), "its key is kept");
}

#[test]
fn a_channel_is_known_again_whoever_its_link_names() {
    let (author, reader) = (Person::resting(""), Person::resting("# Mine.\n"));
    author.run(&["add", "channel", "notes"]);
    author.run(&["add", "channel", "other"]);
    let link = |name: &str| {
        let text = author.run(&["share", name, "--via", "handbill"]);
        Link::parse(text.split_whitespace().last().unwrap()).unwrap()
    };
    let (notes, other) = (link("notes"), link("other").to_string());
    let mut newer = notes.clone();
    newer.about.title = "Renamed".into();
    newer.about.peers.clear();
    let settings = || fs::read_to_string(reader.base.at("handbill.toml")).unwrap();
    let before = settings();
    reader.run(&["subscribe", &notes.to_string(), "tides"]);
    reader.run(&["subscribe", &newer.to_string(), "tides"]);
    assert!(settings().contains(&newer.to_string()));

    // Another channel takes the place of none that is there, and leaves nothing behind.
    refused(&reader, "", &["subscribe", &other, "tides"], "handbill unsubscribe tides");
    refused(&reader, "", &["subscribe", &notes.to_string(), "again"], "carried already");
    assert!(!reader.base.at("again").exists() && settings().contains(&newer.to_string()));
    reader.run(&["unsubscribe", "tides"]);
    assert_eq!(settings(), before);
    reader.write("tides/inbox/old.md", "Of the first.");
    let (ok, _, talk) = reader.try_run("", &["subscribe", &other, "tides"]);
    assert!(ok && talk.contains("files in `tides/inbox` already"), "{talk}");

    // Where the folder is gone, its name is free, and what was carried into it can be ended.
    fs::remove_dir_all(reader.base.at("tides")).unwrap();
    let (_, _, talk) = reader.try_run("", &["list"]);
    assert!(talk.contains("handbill unsubscribe tides"), "{talk}");
    refused(&reader, "", &["subscribe", &other, "again"], "folder is not there");
    reader.run(&["subscribe", &notes.to_string(), "tides"]);
    assert!(reader.base.at("tides/inbox").is_dir() && settings().contains(&notes.to_string()));
    fs::remove_dir_all(reader.base.at("tides")).unwrap();
    reader.run(&["unsubscribe", "tides"]);
    assert_eq!(settings(), before);
    let (_, _, talk) = reader.try_run("", &["list"]);
    assert!(!talk.contains("tides"), "{talk}");
    refused(&reader, "", &["unsubscribe", "tides"], "no contact");
}

#[test]
fn sharing_again_keeps_the_seeds_that_are_recorded() {
    let author = Person::resting("");
    author.run(&["add", "channel", "notes"]);
    let share = |more: &[&str]| {
        let words = [&["share", "notes", "--via", "handbill"], more].concat();
        let text = author.run(&words);
        Link::parse(text.split_whitespace().last().unwrap()).unwrap()
    };
    let link = share(&["--address", "192.0.2.7:4433"]);
    let me = link.about.peers[0].clone();
    assert_eq!(me.addresses.len(), 1);
    let mut more = link.clone();
    let seed = |n| Peer { device: Device([n; 32]), addresses: Vec::new(), relay: None };
    more.about.peers = (1..PEERS).map(|n| seed(u8::try_from(n).unwrap())).collect();
    more.about.peers.push(me.clone());
    author.run(&["share", "notes", "--add", &more.to_string()]);
    for _ in 0..2 {
        let peers = share(&[]).about.peers;
        assert_eq!((peers.len(), &peers[0]), (PEERS, &me));
        assert_eq!(peers[1..], more.about.peers[..PEERS - 1]);
    }
    let channel = fs::read_to_string(author.base.at("notes/outbox/channel.toml")).unwrap();
    assert!(channel.contains(&seed(3).device.text()), "{channel}");
}

#[test]
fn a_letter_brings_nothing_that_is_carried_already() {
    let person = Person::resting("");
    person.run(&["add", "channel", "notes"]);
    let own = person.run(&["share", "notes"]);
    let own = Link::parse(own.split_whitespace().last().unwrap()).unwrap();
    let stranger = Peer { device: Device([9; 32]), addresses: Vec::new(), relay: None };
    let about = About { peers: vec![stranger], title: String::new() };
    let letter = |channel| Letter { channel, to: None, about: about.clone() }.to_string();
    refused(&person, "", &["converse", &letter(own.channel), "mira"], "write yourself in `notes`");
    assert!(!person.base.at("mira").exists());
    let theirs = Channel([7; 32]);
    let answer = person.run(&["converse", &letter(theirs), "odo"]);
    refused(&person, "", &["converse", &letter(theirs), "mira"], "arrives in `odo` already");
    assert!(!person.base.at("mira").exists());
    assert_eq!(person.run(&["converse", &letter(theirs), "odo"]), answer, "again it is the same");
}

#[test]
fn a_channel_whose_folder_is_gone_ends_when_its_key_is_safe() {
    let author = Person::resting("");
    author.run(&["add", "channel", "notes"]);
    author.run(&["share", "notes"]);
    fs::remove_dir_all(author.base.at("notes")).unwrap();
    refused(&author, "", &["unsubscribe", "notes"], "keys export");
    author.run(&["keys", "export", BACKUP]);
    author.run(&["unsubscribe", "notes"]);
    author.run(&["keys", "import", BACKUP]);
    assert!(author.base.at("notes/outbox").is_dir());
}

#[test]
fn a_conversation_ends_when_that_is_meant() {
    let (one, two) = (Person::resting(""), Person::resting(""));
    let invitation = one.run(&["converse", "mira"]);
    let answer = two.run(&["converse", invitation.trim(), "odo"]);
    one.run(&["converse", answer.trim(), "mira"]);
    refused(&one, "", &["unsubscribe", "mira"], "in both directions");
    refused(&one, "", &["unsubscribe", "mira", "--yes", "--delete"], "your own words");
    // It goes on.
    assert_eq!(one.run(&["converse", "mira"]), invitation);
    let (ok, _, talk) = one.try_run("", &["unsubscribe", "mira", "--yes"]);
    assert!(ok && talk.contains("other side keeps"), "{talk}");
    assert!(one.base.at("mira/outbox").is_dir() && one.base.at("mira/inbox").is_dir());
    assert_ne!(one.run(&["converse", "mira"]), invitation);
    // An invitation that nobody has answered ends likewise, without its folder too.
    fs::remove_dir_all(one.base.at("mira")).unwrap();
    one.run(&["unsubscribe", "mira", "--yes"]);
    refused(&one, "", &["unsubscribe", "mira", "--yes"], "no contact");
}

#[test]
fn letters_are_for_conversations() {
    let (one, two) = (Person::resting(""), Person::resting(""));
    let invitation = one.run(&["converse", "mira"]);
    refused(&two, "", &["subscribe", invitation.trim(), "x"], "converse");
    refused(&one, "", &["converse", invitation.trim(), "mira"], "your own letter");
    let answer = two.run(&["converse", invitation.trim(), "odo"]);
    refused(&two, "", &["converse", answer.trim(), "odo"], "your own letter");
    refused(&one, "", &["converse", answer.trim(), "nobody"], "no conversation");
    one.run(&["converse", answer.trim(), "mira"]);
    refused(&one, "", &["share", "mira", "--via", "handbill"], "between two");
    let listed = one.run(&["list"]);
    assert!(listed.contains("conversation"), "{listed}");
}
