//! Archives: a page a year, of a contact and of the whole edition.

use super::lists::Span;
use super::{Months, Planner, by_month, month_stretch, output, year_path, years};
use crate::library::Head;
use crate::path::OutPath;
use crate::plan::{ListOf, Page, Year};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Planner<'_> {
    pub(super) fn year_pages(&mut self, head: Option<&Arc<Head>>, dir: &str, months: &Months<'_>) {
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
    pub(super) fn archive(&mut self) {
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
        let month_at = |at: usize| months.get(at).map(|(month, _)| *month);
        for (at, (month, messages)) in months.iter().enumerate() {
            let before = at.checked_sub(1).and_then(month_at);
            let span = Span {
                dir: format!("archive/{month}"),
                older: before.map(|month| month_stretch("archive", month)),
                newer: month_at(at + 1).map(|month| month_stretch("archive", month)),
            };
            self.list_segment(&ListOf::Month(*month), messages, &span);
        }
    }
}
