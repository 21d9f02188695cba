//! The only module that can make a [`SafeHtml`].
//!
//! 1. [`Writer`] writes elements whose names are fixed in the program, with escaped text and
//!    attribute values of checked kinds. A body without raw HTML is safe by that alone.
//! 2. Raw HTML of a message goes in by [`Writer::raw`]; then the whole body is parsed and
//!    cleaned by ammonia with the strict list of `clean`.
//! 3. Links into the site are written with a mark for its top, so that one body can stand in pages
//!    of any depth and, with absolute addresses, in feeds: see [`SafeHtml::at`]. What is for pages
//!    only, smaller versions of pictures and the classes of code, is written as marks too (`marks`).

mod clean;
mod hosts;
mod marks;
mod words;
mod writer;

pub use clean::{Role, tag_end};
pub use hosts::deceptive_host;
pub use words::words_into;
pub use writer::{Element, Refused, Target, Writer};

use crate::path::OutPath;
use crate::web::BaseUrl;
use serde::{Serialize, Serializer};

/// Returns whether bodies may have an element of this name, in small letters.
pub fn is_kept(name: &str) -> bool {
    clean::TAGS.contains(&name)
}

/// Stands for the top of the edition in an address. Source text never holds control characters.
const ROOT: char = '\u{1}';
/// Stands before the classes that the program writes into a body that is going to be cleaned: nobody
/// else can, so that no message poses as a part of the page or takes a link out of what is done to links.
const OURS: char = '\u{13}';
/// Stands before `#…` for the page a body is on.
const HERE: char = '\u{2}';

/// Returns whether a mark of ASCII stands in a text. Most texts have none, and all are asked.
fn holds(text: &str, mark: char) -> bool {
    memchr::memchr(mark as u8, text.as_bytes()).is_some()
}

/// HTML that is safe to put into a page, once it is told where the page lies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SafeHtml(String);

/// Safe HTML whose links fit one page. Templates show it as it is, without escaping.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlacedHtml(String);

impl SafeHtml {
    /// Returns the HTML for a page from which `root` leads to the top of the edition.
    pub fn at(&self, root: &str) -> PlacedHtml {
        let mut out = String::with_capacity(self.0.len() + 64);
        for (n, piece) in self.0.split(ROOT).enumerate() {
            if n > 0 {
                out.push_str(root);
                let rest = marks::versions_into(&mut out, root, piece);
                out.push_str(rest);
            } else {
                out.push_str(piece);
            }
        }
        if holds(&out, HERE) {
            out = out.replace(HERE, "");
        }
        PlacedHtml(marks::with_classes(out))
    }

    /// Returns the HTML for a feed: every address absolute, folders ending in `/`, places in the
    /// text as places of the message's `page`, pictures whole and code without colours.
    pub fn absolute(&self, base: &BaseUrl, page: &OutPath) -> String {
        let mut out = String::with_capacity(self.0.len() + 256);
        for (n, piece) in self.0.split(ROOT).enumerate() {
            if n == 0 {
                out.push_str(piece);
                continue;
            }
            out.push_str(base.as_str());
            let end = piece.find(['"', '#']).unwrap_or(piece.len());
            let (path, rest) = piece.split_at(end);
            let (path, _) = marks::split(path);
            out.push_str(OutPath::parse(path).as_ref().map_or(path, OutPath::address));
            out.push_str(rest);
        }
        if holds(&out, HERE) {
            out = out.replace(HERE, &format!("{}{}", base.as_str(), page.address()));
        }
        marks::without_classes(out)
    }

    /// Returns the HTML for a feed of which nobody knows where it is read: as for a page, with
    /// pictures whole and code without colours.
    pub fn plain_at(&self, root: &str) -> String {
        let mut out = String::with_capacity(self.0.len() + 64);
        for (n, piece) in self.0.split(ROOT).enumerate() {
            if n == 0 {
                out.push_str(piece);
                continue;
            }
            let (address, rest) = piece.split_at(piece.find('"').unwrap_or(piece.len()));
            out.extend([root, marks::split(address).0, rest]);
        }
        if holds(&out, HERE) {
            out = out.replace(HERE, "");
        }
        marks::without_classes(out)
    }

    /// Returns how many bytes it is long.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Gives back the room that was made ready for more of it.
    pub fn shrink_to_fit(&mut self) {
        self.0.shrink_to_fit();
    }

    /// Returns whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl PlacedHtml {
    /// Returns the HTML as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the HTML as text.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl Serialize for PlacedHtml {
    /// As a template engine's "safe" string; in any other format as plain text.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        tera::Value::safe_string(&self.0).serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_fit_where_the_body_stands() {
        let mut w = Writer::new("m1");
        let page = OutPath::fixed("a/x.html");
        w.open("a").href(&Target::Site(&OutPath::fixed("tags/t/index.html"))).end();
        w.text("t");
        w.close("a");
        w.open("a").href(&Target::Here("fn-1")).end();
        w.close("a");
        let html = w.finish(&|_, _| None).unwrap();
        assert_eq!(
            html.at("../").as_str(),
            "<a href=\"../tags/t/index.html\">t</a><a href=\"#m1-fn-1\"></a>"
        );
        let base = BaseUrl::parse("https://example.org/s/").unwrap();
        assert_eq!(
            html.absolute(&base, &page),
            "<a href=\"https://example.org/s/tags/t/\">t</a>\
             <a href=\"https://example.org/s/a/x.html#m1-fn-1\"></a>"
        );
    }
}
