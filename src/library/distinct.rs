//! One id for one entry of a feed: readers take two entries of one id for the same one.

use super::identity::{channel_namespace, message_id};
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
    let mut taken: HashSet<String> = HashSet::new();
    let mut distinct = |message: &Arc<Message>| {
        if taken.insert(message.feed_id(edition).to_owned()) {
            return Arc::clone(message);
        }
        let made = with_other_id(message, edition, &taken);
        taken.insert(made.feed_id(edition).to_owned());
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
fn with_other_id(message: &Message, edition: Edition, taken: &HashSet<String>) -> Message {
    let plain = message.plain_id.clone().filter(|id| !taken.contains(id));
    let id = plain.unwrap_or_else(|| {
        let folder = message.side.folder();
        message_id(channel_namespace(None, &message.head.name, folder), &message.stem)
    });
    let mut made = message.clone();
    made.fingerprint = Inputs::new("other id").print(&message.fingerprint).text(&id).finish();
    match edition {
        Edition::Public => made.id = id,
        Edition::Reader => made.local_id = id,
    }
    made
}
