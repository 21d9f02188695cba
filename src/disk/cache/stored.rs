//! A cache as it lies in its file: of each contact no more is in memory than where it stands, until its
//! turn comes.

use super::{Saved, is_version, version};
use crate::disk::frames;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// How many bytes at the beginning of a frame hold the name of its contact, which is that of a folder.
const NAME: usize = 300;
/// How many bytes at the beginning of the file hold the name of the version.
const VERSION: usize = 64;

/// A cache that was saved.
#[derive(Debug, Default)]
pub struct Stored {
    file: PathBuf,
    /// Where the last frame of each contact begins, and how long it is.
    places: BTreeMap<String, (u64, usize)>,
    saved: Option<Saved>,
    is_damaged: AtomicBool,
}

impl Stored {
    /// Opens the cache; what cannot be used is as good as none. Returns also what is to be said of it.
    pub fn open(file: &Path) -> (Stored, Option<String>) {
        let Some(Begun { mut opened, at, whole }) = (match begin(file) {
            Ok(begun) => begun,
            Err(other) => {
                let program = other.split(' ').next().unwrap_or_default();
                let remark =
                    format!("the cache was made by another Handbill, {program}; all is read anew");
                return (Stored::default(), Some(remark));
            }
        }) else {
            return Default::default();
        };
        let (places, length) = places(&mut opened, at);
        let saved = Some(Saved { length, whole });
        (Stored { file: file.to_owned(), places, saved, is_damaged: AtomicBool::new(false) }, None)
    }

    /// Reads what is kept of a contact.
    pub fn contact<K: DeserializeOwned>(&self, name: &str) -> Option<K> {
        self.with_frame(name, |frame| {
            let (of, kept) = postcard::from_bytes::<(String, K)>(frame).ok()?;
            (of == name).then_some(kept)
        })
    }

    /// Reads the frame of a contact: its name and what is kept of it.
    pub fn frame(&self, name: &str) -> Option<Vec<u8>> {
        self.with_frame(name, |frame| {
            let (of, _) = postcard::take_from_bytes::<&str>(frame).ok()?;
            (of == name).then(|| frame.to_vec())
        })
    }

    /// Reads what is kept of a contact if the beginning of it, a `B`, is the right one.
    pub fn contact_if<B: DeserializeOwned, K: DeserializeOwned>(
        &self,
        name: &str,
        is_right: impl FnOnce(&B) -> bool,
    ) -> Option<(B, K)> {
        let kept = self.with_frame(name, |frame| {
            let (of, rest) = postcard::take_from_bytes::<String>(frame).ok()?;
            let (begin, rest) = postcard::take_from_bytes::<B>(rest).ok()?;
            if of != name {
                return None;
            }
            Some(match is_right(&begin) {
                true => Some((begin, postcard::from_bytes(rest).ok()?)),
                false => None,
            })
        });
        kept.flatten()
    }

    /// Does something with the frame of a contact; it is damaged where nothing comes of it.
    fn with_frame<R>(&self, name: &str, read: impl FnOnce(&[u8]) -> Option<R>) -> Option<R> {
        let (at, length) = *self.places.get(name)?;
        let made = File::open(&self.file).ok().and_then(|mut file| {
            let bytes = piece(&mut file, at, length)?;
            let (frame, _) = frames::next(&bytes, 0)?;
            read(frame)
        });
        self.is_damaged.fetch_or(made.is_none(), Ordering::Relaxed);
        made
    }

    /// Returns whether there is anything of a contact.
    pub fn holds(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    /// Returns the names of the contacts.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str)
    }

    /// Returns how many contacts there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Returns what the file is, as far as it was read; nothing where there is none that could be added
    /// to, for what is behind damage would not be found again.
    pub fn saved(&self) -> Option<Saved> {
        self.saved.filter(|_| !self.is_damaged.load(Ordering::Relaxed))
    }
}

/// The file of a cache whose beginning has been read.
struct Begun {
    opened: File,
    /// Where its frames begin.
    at: u64,
    /// See [`Saved`].
    whole: u64,
}

/// Reads the beginning of a cache; nothing where there is none. Of another version the name is returned.
fn begin(file: &Path) -> Result<Option<Begun>, String> {
    let begun = || {
        let mut opened = File::open(file).ok()?;
        let bytes = piece(&mut opened, 0, VERSION)?;
        let (made_by, rest) = postcard::take_from_bytes::<String>(&bytes).ok()?;
        let whole = rest.split_first_chunk().map_or(0, |(whole, _)| u64::from_le_bytes(*whole));
        let at = (bytes.len() - rest.len() + size_of_val(&whole)) as u64;
        Some((made_by, Begun { opened, at, whole }))
    };
    // Every version begins with its name.
    match begun() {
        Some((made_by, begun)) if made_by == version() => Ok(Some(begun)),
        Some((other, _)) if is_version(&other) => Err(other),
        _ => Ok(None),
    }
}

/// Finds the last frame of each contact, as far as the file is sound; returns also how far that is.
fn places(file: &mut File, mut at: u64) -> (BTreeMap<String, (u64, usize)>, u64) {
    let end = file.metadata().map_or(0, |metadata| metadata.len());
    let mut places = BTreeMap::new();
    while let Some(begin) = piece(file, at, frames::HEAD + NAME)
        && let Some((length, frame)) = frames::begin(&begin)
        && at + length as u64 <= end
        && let Ok((name, _)) = postcard::take_from_bytes::<String>(frame)
    {
        places.insert(name, (at, length));
        at += length as u64;
    }
    (places, at)
}

/// Reads at most so many bytes of a file.
fn piece(file: &mut File, at: u64, most: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(most);
    file.seek(SeekFrom::Start(at)).ok()?;
    file.take(most as u64).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}
