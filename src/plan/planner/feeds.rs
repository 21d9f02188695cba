//! Feeds: the documents one subscribes to, and the archives of what is older (RFC 5005).
//!
//! A subscription document holds the newest messages and those that were edited since the oldest
//! of these was written. What is older is archived by month, from the month on that the newest do
//! not cover wholly: by then it is closed, and changes only when one of its own messages does.

use super::threads::thread_page;
use super::{Common, Months, Planner, drew_on};
use crate::hash::{Fingerprint, Inputs};
use crate::library::{Head, Message, Tombstone};
use crate::limits::{FEED_EDITED, FEED_ENTRIES, FEED_GONE};
use crate::path::OutPath;
use crate::plan::{Feed, FeedOf, Format, Item, Output, Part, What};
use crate::time::Month;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a feed is made from.
pub(super) struct FeedSource<'f> {
    /// The place of its segment, before `/feed`.
    pub(super) place: &'f str,
    pub(super) of: FeedOf,
    /// Its folder: empty, or ends in `/`.
    pub(super) dir: &'f str,
    /// Whose it is, whatever it holds.
    pub(super) heads: &'f [Arc<Head>],
    /// Its newest messages, newest first: one more than a document holds, if there is one.
    pub(super) newest: Vec<&'f Arc<Message>>,
}

impl Planner<'_> {
    /// Adds the documents to subscribe to, for any messages.
    pub(super) fn feed(&mut self, source: &FeedSource<'_>) {
        self.feed_documents(source, source.dir);
    }

    /// Adds them in some folder, which is not the feed's own if it has moved.
    pub(super) fn feed_documents(&mut self, source: &FeedSource<'_>, dir: &str) {
        let FeedSource { place, of, heads, newest, .. } = source;
        let common = self.common;
        let part = part(of, newest);
        let newest = common.newest(of, newest);
        let gone = common.gone(of);
        let from = feed_inputs(self.inputs("feed"), of)
            .text(place)
            .prints(common.prints(newest.iter().copied()))
            .value(&(older(&part), &gone))
            .number(u64::from(part == Part::Whole))
            .finish();
        let path = |name: &str| OutPath::fixed(&format!("{dir}{name}"));
        let page = match of {
            FeedOf::Thread(root) => thread_page(root.page()),
            _ => index(source.dir),
        };
        let home = feed_path(source.dir);
        self.segments.add(format!("{place}/feed"), from, || {
            let items = common.items(newest);
            let drew_on = drew_on(&items, heads);
            let feed = Arc::new(Feed { of: of.clone(), items, part, page, home, gone });
            [(Format::Atom, "feed.xml"), (Format::Json, "feed.json")]
                .map(|(format, name)| document(path(name), &feed, format, from, &drew_on))
                .into()
        });
    }

    /// Adds the archive of the month at `at`, unless the subscription document holds all of it.
    pub(super) fn feed_archive(&mut self, of: &FeedOf, dir: &str, months: &Months<'_>, at: usize) {
        if !is_archived(months, at) {
            return;
        }
        let (month, slice) = &months[at];
        let messages = slice.messages();
        let older = at.checked_sub(1).map(|at| archive_path(dir, months[at].0));
        let from = feed_inputs(self.inputs("feed archive"), of)
            .text(dir)
            .prints(messages.iter().map(|message| message.fingerprint))
            .value(&older)
            .finish();
        self.segments.add(format!("feed/{dir}/{month}"), from, || {
            // What they answer is of other months: a closed month would change with it.
            let alone =
                |message: &Arc<Message>| Item { message: Arc::clone(message), target: None };
            let items: Vec<Item> = messages.iter().rev().map(alone).collect();
            let drew_on = drew_on(&items, &of.head().cloned().into_iter().collect::<Vec<_>>());
            let own = if of.head().is_some() { format!("{dir}/") } else { String::new() };
            let feed = Arc::new(Feed {
                of: of.clone(),
                items,
                part: Part::Archive { older, current: feed_path(&own) },
                page: OutPath::fixed(&format!("{dir}/{month}/index.html")),
                home: archive_path(dir, *month),
                gone: Vec::new(),
            });
            vec![document(feed.home.clone(), &feed, Format::Atom, from, &drew_on)]
        });
    }
}

impl<'p> Common<'p> {
    /// Returns the messages of a subscription document, newest first.
    fn newest<'m>(self, of: &FeedOf, newest: &[&'m Arc<Message>]) -> Vec<&'m Arc<Message>>
    where
        'p: 'm,
    {
        let mut all: Vec<_> = newest.iter().take(FEED_ENTRIES).copied().collect();
        let oldest = all.last().copied().filter(|_| newest.len() > FEED_ENTRIES);
        let Some(oldest) = oldest else { return all };
        let edited = self.site.library.edited.iter().filter(|message| {
            let since = message.rare.updated.is_some_and(|at| at.unix() > oldest.stamp.unix());
            since && message.order() < oldest.order() && self.is_part(of, message)
        });
        all.extend(edited.take(FEED_EDITED));
        all.sort_by(|a, b| b.order().cmp(&a.order()));
        all
    }

    fn is_part(self, of: &FeedOf, message: &Message) -> bool {
        match of {
            FeedOf::Edition => self.site.library.in_timeline(&message.head),
            FeedOf::Contact(head) => head.dir == message.head.dir,
            FeedOf::Tag(label) => {
                let key = crate::message::Tag::parse(label).map(|tag| tag.key());
                message.meta.tags.iter().any(|tag| Some(tag.key()) == key)
            }
            FeedOf::Thread(root) => {
                let began = self.site.library.thread_root(&message.page);
                began.is_some_and(|began| began.page() == root.page())
            }
        }
    }

    /// Returns what was deleted of a feed, the latest first. A tag's feed is a choice among
    /// others: what leaves it is still elsewhere.
    fn gone(self, of: &FeedOf) -> Vec<Tombstone> {
        let library = self.site.library;
        let pages: BTreeSet<&OutPath> = match of {
            FeedOf::Thread(root) => {
                let nodes = library.thread(root.page()).into_iter().flatten();
                nodes
                    .filter(|(_, node)| node.message().is_none())
                    .map(|(_, node)| node.page())
                    .collect()
            }
            _ => BTreeSet::new(),
        };
        let shows = |gone: &Tombstone| match of {
            FeedOf::Edition => self.owner(gone).is_some_and(|head| library.in_timeline(head)),
            FeedOf::Contact(own) => own.dir == gone.dir(),
            FeedOf::Thread(_) => pages.contains(&gone.page),
            FeedOf::Tag(_) => false,
        };
        let gone = self.site.gone.iter().filter(|gone| shows(gone));
        gone.take(FEED_GONE).cloned().collect()
    }

    fn owner(self, gone: &Tombstone) -> Option<&'p Head> {
        let mut heads = self.site.library.contacts.iter().map(|contact| &*contact.head);
        heads.find(|head| head.dir == gone.dir())
    }
}

impl FeedOf {
    /// Returns the contact that it is of.
    pub fn head(&self) -> Option<&Arc<Head>> {
        match self {
            FeedOf::Contact(head) => Some(head),
            FeedOf::Edition | FeedOf::Tag(_) | FeedOf::Thread(_) => None,
        }
    }

    /// Returns the folder of its archives; a tag and a thread have none: their messages are archived
    /// elsewhere.
    fn archive(&self) -> Option<&str> {
        match self {
            FeedOf::Edition => Some("archive"),
            FeedOf::Contact(head) => Some(&head.dir),
            FeedOf::Tag(_) | FeedOf::Thread(_) => None,
        }
    }
}

/// Returns which part of some messages a subscription document is.
fn part(of: &FeedOf, newest: &[&Arc<Message>]) -> Part {
    match newest.get(FEED_ENTRIES) {
        None => Part::Whole,
        // The month of the youngest message that it lacks.
        Some(next) => Part::Newest(of.archive().map(|dir| archive_path(dir, next.stamp.month()))),
    }
}

/// Returns whether a month has messages that the subscription document lacks.
fn is_archived(months: &Months<'_>, at: usize) -> bool {
    let mut count = 0;
    months[at..].iter().any(|(_, slice)| {
        count += slice.len();
        count > FEED_ENTRIES
    })
}

/// Adds what the archive of a month is made from beside its messages to the hash of it.
pub(super) fn archive_print(inputs: Inputs, months: &Months<'_>, at: usize) -> Inputs {
    let older = at.checked_sub(1).map(|at| months[at].0);
    inputs.number(u64::from(is_archived(months, at))).value(&older)
}

fn older(part: &Part) -> Option<&OutPath> {
    match part {
        Part::Whole => None,
        Part::Newest(older) => older.as_ref(),
        Part::Archive { older, .. } => older.as_ref(),
    }
}

fn feed_inputs(inputs: Inputs, of: &FeedOf) -> Inputs {
    let inputs = inputs.maybe(of.head().map(|head| head.fingerprint.to_string()).as_deref());
    match of {
        FeedOf::Tag(label) => inputs.text(label),
        FeedOf::Thread(root) => inputs.print(&root.print()),
        FeedOf::Edition | FeedOf::Contact(_) => inputs,
    }
}

fn document(
    path: OutPath,
    feed: &Arc<Feed>,
    format: Format,
    fingerprint: Fingerprint,
    drew_on: &[Arc<Head>],
) -> Output {
    let what = What::Feed(Arc::clone(feed), format);
    Output { path, what, fingerprint, drew_on: drew_on.to_vec() }
}

fn index(dir: &str) -> OutPath {
    OutPath::fixed(&format!("{dir}index.html"))
}

fn feed_path(dir: &str) -> OutPath {
    OutPath::fixed(&format!("{dir}feed.xml"))
}

fn archive_path(dir: &str, month: Month) -> OutPath {
    OutPath::fixed(&format!("{dir}/{month}/feed.xml"))
}
