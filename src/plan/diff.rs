//! What has to be made, by comparison with what the manifest says is on disk.

use super::{Output, Segment, Take};
use crate::hash::{FastMap, FastSet, Fingerprint, Hash};
use crate::path::OutPath;
use serde::{Deserialize, Serialize};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, ControlFlow};
use std::sync::{Arc, OnceLock};

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

/// The files of a segment that was published.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Record {
    /// What the segment was made from; none where not all of it was made.
    pub from: Option<Fingerprint>,
    /// Its files, by path.
    pub files: Vec<(OutPath, Published)>,
}

impl Record {
    /// Returns what is known of a file.
    pub fn file(&self, path: &OutPath) -> Option<&Published> {
        let at = self.files.binary_search_by(|(known, _)| known.cmp(path)).ok()?;
        Some(&self.files[at].1)
    }
}

/// A part of a plan that was published.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// What the part was made from, where that is known and all of it was made.
    pub from: Option<Fingerprint>,
    /// Its segments, by place.
    pub segments: BTreeMap<Box<str>, Arc<Record>>,
    /// How many files they have.
    pub count: usize,
    /// Its files, once somebody has asked for them by path.
    index: OnceLock<Arc<BTreeMap<OutPath, Published>>>,
}

/// The files of an edition that are ours.
#[derive(Debug, Clone, Default)]
pub struct Manifest {
    /// The parts of the plan that were published, by name.
    pub parts: BTreeMap<Box<str>, Part>,
    /// Files that a build had begun to write and has not ended.
    pub strays: BTreeSet<OutPath>,
    /// The modification times of the folders that hold them (`""` is the edition's), in nanoseconds
    /// since 1970, when it was known what is in them; [`UNKNOWN`] where it was not.
    pub folders: BTreeMap<Box<str>, i64>,
    /// How many bytes of its file are sound; 0 where there is none.
    pub bytes: u64,
}

/// The time of a folder of which nobody knows what is in it: it has to be looked at. A folder may
/// have 1970 for its time, as in archives that are the same wherever they are made.
pub const UNKNOWN: i64 = 0;

/// Published files by path: those of each part, so that of parts that have not changed nothing is
/// listed again.
#[derive(Debug, Clone, Default)]
pub struct Files(Vec<Arc<BTreeMap<OutPath, Published>>>);

impl Files {
    /// Returns a file by its path.
    pub fn get(&self, path: &str) -> Option<(&OutPath, &Published)> {
        self.0.iter().find_map(|part| part.get_key_value(path))
    }

    /// Returns all files, by path.
    pub fn all(&self) -> BTreeMap<&OutPath, &Published> {
        self.0.iter().flat_map(|part| part.iter()).collect()
    }

    /// Returns the files of a folder and of those in it, by path.
    pub fn below(&self, folder: &str) -> BTreeMap<&OutPath, &Published> {
        // Behind `/` comes `0`.
        let (from, end) = (format!("{folder}/"), format!("{folder}0"));
        let range = (Bound::Excluded(from.as_str()), Bound::Excluded(end.as_str()));
        self.0.iter().flat_map(|part| part.range::<str, _>(range)).collect()
    }
}

impl FromIterator<(OutPath, Published)> for Files {
    fn from_iter<I: IntoIterator<Item = (OutPath, Published)>>(files: I) -> Files {
        Files(vec![Arc::new(files.into_iter().collect())])
    }
}

impl Part {
    /// Returns a part that consists of these segments.
    pub fn of(from: Option<Fingerprint>, segments: BTreeMap<Box<str>, Arc<Record>>) -> Part {
        let count = segments.values().map(|record| record.files.len()).sum();
        Part { from, segments, count, index: OnceLock::new() }
    }

    /// Puts segments in the place of others, or takes them out; what the part is made from is known
    /// only where all of it was made.
    pub fn change(
        &mut self,
        from: Option<Fingerprint>,
        segments: impl IntoIterator<Item = (Box<str>, Option<Arc<Record>>)>,
    ) {
        let (mut all, mut count) = (std::mem::take(&mut self.segments), self.count);
        for (place, record) in segments {
            count += record.as_ref().map_or(0, |record| record.files.len());
            let before = match record {
                Some(record) => all.insert(place, record),
                None => all.remove(&place),
            };
            count -= before.map_or(0, |record| record.files.len());
        }
        // A part that comes in many pieces says only with the last what it is made from.
        let from = from.filter(|_| all.values().all(|record| record.from.is_some()));
        *self = Part { from, segments: all, count, index: OnceLock::new() };
    }

    fn by_path(&self) -> Arc<BTreeMap<OutPath, Published>> {
        Arc::clone(self.index.get_or_init(|| Arc::new(self.files().cloned().collect())))
    }

    /// Returns the files of all segments.
    pub fn files(&self) -> impl Iterator<Item = &(OutPath, Published)> {
        self.segments.values().flat_map(|record| &record.files)
    }
}

impl Manifest {
    /// Returns whether nothing is ours.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty() && self.strays.is_empty()
    }

    /// Returns the files of all segments.
    pub fn files(&self) -> impl Iterator<Item = &(OutPath, Published)> {
        self.parts.values().flat_map(Part::files)
    }

    /// Returns the files of all segments by path.
    pub fn by_path(&self) -> Files {
        Files(self.parts.values().map(Part::by_path).collect())
    }
}

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
        let places = self.known.into_iter().flat_map(|known| known.segments.keys());
        let places = places.map(|place| &**place).collect();
        self.left_places.insert(Arc::clone(&self.part), places);
        true
    }

    /// Returns whether a segment has changed, or its files have.
    fn is_due(&mut self, place: &str, from: &Fingerprint) -> bool {
        if let Some(left) = self.left_places.get_mut(&self.part) {
            left.remove(place);
        }
        match self.known.and_then(|part| part.segments.get(place)) {
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
        let known = self.known.and_then(|part| part.segments.get(&place));
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
                let record = part.segments.get(place);
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

    fn record(paths: &[&str]) -> Option<Arc<Record>> {
        let (fingerprint, content) = (Some(Fingerprint::default()), Hash::default());
        let published = Published { fingerprint, content, size: 1, mtime: 2 };
        let files = paths.iter().map(|path| (OutPath::fixed(path), published)).collect();
        Some(Arc::new(Record { from: fingerprint, files }))
    }

    #[test]
    fn files_are_found_in_all_parts_as_these_are_now() {
        let print = Some(Fingerprint::default());
        let mut manifest = Manifest::default();
        let parts = [("fixed", "assets/a.css"), ("home", "index.html")];
        for (name, path) in parts {
            let part = manifest.parts.entry(name.into()).or_default();
            part.change(print, [("".into(), record(&[path]))]);
        }
        let before = manifest.by_path();
        let fixed = manifest.parts.get_mut("fixed").unwrap();
        fixed.change(print, [("".into(), None), ("x".into(), record(&["assets/b.css", "b"]))]);
        assert_eq!((fixed.count, fixed.from), (2, print));
        let names =
            |files: &Files| files.all().keys().map(|path| path.to_string()).collect::<Vec<_>>();
        assert_eq!(names(&before), ["assets/a.css", "index.html"]);
        let after = manifest.by_path();
        assert_eq!(names(&after), ["assets/b.css", "b", "index.html"]);
        assert!(after.get("index.html").is_some() && after.get("assets/a.css").is_none());
        assert_eq!(after.below("assets").len(), 1);
        assert_eq!(after.below("b").len(), 0);
    }
}
