//! What the handlers are given: a desk that is there, the words of an address, a form that may be
//! taken.

use super::super::files::with;
use super::super::guard::plain;
use super::super::site::Site;
use super::intake::{self, Intake};
use super::{Which, Writing, answer, gate};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::RETRY_AFTER;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;
use url::form_urlencoded;

/// A page that is asked for with GET.
pub struct Asked {
    /// What is remembered for writing.
    pub writing: Arc<Writing>,
    /// The head of the request.
    pub headers: HeaderMap,
    words: BTreeMap<String, String>,
}

impl FromRequestParts<Arc<Site>> for Asked {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Asked, Response> {
        let query = parts.uri.query().unwrap_or_default();
        let words = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Ok(Asked { writing: open(site)?, headers: parts.headers.clone(), words })
    }
}

impl Asked {
    /// Returns a word of the address.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.words.get(name).map(String::as_str).filter(|word| !word.is_empty())
    }

    /// Returns the file that the address names.
    pub fn which(&self) -> Option<Which> {
        which(self.get("page"), self.get("to"), self.get("draft"))
    }
}

/// A form that was sent by a page of this run of the server.
pub struct Taken {
    /// What is remembered for writing.
    pub writing: Arc<Writing>,
    /// The head of the request.
    pub headers: HeaderMap,
    /// The form.
    pub intake: Intake,
    /// Its place among the forms that are taken at once.
    _place: OwnedSemaphorePermit,
}

impl FromRequest<Arc<Site>> for Taken {
    type Rejection = Response;

    async fn from_request(request: Request, site: &Arc<Site>) -> Result<Taken, Response> {
        let writing = open(site)?;
        let headers = request.headers().clone();
        if let Err(why) = gate::head(&headers) {
            return Err(answer::closed(&writing, &headers, why).await);
        }
        let Ok(place) = Arc::clone(&writing.forms).try_acquire_owned() else {
            let words = "Too many forms are being sent. Go back, and send this one again.\n";
            return Err(with(plain(StatusCode::SERVICE_UNAVAILABLE, words), RETRY_AFTER, "5"));
        };
        match intake::take(request, &writing.desk, |token| writing.admits(token)).await {
            Ok(intake) => Ok(Taken { writing, headers, intake, _place: place }),
            Err(why) => Err(answer::broken(&writing, &headers, why).await),
        }
    }
}

impl Taken {
    /// Returns the file that the form names.
    pub fn which(&self) -> Option<Which> {
        let field = |name| self.intake.some(name);
        which(field("page").as_deref(), field("to").as_deref(), field("draft").as_deref())
    }
}

/// Returns what is remembered for writing, or the answer where nothing can be written here.
#[expect(clippy::result_large_err, reason = "an answer is what the extractors refuse with")]
fn open(site: &Site) -> Result<Arc<Writing>, Response> {
    site.writing().ok_or_else(|| {
        let words = "Nothing can be written here: this server only shows.\n";
        plain(StatusCode::NOT_FOUND, words)
    })
}

/// Returns the file that is named by a page, or by a contact and a draft.
fn which(page: Option<&str>, to: Option<&str>, draft: Option<&str>) -> Option<Which> {
    match (page, to, draft) {
        (Some(page), _, None) => Some(Which::Page(page.to_owned())),
        (None, Some(to), Some(name)) => Some(Which::Draft(to.to_owned(), name.to_owned())),
        _ => None,
    }
}
