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

/// Cuts months, oldest first, into years.
fn by_year<'m>(months: &'m Months<'m>) -> Vec<&'m [(Month, &'m Slice)]> {
    months.chunk_by(|(a, _), (b, _)| a.year == b.year).collect()
}

impl Planner<'_> {
    /// Adds a page for each year of a contact.
    pub(super) fn year_pages(&mut self, head: &Arc<Head>, months: &Months<'_>) {
        let years = by_year(months);
        (0..years.len()).for_each(|at| self.year_page(Some(head), &head.dir, &years, at));
    }

    /// Adds the page of the year at `at`.
    fn year_page(
        &mut self,
        head: Option<&Arc<Head>>,
        dir: &str,
        years: &[&[(Month, &Slice)]],
        at: usize,
    ) {
        let (slices, common) = (years[at], self.common);
        let (year, [older, newer]) = (slices[0].0.year, years_beside(years, at));
        let counts: Vec<(Month, usize)> =
            slices.iter().map(|(month, slice)| (*month, slice.len())).collect();
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

    /// Adds the archive of the edition's timeline: a page for all, and a part of the plan for each
    /// year.
    pub(super) fn archive(&mut self, timeline: &Months<'_>) {
        self.part("archive", None, |planner| {
            let years = years("archive", timeline);
            let from = planner.inputs("archive").value(&years).finish();
            planner.segments.add("archive".into(), from, || {
                let path = OutPath::fixed("archive/index.html");
                vec![output(path, Page::Archive(years), from, Vec::new())]
            });
        });
        let years = by_year(timeline);
        for at in 0..years.len() {
            let from = self.archive_year_print(&years, at);
            let name = format!("archive/{:04}", years[at][0].0.year);
            self.part(&name, Some(from), |planner| planner.archive_year(&years, at));
        }
    }

    /// Returns the hash of all that a year of the archive is made from.
    fn archive_year_print(&self, years: &[&[(Month, &Slice)]], at: usize) -> Fingerprint {
        let months = years[at].iter();
        self.inputs("archive year")
            .value(&(years_beside(years, at), months_beside(years, at)))
            .value(&months.clone().map(|(month, _)| *month).collect::<Vec<_>>())
            .prints(months.clone().map(|(_, slice)| slice.print))
            .prints(months.map(|(month, _)| self.relations.of_month(*month)))
            .finish()
    }

    /// Adds a year of the archive: its page, and one or more for each month.
    fn archive_year(&mut self, years: &[&[(Month, &Slice)]], at: usize) {
        self.year_page(None, "archive", years, at);
        let (months, [older, newer]) = (years[at], months_beside(years, at));
        let month_at = |at: usize| months.get(at).map(|(month, _)| *month);
        for (at, (month, slice)) in months.iter().enumerate() {
            let span = Span {
                above: "archive",
                time: Time::Month(*month),
                older: at.checked_sub(1).map_or(older, month_at).map(Time::Month),
                newer: month_at(at + 1).or(newer).map(Time::Month),
            };
            let print = Inputs::new("month").print(&slice.print);
            let print = print.print(&self.relations.of_month(*month)).finish();
            self.list_segment(&ListOf::Month(*month), (|| slice.messages(), print), &span);
        }
    }
}

/// Returns the years before and after one that have messages.
fn years_beside(years: &[&[(Month, &Slice)]], at: usize) -> [Option<i32>; 2] {
    let year = |at: usize| years.get(at).map(|months| months[0].0.year);
    [at.checked_sub(1).and_then(year), year(at + 1)]
}

/// Returns the months before and after a year that have messages.
fn months_beside(years: &[&[(Month, &Slice)]], at: usize) -> [Option<Month>; 2] {
    let last = |at: usize| years[at].last().map(|(month, _)| *month);
    let first = years.get(at + 1).and_then(|months| months.first()).map(|(month, _)| *month);
    [at.checked_sub(1).and_then(last), first]
}

impl Common<'_> {
    /// Returns the days of a year that have messages, by the time zone of the settings, with the page
    /// that lists each; the lists of a month are cut into parts of so many messages. A day that is
    /// another year's there is left out.
    fn days(self, dir: &str, year: i32, months: &[(Month, &Slice)], part: usize) -> Vec<YearDay> {
        let zone = self.site.settings.time_zone;
        let mut days: Vec<YearDay> = Vec::new();
        for (month, slice) in months {
            for (at, message) in slice.messages().iter().enumerate() {
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
