//! What templates see of pages that lead to messages by what is in them.

use super::types::{AttachmentView, BriefContact, CountView, DateView, LinkView};
use super::wording::month_name;
use super::{Viewer, attachment, brief, name, stretch_link};
use crate::path::OutPath;
use crate::plan::{MediaItem, MediaPage, SearchPage, Year};
use crate::time::Month;
use crate::words::Words;
use chrono::{Datelike, NaiveDate};
use serde::Serialize;

/// The page to search on.
#[derive(Debug, Clone, Serialize)]
pub struct SearchView {
    /// What its script loads, the newest first: files of `assets/search/` without `.js`.
    pub shards: Vec<String>,
    /// The years that are searched, newest first.
    pub years: Vec<String>,
    /// The contacts that are searched.
    pub contacts: Vec<SearchedView>,
}

/// A contact that is searched.
#[derive(Debug, Clone, Serialize)]
pub struct SearchedView {
    /// Its folder in the edition.
    pub folder: String,
    /// What it is called here.
    pub title: String,
    /// `channel`, `subscription` or `conversation`.
    pub kind: &'static str,
    /// The word for its kind.
    pub kind_name: String,
}

/// Pictures, sound and film.
#[derive(Debug, Clone, Serialize)]
pub struct MediaView {
    /// Whether these are the newest of all, not those of a month.
    pub newest: bool,
    /// The files.
    pub items: Vec<MediaItemView>,
    /// The part of the month, from 1.
    pub part: usize,
    /// The page before it in time.
    pub older: Option<LinkView>,
    /// The page after it in time.
    pub newer: Option<LinkView>,
    /// All months that have files, newest first.
    pub months: Vec<CountView>,
}

/// A file and the message that has it.
#[derive(Debug, Clone, Serialize)]
pub struct MediaItemView {
    /// The file.
    pub file: AttachmentView,
    /// The page of the message.
    pub path: String,
    /// Words that stand for the message.
    pub name: String,
    /// The language of the message, where it names one.
    pub language: Option<String>,
    /// Whose it is.
    pub contact: BriefContact,
    /// When it was written.
    pub date: DateView,
}

/// A month of a calendar.
#[derive(Debug, Clone, Serialize)]
pub struct CalendarView {
    /// Its name.
    pub title: String,
    /// Its page, where it has one.
    pub path: Option<String>,
    /// On which day of the week it begins: 1 is Monday, 7 Sunday.
    pub begins: u32,
    /// Its days.
    pub days: Vec<CalendarDayView>,
}

/// A day of a calendar.
#[derive(Debug, Clone, Serialize)]
pub struct CalendarDayView {
    /// The day, from 1.
    pub day: u32,
    /// How many messages it has.
    pub count: usize,
    /// Where they are listed.
    pub path: Option<String>,
}

/// Returns the page to search on.
pub(in crate::render) fn search(page: &SearchPage, words: &Words) -> SearchView {
    SearchView {
        shards: page.shards.iter().map(shard_name).collect(),
        years: page.years.iter().map(|year| format!("{year:04}")).collect(),
        contacts: page
            .heads
            .iter()
            .map(|head| SearchedView {
                folder: head.dir.clone(),
                title: head.title.clone(),
                kind: head.kind.word(),
                kind_name: words.get(head.kind.word()).to_owned(),
            })
            .collect(),
    }
}

fn shard_name(path: &OutPath) -> String {
    let name = path.as_str().rsplit('/').next().unwrap_or_default();
    name.trim_end_matches(".js").to_owned()
}

/// Returns the calendar of a year: its months that have messages.
pub(super) fn calendar(year: &Year, words: &Words) -> Vec<CalendarView> {
    let months = year.days.chunk_by(|a, b| a.month == b.month).filter_map(|days| {
        let month = Month { year: year.year, month: days.first()?.month };
        let first = NaiveDate::from_ymd_opt(month.year, month.month, 1)?;
        let cell = |date: NaiveDate| {
            let found = days.iter().find(|known| known.day == date.day());
            CalendarDayView {
                day: date.day(),
                count: found.map_or(0, |found| found.count),
                path: found.map(|found| format!("{}#d-{date}", found.page)),
            }
        };
        let page = year.months.iter().find(|(known, _, _)| *known == month);
        Some(CalendarView {
            title: month_name(month, words),
            path: page.map(|(_, _, page)| page.to_string()),
            begins: first.weekday().number_from_monday(),
            days: first
                .iter_days()
                .take_while(|date| date.month() == month.month)
                .map(cell)
                .collect(),
        })
    });
    months.collect()
}

impl Viewer<'_, '_> {
    /// Returns a page of pictures, sound and film.
    pub(in crate::render) fn media(&self, page: &MediaPage) -> MediaView {
        let words = self.words();
        let item = |item: &MediaItem| {
            let message = &*item.message;
            MediaItemView {
                file: attachment(message, &item.file),
                path: message.page.to_string(),
                name: name(message, words),
                language: message.language().map(str::to_owned),
                contact: brief(&message.head, words),
                date: self.date(message.stamp),
            }
        };
        MediaView {
            newest: page.month.is_none(),
            items: page.items.iter().map(item).collect(),
            part: page.part,
            older: page.older.as_ref().map(|stretch| stretch_link(stretch, words)),
            newer: page.newer.as_ref().map(|stretch| stretch_link(stretch, words)),
            months: page
                .months
                .iter()
                .map(|(month, count, path)| CountView {
                    title: month_name(*month, words),
                    path: path.to_string(),
                    count: *count,
                })
                .collect(),
        }
    }
}

/// Returns the title of a page of pictures, sound and film.
pub(in crate::render) fn media_title(page: &MediaPage, words: &Words) -> String {
    let title = words.get("media");
    let title = match page.month {
        Some(month) => format!("{title}: {}", month_name(month, words)),
        None => title.to_owned(),
    };
    if page.part > 1 { format!("{title} ({})", page.part) } else { title }
}
