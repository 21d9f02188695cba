//! What a process that builds again keeps of the last build: contacts as they were read, and
//! manifests.

use super::cache::Cache;
use super::read::{Before, ReadContact};
use super::{Places, manifest};
use crate::config::Settings;
use crate::library::Edition;
use crate::listing::Stat;
use crate::listing::errand::{Errand, Gone};
use crate::plan::diff::{Files, Manifest};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The contacts as they were read last, and the settings they were read under.
#[derive(Default)]
pub(super) struct Kept {
    /// By name.
    pub contacts: BTreeMap<String, Arc<ReadContact>>,
    /// None before anything was read.
    pub settings: Option<Settings>,
    /// On a clock of the process that only goes on.
    pub now: Duration,
}

impl Kept {
    /// Keeps contacts.
    pub fn of(contacts: Vec<Arc<ReadContact>>, settings: Settings) -> Kept {
        let named = contacts.into_iter().map(|contact| (contact.scanned.name.clone(), contact));
        Kept { contacts: named.collect(), settings: Some(settings), now: Duration::ZERO }
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

    /// Returns what is known of a contact that has to be read; `saved` is of an earlier process.
    pub fn before<'k>(&'k self, name: &str, errand: &'k Errand, saved: &'k Cache) -> Before<'k> {
        let read = self.contact(name).map(|read| &**read);
        let cache = read.map(|read| &*read.cache).or(saved.contact(name).map(|cache| &**cache));
        let gone = match &errand.gone {
            Gone::Everywhere => [true, true],
            Gone::Outboxes(names) => [names.contains(name), false],
        };
        let held = errand.held.get(name);
        Before { cache, read, held, gone, still: errand.still, now: self.now }
    }

    /// Returns how many contacts there are.
    pub fn len(&self) -> usize {
        self.contacts.len()
    }
}

/// The manifests as the last build left them.
#[derive(Default)]
pub(super) struct Manifests(BTreeMap<Edition, (Manifest, Option<Stat>)>);

impl Manifests {
    /// Returns the manifest of an edition: what is known of it, unless another process has written
    /// one since.
    pub fn load(&self, places: &Places, edition: Edition) -> Result<Manifest, manifest::Newer> {
        match self.0.get(&edition) {
            Some((known, stamp))
                if stamp.is_some()
                    && *stamp == manifest::stamp(&places.output, edition)
                    && !manifest::is_begun(&places.output, edition) =>
            {
                Ok(known.clone())
            }
            _ => manifest::load(&places.output, edition),
        }
    }

    /// Remembers the manifest of an edition as it is on disk now.
    pub fn keep(&mut self, places: &Places, edition: Edition, manifest: Manifest) {
        let stamp = manifest::stamp(&places.output, edition);
        self.0.insert(edition, (manifest, stamp));
    }

    /// Returns the files of an edition as the last build left them, else one before it.
    pub fn files(&self, places: &Places, edition: Edition) -> Arc<Files> {
        match self.0.get(&edition) {
            Some((manifest, _)) => Arc::clone(&manifest.files),
            // A later version's is no list that this one can serve.
            None => manifest::load(&places.output, edition).unwrap_or_default().files,
        }
    }

    /// Forgets all manifests.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}
