//! Words that stand for things: names of messages, days, sizes.

use super::author;
use super::types::AuthorView;
use crate::config::Settings;
use crate::library::{Kind, Media, Message, Node, Notice, Side};
use crate::plan::{List, ListOf};
use crate::time::Month;
use crate::words::Words;
use chrono::{Datelike, NaiveDate};
use std::fmt::Write;

/// Returns the title of a thread by the message that began it.
pub(in crate::render) fn thread_title(root: &Node, words: &Words) -> String {
    words.with("thread_of", &node_name(root, words))
}

/// Returns what a place in a thread is called.
pub(super) fn node_name(node: &Node, words: &Words) -> String {
    match node {
        Node::Message(message) => name(message, words),
        Node::Gone(..) => words.get("was_deleted").to_owned(),
    }
}

/// Returns the title of a list.
pub(in crate::render) fn list_title(list: &List, settings: &Settings, words: &Words) -> String {
    let title = match &list.of {
        ListOf::Home(_) => settings.title.clone(),
        ListOf::Contact(head) => head.title.clone(),
        ListOf::ContactMonth(head, month) => {
            format!("{}: {}", head.title, month_name(*month, words))
        }
        ListOf::Month(month) => month_name(*month, words),
        ListOf::Tag(label, _) => format!("#{label}"),
        ListOf::TagYear(label, _, year, _) => format!("#{label}: {year}"),
        ListOf::Author(head, person) => format!("{}: {}", head.title, person.name),
        ListOf::AuthorYear(_, person, year) => format!("{}: {year}", person.name),
    };
    if list.part > 1 { format!("{title} ({})", list.part) } else { title }
}

/// Returns the words that stand for a message where a title is needed.
pub(in crate::render) fn name(message: &Message, words: &Words) -> String {
    if let Some(title) = &message.meta.title {
        return title.to_string();
    }
    let lead = message.meta.lead();
    let has_words = !message.meta.excerpt.is_empty();
    match (has_words, lead.is_empty()) {
        (true, false) => lead.into_owned(),
        (false, false) => words.with("picture_named", &lead),
        _ => match message.rare.attachments.first() {
            Some(file) if matches!(file.media, Media::Picture(_)) => {
                words.get("picture").to_owned()
            }
            Some(file) => file.name.clone(),
            None => words.with("untitled", &message.stamp.iso()),
        },
    }
}

/// Returns the summary of the header, else the first words.
pub(in crate::render) fn summary(message: &Message) -> &str {
    message.meta.rare.summary.as_deref().unwrap_or(&message.meta.excerpt)
}

/// Returns who wrote a message; where nobody is named, me or the contact.
pub(in crate::render) fn author_of(message: &Message, words: &Words) -> AuthorView {
    match (&message.author, message.side) {
        (Some(named), _) => author(&message.head, named),
        (None, Side::Outbox) if message.head.kind == Kind::Conversation => {
            AuthorView::named(words.get("me").to_owned())
        }
        (None, _) => AuthorView::named(message.head.title.clone()),
    }
}

pub(super) fn notice_text(notice: &Notice, words: &Words) -> String {
    match notice {
        Notice::Suspect(original) => words.with("notice_suspect", original),
        Notice::NotPublic => words.get("notice_not_public").to_owned(),
        Notice::TooLarge(size) => words.with("notice_too_large", &size_in_words(*size)),
    }
}

/// Returns a size as people read it: `734 B`, `1.2 MB` (powers of 1000).
pub(super) fn size_in_words(bytes: u64) -> String {
    let mut size = bytes as f64;
    let mut unit = "B";
    for next in ["kB", "MB", "GB", "TB"] {
        if size < 999.5 {
            break;
        }
        size /= 1000.0;
        unit = next;
    }
    if size < 9.95 && unit != "B" {
        format!("{size:.1} {unit}")
    } else {
        format!("{size:.0} {unit}")
    }
}

pub(super) fn day(date: NaiveDate, words: &Words) -> String {
    let month = words.get(MONTHS[date.month0() as usize]);
    date_in_words(words.get("date_format"), Some(date.day()), month, date.year())
}

/// Returns the name of a month with its year.
pub(in crate::render) fn month_name(month: Month, words: &Words) -> String {
    let name = words.get(MONTHS[(month.month as usize - 1).min(11)]);
    date_in_words(words.get("month_format"), None, name, month.year)
}

/// Returns `format` with the parts of a date in place of `{day}`, `{month}` and `{year}`.
fn date_in_words(format: &str, day: Option<u32>, month: &str, year: i32) -> String {
    let mut out = String::with_capacity(format.len() + month.len());
    let mut rest = format;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let parts = ["{day}", "{month}", "{year}"];
        let part = parts.into_iter().find(|part| rest.starts_with(part)).unwrap_or("{");
        // Writing into a string does not fail.
        let _ = match (part, day) {
            ("{day}", Some(day)) => write!(out, "{day}"),
            ("{month}", _) => out.write_str(month),
            ("{year}", _) => write!(out, "{year}"),
            _ => out.write_str(part),
        };
        rest = &rest[part.len()..];
    }
    out.push_str(rest);
    out
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
