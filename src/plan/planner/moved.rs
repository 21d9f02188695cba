//! The old addresses of a contact: pages that lead to the new ones, and its feed, for a feed reader
//! follows no page.

use super::feeds::FeedSource;
use super::{Planner, output};
use crate::library::Contact;
use crate::limits::FEED_ENTRIES;
use crate::path::OutPath;
use crate::plan::{FeedOf, Page};
use std::sync::Arc;

impl Planner<'_> {
    pub(super) fn moved(&mut self, contact: &Arc<Contact>) {
        let olds = self.site.moved.get(&contact.head.dir);
        for old in olds.into_iter().flatten() {
            self.pages_moved(contact, old);
            self.feed_moved(contact, old);
        }
    }

    fn pages_moved(&mut self, contact: &Contact, old: &str) {
        let head = &contact.head;
        let inputs = self.inputs("moved").text(old).print(&head.fingerprint);
        let pages = contact.messages.iter().map(|message| &message.page);
        let from = pages.clone().fold(inputs, |inputs, page| inputs.text(page.as_str())).finish();
        let common = self.common;
        let index = OutPath::fixed(&format!("{}/index.html", head.dir));
        self.segments.add(format!("moved/{old}"), from, || {
            let stub = |page: &OutPath| {
                let below = page.as_str().strip_prefix(head.dir.as_str())?;
                let path = OutPath::parse(&format!("{old}{below}"))?;
                let inputs = common.inputs("moved page").text(page.as_str());
                let from = inputs.text(&head.title).finish();
                let moved = Page::Moved(page.clone(), Arc::clone(head));
                Some(output(path, moved, from, vec![Arc::clone(head)]))
            };
            std::iter::once(&index).chain(pages).filter_map(stub).collect()
        });
    }

    fn feed_moved(&mut self, contact: &Contact, old: &str) {
        let head = &contact.head;
        let old_dir = format!("{old}/");
        self.feed_documents(
            &FeedSource {
                place: &format!("moved/{old}"),
                of: FeedOf::Contact(Arc::clone(head)),
                dir: &format!("{}/", head.dir),
                heads: std::slice::from_ref(head),
                newest: contact.messages.iter().rev().take(FEED_ENTRIES + 1).collect(),
            },
            &old_dir,
        );
    }
}
