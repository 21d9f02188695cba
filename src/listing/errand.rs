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
    Contacts(BTreeMap<String, Extent>),
}

impl Scope {
    /// Returns how much of a contact's folder has to be looked at; none where nothing has.
    pub fn of(&self, contact: &str) -> Option<&Extent> {
        match self {
            Scope::Whole => Some(&Extent::All),
            Scope::Contacts(contacts) => contacts.get(contact),
        }
    }
}

/// Files of a contact, of the outbox and of the inbox.
pub type Files = [BTreeSet<RelPath>; 2];

/// How much of a contact's folder has to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    All,
    /// These files, which came, went or changed; they may turn out to be folders.
    Files(Files),
}

/// How many files are looked at one by one: from there on a look at the folder costs less, where the
/// names in it are long to compare.
const SINGLY: usize = 16;

impl Extent {
    /// Returns one file, of the outbox or of the inbox.
    pub fn file(is_inbox: bool, path: RelPath) -> Extent {
        let mut files = Files::default();
        files[usize::from(is_inbox)].insert(path);
        Extent::Files(files)
    }

    /// Adds what else has to be looked at.
    pub fn add(&mut self, more: Extent) {
        let (Extent::Files(files), Extent::Files(more)) = (&mut *self, more) else {
            *self = Extent::All;
            return;
        };
        for (files, more) in files.iter_mut().zip(more) {
            files.extend(more);
        }
        if files.iter().map(BTreeSet::len).sum::<usize>() > SINGLY {
            *self = Extent::All;
        }
    }
}

/// Files that are being written, by contact, of the outbox and of the inbox.
pub type Held = BTreeMap<String, Files>;

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
        let contacts = contacts.into_iter().map(|contact| (contact, Extent::All));
        Errand { scope: Scope::Contacts(contacts.collect()), ..Errand::whole() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(from: usize, end: usize) -> Extent {
        let path = |at: usize| RelPath::parse(&format!("{at}.md")).unwrap();
        let mut all = Extent::file(false, path(from));
        (from..end).for_each(|at| all.add(Extent::file(false, path(at))));
        all
    }

    #[test]
    fn what_is_too_much_to_be_named_is_all() {
        let mut few = files(0, 3);
        few.add(files(2, 5));
        assert_eq!(few, files(0, 5));
        assert_ne!(files(0, SINGLY), Extent::All);
        assert_eq!(files(0, SINGLY + 1), Extent::All);
        few.add(Extent::All);
        assert_eq!(few, Extent::All);
        few.add(files(0, 1));
        assert_eq!(few, Extent::All);
    }
}
