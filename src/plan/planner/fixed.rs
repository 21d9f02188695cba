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
        self.segments.add(self.last, "404".into(), from, || {
            vec![output(OutPath::fixed("404.html"), Page::NotFound, from, Vec::new())]
        });
        let assets = &self.site.theme.assets;
        let from = Inputs::new("assets").print(&self.site.theme.fingerprint).finish();
        self.segments.add(self.last, "assets".into(), from, || {
            let asset = |(path, bytes): (&OutPath, &Arc<[u8]>)| Output {
                path: path.clone(),
                fingerprint: Inputs::new("asset").bytes(bytes).finish(),
                what: What::Asset(Arc::clone(bytes)),
                drew_on: Vec::new(),
            };
            assets.iter().map(asset).collect()
        });
        if self.site.library.edition == Edition::Reader {
            let problems = Arc::clone(self.site.problems);
            let from = self.inputs("status").value(&*problems).finish();
            self.segments.add(self.last, "status".into(), from, || {
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
