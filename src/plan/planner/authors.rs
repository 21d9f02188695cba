//! The people of a channel that several write: a page each, with what they wrote.

use super::Planner;
use super::lists::{Index, Years};
use crate::library::{Contact, author_dir, authors};
use crate::path::fold;
use crate::plan::ListOf;
use std::sync::Arc;

impl Planner<'_> {
    /// Adds the pages of a contact's authors.
    pub(super) fn authors(&mut self, contact: &Contact) {
        let head = &contact.head;
        for person in authors(head) {
            let slice = contact.slices.authors.get(&fold(&person.name));
            let messages = slice.map_or(&[][..], |slice| slice.messages());
            let dir = author_dir(head, person);
            let years = Years::of(&dir, messages);
            let index = Index {
                place: &format!("author/{dir}"),
                of: ListOf::Author(Arc::clone(head), Arc::clone(person)),
                dir: &format!("{dir}/"),
                years: years.pages(),
                full: false,
                head: Some(head),
                feed_of: None,
                heads: vec![Arc::clone(head)],
            };
            self.index_and_feed(index, &messages.iter().rev());
            self.year_lists(&years, |year| {
                ListOf::AuthorYear(Arc::clone(head), Arc::clone(person), year)
            });
        }
    }
}
