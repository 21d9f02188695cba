//! Tags: the list of all, and each with its newest, its years and its feed.

use super::lists::{Index, Span, Time};
use super::{Planner, output, year_path};
use crate::hash::{Fingerprint, Inputs};
use crate::library::{Message, TagGroup};
use crate::path::OutPath;
use crate::plan::{FeedOf, ListOf, Page, TagLine};

impl Planner<'_> {
    /// Adds the list of all tags.
    pub(super) fn tag_list(&mut self) {
        let library = self.site.library;
        let line = |group: &TagGroup| TagLine {
            label: group.label.clone(),
            path: OutPath::fixed(&format!("tags/{}/index.html", group.dir)),
            count: group.messages().len(),
        };
        let lines: Vec<TagLine> = library.tags.values().map(line).collect();
        let text: Vec<_> = lines.iter().map(|l| (&l.label, &l.path, l.count)).collect();
        let from = self.inputs("tags").value(&text).finish();
        self.segments.add("tags".into(), from, || {
            vec![output(OutPath::fixed("tags/index.html"), Page::Tags(lines), from, Vec::new())]
        });
    }

    /// Returns the hash of all that the pages and the feed of a tag are made from.
    pub(super) fn tag_print(&self, key: &str, group: &TagGroup) -> Fingerprint {
        self.inputs("tag part")
            .text(&group.label)
            .print(&group.slice.print)
            .print(&self.relations.of_tag(key))
            .finish()
    }

    pub(super) fn tag(&mut self, group: &TagGroup) {
        let dir = format!("tags/{}", group.dir);
        let year_of = |message: &Message| message.stamp.month().year;
        let by_year: Vec<_> = group.messages().chunk_by(|a, b| year_of(a) == year_of(b)).collect();
        let keys: Vec<i32> = by_year.iter().map(|year| year_of(&year[0])).collect();
        let has_feed = group.has_feed();
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
        self.index_and_feed(index, &group.messages().iter().rev());
        for (at, messages) in by_year.into_iter().enumerate() {
            let year = keys[at];
            let span = Span {
                above: &dir,
                time: Time::Year(year),
                older: at.checked_sub(1).map(|at| Time::Year(keys[at])),
                newer: keys.get(at + 1).map(|year| Time::Year(*year)),
            };
            let of = ListOf::TagYear(group.label.clone(), group.dir.clone(), year, has_feed);
            let print = Inputs::new("year").prints(self.common.prints(messages)).finish();
            self.list_segment(&of, (messages, print), &span);
        }
    }
}
