//! JSON Feed 1.1 (jsonfeed.org/version/1.1). Notes have no title here: readers that know the format
//! show them as notes.

use super::{Entry, Frame, enclosures, media_type};
use crate::config::Subscribe;
use crate::library::Attachment;
use crate::path::OutPath;
use crate::render::view::AuthorView;
use crate::time::Stamp;
use serde::Serialize;

#[derive(Serialize)]
struct Document<'d> {
    version: &'static str,
    title: String,
    home_page_url: String,
    feed_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<String>,
    authors: Vec<Author>,
    language: &'d str,
    #[serde(rename = "_handbill", skip_serializing_if = "Option::is_none")]
    handbill: Option<Own<'d>>,
    items: Vec<Item<'d>>,
}

/// Our extension (`docs/format.md`, section 11.2).
#[derive(Serialize)]
struct Own<'d> {
    about: &'static str,
    subscribe: &'d [Subscribe],
}

#[derive(Serialize)]
struct Author {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar: Option<String>,
}

#[derive(Serialize)]
struct Item<'i> {
    id: &'i str,
    url: &'i str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'i str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_html: Option<&'i str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_text: Option<&'i str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'i str>,
    date_published: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_modified: Option<String>,
    authors: [Author; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<&'i str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'i str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Enclosure>,
}

#[derive(Serialize)]
struct Enclosure {
    url: String,
    mime_type: &'static str,
    title: String,
    size_in_bytes: u64,
}

/// Writes a document, one item a line.
pub(super) fn document(frame: &Frame<'_>, entries: &[Entry<'_>]) -> Vec<u8> {
    let head = frame.head();
    let document = Document {
        version: "https://jsonfeed.org/version/1.1",
        title: frame.title(),
        home_page_url: frame.address(&frame.feed.page),
        feed_url: frame.address(&beside(&frame.feed.home)),
        description: head.and_then(|head| head.info.description.as_deref()),
        icon: head.and_then(|head| head.avatar.as_ref()).map(|file| frame.address(&file.out)),
        authors: frame.authors().into_iter().map(|author| person(frame, author)).collect(),
        language: frame.language(),
        handbill: Some(frame.ways())
            .filter(|ways| !ways.is_empty())
            .map(|subscribe| Own { about: crate::opml::NAMESPACE, subscribe }),
        items: entries.iter().map(|entry| item(frame, entry)).collect(),
    };
    // Plain values are always written.
    let mut out = serde_json::to_vec(&document).unwrap_or_default();
    out.push(b'\n');
    out
}

/// Returns the path of the JSON document beside an Atom one.
pub(super) fn beside(atom: &OutPath) -> OutPath {
    let folder = atom.as_str().strip_suffix("feed.xml").unwrap_or_default();
    OutPath::fixed(&format!("{folder}feed.json"))
}

fn item<'i>(frame: &Frame<'_>, entry: &'i Entry<'_>) -> Item<'i> {
    let message = entry.message;
    let enclosure = |file: &Attachment| Enclosure {
        url: frame.address(&file.out),
        mime_type: media_type(&file.out),
        title: crate::text::clean_line(&file.name),
        size_in_bytes: file.size_in(frame.look.edition),
    };
    // One of the two must be there; without room for the text its first words stand for it.
    let words = entry.summary.as_deref().or(Some(&*entry.name)).filter(|_| entry.html.is_none());
    Item {
        id: &entry.id,
        url: &entry.page,
        title: entry.title.as_deref(),
        content_html: entry.html.as_deref(),
        content_text: words,
        summary: message.meta.rare.summary.as_deref(),
        date_published: time(entry.published),
        date_modified: (entry.updated != entry.published).then(|| time(entry.updated)),
        authors: [person(frame, entry.author.clone())],
        tags: message.meta.tags.iter().map(crate::message::Tag::label).collect(),
        language: entry.language,
        attachments: enclosures(message).map(enclosure).collect(),
    }
}

fn time(stamp: Stamp) -> String {
    stamp.date_time().to_rfc3339()
}

fn person(frame: &Frame<'_>, author: AuthorView) -> Author {
    let avatar = author.avatar.as_deref().and_then(OutPath::parse);
    Author { name: author.name, url: author.uri, avatar: avatar.map(|path| frame.address(&path)) }
}
