//! What search engines are told: `robots.txt` (RFC 9309) and site maps (sitemaps.org, protocol 0.9).

use super::Look;
use crate::library::Edition;
use crate::path::OutPath;
use crate::plan::Crawlers;
use crate::time::Stamp;
use std::fmt::Write;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

/// Renders what search engines are told.
pub fn crawlers(what: &Crawlers, look: &Look<'_>) -> String {
    match what {
        Crawlers::Robots => robots(look),
        Crawlers::Maps(maps) => index(maps, look),
        Crawlers::Map(pages) => map(pages, look),
    }
}

/// Returns `robots.txt`: the public edition may be read, the reader edition never.
fn robots(look: &Look<'_>) -> String {
    match (look.edition, look.settings.world_base()) {
        (Edition::Reader, _) => "User-agent: *\nDisallow: /\n".into(),
        (Edition::Public, None) => "User-agent: *\nDisallow:\n".into(),
        (Edition::Public, Some(base)) => {
            format!("User-agent: *\nDisallow:\n\nSitemap: {}sitemap.xml\n", base.as_str())
        }
    }
}

/// Returns the list of the site maps at `maps`.
fn index(maps: &[OutPath], look: &Look<'_>) -> String {
    let mut out = format!("{HEAD}<sitemapindex xmlns=\"{NAMESPACE}\">\n");
    for map in maps {
        // Writing into a string does not fail.
        let _ = writeln!(out, "<sitemap><loc>{}</loc></sitemap>", address(map, look));
    }
    out + "</sitemapindex>\n"
}

/// Returns a site map: where each page is, and when it was last changed.
fn map(pages: &[(OutPath, Option<Stamp>)], look: &Look<'_>) -> String {
    let mut out = format!("{HEAD}<urlset xmlns=\"{NAMESPACE}\">\n");
    for (page, changed) in pages {
        let changed = changed.map(|stamp| format!("<lastmod>{}</lastmod>", stamp.iso()));
        let changed = changed.unwrap_or_default();
        let _ = writeln!(out, "<url><loc>{}</loc>{changed}</url>", address(page, look));
    }
    out + "</urlset>\n"
}

/// Returns the address of a file, as text of XML: a setting is all that may hold an `&`.
fn address(to: &OutPath, look: &Look<'_>) -> String {
    look.address(to, to).replace('&', "&amp;")
}
