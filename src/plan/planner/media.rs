//! Pictures, sound and film: the newest of all, and each month's.

use super::{Months, Planner, output};
use crate::hash::{Fingerprint, Inputs};
use crate::library::{Head, Message, Slice};
use crate::path::OutPath;
use crate::plan::{MediaItem, MediaPage, Output, Page, Stretch};
use crate::time::Month;
use serde::Serialize;
use std::sync::Arc;

/// How many files the page of the newest shows.
const NEWEST: usize = 48;
/// How many files one page of a month shows; a month is cut from its old end.
const PART: usize = 120;

impl Planner<'_> {
    /// Adds the page of the newest, which leads to the months.
    pub(super) fn media(&mut self, timeline: &Months<'_>) {
        let with_media = || timeline.iter().rev().filter(|(_, slice)| slice.media > 0);
        let months: Vec<(Month, usize, OutPath)> =
            with_media().map(|(month, slice)| (*month, slice.media, path(*month, 1))).collect();
        let newest = with_media().flat_map(|(_, slice)| slice.messages().iter().rev());
        let items: Vec<MediaItem> = newest.flat_map(items).take(NEWEST).collect();
        let from = self.inputs("media").value(&months).prints(items.iter().map(print)).finish();
        self.segments.add("media".into(), from, || {
            let drew_on = drew_on(&items);
            let page = MediaPage { month: None, items, part: 1, older: None, newer: None, months };
            let page = Page::Media(Box::new(page));
            vec![output(OutPath::fixed("media/index.html"), page, from, drew_on)]
        });
    }

    /// Adds the pages of the month at `at`, if it has any.
    pub(super) fn media_month(&mut self, timeline: &Months<'_>, at: usize) {
        let (month, slice) = &timeline[at];
        if slice.media == 0 {
            return;
        }
        let beside = Beside::of(timeline, at);
        let inputs = self.inputs("media month").value(&(month, &beside)).finish();
        let with_media = slice.messages().iter().filter(|message| message.media().next().is_some());
        let prints = with_media.clone().map(|message| message.fingerprint);
        let from = Inputs::new("media").print(&inputs).prints(prints).finish();
        self.segments.add(format!("media/{month}"), from, || {
            let items: Vec<MediaItem> = with_media.flat_map(items).collect();
            let parts: Vec<&[MediaItem]> = items.chunks(PART).collect();
            let count = parts.len();
            let parts = parts.into_iter().enumerate();
            parts
                .map(|(at, part)| part_of(*month, part, (at + 1, count), &beside, &inputs))
                .collect()
        });
    }
}

/// Adds what the pages of the month at `at` are made from beside its messages to a hash.
pub(super) fn media_print(inputs: Inputs, timeline: &Months<'_>, at: usize) -> Inputs {
    inputs.value(&Beside::of(timeline, at))
}

/// The months beside one that have pictures, sound or film.
#[derive(Serialize)]
struct Beside {
    older: Option<Month>,
    newer: Option<Month>,
}

impl Beside {
    fn of(timeline: &Months<'_>, at: usize) -> Beside {
        if timeline[at].1.media == 0 {
            return Beside { older: None, newer: None };
        }
        let has_media = |(month, slice): &(Month, &Slice)| (slice.media > 0).then_some(*month);
        Beside {
            older: timeline[..at].iter().rev().find_map(has_media),
            newer: timeline[at + 1..].iter().find_map(has_media),
        }
    }
}

fn part_of(
    month: Month,
    items: &[MediaItem],
    (part, count): (usize, usize),
    beside: &Beside,
    inputs: &Fingerprint,
) -> Output {
    let whole =
        |month: Month| Stretch { path: path(month, 1), month: Some(month), year: month.year };
    let near = |part: usize| Stretch { path: path(month, part), month: None, year: month.year };
    let older = if part == 1 { beside.older.map(whole) } else { Some(near(part - 1)) };
    let newer = if part == count { beside.newer.map(whole) } else { Some(near(part + 1)) };
    let from = Inputs::new("media part")
        .print(inputs)
        .value(&(part, &newer))
        .prints(items.iter().map(print))
        .finish();
    let page = MediaPage {
        month: Some(month),
        items: items.to_vec(),
        part,
        older,
        newer,
        months: Vec::new(),
    };
    output(path(month, part), Page::Media(Box::new(page)), from, drew_on(items))
}

fn items(message: &Arc<Message>) -> impl Iterator<Item = MediaItem> {
    message.media().map(|file| MediaItem { file: file.clone(), message: Arc::clone(message) })
}

fn print(item: &MediaItem) -> Fingerprint {
    Inputs::new("medium").print(&item.message.fingerprint).text(item.file.out.as_str()).finish()
}

fn drew_on(items: &[MediaItem]) -> Vec<Arc<Head>> {
    let mut heads: Vec<Arc<Head>> = Vec::new();
    for MediaItem { message, .. } in items {
        if !heads.iter().any(|known| Arc::ptr_eq(known, &message.head)) {
            heads.push(Arc::clone(&message.head));
        }
    }
    heads
}

fn path(month: Month, part: usize) -> OutPath {
    super::lists::part_path(&format!("media/{month}"), part)
}
