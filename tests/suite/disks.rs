//! Disks that are full, cannot be written or tell time coarsely; power that goes. Each ends with a
//! clear word, and nothing is lost.
//!
//! Disks are made with `mount`, which needs root; calls are made to fail, and the process to end at
//! one, with `strace`. Where the system lets us do neither, a test says so and ends.

#![expect(clippy::disallowed_macros, reason = "a test says why it is skipped")]

use crate::support::{Base, Tree, png, set_time, tree};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, UNIX_EPOCH};
use tempfile::TempDir;

/// A disk in memory.
struct Disk(TempDir);

impl Disk {
    fn new(megabytes: usize) -> Option<Disk> {
        let disk = Disk(TempDir::new().unwrap());
        let size = format!("size={megabytes}m");
        let made = mount(&["-t", "tmpfs", "-o", &size, "none"], disk.path());
        if !made {
            println!("skipped: this user may not mount");
        }
        made.then_some(disk)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Takes all the room there is; returns the file that takes it.
    fn fill(&self) -> PathBuf {
        let file = self.path().join("filler");
        let room = fs::File::create(&file).unwrap();
        let mut bytes = vec![0; 1 << 20];
        while !bytes.is_empty() {
            match std::io::Write::write_all(&mut &room, &bytes) {
                Ok(()) => {}
                Err(_) => bytes.truncate(bytes.len() / 2),
            }
        }
        file
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(self.path()).status().ok();
    }
}

fn mount(options: &[&str], at: &Path) -> bool {
    let mut command = Command::new("mount");
    command.args(options).arg(at).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

const SITE: &str = "-- handbill.toml\npublic = [\"notes\"]\n\
    -- notes/outbox/2026-11-20T10-00-00Z.md\nOne.\n\
    -- notes/outbox/2026-11-20T10-00-00Z/data.zip\nNot really a zip.\n\
    -- mira/inbox/2026-11-21T10-00-00Z.md\nTwo.\n-- mira/outbox/2026-11-22T10-00-00Z.md\nThree.\n";

/// Runs the program, in front of which something may stand.
fn run(before: &[&str], base: &Path, words: &[&str]) -> Output {
    let mut all: Vec<&str> = before.to_vec();
    all.push(env!("CARGO_BIN_EXE_handbill"));
    all.extend(words);
    let mut command = Command::new(all[0]);
    command.args(&all[1..]).current_dir(base).stdin(Stdio::null());
    // What is kept for want of a better place stays in the test's own folder.
    command.env("TMPDIR", base).env("SOURCE_DATE_EPOCH", "1795521600").output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn visible(output: &Path) -> Tree {
    let mut all = tree(output);
    all.retain(|path, _| !path.starts_with('.'));
    all
}

/// Builds `base` into a folder of a disk.
fn build(base: &Base, disk: &Disk) -> Output {
    let (output, state) = (disk.path().join("out"), disk.path().join("state"));
    let [output, state] = [&output, &state].map(|path| path.to_str().unwrap());
    run(&[], base.path(), &["build", "--quiet", "--output", output, "--state", state])
}

#[test]
fn a_full_disk_is_told_and_the_site_stays_whole() {
    let Some(disk) = Disk::new(4) else { return };
    let base = Base::of(SITE);
    assert!(build(&base, &disk).status.success());
    let before = visible(&disk.path().join("out"));
    let filler = disk.fill();
    base.write("handbill.toml", "title = \"Another\"\npublic = [\"notes\"]\n");
    base.write("notes/outbox/2026-11-23T10-00-00Z.md", "More.");
    base.write("notes/outbox/2026-11-23T10-00-00Z/sound.ogg", vec![1; 100_000]);
    let failed = build(&base, &disk);
    let words = said(&failed);
    assert_eq!(failed.status.code(), Some(2), "{words}");
    assert!(words.contains("No space left on device") && words.contains("out"), "{words}");
    let between = visible(&disk.path().join("out"));
    fs::remove_file(filler).unwrap();
    assert!(build(&base, &disk).status.success());
    let after = visible(&disk.path().join("out"));
    for path in before.keys().chain(between.keys()) {
        let is = between.get(path);
        assert!(is == before.get(path) || is == after.get(path), "{path} is neither");
    }
    base.build();
    assert!(after == visible(&base.at("_site")));
}

#[test]
fn an_output_that_cannot_be_written_stays_as_it_is_and_is_told() {
    let Some(disk) = Disk::new(4) else { return };
    let base = Base::of(SITE);
    assert!(build(&base, &disk).status.success());
    let before = tree(disk.path());
    base.write("notes/outbox/2026-11-23T10-00-00Z.md", "More.");
    assert!(mount(&["-o", "remount,ro"], disk.path()));
    let failed = build(&base, &disk);
    assert_eq!(failed.status.code(), Some(2));
    assert!(said(&failed).contains("Read-only file system"), "{}", said(&failed));
    assert!(tree(disk.path()) == before);
    assert!(mount(&["-o", "remount,rw"], disk.path()));
    assert!(build(&base, &disk).status.success());
    assert!(visible(&disk.path().join("out")).len() > visible(disk.path()).len() / 2);
}

#[test]
fn words_that_cannot_be_posted_are_kept_or_shown() {
    let Some(disk) = Disk::new(2) else { return };
    let base = disk.path().join("base");
    let elsewhere = Base::of(SITE);
    let copied = Command::new("cp").arg("-r").arg(elsewhere.path()).arg(&base).status().unwrap();
    assert!(copied.success());
    let outbox = tree(&base.join("notes"));
    disk.fill();
    let words = "Words that must not be lost. ".repeat(400);
    let failed = run(&[], &base, &["post", "notes", &words]);
    assert_eq!(failed.status.code(), Some(2), "{}", said(&failed));
    assert!(said(&failed).contains(&words), "{}", said(&failed));
    assert!(tree(&base.join("notes")) == outbox);
}

#[test]
fn times_of_two_seconds_lose_nothing() {
    let base = Base::of(SITE);
    base.build();
    let coarse = |folder: &str| {
        for path in tree(&base.at(folder)).keys() {
            let file = base.at(folder).join(path);
            let time = fs::metadata(&file).unwrap().modified().unwrap();
            let seconds = time.duration_since(UNIX_EPOCH).unwrap().as_secs() / 2 * 2;
            set_time(&file, UNIX_EPOCH + Duration::from_secs(seconds));
        }
    };
    for text in ["Two.", "Owt.", "Wot."] {
        coarse("_site");
        // As long as before, in the same two seconds.
        base.write("mira/inbox/2026-11-21T10-00-00Z.md", text);
        coarse("mira");
        let report = base.build();
        assert!(report.found.iter().all(|d| d.code != "foreign-file"), "{:?}", report.found);
        assert!(base.page("reader/mira/in/2026-11-21T10-00-00Z.html").contains(text), "{text}");
    }
}

/// Returns `strace` with an option, if it is there and may be used.
fn strace(option: &str) -> Option<Vec<&str>> {
    let works = Command::new("strace").args(["-qq", "-e", "trace=none", "true"]).output();
    if !works.is_ok_and(|output| output.status.success()) {
        println!("skipped: there is no strace, or it may not be used");
        return None;
    }
    Some(vec!["strace", "-f", "-qq", "-y", "-e", option])
}

/// The calls by which anything is made to last.
const CALLS: &str = "write,fsync,fdatasync,copy_file_range,mkdir,mkdirat,rename,renameat,renameat2,\
    unlink,unlinkat,link,linkat";

#[test]
fn what_is_posted_is_on_the_disk_before_it_has_its_name() {
    let traced = format!("trace={CALLS}");
    let Some(strace) = strace(&traced) else { return };
    let base = Base::of(SITE);
    base.write("gauge.txt", "1 m");
    let posted =
        run(&strace, base.path(), &["post", "notes", "Low tide.", "--attach", "gauge.txt"]);
    assert!(posted.status.success(), "{}", said(&posted));
    let trace = said(&posted);
    // Whether the folders are of one file system is tried with a name that is not there.
    let calls: Vec<&str> = trace.lines().filter(|call| !call.contains("ENOENT")).collect();
    let at = |what: &str, holds: &dyn Fn(&str) -> bool| {
        let found = calls.iter().position(|call| holds(call));
        found.unwrap_or_else(|| panic!("no {what} in\n{trace}"))
    };
    let synced = |name: &'static str| {
        move |call: &str| call.contains("sync(") && call.contains(&format!("{name}>"))
    };
    let renamed = |call: &str| call.contains("rename") && call.contains("/outbox>");
    let into_box = |call: &str| renamed(call) && !call.contains(".md\"");
    let text_moved = |call: &str| renamed(call) && call.contains(".md\"");
    let attachment = at("sync of the attachment", &synced("gauge.txt"));
    let text = at("sync of the text", &synced("/text"));
    let folder = at("the attachments in the box", &into_box);
    let moved = at("the text in the box", &text_moved);
    assert!(attachment < folder && text < folder && folder < moved, "{trace}");
    let sync_of_box = |range: &[&str]| range.iter().any(|call| synced("/outbox")(call));
    assert!(sync_of_box(&calls[folder..moved]) && sync_of_box(&calls[moved..]), "{trace}");
}

#[test]
fn a_post_that_is_cut_short_anywhere_leaves_a_whole_message_or_none() {
    let base = Base::of(SITE);
    base.write("gauge.txt", "1 m");
    let before = tree(&base.at("notes"));
    let (mut cut, mut done, mut ended) = (0, 0, None);
    for (call, nth) in CALLS.split(',').flat_map(|call| (1..50).map(move |nth| (call, nth))) {
        let option = format!("inject={call}:signal=SIGKILL:when={nth}");
        if ended == Some(call) {
            continue;
        }
        let Some(strace) = strace(&option) else { return };
        let words = ["post", "notes", "Low tide.", "--attach", "gauge.txt"];
        let posted = run(&strace, base.path(), &words);
        if posted.status.success() {
            ended = Some(call);
        }
        let mut new = tree(&base.at("notes"));
        new.retain(|path, _| !before.contains_key(path));
        // Attachments without their text wait for it, and are shown nowhere.
        let texts: Vec<_> = new.keys().filter(|path| path.ends_with(".md")).cloned().collect();
        for text in &texts {
            assert_eq!(new[text], b"Low tide.\n", "cut at {call} {nth}");
            let attachment = format!("{}/gauge.txt", text.strip_suffix(".md").unwrap());
            assert_eq!(new.get(&attachment).map(Vec::as_slice), Some(&b"1 m"[..]), "{call} {nth}");
        }
        assert!(texts.len() <= 1);
        if !posted.status.success() {
            cut += usize::from(texts.is_empty());
            done += usize::from(!texts.is_empty());
        }
        base.remove("notes");
        for (path, bytes) in &before {
            base.write(&format!("notes/{path}"), bytes);
        }
    }
    assert!(cut > 5 && done > 0, "{cut} without and {done} with a message");
    // What was left does not stand in the way.
    let posted = run(&[], base.path(), &["post", "notes", "High tide."]);
    assert!(posted.status.success(), "{}", said(&posted));
    assert_eq!(tree(&base.at(".handbill/tmp")), Tree::new());
}

#[test]
fn an_outbox_that_cannot_be_written_costs_no_words() {
    let Some(strace) = strace("inject=renameat,renameat2:error=EROFS:when=1") else { return };
    let base = Base::of(SITE);
    let failed = run(&strace, base.path(), &["post", "notes", "Low tide."]);
    let words = said(&failed);
    assert_eq!(failed.status.code(), Some(2), "{words}");
    assert!(words.contains("your words are kept as a draft in"), "{words}");
    let drafts = tree(&base.at("notes/drafts"));
    assert_eq!(drafts.values().collect::<Vec<_>>(), [b"Low tide.\n"]);
    assert_eq!(tree(&base.at("notes/outbox")).len(), 2);
}

#[test]
fn a_file_system_that_cannot_rename_without_overwriting_is_written() {
    let Some(strace) = strace("inject=renameat2:error=EINVAL") else { return };
    let base = Base::of(SITE);
    let posted = run(&strace, base.path(), &["post", "notes", "Low tide."]);
    assert!(posted.status.success(), "{}", said(&posted));
    assert_eq!(tree(&base.at("notes/outbox")).len(), 3);
}

#[test]
fn a_file_system_without_rename_keeps_its_site_and_is_told() {
    let base = Base::of(SITE);
    assert!(run(&[], base.path(), &["build", "--quiet"]).status.success());
    let before = visible(&base.at("_site"));
    base.write("notes/outbox/2026-11-23T10-00-00Z.md", "More.");
    let option = "inject=rename,renameat,renameat2:error=ENOSYS";
    let Some(strace) = strace(option) else { return };
    let failed = run(&strace, base.path(), &["build", "--quiet"]);
    assert_eq!(failed.status.code(), Some(2), "{}", said(&failed));
    assert!(said(&failed).contains("Function not implemented"), "{}", said(&failed));
    assert!(visible(&base.at("_site")) == before);
    assert!(run(&[], base.path(), &["build", "--quiet"]).status.success());
    assert!(base.page("public/notes/2026-11-23T10-00-00Z.html").contains("More."));
}

#[test]
fn what_could_not_be_read_once_is_read_the_next_time() {
    // As a damaged disk, and as a folder that is away for a moment.
    for (error, is_told) in [("EIO", true), ("ENOENT", false)] {
        let option = format!("inject=openat2:error={error}");
        let Some(mut strace) = strace(&option) else { return };
        let message = "2026-11-20T10-00-00Z.md";
        strace.extend(["-P", "channel.toml", "-P", message, "-P", "gauge.png"]);
        let base = Base::of(SITE);
        base.write("notes/outbox/2026-11-20T10-00-00Z/gauge.png", png(8, 6));
        base.write("notes/outbox/channel.toml", "title = \"Field notes\"").settle();
        let failed = run(&strace, base.path(), &["build"]);
        let words = said(&failed);
        for file in ["channel.toml", message] {
            let place = format!("--> notes/outbox/{file}");
            assert_eq!(words.contains(&place), is_told, "{error}: {words}");
        }
        // Nothing has changed that could be seen; then something has, elsewhere.
        for round in ["sealed", "recalled"] {
            let read = run(&[], base.path(), &["build"]);
            assert!(!said(&read).contains("unreadable"), "{}", said(&read));
            let page = base.page("public/notes/2026-11-20T10-00-00Z.html");
            for part in ["Field notes", "One.", "width=\"8\" height=\"6\""] {
                assert!(page.contains(part), "{error} {round} {part}");
            }
            base.write("mira/inbox/2026-11-23T10-00-00Z.md", "More.");
        }
    }
}
