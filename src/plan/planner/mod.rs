//! From a library to the segments of its plan: a file here for each family of outputs.

mod archive;
mod contact;
mod fixed;
mod lists;
mod moved;
mod overview;
mod sitemap;
mod tags;
mod threads;

use super::{FeedOf, Item, ListOf, Output, Page, Segments, Stretch, What, prints};
use crate::config::Settings;
use crate::diagnostic::Diagnostic;
use crate::hash::{Fingerprint, Inputs};
use crate::library::{Head, Library, Message, Moved, Target};
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
}

/// Plans an edition; segments of `last` are reused where nothing in their slice has changed.
pub fn plan(site: &Site<'_>, last: &Segments) -> Segments {
    let common = Common { site, shared: shared(site) };
    let mut planner = Planner { common, site, last, segments: Segments::default() };
    planner.home();
    for contact in &site.library.contacts {
        planner.contact(contact);
        planner.moved(contact);
    }
    planner.archive();
    planner.tags();
    planner.threads();
    planner.overview();
    planner.sitemap();
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
    common: Common<'p>,
    site: &'p Site<'p>,
    last: &'p Segments,
    segments: Segments,
}

/// What all segments are made with. Most are reused: what only a new one needs is made only then,
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

    /// Returns the hashes of messages with what they answer.
    fn prints<'m>(
        self,
        messages: impl IntoIterator<Item = &'m Arc<Message>>,
    ) -> impl Iterator<Item = Fingerprint> {
        let library = self.site.library;
        messages.into_iter().map(move |message| prints::answer(message, library.target(message)))
    }
}

/// The messages of each month, oldest first: they lie in a row, for they are sorted by time.
type Months<'m> = Vec<(Month, &'m [Arc<Message>])>;

impl Planner<'_> {
    fn inputs(&self, kind: &str) -> Inputs {
        self.common.inputs(kind)
    }

    fn item(&self, message: &Arc<Message>) -> Item {
        self.common.item(message)
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
}

fn output(path: OutPath, page: Page, fingerprint: Fingerprint, drew_on: Vec<Arc<Head>>) -> Output {
    Output { path, what: What::Page(Box::new(page)), fingerprint, drew_on }
}

/// Returns whose messages some items show, with what they answer.
fn drew_on<'i>(items: impl IntoIterator<Item = &'i Item>, more: &'i [Arc<Head>]) -> Vec<Arc<Head>> {
    let known = |target: &'i Option<Target>| match target {
        Some(Target::Known(message)) => Some(&message.head),
        _ => None,
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

fn by_month(messages: &[Arc<Message>]) -> Months<'_> {
    let months = messages.chunk_by(|a, b| a.stamp.month() == b.stamp.month());
    months.map(|month| (month[0].stamp.month(), month)).collect()
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

fn month_stretch(dir: &str, month: Month) -> Stretch {
    let path = OutPath::fixed(&format!("{dir}/{month}/index.html"));
    Stretch { path, month: Some(month), year: month.year }
}
