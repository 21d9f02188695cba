//! The values that templates see.

use super::versions::ChangeView;
use crate::sanitize::PlacedHtml;
use serde::Serialize;

/// What every page of an edition shows.
#[derive(Debug, Clone, Serialize)]
pub struct SiteView {
    /// The name of the site.
    pub title: String,
    /// `public` or `reader`.
    pub edition: &'static str,
    /// The language of the interface.
    pub language: String,
    /// Whether pictures on other hosts are shown.
    pub remote_images: bool,
    /// All contacts.
    pub contacts: Vec<ContactView>,
    /// The words of the interface, by key.
    pub words: std::collections::BTreeMap<String, String>,
}

/// A contact.
#[derive(Debug, Clone, Serialize)]
pub struct ContactView {
    /// The folder's name.
    pub folder: String,
    /// What it is called here.
    pub title: String,
    /// What it calls itself, where that differs.
    pub claimed: Option<String>,
    /// `channel`, `subscription` or `conversation`.
    pub kind: &'static str,
    /// The word for its kind.
    pub kind_name: String,
    /// The number of its accent.
    pub accent: u16,
    /// Its page.
    pub path: String,
    /// Its feed.
    pub feed: String,
    /// What its owner says of it.
    pub description: Option<String>,
    /// The language of its messages.
    pub language: Option<String>,
    /// Its licence.
    pub license: Option<String>,
    /// Where its owner publishes it.
    pub home_page: Option<String>,
    /// Its picture.
    pub avatar: Option<String>,
    /// Who writes it.
    pub authors: Vec<AuthorView>,
    /// Whether it is a channel of mine that the public edition leaves out.
    pub unlisted: bool,
}

/// Somebody who writes.
#[derive(Debug, Clone, Serialize)]
pub struct AuthorView {
    /// The name.
    pub name: String,
    /// A page about the author.
    pub uri: Option<String>,
    /// A mail address.
    pub email: Option<String>,
    /// A picture.
    pub avatar: Option<String>,
    /// The page with what the author wrote, where several write a channel.
    pub page: Option<String>,
}

impl AuthorView {
    /// Returns somebody of whom only the name is known.
    pub(in crate::render) fn named(name: String) -> AuthorView {
        AuthorView { name, uri: None, email: None, avatar: None, page: None }
    }
}

/// A picture that stands for a message.
#[derive(Debug, Clone, Serialize)]
pub struct PictureView {
    /// Its file.
    pub path: String,
    /// Its smallest version; itself where it has none.
    pub small: String,
    /// Its width in pixels.
    pub width: Option<u32>,
    /// Its height in pixels.
    pub height: Option<u32>,
}

/// What a page is.
#[derive(Debug, Clone, Serialize)]
pub struct PageView {
    /// Its template's name without `.html`.
    pub kind: &'static str,
    /// Its title, for `<title>` and headings.
    pub title: String,
    /// Its file, from the top of the edition.
    pub path: String,
    /// What leads from it to the top: `""`, `"../"` …
    pub root: String,
    /// Its feeds, the nearest first.
    pub feeds: Vec<FeedLinkView>,
    /// The address by which it is known to the world, where there is one.
    pub canonical: Option<String>,
    /// What is shown of it where somebody links to it; where there is a canonical address.
    pub card: Option<CardView>,
    /// Whether there are pictures on it that can be seen larger.
    pub pictures: bool,
}

/// A feed, for the head of a page.
#[derive(Debug, Clone, Serialize)]
pub struct FeedLinkView {
    /// What it is called.
    pub title: String,
    /// Its Atom document.
    pub path: String,
    /// Its JSON document.
    pub json: String,
}

/// What is shown of a page where somebody links to it (Open Graph, ogp.me).
#[derive(Debug, Clone, Serialize)]
pub struct CardView {
    /// `website` or `article`.
    pub of: &'static str,
    /// A sentence about it.
    pub description: Option<String>,
    /// The address of a picture.
    pub image: Option<String>,
    /// When it was published; of an article.
    pub published: Option<String>,
    /// When it was last edited; of an article.
    pub updated: Option<String>,
}

/// The address of a message that was deleted.
#[derive(Debug, Clone, Serialize)]
pub struct DeletedView {
    /// Whose it was.
    pub contact: BriefContact,
    /// When it was missed first.
    pub date: DateView,
    /// The first of those that answer it, oldest first.
    pub replies: Vec<ReplyView>,
    /// How many more answer it.
    pub more_replies: usize,
    /// The page with all of the thread it was part of.
    pub thread: Option<String>,
}

/// A link.
#[derive(Debug, Clone, Serialize)]
pub struct LinkView {
    /// Its words.
    pub title: String,
    /// Where it leads, from the top of the edition.
    pub path: String,
}

/// An instant.
#[derive(Debug, Clone, Serialize)]
pub struct DateView {
    /// For `<time datetime>`.
    pub iso: String,
    /// The day in words, by the zone of the settings.
    pub day: String,
    /// Hour and minute on the author's clock; none for a bare date.
    pub time: Option<String>,
    /// The author's zone.
    pub zone: String,
}

/// A message.
#[derive(Debug, Clone, Serialize)]
pub struct MessageView {
    /// Its page.
    pub path: String,
    /// Its identity in the feeds of this edition.
    pub id: String,
    /// What an answer to it names it by, where that is something else.
    pub reply_id: Option<String>,
    /// Its title, if it has one.
    pub title: Option<String>,
    /// Words that stand for it where a title is needed.
    pub name: String,
    /// Whose it is.
    pub contact: BriefContact,
    /// Whether I wrote it.
    pub mine: bool,
    /// Who wrote it.
    pub author: AuthorView,
    /// When it was written.
    pub date: DateView,
    /// When it was last edited.
    pub updated: Option<DateView>,
    /// Its language, where it names one.
    pub language: Option<String>,
    /// Its tags.
    pub tags: Vec<LinkView>,
    /// Those of its tags that the text shown here does not show itself.
    pub other_tags: Vec<LinkView>,
    /// Its text, where the page shows it.
    pub body: Option<PlacedHtml>,
    /// Its summary, or its first words.
    pub summary: String,
    /// The picture that stands for it, where its header names one.
    pub thumbnail: Option<PictureView>,
    /// Its attachments that the text does not show itself.
    pub attachments: Vec<AttachmentView>,
    /// How many more there are.
    pub more_attachments: usize,
    /// What it answers.
    pub reply_to: Option<ReplyView>,
    /// What a reader should know of it.
    pub notice: Option<String>,
    /// The page with what it said before it was changed, where that was seen.
    pub versions: Option<String>,
    /// Whether it is one of those that its day folds.
    pub folded: bool,
}

/// A contact where it is only named.
#[derive(Debug, Clone, Serialize)]
pub struct BriefContact {
    /// What it is called here.
    pub title: String,
    /// `channel`, `subscription` or `conversation`.
    pub kind: &'static str,
    /// The word for its kind.
    pub kind_name: String,
    /// The number of its accent.
    pub accent: u16,
    /// Its page.
    pub path: String,
}

/// An attachment.
#[derive(Debug, Clone, Serialize)]
pub struct AttachmentView {
    /// `picture`, `sound`, `film` or `file`.
    pub media: &'static str,
    /// Its name.
    pub name: String,
    /// Its file; none where it is too large to be copied.
    pub path: Option<String>,
    /// Its size in words.
    pub size: String,
    /// Its kind in a word: the extension.
    pub extension: String,
    /// Width of a picture in pixels.
    pub width: Option<u32>,
    /// Height of a picture in pixels.
    pub height: Option<u32>,
    /// What its message says of it.
    pub caption: Option<String>,
    /// The smaller versions of a picture, the smallest first.
    pub versions: Vec<SmallerView>,
    /// The picture that stands for a film until it plays.
    pub poster: Option<String>,
    /// The subtitles of a film.
    pub tracks: Vec<TrackView>,
}

/// A smaller version of a picture.
#[derive(Debug, Clone, Serialize)]
pub struct SmallerView {
    /// Its file.
    pub path: String,
    /// Its width in pixels.
    pub width: u32,
}

/// Subtitles.
#[derive(Debug, Clone, Serialize)]
pub struct TrackView {
    /// Their file.
    pub path: String,
    /// Their language, where the name of the file tells it.
    pub language: Option<String>,
}

/// A message that another one answers, or that answers it.
#[derive(Debug, Clone, Serialize)]
pub struct ReplyView {
    /// Its page, where the edition has it.
    pub path: Option<String>,
    /// Its address elsewhere.
    pub address: Option<String>,
    /// Whether it was here and has been deleted: `path` leads to a page that says so.
    pub deleted: bool,
    /// Words that stand for it.
    pub name: Option<String>,
    /// Its first words, as far as they are not its name.
    pub excerpt: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// When.
    pub date: Option<DateView>,
}

/// The page of a message.
#[derive(Debug, Clone, Serialize)]
pub struct MessagePageView {
    /// The message.
    pub message: MessageView,
    /// The one before it.
    pub older: Option<LinkView>,
    /// The one after it.
    pub newer: Option<LinkView>,
    /// Those that answer it.
    pub replies: Vec<ReplyView>,
    /// How many more answer it.
    pub more_replies: usize,
    /// The page with all of the thread that it is part of.
    pub thread: Option<String>,
    /// The text as it was written; in the reader edition.
    pub source: Option<String>,
    /// `[extra]` of its header.
    pub extra: serde_json::Value,
}

/// A list of messages.
#[derive(Debug, Clone, Serialize)]
pub struct ListView {
    /// `home`, `contact`, `month`, `tag`, `author`.
    pub of: &'static str,
    /// Whose list it is.
    pub contact: Option<ContactView>,
    /// The author whose messages it lists.
    pub author: Option<AuthorView>,
    /// The messages, by days.
    pub days: Vec<DayView>,
    /// On the reader's home: the newest of those who have nothing among the messages.
    pub quiet: Vec<MessageView>,
    /// Whether there are none.
    pub empty: bool,
    /// The part of a month or year, from 1.
    pub part: usize,
    /// The list before it in time.
    pub older: Option<LinkView>,
    /// The list after it in time.
    pub newer: Option<LinkView>,
    /// Years of its archive.
    pub years: Vec<LinkView>,
    /// Its feed.
    pub feed: Option<String>,
    /// On the page of a contact: how others can subscribe to it.
    pub ways: Vec<super::WayView>,
}

/// The messages of one day in a list.
#[derive(Debug, Clone, Serialize)]
pub struct DayView {
    /// The day in words.
    pub title: String,
    /// For `<time datetime>`.
    pub iso: String,
    /// The messages.
    pub messages: Vec<MessageView>,
    /// On home: those who wrote more than the day shows unfolded.
    pub folds: Vec<FoldView>,
}

/// What a day folds of one contact.
#[derive(Debug, Clone, Serialize)]
pub struct FoldView {
    /// Whose messages are folded.
    pub contact: BriefContact,
    /// How many are.
    pub count: usize,
}

/// A month with a count.
#[derive(Debug, Clone, Serialize)]
pub struct CountView {
    /// Its name.
    pub title: String,
    /// Its page.
    pub path: String,
    /// How many messages.
    pub count: usize,
}

/// The months of a year.
#[derive(Debug, Clone, Serialize)]
pub struct YearView {
    /// Whose.
    pub contact: Option<BriefContact>,
    /// The year.
    pub year: String,
    /// Its months.
    pub months: Vec<CountView>,
    /// The days of those that have messages.
    pub calendar: Vec<super::CalendarView>,
    /// The year before.
    pub older: Option<LinkView>,
    /// The year after.
    pub newer: Option<LinkView>,
}

/// A finding about a file.
#[derive(Debug, Clone, Serialize)]
pub struct ProblemView {
    /// `error`, `warning` or `note`.
    pub severity: &'static str,
    /// The word for it.
    pub severity_name: String,
    /// The file.
    pub file: String,
    /// Line and column, as `3:7`.
    pub place: Option<String>,
    /// The line itself.
    pub line: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

/// The page of a thread.
#[derive(Debug, Clone, Serialize)]
pub struct ThreadView {
    /// What the message that began it is called.
    pub title: String,
    /// Whose that message is.
    pub contact: BriefContact,
    /// The messages, each before those that answer it.
    pub messages: Vec<NestedView>,
    /// The part of the thread, from 1.
    pub part: usize,
    /// The part before it.
    pub older: Option<LinkView>,
    /// The part after it.
    pub newer: Option<LinkView>,
    /// The thread's feed.
    pub feed: String,
}

/// A message in a thread.
#[derive(Debug, Clone, Serialize)]
pub struct NestedView {
    /// How many messages it answers in a row, at most 6.
    pub depth: usize,
    /// The message, with its text; none for one that was deleted.
    pub message: Option<MessageView>,
    /// The page that says that it was deleted.
    pub deleted: Option<String>,
}

/// What a message said before it was changed.
#[derive(Debug, Clone, Serialize)]
pub struct VersionsView {
    /// The message, without its text.
    pub message: MessageView,
    /// Its earlier versions, the newest first.
    pub versions: Vec<VersionView>,
}

/// An earlier version of a message.
#[derive(Debug, Clone, Serialize)]
pub struct VersionView {
    /// When it was first seen here, where that is known.
    pub seen: Option<DateView>,
    /// When the one after it was.
    pub until: Option<DateView>,
    /// Its text, where that is kept.
    pub text: Option<String>,
    /// How it became the version after it, where the texts of both are known.
    pub changes: Option<Vec<ChangeView>>,
}

/// A contact in the list of conversations or of all contacts.
#[derive(Debug, Clone, Serialize)]
pub struct ContactLineView {
    /// The contact.
    pub contact: ContactView,
    /// How many messages it has.
    pub count: usize,
    /// The newest of them, without its text.
    pub last: Option<MessageView>,
    /// How many messages it had in each of the last months, oldest first.
    pub months: Vec<BarView>,
    /// How many findings there are about its files.
    pub problems: usize,
    /// Whether it stays out of the timeline.
    pub muted: bool,
}

/// A month of a contact, for a small chart.
#[derive(Debug, Clone, Serialize)]
pub struct BarView {
    /// Its name.
    pub title: String,
    /// How many messages.
    pub count: usize,
    /// How high the bar is: 0 to 20, 20 for the contact's liveliest month.
    pub height: usize,
}

/// A feed in the list of all.
#[derive(Debug, Clone, Serialize)]
pub struct FeedView {
    /// What it is called.
    pub title: String,
    /// `edition`, `contact`, `tag` or `thread`.
    pub of: &'static str,
    /// What the contact is: `channel`, `subscription` or `conversation`.
    pub kind: Option<&'static str>,
    /// The word for that.
    pub kind_name: Option<String>,
    /// The number of the contact's accent.
    pub accent: Option<u16>,
    /// The file.
    pub path: String,
    /// The address that a feed reader takes; relative where nobody knows where the site is read.
    pub address: String,
}
