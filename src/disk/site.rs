//! One build on disk: what was loaded is planned and published.

use super::count::Count;
use super::deleted::missed;
use super::kept::{Kept, Manifests, Rendered};
use super::load::{Loaded, load_with};
use super::manifest::Outline;
use super::publish::{After, Check, Doubtful, EditionReport, Leak, PublishOptions, publish};
use super::read::ReadContact;
use super::refusal::refusal;
use super::texts::DiskTexts;
use super::{AtPath, Places, manifest, state};
use crate::build::{self, Built, Contacts, Input, Last, Next, Planned};
use crate::config::Hook;
use crate::diagnostic::{Checked, Diagnostic};
use crate::hash::Fingerprint;
use crate::library::{Context, Edition};
use crate::listing::errand::Errand;
use crate::plan::diff::Manifest;
use crate::plan::{Output, Segment, Take, What};
use crate::render::{Bodies, Look, MadeBodies, html};
use crate::time::Now;
use crate::web::BaseUrl;
use anyhow::Result;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

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
    /// Whether both editions are as they were planned, so that a build of the same has nothing to do.
    pub settled: bool,
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

/// A build that has been computed and not published.
pub struct Opened {
    /// What was loaded.
    pub loaded: Loaded,
    /// What is to be published.
    pub built: Built,
    /// All that was found, sorted.
    pub found: Vec<Diagnostic>,
    /// What was read, by contact.
    pub(super) counts: BTreeMap<String, Count>,
    next: Next,
    /// What was published of editions whose manifests are not kept.
    pub(super) published: BTreeMap<Edition, Outline>,
}

/// Scans, reads and plans, without writing anything.
///
/// # Errors
/// As loading and planning a base folder.
pub fn open(places: &Places, options: &BuildOptions) -> Result<Opened> {
    let addresses = (options.base_url.clone(), options.port);
    let loaded = load_with(places, addresses, &Errand::whole(), &Kept::default(), Next::Some)?;
    Ok(open_with(loaded, options, (&Last::default(), &Manifests::default()), Next::Some))
}

pub(super) fn open_with(
    mut loaded: Loaded,
    options: &BuildOptions,
    (last, manifests): (&Last, &Manifests),
    next: Next,
) -> Opened {
    let mut clock = Clock::new();
    let found = std::mem::take(&mut loaded.found);
    let counts = loaded.read.iter().map(|one| (one.scanned.name.clone(), one.count())).collect();
    let contacts = contacts(&mut loaded, options.now, last, next);
    let plan = |loaded: &Loaded, found| plan(loaded, contacts.clone(), found, last);
    let mut built = plan(&loaded, found.clone());
    if let Some(memory) = missed((&loaded, &counts), &built.value, last, options, manifests) {
        loaded.missed = Some(memory);
        built = plan(&loaded, found);
    }
    clock.lap("library and plan");
    if loaded.theme.has_overrides() {
        let broken = try_templates(&loaded, &built.value);
        if !broken.is_empty() {
            let found = built.diagnostics.into_iter().chain(broken).collect();
            built = plan(&loaded, found);
        }
        clock.lap("try templates");
    }
    loaded.stages.extend(clock.stages);
    let (built, found) = (built.value, built.diagnostics);
    Opened { loaded, built, found, counts, next, published: BTreeMap::new() }
}

/// Makes the contacts of what was loaded. Where no build goes on from this one, what they were made
/// of is let go of.
fn contacts(loaded: &mut Loaded, now: Now, last: &Last, next: Next) -> Contacts {
    let context = Context { settings: &loaded.settings, now };
    match next {
        Next::Some => build::contacts(&loaded.contacts, &context, last, next),
        Next::None => {
            let read = loaded.read.iter_mut().filter_map(Arc::get_mut);
            read.for_each(ReadContact::forget_input);
            build::contacts(std::mem::take(&mut loaded.contacts), &context, last, next)
        }
    }
}

fn plan(
    loaded: &Loaded,
    contacts: Contacts,
    found: Vec<Diagnostic>,
    last: &Last,
) -> Checked<Built> {
    let input = Input {
        contacts,
        settings: &loaded.settings,
        memory: loaded.missed.as_ref().unwrap_or(&loaded.memory),
        found,
    };
    build::build(input, last)
}

/// Renders one page of each kind, so that an override that fails while it renders is known to
/// `check` and to the status page.
fn try_templates(loaded: &Loaded, built: &Built) -> Vec<Diagnostic> {
    let texts = DiskTexts::new(&loaded.read, &loaded.settings, &loaded.places.state);
    let mut broken = Vec::new();
    for planned in [&built.public, &built.reader] {
        let look = Look::new(planned.edition, &loaded.settings, &loaded.theme, &planned.heads);
        let mut tried = BTreeSet::new();
        let try_one = |output: &Output| {
            let What::Page(page) = &output.what else { return };
            if tried.insert(page.kind())
                && let Ok(made) = html::page(&output.path, page, &look, &Bodies::new(&texts, &look))
            {
                broken.extend(made.fallback);
            }
        };
        planned.plan(&loaded.settings, &loaded.theme, &mut Each(try_one));
    }
    broken
}

/// Looks at each output of a plan and keeps none.
struct Each<F>(F);

impl<F: FnMut(&Output)> Take for Each<F> {
    fn part(&mut self, _: &str, _: Option<&Fingerprint>) -> bool {
        true
    }

    fn wants(&mut self, _: &str, _: &Fingerprint) -> bool {
        true
    }

    fn take(&mut self, segment: Segment) {
        segment.outputs.iter().for_each(&mut self.0);
    }
}

impl Opened {
    /// Keeps the contacts for a later process, where this one builds once.
    pub(super) fn keep_contacts(&mut self) {
        if let Some(snapshots) = self.loaded.snapshots.take() {
            snapshots.save(&self.loaded.read, &self.counts, &self.built.contacts);
        }
    }

    /// Returns the texts of the messages.
    pub fn texts(&self) -> impl crate::render::Texts + '_ {
        DiskTexts::new(&self.loaded.read, &self.loaded.settings, &self.loaded.places.state)
    }

    /// Returns the plan of an edition.
    pub fn planned(&self, edition: Edition) -> &Planned {
        match edition {
            Edition::Public => &self.built.public,
            Edition::Reader => &self.built.reader,
        }
    }

    /// Returns all segments of an edition's plan.
    pub fn segments(&self, edition: Edition) -> Vec<Segment> {
        let mut segments = Vec::new();
        let Loaded { settings, theme, .. } = &self.loaded;
        self.planned(edition).plan(settings, theme, &mut segments);
        segments
    }
}

pub(super) fn publish_all(
    places: &Places,
    mut opened: Opened,
    options: &BuildOptions,
    (manifests, rendered): (&mut Manifests, &mut Rendered),
) -> Result<(BuildReport, Opened)> {
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
    let Loaded { settings, theme, .. } = &opened.loaded;
    let take = |edition: &Edition| {
        let shared = || opened.planned(*edition).site(settings, theme).shared();
        let bodies = match opened.next {
            Next::Some => rendered.of(*edition, shared()),
            Next::None => Arc::default(),
        };
        (*edition, (manifests.take(places, *edition), bodies))
    };
    let known: Vec<_> = options.editions.iter().map(take).collect();
    let publish = |(edition, known)| publish_edition(&opened, edition, options, known);
    // A whole edition keeps all processors busy by itself, and much in memory; where there are both
    // already, most of them stays, and the two are published at once.
    let is_there = |(known, _): &(Result<(Manifest, _), manifest::Newer>, _)| {
        known.as_ref().is_ok_and(|(manifest, _)| !manifest.is_empty())
    };
    let at_once =
        options.publish.check != Check::Bytes && known.iter().all(|(_, known)| is_there(known));
    let published: Vec<Published> = match at_once {
        true => known.into_par_iter().map(publish).collect(),
        false => known.into_iter().map(publish).collect(),
    };
    manifests.clear();
    let mut found = std::mem::take(&mut opened.found);
    let mut settled = options.editions.len() == 2;
    for Published { edition, report, found: more, took } in published {
        settled &= more.is_empty();
        found.extend(more);
        match report {
            Ok(Outcome::Done(report, after)) => {
                match after {
                    After::Manifest(manifest) => manifests.keep(places, edition, manifest),
                    After::Outline(outline) => drop(opened.published.insert(edition, outline)),
                }
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
    let editions_done = editions.len() == 2 && refused.is_none();
    let report = BuildReport {
        editions,
        found,
        stages,
        remark: opened.loaded.remark.take(),
        contacts: opened.built.reader.heads.len(),
        messages: opened.counts.values().map(Count::messages).sum(),
        next_release: opened.built.next_release,
        refused,
        settled: settled && editions_done,
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

/// What was published of an edition, and what was found of its folders, if they were looked at.
type OnDisk = (Manifest, Option<Doubtful>);

enum Outcome {
    Done(EditionReport, After),
    /// Left as it was, and why.
    Refused(String),
}

fn publish_edition(
    opened: &Opened,
    edition: Edition,
    options: &BuildOptions,
    (known, made): (Result<OnDisk, manifest::Newer>, Arc<MadeBodies>),
) -> Published {
    let (begun, mut found) = (Instant::now(), Vec::new());
    let (manifest, looked) = match known {
        Ok(known) => known,
        Err(newer) => {
            let (report, took) = (Err(newer.into()), begun.elapsed());
            return Published { edition, report, found, took };
        }
    };
    let report = match refusal(opened, edition, &manifest, options) {
        Some(why) => Ok(Outcome::Refused(why)),
        None => write_edition(opened, edition, ((manifest, looked), made), options, &mut found)
            .map(|(report, after)| Outcome::Done(report, after)),
    };
    Published { edition, report, found, took: begun.elapsed() }
}

fn write_edition(
    opened: &Opened,
    edition: Edition,
    (known, made): (OnDisk, Arc<MadeBodies>),
    options: &BuildOptions,
    found: &mut Vec<Diagnostic>,
) -> Result<(EditionReport, After)> {
    let loaded = &opened.loaded;
    let planned = opened.planned(edition);
    let look = Look::new(edition, &loaded.settings, &loaded.theme, &planned.heads);
    let texts = DiskTexts::new(&loaded.read, &loaded.settings, &loaded.places.state);
    std::fs::create_dir_all(&loaded.places.output).at("make", &loaded.places.output)?;
    let output = &loaded.places.output;
    let sources = (&texts, Bodies::with(&texts, &look, made));
    let how = (options.publish, opened.next);
    publish(output, planned, known, &look, sources, how, found)
}
