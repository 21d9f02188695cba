//! Feeds: what the standards ask of them, their archives, what is deleted, lists of feeds.

mod archives;
mod deleted;
mod outline;
mod rules;

use crate::hostile::holds::feed::{Element, read_xml};
use crate::support::{Base, tree};
use std::path::Path;

/// Returns the example, built.
fn example() -> Base {
    let base = Base::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("example-channel");
    for (path, bytes) in tree(&root) {
        if !path.starts_with("_site/") && !path.starts_with(".handbill/") {
            base.write(&path, bytes);
        }
    }
    base.build();
    base
}

/// Returns a feed of an edition.
#[track_caller]
fn feed(base: &Base, path: &str) -> Element {
    read_xml(base.page(path).as_bytes())
}

/// Returns the ids of a feed's entries.
fn ids(feed: &Element) -> Vec<String> {
    feed.all("entry").map(|entry| entry.one("id").text.clone()).collect()
}

/// Returns where a link of a feed leads, of those with a relation.
fn link<'f>(feed: &'f Element, rel: &str) -> Option<&'f str> {
    feed.all("link").find(|link| link.get("rel") == rel).map(|link| link.get("href"))
}
