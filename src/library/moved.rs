//! Contacts that had another address: whoever has the old one is led to the new.
//!
//! A contact is known by the `id` of its outbox. An inbox says nothing here: its `id` is a
//! stranger's claim.

use super::{Library, Side};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The addresses that contacts had in an edition: by the id of the outbox, the first parts of
/// paths.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Addresses(BTreeMap<Uuid, BTreeSet<String>>);

/// By the address that a contact has now, those that lead to it.
pub type Moved = BTreeMap<String, Vec<String>>;

impl Addresses {
    /// Adds the addresses that contacts have now.
    pub fn note(&mut self, library: &Library) {
        for (id, dir) in known(library) {
            self.0.entry(id).or_default().insert(dir.to_owned());
        }
    }

    /// Returns where contacts have moved; `taken` holds the addresses of all contacts there are,
    /// and their names as they might be written in one. An address that two had leads nowhere.
    pub fn moved(&self, library: &Library, taken: &BTreeSet<String>) -> Moved {
        let (known, mut moved) = (known(library), Moved::new());
        let mut owners: BTreeMap<&String, usize> = BTreeMap::new();
        for old in known.keys().filter_map(|id| self.0.get(id)).flatten() {
            *owners.entry(old).or_default() += 1;
        }
        for (id, dir) in known {
            let before = self.0.get(&id).into_iter().flatten();
            let is_free = |old: &&String| !taken.contains(*old) && owners.get(old) == Some(&1);
            let free: Vec<String> = before.filter(is_free).cloned().collect();
            if !free.is_empty() {
                moved.insert(dir.to_owned(), free);
            }
        }
        moved
    }
}

/// Returns the ids that one contact alone has, with its address.
fn known(library: &Library) -> BTreeMap<Uuid, &str> {
    let mut known: BTreeMap<Uuid, Option<&str>> = BTreeMap::new();
    for contact in &library.contacts {
        let own = contact.channel_ids.iter().filter(|(side, _)| *side == Side::Outbox);
        for (_, id) in own {
            let dir = Some(contact.head.dir.as_str());
            known.entry(*id).and_modify(|dir| *dir = None).or_insert(dir);
        }
    }
    known.into_iter().filter_map(|(id, dir)| Some((id, dir?))).collect()
}
