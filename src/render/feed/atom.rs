//! Atom (RFC 4287), written with atom_syndication.
//!
//! That crate checks and escapes less than it seems to, so every text goes through `clean` or
//! [`text`], every attribute of an extension through [`extension`], and every address is one that
//! this program made or [`crate::web`] checked.

use super::{Entry, Frame, clean, contact_id, enclosures, media_type};
use crate::config::FeedTitles;
use crate::library::{Attachment, Head, Message};
use crate::message::Tag;
use crate::path::OutPath;
use crate::plan::{FeedOf, Part};
use crate::render::view::AuthorView;
use crate::time::Stamp;
use atom_syndication as atom;
use atom_syndication::extension::{Extension, ExtensionMap};
use std::collections::BTreeMap;

const ATOM: &str = "application/atom+xml";
/// What an extension's elements are named by, and its namespace.
type Namespace = (&'static str, &'static str);
/// RFC 4685, section 2.
const THREADS: Namespace = ("thr", "http://purl.org/syndication/thread/1.0");
/// RFC 5005, section 1.2.
const HISTORY: Namespace = ("fh", "http://purl.org/syndication/history/1.0");
/// RFC 6721, section 1.2.
const TOMBSTONES: Namespace = ("at", "http://purl.org/atompub/tombstones/1.0");

/// Ours: `docs/format.md`, section 11.2.
const FOLDER: Namespace = ("folder", crate::opml::NAMESPACE);

/// Writes a document.
pub(super) fn document(frame: &Frame<'_>, entries: Vec<Entry<'_>>) -> Vec<u8> {
    let writer = Atom(frame);
    let newest = entries.iter().map(|entry| entry.updated).max();
    // Escaping makes a half more of most texts.
    let texts = entries.iter().filter_map(|entry| entry.html.as_ref().map(String::len));
    let room = texts.map(|bytes| bytes * 3 / 2).sum::<usize>() + entries.len() * 1024 + 4096;
    let head = frame.head();
    let info = head.map(|head| &head.info);
    let extensions = writer.extensions();
    let mut namespaces = extensions.keys().cloned().collect::<Vec<_>>();
    if entries.iter().any(|entry| entry.answers.is_some()) {
        namespaces.push(THREADS.0.into());
    }
    let all = [THREADS, HISTORY, TOMBSTONES, FOLDER].into_iter();
    let used = all.filter(|(prefix, _)| namespaces.iter().any(|used| used == prefix));
    let document = atom::Feed {
        title: text(&frame.title()),
        id: frame.id(),
        updated: newest.unwrap_or_else(|| Stamp::from_unix(0)).date_time(),
        authors: frame.authors().iter().map(person).collect(),
        generator: Some(atom::Generator {
            value: "Handbill".into(),
            uri: None,
            version: Some(env!("CARGO_PKG_VERSION").into()),
        }),
        icon: head.and_then(|h| h.avatar.as_ref()).map(|file| frame.address(&file.out)),
        links: writer.links(),
        rights: info.and_then(|i| i.license.as_deref()).map(text),
        subtitle: info.and_then(|i| i.description.as_deref()).map(text),
        entries: entries.into_iter().map(|entry| writer.entry(entry)).collect(),
        extensions,
        namespaces: used.map(|(prefix, uri)| (prefix.into(), uri.into())).collect(),
        lang: Some(frame.language().to_owned()),
        ..atom::Feed::default()
    };
    let style = format!("{}assets/feed.css", frame.feed.home.to_root());
    let head = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<?xml-stylesheet type=\"text/css\" href=\"{style}\"?>\n"
    );
    let mut out = Vec::with_capacity(room);
    out.extend(head.bytes());
    let config = atom::WriteConfig { write_document_declaration: false, indent_size: None };
    // Writing into memory does not fail; a failure would give a feed without entries.
    let mut out = document.write_with_config(out, config).unwrap_or_else(|_| head.into_bytes());
    out.push(b'\n');
    out
}

struct Atom<'a>(&'a Frame<'a>);

impl Atom<'_> {
    fn links(&self) -> Vec<atom::Link> {
        let frame = self.0;
        let mut links = vec![
            link("self", frame.address(&frame.feed.home), ATOM),
            link("alternate", frame.address(&frame.feed.page), "text/html"),
        ];
        let (older, current) = match &frame.feed.part {
            Part::Whole => (None, None),
            Part::Newest(older) => (older.as_ref(), None),
            Part::Archive { older, current } => (older.as_ref(), Some(current)),
        };
        links.extend(current.map(|path| link("current", frame.address(path), ATOM)));
        links.extend(older.map(|path| link("prev-archive", frame.address(path), ATOM)));
        links
    }

    /// Returns what is said of the document (RFC 5005, sections 2 and 4), of what is no longer in it
    /// (RFC 6721, section 3), and how else one subscribes.
    fn extensions(&self) -> ExtensionMap {
        let feed = self.0.feed;
        let mut all = ExtensionMap::new();
        match feed.part {
            Part::Whole => extend(&mut all, extension(HISTORY, "complete", &[])),
            Part::Archive { .. } => extend(&mut all, extension(HISTORY, "archive", &[])),
            Part::Newest(_) => {}
        }
        for gone in &feed.gone {
            let when = gone.stamp().iso();
            let attributes = [("ref", gone.id.as_str()), ("when", &when)];
            extend(&mut all, extension(TOMBSTONES, "deleted-entry", &attributes));
        }
        for way in self.0.ways() {
            let mut attributes = vec![("data-subscribe", way.transport.as_str())];
            attributes.extend(way.key.as_deref().map(|key| ("data-key", key)));
            attributes.extend(way.link.as_deref().map(|link| ("data-link", link)));
            extend(&mut all, extension(FOLDER, "subscribe", &attributes));
        }
        all
    }

    fn entry(&self, entry: Entry<'_>) -> atom::Entry {
        let frame = self.0;
        let message = entry.message;
        let empty = entry.title.is_none() && frame.look.settings.feed_titles == FeedTitles::Empty;
        let language = entry.language.map(str::to_owned);
        let worded = |words: &str| atom::Text { lang: language.clone(), ..text(words) };
        let mut extensions = ExtensionMap::new();
        if let Some((id, address)) = &entry.answers {
            let mut attributes = vec![("ref", id.as_str())];
            if let Some(address) = address {
                attributes.extend([("href", address.as_str()), ("type", "text/html")]);
            }
            extend(&mut extensions, extension(THREADS, "in-reply-to", &attributes));
        }
        let mut links = vec![
            link("alternate", entry.page.clone(), "text/html"),
            link("replies", entry.page, "text/html"),
        ];
        links.extend(enclosures(message).map(|file| self.enclosure(file)));
        atom::Entry {
            title: if empty { atom::Text::plain("") } else { worded(&entry.name) },
            id: entry.id,
            updated: entry.updated.date_time(),
            authors: vec![person(&entry.author)],
            categories: message.meta.tags.iter().map(|tag| self.category(tag)).collect(),
            links,
            published: Some(entry.published.date_time()),
            source: self.source(message, entry.updated),
            summary: entry.summary.as_deref().map(worded),
            content: entry.html.map(|html| atom::Content {
                lang: language.clone(),
                value: Some(html),
                content_type: Some("html".into()),
                ..atom::Content::default()
            }),
            extensions,
            // All fields are named, here and of a source: the defaults would read a date each time.
            contributors: Vec::new(),
            rights: None,
            namespaces: BTreeMap::new(),
        }
    }

    fn enclosure(&self, file: &Attachment) -> atom::Link {
        let mut enclosure = link("enclosure", self.0.address(&file.out), media_type(&file.out));
        enclosure.length = Some(file.size_in(self.0.look.edition).to_string());
        enclosure.title = Some(crate::text::clean_line(&file.name));
        enclosure
    }

    /// Returns a tag: as it is compared, and as it was written (RFC 4287, section 4.2.2).
    fn category(&self, tag: &Tag) -> atom::Category {
        let scheme = OutPath::fixed("tags/index.html");
        atom::Category {
            term: clean(tag.key()),
            scheme: self.0.look.base.is_some().then(|| self.0.address(&scheme)),
            label: Some(clean(tag.label())),
        }
    }

    /// Returns where an entry of a merged feed comes from (RFC 4287, section 4.2.11). It says when
    /// the entry was updated, not when the feed was: that would change with every message.
    fn source(&self, message: &Message, updated: Stamp) -> Option<atom::Source> {
        let frame = self.0;
        if matches!(frame.feed.of, FeedOf::Contact(_)) {
            return None;
        }
        let head: &Head = &message.head;
        let file = |name: &str| OutPath::parse(&format!("{}/{name}", head.dir));
        let (feed, page) = (file("feed.xml")?, file("index.html")?);
        Some(atom::Source {
            title: text(&head.title),
            id: format!("urn:uuid:{}", contact_id(head, frame.look.edition)),
            updated: updated.date_time(),
            icon: head.avatar.as_ref().map(|file| frame.address(&file.out)),
            links: vec![
                link("self", frame.address(&feed), ATOM),
                link("alternate", frame.address(&page), "text/html"),
            ],
            rights: head.info.license.as_deref().map(text),
            subtitle: head.info.description.as_deref().map(text),
            authors: Vec::new(),
            categories: Vec::new(),
            contributors: Vec::new(),
            generator: None,
            logo: None,
        })
    }
}

fn link(rel: &str, href: String, mime_type: &str) -> atom::Link {
    atom::Link { href, rel: rel.into(), mime_type: Some(mime_type.into()), ..atom::Link::default() }
}

fn person(author: &AuthorView) -> atom::Person {
    atom::Person {
        name: clean(&author.name),
        uri: author.uri.clone(),
        email: author.email.as_deref().map(clean),
        ..atom::Person::default()
    }
}

/// Returns a text construct. Readers agree on plain text unless it looks like markup; then it is
/// sent as escaped HTML.
fn text(text: &str) -> atom::Text {
    let text = clean(text);
    if !text.contains(['<', '&']) {
        return atom::Text::plain(text);
    }
    let mut escaped = String::new();
    crate::text::escape_into(&mut escaped, &text);
    atom::Text::html(escaped)
}

/// Returns an empty element of an extension. Its attributes are escaped here: the crate writes
/// them as they are.
fn extension((prefix, _): Namespace, name: &str, attributes: &[(&str, &str)]) -> Extension {
    let escaped = |text: &str| {
        let mut escaped = String::new();
        crate::text::escape_into(&mut escaped, &clean(text));
        escaped
    };
    let attrs = attributes.iter().map(|(name, text)| ((*name).to_owned(), escaped(text)));
    Extension {
        name: format!("{prefix}:{name}"),
        value: None,
        attrs: attrs.collect(),
        children: BTreeMap::new(),
    }
}

fn extend(all: &mut ExtensionMap, extension: Extension) {
    if let Some((prefix, name)) = extension.name.split_once(':') {
        let (prefix, name) = (prefix.to_owned(), name.to_owned());
        all.entry(prefix).or_default().entry(name).or_default().push(extension);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Returns whether a document holds only what XML 1.0 allows (section 2.2), and is well-formed.
    fn is_sound(document: &str) -> bool {
        let allowed = |c: char| {
            matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}'
                | '\u{10000}'..='\u{10FFFF}')
        };
        let mut reader = quick_xml::Reader::from_str(document);
        reader.config_mut().check_end_names = true;
        let mut depth = 0;
        loop {
            match reader.read_event() {
                Ok(quick_xml::events::Event::Eof) => break,
                Ok(quick_xml::events::Event::Start(start)) => {
                    depth += 1;
                    if start.attributes().any(|attribute| {
                        attribute.is_err() || attribute.is_ok_and(|a| a.value.contains(&b'<'))
                    }) {
                        return false;
                    }
                }
                Ok(quick_xml::events::Event::End(_)) => depth -= 1,
                Ok(_) => {}
                Err(_) => return false,
            }
        }
        depth == 0 && document.chars().all(allowed)
    }

    proptest! {
        #[test]
        fn any_text_makes_a_sound_document(
            words in "(.|[\\x00-\\x1f\\x7f-\\x9f\\u{fffe}\\u{ffff}<>&\"']){0,40}",
        ) {
            let mut extensions = ExtensionMap::new();
            let attributes = [("ref", words.as_str()), ("when", "x")];
            extend(&mut extensions, extension(TOMBSTONES, "deleted-entry", &attributes));
            let author =
                AuthorView { email: Some(words.clone()), ..AuthorView::named(words.clone()) };
            let feed = atom::Feed {
                title: text(&words),
                id: clean(words.as_str()),
                authors: vec![person(&author)],
                extensions,
                namespaces: [(TOMBSTONES.0.to_owned(), TOMBSTONES.1.to_owned())].into(),
                entries: vec![atom::Entry {
                    title: text(&words),
                    content: Some(atom::Content {
                        value: Some(clean(words.as_str())),
                        ..atom::Content::default()
                    }),
                    ..atom::Entry::default()
                }],
                ..atom::Feed::default()
            };
            let written = String::from_utf8(feed.write_to(Vec::new()).unwrap()).unwrap();
            prop_assert!(is_sound(&written), "{}", written);
            // Once escaped and not twice.
            let escaped = written.split_once("ref=\"").unwrap().1.split_once('"').unwrap().0;
            let back = quick_xml::escape::unescape(escaped).unwrap();
            prop_assert_eq!(back, clean(words.as_str()));
        }
    }

    #[test]
    fn the_check_itself_sees_what_is_unsound() {
        assert!(is_sound("<a b=\"&amp;\">x</a>"));
        for bad in ["<a>\u{1}</a>", "<a>\u{fffe}</a>", "<a><b></a>", "<a>", "<a b=\"<\">x</a>"] {
            assert!(!is_sound(bad), "{bad:?}");
        }
    }
}
