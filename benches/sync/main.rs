//! How long a message takes from the rename in the author's outbox to the reader's page on disk,
//! over real Syncthings: `cargo bench --bench sync`. Needs the program `syncthing`.
//!
//! The author, a reader who has it from the author, and a third who has it from that reader alone,
//! each with a Syncthing of their own on the loopback and `handbill serve`. Syncthing is set up by
//! Handbill's commands, and no setting of it is changed that would make it faster.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "a benchmark measures")]

#[path = "../../tests/suite/syncing/lab.rs"]
mod lab;

use lab::{Lab, Process, free_port, until};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How many messages are measured each way.
const MESSAGES: usize = 40;
/// How long is waited between two: Syncthing tells others of changes four times a second at most,
/// and one that waits for another is not what is measured.
const PAUSE: Duration = Duration::from_millis(700);

/// Somebody with a base folder and a Syncthing.
struct Person {
    base: TempDir,
    lab: Lab,
}

impl Person {
    fn new() -> Person {
        let base = TempDir::new().unwrap();
        fs::write(base.path().join("handbill.toml"), "").unwrap();
        Person { base, lab: Lab::start() }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_handbill"));
        command.args(words).current_dir(self.base.path()).stderr(Stdio::null());
        command.env("STHOMEDIR", self.lab.home());
        command
    }

    fn try_run(&self, words: &[&str]) -> Option<String> {
        let out = self.command(words).output().unwrap();
        out.status.success().then(|| String::from_utf8(out.stdout).unwrap())
    }

    fn run(&self, words: &[&str]) -> String {
        self.try_run(words).unwrap_or_else(|| panic!("{words:?} failed"))
    }

    fn serve(&self) -> Process {
        let port = free_port().to_string();
        let mut command = self.command(&["serve", "--quiet", "--port", &port]);
        let process = Process(command.stdout(Stdio::null()).spawn().unwrap());
        until("the first build", || self.at("_site/reader/index.html").is_file().then_some(()));
        process
    }

    fn at(&self, path: &str) -> PathBuf {
        self.base.path().join(path)
    }

    fn let_in(&self, contact: &str, other: &Person) {
        let words = ["share", contact, "--via", "syncthing", "--accept", &other.lab.id[..7]];
        until("it asks", || self.try_run(&words).map(drop));
        self.lab.locate(&other.lab);
    }
}

/// Returns the link for Syncthing that `share` prints, with the address of whoever shares.
fn link(person: &Person, contact: &str) -> String {
    let sheet = person.run(&["share", contact, "--via", "syncthing", "--format", "json"]);
    let sheet: serde_json::Value = serde_json::from_str(&sheet).unwrap();
    let link = sheet["ways"][0]["link"].as_str().unwrap();
    link.split('?').next().unwrap().to_owned()
}

fn main() {
    let (author, reader, third) = (Person::new(), Person::new(), Person::new());
    author.run(&["add", "channel", "notes"]);
    let from_author = format!("{}?address={}", link(&author, "notes"), author.lab.address());
    reader.run(&["subscribe", &from_author, "tides", "--via", "syncthing", "--direct"]);
    author.let_in("notes", &reader);
    reader.lab.until_connected(&author.lab);
    // The third knows the reader and not the author.
    let folder = from_author.split('@').next().unwrap();
    let from_reader = format!("{folder}@{}?address={}", reader.lab.id, reader.lab.address());
    third.run(&["subscribe", &from_reader, "tides", "--via", "syncthing", "--direct"]);
    reader.let_in("tides", &third);
    third.lab.until_connected(&reader.lab);
    let serving = [reader.serve(), third.serve()];
    send(&author, &[&reader, &third], "warm", &|_| {});
    send(&author, &[&reader, &third], "warm", &|_| {});

    let folder = folder.strip_prefix("syncthing:").unwrap();
    let scan = |name: &str| {
        let path = format!("/rest/db/scan?folder={folder}&sub={name}");
        author.lab.send("POST", &path, &serde_json::Value::Null);
    };
    measure(
        "renamed, and Syncthing asked as `handbill post` asks it",
        &author,
        [&reader, &third],
        &scan,
    );
    let author_serves = author.serve();
    measure("renamed while the author runs `handbill serve`", &author, [&reader, &third], &|_| {});
    drop((serving, author_serves));
}

fn measure(what: &str, author: &Person, readers: [&Person; 2], tell: &dyn Fn(&str)) {
    let mut times: [Vec<Duration>; 2] = Default::default();
    for n in 0..MESSAGES {
        let took = send(author, &readers, &format!("{n}"), tell);
        times.iter_mut().zip(took).for_each(|(times, took)| times.push(took));
        // Not in step with anything that happens every so often.
        std::thread::sleep(PAUSE + Duration::from_millis((n as u64 * 37) % 101));
    }
    println!("{what}: to the page on disk, {MESSAGES} messages");
    for (who, times) in ["reader", "third, by way of the reader"].into_iter().zip(&mut times) {
        times.sort();
        let at = |part: usize| times[(times.len() - 1) * part / 100].as_millis();
        println!(
            "  {who:<28} median {:>4} ms   fastest {:>4}   90 % {:>4}   slowest {:>4}",
            at(50),
            at(0),
            at(90),
            at(100)
        );
    }
}

/// Moves a message into the outbox; returns when its page was there for each reader.
fn send(author: &Person, readers: &[&Person], words: &str, tell: &dyn Fn(&str)) -> Vec<Duration> {
    static SECOND: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let n = SECOND.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let stem = format!("2026-11-20T{:02}-{:02}-{:02}Z", n / 3600, n / 60 % 60, n % 60);
    let (name, staged) = (format!("{stem}.md"), author.at(".handbill/bench.md"));
    fs::write(&staged, format!("Message {words}. #bench\n")).unwrap();
    let page = |reader: &&Person| reader.at(&format!("_site/reader/tides/in/{stem}.html"));
    let pages: Vec<PathBuf> = readers.iter().map(page).collect();
    let mut took = vec![None; pages.len()];
    let begun = Instant::now();
    fs::rename(&staged, author.at("notes/outbox").join(&name)).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| look(&pages, &mut took, begun));
        tell(&name);
    });
    took.into_iter().map(|took| took.unwrap()).collect()
}

fn look(pages: &[PathBuf], took: &mut [Option<Duration>], begun: Instant) {
    while took.iter().any(Option::is_none) {
        for (page, took) in pages.iter().zip(took.iter_mut()) {
            if took.is_none() && Path::is_file(page) {
                *took = Some(begun.elapsed());
            }
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "in vain: {pages:?}");
        std::thread::sleep(Duration::from_micros(500));
    }
}
