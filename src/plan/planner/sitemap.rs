//! What search engines are told: `robots.txt`, and site maps where the address of the site is
//! known. A map a month, so that one new message changes one of them.

use super::{Months, Planner};
use crate::library::{Edition, Message};
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
                maps.extend(self.month_maps(*month, &slice.messages));
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
        let pages = paths.map(|path| (OutPath::fixed(&path), None)).collect();
        self.map(OutPath::fixed("sitemap-pages.xml"), pages)
    }

    fn month_maps(&mut self, month: Month, messages: &[Arc<Message>]) -> Vec<OutPath> {
        let parts = messages.chunks(MOST).enumerate();
        let made = parts.map(|(at, part)| {
            let number = if at == 0 { String::new() } else { format!("-{}", at + 1) };
            let page = |message: &Arc<Message>| {
                (message.page.clone(), Some(message.updated.unwrap_or(message.stamp)))
            };
            let pages = part.iter().map(page).collect();
            self.map(OutPath::fixed(&format!("sitemap-{month}{number}.xml")), pages)
        });
        made.collect()
    }

    fn map(&mut self, path: OutPath, pages: Vec<(OutPath, Option<Stamp>)>) -> OutPath {
        let from = self.inputs("site map").value(&pages).finish();
        let drew_on =
            self.site.library.contacts.iter().map(|contact| contact.head.clone()).collect();
        self.segments.add(path.to_string(), from, || {
            let what = What::Crawlers(Crawlers::Map(pages));
            vec![Output { path: path.clone(), what, fingerprint: from, drew_on }]
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
