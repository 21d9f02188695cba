//! What changes between two builds, and a process that has built before and finds it.

use handbill::disk::{BuildOptions, Keeper, Places};
use handbill::library::Edition;
use handbill::listing::errand::{Errand, Extent, Scope};
use handbill::path::RelPath;
use handbill::time::Now;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// 2026-08-01, for the times of the sources.
pub const NOW: i64 = 1_785_542_400;

/// A change of a base folder, small as people make it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// A message newer than all others.
    One,
    /// A message dated years ago, that stands between others in its month.
    Late,
    /// A line of the template that all pages are built on, in the theme of the base folder.
    Theme,
}

impl Edit {
    /// Returns the edit that a word of the command names.
    pub fn of(word: &str) -> Option<Edit> {
        Some(match word {
            "one" => Edit::One,
            "late" => Edit::Late,
            "theme" => Edit::Theme,
            _ => return None,
        })
    }

    /// Returns the word of the command that names it.
    pub fn word(self) -> &'static str {
        match self {
            Edit::One => "one",
            Edit::Late => "late",
            Edit::Theme => "theme",
        }
    }

    /// Returns what a table calls it.
    pub fn name(self) -> &'static str {
        match self {
            Edit::One => "one new message",
            Edit::Late => "one message of years ago",
            Edit::Theme => "one template edited",
        }
    }

    /// Makes what the edit presupposes: a theme that can be edited.
    pub fn prepare(self, base: &Path) {
        if self == Edit::Theme {
            self.make(base, 999);
        }
    }

    /// Returns the name of the message that an edit of a number makes; none of the theme.
    fn message(self, n: usize) -> Option<String> {
        let day = match self {
            Edit::One => "2026-01-02",
            Edit::Late => "2018-05-17",
            Edit::Theme => return None,
        };
        Some(format!("{day}T03-{:02}-{:02}Z-one-more.md", n / 60, n % 60))
    }

    /// Makes the edit; each number makes another one.
    pub fn make(self, base: &Path, n: usize) {
        if let Some(message) = self.message(n) {
            let file = base.join("channel-0/outbox").join(message);
            return fs::write(file, "One *more*, at low tide.\n").expect("it can be written");
        }
        let templates = base.join("theme/templates");
        fs::create_dir_all(&templates).expect("the folder can be made");
        let text = TEMPLATE.replace("</footer>", &format!("<p>Edit {n}</p>\n</footer>"));
        fs::write(templates.join("base.html"), text).expect("it can be written");
    }

    /// Takes back all edits below a number.
    pub fn undo(self, base: &Path, end: usize) {
        if self == Edit::Theme {
            let _ = fs::remove_dir_all(base.join("theme"));
        }
        for message in (0..end).filter_map(|n| self.message(n)) {
            let _ = fs::remove_file(base.join("channel-0/outbox").join(message));
        }
    }

    /// Returns where a watch would look: events tell which file it is, and a theme concerns
    /// everything.
    fn errand(self, n: usize) -> Errand {
        let path = self.message(n).and_then(|message| RelPath::parse(&message));
        let Some(path) = path else { return Errand::whole() };
        let contacts = [("channel-0".to_owned(), Extent::file(false, path))];
        Errand { scope: Scope::Contacts(contacts.into()), ..Errand::whole() }
    }
}

/// How long an edit is left alone before it is built, as a watch waits for quiet.
const QUIET: Duration = Duration::from_millis(30);

/// Builds once, then makes edits `from..end` one by one and builds after each, in this process as a
/// watch does. Returns as JSON how long each took in seconds, from when the file has been left alone to
/// when all pages and feeds are there, how many files the last wrote, and its stages in milliseconds.
pub fn steps(base: &Path, edit: Edit, from: usize, end: usize) -> Value {
    let places = Places::of(base, None, None).expect("there is a place for the state");
    let mut keeper = Keeper::new(places);
    let options = BuildOptions {
        editions: vec![Edition::Public, Edition::Reader],
        base_url: None,
        now: Now(NOW),
        publish: Default::default(),
        port: None,
        allow_empty: false,
    };
    keeper.build(&options, &Errand::whole()).expect("it builds");
    let (mut walls, mut written, mut stages) = (Vec::new(), 0, Vec::new());
    for n in from..end {
        edit.make(base, n);
        std::thread::sleep(QUIET);
        let start = Instant::now();
        let report = keeper.build(&options, &edit.errand(n)).expect("it builds");
        walls.push(start.elapsed().as_secs_f64());
        written = report.editions.iter().map(|edition| edition.written).sum::<usize>();
        stages = report.stages;
    }
    let stage = |took: Duration| (took.as_secs_f64() * 1e4).round() / 10.0;
    let stages: serde_json::Map<String, Value> =
        stages.iter().map(|s| (s.name.to_owned(), json!(stage(s.took)))).collect();
    json!({ "walls": walls, "written": written, "stages": stages })
}

const TEMPLATE: &str = include_str!("../../themes/default/templates/base.html");
