//! Real Syncthings on the loopback. Also part of the benchmark `sync`.
#![allow(dead_code, reason = "test and benchmark each use a part")]

use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Returns a port at which nobody listens.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Asks a server on the loopback; returns status and body, or none while nobody answers.
pub fn ask(port: u16, key: &str, method: &str, path: &str, body: &str) -> Option<(u16, String)> {
    try_ask(port, key, method, path, body).ok()
}

fn try_ask(
    port: u16,
    key: &str,
    method: &str,
    path: &str,
    body: &str,
) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost:{port}\r\nX-API-Key: {key}\r\n\
         Connection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let odd = || std::io::Error::other(format!("no answer: {text:?}"));
    let (head, body) = text.split_once("\r\n\r\n").ok_or_else(odd)?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(odd)?;
    Ok((status, body.to_owned()))
}

/// Waits until there is something.
#[track_caller]
pub fn until<T>(what: &str, mut get: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = get() {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A program that ends with its owner.
pub struct Process(pub Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A Syncthing of its own, which finds others only by their addresses.
pub struct Lab {
    process: Option<Process>,
    home: TempDir,
    key: String,
    api: u16,
    pub port: u16,
    pub id: String,
}

impl Lab {
    /// Makes its settings and starts it.
    pub fn start() -> Lab {
        let home = TempDir::new().unwrap();
        let mut command = Command::new("syncthing");
        command.arg("generate").arg(format!("--home={}", home.path().display()));
        command.arg("--no-default-folder").stdout(Stdio::null()).stderr(Stdio::null());
        assert!(command.status().expect("`syncthing` can be started").success());
        let file = home.path().join("config.xml");
        let text = std::fs::read_to_string(&file).unwrap();
        let (before, rest) = text.split_once("<gui ").unwrap();
        let (gui, after) = rest.split_once("</gui>").unwrap();
        let inner = |name: &str| {
            let (_, rest) = gui.split_once(&format!("<{name}>")).unwrap();
            rest.split_once('<').unwrap().0.to_owned()
        };
        let (api, port) = (free_port(), free_port());
        let key = inner("apikey");
        let moved = gui.replace(&inner("address"), &format!("127.0.0.1:{api}"));
        // From the first start on nobody is called, and the usual port is left alone.
        let mut text = format!("{before}<gui {moved}</gui>{after}");
        for (name, value) in [
            ("listenAddress", &*format!("tcp://127.0.0.1:{port}")),
            ("globalAnnounceEnabled", "false"),
            ("localAnnounceEnabled", "false"),
            ("relaysEnabled", "false"),
            ("natEnabled", "false"),
            ("urAccepted", "-1"),
            ("crashReportingEnabled", "false"),
            ("reconnectionIntervalS", "1"),
        ] {
            let (open, close) = (format!("<{name}>"), format!("</{name}>"));
            let (before, rest) = text.split_once(&open).unwrap();
            let (_, after) = rest.split_once(&close).unwrap();
            text = format!("{before}{open}{value}{close}{after}");
        }
        std::fs::write(&file, text).unwrap();
        let mut lab = Lab { process: None, home, key, api, port, id: String::new() };
        lab.run();
        lab
    }

    /// Starts it again after [`Lab::stop`].
    pub fn run(&mut self) {
        let mut command = Command::new("syncthing");
        command.args(["serve", "--no-browser", "--no-restart", "--no-default-folder"]);
        command.arg(format!("--home={}", self.home.path().display())).env("STNOUPGRADE", "1");
        // One process and not two: it ends when it is killed, and leaves its files to the next.
        command.env("STMONITORED", "yes");
        command.stdout(Stdio::null()).stderr(Stdio::null());
        self.process = Some(Process(command.spawn().unwrap()));
        let id = until("Syncthing answers", || {
            let (status, body) = ask(self.api, &self.key, "GET", "/rest/system/status", "")?;
            let value: Value = serde_json::from_str(&body).ok().filter(|_| status == 200)?;
            Some(value["myID"].as_str()?.to_owned())
        });
        self.id = id;
    }

    /// Has it end. What an introducer has told it, 1.19 keeps on disk only when settings are changed
    /// besides.
    pub fn stop(&mut self) {
        self.send("PATCH", "/rest/config/options", &json!({ "urAccepted": -1 }));
        self.send("POST", "/rest/system/shutdown", &Value::Null);
        if let Some(mut process) = self.process.take() {
            process.0.wait().unwrap();
        }
    }

    /// The folder of its settings.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The key of its interface.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Where others find it.
    pub fn address(&self) -> String {
        format!("tcp://127.0.0.1:{}", self.port)
    }

    #[track_caller]
    pub fn send(&self, method: &str, path: &str, body: &Value) {
        let body = body.to_string();
        let (status, answer) = try_ask(self.api, &self.key, method, path, &body).unwrap();
        assert_eq!(status, 200, "{method} {path}: {answer}");
    }

    pub fn get(&self, path: &str) -> Value {
        let (_, body) = try_ask(self.api, &self.key, "GET", path, "").unwrap();
        serde_json::from_str(&body).unwrap_or(Value::Null)
    }

    /// Shares a folder with one more device, as a person does on the page.
    pub fn share(&self, folder: &str, device: &str) {
        let path = format!("/rest/config/folders/{folder}");
        let mut devices = self.get(&path)["devices"].clone();
        devices.as_array_mut().unwrap().push(json!({ "deviceID": device }));
        self.send("PATCH", &path, &json!({ "devices": devices }));
    }

    /// Says where another is found, which it would tell the world if it could.
    pub fn locate(&self, other: &Lab) {
        let path = format!("/rest/config/devices/{}", other.id);
        self.send("PATCH", &path, &json!({ "addresses": [other.address()] }));
    }

    /// Waits until another is connected.
    #[track_caller]
    pub fn until_connected(&self, other: &Lab) {
        until("connected", || {
            let all = self.get("/rest/system/connections");
            (all["connections"][&other.id]["connected"] == true).then_some(())
        });
    }
}

/// `handbill serve` on a base folder.
pub struct Server {
    _process: Process,
    port: u16,
}

impl Server {
    /// Starts it, for somebody whose Syncthing has its settings in `home`.
    pub fn start(base: &Path, home: Option<&Path>) -> Server {
        let port = free_port();
        let mut command = Command::new(env!("CARGO_BIN_EXE_handbill"));
        command.arg("serve").arg(base).args(["--quiet", "--port", &port.to_string()]);
        command.envs(home.map(|home| ("STHOMEDIR", home)));
        let process = Process(command.stderr(Stdio::null()).spawn().unwrap());
        let server = Server { _process: process, port };
        until("the server answers", || server.page("/"));
        server
    }

    /// Returns a page, if there is one.
    pub fn page(&self, path: &str) -> Option<String> {
        let (status, body) = ask(self.port, "", "GET", path, "")?;
        (status == 200).then_some(body)
    }

    /// Waits until a page holds a text.
    #[track_caller]
    pub fn until_page(&self, path: &str, text: &str) {
        until(&format!("`{text}` on {path}"), || self.page(path)?.contains(text).then_some(()));
    }
}
