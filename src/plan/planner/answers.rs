//! Hashes of who answers whom, for what shows messages with what they answer: most messages answer
//! nothing, and a slice without such ones is known by its own hash.

use super::Common;
use crate::hash::{Fingerprint, Inputs};
use crate::library::Message;
use crate::time::Month;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What messages show of others.
pub(super) struct Answers {
    /// By the address of a contact and a month: what its messages answer and what answers them.
    months: BTreeMap<(String, Month), Fingerprint>,
    /// By the address of a contact.
    contacts: BTreeMap<String, Fingerprint>,
    /// By a month, of all contacts: what messages answer.
    targets: BTreeMap<Month, Fingerprint>,
    /// By the key of a tag: what messages answer.
    tags: BTreeMap<String, Fingerprint>,
    /// What all messages answer.
    pub all: Fingerprint,
    /// All threads as they are shown.
    pub threads: Fingerprint,
}

impl Answers {
    /// Goes through all messages that answer or are answered.
    pub fn of(common: Common<'_>) -> Answers {
        let library = common.site.library;
        let mut months: BTreeMap<(String, Month), Fingerprint> = BTreeMap::new();
        let mut contacts: BTreeMap<String, Fingerprint> = BTreeMap::new();
        let mut targets: BTreeMap<Month, Fingerprint> = BTreeMap::new();
        let mut tags: BTreeMap<String, Fingerprint> = BTreeMap::new();
        let mut all = Fingerprint::default();
        let mut threads = Inputs::new("threads");
        let mut related = |message: &Arc<Message>| {
            let print = common.related(message);
            let dir = &message.head.dir;
            add(months.entry((dir.clone(), message.stamp.month())).or_default(), &print);
            add(contacts.entry(dir.clone()).or_default(), &print);
        };
        for message in library.contacts.iter().flat_map(|contact| &contact.slices.answers) {
            let Some(target) = library.target(message) else { continue };
            let print = super::prints::answer(message, Some(target));
            add(targets.entry(message.stamp.month()).or_default(), &print);
            for tag in &message.meta.tags {
                add(tags.entry(tag.key()).or_default(), &print);
            }
            add(&mut all, &print);
            related(message);
        }
        for thread in library.threads() {
            for (depth, node) in thread {
                threads = threads.number(*depth as u64).print(&common.node_print(node));
                if let Some(message) = node.message().filter(|m| library.target(m).is_none()) {
                    related(message);
                }
            }
        }
        Answers { months, contacts, targets, tags, all, threads: threads.finish() }
    }

    /// Returns the hash for the messages of a contact.
    pub fn of_contact(&self, dir: &str) -> Fingerprint {
        self.contacts.get(dir).copied().unwrap_or_default()
    }

    /// Returns the hash for a contact's messages of a month.
    pub fn of_contact_month(&self, dir: &str, month: Month) -> Fingerprint {
        self.months.get(&(dir.to_owned(), month)).copied().unwrap_or_default()
    }

    /// Returns the hash for a month's messages in a list.
    pub fn of_month(&self, month: Month) -> Fingerprint {
        self.targets.get(&month).copied().unwrap_or_default()
    }

    /// Returns the hash for a tag's messages in a list.
    pub fn of_tag(&self, key: &str) -> Fingerprint {
        self.tags.get(key).copied().unwrap_or_default()
    }
}

fn add(sum: &mut Fingerprint, print: &Fingerprint) {
    *sum = Inputs::new("and").print(sum).print(print).finish();
}
