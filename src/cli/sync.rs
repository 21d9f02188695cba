//! `handbill sync`: carries the boxes, and does nothing else.

use super::{At, print};
use crate::app;
use crate::app::engine_said::sentences;
use crate::diagnostic::shown;
use crate::disk::{self, Places};
use crate::theme;
use crate::transport::engine::state::State;
use crate::transport::engine::{Engine, Setup};
use crate::watch::{Ground, How, Source};
use crate::words::Words;
use anyhow::Result;
use clap::Args;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How often is looked whether contacts came or went.
const TICK: Duration = Duration::from_secs(2);

/// How often is said how much is still to come.
const EVERY: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    at: At,
    /// Say only what goes wrong
    #[arg(short, long)]
    quiet: bool,
}

enum Event {
    Changed(Vec<String>),
    Said(State),
    Stop,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let places = Places::of(&arguments.at.base()?, None, None)?;
    let settings = disk::settings(&places);
    let (sender, events) = mpsc::channel();
    let stop = sender.clone();
    app::on_signal(move || {
        // The loop has ended already.
        let _ = stop.send(Event::Stop);
    })?;
    let said = sender.clone();
    let setup = Setup {
        base: places.base.clone(),
        state: places.state.clone(),
        settings: settings.sync.clone(),
    };
    let tell = move |state: &State| {
        let _ = said.send(Event::Said(state.clone()));
    };
    let engine = Engine::start(setup, tell)?;
    let ground = Ground {
        base: &places.base,
        theme: &settings.theme,
        ours: [&places.output, &places.state],
    };
    let watch = || {
        let (sender, base) = (sender.clone(), places.base.clone());
        Source::open(ground, How::Native, move |event| {
            // Looking at a box is told too, and must not lead to another look.
            if event.as_ref().is_ok_and(|event| event.kind.is_access()) {
                return;
            }
            let paths = event.map(|event| event.paths).unwrap_or_default();
            let _ = sender.send(Event::Changed(contacts(&paths, &base)));
        })
        .ok()
    };
    let words = theme::load(&settings.theme, &[], &settings.language).value.words;
    let (mut source, mut news) = (watch(), News::default());
    if !arguments.quiet {
        print::talk("carrying the boxes; Ctrl-C ends it");
    }
    loop {
        match events.recv_timeout(TICK) {
            Ok(Event::Stop) | Err(RecvTimeoutError::Disconnected) => break,
            // What cannot be told may be anything.
            Ok(Event::Changed(contacts)) if contacts.is_empty() => engine.ring_all(),
            Ok(Event::Changed(contacts)) => contacts.iter().for_each(|name| engine.ring(name)),
            Ok(Event::Said(state)) => {
                let new = news.take(&state, &words, Instant::now());
                let new = new.into_iter().filter(|(_, problem)| *problem || !arguments.quiet);
                new.for_each(|(text, _)| print::talk(&text));
            }
            Err(RecvTimeoutError::Timeout) => {
                if !source.as_ref().is_some_and(|source| source.is_current(ground)) {
                    source = watch();
                }
            }
        }
    }
    engine.stop();
    Ok(ExitCode::SUCCESS)
}

/// Returns the contacts that paths lie in.
fn contacts(paths: &[PathBuf], base: &Path) -> Vec<String> {
    let contact = |path: &PathBuf| {
        let first = path.strip_prefix(base).ok()?.iter().next()?;
        Some(first.to_string_lossy().into_owned())
    };
    let mut names: Vec<String> = paths.iter().filter_map(contact).collect();
    names.sort();
    names.dedup();
    names
}

/// What was said last.
#[derive(Default)]
struct News {
    /// The sentences of each box, and whether they tell a problem.
    known: BTreeMap<Key, Vec<(String, bool)>>,
    /// When it was said last how much is still to come.
    arriving: BTreeMap<Key, Instant>,
}

/// A contact, and whether it is its inbox; no contact for what is said of all.
type Key = (String, bool);

impl News {
    /// Returns what is new: each sentence of a box once, until there is another. What is still to come
    /// changes all the time while it comes, and is said now and then.
    fn take(&mut self, state: &State, words: &Words, now: Instant) -> Vec<(String, bool)> {
        let mut known: BTreeMap<Key, Vec<(String, bool)>> = BTreeMap::new();
        if let Some(why) = &state.stopped {
            let said = (words.with("engine_stopped", why), true);
            known.insert((String::new(), false), vec![said]);
        }
        for one in &state.boxes {
            let key = (one.contact.clone(), one.is_inbox);
            let said = sentences(one, words).into_iter().map(|said| (said.text, said.problem));
            let mut said: Vec<(String, bool)> = said.collect();
            let last = self.arriving.get(&key);
            if one.arriving > 0 && last.is_some_and(|at| now.duration_since(*at) < EVERY) {
                let old = self.known.get(&key).into_iter().flatten();
                said.retain(|(_, problem)| *problem);
                said.extend(old.filter(|(_, problem)| !problem).cloned());
            } else if one.arriving > 0 {
                self.arriving.insert(key.clone(), now);
            }
            known.insert(key, said);
        }
        let mut new = Vec::new();
        for (key, said) in &known {
            let old = self.known.get(key);
            let about = if key.0.is_empty() { String::new() } else { format!("{}: ", key.0) };
            let said = said.iter().filter(|one| !old.is_some_and(|old| old.contains(one)));
            new.extend(said.map(|(text, problem)| (shown(&format!("{about}{text}")), *problem)));
        }
        self.known = known;
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::engine::state::{Status, Trouble};

    fn state(arriving: usize, bytes: u64, trouble: Option<Trouble>) -> State {
        let mut status = Status::new("tides", true);
        (status.arriving, status.bytes) = (arriving, (bytes, 9_000_000));
        status.troubles.extend(trouble);
        State { boxes: vec![status], ..State::default() }
    }

    #[test]
    fn what_is_still_to_come_is_said_now_and_then_and_its_end_at_once() {
        let words = theme::load("theme", &[], "en").value.words;
        let (mut news, begun) = (News::default(), Instant::now());
        let mut said = |seconds: f32, state: &State| {
            let new = news.take(state, &words, begun + Duration::from_secs_f32(seconds));
            new.into_iter().map(|(text, _)| text).collect::<Vec<_>>().join("\n")
        };
        assert!(said(0.0, &state(2, 1_000_000, None)).contains("2 (1 MB of 9 MB)"));
        assert_eq!(said(0.2, &state(2, 2_000_000, None)), "");
        assert_eq!(said(4.9, &state(2, 4_000_000, None)), "");
        assert!(said(5.1, &state(1, 5_000_000, None)).contains("1 (5 MB of 9 MB)"));
        let told = said(5.2, &state(1, 6_000_000, Some(Trouble::Clock)));
        assert!(told.contains("clock") && !told.contains("6 MB"), "{told}");
        assert_eq!(said(5.3, &state(1, 7_000_000, Some(Trouble::Clock))), "");
        let end = said(5.4, &state(0, 0, None));
        assert!(end.contains("Received") && !end.contains("to come"), "{end}");
        // The next file begins and ends at once.
        assert_eq!(said(5.5, &state(1, 1_000_000, None)), "");
        assert_eq!(said(5.6, &state(0, 0, None)), "");
    }
}
