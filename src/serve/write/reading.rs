//! What one has read, starred and muted: one state for all browsers, asked for and changed by the
//! script of the theme.
//!
//! `GET /_app/reading` gives the state with the token that a change has to bring. `POST
//! /_app/reading` changes it and gives the new one. Both speak JSON, which no form of another site
//! can send without being asked for; `guard` and `gate` hold as for all that writes.

use super::super::files::with;
use super::super::guard::plain;
use super::answer::on_desk;
use super::asked::Asked;
use super::{Shown, Writing, gate};
use crate::reading::Mark;
use crate::serve::site::Site;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// The largest change: a few thousand pages.
const MOST: usize = 256 << 10;
/// How long it may take to come.
const TIME: Duration = Duration::from_secs(10);

/// The element that tells a page's script that this state is there.
pub const SIGN: &str = "<meta name=\"handbill-reading\">";

#[derive(Serialize)]
struct Told<'t> {
    token: &'t str,
    #[serde(flatten)]
    shown: Shown,
}

#[derive(Deserialize)]
struct Change {
    token: String,
    marks: Vec<Mark>,
}

/// Answers with the state.
pub async fn show(asked: Asked) -> Response {
    tell(&asked.writing).await
}

/// Changes it.
pub async fn change(State(site): State<Arc<Site>>, request: Request) -> Response {
    let Some(writing) = site.writing() else {
        return plain(StatusCode::NOT_FOUND, "Nothing is kept here: this server only shows.\n");
    };
    let headers = request.headers();
    if gate::is_from_here(headers).is_err() {
        return plain(StatusCode::FORBIDDEN, "No page of this server asks for this.\n");
    }
    if !is_json(headers) {
        return plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "A change is JSON.\n");
    }
    // As with forms: whoever sends slowly holds one of a few places, and not for long.
    let Ok(_place) = Arc::clone(&writing.forms).try_acquire_owned() else {
        let words = "Too much is being sent. Try again.\n";
        return with(plain(StatusCode::SERVICE_UNAVAILABLE, words), RETRY_AFTER, "5");
    };
    let Ok(taken) = timeout(TIME, to_bytes(request.into_body(), MOST)).await else {
        return plain(StatusCode::REQUEST_TIMEOUT, "That came too slowly.\n");
    };
    let Ok(bytes) = taken else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE, "That is too much at once.\n");
    };
    let Ok(Change { token, marks }) = serde_json::from_slice(&bytes) else {
        return plain(StatusCode::BAD_REQUEST, "That is no change.\n");
    };
    if !writing.admits(&token) {
        return plain(StatusCode::FORBIDDEN, "The server was started anew: load the page again.\n");
    }
    match on_desk(&writing, move |desk| desk.mark(&marks)).await {
        Some(Ok(())) => tell(&writing).await,
        Some(Err(why)) => failed(why),
        None => failed(String::new()),
    }
}

async fn tell(writing: &Writing) -> Response {
    match on_desk(writing, |desk| desk.reading()).await {
        Some(Ok(shown)) => {
            let told = Told { token: &writing.token, shown };
            let bytes = serde_json::to_vec(&told).unwrap_or_default();
            with(Body::from(bytes).into_response(), CONTENT_TYPE, "application/json")
        }
        Some(Err(why)) => failed(why),
        None => failed(String::new()),
    }
}

fn failed(why: String) -> Response {
    let response = (StatusCode::INTERNAL_SERVER_ERROR, why).into_response();
    with(response, CONTENT_TYPE, "text/plain; charset=utf-8")
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}
