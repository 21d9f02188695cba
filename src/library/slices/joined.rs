//! Slices of several contacts, joined: of most keys they are those of the last build.

use super::Slice;
use crate::library::Contact;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Slices by a key, as by month.
type ByKey<K> = BTreeMap<K, Arc<Slice>>;

/// Joins the slices of contacts by their keys, going on from those `before` and what was joined of
/// them; what `other` has joined of the same is taken from there.
pub(in crate::library) fn join<'o, K: Ord + Clone>(
    contacts: &[&Arc<Contact>],
    slices: impl Fn(&Contact) -> &ByKey<K>,
    (before, joined): (&[&Arc<Contact>], &ByKey<K>),
    other: impl Fn(&K) -> Option<&'o Arc<Slice>>,
) -> ByKey<K> {
    let join = |key: &K, parts: &[&Arc<Slice>]| {
        let mut known = joined.get(key).into_iter().chain(other(key));
        let same = known.find(|slice| slice.is_joined_of(parts));
        same.cloned().unwrap_or_else(|| Slice::join(parts))
    };
    if let Some(changed) = changed(contacts, &slices, before) {
        let mut all = joined.clone();
        for key in changed {
            let parts: Vec<_> = contacts.iter().filter_map(|one| slices(one).get(key)).collect();
            match &parts[..] {
                [] => all.remove(key),
                parts => all.insert(key.clone(), join(key, parts)),
            };
        }
        return all;
    }
    let mut by_key: BTreeMap<&K, Vec<&Arc<Slice>>> = BTreeMap::new();
    for (key, slice) in contacts.iter().flat_map(|contact| slices(contact)) {
        by_key.entry(key).or_default().push(slice);
    }
    let of = |(key, parts): (&K, Vec<_>)| (key.clone(), join(key, &parts));
    by_key.into_iter().map(of).collect()
}

/// Returns the keys by which a contact has another slice than before; none where there are other
/// contacts.
fn changed<'c, K: Ord>(
    contacts: &[&'c Arc<Contact>],
    slices: &impl Fn(&Contact) -> &ByKey<K>,
    before: &[&'c Arc<Contact>],
) -> Option<BTreeSet<&'c K>> {
    let pairs = || before.iter().zip(contacts);
    let are_same = || pairs().all(|(a, b)| a.head.name == b.head.name);
    if before.len() != contacts.len() || !are_same() {
        return None;
    }
    let mut keys = BTreeSet::new();
    for (before, now) in pairs().filter(|(before, now)| !Arc::ptr_eq(before, now)) {
        let (before, now) = (slices(before), slices(now));
        keys.extend(unlike(before, now).chain(unlike(now, before)));
    }
    Some(keys)
}

/// Returns the keys of some slices by which others have none, or another one.
fn unlike<'s, K: Ord>(some: &'s ByKey<K>, others: &ByKey<K>) -> impl Iterator<Item = &'s K> {
    let is_same = |key, slice| others.get(key).is_some_and(|other| Arc::ptr_eq(other, slice));
    some.iter().filter(move |(key, slice)| !is_same(key, slice)).map(|(key, _)| key)
}
