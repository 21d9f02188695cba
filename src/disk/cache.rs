//! What was read from files that have not changed since: `.handbill/cache/`.
//!
//! Sound because an entry depends on one file alone, values are immutable, and the key holds all
//! that the value was made from: the path, the file's [`Stat`] and the version of the program. A
//! file that was young when it was read is read again, for its time may hide a second change: its
//! entry only serves a process that lets the file be for a moment.
//! Deleting or damaging the cache only costs time.
//!
//! `file` writes what is kept of each contact, here and for [`snapshots`](super::snapshots), `stored`
//! reads it back; `growing` writes it while contacts are read.

mod file;
mod growing;
mod layered;
mod stored;

use crate::diagnostic::Diagnostic;
use crate::hash::Hash;
use crate::listing::{PublicCopy, Stat};
use crate::message::Meta;
use crate::path::RelPath;
pub use file::{Cache, Keep, Saved};
pub use growing::Growing;
use layered::Layered;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
pub use stored::Stored;

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
    messages: Layered<Arc<Known>>,
    pictures: Layered<Picture>,
}

/// What is known of the files of a contact: of the outbox, and of the inbox.
pub type ContactCache = [BoxCache; 2];

impl Keep for ContactCache {
    fn room(&self) -> usize {
        self.iter().map(|files| files.messages.len() * 640 + files.pictures.len() * 160).sum()
    }
}

/// Changes with the program, so that a cache of another version is not used. Its number is to be raised
/// with whatever is kept, and with how contacts are made of it: [`snapshots`](super::snapshots) keeps
/// these.
pub(super) fn version() -> String {
    format!("{} 9", env!("CARGO_PKG_VERSION"))
}

/// Returns whether a text has the form of a version, as of [`version`].
fn is_version(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || " .-+".contains(c);
    text.len() < 40 && text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(plain)
}

impl BoxCache {
    /// Returns what a message file said, if it has not changed. One that was `young` when it was
    /// read may have, but for a file that is not looked at again.
    pub fn message(
        &self,
        path: &RelPath,
        stat: &Stat,
        limit: u64,
        young: bool,
    ) -> Option<&Arc<Known>> {
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

    /// Makes room for so many message files more.
    pub fn expect(&mut self, messages: usize) {
        self.messages.reserve(messages);
    }

    /// Remembers a message file that was read at `now`.
    pub fn keep_message(&mut self, path: RelPath, mut known: Arc<Known>, now: i64) {
        if !known.settled && is_settled(&known.stat, now) {
            Arc::make_mut(&mut known).settled = true;
        }
        self.messages.insert(path, known);
    }

    /// Forgets a message file.
    pub fn forget_message(&mut self, path: &RelPath) {
        self.messages.remove(path);
    }

    /// Remembers a picture that was read at `now`.
    pub fn keep_picture(&mut self, path: RelPath, picture: Picture, now: i64) {
        let settled = picture.settled || is_settled(&picture.stat, now);
        self.pictures.insert(path, Picture { settled, ..picture });
    }

    /// Returns how many entries there are that a later process can use.
    pub fn usable(&self) -> usize {
        let messages = self.messages.iter().filter(|(_, known)| known.settled);
        messages.count() + self.pictures.iter().filter(|(_, known)| known.settled).count()
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
