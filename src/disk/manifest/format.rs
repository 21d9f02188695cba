//! The form of a manifest's changes on the disk: frames (see [`frames`]), each the changes of some parts
//! and folders. The segments of a part lie in it encoded for themselves, so that nobody decodes them who
//! has no use for them.

use super::{Update, frames};
use crate::hash::Fingerprint;
use crate::plan::diff::{Manifest, Part, Record, Segments};
use bytes::Bytes;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a part is with a change, of which only the segments need be told that are others.
#[derive(Debug, Clone, Copy)]
pub struct State {
    /// What it is made from, where that is known and all of it was made.
    pub from: Option<Fingerprint>,
    /// How many files it has.
    pub count: usize,
    /// Whether all of it was made.
    pub is_whole: bool,
}

impl State {
    /// Returns what a part is.
    pub fn of(part: &Part) -> State {
        State { from: part.from, count: part.count, is_whole: part.is_whole }
    }
}

/// A frame: parts by name, none where one is gone, and times of folders by path, likewise.
#[derive(Serialize, Deserialize)]
struct Frame<'f> {
    #[serde(borrow)]
    parts: Vec<(&'f str, Option<Piece<'f>>)>,
    folders: Vec<(&'f str, Option<i64>)>,
}

/// A part as it is with a frame, and the segments that the frame tells of, encoded.
#[derive(Serialize, Deserialize)]
struct Piece<'f> {
    from: Option<Fingerprint>,
    count: usize,
    is_whole: bool,
    #[serde(borrow, serialize_with = "as_bytes")]
    segments: &'f [u8],
}

fn as_bytes<S: Serializer>(bytes: &&[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}

/// Segments of a part by place; none where one is gone.
type Changed = Vec<(Box<str>, Option<Arc<Record>>)>;

/// Returns what the frame of an update holds; `state` tells what the parts that it changes are with it.
pub fn encoded(update: &Update, state: impl Fn(&str) -> Option<State>) -> Vec<u8> {
    // Plain structs always serialize.
    let segments = update.parts.iter().map(|(_, change)| {
        change.as_ref().map(|change| postcard::to_allocvec(&change.segments).unwrap_or_default())
    });
    let segments: Vec<Option<Vec<u8>>> = segments.collect();
    let parts = update.parts.iter().zip(&segments).map(|((name, _), segments)| {
        let piece = segments.as_ref().zip(state(name)).map(|(segments, state)| {
            let State { from, count, is_whole } = state;
            Piece { from, count, is_whole, segments }
        });
        (&**name, piece)
    });
    let folders = update.folders.iter().map(|(path, time)| (&**path, *time));
    let frame = Frame { parts: parts.collect(), folders: folders.collect() };
    postcard::to_allocvec(&frame).unwrap_or_default()
}

/// A part on its way out of the frames.
struct Draft {
    state: State,
    /// Its segments, in the order in which they were told: slices of the file, which is in memory until
    /// no part needs it any more.
    pieces: Vec<Bytes>,
}

/// Reads frames that begin at a place, as far as they are sound.
pub fn read(file: &Bytes, mut at: usize) -> Manifest {
    let (mut manifest, mut drafts) = (Manifest::default(), BTreeMap::<Box<str>, Draft>::new());
    while let Some((frame, end)) = frames::next(file, at) {
        let Ok(Frame { parts, folders }) = postcard::from_bytes(frame) else { break };
        for (name, piece) in parts {
            let Some(Piece { from, count, is_whole, segments }) = piece else {
                drafts.remove(name);
                continue;
            };
            let (state, segments) = (State { from, count, is_whole }, file.slice_ref(segments));
            match drafts.get_mut(name) {
                Some(draft) => {
                    draft.state = state;
                    draft.pieces.push(segments);
                }
                None => {
                    drafts.insert(name.into(), Draft { state, pieces: vec![segments] });
                }
            }
        }
        apply(&mut manifest.folders, folders);
        at = end;
    }
    manifest.parts = drafts.into_iter().map(|(name, draft)| (name, draft.part())).collect();
    manifest.bytes = at as u64;
    manifest
}

/// Changes the times of folders.
fn apply(all: &mut BTreeMap<Box<str>, i64>, changes: Vec<(&str, Option<i64>)>) {
    if all.is_empty() {
        // All at once is faster than one by one, and most stand in the first frame that has any.
        *all = changes.into_iter().filter_map(|(path, time)| Some((path.into(), time?))).collect();
        return;
    }
    for (path, time) in changes {
        match time {
            Some(time) => all.insert(path.into(), time),
            None => all.remove(path),
        };
    }
}

impl Draft {
    fn part(self) -> Part {
        let State { from, count, is_whole } = self.state;
        let pieces = self.pieces;
        Part::later(from, count, is_whole, move || {
            let mut segments = Segments::new();
            // A piece that is no list of segments was not written by a program of this version: what
            // comes behind it builds on what nobody knows.
            let told = pieces.iter().map_while(|piece| postcard::from_bytes::<Changed>(piece).ok());
            for (place, record) in told.flatten() {
                match record {
                    Some(record) => segments.insert(place, record),
                    None => segments.remove(&place),
                };
            }
            segments
        })
    }
}
