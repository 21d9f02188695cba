//! The Markdown of messages: which dialect, and how deep it may nest.

use super::raw::Settled;
use super::tags::ESCAPED;
use crate::limits::NESTING;
use pulldown_cmark::{CowStr, Event, Options, Parser, TextMergeStream};
use std::cell::Cell;
use std::ops::Range;

/// CommonMark with tables, footnotes, strikethrough, task lists, heading attributes and alerts.
/// The parser's own header options stay off: they take quadratic time on hostile input.
const DIALECT: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_HEADING_ATTRIBUTES)
    .union(Options::ENABLE_GFM);

/// Returns the events of a text. Containers nested deeper than [`NESTING`] lose their markup and
/// keep their text; a `#` written as `\#` follows the mark [`ESCAPED`]; raw HTML ends where it is
/// written, and what comments hide is not there.
pub fn events(text: &str) -> impl Iterator<Item = Event<'_>> {
    events_telling(text, None)
}

/// Returns the same, and says at their end whether a comment is open that nothing closes.
pub fn events_telling<'t>(
    text: &'t str,
    open_comment: Option<&Cell<bool>>,
) -> impl Iterator<Item = Event<'t>> {
    let mut depth = 0usize;
    let events = Parser::new_ext(text, DIALECT).into_offset_iter();
    let shallow = events.filter_map(move |(event, range)| match event {
        Event::Start(_) => {
            depth += 1;
            (depth <= NESTING).then_some(event)
        }
        Event::End(_) => {
            depth -= 1;
            (depth < NESTING).then_some(event)
        }
        Event::Text(words) => Some(Event::Text(mark_escaped(text, words, range))),
        other => Some(other),
    });
    TextMergeStream::new(Settled::new(TextMergeStream::new(shallow), open_comment))
}

fn mark_escaped<'t>(text: &'t str, words: CowStr<'t>, range: Range<usize>) -> CowStr<'t> {
    let before = text.as_bytes().get(range.start.wrapping_sub(1));
    let escaped = before == Some(&b'\\') || text.as_bytes().get(range.start) == Some(&b'&');
    if words.starts_with('#') && escaped {
        return format!("{ESCAPED}{words}").into();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_nesting_is_cut_and_its_text_kept() {
        let text = format!("{}deep\n", "> ".repeat(100_000));
        let events: Vec<_> = events(&text).collect();
        assert!(events.len() < 300, "{}", events.len());
        assert!(events.iter().any(|e| matches!(e, Event::Text(t) if t.contains("deep"))));
        let starts = events.iter().filter(|e| matches!(e, Event::Start(_))).count();
        let ends = events.iter().filter(|e| matches!(e, Event::End(_))).count();
        assert_eq!(starts, ends);
    }

    #[test]
    fn brackets_and_quotes_without_end_take_bounded_time() {
        for piece in ["[", "![", "*a_ ", "`", "<", "(", "\"", "- ", "|a", "[^"] {
            assert!(events(&piece.repeat(100_000)).count() < 1_000_000, "{piece:?}");
        }
    }
}
