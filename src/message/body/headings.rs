//! Headings: how far they move, and their ids.

use super::{HeadingLevel, Walk, plain, span};
use crate::names::slug;
use pulldown_cmark::{Event, Tag as Md};
use std::collections::{BTreeMap, VecDeque};

/// Ids of headings, and which fragment of the author's means which.
#[derive(Default)]
pub(super) struct Headings {
    pub(super) ids: VecDeque<String>,
    pub(super) by_fragment: BTreeMap<String, String>,
}

impl Walk<'_, '_> {
    /// Returns the element of a level.
    pub(super) fn heading(&self, level: HeadingLevel) -> &'static str {
        match level as i32 + self.shift {
            ..=2 => "h2",
            3 => "h3",
            4 => "h4",
            5 => "h5",
            6.. => "h6",
        }
    }
}

/// Returns how far headings move, and the ids they get.
pub(super) fn plan_headings(events: &[Event<'_>]) -> (i32, Headings) {
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
