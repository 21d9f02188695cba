//! A strict reader of XML, and what must hold of a feed.

use super::markup::tags;
use chrono::DateTime;
use quick_xml::events::Event;
use quick_xml::{Reader, XmlVersion};
use std::collections::{BTreeMap, BTreeSet};

const ATOM: &str = "http://www.w3.org/2005/Atom";

/// An element of a feed.
#[derive(Debug, Default)]
pub struct Element {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    pub text: String,
    pub children: Vec<Element>,
}

impl Element {
    pub fn all(&self, name: &str) -> std::vec::IntoIter<&Element> {
        let all = self.children.iter().filter(|child| child.name == name);
        all.collect::<Vec<_>>().into_iter()
    }

    #[track_caller]
    pub fn one(&self, name: &str) -> &Element {
        let mut found = self.all(name);
        let first = found.next().unwrap_or_else(|| panic!("no {name} in {self:?}"));
        assert!(found.next().is_none(), "two {name} in {self:?}");
        first
    }

    pub fn get(&self, attribute: &str) -> &str {
        self.attributes.get(attribute).map_or("", String::as_str)
    }
}

/// Reads XML, and panics where it is not well-formed or holds what XML 1.0 forbids.
#[track_caller]
pub fn read_xml(bytes: &[u8]) -> Element {
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    assert_legal(text);
    let mut reader = Reader::from_str(text);
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error}: {text}")) {
            Event::Start(start) => open.push(element(&start)),
            Event::Empty(start) => {
                let element = element(&start);
                open.last_mut().unwrap().children.push(element);
            }
            Event::End(_) => {
                let element = open.pop().unwrap();
                open.last_mut().unwrap().children.push(element);
            }
            Event::Text(text) => {
                let text = text.xml10_content().unwrap();
                assert!(!text.contains("]]>"), "{text}");
                open.last_mut().unwrap().text.push_str(&text);
            }
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref().unwrap() {
                    Some(c) => c,
                    None => named(&reference.decode().unwrap()),
                };
                open.last_mut().unwrap().text.push(resolved);
            }
            Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => break,
            other => panic!("{other:?} in a feed"),
        }
    }
    let mut document = open.pop().unwrap();
    assert!(open.is_empty() && document.text.trim().is_empty());
    assert_eq!(document.children.len(), 1, "one root");
    document.children.remove(0)
}

fn element(start: &quick_xml::events::BytesStart<'_>) -> Element {
    let name = String::from_utf8(start.name().as_ref().to_vec()).unwrap();
    let mut attributes = BTreeMap::new();
    for attribute in start.attributes() {
        let attribute = attribute.unwrap_or_else(|error| panic!("{error} in {start:?}"));
        let key = String::from_utf8(attribute.key.as_ref().to_vec()).unwrap();
        let value = attribute.normalized_value(XmlVersion::Explicit1_0).unwrap().into_owned();
        assert!(!attribute.value.contains(&b'<'), "{start:?}");
        assert_legal(&value);
        assert!(attributes.insert(key, value).is_none(), "{start:?}");
    }
    Element { name, attributes, ..Element::default() }
}

fn named(reference: &str) -> char {
    match reference {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        other => panic!("&{other}; is no reference of XML"),
    }
}

/// Asserts that a text holds only characters of XML 1.0, section 2.2, and no discouraged ones.
#[track_caller]
pub fn assert_legal(text: &str) {
    for (at, c) in text.char_indices() {
        let allowed = matches!(c, '\t' | '\n' | '\r' | ' '..='\u{7E}' | '\u{85}'
            | '\u{A0}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}');
        let nonchar = (c as u32) & 0xFFFE == 0xFFFE;
        assert!(
            allowed && !nonchar,
            "{c:?} behind {:?}",
            &text[text.floor_char_boundary(at.saturating_sub(60))..at]
        );
    }
}

/// Asserts that a feed is as RFC 4287 asks for and returns how many entries it has. `base` is what
/// all its addresses begin with.
#[track_caller]
pub fn assert_feed(path: &str, bytes: &[u8], base: &str) -> usize {
    let feed = read_xml(bytes);
    assert_eq!((feed.name.as_str(), feed.get("xmlns")), ("feed", ATOM), "{path}");
    assert_common(path, &feed);
    let own = feed.all("link").find(|link| link.get("rel") == "self").expect("link to itself");
    assert_eq!(own.get("href"), format!("{base}{path}"));
    let mut ids = BTreeSet::from([feed.one("id").text.clone()]);
    let mut entries = 0;
    for entry in feed.all("entry") {
        entries += 1;
        assert_common(path, entry);
        assert!(
            ids.insert(entry.one("id").text.clone()),
            "{path}: {:?} twice",
            entry.one("id").text
        );
        assert_date(&entry.one("published").text);
        let alternate = entry.all("link").filter(|link| link.get("rel") == "alternate");
        assert_eq!(alternate.count(), 1, "{path}: one page");
        for link in entry.all("link") {
            let href = link.get("href");
            assert!(
                href.starts_with(base) && href.is_ascii() && !href.contains(' '),
                "{path}: {href}"
            );
        }
        for enclosure in entry.all("link").filter(|link| link.get("rel") == "enclosure") {
            assert!(
                enclosure.get("length").parse::<u64>().is_ok()
                    && enclosure.get("type").contains('/')
            );
        }
        let content = entry.one("content");
        assert_eq!(content.get("type"), "html", "{path}");
        assert_content(path, &content.text, base);
    }
    entries
}

/// Asserts what a feed and an entry have in common.
#[track_caller]
fn assert_common(path: &str, element: &Element) {
    let id = &element.one("id").text;
    assert!(id.contains(':') && !id.contains(char::is_whitespace), "{path}: id {id:?}");
    assert_date(&element.one("updated").text);
    for name in ["title", "subtitle", "summary", "rights"] {
        for text in element.all(name) {
            let plain = matches!(text.get("type"), "" | "text");
            // Readers disagree on plain text that looks like markup.
            assert!(!plain || !text.text.contains(['<', '&']), "{path}: {name} {:?}", text.text);
            assert!(
                plain || tags(&text.text).is_ok_and(|tags| tags.is_empty()),
                "{path}: {text:?}"
            );
        }
    }
    for author in element.all("author") {
        assert!(!author.one("name").text.is_empty(), "{path}");
        for uri in author.all("uri") {
            assert!(uri.text.starts_with("http"), "{path}: {uri:?}");
        }
    }
    element.one("title");
}

#[track_caller]
fn assert_date(text: &str) {
    assert!(DateTime::parse_from_rfc3339(text).is_ok(), "{text:?} is no date of RFC 3339");
}

/// Asserts that the HTML of an entry is whole and loads nothing from elsewhere.
#[track_caller]
fn assert_content(path: &str, html: &str, base: &str) {
    for tag in tags(html).unwrap_or_else(|why| panic!("{path}: {why}")) {
        assert!(
            !matches!(tag.name.as_str(), "script" | "style" | "iframe" | "form" | "svg"),
            "{path}: {tag:?}"
        );
        for (name, value) in &tag.attributes {
            let value = value.as_deref().unwrap_or("");
            assert!(!name.starts_with("on") && name != "style", "{path}: {tag:?}");
            let sound = match name.as_str() {
                "src" => value.starts_with(base),
                "href" => ["https://", "http://", "mailto:"].iter().any(|s| value.starts_with(s)),
                _ => true,
            };
            assert!(sound, "{path}: {name}={value:?}");
        }
    }
}
