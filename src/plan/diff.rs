//! What has to be made, by comparison with what the manifest says is on disk.

use super::Output;
use crate::hash::{Fingerprint, Hash};
use crate::path::OutPath;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// What is known of a file that was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// The hash of what it was made from; none while it is being written.
    pub fingerprint: Option<Fingerprint>,
    /// The hash of its bytes.
    pub content: Hash,
    /// Its size.
    pub size: u64,
    /// Its modification time, in nanoseconds since 1970.
    pub mtime: i64,
}

/// The files of an edition that are ours.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Manifest {
    /// By path.
    pub files: Arc<Files>,
}

/// Published files by path.
pub type Files = BTreeMap<OutPath, Published>;

/// Why an output is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// It was not there.
    New,
    /// It is made from something else than before.
    Changed,
    /// Its file is gone or was changed by somebody else.
    Damaged,
}

/// What has to be done.
pub struct Work<'p> {
    /// What has to be made, segment by segment, each output with its reason.
    pub groups: Vec<Vec<(&'p Output, Reason)>>,
    /// What is no longer part of the edition.
    pub remove: Vec<OutPath>,
    /// How many outputs stay as they are.
    pub kept: usize,
}

/// Compares a plan with the manifest. `sound` tells whether a file is on disk as it was published.
pub fn diff<'p>(
    groups: impl Iterator<Item = &'p [Output]>,
    manifest: &Manifest,
    sound: impl Fn(&OutPath) -> bool,
) -> Work<'p> {
    let mut work = Work { groups: Vec::new(), remove: Vec::new(), kept: 0 };
    // Looked up once for each output: a hash is quicker than the order of a tree.
    let known: HashMap<&OutPath, &Published> = manifest.files.iter().collect();
    let mut planned: HashSet<&OutPath> = HashSet::with_capacity(known.len());
    for outputs in groups {
        let mut group = Vec::new();
        for output in outputs {
            planned.insert(&output.path);
            match reason(output, &known, &sound) {
                Some(reason) => group.push((output, reason)),
                None => work.kept += 1,
            }
        }
        if !group.is_empty() {
            work.groups.push(group);
        }
    }
    work.remove = manifest.files.keys().filter(|path| !planned.contains(path)).cloned().collect();
    work
}

fn reason(
    output: &Output,
    known: &HashMap<&OutPath, &Published>,
    sound: &impl Fn(&OutPath) -> bool,
) -> Option<Reason> {
    match known.get(&output.path) {
        None => Some(Reason::New),
        Some(published) if published.fingerprint != Some(output.fingerprint) => {
            Some(Reason::Changed)
        }
        Some(_) if !sound(&output.path) => Some(Reason::Damaged),
        Some(_) => None,
    }
}
