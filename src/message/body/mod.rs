//! From a message's Markdown to its HTML.
//!
//! Each event is written by [`crate::sanitize::Writer`], so that only markup of ours comes out:
//! addresses are checked, ids and footnote numbers are made here, classes and other attributes
//! that a message asks for are dropped. Raw HTML goes through the sanitizer.

mod boxes;
mod code;
mod elements;
mod headings;
mod links;
mod notes;
mod pictures;
mod tables;
mod text;

use super::markdown::events;
use super::tags::{Piece, Tag, pieces};
use crate::limits;
use crate::path::OutPath;
use crate::sanitize::{Refused, Role, SafeHtml, Writer};
use crate::words::Words;
use code::Code;
use elements::{plain, span, without_title};
use headings::{Headings, plan_headings};
use links::OpenLink;
use notes::Notes;
use pulldown_cmark::{
    Alignment, BlockQuoteKind, CodeBlockKind, Event, HeadingLevel, Tag as Md, TagEnd,
};
use serde::{Deserialize, Serialize};
use tables::Table;

/// What a relative address in a message means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Found {
    /// A picture in the edition, with width and height where they are known.
    Picture(OutPath, Option<(u32, u32)>),
    /// A sound.
    Sound(OutPath),
    /// A film.
    Film(OutPath),
    /// Another file.
    File(OutPath),
    /// A page: another message.
    Page(OutPath),
    /// A file that has not arrived, or was never there.
    Missing,
    /// Something that is not shown: outside the box, too large, not in this edition.
    Withheld,
}

/// What belongs to a file that a text shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Beside {
    /// The widths of the smaller versions of a picture, in pixels, the least first.
    pub widths: Vec<u32>,
    /// The picture that stands for a film.
    pub poster: Option<OutPath>,
    /// The subtitles of a film.
    pub tracks: Vec<Track>,
    /// What the message says of it, in its header.
    pub caption: Option<String>,
}

/// A file of subtitles (WebVTT).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Track {
    /// Its file.
    pub path: OutPath,
    /// Its language, a BCP 47 tag, where its name tells.
    pub language: Option<String>,
}

/// What a body is rendered with.
pub struct Env<'e> {
    /// Makes the body's ids its own.
    pub prefix: &'e str,
    /// Answers what a relative address means.
    pub find: &'e (dyn Fn(&str) -> Found + Sync),
    /// Answers what belongs to a picture, a sound or a film.
    pub beside: &'e (dyn Fn(&OutPath) -> Beside + Sync),
    /// Answers where the page of a tag is.
    pub tag: &'e (dyn Fn(&Tag) -> Option<OutPath> + Sync),
    /// Whether pictures on other hosts are shown rather than linked.
    pub remote_images: bool,
    /// Whether addresses of this machine are kept: nobody else can follow them, and they may name
    /// what is private.
    pub local_links: bool,
    /// Whether a heading that opens the text is left out: it stands as the title.
    pub skip_title: bool,
    /// Words of the interface.
    pub words: &'e Words,
}

/// Returns the HTML of the text after the header. Where it holds more raw HTML than can be cleaned,
/// that is shown as text; a text that would become too large is shown as it was written.
pub fn render(body: &str, env: &Env<'_>) -> SafeHtml {
    let events: Vec<Event<'_>> = events(body).collect();
    let events = if env.skip_title { without_title(&events) } else { &events[..] };
    let mut w = Writer::new(env.prefix).keep_local(env.local_links);
    w.reserve(body.len() * 5 / 4);
    let html = match walk(events, env, w) {
        Err(Refused::TooMuchRaw) => walk(events, env, Writer::with_raw_as_text(env.prefix)),
        other => other,
    };
    html.unwrap_or_else(|_| as_text(body, env.prefix))
}

fn walk(events: &[Event<'_>], env: &Env<'_>, w: Writer) -> Result<SafeHtml, Refused> {
    let mut walk = Walk::new(env, events, w);
    walk.all(events);
    walk.footnotes();
    // A picture that is too large to be shown is a file, and so no picture in raw HTML either.
    walk.w.finish(&|role, path| match (role, (env.find)(path)) {
        (Role::Link | Role::Picture, Found::Picture(path, _))
        | (Role::Link | Role::Player, Found::Sound(path) | Found::Film(path))
        | (Role::Link, Found::File(path) | Found::Page(path)) => Some(path),
        _ => None,
    })
}

/// Returns a text as it was written, without HTML comments, cut where it is longer than a body may
/// be.
pub fn as_text(text: &str, prefix: &str) -> SafeHtml {
    let end = text.floor_char_boundary(limits::BODY_HTML / 8);
    let mut w = Writer::with_raw_as_text(prefix);
    w.open("pre").attribute("tabindex", "0").end();
    w.raw(&text[..end]);
    w.close("pre");
    // A text of this length cannot be too large even if every character is escaped.
    w.finish(&|_, _| None).unwrap_or_default()
}

struct Walk<'e, 't> {
    env: &'e Env<'e>,
    w: Writer,
    /// How many levels headings move so that the highest is `h2`.
    shift: i32,
    headings: Headings,
    notes: Notes<'t>,
    table: Table,
    /// For each open link: whether an `a` was written, with what its text shows.
    links: Vec<Option<OpenLink>>,
    code: Option<Code>,
    /// Whether the body will be cleaned: then links are looked at once more, with those in raw HTML.
    cleaned: bool,
}

impl<'e, 't> Walk<'e, 't> {
    fn new(env: &'e Env<'e>, events: &[Event<'t>], w: Writer) -> Walk<'e, 't> {
        let (shift, headings) = plan_headings(events);
        let is_raw = |event: &Event<'_>| matches!(event, Event::Html(_) | Event::InlineHtml(_));
        let cleaned = w.interprets() && events.iter().any(is_raw);
        let w = w.with_raw(cleaned);
        Walk {
            env,
            w,
            shift,
            headings,
            notes: Notes::default(),
            table: Table::default(),
            links: Vec::new(),
            code: None,
            cleaned,
        }
    }

    fn all(&mut self, events: &[Event<'t>]) {
        let mut at = 0;
        while at < events.len() && !self.w.is_refused() {
            at += match &events[at] {
                Event::Start(Md::Paragraph) if self.figure(&events[at..]) => span(&events[at..]),
                Event::Start(Md::FootnoteDefinition(label)) => {
                    self.definition(label, &events[at..])
                }
                Event::Start(Md::Image { dest_url, title, .. }) => {
                    let len = span(&events[at..]);
                    self.image(dest_url, title, &plain(&events[at..at + len]));
                    len
                }
                event => {
                    self.one(event);
                    1
                }
            };
        }
    }

    fn one(&mut self, event: &Event<'t>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(*tag),
            Event::Text(text) => self.text(text),
            Event::Code(text) => {
                self.w.open("code").end();
                self.note_link_text(text);
                self.w.text(text);
                self.w.close("code");
            }
            Event::InlineMath(text) | Event::DisplayMath(text) => self.w.text(text),
            Event::Html(html) | Event::InlineHtml(html) => self.w.raw(html),
            Event::FootnoteReference(label) => self.note_reference(label),
            Event::SoftBreak => {
                self.note_link_text(" ");
                self.w.text("\n");
            }
            Event::HardBreak => {
                self.note_link_text(" ");
                self.w.open("br").end();
            }
            Event::Rule => self.w.open("hr").end(),
            Event::TaskListMarker(done) => self.task(*done),
        }
    }

    fn start(&mut self, tag: &Md<'t>) {
        match tag {
            Md::Paragraph => self.w.open("p").end(),
            Md::Heading { level, .. } => {
                let id = self.headings.ids.pop_front().unwrap_or_default();
                self.w.open(self.heading(*level)).id(&id).end();
            }
            Md::BlockQuote(None) => self.w.open("blockquote").end(),
            Md::BlockQuote(Some(kind)) => self.alert(*kind),
            Md::CodeBlock(kind) => self.code_block(kind),
            Md::List(None) => self.w.open("ul").end(),
            Md::List(Some(1)) => self.w.open("ol").end(),
            Md::List(Some(n)) => self.w.open("ol").attribute("start", &n.to_string()).end(),
            Md::Item => self.w.open("li").end(),
            Md::Table(columns) => self.table(columns),
            Md::TableHead => self.table_head(),
            Md::TableRow => self.table_row(),
            Md::TableCell => self.cell(),
            Md::Emphasis => self.w.open("em").end(),
            Md::Strong => self.w.open("strong").end(),
            Md::Strikethrough => self.w.open("del").end(),
            Md::Link { dest_url, title, .. } => self.link(dest_url, title),
            // Not in the dialect, or handled where the whole of it is at hand.
            Md::HtmlBlock
            | Md::FootnoteDefinition(_)
            | Md::Image { .. }
            | Md::MetadataBlock(_)
            | Md::DefinitionList
            | Md::DefinitionListTitle
            | Md::DefinitionListDefinition
            | Md::Superscript
            | Md::Subscript => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => self.w.close("p"),
            TagEnd::Heading(level) => self.w.close(self.heading(level)),
            TagEnd::BlockQuote(None) => self.w.close("blockquote"),
            TagEnd::BlockQuote(Some(_)) => self.w.close("div"),
            TagEnd::CodeBlock => self.end_code(),
            TagEnd::List(false) => self.w.close("ul"),
            TagEnd::List(true) => self.w.close("ol"),
            TagEnd::Item => self.w.close("li"),
            TagEnd::Table => self.end_table(),
            TagEnd::TableHead => self.end_table_head(),
            TagEnd::TableRow => self.w.close("tr"),
            TagEnd::TableCell => self.w.close(self.table.cell()),
            TagEnd::Emphasis => self.w.close("em"),
            TagEnd::Strong => self.w.close("strong"),
            TagEnd::Strikethrough => self.w.close("del"),
            TagEnd::Link => self.end_link(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
