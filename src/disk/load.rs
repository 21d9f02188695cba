//! A base folder, scanned and read, as far as something may have changed in it.

use super::again::again;
use super::boxes::nanoseconds;
use super::cache::{Growing, Saved, Stored};
use super::decoded::{own_text, settings_of};
use super::kept::Kept;
use super::read::{Before, ReadContact, read};
use super::site::{Clock, SCAN, Stage};
use super::snapshots::{Snapshots, Terms};
use super::theme_files::{KnownTheme, theme_files};
use super::versions::{Past, Store};
use super::{Places, scan, state};
use crate::build::{Next, Origin};
use crate::config::Settings;
use crate::diagnostic::Diagnostic;
use crate::library::Memory;
use crate::listing::errand::{Errand, Extent, Scope};
use crate::theme::Theme;
use crate::web::BaseUrl;
use anyhow::Result;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::SystemTime;

/// A base folder, scanned and read: all that a build needs.
pub struct Loaded {
    /// Where it lies.
    pub places: Places,
    /// The settings.
    pub settings: Settings,
    /// Whether there is a `handbill.toml`, and whether it is whole.
    pub(super) settings_file: SettingsFile,
    /// The look.
    pub theme: Arc<Theme>,
    /// Where the contacts come from; nothing once they are made, where no build goes on from this one.
    pub contacts: Vec<Origin>,
    /// What was found so far.
    pub found: Vec<Diagnostic>,
    /// The look with what it was made from.
    pub(super) known_theme: KnownTheme,
    /// The same contacts with the handles of their boxes.
    pub(super) read: Vec<Arc<ReadContact>>,
    /// What the cache that was saved lacks, or has too much.
    pub(super) news: News,
    /// The cache as far as it was written on the way.
    pub(super) growing: Option<Growing>,
    /// The file of the cache, where it was read.
    pub(super) cache_file: Option<Saved>,
    /// The contacts that earlier processes made, where this one builds once.
    pub(super) snapshots: Option<Snapshots>,
    pub(super) memory: Memory,
    /// The same with messages that were found to be deleted since.
    pub(super) missed: Option<Memory>,
    /// What messages said before.
    pub(super) past: Past,
    pub(super) stages: Vec<Stage>,
    pub(super) remark: Option<String>,
}

/// What the cache that was saved does not say of the contacts.
#[derive(Debug, Default)]
pub(super) struct News {
    /// Whether there are other contacts.
    pub others: bool,
    /// The contacts of which a later process could use more or less.
    pub changed: BTreeSet<String>,
}

impl News {
    /// Returns whether there is anything.
    pub fn is_any(&self) -> bool {
        self.others || !self.changed.is_empty()
    }

    /// Adds what came later.
    pub fn add(&mut self, later: News) {
        self.others |= later.others;
        self.changed.extend(later.changed);
    }
}

/// Whether there is a `handbill.toml`, and whether it is whole.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum SettingsFile {
    Absent,
    Broken,
    Whole,
}

impl Loaded {
    /// Returns how long each stage took.
    pub fn stages(&self) -> Vec<Stage> {
        self.stages.clone()
    }
}

/// Scans and reads a base folder.
///
/// # Errors
/// When the base folder cannot be read, or the local state is damaged.
pub fn load(places: &Places, base_url: Option<BaseUrl>) -> Result<Loaded> {
    load_with(places, (base_url, None), &Errand::whole(), &Kept::default(), Next::Some)
}

/// Scans and reads what of a base folder may have changed; the rest is as it was kept. Where no build
/// goes on from this one and there was no cache, it is written on the way and not kept in memory.
pub(super) fn load_with(
    places: &Places,
    (base_url, port): (Option<BaseUrl>, Option<u16>),
    errand: &Errand,
    kept: &Kept,
    next: Next,
) -> Result<Loaded> {
    let mut clock = Clock::new();
    let mut found = Vec::new();
    let text = own_text(&places.base.join("handbill.toml"), "handbill.toml", &mut found);
    let before = found.len();
    let mut settings = settings_of(text.as_deref()).take(&mut found);
    let broken = found[before..].iter().any(|report| report.code == "bad-toml");
    let unreadable =
        found[..before].iter().any(|report| report.code == "unreadable" || report.code == "binary");
    let settings_file = match (&text, broken || unreadable) {
        (_, true) => SettingsFile::Broken,
        (None, false) => SettingsFile::Absent,
        (Some(_), false) => SettingsFile::Whole,
    };
    settings.base_url = base_url.clone().or(settings.base_url);
    settings.port = port.unwrap_or(settings.port);
    let files = theme_files(&places.base, &settings, &mut found);
    let memory = state::load_memory(&places.state)?;
    let names = scan::names(&places.base, &mut found)?;
    let (stored, remark) = match kept.is_new() {
        true => Stored::open(&state::cache_file(&places.state)),
        false => Default::default(),
    };
    let (store, damage) = match kept.is_new() {
        true => {
            let (store, damage) = Store::load(&places.state);
            (Arc::new(store), damage)
        }
        false => (Arc::clone(&kept.versions), None),
    };
    let remark = remark.or(damage);
    let past = Past::new(&places.state, store, kept.instant, kept.is_new());
    clock.lap("settings");
    let scope = if kept.holds_for(&settings) { &errand.scope } else { &Scope::Whole };
    let now = nanoseconds(SystemTime::now());
    let snapshots = (next == Next::None && kept.is_new()).then(|| {
        let (base_url, versions) = (base_url.as_ref(), past.store());
        let settings = text.as_deref();
        let now = kept.instant?;
        Some(Snapshots::open(&places.state, &Terms { settings, base_url, port, versions, now }))
    });
    let snapshots = snapshots.flatten();
    let is_first = next == Next::None && kept.is_new() && stored.len() == 0;
    let growing = is_first.then(|| Growing::begin(&state::cache_file(&places.state))).flatten();
    let keep = |mut read: ReadContact| {
        if let Some(growing) = &growing {
            growing.add(&read.scanned.name, &read.cache);
            read.forget_files();
        }
        Arc::new(read)
    };
    let look = |name: &String| match (kept.contact(name), scope.of(name)) {
        (Some(known), None) => (Some(Arc::clone(known)), Vec::new()),
        (_, extent) => {
            let listed = kept.listed(name);
            let from = snapshots.as_ref().zip(listed.as_ref());
            let made_from = from.and_then(|(all, listed)| all.made_from(name, listed));
            // What is not read now must be known to the cache, so that it stays so.
            let recalled = made_from.filter(|_| stored.holds(name));
            let recalled = recalled.and_then(|from| snapshots.as_ref()?.recall(name, from));
            let listed = listed.map(|listed| (listed.contact, listed.found));
            let listed = match (listed, recalled) {
                (Some((Some(scanned), _)), Some(recalled)) => {
                    let read = ReadContact::recalled(scanned, recalled);
                    return (Some(keep(read)), Vec::new());
                }
                (listed, _) => listed,
            };
            let known = stored.contact(name);
            let before = kept.before(name, errand, known.as_ref());
            let before = Before { past: Some(&past), ..before };
            if let Some(Extent::Files(files)) = extent
                && let Some(read) = again(files, &settings, &before, now)
            {
                return (Some(keep(read)), Vec::new());
            }
            let (scanned, found) = listed.unwrap_or_else(|| {
                let mut found = Vec::new();
                (scan::scan(&places.base, name, &mut found), found)
            });
            let Some(scanned) = scanned else { return (None, found) };
            let read = read(scanned, &settings, &before, found);
            let made_from = made_from.filter(|_| !past.has_changes_of(name));
            (Some(keep(ReadContact { made_from, ..read })), Vec::new())
        }
    };
    let theme = || KnownTheme::load(kept.theme.as_ref(), files, &settings);
    let (known_theme, looked) =
        rayon::join(theme, || names.par_iter().map(look).collect::<Vec<_>>());
    let theme = known_theme.made.clone().take(&mut found);
    let mut contacts = Vec::with_capacity(looked.len());
    for (contact, reports) in looked {
        found.extend(reports);
        contacts.extend(contact);
    }
    found.extend(contacts.iter().flat_map(|contact| &contact.found).cloned());
    let before = if kept.is_new() { stored.len() } else { kept.len() };
    let unlike = |contact: &&Arc<ReadContact>| {
        kept.contact(&contact.scanned.name).is_none_or(|known| !Arc::ptr_eq(known, contact))
            && contact.news
    };
    let changed = contacts.iter().filter(unlike).map(|contact| contact.scanned.name.clone());
    let news = News { others: before != contacts.len(), changed: changed.collect() };
    clock.lap(SCAN);
    Ok(Loaded {
        places: places.clone(),
        settings,
        settings_file,
        theme,
        known_theme,
        contacts: contacts.iter().map(|contact| contact.origin()).collect(),
        found,
        read: contacts,
        news,
        growing,
        cache_file: stored.saved(),
        snapshots,
        memory,
        missed: None,
        past,
        stages: clock.stages,
        remark,
    })
}
