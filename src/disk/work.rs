//! What a build would do, without doing it.

use super::Opened;
use super::load::Loaded;
use super::manifest;
use crate::library::Edition;
use crate::path::OutPath;
use crate::plan::Diff;
use crate::plan::diff::{Group, OnDisk, Published};
use std::ops::ControlFlow;

impl Opened {
    /// Compares an edition's plan with what is on disk, as far as the manifest tells.
    pub fn work(&self, edition: Edition) -> Work {
        let manifest = manifest::load(&self.loaded.places.output, edition).unwrap_or_default();
        let (mut diff, mut groups) = (Diff::new(&manifest, &AsTold { moved: true }), Vec::new());
        let Loaded { settings, theme, .. } = &self.loaded;
        diff.through(
            |take| self.planned(edition).plan(settings, theme, take),
            |group| {
                groups.push(group);
                ControlFlow::Continue(())
            },
        );
        Work { groups, kept: diff.kept, remove: diff.gone().files }
    }
}

/// What has to be done to an edition.
pub struct Work {
    /// The segments of which something has to be made.
    pub groups: Vec<Group>,
    /// What is no longer part of the edition.
    pub remove: Vec<OutPath>,
    /// How many outputs of other segments stay as they are.
    pub kept: usize,
}

/// Takes the word of the manifest for what is on the disk.
pub(super) struct AsTold {
    /// Whether a file that has another place in the plan now is looked for where it was. Whoever asks
    /// only for what is not planned need not have that.
    pub moved: bool,
}

impl OnDisk for AsTold {
    fn is_all_sound(&self) -> bool {
        true
    }

    fn is_sound(&self, _: &OutPath, _: &Published) -> bool {
        true
    }

    fn is_there(&self, _: &OutPath) -> bool {
        self.moved
    }
}
