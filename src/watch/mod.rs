//! Watching a base folder.
//!
//! 1. `source` hands over the system's events; it watches contacts and theme, never the output.
//! 2. [`sign`] says what an event means; [`settle`] when it is time to build, and where to look.
//!
//! Events say where to look, never what happened: what is there is always read from the disk.
#![allow(
    clippy::disallowed_methods,
    reason = "this is where folders are watched and where the clock is looked at"
)]

pub mod settle;
pub mod sign;
mod source;

pub use source::{Ground, How, Source};

use settle::Seen;
use sign::Spot;
use std::path::Path;

/// Returns how a file in a box looks now; none where it is not there.
pub fn look(base: &Path, spot: &Spot) -> Seen {
    let path = base.join(&spot.contact).join(spot.side.folder()).join(spot.path.as_str());
    let metadata = std::fs::symlink_metadata(path).ok()?;
    Some((metadata.len(), metadata.modified().ok()))
}
