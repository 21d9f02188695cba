//! Everything that touches the file system.
//!
//! 1. `scan` lists the boxes of a base folder; `read` reads what `cache` does not know yet.
//! 2. `site` puts a build together and publishes it; `keeper` does so again and again
//!    with what is `kept`.
//! 3. `publish` writes what differs, atomically; `manifest` remembers what is ours.
//! 4. `state` holds `.handbill/`: the lock, the cache, what the local state remembers; `claim`
//!    keeps an output elsewhere for one base folder.
//! 5. `outbox` writes messages of one's own, edits them and moves them to the trash; `contact` makes
//!    the folders of new contacts, `settings_file` changes `handbill.toml`.
//! 6. `hook` runs one's own command after the public edition has changed.
#![allow(
    clippy::disallowed_methods,
    reason = "this is where files are read and written and where the clock is looked at"
)]

mod boxes;
mod cache;
mod claim;
mod contact;
pub mod hook;
mod keeper;
mod kept;
mod manifest;
pub mod outbox;
mod places;
mod progress;
mod publish;
mod read;
mod scan;
mod settings_file;
mod site;
mod state;
mod strip;

pub use contact::make_contact;
pub use keeper::{Keeper, Known, build};
pub use places::{Places, base_around_box, find_base, holds_contact};
pub use progress::Progress;
pub use publish::{Check, EditionReport, PublishOptions};
pub use settings_file::{edit_settings, make_settings};
pub use site::{BuildOptions, BuildReport, Loaded, Opened, SCAN, Stage, load, open};
pub use state::Busy;

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
    let text = read::own_text(&places.base.join("handbill.toml"), "handbill.toml", &mut Vec::new());
    read::settings_of(text.as_deref()).value
}
