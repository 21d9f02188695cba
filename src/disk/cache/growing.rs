//! A cache that is written while contacts are read, for a process that needs it no more: what is known
//! of their files takes as much memory as what builds are made from.

use super::{ContactCache, Saved, encoded, version};
use crate::disk::{frames, state};
use std::io::{Result, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tempfile::NamedTempFile;

/// The whole of a cache on its way to the disk: first its frames, then how long it is.
pub(super) struct Whole {
    out: NamedTempFile,
    file: PathBuf,
    /// Where its length is written.
    place: u64,
}

impl Whole {
    /// Begins a cache in a temporary file.
    pub fn begin(file: &Path, mut out: NamedTempFile) -> Result<Whole> {
        out.write_all(&postcard::to_allocvec(&version()).unwrap_or_default())?;
        let place = out.stream_position()?;
        out.write_all(&[0; 8])?;
        Ok(Whole { out, file: file.to_owned(), place })
    }

    /// Adds a frame.
    pub fn add(&mut self, frame: &[u8]) -> Result<()> {
        frames::write(&mut self.out, frame)
    }

    /// Puts the cache in the place of the one before.
    pub fn end(mut self) -> Result<Saved> {
        let whole = self.out.stream_position()?;
        self.out.seek(SeekFrom::Start(self.place))?;
        self.out.write_all(&whole.to_le_bytes())?;
        self.out.persist(&self.file)?;
        Ok(Saved { length: whole, whole })
    }
}

/// A cache that grows by what is known of each contact, whichever has been read first.
pub struct Growing(Mutex<Option<Whole>>);

impl Growing {
    /// Begins a cache, for whoever holds the lock of the state; none where it cannot be written.
    pub fn begin(file: &Path) -> Option<Growing> {
        let temp = state::long_temporary(&file.with_extension("new")).ok()?;
        let whole = Whole::begin(file, temp).ok()?;
        Some(Growing(Mutex::new(Some(whole))))
    }

    /// Adds what is known of a contact. A cache that cannot be written is given up.
    pub fn add(&self, name: &String, known: &Arc<ContactCache>) {
        let frame = encoded((name, known));
        let mut whole = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if whole.as_mut().is_some_and(|whole| whole.add(&frame).is_err()) {
            *whole = None;
        }
    }

    /// Puts the cache in the place of the one before; what is not ended is removed. Not being able
    /// to is no failure.
    pub fn end(self) -> Option<Saved> {
        let whole = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        whole?.end().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Cache;
    use super::*;
    use std::fs;

    #[test]
    fn a_cache_that_grew_is_one_and_half_a_one_is_none() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("cache/messages.bin");
        let names = || {
            let (cache, saved, _) = Cache::load(&file);
            assert_eq!(saved.map(|saved| saved.length), fs::metadata(&file).ok().map(|m| m.len()));
            cache.0.into_keys().collect::<Vec<_>>()
        };
        let begin = |all: &[&str]| {
            let growing = Growing::begin(&file).unwrap();
            all.iter().for_each(|name| growing.add(&(*name).to_owned(), &Arc::default()));
            growing
        };
        drop(begin(&["a"]));
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 0);
        // As a killed process leaves it.
        fs::write(file.with_extension("new"), "half").unwrap();
        assert!(begin(&["b", "a"]).end().is_some());
        assert_eq!(names(), ["a", "b"]);
        std::mem::forget(begin(&["c"]));
        assert_eq!(names(), ["a", "b"]);
        assert!(begin(&["d"]).end().is_some());
        assert_eq!(names(), ["d"]);
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1);
    }
}
