//! Tags: from a header and as hashtags in the text.

use crate::limits;
use crate::path::{fold, nfc};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A tag: equal without case, shown as written.
///
/// Letters, digits, `_` and `-`, not all digits, at most 64 characters, in NFC.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Tag(Box<str>);

impl Tag {
    /// Returns the tag, or `None` where the text (without a leading `#`) cannot be one.
    pub fn parse(text: &str) -> Option<Tag> {
        let text = text.strip_prefix('#').unwrap_or(text);
        let sound = text.chars().all(is_tag_char) && text.chars().any(|c| c.is_alphabetic());
        let fits = text.chars().count() <= limits::TAG_LENGTH;
        (sound && fits).then(|| Tag(nfc(text).into()))
    }

    /// Returns the tag as it was written.
    pub fn label(&self) -> &str {
        &self.0
    }

    /// Returns what tags are compared by.
    pub fn key(&self) -> String {
        fold(&self.0)
    }
}

/// Returns whether a character may stand in a tag. Marks belong to letters in many scripts.
pub fn is_tag_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-') || is_mark(c)
}

/// Combining marks of the scripts where words need them.
fn is_mark(c: char) -> bool {
    matches!(c as u32, 0x300..=0x36F | 0x591..=0x5C7 | 0x610..=0x61A | 0x64B..=0x65F | 0x670
        | 0x900..=0x903 | 0x93A..=0x94F | 0xE31 | 0xE34..=0xE3A | 0xE47..=0xE4E | 0x3099..=0x309A)
}

/// A part of a text: words, or a hashtag.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// Text as it is.
    Text(&'t str),
    /// A hashtag, with its `#` as written.
    Hashtag(&'t str, Tag),
}

/// Cuts a text into words and hashtags. A hashtag begins at `#` that follows no letter, digit,
/// `&`, `/`, `#` or escape mark, and does not end in `-`.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut from, mut search) = (0, 0);
    while let Some(at) = text[search..].find('#').map(|at| at + search) {
        search = at + 1;
        let before = text[..at].chars().next_back();
        let glued = |c: char| is_tag_char(c) || matches!(c, '&' | '/' | '#') || c == ESCAPED;
        if before.is_some_and(glued) {
            continue;
        }
        let len = text[at + 1..].find(|c| !is_tag_char(c)).unwrap_or(text.len() - at - 1);
        let word = text[at + 1..at + 1 + len].trim_end_matches('-');
        let end = at + 1 + word.len();
        let Some(tag) = Tag::parse(word) else { continue };
        if from < at {
            pieces.push(Piece::Text(&text[from..at]));
        }
        pieces.push(Piece::Hashtag(&text[at..end], tag));
        (from, search) = (end, end);
    }
    if from < text.len() {
        pieces.push(Piece::Text(&text[from..]));
    }
    pieces
}

/// Stands in a text before a `#` that was written `\#`: it is never a hashtag. The HTML writer
/// leaves control characters out.
pub const ESCAPED: char = '\u{4}';

/// A tag that was not taken.
pub enum Refused {
    /// Text of a header that cannot be a tag, and its place.
    NotATag(String, Range<usize>),
    /// How many there were.
    TooMany(usize),
}

/// Joins header tags and hashtags: none twice, at most [`limits::TAGS`].
pub(super) fn merge(
    header: &[(String, Range<usize>)],
    hashtags: Vec<Tag>,
    mut refuse: impl FnMut(Refused),
) -> Vec<Tag> {
    let mut all = Vec::new();
    for (text, span) in header {
        match Tag::parse(text.trim()) {
            Some(tag) => all.push(tag),
            None => refuse(Refused::NotATag(text.clone(), span.clone())),
        }
    }
    all.extend(hashtags);
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|tag| seen.insert(tag.key()));
    if all.len() > limits::TAGS {
        refuse(Refused::TooMany(all.len()));
        all.truncate(limits::TAGS);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashtags_and_the_words_between() {
        let tag = |t| Tag::parse(t).unwrap();
        assert_eq!(
            pieces("at #low-tide, x#y &#38; #-"),
            [
                Piece::Text("at "),
                Piece::Hashtag("#low-tide", tag("low-tide")),
                Piece::Text(", x#y &#38; #-")
            ]
        );
        assert_eq!(pieces("#a#b"), [Piece::Hashtag("#a", tag("a")), Piece::Text("#b")]);
        assert_eq!(pieces(""), []);
    }

    #[test]
    fn tags_compare_without_case_and_form() {
        assert_eq!(Tag::parse("Café").unwrap().key(), Tag::parse("#CAFE\u{301}").unwrap().key());
        assert_eq!(Tag::parse("2026"), None);
        assert_eq!(Tag::parse("a b"), None);
        assert_eq!(Tag::parse(""), None);
        assert_eq!(Tag::parse(&"x".repeat(65)), None);
    }
}
