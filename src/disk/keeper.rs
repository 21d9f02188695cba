//! Builds again and again: what the last build knew is kept in memory.

use super::Places;
use super::cache::Cache;
use super::claim;
use super::publish::Check;
use super::read::ReadContact;
use super::site::{BuildOptions, BuildReport, Opened, open_with, publish_all};
use super::state::{self, Lock};
use crate::build::{Last, Made};
use crate::config::Settings;
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

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

/// The contacts as they were read last, and the settings they were read under.
#[derive(Default)]
pub(super) struct Kept {
    contacts: BTreeMap<String, Arc<ReadContact>>,
    settings: Option<Settings>,
}

impl Kept {
    fn of(contacts: Vec<Arc<ReadContact>>, settings: Settings) -> Kept {
        let named = contacts.into_iter().map(|contact| (contact.scanned.name.clone(), contact));
        Kept { contacts: named.collect(), settings: Some(settings) }
    }

    /// Returns whether nothing has been read yet.
    pub fn is_new(&self) -> bool {
        self.settings.is_none()
    }

    /// Returns whether contacts read under these settings would be the same.
    pub fn holds_for(&self, settings: &Settings) -> bool {
        self.settings.as_ref() == Some(settings)
    }

    /// Returns a contact as it was read last.
    pub fn contact(&self, name: &str) -> Option<&Arc<ReadContact>> {
        self.contacts.get(name)
    }

    /// Returns how many contacts there are.
    pub fn len(&self) -> usize {
        self.contacts.len()
    }
}

/// Builds a base folder again and again. What the last build knew is kept in memory: folders in
/// which nothing can have changed are not looked at, messages that have not changed are not read,
/// and parts of the plan that are made from the same are reused.
pub struct Keeper {
    places: Places,
    kept: Kept,
    /// Whether the cache on disk is behind what is kept.
    unsaved: bool,
    last: Last,
    /// When the files of all editions were last looked at.
    checked: Option<Instant>,
}

/// How long a running process trusts that nobody else touches what it has published.
const TRUSTED: Duration = Duration::from_secs(60);

impl Keeper {
    /// Prepares to build a base folder.
    pub fn new(places: Places) -> Keeper {
        Keeper {
            places,
            kept: Kept::default(),
            unsaved: false,
            last: Last::default(),
            checked: None,
        }
    }

    /// Builds the base folder as it is now. The first build looks everywhere, whatever `scope`
    /// says, and so does one under other settings.
    ///
    /// # Errors
    /// As [`build`](super::build).
    pub fn build(&mut self, options: &BuildOptions, scope: &Scope) -> Result<BuildReport> {
        let _lock: Lock = state::lock(&self.places.state)?;
        let _claim = claim::claim(&self.places)?;
        let opened = open_with(&self.places, options, scope, &self.kept, &self.last)?;
        let mut options = options.clone();
        let trusted = self.checked.is_some_and(|checked| checked.elapsed() < TRUSTED);
        if trusted && options.publish.check == Check::Times {
            options.publish.check = Check::Trust;
        }
        let begun = Instant::now();
        // If it fails half way, nothing is known any more.
        let checked = self.checked.take();
        let (report, opened) = publish_all(&self.places, opened, &options)?;
        let whole = options.editions.len() == 2 && report.refused.is_none();
        self.checked = match options.publish.check {
            Check::Trust => checked,
            _ => whole.then_some(begun),
        };
        let Opened { loaded, built, .. } = opened;
        self.unsaved |= loaded.news;
        self.last = Last {
            public: built.public.segments,
            reader: built.reader.segments,
            contacts: Some(Made::new(built.contacts, loaded.contacts, loaded.settings.clone())),
        };
        self.kept = Kept::of(loaded.read, loaded.settings);
        Ok(report)
    }

    /// Saves the cache for the next process, where it has changed; returns whether it had. Not
    /// being able to is no failure.
    pub fn save_cache(&mut self) -> bool {
        let due = std::mem::take(&mut self.unsaved);
        if due {
            let contacts = self.kept.contacts.iter();
            let cache =
                Cache::of(contacts.map(|(name, read)| (name.clone(), Arc::clone(&read.cache))));
            cache.save(&state::cache_file(&self.places.state));
        }
        due
    }
}
