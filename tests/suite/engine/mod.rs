//! The engine inside Handbill: real processes that reach each other by the loopback, without relays
//! and without looking up addresses. They take some seconds each: `cargo test --test suite --
//! --ignored engine`.

mod boxes;
mod carrying;
mod commands;
mod hostile;
mod letters;
#[cfg(target_os = "linux")]
mod nets;

use crate::support::Base;
use handbill::keys::handbill::Link;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Somebody with a base folder, and with a Handbill that carries it or does not.
pub struct Person {
    pub base: Base,
    child: Option<Child>,
    /// The network namespace in which it carries; none for that of this machine.
    net: Option<String>,
}

impl Drop for Person {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Person {
    /// Makes somebody whose Handbill runs.
    pub fn new() -> Person {
        let mut person = Person::resting("");
        person.start();
        person
    }

    /// Makes somebody whose Handbill does not run, with more settings.
    pub fn resting(settings: &str) -> Person {
        Person::with(&format!("reach = \"machine\"\n{settings}"), None)
    }

    /// Makes somebody with these settings of [sync], in a network namespace or on this machine.
    pub fn with(settings: &str, net: Option<&str>) -> Person {
        let base = Base::of(&format!("-- handbill.toml\n[sync]\n{settings}"));
        Person { base, child: None, net: net.map(ToOwned::to_owned) }
    }

    /// Starts to carry.
    pub fn start(&mut self) {
        assert!(self.child.is_none());
        let log = fs::File::options().create(true).append(true).open(self.base.at("log.txt"));
        let program = env!("CARGO_BIN_EXE_handbill");
        let mut command = match &self.net {
            None => Command::new(program),
            Some(net) => {
                let mut command = Command::new("ip");
                command.args(["netns", "exec", net, program]);
                command
            }
        };
        command.arg("sync").current_dir(self.base.path()).env_clear();
        if self.net.is_some() {
            // Where `ip` is found.
            command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log.unwrap());
        self.child = Some(command.spawn().unwrap());
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Ends it as Ctrl-C does.
    pub fn stop(&mut self) {
        let mut child = self.child.take().unwrap();
        let id = child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        assert!(child.wait().unwrap().success());
    }

    /// Runs a command; returns what it printed and what it said.
    pub fn try_run(&self, input: &str, words: &[&str]) -> (bool, String, String) {
        use std::io::Write;
        let mut command = Command::new(env!("CARGO_BIN_EXE_handbill"));
        command.args(words).current_dir(self.base.path()).env_clear();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Who does not read it has closed it already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let out = child.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (out.status.success(), text(&out.stdout), text(&out.stderr))
    }

    /// Runs a command that succeeds; returns what it printed.
    #[track_caller]
    pub fn run(&self, words: &[&str]) -> String {
        let (ok, out, talk) = self.try_run("", words);
        assert!(ok, "{words:?}: {out}{talk}");
        out
    }

    /// Returns the link to a channel, with where all that it names are found.
    #[track_caller]
    pub fn link(&self, name: &str) -> String {
        self.link_of(name, |_| true)
    }

    /// Returns the link with this device alone in it: of another that it names, and that has gone
    /// since, it may not have come here where it was found.
    #[track_caller]
    pub fn own_link(&self, name: &str) -> String {
        self.link_of(name, |left| left == 0)
    }

    /// Returns the link to a channel with those of its peers behind whom so many are named.
    #[track_caller]
    fn link_of(&self, name: &str, is_named: impl Fn(usize) -> bool) -> String {
        let link = || {
            let out = self.run(&["share", name, "--via", "handbill", "--format", "json"]);
            let sheet: serde_json::Value = serde_json::from_str(&out).unwrap();
            let link = sheet["ways"][0]["link"].as_str().unwrap().to_owned();
            let mut link = Link::parse(&link).unwrap();
            let mut left = link.about.peers.len();
            link.about.peers.retain(|_| {
                left -= 1;
                is_named(left)
            });
            let found = link.about.peers.iter().all(|peer| !peer.addresses.is_empty());
            found.then(|| link.to_string())
        };
        until("it has an address", link)
    }

    /// Waits until a file holds a text.
    #[track_caller]
    pub fn until_has(&self, path: &str, text: &str) {
        let has = || fs::read_to_string(self.base.at(path)).is_ok_and(|file| file.contains(text));
        self.until(&format!("{path}: {text}"), || has().then_some(()));
    }

    /// Waits until a file is not there.
    #[track_caller]
    pub fn until_gone(&self, path: &str) {
        self.until(&format!("{path} goes"), || (!self.base.at(path).exists()).then_some(()));
    }

    /// Waits until `list` says something.
    #[track_caller]
    pub fn until_listed(&self, part: &str) {
        self.until(part, || self.run(&["list"]).contains(part).then_some(()));
    }

    #[track_caller]
    fn until<T>(&self, what: &str, mut done: impl FnMut() -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(value) = done() {
                return value;
            }
            if begun.elapsed() > PATIENCE {
                let log = fs::read_to_string(self.base.at("log.txt")).unwrap_or_default();
                panic!("waited for: {what}\n{}\n{log}", self.run(&["list"]));
            }
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    /// Writes a file as people's programs do: whole, by a rename.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let file = self.base.at(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let new = file.with_extension("tmp");
        fs::write(&new, text).unwrap();
        // Its own time is older than that of its name, as on a slower disk.
        std::thread::sleep(Duration::from_millis(2));
        fs::rename(new, file).unwrap();
    }
}

/// How long the machine may take for what takes a tenth of a second.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until something is there.
#[track_caller]
pub fn until<T>(what: &str, mut done: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(value) = done() {
            return value;
        }
        assert!(begun.elapsed() < PATIENCE, "waited for: {what}");
        std::thread::sleep(Duration::from_millis(30));
    }
}

/// Returns the names of the files below a folder.
pub fn names(folder: &Path) -> Vec<String> {
    let walk = walkdir::WalkDir::new(folder).into_iter().flatten();
    let files = walk.filter(|entry| entry.file_type().is_file());
    let below = |path: &Path| path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
    let mut names: Vec<String> = files.map(|entry| below(entry.path())).collect();
    names.sort();
    names
}
