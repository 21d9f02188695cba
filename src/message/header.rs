//! The header of a message: cut off before the Markdown parser sees it, then read.

use super::yaml;
use crate::config::language;
use crate::diagnostic::{Checked, Diagnostic};
use crate::fields::{Fields, File, Kind, Reader, SyntaxError, parse_toml};
use crate::limits;
use crate::text::clean_line;
use crate::time::Stamp;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Whether a header allows its message to be public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Default)]
pub enum Visibility {
    /// Nothing is said against it.
    #[default]
    Open,
    /// It says `draft`, `private`, `visibility` or `published: false`.
    Withheld,
    /// It cannot be read and holds one of these words, or it never ends.
    Unreadable,
}

/// A header and the place of the text after it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Split {
    /// Where the body stands, in bytes of the file's text.
    body: Range<usize>,
    /// The title.
    pub title: Option<String>,
    /// When it was written.
    pub date: Option<Stamp>,
    /// When it was last edited.
    pub updated: Option<Stamp>,
    /// Who wrote it.
    pub author: Option<String>,
    /// Its tags, with their places.
    pub tags: Vec<(String, Range<usize>)>,
    /// Its summary.
    pub summary: Option<String>,
    /// What it answers.
    pub in_reply_to: Option<String>,
    /// Its language.
    pub language: Option<String>,
    /// The picture that stands for it.
    pub thumbnail: Option<String>,
    /// What it says of attachments.
    pub captions: Vec<(String, String)>,
    /// The id it asks for.
    pub id: Option<String>,
    /// Whether it may be public.
    pub visibility: Visibility,
    /// What themes may use.
    pub extra: Fields,
}

impl Split {
    /// Returns the text after the header, given the whole text.
    pub fn body<'t>(&self, text: &'t str) -> &'t str {
        &text[self.body.clone()]
    }
}

/// Where a header stands in a text.
enum Found {
    None,
    /// Its fence, its inside and where the body begins.
    Header(Fence, Range<usize>, usize),
    /// It begins and never ends.
    Open(Fence),
}

/// The language of a header, told by the lines around it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fence {
    /// `+++`
    Toml,
    /// `---`
    Yaml,
}

/// Words that keep a message from being public even in a header that cannot be read.
const CLOSED_WORDS: &[&str] = &["draft", "private", "visibility", "published"];

/// The same words with the value that is harmless.
const CLOSED: [(&str, &str); 4] =
    [("draft", "false"), ("private", "false"), ("visibility", "public"), ("published", "true")];

/// Cuts the header off a message and reads it.
pub fn split(file: File<'_>) -> Checked<Split> {
    let text = file.text;
    let mut found = Vec::new();
    let value = match find(text) {
        Found::None => {
            let visibility = if looks_closed(text) {
                let message =
                    "begins with lines that look like a header and say that it is private";
                found.push(
                    file.warning("odd-header", 0..3, message.into())
                        .hint("put `---` in the first line and `key: value` right below it"),
                );
                Visibility::Unreadable
            } else {
                Visibility::Open
            };
            Split { body: 0..text.len(), visibility, ..Split::default() }
        }
        Found::Open(fence) => {
            let mark = if fence == Fence::Toml { "+++" } else { "---" };
            found.push(
                file.error("open-header", 0..3, "the header never ends".into())
                    .hint(format!("close it with a line `{mark}`")),
            );
            Split { body: 0..text.len(), visibility: Visibility::Unreadable, ..Split::default() }
        }
        Found::Header(fence, inside, body) => {
            let mut split = read(file, fence, inside, &mut found);
            split.body = body..text.len();
            split
        }
    };
    Checked { value, diagnostics: found }
}

/// Returns the header of a text with the place of what stands between its fences, or nothing where
/// it has none or never ends.
pub(super) fn fields(text: &str) -> Option<(Fence, Range<usize>, Fields)> {
    let Found::Header(fence, inside, _) = find(text) else { return None };
    let fields = match fence {
        Fence::Toml => parse_toml(&text[inside.clone()], inside.start).0,
        Fence::Yaml => yaml::parse(&text[inside.clone()], inside.start).0,
    };
    Some((fence, inside, fields))
}

fn find(text: &str) -> Found {
    let mut lines = lines(text);
    let Some((_, first)) = lines.next() else { return Found::None };
    let (fence, mark) = match first.trim_end() {
        "+++" => (Fence::Toml, "+++"),
        "---" => (Fence::Yaml, "---"),
        _ => return Found::None,
    };
    let start = first.len();
    // Two rules around a paragraph are Markdown, not YAML: the first line must look like a key.
    if fence == Fence::Yaml && !yaml::begins_with_key(&text[start..]) {
        return Found::None;
    }
    for (at, line) in lines {
        if at - start > limits::HEADER {
            break;
        }
        if line.trim_end() == mark {
            return Found::Header(fence, start..at, at + line.len());
        }
    }
    Found::Open(fence)
}

/// Returns whether a text that has no header for us opens like one and holds a word that would keep
/// it from the public: it is then not public either.
fn looks_closed(text: &str) -> bool {
    let start = text.trim_start();
    let Some(fence) = ["---", "+++"].iter().find(|fence| start.starts_with(**fence)) else {
        return false;
    };
    let head = &start[..start.floor_char_boundary(limits::HEADER)];
    let mut inside = head.lines().skip(1).take_while(|line| line.trim_end() != *fence);
    inside.any(|line| {
        let word = line.trim_start_matches([' ', '\t', '"', '\'', '-']).to_lowercase();
        CLOSED_WORDS.iter().any(|closed| {
            word.strip_prefix(closed).is_some_and(|rest| {
                rest.trim_start_matches(['"', '\'', ' ']).starts_with([':', '='])
            })
        })
    })
}

/// Returns each line with its end and the byte it begins at.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line))
    })
}

fn read(file: File<'_>, fence: Fence, inside: Range<usize>, found: &mut Vec<Diagnostic>) -> Split {
    let text = &file.text[inside.clone()];
    let (fields, errors) = match fence {
        Fence::Toml => parse_toml(text, inside.start),
        Fence::Yaml => yaml::parse(text, inside.start),
    };
    let broken = !errors.is_empty();
    if let Some(SyntaxError { span, message }) = errors.into_iter().next() {
        found.push(
            file.error("bad-header", span, format!("the header cannot be read: {message}"))
                .hint("mend the line; until then the message is shown with what could be read"),
        );
    }
    let nested = fields
        .0
        .iter()
        .any(|field| matches!(&field.value.kind, Kind::Table(inner) if closes_inside(inner)));
    let mut reader = Reader::new(file, fields, found);
    let mut split = read_fields(&mut reader);
    if nested && split.visibility == Visibility::Open {
        split.visibility = Visibility::Withheld;
    }
    if !broken {
        reader.finish();
    } else if CLOSED_WORDS.iter().any(|word| text.to_lowercase().contains(word)) {
        split.visibility = Visibility::Unreadable;
    }
    split
}

fn read_fields(reader: &mut Reader<'_>) -> Split {
    Split {
        title: reader.line("title"),
        date: reader.stamp("date"),
        updated: reader.stamp("updated"),
        author: reader.line("author"),
        tags: reader.texts("tags"),
        summary: reader.line("summary"),
        in_reply_to: reader.raw_text("in_reply_to").map(|(text, _)| text.trim().to_owned()),
        language: reader.parsed("language", "a language tag, as en", language),
        thumbnail: reader.raw_text("thumbnail").map(|(text, _)| text),
        captions: captions(reader),
        id: reader.parsed("id", "an absolute address, as urn:uuid:… or https://…", iri),
        visibility: visibility(reader),
        extra: reader.table("extra").unwrap_or_default(),
        body: 0..0,
    }
}

/// Returns what is said of attachments, each by its name below the message's folder.
fn captions(reader: &mut Reader<'_>) -> Vec<(String, String)> {
    let Some(table) = reader.table("captions") else { return Vec::new() };
    let mut captions = Vec::new();
    for field in table.0.into_iter().take(limits::REFS) {
        match field.value.kind {
            Kind::Text(text) => {
                let line = clean_line(&text);
                if !line.is_empty() {
                    captions.push((field.key, line));
                }
            }
            _ => reader.wrong("captions", field.value.span, "a text for each file"),
        }
    }
    captions
}

/// Returns an id fit for `atom:id`: an absolute IRI (RFC 4287, section 4.2.6).
fn iri(text: &str) -> Option<String> {
    let line = clean_line(text);
    let (scheme, rest) = line.split_once(':')?;
    let sound = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let absolute = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(sound)
        && !rest.is_empty();
    let forbidden = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '{' | '}' | '\\');
    (absolute && line.len() <= 300 && line == text && !line.contains(forbidden)).then_some(line)
}

/// Returns whether the header allows the message to be public, looking at every key that could say
/// so, in any case and however often. A value that is not understood does not allow it.
fn visibility(reader: &mut Reader<'_>) -> Visibility {
    let mut closed = false;
    for (key, harmless) in CLOSED {
        for value in reader.take_all(key) {
            match closes(key, harmless, &value.kind) {
                Some(closes) => closed |= closes,
                None => {
                    reader.wrong(key, value.span, "true or false");
                    closed = true;
                }
            }
        }
    }
    if closed { Visibility::Withheld } else { Visibility::Open }
}

/// Returns whether a table inside a header says that the message is private: what is written below
/// `[extra]` belongs to it, whether its author knew that or not.
fn closes_inside(fields: &Fields) -> bool {
    fields.0.iter().any(|field| {
        let said = CLOSED.iter().find(|(key, _)| field.key.to_lowercase() == *key);
        let closed = said
            .is_some_and(|(key, harmless)| closes(key, harmless, &field.value.kind) != Some(false));
        closed || matches!(&field.value.kind, Kind::Table(inner) if closes_inside(inner))
    })
}

/// Returns whether a value keeps its message from being public, or `None` where it is not
/// understood.
fn closes(key: &str, harmless: &str, value: &Kind) -> Option<bool> {
    match value {
        Kind::Bool(bool) if key != "visibility" => Some(bool.to_string() != harmless),
        Kind::Text(text) if key == "visibility" => Some(text != harmless),
        Kind::Text(text) if matches!(text.as_str(), "true" | "false") => Some(text != harmless),
        // Hugo and Jekyll write the day of publication here.
        Kind::Date(_) if key == "published" => Some(false),
        Kind::Text(text) if key == "published" && Stamp::parse(text).is_some() => Some(false),
        _ => None,
    }
}
