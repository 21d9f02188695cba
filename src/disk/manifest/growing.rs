//! A manifest that is written while its edition is made, for a process that needs it no more.

use super::{
    AtPath, Change, HEAD, Outline, PathError, State, Update, VERSION, encoded, end_journal, file,
    frames, state,
};
use crate::library::Edition;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Seek, Write, copy};
use std::path::{Path, PathBuf};

/// A manifest of an edition that was not there before. It grows by what is made; its folders, which come
/// before all else, are known last: until then the rest is in a file without a name.
pub struct Growing {
    output: PathBuf,
    frames: BufWriter<File>,
    parts: BTreeMap<Box<str>, State>,
    segments: usize,
}

impl Growing {
    /// Begins a manifest of an edition of this output folder.
    pub fn begin(output: &Path) -> Result<Growing, PathError> {
        let frames = BufWriter::new(tempfile::tempfile_in(output).at("write in", output)?);
        Ok(Growing { output: output.to_owned(), frames, parts: BTreeMap::new(), segments: 0 })
    }

    /// Adds what was made of parts.
    pub fn add(&mut self, parts: Vec<(Box<str>, Option<Change>)>) -> Result<(), PathError> {
        if parts.is_empty() {
            return Ok(());
        }
        for (name, change) in &parts {
            if let Some(change) = change {
                self.note(name, change);
            }
        }
        let update = Update { parts, ..Update::default() };
        let frame = encoded(&update, |name| self.parts.get(name).copied());
        frames::write(&mut self.frames, &frame).at("write in", &self.output)
    }

    /// Notes what a part is with what is added to it: segments that it did not have.
    fn note(&mut self, name: &str, change: &Change) {
        debug_assert!(change.segments.iter().all(|(_, record)| record.is_some()));
        let records = || change.segments.iter().filter_map(|(_, record)| record.as_ref());
        let new = State { from: None, count: 0, is_whole: true };
        let mut state = self.parts.get(name).copied().unwrap_or(new);
        state.count += records().map(|record| record.files.len()).sum::<usize>();
        state.is_whole &= records().all(|record| record.from.is_some());
        state.from = change.from.filter(|_| state.is_whole);
        self.segments += records().count();
        self.parts.insert(name.into(), state);
    }

    /// Returns how many segments there are.
    pub fn segments(&self) -> usize {
        self.segments
    }

    /// Puts the manifest in the place of the one before; the journal is done with.
    pub fn save(
        self,
        edition: Edition,
        folders: Vec<(Box<str>, Option<i64>)>,
    ) -> Result<Outline, PathError> {
        let path = file(&self.output, edition);
        let known = folders.iter().filter_map(|(path, time)| Some((path.clone(), (*time)?)));
        let outline = Outline {
            files: self.parts.values().map(|part| part.count).sum(),
            is_whole: self.parts.values().all(|part| part.is_whole),
            folders: known.collect(),
        };
        let mut head = Vec::from([VERSION; HEAD]);
        let folders = Update { folders, ..Update::default() };
        frames::push(&mut head, &encoded(&folders, |_| None));
        let write = || {
            let mut rest = self.frames.into_inner()?;
            rest.rewind()?;
            let length = head.len() as u64 + rest.metadata()?.len();
            head[1..HEAD].copy_from_slice(&length.to_le_bytes());
            state::write_atomically_with(&path, |out| {
                out.write_all(&head)?;
                copy(&mut rest, out).map(drop)
            })
        };
        write().at("write", &path)?;
        end_journal(&self.output, edition)?;
        Ok(outline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::manifest::{load, save};
    use crate::hash::{Fingerprint, Hash};
    use crate::path::OutPath;
    use crate::plan::diff::{Manifest, Part, Published, Record};
    use std::sync::Arc;

    /// A change of a part by one segment of one file.
    fn change(from: Option<Fingerprint>, place: &str, made: bool) -> Change {
        let fingerprint = made.then_some(Fingerprint::default());
        let known = Published { fingerprint, content: Hash::default(), size: 1, mtime: 2 };
        let files = vec![(OutPath::fixed(place), known)];
        let record = Arc::new(Record { from: fingerprint, files });
        Change { from, segments: vec![(place.into(), Some(record))] }
    }

    /// Makes a manifest of changes as they come, and the same at once; both say the same.
    #[track_caller]
    fn check(changes: Vec<(&str, Change)>, whole: bool) {
        let output = tempfile::TempDir::new().unwrap();
        let output = output.path();
        std::fs::write(output.join(".public.journal"), "gone.html\n").unwrap();
        let mut growing = Growing::begin(output).unwrap();
        let mut at_once = Manifest::default();
        for (name, change) in changes {
            let part: &mut Part = at_once.parts.entry(name.into()).or_default();
            part.change(change.from, &change.segments);
            growing.add(vec![(name.into(), Some(change))]).unwrap();
        }
        let segments = at_once.parts.values().map(|part| part.segments().len()).sum::<usize>();
        assert_eq!(growing.segments(), segments);
        let folders = vec![("".into(), Some(3)), ("a".into(), None)];
        let outline = growing.save(Edition::Public, folders.clone()).unwrap();
        let loaded = load(output, Edition::Public).unwrap();
        let bytes = std::fs::metadata(output.join(".public.manifest")).unwrap().len();
        assert_eq!(loaded.bytes, bytes);
        assert!(loaded.strays.is_empty() && !output.join(".public.journal").exists());

        let update = Update { folders, ..Update::default() };
        let saved = save(output, Edition::Reader, at_once, &update).unwrap();
        let told = |manifest: &Manifest| {
            let parts = manifest.parts.iter().map(|(name, part)| {
                (name.clone(), part.from, part.count, part.is_whole, part.segments().clone())
            });
            (parts.collect::<Vec<_>>(), manifest.folders.clone())
        };
        assert_eq!(told(&loaded), told(&saved));
        let of_saved = Outline::from(saved);
        assert_eq!((outline.files, outline.is_whole), (of_saved.files, whole));
        assert_eq!((of_saved.is_whole, outline.folders), (whole, of_saved.folders));
    }

    #[test]
    fn a_manifest_that_grew_says_what_one_made_at_once_says() {
        let nothing = Change { from: Some(Fingerprint::default()), segments: Vec::new() };
        check(Vec::new(), true);
        check(
            vec![
                ("a", change(None, "a/1", true)),
                ("a", change(None, "a/2", true)),
                ("b", change(None, "b", true)),
                ("a", nothing),
            ],
            true,
        );
        // Of one that was not all made it is not known what it is made from.
        let nothing = Change { from: Some(Fingerprint::default()), segments: Vec::new() };
        check(vec![("a", change(None, "a/1", false)), ("a", nothing)], false);
    }
}
