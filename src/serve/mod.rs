//! The local server: the reader edition at `http://localhost:PORT`, and pages that stay current.
//!
//! 1. `listen` takes the port on the loopback addresses.
//! 2. `guard` refuses what does not ask for this server by name, and what other sites ask for.
//! 3. `lookup` finds the path among the files that were published; `files` answers with the file,
//!    by the rules of `conditional` and `range`; `page` gives pages the script of live reload and
//!    takes their `policy` into the header.
//! 4. `site` holds what is served; `events` tells open pages about it, `sync` what the sync tools
//!    say.
//! 5. [`mod@write`] has the pages in which one writes; what writes is behind a trait.
//! 6. `run` accepts connections until it is told to stop. `places` has them make room for each
//!    other, `busy` tells which of them are at work, `wire` gives up who takes no answer, `handles`
//!    says how many the system bears.
//!
//! What it protects from what is written in `docs/serving.md`. HTTP is RFC 9110 where nothing else
//! is named.
#![allow(clippy::disallowed_methods, reason = "this is where published files are read and served")]

mod busy;
mod conditional;
mod events;
mod files;
mod guard;
mod handles;
mod hosts;
mod kinds;
mod listen;
mod live;
mod lookup;
mod page;
mod password;
mod places;
mod policy;
mod range;
mod run;
mod site;
mod sync;
mod wire;
pub mod write;

pub use hosts::Hosts;
pub use listen::{BindError, Listen, bind};
pub use password::{Elsewhere, Password};
pub use run::{Limits, Server, run};
pub use site::{Files, Problem, Site, Update};
pub use sync::{Said, Sync, SyncContact};

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use std::sync::Arc;

/// Returns the service that answers for a site. What it changes, [`mod@write`] changes.
///
/// Every request passes `guard` first, whatever it asks for.
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/_app/live.js", get(live::script_file))
        .route("/_app/live.css", get(live::style_file))
        .route("/_app/sync.js", get(sync::script_file))
        .route("/_app/sync", get(sync::told))
        .route("/_app/events/{*page}", get(events::listen))
        .merge(write::routes())
        .fallback(files::answer)
        .layer(from_fn_with_state(site.clone(), guard::guard))
        .with_state(site)
}
