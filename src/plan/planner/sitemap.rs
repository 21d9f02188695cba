//! What search engines are told: `robots.txt`, and site maps where the address of the site is
//! known. A map a month, so that one new message changes one of them.

use super::{Months, Planner};
use crate::hash::Fingerprint;
use crate::library::{Edition, Message, Slice};
use crate::path::OutPath;
use crate::plan::{Crawlers, Output, What};
use crate::time::{Month, Stamp};
use std::sync::Arc;

/// How many addresses a site map may have (sitemaps.org, "Sitemap index").
const MOST: usize = 50_000;

impl Planner<'_> {
    pub(super) fn sitemap(&mut self, timeline: &Months<'_>) {
        let from = self.inputs("robots").finish();
        self.segments.add("robots".into(), from, || {
            let path = OutPath::fixed("robots.txt");
            vec![Output {
                path,
                what: What::Crawlers(Crawlers::Robots),
                fingerprint: from,
                drew_on: Vec::new(),
            }]
        });
        let is_public = self.site.library.edition == Edition::Public;
        if is_public && self.site.settings.world_base().is_some() {
            let mut maps = vec![self.standing_map()];
            for (month, slice) in timeline {
                maps.extend(self.month_maps(*month, slice));
            }
            self.map_of_maps(maps);
        }
    }

    /// Adds the map of the pages that stand whatever is written, and returns where it is.
    fn standing_map(&mut self) -> OutPath {
        let library = self.site.library;
        let fixed = [
            "index.html",
            "archive/index.html",
            "tags/index.html",
            "media/index.html",
            "feeds/index.html",
        ];
        let contacts = library.contacts.iter().map(|c| format!("{}/index.html", c.head.dir));
        let paths = fixed.into_iter().map(str::to_owned).chain(contacts);
        let pages: Vec<_> = paths.map(|path| (OutPath::fixed(&path), None)).collect();
        let from = self.inputs("standing map").value(&pages).finish();
        self.map(OutPath::fixed("sitemap-pages.xml"), from, || pages)
    }

    fn month_maps(&mut self, month: Month, slice: &Slice) -> Vec<OutPath> {
        let page = |message: &Arc<Message>| {
            (message.page.clone(), Some(message.rare.updated.unwrap_or(message.stamp)))
        };
        let made = (0..slice.len().div_ceil(MOST)).map(|at| {
            let part = || slice.messages().iter().skip(at * MOST).take(MOST);
            let number = if at == 0 { String::new() } else { format!("-{}", at + 1) };
            let path = OutPath::fixed(&format!("sitemap-{month}{number}.xml"));
            let from = self.inputs("month map").print(&slice.print).number(at as u64).finish();
            self.map(path, from, || part().map(page).collect())
        });
        made.collect()
    }

    /// Adds a map of pages, which are made from what `from` is the hash of; returns where it is.
    fn map(
        &mut self,
        path: OutPath,
        from: Fingerprint,
        pages: impl FnOnce() -> Vec<(OutPath, Option<Stamp>)>,
    ) -> OutPath {
        let inputs = self.inputs("site map");
        let contacts = &self.site.library.contacts;
        self.segments.add(path.to_string(), from, || {
            let pages = pages();
            let fingerprint = inputs.value(&pages).finish();
            let drew_on = contacts.iter().map(|contact| contact.head.clone()).collect();
            let what = What::Crawlers(Crawlers::Map(pages));
            vec![Output { path: path.clone(), what, fingerprint, drew_on }]
        });
        path
    }

    fn map_of_maps(&mut self, maps: Vec<OutPath>) {
        let from = self.inputs("site maps").value(&maps).finish();
        self.segments.add("sitemap.xml".into(), from, || {
            let path = OutPath::fixed("sitemap.xml");
            let what = What::Crawlers(Crawlers::Maps(maps));
            vec![Output { path, what, fingerprint: from, drew_on: Vec::new() }]
        });
    }
}
