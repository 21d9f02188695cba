//! What templates see: plain values, documented by `handbill debug view`.
//!
//! Addresses in views are paths from the top of the edition; a template writes
//! `{{ root }}{{ message.path }}`. Bodies come placed, with `root` already in their links.

mod accent;
mod card;
mod finding;
mod folds;
mod types;
mod versions;
mod ways;
mod wording;

pub(super) use card::card;
pub use finding::{
    CalendarDayView, CalendarView, MediaItemView, MediaView, SearchView, SearchedView,
};
pub(super) use finding::{media_title, search};
pub use types::*;
pub use versions::ChangeView;
pub use ways::{QrView, WayView};
pub(super) use wording::{author_of, list_title, month_name, name, summary, thread_title};

use super::Look;
use super::bodies::{Bodies, Body};
use crate::config::Settings;
use crate::diagnostic::{Diagnostic, Severity};
use crate::library::history::Version;
use crate::library::{
    Attachment, Edition, Head, Media, Message, Person, Side, Target, author_page,
};
use crate::limits::PAGE_HTML;
use crate::message::body::{Found, Track};
use crate::path::OutPath;
use crate::plan::{ContactLine, FeedLine, FeedOf, Item, List, ListOf, MessagePage, Stretch};
use crate::plan::{DeletedPage, Place, TagLine, ThreadPage, VersionsPage, Year, versions_page};
use crate::sanitize::PlacedHtml;
use crate::text::cut;
use crate::theme::Theme;
use crate::time::{Month, Stamp};
use crate::words::Words;
use std::cell::Cell;
use std::sync::Arc;
use wording::{day, notice_text, size_in_words};

/// Makes what every page of an edition shows.
pub fn site(edition: Edition, settings: &Settings, theme: &Theme, heads: &[Arc<Head>]) -> SiteView {
    SiteView {
        title: settings.title.clone(),
        edition: edition.name(),
        language: settings.language.clone(),
        remote_images: edition == Edition::Public && settings.remote_images,
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
        accent: accent::accent(head),
        path: format!("{}/index.html", head.dir),
        feed: format!("{}/feed.xml", head.dir),
        description: info.description.clone(),
        language: info.language.clone(),
        license: info.license.clone(),
        home_page: info.home_page.as_ref().map(ToString::to_string),
        avatar: head.avatar.as_ref().map(|file| file.smallest().to_string()),
        authors: head.people.iter().map(|one| author(head, one)).collect(),
        unlisted: edition == Edition::Reader
            && head.kind == crate::library::Kind::Channel
            && !head.listed,
    }
}

pub(super) fn person(person: &Person) -> AuthorView {
    AuthorView {
        name: person.name.clone(),
        uri: person.uri.as_ref().map(ToString::to_string),
        email: person.email.clone(),
        avatar: person.avatar.as_ref().map(|file| file.smallest().to_string()),
        page: None,
    }
}

/// Returns somebody who writes a channel, with the page of what he wrote.
pub(super) fn author(head: &Head, one: &Person) -> AuthorView {
    let page = author_page(head, one).map(|page| page.to_string());
    AuthorView { page, ..person(one) }
}

/// Returns the day of an instant by the zone of the settings, as `2026-11-23` and in words.
pub(super) fn day_of(stamp: Stamp, look: &Look<'_>) -> (String, String) {
    let date = stamp.day_in(look.settings.time_zone);
    (date.to_string(), day(date, &look.theme.words))
}

/// Makes views of messages for one page.
pub(super) struct Viewer<'v, 'b> {
    pub look: &'v Look<'v>,
    pub root: String,
    pub bodies: &'v Bodies<'b>,
    /// Whether there were pictures so far that can be seen larger.
    pub pictures: Cell<bool>,
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

    /// Returns a message with its text, as long as the page has `room` for it.
    fn in_full(&self, item: &Item, room: &mut usize) -> Result<MessageView, Gone> {
        let body = self.body(item)?;
        let fits = body.html.len() <= *room;
        *room = room.saturating_sub(body.html.len());
        Ok(self.message(item, fits.then_some(&*body)))
    }

    /// Returns a message, with its text where there is a `body`.
    fn message(&self, item: &Item, body: Option<&Body>) -> MessageView {
        let message = &*item.message;
        let words = self.words();
        let body = body.filter(|body| !body.html.is_empty()).map(|body| body.html.at(&self.root));
        let attachments = attachments(message);
        let leads = |body: &PlacedHtml| body.as_str().contains("<a class=\"picture\"");
        let has_files = !message.rare.attachments.is_empty() || !message.rare.others.is_empty();
        // A message in brief shows its attachments only where it has no words.
        let in_full = body.is_some() || summary(message).is_empty();
        if (in_full && attachments.iter().any(|file| file.media == "picture"))
            || (has_files && body.as_ref().is_some_and(leads))
        {
            self.pictures.set(true);
        }
        let tags = tags(message);
        let in_text = |tag: &LinkView| {
            body.as_ref()
                .is_some_and(|body| body.as_str().contains(&format!("{}{}\"", self.root, tag.path)))
        };
        let (id, reply_id) = (message.feed_id(self.look.edition), message.reply_id());
        MessageView {
            path: message.page.to_string(),
            reply_id: (*reply_id != id).then(|| reply_id.to_string()),
            id: id.to_string(),
            other_tags: tags.iter().filter(|tag| !in_text(tag)).cloned().collect(),
            title: message.meta.title.as_deref().map(str::to_owned),
            name: name(message, words),
            contact: brief(&message.head, words),
            mine: message.side == Side::Outbox,
            author: author_of(message, words),
            date: self.date(message.stamp),
            updated: message.rare.updated.map(|stamp| self.date(stamp)),
            language: message.language().map(str::to_owned),
            tags,
            body,
            summary: summary(message).to_owned(),
            thumbnail: thumbnail(message),
            attachments,
            more_attachments: message.rare.more,
            reply_to: item.target.as_ref().map(|target| self.target(target)),
            notice: message.rare.notice.as_ref().map(|notice| notice_text(notice, words)),
            versions: message.rare.history.as_ref().map(|_| versions_page(message).to_string()),
            folded: false,
        }
    }

    fn target(&self, target: &Target) -> ReplyView {
        match target {
            Target::Known(message) => self.reply(message),
            Target::Deleted(gone) => {
                ReplyView { path: Some(gone.page.to_string()), deleted: true, ..nobody() }
            }
            Target::Elsewhere(url) => ReplyView { address: Some(url.to_string()), ..nobody() },
            Target::Unknown => nobody(),
        }
    }

    /// Returns a message as another one's page names it.
    pub(super) fn reply(&self, message: &Message) -> ReplyView {
        let name = name(message, self.words());
        let excerpt = cut(beyond(summary(message), &name), 140);
        ReplyView {
            path: Some(message.page.to_string()),
            address: None,
            deleted: false,
            excerpt: (!excerpt.is_empty()).then_some(excerpt),
            name: Some(name),
            author: Some(author_of(message, self.words()).name),
            date: Some(self.date(message.stamp)),
        }
    }

    /// Returns the address of a message that was deleted.
    pub(super) fn deleted(&self, page: &DeletedPage) -> DeletedView {
        DeletedView {
            contact: brief(&page.head, self.words()),
            date: self.date(page.gone.stamp()),
            replies: page.replies.iter().map(|reply| self.reply(reply)).collect(),
            more_replies: page.more_replies,
            thread: page.thread.as_ref().map(ToString::to_string),
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
            more_replies: page.more_replies,
            thread: page.thread.as_ref().map(ToString::to_string),
            source: body.text.clone(),
            extra: serde_json::to_value(&body.extra).unwrap_or_default(),
        })
    }

    /// Returns the page with the earlier versions of a message, the newest first.
    pub(super) fn versions(&self, page: &VersionsPage) -> Result<VersionsView, Gone> {
        let message = &page.item.message;
        let mut next = Some(self.bodies.source(message).ok_or(Gone)?);
        let mut versions = Vec::with_capacity(page.history.earlier.len());
        let seen = |version: &Version| Some(self.date(Stamp::from_unix(version.seen?)));
        let mut until = seen(&page.history.current);
        for version in page.history.earlier.iter().rev() {
            let text = self.bodies.earlier(version);
            let changes = match (&text, &next) {
                (Some(text), Some(next)) => Some(versions::changes(text, next)),
                _ => None,
            };
            let from = seen(version);
            versions.push(VersionView { seen: from.clone(), until, text: text.clone(), changes });
            (next, until) = (text, from);
        }
        Ok(VersionsView { message: self.message(&page.item, None), versions })
    }

    /// Returns the page of a thread.
    pub(super) fn thread(&self, thread: &ThreadPage) -> Result<ThreadView, Gone> {
        let mut messages = Vec::with_capacity(thread.places.len());
        let mut room = PAGE_HTML;
        for (depth, place) in &thread.places {
            let (message, deleted) = match place {
                Place::Message(item) => (Some(self.in_full(item, &mut room)?), None),
                Place::Gone(page) => (None, Some(page.to_string())),
            };
            messages.push(NestedView { depth: *depth, message, deleted });
        }
        let link = |part: usize| {
            let title = self.words().with("part", &part.to_string());
            move |path: &OutPath| LinkView { title, path: path.to_string() }
        };
        Ok(ThreadView {
            title: wording::node_name(&thread.root, self.words()),
            contact: brief(thread.root.head(), self.words()),
            messages,
            part: thread.part,
            older: thread.before.as_ref().map(link(thread.part.saturating_sub(1))),
            newer: thread.after.as_ref().map(link(thread.part + 1)),
            feed: thread.feed.to_string(),
        })
    }

    /// Returns a list.
    pub(super) fn list(&self, list: &List) -> Result<ListView, Gone> {
        let mut days: Vec<DayView> = Vec::new();
        let mut room = if list.full { PAGE_HTML } else { 0 };
        for item in &list.items {
            let date = item.message.stamp.day_in(self.look.settings.time_zone);
            let message =
                if list.full { self.in_full(item, &mut room)? } else { self.message(item, None) };
            let iso = date.to_string();
            match days.last_mut() {
                Some(last) if last.iso == iso => last.messages.push(message),
                _ => {
                    let title = day(date, self.words());
                    days.push(DayView { title, iso, messages: vec![message], folds: Vec::new() });
                }
            }
        }
        let quiet = match &list.of {
            ListOf::Home(quiet) => {
                folds::fold(&mut days);
                quiet.iter().map(|item| self.message(item, None)).collect()
            }
            _ => Vec::new(),
        };
        let words = self.words();
        let year = |(year, path): &(i32, OutPath)| LinkView {
            title: year.to_string(),
            path: path.to_string(),
        };
        let head = match &list.of {
            ListOf::Contact(head)
            | ListOf::ContactMonth(head, _)
            | ListOf::Author(head, _)
            | ListOf::AuthorYear(head, _, _) => Some(head),
            _ => None,
        };
        Ok(ListView {
            of: match list.of {
                ListOf::Home(_) => "home",
                ListOf::Contact(_) => "contact",
                ListOf::ContactMonth(..) | ListOf::Month(_) => "month",
                ListOf::Tag(..) | ListOf::TagYear(..) => "tag",
                ListOf::Author(..) | ListOf::AuthorYear(..) => "author",
            },
            author: match &list.of {
                ListOf::Author(head, one) | ListOf::AuthorYear(head, one, _) => {
                    Some(author(head, one))
                }
                _ => None,
            },
            contact: head.map(|head| contact(head, self.look.edition, words)),
            empty: days.is_empty(),
            days,
            quiet,
            part: list.part,
            older: list.older.as_ref().map(|stretch| stretch_link(stretch, words)),
            newer: list.newer.as_ref().map(|stretch| stretch_link(stretch, words)),
            years: list.years.iter().map(year).collect(),
            feed: list.feed.as_ref().map(ToString::to_string),
            ways: match &list.of {
                ListOf::Contact(head) => ways::ways(head, self.look.edition),
                _ => Vec::new(),
            },
        })
    }

    /// Returns the lines of an overview of contacts.
    pub(super) fn contact_lines(&self, lines: &[ContactLine]) -> Vec<ContactLineView> {
        let words = self.words();
        let line = |line: &ContactLine| {
            let most = line.months.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
            let bar = |(month, count): &(Month, usize)| BarView {
                title: month_name(*month, words),
                count: *count,
                height: (count * 20).div_ceil(most),
            };
            ContactLineView {
                contact: contact(&line.head, self.look.edition, words),
                count: line.count,
                last: line.last.as_ref().map(|item| self.message(item, None)),
                months: line.months.iter().map(bar).collect(),
                problems: line.problems,
                muted: line.head.mute,
            }
        };
        lines.iter().map(line).collect()
    }
}

/// Returns the lines of the list of feeds; `path` is the page's.
pub(super) fn feeds(lines: &[FeedLine], path: &OutPath, look: &Look<'_>) -> Vec<FeedView> {
    let words = &look.theme.words;
    let view = |line: &FeedLine| {
        let accent = match &line.of {
            FeedOf::Contact(head) => Some(accent::accent(head)),
            _ => None,
        };
        let (of, title, kind) = match &line.of {
            FeedOf::Edition => ("edition", look.settings.title.clone(), None),
            FeedOf::Contact(head) => ("contact", head.title.clone(), Some(head.kind.word())),
            FeedOf::Tag(label) => ("tag", format!("#{label}"), None),
            FeedOf::Thread(root) => ("thread", thread_title(root, words), None),
        };
        FeedView {
            title,
            of,
            kind,
            kind_name: kind.map(|kind| words.get(kind).to_owned()),
            accent,
            path: line.path.to_string(),
            address: look.address(path, &line.path),
        }
    };
    lines.iter().map(view).collect()
}

fn thumbnail(message: &Message) -> Option<PictureView> {
    let Some(Found::Picture(path, size)) = &message.rare.thumbnail else { return None };
    let mut files = message.rare.attachments.iter().chain(&message.rare.others);
    let small = files.find(|file| file.out == *path).map(Attachment::smallest);
    Some(PictureView {
        path: path.to_string(),
        small: small.as_ref().unwrap_or(path).to_string(),
        width: size.map(|(width, _)| width),
        height: size.map(|(_, height)| height),
    })
}

/// Returns what a text says beyond the name of its message, which mostly is how it begins.
fn beyond<'t>(text: &'t str, name: &str) -> &'t str {
    text.strip_prefix(name.trim_end_matches('…')).unwrap_or(text).trim_start()
}

fn nobody() -> ReplyView {
    ReplyView {
        path: None,
        address: None,
        deleted: false,
        name: None,
        excerpt: None,
        author: None,
        date: None,
    }
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
        calendar: finding::calendar(year, words),
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

fn stretch_link(stretch: &Stretch, words: &Words) -> LinkView {
    let title = match stretch.month {
        Some(month) => month_name(month, words),
        None => stretch.year.to_string(),
    };
    LinkView { title, path: stretch.path.to_string() }
}

fn brief(head: &Head, words: &Words) -> BriefContact {
    BriefContact {
        title: head.title.clone(),
        kind: head.kind.word(),
        kind_name: words.get(head.kind.word()).to_owned(),
        accent: accent::accent(head),
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
    let shown =
        |file: &Attachment| message.rare.refs.iter().any(|(_, found)| *found == file.found());
    let unseen = message.rare.attachments.iter().filter(|file| file.too_large || !shown(file));
    let unseen = unseen.filter(|file| !message.is_with_film(file));
    unseen.map(|file| attachment(message, file)).collect()
}

/// Returns a file of a message as pages show it.
fn attachment(message: &Message, file: &Attachment) -> AttachmentView {
    let (media, size) = match file.media {
        _ if file.too_large => ("file", None),
        Media::Picture(size) => ("picture", size),
        Media::Sound => ("sound", None),
        Media::Film => ("film", None),
        Media::File => ("file", None),
    };
    let beside = message.beside(&file.out);
    let smaller =
        |width: &u32| Some(SmallerView { path: file.version(*width)?.to_string(), width: *width });
    let track = |track: &Track| TrackView {
        path: track.path.to_string(),
        language: track.language.clone(),
    };
    AttachmentView {
        media,
        caption: beside.caption,
        versions: file.widths.iter().filter_map(smaller).collect(),
        poster: beside.poster.map(|path| path.to_string()),
        tracks: beside.tracks.iter().map(track).collect(),
        name: crate::text::clean_line(&file.name),
        path: (!file.too_large).then(|| file.out.to_string()),
        size: size_in_words(file.stat.size),
        extension: file.out.as_str().rsplit('.').next().unwrap_or("").to_uppercase(),
        width: size.map(|(width, _)| width),
        height: size.map(|(_, height)| height),
    }
}

/// Returns whether a reference of a message shows something.
pub(super) fn is_shown(found: &Found) -> bool {
    !matches!(found, Found::Missing | Found::Withheld)
}
