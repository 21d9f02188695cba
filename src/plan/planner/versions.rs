//! What messages said before they were changed: a page for each, in the reader edition.

use super::{Common, drew_on, output};
use crate::library::Message;
use crate::path::OutPath;
use crate::plan::{Output, Page, VersionsPage};
use std::sync::Arc;

impl Common<'_> {
    /// Returns the page with the earlier versions of a message that has some. The public edition has
    /// none: its library knows of no earlier version.
    pub(super) fn versions(self, message: &Arc<Message>) -> Option<Output> {
        let history = Arc::clone(message.rare.history.as_ref()?);
        let item = self.item(message);
        let print = super::prints::item(&item);
        let from = self.inputs("versions").print(&print).finish();
        let drew_on = drew_on(std::slice::from_ref(&item), &[]);
        let page = Page::Versions(VersionsPage { item, history });
        Some(output(versions_page(message), page, from, drew_on))
    }
}

/// Returns where the earlier versions of a message are shown: a function of its own page.
pub fn versions_page(message: &Message) -> OutPath {
    OutPath::fixed(&format!("_/versions/{}", message.page))
}
