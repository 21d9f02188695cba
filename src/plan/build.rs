//! From a library to the segments of its plan.

use super::prints;
use super::{Feed, FeedOf, Item, List, ListOf, MessagePage, Output, Page, Segments, Stretch};
use super::{TagLine, What, Year};
use crate::config::Settings;
use crate::diagnostic::Diagnostic;
use crate::hash::{Fingerprint, Inputs};
use crate::library::{Attachment, Contact, Edition, Head, Library, Message, TagGroup, Target};
use crate::limits::FEED_ENTRIES;
use crate::path::OutPath;
use crate::theme::Theme;
use crate::time::Month;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What all outputs of an edition share.
pub struct Site<'s> {
    /// The edition's library.
    pub library: &'s Library,
    /// My settings.
    pub settings: &'s Settings,
    /// The look.
    pub theme: &'s Theme,
    /// What the status page of the reader edition shows.
    pub problems: &'s Arc<[Diagnostic]>,
}

/// Plans an edition; segments of `last` are reused where nothing in their slice has changed.
pub fn plan(site: &Site<'_>, last: &Segments) -> Segments {
    let mut planner = Planner { site, shared: shared(site), last, segments: Segments::default() };
    planner.home();
    for contact in &site.library.contacts {
        planner.contact(contact);
    }
    planner.archive();
    planner.tags();
    planner.fixed();
    planner.segments
}

/// Returns the hash of what every page shows or depends on beside its own content.
fn shared(site: &Site<'_>) -> Fingerprint {
    let settings = site.settings;
    Inputs::new("shared")
        .print(&site.theme.fingerprint)
        .text(site.library.edition.name())
        .text(&settings.title)
        .text(&settings.language)
        .text(settings.time_zone.name())
        .maybe(settings.base_url.as_ref().map(|base| base.as_str()))
        .number(u64::from(settings.port))
        .number(settings.page_size as u64)
        .text(&format!("{:?} {}", settings.feed_titles, settings.remote_images))
        .prints(site.library.contacts.iter().map(|contact| contact.head.fingerprint))
        .finish()
}

struct Planner<'p> {
    site: &'p Site<'p>,
    shared: Fingerprint,
    last: &'p Segments,
    segments: Segments,
}

type Messages = Vec<Arc<Message>>;

impl Planner<'_> {
    fn inputs(&self, kind: &str) -> Inputs {
        Inputs::new(kind).print(&self.shared)
    }

    fn item(&self, message: &Arc<Message>) -> Item {
        let target = self.site.library.target(message).cloned();
        Item { message: Arc::clone(message), target }
    }

    fn newest(&self, messages: &[Arc<Message>], count: usize) -> Vec<Item> {
        messages.iter().rev().take(count).map(|message| self.item(message)).collect()
    }

    /// Adds the index and the feed of `messages`: segments that show the newest.
    fn index_and_feed(&mut self, index: Index<'_>, messages: &[Arc<Message>]) {
        let Index { place, of, dir, years, full, head, feed_of, heads } = index;
        let page = OutPath::fixed(&format!("{dir}index.html"));
        let feed_path = feed_of.as_ref().map(|_| OutPath::fixed(&format!("{dir}feed.xml")));
        let items = self.newest(messages, self.site.settings.page_size);
        let from = self
            .inputs("index")
            .text(place)
            .maybe(head.map(|head| head.fingerprint.to_string()).as_deref())
            .maybe(label(&of))
            .prints(items.iter().map(prints::item))
            .value(&years)
            .number(u64::from(feed_path.is_some()))
            .finish();
        let (feed, label) = (feed_path.clone(), label(&of).map(str::to_owned));
        let list_page = page.clone();
        self.segments.add(self.last, place.to_owned(), from, || {
            let drew_on = drew_on(&items, &heads);
            let list = List { of, items, full, part: 1, older: None, newer: None, years, feed };
            vec![output(list_page, Page::List(list), from, drew_on)]
        });
        let (Some(feed_of), Some(path)) = (feed_of, feed_path) else { return };
        let items = self.newest(messages, FEED_ENTRIES);
        let from = self
            .inputs("feed")
            .text(place)
            .maybe(head.map(|head| head.fingerprint.to_string()).as_deref())
            .maybe(label.as_deref())
            .prints(items.iter().map(prints::item))
            .finish();
        self.segments.add(self.last, format!("{place}/feed"), from, || {
            let drew_on = drew_on(&items, &heads);
            let what = What::Feed(Box::new(Feed { of: feed_of, items, page }));
            vec![Output { path, what, fingerprint: from, drew_on }]
        });
    }

    fn home(&mut self) {
        let library = self.site.library;
        let heads: Vec<_> = library.contacts.iter().map(|c| Arc::clone(&c.head)).collect();
        let index = Index {
            place: "home",
            of: ListOf::Home(library.contacts.clone()),
            dir: "",
            years: years("archive", &by_month(&library.timeline)),
            full: true,
            head: None,
            feed_of: Some(FeedOf::Edition),
            heads,
        };
        self.index_and_feed(index, &library.timeline);
    }

    fn contact(&mut self, contact: &Arc<Contact>) {
        let head = &contact.head;
        let months = by_month(&contact.messages);
        let index = Index {
            place: &format!("contact/{}", head.dir),
            of: ListOf::Contact(Arc::clone(head)),
            dir: &format!("{}/", head.dir),
            years: years(&head.dir, &months),
            full: true,
            head: Some(head),
            feed_of: Some(FeedOf::Contact(Arc::clone(head))),
            heads: vec![Arc::clone(head)],
        };
        self.index_and_feed(index, &contact.messages);
        self.year_pages(Some(head), &head.dir, &months);
        self.month_pages(contact, &months);
        self.other_files(contact);
    }

    /// Adds a segment a month of a contact: the pages of its messages, their attachments, and the
    /// month's list.
    fn month_pages(&mut self, contact: &Contact, months: &BTreeMap<Month, Messages>) {
        let head = &contact.head;
        let keys: Vec<Month> = months.keys().copied().collect();
        for (at, (month, messages)) in months.iter().enumerate() {
            let before = at.checked_sub(1).map(|at| keys[at]);
            let after = keys.get(at + 1).copied();
            let older = before.and_then(|month| months[&month].last());
            let newer = after.and_then(|month| months[&month].first());
            let pages = self.message_pages(messages, older, newer);
            let span = Span {
                dir: format!("{}/{month}", head.dir),
                older: before.map(|m| month_stretch(&head.dir, m)),
                newer: after.map(|m| month_stretch(&head.dir, m)),
            };
            let from = self
                .inputs("contact month")
                .print(&head.fingerprint)
                .prints(pages.iter().map(|(_, print)| *print))
                .value(&(before, after))
                .finish();
            let items: Vec<Item> = messages.iter().map(|message| self.item(message)).collect();
            let page_size = self.site.settings.page_size;
            let inputs = self.inputs("list part").print(&head.fingerprint).finish();
            let stripped = self.site.library.edition == Edition::Public;
            let heads = [Arc::clone(head)];
            self.segments.add(self.last, format!("month/{}/{month}", head.dir), from, || {
                let of = ListOf::ContactMonth(Arc::clone(head), *month);
                let mut outputs = parts(&of, &items, &span, page_size, true, &heads, &inputs);
                for (page, print) in pages {
                    outputs.extend(copies(&page.item.message.attachments, head, stripped));
                    let path = page.item.message.page.clone();
                    let mut drew_on = drew_on(std::slice::from_ref(&page.item), &heads);
                    drew_on.extend(page.replies.iter().map(|reply| Arc::clone(&reply.head)));
                    outputs.push(output(path, Page::Message(page), print, drew_on));
                }
                outputs
            });
        }
    }

    fn message_pages(
        &self,
        messages: &[Arc<Message>],
        older: Option<&Arc<Message>>,
        newer: Option<&Arc<Message>>,
    ) -> Vec<(MessagePage, Fingerprint)> {
        let page = |(at, message): (usize, &Arc<Message>)| {
            let older = if at == 0 { older } else { messages.get(at - 1) };
            let newer = messages.get(at + 1).or(newer);
            let page = MessagePage {
                item: self.item(message),
                older: older.cloned(),
                newer: newer.cloned(),
                replies: self.site.library.replies(message).to_vec(),
            };
            let inputs = self.inputs("message page").print(&prints::item(&page.item));
            let print = prints::link(prints::link(inputs, older), newer)
                .prints(page.replies.iter().map(|reply| prints::brief(reply)))
                .finish();
            (page, print)
        };
        messages.iter().enumerate().map(page).collect()
    }

    /// Adds the files of a contact that belong to no message but are shown: those that messages
    /// refer to, and its picture.
    fn other_files(&mut self, contact: &Contact) {
        let head = &contact.head;
        let mut files: BTreeMap<&OutPath, &Attachment> = BTreeMap::new();
        files.extend(head.avatar.iter().map(|file| (&file.out, file)));
        let others = contact.messages.iter().flat_map(|message| &message.others);
        files.extend(others.map(|file| (&file.out, file)));
        if files.is_empty() {
            return;
        }
        let stripped = self.site.library.edition == Edition::Public;
        let files: Vec<Attachment> = files.into_values().cloned().collect();
        let from = self.inputs("other files").value(&files).finish();
        self.segments.add(self.last, format!("files/{}", head.dir), from, || {
            copies(&files, head, stripped).collect()
        });
    }

    fn year_pages(
        &mut self,
        head: Option<&Arc<Head>>,
        dir: &str,
        months: &BTreeMap<Month, Messages>,
    ) {
        let mut all: BTreeMap<i32, Year> = BTreeMap::new();
        for (month, messages) in months {
            let year = all.entry(month.year).or_insert_with(|| Year {
                head: head.cloned(),
                year: month.year,
                path: year_path(dir, month.year),
                months: Vec::new(),
                older: None,
                newer: None,
            });
            let path = OutPath::fixed(&format!("{dir}/{month}/index.html"));
            year.months.push((*month, messages.len(), path));
        }
        let keys: Vec<i32> = all.keys().copied().collect();
        for (at, mut year) in all.into_values().enumerate() {
            let stretch = |year: i32| (year, year_path(dir, year));
            year.older = at.checked_sub(1).map(|at| stretch(keys[at]));
            year.newer = keys.get(at + 1).map(|year| stretch(*year));
            let from = self
                .inputs("year")
                .text(dir)
                .maybe(head.map(|head| head.fingerprint.to_string()).as_deref())
                .value(&(&year.months, &year.older, &year.newer))
                .finish();
            self.segments.add(self.last, format!("year/{dir}/{}", year.year), from, || {
                let drew_on = head.cloned().into_iter().collect();
                vec![output(year.path.clone(), Page::Year(year), from, drew_on)]
            });
        }
    }

    /// Adds the archive of the edition's timeline: a page a year, one or more a month.
    fn archive(&mut self) {
        let timeline = &self.site.library.timeline;
        let months = by_month(timeline);
        let years = years("archive", &months);
        let from = self.inputs("archive").value(&years).finish();
        self.segments.add(self.last, "archive".into(), from, || {
            vec![output(
                OutPath::fixed("archive/index.html"),
                Page::Archive(years),
                from,
                Vec::new(),
            )]
        });
        self.year_pages(None, "archive", &months);
        let keys: Vec<Month> = months.keys().copied().collect();
        for (at, (month, messages)) in months.iter().enumerate() {
            let span = Span {
                dir: format!("archive/{month}"),
                older: at.checked_sub(1).map(|at| month_stretch("archive", keys[at])),
                newer: keys.get(at + 1).map(|month| month_stretch("archive", *month)),
            };
            self.list_segment(&ListOf::Month(*month), messages, &span);
        }
    }

    /// Adds the lists of one stretch of time, a part at a time, without bodies.
    fn list_segment(&mut self, of: &ListOf, messages: &[Arc<Message>], span: &Span) {
        let items: Vec<Item> = messages.iter().map(|message| self.item(message)).collect();
        let inputs = self.inputs("list part").maybe(label(of)).finish();
        let from = Inputs::new("list")
            .print(&inputs)
            .prints(items.iter().map(prints::item))
            .value(span)
            .finish();
        let page_size = self.site.settings.page_size * COMPACT;
        self.segments.add(self.last, format!("list/{}", span.dir), from, || {
            parts(of, &items, span, page_size, false, &[], &inputs)
        });
    }

    fn tags(&mut self) {
        let library = self.site.library;
        let line = |group: &TagGroup| TagLine {
            label: group.label.clone(),
            path: OutPath::fixed(&format!("tags/{}/index.html", group.dir)),
            count: group.messages.len(),
        };
        let lines: Vec<TagLine> = library.tags.values().map(line).collect();
        let text: Vec<_> = lines.iter().map(|l| (&l.label, &l.path, l.count)).collect();
        let from = self.inputs("tags").value(&text).finish();
        self.segments.add(self.last, "tags".into(), from, || {
            vec![output(OutPath::fixed("tags/index.html"), Page::Tags(lines), from, Vec::new())]
        });
        for group in library.tags.values() {
            self.tag(group);
        }
    }

    fn tag(&mut self, group: &TagGroup) {
        let dir = format!("tags/{}", group.dir);
        let mut by_year: BTreeMap<i32, Messages> = BTreeMap::new();
        for message in &group.messages {
            by_year.entry(message.stamp.month().year).or_default().push(Arc::clone(message));
        }
        let keys: Vec<i32> = by_year.keys().copied().collect();
        let has_feed = group.messages.len() > 1;
        let index = Index {
            place: &format!("tag/{}", group.dir),
            of: ListOf::Tag(group.label.clone(), group.dir.clone()),
            dir: &format!("{dir}/"),
            years: keys.iter().rev().map(|year| (*year, year_path(&dir, *year))).collect(),
            full: false,
            head: None,
            feed_of: has_feed.then(|| FeedOf::Tag(group.label.clone())),
            heads: Vec::new(),
        };
        self.index_and_feed(index, &group.messages);
        for (at, (year, messages)) in by_year.iter().enumerate() {
            let stretch = |year: i32| Stretch { path: year_path(&dir, year), month: None, year };
            let span = Span {
                dir: format!("{dir}/{year:04}"),
                older: at.checked_sub(1).map(|at| stretch(keys[at])),
                newer: keys.get(at + 1).map(|year| stretch(*year)),
            };
            let of = ListOf::TagYear(group.label.clone(), group.dir.clone(), *year);
            self.list_segment(&of, messages, &span);
        }
    }

    /// Adds the pages and files that every edition has.
    fn fixed(&mut self) {
        let from = self.inputs("not found").finish();
        self.segments.add(self.last, "404".into(), from, || {
            vec![output(OutPath::fixed("404.html"), Page::NotFound, from, Vec::new())]
        });
        let assets = &self.site.theme.assets;
        let from = Inputs::new("assets").print(&self.site.theme.fingerprint).finish();
        self.segments.add(self.last, "assets".into(), from, || {
            let asset = |(path, bytes): (&OutPath, &Arc<[u8]>)| Output {
                path: path.clone(),
                fingerprint: Inputs::new("asset").bytes(bytes).finish(),
                what: What::Asset(Arc::clone(bytes)),
                drew_on: Vec::new(),
            };
            assets.iter().map(asset).collect()
        });
        if self.site.library.edition == Edition::Reader {
            let problems = Arc::clone(self.site.problems);
            let from = self.inputs("status").value(&*problems).finish();
            self.segments.add(self.last, "status".into(), from, || {
                vec![output(
                    OutPath::fixed("status/index.html"),
                    Page::Status(problems),
                    from,
                    Vec::new(),
                )]
            });
        }
    }
}

/// How many times more messages a list without bodies shows.
const COMPACT: usize = 10;

/// What an index is made from.
struct Index<'i> {
    place: &'i str,
    of: ListOf,
    dir: &'i str,
    years: Vec<(i32, OutPath)>,
    full: bool,
    head: Option<&'i Arc<Head>>,
    feed_of: Option<FeedOf>,
    heads: Vec<Arc<Head>>,
}

/// A stretch of time: its folder and its neighbours.
#[derive(Serialize)]
struct Span {
    dir: String,
    older: Option<Stretch>,
    newer: Option<Stretch>,
}

/// Cuts the list of a stretch of time into parts from its old end, so that what is full never
/// changes again.
fn parts(
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
        let drew_on = drew_on(chunk, heads);
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
        output(part_path(part), Page::List(list), from, drew_on)
    };
    chunks.iter().enumerate().map(make).collect()
}

fn output(path: OutPath, page: Page, fingerprint: Fingerprint, drew_on: Vec<Arc<Head>>) -> Output {
    Output { path, what: What::Page(Box::new(page)), fingerprint, drew_on }
}

/// Returns whose messages some items show, with what they answer.
fn drew_on(items: &[Item], more: &[Arc<Head>]) -> Vec<Arc<Head>> {
    let targets = items.iter().filter_map(|item| match &item.target {
        Some(Target::Known(message)) => Some(&message.head),
        _ => None,
    });
    let mut heads: Vec<Arc<Head>> = Vec::new();
    for head in items.iter().map(|item| &item.message.head).chain(targets).chain(more) {
        if !heads.iter().any(|known| Arc::ptr_eq(known, head)) {
            heads.push(Arc::clone(head));
        }
    }
    heads
}

fn copies<'c>(
    files: &'c [Attachment],
    head: &'c Arc<Head>,
    stripped: bool,
) -> impl Iterator<Item = Output> + 'c {
    files.iter().filter(|file| !file.too_large).map(move |file| Output {
        path: file.out.clone(),
        fingerprint: Inputs::new("copy")
            .text(file.source.as_str())
            .value(&file.stat)
            .number(u64::from(stripped))
            .finish(),
        what: What::Copy { file: file.clone(), stripped },
        drew_on: vec![Arc::clone(head)],
    })
}

fn by_month(messages: &[Arc<Message>]) -> BTreeMap<Month, Messages> {
    let mut months: BTreeMap<Month, Messages> = BTreeMap::new();
    for message in messages {
        months.entry(message.stamp.month()).or_default().push(Arc::clone(message));
    }
    months
}

/// Returns the years of an archive and their pages, newest first.
fn years(dir: &str, months: &BTreeMap<Month, Messages>) -> Vec<(i32, OutPath)> {
    let mut years: Vec<i32> = months.keys().map(|month| month.year).collect();
    years.dedup();
    years.into_iter().rev().map(|year| (year, year_path(dir, year))).collect()
}

fn year_path(dir: &str, year: i32) -> OutPath {
    OutPath::fixed(&format!("{dir}/{year:04}/index.html"))
}

fn month_stretch(dir: &str, month: Month) -> Stretch {
    let path = OutPath::fixed(&format!("{dir}/{month}/index.html"));
    Stretch { path, month: Some(month), year: month.year }
}

fn label(of: &ListOf) -> Option<&str> {
    match of {
        ListOf::Tag(label, _) | ListOf::TagYear(label, _, _) => Some(label),
        _ => None,
    }
}
