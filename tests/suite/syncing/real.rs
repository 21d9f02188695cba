//! Three real Syncthings: a channel that is published, subscribed to, passed on and altered; a
//! conversation. Needs the program `syncthing`, which `tests/run` installs:
//! `cargo test --test suite -- --ignored syncing`.

use super::lab::{Lab, Server, until};
use crate::support::Base;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Somebody with a base folder and a Syncthing.
struct Person {
    base: Base,
    lab: Lab,
}

impl Person {
    fn new() -> Person {
        Person { base: Base::of("-- handbill.toml\n"), lab: Lab::start() }
    }

    fn try_run(&self, words: &[&str]) -> Option<String> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_handbill"));
        command.args(words).current_dir(self.base.path()).env_clear();
        let out = command.env("STHOMEDIR", self.lab.home()).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (said, talk) = (text(&out.stdout), text(&out.stderr));
        assert!(!said.contains(self.lab.key()) && !talk.contains(self.lab.key()));
        out.status.success().then_some(said)
    }

    #[track_caller]
    fn run(&self, words: &[&str]) -> String {
        self.try_run(words).unwrap_or_else(|| panic!("{words:?} failed"))
    }

    /// Returns whether another makes devices known here.
    fn introduced_by(&self, other: &Person) -> bool {
        let device = self.lab.get(&format!("/rest/config/devices/{}", other.lab.id));
        device["introducer"].as_bool().unwrap()
    }

    /// Lets another in as soon as it asks.
    fn let_in(&self, contact: &str, other: &Person) {
        let short = &other.lab.id[..7];
        let words = ["share", contact, "--via", "syncthing", "--accept", short];
        until("it asks", || self.try_run(&words).map(drop));
        self.lab.locate(&other.lab);
    }

    #[track_caller]
    fn until_has(&self, path: &str, text: &str) {
        let has = || fs::read_to_string(self.base.at(path)).is_ok_and(|file| file.contains(text));
        until(&format!("{path}: {text}"), || has().then_some(()));
    }

    /// Waits until `list` says something.
    #[track_caller]
    fn until_listed(&self, part: &str) {
        let mut last = String::new();
        let mut listed = || {
            last = self.run(&["list"]);
            last.contains(part).then_some(())
        };
        let begun = std::time::Instant::now();
        while listed().is_none() {
            assert!(begun.elapsed() < std::time::Duration::from_secs(60), "no `{part}` in: {last}");
        }
    }
}

fn link_of(json: &str) -> String {
    let sheet: Value = serde_json::from_str(json).unwrap();
    sheet["ways"][0]["link"].as_str().unwrap().to_owned()
}

fn name_of(path: &str) -> String {
    Path::new(path.trim()).file_name().unwrap().to_str().unwrap().to_owned()
}

#[test]
#[ignore = "needs the program `syncthing`"]
fn a_channel_is_published_subscribed_to_passed_on_and_an_altered_copy_is_noticed() {
    let (mut author, reader, mut third) = (Person::new(), Person::new(), Person::new());
    author.run(&["add", "channel", "notes"]);
    let address = author.lab.address();
    let words = ["share", "notes", "--via", "syncthing", "--address", &address, "--format", "json"];
    let link = link_of(&author.run(&words));
    for person in [&reader, &third] {
        person.run(&["subscribe", &link, "tides", "--via", "syncthing"]);
        author.let_in("notes", person);
    }
    reader.until_has("tides/inbox/channel.toml", "syncthing:");
    third.until_has("tides/inbox/channel.toml", "syncthing:");

    // A live update, on the page of a running server.
    let server = Server::start(reader.base.path(), Some(reader.lab.home()));
    let first = name_of(&author.run(&["post", "notes", "Low tide at six."]));
    let page = format!("/tides/in/{}.html", first.strip_suffix(".md").unwrap());
    server.until_page(&page, "Low tide at six.");
    server.until_page("/_app/sync", &first);
    author.until_listed("Sent by Syncthing. Devices: 2, connected: 2");
    // Whoever shares it again keeps the link with the address.
    let words = ["share", "notes", "--via", "syncthing", "--format", "json"];
    assert_eq!(link_of(&author.run(&words)), link);

    // The author writes while the third is away, and stops; the second passes it on.
    until("they know each other", || {
        let devices = third.lab.get("/rest/config/devices");
        let devices = devices.as_array().unwrap().clone();
        devices.iter().any(|device| device["deviceID"] == reader.lab.id.as_str()).then_some(())
    });
    // Who passes it on names the author first, and no other reader.
    let words = ["share", "tides", "--via", "syncthing", "--format", "json"];
    let passed_on = link.replacen('?', &format!(",{}?", reader.lab.id), 1);
    assert_eq!(link_of(&reader.run(&words)), passed_on);
    third.lab.stop();
    let second = name_of(&author.run(&["post", "notes", "High tide at noon."]));
    reader.until_has(&format!("tides/inbox/{second}"), "High tide");
    author.lab.stop();
    third.lab.run();
    third.until_has(&format!("tides/inbox/{second}"), "High tide");
    reader.until_listed("connected: 1");

    // Somebody writes into an inbox: it is noticed, and left to the person.
    let altered = reader.base.at(&format!("tides/inbox/{first}"));
    fs::write(&altered, "Another tide.").unwrap();
    reader.lab.send("POST", &scan_of(&link), &Value::Null);
    reader.until_listed("changed, added or deleted here: 1");
    server.until_page("/_app/sync", "Revert Local Changes");
    assert_eq!(fs::read_to_string(&altered).unwrap(), "Another tide.");
    reader.lab.send("POST", &scan_of(&link).replace("scan", "revert"), &json!({}));
    reader.until_has(&format!("tides/inbox/{first}"), "Low tide at six.");
    let said = || server.page("/_app/sync").unwrap_or_default();
    until("all is well", || (!said().contains("Revert Local Changes")).then_some(()));
}

fn scan_of(link: &str) -> String {
    let folder = link.strip_prefix("syncthing:").unwrap().split('@').next().unwrap();
    format!("/rest/db/scan?folder={folder}")
}

#[test]
#[ignore = "needs the program `syncthing`"]
fn a_conversation_goes_both_ways() {
    let (one, two) = (Person::new(), Person::new());
    let link = one.run(&["add", "conversation", "mira", "--via", "syncthing"]);
    let link = format!("{}?address={}", link.trim(), one.lab.address());
    two.run(&["add", "conversation", "odo", "--via", "syncthing", "--link", &link]);
    one.let_in("mira", &two);
    let hello = name_of(&one.run(&["post", "mira", "Hello."]));
    two.until_has(&format!("odo/inbox/{hello}"), "Hello.");
    let answer = name_of(&two.run(&["post", "odo", "Good day."]));
    one.until_has(&format!("mira/inbox/{answer}"), "Good day.");
    one.until_listed("connected: 1");
}

#[test]
#[ignore = "needs the program `syncthing`"]
fn nobody_is_introduced_into_a_conversation() {
    let (author, other, third) = (Person::new(), Person::new(), Person::new());
    // The other reads a channel of the author, who is its introducer by that.
    author.run(&["add", "channel", "notes"]);
    let address = author.lab.address();
    let words = ["share", "notes", "--via", "syncthing", "--address", &address, "--format", "json"];
    let link = link_of(&author.run(&words));
    other.run(&["subscribe", &link, "tides", "--via", "syncthing"]);
    assert!(other.introduced_by(&author), "readers get to know each other");
    author.let_in("notes", &other);
    other.until_has("tides/inbox/channel.toml", "syncthing:");
    // They begin to talk: it is none any more.
    let words = ["add", "conversation", "other", "--via", "syncthing", "--address", &address];
    let begun = author.run(&words);
    let begun = begun.trim();
    other.run(&["add", "conversation", "author", "--via", "syncthing", "--link", begun]);
    assert!(!other.introduced_by(&author), "what is written to one goes to one");
    author.let_in("other", &other);
    let hello = name_of(&author.run(&["post", "other", "Hello."]));
    other.until_has(&format!("author/inbox/{hello}"), "Hello.");
    // A third one has the link and knocks: it is in the channel, and not in the conversation.
    third.run(&["subscribe", &link, "tides", "--via", "syncthing"]);
    author.let_in("notes", &third);
    third.run(&["add", "conversation", "author", "--via", "syncthing", "--link", begun]);
    let id = begun.strip_prefix("syncthing:").unwrap().split('@').next().unwrap();
    until("it asks", || {
        let offers = author.lab.get("/rest/cluster/pending/folders");
        offers[id]["offeredBy"][&third.lab.id].is_object().then_some(())
    });
    for more in [&["--accept", &third.lab.id[..7]][..], &["--accept", &third.lab.id]] {
        let words = [&["share", "other", "--via", "syncthing"][..], more].concat();
        assert_eq!(author.try_run(&words), None);
    }
    author.run(&["share", "other", "--via", "syncthing"]);
    // By the author's own hand it gets in; the other's Syncthing does not follow.
    author.lab.share(id, &third.lab.id);
    author.lab.share(&format!("{id}-answer"), &third.lab.id);
    let answer = name_of(&other.run(&["post", "author", "For you alone."]));
    author.until_has(&format!("other/inbox/{answer}"), "For you alone.");
    std::thread::sleep(std::time::Duration::from_secs(3));
    let folder = other.lab.get(&format!("/rest/config/folders/{id}-answer"));
    let has: Vec<_> = folder["devices"].as_array().unwrap().iter().collect();
    assert!(has.iter().all(|one| one["deviceID"] != third.lab.id.as_str()), "{has:?}");
}
