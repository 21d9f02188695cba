//! Every way in which Syncthing cannot be asked, or gives an answer that is none.

use super::fake::{Fake, device};
use super::{base, refused, run};
use std::time::{Duration, Instant};

#[test]
fn what_stands_in_the_way_is_said_and_nothing_is_made() {
    let link = format!("syncthing:tides@{}", device(1));
    let check = |fake: &Fake, part: &str| {
        let base = base();
        let before: Vec<_> = crate::support::tree(base.path()).into_keys().collect();
        for words in [
            &["share", "notes", "--via", "syncthing"][..],
            &["subscribe", &link, "tides", "--via", "syncthing"],
            &["add", "conversation", "odo", "--via", "syncthing"],
        ] {
            refused(&base, Some(fake.home()), words, part);
        }
        assert!(crate::support::tree(base.path()).into_keys().eq(before), "{part}");
    };
    let fake = Fake::start();
    let address = format!("127.0.0.1:{}", fake.port());
    fake.settings("enabled=\"true\" tls=\"true\"", &address);
    check(&fake, "Use HTTPS for GUI");
    fake.settings("enabled=\"false\"", &address);
    check(&fake, "without its web page");
    fake.settings("", "192.0.2.1:8384");
    check(&fake, "is not this machine");
    fake.settings("", "/run/syncthing.sock");
    check(&fake, "socket file");
    assert!(fake.world().asked.is_empty(), "the key was sent nowhere");
    // A port at which nobody listens.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    fake.settings("", &free.to_string());
    check(&fake, "is it running?");
    fake.settings("", &address);
    for (status, text, part) in [
        (403, "CSRF Error\n", "does not take the key"),
        (500, "it is \u{1b}[31mbroken\nx", "Syncthing says: it is"),
        (302, "", "refused (302)"),
        (200, "no JSON", "does not know"),
        (200, "[]", "does not know"),
        (200, "{\"myID\":\"nonsense\"}", "does not know"),
    ] {
        fake.world().instead = vec![("/rest/system/status".into(), status, text.into())];
        check(&fake, part);
    }
    std::fs::write(format!("{}/config.xml", fake.home()), "<configuration>").unwrap();
    check(&fake, "cannot be read");
    std::fs::remove_file(format!("{}/config.xml", fake.home())).unwrap();
    check(&fake, "no settings of Syncthing");
}

#[test]
fn an_answer_that_fails_half_way_is_told() {
    let link = format!("syncthing:tides@{}", device(1));
    for path in ["/rest/config/folders", "/rest/config/devices", "/rest/config/folders/tides"] {
        let (base, fake) = (base(), Fake::start());
        fake.world().instead = vec![(path.into(), 500, "no room left".into())];
        let words = ["subscribe", &link, "tides", "--via", "syncthing"];
        refused(&base, Some(fake.home()), &words, "no room left");
        // What was made stays, and the same command goes on with it.
        fake.world().instead.clear();
        assert_eq!(run(&base, Some(fake.home()), "", &words).code, 0, "{path}");
        assert_eq!(fake.others("tides"), [device(1)], "{path}");
    }
}

#[test]
fn list_waits_for_nobody_who_does_not_answer() {
    let (base, fake) = (base(), Fake::start());
    fake.world().slow = Duration::from_secs(60);
    let begun = Instant::now();
    let did = run(&base, Some(fake.home()), "", &["list"]);
    assert!(did.code == 0 && did.out.contains("harbour"), "{did:?}");
    assert!(begun.elapsed() < Duration::from_secs(30));
    // Nothing here comes by Syncthing, so that it does not matter.
    assert!(!did.talk.contains("Syncthing"), "{did:?}");
    base.write(
        "handbill.toml",
        format!("[contact.harbour]\nsubscribe = \"syncthing:t@{}\"\n", device(1)),
    );
    let did = run(&base, Some(fake.home()), "", &["list"]);
    assert!(did.code == 0 && did.talk.contains("Syncthing does not answer"), "{did:?}");
}

#[test]
fn whether_syncthing_matters_is_told_by_what_it_carries() {
    let (base, fake) = (base(), Fake::start());
    let listed = |part: &str| {
        let did = run(&base, Some(fake.home()), "", &["list"]);
        assert!(did.code == 0, "{did:?}");
        did.talk.contains(part)
    };
    fake.world().gone = true;
    fake.folder("elsewhere", &base.at("elsewhere"), "sendreceive", &[]);
    base.write(
        "harbour/inbox/channel.toml",
        format!("[[subscribe]]\ntransport = \"syncthing\"\nlink = \"syncthing:t@{}\"\n", device(1)),
    );
    assert!(!listed("Syncthing"), "what a stranger says of it is no setting of mine");
    fake.folder("mira", &base.at("mira/outbox"), "sendonly", &[]);
    assert!(listed("Syncthing does not answer"), "a conversation has no recorded link");
    // What is wrong is said as it is.
    fake.world().gone = false;
    fake.world().instead = vec![("/rest/system/status".into(), 403, "CSRF Error".into())];
    assert!(listed("does not take the key") && !listed("does not answer"));
    fake.world().instead = vec![("/rest/".into(), 500, "no room left".into())];
    assert!(listed("Syncthing says: no room left"));
    // Who knocks for other things than these folders is nobody's problem here.
    fake.world().instead.clear();
    fake.world().pending_devices = serde_json::json!({ device(8): {} });
    assert!(listed("ask Syncthing to be let in: 1"));
    fake.world().folders.pop();
    assert!(!listed("to be let in"));
}
