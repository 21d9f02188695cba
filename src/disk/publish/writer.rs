//! Makes outputs and writes them, in parallel.

use super::Leak;
use super::sound::Sound;
use super::stream::{Ledger, Stage};
use crate::build::Planned;
use crate::diagnostic::Diagnostic;
use crate::disk::Progress;
use crate::disk::texts::DiskTexts;
use crate::library::Edition;
use crate::plan::diff::{Compared, Group, Published};
use crate::plan::look::{LastLook, look_inside};
use crate::plan::{Output, Take, What};
use crate::render::html::NotMade;
use crate::render::outline::{Keys, outline};
use crate::render::{Bodies, Look, feed, html, search, sitemap};
use anyhow::Result;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Writes outputs in parallel.
pub(super) struct Writer<'w> {
    pub root: &'w Path,
    /// Where files are written before they are renamed; none in a staging folder.
    pub temp: Option<&'w PathBuf>,
    pub planned: &'w Planned,
    pub look: &'w Look<'w>,
    pub texts: &'w DiskTexts<'w>,
    pub bodies: Bodies<'w>,
    pub sound: &'w Sound<'w>,
    /// The folders in which something was changed, and whether it was known before what is in them.
    pub folders: Mutex<BTreeMap<String, bool>>,
    /// The folders that are there for certain.
    pub made: Mutex<HashSet<String>>,
    pub found: Mutex<Vec<Diagnostic>>,
    pub written: AtomicUsize,
    pub next_temp: AtomicUsize,
    pub stopped: AtomicBool,
    pub progress: Option<&'w Progress>,
}

impl Writer<'_> {
    /// Hands the edition's plan to `take`.
    pub fn plan(&self, take: &mut dyn Take) {
        self.planned.plan(self.look.settings, self.look.theme, take);
    }

    /// Returns what looks at outputs of the public edition before they are made.
    pub fn last_look(&self) -> Option<LastLook<'_>> {
        let public = self.planned.edition == Edition::Public;
        public.then(|| LastLook::new(self.look.settings, &self.planned.private))
    }

    /// Makes and writes what is due of some segments, in one stage or at once, and notes what
    /// has become of it.
    pub fn groups(
        &self,
        groups: &[Group],
        stage: Option<Stage>,
        ledger: &mut Ledger,
    ) -> Result<()> {
        let is_now = |one: &&Compared| stage.is_none_or(|stage| stage.holds(one));
        if let Some(progress) = self.progress {
            let due = groups.iter().flat_map(|group| group.outputs.iter().filter(is_now));
            progress.expect(due.filter(|one| one.reason.is_some()).count());
        }
        self.make_smaller(groups.iter().flat_map(|group| {
            let due = group.outputs.iter().filter(|one| one.reason.is_some());
            due.filter(is_now).map(|one| &one.output)
        }));
        let group = |group: &Group| {
            let now = group.outputs.iter().filter(is_now);
            now.map(|one| self.compared(one)).collect::<Result<Vec<_>>>()
        };
        let done: Vec<Vec<Option<Published>>> =
            groups.par_iter().map(group).collect::<Result<_>>()?;
        for (group, done) in groups.iter().zip(done) {
            let paths = group.outputs.iter().filter(is_now).map(|one| one.output.path.clone());
            ledger.note(group, paths.zip(done));
        }
        Ok(())
    }

    /// Makes and writes an output where that is due.
    fn compared(&self, one: &Compared) -> Result<Option<Published>> {
        if one.reason.is_none() {
            return Ok(one.before);
        }
        if self.stopped.load(Ordering::Relaxed) {
            return Ok(None);
        }
        match self.one(&one.output, one.ours) {
            Ok(published) => {
                self.progress.inspect(|progress| progress.step());
                // What could not be made leaves there what was there: it stays ours.
                let stays = || one.before.map(|known| Published { fingerprint: None, ..known });
                Ok(published.or_else(stays))
            }
            Err(error) => {
                self.stopped.store(true, Ordering::Relaxed);
                Err(error)
            }
        }
    }

    /// Makes and writes one output. A page that panics costs one page.
    fn one(&self, output: &Output, ours: bool) -> Result<Option<Published>> {
        match &output.what {
            What::Copy { file, stripped } => return Ok(self.copy(output, file, *stripped, ours)?),
            What::Smaller { .. } => return Ok(self.smaller(output, ours)?),
            _ => {}
        }
        let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.bytes(output)));
        let Ok(bytes) = made else {
            let text = format!("`{}` could not be made: the program failed", output.path);
            self.report(
                Diagnostic::error("", "panic", text).hint("please report it with the message"),
            );
            return Ok(None);
        };
        let Some((mut bytes, settled)) = bytes else { return Ok(None) };
        if crate::keys::holds_writing_key(&bytes)
            && let Ok(text) = std::str::from_utf8(&bytes)
            && let std::borrow::Cow::Owned(clean) = crate::keys::redact(text).0
        {
            // Put together only when it was read, by escapes or from pieces.
            let text =
                format!("`{}` would have held a key that lets its holder write", output.path);
            self.report(
                Diagnostic::error("", "writing-key", text)
                    .hint("look for it in what the page shows"),
            );
            bytes = clean.into_bytes();
        }
        if self.planned.edition == Edition::Public && !matches!(output.what, What::Asset(_)) {
            let base = self.look.settings.base_url.as_ref().map(|base| base.as_str());
            look_inside(output, &bytes, base, &self.planned.private).map_err(Leak)?;
        }
        let published = self.write(output, &bytes, ours)?;
        Ok(published
            .map(|known| Published { fingerprint: known.fingerprint.filter(|_| settled), ..known }))
    }

    /// Makes the bytes of an output, and says whether it is done with. A page for which the default
    /// template had to stand in is not: the next build makes it again, so that the report of the
    /// broken template is not seen once and never again.
    fn bytes(&self, output: &Output) -> Option<(Vec<u8>, bool)> {
        match &output.what {
            What::Asset(bytes) => Some((bytes.to_vec(), true)),
            What::Crawlers(what) => Some((sitemap::crawlers(what, self.look).into_bytes(), true)),
            What::Outline(lines) => {
                Some((outline(lines, self.look, Keys::Without).into_bytes(), true))
            }
            What::Feed(feed, format) => {
                let (bytes, whole) = feed::feed(feed, *format, self.look, &self.bodies);
                if !whole {
                    self.changed(output);
                }
                whole.then_some((bytes, true))
            }
            What::Shard(shard) => match search::shard(shard, self.look, &self.bodies) {
                Some(script) => Some((script.into_bytes(), true)),
                None => {
                    self.changed(output);
                    None
                }
            },
            What::Page(page) => match html::page(&output.path, page, self.look, &self.bodies) {
                Ok(made) => {
                    let settled = made.fallback.is_none();
                    made.fallback.into_iter().for_each(|report| self.report(report));
                    Some((made.bytes, settled))
                }
                Err(NotMade::Gone) => {
                    self.changed(output);
                    None
                }
                Err(NotMade::Failed(report)) => {
                    self.report(*report);
                    None
                }
            },
            What::Copy { .. } | What::Smaller { .. } => None,
        }
    }

    /// Reports that a file changed under the build: the next one sees to it.
    pub fn changed(&self, output: &Output) {
        let text = format!("`{}` waits: a file it shows changed during the build", output.path);
        self.report(Diagnostic::note("", "changed", text).hint("build again"));
    }

    pub fn report(&self, report: Diagnostic) {
        let mut found = lock(&self.found);
        if !found.contains(&report) {
            found.push(report);
        }
    }
}

/// Returns what a mutex guards, whatever became of those who had it.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
