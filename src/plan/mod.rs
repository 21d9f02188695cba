//! Which outputs an edition has, and which of them have to be made.
//!
//! 1. [`plan`] turns a library into outputs. It works in segments (a contact's month, a tag's
//!    year, an index …): each is a pure function of its slice of the library and is named by the
//!    hash of the slice. Its outputs are made only where somebody wants them ([`Take`]), so that a
//!    plan takes no more memory than what has to be done.
//! 2. [`Diff`] compares segments and their outputs with what the manifest says is on disk.
//! 3. [`look::LastLook`] makes sure that a public output drew on nothing that is not public.

pub mod diff;
mod finding;
pub mod look;
mod planner;
mod prints;
mod segments;

pub use diff::{Diff, Reason};
pub use finding::{MediaItem, MediaPage, SearchPage, Shard, YearDay};
pub use planner::{Site, month_place, plan, versions_page};
pub use segments::{Segment, Take};

use crate::diagnostic::Diagnostic;
use crate::hash::Fingerprint;
use crate::library::history::History;
use crate::library::{Attachment, Head, Message, Node, Person, Target, Tombstone};
use crate::path::OutPath;
use crate::time::{Month, Stamp};
use serde::Serialize;
use std::sync::Arc;

/// A file of an edition: where, from what, and by which hash of all it is made from.
#[derive(Debug, Clone)]
pub struct Output {
    /// Where it lies.
    pub path: OutPath,
    /// How it is made.
    pub what: What,
    /// The hash of everything it is made from.
    pub fingerprint: Fingerprint,
    /// The contacts its view drew on.
    pub drew_on: Vec<Arc<Head>>,
}

/// How an output is made.
#[derive(Debug, Clone)]
pub enum What {
    /// A page, by a template.
    Page(Box<Page>),
    /// A feed, in one of its formats, which share what they are made from.
    Feed(Arc<Feed>, Format),
    /// The feeds of an edition, for feed readers to take all at once (OPML 2.0).
    Outline(FeedList),
    /// A copy of a file of a box.
    Copy {
        /// The file; boxed, for most outputs are pages.
        file: Box<Attachment>,
        /// Whether data about place and camera are taken out.
        stripped: bool,
    },
    /// A smaller version of a photograph of a box.
    Smaller {
        /// The photograph.
        file: Box<Attachment>,
        /// How wide it becomes, in pixels: one of its `widths`.
        width: u32,
        /// Whether data about place and camera are taken out where the whole has to stand in.
        stripped: bool,
    },
    /// Bytes of the theme.
    Asset(Arc<[u8]>),
    /// What is searched of a stretch of time.
    Shard(Box<Shard>),
    /// Something for search engines.
    Crawlers(Crawlers),
}

/// What search engines are told.
#[derive(Debug, Clone)]
pub enum Crawlers {
    /// What they may read (RFC 9309).
    Robots,
    /// The list of site maps (sitemaps.org, "Sitemap index").
    Maps(Vec<OutPath>),
    /// Pages, each with when it was last changed, where that is known.
    Map(Vec<(OutPath, Option<Stamp>)>),
}

/// When an output is published: what is pointed to before what points to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Assets and copies.
    File,
    /// Pages of messages.
    Message,
    /// Lists, indexes, feeds.
    Pointer,
}

impl Output {
    /// Returns when it is published.
    pub fn rank(&self) -> Rank {
        match &self.what {
            What::Copy { .. } | What::Smaller { .. } | What::Asset(_) => Rank::File,
            What::Page(page) if matches!(**page, Page::Message(_)) => Rank::Message,
            _ => Rank::Pointer,
        }
    }

    /// Returns the messages whose bodies it shows.
    pub fn bodies(&self) -> Vec<&Arc<Message>> {
        match &self.what {
            What::Page(page) => match &**page {
                Page::Message(page) => vec![&page.item.message],
                Page::Thread(thread) => thread.items().map(|item| &item.message).collect(),
                Page::List(list) if list.full => list.items.iter().map(|i| &i.message).collect(),
                _ => Vec::new(),
            },
            What::Feed(feed, _) => feed.items.iter().map(|item| &item.message).collect(),
            What::Shard(shard) => shard.messages.iter().collect(),
            _ => Vec::new(),
        }
    }
}

/// A message where it is listed, with what it answers.
#[derive(Debug, Clone)]
pub struct Item {
    /// The message.
    pub message: Arc<Message>,
    /// What it answers.
    pub target: Option<Target>,
}

/// A page.
#[derive(Debug, Clone)]
pub enum Page {
    /// One message.
    Message(MessagePage),
    /// Messages in a row; boxed, for most pages are messages.
    List(Box<List>),
    /// The months of a year with their counts.
    Year(Year),
    /// All years with their pages, newest first.
    Archive(Vec<(i32, OutPath)>),
    /// All tags.
    Tags(Vec<TagLine>),
    /// The page to search on.
    Search(SearchPage),
    /// Pictures, sound and film.
    Media(Box<MediaPage>),
    /// Messages that answer each other.
    Thread(ThreadPage),
    /// What a message said before it was changed.
    Versions(VersionsPage),
    /// All conversations, the liveliest first.
    Conversations(Vec<ContactLine>),
    /// All contacts, by name.
    Subscriptions(Vec<ContactLine>),
    /// All feeds, for people.
    Feeds(Vec<FeedLine>),
    /// What one has starred and muted: nothing of it is in the page.
    Reading,
    /// What is not shown as it should be.
    Status(Arc<[Diagnostic]>),
    /// The old address of a page of a contact.
    Moved(OutPath, Arc<Head>),
    /// The address of a message that was deleted.
    Deleted(DeletedPage),
    /// For addresses that lead nowhere.
    NotFound,
}

impl Page {
    /// Returns the word for its kind: pages of one kind are made by one template.
    pub fn kind(&self) -> &'static str {
        match self {
            Page::Message(_) => "message",
            Page::List(list) => match list.of {
                ListOf::Home(_) => "home",
                ListOf::Contact(_) => "contact",
                ListOf::Author(..) => "author",
                _ => "list",
            },
            Page::Year(_) => "year",
            Page::Archive(_) => "archive",
            Page::Tags(_) => "tags",
            Page::Search(_) => "search",
            Page::Media(_) => "media",
            Page::Thread(_) => "thread",
            Page::Versions(_) => "versions",
            Page::Conversations(_) => "conversations",
            Page::Subscriptions(_) => "subscriptions",
            Page::Feeds(_) => "feeds",
            Page::Reading => "reading",
            Page::Status(_) => "status",
            Page::Moved(..) => "moved",
            Page::Deleted(..) => "deleted",
            Page::NotFound => "404",
        }
    }
}

/// The page of one message.
#[derive(Debug, Clone)]
pub struct MessagePage {
    /// The message.
    pub item: Item,
    /// The one before it in its contact.
    pub older: Option<Arc<Message>>,
    /// The one after it.
    pub newer: Option<Arc<Message>>,
    /// The first of those that answer it, oldest first.
    pub replies: Vec<Arc<Message>>,
    /// How many more answer it.
    pub more_replies: usize,
    /// The page of the thread it is part of.
    pub thread: Option<OutPath>,
}

/// The address of a message that was deleted: what answers it keeps its place there.
#[derive(Debug, Clone)]
pub struct DeletedPage {
    /// What is left of it.
    pub gone: Tombstone,
    /// Whose it was.
    pub head: Arc<Head>,
    /// The first of those that answer it, oldest first.
    pub replies: Vec<Arc<Message>>,
    /// How many more answer it.
    pub more_replies: usize,
    /// The page of the thread it was part of.
    pub thread: Option<OutPath>,
}

/// The page with the earlier versions of a message.
#[derive(Debug, Clone)]
pub struct VersionsPage {
    /// The message.
    pub item: Item,
    /// Its versions.
    pub history: Arc<History>,
}

/// The page of a thread.
#[derive(Debug, Clone)]
pub struct ThreadPage {
    /// What began it.
    pub root: Node,
    /// Messages with their depth, each before those that answer it.
    pub places: Vec<(usize, Place)>,
    /// Which part of the thread they are, from 1.
    pub part: usize,
    /// The part before this one.
    pub before: Option<OutPath>,
    /// The part after it.
    pub after: Option<OutPath>,
    /// The feed of the thread.
    pub feed: OutPath,
}

/// A place in a thread.
#[derive(Debug, Clone)]
pub enum Place {
    /// That of a message.
    Message(Item),
    /// That of one that was deleted: the page that says so.
    Gone(OutPath),
}

impl ThreadPage {
    /// Returns the messages that are there.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.places.iter().filter_map(|(_, place)| match place {
            Place::Message(item) => Some(item),
            Place::Gone(_) => None,
        })
    }
}

/// A contact in an overview.
#[derive(Debug, Clone)]
pub struct ContactLine {
    /// The contact.
    pub head: Arc<Head>,
    /// How many messages it has.
    pub count: usize,
    /// The newest of them.
    pub last: Option<Item>,
    /// How many messages it had in each of the last months, oldest first.
    pub months: Vec<(Month, usize)>,
    /// How many findings there are about its files.
    pub problems: usize,
}

/// The feeds of all contacts.
#[derive(Debug, Clone)]
pub struct FeedList {
    /// The feeds.
    pub lines: Vec<FeedLine>,
    /// When the youngest of them began: the list changes with the contacts, not with every message.
    pub since: Option<Stamp>,
}

/// A feed in the list of all.
#[derive(Debug, Clone)]
pub struct FeedLine {
    /// What it is of.
    pub of: FeedOf,
    /// Where it is.
    pub path: OutPath,
}

/// What a list lists.
#[derive(Debug, Clone)]
pub enum ListOf {
    /// The newest of the edition; and the newest of those who have nothing among them.
    Home(Vec<Item>),
    /// The newest of a contact.
    Contact(Arc<Head>),
    /// A month of a contact.
    ContactMonth(Arc<Head>, Month),
    /// A month of the edition.
    Month(Month),
    /// The newest of a tag: its label and folder.
    Tag(String, String),
    /// A year of a tag: its label and folder, the year, and whether the tag has a feed.
    TagYear(String, String, i32, bool),
    /// The newest of one of a channel's authors.
    Author(Arc<Head>, Arc<Person>),
    /// A year of one of a channel's authors.
    AuthorYear(Arc<Head>, Arc<Person>, i32),
}

/// Messages in a row.
#[derive(Debug, Clone)]
pub struct List {
    /// What it lists.
    pub of: ListOf,
    /// The messages, in the order they are shown.
    pub items: Vec<Item>,
    /// Whether the messages are shown in full.
    pub full: bool,
    /// Which part of the month or year it is, from 1.
    pub part: usize,
    /// The list before it in time.
    pub older: Option<Stretch>,
    /// The list after it in time.
    pub newer: Option<Stretch>,
    /// On an index: the years it has archives of, newest first, with their pages.
    pub years: Vec<(i32, OutPath)>,
    /// Its feed.
    pub feed: Option<OutPath>,
}

/// A neighbouring list.
#[derive(Debug, Clone, Serialize)]
pub struct Stretch {
    /// Its page.
    pub path: OutPath,
    /// Its month; none for a year or a part.
    pub month: Option<Month>,
    /// Its year.
    pub year: i32,
}

/// The months of a year.
#[derive(Debug, Clone)]
pub struct Year {
    /// Whose: a contact's, or the edition's.
    pub head: Option<Arc<Head>>,
    /// The year.
    pub year: i32,
    /// Its page.
    pub path: OutPath,
    /// Its months, oldest first: the month, how many messages, the page.
    pub months: Vec<(Month, usize, OutPath)>,
    /// Its days that have messages, oldest first, by the time zone of the settings.
    pub days: Vec<YearDay>,
    /// The year before it that has messages.
    pub older: Option<(i32, OutPath)>,
    /// The year after it that has messages.
    pub newer: Option<(i32, OutPath)>,
}

/// A tag in the list of all.
#[derive(Debug, Clone)]
pub struct TagLine {
    /// The tag as first written.
    pub label: String,
    /// Its page.
    pub path: OutPath,
    /// How many messages carry it.
    pub count: usize,
}

/// What a feed is of.
#[derive(Debug, Clone)]
pub enum FeedOf {
    /// The whole edition.
    Edition,
    /// A contact.
    Contact(Arc<Head>),
    /// A tag: its label.
    Tag(String),
    /// A thread: what began it.
    Thread(Node),
}

/// How a feed is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Atom (RFC 4287), as `feed.xml`.
    Atom,
    /// JSON Feed 1.1, as `feed.json` beside it.
    Json,
}

/// A feed, or a part of one.
#[derive(Debug, Clone)]
pub struct Feed {
    /// What it is of.
    pub of: FeedOf,
    /// Its messages, newest first.
    pub items: Vec<Item>,
    /// Which part of all its messages these are.
    pub part: Part,
    /// The page that shows the same.
    pub page: OutPath,
    /// Where its Atom document is to be read from now on: its own path, but for one that has moved.
    pub home: OutPath,
    /// What was in it and has been deleted, the latest first.
    pub gone: Vec<Tombstone>,
}

/// Which part of a feed a document is (RFC 5005).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// The newest, to subscribe to; where the archive of what is older begins, if there is one.
    Newest(Option<OutPath>),
    /// A month of the archive.
    Archive {
        /// The archive of the month before that has messages.
        older: Option<OutPath>,
        /// The document to subscribe to.
        current: OutPath,
    },
}
