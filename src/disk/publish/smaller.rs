//! Smaller versions of photographs: made once, and kept in `.handbill/cache/pictures` by the hash of
//! what they are made from.
//!
//! Sound as a cache because a version is a pure function of the photograph's bytes, its width and the
//! program's version, which are its name, and because values are immutable. Deleting it only costs
//! time. An empty file stands for a photograph that could not be decoded.

use super::writer::{Writer, lock};
use crate::diagnostic::Diagnostic;
use crate::disk::PathError;
use crate::disk::state::write_atomically;
use crate::hash::Hash;
use crate::library::Attachment;
use crate::limits::{PHOTO_CACHE, PHOTO_FILE, PHOTO_MEMORY};
use crate::path::OutPath;
use crate::photo::{self, Shape};
use crate::plan::diff::{Manifest, Published};
use crate::plan::{Output, What};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex};

impl Writer<'_> {
    /// Makes the smaller versions that outputs are due of, all processors at once, each photograph
    /// decoded once; they are then found in the cache.
    pub fn make_smaller<'o>(&self, due: impl Iterator<Item = &'o Output>) {
        let mut seen = BTreeSet::new();
        let mut photographs = Vec::new();
        for output in due {
            if let What::Smaller { file, .. } = &output.what
                && seen.insert(&file.source)
            {
                photographs.push((output, &**file));
            }
        }
        let made = photographs.par_iter().filter(|(output, file)| {
            self.find_or_make(output, file, file.widths[0]).is_some_and(|(_, made)| made)
        });
        if !photographs.is_empty() && made.count() > 0 {
            sweep(&self.kept_pictures());
        }
    }

    /// Writes a smaller version of a photograph; where none can be made, the whole.
    pub fn smaller(&self, output: &Output, ours: bool) -> Result<Option<Published>, PathError> {
        let What::Smaller { file, width, stripped } = &output.what else { return Ok(None) };
        let Some((smaller, _)) = self.find_or_make(output, file, *width) else { return Ok(None) };
        if let Some(smaller) = smaller {
            return self.write(output, &smaller, ours);
        }
        let text = "is damaged: it has no smaller versions, and is shown as it is";
        let report = Diagnostic::note(&file.source, "not-smaller", text);
        self.report(report.hint("save the picture anew"));
        // Not done with, so that the report is told again.
        let whole = self.copy(output, file, *stripped, ours)?;
        Ok(whole.map(|known| Published { fingerprint: None, ..known }))
    }

    fn bytes_of(&self, output: &Output, file: &Attachment) -> Option<Vec<u8>> {
        let (source, ..) = self.source(output, file)?;
        let mut bytes = Vec::new();
        source.take(PHOTO_FILE).read_to_end(&mut bytes).ok().map(|_| bytes)
    }

    /// Removes from the cache what an edition no longer has: a picture that was deleted is to be gone.
    pub fn forget_pictures(&self, manifest: &Manifest, gone: &[OutPath]) {
        let ours = |path: &OutPath| path.as_str().starts_with(photo::FOLDER);
        if !gone.iter().any(ours) {
            return;
        }
        let known = manifest.files().filter(|(path, _)| ours(path) && gone.contains(path));
        let gone: BTreeSet<(u64, Hash)> =
            known.map(|(_, file)| (file.size, file.content)).collect();
        for entry in std::fs::read_dir(self.kept_pictures()).into_iter().flatten().flatten() {
            let size = entry.metadata().map_or(0, |metadata| metadata.len());
            if !gone.iter().any(|(known, _)| *known == size) {
                continue;
            }
            let bytes = std::fs::read(entry.path()).unwrap_or_default();
            if gone.contains(&(size, Hash::of(&bytes))) {
                // Not being able to costs room in the cache, no more.
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }

    fn kept_pictures(&self) -> PathBuf {
        self.texts.state().join("cache").join("pictures")
    }

    /// Returns the version of a width, if it can be made, and whether it had to be; nothing where the
    /// photograph is gone. No more of photographs is in memory than [`PHOTO_MEMORY`].
    fn find_or_make(
        &self,
        output: &Output,
        file: &Attachment,
        width: u32,
    ) -> Option<(Option<Vec<u8>>, bool)> {
        let mut room = Room::take(file.stat.size.min(PHOTO_FILE));
        let mut bytes = self.bytes_of(output, file)?;
        let hash = Hash::of(&bytes).hex(32);
        let folder = self.kept_pictures();
        let version = env!("CARGO_PKG_VERSION");
        let place = |width: u32| folder.join(format!("{hash}-{width}-{version}.jpg"));
        if let Ok(kept) = std::fs::read(place(width)) {
            return Some((Some(kept).filter(|kept| !kept.is_empty()), false));
        }
        let need = memory_of(&bytes, &file.widths);
        if !room.grow(need) {
            // Whoever waits holds nothing: else all might wait for each other.
            drop((bytes, room));
            room = Room::take(need);
            bytes = self.bytes_of(output, file)?;
            if Hash::of(&bytes).hex(32) != hash {
                return None;
            }
        }
        let mut made = decode(&bytes, &file.widths);
        drop((bytes, room));
        let mut wanted = None;
        for (at, one) in file.widths.iter().enumerate() {
            let version = made.as_mut().map(|made| std::mem::take(&mut made[at]));
            // Not being able to keep it is no failure.
            let _ = write_atomically(&place(*one), version.as_deref().unwrap_or(&[]));
            if *one == width {
                wanted = version;
            }
        }
        Some((wanted, true))
    }
}

/// Returns how much memory it takes to make all smaller versions, with the photograph itself.
fn memory_of(bytes: &[u8], widths: &[u32]) -> u64 {
    let most = widths.last().copied().unwrap_or(0);
    Shape::of(bytes).map_or(0, |shape| shape.memory(most)) + bytes.len() as u64
}

/// Makes all smaller versions. A photograph that makes the decoder fail costs itself.
fn decode(bytes: &[u8], widths: &[u32]) -> Option<Vec<Vec<u8>>> {
    Shape::of(bytes)?;
    let made = std::panic::catch_unwind(|| photo::smaller(bytes, widths));
    made.ok()?.ok()
}

/// Memory that photographs being decoded have asked for, in bytes.
static TAKEN: Mutex<u64> = Mutex::new(0);
static FREED: Condvar = Condvar::new();

/// Room for one of them; given back when dropped.
struct Room(u64);

impl Room {
    /// Waits until there is room. One that needs more than there is waits until it is alone.
    fn take(bytes: u64) -> Room {
        let bytes = bytes.min(PHOTO_MEMORY);
        let mut taken = lock(&TAKEN);
        while *taken + bytes > PHOTO_MEMORY {
            taken = FREED.wait(taken).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
        *taken += bytes;
        Room(bytes)
    }

    /// Takes more, so that it is `bytes` in all, if there is that much at once.
    fn grow(&mut self, bytes: u64) -> bool {
        let bytes = bytes.min(PHOTO_MEMORY);
        let mut taken = lock(&TAKEN);
        let all = *taken - self.0 + bytes;
        let fits = all <= PHOTO_MEMORY;
        if fits {
            (*taken, self.0) = (all, bytes);
        }
        fits
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        *lock(&TAKEN) -= self.0;
        FREED.notify_all();
    }
}

/// Removes the oldest files of a folder until it is no larger than it may be.
fn sweep(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let known = entries.flatten().filter_map(|entry| {
        let metadata = entry.metadata().ok()?;
        Some((metadata.modified().ok()?, metadata.len(), entry.path()))
    });
    let mut files: Vec<_> = known.collect();
    files.sort();
    let mut size: u64 = files.iter().map(|(_, size, _)| size).sum();
    for (_, length, path) in files {
        if size <= PHOTO_CACHE {
            break;
        }
        if std::fs::remove_file(path).is_ok() {
            size -= length;
        }
    }
}
