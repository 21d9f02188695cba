//! From a message's Markdown to its HTML.
//!
//! Each event is written by [`crate::sanitize::Writer`], so that only markup of ours comes out:
//! addresses are checked, ids and footnote numbers are made here, classes and other attributes
//! that a message asks for are dropped. Raw HTML goes through the sanitizer.

mod autolink;
mod headings;
mod links;
mod notes;

use super::markdown::events;
use super::tags::{Piece, Tag, pieces};
use crate::path::OutPath;
use crate::sanitize::{Refused, SafeHtml, Target, Writer};
use crate::web::WebUrl;
use crate::words::Words;
use autolink::bare_address;
use headings::{Headings, plan_headings};
use links::OpenLink;
use notes::Notes;
use pulldown_cmark::{
    Alignment, BlockQuoteKind, CodeBlockKind, Event, HeadingLevel, Tag as Md, TagEnd,
};
use serde::Serialize;

/// What a relative address in a message means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    walk.w.finish(&|path: &str| match (env.find)(path) {
        Found::Picture(path, _)
        | Found::Sound(path)
        | Found::Film(path)
        | Found::File(path)
        | Found::Page(path) => Some(path),
        Found::Missing | Found::Withheld => None,
    })
}

/// Returns a text as it was written, without HTML comments, cut where it is longer than a body may
/// be.
pub fn as_text(text: &str, prefix: &str) -> SafeHtml {
    let end = text.floor_char_boundary(crate::limits::BODY_HTML / 8);
    let mut w = Writer::with_raw_as_text(prefix);
    w.open("pre").attribute("tabindex", "0").end();
    w.raw(&text[..end]);
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

impl<'e, 't> Walk<'e, 't> {
    fn new(env: &'e Env<'e>, events: &[Event<'t>], w: Writer) -> Walk<'e, 't> {
        let (shift, headings) = plan_headings(events);
        Walk {
            env,
            w,
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
        while at < events.len() && !self.w.is_refused() {
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
            match WebUrl::parse(address).filter(|url| self.env.local_links || !url.is_loopback()) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let words = Words::new(
            [("picture_at", "picture at {}"), ("not_arrived", "{} has not arrived")]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into(),
        );
        let env = Env {
            prefix: "m1",
            find: &|name| match name {
                "a.jpg" => Found::Picture(OutPath::fixed("c/m/a.jpg"), Some((4, 3))),
                "a.ogg" => Found::Sound(OutPath::fixed("c/m/a.ogg")),
                "b.md" => Found::Page(OutPath::fixed("c/b.html")),
                "later.jpg" => Found::Missing,
                _ => Found::Withheld,
            },
            tag: &|tag| OutPath::parse(&format!("tags/{}/index.html", tag.key())),
            remote_images: false,
            local_links: false,
            skip_title: false,
            words: &words,
        };
        let html = render(text, &env).at("../");
        assert_eq!(html.as_str().replace('\n', ""), expect, "{text}");
    }

    #[test]
    fn links_lead_where_they_may() {
        check("[x](b.md)", "<p><a href=\"../c/b.html\">x</a></p>");
        check("[x](javascript:alert(1))", "<p>x</p>");
        check("[x](../../other/inbox/y.md)", "<p>x</p>");
        check(
            "[x](https://example.org \"t\")",
            "<p><a href=\"https://example.org/\" title=\"t\">x</a></p>",
        );
        check(
            "[bank.example](https://evil.example/)",
            "<p><a href=\"https://evil.example/\">bank.example</a><span class=\"host\"> (evil.example)</span></p>",
        );
        check(
            "[example.org](https://www.example.org/)",
            "<p><a href=\"https://www.example.org/\">example.org</a></p>",
        );
    }

    #[test]
    fn bare_addresses_become_links_outside_code() {
        check(
            "(see https://example.org/a_(b)_c, or `https://x.example`).",
            "<p>(see <a href=\"https://example.org/a_(b)_c\">https://example.org/a_(b)_c</a>, or <code>https://x.example</code>).</p>",
        );
        check("https:// xhttp://y.example", "<p>https:// xhttp://y.example</p>");
    }

    #[test]
    fn pictures_are_files_of_the_message() {
        check(
            "![A \"gull\"](a.jpg)",
            "<p><img src=\"../c/m/a.jpg\" alt=\"A &quot;gull&quot;\" width=\"4\" height=\"3\" loading=\"lazy\"></p>",
        );
        check(
            "![](a.ogg)",
            "<p><audio src=\"../c/m/a.ogg\" controls=\"\" preload=\"none\"></audio></p>",
        );
        check(
            "![x](later.jpg)",
            "<p><span class=\"missing\">[later.jpg has not arrived] </span></p>",
        );
        check(
            "![x](https://t.example/p.gif)",
            "<p><a class=\"remote\" href=\"https://t.example/p.gif\">[picture at t.example: x]</a></p>",
        );
    }

    #[test]
    fn headings_get_ids_of_ours_and_begin_at_the_second_level() {
        check(
            "# One {#own .c onclick=x}\n\n## Two\n\n[to](#own) [two](#two)",
            "<h2 id=\"m1-h1-one\">One</h2><h3 id=\"m1-h2-two\">Two</h3>\
             <p><a href=\"#m1-h1-one\">to</a> <a href=\"#m1-h2-two\">two</a></p>",
        );
    }

    #[test]
    fn footnotes_are_numbered_by_their_first_reference() {
        check(
            "[^z]: Last.\n[^a]: First.\n\nx[^a] y[^z]",
            "<p>x<sup class=\"footnote-ref\" id=\"m1-r1\"><a href=\"#m1-n1\">1</a></sup> \
             y<sup class=\"footnote-ref\" id=\"m1-r2\"><a href=\"#m1-n2\">2</a></sup></p>\
             <section class=\"footnotes\" aria-label=\"footnotes\"><ol>\
             <li id=\"m1-n1\"><p>First.</p><a class=\"footnote-back\" href=\"#m1-r1\" aria-label=\"back_to_text\">↩</a></li>\
             <li id=\"m1-n2\"><p>Last.</p><a class=\"footnote-back\" href=\"#m1-r2\" aria-label=\"back_to_text\">↩</a></li>\
             </ol></section>",
        );
    }

    #[test]
    fn hashtags_link_to_their_page() {
        check(
            "#Low-Tide \\#no",
            "<p><a class=\"tag\" href=\"../tags/low-tide/index.html\">#Low-Tide</a> #no</p>",
        );
    }

    #[test]
    fn code_keeps_its_language_only_when_it_is_a_word() {
        check(
            "```c++\na<b\n```",
            "<pre tabindex=\"0\"><code class=\"language-c++\">a&lt;b</code></pre>",
        );
        check("```x\"y\n```", "<pre tabindex=\"0\"><code></code></pre>");
    }

    #[test]
    fn tables_tasks_and_alerts() {
        check(
            "|a|b|\n|-|:-:|\n|1|2|",
            "<div class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"table\"><table><thead><tr>\
             <th scope=\"col\">a</th><th scope=\"col\" class=\"align-center\">b</th></tr></thead><tbody>\
             <tr><td>1</td><td class=\"align-center\">2</td></tr></tbody></table></div>",
        );
        check(
            "- [x] a",
            "<ul><li><span class=\"task done\" role=\"img\" aria-label=\"done\">☑</span> a</li></ul>",
        );
        check(
            "> [!TIP]\n> x",
            "<div class=\"alert tip\"><p class=\"alert-title\">tip</p><p>x</p></div>",
        );
    }
}
