//! A real Syncthing delivers into an inbox while `handbill serve` runs: two instances on the
//! loopback, one that only sends and one that only receives. Needs the program `syncthing`, which
//! `tests/run` installs: `cargo test --test suite -- --ignored syncthing`.

use super::deliver;
use crate::support::Base;
use serde_json::{Value, json};
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const KEY: &str = "a-key-of-this-test";

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Asks a server on the loopback; returns status and body, or none while nobody answers.
fn ask(port: u16, method: &str, path: &str, body: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: localhost:{port}\r\nX-API-Key: {KEY}\r\n\
         Connection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, body.to_owned()))
}

#[track_caller]
fn until<T>(what: &str, mut get: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = get() {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(90), "in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A program that ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Syncthing {
    _process: Process,
    _home: TempDir,
    api: u16,
    port: u16,
    id: String,
}

impl Syncthing {
    fn start() -> Syncthing {
        let home = TempDir::new().unwrap();
        let (api, port) = (free_port(), free_port());
        let mut command = Command::new("syncthing");
        command.args(["serve", "--no-browser", "--no-restart", "--no-default-folder"]);
        command.arg(format!("--home={}", home.path().display()));
        command.arg(format!("--gui-address=http://127.0.0.1:{api}"));
        command.arg(format!("--gui-apikey={KEY}")).env("STNOUPGRADE", "1");
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let process = Process(command.spawn().expect("`syncthing` can be started"));
        let id = until("Syncthing answers", || {
            let (status, body) = ask(api, "GET", "/rest/system/status", "")?;
            let value: Value = serde_json::from_str(&body).ok().filter(|_| status == 200)?;
            Some(value["myID"].as_str()?.to_owned())
        });
        let started = Syncthing { _process: process, _home: home, api, port, id };
        started.send(
            "PATCH",
            "/rest/config/options",
            &json!({
                "listenAddresses": [format!("tcp://127.0.0.1:{port}")],
                "globalAnnounceEnabled": false, "localAnnounceEnabled": false,
                "relaysEnabled": false, "natEnabled": false, "urAccepted": -1,
                "crashReportingEnabled": false,
            }),
        );
        started
    }

    #[track_caller]
    fn send(&self, method: &str, path: &str, body: &Value) {
        let (status, answer) = ask(self.api, method, path, &body.to_string()).unwrap();
        assert_eq!(status, 200, "{method} {path}: {answer}");
    }

    fn share(&self, kind: &str, folder: &Path, other: &Syncthing) {
        let address = format!("tcp://127.0.0.1:{}", other.port);
        let device = json!({ "deviceID": other.id, "addresses": [address] });
        self.send("POST", "/rest/config/devices", &device);
        let folder = json!({
            "id": "channel", "path": folder, "type": kind, "fsWatcherDelayS": 1,
            "devices": [{ "deviceID": other.id }],
        });
        self.send("POST", "/rest/config/folders", &folder);
    }

    /// Has it look at the folder now.
    fn scan(&self) {
        self.send("POST", "/rest/db/scan?folder=channel", &Value::Null);
    }

    fn status(&self) -> Value {
        let (_, body) = ask(self.api, "GET", "/rest/db/status?folder=channel", "").unwrap();
        serde_json::from_str(&body).unwrap()
    }
}

/// `handbill serve` on a base folder.
struct Server {
    _process: Process,
    port: u16,
}

impl Server {
    fn start(base: &Path) -> Server {
        let port = free_port();
        let mut command = Command::new(env!("CARGO_BIN_EXE_handbill"));
        command.arg("serve").arg(base).args(["--quiet", "--port", &port.to_string()]);
        let process = Process(command.stderr(Stdio::null()).spawn().unwrap());
        let server = Server { _process: process, port };
        until("the server answers", || server.page("/").is_some().then_some(()));
        server
    }

    fn page(&self, path: &str) -> Option<String> {
        let (status, body) = ask(self.port, "GET", path, "")?;
        (status == 200).then_some(body)
    }

    #[track_caller]
    fn until_page(&self, path: &str, text: &str) {
        until(&format!("`{text}` on {path}"), || self.page(path)?.contains(text).then_some(()));
    }
}

#[test]
#[ignore = "needs the program `syncthing`"]
fn what_syncthing_delivers_is_on_the_page_and_the_inbox_stays_its_own() {
    let (author, reader) = (Base::new(), Base::new());
    author.folder("channel/outbox");
    reader.write("handbill.toml", "title = \"Reader\"\n").folder("harbour/inbox");
    let (sending, receiving) = (Syncthing::start(), Syncthing::start());
    sending.share("sendonly", &author.at("channel/outbox"), &receiving);
    receiving.share("receiveonly", &reader.at("harbour/inbox"), &sending);
    let server = Server::start(reader.path());

    deliver(&author, "channel/outbox/2026-11-21T10-00-00Z.md", "Low tide. ![pier](pier.png)");
    author.write("channel/outbox/2026-11-21T10-00-00Z/pier.png", crate::support::png(3, 2));
    sending.scan();
    let page = "/harbour/in/2026-11-21T10-00-00Z.html";
    server.until_page(page, "Low tide.");
    server.until_page(page, "<img src=");

    deliver(&author, "channel/outbox/2026-11-21T10-00-00Z.md", "High tide. ![pier](pier.png)");
    sending.scan();
    server.until_page(page, "High tide.");

    for n in 0..100 {
        let path = format!("channel/outbox/2026-11-22T10-{:02}-{:02}Z.md", n / 60, n % 60);
        deliver(&author, &path, &format!("Number {n}."));
    }
    sending.scan();
    server.until_page("/harbour/in/2026-11-22T10-00-00Z.html", "Number 0.");
    server.until_page("/harbour/in/2026-11-22T10-01-39Z.html", "Number 99.");

    fs::remove_file(author.at("channel/outbox/2026-11-22T10-00-00Z.md")).unwrap();
    sending.scan();
    until("the page is gone", || {
        server.page("/harbour/in/2026-11-22T10-00-00Z.html").is_none().then_some(())
    });
    // Syncthing knows best whether anybody else has written into its folder.
    receiving.scan();
    let status = receiving.status();
    assert_eq!(status["receiveOnlyTotalItems"], 0, "{status}");
    assert_eq!(status["needTotalItems"], 0, "{status}");
}
