//! What has to be made, by comparison with what the manifest says is on disk.

use super::{Output, Segment, Take};
use crate::hash::{FastMap, FastSet, Fingerprint};
use crate::path::OutPath;
use serde::Serialize;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

mod manifest;

pub use manifest::{Files, Manifest, Part, Published, Record, Segments, UNKNOWN};

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

/// Tells what is on the disk.
pub trait OnDisk {
    /// Returns whether all files of the manifest are there as they were published.
    fn is_all_sound(&self) -> bool;
    /// Returns whether a file of the manifest is.
    fn is_sound(&self, path: &OutPath, known: &Published) -> bool;
    /// Returns whether there is anything of this name.
    fn is_there(&self, path: &OutPath) -> bool;
}

/// An output beside what is known of its file.
#[derive(Debug)]
pub struct Compared {
    /// The output.
    pub output: Output,
    /// What was published before.
    pub before: Option<Published>,
    /// Why it has to be made; none where it stays as it is.
    pub reason: Option<Reason>,
    /// Whether what lies in its place is known to be ours.
    pub ours: bool,
}

/// A segment of which something has to be made or removed.
#[derive(Debug)]
pub struct Group {
    /// The part of the plan it belongs to.
    pub part: Arc<str>,
    /// Its place.
    pub place: Box<str>,
    /// The hash of what it is made from.
    pub from: Fingerprint,
    /// Its outputs.
    pub outputs: Vec<Compared>,
}

impl Group {
    /// Returns the outputs that have to be made.
    pub fn due(&self) -> impl Iterator<Item = (&Output, Reason)> {
        self.outputs.iter().filter_map(|one| Some((&one.output, one.reason?)))
    }
}

/// Compares the segments of a plan with a manifest, one after the other.
pub struct Diff<'m, D> {
    manifest: &'m Manifest,
    disk: &'m D,
    /// The part that has been begun.
    part: Arc<str>,
    known: Option<&'m Part>,
    /// Parts of the manifest that the plan has not named.
    left: BTreeSet<&'m str>,
    /// Segments of parts that it has named, which it has not named.
    left_places: BTreeMap<Arc<str>, BTreeSet<&'m str>>,
    /// Files that a segment had and has no more.
    gone: BTreeSet<OutPath>,
    /// Outputs that their segment did not have before: another one may have had them.
    come: FastSet<OutPath>,
    anywhere: OnceCell<FastMap<&'m OutPath, &'m Published>>,
    /// The parts that are not as they were, with the hash of what they are made from.
    pub due: Vec<(Arc<str>, Option<Fingerprint>)>,
    /// How many files of segments that have not changed stay as they are.
    pub kept: usize,
}

/// What is no longer part of an edition.
#[derive(Debug, Default)]
pub struct Gone {
    /// The files.
    pub files: Vec<OutPath>,
    /// The parts of the plan.
    pub parts: Vec<Box<str>>,
    /// The segments of other parts, by part and place.
    pub segments: Vec<(Arc<str>, Box<str>)>,
}

impl<'m, D: OnDisk> Diff<'m, D> {
    /// Begins with nothing of the plan known.
    pub fn new(manifest: &'m Manifest, disk: &'m D) -> Diff<'m, D> {
        Diff {
            manifest,
            disk,
            part: "".into(),
            known: None,
            left: manifest.parts.keys().map(|name| &**name).collect(),
            left_places: BTreeMap::new(),
            gone: BTreeSet::new(),
            come: FastSet::default(),
            anywhere: OnceCell::new(),
            due: Vec::new(),
            kept: 0,
        }
    }

    /// Goes through a plan, which `plan` hands out, and gives `each` the segments of which something
    /// has to be made, as they come. No more are made once `each` breaks off.
    pub fn through(
        &mut self,
        plan: impl FnOnce(&mut dyn Take),
        each: impl FnMut(Group) -> ControlFlow<()>,
    ) {
        plan(&mut Comparing { diff: self, each, state: ControlFlow::Continue(()) });
    }

    /// Begins a part; returns whether it has changed, or its files have.
    fn part(&mut self, name: &str, from: Option<&Fingerprint>) -> bool {
        self.left.remove(name);
        self.known = self.manifest.parts.get(name);
        if let (Some(known), Some(from)) = (self.known, from)
            && known.from == Some(*from)
        {
            let is_sound = |(path, file): &(OutPath, Published)| self.disk.is_sound(path, file);
            if self.disk.is_all_sound() || known.files().all(is_sound) {
                self.kept += known.count;
                return false;
            }
        }
        self.part = name.into();
        self.due.push((Arc::clone(&self.part), from.copied()));
        let places = self.known.into_iter().flat_map(|known| known.segments().keys());
        let places = places.map(|place| &**place).collect();
        self.left_places.insert(Arc::clone(&self.part), places);
        true
    }

    /// Returns whether a segment has changed, or its files have.
    fn is_due(&mut self, place: &str, from: &Fingerprint) -> bool {
        if let Some(left) = self.left_places.get_mut(&self.part) {
            left.remove(place);
        }
        match self.known.and_then(|part| part.segments().get(place)) {
            Some(known) if known.from == Some(*from) => {
                let is_sound = |(path, file): &(OutPath, Published)| self.disk.is_sound(path, file);
                let due = !self.disk.is_all_sound() && !known.files.iter().all(is_sound);
                self.kept += if due { 0 } else { known.files.len() };
                due
            }
            _ => true,
        }
    }

    /// Compares the outputs of a segment with what is known of their files.
    fn compare(&mut self, segment: Segment) -> Group {
        let Segment { place, from, outputs } = segment;
        let known = self.known.and_then(|part| part.segments().get(&place));
        let mut compared = Vec::with_capacity(outputs.len());
        for output in outputs {
            let before = known.and_then(|known| known.file(&output.path)).copied();
            let before = before.or_else(|| {
                if !self.manifest.is_empty() {
                    self.come.insert(output.path.clone());
                }
                self.elsewhere(&output.path)
            });
            let reason = self.reason(&output, before.as_ref());
            let ours = before.is_some() || self.manifest.strays.contains(&output.path);
            compared.push(Compared { output, before, reason, ours });
        }
        if let Some(known) = known {
            let paths: FastSet<&OutPath> = compared.iter().map(|one| &one.output.path).collect();
            let lost =
                known.files.iter().map(|(path, _)| path).filter(|path| !paths.contains(path));
            self.gone.extend(lost.cloned());
        }
        Group { part: Arc::clone(&self.part), place, from, outputs: compared }
    }

    /// Returns what is known of a file that another segment had.
    fn elsewhere(&self, path: &OutPath) -> Option<Published> {
        if self.manifest.parts.is_empty() || !self.disk.is_there(path) {
            return None;
        }
        let anywhere = self
            .anywhere
            .get_or_init(|| self.manifest.files().map(|(path, known)| (path, known)).collect());
        anywhere.get(path).copied().copied()
    }

    fn reason(&self, output: &Output, before: Option<&Published>) -> Option<Reason> {
        match before {
            None if self.manifest.strays.contains(&output.path) => Some(Reason::Damaged),
            None => Some(Reason::New),
            Some(known) if known.fingerprint != Some(output.fingerprint) => Some(Reason::Changed),
            Some(known) if !self.disk.is_sound(&output.path, known) => Some(Reason::Damaged),
            Some(_) => None,
        }
    }

    /// Returns what is no longer part of the edition, when the whole plan has been seen.
    pub fn gone(self) -> Gone {
        let mut files = self.gone;
        let parts: Vec<Box<str>> = self.left.iter().map(|name| Box::from(*name)).collect();
        for part in self.left.iter().filter_map(|name| self.manifest.parts.get(*name)) {
            files.extend(part.files().map(|(path, _)| path.clone()));
        }
        let mut segments = Vec::new();
        for (name, places) in self.left_places {
            let Some(part) = self.manifest.parts.get(&*name) else { continue };
            for place in places {
                let record = part.segments().get(place);
                let gone = record.into_iter().flat_map(|record| &record.files);
                files.extend(gone.map(|(path, _)| path.clone()));
                segments.push((Arc::clone(&name), place.into()));
            }
        }
        files.extend(self.manifest.strays.iter().cloned());
        files.retain(|path| !self.come.contains(path));
        Gone { files: files.into_iter().collect(), parts, segments }
    }
}

/// Compares a plan on its way.
struct Comparing<'d, 'm, D, F> {
    diff: &'d mut Diff<'m, D>,
    each: F,
    state: ControlFlow<()>,
}

impl<D: OnDisk, F: FnMut(Group) -> ControlFlow<()>> Take for Comparing<'_, '_, D, F> {
    fn part(&mut self, name: &str, from: Option<&Fingerprint>) -> bool {
        self.state.is_continue() && self.diff.part(name, from)
    }

    fn wants(&mut self, place: &str, from: &Fingerprint) -> bool {
        self.state.is_continue() && self.diff.is_due(place, from)
    }

    fn take(&mut self, segment: Segment) {
        self.state = (self.each)(self.diff.compare(segment));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk on which all is as it was.
    struct Sound;

    impl OnDisk for Sound {
        fn is_all_sound(&self) -> bool {
            true
        }

        fn is_sound(&self, _: &OutPath, _: &Published) -> bool {
            true
        }

        fn is_there(&self, _: &OutPath) -> bool {
            true
        }
    }

    #[test]
    fn nobody_asks_for_the_segments_of_a_part_that_is_as_it_was() {
        let from = Some(Fingerprint::default());
        let asked = || panic!("they were asked for");
        let part = Part::later(from, 7, true, asked);
        let manifest = Manifest { parts: [("a".into(), part)].into(), ..Manifest::default() };
        let mut diff = Diff::new(&manifest, &Sound);
        diff.through(|take| assert!(!take.part("a", from.as_ref())), |_| ControlFlow::Continue(()));
        assert_eq!(diff.kept, 7);
        assert!(diff.due.is_empty());
        let gone = diff.gone();
        assert!(gone.files.is_empty() && gone.parts.is_empty() && gone.segments.is_empty());
    }
}
