//! Pieces of a list of events.

use super::{Event, Md, TagEnd};

/// Returns the events after a heading that opens them.
pub(super) fn without_title<'s, 't>(events: &'s [Event<'t>]) -> &'s [Event<'t>] {
    if !matches!(events.first(), Some(Event::Start(Md::Heading { .. }))) {
        return events;
    }
    let end = events.iter().position(|e| matches!(e, Event::End(TagEnd::Heading(_))));
    &events[end.map_or(0, |end| end + 1)..]
}

/// Returns how many events the element has that the first one opens.
pub(super) fn span(events: &[Event<'_>]) -> usize {
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
pub(super) fn plain(events: &[Event<'_>]) -> String {
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
