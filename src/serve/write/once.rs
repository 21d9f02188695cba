//! What is sent twice has one effect; and what was done is waited for until it can be seen.

use super::super::files::with;
use super::super::site::Site;
use super::{Place, Writing, Written};
use crate::hash::Hash;
use crate::path::OutPath;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use std::future::Future;
use std::time::Duration;

/// How long a page that was written is waited for.
const BUILT: Duration = Duration::from_secs(5);
/// How many sent forms are remembered.
const REMEMBERED: usize = 256;

impl Writing {
    /// Does what a form asks for, and leads to the place that comes of it; a form of the same `key`
    /// that was taken before leads to the place that came of that. What is refused can be sent
    /// again.
    ///
    /// One form at a time is acted on, so that the second of two waits for the first.
    pub async fn once(
        &self,
        key: Hash,
        act: impl Future<Output = Result<String, Response>>,
    ) -> Response {
        let mut done = self.done.lock().await;
        if let Some((_, place)) = done.iter().find(|(known, _)| *known == key) {
            return see_other(place);
        }
        match act.await {
            Ok(place) => {
                let response = see_other(&place);
                done.push_back((key, place));
                if done.len() > REMEMBERED {
                    done.pop_front();
                }
                response
            }
            Err(response) => response,
        }
    }
}

/// Answers by a task of its own: a browser that goes away, as when a form is sent again, must not
/// end half way what it has begun.
pub async fn apart(answer: impl Future<Output = Response> + Send + 'static) -> Response {
    let failed = |_| StatusCode::INTERNAL_SERVER_ERROR.into_response();
    tokio::spawn(answer).await.unwrap_or_else(failed)
}

/// Waits until what was written is served; not for ever, and not where it will have no page.
pub async fn built(site: &Site, writing: &Writing, written: &Written) -> Option<OutPath> {
    let place = || match writing.desk.place_of(written) {
        Place::Unbuilt => None,
        Place::Nowhere => Some(None),
        Place::At(page) => site.shown()?.files.get(page.as_str()).is_some().then_some(Some(page)),
    };
    until(site, place).await.flatten()
}

/// Waits until a page is no longer served; not for ever.
pub async fn gone(site: &Site, page: &str) {
    let is_gone = || site.shown().filter(|shown| shown.files.get(page).is_none());
    until(site, is_gone).await;
}

/// Waits until something is there; it is looked for whenever a build is done.
async fn until<T>(site: &Site, find: impl Fn() -> Option<T>) -> Option<T> {
    let mut states = site.subscribe();
    let look = async {
        loop {
            if let Some(found) = find() {
                return Some(found);
            }
            states.changed().await.ok()?;
        }
    };
    tokio::time::timeout(BUILT, look).await.ok().flatten()
}

/// Answers that the way goes on with a GET (RFC 9110, 15.4.4).
fn see_other(place: &str) -> Response {
    with(StatusCode::SEE_OTHER.into_response(), LOCATION, place)
}
