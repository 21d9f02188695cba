//! Pages of the server itself, in the frame that the theme gives.

use super::super::files::{starting, with};
use super::super::{page, policy};
use super::Writing;
use super::gate::Closed;
use super::intake::Broken;
use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderMap, REFERRER_POLICY};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use tokio::task::spawn_blocking;

/// A page to be put into the frame.
pub struct Page {
    /// Its title.
    pub title: String,
    /// Its text, as HTML.
    pub html: String,
    /// What goes with it.
    pub status: StatusCode,
    /// An element for its head.
    pub head: String,
}

impl Page {
    /// Returns a page that is all right.
    pub fn new(title: &str, html: String) -> Page {
        Page { title: title.to_owned(), html, status: StatusCode::OK, head: String::new() }
    }

    /// The same with another status.
    pub fn with_status(self, status: StatusCode) -> Page {
        Page { status, ..self }
    }
}

/// What the policy of these pages says. Scripts and the server's own styles are added as for any
/// page. Pictures are those of the frame; the preview is the one thing that is framed.
const OWN: &str = "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; \
                   form-action 'self'";

/// The policy of a preview: a page of the theme in which nothing runs and nothing is sent, to be
/// framed by this server alone. Attached pictures come in it, for they have no address yet.
const PREVIEW: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
                       media-src 'self'; base-uri 'none'; form-action 'none'; \
                       frame-ancestors 'self'";

/// Answers with a page in the frame.
///
/// A browser says `Origin: null` with what a page sends that says `no-referrer` (Fetch, 3.2), so
/// these pages say `same-origin`.
pub async fn show(writing: &Writing, headers: &HeaderMap, page: Page) -> Response {
    let desk = Arc::clone(&writing.desk);
    let title = page.title.clone();
    let frame = spawn_blocking(move || desk.frame(&title)).await.ok().flatten();
    let Some(frame) = frame else { return starting("/") };
    // In what one writes, scripts of the server alone run.
    let whole = without_scripts(&frame.html).replacen(frame.mark, &page.html, 1);
    let own = "<link rel=\"stylesheet\" href=\"/_app/write.css\">\
               <script src=\"/_app/compose.js\" defer></script>";
    let served = page::prepare(&whole, &format!("{own}{}", page.head));
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("invalid");
    let policy = policy::of_page(&[OWN.to_owned()], host);
    let mut response = html(served.html);
    *response.status_mut() = page.status;
    let response = with(response, REFERRER_POLICY, "same-origin");
    with(response, CONTENT_SECURITY_POLICY, &policy)
}

/// Answers with a preview. Its links open elsewhere: nothing but it is framed.
pub fn preview(whole: &str) -> Response {
    let served = page::prepare(&without_scripts(whole), "<base target=\"_blank\">");
    let response = html(served.html);
    let response = with(response, CONTENT_SECURITY_POLICY, PREVIEW);
    with(response, axum::http::header::X_FRAME_OPTIONS, "SAMEORIGIN")
}

/// Returns a page without the scripts of its theme. What somebody wrote has none.
fn without_scripts(page: &str) -> String {
    let mut rest = page;
    let mut out = String::with_capacity(page.len());
    while let Some((before, script)) = rest.split_once("<script") {
        out.push_str(before);
        rest = script.split_once("</script>").map_or("", |(_, after)| after);
    }
    out + rest
}

/// Lets an answer that says why there is no preview stand in the place of one.
pub fn framed(response: Response) -> Response {
    let response = with(response, CONTENT_SECURITY_POLICY, PREVIEW);
    with(response, axum::http::header::X_FRAME_OPTIONS, "SAMEORIGIN")
}

fn html(bytes: Vec<u8>) -> Response {
    with(Body::from(bytes).into_response(), CONTENT_TYPE, "text/html; charset=utf-8")
}

/// Answers with a page that says what went wrong, in a sentence.
pub async fn say(
    writing: &Writing,
    headers: &HeaderMap,
    status: StatusCode,
    text: &str,
) -> Response {
    let words = writing.desk.words();
    let mut html = format!("<h1>{}</h1>\n<p class=\"lead\">", words.get("write_failed"));
    crate::text::escape_into(&mut html, text);
    html.push_str("</p>\n");
    let page = Page::new(words.get("write_failed"), html).with_status(status);
    show(writing, headers, page).await
}

/// Answers a form that was not sent by one of our pages.
pub async fn closed(writing: &Writing, headers: &HeaderMap, why: Closed) -> Response {
    let status = match why {
        Closed::Foreign => StatusCode::FORBIDDEN,
        Closed::Kind => StatusCode::UNSUPPORTED_MEDIA_TYPE,
    };
    let text = writing.desk.words().get("write_foreign").to_owned();
    say(writing, headers, status, &text).await
}

/// Answers a form that could not be read. One with an old token is of a server that has been
/// started anew since; the browser goes back to it with all that was typed.
pub async fn broken(writing: &Writing, headers: &HeaderMap, why: Broken) -> Response {
    let (status, key) = match why {
        Broken::Cut => (StatusCode::BAD_REQUEST, "write_cut"),
        Broken::Token => (StatusCode::FORBIDDEN, "write_old_form"),
    };
    let text = writing.desk.words().get(key).to_owned();
    say(writing, headers, status, &text).await
}

/// Answers where there is no such thing to write to or to change.
pub async fn missing(writing: &Writing, headers: &HeaderMap, key: &str) -> Response {
    let text = writing.desk.words().get(key).to_owned();
    say(writing, headers, StatusCode::NOT_FOUND, &text).await
}

/// Asks the desk, which may block; nothing where it panics.
pub async fn on_desk<T: Send + 'static>(
    writing: &Writing,
    ask: impl FnOnce(&dyn super::Desk) -> T + Send + 'static,
) -> Option<T> {
    let desk = Arc::clone(&writing.desk);
    spawn_blocking(move || ask(&*desk)).await.ok()
}
