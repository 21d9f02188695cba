//! How much was read of a contact.

use crate::library::ContactInput;
use crate::library::contact::BoxInput;
use serde::{Deserialize, Serialize};

/// How much was read of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Count {
    /// Of its outbox.
    pub outbox: BoxCount,
    /// Of its inbox.
    pub inbox: BoxCount,
    /// Whether anything in its folder is called like an inbox.
    pub has_inbox_trace: bool,
}

/// How much was read of a box; of one that is not there nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct BoxCount {
    /// The messages.
    pub messages: usize,
    /// Whether nobody knows what is missing in it.
    pub is_unsure: bool,
}

impl Count {
    /// Counts what was read.
    pub fn of(contact: &ContactInput) -> Count {
        let count =
            |boxed: &BoxInput| BoxCount { messages: boxed.posts.len(), is_unsure: boxed.is_unsure };
        let [outbox, inbox] = [&contact.outbox, &contact.inbox]
            .map(|boxed| boxed.as_ref().map(count).unwrap_or_default());
        Count { outbox, inbox, has_inbox_trace: contact.inbox_trace.is_some() }
    }

    /// Returns how many messages there are.
    pub fn messages(&self) -> usize {
        self.outbox.messages + self.inbox.messages
    }
}
