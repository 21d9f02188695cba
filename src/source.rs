//! Text as it was found in a file, and places in it.

use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What the bytes of a file turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decoded {
    /// Text. `repaired` tells that bytes which are not UTF-8 were replaced by U+FFFD.
    Text {
        /// The text without its byte order mark, line ends as they were.
        text: String,
        /// Where the first replaced byte stood, if one was replaced.
        repaired: Option<usize>,
    },
    /// Not text: it holds NUL bytes and no UTF-16 byte order mark.
    Binary,
}

/// Decodes the bytes of a message, header or settings file. Total: any bytes give an answer.
///
/// A byte order mark decides between UTF-8 and UTF-16 (WHATWG Encoding, "BOM sniff"); without
/// one the text is UTF-8, and what is not is replaced.
pub fn decode(bytes: &[u8]) -> Decoded {
    match bytes {
        [0xFF, 0xFE, rest @ ..] => decode_utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => decode_utf16(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => decode_utf8(rest),
        _ => decode_utf8(bytes),
    }
}

fn decode_utf8(bytes: &[u8]) -> Decoded {
    if bytes.contains(&0) {
        return Decoded::Binary;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Decoded::Text { text: text.to_owned(), repaired: None },
        Err(error) => Decoded::Text {
            text: String::from_utf8_lossy(bytes).into_owned(),
            repaired: Some(error.valid_up_to()),
        },
    }
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Decoded {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let mut text = String::with_capacity(bytes.len() / 2);
    let mut repaired = None;
    for decoded in char::decode_utf16(units) {
        match decoded {
            Ok('\0') => return Decoded::Binary,
            Ok(c) => text.push(c),
            Err(_) => {
                repaired.get_or_insert(text.len());
                text.push('\u{FFFD}');
            }
        }
    }
    if bytes.len() % 2 == 1 {
        repaired.get_or_insert(text.len());
        text.push('\u{FFFD}');
    }
    Decoded::Text { text, repaired }
}

/// A place in a text, kept with the line itself so that it can be shown without the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The line, counted from 1.
    pub line: u32,
    /// The column in characters, counted from 1.
    pub column: u32,
    /// How many characters are meant, at least 1.
    pub width: u32,
    /// The line's text, cut to what a terminal can show (see [`Place::of`]).
    pub text: String,
}

/// The longest piece of a line that a [`Place`] keeps, in characters.
const SHOWN: usize = 160;

impl Place {
    /// Returns the place of a byte range of `text`. Ranges outside the text or inside a character
    /// are moved to the nearest sound ones. Of a very long line a piece around the place is kept.
    pub fn of(text: &str, range: Range<usize>) -> Place {
        let start = text.floor_char_boundary(range.start.min(text.len()));
        let end = text.floor_char_boundary(range.end.clamp(start, text.len()));
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        // Of `\r\n` the first is no part of the line either, unless it is meant.
        let line_end = match text[start..line_end].strip_suffix('\r') {
            Some(rest) if line_end < text.len() => start + rest.len(),
            _ => line_end,
        };
        let line = text[..start].bytes().filter(|b| *b == b'\n').count() + 1;
        let before = text[line_start..start].chars().count();
        let width = text[start..end.min(line_end).max(start)].chars().count().max(1);
        let skip = before.saturating_sub(SHOWN / 2);
        let shown: String = text[line_start..line_end].chars().skip(skip).take(SHOWN).collect();
        Place {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(before + 1).unwrap_or(u32::MAX),
            width: u32::try_from(width.min(SHOWN)).unwrap_or(1),
            text: shown,
        }
    }

    /// Returns how many characters of [`Place::text`] stand before the place.
    pub fn offset_in_text(&self) -> usize {
        let before = self.column as usize - 1;
        before - before.saturating_sub(SHOWN / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(bytes: &[u8]) -> (String, Option<usize>) {
        match decode(bytes) {
            Decoded::Text { text, repaired } => (text, repaired),
            Decoded::Binary => panic!("binary"),
        }
    }

    #[test]
    fn byte_order_marks_are_understood() {
        assert_eq!(text_of(b"\xEF\xBB\xBFhi"), ("hi".into(), None));
        assert_eq!(text_of(b"\xFF\xFEh\0i\0"), ("hi".into(), None));
        assert_eq!(text_of(b"\xFE\xFF\0h\0i"), ("hi".into(), None));
        assert_eq!(text_of(b"\xFF\xFEh\0\x00\xD8"), ("h\u{FFFD}".into(), Some(1)));
        assert_eq!(text_of(b"\xFF\xFEh\0i"), ("h\u{FFFD}".into(), Some(1)));
    }

    #[test]
    fn broken_utf8_is_repaired_and_told() {
        assert_eq!(text_of(b"ab\xFFc"), ("ab\u{FFFD}c".into(), Some(2)));
        assert_eq!(decode(b"a\0b"), Decoded::Binary);
    }

    #[test]
    fn places_count_characters() {
        let place = Place::of("one\r\nzwölf = 12\r\n", 12..15);
        assert_eq!((place.line, place.column, place.width), (2, 7, 3));
        assert_eq!(place.text, "zwölf = 12");
    }

    #[test]
    fn a_place_lies_in_the_text_that_is_shown() {
        for (text, at) in [("a\r\r\nb", 2), ("a\r\r\r", 3), ("\"n\r\r\nb", 3), ("a\r\n", 1)] {
            let place = Place::of(text, at..at + 1);
            assert!(place.offset_in_text() <= place.text.chars().count(), "{text:?} {place:?}");
        }
        assert_eq!(Place::of("a\r\nb", 0..1).text, "a");
    }

    #[test]
    fn a_place_in_a_huge_line_keeps_a_piece_of_it() {
        let text = "x".repeat(1_000_000) + "!" + &"y".repeat(1_000_000);
        let place = Place::of(&text, 1_000_000..1_000_001);
        assert_eq!(place.column, 1_000_001);
        assert_eq!(place.text.chars().nth(place.offset_in_text()), Some('!'));
        assert!(place.text.len() <= SHOWN);
    }

    #[test]
    fn places_outside_the_text_are_moved_in() {
        assert_eq!(Place::of("ü", 1..9).column, 1);
        assert_eq!(Place::of("", 5..9).line, 1);
    }
}
