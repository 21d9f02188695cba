//! A contact's messages in slices: by month, by tag, those that answer something.
//!
//! A slice that holds what it held in the last build is the very same one: whoever is made from
//! slices sees by their hashes what has changed, without looking at the messages.

mod after;
mod joined;
mod names;
mod slice;

use super::{Contact, Message, Side, authors};
use crate::chunked::Chunked;
use crate::hash::{Fingerprint, Inputs};
use crate::limits::FEED_ENTRIES;
use crate::time::Month;
pub(super) use after::{Change, change};
pub(super) use joined::join;
use names::Names;
pub(super) use names::{Name, hash};
pub use slice::Slice;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// The messages of a contact in slices.
#[derive(Debug, Default)]
pub struct Slices {
    /// By month.
    pub months: BTreeMap<Month, Arc<Slice>>,
    /// By the key of each tag they carry.
    pub tags: BTreeMap<String, Arc<Slice>>,
    /// By the name of each author that has a page, in small letters.
    pub authors: BTreeMap<String, Arc<Slice>>,
    /// Those that answer something.
    pub answers: Vec<Arc<Message>>,
    /// Those that say that they were edited.
    pub edited: Vec<Arc<Message>>,
    /// Whether the header of one asks for an id.
    pub asks_for_ids: bool,
    /// The hash of all of them.
    pub print: Fingerprint,
    /// By what they are referred to; made when the first reference is looked up.
    names: OnceLock<Names>,
    rows: OnceLock<Vec<Fingerprint>>,
}

/// Returns the hash of a month among others, and of what is next to it.
fn row(months: &[(&Month, &Arc<Slice>)], at: usize) -> Fingerprint {
    let (before, after) = (at.checked_sub(1).map(|at| months[at]), months.get(at + 1));
    let last = before.and_then(|(_, slice)| slice.last());
    let first = after.and_then(|(_, slice)| slice.first());
    let mut younger = 0;
    let is_full = months[at..].iter().any(|(_, slice)| {
        younger += slice.len();
        younger > FEED_ENTRIES
    });
    Inputs::new("row")
        .print(&months[at].1.print)
        .prints(last.map(|message| message.fingerprint))
        .prints(first.map(|message| message.fingerprint))
        .value(&(before.map(|(month, _)| month), after.map(|(month, _)| month), is_full))
        .finish()
}

impl Slices {
    /// Cuts messages, oldest first, into slices, going on from those of a contact as it was.
    pub(super) fn of(messages: &Chunked<Arc<Message>>, before: Option<&Contact>) -> Arc<Slices> {
        let again = |before: &Contact| before.slices.after(&before.messages, messages);
        before.and_then(again).unwrap_or_else(|| {
            let messages: Vec<_> = messages.iter().cloned().collect();
            Slices::anew(&messages, before.map(|before| &*before.slices))
        })
    }

    /// Cuts all messages, oldest first.
    fn anew(messages: &[Arc<Message>], before: Option<&Slices>) -> Arc<Slices> {
        let mut slices = Slices::default();
        let mut all = Inputs::new("slices");
        // Sorted by time, messages of a month lie in a row; its first instant tells the next one.
        let mut rest = messages;
        while let Some(first) = rest.first() {
            let month = first.stamp.month();
            let end = rest.partition_point(|message| message.stamp.unix() < month.end());
            let (now, later) = rest.split_at(end.max(1));
            let known = before.and_then(|before| before.months.get(&month));
            let slice = Slice::again(now.iter(), known);
            all = all.print(&slice.print);
            slices.months.insert(month, slice);
            rest = later;
        }
        let mut tags: BTreeMap<String, Vec<&Arc<Message>>> = BTreeMap::new();
        for message in messages {
            for tag in &message.meta.tags {
                tags.entry(tag.key()).or_default().push(message);
            }
            if message.meta.rare.in_reply_to.is_some() {
                slices.answers.push(Arc::clone(message));
            }
            if message.rare.updated.is_some() {
                slices.edited.push(Arc::clone(message));
            }
            slices.asks_for_ids |= message.rare.plain_id.is_some();
        }
        for (key, carriers) in tags {
            let known = before.and_then(|before| before.tags.get(&key));
            let slice = Slice::again(carriers.iter().copied(), known);
            slices.tags.insert(key, slice);
        }
        let known = |name: &str| before.and_then(|before| before.authors.get(name));
        for (name, written) in authors::by_author(messages) {
            let slice = Slice::again(written.iter().copied(), known(&name));
            slices.authors.insert(name, slice);
        }
        slices.print = all.finish();
        Arc::new(slices)
    }

    /// Returns for each month, oldest first, the hash of its messages and of what is next to them: the
    /// messages before and after, the months of these, and whether a feed is full before the month.
    pub fn rows(&self) -> &[Fingerprint] {
        self.rows.get_or_init(|| {
            let months: Vec<(&Month, &Arc<Slice>)> = self.months.iter().collect();
            (0..months.len()).map(|at| row(&months, at)).collect()
        })
    }

    fn names(&self) -> &Names {
        self.names.get_or_init(|| {
            let count = self.months.values().map(|slice| slice.len()).sum();
            let mut all = Vec::with_capacity(count);
            all.extend(self.months.values().flat_map(|slice| slice.messages()).cloned());
            Names::of(all)
        })
    }

    /// Makes ready to look messages up.
    pub(super) fn sort_names(&self) {
        self.names();
    }

    /// Returns the first message of an id in a box.
    pub(super) fn by_id(&self, side: Side, id: Name<'_>) -> Option<&Arc<Message>> {
        self.names().by_id(side, id)
    }

    /// Returns the message of a page.
    pub fn by_page(&self, page: &str) -> Option<&Arc<Message>> {
        self.names().by_page(page)
    }
}
