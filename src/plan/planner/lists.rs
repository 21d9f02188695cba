//! Lists: the newest of something, and stretches of time cut into parts.

use super::feeds::FeedSource;
use super::{Planner, drew_on, output, year_path};
use crate::hash::{Fingerprint, Inputs};
use crate::library::{Head, Message};
use crate::limits::FEED_ENTRIES;
use crate::path::OutPath;
use crate::plan::{FeedOf, Item, List, ListOf, Output, Page, Stretch, prints};
use crate::time::Month;
use serde::Serialize;
use std::sync::Arc;

/// How many times more messages a list without bodies shows.
pub(super) const COMPACT: usize = 10;

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

/// A stretch of time that has a list, and those beside it.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Span<'s> {
    /// The folder that the folders of all of them lie in.
    pub(super) above: &'s str,
    pub(super) time: Time,
    pub(super) older: Option<Time>,
    pub(super) newer: Option<Time>,
}

/// A month or a year. Most lists are not made anew: what leads to them is written only for those that
/// are.
#[derive(Clone, Copy, Serialize)]
pub(super) enum Time {
    Month(Month),
    Year(i32),
}

impl Span<'_> {
    /// Returns its folder.
    fn dir(&self) -> String {
        self.time.dir(self.above)
    }

    fn stretch(&self, time: Time) -> Stretch {
        let path = part_path(&time.dir(self.above), 1);
        match time {
            Time::Month(month) => Stretch { path, month: Some(month), year: month.year },
            Time::Year(year) => Stretch { path, month: None, year },
        }
    }
}

impl Time {
    fn dir(self, above: &str) -> String {
        match self {
            Time::Month(month) => format!("{above}/{month}"),
            Time::Year(year) => format!("{above}/{year:04}"),
        }
    }
}

/// Messages, oldest first, cut into years.
pub(super) struct Years<'y> {
    /// The folder that the folders of the years lie in.
    dir: &'y str,
    all: Vec<(i32, &'y [Arc<Message>])>,
}

impl<'y> Years<'y> {
    /// Cuts messages, oldest first.
    pub(super) fn of(dir: &'y str, messages: &'y [Arc<Message>]) -> Years<'y> {
        let year = |message: &Message| message.stamp.month().year;
        let all = messages.chunk_by(|a, b| year(a) == year(b));
        Years { dir, all: all.map(|messages| (year(&messages[0]), messages)).collect() }
    }

    /// Returns the years and their pages, newest first.
    pub(super) fn pages(&self) -> Vec<(i32, OutPath)> {
        self.all.iter().rev().map(|(year, _)| (*year, year_path(self.dir, *year))).collect()
    }
}

impl Planner<'_> {
    /// Adds the lists of years; `of` says what the one of a year is of.
    pub(super) fn year_lists(&mut self, years: &Years<'_>, of: impl Fn(i32) -> ListOf) {
        let year_at = |at: usize| years.all.get(at).map(|(year, _)| Time::Year(*year));
        for (at, (year, messages)) in years.all.iter().enumerate() {
            let span = Span {
                above: years.dir,
                time: Time::Year(*year),
                older: at.checked_sub(1).and_then(year_at),
                newer: year_at(at + 1),
            };
            let print = Inputs::new("year").prints(self.common.prints(*messages)).finish();
            self.list_segment(&of(*year), (|| *messages, print), &span);
        }
    }

    /// Adds the index and the feed of `messages`: segments that show the newest.
    /// `messages` come newest first.
    pub(super) fn index_and_feed<'m>(
        &mut self,
        index: Index<'_>,
        messages: &(impl Iterator<Item = &'m Arc<Message>> + Clone),
    ) {
        let Index { place, of, dir, years, full, head, feed_of, heads } = index;
        let page = OutPath::fixed(&format!("{dir}index.html"));
        let feed_path = feed_of.as_ref().map(|_| OutPath::fixed(&format!("{dir}feed.xml")));
        let common = self.common;
        let newest = |count: usize| messages.clone().take(count);
        let page_size = self.site.settings.page_size;
        let from = self
            .inputs("index")
            .text(place)
            .maybe(head.map(|head| head.fingerprint.to_string()).as_deref())
            .maybe(label(&of))
            .prints(common.prints(newest(page_size)))
            .prints(quiet(&of).iter().map(prints::item))
            .value(&years)
            .number(u64::from(feed_path.is_some()))
            .finish();
        let feed = feed_path;
        self.segments.add(place.to_owned(), from, || {
            let items = common.items(newest(page_size));
            let drew_on = drew_on(items.iter().chain(quiet(&of)), &heads);
            let list = List { of, items, full, part: 1, older: None, newer: None, years, feed };
            vec![output(page, Page::List(Box::new(list)), from, drew_on)]
        });
        if let Some(of) = feed_of {
            let newest = newest(FEED_ENTRIES + 1).collect();
            self.feed(&FeedSource { place, of, dir, heads: &heads, newest });
        }
    }

    /// Adds the lists of one stretch of time, a part at a time, without bodies; `print` is the hash
    /// of the messages with what they answer.
    pub(super) fn list_segment<'m>(
        &mut self,
        of: &ListOf,
        (messages, print): (impl FnOnce() -> &'m [Arc<Message>], Fingerprint),
        span: &Span<'_>,
    ) {
        let common = self.common;
        let leads_to_feed = matches!(of, ListOf::TagYear(_, _, _, true));
        let inputs = self.inputs("list part").maybe(label(of));
        let inputs = inputs.number(u64::from(leads_to_feed)).finish();
        let from = Inputs::new("list").print(&inputs).print(&print).value(span).finish();
        let page_size = self.site.settings.page_size * COMPACT;
        self.segments.add(format!("list/{}", span.dir()), from, || {
            parts(of, &common.items(messages()), span, page_size, false, &[], &inputs)
        });
    }
}

/// Cuts the list of a stretch of time into parts from its old end, so that what is full never
/// changes again.
pub(super) fn parts(
    of: &ListOf,
    items: &[Item],
    span: &Span<'_>,
    page_size: usize,
    full: bool,
    heads: &[Arc<Head>],
    inputs: &Fingerprint,
) -> Vec<Output> {
    let chunks: Vec<&[Item]> = items.chunks(page_size.max(1)).collect();
    let dir = span.dir();
    let (older_span, newer_span) =
        (span.older.map(|time| span.stretch(time)), span.newer.map(|time| span.stretch(time)));
    let part_path = |part: usize| part_path(&dir, part);
    let neighbour = |part: usize| {
        let stamp = items.first().map(|item| item.message.stamp.month().year);
        Stretch { path: part_path(part), month: None, year: stamp.unwrap_or(0) }
    };
    let make = |(at, chunk): (usize, &&[Item])| {
        let part = at + 1;
        let older = if part == 1 { older_span.clone() } else { Some(neighbour(part - 1)) };
        let newer =
            if part == chunks.len() { newer_span.clone() } else { Some(neighbour(part + 1)) };
        let from = Inputs::new("part")
            .print(inputs)
            .value(&(&dir, part, &older, &newer))
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

/// Returns the page of a part of a list, from 1.
pub(super) fn part_path(dir: &str, part: usize) -> OutPath {
    let name = if part == 1 { "index.html".into() } else { format!("page-{part}.html") };
    OutPath::fixed(&format!("{dir}/{name}"))
}

/// Returns what the home page names of those who have nothing among its messages.
fn quiet(of: &ListOf) -> &[Item] {
    match of {
        ListOf::Home(quiet) => quiet,
        _ => &[],
    }
}

fn label(of: &ListOf) -> Option<&str> {
    match of {
        ListOf::Tag(label, _) | ListOf::TagYear(label, ..) => Some(label),
        ListOf::Author(_, person) | ListOf::AuthorYear(_, person, _) => Some(&person.name),
        _ => None,
    }
}
