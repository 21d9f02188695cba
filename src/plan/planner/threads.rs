//! Threads: pages with all their messages in full, and a feed of the newest.

use super::feeds::FeedSource;
use super::{Common, Planner, drew_on, output};
use crate::library::{Node, Thread};
use crate::limits::{FEED_ENTRIES, THREAD};
use crate::path::OutPath;
use crate::plan::{FeedOf, Page, Place, ThreadPage};

/// How deep messages are shown to answer each other; deeper ones are shown at this depth.
const DEPTH: usize = 6;

impl Planner<'_> {
    pub(super) fn threads(&mut self) {
        let library = self.site.library;
        for thread in library.threads() {
            let Some((_, root)) = thread.first() else { continue };
            for (at, part) in thread.chunks(THREAD).enumerate() {
                self.thread_part(root, at + 1, part, (at + 1) * THREAD < thread.len());
            }
            self.thread_feed(root, thread);
        }
    }

    /// Adds a page of a thread. What shows a part depends on that part alone, and on whether the
    /// thread goes on.
    fn thread_part(&mut self, root: &Node, part: usize, nodes: &[(usize, Node)], goes_on: bool) {
        let path = part_page(root.page(), part);
        let common = self.common;
        let depths: Vec<usize> = nodes.iter().map(|(depth, _)| (*depth).min(DEPTH)).collect();
        let from = self
            .inputs("thread")
            .value(&(&depths, part, goes_on))
            .print(&root.print())
            .prints(nodes.iter().map(|(_, node)| common.site.library.node_print(node)))
            .finish();
        self.segments.add(path.to_string(), from, || {
            let place = |node: &Node| match node {
                Node::Message(message) => Place::Message(common.item(message)),
                Node::Gone(gone, _) => Place::Gone(gone.page.clone()),
            };
            let places = nodes.iter().map(|(_, node)| place(node));
            let page = ThreadPage {
                root: root.clone(),
                part,
                before: (part > 1).then(|| part_page(root.page(), part - 1)),
                after: goes_on.then(|| part_page(root.page(), part + 1)),
                feed: feed_path(root.page()),
                places: depths.into_iter().zip(places).collect(),
            };
            let heads: Vec<_> = nodes.iter().map(|(_, node)| node.head()).cloned().collect();
            let drew_on = drew_on(page.items(), &[&[root.head().clone()], &*heads].concat());
            vec![output(path, Page::Thread(page), from, drew_on)]
        });
    }

    /// Adds the feed of a thread: its newest messages, whoever wrote them.
    fn thread_feed(&mut self, root: &Node, thread: &Thread) {
        let messages = thread.iter().filter_map(|(_, node)| node.message());
        let mut newest: Vec<_> = messages.collect();
        newest.sort_by(|a, b| b.order().cmp(&a.order()));
        newest.truncate(FEED_ENTRIES + 1);
        let dir = format!("{}/", folder(root.page()));
        self.feed(&FeedSource {
            place: &format!("thread/{}", root.page()),
            of: FeedOf::Thread(root.clone()),
            dir: &dir,
            heads: &[root.head().clone()],
            newest,
        });
    }
}

impl Common<'_> {
    /// Returns the page of the thread that the message of a page is part of.
    pub(super) fn thread_of(self, page: &OutPath) -> Option<OutPath> {
        self.site.library.thread_root(page).map(|root| thread_page(root.page()))
    }
}

/// Returns the page of the thread that the message of a page began.
pub(super) fn thread_page(root: &OutPath) -> OutPath {
    part_page(root, 1)
}

/// Returns the page of a part of a thread, from 1.
fn part_page(root: &OutPath, part: usize) -> OutPath {
    match part {
        1 => OutPath::fixed(&format!("_/thread/{root}")),
        _ => OutPath::fixed(&format!("{}/page-{part}.html", folder(root))),
    }
}

fn feed_path(root: &OutPath) -> OutPath {
    OutPath::fixed(&format!("{}/feed.xml", folder(root)))
}

/// Returns the folder of what a thread has beside its page. No message of a thread has its page
/// there: a folder of a message's stem holds attachments.
fn folder(root: &OutPath) -> String {
    let page = root.as_str();
    format!("_/thread/{}", page.strip_suffix(".html").unwrap_or(page))
}
