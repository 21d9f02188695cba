//! A slice: some messages, oldest first.

use crate::hash::{Fingerprint, Inputs};
use crate::library::Message;
use std::sync::{Arc, OnceLock};

/// Some messages, oldest first.
///
/// One that is joined of others is known by their hashes: its messages are put into one row when
/// somebody asks for them, which for most slices of a build that goes on from another nobody does.
#[derive(Debug)]
pub struct Slice {
    messages: OnceLock<Vec<Arc<Message>>>,
    /// The slices that it is joined of: at least two, or none.
    parts: Vec<Arc<Slice>>,
    len: usize,
    /// The hash of all of them.
    pub print: Fingerprint,
    /// How many pictures, sounds and films they have.
    pub media: usize,
    /// Whether any of them shows a file of its box that is no attachment.
    pub shows_others: bool,
}

impl Slice {
    pub(super) fn of(messages: Vec<Arc<Message>>) -> Arc<Slice> {
        let prints = messages.iter().map(|message| message.fingerprint);
        let print = Inputs::new("slice").prints(prints).finish();
        let media = messages.iter().map(|message| message.media().count()).sum();
        let shows_others = messages.iter().any(|message| !message.rare.others.is_empty());
        let len = messages.len();
        let messages = OnceLock::from(messages);
        Arc::new(Slice { messages, parts: Vec::new(), len, print, media, shows_others })
    }

    /// Returns a slice of some messages: the one `before`, if it holds the same.
    pub(super) fn again<'m>(
        messages: impl ExactSizeIterator<Item = &'m Arc<Message>> + Clone,
        before: Option<&Arc<Slice>>,
    ) -> Arc<Slice> {
        let is_same = |before: &&Arc<Slice>| {
            before.len == messages.len()
                && before.messages().iter().zip(messages.clone()).all(|(a, b)| Arc::ptr_eq(a, b))
        };
        match before.filter(is_same) {
            Some(before) => Arc::clone(before),
            None => Slice::of(messages.cloned().collect()),
        }
    }

    /// Joins slices, at least one.
    pub(super) fn join(parts: &[&Arc<Slice>]) -> Arc<Slice> {
        if let [one] = parts {
            return Arc::clone(one);
        }
        let of_all = |count: fn(&Slice) -> usize| parts.iter().map(|part| count(part)).sum();
        let prints = parts.iter().map(|part| part.print);
        Arc::new(Slice {
            messages: OnceLock::new(),
            parts: parts.iter().map(|part| Arc::clone(part)).collect(),
            len: of_all(|part| part.len),
            print: Inputs::new("joined").prints(prints).finish(),
            media: of_all(|part| part.media),
            shows_others: parts.iter().any(|part| part.shows_others),
        })
    }

    /// Returns whether this is what joining these makes.
    pub(super) fn is_joined_of(self: &Arc<Slice>, parts: &[&Arc<Slice>]) -> bool {
        match parts {
            [one] => Arc::ptr_eq(self, one),
            many => {
                self.parts.len() == many.len()
                    && self.parts.iter().zip(many).all(|(own, part)| Arc::ptr_eq(own, part))
            }
        }
    }

    /// Returns the messages.
    pub fn messages(&self) -> &[Arc<Message>] {
        self.messages.get_or_init(|| {
            let mut messages = Vec::with_capacity(self.len);
            messages.extend(self.parts.iter().flat_map(|part| part.messages()).cloned());
            messages.sort_by(|a, b| a.order().cmp(&b.order()));
            messages
        })
    }

    /// Returns the messages in rows, each oldest first: one where they are together.
    fn rows(&self) -> impl Iterator<Item = &[Arc<Message>]> {
        let together = self.messages.get().map(Vec::as_slice);
        let parts = if together.is_some() { &[][..] } else { &self.parts };
        together.into_iter().chain(parts.iter().map(|part| part.messages()))
    }

    /// Returns the oldest.
    pub fn first(&self) -> Option<&Arc<Message>> {
        self.rows().filter_map(<[_]>::first).min_by(|a, b| a.order().cmp(&b.order()))
    }

    /// Returns the newest.
    pub fn last(&self) -> Option<&Arc<Message>> {
        self.rows().filter_map(<[_]>::last).max_by(|a, b| a.order().cmp(&b.order()))
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}
