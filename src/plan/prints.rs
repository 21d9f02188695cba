//! Fingerprints of what views show.

use super::Item;
use crate::hash::{Fingerprint, Inputs};
use crate::library::{Message, Target};
use std::sync::Arc;

/// Returns the hash of what a link to a message shows of it.
pub(super) fn brief(message: &Message) -> Fingerprint {
    named(Inputs::new("brief"), message)
        .print(&message.head.fingerprint)
        .text(&message.meta.excerpt)
        .maybe(message.meta.summary.as_deref())
        .value(&message.author)
        .text(message.feed_id(crate::library::Edition::Reader))
        .text(&message.id)
        .maybe(message.meta.language.as_deref())
        .finish()
}

/// Returns the hash of a message in full with what it answers. Most answer nothing: then it is
/// the message's own.
pub(super) fn item(item: &Item) -> Fingerprint {
    answer(&item.message, item.target.as_ref())
}

/// Returns the same of a message and what it answers.
pub(super) fn answer(message: &Message, target: Option<&Target>) -> Fingerprint {
    let print = &message.fingerprint;
    match target {
        None => *print,
        Some(Target::Unknown) => Inputs::new("answers unknown").print(print).finish(),
        Some(Target::Elsewhere(url)) => {
            Inputs::new("answers elsewhere").print(print).text(url.as_str()).finish()
        }
        Some(Target::Known(message)) => {
            Inputs::new("answers").print(print).print(&brief(message)).finish()
        }
    }
}

/// Adds what a link from one message to its neighbour shows.
pub(super) fn link(inputs: Inputs, neighbour: Option<&Arc<Message>>) -> Inputs {
    match neighbour {
        None => inputs.number(0),
        Some(message) => named(inputs.number(1), message),
    }
}

/// Adds what the name of a message in a link is made of, and where the link leads.
fn named(inputs: Inputs, message: &Message) -> Inputs {
    let meta = &message.meta;
    let inputs = inputs
        .text(message.page.as_str())
        .value(&message.stamp)
        .maybe(meta.title.as_deref())
        .text(&meta.lead)
        .number(u64::from(meta.excerpt.is_empty()));
    // Without words the first attachment is named.
    match message.attachments.first().filter(|_| meta.title.is_none() && meta.lead.is_empty()) {
        None => inputs.number(0),
        Some(file) => inputs.text(&file.name).value(&file.media),
    }
}
