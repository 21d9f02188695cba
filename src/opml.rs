//! Reading lists of feeds (OPML 2.0), which come from strangers.
//!
//! A list is refused as a whole where it is too large or too deep, is no XML, or defines entities:
//! an honest one never does.

use crate::limits::{OUTLINE, OUTLINE_DEPTH, OUTLINES};
use crate::text::clean_line;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// The namespace of the attribute with the key of a folder, a constant of the folder format.
pub const NAMESPACE: &str = "urn:uuid:3b0d8f5e-6c1f-5a52-8c34-1f6a1f0b7d29";
/// The attribute with the read-only key or link by which a folder is subscribed to.
pub const KEY: &str = "folder:key";

/// A feed of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// What it is called; empty where it has no name.
    pub title: String,
    /// Where it is read, as written.
    pub feed: String,
    /// The read-only key or link of a folder that holds the same.
    pub key: Option<String>,
}

/// Why a list is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(String);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// Returns the feeds of a list in its order, whatever folders they lie in.
///
/// # Errors
/// When the text is not what a list of feeds is.
pub fn read(text: &str) -> Result<Vec<Outline>, Refused> {
    if text.len() > OUTLINE {
        return Err(Refused(format!("it is larger than {} MB", OUTLINE >> 20)));
    }
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut reader = Reader::from_str(text);
    let (mut depth, mut in_opml, mut feeds) = (0, false, Vec::new());
    loop {
        let at = reader.buffer_position();
        let event = reader.read_event().map_err(|error| broken(text, at, &error.to_string()))?;
        match &event {
            Event::Start(start) | Event::Empty(start) => {
                let empty = matches!(event, Event::Empty(_));
                if depth == 0 && (in_opml || start.local_name().as_ref() != b"opml") {
                    return Err(Refused("it is no OPML: its root is not `opml`".into()));
                }
                in_opml = true;
                depth += usize::from(!empty);
                if depth > OUTLINE_DEPTH {
                    return Err(Refused(format!("its folders are more than {OUTLINE_DEPTH} deep")));
                }
                if start.local_name().as_ref() == b"outline" {
                    feeds.extend(outline(start).map_err(|why| broken(text, at, &why))?);
                }
                if feeds.len() > OUTLINES {
                    return Err(Refused(format!("it holds more than {OUTLINES} feeds")));
                }
            }
            Event::End(_) => depth -= 1,
            Event::DocType(doctype) if doctype.contains(&b'[') => {
                return Err(Refused("it defines entities, which no list of feeds needs".into()));
            }
            Event::Eof => break,
            _ => {}
        }
    }
    match (in_opml, depth) {
        (true, 0) => Ok(feeds),
        (true, _) => Err(Refused("it ends in the middle".into())),
        (false, _) => Err(Refused("it is no OPML: its root is not `opml`".into())),
    }
}

/// Returns the feed of an outline; folders and comments have none.
fn outline(start: &BytesStart<'_>) -> Result<Option<Outline>, String> {
    let (mut text, mut title, mut feed, mut key) = (None, None, None, None);
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let place = match attribute.key.as_ref() {
            b"text" => &mut text,
            b"title" => &mut title,
            b"xmlUrl" => &mut feed,
            name if name == KEY.as_bytes() => &mut key,
            _ => continue,
        };
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|error| error.to_string())?;
        *place = Some(clean_line(&value)).filter(|value| !value.is_empty());
    }
    let title = text.or(title).unwrap_or_default();
    Ok((feed.is_some() || key.is_some()).then(|| Outline {
        title,
        feed: feed.unwrap_or_default(),
        key,
    }))
}

fn broken(text: &str, at: u64, why: &str) -> Refused {
    let at = usize::try_from(at).unwrap_or(usize::MAX).min(text.len());
    let line = text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
    Refused(format!("line {line} is not well-formed XML: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str) -> Vec<Outline> {
        let text = format!(
            "<?xml version=\"1.0\"?>\n<opml version=\"2.0\"><head/><body>{body}</body></opml>"
        );
        read(&text).unwrap()
    }

    fn refused(text: &str, part: &str) {
        let why = read(text).unwrap_err().to_string();
        assert!(why.contains(part), "{why}");
    }

    #[test]
    fn feeds_are_found_in_folders_and_out_of_them() {
        let feeds = check(
            "<outline text=\"Sea\"><outline text=\"Low &amp; &#x68;igh\" type=\"rss\" xmlUrl=\"https://a.example/f?x=1&amp;y=2\"/>\
             </outline><outline title=\"Only a title\" xmlUrl=\"https://b.example/\"/><outline text=\"A note\"/>\
             <outline text=\"Kept\" folder:key=\"B2CN\" />",
        );
        let feed = |title: &str, feed: &str, key: Option<&str>| Outline {
            title: title.into(),
            feed: feed.into(),
            key: key.map(str::to_owned),
        };
        assert_eq!(
            feeds,
            [
                feed("Low & high", "https://a.example/f?x=1&y=2", None),
                feed("Only a title", "https://b.example/", None),
                feed("Kept", "", Some("B2CN")),
            ]
        );
    }

    #[test]
    fn hostile_lists_are_refused() {
        let bomb = "<!DOCTYPE opml [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]>\
                    <opml><body><outline text=\"&b;\" xmlUrl=\"x\"/></body></opml>";
        refused(bomb, "defines entities");
        refused("<opml><body><outline text=\"&b;\" xmlUrl=\"x\"/></body></opml>", "line 1");
        refused(&format!("<opml>{}", "<outline>".repeat(1_000)), "deep");
        refused(&format!("<opml>{}", "<outline xmlUrl=\"x\"/>".repeat(OUTLINES + 1)), "more than");
        refused(&" ".repeat(OUTLINE + 1), "larger");
        refused("<opml><body>", "middle");
        refused("<opml><body></opml>", "line 1");
        refused("<rss/>", "no OPML");
        refused("", "no OPML");
        refused("<opml/><opml/>", "no OPML");
        refused("<opml><outline xmlUrl=\"a\" xmlUrl=\"b\"/></opml>", "line 1");
    }
}
