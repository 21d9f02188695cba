//! From an output to its bytes.
//!
//! 1. `Bodies` renders the texts that an output shows, each once for a group of outputs.
//! 2. [`view`] makes the plain values that a template sees; [`html`] runs the template;
//!    `register` keeps the piece that most pages share.
//! 3. [`feed`] writes Atom with atom_syndication, behind cleaning functions of its own, and JSON
//!    Feed; [`outline`] the list of feeds that readers take; [`sitemap`] what search engines are told;
//!    [`search`] what the search page looks through.
//!
//! Nothing here looks anything up: an output and the texts it names are all there is.

mod bodies;
pub mod feed;
pub mod html;
pub mod outline;
mod register;
pub mod search;
pub mod sitemap;
pub mod view;

pub use bodies::{Bodies, MadeBodies, Texts};

use crate::config::Settings;
use crate::diagnostic::Diagnostic;
use crate::library::{Edition, Head};
use crate::path::OutPath;
use crate::theme::Theme;
use crate::web::BaseUrl;
use std::sync::Arc;

/// What all outputs of an edition are rendered with.
pub struct Look<'l> {
    /// The edition.
    pub edition: Edition,
    /// My settings.
    pub settings: &'l Settings,
    /// The look.
    pub theme: &'l Theme,
    /// What every page shows: see [`view::site`].
    pub site: tera::Value,
    /// Where the edition is read; feeds of the public edition need it to be set.
    pub base: Option<BaseUrl>,
    registers: register::Registers,
}

impl<'l> Look<'l> {
    /// Prepares to render an edition with these contacts.
    pub fn new(
        edition: Edition,
        settings: &'l Settings,
        theme: &'l Theme,
        heads: &[Arc<Head>],
    ) -> Look<'l> {
        let site = view::site(edition, settings, theme, heads);
        let base = match edition {
            Edition::Public => settings.base_url.clone(),
            Edition::Reader => Some(BaseUrl::local(settings.port)),
        };
        let site = tera::Value::from_serializable(&site);
        Look { edition, settings, theme, site, base, registers: register::Registers::default() }
    }

    /// Returns the address of a file of the edition, as seen from `from` where no base is known.
    pub fn address(&self, from: &OutPath, to: &OutPath) -> String {
        match &self.base {
            Some(base) => format!("{}{}", base.as_str(), to.address()),
            None => format!("{}{to}", from.to_root()),
        }
    }
}

/// The bytes of an output, and what went wrong without stopping it.
pub struct Bytes {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// A template override that could not be used.
    pub fallback: Option<Diagnostic>,
}
