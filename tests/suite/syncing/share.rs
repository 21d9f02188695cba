//! `handbill share`: what is recorded, shown and refused, and who is let in.

use super::fake::{Fake, OWN, device};
use super::{BODY, NOTES, base, ok, refused, run};
use serde_json::{Value, json};
use std::fs;

#[test]
fn a_way_is_recorded_by_its_form_and_shown() {
    let base = base();
    let key = format!("B{BODY}");
    let did = run(&base, None, "", &["share", "notes", "--add", &key, "--qr"]);
    assert_eq!(did.code, 0, "{did:?}");
    assert!(did.out.contains("feed reader  https://example.org/notes/feed.xml"), "{did:?}");
    assert!(did.out.contains(&format!("resilio, key  {key}")) && did.out.contains('▀'), "{did:?}");
    let channel = fs::read_to_string(base.at("notes/outbox/channel.toml")).unwrap();
    assert!(
        channel.contains(&format!("[[subscribe]]\ntransport = \"resilio\"\nkey = \"{key}\"\n"))
    );
    let again = run(&base, None, "", &["share", "notes", "--add", &format!("btsync://{key}?n=x")]);
    assert!(again.talk.contains("says it already"), "{again:?}");
    assert!(!again.out.contains('▀'), "no code where nobody looks");
    assert_eq!(fs::read_to_string(base.at("notes/outbox/channel.toml")).unwrap(), channel);
    let json = run(&base, None, "", &["share", "NOTES", "--format", "json"]).out;
    let sheet: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(sheet["feed"], "https://example.org/notes/feed.xml");
    assert_eq!(sheet["ways"][0]["scan"], format!("btsync://{key}?n=Tide%20notes"));
    // Nothing is left beside it in the box.
    assert_eq!(fs::read_dir(base.at("notes/outbox")).unwrap().count(), 2);
}

#[test]
fn what_must_not_be_given_away_is_refused_and_never_repeated() {
    let base = base();
    let before = fs::read_to_string(base.at("notes/outbox/channel.toml")).unwrap();
    for (given, part) in [
        (format!("A{BODY}"), "write in somebody's name"),
        (format!("d{BODY}").to_lowercase(), "write in somebody's name"),
        (format!("btsync://D{BODY}"), "write in somebody's name"),
        ("handbill-master:s3cr3t".to_owned(), "write in somebody's name"),
        (format!("F{BODY}"), "not read it"),
        (format!("C{BODY}"), "once"),
        (format!("syncthing:notes@{}", OWN.replace("P56", "P57")), "letter of the device"),
        ("https://example.org/x".to_owned(), "--tool"),
        ("nonsense".to_owned(), "no read-only key"),
        ("https://odo:s3cr3t@example.org/n.git".to_owned(), "log in"),
    ] {
        let did = run(&base, None, "", &["share", "notes", "--add", &given]);
        assert!(did.code == 2 && did.talk.contains(part), "{given}: {did:?}");
        let all = format!("{}{}", did.out, did.talk).to_lowercase();
        assert!(!all.contains(&BODY.to_lowercase()) && !all.contains("s3cr3t"), "{did:?}");
    }
    refused(
        &base,
        None,
        &["share", "harbour", "--add", &format!("B{BODY}")],
        "no channel of your own",
    );
    refused(
        &base,
        None,
        &["share", "mira", "--add", &format!("B{BODY}")],
        "no channel of your own",
    );
    assert_eq!(fs::read_to_string(base.at("notes/outbox/channel.toml")).unwrap(), before);
}

#[test]
fn what_is_said_of_a_subscription_without_a_key_can_be_done() {
    let base = base();
    let said = run(&base, None, "", &["share", "harbour"]).talk;
    assert!(
        said.contains("handbill subscribe KEY|LINK harbour") && !said.contains("--add"),
        "{said}"
    );
}

#[test]
fn the_page_says_of_each_tool_what_happens_while_the_author_is_offline() {
    let base = base();
    for given in [&*format!("B{BODY}"), "git@example.org:notes.git", "rsync://example.org/notes"] {
        let did = run(&base, None, "", &["share", "notes", "--add", given]);
        assert!(did.code == 0 && did.out.contains(given), "{did:?}");
    }
    base.build();
    let page = base.page("public/notes/index.html");
    assert_eq!(page.matches("<div data-subscribe=").count(), 3, "{page}");
    assert_eq!(page.matches("author is offline").count(), 1 + 3, "{page}");
}

#[test]
fn an_address_is_recorded_with_its_tool() {
    let base = base();
    let words = ["share", "notes", "--add", "https://example.org/dav/notes", "--tool", "webdav"];
    assert!(
        run(&base, None, "", &words).out.contains("webdav, link  https://example.org/dav/notes")
    );
}

#[test]
fn a_channel_is_shared_to_send_only_and_its_link_is_recorded() {
    let (base, fake) = (base(), Fake::start());
    let words = ["share", "notes", "--via", "syncthing", "--address", "tcp://192.0.2.1:22000"];
    let did = ok(&base, &fake, &words);
    let link = format!("syncthing:{NOTES}@{OWN}?address=tcp://192.0.2.1:22000");
    assert!(did.out.contains(&format!("syncthing, link  {link}\n")), "{did:?}");
    let folder = fake.set_up(NOTES);
    let outbox = fs::canonicalize(base.at("notes/outbox")).unwrap();
    assert_eq!((&folder["type"], &folder["label"]), (&json!("sendonly"), &json!("Tide notes")));
    assert_eq!(folder["path"], outbox.to_str().unwrap());
    let channel = fs::read_to_string(base.at("notes/outbox/channel.toml")).unwrap();
    assert!(
        channel
            .ends_with(&format!("[[subscribe]]\ntransport = \"syncthing\"\nlink = \"{link}\"\n"))
    );
    // Again: nothing is changed, and the link that is recorded is the one that is shown.
    let changes = fake.changes();
    let did = ok(&base, &fake, &["share", "notes", "--via", "syncthing"]);
    assert!(did.out.contains(&format!("syncthing, link  {link}\n")), "{did:?}");
    assert_eq!(fake.changes(), changes);
    let again = || fs::read_to_string(base.at("notes/outbox/channel.toml")).unwrap();
    assert_eq!(again(), channel);
    // Another address takes its place.
    let words = [&words[..5], &["tcp://192.0.2.2:22000"]].concat();
    ok(&base, &fake, &words);
    assert_eq!(again(), channel.replace("192.0.2.1", "192.0.2.2"));
    refused(
        &base,
        Some(fake.home()),
        &[&words[..5], &["ftp://x"]].concat(),
        "no address of a device",
    );
}

#[test]
fn a_link_of_another_device_is_not_replaced_in_silence() {
    let (base, fake) = (base(), Fake::start());
    let other = format!("syncthing:{NOTES}@{}", device(4));
    run(&base, None, "", &["share", "notes", "--add", &other]);
    let did = ok(&base, &fake, &["share", "notes", "--via", "syncthing"]);
    assert!(did.talk.contains(&other) && did.talk.contains("replaced"), "{did:?}");
    // One that names both stays.
    let both = format!("{other},{OWN}");
    run(&base, None, "", &["share", "notes", "--add", &both]);
    let did = ok(&base, &fake, &["share", "notes", "--via", "syncthing"]);
    assert!(did.out.contains(&both) && !did.talk.contains("replaced"), "{did:?}");
}

#[test]
fn a_folder_that_was_set_up_by_hand_is_used_as_it_is() {
    let (base, fake) = (base(), Fake::start());
    fake.folder("my-notes", &base.at("notes/outbox"), "sendonly", &[]);
    let did = ok(&base, &fake, &["share", "notes", "--via", "syncthing"]);
    assert!(did.out.contains(&format!("syncthing:my-notes@{OWN}")), "{did:?}");
    assert_eq!(fake.changes(), Vec::<String>::new());
}

#[test]
fn a_folder_into_which_others_can_write_is_not_given_away() {
    for kind in ["sendreceive", "receiveonly", "receiveencrypted"] {
        let (base, fake) = (base(), Fake::start());
        fake.folder("my-notes", &base.at("notes/outbox"), kind, &[]);
        refused(
            &base,
            Some(fake.home()),
            &["share", "notes", "--via", "syncthing"],
            "write in your name",
        );
        let channel = fs::read_to_string(base.at("notes/outbox/channel.toml")).unwrap();
        assert!(!channel.contains("subscribe") && fake.changes().is_empty());
    }
    let (base, fake) = (base(), Fake::start());
    fake.folder(NOTES, &base.at("elsewhere"), "sendonly", &[]);
    refused(&base, Some(fake.home()), &["share", "notes", "--via", "syncthing"], "has the folder");
    let (base, fake) = (super::base(), Fake::start());
    fake.folder("a folder/?", &base.at("notes/outbox"), "sendonly", &[]);
    refused(
        &base,
        Some(fake.home()),
        &["share", "notes", "--via", "syncthing"],
        "fits into no link",
    );
}

/// Returns a Syncthing at which two devices ask: one unknown, one known that wants the folder.
fn knocked_at() -> Fake {
    let fake = Fake::start();
    let (one, two) = (device(1), device(2));
    {
        let mut world = fake.world();
        world.pending_devices =
            json!({ one: { "name": "\u{1b}[31mOdo\u{202e}", "address": "192.0.2.7:22000" } });
        world.pending_folders = json!({ NOTES: { "offeredBy": { two.clone(): {} } } });
        world.devices.push(json!({ "deviceID": two, "name": "Mira" }));
    }
    fake
}

#[test]
fn who_asks_is_let_in_after_a_question() {
    let (base, fake) = (base(), knocked_at());
    let words = ["share", "notes", "--via", "syncthing"];
    for no in ["", "n\nno\n", "\n\n", "yellow\nx\n"] {
        let did = run(&base, Some(fake.home()), no, &words);
        assert!(did.talk.contains("Let it have `notes`? [y/N]"), "{did:?}");
        assert!(did.talk.contains(&format!("--accept {}", &device(1)[..7])), "{did:?}");
        assert!(!did.talk.contains('\u{1b}') && !did.talk.contains('\u{202e}'), "{did:?}");
        assert_eq!(fake.others(NOTES), Vec::<String>::new(), "{no:?}");
    }
    let did = run(&base, Some(fake.home()), "n\ny\n", &words);
    assert!(did.talk.contains("Odo") && did.talk.contains("192.0.2.7:22000"), "{did:?}");
    assert_eq!(fake.others(NOTES), [device(2)], "{did:?}");
    let did = run(&base, Some(fake.home()), "Yes\n", &words);
    assert!(did.talk.contains(&format!("{} (", device(1))), "{did:?}");
    assert_eq!(fake.others(NOTES), [device(2), device(1)]);
    let known =
        fake.world().devices.iter().find(|one| one["deviceID"] == device(1)).cloned().unwrap();
    assert_eq!(known["introducer"], false, "a reader introduces nobody: {known}");
    assert_eq!(known["autoAcceptFolders"], false, "nor does it give anything: {known}");
    assert!(!known["name"].as_str().unwrap().contains('\u{1b}'), "{known}");
}

#[test]
fn devices_are_let_in_by_name_or_all() {
    let (base, fake) = (base(), knocked_at());
    let words = ["share", "notes", "--via", "syncthing"];
    let with = |more: &[&str]| run(&base, Some(fake.home()), "", &[&words[..], more].concat());
    let (one, two, three) = (device(1), device(2), device(3));
    let did = with(&["--accept", &two[..7].to_lowercase()]);
    assert_eq!((did.code, fake.others(NOTES)), (0, vec![two.clone()]), "{did:?}");
    // One that has not asked yet, by its whole id.
    let did = with(&["--accept", &three]);
    assert_eq!((did.code, fake.others(NOTES)), (0, vec![two.clone(), three.clone()]), "{did:?}");
    for (wrong, part) in [
        ("AAAAAAA", "no device that begins with"),
        ("AAAA", "is no device"),
        (&three[..60], "is no device"),
    ] {
        let did = with(&["--accept", wrong]);
        assert!(did.code == 2 && did.talk.contains(part), "{wrong}: {did:?}");
    }
    // One that is wrong: nobody is let in.
    let did = with(&["--accept", &one, "--accept", "AAAA"]);
    assert_eq!((did.code, fake.others(NOTES)), (2, vec![two.clone(), three.clone()]), "{did:?}");
    assert_eq!(with(&["--accept-all"]).code, 0);
    assert_eq!(fake.others(NOTES), [two, three, one]);
    fake.world().pending_folders = json!({});
    let did = with(&[]);
    assert!(did.talk.contains("nobody asks now; run it again, or add `--wait`"), "{did:?}");
}

#[test]
fn an_open_channel_lets_in_who_comes_later() {
    let (base, fake) = (base(), Fake::start());
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_handbill"));
    command.args(["share", "notes", "--via", "syncthing", "--accept-all", "--wait"]);
    command.current_dir(base.path()).env_clear().env("STHOMEDIR", fake.home());
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let mut child = command.spawn().unwrap();
    super::lab::until("the folder", || (!fake.world().folders.is_empty()).then_some(()));
    for n in [1, 2] {
        fake.world().pending_devices = json!({ device(n): { "name": "", "address": "" } });
        // Syncthing is started anew meanwhile.
        fake.world().gone = true;
        std::thread::sleep(std::time::Duration::from_millis(1500));
        fake.world().gone = false;
        super::lab::until("it is let in", || fake.others(NOTES).contains(&device(n)).then_some(()));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_list_that_another_changes_at_the_same_time_is_seen() {
    let (base, fake) = (base(), knocked_at());
    ok(&base, &fake, &["share", "notes", "--via", "syncthing"]);
    // It takes the change, and says the old list all the same.
    let folder = fake.set_up(NOTES).to_string();
    fake.world().instead.push((format!("/rest/config/folders/{NOTES}"), 200, folder));
    let words = ["share", "notes", "--via", "syncthing", "--accept-all"];
    refused(&base, Some(fake.home()), &words, "does not keep the list");
}

#[test]
fn a_subscription_is_passed_on_by_whoever_has_it() {
    let (base, fake) = (base(), Fake::start());
    let author = device(9);
    refused(&base, Some(fake.home()), &["share", "harbour", "--via", "syncthing"], "does not fill");
    fake.folder("tides", &base.at("harbour/inbox"), "receiveonly", &[&author]);
    fake.world().pending_folders = json!({ "tides": { "offeredBy": { device(2): {} } } });
    let before = crate::support::tree(&base.at("harbour"));
    let did = ok(&base, &fake, &["share", "harbour", "--via", "syncthing", "--accept-all"]);
    assert!(did.out.contains(&format!("syncthing:tides@{author},{OWN}")), "{did:?}");
    assert_eq!(fake.others("tides"), [author.clone(), device(2)]);
    assert!(crate::support::tree(&base.at("harbour")) == before, "an inbox is never written into");
    // Now there are several, and it is recorded who publishes: that one comes first, and who only
    // reads is not given away.
    let link = format!("syncthing:tides@{author}?address=tcp://192.0.2.1:22000");
    base.write("handbill.toml", format!("[contact.Harbour]\nsubscribe = \"{link}\"\n"));
    let did = ok(&base, &fake, &["share", "harbour", "--via", "syncthing"]);
    let passed_on = link.replacen('?', &format!(",{OWN}?"), 1);
    assert!(did.out.contains(&passed_on) && !did.out.contains(&device(2)), "{did:?}");
    let words = ["share", "harbour", "--via", "syncthing", "--address", "tcp://192.0.2.2:22000"];
    refused(&base, Some(fake.home()), &words, "somebody else's");
}

#[test]
fn what_is_recorded_is_shown_as_it_stands() {
    let base = base();
    base.write("handbill.toml", "[contact.harbour]\nsubscribe = \"ask Odo for it\"\n");
    let did = run(&base, None, "", &["share", "harbour", "--qr"]);
    assert!(did.out.contains("ask Odo for it") && !did.talk.contains("not recorded"), "{did:?}");
    base.write("handbill.toml", format!("[contact.harbour]\nsubscribe = \"A{BODY}\"\n"));
    let did = run(&base, None, "", &["share", "harbour", "--qr"]);
    assert!(!did.out.contains(BODY) && !did.talk.contains(BODY), "{did:?}");
}

#[test]
fn a_key_that_writes_is_repeated_nowhere() {
    let base = base();
    let key = format!("A{BODY}");
    let feeds = format!(
        "<opml version=\"2.0\" xmlns:folder=\"urn:uuid:3b0d8f5e-6c1f-5a52-8c34-1f6a1f0b7d29\"><body>\
         <outline type=\"rss\" text=\"{key}\" xmlUrl=\"https://example.org/{key}/\" folder:key=\"{key}\"/>\
         </body></opml>"
    );
    base.write("feeds.opml", feeds);
    let before = fs::read_to_string(base.at("notes/outbox/channel.toml")).unwrap();
    let add = ["add", "channel", "zz", "--title"];
    for words in [
        &["import", "opml", "feeds.opml"][..],
        &["share", "notes", "--add", "https://example.org/", "--tool", &key],
        &[&add[..], &[&key]].concat(),
        &["add", "channel", &key],
        &["add", "channel", "yy", "--language", &key],
        &["post", &key, "x"],
        &["post", "notes", "x", "--reply-to", &key],
        &["post", "notes", "x", "--tag", &key],
        &["timeline", "--contact", &key],
        &["public", "add", &key],
        &["public", "remove", &key, "--no-build"],
        &["share", &key],
        &["subscribe", &key, "zz"],
        &["subscribe", "https://example.org/x", &key],
        &["list", "--format", &key],
        &["frobnicate", &key],
        &[&key],
    ] {
        let did = run(&base, None, "", words);
        assert!(!did.out.contains(BODY) && !did.talk.contains(BODY), "{words:?}: {did:?}");
    }
    assert!(!base.at("zz").exists() && !base.at(&key).exists());
    assert_eq!(fs::read_to_string(base.at("notes/outbox/channel.toml")).unwrap(), before);
    // Where one stands there already, nothing more is written beside it.
    base.write("notes/outbox/channel.toml", format!("title = \"{key}\"\n"));
    let words = ["share", "notes", "--add", "https://example.org/n.git"];
    refused(&base, None, &words, "take such a key out");
}
