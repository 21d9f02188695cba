//! The index of earlier versions, and their texts.

use crate::disk::state::{set_aside, write_atomically};
use crate::hash::Hash;
use crate::library::history::{History, Version};
use crate::limits::VERSION_TEXTS;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is known of messages that have changed, by their file below the base folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Store {
    /// Their versions.
    pub(super) histories: BTreeMap<String, Arc<History>>,
    /// Since when files of which something is kept have been gone, in seconds since 1970.
    #[serde(default)]
    pub(super) gone: BTreeMap<String, i64>,
    /// When it was last swept, in seconds since 1970.
    #[serde(default)]
    pub(super) swept: i64,
}

/// What a version takes in the index, in bytes.
const ENTRY: u64 = 128;

fn index_file(folder: &Path) -> PathBuf {
    folder.join("index.json")
}

/// Returns the file of a text. A name made of a hash leads nowhere else.
pub(super) fn text_file(folder: &Path, source: Hash) -> PathBuf {
    folder.join("texts").join(format!("{}.txt", source.hex(32)))
}

pub(super) fn write_text(folder: &Path, source: Hash, text: &str) -> io::Result<()> {
    write_atomically(&text_file(folder, source), text.as_bytes())
}

/// Returns what there is of the files of a contact.
pub(super) fn within<'h, V>(
    files: &'h BTreeMap<String, V>,
    contact: &str,
) -> impl Iterator<Item = (&'h String, &'h V)> {
    let folder = format!("{contact}/");
    files.range(folder.clone()..).take_while(move |(path, _)| path.starts_with(&folder))
}

impl Store {
    /// Loads the index of a state folder. One that cannot be used is set aside; returns also what is
    /// to be said of that.
    pub fn load(state: &Path) -> (Store, Option<String>) {
        let path = index_file(&super::folder(state));
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Default::default(),
            Err(error) => {
                let text = format!("`{}` cannot be read ({error})", path.display());
                return (Store::default(), Some(text));
            }
        };
        match serde_json::from_slice::<Store>(&bytes) {
            Ok(store) => (store.bounded(), None),
            Err(error) => {
                let told = set_aside(&path, &error);
                (
                    Store::default(),
                    Some(format!("{told}; earlier versions of messages are not known")),
                )
            }
        }
    }

    /// Returns the versions of the messages of a contact, by file.
    pub fn of(&self, contact: &str) -> impl Iterator<Item = (&String, &Arc<History>)> {
        within(&self.histories, contact)
    }

    /// Drops the oldest versions until what is kept of all has at most [`VERSION_TEXTS`] bytes.
    pub(super) fn bounded(mut self) -> Store {
        // One of which no text is kept takes room too.
        let size = |version: &Version| version.size.unwrap_or(0) + ENTRY;
        let earlier = |store: &Store| -> Vec<(Option<i64>, String, u64)> {
            let histories = store.histories.iter();
            let versions = histories.flat_map(|(path, history)| {
                history.earlier.iter().map(move |one| (one.seen, path.clone(), size(one)))
            });
            versions.collect()
        };
        let mut all = earlier(&self);
        let mut sum: u64 = all.iter().map(|(_, _, size)| size).sum();
        if sum <= VERSION_TEXTS {
            return self;
        }
        all.sort();
        for (_, path, size) in all {
            if sum <= VERSION_TEXTS {
                break;
            }
            if let Some(history) = self.histories.get_mut(&path) {
                Arc::make_mut(history).earlier.remove(0);
            }
            sum -= size;
        }
        self.histories.retain(|_, history| !history.earlier.is_empty());
        self
    }

    pub(super) fn save(&self, folder: &Path) -> io::Result<()> {
        let bytes = serde_json::to_vec(self)?;
        write_atomically(&index_file(folder), &bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_versions_give_way_to_the_bound() {
        let version = |seen: i64, size: u64| Version {
            source: Hash::of(&seen.to_le_bytes()),
            seen: Some(seen),
            size: Some(size),
        };
        let history = |earlier: &[i64]| {
            let earlier =
                earlier.iter().map(|seen| version(*seen, VERSION_TEXTS / 3 - ENTRY)).collect();
            Arc::new(History { earlier, current: version(99, 1) })
        };
        let histories = [("a", history(&[1, 5])), ("b", history(&[2])), ("c", history(&[3, 4]))];
        let histories = histories.map(|(path, history)| (path.to_owned(), history)).into();
        let store = Store { histories, ..Store::default() }.bounded();
        let left = |path: &str| store.histories.get(path).map(|history| history.earlier.len());
        assert_eq!((left("a"), left("b"), left("c")), (Some(1), None, Some(2)));
    }
}
