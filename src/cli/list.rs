//! `handbill list`: the contacts, and how they are.

use super::{Format, Look, print};
use crate::diagnostic::{Severity, shown};
use crate::disk::Opened;
use crate::library::{Contact, Kind, Side};
use crate::path::fold;
use anyhow::Result;
use clap::Args;
use serde::Serialize;
use std::process::ExitCode;

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
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let opened = arguments.look.open()?;
    let rows: Vec<Row> = opened.built.contacts.all().map(|contact| row(contact, &opened)).collect();
    match arguments.look.format {
        Format::Json => print::json(&serde_json::json!({ "contacts": rows })),
        Format::Text => text(&rows, &opened),
    }
    Ok(ExitCode::SUCCESS)
}

fn row(contact: &Contact, opened: &Opened) -> Row {
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
    }
}

fn text(rows: &[Row], opened: &Opened) {
    if rows.is_empty() {
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
    }
    let unlisted =
        opened.built.reader.heads.iter().filter(|head| head.kind == Kind::Channel && !head.listed);
    for head in unlisted {
        print::talk(&format!(
            "`{}` is not public: `handbill public add {}` publishes it",
            shown(&head.name),
            print::argument(&head.name)
        ));
    }
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
