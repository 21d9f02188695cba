//! Tells open pages what is published now (HTML, 9.2: server-sent events).
//!
//! An event does not say what happened: it says how things stand for the page that listens. The
//! page compares that with what it knows of itself. So nothing is lost when events are, when a page
//! was loaded just before a build, when its computer slept or the server was started anew; and a
//! page that has not changed is not loaded again, whatever it has missed.

use super::files::with;
use super::guard::plain;
use super::site::{Problem, Site, State};
use axum::extract::{Path, State as Extract};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::WatchStream;

/// How often a stream shows that it is alive. Proxies cut what is silent for a minute.
const ALIVE: Duration = Duration::from_secs(20);
/// How many problems an event tells; the status page tells all.
const TOLD: usize = 3;

/// Answers with a stream of events for one page: how things stand, now and after every change.
/// With 503 when too many listen already.
pub async fn listen(Extract(site): Extract<Arc<Site>>, Path(page): Path<String>) -> Response {
    let Ok(place) = site.listeners().try_acquire_owned() else {
        let response = plain(StatusCode::SERVICE_UNAVAILABLE, "Too many pages are open.\n");
        return with(response, RETRY_AFTER, "30");
    };
    let states = WatchStream::new(site.subscribe()).take_while(|state| !state.closing);
    let events = states.map(move |state| {
        let _taken = &place;
        Ok::<_, Infallible>(event(&state, &page, site.run()))
    });
    let response = Sse::new(events).keep_alive(KeepAlive::new().interval(ALIVE)).into_response();
    with(response, CACHE_CONTROL, "no-store")
}

fn event(state: &State, page: &str, run: &str) -> Event {
    let told = Told::new(state, page);
    // Plain texts and numbers always serialize.
    let json = serde_json::to_string(&told).unwrap_or_default();
    Event::default().event("state").id(format!("{run}-{}", state.generation)).data(json)
}

/// How things stand for a page.
#[derive(Debug, Serialize)]
struct Told<'s> {
    /// Whether there is anything yet.
    ready: bool,
    /// The version of the page; none where there is no such page.
    version: Option<String>,
    looks: &'s str,
    scripts: &'s str,
    /// How many problems there are.
    count: usize,
    /// The first of them.
    problems: &'s [Problem],
    /// Where all of them are listed.
    status: Option<&'static str>,
    /// Why what is published is not current.
    stale: Option<&'s str>,
    /// Counts what the sync tools have said.
    sync: u64,
}

impl<'s> Told<'s> {
    fn new(state: &'s State, page: &str) -> Told<'s> {
        let shown = state.shown.as_deref();
        let problems = shown.map_or(&[][..], |shown| &shown.problems);
        let file = |path: &str| {
            shown.and_then(|shown| shown.files.get(path).map(|(_, published)| published))
        };
        Told {
            ready: shown.is_some(),
            version: file(page).map(|published| published.content.hex(32)),
            looks: shown.map_or("", |shown| &shown.looks),
            scripts: shown.map_or("", |shown| &shown.scripts),
            count: problems.len(),
            problems: &problems[..problems.len().min(TOLD)],
            status: file("status/index.html").map(|_| "/status/index.html"),
            stale: state.stale.as_deref(),
            sync: state.said,
        }
    }
}
