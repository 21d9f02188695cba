//! The oracle: after any edits, whatever happened on the way, a build that goes on from the last
//! one gives the same bytes as a build that begins with nothing.

mod damage;
mod edits;
mod letter;
mod reuse;
mod running;
mod site;
mod world;

use crate::support::{Tree, dead_links, difference, set_time, tree};
use handbill::disk::{self, BuildOptions, BuildReport, Places};
use running::Running;
use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;
use world::{SettingsFile, World};

const SEQUENCES: u64 = 1_000;
const EDITS: usize = 30;
const THREADS: usize = 2;

#[test]
fn an_incremental_build_equals_a_clean_one_after_any_edits() {
    run_all(SEQUENCES, &sequence);
}

/// Runs sequences with seeds from 0, or the one of `HANDBILL_SEED`, on some threads. The first
/// that fails ends the test with its seed and its edits.
fn run_all(count: u64, run: &(dyn Fn(&mut World) + Sync)) {
    let only = std::env::var("HANDBILL_SEED").ok().map(|seed| seed.parse().unwrap());
    let (first, end) = only.map_or((0, count), |seed: u64| (seed, seed + 1));
    let next = AtomicU64::new(first);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        return;
                    }
                    let mut world = World::new(seed);
                    if catch_unwind(AssertUnwindSafe(|| run(&mut world))).is_err() {
                        next.store(end, Ordering::Relaxed);
                        panic!("seed {seed}, after\n  {}", world.log.join("\n  "));
                    }
                }
            });
        }
    });
}

/// Edits, builds and compares.
fn sequence(world: &mut World) {
    build(world);
    let points = [world.rng.below(EDITS), world.rng.below(EDITS)];
    let mut done = 0;
    while done < EDITS {
        let few = (1 + world.rng.below(5)).min(EDITS - done);
        for _ in 0..few {
            edits::edit(world);
        }
        let report = build(world);
        if points.iter().any(|point| (done..done + few).contains(point)) {
            compare(world, &report);
        }
        done += few;
    }
    edits::mend_settings(world);
    let report = build(world);
    compare(world, &report);
    let again = build(world);
    let idle = again.editions.iter().all(|edition| edition.written + edition.removed == 0);
    assert!(idle, "the second build of the same wrote: {:?}", again.editions);
}

/// Files that somebody put into the editions.
const FOREIGN: &[&str] = &["public/CNAME", "reader/.git/HEAD", "reader/notes/mine.txt"];

/// Builds both editions, and makes sure that no box was touched and nothing was left behind.
fn build(world: &mut World) -> BuildReport {
    world.note_inboxes();
    let refused = match world.settings.file {
        SettingsFile::Whole => None,
        _ => Some(tree(&world.base.at("_site/public"))),
    };
    let foreign: Vec<PathBuf> = FOREIGN
        .iter()
        .map(|path| world.base.at("_site").join(path))
        .filter(|path| path.is_file())
        .collect();
    let options = BuildOptions {
        // Channels lose all their messages here, which otherwise looks like a lost folder.
        allow_empty: world.settings.file == SettingsFile::Whole,
        ..world.base.options()
    };
    let report = match world.running {
        true => Running::build(&mut world.process, &world.base, &options),
        false => disk::build(&world.base.places(), &options).unwrap(),
    };
    world.check_boxes().unwrap();
    for path in foreign {
        assert!(fs::read(&path).is_ok_and(|bytes| bytes == b"mine"), "{} changed", path.display());
    }
    for edition in ["public", "reader"] {
        for leftover in ["tmp", "new", "journal"] {
            let built = report.editions.iter().any(|report| report.edition == edition);
            let path = world.base.at(&format!("_site/.{edition}.{leftover}"));
            assert!(!built || !path.exists(), "{} is left behind", path.display());
        }
    }
    if let (Some(before), Some(why)) = (refused, &report.refused) {
        let after = tree(&world.base.at("_site/public"));
        assert!(before == after, "the public edition was changed though it was refused: {why}");
    }
    for path in FOREIGN {
        let path = format!("_site/{path}");
        let (folder, _) = path.rsplit_once('/').unwrap();
        if world.base.at(folder).is_dir() || path.contains(".git") {
            world.base.write(&path, "mine");
        }
    }
    if let Some(process) = &mut world.process {
        process.settle(&world.base);
    }
    report
}

fn without_foreign(mut edition: Tree) -> Tree {
    for path in FOREIGN {
        edition.remove(path.split_once('/').unwrap().1);
    }
    edition
}

/// Compares the editions with those of a clean build of a copy, and looks at what must always
/// hold.
fn compare(world: &mut World, report: &BuildReport) {
    let clean = Clean::of(world);
    for edition in report.editions.iter().map(|report| report.edition) {
        let left = without_foreign(world.base.edition(edition));
        let right = tree(&clean.places.output.join(edition));
        if let Some(difference) = difference(&left, &right) {
            panic!("incremental (<) and clean (>) differ: {edition}/{difference}");
        }
        let empty = empty_folders(&world.base.at("_site").join(edition));
        assert!(empty.is_empty(), "folders of {edition} are left behind: {empty:?}");
        for (path, bytes) in left.iter().filter(|(path, _)| path.ends_with("feed.xml")) {
            let both = there_and_gone(std::str::from_utf8(bytes).unwrap());
            assert!(both.is_empty(), "{edition}/{path} says of {both:?} that it is gone");
        }
        let dead = dead_links(&left);
        assert!(dead.is_empty(), "links of {edition} lead nowhere: {dead:#?}");
    }
    if report.editions.len() == clean.report.editions.len() {
        let (left, right) = (findings(report), findings(&clean.report));
        let one = left.symmetric_difference(&right).next();
        assert!(one.is_none(), "found by one of the incremental and the clean build: {one:?}");
    }
    if report.editions.iter().any(|report| report.edition == "public") {
        check_private(world);
    }
}

/// Returns the ids of which a feed has an entry and says that they were deleted.
fn there_and_gone(feed: &str) -> BTreeSet<&str> {
    let cut = |begin: &str, end: &str| -> BTreeSet<&str> {
        feed.split(begin).skip(1).filter_map(|rest| rest.split(end).next()).collect()
    };
    let (there, gone) = (cut("<id>", "</id>"), cut("<at:deleted-entry ref=\"", "\""));
    assert_eq!(gone.len(), feed.matches("deleted-entry ").count());
    &there & &gone
}

fn empty_folders(folder: &Path) -> Vec<PathBuf> {
    let folders = walkdir::WalkDir::new(folder).into_iter().flatten();
    folders
        .filter(|entry| entry.file_type().is_dir())
        .map(walkdir::DirEntry::into_path)
        .filter(|path| fs::read_dir(path).unwrap().next().is_none())
        .collect()
}

/// Returns what a build found.
fn findings(report: &BuildReport) -> BTreeSet<String> {
    report.found.iter().map(|d| format!("{} {} {}", d.code, d.path, d.message)).collect()
}

/// Makes sure that the public edition holds no word of what must stay private.
fn check_private(world: &World) {
    let mut closed: Vec<&str> = Vec::new();
    for contact in &world.contacts {
        if !world.may_be_public(contact) {
            closed.push(&contact.word);
        }
    }
    let letters = world.letters.iter().filter(|(path, _)| !world.is_attachment(path));
    let closed_letters = letters.filter(|(_, letter)| letter.is_closed());
    closed.extend(closed_letters.map(|(_, letter)| letter.token.as_str()));
    for (path, bytes) in without_foreign(world.base.edition("public")) {
        let text = String::from_utf8_lossy(&bytes);
        for word in &closed {
            assert!(!text.contains(word), "{word} is private and stands in public/{path}");
            assert!(!path.contains(word), "{word} is private and is in the name of public/{path}");
        }
    }
}

/// A clean build of a copy, with the same local state, elsewhere.
struct Clean {
    _folder: TempDir,
    places: Places,
    report: BuildReport,
}

impl Clean {
    fn of(world: &mut World) -> Clean {
        let folder = TempDir::new_in(world.base.path().parent().unwrap()).unwrap();
        let (base, state) = (folder.path().join("a-copy"), folder.path().join("local"));
        copy_tree(world, &base);
        for (path, bytes) in tree(&world.base.at(".handbill/state")) {
            let file = state.join("state").join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, bytes).unwrap();
        }
        let output = folder.path().join("out");
        let places = Places::of(&base, Some(&output), Some(&state)).unwrap();
        let report = disk::build(&places, &world.base.options()).unwrap();
        Clean { _folder: folder, places, report }
    }
}

/// Copies a base folder without output and state, the files in some other order.
fn copy_tree(world: &mut World, to: &Path) {
    let from = world.base.path().to_owned();
    let walk = walkdir::WalkDir::new(&from)
        .into_iter()
        .filter_entry(|entry| !matches!(entry.file_name().to_str(), Some("_site" | ".handbill")));
    let mut files = Vec::new();
    for entry in walk.flatten() {
        let target = to.join(entry.path().strip_prefix(&from).unwrap());
        match entry.file_type().is_dir() {
            true => fs::create_dir_all(target).unwrap(),
            false => files.push((entry.path().to_owned(), target)),
        }
    }
    world.rng.shuffle(&mut files);
    for (source, target) in files {
        fs::copy(&source, &target).unwrap();
        set_time(&target, fs::metadata(&source).unwrap().modified().unwrap());
    }
}
