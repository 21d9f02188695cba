//! The loop of a running process: what happens comes in as an [`Event`], builds go out as [`News`].
//!
//! One thread builds and decides; events of the file system, requests of the server and the end of
//! the program reach it by one channel. `Wakes` says when it has to wake without an event.
#![allow(clippy::disallowed_methods, reason = "this is where the clock of a running process is")]

pub mod carriage;
pub mod desk;
pub mod engine_said;
mod stop;
mod wakes;

pub use stop::on_signal;

use crate::disk::{BuildOptions, BuildReport, Busy, Keeper, Places, SCAN};
use crate::listing::errand::{Errand, Scope};
use crate::listing::patience::ABSENT;
use crate::watch::settle::Settle;
use crate::watch::sign::{Sign, signs};
use crate::watch::{Ground, How, Source, look};
use anyhow::{Context, Result};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};
use wakes::Wakes;

/// What reaches the loop.
#[derive(Debug)]
pub enum Event {
    /// Something about a file.
    File(notify::Result<notify::Event>),
    /// This program has changed these contacts: they are built at once, as they are.
    Written(Vec<String>),
    /// The program is to end.
    Stop,
}

/// What the loop tells.
pub enum News<'n> {
    /// Something has changed here and is still now: a build begins.
    Begun(&'n Scope),
    /// A build was made.
    Built(Built<'n>),
    /// A build failed; it is tried again.
    Failed(&'n anyhow::Error),
    /// The base folder is gone. It is waited for.
    Lost,
    /// The base folder is there again.
    Back,
    /// The system's events cannot be used, for this reason; the folders are polled instead.
    Polling(&'n str),
}

/// A build of a running process.
pub struct Built<'n> {
    /// What it did.
    pub report: &'n BuildReport,
    /// Who made it.
    pub keeper: &'n Keeper,
    /// Where it looked; none for the first.
    pub scope: Option<&'n Scope>,
    /// How long it took.
    pub took: Duration,
}

/// What a loop works on.
pub struct Work<'w> {
    /// Where things lie.
    pub places: Places,
    /// How to build now: with the instant that decides what is held.
    pub options: &'w dyn Fn() -> Result<BuildOptions>,
    /// How changes are learned of.
    pub how: How,
    /// Does the first build, which may take long: as to show how far it is.
    pub first: &'w dyn Fn(&mut dyn FnMut()),
}

/// How often is looked whether the base folder is still the same.
const TICK: Duration = Duration::from_secs(2);
/// How long after a failed build it is tried again.
const AGAIN: Duration = Duration::from_secs(2);
/// How long nothing must have happened before the cache is saved.
const IDLE: Duration = Duration::from_secs(2);
/// How soon after the last time what is watched is watched anew.
const REOPEN: Duration = Duration::from_millis(100);
/// How often a poll looks where the system's events cannot be used.
const FALLBACK: Duration = Duration::from_secs(2);

/// Builds, and builds again whenever something has changed, until it is told to stop. `sender` is
/// the other end of `events`.
///
/// # Errors
/// When the first build fails, or how to build cannot be told.
pub fn run(
    work: &Work<'_>,
    events: &Receiver<Event>,
    sender: &Sender<Event>,
    tell: &mut dyn FnMut(News<'_>),
) -> Result<()> {
    let begun = Instant::now();
    let mut running = Running {
        work,
        sender,
        keeper: Keeper::new(work.places.clone()),
        settle: Settle::new(work.how.still()),
        how: work.how,
        source: None,
        stale: false,
        opened: Duration::ZERO,
        theme: crate::config::Settings::default().theme,
        wakes: Wakes::new(Duration::ZERO, nanos(), work.how.every()),
        lost: false,
        complaint: None,
        begun,
    };
    running.watch(tell);
    running.first(tell)?;
    loop {
        let now = running.now();
        let wait = match running.lost {
            // Nothing can be done before it is back.
            true => TICK,
            false if running.stale => REOPEN,
            false => running.wakes.next(running.settle.next(now), now, nanos()),
        };
        match events.recv_timeout(wait) {
            Ok(Event::Stop) | Err(RecvTimeoutError::Disconnected) => break,
            Ok(event) => running.take(event),
            Err(RecvTimeoutError::Timeout) => {}
        }
        // A burst is taken in whole before anything is done about it.
        let mut stopped = false;
        while let Ok(event) = events.try_recv() {
            match event {
                Event::Stop => stopped = true,
                event => running.take(event),
            }
        }
        if stopped {
            break;
        }
        running.step(tell)?;
    }
    if !running.lost && work.places.base.is_dir() {
        running.keeper.save_cache();
    }
    Ok(())
}

struct Running<'r, 'w> {
    work: &'r Work<'w>,
    sender: &'r Sender<Event>,
    keeper: Keeper,
    settle: Settle,
    how: How,
    /// None where the folders cannot be watched now.
    source: Option<Source>,
    /// Whether something was told after which what is watched may be another than it seems.
    stale: bool,
    /// When it was watched anew.
    opened: Duration,
    theme: String,
    wakes: Wakes,
    lost: bool,
    /// What was said last about a failure, so that it is not said again and again.
    complaint: Option<String>,
    begun: Instant,
}

impl Running<'_, '_> {
    fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Watches the folders that are there now. What changed before is not known.
    fn watch(&mut self, tell: &mut dyn FnMut(News<'_>)) {
        self.source = None;
        (self.stale, self.opened) = (false, self.now());
        let opened = self.open();
        let opened = match (opened, self.how) {
            (Err(error), How::Native) if self.work.places.base.is_dir() => {
                tell(News::Polling(&why_polling(&error)));
                self.how = How::Poll(FALLBACK);
                self.wakes.poll(FALLBACK);
                self.open()
            }
            (opened, _) => opened,
        };
        self.source = opened.ok();
        self.settle.begin_anew(self.now());
    }

    fn ground(&self) -> Ground<'_> {
        let places = &self.work.places;
        Ground { base: &places.base, theme: &self.theme, ours: [&places.output, &places.state] }
    }

    fn open(&self) -> notify::Result<Source> {
        let sender = self.sender.clone();
        let send = move |event| {
            // The loop has ended: nobody wants to know.
            let _ = sender.send(Event::File(event));
        };
        Source::open(self.ground(), self.how, send)
    }

    fn first(&mut self, tell: &mut dyn FnMut(News<'_>)) -> Result<()> {
        let errand = self.errand();
        let (options, start) = ((self.work.options)()?, Instant::now());
        let mut built = None;
        (self.work.first)(&mut || built = Some(self.keeper.build(&options, &errand)));
        let report = built.context("the first build was not made")??;
        self.built(&report, &errand.scope);
        let (keeper, took) = (&self.keeper, start.elapsed());
        tell(News::Built(Built { report: &report, keeper, scope: None, took }));
        Ok(())
    }

    fn errand(&mut self) -> Errand {
        let still = (self.how != How::Native).then(|| self.how.still());
        Errand { still, ..self.settle.begin(self.now()) }
    }

    /// Takes in what has happened.
    fn take(&mut self, event: Event) {
        let now = self.now();
        match event {
            Event::File(Ok(event)) if event.need_rescan() => self.stale = true,
            Event::File(Ok(event)) => {
                let places = &self.work.places;
                let ours = |path: &PathBuf| {
                    path.starts_with(&places.output) || path.starts_with(&places.state)
                };
                if event.paths.iter().any(ours) {
                    return;
                }
                let base = &places.base;
                for sign in signs(&event, base, &self.theme) {
                    self.stale |= sign == Sign::Contacts;
                    let size = |spot: &_| look(base, spot).map(|(size, _)| size);
                    self.settle.take(sign, now, size);
                }
            }
            // Whatever it was: a new watch, and a look at everything.
            Event::File(Err(_)) => self.stale = true,
            Event::Written(contacts) => self.settle.hurry(contacts, now),
            Event::Stop => {}
        }
    }

    /// Does what is due.
    fn step(&mut self, tell: &mut dyn FnMut(News<'_>)) -> Result<()> {
        let now = self.now();
        if self.wakes.tick(now, nanos()) {
            self.settle.doubt(now);
        }
        for spot in self.settle.due(now) {
            self.settle.looked(&spot, look(&self.work.places.base, &spot), now);
        }
        let due = self.settle.is_due(now);
        if due || self.wakes.looks_at_base(now) || self.stale {
            self.look_at_base(tell);
        }
        if self.lost {
            return Ok(());
        }
        if self.settle.is_due(self.now()) || self.wakes.releases(nanos()) {
            self.build(tell)?;
        } else if self.wakes.is_idle(now) {
            self.keeper.save_cache();
        }
        Ok(())
    }

    /// Watches anew where the base folder or its contacts are not those that are watched.
    fn look_at_base(&mut self, tell: &mut dyn FnMut(News<'_>)) {
        let base = &self.work.places.base;
        if !base.is_dir() {
            self.source = None;
            if !std::mem::replace(&mut self.lost, true) {
                tell(News::Lost);
            }
            return;
        }
        if std::mem::replace(&mut self.lost, false) {
            tell(News::Back);
        }
        let current = |source: &Source| source.is_current(self.ground());
        if !self.stale && self.source.as_ref().is_some_and(current) {
            return;
        }
        // Whoever makes and removes folders all the time is not followed all the time.
        if self.now() >= self.opened + REOPEN || self.opened == Duration::ZERO {
            self.watch(tell);
        }
    }

    fn build(&mut self, tell: &mut dyn FnMut(News<'_>)) -> Result<()> {
        let errand = self.errand();
        tell(News::Begun(&errand.scope));
        let (options, start) = ((self.work.options)()?, Instant::now());
        match self.keeper.build(&options, &errand) {
            Ok(report) => {
                self.complaint = None;
                self.built(&report, &errand.scope);
                let (keeper, took) = (&self.keeper, start.elapsed());
                let scope = Some(&errand.scope);
                tell(News::Built(Built { report: &report, keeper, scope, took }));
            }
            // It is there and cannot be read, or somebody else is building.
            Err(error) => {
                let again = if error.is::<Busy>() { AGAIN / 4 } else { AGAIN };
                self.settle.put_back(errand, self.now(), again);
                let text = error.to_string();
                if self.complaint.as_ref() != Some(&text) {
                    tell(News::Failed(&error));
                    self.complaint = Some(text);
                }
            }
        }
        Ok(())
    }

    fn built(&mut self, report: &BuildReport, scope: &Scope) {
        let now = self.now();
        self.settle.end(now);
        for contact in self.keeper.waiting() {
            self.settle.look_at(contact, now + ABSENT);
        }
        self.wakes.built(now, nanos(), report.next_release);
        let scan = report.stages.iter().find(|stage| stage.name == SCAN);
        if let (Scope::Whole, Some(scan)) = (scope, scan) {
            self.wakes.looked_at_all(scan.took);
        }
        if self.theme != *self.keeper.theme() {
            self.theme = self.keeper.theme().to_owned();
        }
    }
}

/// Returns why folders are polled, and what can be done about it.
fn why_polling(error: &notify::Error) -> String {
    let hint = match &error.kind {
        notify::ErrorKind::MaxFilesWatch => {
            "; to raise the limit: `sysctl fs.inotify.max_user_watches=524288`"
        }
        notify::ErrorKind::Io(_) => {
            "; if too many programs watch: `sysctl fs.inotify.max_user_instances=512`"
        }
        _ => "",
    };
    format!("the system does not tell of changes ({error}){hint}")
}

/// Returns nanoseconds since 1970 by the system's clock.
fn nanos() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}
