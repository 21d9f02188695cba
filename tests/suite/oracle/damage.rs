//! What happens to the output and the cache: files lost or altered, builds killed half way.

use super::world::{SettingsFile, World};
use super::{FOREIGN, build};
use crate::support::{Tree, set_time, tree};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

/// Damages something that the next build must heal.
pub fn damage(world: &mut World) -> Option<String> {
    let edition = world.rng.pick(&["public", "reader"]);
    let site = world.base.at("_site");
    let folder = site.join(edition);
    match world.rng.below(9) {
        0 => {
            let file = published_file(world, edition)?;
            fs::remove_file(folder.join(&file)).unwrap();
            Some(format!("lose {edition}/{file}"))
        }
        1 => {
            let file = published_file(world, edition)?;
            let mut bytes = fs::read(folder.join(&file)).unwrap();
            bytes.extend(b"<!-- altered -->");
            // As editors do: what is written in place is found by `--verify` alone.
            fs::remove_file(folder.join(&file)).unwrap();
            fs::write(folder.join(&file), bytes).unwrap();
            Some(format!("alter {edition}/{file}"))
        }
        2 => {
            let file = published_file(world, edition)?;
            let parent = file.rsplit_once('/')?.0;
            fs::remove_dir_all(folder.join(parent)).unwrap();
            Some(format!("lose folder {edition}/{parent}"))
        }
        3 => {
            if folder.is_dir() {
                fs::remove_dir_all(&folder).unwrap();
            }
            Some(format!("lose {edition}"))
        }
        4 => {
            let cache = world.base.at(".handbill/cache");
            if world.rng.chance(50) && cache.is_dir() {
                fs::remove_dir_all(cache).unwrap();
            } else {
                let file = if world.rng.chance(50) { "messages" } else { "contacts" };
                world.base.write(&format!(".handbill/cache/{file}.bin"), "garbage");
            }
            Some("lose the cache".into())
        }
        5 => {
            for leftover in [".tmp", ".new"] {
                world.base.write(&format!("_site/.{edition}{leftover}/notes/0"), "left over");
            }
            Some(format!("leave temporary files of {edition}"))
        }
        6 => lose_manifest(world, edition),
        _ => Some(killed_build(world)),
    }
}

fn published_file(world: &mut World, edition: &str) -> Option<String> {
    let files = super::without_foreign(tree(&world.base.at("_site").join(edition)));
    world.rng.pick_any(&files.into_keys().collect::<Vec<_>>())
}

/// The manifest is lost between two builds: what is equal is taken over.
fn lose_manifest(world: &mut World, edition: &str) -> Option<String> {
    if world.settings.file != SettingsFile::Whole {
        return None;
    }
    build(world);
    let before = world.base.edition(edition);
    let manifest = world.base.at(&format!("_site/.{edition}.manifest"));
    match world.rng.chance(50) {
        true => fs::remove_file(manifest).unwrap(),
        false => fs::write(manifest, "garbage").unwrap(),
    }
    let report = build(world);
    let foreign: Vec<_> = report.found.iter().filter(|d| d.code == "foreign-file").collect();
    assert!(foreign.is_empty(), "after the loss of the manifest: {foreign:?}");
    assert!(report.editions.iter().all(|e| e.written == 0), "files were written anew");
    assert!(before == world.base.edition(edition), "the edition changed");
    Some(format!("lose the manifest of {edition} between two builds"))
}

type Site = BTreeMap<String, (Vec<u8>, SystemTime)>;

fn site(folder: &Path) -> Site {
    let files = tree(folder).into_iter();
    files
        .map(|(path, bytes)| {
            let time = fs::metadata(folder.join(&path)).unwrap().modified().unwrap();
            (path, (bytes, time))
        })
        .collect()
}

/// Makes the output what a build leaves that was killed: some files are of the new build, the
/// others of the one before; the manifest is the old one, and the journal names what was begun.
fn killed_build(world: &mut World) -> String {
    let folder = world.base.at("_site");
    let before = site(&folder);
    let report = build(world);
    let after = site(&folder);
    for edition in report.editions.iter().map(|report| report.edition) {
        let below = format!("{edition}/");
        let of_edition = |site: &Site| {
            let files = site.iter().filter(|(path, _)| path.starts_with(&below));
            let ours = files.filter(|(path, _)| !FOREIGN.contains(&path.as_str()));
            ours.map(|(path, (bytes, _))| (path.clone(), bytes.clone())).collect::<Tree>()
        };
        let (old, new) = (of_edition(&before), of_edition(&after));
        let manifest = format!(".{edition}.manifest");
        if old.is_empty() {
            killed_fresh(world, &folder, edition);
            continue;
        }
        let begun: Vec<&String> = new
            .iter()
            .filter(|(path, bytes)| old.get(*path) != Some(bytes))
            .map(|(p, _)| p)
            .collect();
        if begun.is_empty() {
            continue;
        }
        restore(&folder, &manifest, before.get(&manifest));
        let mut whole = true;
        for path in &begun {
            if world.rng.chance(50) {
                restore(&folder, path, before.get(*path));
                whole = false;
            }
        }
        // What is no longer part of the edition goes last.
        for path in old.keys().filter(|path| !new.contains_key(*path)) {
            if !whole || world.rng.chance(50) {
                restore(&folder, path, before.get(path));
            }
        }
        let journal: Vec<&str> = begun.iter().map(|path| &path[below.len()..]).collect();
        fs::write(folder.join(format!(".{edition}.journal")), journal.join("\n") + "\n").unwrap();
        fs::create_dir_all(folder.join(format!(".{edition}.tmp"))).unwrap();
        fs::write(folder.join(format!(".{edition}.tmp/7")), "half a fi").unwrap();
    }
    "a build is killed".into()
}

/// Makes the output what a first build leaves that was killed: a staging folder and no edition.
fn killed_fresh(world: &mut World, folder: &Path, edition: &str) {
    let (ready, staging) = (folder.join(edition), folder.join(format!(".{edition}.new")));
    fs::rename(&ready, &staging).unwrap();
    if world.rng.chance(50) {
        fs::remove_file(folder.join(format!(".{edition}.manifest"))).unwrap();
    }
    for path in tree(&staging).keys() {
        if world.rng.chance(30) {
            fs::remove_file(staging.join(path)).unwrap();
        }
    }
}

/// Makes a file what it was, with its time.
fn restore(folder: &Path, path: &str, was: Option<&(Vec<u8>, SystemTime)>) {
    let file = folder.join(path);
    match was {
        None => drop(fs::remove_file(file)),
        Some((bytes, time)) => {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, bytes).unwrap();
            set_time(&file, *time);
        }
    }
}
