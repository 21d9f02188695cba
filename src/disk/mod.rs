//! Everything that touches the file system.
//!
//! 1. `scan` lists the boxes of a base folder; `read` reads what `cache` does not know yet, by
//!    `decoded`; `saving` saves what it knows then; `texts` reads again what pages show.
//! 2. `load` takes both together, with the settings and the user's theme (`theme_files`). `site`
//!    plans what was loaded and publishes it, unless something speaks against it (`refusal`); `work`
//!    only tells what would be done. `keeper` builds again and again with what is `kept`. Where
//!    nothing has changed at all, `seal` knows it without reading anything; contacts that have not
//!    changed are known by `snapshots`.
//! 3. `publish` writes what differs, atomically; `manifest` remembers what is ours; `deleted` finds
//!    messages that were published and are gone.
//! 4. `state` holds `.handbill/`: the lock, the cache, what the local state remembers; `claim`
//!    keeps an output elsewhere for one base folder.
//! 5. `outbox` writes messages of one's own, edits them and moves them to the trash; `contact` makes
//!    the folders of new contacts, `settings_file` changes `handbill.toml`.
//! 6. `versions` keeps what messages said before they were changed.
//! 7. `reading` keeps what one has read and starred.
//! 8. `hook` runs one's own command after the public edition has changed.
#![allow(
    clippy::disallowed_methods,
    reason = "this is where files are read and written and where the clock is looked at"
)]

mod again;
mod boxes;
mod cache;
mod claim;
mod contact;
mod count;
mod decoded;
mod deleted;
mod frames;
pub mod hook;
mod keeper;
mod kept;
mod load;
mod manifest;
pub mod outbox;
mod picture;
mod places;
mod progress;
mod publish;
mod read;
mod reading;
mod refusal;
mod saving;
mod scan;
mod seal;
mod settings_file;
mod site;
mod snapshots;
mod state;
mod strip;
mod texts;
mod theme_files;
pub mod themes;
mod versions;
mod work;

pub use contact::{Boxes, boxes, make_contact};
pub use keeper::{Keeper, Known, build, build_last};
pub use load::{Loaded, load};
pub use outbox::no_contact;
pub use places::{Places, base_around_box, find_base, holds_contact, may_be_base};
pub use progress::Progress;
pub use publish::{Check, EditionReport, PublishOptions};
pub use reading::Shelf;
pub use settings_file::{edit_settings, make_settings};
pub use site::{BuildOptions, BuildReport, Opened, SCAN, Stage, open};
pub use state::Busy;
pub use work::Work;

use crate::config::Settings;

use std::path::{Path, PathBuf};

/// An I/O error with the path it is about.
#[derive(Debug)]
pub struct PathError {
    /// The path.
    pub path: PathBuf,
    /// What was tried, as `write`.
    pub action: &'static str,
    /// What the system said.
    pub source: std::io::Error,
}

impl std::fmt::Display for PathError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot {} `{}`: {}", self.action, self.path.display(), self.source)
    }
}

impl std::error::Error for PathError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Adds the path to an I/O error.
trait AtPath<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T, PathError>;
}

impl<T> AtPath<T> for std::io::Result<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T, PathError> {
        self.map_err(|source| PathError { path: path.to_owned(), action, source })
    }
}

/// Returns the settings of a base folder, with defaults where they are broken: what is wrong with
/// them is told by a build.
pub fn settings(places: &Places) -> Settings {
    let text =
        decoded::own_text(&places.base.join("handbill.toml"), "handbill.toml", &mut Vec::new());
    decoded::settings_of(text.as_deref()).value
}
