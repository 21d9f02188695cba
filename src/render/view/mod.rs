//! What templates see: plain values, documented by `handbill debug view`.
//!
//! Addresses in views are paths from the top of the edition; a template writes
//! `{{ root }}{{ message.path }}`. Bodies come placed, with `root` already in their links.

mod types;
mod wording;

pub use types::*;
pub(super) use wording::{author_of, list_title, month_name, name, summary};

use super::Look;
use super::bodies::{Bodies, Body};
use crate::config::Settings;
use crate::diagnostic::{Diagnostic, Severity};
use crate::library::{Attachment, Edition, Head, Media, Message, Person, Side, Target};
use crate::limits::PAGE_HTML;
use crate::message::body::Found;
use crate::path::OutPath;
use crate::plan::{ContactLine, FeedLine, FeedOf, Item, List, ListOf, MessagePage, Stretch};
use crate::plan::{TagLine, ThreadPage, Year};
use crate::text::cut;
use crate::theme::Theme;
use crate::time::{Month, Stamp};
use crate::words::Words;
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
        path: format!("{}/index.html", head.dir),
        feed: format!("{}/feed.xml", head.dir),
        description: info.description.clone(),
        language: info.language.clone(),
        license: info.license.clone(),
        home_page: info.home_page.as_ref().map(ToString::to_string),
        avatar: head.avatar.as_ref().map(|file| file.out.to_string()),
        authors: head.people.iter().map(|one| person(one)).collect(),
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

fn person(person: &Person) -> AuthorView {
    AuthorView {
        name: person.name.clone(),
        uri: person.uri.as_ref().map(ToString::to_string),
        email: person.email.clone(),
        avatar: person.avatar.as_ref().map(|file| file.out.to_string()),
    }
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
            updated: message.updated.map(|stamp| self.date(stamp)),
            language: message.meta.language.clone().or_else(|| message.head.info.language.clone()),
            tags,
            body,
            summary: summary(message).to_owned(),
            thumbnail: message.thumbnail.as_ref().and_then(thumbnail),
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
            more_replies: page.more_replies,
            thread: page.thread.as_ref().map(ToString::to_string),
            source: body.text.clone(),
            extra: serde_json::to_value(&body.extra).unwrap_or_default(),
        })
    }

    /// Returns the page of a thread.
    pub(super) fn thread(&self, thread: &ThreadPage) -> Result<Option<ThreadView>, Gone> {
        let Some((_, root)) = thread.items.first() else { return Ok(None) };
        let mut messages = Vec::with_capacity(thread.items.len());
        let mut room = PAGE_HTML;
        for (depth, item) in &thread.items {
            let message = self.in_full(item, &mut room)?;
            messages.push(NestedView { depth: *depth, message });
        }
        Ok(Some(ThreadView {
            title: name(&root.message, self.words()),
            contact: brief(&root.message.head, self.words()),
            messages,
            more: thread.more,
        }))
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
        let (of, title, kind) = match &line.of {
            FeedOf::Edition => ("edition", look.settings.title.clone(), None),
            FeedOf::Contact(head) => ("contact", head.title.clone(), Some(head.kind.word())),
            FeedOf::Tag(label) => ("tag", format!("#{label}"), None),
        };
        FeedView {
            title,
            of,
            kind,
            kind_name: kind.map(|kind| words.get(kind).to_owned()),
            path: line.path.to_string(),
            address: look.address(path, &line.path),
        }
    };
    lines.iter().map(view).collect()
}

fn thumbnail(found: &Found) -> Option<PictureView> {
    let Found::Picture(path, size) = found else { return None };
    Some(PictureView {
        path: path.to_string(),
        width: size.map(|(width, _)| width),
        height: size.map(|(_, height)| height),
    })
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

/// Returns whether a reference of a message shows something.
pub(super) fn is_shown(found: &Found) -> bool {
    !matches!(found, Found::Missing | Found::Withheld)
}
