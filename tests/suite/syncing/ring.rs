//! What is written into an outbox is looked at by Syncthing at once.

use super::fake::Fake;
use super::lab::{Process, free_port, until};
use super::{base, run};
use handbill::transport::ring::Ringer;
use handbill::transport::syncthing::{Error, Home};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn scans(fake: &Fake) -> Vec<String> {
    let changes = fake.changes().into_iter();
    changes
        .filter_map(|asked| Some(asked.strip_prefix("POST /rest/db/scan?")?.to_owned()))
        .collect()
}

#[test]
fn a_post_has_its_files_looked_at() {
    let (base, fake) = (base(), Fake::start());
    base.write("gull.txt", "x");
    fake.folder("my notes", &base.at("notes/outbox"), "sendonly", &[]);
    let did = run(
        &base,
        Some(fake.home()),
        "",
        &["post", "notes", "Low tide.", "--attach", "gull.txt", "-v"],
    );
    assert!(did.code == 0 && did.talk.contains("has taken it"), "{did:?}");
    let name = did.out.trim().rsplit('/').next().unwrap().to_owned();
    let stem = name.strip_suffix(".md").unwrap();
    assert_eq!(scans(&fake), [format!("folder=my+notes&sub={name}&sub={stem}")]);
    // What goes to nobody, or is not carried, is not looked at.
    run(&base, Some(fake.home()), "", &["post", "notes", "Draft.", "--draft"]);
    let did = run(&base, Some(fake.home()), "", &["post", "mira", "Hello.", "-v"]);
    assert!(did.talk.contains("does not carry"), "{did:?}");
    assert_eq!(scans(&fake).len(), 1);
}

#[test]
fn a_post_is_written_whatever_syncthing_does() {
    let (base, fake) = (base(), Fake::start());
    fake.folder("notes", &base.at("notes/outbox"), "sendonly", &[]);
    fake.world().slow = Duration::from_secs(60);
    let begun = Instant::now();
    let did = run(&base, Some(fake.home()), "", &["post", "notes", "Low tide."]);
    assert!(begun.elapsed() < Duration::from_secs(30), "it does not wait");
    assert_eq!((did.code, did.talk.as_str()), (0, ""));
    assert!(Path::new(did.out.trim()).is_file());
    fake.world().slow = Duration::ZERO;
    fake.world().instead = vec![("/rest/db/scan".into(), 500, "folder marker missing".into())];
    let did = run(&base, Some(fake.home()), "", &["post", "notes", "High tide."]);
    assert_eq!((did.code, did.talk.as_str()), (0, ""));
    let did = run(&base, Some(fake.home()), "", &["post", "notes", "Ebb.", "--verbose"]);
    assert!(did.code == 0 && did.talk.contains("folder marker missing"), "{did:?}");
    let did = run(&base, None, "", &["post", "notes", "Flood.", "--verbose"]);
    assert!(did.code == 0 && did.talk.contains("no settings of Syncthing"), "{did:?}");
}

#[test]
fn a_post_waits_once_and_not_for_each_question() {
    let (base, fake) = (base(), Fake::start());
    fake.folder("notes", &base.at("notes/outbox"), "sendonly", &[]);
    fake.world().slow = Duration::from_millis(250);
    run(&base, Some(fake.home()), "", &["post", "notes", "Low tide."]);
    std::thread::sleep(Duration::from_millis(500));
    assert!(scans(&fake).is_empty(), "it would come after more than half a second");
}

#[test]
fn an_outbox_that_stands_still_keeps_no_other_waiting() {
    let (base, fake) = (base(), Fake::start());
    for name in ["a", "b", "c"] {
        fake.folder(name, &base.at(&format!("{name}/outbox")), "sendonly", &[]);
    }
    fake.world().slow = Duration::from_millis(100);
    fake.world().instead = vec![("/rest/db/scan?folder=b".into(), 500, "no marker".into())];
    let home = Home::At(fake.home().into());
    let (failed, failures) = std::sync::mpsc::channel();
    let fail = move |folder: &Path, error: &Error| {
        failed.send((folder.to_owned(), error.to_string())).unwrap();
    };
    let ringer = Ringer::start(home, fail);
    for name in ["a", "b", "c"] {
        ringer.ring(base.at(&format!("{name}/outbox")));
    }
    until("the others", || {
        let scans = scans(&fake);
        ["folder=a", "folder=c"]
            .iter()
            .all(|one| scans.iter().any(|scan| scan == one))
            .then_some(())
    });
    let (folder, why) = failures.recv().unwrap();
    assert!(folder == base.at("b/outbox") && why.contains("no marker"), "{folder:?}: {why}");
}

#[test]
fn a_running_server_that_polls_has_it_looked_at_too() {
    let (base, fake) = (base(), Fake::start());
    fake.folder("notes", &base.at("notes/outbox"), "sendonly", &[]);
    fake.folder("mira", &base.at("mira/outbox"), "sendonly", &[]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_handbill"));
    command.args(["watch", "--quiet", "--poll=300"]).arg(base.path());
    command.env_clear().env("STHOMEDIR", fake.home()).stderr(Stdio::null());
    let _process = Process(command.spawn().unwrap());
    until("the first build", || base.at("_site/reader/notes/index.html").is_file().then_some(()));
    base.write("notes/outbox/2026-11-22T10-00-00Z.md", "By hand.");
    until("the scan", || (!scans(&fake).is_empty()).then_some(()));
    assert!(scans(&fake).iter().all(|scan| scan == "folder=notes"), "{:?}", scans(&fake));
}

#[test]
fn a_running_server_has_what_an_editor_writes_looked_at() {
    let (base, fake) = (base(), Fake::start());
    fake.folder("notes", &base.at("notes/outbox"), "sendonly", &[]);
    fake.folder("harbour", &base.at("harbour/inbox"), "receiveonly", &[]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_handbill"));
    command.args(["serve", "--quiet", "--port", &free_port().to_string()]).arg(base.path());
    command.env_clear().env("STHOMEDIR", fake.home()).stderr(Stdio::null());
    let _process = Process(command.spawn().unwrap());
    until("the first build", || base.at("_site/reader/notes/index.html").is_file().then_some(()));
    base.write("harbour/inbox/2026-11-21T10-00-00Z.md", "Arrived.");
    until("the page", || {
        base.at("_site/reader/harbour/in/2026-11-21T10-00-00Z.html").is_file().then_some(())
    });
    base.write("notes/outbox/2026-11-22T10-00-00Z.md", "By hand.");
    until("the scan", || (!scans(&fake).is_empty()).then_some(()));
    assert!(scans(&fake).iter().all(|scan| scan == "folder=notes"), "{:?}", scans(&fake));
}
