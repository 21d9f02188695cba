//! Those who write seldom: the reader's home page names them when others have filled it.

use super::Planner;
use crate::library::{Contact, Edition, Message};
use crate::plan::Item;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How many of them are named.
const NAMED: usize = 6;

impl Planner<'_> {
    /// Returns the newest message of each contact that has none on the home page, the newest
    /// first: as many as are named. The public edition has its channels as cards.
    pub(super) fn quiet(&self) -> Vec<Item> {
        let library = self.site.library;
        if library.edition == Edition::Public {
            return Vec::new();
        }
        let newest = library.newest().take(self.site.settings.page_size);
        let shown: BTreeSet<&str> = newest.map(|message| message.head.dir.as_str()).collect();
        let is_quiet = |contact: &&Arc<Contact>| {
            library.in_timeline(&contact.head) && !shown.contains(contact.head.dir.as_str())
        };
        let contacts = library.contacts.iter().filter(is_quiet);
        let mut quiet: Vec<&Arc<Message>> =
            contacts.filter_map(|contact| contact.messages.last()).collect();
        quiet.sort_by_key(|message| Reverse((message.stamp.unix(), message.page.as_str())));
        quiet.into_iter().take(NAMED).map(|message| self.item(message)).collect()
    }
}
