//! Writes HTML whose markup comes from the program and whose text is escaped.

use super::clean::Resolve;
use super::{HERE, OURS, ROOT, SafeHtml, clean, marks};
use crate::code::Class;
use crate::limits;
use crate::path::OutPath;
use crate::text::escape_into;
use crate::web::WebUrl;

/// Where a link or the source of a picture leads: kinds that are safe, and no other.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    /// A file of the edition.
    Site(&'a OutPath),
    /// A place in the same body, by an id written with [`Element::id`].
    Here(&'a str),
    /// Another site.
    Web(&'a WebUrl),
    /// A mail address, `mailto:` included.
    Mail(&'a str),
}

/// Collects the HTML of one body.
pub struct Writer {
    out: String,
    prefix: String,
    elements: usize,
    /// How many pieces of code have a class: each becomes an element of a page.
    marked: usize,
    raw_tags: usize,
    raw_references: usize,
    raw_formatting: usize,
    raw_bytes: usize,
    raw: Raw,
    local_links: bool,
    /// Whether classes are marked as the program's own.
    marks_classes: bool,
}

/// What becomes of raw HTML.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Raw {
    /// None was met so far.
    None,
    /// It is interpreted: the body has to be cleaned.
    Interpreted,
    /// It is interpreted, and there was more of it than a sanitizer can bear.
    TooMuch,
    /// It is written as text.
    Text,
    /// It is written as text, and a comment is open, which is left out.
    Comment,
}

/// The elements that HTML parsers open again in every block until they are closed (WHATWG HTML,
/// "reconstruct the active formatting elements"). `a` and `nobr` close the one before them.
const FORMATTING: &[&str] =
    &["b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u"];

/// Why a body was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It became larger than [`limits::BODY_HTML`] or [`limits::BODY_ELEMENTS`].
    TooLarge,
    /// It holds more raw HTML than a sanitizer can bear: [`limits::RAW_TAGS`] and what follows.
    TooMuchRaw,
}

impl Writer {
    /// Begins a body; `prefix` (letters, digits, `-`) makes its ids differ from those of other
    /// bodies on the same page and from the program's own.
    pub fn new(prefix: &str) -> Writer {
        Writer {
            out: String::new(),
            prefix: prefix.to_owned(),
            elements: 0,
            marked: 0,
            raw_tags: 0,
            raw_references: 0,
            raw_formatting: 0,
            raw_bytes: 0,
            raw: Raw::None,
            local_links: true,
            marks_classes: false,
        }
    }

    /// Says whether links of raw HTML to this machine are kept.
    #[must_use]
    pub fn keep_local(mut self, keep: bool) -> Writer {
        self.local_links = keep;
        self
    }

    /// Makes room for so many bytes, to be filled without moving what is there.
    pub fn reserve(&mut self, bytes: usize) {
        self.out.reserve(bytes);
    }

    /// Begins a body whose raw HTML is shown as it was written, without its comments.
    pub fn with_raw_as_text(prefix: &str) -> Writer {
        Writer { raw: Raw::Text, ..Writer::new(prefix) }
    }

    /// Opens an element. Its name is fixed in the program.
    #[must_use = "an element is open until `end`"]
    pub fn open(&mut self, tag: &'static str) -> Element<'_> {
        self.elements += 1;
        self.out.push('<');
        self.out.push_str(tag);
        Element(self)
    }

    /// Closes an element.
    pub fn close(&mut self, tag: &'static str) {
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push('>');
    }

    /// Writes text.
    pub fn text(&mut self, text: &str) {
        escape_into(&mut self.out, text);
    }

    /// Writes a piece of code that has a class; without colours once [`limits::CODE_MARKS`] pieces
    /// have one.
    pub fn code(&mut self, class: Class, text: &str) {
        if self.marked >= limits::CODE_MARKS {
            return self.text(text);
        }
        self.marked += 1;
        marks::open_into(&mut self.out, class);
        self.text(text);
        marks::close_into(&mut self.out);
    }

    /// Takes raw HTML of a message, which makes [`Writer::finish`] clean the whole body.
    pub fn raw(&mut self, html: &str) {
        if matches!(self.raw, Raw::Text | Raw::Comment) {
            return self.raw_text(html);
        }
        self.raw_tags += html.bytes().filter(|b| *b == b'<').count();
        self.raw_references += html.bytes().filter(|b| *b == b'&').count();
        self.raw_bytes += html.len();
        self.raw_formatting += html.split('<').skip(1).filter(|tag| is_formatting(tag)).count();
        if self.raw_tags > limits::RAW_TAGS
            || self.raw_references > limits::RAW_REFERENCES
            || self.raw_bytes > limits::RAW_HTML
        {
            self.raw = Raw::TooMuch;
            return;
        }
        if self.raw == Raw::None {
            self.raw = Raw::Interpreted;
        }
        clean::defuse_into(&mut self.out, html);
    }

    fn raw_text(&mut self, html: &str) {
        let mut rest = html;
        while !rest.is_empty() {
            let (mark, next) = match self.raw {
                Raw::Comment => ("-->", Raw::Text),
                _ => ("<!--", Raw::Comment),
            };
            let (text, after) = rest.split_once(mark).unwrap_or((rest, ""));
            if self.raw == Raw::Text {
                self.text(text);
            }
            if text.len() < rest.len() {
                self.raw = next;
            }
            rest = after;
        }
    }

    /// Says whether the body holds raw HTML, and so is going to be cleaned.
    #[must_use]
    pub fn with_raw(mut self, raw: bool) -> Writer {
        if raw && self.interprets() {
            (self.raw, self.marks_classes) = (Raw::Interpreted, true);
        }
        self
    }

    /// Returns whether raw HTML is interpreted, if there is any.
    pub fn interprets(&self) -> bool {
        !matches!(self.raw, Raw::Text | Raw::Comment)
    }

    /// Returns whether the HTML so far has reached a limit: the caller may stop.
    pub fn is_refused(&self) -> bool {
        self.raw == Raw::TooMuch || self.is_too_large()
    }

    fn is_too_large(&self) -> bool {
        self.out.len() > limits::BODY_HTML || self.elements + self.marked > limits::BODY_ELEMENTS
    }

    /// Returns whether raw formatting, if none of it is closed, would be opened again so often that
    /// parsing it costs more than a body may.
    fn may_multiply(&self) -> bool {
        self.raw_formatting * self.elements > limits::REOPENED
    }

    /// Returns the body. `resolve` answers which file of the edition a relative address in raw
    /// HTML means, by what it is to be there.
    ///
    /// # Errors
    /// When the body is too large, or holds more raw HTML than can be interpreted.
    pub fn finish(self, resolve: Resolve<'_>) -> Result<SafeHtml, Refused> {
        match self.raw {
            Raw::TooMuch => return Err(Refused::TooMuchRaw),
            _ if self.is_too_large() => return Err(Refused::TooLarge),
            Raw::Interpreted if self.may_multiply() => return Err(Refused::TooMuchRaw),
            Raw::None | Raw::Text | Raw::Comment => return Ok(SafeHtml(self.out)),
            Raw::Interpreted => {}
        }
        let cleaned = clean::clean(&self.out, &self.prefix, self.local_links, resolve);
        if cleaned.len() > limits::BODY_HTML {
            Err(Refused::TooLarge)
        } else {
            Ok(SafeHtml(cleaned))
        }
    }
}

/// Returns whether what follows a `<` opens a formatting element.
fn is_formatting(tag: &str) -> bool {
    let end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
    FORMATTING.iter().any(|name| tag[..end].eq_ignore_ascii_case(name))
}

/// An element whose attributes are being written.
pub struct Element<'w>(&'w mut Writer);

impl<'w> Element<'w> {
    /// Ends the opening tag.
    pub fn end(self) {
        self.0.out.push('>');
    }

    /// Adds a class. Characters other than letters, digits and `+ # _ -` are left out.
    #[must_use = "an element is open until `end`"]
    pub fn class(self, class: &str) -> Element<'w> {
        let sound =
            |c: &char| c.is_ascii_alphanumeric() || matches!(c, '+' | '#' | '_' | '-' | ' ');
        self.0.out.push_str(" class=\"");
        if self.0.marks_classes {
            self.0.out.push(OURS);
        }
        self.0.out.extend(class.chars().filter(sound));
        self.0.out.push('"');
        self
    }

    /// Adds an id: the body's prefix and `id` (letters, digits, `-`).
    #[must_use = "an element is open until `end`"]
    pub fn id(self, id: &str) -> Element<'w> {
        self.0.out.push_str(" id=\"");
        self.0.push_id(id);
        self.0.out.push('"');
        self
    }

    /// Adds an attribute that holds text; its name is fixed in the program.
    #[must_use = "an element is open until `end`"]
    pub fn attribute(self, name: &'static str, value: &str) -> Element<'w> {
        self.0.out.push(' ');
        self.0.out.push_str(name);
        self.0.out.push_str("=\"");
        escape_into(&mut self.0.out, value);
        self.0.out.push('"');
        self
    }

    /// Adds where a link leads.
    #[must_use = "an element is open until `end`"]
    pub fn href(self, target: &Target<'_>) -> Element<'w> {
        self.target("href", target)
    }

    /// Adds where a picture, sound or film lies.
    #[must_use = "an element is open until `end`"]
    pub fn src(self, target: &Target<'_>) -> Element<'w> {
        self.target("src", target)
    }

    /// Adds where a picture lies that is `own` pixels wide and has smaller versions of these
    /// widths. Without any it is like [`Element::src`].
    #[must_use = "an element is open until `end`"]
    pub fn versions(self, path: &OutPath, widths: &[u32], own: u32) -> Element<'w> {
        let element = self.src(&Target::Site(path));
        if !widths.is_empty() {
            element.0.out.pop();
            marks::widths_into(&mut element.0.out, widths, own);
            element.0.out.push('"');
        }
        element
    }

    /// Adds the picture that stands for a film until it plays.
    #[must_use = "an element is open until `end`"]
    pub fn poster(self, path: &OutPath) -> Element<'w> {
        self.target("poster", &Target::Site(path))
    }

    fn target(self, name: &'static str, target: &Target<'_>) -> Element<'w> {
        let out = &mut self.0.out;
        out.push(' ');
        out.push_str(name);
        out.push_str("=\"");
        match target {
            Target::Site(path) => {
                out.push(ROOT);
                out.push_str(path.as_str());
            }
            Target::Here(id) => {
                out.push(HERE);
                out.push('#');
                self.0.push_id(id);
            }
            Target::Web(url) => escape_into(out, url.as_str()),
            Target::Mail(address) => escape_into(out, address),
        }
        self.0.out.push('"');
        self
    }
}

impl Writer {
    fn push_id(&mut self, id: &str) {
        self.out.push_str(&self.prefix);
        self.out.push('-');
        self.out.extend(id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-'));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_leave_their_attribute() {
        let mut w = Writer::new("m1");
        w.open("p").class("a\"><script>").id("x\" y").attribute("title", "\"><script>'").end();
        w.text("</p><script>&");
        w.close("p");
        assert_eq!(
            w.finish(&|_, _| None).unwrap().at("").as_str(),
            "<p class=\"ascript\" id=\"m1-xy\" title=\"&quot;&gt;&lt;script&gt;&#39;\">\
             &lt;/p&gt;&lt;script&gt;&amp;</p>"
        );
    }

    #[test]
    fn a_body_that_grows_without_end_is_refused() {
        let mut w = Writer::new("m1");
        for _ in 0..=limits::BODY_ELEMENTS {
            w.open("br").end();
        }
        assert_eq!(w.finish(&|_, _| None), Err(Refused::TooLarge));
    }

    #[test]
    fn raw_html_as_text_has_no_comments() {
        let mut w = Writer::with_raw_as_text("m1");
        for html in ["<b>", "<!-- a", "<b>", "b -->c<!-- -->", "d<!--"] {
            w.raw(html);
        }
        w.text("e");
        assert_eq!(w.finish(&|_, _| None).unwrap().at("").as_str(), "&lt;b&gt;cde");
    }

    #[test]
    fn more_raw_html_than_can_be_borne_is_refused() {
        let refused = |html: &str, times: usize| {
            let mut w = Writer::new("m1");
            (0..times).for_each(|_| w.raw(html));
            w.is_refused() && w.finish(&|_, _| None) == Err(Refused::TooMuchRaw)
        };
        assert!(!refused("<br>", limits::RAW_TAGS));
        assert!(refused("<br>", limits::RAW_TAGS + 1));
        assert!(!refused("&", limits::RAW_REFERENCES));
        assert!(refused("&", limits::RAW_REFERENCES + 1));
        assert!(!refused("x", limits::RAW_HTML));
        assert!(refused("x", limits::RAW_HTML + 1));
    }

    #[test]
    fn formatting_that_is_never_closed_is_refused_before_it_multiplies() {
        let multiplies = |tag: &str, blocks: usize| {
            let mut w = Writer::new("m1");
            for n in 0..500 {
                w.raw(&format!("<{tag} title={n}>"));
            }
            for _ in 0..blocks {
                w.open("p").end();
                w.close("p");
            }
            w.may_multiply()
        };
        assert!(multiplies("b", 500));
        assert!(multiplies("STRONG", 500));
        assert!(!multiplies("b", 100));
        assert!(!multiplies("kbd", 5000));
    }
}
