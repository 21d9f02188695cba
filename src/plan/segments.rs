//! A plan in pieces, handed out one after the other.

use super::Output;
use crate::hash::Fingerprint;

/// The outputs of one slice of a library.
///
/// Equal place and equal hash mean equal outputs: a segment is a pure function of the hashed slice.
/// Whoever has the outputs of a segment already, on disk or elsewhere, need not have them made.
#[derive(Debug)]
pub struct Segment {
    /// What it is of; no two segments of a plan have one place.
    pub place: Box<str>,
    /// The hash of what it is made from.
    pub from: Fingerprint,
    /// What it consists of.
    pub outputs: Vec<Output>,
}

/// Takes the segments of a plan one after the other, part by part.
pub trait Take {
    /// Begins a part of the plan: a contact, a tag, a year of the archive. Returns whether its segments are
    /// wanted at all: `from` is the hash of all they are made from, where that is known beforehand.
    fn part(&mut self, name: &str, from: Option<&Fingerprint>) -> bool;
    /// Returns whether the outputs of a segment are wanted; they are made only then.
    fn wants(&mut self, place: &str, from: &Fingerprint) -> bool;
    /// Takes a segment that was wanted.
    fn take(&mut self, segment: Segment);
}

/// Takes everything.
impl Take for Vec<Segment> {
    fn part(&mut self, _: &str, _: Option<&Fingerprint>) -> bool {
        true
    }

    fn wants(&mut self, _: &str, _: &Fingerprint) -> bool {
        true
    }

    fn take(&mut self, segment: Segment) {
        self.push(segment);
    }
}

/// Hands segments out.
pub(super) struct Segments<'s>(pub(super) &'s mut dyn Take);

impl Segments<'_> {
    /// Hands out the segment of a place, if it is wanted.
    pub(super) fn add(
        &mut self,
        place: String,
        from: Fingerprint,
        make: impl FnOnce() -> Vec<Output>,
    ) {
        if self.0.wants(&place, &from) {
            self.0.take(Segment { place: place.into(), from, outputs: make() });
        }
    }
}
