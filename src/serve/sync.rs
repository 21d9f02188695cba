//! What the sync tools say of the contacts, for the pages that show it.
//!
//! No published file holds it: it is of this moment and of this machine. The script of such a page
//! asks for it when live reload tells that there is something new.

use super::files::with;
use super::live::script_asset;
use super::site::Site;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::sync::Arc;

const SCRIPT: &str = include_str!("assets/sync.js");

/// An element for the head of a page that shows what the sync tools say.
pub const TAG: &str = "<script src=\"/_app/sync.js\" defer></script>";

/// What the sync tools say. Texts are sentences for people, safe to show.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Sync {
    /// The pages of all contacts, from the top of the edition: one of which nothing is said yet may
    /// be open when it is.
    #[serde(skip)]
    pub pages: Vec<String>,
    /// Of no single contact.
    pub general: Vec<Said>,
    /// Of contacts, in the order in which they are shown.
    pub contacts: Vec<SyncContact>,
}

/// What they say of a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SyncContact {
    /// What it is called.
    pub title: String,
    /// Its page, from the top of the edition.
    pub page: String,
    /// What is said.
    pub said: Vec<Said>,
}

/// A sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// The sentence.
    pub text: String,
    /// Whether something should be done about it.
    pub problem: bool,
    /// An address in it that leads to where that is done: on this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// Answers with what the sync tools say now.
pub async fn told(State(site): State<Arc<Site>>) -> Response {
    let sync = site.sync();
    // Texts always serialize.
    let json = serde_json::to_string(&*sync).unwrap_or_default();
    let response = ([(CONTENT_TYPE, "application/json")], json).into_response();
    with(response, CACHE_CONTROL, "no-store")
}

/// Answers with the script.
pub async fn script_file(headers: HeaderMap) -> Response {
    script_asset(&headers, SCRIPT)
}

/// Returns whether a page shows what the sync tools say: the pages of contacts, of all contacts, and
/// of what is wrong.
pub fn is_shown_on(sync: &Sync, page: &str) -> bool {
    matches!(page, "subscriptions/index.html" | "status/index.html")
        || sync.pages.iter().any(|contact| contact == page)
}
