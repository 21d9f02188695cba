//! What the pages of the server, and `list`, say of Syncthing.

use super::fake::{Fake, device};
use super::lab::{Process, ask, free_port, until};
use super::{base, ok, run};
use crate::support::{Base, tree};
use serde_json::{Value, json};
use std::process::{Command, Stdio};

/// Sets up a Syncthing that carries the boxes of a base folder.
fn carrying(base: &Base) -> Fake {
    let fake = Fake::start();
    fake.folder("notes", &base.at("notes/outbox"), "sendonly", &[&device(1), &device(2)]);
    fake.folder("harbour", &base.at("harbour/inbox"), "receiveonly", &[&device(3)]);
    fake.folder("photos", &base.at("elsewhere"), "sendreceive", &[]);
    fake.world().connections = json!({ "connections": { device(1): { "connected": true }, device(2): { "connected": false } } });
    fake.world().stats = json!({ "harbour": { "lastFile":
        { "filename": "2026-11-19T10-00-00Z\u{202e}.md", "at": "2026-11-20T08:15:30+01:00" } } });
    fake
}

#[test]
fn list_says_how_it_stands() {
    let base = base();
    let fake = carrying(&base);
    let did = ok(&base, &fake, &["list"]);
    assert!(did.out.contains("Sent by Syncthing. Devices: 2, connected: 1"), "{did:?}");
    assert!(did.out.contains(
        "Received by Syncthing. Devices: 1, connected: 0; last file: 2026-11-19T10-00-00Z"
    ));
    assert!(did.out.contains("2026-11-20 08:15") && !did.out.contains('\u{202e}'), "{did:?}");
    assert!(did.talk.is_empty(), "{did:?}");
    let check = |status: Value, part: &str| {
        fake.world().status = status;
        let did = ok(&base, &fake, &["list"]);
        assert!(did.out.contains(part), "{part}: {did:?}");
    };
    check(json!({ "state": "syncing", "needTotalItems": 7 }), "still to come: 7");
    check(json!({ "state": "scanning" }), "looking at the files");
    check(
        json!({ "state": "error", "error": "folder marker missing" }),
        "does not go on: folder marker missing",
    );
    check(json!({ "state": "idle", "pullErrors": 3 }), "cannot fetch some files: 3");
    check(
        json!({ "state": "idle", "receiveOnlyTotalItems": 2 }),
        "changed, added or deleted here: 2",
    );
    check(
        json!({ "state": "idle", "receiveOnlyChangedDeletes": 1 }),
        "changed, added or deleted here: 1",
    );
    fake.world().status = json!({ "state": "idle", "receiveOnlyTotalItems": 2 });
    fake.world().pending_devices = json!({ device(8): {} });
    fake.world().pending_folders = json!({ "notes": { "offeredBy": { device(2): {} } } });
    let did = ok(&base, &fake, &["list"]);
    let page = format!("Syncthing's page: http://127.0.0.1:{}/", fake.port());
    assert!(did.out.contains("“Revert Local Changes”") && did.out.contains(&page), "{did:?}");
    assert!(
        did.out.contains("ask for it: 1. To let them in: handbill share notes --via"),
        "{did:?}"
    );
    assert!(did.talk.contains("ask Syncthing to be let in: 1"), "{did:?}");
    let json = ok(&base, &fake, &["list", "--format", "json"]).out;
    let list: Value = serde_json::from_str(&json).unwrap();
    let harbour = list["contacts"].as_array().unwrap().iter().find(|one| one["name"] == "harbour");
    let altered = &harbour.unwrap()["sync"][1];
    assert_eq!(altered["problem"], true);
    assert_eq!(altered["link"], format!("http://127.0.0.1:{}/", fake.port()));
    assert!(!json.contains("photos"), "what is elsewhere is not of this folder");
    assert!(fake.changes().is_empty(), "it is looked at, and nothing is pressed");
    // Without a Syncthing nothing is said of it.
    let did = run(&base, None, "", &["list"]);
    assert!(!did.out.contains("Syncthing") && did.talk.is_empty(), "{did:?}");
}

#[test]
fn of_a_conversation_it_is_said_which_box() {
    let (base, fake) = (base(), Fake::start());
    fake.folder("mira", &base.at("mira/outbox"), "sendonly", &[]);
    fake.folder("mira-answer", &base.at("mira/inbox"), "receiveonly", &[]);
    fake.world().pending_folders = json!({
        "mira": { "offeredBy": { device(2): {} } },
        "mira-answer": { "offeredBy": { device(2): {} } },
    });
    fake.world().stats = json!({ "mira-answer": { "lastFile":
        { "filename": "gone.md", "at": "2026-11-20T08:15:30+01:00", "deleted": true } } });
    let did = ok(&base, &fake, &["list"]);
    for line in ["inbox: In Syncthing, with no", "outbox: In Syncthing, with no"] {
        assert!(did.out.contains(line), "{did:?}");
    }
    assert_eq!(did.out.matches("Devices that ask for it: 1").count(), 1, "{did:?}");
    assert!(!did.out.contains("gone.md"), "what was deleted has not arrived: {did:?}");
}

struct Served {
    _process: Process,
    port: u16,
}

impl Served {
    fn start(base: &Base, home: &str) -> Served {
        let port = free_port();
        let mut command = Command::new(env!("CARGO_BIN_EXE_handbill"));
        command.args(["serve", "--quiet", "--port", &port.to_string()]).arg(base.path());
        command.env_clear().env("STHOMEDIR", home).stderr(Stdio::null());
        let served = Served { _process: Process(command.spawn().unwrap()), port };
        until("the server", || served.get("/harbour/").map(drop));
        served
    }

    fn get(&self, path: &str) -> Option<String> {
        let (status, body) = ask(self.port, "", "GET", path, "")?;
        (status == 200).then_some(body)
    }

    fn sync(&self) -> Value {
        serde_json::from_str(&self.get("/_app/sync").unwrap()).unwrap()
    }

    #[track_caller]
    fn until_said(&self, part: &str) {
        until(part, || self.sync().to_string().contains(part).then_some(()));
    }
}

#[test]
fn pages_say_how_it_stands_and_files_do_not() {
    let base = base();
    let fake = carrying(&base);
    let served = Served::start(&base, fake.home());
    served.until_said("Received by Syncthing");
    let sync = served.sync();
    let page = |at: usize| sync["contacts"][at]["page"].as_str().unwrap().to_owned();
    assert_eq!((page(0), page(1)), ("harbour/index.html".into(), "notes/index.html".into()));
    assert!(!sync.to_string().contains(super::fake::KEY));
    // A page of which nothing is said yet too: it may be open when it is.
    for path in ["/harbour/", "/notes/", "/mira/", "/subscriptions/", "/status/"] {
        assert!(
            served.get(path).unwrap().contains("<script src=\"/_app/sync.js\" defer>"),
            "{path}"
        );
    }
    for path in ["/", "/notes/2026-11-20T10-00-00Z.html", "/harbour/in/2026-11-19T10-00-00Z.html"] {
        assert!(!served.get(path).unwrap().contains("sync.js"), "{path}");
    }
    for (path, bytes) in tree(&base.at("_site")) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("sync.js") && !text.contains("by Syncthing"), "{path}");
    }
    let (status, _) = ask(served.port, "", "POST", "/_app/sync", "").unwrap();
    assert_eq!(status, 405);
    // What happens there is told here: by an event, and when Syncthing begins to count anew.
    fake.world().status = json!({ "state": "idle", "receiveOnlyTotalItems": 5 });
    fake.world().events = vec![json!({ "id": 40, "type": "FolderSummary" })];
    served.until_said("deleted here: 5");
    fake.world().status = json!({ "state": "idle", "pullErrors": 4 });
    fake.world().events = vec![json!({ "id": 1, "type": "FolderErrors" })];
    served.until_said("some files: 4");
    // It is gone, and it is back.
    base.write(
        "handbill.toml",
        format!("[contact.harbour]\nsubscribe = \"syncthing:t@{}\"\n", device(3)),
    );
    fake.world().instead = vec![("/".into(), 503, String::new())];
    served.until_said("Syncthing refused (503)");
    fake.world().instead.clear();
    served.until_said("some files: 4");
    assert!(fake.changes().iter().all(|asked| asked.starts_with("POST /rest/db/scan")));
}

#[test]
fn the_script_shows_texts_and_never_markup() {
    let base = base();
    let fake = Fake::start();
    let script = Served::start(&base, fake.home()).get("/_app/sync.js").unwrap();
    for way in
        ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("]
    {
        assert!(!script.contains(way), "{way}");
    }
}
