//! What `watch` and `serve` share: they build, and build again whenever something changes.

use super::bell::Bell;
use super::{Common, Format, print, progress};
use crate::app::{self, Built, Event, News, Work};
use crate::diagnostic::Diagnostic;
use crate::disk::hook::{self, Job, Outcome};
use crate::disk::{BuildOptions, Places, Progress};
use crate::listing::errand::Scope;
use crate::transport::engine::state::State as EngineState;
use crate::watch::How;
use anyhow::Result;
use clap::Args;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

#[derive(Debug, Args)]
pub(super) struct Live {
    #[command(flatten)]
    pub common: Common,
    /// Look every MS milliseconds instead of waiting for the system to tell of changes: for network
    /// drives
    #[arg(long, value_name = "MS", num_args = 0..=1, require_equals = true, default_missing_value = "2000")]
    #[arg(value_parser = clap::value_parser!(u64).range(100..=3_600_000))]
    poll: Option<u64>,
    /// Do not carry boxes: reach nobody, and be reached by nobody
    #[cfg(feature = "engine")]
    #[arg(long)]
    offline: bool,
}

impl Live {
    fn engine(&self, places: &Places, hear: impl Fn(&EngineState) + Send + 'static) -> Carrying {
        #[cfg(feature = "engine")]
        let carrying = match self.offline {
            true => Carrying { engine: None },
            false => Carrying::start(places, self.common.quiet, hear),
        };
        #[cfg(not(feature = "engine"))]
        let carrying = {
            let _ = (places, hear);
            Carrying {}
        };
        carrying
    }
}

/// The engine inside Handbill, where it runs.
struct Carrying {
    #[cfg(feature = "engine")]
    engine: Option<crate::transport::engine::Engine>,
}

impl Carrying {
    #[cfg(feature = "engine")]
    fn start(
        places: &Places,
        quiet: bool,
        hear: impl Fn(&EngineState) + Send + 'static,
    ) -> Carrying {
        use crate::transport::engine::{Engine, Setup};
        let settings = crate::disk::settings(places).sync;
        let setup = Setup { base: places.base.clone(), state: places.state.clone(), settings };
        let said = std::sync::Mutex::new(None::<String>);
        let tell = move |state: &EngineState| {
            let mut said = said.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if let (Some(why), false) = (&state.stopped, quiet || state.stopped == *said) {
                print::talk(&format!("warning: Handbill carries no boxes: {why}"));
            }
            said.clone_from(&state.stopped);
            hear(state);
        };
        let engine = Engine::start(setup, tell);
        if let Err(error) = &engine {
            print::error(&format!("Handbill carries no boxes: {error:#}"));
        }
        Carrying { engine: engine.ok() }
    }

    /// Has the outboxes looked at that have changed.
    fn ring(&self, scope: &Scope) {
        let Scope::Contacts(names) = scope else { return };
        #[cfg(feature = "engine")]
        if let Some(engine) = &self.engine {
            names.keys().for_each(|name| engine.ring(name));
        }
        #[cfg(not(feature = "engine"))]
        let _ = names;
    }
}

static PROGRESS: Progress = Progress::new();

/// Runs until the program is told to stop. `options` is changed before each build by `with`, and
/// `hear` hears how things stand with what the engine carries, and `listen` all news before they are
/// printed.
pub(super) fn run(
    live: &Live,
    places: &Places,
    (events, sender): (Receiver<Event>, Sender<Event>),
    with: &dyn Fn(&mut BuildOptions),
    hear: impl Fn(&EngineState) + Send + 'static,
    listen: &mut dyn FnMut(&News<'_>),
) -> Result<ExitCode> {
    let stop = sender.clone();
    app::on_signal(move || {
        // The loop has ended already.
        let _ = stop.send(Event::Stop);
    })?;
    let options = || {
        let mut options = live.common.options()?;
        options.publish.progress = Some(&PROGRESS);
        with(&mut options);
        Ok(options)
    };
    let how = live.poll.map_or(How::Native, |every| How::Poll(Duration::from_millis(every)));
    let first = |build: &mut dyn FnMut()| progress::shown(&PROGRESS, live.common.quiet, build);
    let work = Work { places: places.clone(), options: &options, how, first: &first };
    let mut teller = Teller { common: &live.common, known: Vec::new(), refused: None };
    let hooks = Hooks::start(places.clone());
    let mut bell = Bell::start(places.clone(), live.common.verbose);
    let carrying = live.engine(places, hear);
    let result = app::run(&work, &events, &sender, &mut |news| {
        listen(&news);
        match &news {
            News::Begun(scope) => {
                carrying.ring(scope);
                bell.begun(scope);
            }
            News::Built(built) => {
                bell.built(built);
                hooks.after(built);
            }
            _ => {}
        }
        teller.tell(&news);
    });
    hooks.end();
    result.map(|()| ExitCode::SUCCESS)
}

/// Says what happens: a line for each build that did something.
struct Teller<'t> {
    common: &'t Common,
    /// What has been told already.
    known: Vec<Diagnostic>,
    /// The same of an edition that was left as it was.
    refused: Option<String>,
}

impl Teller<'_> {
    fn tell(&mut self, news: &News<'_>) {
        if self.common.format == Format::Json {
            if let Some(value) = json(news) {
                print::line(&value.to_string());
            }
            return;
        }
        match news {
            News::Begun(_) => {}
            News::Built(built) => self.built(built),
            News::Failed(error) => print::failure(error),
            News::Lost => print::error("the base folder is gone; waiting for it"),
            News::Back => print::talk("the base folder is there again"),
            News::Polling(why) => print::talk(&format!("{why}. Looking every two seconds instead")),
        }
    }

    fn built(&mut self, built: &Built<'_>) {
        let verbosity = print::Verbosity::of(self.common);
        let found = &built.report.found;
        // Both are sorted.
        let is_new = |one: &&Diagnostic| self.known.binary_search(one).is_err();
        let new: Vec<_> = found.iter().filter(is_new).cloned().collect();
        print::diagnostics(&new, verbosity);
        self.known.clone_from(found);
        let refused = &built.report.refused;
        if let (Some(why), true) = (refused, self.refused != *refused) {
            print::error(why);
        }
        self.refused.clone_from(refused);
        if let (false, Some(remark)) = (self.common.quiet, &built.report.remark) {
            print::talk(remark);
        }
        if let (false, Some(line)) = (self.common.quiet, line(built)) {
            print::talk(&line);
            if self.common.verbose {
                print::stages(&built.report.stages);
            }
        }
    }
}

/// Returns what a build did, in a line; none where it did nothing.
fn line(built: &Built<'_>) -> Option<String> {
    let report = built.report;
    let sum = |part: fn(&crate::disk::EditionReport) -> usize| -> usize {
        report.editions.iter().map(part).sum()
    };
    let (written, removed) = (sum(|edition| edition.written), sum(|edition| edition.removed));
    let took = format!("{} ms", built.took.as_millis());
    let Some(scope) = built.scope else {
        let messages = print::count(report.messages, "message");
        let contacts = print::count(report.contacts, "contact");
        let files = print::count(written, "file");
        return Some(format!("{messages} in {contacts}, {files} written, {took}"));
    };
    if written + removed == 0 {
        return None;
    }
    let place = match scope {
        Scope::Whole => "a look at everything".to_owned(),
        Scope::Contacts(names) if names.is_empty() => "settings, theme or time".to_owned(),
        Scope::Contacts(names) => {
            let names: Vec<_> = names.keys().map(|name| crate::diagnostic::shown(name)).collect();
            names.join(", ")
        }
    };
    let gone = if removed > 0 { format!(", {removed} removed") } else { String::new() };
    Some(format!("{place}: {} written{gone}, {took}", print::count(written, "file")))
}

/// Returns news for programs: one object a line.
fn json(news: &News<'_>) -> Option<serde_json::Value> {
    let text = |what: &str, text: &str| Some(serde_json::json!({ "news": what, "text": text }));
    match news {
        News::Built(built) => {
            let idle = built.report.editions.iter().all(|e| e.written + e.removed == 0);
            if idle && built.scope.is_some() && built.report.refused.is_none() {
                return None;
            }
            let mut value = super::build::report_json(built.report, None);
            value["news"] = "built".into();
            value["contacts_looked_at"] = match built.scope {
                Some(Scope::Contacts(names)) => names.keys().cloned().collect(),
                Some(Scope::Whole) | None => serde_json::Value::Null,
            };
            Some(value)
        }
        News::Begun(_) => None,
        News::Failed(error) => text("failed", &error.to_string()),
        News::Lost => text("lost", "the base folder is gone"),
        News::Back => text("back", "the base folder is there again"),
        News::Polling(why) => text("polling", why),
    }
}

/// Runs the command of `[hooks] after_public` on a thread of its own: it may take long, and what it
/// was begun for is done again when more has changed meanwhile.
struct Hooks {
    jobs: Sender<Job>,
    /// Whether the last command failed.
    failed: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Hooks {
    fn start(places: Places) -> Hooks {
        let (jobs, waiting) = mpsc::channel::<Job>();
        let failed = Arc::new(AtomicBool::new(false));
        let (flag, mut said) = (Arc::clone(&failed), None::<String>);
        let work = move || {
            while let Ok(first) = waiting.recv() {
                let job = waiting.try_iter().last().unwrap_or(first);
                let failure = match hook::run(&places, &job) {
                    Some(Outcome::Refused(why) | Outcome::Failed(why)) => Some(why),
                    Some(Outcome::Done) | None => None,
                };
                flag.store(failure.is_some(), Ordering::Relaxed);
                // Said once, however often it is tried.
                if let Some(why) = failure.as_ref().filter(|why| said.as_ref() != Some(*why)) {
                    print::error(why);
                }
                said = failure;
            }
        };
        Hooks { jobs, failed, thread: std::thread::spawn(work) }
    }

    fn after(&self, built: &Built<'_>) {
        let public = built.report.editions.iter().find(|edition| edition.edition == "public");
        let changed = public.is_some_and(|edition| edition.written + edition.removed > 0);
        // A look at everything is made now and then: then what failed is tried again.
        let whole = matches!(built.scope, None | Some(Scope::Whole));
        let again = whole && self.failed.load(Ordering::Relaxed);
        if let Some(job) =
            Job::of(built.report).filter(|_| changed || built.scope.is_none() || again)
        {
            // The thread lives until this end is dropped.
            let _ = self.jobs.send(job);
        }
    }

    /// Waits for what is still running.
    fn end(self) {
        drop(self.jobs);
        // If it panicked, it has said so.
        let _ = self.thread.join();
    }
}
