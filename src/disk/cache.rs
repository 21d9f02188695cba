//! What was read from files that have not changed since: `.handbill/cache/`.
//!
//! Sound because an entry depends on one file alone, values are immutable, and the key holds all
//! that the value was made from: the path, the file's [`Stat`] and the version of the program. A
//! file that was young when it was read is read again, for its time may hide a second change: its
//! entry only serves a process that lets the file be for a moment.
//! Deleting or damaging the cache only costs time.

use super::{frames, state};
use crate::diagnostic::Diagnostic;
use crate::hash::{FastMap, Hash};
use crate::listing::{PublicCopy, Stat};
use crate::message::Meta;
use crate::path::RelPath;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
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
    messages: FastMap<RelPath, Arc<Known>>,
    pictures: FastMap<RelPath, Picture>,
}

/// What is known of the files of a contact: of the outbox, and of the inbox.
pub type ContactCache = [BoxCache; 2];

/// The cache of all contacts.
///
/// Its file is the name of the version, and a frame (see [`frames`]) for each contact: the contact's
/// name and what is known of it. What has not changed is copied as it is.
#[derive(Debug, Clone, Default)]
pub struct Cache(BTreeMap<String, Arc<ContactCache>>);

/// Changes with the program, so that a cache of another version is not used.
pub(super) fn version() -> String {
    format!("{} 7", env!("CARGO_PKG_VERSION"))
}

/// Returns whether a text has the form of a version, as of [`version`].
fn is_version(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || " .-+".contains(c);
    text.len() < 40 && text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(plain)
}

/// Returns the frames of a cache that was saved, as far as they are sound, by contact; none of
/// another version's, of which the name is returned too.
fn saved(bytes: &[u8]) -> (BTreeMap<String, &[u8]>, Option<String>) {
    // Every version begins with its name.
    match postcard::take_from_bytes::<String>(bytes) {
        Ok((made_by, rest)) if made_by == version() => {
            let (mut all, mut at) = (BTreeMap::new(), bytes.len() - rest.len());
            while let Some((frame, end)) = frames::next(bytes, at) {
                let name = postcard::take_from_bytes(frame).ok();
                all.extend(name.map(|(name, _)| (name, frame)));
                at = end;
            }
            (all, None)
        }
        Ok((other, _)) if is_version(&other) => (BTreeMap::new(), Some(other)),
        _ => Default::default(),
    }
}

impl Cache {
    /// Loads the cache; what cannot be used is as good as none. Returns also what is to be said
    /// of it.
    pub fn load(file: &Path) -> (Cache, Option<String>) {
        let Ok(bytes) = std::fs::read(file) else { return Default::default() };
        let (frames, other) = saved(&bytes);
        let remark = other.map(|other| {
            let program = other.split(' ').next().unwrap_or_default();
            format!("the cache was made by another Handbill, {program}; all is read anew")
        });
        let read = |frame: &[u8]| postcard::from_bytes::<(String, ContactCache)>(frame).ok();
        let contacts: Vec<_> =
            frames.into_par_iter().filter_map(|(_, frame)| read(frame)).collect();
        let contacts = contacts.into_iter().map(|(name, cache)| (name, Arc::new(cache)));
        (Cache(contacts.collect()), remark)
    }

    /// Saves the cache; of contacts that are not `changed`, what the file says is as good. Not being
    /// able to is no failure.
    pub fn save(&self, file: &Path, changed: &BTreeSet<String>) {
        let before = std::fs::read(file).unwrap_or_default();
        let known = saved(&before).0;
        let frame = |(name, cache): &(&String, &Arc<ContactCache>)| {
            match known.get(*name).filter(|_| !changed.contains(*name)) {
                Some(frame) => Cow::Borrowed(*frame),
                // Plain structs always serialize.
                None => Cow::Owned(postcard::to_allocvec(&(name, cache)).unwrap_or_default()),
            }
        };
        let contacts: Vec<_> = self.0.iter().collect();
        let _ = state::write_atomically_with(file, |out| {
            out.write_all(&postcard::to_allocvec(&version()).unwrap_or_default())?;
            // As many at once as there are processors, so that few are in memory.
            for some in contacts.chunks(rayon::current_num_threads()) {
                let made: Vec<Cow<'_, [u8]>> = some.par_iter().map(frame).collect();
                for frame in made {
                    frames::write(out, &frame)?;
                }
            }
            Ok(())
        });
    }

    /// Makes a cache of what is known of these contacts.
    pub fn of(contacts: impl Iterator<Item = (String, Arc<ContactCache>)>) -> Cache {
        Cache(contacts.collect())
    }

    /// Returns what is known of a contact.
    pub fn contact(&self, name: &str) -> Option<&Arc<ContactCache>> {
        self.0.get(name)
    }

    /// Returns how many contacts there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A contact of which one file is known, of this size.
    fn contact(size: u64) -> Arc<ContactCache> {
        let stat = Stat { size, ..Stat::default() };
        let known = Known::new(stat, 9, Hash::default(), Arc::default(), Vec::new(), false);
        let mut cache = ContactCache::default();
        cache[0].keep_message(RelPath::parse("a.md").unwrap(), Arc::new(known), i64::MAX);
        Arc::new(cache)
    }

    /// The sizes that a cache knows, by contact.
    fn sizes(cache: &Cache) -> Vec<(&str, u64)> {
        let size = |cache: &ContactCache| cache[0].messages.values().map(|k| k.stat.size).sum();
        cache.0.iter().map(|(name, known)| (name.as_str(), size(known))).collect()
    }

    fn of(contacts: &[(&str, u64)]) -> Cache {
        Cache::of(contacts.iter().map(|(name, size)| ((*name).to_owned(), contact(*size))))
    }

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn only_what_has_changed_is_written_anew() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("messages.bin");
        of(&[("a", 1), ("b", 2), ("c", 3)]).save(&file, &names(&["a", "b", "c"]));
        assert_eq!(sizes(&Cache::load(&file).0), [("a", 1), ("b", 2), ("c", 3)]);
        // `a` is said not to have changed, and so its other size is not looked at.
        of(&[("a", 9), ("b", 8), ("d", 4)]).save(&file, &names(&["b"]));
        assert_eq!(sizes(&Cache::load(&file).0), [("a", 1), ("b", 8), ("d", 4)]);
    }

    #[test]
    fn damage_costs_what_follows_it() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("messages.bin");
        let all = of(&[("a", 1), ("b", 2)]);
        all.save(&file, &names(&[]));
        let mut bytes = std::fs::read(&file).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(&file, &bytes).unwrap();
        assert_eq!(sizes(&Cache::load(&file).0), [("a", 1)]);
        all.save(&file, &names(&[]));
        assert_eq!(sizes(&Cache::load(&file).0), [("a", 1), ("b", 2)]);
        std::fs::write(&file, "garbage").unwrap();
        assert_eq!(Cache::load(&file).0.len(), 0);
    }
}
