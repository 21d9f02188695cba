//! Atom feeds (RFC 4287), written with atom_syndication.
//!
//! That crate checks and escapes less than it seems to, so every text goes through `clean` or
//! `title` here, and every address is one that this program made or [`crate::web`] checked.
//! Nothing in a feed depends on when it was built.

use super::view::{author_of, is_shown, name, summary};
use super::{Bodies, Look};
use crate::config::{ChannelInfo, FeedTitles};
use crate::library::{Attachment, Edition, Head, Kind, Media, Message, Side, channel_namespace};
use crate::limits::FEED_HTML;
use crate::message::Tag;
use crate::path::OutPath;
use crate::plan::{Feed, FeedOf, Item};
use crate::sanitize::{SafeHtml, Target, Writer};
use crate::text::{is_illegal, may_hold_illegal};
use crate::time::Stamp;
use atom_syndication as atom;
use std::borrow::Cow;
use uuid::Uuid;

/// Renders a feed. A message whose text is gone is left out; the next build has it again.
///
/// Returns the bytes, and whether all messages are in it.
pub fn feed(feed: &Feed, look: &Look<'_>, bodies: &Bodies<'_>) -> (Vec<u8>, bool) {
    let writer = Atom { path: &feed.home, feed, look };
    let mut entries = Vec::with_capacity(feed.items.len());
    let (mut size, mut whole) = (0, true);
    for item in &feed.items {
        let Some(body) = bodies.get(&item.message) else {
            whole = false;
            continue;
        };
        size += body.html.len();
        if size > FEED_HTML && !entries.is_empty() {
            break;
        }
        entries.push(writer.entry(item, &body.html));
    }
    (writer.document(entries), whole)
}

struct Atom<'a> {
    path: &'a OutPath,
    feed: &'a Feed,
    look: &'a Look<'a>,
}

impl Atom<'_> {
    fn document(&self, entries: Vec<atom::Entry>) -> Vec<u8> {
        let newest = entries.iter().map(|entry| entry.updated).max();
        let head = match &self.feed.of {
            FeedOf::Contact(head) => Some(&**head),
            _ => None,
        };
        let info = head.map(|head| &head.info);
        let document = atom::Feed {
            title: title(&self.title()),
            id: self.id(),
            updated: newest.unwrap_or_else(|| Stamp::from_unix(0).date_time()),
            authors: self.authors(head),
            generator: Some(atom::Generator {
                value: "Handbill".into(),
                uri: None,
                version: Some(env!("CARGO_PKG_VERSION").into()),
            }),
            icon: head.and_then(|h| h.avatar.as_ref()).map(|file| self.address(&file.out)),
            links: vec![
                link("self", self.look.address(self.path, self.path), "application/atom+xml"),
                link("alternate", self.address(&self.feed.page), "text/html"),
            ],
            rights: info.and_then(|i| i.license.as_deref()).map(title),
            subtitle: info.and_then(|i| i.description.as_deref()).map(title),
            entries,
            lang: Some(self.language(info)),
            ..atom::Feed::default()
        };
        let style = format!("{}assets/feed.css", self.path.to_root());
        let mut out = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<?xml-stylesheet type=\"text/css\" href=\"{style}\"?>\n"
        )
        .into_bytes();
        let config = atom::WriteConfig { write_document_declaration: false, indent_size: None };
        // Writing into memory does not fail; a failure would give a feed without entries.
        if let Ok(bytes) = document.write_with_config(Vec::new(), config) {
            out.extend(bytes);
        }
        out.push(b'\n');
        out
    }

    fn title(&self) -> String {
        match &self.feed.of {
            FeedOf::Edition => self.look.settings.title.clone(),
            FeedOf::Contact(head) => head.title.clone(),
            FeedOf::Tag(label) => format!("{}: #{label}", self.look.settings.title),
        }
    }

    fn language(&self, info: Option<&ChannelInfo>) -> String {
        let language = info.and_then(|info| info.language.clone());
        language.unwrap_or_else(|| self.look.settings.language.clone())
    }

    fn authors(&self, head: Option<&Head>) -> Vec<atom::Person> {
        let Some(head) = head else { return vec![person(&self.look.settings.title, None, None)] };
        let named = head.info.authors.iter();
        let mut people: Vec<atom::Person> = named
            .map(|a| person(&a.name, a.uri.as_ref().map(ToString::to_string), a.email.as_deref()))
            .collect();
        if people.is_empty() {
            people.push(person(&head.title, None, None));
        }
        people
    }

    /// Returns the feed's permanent id, which no address is part of.
    fn id(&self) -> String {
        let id = match &self.feed.of {
            FeedOf::Edition => edition_id(self.look),
            FeedOf::Contact(head) => contact_id(head, self.look.edition),
            FeedOf::Tag(label) => {
                let key = Tag::parse(label).map(|tag| tag.key()).unwrap_or_default();
                Uuid::new_v5(&edition_id(self.look), format!("tag/{key}").as_bytes())
            }
        };
        format!("urn:uuid:{id}")
    }

    fn address(&self, to: &OutPath) -> String {
        self.look.address(self.path, to)
    }

    fn entry(&self, item: &Item, body: &SafeHtml) -> atom::Entry {
        let message = &*item.message;
        let words = &self.look.theme.words;
        let published = message.stamp.date_time();
        let updated = message.updated.map_or(published, |u| u.date_time().max(published));
        let author = author_of(message, words);
        let untitled = message.meta.title.is_none();
        let empty = untitled && self.look.settings.feed_titles == FeedTitles::Empty;
        let summary = message
            .meta
            .summary
            .clone()
            .or_else(|| empty.then(|| summary_or_name(message, &name(message, words))));
        let mut links = vec![link("alternate", self.address(&message.page), "text/html")];
        links
            .extend(message.attachments.iter().filter(|f| !f.too_large).map(|f| self.enclosure(f)));
        atom::Entry {
            title: if empty { atom::Text::plain("") } else { title(&name(message, words)) },
            id: clean(message.feed_id(self.look.edition)),
            updated,
            authors: vec![person(&author.name, author.uri, author.email.as_deref())],
            categories: message.meta.tags.iter().map(category).collect(),
            links,
            published: Some(published),
            source: self.source(message, updated),
            summary: summary.map(|text| title(&text)),
            content: Some(self.content(message, body)),
            ..atom::Entry::default()
        }
    }

    fn enclosure(&self, file: &Attachment) -> atom::Link {
        let mut enclosure = link("enclosure", self.address(&file.out), media_type(&file.out));
        enclosure.length = Some(file.size_in(self.look.edition).to_string());
        enclosure.title = Some(crate::text::clean_line(&file.name));
        enclosure
    }

    /// Returns where an entry of a merged feed comes from (RFC 4287, section 4.2.11).
    fn source(&self, message: &Message, updated: atom::FixedDateTime) -> Option<atom::Source> {
        if matches!(self.feed.of, FeedOf::Contact(_)) {
            return None;
        }
        let head = &message.head;
        let path = OutPath::parse(&format!("{}/feed.xml", head.dir))?;
        Some(atom::Source {
            title: title(&head.title),
            id: format!("urn:uuid:{}", contact_id(head, self.look.edition)),
            updated,
            links: vec![link("self", self.address(&path), "application/atom+xml")],
            ..atom::Source::default()
        })
    }

    /// Returns the whole text with absolute addresses, and the pictures that it does not show.
    fn content(&self, message: &Message, body: &SafeHtml) -> atom::Content {
        let pictures = unseen_pictures(message);
        let place = |html: &SafeHtml| match &self.look.base {
            Some(base) => html.absolute(base, &message.page),
            None => html.at(&self.path.to_root()).into_string(),
        };
        let value = clean(place(body) + &place(&pictures));
        atom::Content {
            lang: message.meta.language.clone(),
            value: Some(value),
            content_type: Some("html".into()),
            ..atom::Content::default()
        }
    }
}

fn summary_or_name(message: &Message, name: &str) -> String {
    let summary = summary(message);
    if summary.is_empty() { name.to_owned() } else { summary.to_owned() }
}

fn unseen_pictures(message: &Message) -> SafeHtml {
    let mut w = Writer::new("p");
    for file in message.attachments.iter().filter(|file| !file.too_large) {
        let Media::Picture(size) = file.media else { continue };
        if message.refs.iter().any(|(_, found)| is_shown(found) && *found == file.found()) {
            continue;
        }
        w.open("p").end();
        let mut img = w.open("img").src(&Target::Site(&file.out)).attribute("alt", &file.name);
        if let Some((width, height)) = size {
            img =
                img.attribute("width", &width.to_string()).attribute("height", &height.to_string());
        }
        img.end();
        w.close("p");
    }
    w.finish(&|_| None).unwrap_or_default()
}

/// Returns the id of an edition's feed. The public one is made from where it is read: nothing else
/// that is public names the edition as a whole.
fn edition_id(look: &Look<'_>) -> Uuid {
    let place = match look.edition {
        Edition::Reader => "reader",
        Edition::Public => look.settings.base_url.as_ref().map_or("public", |base| base.as_str()),
    };
    channel_namespace(None, place, "edition")
}

/// Returns the id of a contact's feed. What came by an inbox has one that nobody else can claim.
fn contact_id(head: &Head, edition: Edition) -> Uuid {
    match (head.kind, edition) {
        (Kind::Channel, _) => channel_namespace(head.info.id, &head.name, Side::Outbox.folder()),
        (Kind::Subscription, _) => channel_namespace(None, &head.name, Side::Inbox.folder()),
        (Kind::Conversation, _) => channel_namespace(None, &head.name, "conversation"),
    }
}

fn link(rel: &str, href: String, mime_type: &str) -> atom::Link {
    atom::Link { href, rel: rel.into(), mime_type: Some(mime_type.into()), ..atom::Link::default() }
}

fn person(name: &str, uri: Option<String>, email: Option<&str>) -> atom::Person {
    atom::Person { name: clean(name), uri, email: email.map(clean), ..atom::Person::default() }
}

fn category(tag: &Tag) -> atom::Category {
    atom::Category { term: clean(tag.label()), scheme: None, label: None }
}

/// Returns a text construct. Readers agree on plain text unless it looks like markup; then it is
/// sent as escaped HTML.
fn title(text: &str) -> atom::Text {
    let text = clean(text);
    if !text.contains(['<', '&']) {
        return atom::Text::plain(text);
    }
    let mut escaped = String::new();
    crate::text::escape_into(&mut escaped, &text);
    atom::Text::html(escaped)
}

/// Returns text without the characters that XML 1.0 forbids (section 2.2), with `\n` for line
/// ends.
pub(super) fn clean<'t>(text: impl Into<Cow<'t, str>>) -> String {
    let text = text.into();
    if !text.contains('\r') && !may_hold_illegal(&text) {
        return text.into_owned();
    }
    text.chars().filter(|c| *c != '\r' && !is_illegal(*c)).collect()
}

/// Returns the media type of a file by the extension it has in an edition.
fn media_type(path: &OutPath) -> &'static str {
    crate::media::media_type(path.as_str().rsplit('.').next().unwrap_or(""))
}
