//! What a build that follows another has to look at.

use crate::path::RelPath;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Where in the base folder something may have changed since the last build.
///
/// `handbill.toml`, the theme and which contacts there are is looked at in any case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Anywhere: nobody knows.
    Whole,
    /// In the folders of these contacts, and in no other.
    Contacts(BTreeSet<String>),
}

impl Scope {
    /// Returns whether a contact's folder has to be looked at.
    pub fn holds(&self, contact: &str) -> bool {
        match self {
            Scope::Whole => true,
            Scope::Contacts(names) => names.contains(contact),
        }
    }
}

/// Files that are being written, by contact, of the outbox and of the inbox.
pub type Held = BTreeMap<String, [BTreeSet<RelPath>; 2]>;

/// Where what is missing is gone at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gone {
    /// Everywhere: everything is taken as it is.
    Everywhere,
    /// In the outboxes of these contacts: this program removed it itself.
    Outboxes(BTreeSet<String>),
}

/// Where a build looks, and what it lets be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errand {
    /// Where something may have changed.
    pub scope: Scope,
    /// Files that are being written: they are taken as they were before.
    pub held: Held,
    /// Where what is missing is gone: else it is taken for there for a moment, since tools that
    /// replace a file remove the old one first.
    pub gone: Gone,
    /// Files that have changed within this time, by the clock of the machine, are taken as they
    /// were before: where nobody tells that they are being written.
    pub still: Option<Duration>,
}

impl Errand {
    /// Looks everywhere, at everything as it is.
    pub fn whole() -> Errand {
        Errand { scope: Scope::Whole, held: Held::new(), gone: Gone::Everywhere, still: None }
    }

    /// Looks at these contacts, at everything as it is.
    pub fn at(contacts: impl IntoIterator<Item = String>) -> Errand {
        Errand { scope: Scope::Contacts(contacts.into_iter().collect()), ..Errand::whole() }
    }
}
