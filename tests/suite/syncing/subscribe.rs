//! `handbill subscribe` and `add conversation --via`: what is made, recorded and set up.

use super::fake::{Fake, OWN, device};
use super::{BODY, base, ok, refused, run};
use crate::support::Base;
use serde_json::json;
use std::fs;

fn link() -> String {
    format!("syncthing:tides@{},{}?address=tcp://192.0.2.1:22000", device(1), device(2))
}

#[test]
fn a_key_makes_a_subscription_and_the_step_that_is_left_is_said() {
    let base = Base::of("-- handbill.toml\n# Mine.\n");
    let key = format!("B{BODY}");
    let did = run(&base, None, "", &["subscribe", &key, "tides"]);
    assert_eq!(did.code, 0, "{did:?}");
    assert!(did.talk.contains("Enter a key or link") && did.talk.contains(&key), "{did:?}");
    assert!(did.talk.contains("tides/inbox"), "{did:?}");
    assert!(base.at("tides/inbox").is_dir() && !base.at("tides/outbox").exists());
    let settings = fs::read_to_string(base.at("handbill.toml")).unwrap();
    assert_eq!(settings, format!("# Mine.\n\n[contact.tides]\nsubscribe = \"{key}\"\n"));
    // Again is no mistake; another key for it is one.
    assert_eq!(run(&base, None, "", &["subscribe", &key, "tides"]).code, 0);
    let other = format!("R{BODY}");
    refused(&base, None, &["subscribe", &other, "tides"], "another subscription");
    assert_eq!(fs::read_to_string(base.at("handbill.toml")).unwrap(), settings);
    for (n, (given, part)) in [
        ("https://example.org/notes.git", "git clone https://example.org/notes.git"),
        (
            "rsync://example.org/notes",
            "rsync -a --delete-after --delay-updates rsync://example.org/notes/ ",
        ),
        ("https://example.org/$(x)'.git", "git clone 'https://example.org/$(x)'\\''.git' "),
        (&link(), "--via syncthing"),
    ]
    .into_iter()
    .enumerate()
    {
        let did = run(&base, None, "", &["subscribe", given, &format!("n{n}")]);
        assert!(did.code == 0 && did.talk.contains(part), "{given}: {did:?}");
    }
}

#[test]
fn what_is_refused_leaves_nothing_behind() {
    let base = base();
    let before = crate::support::tree(base.path());
    for (given, name, part) in [
        (format!("A{BODY}"), "tides", "write in somebody's name"),
        (format!("https://example.org/?k=A{BODY}"), "tides", "write in somebody's name"),
        (format!("F{BODY}"), "tides", "not read it"),
        ("nonsense".to_owned(), "tides", "no read-only key"),
        ("gone.html".to_owned(), "tides", "a file that is there"),
        ("https://odo:pw@example.org/n.git".to_owned(), "tides", "log in"),
        ("https://example.org/notes/".to_owned(), "tides", "save the page"),
        (format!("B{BODY}"), "notes", "is a channel"),
        (format!("B{BODY}"), "mira", "is a conversation"),
        (format!("B{BODY}"), "../x", "cannot"),
    ] {
        let did = run(&base, None, "", &["subscribe", &given, name]);
        assert!(did.code == 2 && did.talk.contains(part), "{given}: {did:?}");
        assert!(!did.talk.contains(&format!("A{BODY}")), "{did:?}");
    }
    let after = crate::support::tree(base.path());
    let same = |path: &&String| !path.starts_with(".handbill/");
    assert!(before.keys().filter(same).eq(after.keys().filter(same)));
}

#[test]
fn syncthing_fills_the_inbox_to_receive_only() {
    let (base, fake) = (base(), Fake::start());
    let did = ok(&base, &fake, &["subscribe", &link(), "tides", "--via", "syncthing"]);
    assert!(did.talk.contains(OWN), "whom the author lets in: {did:?}");
    let folder = fake.set_up("tides");
    let inbox = fs::canonicalize(base.at("tides/inbox")).unwrap();
    assert_eq!((&folder["type"], &folder["pullerDelayS"]), (&json!("receiveonly"), &json!(0)));
    assert_eq!(folder["path"], inbox.to_str().unwrap());
    assert_eq!(fake.others("tides"), [device(1), device(2)]);
    let devices = fake.world().devices.clone();
    let known = |n| devices.iter().find(|one| one["deviceID"] == device(n)).unwrap().clone();
    assert_eq!(known(1)["introducer"], true);
    assert_eq!(known(1)["addresses"], json!(["tcp://192.0.2.1:22000", "dynamic"]));
    assert!(known(2)["introducer"] == false && known(2)["addresses"].is_null());
    assert!(known(1)["autoAcceptFolders"] == false && known(2)["autoAcceptFolders"] == false);
    assert_eq!(fs::read_dir(&inbox).unwrap().count(), 0, "nothing is written into an inbox");
    // Again: nothing is changed.
    let changes = fake.changes();
    ok(&base, &fake, &["subscribe", &link(), "tides", "--via", "syncthing"]);
    assert_eq!(fake.changes(), changes);
    let fake = Fake::start();
    ok(&base, &fake, &["subscribe", &link(), "tides", "--via", "syncthing", "--direct"]);
    assert!(!fake.introduces(&device(1)) && !fake.introduces(&device(2)));
    // It was one before: it is told, and no longer.
    let fake = Fake::start();
    fake.device(&device(1), true);
    let words = ["subscribe", &link(), "tides", "--via", "syncthing"];
    ok(&base, &fake, &words);
    assert!(fake.introduces(&device(1)), "what a person has set up stays");
    let did = ok(&base, &fake, &[&words[..], &["--direct"]].concat());
    assert!(did.talk.contains("none any more") && !fake.introduces(&device(1)), "{did:?}");
    let did = ok(&base, &fake, &words);
    assert!(did.talk.contains("as no introducer, and that stays"), "{did:?}");
}

#[test]
fn the_same_channel_is_known_by_another_link() {
    let (base, fake) = (base(), Fake::start());
    ok(&base, &fake, &["subscribe", &link(), "tides", "--via", "syncthing"]);
    let moved = format!("syncthing:tides@{}?address=tcp://192.0.2.9:22000", device(1));
    ok(&base, &fake, &["subscribe", &moved, "tides", "--via", "syncthing"]);
    let settings = fs::read_to_string(base.at("handbill.toml")).unwrap();
    assert!(settings.contains(&moved) && !settings.contains(&link()), "{settings}");
    let other = format!("syncthing:tides@{}", device(2));
    refused(&base, None, &["subscribe", &other, "tides"], "another subscription");
}

#[test]
fn a_conversation_is_not_made_known_by_an_introducer() {
    // Who answers has subscribed to a channel of the other side before.
    let (base, fake) = (Base::of("-- handbill.toml\n"), Fake::start());
    fake.device(&device(1), true);
    let begun = format!("syncthing:talk@{}", device(1));
    let words = ["add", "conversation", "odo", "--via", "syncthing", "--link", &begun];
    let did = ok(&base, &fake, &words);
    assert!(did.talk.contains("it is none any more") && !fake.introduces(&device(1)), "{did:?}");
    // And subscribes to one more: it stays so, even where it was made one by hand since.
    let channel = format!("syncthing:tides@{}", device(1));
    let did = ok(&base, &fake, &["subscribe", &channel, "tides", "--via", "syncthing"]);
    assert!(did.talk.contains("you have a conversation with"), "{did:?}");
    assert!(!fake.introduces(&device(1)));
    fake.world().devices.iter_mut().for_each(|one| one["introducer"] = true.into());
    ok(&base, &fake, &["subscribe", &channel, "tides", "--via", "syncthing"]);
    assert!(!fake.introduces(&device(1)));
    // A link of several devices is none of a conversation; nor does a second one get in.
    let several = format!("{begun},{}", device(2));
    let words = ["add", "conversation", "mira", "--via", "syncthing", "--link", &several];
    refused(&base, Some(fake.home()), &words, "between two");
    let other = format!("syncthing:talk@{}", device(2));
    let words = ["add", "conversation", "odo", "--via", "syncthing", "--link", &other];
    refused(&base, Some(fake.home()), &words, "has it");
    assert_eq!(fake.others("talk"), [device(1)]);
    // The answering side has no link to give away.
    let did = ok(&base, &fake, &["share", "odo", "--via", "syncthing"]);
    assert!(!did.out.contains("syncthing:") && !did.talk.contains("give the link"), "{did:?}");
    assert!(did.talk.contains("lets you in") && did.talk.contains(OWN), "{did:?}");
    let did = ok(&base, &fake, &["add", "conversation", "odo", "--via", "syncthing"]);
    assert!(did.out.is_empty() && did.talk.contains("lets you in"), "{did:?}");
    let did = ok(&base, &fake, &["share", "odo"]);
    assert!(did.talk.contains("Syncthing carries it"), "{did:?}");
    // Who has begun lets in one that was an introducer.
    let (base, fake) = (Base::of("-- handbill.toml\n"), Fake::start());
    let did = ok(
        &base,
        &fake,
        &[
            "add",
            "conversation",
            "mira",
            "--via",
            "syncthing",
            "--address",
            "tcp://192.0.2.1:22000",
        ],
    );
    let link = did.out.trim();
    assert!(link.ends_with("?address=tcp://192.0.2.1:22000"), "{link}");
    let id = link.strip_prefix("syncthing:").unwrap().split('@').next().unwrap().to_owned();
    fake.device(&device(3), true);
    fake.world().pending_folders = json!({ id.clone(): { "offeredBy": { device(3): {} } } });
    let did = run(&base, Some(fake.home()), "y\n", &["share", "mira", "--via", "syncthing"]);
    assert!(did.code == 0 && did.talk.contains("it is none any more"), "{did:?}");
    assert!(!fake.introduces(&device(3)) && fake.others(&id) == [device(3)]);
}

#[test]
fn what_is_set_up_otherwise_stays() {
    let (base, fake) = (base(), Fake::start());
    fake.folder("other", &base.at("harbour/inbox"), "receiveonly", &[]);
    let words = ["subscribe", &link(), "harbour", "--via", "syncthing"];
    refused(&base, Some(fake.home()), &words, "with the folder `other`");
    let (base, fake) = (super::base(), Fake::start());
    fake.folder("tides", &base.at("harbour/inbox"), "sendreceive", &[]);
    refused(&base, Some(fake.home()), &words, "would go to everybody");
    let own = format!("syncthing:tides@{OWN}");
    let (base, fake) = (super::base(), Fake::start());
    let words = ["subscribe", &own, "tides", "--via", "syncthing"];
    refused(&base, Some(fake.home()), &words, "this very device");
    let key = format!("B{BODY}");
    let words = ["subscribe", &key, "tides2", "--via", "syncthing"];
    refused(&base, Some(fake.home()), &words, "not for Syncthing");
}

#[test]
fn a_saved_page_says_how_to_subscribe() {
    let author = base();
    let key = format!("B{BODY}");
    let channel = format!(
        "id = \"7a4f2b0e-9d0c-4c57-8c7a-0d2f5d0a6b11\"\ntitle = \"Tide & \\\"notes\\\"\"\n[[subscribe]]\ntransport = \"resilio\"\nkey = \"{key}\"\n\
         [[subscribe]]\ntransport = \"syncthing\"\nlink = \"{}\"\n",
        link()
    );
    author.write("notes/outbox/channel.toml", channel);
    author.build();
    let reader = Base::of("-- handbill.toml\n");
    let page = author.page("public/notes/index.html");
    reader.write("page.html", &page);
    let did = run(&reader, None, "", &["subscribe", "page.html", "tides"]);
    assert_eq!(did.code, 0, "{did:?}");
    assert!(did.talk.contains(&format!("syncthing too: {}", link())), "{did:?}");
    let settings = || fs::read_to_string(reader.at("handbill.toml")).unwrap();
    assert!(
        settings().contains(&format!("[contact.tides]\nsubscribe = \"{key}\"")),
        "{}",
        settings()
    );
    let fake = Fake::start();
    ok(&reader, &fake, &["subscribe", "page.html", "by-syncthing", "--via", "syncthing"]);
    assert_eq!(fake.others("tides"), [device(1), device(2)]);
    // The code on the page is the one that a phone scans, and has words beside it.
    assert!(page.contains("<svg class=\"qr\"") && page.contains("aria-label=\"QR code: btsync://"));
    // Its feeds say it too; one that says nothing of it says where the page is.
    for feed in ["feed.xml", "feed.json"] {
        let text = author.page(&format!("public/notes/{feed}"));
        assert!(!text.contains("A2C"), "{text}");
        reader.write(feed, text);
        let did = run(&reader, None, "", &["subscribe", feed, &feed.replace('.', "-")]);
        assert!(
            did.code == 0 && did.talk.contains(&format!("syncthing too: {}", link())),
            "{did:?}"
        );
        assert_eq!(settings().matches(&key).count(), if feed == "feed.xml" { 2 } else { 3 });
    }
    author.write("notes/outbox/channel.toml", "title = \"Tide\"\n");
    author.build();
    for feed in ["feed.xml", "feed.json"] {
        reader.write(feed, author.page(&format!("public/notes/{feed}")));
        refused(&reader, None, &["subscribe", feed, "x"], "https://example.org/notes/");
    }
    assert!(!reader.at("x").exists());
}

#[test]
fn of_a_hostile_page_nothing_is_taken_but_keys() {
    let reader = Base::of("-- handbill.toml\n");
    let writing = format!("A{BODY}");
    reader.write("bad.html", format!("<p data-subscribe=resilio data-key={writing}><p>B{BODY}"));
    let did = run(&reader, None, "", &["subscribe", "bad.html", "x"]);
    assert!(did.code == 2 && did.talk.contains("names no way"), "{did:?}");
    assert!(did.talk.contains("gives away a key") && !did.talk.contains(BODY), "{did:?}");
    reader.write(
        "odd.html",
        "<p data-subscribe='\u{1b}[31m' data-link='https://example.org/\u{202e}x'>",
    );
    assert_eq!(run(&reader, None, "", &["subscribe", "odd.html", "x"]).code, 2);
    // One that only says that it is for Syncthing.
    reader.write("false.html", "<p data-subscribe=syncthing data-link='https://example.org/x'>");
    for via in [&["--via", "syncthing"][..], &[]] {
        let words = [&["subscribe", "false.html", "x"], via].concat();
        refused(&reader, Some(Fake::start().home()), &words, "names no way");
    }
    reader.write("none.html", "\0\u{1}");
    assert_eq!(run(&reader, None, "", &["subscribe", "none.html", "x"]).code, 2);
    assert!(!reader.at("x").exists());
}

#[test]
fn a_conversation_is_set_up_from_both_sides() {
    let (one, two) = (Base::of("-- handbill.toml\n"), Base::of("-- handbill.toml\n"));
    let (first, second) = (Fake::start(), Fake::start());
    let did = ok(&one, &first, &["add", "conversation", "mira", "--via", "syncthing"]);
    let link = did.out.trim().to_owned();
    let id = link.strip_prefix("syncthing:").unwrap().split('@').next().unwrap().to_owned();
    let answer = format!("{id}-answer");
    assert_eq!(first.set_up(&id)["type"], "sendonly");
    assert_eq!(first.set_up(&answer)["type"], "receiveonly");
    let path = fs::canonicalize(one.at("mira/inbox")).unwrap();
    assert_eq!(first.set_up(&answer)["path"], path.to_str().unwrap());
    // Both fakes have one id: the other side sees another device.
    let theirs = link.replace(OWN, &device(1));
    let words = ["add", "conversation", "odo", "--via", "syncthing", "--link", &theirs];
    ok(&two, &second, &words);
    let path = fs::canonicalize(two.at("odo/inbox")).unwrap();
    assert_eq!(second.set_up(&id)["path"], path.to_str().unwrap());
    assert_eq!(second.set_up(&id)["type"], "receiveonly");
    assert_eq!(second.set_up(&answer)["type"], "sendonly");
    assert_eq!((second.others(&id), second.others(&answer)), (vec![device(1)], vec![device(1)]));
    assert!(!second.introduces(&device(1)));
    refused(&two, Some(second.home()), &[&words[..6], &[&link]].concat(), "your own link");
    // The first lets the second in, and nobody else.
    let share = ["share", "mira", "--via", "syncthing"];
    refused(
        &one,
        Some(first.home()),
        &[&share[..], &["--accept-all"]].concat(),
        "you and one other",
    );
    first.world().pending_devices = json!({ device(5): { "name": "", "address": "" }, device(6): { "name": "", "address": "" } });
    let did = run(&one, Some(first.home()), "y\ny\n", &[&share[..], &["--wait"]].concat());
    assert_eq!((did.code, did.talk.matches("[y/N]").count()), (0, 1), "{did:?}");
    let let_in = first.others(&id);
    assert_eq!((let_in.len(), first.others(&answer)), (1, let_in.clone()));
    // Nor later: not whoever asks, and not whoever is named.
    let did = run(&one, Some(first.home()), "y\ny\n", &share);
    assert!(did.code == 0 && did.talk.contains("nobody else gets it"), "{did:?}");
    for other in [device(5), device(6), device(7)].iter().filter(|one| **one != let_in[0]) {
        for accept in [&**other, &other[..7]] {
            let words = [&share[..], &["--accept", accept]].concat();
            refused(&one, Some(first.home()), &words, "has it");
        }
    }
    let (five, six) = (device(5), device(6));
    let both = [&share[..], &["--accept", &five, "--accept", &six]].concat();
    refused(&one, Some(first.home()), &both, "name one device");
    assert_eq!((first.others(&id), first.others(&answer)), (let_in.clone(), let_in.clone()));
    // What was only half done is done.
    first.world().folders.iter_mut().find(|one| one["id"] == answer).unwrap()["devices"] =
        json!([{ "deviceID": OWN }]);
    ok(&one, &first, &share);
    assert_eq!(first.others(&answer), let_in);
    // The link is private: it is in no channel.toml.
    let channel = fs::read_to_string(one.at("mira/outbox/channel.toml")).unwrap();
    assert!(!channel.contains("syncthing:"), "{channel}");
}
