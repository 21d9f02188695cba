//! The script of live reload, its style, and how a page refers to them.

use super::conditional::{Outcome, Validators, evaluate};
use super::files::with;
use super::site::Shown;
use crate::hash::Hash;
use crate::theme::{lean, squeeze};
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderMap};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use std::time::SystemTime;

const SCRIPT: &str = include_str!("assets/live.js");
const STYLE: &str = include_str!("assets/live.css");

/// What a page knows of itself, to tell whether it is the one that is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Version {
    /// The hash of its file.
    Of(Hash),
    /// There was no such file.
    Missing,
    /// Nothing had been built yet.
    Starting,
}

impl Version {
    /// Returns the version of a page's file.
    pub fn of(bytes: &[u8]) -> Version {
        Version::Of(Hash::of(bytes))
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Version::Of(hash) => f.write_str(&hash.hex(32)),
            Version::Missing => f.write_str("missing"),
            Version::Starting => f.write_str("starting"),
        }
    }
}

/// Returns the element that a page gets. `page` is a path of the edition: it needs no escaping.
pub fn tag(page: &str, version: &Version, shown: &Shown) -> String {
    script(page, version, &shown.looks, &shown.scripts)
}

fn script(page: &str, version: &Version, looks: &str, scripts: &str) -> String {
    format!(
        "<script src=\"/_app/live.js\" defer data-page=\"{page}\" data-version=\"{version}\" \
         data-looks=\"{looks}\" data-scripts=\"{scripts}\"></script>"
    )
}

/// The policy of [`starting`].
pub const STARTING_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                                   connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Returns what is shown in the place of every page before the first build is done.
pub fn starting(page: &str) -> String {
    let script = script(page, &Version::Starting, "", "");
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>Handbill</title>\n{script}\n\
         </head>\n<body>\n<p>The first build is under way. The page will be here when it is \
         done.</p>\n</body>\n</html>\n"
    )
}

/// Answers with the script.
pub async fn script_file(headers: HeaderMap) -> Response {
    script_asset(&headers, SCRIPT)
}

/// Answers with its style.
pub async fn style_file(headers: HeaderMap) -> Response {
    style_asset(&headers, STYLE)
}

/// Answers with a script of the server's own, without what only people need.
pub fn script_asset(headers: &HeaderMap, script: &str) -> Response {
    asset(headers, lean(script), "text/javascript; charset=utf-8")
}

/// Answers with a style sheet of the server's own, likewise.
pub fn style_asset(headers: &HeaderMap, css: &str) -> Response {
    asset(headers, squeeze(css), "text/css; charset=utf-8")
}

fn asset(headers: &HeaderMap, text: String, media_type: &'static str) -> Response {
    let tag = Hash::of(text.as_bytes()).hex(32);
    let file = Validators::new(&tag, None, SystemTime::UNIX_EPOCH);
    let mut response = match evaluate(headers, &file) {
        Outcome::Proceed => Body::from(text).into_response(),
        Outcome::NotModified => StatusCode::NOT_MODIFIED.into_response(),
        Outcome::Failed => StatusCode::PRECONDITION_FAILED.into_response(),
    };
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    with(response, ETAG, &file.etag)
}
