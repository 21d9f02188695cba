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

mod growing;

use super::boxes::stat_of;
use super::{AtPath, PathError, frames, state};
use crate::hash::Fingerprint;
use crate::library::Edition;
use crate::listing::Stat;
use crate::path::OutPath;
use crate::plan::diff::{Manifest, Part, Published, Record, UNKNOWN};
pub use growing::Growing;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a build changes in a part of a manifest.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Change {
    /// What the part is made from, where that is known.
    pub from: Option<Fingerprint>,
    /// Segments by place; none where it is gone.
    pub segments: Vec<(Box<str>, Option<Arc<Record>>)>,
}

impl Change {
    fn apply(self, part: &mut Part) {
        part.change(self.from, self.segments);
    }
}

/// What a build changes in a manifest.
#[derive(Debug, Default, Serialize, Deserialize)]
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

    fn apply(self, manifest: &mut Manifest) {
        for (name, change) in self.parts {
            match change {
                Some(change) => change.apply(manifest.parts.entry(name).or_default()),
                None => drop(manifest.parts.remove(&name)),
            }
        }
        for (path, time) in self.folders {
            match time {
                Some(time) => manifest.folders.insert(path, time),
                None => manifest.folders.remove(&path),
            };
        }
    }

    /// Returns changes that make all of a manifest: one for each part, so that little is held twice.
    /// The folders come first: where the end is lost, no folder of a part that is known is missing.
    fn whole(manifest: &Manifest) -> impl Iterator<Item = Update> {
        let change = |part: &Part| {
            let segments = part.segments.iter();
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
        let mut segments = manifest.parts.values().flat_map(|part| part.segments.values());
        Outline {
            files: manifest.parts.values().map(|part| part.count).sum(),
            is_whole: segments.all(|record| record.from.is_some()),
            folders: manifest.folders,
        }
    }
}

const VERSION: u8 = 2;
/// The version before: a list of all files, of which no part of the plan and no folder is known.
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
        Some(&VERSION) if bytes.len() > HEAD => changes(&bytes),
        Some(&LIST) => list(&bytes[1..]),
        _ => Manifest::default(),
    };
    let begun = std::fs::read_to_string(journal(output, edition)).unwrap_or_default();
    begin_again(&mut manifest, begun.lines().filter_map(OutPath::parse).collect());
    Ok(manifest)
}

/// Reads a list of changes, as far as it is sound.
fn changes(bytes: &[u8]) -> Manifest {
    let (mut manifest, mut at) = (Manifest::default(), HEAD);
    while let Some((update, end)) = frame(bytes, at) {
        update.apply(&mut manifest);
        at = end;
    }
    manifest.bytes = at as u64;
    manifest
}

/// Reads a manifest of the version before. Its files are of a part that no plan names: those that
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

/// Returns the change that begins at a place, and where it ends; none where it is damaged.
fn frame(bytes: &[u8], at: usize) -> Option<(Update, usize)> {
    let (change, end) = frames::next(bytes, at)?;
    Some((postcard::from_bytes(change).ok()?, end))
}

/// Marks files that a build had begun to write: of those nobody knows what they hold.
fn begin_again(manifest: &mut Manifest, mut begun: BTreeSet<OutPath>) {
    if begun.is_empty() {
        return;
    }
    for part in manifest.parts.values_mut() {
        for record in part.segments.values_mut() {
            if !record.files.iter().any(|(path, _)| begun.contains(path)) {
                continue;
            }
            let record = Arc::make_mut(record);
            (part.from, record.from) = (None, None);
            for (path, published) in &mut record.files {
                if begun.remove(path) {
                    published.fingerprint = None;
                }
            }
        }
    }
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
    update: Update,
) -> Result<Manifest, PathError> {
    let path = file(output, edition);
    let sound = if update.forget { 0 } else { manifest.bytes };
    let appended = match sound {
        0 => None,
        _ => append(&path, sound, &framed(&update)).at("write", &path)?,
    };
    update.apply(&mut manifest);
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

fn encoded(update: &Update) -> Vec<u8> {
    // Plain structs always serialize.
    postcard::to_allocvec(update).unwrap_or_default()
}

fn framed(update: &Update) -> Vec<u8> {
    let mut framed = Vec::new();
    frames::push(&mut framed, &encoded(update));
    framed
}

/// Writes a manifest anew; returns how long it is.
fn write_whole(path: &Path, manifest: &Manifest) -> std::io::Result<u64> {
    let mut length = 0;
    state::write_atomically_with(path, |file| {
        let mut out = BufWriter::new(file);
        out.write_all(&[VERSION; HEAD])?;
        for update in Update::whole(manifest) {
            frames::write(&mut out, &encoded(&update))?;
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
fn append(path: &Path, sound: u64, change: &[u8]) -> std::io::Result<Option<u64>> {
    let opened = std::fs::File::options().read(true).write(true).open(path);
    let (Ok(mut file), true) = (opened, sound > 0) else { return Ok(None) };
    let mut head = [0; HEAD];
    if std::io::Read::read_exact(&mut file, &mut head).is_err() || head[0] != VERSION {
        return Ok(None);
    }
    let whole = u64::from_le_bytes(head[1..].try_into().unwrap_or_default());
    let length = sound + change.len() as u64;
    if file.metadata()?.len() != sound || length > whole.saturating_mul(2).saturating_add(SPARE) {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(sound))?;
    file.write_all(change)?;
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
