//! Pieces of a plan that are reused while what they are made from stays the same.

use super::Output;
use crate::hash::Fingerprint;
use std::collections::HashMap;
use std::sync::Arc;

/// The outputs of one slice of a library.
type Segment = Arc<[Output]>;

/// The segments of a plan by their place, each with the hash of what it was made from.
///
/// Sound as a cache because a segment is a pure function of the hashed slice, and values are
/// immutable: equal hash, equal segment. Nothing is ever invalidated by hand.
#[derive(Default, Clone)]
pub struct Segments {
    by_place: HashMap<String, (Fingerprint, Segment)>,
    order: Vec<String>,
    made: usize,
}

impl Segments {
    /// Adds the segment of `place`: that of `last` where it was made from the same, else a new one.
    pub(super) fn add(
        &mut self,
        last: &Segments,
        place: String,
        from: Fingerprint,
        make: impl FnOnce() -> Vec<Output>,
    ) {
        let segment = match last.by_place.get(&place) {
            Some((same, segment)) if *same == from => Arc::clone(segment),
            _ => {
                self.made += 1;
                make().into()
            }
        };
        self.order.push(place.clone());
        self.by_place.insert(place, (from, segment));
    }

    /// Returns how many segments could not be reused.
    pub fn made(&self) -> usize {
        self.made
    }

    /// Returns all outputs, segment by segment.
    pub fn outputs(&self) -> impl Iterator<Item = &Output> {
        self.groups().flat_map(|group| group.iter())
    }

    /// Returns the outputs of each segment.
    pub fn groups(&self) -> impl Iterator<Item = &[Output]> {
        self.order.iter().filter_map(|place| self.by_place.get(place)).map(|(_, s)| &**s)
    }
}
