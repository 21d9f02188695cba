//! What templates see: plain values, documented by `handbill debug view`.
//!
//! Addresses in views are paths from the top of the edition; a template writes
//! `{{ root }}{{ message.path }}`. Bodies come placed, with `root` already in their links.

use super::Look;
use super::bodies::{Bodies, Body};
use crate::config::{Author, Settings};
use crate::diagnostic::{Diagnostic, Severity};
use crate::library::{Attachment, Edition, Head, Media, Message, Notice, Side, Target};
use crate::message::body::Found;
use crate::path::OutPath;
use crate::plan::{Item, List, ListOf, MessagePage, Stretch, TagLine, Year};
use crate::sanitize::PlacedHtml;
use crate::text::cut;
use crate::theme::Theme;
use crate::time::{Month, Stamp};
use crate::words::Words;
use chrono::{Datelike, NaiveDate};
use serde::Serialize;
use std::fmt::Write;
use std::sync::Arc;

/// What every page of an edition shows.
#[derive(Debug, Clone, Serialize)]
pub struct SiteView {
    /// The name of the site.
    pub title: String,
    /// `public` or `reader`.
    pub edition: &'static str,
    /// The language of the interface.
    pub language: String,
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
    /// Ways to subscribe.
    pub subscribe: Vec<SubscribeView>,
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
}

/// A way to subscribe.
#[derive(Debug, Clone, Serialize)]
pub struct SubscribeView {
    /// The tool.
    pub transport: String,
    /// The read-only key.
    pub key: Option<String>,
    /// The link that the tool opens.
    pub link: Option<String>,
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
    pub feeds: Vec<LinkView>,
    /// The address by which it is known to the world, where there is one.
    pub canonical: Option<String>,
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
    /// Its attachments that the text does not show itself.
    pub attachments: Vec<AttachmentView>,
    /// How many more there are.
    pub more_attachments: usize,
    /// What it answers.
    pub reply_to: Option<ReplyView>,
    /// What a reader should know of it.
    pub notice: Option<String>,
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
}

/// A message that another one answers, or that answers it.
#[derive(Debug, Clone, Serialize)]
pub struct ReplyView {
    /// Its page, where the edition has it.
    pub path: Option<String>,
    /// Its address elsewhere.
    pub address: Option<String>,
    /// Words that stand for it.
    pub name: Option<String>,
    /// Its first words, where they are not its name.
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
    /// The text as it was written; in the reader edition.
    pub source: Option<String>,
    /// `[extra]` of its header.
    pub extra: serde_json::Value,
}

/// A list of messages.
#[derive(Debug, Clone, Serialize)]
pub struct ListView {
    /// `home`, `contact`, `month`, `tag`.
    pub of: &'static str,
    /// Whose list it is.
    pub contact: Option<ContactView>,
    /// The messages, by days.
    pub days: Vec<DayView>,
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

/// Makes what every page of an edition shows.
pub fn site(edition: Edition, settings: &Settings, theme: &Theme, heads: &[Arc<Head>]) -> SiteView {
    SiteView {
        title: settings.title.clone(),
        edition: edition.name(),
        language: settings.language.clone(),
        contacts: heads.iter().map(|head| contact(head, edition, &theme.words)).collect(),
        words: theme.words.pairs().clone(),
    }
}

fn contact(head: &Head, edition: Edition, words: &Words) -> ContactView {
    let info = &head.info;
    ContactView {
        folder: head.name.clone(),
        title: head.title.clone(),
        claimed: head.claimed.clone(),
        kind: head.kind.word(),
        kind_name: words.get(head.kind.word()).to_owned(),
        path: format!("{}/index.html", head.dir),
        feed: format!("{}/feed.xml", head.dir),
        description: info.description.clone(),
        language: info.language.clone(),
        license: info.license.clone(),
        home_page: info.home_page.as_ref().map(ToString::to_string),
        avatar: head.avatar.as_ref().map(|file| file.out.to_string()),
        authors: info.authors.iter().map(author).collect(),
        subscribe: info
            .subscribe
            .iter()
            .map(|way| SubscribeView {
                transport: way.transport.clone(),
                key: way.key.clone(),
                link: way.link.clone(),
            })
            .collect(),
        unlisted: edition == Edition::Reader
            && head.kind == crate::library::Kind::Channel
            && !head.listed,
    }
}

fn author(author: &Author) -> AuthorView {
    AuthorView { name: author.name.clone(), uri: author.uri.as_ref().map(ToString::to_string) }
}

/// Makes views of messages for one page.
pub(super) struct Viewer<'v, 'b> {
    pub look: &'v Look<'v>,
    pub root: String,
    pub bodies: &'v Bodies<'b>,
}

/// The text of a message is gone: its page waits for the next build.
#[derive(Debug, Clone, Copy)]
pub struct Gone;

impl Viewer<'_, '_> {
    fn words(&self) -> &Words {
        &self.look.theme.words
    }

    fn body(&self, item: &Item) -> Result<Arc<Body>, Gone> {
        self.bodies.get(&item.message).ok_or(Gone)
    }

    /// Returns a message, with its text where there is a `body`.
    fn message(&self, item: &Item, body: Option<&Body>) -> MessageView {
        let message = &*item.message;
        let words = self.words();
        let body = body.filter(|body| !body.html.is_empty()).map(|body| body.html.at(&self.root));
        let tags = tags(message);
        let in_text = |tag: &LinkView| {
            body.as_ref()
                .is_some_and(|body| body.as_str().contains(&format!("{}{}\"", self.root, tag.path)))
        };
        MessageView {
            path: message.page.to_string(),
            other_tags: tags.iter().filter(|tag| !in_text(tag)).cloned().collect(),
            title: message.meta.title.clone(),
            name: name(message, words),
            contact: brief(&message.head, words),
            mine: message.side == Side::Outbox,
            author: author_of(message, words),
            date: self.date(message.stamp),
            updated: message.meta.updated.map(|stamp| self.date(stamp)),
            language: message.meta.language.clone().or_else(|| message.head.info.language.clone()),
            tags,
            body,
            summary: summary(message).to_owned(),
            attachments: attachments(message),
            more_attachments: message.more,
            reply_to: item.target.as_ref().map(|target| self.target(target)),
            notice: message.notice.as_ref().map(|notice| notice_text(notice, words)),
        }
    }

    fn target(&self, target: &Target) -> ReplyView {
        match target {
            Target::Known(message) => self.reply(message),
            Target::Elsewhere(url) => ReplyView { address: Some(url.to_string()), ..nobody() },
            Target::Unknown => nobody(),
        }
    }

    /// Returns a message as another one's page names it.
    pub(super) fn reply(&self, message: &Message) -> ReplyView {
        let name = name(message, self.words());
        let excerpt = cut(summary(message), 140);
        ReplyView {
            path: Some(message.page.to_string()),
            address: None,
            excerpt: (!excerpt.is_empty() && !excerpt.starts_with(name.trim_end_matches('…')))
                .then_some(excerpt),
            name: Some(name),
            author: Some(author_of(message, self.words()).name),
            date: Some(self.date(message.stamp)),
        }
    }

    fn date(&self, stamp: Stamp) -> DateView {
        DateView {
            iso: stamp.iso(),
            day: day(stamp.day_in(self.look.settings.time_zone), self.words()),
            time: stamp.clock(),
            zone: stamp.zone(),
        }
    }

    /// Returns the page of a message.
    pub(super) fn message_page(&self, page: &MessagePage) -> Result<MessagePageView, Gone> {
        let body = self.body(&page.item)?;
        let words = self.words();
        let link = |m: &Arc<Message>| LinkView { title: name(m, words), path: m.page.to_string() };
        Ok(MessagePageView {
            message: self.message(&page.item, Some(&body)),
            older: page.older.as_ref().map(link),
            newer: page.newer.as_ref().map(link),
            replies: page.replies.iter().map(|reply| self.reply(reply)).collect(),
            source: body.text.clone(),
            extra: serde_json::to_value(&body.extra).unwrap_or_default(),
        })
    }

    /// Returns a list.
    pub(super) fn list(&self, list: &List) -> Result<ListView, Gone> {
        let mut days: Vec<DayView> = Vec::new();
        for item in &list.items {
            let date = item.message.stamp.day_in(self.look.settings.time_zone);
            let body = if list.full { Some(self.body(item)?) } else { None };
            let message = self.message(item, body.as_deref());
            let iso = date.to_string();
            match days.last_mut() {
                Some(last) if last.iso == iso => last.messages.push(message),
                _ => {
                    let title = day(date, self.words());
                    days.push(DayView { title, iso, messages: vec![message] });
                }
            }
        }
        let words = self.words();
        let year = |(year, path): &(i32, OutPath)| LinkView {
            title: year.to_string(),
            path: path.to_string(),
        };
        let head = match &list.of {
            ListOf::Contact(head) | ListOf::ContactMonth(head, _) => Some(head),
            _ => None,
        };
        Ok(ListView {
            of: match list.of {
                ListOf::Home(_) => "home",
                ListOf::Contact(_) => "contact",
                ListOf::ContactMonth(..) | ListOf::Month(_) => "month",
                ListOf::Tag(..) | ListOf::TagYear(..) => "tag",
            },
            contact: head.map(|head| contact(head, self.look.edition, words)),
            empty: days.is_empty(),
            days,
            part: list.part,
            older: list.older.as_ref().map(|stretch| stretch_link(stretch, words)),
            newer: list.newer.as_ref().map(|stretch| stretch_link(stretch, words)),
            years: list.years.iter().map(year).collect(),
            feed: list.feed.as_ref().map(ToString::to_string),
        })
    }
}

fn nobody() -> ReplyView {
    ReplyView { path: None, address: None, name: None, excerpt: None, author: None, date: None }
}

/// Returns the months of a year.
pub(super) fn year(year: &Year, words: &Words) -> YearView {
    let link = |(year, path): &(i32, OutPath)| LinkView {
        title: year.to_string(),
        path: path.to_string(),
    };
    YearView {
        contact: year.head.as_ref().map(|head| brief(head, words)),
        year: year.year.to_string(),
        months: year
            .months
            .iter()
            .map(|(month, count, path)| CountView {
                title: month_name(*month, words),
                path: path.to_string(),
                count: *count,
            })
            .collect(),
        older: year.older.as_ref().map(link),
        newer: year.newer.as_ref().map(link),
    }
}

/// Returns the lines of the list of tags.
pub(super) fn tag_lines(lines: &[TagLine]) -> Vec<CountView> {
    let line = |line: &TagLine| CountView {
        title: line.label.clone(),
        path: line.path.to_string(),
        count: line.count,
    };
    lines.iter().map(line).collect()
}

/// Returns the lines of the status page.
pub(super) fn problems(all: &[Diagnostic], words: &Words) -> Vec<ProblemView> {
    let view = |d: &Diagnostic| {
        let severity = match d.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        ProblemView {
            severity,
            severity_name: words.get(&format!("problem_{severity}")).to_owned(),
            file: d.path.clone(),
            place: d.place.as_ref().map(|place| format!("{}:{}", place.line, place.column)),
            line: d.place.as_ref().map(|place| place.text.clone()).filter(|text| !text.is_empty()),
            message: d.message.clone(),
            hint: d.hint.clone(),
        }
    };
    all.iter().map(view).collect()
}

/// Returns the title of a list.
pub(super) fn list_title(list: &List, settings: &Settings, words: &Words) -> String {
    let title = match &list.of {
        ListOf::Home(_) => settings.title.clone(),
        ListOf::Contact(head) => head.title.clone(),
        ListOf::ContactMonth(head, month) => {
            format!("{}: {}", head.title, month_name(*month, words))
        }
        ListOf::Month(month) => month_name(*month, words),
        ListOf::Tag(label, _) => format!("#{label}"),
        ListOf::TagYear(label, _, year) => format!("#{label}: {year}"),
    };
    if list.part > 1 { format!("{title} ({})", list.part) } else { title }
}

fn stretch_link(stretch: &Stretch, words: &Words) -> LinkView {
    let title = match stretch.month {
        Some(month) => month_name(month, words),
        None => stretch.year.to_string(),
    };
    LinkView { title, path: stretch.path.to_string() }
}

/// Returns the words that stand for a message where a title is needed.
pub(super) fn name(message: &Message, words: &Words) -> String {
    if let Some(title) = &message.meta.title {
        return title.clone();
    }
    let lead = &message.meta.lead;
    let has_words = !message.meta.excerpt.is_empty();
    match (has_words, lead.is_empty()) {
        (true, false) => lead.clone(),
        (false, false) => words.with("picture_named", lead),
        _ => match message.attachments.first() {
            Some(file) if matches!(file.media, Media::Picture(_)) => {
                words.get("picture").to_owned()
            }
            Some(file) => file.name.clone(),
            None => words.with("untitled", &message.stamp.iso()),
        },
    }
}

/// Returns the summary of the header, else the first words.
pub(super) fn summary(message: &Message) -> &str {
    message.meta.summary.as_deref().unwrap_or(&message.meta.excerpt)
}

/// Returns who wrote a message; where nobody is named, me or the contact.
pub(super) fn author_of(message: &Message, words: &Words) -> AuthorView {
    match (&message.author, message.side) {
        (Some(named), _) => author(named),
        (None, Side::Inbox) => AuthorView { name: message.head.title.clone(), uri: None },
        (None, Side::Outbox) if message.head.kind == crate::library::Kind::Channel => {
            AuthorView { name: message.head.title.clone(), uri: None }
        }
        (None, Side::Outbox) => AuthorView { name: words.get("me").to_owned(), uri: None },
    }
}

fn brief(head: &Head, words: &Words) -> BriefContact {
    BriefContact {
        title: head.title.clone(),
        kind: head.kind.word(),
        kind_name: words.get(head.kind.word()).to_owned(),
        path: format!("{}/index.html", head.dir),
    }
}

fn tags(message: &Message) -> Vec<LinkView> {
    let link = |tag: &crate::message::Tag| {
        let path = super::bodies::tag_page(tag)?.to_string();
        Some(LinkView { title: tag.label().to_owned(), path })
    };
    message.meta.tags.iter().filter_map(link).collect()
}

/// Returns the attachments that the text does not show itself.
fn attachments(message: &Message) -> Vec<AttachmentView> {
    let shown = |file: &Attachment| message.refs.iter().any(|(_, found)| *found == file.found());
    let view = |file: &Attachment| {
        let (media, size) = match file.media {
            _ if file.too_large => ("file", None),
            Media::Picture(size) => ("picture", size),
            Media::Sound => ("sound", None),
            Media::Film => ("film", None),
            Media::File => ("file", None),
        };
        AttachmentView {
            media,
            name: crate::text::clean_line(&file.name),
            path: (!file.too_large).then(|| file.out.to_string()),
            size: size_in_words(file.stat.size),
            extension: file.out.as_str().rsplit('.').next().unwrap_or("").to_uppercase(),
            width: size.map(|(width, _)| width),
            height: size.map(|(_, height)| height),
        }
    };
    let unseen = message.attachments.iter().filter(|file| file.too_large || !shown(file));
    unseen.map(view).collect()
}

fn notice_text(notice: &Notice, words: &Words) -> String {
    match notice {
        Notice::Suspect(original) => words.with("notice_suspect", original),
        Notice::NotPublic => words.get("notice_not_public").to_owned(),
        Notice::TooLarge(size) => words.with("notice_too_large", &size_in_words(*size)),
    }
}

/// Returns a size as people read it: `734 B`, `1.2 MB` (powers of 1000).
fn size_in_words(bytes: u64) -> String {
    let mut size = bytes as f64;
    let mut unit = "B";
    for next in ["kB", "MB", "GB", "TB"] {
        if size < 999.5 {
            break;
        }
        size /= 1000.0;
        unit = next;
    }
    if size < 9.95 && unit != "B" {
        format!("{size:.1} {unit}")
    } else {
        format!("{size:.0} {unit}")
    }
}

fn day(date: NaiveDate, words: &Words) -> String {
    let month = words.get(MONTHS[date.month0() as usize]);
    date_in_words(words.get("date_format"), Some(date.day()), month, date.year())
}

/// Returns the name of a month with its year.
pub(super) fn month_name(month: Month, words: &Words) -> String {
    let name = words.get(MONTHS[(month.month as usize - 1).min(11)]);
    date_in_words(words.get("month_format"), None, name, month.year)
}

/// Returns `format` with the parts of a date in place of `{day}`, `{month}` and `{year}`.
fn date_in_words(format: &str, day: Option<u32>, month: &str, year: i32) -> String {
    let mut out = String::with_capacity(format.len() + month.len());
    let mut rest = format;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let parts = ["{day}", "{month}", "{year}"];
        let part = parts.into_iter().find(|part| rest.starts_with(part)).unwrap_or("{");
        // Writing into a string does not fail.
        let _ = match (part, day) {
            ("{day}", Some(day)) => write!(out, "{day}"),
            ("{month}", _) => out.write_str(month),
            ("{year}", _) => write!(out, "{year}"),
            _ => out.write_str(part),
        };
        rest = &rest[part.len()..];
    }
    out.push_str(rest);
    out
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Returns whether a reference of a message shows something.
pub(super) fn is_shown(found: &Found) -> bool {
    !matches!(found, Found::Missing | Found::Withheld)
}
