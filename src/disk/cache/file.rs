//! The file of a cache: what is kept of each contact in a frame of its own, so that what has not changed
//! is not written again.

use super::{Stored, version};
use crate::disk::{frames, state};
use rayon::prelude::*;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::NamedTempFile;

/// What a cache keeps of a contact.
pub trait Keep: Serialize + Send + Sync {
    /// Returns about how many bytes it takes in a file: better too many than too few.
    fn room(&self) -> usize;
}

/// What is kept of contacts, to be saved; nothing of those of which the file has it already.
#[derive(Debug, Clone)]
pub struct Cache<K>(BTreeMap<String, Option<Arc<K>>>);

/// The file of a cache as it was loaded or saved.
///
/// It is the name of the version, how long the file was when the whole was written, in eight bytes, and
/// frames (see [`frames`]): each the name of a contact and what is kept of it. What is kept later is
/// added at the end, and counts instead of what stands before.
#[derive(Debug, Clone, Copy)]
pub struct Saved {
    /// How long the file is.
    pub(super) length: u64,
    /// How long it was when the whole was written.
    pub(super) whole: u64,
}

/// The whole is written anew when what was added takes more than it did, and this.
pub(super) const SPARE: u64 = 64 << 10;

impl<K: Keep> Cache<K> {
    /// Saves what is kept of contacts that have `changed` since the file was as `saved` says; of all
    /// where it says nothing, is another one now, or has grown too long. Returns what the file is
    /// then. Not being able to is no failure.
    pub fn save(
        &self,
        file: &Path,
        changed: &BTreeSet<String>,
        saved: Option<Saved>,
    ) -> Option<Saved> {
        let changed: Vec<_> =
            changed.iter().filter_map(|name| Some((name, self.0.get(name)?.as_ref()?))).collect();
        // Where most of it is new, the whole is no more.
        let saved = saved.filter(|_| changed.len() * 2 <= self.0.len());
        let added = saved.and_then(|saved| add(file, &changed, saved).ok().flatten());
        added.or_else(|| self.save_all(file).ok())
    }

    fn save_all(&self, file: &Path) -> std::io::Result<Saved> {
        let contacts: Vec<_> = self.0.iter().collect();
        let is_as_before = self.0.values().any(Option::is_none);
        let before = if is_as_before { Stored::open(file).0 } else { Stored::default() };
        let mut whole = Whole::begin(file, state::temporary_beside(file)?)?;
        let frame = |(name, new): &(&String, &Option<Arc<K>>)| match new {
            Some(new) => Some(encoded(name, &**new)),
            None => before.frame(name),
        };
        // As many at once as there are processors, so that few are in memory.
        for some in contacts.chunks(rayon::current_num_threads()) {
            let made: Vec<Option<Vec<u8>>> = some.par_iter().map(frame).collect();
            made.iter().flatten().try_for_each(|frame| whole.add(frame))?;
        }
        whole.end()
    }

    /// Makes a cache of what is kept of these contacts; nothing where the file has it already.
    pub fn of(contacts: impl Iterator<Item = (String, Option<Arc<K>>)>) -> Cache<K> {
        Cache(contacts.collect())
    }
}

/// Returns what a frame holds.
pub(super) fn encoded<K: Keep>(name: &str, kept: &K) -> Vec<u8> {
    // Room enough for most, so that it need not be copied while it grows; what is not used of it
    // is never touched. Plain structs always serialize.
    postcard::to_extend(&(name, kept), Vec::with_capacity(kept.room())).unwrap_or_default()
}

/// Adds what is kept of contacts at the end of a file; none where the whole has to be written.
fn add<K: Keep>(
    file: &Path,
    contacts: &[(&String, &Arc<K>)],
    saved: Saved,
) -> std::io::Result<Option<Saved>> {
    let mut more = Vec::new();
    contacts.iter().for_each(|(name, kept)| frames::push(&mut more, &encoded(name, &***kept)));
    let length = saved.length + more.len() as u64;
    let mut out = std::fs::File::options().append(true).open(file)?;
    if out.metadata()?.len() != saved.length || length > saved.whole.saturating_mul(2) + SPARE {
        return Ok(None);
    }
    out.write_all(&more)?;
    Ok(Some(Saved { length, ..saved }))
}

/// The whole of a cache on its way to the disk: first its frames, then how long it is.
pub(super) struct Whole {
    out: NamedTempFile,
    file: PathBuf,
    /// Where its length is written.
    place: u64,
}

impl Whole {
    /// Begins a cache in a temporary file.
    pub fn begin(file: &Path, mut out: NamedTempFile) -> std::io::Result<Whole> {
        out.write_all(&postcard::to_allocvec(&version()).unwrap_or_default())?;
        let place = out.stream_position()?;
        out.write_all(&[0; 8])?;
        Ok(Whole { out, file: file.to_owned(), place })
    }

    /// Adds a frame.
    pub fn add(&mut self, frame: &[u8]) -> std::io::Result<()> {
        frames::write(&mut self.out, frame)
    }

    /// Puts the cache in the place of the one before.
    pub fn end(mut self) -> std::io::Result<Saved> {
        let whole = self.out.stream_position()?;
        self.out.seek(SeekFrom::Start(self.place))?;
        self.out.write_all(&whole.to_le_bytes())?;
        self.out.persist(&self.file)?;
        Ok(Saved { length: whole, whole })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ContactCache, Known};
    use super::*;
    use crate::hash::Hash;
    use crate::listing::Stat;
    use crate::path::RelPath;

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

    /// Makes a cache of contacts and sizes; of those without one the file has it already.
    fn with(contacts: &[(&str, Option<u64>)]) -> Cache<ContactCache> {
        Cache::of(contacts.iter().map(|(name, size)| ((*name).to_owned(), size.map(contact))))
    }

    fn of(contacts: &[(&str, u64)]) -> Cache<ContactCache> {
        let all: Vec<_> = contacts.iter().map(|(name, size)| (*name, Some(*size))).collect();
        with(&all)
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
    fn what_the_file_has_already_stays_in_it() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("contacts.bin");
        let saved = of(&[("a", 1), ("b", 2)]).save(&file, &names(&[]), None);
        let mut saved = with(&[("a", None), ("b", Some(3))]).save(&file, &names(&["b"]), saved);
        assert_eq!(sizes(&file), [("a", 1), ("b", 3)]);
        // The whole is written, because nothing is known of the file, because most of it is new,
        // and then because it has grown too long.
        with(&[("a", None), ("b", Some(4))]).save(&file, &names(&["b"]), None);
        assert_eq!(sizes(&file), [("a", 1), ("b", 4)]);
        saved = with(&[("b", Some(5)), ("a", None), ("c", Some(6))]).save(
            &file,
            &names(&["b", "c"]),
            saved,
        );
        assert_eq!(sizes(&file), [("a", 1), ("b", 5)]);
        for size in 0..4000 {
            saved = with(&[("a", None), ("b", Some(size))]).save(&file, &names(&["b"]), saved);
        }
        assert_eq!(sizes(&file), [("a", 1), ("b", 3999)]);
        // What the file is said to have and has not is not there.
        std::fs::remove_file(&file).unwrap();
        with(&[("a", None), ("b", Some(7))]).save(&file, &names(&["b"]), saved);
        assert_eq!(sizes(&file), [("b", 7)]);
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
