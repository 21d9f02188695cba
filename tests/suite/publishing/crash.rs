//! A hundred builds that are killed: at whatever moment, what can be read is whole.
//!
//! Each file is the one before or the one after, never half of either; whoever follows links from
//! the front page finds every one of them; and the next build brings what one that nobody kills brings.

use crate::support::{Base, Rng, Tree, addresses, difference, set_time, tree};
use handbill::disk::{self, Places};
use handbill::path::RelPath;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

const KILLS: usize = 100;

/// A site of two channels and a conversation.
fn site() -> Base {
    let base = Base::in_memory();
    for n in 0..12 {
        let contact = ["notes", "tide", "mira"][n % 3];
        let stem = format!("{contact}/outbox/2026-{:02}-{:02}T10-00-00Z", n / 6 + 8, n + 1);
        base.write(&format!("{stem}.md"), format!("Number {n}. #tide"));
        base.write(&format!("{stem}/file.zip"), format!("{n}"));
    }
    base.write("mira/inbox/2026-09-01T10-00-00Z.md", "From Mira.");
    base
}

/// Changes something: pages of all kinds come, change and go.
fn edit(base: &Base, round: usize, rng: &mut Rng) {
    let settings = format!("title = \"Round {}\"\npublic = [\"notes\", \"tide\"]\n", round / 4);
    base.write("handbill.toml", settings);
    let stem = |n: usize| format!("notes/outbox/20{:02}-0{}-11T10-00-00Z", n % 20 + 1, n % 9 + 1);
    match round % 5 {
        0 => base.write("theme/assets/extra.css", format!("/* {round} */")),
        // Messages of months that had none, with a file each.
        1 | 2 => {
            for n in [round, round + 7, round + 13] {
                base.write(&format!("{}.md", stem(n)), format!("Late, {round}. #new{}", n % 6));
                base.write(&format!("{}/late.zip", stem(n)), format!("{round}"));
            }
            base
        }
        3 => {
            let there = tree(&base.at("notes/outbox"));
            let late: Vec<&String> =
                there.keys().filter(|path| !path.starts_with("2026")).collect();
            let messages: Vec<_> = late.into_iter().filter(|path| path.ends_with(".md")).collect();
            if let Some(path) = rng.pick_any(&messages) {
                base.remove(&format!("notes/outbox/{path}"));
            }
            base
        }
        _ => base.write("tide/outbox/2026-08-02T10-00-00Z.md", format!("Edited, {round}. #tide")),
    };
}

/// Waits until something holds; false where the build was done before.
fn wait(build: &mut Child, holds: impl Fn() -> bool) -> bool {
    while !holds() {
        if build.try_wait().unwrap().is_some() {
            return false;
        }
        std::thread::yield_now();
    }
    true
}

/// Returns the editions of an output folder.
fn editions(output: &Path) -> Tree {
    let mut all = tree(output);
    all.retain(|path, _| !path.starts_with('.'));
    all
}

/// Returns what a build gives that nobody kills, by one of a copy.
fn undisturbed(base: &Base) -> Tree {
    let folder = tempfile::TempDir::new_in(base.path().parent().unwrap()).unwrap();
    let copy = folder.path().join("copy");
    for entry in walkdir::WalkDir::new(base.path()) {
        let entry = entry.unwrap();
        let to = copy.join(entry.path().strip_prefix(base.path()).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(to).unwrap();
        } else {
            fs::copy(entry.path(), &to).unwrap();
            set_time(&to, entry.metadata().unwrap().modified().unwrap());
        }
    }
    disk::build(&Places::of(&copy, None, None).unwrap(), &base.options()).unwrap();
    editions(&copy.join("_site"))
}

/// Follows all links from the front page of an edition; returns those that lead nowhere.
fn lost(all: &Tree, edition: &str) -> Vec<String> {
    let mut known = BTreeSet::from([format!("{edition}/index.html")]);
    let mut next: Vec<String> = known.iter().cloned().collect();
    let mut lost = Vec::new();
    while let Some(page) = next.pop() {
        let Some(bytes) = all.get(&page) else {
            lost.push(page);
            continue;
        };
        if !page.ends_with(".html") {
            continue;
        }
        for address in addresses(std::str::from_utf8(bytes).unwrap()) {
            if address.contains(':') || address.starts_with(['/', '#']) {
                continue;
            }
            let target = address.split(['#', '?']).next().unwrap();
            let target = RelPath::parse(&page).unwrap().resolve_sibling(target).unwrap();
            if known.insert(target.to_string()) {
                next.push(target.to_string());
            }
        }
    }
    lost
}

/// Asserts that each file is as before or as after, and that no link leads to nothing.
#[track_caller]
fn assert_whole(now: &Tree, before: &Tree, after: &Tree, what: &str) {
    for path in before.keys().chain(after.keys()).chain(now.keys()) {
        let is = now.get(path);
        assert!(is == before.get(path) || is == after.get(path), "{what}: {path} is neither");
    }
    for edition in ["public", "reader"] {
        assert_eq!(lost(now, edition), Vec::<String>::new(), "{what}: {edition}");
    }
}

#[test]
fn what_can_be_read_is_whole_whenever_a_build_is_killed() {
    let base = site();
    let mut rng = Rng::new(1);
    base.build();
    let output = base.at("_site");
    let mut before = editions(&output);
    let (mut killed, mut between) = (0, 0);
    // How long an edition takes to be written, so that the kills fall within.
    let mut takes = Duration::from_millis(20);
    for round in 0..KILLS {
        edit(&base, round, &mut rng);
        let after = undisturbed(&base);
        let journal = base.at(&format!("_site/.{}.journal", ["public", "reader"][round % 2]));
        let mut build = base.start();
        let begun = wait(&mut build, || journal.exists());
        let at = Instant::now();
        let part = u32::try_from(rng.below(100)).unwrap();
        if begun && round % 10 == 9 {
            // This one may end, to tell how long it takes.
            wait(&mut build, || !journal.exists());
            takes = takes.max(at.elapsed()).min(Duration::from_millis(200));
        }
        wait(&mut build, || at.elapsed() > takes * part / 100);
        build.kill().unwrap();
        killed += usize::from(!build.wait().unwrap().success());
        let now = editions(&output);
        assert_whole(&now, &before, &after, &format!("round {round}"));
        between += usize::from(now != before && now != after);
        base.build();
        before = editions(&output);
        assert_eq!(difference(&before, &after), None, "round {round}");
    }
    assert!(between > KILLS / 5, "{between} of {killed} were killed in the middle");
}
