//! The addresses of messages that were deleted: each says so, for as long as it is remembered, and
//! shows what answers it.

use super::{Common, Planner, output};
use crate::hash::Inputs;
use crate::library::{Contact, Head, Tombstone};
use crate::limits::REPLIES;
use crate::plan::{DeletedPage, Output, Page};
use std::sync::Arc;

impl Planner<'_> {
    /// Adds the pages of a contact's deleted messages.
    pub(super) fn deleted(&mut self, contact: &Contact) {
        let head = &contact.head;
        let own = self.site.gone.iter().filter(|gone| gone.told && gone.dir() == head.dir);
        let gone: Vec<Tombstone> = own.cloned().collect();
        if gone.is_empty() {
            return;
        }
        let inputs = self.inputs("deleted").print(&head.fingerprint);
        let common = self.common;
        let from = gone.iter().fold(inputs, |inputs, gone| common.deleted_print(inputs, gone));
        self.segments.add(format!("deleted/{}", head.dir), from.finish(), || {
            let page = |gone| common.deleted_page(gone, head);
            gone.into_iter().map(page).collect()
        });
    }
}

impl Common<'_> {
    /// Adds what the page of a deleted message shows to a hash.
    pub(super) fn deleted_print(self, inputs: Inputs, gone: &Tombstone) -> Inputs {
        let replies = self.site.library.replies_to_deleted(gone);
        inputs
            .value(&(gone, self.thread_of(&gone.page)))
            .prints(replies.iter().take(REPLIES).map(|reply| reply.fingerprint))
            .number(replies.len() as u64)
    }

    fn deleted_page(self, gone: Tombstone, head: &Arc<Head>) -> Output {
        let inputs = self.inputs("deleted page").print(&head.fingerprint);
        let from = self.deleted_print(inputs, &gone).finish();
        let replies = self.site.library.replies_to_deleted(&gone);
        let first = &replies[..replies.len().min(REPLIES)];
        let mut drew_on = vec![Arc::clone(head)];
        drew_on.extend(first.iter().map(|reply| Arc::clone(&reply.head)));
        let page = DeletedPage {
            head: Arc::clone(head),
            replies: first.to_vec(),
            more_replies: replies.len() - first.len(),
            thread: self.thread_of(&gone.page),
            gone,
        };
        output(page.gone.page.clone(), Page::Deleted(page), from, drew_on)
    }
}
