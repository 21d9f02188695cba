//! One id for one entry of a feed: readers take two entries of one id for the same one.

use super::identity::Id;
use super::{Contact, Edition, Message, Side};
use crate::hash::Inputs;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// Gives each message whose id in the feeds of this edition an earlier one has another id there.
/// Who claims what is reported where replies are resolved, which goes by the ids as claimed.
pub(super) fn ids(edition: Edition, contacts: Vec<Arc<Contact>>) -> Vec<Arc<Contact>> {
    if !may_clash(&contacts) {
        return contacts;
    }
    let mut taken: HashSet<Id> = HashSet::new();
    let mut distinct = |message: &Arc<Message>| {
        if taken.insert(message.feed_id(edition)) {
            return Arc::clone(message);
        }
        let made = with_other_id(message, edition, &taken);
        taken.insert(made.feed_id(edition));
        Arc::new(made)
    };
    let contact = |contact: Arc<Contact>| {
        Arc::new(contact.with(contact.messages.iter().map(&mut distinct).collect(), None))
    };
    contacts.into_iter().map(contact).collect()
}

/// Returns whether two messages could have one id: where headers ask for ids, or outboxes share
/// the id of a channel.
fn may_clash(contacts: &[Arc<Contact>]) -> bool {
    let mut ids = BTreeSet::new();
    contacts.iter().any(|contact| {
        let mut own = contact.channel_ids.iter().filter(|(side, _)| *side == Side::Outbox);
        own.any(|(_, id)| !ids.insert(id)) || contact.slices.asks_for_ids
    })
}

/// Returns a message with the id of its channel and name, or, where that is taken, with one that
/// means nothing elsewhere.
fn with_other_id(message: &Message, edition: Edition, taken: &HashSet<Id>) -> Message {
    let plain = message.rare.plain_id.clone().filter(|id| !taken.contains(id));
    let id = plain
        .unwrap_or_else(|| Id::local(&message.head.name, message.side.folder(), &message.stem()));
    let mut made = message.clone();
    made.fingerprint = Inputs::new("other id").print(&message.fingerprint).value(&id).finish();
    match edition {
        Edition::Public => made.id = id,
        Edition::Reader => made.rare.change(|rare| rare.local_id = Some(id)),
    }
    made
}
