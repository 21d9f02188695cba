//! Threads: a page for each, with all its messages in full.

use super::{Planner, drew_on, output};
use crate::library::Message;
use crate::limits::THREAD;
use crate::path::OutPath;
use crate::plan::{Page, ThreadPage, prints};

/// How deep messages are shown to answer each other; deeper ones are shown at this depth.
const DEPTH: usize = 6;

impl Planner<'_> {
    pub(super) fn threads(&mut self) {
        let library = self.site.library;
        for thread in library.threads() {
            let Some(path) = thread.first().map(|(_, root)| thread_page(root)) else { continue };
            let more = thread.len().saturating_sub(THREAD);
            let items: Vec<_> = thread
                .iter()
                .take(THREAD)
                .map(|(depth, message)| ((*depth).min(DEPTH), self.item(message)))
                .collect();
            let depths: Vec<usize> = items.iter().map(|(depth, _)| *depth).collect();
            let from = self
                .inputs("thread")
                .value(&(&depths, more))
                .prints(items.iter().map(|(_, item)| prints::item(item)))
                .finish();
            self.segments.add(self.last, path.to_string(), from, || {
                let drew_on = drew_on(items.iter().map(|(_, item)| item), &[]);
                vec![output(path, Page::Thread(ThreadPage { items, more }), from, drew_on)]
            });
        }
    }
}

/// Returns the page of the thread that a message began: a function of its own page.
pub(super) fn thread_page(root: &Message) -> OutPath {
    OutPath::fixed(&format!("_/thread/{}", root.page))
}
