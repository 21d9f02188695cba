//! A contact: its index and feed, its months with the pages of their messages, its files.

use super::lists::{Index, Span, parts};
use super::{Messages, Planner, by_month, drew_on, month_stretch, output, years};
use crate::hash::{Fingerprint, Inputs};
use crate::library::{Attachment, Contact, Edition, Head, Message};
use crate::limits::REPLIES;
use crate::path::OutPath;
use crate::plan::{FeedOf, Item, ListOf, MessagePage, Output, Page, What, prints};
use crate::time::Month;
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
    fn month_pages(&mut self, contact: &Contact, months: &BTreeMap<Month, Messages>) {
        let head = &contact.head;
        let keys: Vec<Month> = months.keys().copied().collect();
        for (at, (month, messages)) in months.iter().enumerate() {
            let before = at.checked_sub(1).map(|at| keys[at]);
            let after = keys.get(at + 1).copied();
            let older = before.and_then(|month| months[&month].last());
            let newer = after.and_then(|month| months[&month].first());
            let pages = self.message_pages(messages, older, newer);
            let span = Span {
                dir: format!("{}/{month}", head.dir),
                older: before.map(|m| month_stretch(&head.dir, m)),
                newer: after.map(|m| month_stretch(&head.dir, m)),
            };
            let from = self
                .inputs("contact month")
                .print(&head.fingerprint)
                .prints(pages.iter().map(|(_, print)| *print))
                .value(&(before, after))
                .finish();
            let items: Vec<Item> = messages.iter().map(|message| self.item(message)).collect();
            let page_size = self.site.settings.page_size;
            let inputs = self.inputs("list part").print(&head.fingerprint).finish();
            let stripped = self.site.library.edition == Edition::Public;
            let heads = [Arc::clone(head)];
            self.segments.add(self.last, format!("month/{}/{month}", head.dir), from, || {
                let of = ListOf::ContactMonth(Arc::clone(head), *month);
                let mut outputs = parts(&of, &items, &span, page_size, true, &heads, &inputs);
                for (page, print) in pages {
                    outputs.extend(copies(&page.item.message.attachments, head, stripped));
                    let path = page.item.message.page.clone();
                    let mut drew_on = drew_on(std::slice::from_ref(&page.item), &heads);
                    drew_on.extend(page.replies.iter().map(|reply| Arc::clone(&reply.head)));
                    outputs.push(output(path, Page::Message(page), print, drew_on));
                }
                outputs
            });
        }
    }

    fn message_pages(
        &self,
        messages: &[Arc<Message>],
        older: Option<&Arc<Message>>,
        newer: Option<&Arc<Message>>,
    ) -> Vec<(MessagePage, Fingerprint)> {
        let page = |(at, message): (usize, &Arc<Message>)| {
            let older = if at == 0 { older } else { messages.get(at - 1) };
            let newer = messages.get(at + 1).or(newer);
            let replies = self.site.library.replies(message);
            let shown = replies.len().min(REPLIES);
            let page = MessagePage {
                item: self.item(message),
                older: older.cloned(),
                newer: newer.cloned(),
                replies: replies[..shown].to_vec(),
                more_replies: replies.len() - shown,
                thread: self.thread_of(message),
            };
            let inputs = self.inputs("message page").print(&prints::item(&page.item));
            let print = prints::link(prints::link(inputs, older), newer)
                .prints(page.replies.iter().map(|reply| prints::brief(reply)))
                .number(page.more_replies as u64)
                .maybe(page.thread.as_ref().map(OutPath::as_str))
                .finish();
            (page, print)
        };
        messages.iter().enumerate().map(page).collect()
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
        what: What::Copy { file: file.clone(), stripped },
        drew_on: vec![Arc::clone(head)],
    })
}
