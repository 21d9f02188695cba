//! What a manifest says: the files of an edition that are ours, by the parts and segments of its plan.

use crate::hash::{Fingerprint, Hash};
use crate::path::OutPath;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Arc, LazyLock, OnceLock};

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

/// The segments of a part, by place.
pub type Segments = BTreeMap<Box<str>, Arc<Record>>;

/// A part of a plan that was published.
#[derive(Debug)]
pub struct Part {
    /// What the part was made from, where that is known and all of it was made.
    pub from: Option<Fingerprint>,
    /// How many files it has.
    pub count: usize,
    /// Whether all of it was made.
    pub is_whole: bool,
    segments: LazyLock<Segments, Box<dyn FnOnce() -> Segments + Send>>,
    /// Its files, once somebody has asked for them by path.
    index: OnceLock<Arc<BTreeMap<OutPath, Published>>>,
}

impl Default for Part {
    fn default() -> Part {
        Part::of(None, Segments::new())
    }
}

impl Clone for Part {
    fn clone(&self) -> Part {
        Part::of(self.from, self.segments().clone())
    }
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
    /// How many bytes of its file are sound; 0 where there is none that could be added to.
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
    pub fn of(from: Option<Fingerprint>, segments: Segments) -> Part {
        let count = segments.values().map(|record| record.files.len()).sum();
        let is_whole = segments.values().all(|record| record.from.is_some());
        Part::later(from, count, is_whole, move || segments)
    }

    /// Returns a part of so many files whose segments are found when somebody asks for them: of most
    /// parts nobody does, because they are made from what they were made from before.
    pub fn later(
        from: Option<Fingerprint>,
        count: usize,
        is_whole: bool,
        segments: impl FnOnce() -> Segments + Send + 'static,
    ) -> Part {
        let segments = LazyLock::new(Box::new(segments) as Box<dyn FnOnce() -> Segments + Send>);
        // A part that comes in many pieces says only with the last what it is made from.
        let from = from.filter(|_| is_whole);
        Part { from, count, is_whole, segments, index: OnceLock::new() }
    }

    /// Returns its segments.
    pub fn segments(&self) -> &Segments {
        &self.segments
    }

    /// Puts segments in the place of others, or takes them out; what the part is made from is known
    /// only where all of it was made.
    pub fn change<'s>(
        &mut self,
        from: Option<Fingerprint>,
        segments: impl IntoIterator<Item = &'s (Box<str>, Option<Arc<Record>>)>,
    ) {
        let mut all = std::mem::take(&mut *self.segments);
        for (place, record) in segments {
            match record {
                Some(record) => all.insert(place.clone(), Arc::clone(record)),
                None => all.remove(place),
            };
        }
        *self = Part::of(from, all);
    }

    /// Marks files of which nobody knows any more what they hold, and takes them off the list.
    pub fn doubt(&mut self, files: &mut BTreeSet<OutPath>) {
        let is_meant = |record: &Record| record.files.iter().any(|(path, _)| files.contains(path));
        if !self.segments().values().any(|record| is_meant(record)) {
            return;
        }
        let mut all = std::mem::take(&mut *self.segments);
        for record in all.values_mut() {
            if !record.files.iter().any(|(path, _)| files.contains(path)) {
                continue;
            }
            let record = Arc::make_mut(record);
            record.from = None;
            for (path, published) in &mut record.files {
                if files.remove(path) {
                    published.fingerprint = None;
                }
            }
        }
        *self = Part::of(None, all);
    }

    fn by_path(&self) -> Arc<BTreeMap<OutPath, Published>> {
        Arc::clone(self.index.get_or_init(|| Arc::new(self.files().cloned().collect())))
    }

    /// Returns the files of all segments.
    pub fn files(&self) -> impl Iterator<Item = &(OutPath, Published)> {
        self.segments().values().flat_map(|record| &record.files)
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
            part.change(print, &[("".into(), record(&[path]))]);
        }
        let before = manifest.by_path();
        let fixed = manifest.parts.get_mut("fixed").unwrap();
        fixed.change(print, &[("".into(), None), ("x".into(), record(&["assets/b.css", "b"]))]);
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
