//! What is served now: replaced as a whole after each build.

use super::hosts::Hosts;
use super::password::Password;
use super::sync::Sync;
use super::write::{Desk, Writing};
use crate::diagnostic::{Diagnostic, Severity, shown};
use crate::hash::{Hash, Inputs};
use crate::path::OutPath;
pub use crate::plan::diff::Files;
use serde::Serialize;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::{Semaphore, watch};

/// What a build hands over.
#[derive(Debug, Clone)]
pub struct Update {
    /// The reader edition on disk.
    pub folder: PathBuf,
    /// Its files. Nothing else is served.
    pub files: Arc<Files>,
    /// What is not shown as it should be.
    pub problems: Vec<Problem>,
}

/// A finding as the panel of a page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// The file, with the line where there is one; safe to show.
    pub file: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl From<&Diagnostic> for Problem {
    fn from(found: &Diagnostic) -> Problem {
        let file = shown(&found.path);
        Problem {
            severity: found.severity,
            file: match &found.place {
                Some(place) => format!("{file}:{}", place.line),
                None => file,
            },
            message: shown(&found.message),
            hint: found.hint.as_deref().map(shown),
        }
    }
}

/// The site of a running server. Shared by the loop that builds and the tasks that answer.
#[derive(Debug)]
pub struct Site {
    hosts: Hosts,
    /// Tells the runs of the program apart in the ids of events.
    run: String,
    state: watch::Sender<State>,
    /// Set once, where one can write.
    writing: OnceLock<Arc<Writing>>,
    /// Set once, where others than this machine are answered.
    password: OnceLock<Password>,
    listeners: Arc<Semaphore>,
}

/// How many pages can listen for events at once.
const LISTENERS: usize = 64;

impl Site {
    /// Returns a site with nothing in it yet, that answers to `hosts`.
    pub fn new(hosts: Hosts) -> Arc<Site> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let run = Hash::of(&now.as_nanos().to_le_bytes()).hex(8);
        let state = watch::Sender::new(State::default());
        let listeners = Arc::new(Semaphore::new(LISTENERS));
        let (writing, password) = (OnceLock::new(), OnceLock::new());
        Arc::new(Site { hosts, run, state, writing, password, listeners })
    }

    /// Replaces what is served and tells the open pages. From any thread, and at once.
    pub fn update(&self, update: Update) {
        let edition = Arc::new(Shown::new(update));
        self.state.send_modify(|state| {
            state.generation += 1;
            state.shown = Some(edition);
            state.stale = None;
        });
    }

    /// Tells the open pages that what they show is not current, and why in a short sentence: the
    /// base folder is gone, or a build failed. The next [`Site::update`] takes it back.
    pub fn not_current(&self, why: &str) {
        self.state.send_modify(|state| {
            state.generation += 1;
            state.stale = Some(shown(why).into());
        });
    }

    /// Replaces what the sync tools say, and tells the open pages. Nothing happens where they say
    /// the same as before.
    pub fn carried(&self, sync: Sync) {
        self.state.send_if_modified(|state| {
            if *state.sync == sync {
                return false;
            }
            state.sync = Arc::new(sync);
            state.said += 1;
            state.generation += 1;
            true
        });
    }

    /// Lets people write by this server. Only the first desk counts.
    pub fn open_desk(&self, desk: Arc<dyn Desk>) {
        self.writing.get_or_init(|| Arc::new(Writing::new(desk)));
    }

    /// Asks whoever is not at this machine for a password. Only the first one counts.
    pub fn require(&self, password: Password) -> &Password {
        self.password.get_or_init(|| password)
    }

    pub(super) fn password(&self) -> Option<&Password> {
        self.password.get()
    }

    pub(super) fn writing(&self) -> Option<Arc<Writing>> {
        self.writing.get().cloned()
    }

    /// Lets pages listen for events; a server that starts.
    pub(super) fn open(&self) {
        self.state.send_modify(|state| state.closing = false);
    }

    /// Ends all streams of events; a server that stops.
    pub(super) fn close(&self) {
        self.state.send_modify(|state| state.closing = true);
    }

    pub(super) fn hosts(&self) -> &Hosts {
        &self.hosts
    }

    pub(super) fn run(&self) -> &str {
        &self.run
    }

    /// Returns what is served now, or nothing before the first build.
    pub(super) fn shown(&self) -> Option<Arc<Shown>> {
        self.state.borrow().shown.clone()
    }

    /// Returns what the sync tools say now.
    pub(super) fn sync(&self) -> Arc<Sync> {
        self.state.borrow().sync.clone()
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    pub(super) fn listeners(&self) -> Arc<Semaphore> {
        self.listeners.clone()
    }
}

/// What can be told about a site at an instant.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    /// Counts what was told.
    pub generation: u64,
    /// What is served; nothing before the first build.
    pub shown: Option<Arc<Shown>>,
    /// Why that is not current.
    pub stale: Option<Arc<str>>,
    /// What the sync tools say.
    pub sync: Arc<Sync>,
    /// Counts how often they said something else.
    pub said: u64,
    /// Whether the server stops.
    pub closing: bool,
}

/// What is served.
#[derive(Debug)]
pub(super) struct Shown {
    pub folder: PathBuf,
    pub files: Arc<Files>,
    /// Stands for the style sheets of the theme and all they load.
    pub looks: String,
    /// Stands for the scripts of the theme.
    pub scripts: String,
    /// Errors and warnings.
    pub problems: Vec<Problem>,
}

impl Shown {
    fn new(update: Update) -> Shown {
        let Update { folder, files, mut problems } = update;
        problems.retain(|problem| problem.severity != Severity::Note);
        let is_script = |path: &OutPath| path.as_str().ends_with(".js");
        Shown {
            looks: print(&files, |path| !is_script(path)),
            scripts: print(&files, is_script),
            folder,
            files,
            problems,
        }
    }
}

/// Returns a print of those files of `assets/` that `of` chooses. What is searched changes with every
/// message, and no page has to be loaded again for it.
fn print(files: &Files, of: impl Fn(&OutPath) -> bool) -> String {
    let is_theme = |path: &OutPath| !path.as_str().starts_with("assets/search/");
    let below = files.below("assets").into_iter();
    let chosen = below.filter(|(path, _)| is_theme(path) && of(path));
    let inputs = chosen.fold(Inputs::new("assets"), |inputs, (path, published)| {
        inputs.text(path.as_str()).value(&published.content)
    });
    inputs.finish().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::diff::Published;

    fn prints(files: &[(&str, &str)]) -> (String, String) {
        let files = files.iter().map(|(path, text)| {
            let (fingerprint, content) = (None, Hash::of(text.as_bytes()));
            (OutPath::fixed(path), Published { fingerprint, content, size: 0, mtime: 0 })
        });
        let files = Arc::new(files.collect());
        let shown = Shown::new(Update { folder: PathBuf::new(), files, problems: Vec::new() });
        (shown.looks, shown.scripts)
    }

    #[test]
    fn looks_and_scripts_are_those_of_the_theme() {
        let (looks, scripts) = prints(&[("assets/a.css", "a"), ("assets/b.js", "b")]);
        let page = [("assets/a.css", "a"), ("assets/b.js", "b"), ("assets0", "c"), ("a.css", "d")];
        assert_eq!(prints(&page), (looks.clone(), scripts.clone()));
        let searched = [&page[..], &[("assets/search/2026-11.js", "e")]].concat();
        assert_eq!(prints(&searched), (looks.clone(), scripts.clone()));
        let (other, same) = prints(&[("assets/a.css", "x"), ("assets/b.js", "b")]);
        assert!(other != looks && same == scripts);
        let (same, other) = prints(&[("assets/a.css", "a"), ("assets/b.js", "x")]);
        assert!(same == looks && other != scripts);
    }
}
