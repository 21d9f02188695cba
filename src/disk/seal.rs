//! A build of what has not changed at all: known by names, times and sizes, without reading anything.
//!
//! After a build that left nothing open, `.handbill/cache/seal.bin` says what it was made from. A build
//! is a pure function of the listings of all boxes, the settings, the theme, the local state, the
//! options and whether the clock has reached certain instants: where all of these are as they were,
//! and so is what was published, there is nothing to do. Sound under the rule of `cache`: a listing
//! that holds a file so young that its times may hide a second change is not sealed.
//! Deleting or damaging the seal only costs time.

use super::boxes::nanoseconds;
use super::cache::{is_settled, version};
use super::decoded::settings_of;
use super::manifest::Outline;
use super::publish::{Check, EditionReport, passing, time_of};
use super::scan::{self, ScannedContact};
use super::site::{BuildOptions, BuildReport};
use super::theme_files::theme_files;
use super::{Places, manifest, state};
use crate::diagnostic::Diagnostic;
use crate::hash::{Fingerprint, Inputs};
use crate::library::Edition;
use crate::listing::Stat;
use crate::plan::diff::UNKNOWN;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

/// The contacts as they were listed.
pub(super) type Scanned = BTreeMap<String, Listed>;

/// A contact that was listed.
pub(super) struct Listed {
    /// What lies in it, if it is a contact.
    pub contact: Option<ScannedContact>,
    /// What was found.
    pub found: Vec<Diagnostic>,
    /// The hash of all the above.
    pub print: Fingerprint,
    /// Whether no file is so young that its times may hide a second change.
    pub settled: bool,
}

/// What a build is about to be made from.
pub(super) struct Survey {
    /// The contacts.
    pub scanned: Scanned,
    made_from: Fingerprint,
    /// Whether no file is so young that its times may hide a second change, and, once it is known, none
    /// was there that could not be read.
    pub settled: bool,
}

/// What was made of the same the last time.
#[derive(Serialize, Deserialize)]
struct Seal {
    version: String,
    made_from: Fingerprint,
    /// The instant of the build.
    at: i64,
    /// When the clock changes something, in seconds since 1970.
    until: Option<i64>,
    editions: Vec<Sealed>,
    found: Vec<Diagnostic>,
    contacts: usize,
    messages: usize,
    next_release: Option<i64>,
}

/// An edition as it was published.
#[derive(Serialize, Deserialize)]
struct Sealed {
    files: usize,
    manifest: Stat,
    folders: Vec<(Box<str>, i64)>,
}

const EDITIONS: [Edition; 2] = [Edition::Public, Edition::Reader];

fn file(state: &Path) -> std::path::PathBuf {
    state.join("cache").join("seal.bin")
}

/// Returns the text of the settings, if there are any; nothing where it cannot be read.
fn settings_text(places: &Places) -> Option<Option<String>> {
    match std::fs::read_to_string(places.base.join("handbill.toml")) {
        Ok(text) => Some(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some(None),
        Err(_) => None,
    }
}

impl Survey {
    /// Returns the hash of what was surveyed and of the local state as it is now. A build that goes
    /// on from what it has itself remembered makes the same again.
    fn with_state(&self, places: &Places) -> Fingerprint {
        let state = places.state.join("state");
        let inputs = Inputs::new("with state").print(&self.made_from);
        let files = ["memory.json", "versions/index.json"].map(|name| state.join(name));
        let bytes = files.map(|file| std::fs::read(file).unwrap_or_default());
        bytes.iter().fold(inputs, |inputs, bytes| inputs.bytes(bytes)).finish()
    }
}

/// Looks at everything a build would be made from; nothing where the build is not of the kind that
/// is sealed.
pub(super) fn survey(places: &Places, options: &BuildOptions) -> Option<Survey> {
    if options.editions != EDITIONS || options.publish.check != Check::Times {
        return None;
    }
    let text = settings_text(places)?;
    let settings = settings_of(text.as_deref()).value;
    let theme = theme_files(&places.base, &settings, &mut Vec::new());
    let mut found = Vec::new();
    let names = scan::names(&places.base, &mut found).ok()?;
    let now = nanoseconds(SystemTime::now());
    let look = |name: &String| {
        let mut found = Vec::new();
        let scanned = scan::scan(&places.base, name, &mut found);
        let boxes = scanned.iter().flat_map(|contact| &contact.boxes);
        let mut files = boxes.clone().flat_map(|boxed| &boxed.listing.files);
        let settled = files.all(|entry| is_settled(&entry.stat, now));
        let mut inputs = Inputs::new("contact").text(name).value(&found);
        if let Some(contact) = &scanned {
            inputs = inputs.maybe(contact.inbox_trace.as_deref());
        }
        for boxed in boxes {
            let listing = &boxed.listing;
            inputs = inputs.text(boxed.side.folder()).value(&(&listing.files, &listing.odd));
        }
        (name.clone(), Listed { contact: scanned, found, print: inputs.finish(), settled })
    };
    let looked: Vec<(String, Listed)> = names.par_iter().map(look).collect();
    let mut inputs = Inputs::new("survey")
        .text(&version())
        .print(&crate::theme::default_print())
        .maybe(text.as_deref())
        .value(&found)
        .text(&places.output.to_string_lossy())
        .maybe(options.base_url.as_ref().map(|base| base.as_str()))
        .value(&(options.port, options.allow_empty));
    for file in &theme {
        inputs = inputs.text(file.path.as_str()).bytes(&file.bytes);
    }
    let made_from = inputs.prints(looked.iter().map(|(_, listed)| listed.print)).finish();
    let settled = looked.iter().all(|(_, listed)| listed.settled);
    Some(Survey { scanned: looked.into_iter().collect(), made_from, settled })
}

/// Returns the report of a build of what was surveyed, if nothing would be done.
pub(super) fn unchanged(
    survey: &Survey,
    places: &Places,
    options: &BuildOptions,
) -> Option<BuildReport> {
    let bytes = std::fs::read(file(&places.state)).ok()?;
    let seal: Seal = postcard::from_bytes(&bytes).ok()?;
    let now = options.now.0;
    let in_time = seal.at <= now && seal.until.is_none_or(|until| now < until);
    if seal.version != version() || seal.made_from != survey.with_state(places) || !in_time {
        return None;
    }
    let stands = |(edition, sealed): (&Edition, &Sealed)| {
        let folder = places.output.join(edition.name());
        manifest::stamp(&places.output, *edition) == Some(sealed.manifest)
            && !manifest::is_begun(&places.output, *edition)
            && !passing(&places.output, *edition).iter().any(|folder| folder.exists())
            && sealed.folders.par_iter().all(|(path, time)| time_of(&folder, path) == Some(*time))
    };
    if seal.editions.len() != 2 || !EDITIONS.iter().zip(&seal.editions).all(stands) {
        return None;
    }
    let settings = settings_of(settings_text(places)?.as_deref()).value;
    let report = |(edition, sealed): (&Edition, &Sealed)| EditionReport {
        edition: edition.name(),
        path: places.output.join(edition.name()),
        written: 0,
        kept: sealed.files,
        removed: 0,
        segments_made: 0,
    };
    Some(BuildReport {
        editions: EDITIONS.iter().zip(&seal.editions).map(report).collect(),
        found: seal.found,
        stages: Vec::new(),
        contacts: seal.contacts,
        messages: seal.messages,
        next_release: seal.next_release,
        remark: None,
        refused: None,
        after_public: settings.after_public,
        base_url: options.base_url.clone().or(settings.base_url),
        settled: true,
    })
}

/// Seals what a build has made of what was surveyed, if it left nothing open; `until` is when the
/// clock changes something. Not being able to is no failure.
pub(super) fn save(
    survey: &Survey,
    places: &Places,
    mut published: BTreeMap<Edition, Outline>,
    (report, (at, until)): (&BuildReport, (i64, Option<i64>)),
) {
    let mut edition = |edition: &Edition| {
        let Outline { files, is_whole, folders } = published.remove(edition)?;
        // One of unknown contents has no time: it is looked at again.
        let known = is_whole && folders.values().all(|time| *time != UNKNOWN);
        let manifest = manifest::stamp(&places.output, *edition)?;
        known.then(|| Sealed { files, manifest, folders: folders.into_iter().collect() })
    };
    let open = !survey.settled || !report.settled || report.remark.is_some();
    let editions: Option<Vec<Sealed>> =
        if open { None } else { EDITIONS.iter().map(&mut edition).collect() };
    let path = file(&places.state);
    let Some(editions) = editions else {
        let _ = std::fs::remove_file(path);
        return;
    };
    let seal = Seal {
        version: version(),
        made_from: survey.with_state(places),
        at,
        until,
        editions,
        found: report.found.clone(),
        contacts: report.contacts,
        messages: report.messages,
        next_release: report.next_release,
    };
    if let Ok(bytes) = postcard::to_allocvec(&seal) {
        let _ = state::write_atomically(&path, &bytes);
    }
}
