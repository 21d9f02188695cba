//! The folders that a build changes, with the times they then have.

use super::sound::time_of;
use super::writer::{Writer, lock};
use crate::plan::diff::UNKNOWN;

impl Writer<'_> {
    /// Remembers that a folder is about to change, and those above it, for a folder may come or go.
    pub fn touch(&self, folder: &str) {
        let mut folders = lock(&self.folders);
        let mut next = Some(folder);
        while let Some(folder) = next {
            if folders.contains_key(folder) {
                return;
            }
            let known = self.temp.is_none() || {
                let now = time_of(self.root, folder);
                now.is_none() || self.sound.knows(folder, now)
            };
            folders.insert(folder.to_owned(), known);
            next = match folder.rsplit_once('/') {
                Some((above, _)) => Some(above),
                None if folder.is_empty() => None,
                None => Some(""),
            };
        }
    }

    /// Returns the times that folders have now: of those that were changed, and of those that had
    /// another time than they were known to have. One that held who knows what before is not known
    /// now either.
    pub fn times(&self) -> Vec<(Box<str>, Option<i64>)> {
        let touched = std::mem::take(&mut *lock(&self.folders));
        let looked_at = self.sound.doubtful().filter(|(path, _)| !touched.contains_key(*path));
        let mut times: Vec<(Box<str>, Option<i64>)> =
            looked_at.map(|(path, time)| (path.into(), time)).collect();
        times.extend(touched.iter().map(|(path, known)| {
            let now = time_of(self.root, path);
            (path.as_str().into(), if *known { now } else { now.map(|_| UNKNOWN) })
        }));
        times
    }
}
