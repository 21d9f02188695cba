//! The texts of messages that are likely to be changed, one after the other in one file.
//!
//! Before each of its [frames](crate::disk::frames) stands a mark: behind one that is broken, as by
//! a power cut, the next mark is looked for.

use crate::disk::frames;
use crate::disk::state::write_atomically;
use crate::hash::Hash;
use crate::limits::RECENT_TEXTS;
use memchr::memmem;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What stands before a frame.
const MARK: &[u8] = b"\n+frame+\n";

/// The text of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Frame {
    /// The file below the base folder.
    pub path: String,
    /// The hash of its bytes.
    pub source: Hash,
    /// When it was first seen, in seconds since 1970.
    pub seen: i64,
    /// Its text.
    pub text: String,
}

/// All frames, by path in the order in which they were written.
#[derive(Default)]
pub(super) struct Recent {
    frames: Vec<Frame>,
    by_path: HashMap<String, Vec<usize>>,
}

pub(super) fn file(folder: &Path) -> PathBuf {
    folder.join("recent.bin")
}

impl Recent {
    /// Reads the file; without one there are no frames.
    pub fn load(folder: &Path) -> Recent {
        Recent::of(load(folder))
    }

    fn of(frames: Vec<Frame>) -> Recent {
        let mut by_path: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, frame) in frames.iter().enumerate() {
            by_path.entry(frame.path.clone()).or_default().push(at);
        }
        Recent { frames, by_path }
    }

    /// Returns a version of a message as it was first seen.
    pub fn find(&self, path: &str, source: Hash) -> Option<Frame> {
        let mut own = self.by_path.get(path)?.iter().map(|at| &self.frames[*at]);
        own.find(|frame| frame.source == source).cloned()
    }

    /// Returns the version of a message that was seen last.
    pub fn last(&self, path: &str) -> Option<Hash> {
        Some(self.frames[*self.by_path.get(path)?.last()?].source)
    }
}

/// Returns all frames in the order in which they were written.
pub(super) fn load(folder: &Path) -> Vec<Frame> {
    let bytes = std::fs::read(file(folder)).unwrap_or_default();
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some(mark) = memmem::find(&bytes[from..], MARK) {
        let at = from + mark + MARK.len();
        from = at;
        if let Some((frame, end)) = frames::next(&bytes, at)
            && let Ok(frame) = postcard::from_bytes(frame)
        {
            found.push(frame);
            from = end;
        }
    }
    found
}

fn encode(all: &[Frame]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for frame in all {
        let frame = postcard::to_allocvec(frame).map_err(io::Error::other)?;
        bytes.extend(MARK);
        frames::push(&mut bytes, &frame);
    }
    Ok(bytes)
}

/// Adds frames. Where all would be more than [`RECENT_TEXTS`] bytes, the oldest go.
pub(super) fn append(folder: &Path, frames: &[Frame]) -> io::Result<()> {
    let path = file(folder);
    std::fs::create_dir_all(folder)?;
    let bytes = encode(frames)?;
    let size = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
    if size + bytes.len() as u64 <= RECENT_TEXTS {
        return File::options().create(true).append(true).open(path)?.write_all(&bytes);
    }
    let mut all = load(folder);
    all.extend_from_slice(frames);
    write(folder, all)
}

/// Replaces all frames; the newest of them have room in half of what is allowed.
pub(super) fn write(folder: &Path, mut frames: Vec<Frame>) -> io::Result<()> {
    let mut room = RECENT_TEXTS / 2;
    let mut most = 0;
    for frame in frames.iter().rev() {
        let size = (frame.text.len() + frame.path.len() + 64) as u64;
        if size > room {
            break;
        }
        room -= size;
        most += 1;
    }
    frames.drain(..frames.len() - most);
    write_atomically(&file(folder), &encode(&frames)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(path: &str, text: &str, seen: i64) -> Frame {
        Frame { path: path.into(), source: Hash::of(text.as_bytes()), seen, text: text.into() }
    }

    #[test]
    fn frames_are_found_again_but_for_one_that_is_broken() {
        let folder = tempfile::TempDir::new().unwrap();
        let (a, b) = (frame("a", "one", 1), frame("a", "two", 2));
        append(folder.path(), std::slice::from_ref(&a)).unwrap();
        append(folder.path(), &[b.clone(), frame("b", "x", 3)]).unwrap();
        let recent = Recent::load(folder.path());
        assert_eq!(recent.find("a", a.source), Some(a.clone()));
        assert_eq!((recent.last("a"), recent.last("c")), (Some(b.source), None));
        let mut bytes = std::fs::read(file(folder.path())).unwrap();
        bytes.truncate(bytes.len() - 1);
        std::fs::write(file(folder.path()), bytes).unwrap();
        assert_eq!(load(folder.path()), [a.clone(), b.clone()]);
        // What is added behind one that was cut short is not lost with it.
        let c = frame("c", "\n+frame+\n", 4);
        append(folder.path(), std::slice::from_ref(&c)).unwrap();
        assert_eq!(load(folder.path()), [a, b, c]);
    }

    #[test]
    fn the_oldest_frames_go_when_there_are_too_many() {
        let folder = tempfile::TempDir::new().unwrap();
        let text = "x".repeat(RECENT_TEXTS as usize / 5);
        for n in 0..6 {
            append(folder.path(), &[frame(&n.to_string(), &text, n)]).unwrap();
        }
        let left: Vec<i64> = load(folder.path()).iter().map(|frame| frame.seen).collect();
        assert_eq!(left.last(), Some(&5));
        assert!(
            left.len() < 5 && std::fs::metadata(file(folder.path())).unwrap().len() <= RECENT_TEXTS
        );
    }
}
