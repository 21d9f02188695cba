//! Slices of messages few of which are others than before: only those that hold one of these are made.

use super::{Slice, Slices};
use crate::chunked::{Chunked, Difference};
use crate::hash::Inputs;
use crate::library::Message;
use crate::path::fold;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// How many messages may differ: from there on all is cut anew.
const FEW: usize = 64;

/// The messages that came or went; one that was edited did both.
pub(in crate::library) type Change<'c> = Difference<'c, Arc<Message>>;

impl Slices {
    /// Returns the slices of messages, oldest first, when these are the slices of those `before`; none
    /// where all are to be cut anew.
    pub(super) fn after(
        self: &Arc<Slices>,
        before: &Chunked<Arc<Message>>,
        messages: &Chunked<Arc<Message>>,
    ) -> Option<Arc<Slices>> {
        let change = change(before, messages)?;
        if change.gone.is_empty() && change.come.is_empty() {
            return Some(Arc::clone(self));
        }
        // Whose they are decides which authors have pages.
        let first = self.months.values().next()?.first()?;
        let is_same_head = Arc::ptr_eq(&first.head, &messages.first()?.head);
        if !is_same_head || change.gone.iter().any(|message| message.rare.plain_id.is_some()) {
            return None;
        }
        let mut made = Slices {
            months: self.months.clone(),
            tags: self.tags.clone(),
            authors: self.authors.clone(),
            answers: self.answers.clone(),
            edited: self.edited.clone(),
            asks_for_ids: self.asks_for_ids
                || change.come.iter().any(|m| m.rare.plain_id.is_some()),
            ..Slices::default()
        };
        change.cut(&mut made.months, |message| vec![message.stamp.month()]);
        made.months.retain(|_, slice| !slice.is_empty());
        change.cut(&mut made.tags, |message| message.meta.tags.iter().map(|t| t.key()).collect());
        made.tags.retain(|_, slice| !slice.is_empty());
        let author = |message: &Message| {
            let name = message.author.as_ref().map(|author| fold(&author.name));
            name.into_iter().filter(|name| self.authors.contains_key(name)).collect()
        };
        change.cut(&mut made.authors, author);
        change.apply(&mut made.answers, |message| message.meta.rare.in_reply_to.is_some());
        change.apply(&mut made.edited, |message| message.rare.updated.is_some());
        let prints = made.months.values().map(|slice| slice.print);
        let names = self.names.get().and_then(|names| names.after(&change.gone, &change.come));
        if let Some(names) = names {
            made.names = OnceLock::from(names);
        }
        made.print = prints.fold(Inputs::new("slices"), |all, print| all.print(&print)).finish();
        Some(Arc::new(made))
    }
}

/// Compares messages, oldest first, with those `before`; none where many are others.
pub(in crate::library) fn change<'c>(
    before: &'c Chunked<Arc<Message>>,
    now: &'c Chunked<Arc<Message>>,
) -> Option<Change<'c>> {
    let order = |a: &Arc<Message>, b: &Arc<Message>| a.order().cmp(&b.order());
    before.difference(now, order, Arc::ptr_eq, FEW)
}

impl Change<'_> {
    /// Makes the slices anew that hold one of the messages; `keys` are those of a message.
    fn cut<K: Ord>(&self, slices: &mut BTreeMap<K, Arc<Slice>>, keys: impl Fn(&Message) -> Vec<K>) {
        let mut changed: BTreeMap<K, Change<'_>> = BTreeMap::new();
        for message in &self.gone {
            keys(message)
                .into_iter()
                .for_each(|key| changed.entry(key).or_default().gone.push(message));
        }
        for message in &self.come {
            keys(message)
                .into_iter()
                .for_each(|key| changed.entry(key).or_default().come.push(message));
        }
        for (key, change) in changed {
            let mut messages =
                slices.get(&key).map_or_else(Vec::new, |slice| slice.messages().to_vec());
            change.apply(&mut messages, |_| true);
            slices.insert(key, Slice::of(messages));
        }
    }

    /// Takes out of a list, oldest first, what has gone and puts in what has come of a kind.
    fn apply(&self, messages: &mut Vec<Arc<Message>>, is_its: impl Fn(&Message) -> bool) {
        if !self.gone.is_empty() {
            messages.retain(|message| !self.gone.iter().any(|gone| Arc::ptr_eq(gone, message)));
        }
        for message in self.come.iter().filter(|message| is_its(message)) {
            let place = messages.partition_point(|other| other.order() <= message.order());
            messages.insert(place, Arc::clone(message));
        }
    }
}
