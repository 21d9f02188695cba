//! Puts links to the pages for writing into published pages, as they are sent.
//!
//! A theme says by a comment where they belong. The comment is all that is ever in a file; what a
//! stranger wrote holds none, for comments are no part of a body.

use super::forms::{link, query};
use super::{Subject, Writing};
use crate::path::OutPath;

/// What a theme writes where links belong.
const MARK: &str = "<!--handbill:write-->";

/// What a page gets.
pub struct Spot {
    /// The links.
    html: String,
    /// Whether they have a place in a theme that names none.
    anywhere: bool,
}

/// An element for the head of the page that a sent message leads to.
pub const SENT: &str = "<script src=\"/_app/sent.js\" defer></script>";

impl Writing {
    /// Returns what a page gets; nothing where there is nothing to write.
    pub fn spot(&self, page: &OutPath) -> Option<Spot> {
        let targets = self.desk.targets();
        if targets.is_empty() {
            return None;
        }
        let words = self.desk.words();
        let row = |links: String| format!("<p class=\"hb-write\">{links}</p>\n");
        let compose = |to: &[(&str, &str)]| link("/_app/compose", to, words.get("write"), "hb-act");
        if page.as_str() == "index.html" {
            return Some(Spot { html: row(compose(&[])), anywhere: false });
        }
        if let Some(target) = targets.iter().find(|target| target.page == *page) {
            let html = row(compose(&[("to", &target.name)]));
            return Some(Spot { html, anywhere: true });
        }
        let Subject { mine, page, .. } = self.desk.message(page.as_str())?;
        let page = page.as_str();
        let mut links =
            link("/_app/compose", &[("reply", page)], words.get("write_reply"), "hb-act");
        if mine {
            links += " ";
            links += &link("/_app/edit", &[("page", page)], words.get("write_edit"), "hb-act");
            links += " ";
            links += &link("/_app/delete", &[("page", page)], words.get("write_delete"), "hb-act");
        }
        Some(Spot { html: row(links), anywhere: true })
    }
}

impl Spot {
    /// Puts the links into a page: at the mark, else at the end of its text.
    pub fn put_into(&self, page: &str) -> String {
        if page.contains(MARK) {
            return page.replacen(MARK, self.html.trim_end(), 1);
        }
        let end = ["</main>", "</body>"].iter().find_map(|end| page.rfind(end));
        match end {
            Some(at) if self.anywhere => format!("{}{}{}", &page[..at], self.html, &page[at..]),
            _ => page.to_owned(),
        }
    }
}

/// Returns the address of a page with the nonce of the form that led there.
pub fn landing(page: &OutPath, nonce: &str) -> String {
    format!("/{}{}", page.address(), query(&[("sent", nonce)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_go_where_the_theme_says_or_to_the_end() {
        let spot = |anywhere| Spot { html: "<p>W</p>\n".into(), anywhere };
        let check = |anywhere, page: &str, expected: &str| {
            assert_eq!(spot(anywhere).put_into(page), expected);
        };
        check(true, "<main>a<!--handbill:write-->b</main>", "<main>a<p>W</p>b</main>");
        check(true, "<main>a</main>", "<main>a<p>W</p>\n</main>");
        check(true, "<body>a</body>", "<body>a<p>W</p>\n</body>");
        check(true, "a", "a");
        check(false, "<main>a</main>", "<main>a</main>");
        check(false, "<main><!--handbill:write--></main>", "<main><p>W</p></main>");
    }
}
