//! What was read from files that have not changed since: `.handbill/cache/`.
//!
//! Sound because an entry depends on one file alone, values are immutable, and the key holds all
//! that the value was made from: the path, the file's [`Stat`] and the version of the program. A
//! file that was young when it was read is read again, for its time may hide a second change: its
//! entry only serves a process that lets the file be for a moment.
//! Deleting or damaging the cache only costs time.

use crate::diagnostic::Diagnostic;
use crate::hash::Hash;
use crate::listing::{PublicCopy, Stat};
use crate::message::Meta;
use crate::path::RelPath;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

/// How old a file must be when it is read, in nanoseconds, for its times to tell the next change:
/// two seconds, the coarsest step of the file systems in use.
const YOUNG: i64 = 2_000_000_000;

/// What a message file said.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Known {
    stat: Stat,
    limit: u64,
    /// Its bytes' hash.
    pub source: Hash,
    /// What its text says.
    pub meta: Arc<Meta>,
    /// What was found in it: replayed, so that no warning is lost by the cache.
    pub found: Vec<Diagnostic>,
    /// Whether it was larger than the limit.
    pub too_large: bool,
    /// Whether its times will tell the next change.
    settled: bool,
}

/// What the file of a picture said.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Picture {
    /// Of the file, when it was read.
    pub stat: Stat,
    /// Width and height as it is shown, where its head tells.
    pub size: Option<(u32, u32)>,
    /// Whether it is a photograph that can be made smaller.
    pub photo: bool,
    /// What becomes of it in the public edition, where that was asked.
    pub copy: Option<PublicCopy>,
    /// Whether its times will tell the next change.
    pub settled: bool,
}

/// What is known of the files of a box.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct BoxCache {
    messages: HashMap<RelPath, Known>,
    pictures: HashMap<RelPath, Picture>,
}

/// What is known of the files of a contact: of the outbox, and of the inbox.
pub type ContactCache = [BoxCache; 2];

/// The cache, as it is kept.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Cache {
    version: String,
    contacts: BTreeMap<String, Arc<ContactCache>>,
}

/// Changes with the program, so that a cache of another version is not used.
pub(super) fn version() -> String {
    format!("{} 6", env!("CARGO_PKG_VERSION"))
}

/// Returns whether a text has the form of a version, as of [`version`].
fn is_version(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || " .-+".contains(c);
    text.len() < 40 && text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(plain)
}

impl Cache {
    /// Loads the cache; what cannot be used is as good as none. Returns also what is to be said
    /// of it.
    pub fn load(file: &Path) -> (Cache, Option<String>) {
        let Ok(bytes) = std::fs::read(file) else { return Default::default() };
        // Every version begins with its name.
        let made_by = postcard::take_from_bytes::<String>(&bytes).map(|(version, _)| version);
        match made_by {
            Ok(other) if other != version() && is_version(&other) => {
                let program = other.split(' ').next().unwrap_or_default();
                let text =
                    format!("the cache was made by another Handbill, {program}; all is read anew");
                (Cache::default(), Some(text))
            }
            _ => (postcard::from_bytes(&bytes).unwrap_or_default(), None),
        }
    }

    /// Saves the cache. Not being able to is no failure.
    pub fn save(&self, file: &Path) {
        if let Ok(bytes) = postcard::to_allocvec(self) {
            let _ = super::state::write_atomically(file, &bytes);
        }
    }

    /// Makes a cache of what is known of these contacts.
    pub fn of(contacts: impl Iterator<Item = (String, Arc<ContactCache>)>) -> Cache {
        Cache { version: version(), contacts: contacts.collect() }
    }

    /// Returns what is known of a contact.
    pub fn contact(&self, name: &str) -> Option<&Arc<ContactCache>> {
        self.contacts.get(name)
    }

    /// Returns how many contacts there are.
    pub fn len(&self) -> usize {
        self.contacts.len()
    }
}

impl BoxCache {
    /// Returns what a message file said, if it has not changed. One that was `young` when it was
    /// read may have, but for a file that is not looked at again.
    pub fn message(&self, path: &RelPath, stat: &Stat, limit: u64, young: bool) -> Option<&Known> {
        let known = self.messages.get(path)?;
        (known.stat == *stat && known.limit == limit && (known.settled || young)).then_some(known)
    }

    /// Returns the hash that the bytes of a message file had when it was read last.
    pub fn last(&self, path: &RelPath) -> Option<Hash> {
        let known = self.messages.get(path)?;
        (known.source != Hash::default()).then_some(known.source)
    }

    /// Returns what the file of a picture said, if it has not changed; `young` as for messages.
    pub fn picture(&self, path: &RelPath, stat: &Stat, young: bool) -> Option<&Picture> {
        let known = self.pictures.get(path)?;
        (known.stat == *stat && (known.settled || young)).then_some(known)
    }

    /// Remembers a message file that was read at `now`.
    pub fn keep_message(&mut self, path: RelPath, known: Known, now: i64) {
        let settled = known.settled || is_settled(&known.stat, now);
        self.messages.insert(path, Known { settled, ..known });
    }

    /// Remembers a picture that was read at `now`.
    pub fn keep_picture(&mut self, path: RelPath, picture: Picture, now: i64) {
        let settled = picture.settled || is_settled(&picture.stat, now);
        self.pictures.insert(path, Picture { settled, ..picture });
    }

    /// Returns how many entries there are that a later process can use.
    pub fn usable(&self) -> usize {
        let messages = self.messages.values().filter(|known| known.settled);
        messages.count() + self.pictures.values().filter(|known| known.settled).count()
    }
}

impl Known {
    /// Returns what a file of this `stat` said, read under a `limit`.
    pub fn new(
        stat: Stat,
        limit: u64,
        source: Hash,
        meta: Arc<Meta>,
        found: Vec<Diagnostic>,
        too_large: bool,
    ) -> Known {
        Known { stat, limit, source, meta, found, too_large, settled: false }
    }
}

/// Returns whether a file looked at `now` (in nanoseconds since 1970) is so old that its times will
/// tell the next change.
pub(super) fn is_settled(stat: &Stat, now: i64) -> bool {
    let newest = stat.mtime.max(stat.ctime);
    newest < now.saturating_sub(YOUNG) || stat.mtime > now
}
