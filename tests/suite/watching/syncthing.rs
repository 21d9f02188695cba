//! A real Syncthing delivers into an inbox while `handbill serve` runs: two instances on the
//! loopback, one that only sends and one that only receives. Needs the program `syncthing`, which
//! `tests/run` installs: `cargo test --test suite -- --ignored syncthing`.

use super::deliver;
use crate::support::Base;
use crate::syncing::lab::{Lab, Server, until};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const SCAN: &str = "/rest/db/scan?folder=channel";

/// Has a Syncthing share a folder with another.
fn share(lab: &Lab, kind: &str, folder: &Path, other: &Lab) {
    let device = json!({ "deviceID": other.id, "addresses": [other.address()] });
    lab.send("POST", "/rest/config/devices", &device);
    let folder = json!({
        "id": "channel", "path": folder, "type": kind, "fsWatcherDelayS": 1,
        "devices": [{ "deviceID": other.id }],
    });
    lab.send("POST", "/rest/config/folders", &folder);
}

#[test]
#[ignore = "needs the program `syncthing`"]
fn what_syncthing_delivers_is_on_the_page_and_the_inbox_stays_its_own() {
    let (author, reader) = (Base::new(), Base::new());
    author.folder("channel/outbox");
    reader.write("handbill.toml", "title = \"Reader\"\n").folder("harbour/inbox");
    let (sending, receiving) = (Lab::start(), Lab::start());
    let look = |lab: &Lab| lab.send("POST", SCAN, &Value::Null);
    share(&sending, "sendonly", &author.at("channel/outbox"), &receiving);
    share(&receiving, "receiveonly", &reader.at("harbour/inbox"), &sending);
    let server = Server::start(reader.path(), None);

    deliver(&author, "channel/outbox/2026-11-21T10-00-00Z.md", "Low tide. ![pier](pier.png)");
    author.write("channel/outbox/2026-11-21T10-00-00Z/pier.png", crate::support::png(3, 2));
    look(&sending);
    let page = "/harbour/in/2026-11-21T10-00-00Z.html";
    server.until_page(page, "Low tide.");
    server.until_page(page, "<img src=");

    deliver(&author, "channel/outbox/2026-11-21T10-00-00Z.md", "High tide. ![pier](pier.png)");
    look(&sending);
    server.until_page(page, "High tide.");

    for n in 0..100 {
        let path = format!("channel/outbox/2026-11-22T10-{:02}-{:02}Z.md", n / 60, n % 60);
        deliver(&author, &path, &format!("Number {n}."));
    }
    look(&sending);
    server.until_page("/harbour/in/2026-11-22T10-00-00Z.html", "Number 0.");
    server.until_page("/harbour/in/2026-11-22T10-01-39Z.html", "Number 99.");

    fs::remove_file(author.at("channel/outbox/2026-11-22T10-00-00Z.md")).unwrap();
    look(&sending);
    until("the page tells that the message was deleted", || {
        let page = server.page("/harbour/in/2026-11-22T10-00-00Z.html")?;
        (page.contains("page-deleted") && !page.contains("Number 0.")).then_some(())
    });
    // Syncthing knows best whether anybody else has written into its folder.
    look(&receiving);
    let status = receiving.get("/rest/db/status?folder=channel");
    assert_eq!(status["receiveOnlyTotalItems"], 0, "{status}");
    assert_eq!(status["needTotalItems"], 0, "{status}");
}
