//! What of an edition is on the disk as it was published.

use super::Check;
use crate::disk::boxes::nanoseconds;
use crate::hash::Hash;
use crate::path::OutPath;
use crate::plan::diff::{Manifest, OnDisk, Published, UNKNOWN};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Tells which published files are still there.
///
/// A file that is added, removed or replaced changes the time of its folder, so that where these
/// times are as they were, files are not looked at. Who writes into a file without replacing it is
/// found out by [`Check::Bytes`] alone.
pub(super) struct Sound<'s> {
    folder: &'s Path,
    manifest: &'s Manifest,
    check: Check,
    doubtful: Doubtful,
    /// Where bytes are compared: files that have others.
    damaged: BTreeSet<&'s OutPath>,
}

/// The folders of an edition of which the time is not as it was, with the time they have; none where
/// they are gone.
pub type Doubtful = BTreeMap<Box<str>, Option<i64>>;

/// Looks at the times of an edition's folders, with as little of the processors as that takes.
pub fn doubtful(folder: &Path, manifest: &Manifest) -> Doubtful {
    manifest.folders.iter().filter_map(|(path, time)| doubt(folder, path, *time)).collect()
}

/// Returns a folder with the time it has, where that is not the one it had.
fn doubt(edition: &Path, path: &str, before: i64) -> Option<(Box<str>, Option<i64>)> {
    let now = time_of(edition, path);
    (now != Some(before) || before == UNKNOWN).then(|| (path.into(), now))
}

impl<'s> Sound<'s> {
    /// Looks at the folder of an edition; `looked` is what was found of the times of its folders, where
    /// they were looked at a moment ago.
    pub fn look(
        folder: &'s Path,
        manifest: &'s Manifest,
        check: Check,
        looked: Option<Doubtful>,
    ) -> Sound<'s> {
        let mut sound =
            Sound { folder, manifest, check, doubtful: Doubtful::new(), damaged: BTreeSet::new() };
        match check {
            Check::Trust => {}
            Check::Times => {
                sound.doubtful = looked.unwrap_or_else(|| {
                    let known: Vec<_> = manifest.folders.iter().collect();
                    let looked = known.into_par_iter();
                    looked.filter_map(|(path, time)| doubt(folder, path, *time)).collect()
                });
            }
            Check::Bytes => {
                let known: Vec<(&OutPath, &Published)> =
                    manifest.files().map(|(path, known)| (path, known)).collect();
                let damaged = known
                    .into_par_iter()
                    .filter(|(path, known)| !is_sound(folder, path, known, check));
                sound.damaged = damaged.map(|(path, _)| path).collect();
            }
        }
        sound
    }

    /// Returns the folders that had another time than they were known to have, with the time they
    /// have: what is in them has been looked at.
    pub fn doubtful(&self) -> impl Iterator<Item = (&str, Option<i64>)> {
        self.doubtful.iter().map(|(path, time)| (&**path, *time))
    }

    /// Returns whether what is in a folder was known before this build wrote into it, by the time
    /// it has `now`.
    pub fn knows(&self, path: &str, now: Option<i64>) -> bool {
        match self.doubtful.get(path) {
            Some(looked_at) => *looked_at == now,
            None => self.manifest.folders.get(path).copied() == now,
        }
    }
}

impl OnDisk for Sound<'_> {
    fn is_all_sound(&self) -> bool {
        match self.check {
            Check::Trust => true,
            Check::Times => self.doubtful.is_empty(),
            Check::Bytes => self.damaged.is_empty(),
        }
    }

    fn is_sound(&self, path: &OutPath, known: &Published) -> bool {
        match self.check {
            Check::Trust => true,
            Check::Bytes => !self.damaged.contains(path),
            Check::Times if self.doubtful.is_empty() => true,
            Check::Times => {
                !self.doubtful.contains_key(path.folder())
                    || is_sound(self.folder, path, known, Check::Times)
            }
        }
    }

    fn is_there(&self, path: &OutPath) -> bool {
        std::fs::symlink_metadata(self.folder.join(path.as_str())).is_ok()
    }
}

/// Returns the modification time of a folder below an edition's.
pub fn time_of(edition: &Path, path: &str) -> Option<i64> {
    let metadata = std::fs::symlink_metadata(edition.join(path)).ok()?;
    metadata.is_dir().then(|| mtime(&metadata))
}

/// Returns whether a published file is still as it was written. Of a copy no hash is known: to
/// verify it, it is compared with its source, as if it had to be written.
fn is_sound(folder: &Path, path: &OutPath, known: &Published, check: Check) -> bool {
    let path = folder.join(path.as_str());
    let Ok(metadata) = std::fs::symlink_metadata(&path) else { return false };
    let same =
        metadata.is_file() && metadata.len() == known.size && mtime(&metadata) == known.mtime;
    same && (check != Check::Bytes
        || std::fs::read(&path).is_ok_and(|b| Hash::of(&b) == known.content))
}

/// Returns the modification time of a file or folder, in nanoseconds since 1970.
pub fn mtime(metadata: &std::fs::Metadata) -> i64 {
    metadata.modified().map_or(0, nanoseconds)
}
