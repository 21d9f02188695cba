//! Pages and files that every edition has, whatever it holds.

use super::{Planner, output};
use crate::hash::Inputs;
use crate::library::Edition;
use crate::path::OutPath;
use crate::plan::{Output, Page, What};
use std::sync::Arc;

impl Planner<'_> {
    /// Adds the pages and files that every edition has.
    pub(super) fn fixed(&mut self) {
        let from = self.inputs("not found").finish();
        self.segments.add("404".into(), from, || {
            vec![output(OutPath::fixed("404.html"), Page::NotFound, from, Vec::new())]
        });
        let assets = &self.site.theme.assets;
        let edition = self.site.library.edition;
        let from = Inputs::new("assets").print(&self.site.theme.fingerprint).finish();
        self.segments.add("assets".into(), from, || {
            let asset = |(path, bytes): (&OutPath, &Arc<[u8]>)| Output {
                path: path.clone(),
                fingerprint: Inputs::new("asset").bytes(bytes).finish(),
                what: What::Asset(Arc::clone(bytes)),
                drew_on: Vec::new(),
            };
            // What only the reader edition shows is of no use in the other.
            let is_public = edition == Edition::Public;
            let wanted = |(path, _): &(&OutPath, &Arc<[u8]>)| {
                !is_public || !path.as_str().starts_with("assets/reader/")
            };
            assets.iter().filter(wanted).map(asset).collect()
        });
        if self.site.library.edition == Edition::Reader {
            let from = self.inputs("reading").finish();
            self.segments.add("reading".into(), from, || {
                let path = OutPath::fixed("_/reading/index.html");
                vec![output(path, Page::Reading, from, Vec::new())]
            });
            let problems = Arc::clone(self.site.problems);
            let from = self.inputs("status").value(&*problems).finish();
            self.segments.add("status".into(), from, || {
                vec![output(
                    OutPath::fixed("status/index.html"),
                    Page::Status(problems),
                    from,
                    Vec::new(),
                )]
            });
        }
    }
}
