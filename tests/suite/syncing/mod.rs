//! Keys in the open: `share`, `subscribe`, and what Syncthing is told and tells.

pub mod fake;
pub mod lab;
mod pages;
mod real;
mod ring;
mod share;
mod subscribe;
mod trouble;

use crate::support::Base;
use fake::Fake;
use std::io::Write;
use std::process::{Command, Stdio};

const BODY: &str = "2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3";

/// What a command did.
#[derive(Debug)]
struct Did {
    code: i32,
    out: String,
    talk: String,
}

/// Runs the program in a base folder, with the settings of Syncthing in `home`; `input` is piped in.
fn run(base: &Base, home: Option<&str>, input: &str, words: &[&str]) -> Did {
    let mut command = Command::new(env!("CARGO_BIN_EXE_handbill"));
    command.args(words).current_dir(base.path()).env_clear();
    command.envs(home.map(|home| ("STHOMEDIR", home)));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Who does not read it has closed it already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let out = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let did =
        Did { code: out.status.code().unwrap(), out: text(out.stdout), talk: text(out.stderr) };
    assert!(!did.out.contains(fake::KEY) && !did.talk.contains(fake::KEY), "{did:?}");
    did
}

/// Runs a command that succeeds, with a Syncthing.
#[track_caller]
fn ok(base: &Base, fake: &Fake, words: &[&str]) -> Did {
    let did = run(base, Some(fake.home()), "", words);
    assert_eq!(did.code, 0, "{words:?}: {did:?}");
    did
}

/// Runs a command that is refused for a reason.
#[track_caller]
fn refused(base: &Base, home: Option<&str>, words: &[&str], part: &str) {
    let did = run(base, home, "", words);
    assert!(did.code == 2 && did.talk.contains(part), "{words:?}: {did:?}");
}

/// Returns a base folder with one contact of each kind.
fn base() -> Base {
    Base::of(
        "-- handbill.toml\n# Mine.\npublic = [\"notes\"]\nbase_url = \"https://example.org/\"\n\
         -- notes/outbox/channel.toml\nid = \"7a4f2b0e-9d0c-4c57-8c7a-0d2f5d0a6b11\"\ntitle = \"Tide notes\"\n\
         -- notes/outbox/2026-11-20T10-00-00Z.md\nOne.\n\
         -- harbour/inbox/2026-11-19T10-00-00Z.md\nZero.\n\
         -- mira/inbox/2026-11-21T10-00-00Z.md\nTwo.\n\
         -- mira/outbox/channel.toml\nid = \"0b8f3a52-52cf-4a1f-9d54-1c5a5b1f7e02\"\n",
    )
}

/// The id of the folder of `notes`.
const NOTES: &str = "handbill-7a4f2b0e9d0c4c57";
