//! The contacts' feeds for feed readers, as OPML 2.0 (opml.org/spec2.opml, "Subscription lists").
//!
//! Feeds have `type="rss"`, text and title; a folder a kind, without a type, and no deeper. Its date is
//! when the youngest of the contacts began.

use super::Look;
use crate::library::{Head, Kind};
use crate::opml::{KEY, NAMESPACE};
use crate::plan::{FeedLine, FeedList};
use crate::text::{clean_line, escape_into};
use std::fmt::Write;

/// Whether the keys or links that I was given for contacts are written too. They open the contacts'
/// folders for whoever gets the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// They are not.
    Without,
    /// They are.
    With,
}

/// Renders a list of feeds.
pub fn outline(list: &FeedList, look: &Look<'_>, keys: Keys) -> String {
    let title = escaped(&look.settings.title);
    let names = match keys {
        Keys::Without => String::new(),
        Keys::With => format!(" xmlns:folder=\"{NAMESPACE}\""),
    };
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<opml version=\"2.0\"{names}>\n\
         <head><title>{title}</title>"
    );
    if let Some(since) = list.since {
        // Writing into a string does not fail.
        let date = since.date_time().to_rfc2822();
        let _ = write!(out, "<dateModified>{date}</dateModified>");
    }
    out.push_str("</head>\n<body>\n");
    let words = &look.theme.words;
    let kinds = [
        (Kind::Channel, "channels"),
        (Kind::Subscription, "subscriptions"),
        (Kind::Conversation, "conversations"),
    ];
    for (kind, word) in kinds {
        let of_kind = |line: &&FeedLine| line.of.head().is_some_and(|head| head.kind == kind);
        let mut feeds = list.lines.iter().filter(of_kind).peekable();
        if feeds.peek().is_none() {
            continue;
        }
        let _ = writeln!(out, "<outline text=\"{}\">", escaped(words.get(word)));
        for line in feeds {
            let Some(head) = line.of.head() else { continue };
            feed(&mut out, head, line, look, keys);
        }
        out.push_str("</outline>\n");
    }
    out + "</body>\n</opml>\n"
}

fn feed(out: &mut String, head: &Head, line: &FeedLine, look: &Look<'_>, keys: Keys) {
    let title = escaped(&head.title);
    let page = line.path.as_str().strip_suffix("feed.xml").unwrap_or_default();
    let base = look.base.as_ref().map_or("", |base| base.as_str());
    let _ = write!(
        out,
        "<outline text=\"{title}\" title=\"{title}\" type=\"rss\" version=\"ATOM\" xmlUrl=\"{}\" \
         htmlUrl=\"{}\"",
        escaped(&look.address(&line.path, &line.path)),
        escaped(&format!("{base}{page}")),
    );
    let description = head.info.description.as_deref().map(clean_line);
    if let Some(description) = description.filter(|text| !text.is_empty()) {
        let _ = write!(out, " description=\"{}\"", escaped(&description));
    }
    if let Some(given) = head.given.as_deref().filter(|_| keys == Keys::With) {
        let _ = write!(out, " {KEY}=\"{}\"", escaped(given));
    }
    out.push_str("/>\n");
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape_into(&mut out, text);
    out
}
