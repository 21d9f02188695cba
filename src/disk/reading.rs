//! The reading state on disk: `.handbill/state/reading.json`, and `.handbill/state/arrived.bin`
//! with two numbers for each message of an inbox that was ever there, so that what arrives is known
//! from what was there, whatever date it bears.

use super::state::{set_aside, write_atomically};
use crate::hash::Hash;
use crate::library::{Contact, Side};
use crate::reading::{Mark, Reading};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How many bytes an id has.
const ID: u64 = 8;

/// The reading state of a process.
pub struct Shelf {
    folder: PathBuf,
    reading: Reading,
    arrived: HashSet<u64>,
    /// Whether nothing is known yet of what was there before: then all that is there was.
    is_first: bool,
    /// The contacts that were looked at last.
    looked: Vec<Arc<Contact>>,
    /// Whether the state on disk is behind.
    unsaved: bool,
    /// Whether it could not be written the last time.
    failed: bool,
}

impl Shelf {
    /// Opens the reading state of a state folder. One that cannot be used is set aside; returns also
    /// what is to be said of that.
    pub fn open(state: &Path) -> (Shelf, Option<String>) {
        let folder = state.join("state");
        let (reading, told) = load(&reading_file(&folder));
        let (arrived, is_first) = match std::fs::read(arrived_file(&folder)) {
            Ok(bytes) => {
                let ids = bytes
                    .chunks_exact(ID as usize)
                    .filter_map(|id| Some(u64::from_le_bytes(id.try_into().ok()?)));
                (ids.collect(), false)
            }
            Err(_) => (HashSet::new(), true),
        };
        let (looked, unsaved, failed) = (Vec::new(), false, false);
        (Shelf { folder, reading, arrived, is_first, looked, unsaved, failed }, told)
    }

    /// Returns the state as it is now.
    pub fn reading(&self) -> &Reading {
        &self.reading
    }

    /// Takes in what has arrived and what has gone since the last look. Contacts that are the same are
    /// passed over.
    ///
    /// # Errors
    /// When what has arrived cannot be noted: it is looked at again.
    pub fn look(&mut self, contacts: &[Arc<Contact>]) -> io::Result<()> {
        let mut before: HashMap<&str, &Arc<Contact>> = HashMap::new();
        before.extend(self.looked.iter().map(|known| (known.head.dir.as_str(), known)));
        let before = |contact: &Contact| before.get(contact.head.dir.as_str()).copied();
        let is_known = |contact: &Arc<Contact>| {
            before(contact).is_some_and(|known| Arc::ptr_eq(known, contact))
        };
        let changed: Vec<&Arc<Contact>> =
            contacts.iter().filter(|contact| !is_known(contact)).collect();
        let mut new = Vec::new();
        for contact in &changed {
            let come = before(contact).and_then(|before| contact.come_since(before));
            let come = come.unwrap_or_else(|| contact.messages.iter().collect());
            for message in come.into_iter().filter(|message| message.side == Side::Inbox) {
                // A contact that was renamed is known by the id of its channel.
                let ids = [message.id.with(id_of), id_of(message.page.as_str())];
                if !ids.iter().any(|id| self.arrived.contains(id)) {
                    new.push((ids, &contact.head.dir, message.page.as_str()));
                }
            }
        }
        let ids = new.iter().flat_map(|(ids, ..)| ids);
        let ids: Vec<u8> = ids.flat_map(|id| id.to_le_bytes()).collect();
        if !ids.is_empty() || self.is_first {
            append_ids(&self.folder, &ids)?;
        }
        for (ids, contact, page) in new {
            let is_new = ids.map(|id| self.arrived.insert(id)) == [true; 2];
            if is_new && !self.is_first {
                self.reading.arrive(contact, page);
                self.unsaved = true;
            }
        }
        for contact in changed {
            let unread = self.reading.unread.get(&contact.head.dir);
            if unread.is_none_or(Vec::is_empty) {
                continue;
            }
            self.reading.keep(&contact.head.dir, |page| contact.slices.by_page(page).is_some());
        }
        self.is_first = false;
        self.looked = contacts.to_vec();
        Ok(())
    }

    /// Does what is wanted, in memory.
    pub fn apply(&mut self, mark: &Mark) {
        self.unsaved |= self.reading.apply(mark);
    }

    /// Returns whether the state on disk is behind.
    pub fn is_unsaved(&self) -> bool {
        self.unsaved
    }

    /// Writes the state, where it has changed.
    ///
    /// # Errors
    /// When it cannot be written; it is tried again the next time.
    pub fn save(&mut self) -> io::Result<()> {
        if !self.unsaved {
            return Ok(());
        }
        let bytes = serde_json::to_vec_pretty(&self.reading)?;
        let written = write_atomically(&reading_file(&self.folder), &bytes);
        self.failed = written.is_err();
        self.unsaved = self.failed;
        written
    }

    /// Returns whether the state could not be written the last time.
    pub fn has_failed(&self) -> bool {
        self.failed
    }
}

fn reading_file(folder: &Path) -> PathBuf {
    folder.join("reading.json")
}

fn arrived_file(folder: &Path) -> PathBuf {
    folder.join("arrived.bin")
}

/// Adds ids to those that are known. One that was cut short the last time is overwritten.
fn append_ids(folder: &Path, ids: &[u8]) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut file =
        File::options().create(true).append(true).read(true).open(arrived_file(folder))?;
    let length = file.metadata()?.len();
    if length % ID != 0 {
        file.set_len(length - length % ID)?;
    }
    file.write_all(ids)
}

/// Returns what stands for a message among all that ever arrived, by its id or its page.
fn id_of(page: &str) -> u64 {
    let mut id = [0; ID as usize];
    id.copy_from_slice(&Hash::of(page.as_bytes()).bytes()[..ID as usize]);
    u64::from_be_bytes(id)
}

fn load(path: &Path) -> (Reading, Option<String>) {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Default::default(),
        Err(error) => {
            let text = format!("`{}` cannot be read ({error})", path.display());
            return (Reading::default(), Some(text));
        }
    };
    match serde_json::from_slice(&bytes) {
        Ok(reading) => (reading, None),
        Err(error) => {
            let told = set_aside(path, &error);
            (
                Reading::default(),
                Some(format!("{told}; all counts as read, and nothing as starred")),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_was_cut_short_spoils_none_behind_it() {
        let folder = tempfile::TempDir::new().unwrap();
        append_ids(folder.path(), &[1; 8]).unwrap();
        append_ids(folder.path(), &[2; 5]).unwrap();
        append_ids(folder.path(), &[3; 8]).unwrap();
        let bytes = std::fs::read(arrived_file(folder.path())).unwrap();
        assert_eq!(bytes, [[1; 8], [3; 8]].concat());
    }
}
