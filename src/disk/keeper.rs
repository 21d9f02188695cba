//! Builds again and again: what the last build knew is kept in memory.

use super::cache::{Growing, Saved};
use super::claim;
use super::kept::{Kept, Manifests, Rendered};
use super::load::{Loaded, News, load_with};
use super::publish::Check;
use super::read::ReadContact;
use super::saving::{Save, Saving};
use super::site::{BuildOptions, BuildReport, Clock, Opened, open_with, publish_all};
use super::state::{self, Lock};
use super::versions::{self, Store};
use super::{Places, scan, seal};
use crate::build::{Last, Next};
use crate::config::Settings;
use crate::library::{Contact, ContactInput, Edition, Side};
use crate::listing::errand::Errand;
use crate::plan::diff::Files;
use crate::theme::{BuiltIn, Theme};
use crate::time::Now;
use anyhow::{Result, bail};
use std::collections::BTreeSet;
use std::mem::replace;
use std::sync::{Arc, Mutex};
use std::thread::Scope;
use std::time::{Duration, Instant};

/// Builds a base folder, once.
///
/// # Errors
/// When the base folder cannot be read or the output cannot be written, when another build is
/// running, or when the last look found something that must not be public.
pub fn build(places: &Places, options: &BuildOptions) -> Result<BuildReport> {
    Keeper::new(places.clone()).once(options)
}

/// Builds a base folder as the last thing that a process does. What that took in memory is left to the
/// system, which takes it back at once; to give it back piece by piece takes a tenth of the time of a
/// build that finds little to do.
///
/// # Errors
/// As [`build`].
pub fn build_last(places: &Places, options: &BuildOptions) -> Result<BuildReport> {
    let mut keeper = Keeper::new(places.clone());
    let report = keeper.once(options);
    std::mem::forget(keeper);
    report
}

/// Builds a base folder again and again. What the last build knew is kept in memory: folders in
/// which nothing can have changed are not looked at, messages that have not changed are not read,
/// and parts of the plan that are made from the same are reused.
pub struct Keeper {
    places: Places,
    kept: Kept,
    /// In what the cache on disk is behind what is kept.
    unsaved: News,
    /// The file of the cache, as this process loaded or saved it.
    cache_file: Option<Saved>,
    /// Whether this process builds again; one that does not need not know anything if nothing has
    /// changed.
    next: Next,
    last: Last,
    manifests: Manifests,
    rendered: Rendered,
    look: Option<Arc<Theme>>,
    /// When the files of all editions were last looked at.
    checked: Option<Instant>,
    begun: Instant,
}

/// What a build worked with, for those who write between builds.
#[derive(Clone)]
pub struct Known {
    /// My settings.
    pub settings: Settings,
    /// The look.
    pub theme: Arc<Theme>,
    /// The contacts as they were read, by name.
    pub inputs: Vec<Arc<ContactInput>>,
    /// The contacts that have a box, by name.
    pub contacts: Vec<Arc<Contact>>,
}

/// How long a running process trusts that nobody else touches what it has published.
const TRUSTED: Duration = Duration::from_secs(60);

impl Keeper {
    /// Prepares to build a base folder.
    pub fn new(places: Places) -> Keeper {
        Keeper {
            places,
            kept: Kept::default(),
            unsaved: News::default(),
            cache_file: None,
            next: Next::Some,
            last: Last::default(),
            manifests: Manifests::default(),
            rendered: Rendered::default(),
            look: None,
            checked: None,
            begun: Instant::now(),
        }
    }

    /// Builds the base folder and saves the cache.
    fn once(&mut self, options: &BuildOptions) -> Result<BuildReport> {
        self.next = Next::None;
        self.build(options, &Errand::whole())
    }

    /// Builds the base folder as it is now. The first build looks everywhere, whatever the errand
    /// says, and so does one under other settings.
    ///
    /// # Errors
    /// As [`build`](super::build).
    pub fn build(&mut self, options: &BuildOptions, errand: &Errand) -> Result<BuildReport> {
        self.refuse_an_empty_folder(options)?;
        let _lock: Lock = state::lock(&self.places.state)?;
        let _claim = claim::claim(&self.places)?;
        if self.kept.is_new() {
            Growing::remove_leftover(&state::cache_file(&self.places.state));
        }
        let mut clock = Clock::new();
        let is_last = self.next == Next::None;
        let survey = is_last.then(|| seal::survey(&self.places, options)).flatten();
        clock.lap("survey");
        if let Some(survey) = &survey
            && let Some(mut report) = seal::unchanged(survey, &self.places, options)
        {
            clock.lap("compare");
            report.stages = clock.stages;
            return Ok(report);
        }
        let survey = survey.map(|mut survey| {
            self.kept.scanned = Mutex::new(std::mem::take(&mut survey.scanned));
            survey
        });
        self.kept.now = self.begun.elapsed();
        self.kept.instant = Some(options.now);
        self.manifests.prepare(&self.places, &options.editions);
        let (opened, looked) = std::thread::scope(|scope| {
            // What makes a build that goes on from another cannot all be shared out among processors;
            // what follows needs nothing of it.
            let looks = is_last && options.publish.check == Check::Times;
            let looks = looks.then(|| scope.spawn(|| self.manifests.look_at_folders(&self.places)));
            let opened = self.open(options, errand, scope);
            (opened, looks.and_then(|looks| looks.join().ok()))
        });
        let (mut opened, versions) = opened?;
        self.manifests.keep_looked(looked.unwrap_or_default());
        opened.keep_contacts();
        let mut options = options.clone();
        let trusted = self.checked.is_some_and(|checked| checked.elapsed() < TRUSTED);
        if trusted && options.publish.check == Check::Times {
            options.publish.check = Check::Trust;
        }
        let begun = Instant::now();
        // If it fails half way, nothing is known any more.
        let checked = self.checked.take();
        let kept = (&mut self.manifests, &mut self.rendered);
        let published = publish_all(&self.places, opened, &options, kept);
        let (report, mut opened) = published?;
        let outlines = std::mem::take(&mut opened.published);
        let whole = options.editions.len() == 2 && report.refused.is_none();
        self.checked = match options.publish.check {
            Check::Trust => checked,
            _ => whole.then_some(begun),
        };
        let Opened { loaded, built, .. } = opened;
        // What could not be read may be readable the next time, and nothing that is compared says so.
        let is_read = !loaded.read.iter().any(|read| read.has_unread);
        if let Some(mut survey) = survey {
            survey.settled &= is_read;
            let times = (options.now.0, built.changes_at());
            seal::save(&survey, &self.places, outlines, (&report, times));
        }
        self.unsaved.add(loaded.news);
        self.cache_file = self.cache_file.or(loaded.cache_file);
        let last = built.into_last(loaded.contacts, loaded.settings.clone());
        self.look = Some(Arc::clone(&loaded.theme));
        let kept = Kept { versions, ..Kept::of(loaded.read, loaded.settings, loaded.known_theme) };
        let before = (replace(&mut self.last, last), replace(&mut self.kept, kept));
        // Letting go of what the build before knew goes through all messages, which takes a tenth of
        // the time of a small build: nobody need wait for it.
        if self.next == Next::Some {
            rayon::spawn(move || drop(before));
        }
        Ok(report)
    }

    /// Loads and plans, saves what messages said before, and lets a process that builds once save what
    /// it has read meanwhile. Returns also what messages said before.
    fn open<'scope>(
        &self,
        options: &BuildOptions,
        errand: &Errand,
        scope: &'scope Scope<'scope, '_>,
    ) -> Result<(Opened, Arc<Store>)> {
        let addresses = (options.base_url.clone(), options.port);
        let mut loaded = load_with(&self.places, addresses, errand, &self.kept, self.next)?;
        // Before the cache: what it knows is not read again, and so not seen again.
        let versions = save_versions(&mut loaded, options.now);
        let saving = match self.next {
            Next::None => self.save_and_forget(&mut loaded, scope),
            Next::Some => Saving::Done(true),
        };
        let last = (&self.last, &self.manifests);
        let mut opened = open_with(loaded, options, last, self.next);
        if !saving.wait() {
            // A contact that is recalled is not read, and so never gets into the cache.
            opened.loaded.snapshots = None;
        }
        Ok((opened, versions))
    }

    /// Refuses a base folder that is gone, or has lost all its contacts since the last build, as
    /// where a drive was taken off: not even the state is written there.
    fn refuse_an_empty_folder(&self, options: &BuildOptions) -> Result<()> {
        if self.kept.len() == 0 || options.allow_empty {
            return Ok(());
        }
        if scan::names(&self.places.base, &mut Vec::new())?.is_empty() {
            bail!("the base folder has no contacts any more; the site stays as it is");
        }
        Ok(())
    }

    /// Returns the files of an edition as the last build left them, else one before it.
    pub fn files(&self, edition: Edition) -> Arc<Files> {
        self.manifests.files(&self.places, edition)
    }

    /// Returns what the last build worked with; nothing before the first.
    pub fn known(&self) -> Option<Known> {
        let made = self.last.contacts.as_ref()?;
        Some(Known {
            settings: self.kept.settings.clone()?,
            theme: Arc::clone(self.look.as_ref()?),
            inputs: made.inputs().to_vec(),
            contacts: made.all().map(Arc::clone).collect(),
        })
    }

    /// Returns the theme's folder below the base folder, by the settings of the last build; nothing
    /// where the theme is one inside the program: a contact may be called as it is.
    pub fn theme(&self) -> &str {
        let name = self.kept.settings.as_ref().map_or("theme", |settings| &settings.theme);
        if BuiltIn::named(name).is_some() { "" } else { name }
    }

    /// Returns the contacts in which something is missing that is still taken for there, or too
    /// young to be read. They
    /// should be looked at again after [`ABSENT`](crate::listing::patience::ABSENT).
    pub fn waiting(&self) -> BTreeSet<String> {
        let contacts = self.kept.contacts.iter();
        let waits =
            |read: &ReadContact| read.young || read.missing.iter().any(|one| !one.is_empty());
        let waiting = contacts.filter(|(_, read)| waits(read));
        waiting.map(|(name, _)| name.clone()).collect()
    }

    /// Saves the cache for the next process, where it has changed; returns whether it had. Not
    /// being able to is no failure.
    pub fn save_cache(&mut self) -> bool {
        let news = std::mem::take(&mut self.unsaved);
        if news.is_any() {
            let contacts = self.kept.contacts.values();
            self.cache_file = Save::of(&self.places, contacts, news, self.cache_file.take()).done();
            return true;
        }
        false
    }

    /// Saves the cache and lets go of it and of all lists of files, for a process that builds once:
    /// what is published needs neither, and a quarter of the memory would be theirs. Where there was
    /// no cache, both were done while contacts were read, and only its file is put in its place.
    fn save_and_forget<'scope>(
        &self,
        loaded: &mut Loaded,
        scope: &'scope Scope<'scope, '_>,
    ) -> Saving<'scope> {
        let mut clock = Clock::new();
        let news = std::mem::take(&mut loaded.news);
        let growing = loaded.growing.take().filter(|_| news.is_any());
        let mut saving = Saving::Done(true);
        if news.is_any() {
            let save = Save::of(&self.places, loaded.read.iter(), news, loaded.cache_file);
            saving = match growing {
                Some(growing) => Saving::Done(growing.end()),
                // What is added to the file is little.
                None if save.is_small() => Saving::Begun(scope.spawn(|| save.done())),
                None => Saving::Done(save.done().is_some()),
            };
            clock.lap("save cache");
        }
        loaded.read.iter_mut().filter_map(Arc::get_mut).for_each(ReadContact::forget_files);
        loaded.stages.extend(clock.stages);
        saving
    }
}

/// Writes what messages said before, which pages are made from. Not being able to is no failure, and
/// is told.
fn save_versions(loaded: &mut Loaded, now: Now) -> Arc<Store> {
    let read = &loaded.read;
    let saved = loaded
        .past
        .save()
        .and_then(|store| versions::sweep(&loaded.past, store, now, |path| is_there(read, path)));
    saved.unwrap_or_else(|error| {
        let text = format!("earlier versions of messages cannot be kept: {error}");
        loaded.remark.get_or_insert(text);
        Arc::clone(loaded.past.store())
    })
}

/// Returns whether a message is there, among contacts by name.
fn is_there(contacts: &[Arc<ReadContact>], path: &str) -> bool {
    let mut parts = path.splitn(3, '/');
    let (Some(name), Some(side), Some(below)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let at = contacts.binary_search_by(|contact| contact.scanned.name.as_str().cmp(name));
    let side = if side == Side::Inbox.folder() { Side::Inbox } else { Side::Outbox };
    at.is_ok_and(|at| contacts[at].has_message(side, below))
}
