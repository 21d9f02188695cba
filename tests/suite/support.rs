//! A base folder in a temporary place, and builds of it.

use handbill::disk::{self, BuildOptions, BuildReport, Places, PublishOptions};
use handbill::library::Edition;
use handbill::path::RelPath;
use handbill::time::{Now, Stamp};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The files of a tree by their path, `/` between parts.
pub type Tree = BTreeMap<String, Vec<u8>>;

/// A base folder that goes with the test.
pub struct Base {
    dir: TempDir,
    /// The instant of its builds.
    pub now: Now,
}

impl Base {
    /// Makes an empty base folder whose clock stands at 2026-11-24T12:00:00Z.
    pub fn new() -> Base {
        let now = Stamp::parse("2026-11-24T12:00:00Z").map(|stamp| Now(stamp.unix()));
        Base { dir: TempDir::new().unwrap(), now: now.unwrap() }
    }

    /// Makes a base folder of a text: each file begins with a line `-- path`.
    ///
    /// ```text
    /// -- handbill.toml
    /// public = ["notes"]
    /// -- notes/outbox/2026-11-23.md
    /// Low tide.
    /// ```
    pub fn of(text: &str) -> Base {
        let base = Base::new();
        for file in text.split("-- ").skip(1) {
            let (path, content) = file.split_once('\n').unwrap();
            base.write(path.trim(), content);
        }
        base
    }

    /// Returns the folder.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Returns a path in the folder.
    pub fn at(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    /// Writes a file, with the folders above it. Its time is set years back, so that the cache
    /// trusts it as it would trust any file that is not seconds old.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) -> &Base {
        let file = self.at(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, content).unwrap();
        self
    }

    /// Makes a folder.
    pub fn folder(&self, path: &str) -> &Base {
        fs::create_dir_all(self.at(path)).unwrap();
        self
    }

    /// Removes a file or a folder.
    pub fn remove(&self, path: &str) -> &Base {
        let path = self.at(path);
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
        self
    }

    /// Returns the places of a build with everything below the base folder.
    pub fn places(&self) -> Places {
        Places::of(self.path(), None, None, disk::Intent::Write).unwrap()
    }

    /// Returns the usual options.
    pub fn options(&self) -> BuildOptions {
        BuildOptions {
            editions: vec![Edition::Public, Edition::Reader],
            base_url: None,
            now: self.now,
            publish: PublishOptions::default(),
            allow_empty: false,
        }
    }

    /// Builds both editions.
    #[track_caller]
    pub fn build(&self) -> BuildReport {
        disk::build(&self.places(), &self.options()).unwrap()
    }

    /// Returns the files of an edition.
    pub fn edition(&self, edition: &str) -> Tree {
        tree(&self.at("_site").join(edition))
    }

    /// Returns a page of an edition as text.
    #[track_caller]
    pub fn page(&self, path: &str) -> String {
        let file = self.at("_site").join(path);
        fs::read_to_string(&file).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Returns the codes of all findings with their paths: `code path`.
    pub fn findings(&self) -> Vec<String> {
        let opened = disk::open(&self.places(), &self.options()).unwrap();
        opened.found.iter().map(|d| format!("{} {}", d.code, d.path)).collect()
    }
}

/// Returns all files below a folder.
pub fn tree(folder: &Path) -> Tree {
    let mut files = Tree::new();
    for entry in walkdir::WalkDir::new(folder).into_iter().flatten() {
        if entry.file_type().is_file() {
            let path = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            assert!(RelPath::parse(&path).is_some());
            files.insert(path, fs::read(entry.path()).unwrap());
        }
    }
    files
}
