//! How far a build is, for whoever waits for it.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts of files: the build adds to them and never reads them.
#[derive(Debug, Default)]
pub struct Progress {
    all: AtomicUsize,
    done: AtomicUsize,
}

impl Progress {
    /// Begins to count.
    pub const fn new() -> Progress {
        Progress { all: AtomicUsize::new(0), done: AtomicUsize::new(0) }
    }

    /// Adds files that are to be made.
    pub(super) fn expect(&self, files: usize) {
        self.all.fetch_add(files, Ordering::Relaxed);
    }

    /// Counts one that has been made.
    pub(super) fn step(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns how many files have been made, and of how many that are known so far.
    pub fn so_far(&self) -> (usize, usize) {
        (self.done.load(Ordering::Relaxed), self.all.load(Ordering::Relaxed))
    }
}
