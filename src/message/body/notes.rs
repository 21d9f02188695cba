//! Footnotes: numbered in the order they are first referred to, written once at the end.

use super::{Walk, span};
use crate::sanitize::Target;
use pulldown_cmark::Event;
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Notes<'t> {
    definitions: BTreeMap<String, Vec<Event<'t>>>,
    numbers: BTreeMap<String, usize>,
    order: Vec<String>,
    references: BTreeMap<usize, usize>,
}

impl<'t> Walk<'_, 't> {
    /// Sets a footnote's definition aside; returns how many events it has.
    pub(super) fn definition(&mut self, label: &str, events: &[Event<'t>]) -> usize {
        let len = span(events);
        let inside = events[1..len.max(2) - 1].to_vec();
        self.notes.definitions.entry(label.to_owned()).or_insert(inside);
        len
    }

    pub(super) fn note_reference(&mut self, label: &str) {
        let next = self.notes.order.len() + 1;
        let number = *self.notes.numbers.entry(label.to_owned()).or_insert(next);
        if number == next {
            self.notes.order.push(label.to_owned());
        }
        let count = self.notes.references.entry(number).or_insert(0);
        *count += 1;
        let id = if *count == 1 { format!("r{number}") } else { format!("r{number}-{count}") };
        self.w.open("sup").class("footnote-ref").id(&id).end();
        self.w.open("a").href(&Target::Here(&format!("n{number}"))).end();
        self.w.text(&number.to_string());
        self.w.close("a");
        self.w.close("sup");
    }

    /// Writes the footnotes in the order they were first referred to, then those nobody refers to.
    pub(super) fn footnotes(&mut self) {
        if self.notes.definitions.is_empty() || self.w.is_refused() {
            return;
        }
        let label = self.env.words.get("footnotes");
        self.w.open("section").class("footnotes").attribute("aria-label", label).end();
        self.w.open("ol").end();
        let mut at = 0;
        while let Some(label) = self.next_note(at) {
            at += 1;
            self.w.open("li").id(&format!("n{at}")).end();
            if let Some(events) = self.notes.definitions.remove(&label) {
                self.all(&events);
            }
            if self.notes.references.contains_key(&at) {
                let back = self.env.words.get("back_to_text");
                let target = format!("r{at}");
                let link = self.w.open("a").class("footnote-back").href(&Target::Here(&target));
                link.attribute("aria-label", back).end();
                self.w.text("↩");
                self.w.close("a");
            }
            self.w.close("li");
        }
        self.w.close("ol");
        self.w.close("section");
    }

    fn next_note(&mut self, at: usize) -> Option<String> {
        if let Some(label) = self.notes.order.get(at) {
            return Some(label.clone());
        }
        let (label, _) = self.notes.definitions.first_key_value()?;
        let label = label.clone();
        self.notes.order.push(label.clone());
        self.notes.numbers.insert(label.clone(), at + 1);
        Some(label)
    }
}
