//! `handbill list`: the contacts, and how they are.

use super::{Format, Look, print};
use crate::app::{carriage, engine_said};
use crate::diagnostic::{Severity, argument, shown};
use crate::disk::{Opened, Places};
use crate::library::{Contact, Head, Kind, Side};
use crate::path::fold;
use crate::serve::{Said, Sync};
use crate::transport::engine::state::State as Engine;
use crate::transport::follow;
use crate::transport::syncthing::Home;
use anyhow::Result;
use clap::Args;
use serde::Serialize;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// How long Syncthing may take for an answer.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    look: Look,
}

/// A contact as it is listed.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    title: String,
    kind: &'static str,
    public: bool,
    muted: bool,
    messages: usize,
    sent: usize,
    received: usize,
    /// The time of the newest message, RFC 3339.
    last: Option<String>,
    errors: usize,
    warnings: usize,
    /// What the sync tool says of it now.
    sync: Vec<Said>,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let opened = arguments.look.open()?;
    let heads: Vec<&Head> = opened.built.contacts.all().map(|contact| &*contact.head).collect();
    let known = follow::once(&Home::of(None), &opened.loaded.places.base, PATIENCE);
    let words = &opened.loaded.theme.words;
    let sync = carriage::told(&known, heads.iter().copied(), words);
    let running = Engine::of_other(&opened.loaded.places.state);
    let engine = running.unwrap_or_else(|| at_rest(&opened.loaded.places));
    let engine = engine_said::told(&engine, heads.iter().copied(), words);
    let sync = engine_said::together(sync, engine);
    let row = |contact: &Arc<Contact>| row(contact, &opened, &sync);
    let rows: Vec<Row> = opened.built.contacts.all().map(row).collect();
    match arguments.look.format {
        Format::Json => {
            print::json(&serde_json::json!({ "contacts": rows, "sync": sync.general }));
        }
        Format::Text => text(&rows, &opened, &sync),
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns what is to be said of carried boxes while no engine runs: that one is not there.
#[cfg(feature = "engine")]
fn at_rest(places: &Places) -> Engine {
    use crate::transport::engine::state::{Status, Trouble};
    // A book that cannot be read is told by `check`.
    let book = crate::transport::engine::book::read(&places.state).ok().flatten();
    let boxes = book.into_iter().flat_map(|book| book.boxes);
    let gone = boxes.filter(|one| !super::engine::is_there(&places.base, one)).map(|one| {
        let status = Status::new(&one.contact, one.side == Side::Inbox);
        Status { troubles: vec![Trouble::Lost], ..status }
    });
    Engine { boxes: gone.collect(), ..Engine::default() }
}

#[cfg(not(feature = "engine"))]
fn at_rest(_: &Places) -> Engine {
    Engine::default()
}

fn row(contact: &Contact, opened: &Opened, sync: &Sync) -> Row {
    let head = &contact.head;
    let sent = contact.messages.iter().filter(|message| message.side == Side::Outbox).count();
    let last = contact.messages.iter().max_by(|a, b| a.order().cmp(&b.order()));
    let count = |severity| {
        let mine = |path: &str| path.split('/').next().is_some_and(|first| first == head.name);
        let found = opened.found.iter().filter(|report| report.severity == severity);
        found.filter(|report| mine(&report.path)).count()
    };
    let open = &opened.built.public.heads;
    Row {
        name: head.name.clone(),
        title: head.title.clone(),
        kind: head.kind.word(),
        public: open.iter().any(|other| fold(&other.name) == fold(&head.name)),
        muted: head.mute,
        messages: contact.messages.len(),
        sent,
        received: contact.messages.len() - sent,
        last: last.map(|message| message.stamp.iso()),
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        sync: {
            let page = format!("{}/index.html", head.dir);
            let said = sync.contacts.iter().find(|contact| contact.page == page);
            said.map(|contact| contact.said.clone()).unwrap_or_default()
        },
    }
}

fn text(rows: &[Row], opened: &Opened, sync: &Sync) {
    if rows.is_empty() {
        sync.general.iter().for_each(|said| print::talk(&sentence(said)));
        print::talk("no contacts yet: `handbill add channel NAME` makes one of your own");
        return;
    }
    let width =
        |of: fn(&Row) -> String| rows.iter().map(|row| print::width(&of(row))).max().unwrap_or(0);
    let (names, kinds) = (width(|row| shown(&row.name)), width(kind));
    let counts = width(|row| row.messages.to_string());
    for row in rows {
        let last = row.last.as_deref().map_or("-", |last| last.get(..10).unwrap_or(last));
        let cells = [
            print::padded(&shown(&row.name), names),
            print::padded(&kind(row), kinds),
            format!("{:>counts$}", row.messages),
            format!("{last:<10}"),
        ];
        let rest = [title(row), problems(row)].into_iter().flatten().collect::<Vec<_>>().join("  ");
        print::line(format!("{}  {rest}", cells.join("  ")).trim_end());
        row.sync.iter().for_each(|said| print::line(&format!("    {}", sentence(said))));
    }
    sync.general.iter().for_each(|said| print::talk(&sentence(said)));
    let unlisted =
        opened.built.reader.heads.iter().filter(|head| head.kind == Kind::Channel && !head.listed);
    for head in unlisted {
        print::talk(&format!(
            "`{}` is not public: `handbill public add {}` publishes it",
            shown(&head.name),
            argument(&head.name)
        ));
    }
}

fn sentence(said: &Said) -> String {
    if said.problem { print::alarming(&said.text) } else { print::faint(&said.text) }
}

fn kind(row: &Row) -> String {
    match (row.public, row.muted) {
        (true, _) => format!("{}, public", row.kind),
        (_, true) => format!("{}, muted", row.kind),
        _ => row.kind.to_owned(),
    }
}

fn title(row: &Row) -> Option<String> {
    (row.title != row.name).then(|| shown(&row.title))
}

fn problems(row: &Row) -> Option<String> {
    let parts = [(row.errors, "error"), (row.warnings, "warning")].into_iter();
    let parts: Vec<String> =
        parts.filter(|(n, _)| *n > 0).map(|(n, word)| print::count(n, word)).collect();
    (!parts.is_empty()).then(|| print::alarming(&parts.join(", ")))
}
