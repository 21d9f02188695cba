//! Writes an edition: only what differs, each file whole or not at all.
//!
//! 1. An edition whose folder is absent or empty is written into a staging folder, which is
//!    renamed in whole. Its plan goes by as a stream: no more of it is held than is just written.
//! 2. In every other case files are written one by one, each to a temporary file that is renamed:
//!    what is new first, and of each what is pointed to before what points to it; deletions last.
//!    A plan of which more has to be written than is good to hold is gone through once for each of
//!    these stages.
//! 3. What the manifest does not name is somebody else's: it is neither overwritten nor deleted.
//!
//! Output is not synced to the disk: it can be built again.

mod files;
mod folders;
mod remove;
mod renew;
mod smaller;
mod sound;
mod stream;
mod writer;

pub(super) use sound::{Doubtful, doubtful, time_of};

use super::manifest::{self, Growing, Outline, Update};
use super::texts::DiskTexts;
use super::{AtPath, Progress};
use crate::build::{Next, Planned};
use crate::diagnostic::Diagnostic;
use crate::library::Edition;
use crate::plan::Diff;
use crate::plan::diff::Manifest;
use crate::render::{Bodies, Look};
use anyhow::Result;
use remove::{is_absent_or_empty, remove_folder};
use renew::Removed;
use serde::Serialize;
use sound::Sound;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use stream::{Ledger, Noted};
use writer::{Writer, lock};

/// How to publish.
#[derive(Debug, Clone, Copy, Default)]
pub struct PublishOptions {
    /// How far what is on the disk is trusted to be what was published.
    pub check: Check,
    /// Where the files are counted, if somebody waits for them.
    pub progress: Option<&'static Progress>,
}

/// How far what is on the disk is trusted to be what was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Check {
    /// It is: this process has looked a moment ago.
    Trust,
    /// Where the times of the folders are as they were, or size and time of the file.
    #[default]
    Times,
    /// Where its bytes are.
    Bytes,
}

/// What was done to an edition.
#[derive(Debug, Serialize)]
pub struct EditionReport {
    /// `public` or `reader`.
    pub edition: &'static str,
    /// Its folder.
    pub path: PathBuf,
    /// Files written.
    pub written: usize,
    /// Files that were right already.
    pub kept: usize,
    /// Files removed.
    pub removed: usize,
    /// How many segments of the plan were made.
    pub segments_made: usize,
}

/// What is kept of the manifest of an edition that was published.
pub enum After {
    /// All, for the next build.
    Manifest(Manifest),
    /// What tells that it is as it was.
    Outline(Outline),
}

impl After {
    fn of(manifest: Manifest, next: Next) -> After {
        match next {
            Next::Some => After::Manifest(manifest),
            Next::None => After::Outline(manifest.into()),
        }
    }
}

/// Returns the folders beside an edition that are there only while it is written: the one in which it is
/// made anew, and that of single files.
pub fn passing(output: &Path, edition: Edition) -> [PathBuf; 2] {
    ["new", "tmp"].map(|kind| output.join(format!(".{}.{kind}", edition.name())))
}

/// Publishes a plan, with copies of files and the texts of messages from these; `looked` is what was
/// found of the edition's folders, where they were looked at a moment ago. Returns what was done and
/// what is kept of the manifest.
///
/// # Errors
/// When the output cannot be written, or when the last look finds what must not be public.
pub fn publish(
    output: &Path,
    planned: &Planned,
    (manifest, looked): (Manifest, Option<Doubtful>),
    look: &Look<'_>,
    (texts, bodies): (&DiskTexts<'_>, Bodies<'_>),
    (options, next): (PublishOptions, Next),
    found: &mut Vec<Diagnostic>,
) -> Result<(EditionReport, After)> {
    let edition = planned.edition;
    let folder = output.join(edition.name());
    let [staging, temp] = passing(output, edition);
    for leftover in [&staging, &temp] {
        remove_folder(leftover)?;
    }
    // A link or a mount point that is empty cannot be renamed over: it is filled file by file.
    let fresh = is_absent_or_empty(&folder)?
        && match std::fs::remove_dir(&folder) {
            Ok(()) => true,
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
    let manifest = if fresh { Manifest::default() } else { manifest };
    let root = if fresh { &staging } else { &folder };
    let sound = Sound::look(root, &manifest, options.check, looked.filter(|_| !fresh));
    let writer = Writer {
        root,
        temp: (!fresh).then_some(&temp),
        planned,
        look,
        texts,
        bodies,
        sound: &sound,
        folders: Mutex::default(),
        made: Mutex::default(),
        found: Mutex::default(),
        written: AtomicUsize::new(0),
        next_temp: AtomicUsize::new(0),
        stopped: AtomicBool::new(false),
        progress: options.progress,
    };
    if fresh {
        std::fs::create_dir_all(root).at("make", root)?;
    }
    let mut ledger = match (fresh, next) {
        (true, Next::None) => Ledger::growing(Growing::begin(output)?),
        _ => Ledger::default(),
    };
    let removed = if fresh {
        stream::write(&writer, Diff::new(&manifest, &sound), None, &mut ledger)?;
        Removed::default()
    } else {
        let removed = writer.renew(output, &manifest, &mut ledger)?;
        writer.forget_pictures(&manifest, &removed.gone.files);
        removed
    };
    let written = writer.written.load(Ordering::Relaxed);
    let report = EditionReport {
        edition: edition.name(),
        path: folder.clone(),
        written,
        kept: removed.kept + ledger.outputs().saturating_sub(written),
        removed: removed.gone.files.len(),
        segments_made: ledger.segments(),
    };
    found.append(&mut lock(&writer.found));
    let folders = writer.times();
    drop(writer);
    drop(sound);
    remove_folder(&temp)?;
    let forget = !removed.gone.files.is_empty();
    let after = match ledger.end(removed.gone)? {
        Noted::Written(growing) => After::Outline(growing.save(edition, folders)?),
        Noted::Changes(parts) => {
            let update = Update { parts, folders, forget };
            if update.is_empty() && manifest.strays.is_empty() && !fresh {
                return Ok((report, After::of(manifest, next)));
            }
            After::of(manifest::save(output, edition, manifest, &update)?, next)
        }
    };
    // The manifest comes before the folder: a manifest of what is not there yet does no harm, a
    // folder without its manifest would be somebody else's.
    if fresh {
        std::fs::rename(&staging, &folder).at("rename into place", &folder)?;
    }
    Ok((report, after))
}

/// The last look found something that must not be public.
#[derive(Debug)]
pub struct Leak(pub Box<Diagnostic>);

impl std::fmt::Display for Leak {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Leak {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::{self, Places};
    use crate::library::Message;
    use crate::plan::diff::{Part, Record};
    use crate::render::Texts;
    use crate::time::Now;

    /// Fails as a fault of the program would where a text is wanted that is called broken.
    struct Faulty<'t>(&'t DiskTexts<'t>);

    impl Texts for Faulty<'_> {
        fn text(&self, message: &Message) -> Option<String> {
            assert!(!message.path().contains("broken"), "as if the program failed");
            self.0.text(message)
        }
    }

    #[test]
    fn a_page_that_makes_the_program_fail_costs_one_page() {
        let base = tempfile::TempDir::new().unwrap();
        let outbox = base.path().join("notes/outbox");
        std::fs::create_dir_all(&outbox).unwrap();
        // So far apart that no list shows both in full.
        std::fs::write(outbox.join("2020-01-01-broken.md"), "Broken.").unwrap();
        for day in 1..=60 {
            let name = format!("2026-{:02}-{:02}.md", 9 + day / 31, 1 + day % 30);
            std::fs::write(outbox.join(name), "Whole.").unwrap();
        }
        let places = Places::of(base.path(), None, None).unwrap();
        let options = disk::BuildOptions {
            editions: vec![Edition::Reader],
            base_url: None,
            port: None,
            now: Now(1_796_000_000),
            publish: PublishOptions::default(),
            allow_empty: false,
        };
        let opened = disk::open(&places, &options).unwrap();
        let loaded = &opened.loaded;
        let planned = opened.planned(Edition::Reader);
        let look = Look::new(planned.edition, &loaded.settings, &loaded.theme, &planned.heads);
        let texts = DiskTexts::new(&loaded.read, &loaded.settings, &places.state);
        let faulty = Faulty(&texts);
        let mut found = Vec::new();
        let mut made = |next| {
            remove_folder(&places.output.join("reader")).unwrap();
            let sources = (&texts, Bodies::new(&faulty, &look));
            let (manifest, how) = ((Manifest::default(), None), (options.publish, next));
            publish(&places.output, planned, manifest, &look, sources, how, &mut found).unwrap()
        };
        let segments = |manifest: &Manifest| {
            let record = |record: &Record| (record.from, record.files.len());
            let of =
                |part: &Part| part.segments().values().map(|one| record(one)).collect::<Vec<_>>();
            manifest.parts.values().map(|part| (part.from, of(part))).collect::<Vec<_>>()
        };
        // Whether or not another build goes on from this one, it says of what it was made.
        let (last, After::Outline(outline)) = made(Next::None) else { panic!("it is not kept") };
        let grown = manifest::load(&places.output, Edition::Reader).unwrap();
        let (one, After::Manifest(manifest)) = made(Next::Some) else { panic!("it is kept") };
        assert_eq!(segments(&grown), segments(&manifest));
        assert!(segments(&grown).iter().any(|(from, _)| from.is_none()) && !outline.is_whole);
        assert_eq!((outline.files, last.written), (grown.files().count(), one.written));
        assert_eq!(last.segments_made, one.segments_made);
        let at = |path: &str| places.output.join("reader").join(path).exists();
        assert!(at("notes/2026-09-02.html") && at("feed.xml") && at("notes/index.html"));
        assert!(!at("notes/2020-01-01-broken.html"));
        assert!(found.iter().any(|report| report.code == "panic"), "{found:?}");
    }
}
