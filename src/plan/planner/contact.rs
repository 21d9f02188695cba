//! A contact: its index and feed, its months with the pages of their messages, its files.

use super::lists::{Index, Span, parts};
use super::threads::thread_page;
use super::{Common, Months, Planner, by_month, drew_on, month_stretch, output, years};
use crate::hash::{Fingerprint, Inputs};
use crate::library::{Attachment, Contact, Edition, Head, Message};
use crate::limits::REPLIES;
use crate::path::OutPath;
use crate::plan::{FeedOf, ListOf, MessagePage, Output, Page, What, prints};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Planner<'_> {
    pub(super) fn contact(&mut self, contact: &Arc<Contact>) {
        let head = &contact.head;
        let months = by_month(&contact.messages);
        let index = Index {
            place: &format!("contact/{}", head.dir),
            of: ListOf::Contact(Arc::clone(head)),
            dir: &format!("{}/", head.dir),
            years: years(&head.dir, &months),
            full: true,
            head: Some(head),
            feed_of: Some(FeedOf::Contact(Arc::clone(head))),
            heads: vec![Arc::clone(head)],
        };
        self.index_and_feed(index, &contact.messages);
        self.year_pages(Some(head), &head.dir, &months);
        self.month_pages(contact, &months);
        self.other_files(contact);
    }

    /// Adds a segment a month of a contact: the pages of its messages, their attachments, and the
    /// month's list.
    fn month_pages(&mut self, contact: &Contact, months: &Months<'_>) {
        let head = &contact.head;
        let common = self.common;
        let inputs = self.inputs("list part").print(&head.fingerprint).finish();
        for (at, (month, messages)) in months.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| months.get(at));
            let after = months.get(at + 1);
            let row = Row {
                messages,
                older: before.and_then(|(_, messages)| messages.last()),
                newer: after.and_then(|(_, messages)| messages.first()),
            };
            let span = Span {
                dir: format!("{}/{month}", head.dir),
                older: before.map(|(month, _)| month_stretch(&head.dir, *month)),
                newer: after.map(|(month, _)| month_stretch(&head.dir, *month)),
            };
            let ends =
                prints::link(prints::link(self.inputs("contact month"), row.older), row.newer);
            let from = ends
                .print(&head.fingerprint)
                .prints(messages.iter().map(|message| common.related(message)))
                .value(&span)
                .finish();
            self.segments.add(self.last, format!("month/{}/{month}", head.dir), from, || {
                let of = ListOf::ContactMonth(Arc::clone(head), *month);
                let heads = [Arc::clone(head)];
                let page_size = common.site.settings.page_size;
                let items = common.items(*messages);
                let mut outputs = parts(&of, &items, &span, page_size, true, &heads, &inputs);
                outputs.extend(common.message_outputs(head, &row));
                outputs
            });
        }
    }

    /// Adds the files of a contact that belong to no message but are shown: those that messages
    /// refer to, and its picture.
    fn other_files(&mut self, contact: &Contact) {
        let head = &contact.head;
        let mut files: BTreeMap<&OutPath, &Attachment> = BTreeMap::new();
        let faces = head.avatar.iter().chain(&contact.faces);
        files.extend(faces.map(|file| (&file.out, file)));
        let others = contact.messages.iter().flat_map(|message| &message.others);
        files.extend(others.map(|file| (&file.out, file)));
        if files.is_empty() {
            return;
        }
        let stripped = self.site.library.edition == Edition::Public;
        let files: Vec<Attachment> = files.into_values().cloned().collect();
        let from = self.inputs("other files").value(&files).finish();
        self.segments.add(self.last, format!("files/{}", head.dir), from, || {
            copies(&files, head, stripped).collect()
        });
    }
}

/// Messages in a row, with those before and after them.
struct Row<'r> {
    messages: &'r [Arc<Message>],
    older: Option<&'r Arc<Message>>,
    newer: Option<&'r Arc<Message>>,
}

impl Common<'_> {
    /// Returns the hash of all that the page of a message shows but its neighbours.
    fn related(self, message: &Arc<Message>) -> Fingerprint {
        let library = self.site.library;
        let print = prints::answer(message, library.target(message));
        let (replies, root) = (library.replies(message), library.thread_root(message));
        // Most messages are no part of a thread.
        let Some(root) = root else { return print };
        Inputs::new("related")
            .print(&print)
            .prints(replies.iter().take(REPLIES).map(|reply| prints::brief(reply)))
            .number(replies.len() as u64)
            .text(root.page.as_str())
            .finish()
    }

    /// Returns the pages of messages in a row, with their attachments.
    fn message_outputs(self, head: &Arc<Head>, row: &Row<'_>) -> Vec<Output> {
        let library = self.site.library;
        let stripped = library.edition == Edition::Public;
        let heads = [Arc::clone(head)];
        let mut outputs = Vec::with_capacity(row.messages.len());
        for (at, message) in row.messages.iter().enumerate() {
            let older = if at == 0 { row.older } else { row.messages.get(at - 1) };
            let newer = row.messages.get(at + 1).or(row.newer);
            let inputs = self.inputs("message page").print(&self.related(message));
            let print = prints::link(prints::link(inputs, older), newer).finish();
            let replies = library.replies(message);
            let shown = replies.len().min(REPLIES);
            let page = MessagePage {
                item: self.item(message),
                older: older.cloned(),
                newer: newer.cloned(),
                replies: replies[..shown].to_vec(),
                more_replies: replies.len() - shown,
                thread: library.thread_root(message).map(thread_page),
            };
            let mut drew_on = drew_on(std::slice::from_ref(&page.item), &heads);
            drew_on.extend(page.replies.iter().map(|reply| Arc::clone(&reply.head)));
            outputs.extend(copies(&message.attachments, head, stripped));
            outputs.push(output(message.page.clone(), Page::Message(page), print, drew_on));
        }
        outputs
    }
}

fn copies<'c>(
    files: &'c [Attachment],
    head: &'c Arc<Head>,
    stripped: bool,
) -> impl Iterator<Item = Output> + 'c {
    files.iter().filter(|file| !file.too_large).map(move |file| Output {
        path: file.out.clone(),
        fingerprint: Inputs::new("copy")
            .text(file.source.as_str())
            .value(&file.stat)
            .number(u64::from(stripped))
            .finish(),
        what: What::Copy { file: Box::new(file.clone()), stripped },
        drew_on: vec![Arc::clone(head)],
    })
}
