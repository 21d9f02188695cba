//! Tags: the list of all, and each with its newest, its years and its feed.

use super::lists::{Index, Years};
use super::{Planner, output};
use crate::hash::Fingerprint;
use crate::library::TagGroup;
use crate::path::OutPath;
use crate::plan::{FeedOf, ListOf, Page, TagLine};

impl Planner<'_> {
    /// Adds the list of all tags.
    pub(super) fn tag_list(&mut self) {
        let library = self.site.library;
        let line = |group: &TagGroup| TagLine {
            label: group.label.clone(),
            path: OutPath::fixed(&format!("tags/{}/index.html", group.dir)),
            count: group.slice.len(),
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
        let years = Years::of(&dir, group.messages());
        let has_feed = group.has_feed();
        let index = Index {
            place: &format!("tag/{}", group.dir),
            of: ListOf::Tag(group.label.clone(), group.dir.clone()),
            dir: &format!("{dir}/"),
            years: years.pages(),
            full: false,
            head: None,
            feed_of: has_feed.then(|| FeedOf::Tag(group.label.clone())),
            heads: Vec::new(),
        };
        self.index_and_feed(index, &group.messages().iter().rev());
        self.year_lists(&years, |year| {
            ListOf::TagYear(group.label.clone(), group.dir.clone(), year, has_feed)
        });
    }
}
