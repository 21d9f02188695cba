//! What was read from files that have not changed since: `.handbill/cache/`.
//!
//! Sound because an entry depends on one file alone, values are immutable, and the key holds all
//! that the value was made from: the path, the file's [`Stat`] and the version of the program. A
//! file that was young when it was read is read again, for its time may hide a second change: its
//! entry only serves a process that lets the file be for a moment.
//! Deleting or damaging the cache only costs time.

mod growing;
mod layered;
mod stored;

use super::{frames, state};
use crate::diagnostic::Diagnostic;
use crate::hash::Hash;
use crate::listing::{PublicCopy, Stat};
use crate::message::Meta;
use crate::path::RelPath;
pub use growing::Growing;
use layered::Layered;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
pub use stored::Stored;
use tempfile::NamedTempFile;

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

/// What is known of all contacts, to be saved.
#[derive(Debug, Clone, Default)]
pub struct Cache(BTreeMap<String, Arc<ContactCache>>);

/// The file of a cache as it was loaded or saved.
///
/// It is the name of the version, how long the file was when the whole was written, in eight bytes, and
/// frames (see [`frames`]): each the name of a contact and what is known of it. What is known later is
/// added at the end, and counts instead of what stands before.
#[derive(Debug, Clone, Copy)]
pub struct Saved {
    /// How long the file is.
    length: u64,
    /// How long it was when the whole was written.
    whole: u64,
}

/// The whole is written anew when what was added takes more than it did, and this.
const SPARE: u64 = 64 << 10;

/// Changes with the program, so that a cache of another version is not used.
pub(super) fn version() -> String {
    format!("{} 9", env!("CARGO_PKG_VERSION"))
}

/// Returns whether a text has the form of a version, as of [`version`].
fn is_version(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || " .-+".contains(c);
    text.len() < 40 && text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(plain)
}

impl Cache {
    /// Saves what is known of contacts that have `changed` since the file was as `saved` says; of all
    /// where it says nothing, is another one now, or has grown too long. Returns what the file is
    /// then. Not being able to is no failure.
    pub fn save(
        &self,
        file: &Path,
        changed: &BTreeSet<String>,
        saved: Option<Saved>,
    ) -> Option<Saved> {
        let changed: Vec<_> =
            changed.iter().filter_map(|name| self.0.get_key_value(name)).collect();
        // Where most of it is new, the whole is no more.
        let saved = saved.filter(|_| changed.len() * 2 <= self.0.len());
        let added = saved.and_then(|saved| add(file, &changed, saved).ok().flatten());
        added.or_else(|| self.save_all(file).ok())
    }

    fn save_all(&self, file: &Path) -> std::io::Result<Saved> {
        let contacts: Vec<_> = self.0.iter().collect();
        let mut whole = Whole::begin(file, state::temporary_beside(file)?)?;
        // As many at once as there are processors, so that few are in memory.
        for some in contacts.chunks(rayon::current_num_threads()) {
            let made: Vec<Vec<u8>> = some.par_iter().map(|contact| encoded(*contact)).collect();
            made.iter().try_for_each(|frame| whole.add(frame))?;
        }
        whole.end()
    }

    /// Makes a cache of what is known of these contacts.
    pub fn of(contacts: impl Iterator<Item = (String, Arc<ContactCache>)>) -> Cache {
        Cache(contacts.collect())
    }
}

/// Returns what a frame holds.
fn encoded(contact: (&String, &Arc<ContactCache>)) -> Vec<u8> {
    // Room enough for most, so that it need not be copied while it grows; what is not used of it
    // is never touched.
    let room = |files: &BoxCache| files.messages.len() * 640 + files.pictures.len() * 160;
    let room = contact.1.iter().map(room).sum();
    // Plain structs always serialize.
    postcard::to_extend(&contact, Vec::with_capacity(room)).unwrap_or_default()
}

/// Adds what is known of contacts at the end of a file; none where the whole has to be written.
fn add(
    file: &Path,
    contacts: &[(&String, &Arc<ContactCache>)],
    saved: Saved,
) -> std::io::Result<Option<Saved>> {
    let mut more = Vec::new();
    contacts.iter().for_each(|contact| frames::push(&mut more, &encoded(*contact)));
    let length = saved.length + more.len() as u64;
    let mut out = std::fs::File::options().append(true).open(file)?;
    if out.metadata()?.len() != saved.length || length > saved.whole.saturating_mul(2) + SPARE {
        return Ok(None);
    }
    out.write_all(&more)?;
    Ok(Some(Saved { length, ..saved }))
}

/// The whole of a cache on its way to the disk: first its frames, then how long it is.
struct Whole {
    out: NamedTempFile,
    file: PathBuf,
    /// Where its length is written.
    place: u64,
}

impl Whole {
    /// Begins a cache in a temporary file.
    fn begin(file: &Path, mut out: NamedTempFile) -> std::io::Result<Whole> {
        out.write_all(&postcard::to_allocvec(&version()).unwrap_or_default())?;
        let place = out.stream_position()?;
        out.write_all(&[0; 8])?;
        Ok(Whole { out, file: file.to_owned(), place })
    }

    /// Adds a frame.
    fn add(&mut self, frame: &[u8]) -> std::io::Result<()> {
        frames::write(&mut self.out, frame)
    }

    /// Puts the cache in the place of the one before.
    fn end(mut self) -> std::io::Result<Saved> {
        let whole = self.out.stream_position()?;
        self.out.seek(SeekFrom::Start(self.place))?;
        self.out.write_all(&whole.to_le_bytes())?;
        self.out.persist(&self.file)?;
        Ok(Saved { length: whole, whole })
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

    /// The sizes that a cache knows of the contacts `a` and `b`, and what can be added to its file.
    fn read(file: &Path) -> (Vec<(&str, u64)>, Option<Saved>) {
        let (stored, _) = Stored::open(file);
        let size = |cache: &ContactCache| cache[0].messages.iter().map(|(_, k)| k.stat.size).sum();
        let known = ["a", "b"].map(|name| Some((name, size(&stored.contact(name)?))));
        (known.into_iter().flatten().collect(), stored.saved())
    }

    fn sizes(file: &Path) -> Vec<(&str, u64)> {
        read(file).0
    }

    fn of(contacts: &[(&str, u64)]) -> Cache {
        Cache::of(contacts.iter().map(|(name, size)| ((*name).to_owned(), contact(*size))))
    }

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn what_has_changed_is_added_until_the_whole_is_written_anew() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("messages.bin");
        let length = || std::fs::metadata(&file).unwrap().len();
        let mut saved = of(&[("a", 1), ("b", 2)]).save(&file, &names(&[]), None);
        let whole = length();
        // `a` is said not to have changed, and so its other size is not looked at.
        saved = of(&[("a", 9), ("b", 8)]).save(&file, &names(&["b"]), saved);
        assert_eq!(sizes(&file), [("a", 1), ("b", 8)]);
        assert!(length() > whole);
        // Another process has written it meanwhile.
        of(&[("a", 3)]).save(&file, &names(&[]), None);
        saved = of(&[("a", 9), ("b", 7)]).save(&file, &names(&["b"]), saved);
        assert_eq!(sizes(&file), [("a", 9), ("b", 7)]);
        let (mut longest, mut was) = (0, length());
        for size in 0.. {
            saved = of(&[("a", size), ("b", 7)]).save(&file, &names(&["a"]), saved);
            assert_eq!(sizes(&file), [("a", size), ("b", 7)]);
            if length() < was {
                break;
            }
            (longest, was) = (longest.max(length()), length());
        }
        assert!(longest <= 2 * whole + SPARE, "{longest}");
        assert_eq!(read(&file).1.unwrap().length, length());
    }

    #[test]
    fn damage_costs_what_it_hits() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("messages.bin");
        let all = of(&[("a", 1), ("b", 2)]);
        all.save(&file, &names(&[]), None);
        let whole = std::fs::read(&file).unwrap();
        let (_, saved) = read(&file);
        of(&[("a", 1), ("b", 2)]).save(&file, &names(&["b"]), saved);
        let more = std::fs::read(&file).unwrap();
        assert!(more.len() > whole.len() && more.starts_with(&whole));
        let frame = more.len() - whole.len();
        let flipped = |at: usize| {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            bytes
        };
        let check = |bytes: &[u8], left: &[(&str, u64)]| {
            std::fs::write(&file, bytes).unwrap();
            let (known, saved) = read(&file);
            assert_eq!(known, left);
            // Nothing that is saved after the damage is lost by it.
            let lost = if left == [("a", 1)] { "b" } else { "a" };
            all.save(&file, &names(&[lost]), saved);
            assert_eq!(sizes(&file), [("a", 1), ("b", 2)]);
            assert_eq!(read(&file).1.unwrap().length, std::fs::metadata(&file).unwrap().len());
        };
        check(&flipped(whole.len() - 1), &[("a", 1)]);
        check(&flipped(whole.len() - frame - 1), &[("b", 2)]);
        check(&whole[..whole.len() - 1], &[("a", 1)]);
        check(&[&*whole, &[0; 40]].concat(), &[("a", 1), ("b", 2)]);
        check(&[&*whole, &[255; 40]].concat(), &[("a", 1), ("b", 2)]);
        std::fs::write(&file, "garbage").unwrap();
        assert!(sizes(&file).is_empty());
    }
}
