//! Fingerprints of what views show.

use super::Item;
use crate::hash::{Fingerprint, Inputs};
use crate::library::{Message, Target};

/// Returns the hash of what a link to a message shows of it.
pub(super) fn brief(message: &Message) -> Fingerprint {
    Inputs::new("brief")
        .text(message.page.as_str())
        .print(&message.head.fingerprint)
        .maybe(message.meta.title.as_deref())
        .text(&message.meta.lead)
        .text(&message.meta.excerpt)
        .maybe(message.meta.summary.as_deref())
        .value(&message.author)
        .value(&message.stamp)
        .number(message.attachments.len() as u64)
        .text(message.feed_id(crate::library::Edition::Reader))
        .text(&message.id)
        .maybe(message.meta.language.as_deref())
        .finish()
}

/// Returns the hash of a message in full with what it answers.
pub(super) fn item(item: &Item) -> Fingerprint {
    Inputs::new("item")
        .print(&item.message.fingerprint)
        .print(&target(item.target.as_ref()))
        .finish()
}

fn target(target: Option<&Target>) -> Fingerprint {
    match target {
        None => Inputs::new("none").finish(),
        Some(Target::Unknown) => Inputs::new("unknown").finish(),
        Some(Target::Elsewhere(url)) => Inputs::new("elsewhere").text(url.as_str()).finish(),
        Some(Target::Known(message)) => brief(message),
    }
}

/// Returns what a link from one message to its neighbour shows.
pub(super) fn link(message: &Message) -> String {
    let title = message.meta.title.as_deref().unwrap_or(&message.meta.lead);
    format!("{} {} {title}", message.page, message.stamp.iso())
}
