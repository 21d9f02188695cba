//! Fingerprints of what views show.

use super::Item;
use crate::hash::{Fingerprint, Inputs};
use crate::library::{Message, Target};
use std::sync::Arc;

/// Returns the hash of a message in full with what it answers. Most answer nothing: then it is
/// the message's own.
pub(super) fn item(item: &Item) -> Fingerprint {
    answer(&item.message, item.target.as_ref())
}

/// Returns the same of a message and what it answers. A link to a message shows less than all of
/// it; that it changes with all of it costs a page made again now and then, and not written.
pub(super) fn answer(message: &Message, target: Option<&Target>) -> Fingerprint {
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

/// Adds a message that is linked to, if there is one.
pub(super) fn link(inputs: Inputs, neighbour: Option<&Arc<Message>>) -> Inputs {
    match neighbour {
        None => inputs.number(0),
        Some(message) => inputs.number(1).print(&message.fingerprint),
    }
}
