//! Fingerprints of what views show.

use super::Item;
use crate::hash::{Fingerprint, Inputs};
use crate::library::{Message, answer_print};
use std::sync::Arc;

/// Returns the hash of a message in full with what it answers.
pub(super) fn item(item: &Item) -> Fingerprint {
    answer_print(&item.message, item.target.as_ref())
}

/// Adds a message that is linked to, if there is one.
pub(super) fn link(inputs: Inputs, neighbour: Option<&Arc<Message>>) -> Inputs {
    match neighbour {
        None => inputs.number(0),
        Some(message) => inputs.number(1).print(&message.fingerprint),
    }
}
