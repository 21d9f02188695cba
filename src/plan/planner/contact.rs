//! A contact: its index and feed, its months with the pages of their messages, its files.

use super::lists::{Index, Span, Time, parts};
use super::{Common, Months, Planner, Row, drew_on, month_place, output, years};
use crate::hash::{Fingerprint, Inputs};
use crate::library::{Attachment, Contact, Edition, Head, Message};
use crate::limits::REPLIES;
use crate::path::OutPath;
use crate::plan::{FeedOf, ListOf, MessagePage, Output, Page, What, prints};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Planner<'_> {
    /// Returns the hash of all that the indexes and feeds of a contact are made from.
    pub(super) fn contact_print(&self, contact: &Contact) -> Fingerprint {
        let head = &contact.head;
        let gone: Vec<_> = self.site.gone.iter().filter(|gone| gone.dir() == head.dir).collect();
        // The pages of deleted messages show what answers these, whoever wrote it.
        let inputs = self.inputs("contact part");
        gone.iter()
            .fold(inputs, |inputs, gone| self.common.deleted_print(inputs, gone))
            .print(&head.fingerprint)
            .print(&contact.slices.print)
            .print(&self.relations.of_contact(&head.dir).all)
            .value(&(&contact.faces, self.site.moved.get(&head.dir)))
            .finish()
    }

    /// Adds what a month of a contact, the one at `at`, is made from: its messages, those beside them
    /// and what they answer.
    pub(super) fn month_print(inputs: Inputs, row: &Row<'_>, at: usize) -> Inputs {
        let Row { contact, months, related } = row;
        inputs
            .print(&contact.head.fingerprint)
            .print(&contact.slices.rows()[at])
            .print(&related.month(months[at].0))
    }

    pub(super) fn contact(&mut self, contact: &Arc<Contact>, months: &Months<'_>) {
        let head = &contact.head;
        let index = Index {
            place: &format!("contact/{}", head.dir),
            of: ListOf::Contact(Arc::clone(head)),
            dir: &format!("{}/", head.dir),
            years: years(&head.dir, months),
            full: true,
            head: Some(head),
            feed_of: Some(FeedOf::Contact(Arc::clone(head))),
            heads: vec![Arc::clone(head)],
        };
        self.index_and_feed(index, &contact.messages.iter().rev());
        self.year_pages(head, months);
        self.other_files(contact);
    }

    /// Adds the segment of a month of a contact, the one at `at`: the pages of its messages, their
    /// attachments, and the month's list.
    pub(super) fn month_pages(&mut self, row: &Row<'_>, at: usize) {
        let Row { contact, months, .. } = row;
        let head = &contact.head;
        let common = self.common;
        let inputs = self.inputs("list part").print(&head.fingerprint).finish();
        let (month, slice) = &months[at];
        let messages = slice.messages();
        let before = at.checked_sub(1).and_then(|at| months.get(at));
        let after = months.get(at + 1);
        let beside = Run {
            messages,
            older: before.and_then(|(_, slice)| slice.last()),
            newer: after.and_then(|(_, slice)| slice.first()),
        };
        let span = Span {
            above: &head.dir,
            time: Time::Month(*month),
            older: before.map(|(month, _)| Time::Month(*month)),
            newer: after.map(|(month, _)| Time::Month(*month)),
        };
        let from = Planner::month_print(self.inputs("contact month"), row, at).finish();
        self.segments.add(month_place(&head.dir, *month).1, from, || {
            let of = ListOf::ContactMonth(Arc::clone(head), *month);
            let heads = [Arc::clone(head)];
            let page_size = common.site.settings.page_size;
            let items = common.items(messages);
            let mut outputs = parts(&of, &items, &span, page_size, true, &heads, &inputs);
            outputs.extend(common.message_outputs(head, &beside));
            outputs
        });
    }

    /// Adds the files of a contact that belong to no message but are shown: those that messages
    /// refer to, and its picture.
    fn other_files(&mut self, contact: &Contact) {
        let head = &contact.head;
        let mut files: BTreeMap<&OutPath, &Attachment> = BTreeMap::new();
        let faces = head.avatar.iter().chain(&contact.faces);
        files.extend(faces.map(|file| (&file.out, file)));
        let months = contact.slices.months.values().filter(|slice| slice.shows_others);
        let messages = months.flat_map(|slice| slice.messages());
        let others = messages.flat_map(|message| &message.rare.others);
        files.extend(others.map(|file| (&file.out, file)));
        if files.is_empty() {
            return;
        }
        let stripped = self.site.library.edition == Edition::Public;
        let files: Vec<Attachment> = files.into_values().cloned().collect();
        let from = self.inputs("other files").value(&files).finish();
        self.segments
            .add(format!("files/{}", head.dir), from, || copies(&files, head, stripped).collect());
    }
}

/// Messages with those before and after them.
struct Run<'r> {
    messages: &'r [Arc<Message>],
    older: Option<&'r Arc<Message>>,
    newer: Option<&'r Arc<Message>>,
}

impl Common<'_> {
    /// Returns the pages of messages in a row, with their attachments.
    fn message_outputs(self, head: &Arc<Head>, row: &Run<'_>) -> Vec<Output> {
        let library = self.site.library;
        let stripped = library.edition == Edition::Public;
        let heads = [Arc::clone(head)];
        let mut outputs = Vec::with_capacity(row.messages.len());
        for (at, message) in row.messages.iter().enumerate() {
            let older = if at == 0 { row.older } else { row.messages.get(at - 1) };
            let newer = row.messages.get(at + 1).or(row.newer);
            let inputs = self.inputs("message page").print(&library.related_print(message));
            let print = prints::link(prints::link(inputs, older), newer).finish();
            let replies = library.replies(message);
            let shown = replies.len().min(REPLIES);
            let page = MessagePage {
                item: self.item(message),
                older: older.cloned(),
                newer: newer.cloned(),
                replies: replies[..shown].to_vec(),
                more_replies: replies.len() - shown,
                thread: self.thread_of(&message.page),
            };
            let mut drew_on = drew_on(std::slice::from_ref(&page.item), &heads);
            drew_on.extend(page.replies.iter().map(|reply| Arc::clone(&reply.head)));
            outputs.extend(copies(&message.rare.attachments, head, stripped));
            outputs.push(output(message.page.clone(), Page::Message(page), print, drew_on));
            outputs.extend(self.versions(message));
        }
        outputs
    }
}

/// Returns the copies of some files, each with its smaller versions.
fn copies<'c>(
    files: &'c [Attachment],
    head: &'c Arc<Head>,
    stripped: bool,
) -> impl Iterator<Item = Output> + 'c {
    let output = move |file: &Attachment, path: OutPath, width: u32, what: What| Output {
        path,
        fingerprint: Inputs::new(if width > 0 { "smaller" } else { "copy" })
            .text(file.source.as_str())
            .value(&file.stat)
            .number(u64::from(stripped))
            .number(u64::from(width))
            .finish(),
        what,
        drew_on: vec![Arc::clone(head)],
    };
    files.iter().filter(|file| !file.too_large).flat_map(move |file| {
        let copy = What::Copy { file: Box::new(file.clone()), stripped };
        let smaller = file.widths.iter().filter_map(move |width| {
            let what = What::Smaller { file: Box::new(file.clone()), width: *width, stripped };
            Some(output(file, file.version(*width)?, *width, what))
        });
        std::iter::once(output(file, file.out.clone(), 0, copy)).chain(smaller)
    })
}
