//! A cache that is written while contacts are read, for a process that needs it no more: what is known
//! of their files takes as much memory as what builds are made from.

use super::ContactCache;
use super::file::{Whole, encoded};
use crate::disk::state;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A cache that grows by what is known of each contact, whichever has been read first.
pub struct Growing(Mutex<Option<Whole>>);

impl Growing {
    /// Begins a cache, for whoever holds the lock of the state; none where it cannot be written.
    pub fn begin(file: &Path) -> Option<Growing> {
        let temp = state::long_temporary(&begun(file)).ok()?;
        let whole = Whole::begin(file, temp).ok()?;
        Some(Growing(Mutex::new(Some(whole))))
    }

    /// Adds what is known of a contact. A cache that cannot be written is given up.
    pub fn add(&self, name: &str, known: &Arc<ContactCache>) {
        let frame = encoded(name, &**known);
        let mut whole = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if whole.as_mut().is_some_and(|whole| whole.add(&frame).is_err()) {
            *whole = None;
        }
    }

    /// Puts the cache in the place of the one before; what is not ended is removed. Returns whether it
    /// is there; not being able to is no failure.
    pub fn end(self) -> bool {
        let whole = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        whole.is_some_and(|whole| whole.end().is_ok())
    }

    /// Removes what a killed process has left of one, for whoever holds the lock of the state.
    pub fn remove_leftover(file: &Path) {
        // There is hardly ever one. While one stays, the cache is saved in the other way.
        let _ = std::fs::remove_file(begun(file));
    }
}

/// Returns the file in which a cache is begun.
fn begun(file: &Path) -> PathBuf {
    file.with_extension("new")
}

#[cfg(test)]
mod tests {
    use super::super::Stored;
    use super::*;
    use std::fs;

    #[test]
    fn a_cache_that_grew_is_one_and_half_a_one_is_none() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("cache/messages.bin");
        let names = || {
            let (stored, _) = Stored::open(&file);
            let length = stored.saved().map(|saved| saved.length);
            assert_eq!(length, fs::metadata(&file).ok().map(|metadata| metadata.len()));
            let all = ["a", "b", "c", "d", "e"].into_iter();
            all.filter(|name| stored.contact::<ContactCache>(name).is_some()).collect::<Vec<_>>()
        };
        let begin = |all: &[&str]| {
            let growing = Growing::begin(&file).unwrap();
            all.iter().for_each(|name| growing.add(name, &Arc::default()));
            growing
        };
        drop(begin(&["a"]));
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 0);
        // As a killed process leaves it.
        fs::write(begun(&file), "half").unwrap();
        assert!(Growing::begin(&file).is_none());
        Growing::remove_leftover(&file);
        begin(&["b", "a"]).end();
        assert_eq!(names(), ["a", "b"]);
        std::mem::forget(begin(&["c"]));
        assert_eq!(names(), ["a", "b"]);
        Growing::remove_leftover(&file);
        begin(&["d"]).end();
        assert_eq!(names(), ["d"]);
        std::mem::forget(begin(&["e"]));
        assert!(begun(&file).exists());
        Growing::remove_leftover(&file);
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1);
    }
}
