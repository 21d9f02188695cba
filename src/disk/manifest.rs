//! Which files of an output folder are ours: `.public.manifest` and `.reader.manifest` beside the
//! editions.
//!
//! What is not in it is never overwritten or deleted. Before new files are written, a journal
//! names them, so that a build which is killed half way leaves nothing behind that the next one
//! takes for somebody else's.

use super::boxes::stat_of;
use super::{AtPath, PathError};
use crate::library::Edition;
use crate::listing::Stat;
use crate::path::OutPath;
use crate::plan::diff::{Files, Manifest, Published};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The files as they are kept: in order, so that they become a tree in one go.
#[derive(Serialize, Deserialize)]
struct Stored<F> {
    version: u32,
    files: F,
}

const VERSION: u32 = 1;

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
/// one is empty: then equal files are taken over, others are left alone and reported.
///
/// # Errors
/// When it is of a later version: what it says is ours must not be taken for somebody else's.
pub fn load(output: &Path, edition: Edition) -> Result<Manifest, Newer> {
    let path = file(output, edition);
    let bytes = std::fs::read(&path).unwrap_or_default();
    // Every version begins with its number; a damaged file begins with any.
    let number = postcard::take_from_bytes::<u32>(&bytes).map(|(number, _)| number);
    if number.is_ok_and(|number| (VERSION + 1..100).contains(&number)) {
        return Err(Newer(path));
    }
    type List = Vec<(OutPath, Published)>;
    let stored = postcard::from_bytes::<Stored<List>>(&bytes).ok();
    let files = stored.filter(|s| s.version == VERSION).map(|s| s.files).unwrap_or_default();
    let mut files: Files = files.into_iter().collect();
    let begun = std::fs::read_to_string(journal(output, edition)).unwrap_or_default();
    for path in begun.lines().filter_map(OutPath::parse) {
        let unknown =
            Published { fingerprint: None, content: Default::default(), size: 0, mtime: 0 };
        files.insert(path, unknown);
    }
    Ok(Manifest { files: Arc::new(files) })
}

/// Returns whether a build has begun to write an edition and has not ended.
pub fn is_begun(output: &Path, edition: Edition) -> bool {
    journal(output, edition).exists()
}

/// Returns what tells the manifest on disk from any other.
pub fn stamp(output: &Path, edition: Edition) -> Option<Stat> {
    std::fs::metadata(file(output, edition)).ok().map(|metadata| stat_of(&metadata))
}

/// Saves the manifest; the journal is done with.
pub fn save(output: &Path, edition: Edition, manifest: &Manifest) -> Result<(), PathError> {
    let path = file(output, edition);
    let files: Vec<(&OutPath, &Published)> = manifest.files.iter().collect();
    let stored = Stored { version: VERSION, files };
    let bytes = postcard::to_allocvec(&stored).unwrap_or_default();
    super::state::write_atomically(&path, &bytes).at("write", &path)?;
    let journal = journal(output, edition);
    match std::fs::remove_file(&journal) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).at("remove", &journal)
        }
        _ => Ok(()),
    }
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
    super::state::write_atomically(&path, text.join("\n").as_bytes()).at("write", &path)
}
