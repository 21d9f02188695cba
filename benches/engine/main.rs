//! How long a message takes from the rename in the author's outbox to the reader's page on disk,
//! carried by Handbill itself: `cargo bench --bench engine`.
//!
//! The author, a reader who has it from the author, and a third who has it from that reader's link,
//! each a `handbill serve` on the loopback.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "a benchmark measures")]

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How many messages are measured.
const MESSAGES: usize = 40;
/// How long is waited between two.
const PAUSE: Duration = Duration::from_millis(700);

/// Somebody with a base folder and a server.
struct Person {
    base: TempDir,
    server: Child,
}

impl Drop for Person {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Person {
    fn new() -> Person {
        let base = TempDir::new().unwrap();
        fs::write(base.path().join("handbill.toml"), "[sync]\nreach = \"machine\"\n").unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Command::new(env!("CARGO_BIN_EXE_handbill"))
            .args(["serve", "--quiet", "--port", &port.to_string()])
            .current_dir(base.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let person = Person { base, server };
        until("the first build", || person.at("_site/reader/index.html").is_file().then_some(()));
        person
    }

    fn at(&self, path: &str) -> PathBuf {
        self.base.path().join(path)
    }

    fn run(&self, words: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_handbill"));
        let out = command.args(words).current_dir(self.base.path()).output().unwrap();
        assert!(out.status.success(), "{words:?}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    }

    /// Returns the link to a channel, once the last device in it has an address.
    fn link(&self, contact: &str) -> String {
        until("an address", || {
            let words = ["share", contact, "--via", "handbill", "--format", "json"];
            let sheet: serde_json::Value = serde_json::from_str(&self.run(&words)).unwrap();
            let link = sheet["ways"][0]["link"].as_str().unwrap().to_owned();
            link.rsplit("peer=").next().unwrap().contains('@').then_some(link)
        })
    }
}

fn until<T>(what: &str, mut done: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(value) = done() {
            return value;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "waited for: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn told(who: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |part: usize| times[(times.len() - 1) * part / 100].as_millis();
    println!(
        "{who}: median {} ms, 90 of 100 within {} ms, the longest {} ms",
        at(50),
        at(90),
        at(100)
    );
}

fn main() {
    let (author, reader, third) = (Person::new(), Person::new(), Person::new());
    author.run(&["add", "channel", "notes"]);
    reader.run(&["subscribe", &author.link("notes"), "tides"]);
    until("the channel", || reader.at("tides/inbox/channel.toml").is_file().then_some(()));
    third.run(&["subscribe", &reader.link("tides"), "tides"]);
    until("the channel", || third.at("tides/inbox/channel.toml").is_file().then_some(()));
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for number in 0..MESSAGES {
        std::thread::sleep(PAUSE);
        let stem = format!("2026-11-{:02}T10-{:02}-00Z", 1 + number / 60, number % 60);
        let made = author.at("made.tmp");
        fs::write(&made, format!("Number {number}.")).unwrap();
        std::thread::sleep(Duration::from_millis(5));
        let begun = Instant::now();
        fs::rename(made, author.at(&format!("notes/outbox/{stem}.md"))).unwrap();
        let page = format!("_site/reader/tides/in/{stem}.html");
        until("the reader's page", || reader.at(&page).is_file().then_some(()));
        first.push(begun.elapsed());
        until("the third's page", || third.at(&page).is_file().then_some(()));
        second.push(begun.elapsed());
    }
    told("the author's reader", first);
    told("that reader's reader", second);
}
