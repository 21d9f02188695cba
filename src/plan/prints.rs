//! Fingerprints of what views show.

use super::Item;
use crate::hash::{Fingerprint, Inputs};
use crate::library::{Message, Target};

/// Returns the hash of what a link to a message shows of it.
pub(super) fn brief(message: &Message) -> Fingerprint {
    Inputs::new("brief")
        .text(message.page.as_str())
        .print(&message.head.fingerprint)
        .print(&name(message))
        .text(&message.meta.excerpt)
        .maybe(message.meta.summary.as_deref())
        .value(&message.author)
        .value(&message.stamp)
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

/// Returns the hash of what a link from one message to its neighbour shows.
pub(super) fn link(message: &Message) -> Fingerprint {
    Inputs::new("link").text(message.page.as_str()).print(&name(message)).finish()
}

/// Returns the hash of the words that stand for a message. One without words is named by its first
/// attachment, or by its time.
fn name(message: &Message) -> Fingerprint {
    let first = message.attachments.first();
    Inputs::new("name")
        .maybe(message.meta.title.as_deref())
        .text(&message.meta.lead)
        .number(u64::from(message.meta.excerpt.is_empty()))
        .text(&format!("{:?}", first.map(|file| (&file.name, file.media))))
        .text(&message.stamp.iso())
        .finish()
}
