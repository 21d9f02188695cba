//! An edition that is being read: brought up to date file by file.

use super::remove::remove_file;
use super::stream::{Ledger, Stage, Survey, survey, write};
use super::writer::Writer;
use crate::disk::{AtPath, manifest};
use crate::path::OutPath;
use crate::plan::Diff;
use crate::plan::diff::{Gone, Manifest};
use anyhow::Result;
use std::collections::BTreeSet;
use std::path::Path;

/// What of an edition went, and what stayed.
#[derive(Default)]
pub(super) struct Removed {
    /// What went.
    pub gone: Gone,
    /// How many files of segments that have not changed stayed.
    pub kept: usize,
}

impl Writer<'_> {
    /// Brings an edition that is being read up to date, stage by stage, deletions last.
    pub fn renew(
        &self,
        output: &Path,
        manifest: &Manifest,
        ledger: &mut Ledger,
    ) -> Result<Removed> {
        let Survey { groups, due, gone, parts, kept } =
            survey(self, Diff::new(manifest, self.sound))?;
        ledger.parts(parts);
        if !due.is_empty() {
            self.make_way(output, &due, &gone.files)?;
        }
        for stage in Stage::ALL {
            match &groups {
                Some(groups) => self.groups(groups, Some(stage), ledger)?,
                None => {
                    write(self, Diff::new(manifest, self.sound), Some(stage), ledger)?;
                }
            }
        }
        for path in &gone.files {
            self.touch(path.folder());
            remove_file(self.root, path)?;
        }
        Ok(Removed { gone, kept })
    }

    /// Prepares to write the files that are `due`: names them in the journal and removes what is
    /// in their way.
    fn make_way(&self, output: &Path, due: &[(OutPath, bool)], gone: &[OutPath]) -> Result<()> {
        // What is there and not ours stays somebody else's, even if this build is killed.
        let ours = |(path, ours): &&(OutPath, bool)| {
            *ours || std::fs::symlink_metadata(self.root.join(path.as_str())).is_err()
        };
        let paths = due.iter().filter(ours).map(|(path, _)| path);
        manifest::begin(output, self.planned.edition, paths)?;
        if let Some(temp) = self.temp {
            std::fs::create_dir_all(temp).at("make", temp)?;
        }
        for path in in_the_way(due, gone) {
            self.touch(path.folder());
            remove_file(self.root, path)?;
        }
        Ok(())
    }
}

/// Returns the files that are no longer part of the edition and have the name of a folder that is
/// now needed, or lie in a folder that has the name of a file. These cannot go last.
fn in_the_way<'g>(due: &[(OutPath, bool)], gone: &'g [OutPath]) -> Vec<&'g OutPath> {
    fn folders(path: &OutPath) -> impl Iterator<Item = &str> {
        path.as_str().match_indices('/').map(|(at, _)| &path.as_str()[..at])
    }
    if gone.is_empty() {
        return Vec::new();
    }
    let coming = || due.iter().map(|(path, _)| path);
    let files: BTreeSet<&str> = coming().map(OutPath::as_str).collect();
    let needed: BTreeSet<&str> = coming().flat_map(folders).collect();
    let blocks = |path: &&OutPath| {
        needed.contains(path.as_str()) || folders(path).any(|folder| files.contains(folder))
    };
    gone.iter().filter(blocks).collect()
}
