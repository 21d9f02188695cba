//! Archives: a page a year with its days, of a contact and of the whole edition.

use super::lists::{COMPACT, Span, Time, part_path};
use super::{Common, Months, Planner, output, year_path, years};
use crate::hash::{Fingerprint, Inputs};
use crate::library::{Head, Slice};
use crate::path::OutPath;
use crate::plan::{ListOf, Page, Year, YearDay};
use crate::time::Month;
use chrono::Datelike;
use std::sync::Arc;

impl Planner<'_> {
    pub(super) fn year_pages(&mut self, head: Option<&Arc<Head>>, dir: &str, months: &Months<'_>) {
        let by_year: Vec<_> = months.chunk_by(|(a, _), (b, _)| a.year == b.year).collect();
        let keys: Vec<i32> = by_year.iter().map(|months| months[0].0.year).collect();
        let common = self.common;
        for (at, slices) in by_year.into_iter().enumerate() {
            let (older, year, newer) =
                (at.checked_sub(1).map(|at| keys[at]), keys[at], keys.get(at + 1).copied());
            let counts: Vec<(Month, usize)> =
                slices.iter().map(|(month, slice)| (*month, slice.messages.len())).collect();
            let from = self
                .inputs("year")
                .text(dir)
                .maybe(head.map(|head| head.fingerprint.to_string()).as_deref())
                .value(&(&counts, older, newer))
                .finish();
            // Which days have messages is looked up only where a message of the year has changed.
            let prints = slices.iter().map(|(_, slice)| slice.print);
            let of_days = Inputs::new("year").print(&from).prints(prints).finish();
            self.segments.add(format!("year/{dir}/{year}"), of_days, || {
                let page_size = common.site.settings.page_size;
                let part = if head.is_some() { page_size } else { page_size * COMPACT };
                let beside = |year: i32| (year, year_path(dir, year));
                let page = |(month, count)| (month, count, part_path(&format!("{dir}/{month}"), 1));
                let year = Year {
                    head: head.cloned(),
                    year,
                    path: year_path(dir, year),
                    months: counts.into_iter().map(page).collect(),
                    days: common.days(dir, year, slices, part.max(1)),
                    older: older.map(beside),
                    newer: newer.map(beside),
                };
                let print = Inputs::new("year page").print(&from).value(&year.days).finish();
                let drew_on = head.cloned().into_iter().collect();
                vec![output(year.path.clone(), Page::Year(year), print, drew_on)]
            });
        }
    }

    /// Returns the hash of all that the archive of the edition's timeline is made from.
    pub(super) fn archive_print(&self) -> Fingerprint {
        let months = self.site.library.months.values();
        self.inputs("archive part")
            .prints(months.map(|joined| joined.slice.print))
            .print(&self.relations.all)
            .finish()
    }

    /// Adds the archive of the edition's timeline: a page a year, one or more a month.
    pub(super) fn archive(&mut self, months: &Months<'_>) {
        let years = years("archive", months);
        let from = self.inputs("archive").value(&years).finish();
        self.segments.add("archive".into(), from, || {
            vec![output(
                OutPath::fixed("archive/index.html"),
                Page::Archive(years),
                from,
                Vec::new(),
            )]
        });
        self.year_pages(None, "archive", months);
        let month_at = |at: usize| months.get(at).map(|(month, _)| Time::Month(*month));
        for (at, (month, slice)) in months.iter().enumerate() {
            let span = Span {
                above: "archive",
                time: Time::Month(*month),
                older: at.checked_sub(1).and_then(month_at),
                newer: month_at(at + 1),
            };
            let print = Inputs::new("month").print(&slice.print);
            let print = print.print(&self.relations.of_month(*month)).finish();
            self.list_segment(&ListOf::Month(*month), (&slice.messages, print), &span);
        }
    }
}

impl Common<'_> {
    /// Returns the days of a year that have messages, by the time zone of the settings, with the page
    /// that lists each; the lists of a month are cut into parts of so many messages. A day that is
    /// another year's there is left out.
    fn days(self, dir: &str, year: i32, months: &[(Month, &Slice)], part: usize) -> Vec<YearDay> {
        let zone = self.site.settings.time_zone;
        let mut days: Vec<YearDay> = Vec::new();
        for (month, slice) in months {
            for (at, message) in slice.messages.iter().enumerate() {
                let date = message.stamp.day_in(zone);
                let (month_of, day) = (date.month(), date.day());
                match days.last_mut() {
                    _ if date.year() != year => {}
                    Some(last) if (last.month, last.day) == (month_of, day) => last.count += 1,
                    _ => {
                        let page = part_path(&format!("{dir}/{month}"), at / part + 1);
                        days.push(YearDay { month: month_of, day, count: 1, page });
                    }
                }
            }
        }
        days
    }
}
