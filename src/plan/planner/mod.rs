//! From a library to the segments of its plan: a file here for each family of outputs.

mod archive;
mod authors;
mod contact;
mod deleted;
mod feeds;
mod fixed;
mod lists;
mod media;
mod moved;
mod overview;
mod quiet;
mod search;
mod sitemap;
mod tags;
mod threads;
mod versions;

pub use versions::versions_page;

use super::segments::Segments;
use super::{FeedOf, Item, ListOf, Output, Page, Take, What, prints};
use crate::config::Settings;
use crate::diagnostic::Diagnostic;
use crate::hash::{Fingerprint, Inputs};
use crate::library::{
    Contact, Head, Library, Message, Moved, OfContact, Relations, Slice, Target, Tombstone,
    answer_print,
};
use crate::path::OutPath;
use crate::theme::Theme;
use crate::time::Month;
use lists::Index;
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
    /// Old addresses of contacts.
    pub moved: &'s Moved,
    /// Deleted messages of its contacts, the latest first.
    pub gone: &'s [Tombstone],
}

/// Plans an edition: hands its segments to `take`, one after the other, always in the same order.
pub fn plan(site: &Site<'_>, take: &mut dyn Take) {
    let common = Common { site, shared: site.shared() };
    let mut planner =
        Planner { common, site, relations: site.library.relations(), segments: Segments(take) };
    let library = site.library;
    let timeline = joined(library);
    let contacts = library.contacts.iter();
    let rows: Vec<_> = contacts.map(|contact| Row::of(contact, planner.relations)).collect();
    planner.part("home", None, |planner| planner.home(&timeline));
    for row in &rows {
        let Row { contact, months, .. } = row;
        let from = planner.contact_print(contact);
        planner.part(&format!("contact/{}", contact.head.dir), Some(from), |planner| {
            planner.contact(contact, months);
            planner.authors(contact);
            planner.moved(contact);
            planner.deleted(contact);
        });
    }
    planner.months(&rows, &timeline);
    planner.archive(&timeline);
    planner.part("media", None, |planner| planner.media(&timeline));
    planner.part("search", None, |planner| planner.search(&timeline));
    planner.part("tags", None, Planner::tag_list);
    for (key, group) in &site.library.tags {
        let from = planner.tag_print(key, group);
        planner.part(&format!("tag/{}", group.dir), Some(from), |planner| planner.tag(group));
    }
    let from = planner.inputs("threads").print(&planner.relations.threads).finish();
    planner.part("threads", Some(from), Planner::threads);
    planner.part("overview", None, Planner::overview);
    let months = timeline.iter().map(|(_, slice)| slice.print);
    let from = planner.inputs("sitemap part").prints(months).finish();
    planner.part("sitemap", Some(from), |planner| planner.sitemap(&timeline));
    planner.part("fixed", None, Planner::fixed);
}

impl Site<'_> {
    /// Returns the hash of what every page shows or depends on beside its own content.
    pub fn shared(&self) -> Fingerprint {
        let settings = self.settings;
        Inputs::new("shared")
            .print(&self.theme.fingerprint)
            .text(self.library.edition.name())
            .text(&settings.title)
            .value(&settings.id)
            .text(&settings.language)
            .text(settings.time_zone.name())
            .maybe(settings.base_url.as_ref().map(|base| base.as_str()))
            .number(u64::from(settings.port))
            .number(settings.page_size as u64)
            .text(&format!("{:?} {}", settings.feed_titles, settings.remote_images))
            .prints(self.library.contacts.iter().map(|contact| contact.head.fingerprint))
            .finish()
    }
}

struct Planner<'p> {
    common: Common<'p>,
    site: &'p Site<'p>,
    relations: &'p Relations,
    segments: Segments<'p>,
}

/// What all segments are made with. Most are not wanted: what only a new one needs is made only then,
/// and to know a segment takes one hash of hashes.
#[derive(Clone, Copy)]
struct Common<'p> {
    site: &'p Site<'p>,
    shared: Fingerprint,
}

impl<'p> Common<'p> {
    fn inputs(self, kind: &str) -> Inputs {
        Inputs::new(kind).print(&self.shared)
    }

    fn item(self, message: &Arc<Message>) -> Item {
        let target = self.site.library.target(message).cloned();
        Item { message: Arc::clone(message), target }
    }

    fn items<'m>(self, messages: impl IntoIterator<Item = &'m Arc<Message>>) -> Vec<Item> {
        messages.into_iter().map(|message| self.item(message)).collect()
    }

    /// Returns the hash of a message with what it answers.
    fn print(self, message: &Message) -> Fingerprint {
        answer_print(message, self.site.library.target(message))
    }

    /// Returns the hashes of messages with what they answer.
    fn prints<'m>(
        self,
        messages: impl IntoIterator<Item = &'m Arc<Message>>,
    ) -> impl Iterator<Item = Fingerprint> {
        messages.into_iter().map(move |message| self.print(message))
    }
}

/// The messages of each month, oldest first.
type Months<'m> = Vec<(Month, &'m Slice)>;

/// A contact with its months, and what they answer.
struct Row<'r> {
    contact: &'r Arc<Contact>,
    months: Months<'r>,
    related: &'r OfContact,
}

impl<'r> Row<'r> {
    fn of(contact: &'r Arc<Contact>, relations: &'r Relations) -> Row<'r> {
        let months = contact.slices.months.iter().map(|(month, slice)| (*month, &**slice));
        let related = relations.of_contact(&contact.head.dir);
        Row { contact, months: months.collect(), related }
    }
}

impl Planner<'_> {
    /// Adds a part of the plan, unless it is not wanted.
    fn part(&mut self, name: &str, from: Option<Fingerprint>, add: impl FnOnce(&mut Self)) {
        if self.segments.0.part(name, from.as_ref()) {
            add(self);
        }
    }

    fn inputs(&self, kind: &str) -> Inputs {
        self.common.inputs(kind)
    }

    fn item(&self, message: &Arc<Message>) -> Item {
        self.common.item(message)
    }

    /// Adds the months, each with those of all contacts: what is shown twice is made once, and
    /// soon done with.
    fn months(&mut self, rows: &[Row<'_>], timeline: &Months<'_>) {
        let places = |row| move |(at, (month, _)): (usize, &(Month, _))| (*month, row, at);
        let mut all: Vec<(Month, &Row<'_>, usize)> = Vec::new();
        for row in rows {
            all.extend(row.months.iter().enumerate().map(places(row)));
        }
        // Those of one month stay in the order of the contacts.
        all.sort_by_key(|(month, ..)| *month);
        for places in all.chunk_by(|(a, ..), (b, ..)| a == b) {
            let month = places[0].0;
            let of_all = timeline.binary_search_by_key(&month, |(month, _)| *month).ok();
            let mut from = self.inputs("month part");
            for (_, row, at) in places {
                from = Planner::month_print(from, row, *at);
            }
            if let Some(at) = of_all {
                from = from.print(&timeline[at].1.print).print(&self.relations.of_month(month));
                from = feeds::archive_print(from, timeline, at);
                from = media::media_print(from, timeline, at);
            }
            self.part(&month_place("", month).0, Some(from.finish()), |planner| {
                for (_, row, at) in places {
                    planner.month_pages(row, *at);
                    let head = &row.contact.head;
                    let of = FeedOf::Contact(Arc::clone(head));
                    planner.feed_archive(&of, &head.dir, &row.months, *at);
                }
                if let Some(at) = of_all {
                    planner.feed_archive(&FeedOf::Edition, "archive", timeline, at);
                    planner.media_month(timeline, at);
                    planner.search_month(month, timeline[at].1);
                }
            });
        }
    }

    fn home(&mut self, timeline: &Months<'_>) {
        let library = self.site.library;
        let heads: Vec<_> = library.contacts.iter().map(|c| Arc::clone(&c.head)).collect();
        let index = Index {
            place: "home",
            of: ListOf::Home(self.quiet()),
            dir: "",
            years: years("archive", timeline),
            full: true,
            head: None,
            feed_of: Some(FeedOf::Edition),
            heads,
        };
        self.index_and_feed(index, &library.newest());
    }
}

fn output(path: OutPath, page: Page, fingerprint: Fingerprint, drew_on: Vec<Arc<Head>>) -> Output {
    Output { path, what: What::Page(Box::new(page)), fingerprint, drew_on }
}

/// Returns whose messages some items show, with what they answer.
fn drew_on<'i>(items: impl IntoIterator<Item = &'i Item>, more: &'i [Arc<Head>]) -> Vec<Arc<Head>> {
    let known = |target: &'i Option<Target>| match target {
        Some(Target::Known(message)) => Some(&message.head),
        Some(Target::Deleted(_) | Target::Elsewhere(_) | Target::Unknown) | None => None,
    };
    let of = |item: &'i Item| std::iter::once(&item.message.head).chain(known(&item.target));
    let mut heads: Vec<Arc<Head>> = Vec::new();
    for head in items.into_iter().flat_map(of).chain(more) {
        if !heads.iter().any(|known| Arc::ptr_eq(known, head)) {
            heads.push(Arc::clone(head));
        }
    }
    heads
}

/// Returns the part of a plan and the place in it that hold the pages of a contact's messages of a
/// month; `dir` is the contact's folder.
pub fn month_place(dir: &str, month: Month) -> (String, String) {
    (format!("month/{month}"), format!("month/{dir}/{month}"))
}

/// Returns the months of the edition.
fn joined(library: &Library) -> Months<'_> {
    library.months.iter().map(|(month, slice)| (*month, &**slice)).collect()
}

/// Returns the years of an archive and their pages, newest first.
fn years(dir: &str, months: &Months<'_>) -> Vec<(i32, OutPath)> {
    let mut years: Vec<i32> = months.iter().map(|(month, _)| month.year).collect();
    years.dedup();
    years.into_iter().rev().map(|year| (year, year_path(dir, year))).collect()
}

fn year_path(dir: &str, year: i32) -> OutPath {
    OutPath::fixed(&format!("{dir}/{year:04}/index.html"))
}
