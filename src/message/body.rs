//! From a message's Markdown to its HTML.
//!
//! Each event is written by [`crate::sanitize::Writer`], so that only markup of ours comes out:
//! addresses are checked, ids and footnote numbers are made here, classes and other attributes
//! that a message asks for are dropped. Raw HTML goes through the sanitizer.

use super::markdown::events;
use super::tags::{Piece, Tag, pieces};
use crate::names::slug;
use crate::path::OutPath;
use crate::sanitize::{SafeHtml, Target, Writer};
use crate::web::{Link, WebUrl};
use crate::words::Words;
use pulldown_cmark::{
    Alignment, BlockQuoteKind, CodeBlockKind, Event, HeadingLevel, Tag as Md, TagEnd,
};
use std::collections::BTreeMap;

/// What a relative address in a message means.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// What a body is rendered with.
pub struct Env<'e> {
    /// Makes the body's ids its own.
    pub prefix: &'e str,
    /// Answers what a relative address means.
    pub find: &'e (dyn Fn(&str) -> Found + Sync),
    /// Answers where the page of a tag is.
    pub tag: &'e (dyn Fn(&Tag) -> Option<OutPath> + Sync),
    /// Whether pictures on other hosts are shown rather than linked.
    pub remote_images: bool,
    /// Whether a heading that opens the text is left out: it stands as the title.
    pub skip_title: bool,
    /// Words of the interface.
    pub words: &'e Words,
}

/// Returns the HTML of the text after the header. A text that would become too large is shown as
/// it was written.
pub fn render(body: &str, env: &Env<'_>) -> SafeHtml {
    let events: Vec<Event<'_>> = events(body).collect();
    let events = if env.skip_title { without_title(&events) } else { &events[..] };
    let mut walk = Walk::new(env, events);
    walk.all(events);
    walk.footnotes();
    let find = |path: &str| match (env.find)(path) {
        Found::Picture(path, _)
        | Found::Sound(path)
        | Found::Film(path)
        | Found::File(path)
        | Found::Page(path) => Some(path),
        Found::Missing | Found::Withheld => None,
    };
    walk.w.finish(&find).unwrap_or_else(|_| as_text(body, env.prefix))
}

/// Returns a text as it was written, cut where it is longer than a body may be.
pub fn as_text(text: &str, prefix: &str) -> SafeHtml {
    let end = text.floor_char_boundary(crate::limits::BODY_HTML / 8);
    let mut w = Writer::new(prefix);
    w.open("pre").attribute("tabindex", "0").end();
    w.text(&text[..end]);
    w.close("pre");
    // A text of this length cannot be too large even if every character is escaped.
    w.finish(&|_| None).unwrap_or_default()
}

fn without_title<'s, 't>(events: &'s [Event<'t>]) -> &'s [Event<'t>] {
    if !matches!(events.first(), Some(Event::Start(Md::Heading { .. }))) {
        return events;
    }
    let end = events.iter().position(|e| matches!(e, Event::End(TagEnd::Heading(_))));
    &events[end.map_or(0, |end| end + 1)..]
}

struct Walk<'e, 't> {
    env: &'e Env<'e>,
    w: Writer,
    /// How many levels headings move so that the highest is `h2`.
    shift: i32,
    headings: Headings,
    notes: Notes<'t>,
    columns: Vec<Alignment>,
    column: usize,
    in_head: bool,
    /// For each open link: whether an `a` was written, with what its text shows.
    links: Vec<Option<OpenLink>>,
    code: bool,
}

struct OpenLink {
    host: Option<String>,
    text: String,
}

/// Ids of headings, and which fragment of the author's means which.
#[derive(Default)]
struct Headings {
    ids: std::collections::VecDeque<String>,
    by_fragment: BTreeMap<String, String>,
}

#[derive(Default)]
struct Notes<'t> {
    definitions: BTreeMap<String, Vec<Event<'t>>>,
    numbers: BTreeMap<String, usize>,
    order: Vec<String>,
    references: BTreeMap<usize, usize>,
}

impl<'e, 't> Walk<'e, 't> {
    fn new(env: &'e Env<'e>, events: &[Event<'t>]) -> Walk<'e, 't> {
        let (shift, headings) = plan_headings(events);
        Walk {
            env,
            w: Writer::new(env.prefix),
            shift,
            headings,
            notes: Notes::default(),
            columns: Vec::new(),
            column: 0,
            in_head: false,
            links: Vec::new(),
            code: false,
        }
    }

    fn all(&mut self, events: &[Event<'t>]) {
        let mut at = 0;
        while at < events.len() && !self.w.is_too_large() {
            at += match &events[at] {
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
            Event::SoftBreak => self.w.text("\n"),
            Event::HardBreak => self.w.open("br").end(),
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
            Md::Table(columns) => {
                self.columns.clone_from(columns);
                let label = self.env.words.get("table");
                self.w
                    .open("div")
                    .class("table")
                    .attribute("tabindex", "0")
                    .attribute("role", "region")
                    .attribute("aria-label", label)
                    .end();
                self.w.open("table").end();
            }
            Md::TableHead => {
                (self.column, self.in_head) = (0, true);
                self.w.open("thead").end();
                self.w.open("tr").end();
            }
            Md::TableRow => {
                self.column = 0;
                self.w.open("tr").end();
            }
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
            TagEnd::CodeBlock => {
                self.code = false;
                self.w.close("code");
                self.w.close("pre");
            }
            TagEnd::List(false) => self.w.close("ul"),
            TagEnd::List(true) => self.w.close("ol"),
            TagEnd::Item => self.w.close("li"),
            TagEnd::Table => {
                self.w.close("tbody");
                self.w.close("table");
                self.w.close("div");
            }
            TagEnd::TableHead => {
                self.in_head = false;
                self.w.close("tr");
                self.w.close("thead");
                self.w.open("tbody").end();
            }
            TagEnd::TableRow => self.w.close("tr"),
            TagEnd::TableCell => self.w.close(if self.in_head { "th" } else { "td" }),
            TagEnd::Emphasis => self.w.close("em"),
            TagEnd::Strong => self.w.close("strong"),
            TagEnd::Strikethrough => self.w.close("del"),
            TagEnd::Link => self.end_link(),
            _ => {}
        }
    }

    fn heading(&self, level: HeadingLevel) -> &'static str {
        match level as i32 + self.shift {
            ..=2 => "h2",
            3 => "h3",
            4 => "h4",
            5 => "h5",
            6.. => "h6",
        }
    }

    fn alert(&mut self, kind: BlockQuoteKind) {
        let name = match kind {
            BlockQuoteKind::Note => "note",
            BlockQuoteKind::Tip => "tip",
            BlockQuoteKind::Important => "important",
            BlockQuoteKind::Warning => "warning",
            BlockQuoteKind::Caution => "caution",
        };
        self.w.open("div").class(&format!("alert {name}")).end();
        self.w.open("p").class("alert-title").end();
        self.w.text(self.env.words.get(name));
        self.w.close("p");
    }

    fn code_block(&mut self, kind: &CodeBlockKind<'_>) {
        self.code = true;
        self.w.open("pre").attribute("tabindex", "0").end();
        let language = match kind {
            CodeBlockKind::Fenced(info) => info.split_whitespace().next().unwrap_or(""),
            CodeBlockKind::Indented => "",
        };
        let sound = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'#' | b'_' | b'-');
        let element = self.w.open("code");
        if (1..=32).contains(&language.len()) && language.bytes().all(sound) {
            element.class(&format!("language-{language}")).end();
        } else {
            element.end();
        }
    }

    fn cell(&mut self) {
        let class = match self.columns.get(self.column) {
            Some(Alignment::Left) => Some("align-left"),
            Some(Alignment::Center) => Some("align-center"),
            Some(Alignment::Right) => Some("align-right"),
            _ => None,
        };
        self.column += 1;
        let cell = if self.in_head {
            self.w.open("th").attribute("scope", "col")
        } else {
            self.w.open("td")
        };
        match class {
            Some(class) => cell.class(class).end(),
            None => cell.end(),
        }
    }

    fn task(&mut self, done: bool) {
        let (class, label, sign) =
            if done { ("task done", "done", "☑") } else { ("task open", "to_do", "☐") };
        let label = self.env.words.get(label);
        self.w
            .open("span")
            .class(class)
            .attribute("role", "img")
            .attribute("aria-label", label)
            .end();
        self.w.text(sign);
        self.w.close("span");
        self.w.text(" ");
    }

    fn text(&mut self, text: &str) {
        if self.code || !self.links.is_empty() {
            self.note_link_text(text);
            self.w.text(text);
            return;
        }
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => self.addresses(text),
                Piece::Hashtag(text, tag) => match (self.env.tag)(&tag) {
                    Some(path) => {
                        self.w.open("a").class("tag").href(&Target::Site(&path)).end();
                        self.w.text(text);
                        self.w.close("a");
                    }
                    None => self.w.text(text),
                },
            }
        }
    }

    /// Writes text in which bare web addresses become links.
    fn addresses(&mut self, text: &str) {
        let mut rest = text;
        while let Some((before, address, after)) = bare_address(rest) {
            self.w.text(before);
            match WebUrl::parse(address) {
                Some(url) => {
                    self.w.open("a").href(&Target::Web(&url)).end();
                    self.w.text(address);
                    self.w.close("a");
                }
                None => self.w.text(address),
            }
            rest = after;
        }
        self.w.text(rest);
    }

    fn link(&mut self, address: &str, title: &str) {
        let link = Link::parse(address);
        let mut host = None;
        let found;
        let target = match &link {
            Some(Link::Web(url)) => {
                host = Some(url.host());
                Some(Target::Web(url))
            }
            Some(Link::Mail(mail)) => Some(Target::Mail(mail)),
            Some(Link::Fragment(name)) => {
                self.headings.by_fragment.get(name).map(|id| Target::Here(id))
            }
            Some(Link::Relative(path)) => {
                found = (self.env.find)(path);
                match &found {
                    Found::Picture(path, _)
                    | Found::Sound(path)
                    | Found::Film(path)
                    | Found::File(path)
                    | Found::Page(path) => Some(Target::Site(path)),
                    Found::Missing => {
                        self.missing(path);
                        None
                    }
                    Found::Withheld => None,
                }
            }
            None => None,
        };
        let Some(target) = target else {
            self.links.push(None);
            return;
        };
        let element = self.w.open("a").href(&target);
        if title.is_empty() {
            element.end();
        } else {
            element.attribute("title", title).end();
        }
        self.links.push(Some(OpenLink { host, text: String::new() }));
    }

    fn note_link_text(&mut self, text: &str) {
        if let Some(Some(link)) = self.links.last_mut()
            && link.text.len() < 500
        {
            link.text.push_str(text);
        }
    }

    /// Closes a link; where its text looks like an address on another host, names the true one.
    fn end_link(&mut self) {
        let Some(Some(link)) = self.links.pop() else { return };
        self.w.close("a");
        if let (Some(host), Some(claimed)) = (&link.host, claimed_host(&link.text))
            && *host != claimed
            && format!("www.{claimed}") != *host
        {
            self.w.open("span").class("host").end();
            self.w.text(&format!(" ({host})"));
            self.w.close("span");
        }
    }

    fn image(&mut self, address: &str, title: &str, alt: &str) {
        let link = Link::parse(address);
        match &link {
            Some(Link::Relative(path)) => match (self.env.find)(path) {
                Found::Picture(path, size) => self.picture(&Target::Site(&path), size, title, alt),
                Found::Sound(path) => self.player("audio", &path, alt),
                Found::Film(path) => self.player("video", &path, alt),
                Found::File(path) | Found::Page(path) => {
                    self.w.open("a").href(&Target::Site(&path)).end();
                    self.w.text(if alt.is_empty() { address } else { alt });
                    self.w.close("a");
                }
                Found::Missing => self.missing(path),
                Found::Withheld => self.w.text(alt),
            },
            Some(Link::Web(url)) if self.env.remote_images => {
                self.picture(&Target::Web(url), None, title, alt);
            }
            Some(Link::Web(url)) => self.remote(url, alt),
            _ => self.w.text(alt),
        }
    }

    fn picture(&mut self, src: &Target<'_>, size: Option<(u32, u32)>, title: &str, alt: &str) {
        let mut img = self.w.open("img").src(src).attribute("alt", alt);
        if let Some((width, height)) = size {
            img =
                img.attribute("width", &width.to_string()).attribute("height", &height.to_string());
        }
        if !title.is_empty() {
            img = img.attribute("title", title);
        }
        img.attribute("loading", "lazy").end();
    }

    fn player(&mut self, tag: &'static str, path: &OutPath, alt: &str) {
        let player = self.w.open(tag).src(&Target::Site(path)).attribute("controls", "");
        let player = player.attribute("preload", "none");
        if alt.is_empty() {
            player.end()
        } else {
            player.attribute("title", alt).end()
        }
        self.w.close(tag);
    }

    /// Writes a picture on another host as a link, for to load it would tell that host who reads.
    fn remote(&mut self, url: &WebUrl, alt: &str) {
        let words = self.env.words.with("picture_at", &url.host());
        let inside_link = self.links.iter().any(Option::is_some);
        if !inside_link {
            self.w.open("a").class("remote").href(&Target::Web(url)).end();
        }
        self.w.text(&if alt.is_empty() {
            format!("[{words}]")
        } else {
            format!("[{words}: {alt}]")
        });
        if !inside_link {
            self.w.close("a");
        }
    }

    fn missing(&mut self, path: &str) {
        self.w.open("span").class("missing").end();
        self.w.text(&format!("[{}] ", self.env.words.with("not_arrived", path)));
        self.w.close("span");
    }

    /// Sets a footnote's definition aside; returns how many events it has.
    fn definition(&mut self, label: &str, events: &[Event<'t>]) -> usize {
        let len = span(events);
        let inside = events[1..len.max(2) - 1].to_vec();
        self.notes.definitions.entry(label.to_owned()).or_insert(inside);
        len
    }

    fn note_reference(&mut self, label: &str) {
        let next = self.notes.order.len() + 1;
        let number = *self.notes.numbers.entry(label.to_owned()).or_insert(next);
        if number == next {
            self.notes.order.push(label.to_owned());
        }
        let count = self.notes.references.entry(number).or_insert(0);
        *count += 1;
        let id = if *count == 1 { format!("r{number}") } else { format!("r{number}-{count}") };
        self.w.open("sup").class("footnote-ref").id(&id).end();
        self.w.open("a").href(&Target::Here(&format!("n{number}"))).end();
        self.w.text(&number.to_string());
        self.w.close("a");
        self.w.close("sup");
    }

    /// Writes the footnotes in the order they were first referred to, then those nobody refers to.
    fn footnotes(&mut self) {
        if self.notes.definitions.is_empty() || self.w.is_too_large() {
            return;
        }
        let label = self.env.words.get("footnotes");
        self.w.open("section").class("footnotes").attribute("aria-label", label).end();
        self.w.open("ol").end();
        let mut at = 0;
        while let Some(label) = self.next_note(at) {
            at += 1;
            self.w.open("li").id(&format!("n{at}")).end();
            if let Some(events) = self.notes.definitions.remove(&label) {
                self.all(&events);
            }
            if self.notes.references.contains_key(&at) {
                let back = self.env.words.get("back_to_text");
                let target = format!("r{at}");
                let link = self.w.open("a").class("footnote-back").href(&Target::Here(&target));
                link.attribute("aria-label", back).end();
                self.w.text("↩");
                self.w.close("a");
            }
            self.w.close("li");
        }
        self.w.close("ol");
        self.w.close("section");
    }

    fn next_note(&mut self, at: usize) -> Option<String> {
        if let Some(label) = self.notes.order.get(at) {
            return Some(label.clone());
        }
        let (label, _) = self.notes.definitions.first_key_value()?;
        let label = label.clone();
        self.notes.order.push(label.clone());
        self.notes.numbers.insert(label.clone(), at + 1);
        Some(label)
    }
}

/// Returns how many events the element has that the first one opens.
fn span(events: &[Event<'_>]) -> usize {
    let mut depth = 0usize;
    for (at, event) in events.iter().enumerate() {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    events.len()
}

/// Returns the words of some events.
fn plain(events: &[Event<'_>]) -> String {
    let mut out = String::new();
    for event in events {
        match event {
            Event::Text(text) | Event::Code(text) => out.push_str(text),
            Event::SoftBreak | Event::HardBreak => out.push(' '),
            _ => {}
        }
    }
    crate::text::clean_line(&out)
}

/// Returns how far headings move, and the ids they get.
fn plan_headings(events: &[Event<'_>]) -> (i32, Headings) {
    let mut headings = Headings::default();
    let mut highest = 6;
    for (at, event) in events.iter().enumerate() {
        let Event::Start(Md::Heading { level, id, .. }) = event else { continue };
        highest = highest.min(*level as i32);
        let text = plain(&events[at..at + span(&events[at..])]);
        let number = headings.ids.len() + 1;
        let words = slug(&text, 40);
        let made =
            if words.is_empty() { format!("h{number}") } else { format!("h{number}-{words}") };
        let fragment = id.as_ref().map_or_else(|| github_slug(&text), ToString::to_string);
        headings.by_fragment.entry(fragment).or_insert_with(|| made.clone());
        headings.ids.push_back(made);
    }
    (2 - highest, headings)
}

/// Returns the fragment by which authors expect a heading to be linked.
fn github_slug(text: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    text.to_lowercase().chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Returns the first bare web address of a text with what stands before and after it.
///
/// As GitHub's extended autolinks: it begins at the start or after white space or an opening
/// mark, ends before white space or `<`, and leaves closing punctuation to the sentence.
fn bare_address(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let at = from + text[from..].find("http")?;
        let tail = &text[at..];
        let opens = text[..at].chars().next_back();
        let at_start =
            opens.is_none_or(|c| c.is_whitespace() || "([{*_~\"'„“‘«—–、。：（「".contains(c));
        let scheme = ["https://", "http://"].iter().find(|scheme| tail.starts_with(**scheme));
        if let (true, Some(scheme)) = (at_start, scheme) {
            let end = tail.find(|c: char| {
                c.is_whitespace() || c.is_control() || "<>\"“”「」。、）".contains(c)
            });
            let address = trim_sentence(&tail[..end.unwrap_or(tail.len())]);
            if address.len() > scheme.len() {
                return Some((&text[..at], address, &tail[address.len()..]));
            }
        }
        from = at + 4;
    }
}

fn trim_sentence(address: &str) -> &str {
    let count = |bracket| address.matches(bracket).count();
    // Counted once: a row of a million brackets is looked at a million times.
    let (opened, mut closed) = (count('('), count(')'));
    let mut address = address;
    loop {
        let trimmed =
            address.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', '~', ']', '}']);
        let next = match trimmed.strip_suffix(')') {
            Some(shorter) if closed > opened => {
                closed -= 1;
                shorter
            }
            _ => trimmed,
        };
        if next.len() == address.len() {
            return address;
        }
        address = next;
    }
}

/// Returns the host that a link's text names, where it looks like an address.
fn claimed_host(text: &str) -> Option<String> {
    let text = text.trim();
    if text.contains(char::is_whitespace) {
        return None;
    }
    let bare = text.split(['/', '?', '#']).next().unwrap_or(text);
    let dotted = bare.contains('.') && bare.split('.').next_back().is_some_and(|top| top.len() > 1);
    let url = if text.contains("://") { text.to_owned() } else { format!("https://{bare}/") };
    (text.contains("://") || dotted).then(|| WebUrl::parse(&url).map(|url| url.host()))?
}
