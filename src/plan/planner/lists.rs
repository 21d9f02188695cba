//! Lists: the newest of something with its feed, and stretches of time cut into parts.

use super::{Planner, drew_on, output};
use crate::hash::{Fingerprint, Inputs};
use crate::library::{Head, Message};
use crate::limits::FEED_ENTRIES;
use crate::path::OutPath;
use crate::plan::{Feed, FeedOf, Item, List, ListOf, Output, Page, Stretch, What, prints};
use serde::Serialize;
use std::sync::Arc;

/// How many times more messages a list without bodies shows.
const COMPACT: usize = 10;

/// What an index is made from.
pub(super) struct Index<'i> {
    pub(super) place: &'i str,
    pub(super) of: ListOf,
    pub(super) dir: &'i str,
    pub(super) years: Vec<(i32, OutPath)>,
    pub(super) full: bool,
    pub(super) head: Option<&'i Arc<Head>>,
    pub(super) feed_of: Option<FeedOf>,
    pub(super) heads: Vec<Arc<Head>>,
}

/// A stretch of time: its folder and its neighbours.
#[derive(Serialize)]
pub(super) struct Span {
    pub(super) dir: String,
    pub(super) older: Option<Stretch>,
    pub(super) newer: Option<Stretch>,
}

impl Planner<'_> {
    /// Adds the index and the feed of `messages`: segments that show the newest.
    pub(super) fn index_and_feed(&mut self, index: Index<'_>, messages: &[Arc<Message>]) {
        let Index { place, of, dir, years, full, head, feed_of, heads } = index;
        let page = OutPath::fixed(&format!("{dir}index.html"));
        let feed_path = feed_of.as_ref().map(|_| OutPath::fixed(&format!("{dir}feed.xml")));
        let common = self.common;
        let newest = |count: usize| messages.iter().rev().take(count);
        let page_size = self.site.settings.page_size;
        let from = self
            .inputs("index")
            .text(place)
            .maybe(head.map(|head| head.fingerprint.to_string()).as_deref())
            .maybe(label(&of))
            .prints(common.prints(newest(page_size)))
            .value(&years)
            .number(u64::from(feed_path.is_some()))
            .finish();
        let (feed, label) = (feed_path.clone(), label(&of).map(str::to_owned));
        let list_page = page.clone();
        self.segments.add(self.last, place.to_owned(), from, || {
            let items = common.items(newest(page_size));
            let drew_on = drew_on(&items, &heads);
            let list = List { of, items, full, part: 1, older: None, newer: None, years, feed };
            vec![output(list_page, Page::List(Box::new(list)), from, drew_on)]
        });
        let (Some(feed_of), Some(path)) = (feed_of, feed_path) else { return };
        let from = self
            .inputs("feed")
            .text(place)
            .maybe(head.map(|head| head.fingerprint.to_string()).as_deref())
            .maybe(label.as_deref())
            .prints(common.prints(newest(FEED_ENTRIES)))
            .finish();
        self.segments.add(self.last, format!("{place}/feed"), from, || {
            let items = common.items(newest(FEED_ENTRIES));
            let drew_on = drew_on(&items, &heads);
            let feed = Feed { of: feed_of, items, page, home: path.clone() };
            let what = What::Feed(Box::new(feed));
            vec![Output { path, what, fingerprint: from, drew_on }]
        });
    }

    /// Adds the lists of one stretch of time, a part at a time, without bodies.
    pub(super) fn list_segment(&mut self, of: &ListOf, messages: &[Arc<Message>], span: &Span) {
        let common = self.common;
        let inputs = self.inputs("list part").maybe(label(of)).finish();
        let from =
            Inputs::new("list").print(&inputs).prints(common.prints(messages)).value(span).finish();
        let page_size = self.site.settings.page_size * COMPACT;
        self.segments.add(self.last, format!("list/{}", span.dir), from, || {
            parts(of, &common.items(messages), span, page_size, false, &[], &inputs)
        });
    }
}

/// Cuts the list of a stretch of time into parts from its old end, so that what is full never
/// changes again.
pub(super) fn parts(
    of: &ListOf,
    items: &[Item],
    span: &Span,
    page_size: usize,
    full: bool,
    heads: &[Arc<Head>],
    inputs: &Fingerprint,
) -> Vec<Output> {
    let chunks: Vec<&[Item]> = items.chunks(page_size.max(1)).collect();
    let part_path = |part: usize| {
        let name = if part == 1 { "index.html".into() } else { format!("page-{part}.html") };
        OutPath::fixed(&format!("{}/{name}", span.dir))
    };
    let neighbour = |part: usize| {
        let stamp = items.first().map(|item| item.message.stamp.month().year);
        Stretch { path: part_path(part), month: None, year: stamp.unwrap_or(0) }
    };
    let make = |(at, chunk): (usize, &&[Item])| {
        let part = at + 1;
        let older = if part == 1 { span.older.clone() } else { Some(neighbour(part - 1)) };
        let newer =
            if part == chunks.len() { span.newer.clone() } else { Some(neighbour(part + 1)) };
        let from = Inputs::new("part")
            .print(inputs)
            .value(&(&span.dir, part, &older, &newer))
            .prints(chunk.iter().map(prints::item))
            .finish();
        let drew_on = drew_on(*chunk, heads);
        let list = List {
            of: of.clone(),
            items: chunk.to_vec(),
            full,
            part,
            older,
            newer,
            years: Vec::new(),
            feed: None,
        };
        output(part_path(part), Page::List(Box::new(list)), from, drew_on)
    };
    chunks.iter().enumerate().map(make).collect()
}

fn label(of: &ListOf) -> Option<&str> {
    match of {
        ListOf::Tag(label, _) | ListOf::TagYear(label, _, _) => Some(label),
        _ => None,
    }
}
