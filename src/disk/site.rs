//! One build on disk: lock, scan, read, build, publish.

use super::cache::Cache;
use super::kept::{Kept, Manifests};
use super::publish::{Check, EditionReport, Leak, PublishOptions, publish};
use super::read::{DiskTexts, ReadContact, own_text, read, settings_of};
use super::state;
use super::{AtPath, Places, manifest, scan};
use crate::build::{self, Built, Input, Last, Planned};
use crate::config::{Hook, Settings};
use crate::diagnostic::{Checked, Diagnostic};
use crate::library::{ContactInput, Edition, Memory};
use crate::listing::errand::{Errand, Scope};
use crate::names::{Spot, out_name};
use crate::path::{OutPath, RelPath};
use crate::plan::What;
use crate::plan::diff::Manifest;
use crate::render::{Bodies, Look, html};
use crate::theme::{self, Theme, ThemeFile};
use crate::time::Now;
use crate::web::BaseUrl;
use anyhow::Result;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use walkdir::WalkDir;

/// How to build.
#[derive(Debug, Clone)]
pub struct BuildOptions {
    /// Which editions.
    pub editions: Vec<Edition>,
    /// Overrides the setting of the same name.
    pub base_url: Option<BaseUrl>,
    /// Overrides the setting of the same name: feeds of the reader edition are read there.
    pub port: Option<u16>,
    /// The instant that decides what is held.
    pub now: Now,
    /// How to publish.
    pub publish: PublishOptions,
    /// Let an edition become empty because the base folder has no contacts any more.
    pub allow_empty: bool,
}

/// The name of the stage that looks at the folders.
pub const SCAN: &str = "scan and read";

/// A stage of a build and how long it took.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Its name.
    pub name: &'static str,
    /// How long it took.
    pub took: Duration,
}

/// What a build did.
#[derive(Debug)]
pub struct BuildReport {
    /// The editions.
    pub editions: Vec<EditionReport>,
    /// All that was found, sorted.
    pub found: Vec<Diagnostic>,
    /// How long each stage took.
    pub stages: Vec<Stage>,
    /// How many contacts there are.
    pub contacts: usize,
    /// How many messages there are.
    pub messages: usize,
    /// When the next held message will be shown, in seconds since 1970.
    pub next_release: Option<i64>,
    /// Something to know of the program itself, and of no file.
    pub remark: Option<String>,
    /// An edition that was left as it was, and why.
    pub refused: Option<String>,
    /// The command to be run when the public edition has changed: see [`super::hook`].
    pub after_public: Option<Hook>,
    /// Where the public edition is read.
    pub base_url: Option<BaseUrl>,
}

/// A base folder, scanned and read: all that a build needs.
pub struct Loaded {
    /// Where it lies.
    pub places: Places,
    /// The settings.
    pub settings: Settings,
    /// Whether there is a `handbill.toml`, and whether it is whole.
    settings_file: SettingsFile,
    /// The look.
    pub theme: Theme,
    /// The contacts.
    pub contacts: Vec<Arc<ContactInput>>,
    /// What was found so far.
    pub found: Vec<Diagnostic>,
    /// The same contacts with the handles of their boxes.
    pub(super) read: Vec<Arc<ReadContact>>,
    /// Whether the cache that was saved lacks something, or has too much.
    pub(super) news: bool,
    memory: Memory,
    stages: Vec<Stage>,
    remark: Option<String>,
}

#[derive(Clone, Copy, PartialEq)]
enum SettingsFile {
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

/// Takes the time of stages.
pub(super) struct Clock {
    last: Instant,
    /// Those that are done.
    pub stages: Vec<Stage>,
}

impl Clock {
    /// Begins the first stage.
    pub fn new() -> Clock {
        Clock { last: Instant::now(), stages: Vec::new() }
    }

    /// Ends a stage and begins the next.
    pub fn lap(&mut self, name: &'static str) {
        let now = Instant::now();
        self.stages.push(Stage { name, took: now - self.last });
        self.last = now;
    }
}

/// Scans and reads a base folder.
///
/// # Errors
/// When the base folder cannot be read, or the local state is damaged.
pub fn load(places: &Places, base_url: Option<BaseUrl>) -> Result<Loaded> {
    load_with(places, (base_url, None), &Errand::whole(), &Kept::default())
}

/// Scans and reads what of a base folder may have changed; the rest is as it was kept.
fn load_with(
    places: &Places,
    (base_url, port): (Option<BaseUrl>, Option<u16>),
    errand: &Errand,
    kept: &Kept,
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
    settings.base_url = base_url.or(settings.base_url);
    settings.port = port.unwrap_or(settings.port);
    let files = theme_files(&places.base, &settings, &mut found);
    let theme = theme::load(&settings.theme, &files, &settings.language).take(&mut found);
    let memory = state::load_memory(&places.state)?;
    clock.lap("settings and theme");
    let names = scan::names(&places.base, &mut found)?;
    let load = || Cache::load(&state::cache_file(&places.state));
    let (saved, remark) = if kept.is_new() { load() } else { Default::default() };
    clock.lap("cache");
    let scope = if kept.holds_for(&settings) { &errand.scope } else { &Scope::Whole };
    let look = |name: &String| match kept.contact(name).filter(|_| !scope.holds(name)) {
        Some(known) => (Some(Arc::clone(known)), Vec::new()),
        None => {
            let mut found = Vec::new();
            let before = kept.before(name, errand, &saved);
            match scan::scan(&places.base, name, &mut found) {
                Some(listed) => {
                    (Some(Arc::new(read(listed, &settings, &before, found))), Vec::new())
                }
                None => (None, found),
            }
        }
    };
    let looked: Vec<_> = names.par_iter().map(look).collect();
    let mut contacts = Vec::with_capacity(looked.len());
    for (contact, reports) in looked {
        found.extend(reports);
        contacts.extend(contact);
    }
    found.extend(contacts.iter().flat_map(|contact| &contact.found).cloned());
    let before = if kept.is_new() { saved.len() } else { kept.len() };
    let unlike = |contact: &Arc<ReadContact>| {
        kept.contact(&contact.scanned.name).is_none_or(|known| !Arc::ptr_eq(known, contact))
            && contact.news
    };
    let news = before != contacts.len() || contacts.iter().any(unlike);
    clock.lap(SCAN);
    Ok(Loaded {
        places: places.clone(),
        settings,
        settings_file,
        theme,
        contacts: contacts.iter().map(|contact| Arc::clone(&contact.input)).collect(),
        found,
        read: contacts,
        news,
        memory,
        stages: clock.stages,
        remark,
    })
}

/// Returns the files of the user's theme.
fn theme_files(base: &Path, settings: &Settings, found: &mut Vec<Diagnostic>) -> Vec<ThemeFile> {
    let folder = base.join(&settings.theme);
    if !folder.is_dir() {
        if settings.theme != Settings::default().theme {
            let text = format!(
                "there is no folder `{}` for the theme; the default is used",
                settings.theme
            );
            found.push(Diagnostic::error("handbill.toml", "theme-missing", text));
        }
        return Vec::new();
    }
    let mut files = Vec::new();
    let walk = WalkDir::new(&folder).max_depth(6).sort_by_file_name().into_iter();
    for entry in walk.flatten().filter(|entry| entry.file_type().is_file()) {
        let below = entry.path().strip_prefix(&folder).ok().and_then(Path::to_str);
        let path = below.and_then(|text| RelPath::parse(&text.replace('\\', "/")));
        let Some(path) = path.filter(|path| !path.parts().any(crate::listing::leftovers::is_ours))
        else {
            continue;
        };
        if let Ok(bytes) = std::fs::read(entry.path()) {
            files.push(ThemeFile { path, bytes });
        }
    }
    files
}

/// A build that has been computed and not published.
pub struct Opened {
    /// What was loaded.
    pub loaded: Loaded,
    /// What is to be published.
    pub built: Built,
    /// All that was found, sorted.
    pub found: Vec<Diagnostic>,
}

/// Scans, reads and plans, without writing anything.
///
/// # Errors
/// As [`load`].
pub fn open(places: &Places, options: &BuildOptions) -> Result<Opened> {
    open_with(places, options, &Errand::whole(), &Kept::default(), &Last::default())
}

pub(super) fn open_with(
    places: &Places,
    options: &BuildOptions,
    errand: &Errand,
    kept: &Kept,
    last: &Last,
) -> Result<Opened> {
    let mut loaded = load_with(places, (options.base_url.clone(), options.port), errand, kept)?;
    let mut clock = Clock::new();
    let found = std::mem::take(&mut loaded.found);
    let mut built = plan(&loaded, options.now, found, last);
    clock.lap("library and plan");
    if loaded.theme.has_overrides() {
        let broken = try_templates(&loaded, &built.value);
        if !broken.is_empty() {
            let found = built.diagnostics.into_iter().chain(broken).collect();
            built = plan(&loaded, options.now, found, last);
        }
        clock.lap("try templates");
    }
    loaded.stages.extend(clock.stages);
    Ok(Opened { loaded, built: built.value, found: built.diagnostics })
}

fn plan(loaded: &Loaded, now: Now, found: Vec<Diagnostic>, last: &Last) -> Checked<Built> {
    let input = Input {
        contacts: &loaded.contacts,
        settings: &loaded.settings,
        theme: &loaded.theme,
        memory: &loaded.memory,
        now,
        found,
    };
    build::build(input, last)
}

/// Renders one page of each kind, so that an override that fails while it renders is known to
/// `check` and to the status page.
fn try_templates(loaded: &Loaded, built: &Built) -> Vec<Diagnostic> {
    let texts = DiskTexts::new(&loaded.read, &loaded.settings);
    let mut broken = Vec::new();
    for planned in [&built.public, &built.reader] {
        let look = Look::new(planned.edition, &loaded.settings, &loaded.theme, &planned.heads);
        let mut tried = BTreeSet::new();
        for output in planned.segments.outputs() {
            let What::Page(page) = &output.what else { continue };
            if tried.insert(page.kind())
                && let Ok(made) = html::page(
                    &output.path,
                    page,
                    &look,
                    &Bodies::new(&texts, &look, std::iter::once(output)),
                )
            {
                broken.extend(made.fallback);
            }
        }
    }
    broken
}

impl Opened {
    /// Returns the texts of the messages.
    pub fn texts(&self) -> impl crate::render::Texts + '_ {
        DiskTexts::new(&self.loaded.read, &self.loaded.settings)
    }

    /// Returns the plan of an edition.
    pub fn planned(&self, edition: Edition) -> &Planned {
        match edition {
            Edition::Public => &self.built.public,
            Edition::Reader => &self.built.reader,
        }
    }

    /// Compares an edition's plan with what is on disk.
    pub fn work(&self, edition: Edition) -> crate::plan::Work<'_> {
        let manifest = manifest::load(&self.loaded.places.output, edition).unwrap_or_default();
        crate::plan::diff(self.planned(edition).segments.groups(), &manifest, |_| true)
    }
}

pub(super) fn publish_all(
    places: &Places,
    mut opened: Opened,
    options: &BuildOptions,
    manifests: &mut Manifests,
) -> Result<(BuildReport, Opened)> {
    let mut found = std::mem::take(&mut opened.found);
    let mut refused = None;
    let mut editions = Vec::new();
    let mut stages = std::mem::take(&mut opened.loaded.stages);
    // What must stay private is remembered before anything is published; an address is public only
    // when it was.
    let mut remembered = opened.built.memory.clone();
    remembered.public_addresses.clone_from(&opened.loaded.memory.public_addresses);
    if remembered != opened.loaded.memory {
        state::save_memory(&places.state, &remembered)?;
    }
    let known = &*manifests;
    let publish = |edition: &Edition| publish_edition(&opened, *edition, options, known);
    // A whole edition keeps all processors busy by itself, and its bodies in memory; where little
    // differs, the two are published at once.
    let published: Vec<Published> = match options.publish.check {
        Check::Trust => options.editions.par_iter().map(publish).collect(),
        _ => options.editions.iter().map(publish).collect(),
    };
    manifests.clear();
    for Published { edition, report, found: more, took } in published {
        found.extend(more);
        match report {
            Ok(Outcome::Done(report, manifest)) => {
                manifests.keep(places, edition, manifest);
                editions.push(report);
            }
            Ok(Outcome::Refused(why)) => refused = Some(why),
            Err(error) if error.is::<Leak>() => {
                refused = Some(format!("{error}. This is a fault of Handbill: please report it"));
            }
            Err(error) => return Err(error),
        }
        let name = match edition {
            Edition::Public => "publish public",
            Edition::Reader => "publish reader",
        };
        stages.push(Stage { name, took });
    }
    let is_published = editions.iter().any(|report| report.edition == Edition::Public.name());
    if is_published && remembered != opened.built.memory {
        state::save_memory(&places.state, &opened.built.memory)?;
    }
    found.sort();
    found.dedup();
    let boxes = opened.loaded.contacts.iter().flat_map(|c| c.outbox.iter().chain(&c.inbox));
    let report = BuildReport {
        editions,
        found,
        stages,
        remark: opened.loaded.remark.take(),
        contacts: opened.built.reader.heads.len(),
        messages: boxes.map(|boxed| boxed.posts.len()).sum(),
        next_release: opened.built.next_release,
        refused,
        after_public: opened.loaded.settings.after_public.clone(),
        base_url: opened.loaded.settings.base_url.clone(),
    };
    Ok((report, opened))
}

/// What became of an edition, what was found on the way, and how long it took.
struct Published {
    edition: Edition,
    report: Result<Outcome>,
    found: Vec<Diagnostic>,
    took: Duration,
}

enum Outcome {
    Done(EditionReport, Manifest),
    /// Left as it was, and why.
    Refused(String),
}

fn publish_edition(
    opened: &Opened,
    edition: Edition,
    options: &BuildOptions,
    manifests: &Manifests,
) -> Published {
    let (begun, mut found) = (Instant::now(), Vec::new());
    let manifest = match manifests.load(&opened.loaded.places, edition) {
        Ok(manifest) => manifest,
        Err(newer) => {
            let (report, took) = (Err(newer.into()), begun.elapsed());
            return Published { edition, report, found, took };
        }
    };
    let report = match refusal(opened, edition, &manifest, options) {
        Some(why) => Ok(Outcome::Refused(why)),
        None => write_edition(opened, edition, manifest, options, &mut found)
            .map(|(report, manifest)| Outcome::Done(report, manifest)),
    };
    Published { edition, report, found, took: begun.elapsed() }
}

fn write_edition(
    opened: &Opened,
    edition: Edition,
    manifest: Manifest,
    options: &BuildOptions,
    found: &mut Vec<Diagnostic>,
) -> Result<(EditionReport, Manifest)> {
    let loaded = &opened.loaded;
    let planned = opened.planned(edition);
    let look = Look::new(edition, &loaded.settings, &loaded.theme, &planned.heads);
    let texts = DiskTexts::new(&loaded.read, &loaded.settings);
    std::fs::create_dir_all(&loaded.places.output).at("make", &loaded.places.output)?;
    let output = &loaded.places.output;
    publish(output, planned, manifest, &look, &texts, options.publish, found)
}

/// Returns why an edition is left as it is: something looks as if a folder or a file had been lost
/// for a moment, and nothing that was published may go for that.
fn refusal(
    opened: &Opened,
    edition: Edition,
    manifest: &Manifest,
    options: &BuildOptions,
) -> Option<String> {
    if manifest.files.is_empty() {
        return None;
    }
    if edition == Edition::Public && opened.loaded.settings_file == SettingsFile::Broken {
        return Some("the public edition is left as it was: handbill.toml cannot be read whole, and it says what is public".into());
    }
    if options.allow_empty {
        return None;
    }
    let why = if opened.built.reader.heads.is_empty() {
        Some("the base folder has no contacts any more".to_owned())
    } else if edition == Edition::Public {
        lost_channel(opened, manifest)
    } else {
        None
    }?;
    let name = edition.name();
    Some(format!(
        "the {name} edition is left as it was: {why} (`--allow-empty` builds it all the same)"
    ))
}

/// Returns what looks lost of the channels that are published.
fn lost_channel(opened: &Opened, manifest: &Manifest) -> Option<String> {
    let loaded = &opened.loaded;
    let published = |dir: &str| {
        // A channel that waits for its first message has a front page and nothing else to lose.
        let front = format!("{dir}/index.html");
        let is_page = |path: &OutPath| {
            let page = path.as_str();
            page.ends_with(".html") && page != front && path.parts().next() == Some(dir)
        };
        manifest.files.keys().filter(|path| path.depth() > 0).any(is_page)
    };
    // Words of the program are reserved: no contact has an address that begins with one.
    let of_contact = |first: &str| out_name(first, Spot::Contact) == first;
    let any = manifest
        .files
        .keys()
        .any(|path| path.depth() > 0 && path.parts().next().is_some_and(of_contact));
    if any && (loaded.settings_file == SettingsFile::Absent || !loaded.settings.says_public) {
        return Some(
            "handbill.toml does not say any more what is public; `public = []` says nothing is"
                .into(),
        );
    }
    loaded.settings.public.iter().find_map(|(name, _)| {
        if !published(&out_name(name, Spot::Contact)) {
            return None;
        }
        let boxed = loaded.contacts.iter().find(|contact| contact.name == *name);
        let posts = boxed
            .and_then(|contact| contact.outbox.as_ref())
            .map_or(0, |outbox| outbox.posts.len());
        let unreadable = opened.found.iter().find(|report| {
            report.code == "unreadable"
                && report.path.strip_prefix(name.as_str()).is_some_and(|p| p.starts_with('/'))
        });
        match (boxed, posts, unreadable) {
            (_, _, Some(report)) => Some(format!("`{}` cannot be read", report.path)),
            (None, _, _) => Some(format!(
                "the channel `{name}` is gone; take it out of `public` if it is to go"
            )),
            (Some(contact), 0, _) if contact.inbox_trace.is_none() => {
                Some(format!("the channel `{name}` has lost all its messages"))
            }
            _ => None,
        }
    })
}
