//! Whether who answers whom is as it was, found out without looking at the answers again.
//!
//! Threads are a pure function of the messages that answer something, of what is known of the contacts
//! as such, and of what the names mean that are looked up on the way: where the first two are the same
//! and no message that came, went or changed bears such a name, so are the threads.

use super::{Message, Threads, hash};
use crate::config::Settings;
use crate::library::{Contact, Slice};
use std::sync::Arc;

impl Threads {
    /// Returns whether these threads, which were made of the contacts `before`, are also those of
    /// the contacts `now`.
    pub(in crate::library) fn hold_for(
        &self,
        before: &[Arc<Contact>],
        now: &[Arc<Contact>],
        settings: &Settings,
    ) -> bool {
        let is_same = |a: &Arc<Contact>, b: &Arc<Contact>| Arc::ptr_eq(a, b) || self.is_like(a, b);
        self.base_url == settings.base_url
            && before.len() == now.len()
            && before.iter().zip(now).all(|(a, b)| is_same(a, b))
    }

    fn is_like(&self, before: &Contact, now: &Contact) -> bool {
        // Where headers ask for ids, the messages of all of them are looked at.
        let asks = before.slices.asks_for_ids || now.slices.asks_for_ids;
        let (a, b) = (&before.slices.answers, &now.slices.answers);
        !asks
            && before.head == now.head
            && before.channel_ids == now.channel_ids
            && a.len() == b.len()
            && a.iter().zip(b).all(|(a, b)| Arc::ptr_eq(a, b))
            && !differing(before, now).any(|message| self.looked_up_any(message))
    }

    fn looked_up_any(&self, message: &Message) -> bool {
        let ids = std::iter::once(&message.id).chain(&message.rare.plain_id);
        let mut names = ids.map(|id| id.with(hash)).chain([hash(message.page.as_str())]);
        names.any(|name| self.looked_up.binary_search(&name).is_ok())
    }
}

/// Returns the messages that only one of two states of a contact has, and maybe some that both have.
fn differing<'c>(before: &'c Contact, now: &'c Contact) -> impl Iterator<Item = &'c Message> {
    let (old, new) = (&before.slices.months, &now.slices.months);
    let gone = old.iter().filter(|(month, _)| !new.contains_key(month));
    let gone = gone.flat_map(|(_, slice)| slice.messages());
    let changed = new.iter().flat_map(|(month, slice)| match old.get(month) {
        Some(known) => unlike(known, slice),
        None => [&[], slice.messages()],
    });
    gone.chain(changed.flatten()).map(|message| &**message)
}

/// Returns what of two slices is between what they both begin with and what they both end with.
fn unlike<'s>(a: &'s Arc<Slice>, b: &'s Arc<Slice>) -> [&'s [Arc<Message>]; 2] {
    if Arc::ptr_eq(a, b) {
        return [&[], &[]];
    }
    let (mut a, mut b) = (a.messages(), b.messages());
    while let ([x, others @ ..], [y, rest @ ..]) = (a, b)
        && Arc::ptr_eq(x, y)
    {
        (a, b) = (others, rest);
    }
    while let ([others @ .., x], [rest @ .., y]) = (a, b)
        && Arc::ptr_eq(x, y)
    {
        (a, b) = (others, rest);
    }
    [a, b]
}
