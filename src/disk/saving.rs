//! The cache on its way to the disk.

use super::cache::{Cache, ContactCache, Saved};
use super::load::News;
use super::read::ReadContact;
use super::{Places, state};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::ScopedJoinHandle;

/// What of a cache is to be saved.
pub(super) struct Save {
    cache: Cache<ContactCache>,
    file: PathBuf,
    changed: BTreeSet<String>,
    saved: Option<Saved>,
}

impl Save {
    /// Prepares to save what is known of contacts; `saved` is the file of the cache as it was loaded or
    /// saved last.
    pub fn of<'c>(
        places: &Places,
        contacts: impl Iterator<Item = &'c Arc<ReadContact>>,
        news: News,
        saved: Option<Saved>,
    ) -> Save {
        // What is no more is left out only where the whole is written.
        let saved = saved.filter(|_| !news.others);
        let known = contacts.map(|read| {
            // The file has what was not read.
            let known = read.recalled.is_none().then(|| Arc::clone(&read.cache));
            (read.scanned.name.clone(), known)
        });
        let (cache, changed) = (Cache::of(known), news.changed);
        Save { cache, file: state::cache_file(&places.state), changed, saved }
    }

    /// Returns whether it is added to what is there.
    pub fn is_small(&self) -> bool {
        self.saved.is_some()
    }

    /// Saves it; returns what the file is then.
    pub fn done(self) -> Option<Saved> {
        self.cache.save(&self.file, &self.changed, self.saved)
    }
}

/// The saving of a cache by a process that builds once.
pub(super) enum Saving<'scope> {
    /// It is done; whether the cache says now what is known.
    Done(bool),
    Begun(ScopedJoinHandle<'scope, Option<Saved>>),
}

impl Saving<'_> {
    /// Waits until it is done, and returns whether the cache says now what is known.
    pub fn wait(self) -> bool {
        match self {
            Saving::Done(saved) => saved,
            Saving::Begun(saving) => saving.join().is_ok_and(|saved| saved.is_some()),
        }
    }
}
