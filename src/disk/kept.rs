//! What a process that builds again keeps of the last build: contacts as they were read, manifests,
//! and bodies.

use super::cache::ContactCache;
use super::publish::{Doubtful, doubtful};
use super::read::{Before, ReadContact};
use super::seal::{Listed, Scanned};
use super::theme_files::KnownTheme;
use super::versions::Store;
use super::{Places, manifest};
use crate::config::Settings;
use crate::hash::Fingerprint;
use crate::library::Edition;
use crate::listing::Stat;
use crate::listing::errand::{Errand, Gone};
use crate::plan::diff::{Files, Manifest};
use crate::render::MadeBodies;
use crate::time::Now;
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The contacts as they were read last, and the settings they were read under.
#[derive(Default)]
pub(super) struct Kept {
    /// By name.
    pub contacts: BTreeMap<String, Arc<ReadContact>>,
    /// None before anything was read.
    pub settings: Option<Settings>,
    /// The theme that was used last.
    pub theme: Option<KnownTheme>,
    /// Contacts that were listed a moment ago, to be taken by whoever reads them.
    pub scanned: Mutex<Scanned>,
    /// On a clock of the process that only goes on.
    pub now: Duration,
    /// The instant of the build that is to come; none for a mere look.
    pub instant: Option<Now>,
    /// What messages said before, as the last build left it.
    pub versions: Arc<Store>,
}

impl Kept {
    /// Keeps contacts.
    pub fn of(contacts: Vec<Arc<ReadContact>>, settings: Settings, theme: KnownTheme) -> Kept {
        let named = contacts.into_iter().map(|contact| (contact.scanned.name.clone(), contact));
        let (settings, theme) = (Some(settings), Some(theme));
        Kept { contacts: named.collect(), settings, theme, ..Kept::default() }
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

    /// Hands out a contact that was listed a moment ago.
    pub fn listed(&self, name: &str) -> Option<Listed> {
        self.scanned.lock().ok()?.remove(name)
    }

    /// Returns what is known of a contact that has to be read; `stored` is of an earlier process.
    pub fn before<'k>(
        &'k self,
        name: &str,
        errand: &'k Errand,
        stored: Option<&'k ContactCache>,
    ) -> Before<'k> {
        let read = self.contact(name).map(|read| &**read);
        let cache = read.map(|read| &*read.cache).or(stored);
        let gone = match &errand.gone {
            Gone::Everywhere => [true, true],
            Gone::Outboxes(names) => [names.contains(name), false],
        };
        let held = errand.held.get(name);
        Before { cache, read, held, gone, still: errand.still, now: self.now, past: None }
    }

    /// Returns how many contacts there are.
    pub fn len(&self) -> usize {
        self.contacts.len()
    }
}

/// The manifests as the last build left them.
#[derive(Default)]
pub(super) struct Manifests(BTreeMap<Edition, Known>);

/// A manifest, and what its file was then.
struct Known {
    manifest: Manifest,
    stamp: Option<Stat>,
    /// What was found of the edition's folders, where they were looked at for this build.
    looked: Option<Doubtful>,
}

impl Manifests {
    /// Loads the manifests of editions that are not known yet, so that it is done once.
    pub fn prepare(&mut self, places: &Places, editions: &[Edition]) {
        let unknown: Vec<Edition> =
            editions.iter().copied().filter(|edition| !self.0.contains_key(edition)).collect();
        let load = |edition: Edition| (edition, manifest::load(&places.output, edition));
        let loaded: Vec<_> = unknown.into_par_iter().map(load).collect();
        for (edition, manifest) in loaded {
            if let Ok(manifest) = manifest {
                self.keep(places, edition, manifest);
            }
        }
    }

    /// Returns the manifest of an edition: what is known of it, unless another process has written
    /// one since.
    pub fn look(
        &self,
        places: &Places,
        edition: Edition,
    ) -> Result<Cow<'_, Manifest>, manifest::Newer> {
        match self.0.get(&edition) {
            Some(known) if is_current(places, edition, known.stamp.as_ref()) => {
                Ok(Cow::Borrowed(&known.manifest))
            }
            _ => manifest::load(&places.output, edition).map(Cow::Owned),
        }
    }

    /// Hands out the manifest of an edition, as [`Manifests::look`] does, and forgets it: if what is
    /// done with it fails half way, nothing is known any more.
    pub fn take(
        &mut self,
        places: &Places,
        edition: Edition,
    ) -> Result<(Manifest, Option<Doubtful>), manifest::Newer> {
        match self.0.remove(&edition) {
            Some(known) if is_current(places, edition, known.stamp.as_ref()) => {
                Ok((known.manifest, known.looked))
            }
            _ => manifest::load(&places.output, edition).map(|manifest| (manifest, None)),
        }
    }

    /// Looks at the folders of all editions that are known.
    pub fn look_at_folders(&self, places: &Places) -> BTreeMap<Edition, Doubtful> {
        let look = |(edition, known): (&Edition, &Known)| {
            let folder = places.output.join(edition.name());
            (*edition, doubtful(&folder, &known.manifest))
        };
        self.0.iter().map(look).collect()
    }

    /// Keeps what was found of folders for the build that is going on.
    pub fn keep_looked(&mut self, looked: BTreeMap<Edition, Doubtful>) {
        for (edition, looked) in looked {
            if let Some(known) = self.0.get_mut(&edition) {
                known.looked = Some(looked);
            }
        }
    }

    /// Remembers the manifest of an edition as it is on disk now.
    pub fn keep(&mut self, places: &Places, edition: Edition, manifest: Manifest) {
        let stamp = manifest::stamp(&places.output, edition);
        self.0.insert(edition, Known { manifest, stamp, looked: None });
    }

    /// Returns the files of an edition as the last build left them, else one before it.
    pub fn files(&self, places: &Places, edition: Edition) -> Arc<Files> {
        match self.0.get(&edition) {
            Some(known) => Arc::new(known.manifest.by_path()),
            // A later version's is no list that this one can serve.
            None => Arc::new(manifest::load(&places.output, edition).unwrap_or_default().by_path()),
        }
    }

    /// Forgets all manifests.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

/// Bodies of messages that the last build of each edition made.
#[derive(Default)]
pub(super) struct Rendered(BTreeMap<Edition, (Fingerprint, Arc<MadeBodies>)>);

impl Rendered {
    /// Returns those of an edition of which all pages share what `shared` is the hash of; none where
    /// they shared something else.
    pub fn of(&mut self, edition: Edition, shared: Fingerprint) -> Arc<MadeBodies> {
        let known = self.0.entry(edition).or_default();
        if known.0 != shared {
            *known = (shared, Arc::default());
        }
        Arc::clone(&known.1)
    }
}

/// Returns whether a manifest of this stamp is the one on the disk.
fn is_current(places: &Places, edition: Edition, stamp: Option<&Stat>) -> bool {
    stamp.is_some()
        && stamp == manifest::stamp(&places.output, edition).as_ref()
        && !manifest::is_begun(&places.output, edition)
}
