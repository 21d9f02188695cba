//! Text: hashtags and bare web addresses in it are links.

use super::{Piece, Walk, pieces};
use crate::sanitize::Target;
use crate::web::WebUrl;
use memchr::memmem;

impl Walk<'_, '_> {
    pub(super) fn text(&mut self, text: &str) {
        if self.code.is_some() {
            self.note_link_text(text);
            return self.code_text(text);
        }
        if !self.links.is_empty() {
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

/// Returns the first bare web address of a text with what stands before and after it.
///
/// As GitHub's extended autolinks: it begins at the start or after white space or an opening
/// mark, ends before white space or `<`, and leaves closing punctuation to the sentence.
fn bare_address(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let at = from + memmem::find(&text.as_bytes()[from..], b"http")?;
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
    let count = |bracket| address.bytes().filter(|b| *b == bracket).count();
    let (open, mut close) = (count(b'('), count(b')'));
    let mut end = address.len();
    while let Some(last) = address[..end].chars().next_back() {
        match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_' | '~' | ']' | '}' => {}
            ')' if close > open => close -= 1,
            _ => break,
        }
        end -= last.len_utf8();
    }
    &address[..end]
}
