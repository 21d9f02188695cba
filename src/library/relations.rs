//! Hashes of who answers whom, for what shows messages with what they answer: most messages answer
//! nothing, and a slice without such ones is known by its own hash.
//!
//! A pure function of the threads and the messages in them: they are kept with the threads, and
//! made again only with these.

use super::{Library, Message, Node, Target};
use crate::hash::{Fingerprint, Inputs};
use crate::limits::REPLIES;
use crate::time::Month;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What messages show of others, as hashes: each is that of all of a kind, or a default where there are
/// none.
#[derive(Debug, Default)]
pub struct Relations {
    /// By the address of a contact.
    contacts: BTreeMap<String, OfContact>,
    /// That of a contact whose messages answer nothing.
    nothing: OfContact,
    /// By a month, of all contacts: what messages answer.
    targets: BTreeMap<Month, Fingerprint>,
    /// By the key of a tag: what messages answer.
    tags: BTreeMap<String, Fingerprint>,
    /// All threads as they are shown.
    pub threads: Fingerprint,
}

/// The hashes of which [`Relations`] are made, before they are put together.
#[derive(Default)]
struct Gathered<'l> {
    /// By the address of a contact, and then by month.
    contacts: BTreeMap<&'l str, BTreeMap<Month, Vec<Fingerprint>>>,
    targets: BTreeMap<Month, Vec<Fingerprint>>,
    tags: BTreeMap<String, Vec<Fingerprint>>,
}

/// What the messages of a contact answer, and what answers them.
#[derive(Debug, Default)]
pub struct OfContact {
    /// Those of all its messages.
    pub all: Fingerprint,
    months: BTreeMap<Month, Fingerprint>,
}

impl OfContact {
    /// Returns the hash for the messages of a month.
    pub fn month(&self, month: Month) -> Fingerprint {
        self.months.get(&month).copied().unwrap_or_default()
    }
}

impl<'l> Gathered<'l> {
    fn relate(&mut self, message: &'l Message, print: Fingerprint) {
        let contact = self.contacts.entry(&message.head.dir).or_default();
        contact.entry(message.stamp.month()).or_default().push(print);
    }
}

impl Relations {
    /// Goes through all messages that answer or are answered.
    pub(super) fn of(library: &Library) -> Relations {
        let mut all = Gathered::default();
        for message in library.contacts.iter().flat_map(|contact| &contact.slices.answers) {
            let Some(target) = library.target(message) else { continue };
            let print = answer_print(message, Some(target));
            all.targets.entry(message.stamp.month()).or_default().push(print);
            for tag in &message.meta.tags {
                all.tags.entry(tag.key()).or_default().push(print);
            }
            all.relate(message, library.related_print(message));
        }
        let mut threads = Inputs::new("threads");
        for (depth, node) in library.threads().iter().flatten() {
            threads = threads.number(*depth as u64).print(&library.node_print(node));
            if let Some(message) = node.message().filter(|m| library.target(m).is_none()) {
                all.relate(message, library.related_print(message));
            }
        }
        let of_contact = |(dir, months): (&str, BTreeMap<Month, Vec<Fingerprint>>)| {
            let months = together(months);
            let all = sum(months.values().copied());
            (dir.to_owned(), OfContact { all, months })
        };
        Relations {
            contacts: all.contacts.into_iter().map(of_contact).collect(),
            nothing: OfContact::default(),
            targets: together(all.targets),
            tags: together(all.tags),
            threads: threads.finish(),
        }
    }

    /// Returns the hashes for the messages of a contact.
    pub fn of_contact(&self, dir: &str) -> &OfContact {
        self.contacts.get(dir).unwrap_or(&self.nothing)
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

impl Library {
    /// Returns the hashes of who answers whom.
    pub fn relations(&self) -> &Relations {
        self.threads.relations(|| Relations::of(self))
    }

    /// Returns the hash of all that the page of a message shows but its neighbours.
    pub fn related_print(&self, message: &Arc<Message>) -> Fingerprint {
        let print = answer_print(message, self.target(message));
        // Most messages are no part of a thread.
        let Some(root) = self.thread_root(&message.page) else { return print };
        let replies = self.replies(message);
        Inputs::new("related")
            .print(&print)
            .prints(replies.iter().take(REPLIES).map(|reply| reply.fingerprint))
            .number(replies.len() as u64)
            .text(root.page().as_str())
            .finish()
    }

    /// Returns the hash of what a thread shows of a node.
    pub fn node_print(&self, node: &Node) -> Fingerprint {
        let message = node.message();
        message.map_or_else(|| node.print(), |message| answer_print(message, self.target(message)))
    }
}

/// Returns the hash of a message in full with what it answers. Most answer nothing: then it is the
/// message's own.
///
/// A link to a message shows less than all of it; that it changes with all of it costs a page made
/// again now and then, and not written.
pub fn answer_print(message: &Message, target: Option<&Target>) -> Fingerprint {
    let print = &message.fingerprint;
    match target {
        None => *print,
        Some(Target::Unknown) => Inputs::new("answers unknown").print(print).finish(),
        Some(Target::Deleted(gone)) => {
            Inputs::new("answers deleted").print(print).value(gone).finish()
        }
        Some(Target::Elsewhere(url)) => {
            Inputs::new("answers elsewhere").print(print).text(url.as_str()).finish()
        }
        Some(Target::Known(message)) => {
            Inputs::new("answers").print(print).print(&message.fingerprint).finish()
        }
    }
}

fn together<K: Ord>(prints: BTreeMap<K, Vec<Fingerprint>>) -> BTreeMap<K, Fingerprint> {
    prints.into_iter().map(|(key, prints)| (key, sum(prints))).collect()
}

fn sum(prints: impl IntoIterator<Item = Fingerprint>) -> Fingerprint {
    Inputs::new("and").prints(prints).finish()
}
