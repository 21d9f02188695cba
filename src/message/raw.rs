//! Raw HTML among the events of a message, made to end where it is written.
//!
//! An HTML parser reads on: from a comment, a quote or a `<title>` that nothing closes it takes what
//! follows for a part of it, and the words are gone. So before any of it is interpreted:
//!
//! 1. A comment hides everything up to its end, be that in another paragraph: its words are nowhere
//!    in the page, in lists or in tags.
//! 2. A `<` that begins no whole tag is text, and so is a tag that HTML does not know, as in
//!    `Vec<String>`.
//! 3. Elements whose contents a parser reads in a way of its own are left out where they are whole,
//!    as scripts are; a tag of one that is not is text.
//!
//! What is left is cleaned by [`crate::sanitize`], which alone answers for what is safe.

use memchr::memchr_iter;
use pulldown_cmark::{CowStr, Event};
use std::cell::Cell;
use std::collections::VecDeque;

/// Elements whose contents are no markup, or markup of another kind (WHATWG HTML, section 13.2).
const APART: &[&str] = &[
    "frameset",
    "iframe",
    "math",
    "noembed",
    "noframes",
    "noscript",
    "plaintext",
    "script",
    "select",
    "style",
    "svg",
    "template",
    "textarea",
    "title",
    "xmp",
];

/// Elements that HTML has or had and that bodies do not: their tags are dropped, not their contents.
const DROPPED: &[&str] = &[
    "acronym", "address", "applet", "area", "article", "aside", "base", "basefont", "bgsound",
    "big", "blink", "body", "button", "canvas", "data", "datalist", "dialog", "dir", "embed",
    "fieldset", "font", "footer", "form", "frame", "head", "header", "hgroup", "html", "image",
    "input", "keygen", "label", "legend", "link", "listing", "main", "map", "marquee", "menu",
    "menuitem", "meta", "meter", "nav", "nobr", "object", "optgroup", "option", "output", "param",
    "picture", "progress", "rb", "rtc", "search", "slot", "source", "spacer", "strike", "track",
    "tt",
];

/// How often a run of raw HTML is searched to its end for what is not there. Beyond that every `<`
/// is text: a stranger could make it take quadratic time.
const SEARCHES: usize = 64;

/// Passes events on, with raw HTML that ends where it is written.
pub(super) struct Settled<'t, 'c, I> {
    events: I,
    ready: VecDeque<Event<'t>>,
    /// The raw HTML of a block, as far as it has come.
    run: String,
    comment: bool,
    /// Of the elements that were opened since a comment was: whether they were passed on.
    passed: Vec<bool>,
    /// Set at the end if a comment is still open.
    open_comment: Option<&'c Cell<bool>>,
}

impl<'t, 'c, I: Iterator<Item = Event<'t>>> Settled<'t, 'c, I> {
    pub(super) fn new(events: I, open_comment: Option<&'c Cell<bool>>) -> Settled<'t, 'c, I> {
        let (ready, run, passed) = (VecDeque::new(), String::new(), Vec::new());
        Settled { events, ready, run, comment: false, passed, open_comment }
    }

    fn take(&mut self, event: Event<'t>) {
        if let Event::Html(html) = &event {
            self.run.push_str(html);
            return;
        }
        if !self.run.is_empty() {
            let run = std::mem::take(&mut self.run);
            settle(&run, Event::Html, &mut self.comment, &mut self.ready);
        }
        match event {
            Event::InlineHtml(html) => {
                settle(&html, Event::InlineHtml, &mut self.comment, &mut self.ready);
            }
            Event::Start(_) if self.comment || !self.passed.is_empty() => {
                self.passed.push(!self.comment);
                if !self.comment {
                    self.ready.push_back(event);
                }
            }
            // One that was opened before is closed in any case.
            Event::End(_) if self.passed.pop().unwrap_or(true) => self.ready.push_back(event),
            Event::End(_) => {}
            event if self.comment => self.hide(event),
            event => self.ready.push_back(event),
        }
    }

    /// Leaves out what stands in a comment.
    fn hide(&mut self, event: Event<'t>) {
        let (Event::Text(text) | Event::Code(text)) = event else { return };
        let Some(end) = end_of_comment(&text) else { return };
        self.comment = false;
        if end < text.len() {
            self.ready.push_back(Event::Text(text[end..].to_owned().into()));
        }
    }
}

impl<'t, I: Iterator<Item = Event<'t>>> Iterator for Settled<'t, '_, I> {
    type Item = Event<'t>;

    fn next(&mut self) -> Option<Event<'t>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            let Some(event) = self.events.next() else { break };
            let plain = self.run.is_empty() && !self.comment && self.passed.is_empty();
            match event {
                Event::Html(_) | Event::InlineHtml(_) => self.take(event),
                event if plain => return Some(event),
                event => self.take(event),
            }
        }
        if !self.run.is_empty() {
            let run = std::mem::take(&mut self.run);
            settle(&run, Event::Html, &mut self.comment, &mut self.ready);
        }
        if let Some(open) = self.open_comment {
            open.set(self.comment);
        }
        self.ready.pop_front()
    }
}

/// What begins with a `<`, and how many bytes it has.
enum Piece {
    Comment,
    Tag(usize),
    Text(usize),
    LeftOut(usize),
}

fn settle<'t>(
    run: &str,
    raw: impl Fn(CowStr<'t>) -> Event<'t>,
    comment: &mut bool,
    out: &mut VecDeque<Event<'t>>,
) {
    let mut html = String::new();
    let flush = |html: &mut String, out: &mut VecDeque<Event<'t>>| {
        if !html.is_empty() {
            out.push_back(raw(std::mem::take(html).into()));
        }
    };
    let (mut rest, mut searches) = (run, SEARCHES);
    loop {
        if *comment {
            let Some(end) = end_of_comment(rest) else { break };
            *comment = false;
            rest = &rest[end..];
        }
        let Some(at) = rest.find('<') else {
            html.push_str(rest);
            break;
        };
        html.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match piece(rest, &mut searches) {
            Piece::Comment => {
                *comment = true;
                // `<!-->` and `<!--->` are whole ones.
                if rest[4..].starts_with('>') || rest[4..].starts_with("->") { 2 } else { 4 }
            }
            Piece::LeftOut(length) => length,
            Piece::Tag(length) => {
                html.push_str(&rest[..length]);
                length
            }
            Piece::Text(length) => {
                flush(&mut html, out);
                out.push_back(Event::Text(rest[..length].to_owned().into()));
                length
            }
        };
        rest = &rest[length..];
    }
    flush(&mut html, out);
}

/// Returns where a comment that is open ends (WHATWG HTML, section 13.2.5.45 and following).
fn end_of_comment(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let ends = |at: &usize| bytes[..*at].ends_with(b"--") || bytes[..*at].ends_with(b"--!");
    memchr_iter(b'>', bytes).find(ends).map(|at| at + 1)
}

/// Returns what stands at the beginning of a text that begins with a `<`.
fn piece(text: &str, searches: &mut usize) -> Piece {
    if text.starts_with("<!--") {
        return Piece::Comment;
    }
    let to = |end: &str| text.find(end).map(|at| Piece::LeftOut(at + end.len()));
    let found = if *searches == 0 {
        None
    } else if text.starts_with("<![CDATA[") {
        to("]]>")
    } else if text.starts_with("<?") {
        to("?>")
    } else if text.starts_with("<!") {
        to(">")
    } else {
        tag(text, searches)
    };
    found.unwrap_or_else(|| {
        *searches = searches.saturating_sub(1);
        Piece::Text(1)
    })
}

/// Returns what becomes of a tag, or nothing where it has no end or is none.
fn tag(text: &str, searches: &mut usize) -> Option<Piece> {
    let inside = text[1..].strip_prefix('/').unwrap_or(&text[1..]);
    if !inside.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let ends = |c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>');
    let name = &inside[..inside.find(ends)?];
    let name_end = text.len() - inside.len() + name.len();
    let end = name_end + tag_end(&text.as_bytes()[name_end..])?;
    let name = name.to_ascii_lowercase();
    let name = name.as_str();
    if APART.contains(&name) {
        let is_end = text.starts_with("</");
        let whole = if is_end { None } else { closing(&text[end..], name) };
        if whole.is_none() {
            *searches = searches.saturating_sub(1);
        }
        return Some(whole.map_or(Piece::Text(end), |after| Piece::LeftOut(end + after)));
    }
    let is_known = crate::sanitize::is_kept(name) || DROPPED.contains(&name);
    Some(if is_known { Piece::Tag(end) } else { Piece::Text(end) })
}

/// Returns where the tag ends that closes an element.
fn closing(text: &str, name: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = text[from..].find("</") {
        let start = from + at + 2;
        let rest = text.as_bytes().get(start..).unwrap_or_default();
        let is_it = rest.len() > name.len()
            && rest[..name.len()].eq_ignore_ascii_case(name.as_bytes())
            && (rest[name.len()].is_ascii_whitespace() || matches!(rest[name.len()], b'/' | b'>'));
        if is_it {
            return Some(start + name.len() + tag_end(&rest[name.len()..])?);
        }
        from = start;
    }
    None
}

/// Returns where a tag ends of which the attributes are given, after its `>` (WHATWG HTML, sections
/// 13.2.5.32 to 13.2.5.40).
fn tag_end(attributes: &[u8]) -> Option<usize> {
    enum At {
        Between,
        Name,
        AfterName,
        Value,
        Unquoted,
        Quoted(u8),
    }
    let mut state = At::Between;
    for (at, byte) in attributes.iter().enumerate() {
        let space = byte.is_ascii_whitespace();
        state = match (state, byte) {
            (At::Quoted(quote), _) if *byte != quote => At::Quoted(quote),
            (At::Quoted(_), _) => At::Between,
            (_, b'>') => return Some(at + 1),
            (At::Value, b'"' | b'\'') => At::Quoted(*byte),
            (At::Value, _) if space => At::Value,
            (At::Value, _) => At::Unquoted,
            (At::Unquoted, _) if !space => At::Unquoted,
            (At::Name | At::AfterName, b'=') => At::Value,
            (At::Name | At::AfterName, _) if space => At::AfterName,
            (At::Unquoted | At::Between | At::Name | At::AfterName, b'/') => At::Between,
            (At::Unquoted | At::Between, _) if space => At::Between,
            (At::Unquoted | At::Between | At::Name | At::AfterName, _) => At::Name,
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::message::markdown::events;
    use pulldown_cmark::Event;

    /// Checks what is left of a text: raw HTML in angle brackets of its own, and words.
    #[track_caller]
    fn check(text: &str, expect: &str) {
        let mut left = String::new();
        let mut depth = 0_i32;
        for event in events(text) {
            match event {
                Event::Html(html) | Event::InlineHtml(html) if !html.trim().is_empty() => {
                    left += &format!("‹{html}›");
                }
                Event::Text(words) | Event::Code(words) => left += &words,
                Event::SoftBreak => left.push(' '),
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                _ => {}
            }
        }
        let dense = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!((dense(&left), depth), (dense(expect), 0), "{text}");
    }

    #[test]
    fn a_comment_hides_all_up_to_its_end() {
        check("a <!-- b --> c", "a c");
        check(
            "<div>\n<!-- b:\n\nc **d** [e](f) `g` ![h](i) #j\n\n-->\nk\n</div>",
            "‹<div> ›k ‹</div> ›",
        );
        check("> <!-- a\n\nb\n\n- c\n- d --> e\n\n| f |\n|-|\n| g |", "e fg");
        check("<!-- a\n\n    b --> c\n\nd", "‹c›d");
        check("x\n\n<!-- a\n\nb", "x");
        check("<!--> a", "‹a›");
        check("<!---> a", "‹a›");
        check("<!-- a --!> b", "‹b›");
        check("<b>x<!-- y --></b>", "‹<b>›x‹</b>›");
    }

    #[test]
    fn what_has_no_end_is_text() {
        check("<div title=\"a\n\nb", "<‹div title=\"a ›b");
        check("<div <b\n\nc", "<‹div ›<‹b ›c");
        check("<div>a < b</div>", "‹<div>a ›<‹ b</div>›");
        check("<div>a <3 b</div>", "‹<div>a ›<‹3 b</div>›");
        check("<div><?x\n\nc", "‹<div>›<‹?x ›c");
    }

    #[test]
    fn what_html_does_not_know_is_text() {
        check("Vec<String> and <article>b</article>", "Vec<String> and ‹<article>›b‹</article>›");
        check("<my-part a='>'>x</my-part>", "<my-part a='>'>x</my-part>");
    }

    #[test]
    fn what_is_read_in_another_way_is_left_out_whole_or_text() {
        check("Use the <title> element. #t\n\nMore.", "Use the <title> element. #t More.");
        check(
            "A Vec<select> and <template> now\n\nMore.",
            "A Vec<select> and <template> now More.",
        );
        check("<script>\na\n\nb\n</script>\n\nc", "c");
        check("<div><iframe src='x'>a</iframe>b</div>", "‹<div>b</div>›");
        check("<svg>\n<path/>\n</svg>\n\nb", "b");
        check("<plaintext>\n\n*b*", "<plaintext> b");
        check("<p><xmp></p>\n\nb", "‹<p>›<xmp>‹</p> ›b");
    }

    #[test]
    fn searching_is_bounded() {
        for piece in ["<a b=\"", "<title>", "<![CDATA[", "</", "<!-- a <", "<!-- -->", "<x y='"] {
            let text = format!("<div>\n{}", piece.repeat(50_000));
            assert!(events(&text).count() < 200_000, "{piece}");
        }
    }
}
