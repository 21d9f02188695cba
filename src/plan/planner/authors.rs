//! The people of a channel that several write: a page each, with what they wrote.

use super::lists::{Index, Span, Time};
use super::{Planner, year_path};
use crate::hash::Inputs;
use crate::library::{Contact, Message, author_dir, authors};
use crate::path::fold;
use crate::plan::ListOf;
use std::sync::Arc;

impl Planner<'_> {
    /// Adds the pages of a contact's authors.
    pub(super) fn authors(&mut self, contact: &Contact) {
        let head = &contact.head;
        let year_of = |message: &Message| message.stamp.month().year;
        for person in authors(head) {
            let slice = contact.slices.authors.get(&fold(&person.name));
            let messages = slice.map_or(&[][..], |slice| &slice.messages);
            let dir = author_dir(head, person);
            let by_year: Vec<_> = messages.chunk_by(|a, b| year_of(a) == year_of(b)).collect();
            let keys: Vec<i32> = by_year.iter().map(|year| year_of(&year[0])).collect();
            let index = Index {
                place: &format!("author/{dir}"),
                of: ListOf::Author(Arc::clone(head), Arc::clone(person)),
                dir: &format!("{dir}/"),
                years: keys.iter().rev().map(|year| (*year, year_path(&dir, *year))).collect(),
                full: false,
                head: Some(head),
                feed_of: None,
                heads: vec![Arc::clone(head)],
            };
            self.index_and_feed(index, &messages.iter().rev());
            for (at, messages) in by_year.into_iter().enumerate() {
                let span = Span {
                    above: &dir,
                    time: Time::Year(keys[at]),
                    older: at.checked_sub(1).map(|at| Time::Year(keys[at])),
                    newer: keys.get(at + 1).map(|year| Time::Year(*year)),
                };
                let of = ListOf::AuthorYear(Arc::clone(head), Arc::clone(person), keys[at]);
                let print = Inputs::new("year").prints(self.common.prints(messages)).finish();
                self.list_segment(&of, (messages, print), &span);
            }
        }
    }
}
