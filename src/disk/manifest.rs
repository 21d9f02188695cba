//! Which files of an output folder are ours: `.public.manifest` and `.reader.manifest` beside the
//! editions.
//!
//! What is not in it is never overwritten or deleted. Before new files are written, a journal
//! names them, so that a build which is killed half way leaves nothing behind that the next one
//! takes for somebody else's.
//!
//! A manifest is a list of changes, of which the first ones say all there was: first the folders, then
//! the parts, each at once or in pieces. What a build changes is added at the end, until it is worth while
//! to write the whole anew. That is done at once where files go: their names may have become private.

mod format;
mod growing;

use super::boxes::stat_of;
use super::{AtPath, PathError, frames, state};
use crate::hash::Fingerprint;
use crate::library::Edition;
use crate::listing::Stat;
use crate::path::OutPath;
use crate::plan::diff::{Manifest, Part, Published, Record, UNKNOWN};
use format::{State, encoded};
pub use growing::Growing;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a build changes in a part of a manifest.
#[derive(Debug, Default, Deserialize)]
pub struct Change {
    /// What the part is made from, where that is known.
    pub from: Option<Fingerprint>,
    /// Segments by place; none where it is gone.
    pub segments: Vec<(Box<str>, Option<Arc<Record>>)>,
}

/// What a build changes in a manifest.
#[derive(Debug, Default, Deserialize)]
pub struct Update {
    /// Parts of the plan by name; none where it is gone.
    pub parts: Vec<(Box<str>, Option<Change>)>,
    /// The times of folders; none where it is gone.
    pub folders: Vec<(Box<str>, Option<i64>)>,
    /// Whether files go whose names nothing should tell any more.
    #[serde(skip)]
    pub forget: bool,
}

impl Update {
    /// Returns whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty() && self.folders.is_empty()
    }

    fn apply(&self, manifest: &mut Manifest) {
        for (name, change) in &self.parts {
            match change {
                Some(Change { from, segments }) => {
                    manifest.parts.entry(name.clone()).or_default().change(*from, segments);
                }
                None => drop(manifest.parts.remove(name)),
            }
        }
        for (path, time) in &self.folders {
            match time {
                Some(time) => manifest.folders.insert(path.clone(), *time),
                None => manifest.folders.remove(path),
            };
        }
    }

    /// Returns changes that make all of a manifest: one for each part, so that little is held twice.
    /// The folders come first: where the end is lost, no folder of a part that is known is missing.
    fn whole(manifest: &Manifest) -> impl Iterator<Item = Update> {
        let change = |part: &Part| {
            let segments = part.segments().iter();
            let segments = segments.map(|(place, one)| (place.clone(), Some(Arc::clone(one))));
            Change { from: part.from, segments: segments.collect() }
        };
        let parts = manifest.parts.iter().map(move |(name, part)| Update {
            parts: vec![(name.clone(), Some(change(part)))],
            ..Update::default()
        });
        let folders = manifest.folders.iter().map(|(path, time)| (path.clone(), Some(*time)));
        std::iter::once(Update { folders: folders.collect(), ..Update::default() }).chain(parts)
    }
}

/// What is told of a manifest that is not kept in memory.
pub struct Outline {
    /// How many files it names.
    pub files: usize,
    /// Whether all were made that was planned.
    pub is_whole: bool,
    /// See [`Manifest::folders`].
    pub folders: BTreeMap<Box<str>, i64>,
}

impl From<Manifest> for Outline {
    fn from(manifest: Manifest) -> Outline {
        Outline {
            files: manifest.parts.values().map(|part| part.count).sum(),
            is_whole: manifest.parts.values().all(|part| part.is_whole),
            folders: manifest.folders,
        }
    }
}

/// To be raised also where what a manifest holds is read more strictly, as the paths of its files.
const VERSION: u8 = 3;
/// The version before: the same, but the segments of a part lie in its change as they are.
const PLAIN: u8 = 2;
/// The first version: a list of all files, of which no part of the plan and no folder is known.
const LIST: u8 = 1;
/// The version, then how long the file was when the whole was written, in eight bytes.
const HEAD: usize = 9;
/// The whole is written anew when the changes take more than it did, and this.
const SPARE: u64 = 64 << 10;

fn file(output: &Path, edition: Edition) -> PathBuf {
    output.join(format!(".{}.manifest", edition.name()))
}

fn journal(output: &Path, edition: Edition) -> PathBuf {
    output.join(format!(".{}.journal", edition.name()))
}

/// A manifest of a later version of the program.
#[derive(Debug)]
pub struct Newer(PathBuf);

impl std::fmt::Display for Newer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "`{}` was written by a later version of Handbill; use that one, or remove this file and \
             the edition beside it to build it anew",
            self.0.display()
        )
    }
}

impl std::error::Error for Newer {}

/// Loads the manifest of an edition with what a killed build had begun to write. A lost or damaged
/// one is empty, and of one that ends in damage that end is missing: then equal files are taken
/// over, others are left alone and reported.
///
/// # Errors
/// When it is of a later version: what it says is ours must not be taken for somebody else's.
pub fn load(output: &Path, edition: Edition) -> Result<Manifest, Newer> {
    let path = file(output, edition);
    let bytes = std::fs::read(&path).unwrap_or_default();
    // Every version begins with its number; a damaged file begins with any.
    if bytes.first().is_some_and(|number| (VERSION + 1..100).contains(number)) {
        return Err(Newer(path));
    }
    let mut manifest = match bytes.first() {
        Some(&VERSION) if bytes.len() > HEAD => format::read(&bytes.into(), HEAD),
        Some(&PLAIN) if bytes.len() > HEAD => plain(&bytes),
        Some(&LIST) => list(&bytes[1..]),
        _ => Manifest::default(),
    };
    let begun = std::fs::read_to_string(journal(output, edition)).unwrap_or_default();
    begin_again(&mut manifest, begun.lines().filter_map(OutPath::parse).collect());
    Ok(manifest)
}

/// Reads a manifest of the version before, as far as it is sound; the whole is to be written anew.
fn plain(bytes: &[u8]) -> Manifest {
    let (mut manifest, mut at) = (Manifest::default(), HEAD);
    while let Some((frame, end)) = frames::next(bytes, at) {
        let Ok(update) = postcard::from_bytes::<Update>(frame) else { break };
        update.apply(&mut manifest);
        at = end;
    }
    manifest
}

/// Reads a manifest of the first version. Its files are of a part that no plan names: those that
/// are planned are found there, the others go. Their folders have times that none has, so that all
/// are looked at.
fn list(bytes: &[u8]) -> Manifest {
    let mut files: Vec<(OutPath, Published)> = postcard::from_bytes(bytes).unwrap_or_default();
    let mut manifest = Manifest::default();
    if files.is_empty() {
        return manifest;
    }
    files.sort_by(|a, b| a.0.cmp(&b.0));
    for (path, _) in &files {
        let above = path.as_str().match_indices('/').map(|(at, _)| &path.as_str()[..at]);
        manifest.folders.extend(above.chain([""]).map(|folder| (folder.into(), UNKNOWN)));
    }
    let record = Arc::new(Record { from: None, files });
    let part = Part::of(None, [("".into(), record)].into());
    manifest.parts.insert("".into(), part);
    manifest
}

/// Marks files that a build had begun to write: of those nobody knows what they hold.
fn begin_again(manifest: &mut Manifest, mut begun: BTreeSet<OutPath>) {
    if begun.is_empty() {
        return;
    }
    manifest.parts.values_mut().for_each(|part| part.doubt(&mut begun));
    manifest.strays = begun;
}

/// Returns whether a build has begun to write an edition and has not ended.
pub fn is_begun(output: &Path, edition: Edition) -> bool {
    journal(output, edition).exists()
}

/// Returns what tells the manifest on disk from any other.
pub fn stamp(output: &Path, edition: Edition) -> Option<Stat> {
    std::fs::metadata(file(output, edition)).ok().map(|metadata| stat_of(&metadata))
}

/// Saves a manifest that was loaded and what has changed since; the journal is done with.
pub fn save(
    output: &Path,
    edition: Edition,
    mut manifest: Manifest,
    update: &Update,
) -> Result<Manifest, PathError> {
    let path = file(output, edition);
    let sound = if update.forget { 0 } else { manifest.bytes };
    update.apply(&mut manifest);
    let appended = match sound {
        0 => None,
        _ => append(&path, sound, &told(update, &manifest)).at("write", &path)?,
    };
    manifest.strays.clear();
    manifest.bytes = match appended {
        Some(bytes) => bytes,
        None => write_whole(&path, &manifest).at("write", &path)?,
    };
    end_journal(output, edition)?;
    Ok(manifest)
}

/// Says that nothing is being written any more.
fn end_journal(output: &Path, edition: Edition) -> Result<(), PathError> {
    let journal = journal(output, edition);
    match std::fs::remove_file(&journal) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).at("remove", &journal)
        }
        _ => Ok(()),
    }
}

/// Returns what the frame of an update holds of a manifest that it was applied to.
fn told(update: &Update, manifest: &Manifest) -> Vec<u8> {
    encoded(update, |name| manifest.parts.get(name).map(State::of))
}

/// Writes a manifest anew; returns how long it is.
fn write_whole(path: &Path, manifest: &Manifest) -> std::io::Result<u64> {
    let mut length = 0;
    state::write_atomically_with(path, |file| {
        let mut out = BufWriter::new(file);
        out.write_all(&[VERSION; HEAD])?;
        for update in Update::whole(manifest) {
            frames::write(&mut out, &told(&update, manifest))?;
        }
        length = out.stream_position()?;
        out.seek(SeekFrom::Start(1))?;
        out.write_all(&length.to_le_bytes())?;
        out.flush()
    })?;
    Ok(length)
}

/// Adds a change to a manifest of which so many bytes are sound, and returns how many are then;
/// none where the whole has to be written.
fn append(path: &Path, sound: u64, frame: &[u8]) -> std::io::Result<Option<u64>> {
    let opened = std::fs::File::options().read(true).write(true).open(path);
    let (Ok(mut file), true) = (opened, sound > 0) else { return Ok(None) };
    let mut head = [0; HEAD];
    if std::io::Read::read_exact(&mut file, &mut head).is_err() || head[0] != VERSION {
        return Ok(None);
    }
    let whole = u64::from_le_bytes(head[1..].try_into().unwrap_or_default());
    let length = sound + frames::length(frame);
    if file.metadata()?.len() != sound || length > whole.saturating_mul(2).saturating_add(SPARE) {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(sound))?;
    frames::write(&mut file, frame)?;
    Ok(Some(length))
}

/// Names the files that are about to be written.
pub fn begin<'p>(
    output: &Path,
    edition: Edition,
    paths: impl Iterator<Item = &'p OutPath>,
) -> Result<(), PathError> {
    let path = journal(output, edition);
    // What an earlier killed build had begun is still ours.
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    let mut text: Vec<&str> = paths.map(OutPath::as_str).collect();
    text.extend(before.lines());
    text.push("");
    state::write_atomically(&path, text.join("\n").as_bytes()).at("write", &path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::Hash;
    use crate::plan::diff::Segments;

    fn print() -> Option<Fingerprint> {
        Some(Fingerprint::default())
    }

    fn record(from: Option<Fingerprint>, path: &str) -> Option<Arc<Record>> {
        let known = Published { fingerprint: from, content: Hash::default(), size: 1, mtime: 2 };
        Some(Arc::new(Record { from, files: vec![(OutPath::fixed(path), known)] }))
    }

    fn update(name: &str, segments: &[(&str, Option<Arc<Record>>)]) -> Update {
        let segments = segments.iter().map(|(place, one)| ((*place).into(), one.clone())).collect();
        let change = Change { from: print(), segments };
        Update { parts: vec![(name.into(), Some(change))], ..Update::default() }
    }

    /// All that a manifest says of its parts.
    fn told(manifest: &Manifest) -> Vec<(&str, Option<Fingerprint>, usize, bool, &Segments)> {
        let parts = manifest.parts.iter();
        let told = parts
            .map(|(name, part)| (&**name, part.from, part.count, part.is_whole, part.segments()));
        told.collect()
    }

    #[test]
    fn what_is_added_at_the_end_of_a_manifest_is_read_back() {
        let output = tempfile::TempDir::new().unwrap();
        let output = output.path();
        let of = |update: &Update| {
            save(output, Edition::Public, load(output, Edition::Public).unwrap(), update)
        };
        let (a, b) = (record(print(), "a.html"), record(print(), "b.html"));
        let mut known = of(&update("one", &[("a", a.clone()), ("b", b.clone())])).unwrap();
        let begun = known.bytes;
        for update in [
            update("two", &[("c", record(print(), "c.html"))]),
            update("one", &[("a", None), ("d", record(None, "d.html"))]),
            update("two", &[("c", record(print(), "c/d.html"))]),
            Update { parts: vec![("two".into(), None)], ..Update::default() },
            update("one", &[("d", record(print(), "d.html"))]),
        ] {
            known = of(&update).unwrap();
            let loaded = load(output, Edition::Public).unwrap();
            assert_eq!(told(&loaded), told(&known));
            assert_eq!(loaded.bytes, known.bytes);
            let whole = known.parts.values().all(|part| part.from.is_some() && part.is_whole);
            assert_eq!(whole, Outline::from(loaded).is_whole);
        }
        assert!(known.bytes > begun);
        let one = [("b".into(), b.unwrap()), ("d".into(), record(print(), "d.html").unwrap())];
        assert_eq!(told(&known), [("one", print(), 2, true, &Segments::from(one))]);
    }

    #[test]
    fn a_part_that_cannot_be_read_costs_itself() {
        let output = tempfile::TempDir::new().unwrap();
        let output = output.path();
        let of = |name| update(name, &[("a", record(print(), &format!("{name}.html")))]);
        let mut bytes = vec![VERSION; HEAD];
        for name in ["one", "two"] {
            let state = State { from: print(), count: 1, is_whole: true };
            let mut frame = encoded(&of(name), |_| Some(state));
            if name == "one" {
                // No path of an edition, in a frame that is as it was written.
                let at = frame.windows(8).position(|part| part == b"one.html").unwrap();
                frame[at..at + 3].copy_from_slice(b"../");
            }
            frames::push(&mut bytes, &frame);
        }
        std::fs::write(file(output, Edition::Public), &bytes).unwrap();
        let loaded = load(output, Edition::Public).unwrap();
        let files: Vec<&str> = loaded.files().map(|(path, _)| path.as_str()).collect();
        assert_eq!(files, ["two.html"]);
    }

    #[test]
    fn a_manifest_of_the_version_before_is_read_and_written_anew() {
        let output = tempfile::TempDir::new().unwrap();
        let output = output.path();
        let mut bytes = vec![PLAIN; HEAD];
        let segments = [("a", record(print(), "a.html")), ("b", record(print(), "b.html"))];
        for (segments, folders) in [(&segments[..], vec![("", Some(7))]), (&[("a", None)], vec![])]
        {
            let frame = (vec![("one", Some((print(), segments)))], folders);
            frames::push(&mut bytes, &postcard::to_allocvec(&frame).unwrap());
        }
        std::fs::write(file(output, Edition::Public), &bytes).unwrap();
        let loaded = load(output, Edition::Public).unwrap();
        let b = Segments::from([("b".into(), record(print(), "b.html").unwrap())]);
        assert_eq!(told(&loaded), [("one", print(), 1, true, &b)]);
        assert_eq!(loaded.folders[""], 7);
        let known = save(output, Edition::Public, loaded, &Update::default()).unwrap();
        assert_eq!(std::fs::read(file(output, Edition::Public)).unwrap()[0], VERSION);
        let loaded = load(output, Edition::Public).unwrap();
        assert_eq!(told(&loaded), told(&known));
        assert_eq!(loaded.folders[""], 7);
    }
}
