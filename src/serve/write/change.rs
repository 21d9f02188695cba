//! Editing and deleting one's own messages, and deleting drafts.

use super::super::site::Site;
use super::answer::{self, Page, on_desk, show};
use super::compose::{Asked, built, remember, see_other, taken, until, which};
use super::forms::{self, Edit, Scene};
use super::{Deleted, Saved, Source, Subject, Which, Writing, marks};
use crate::hash::{Hash, Inputs};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::HeaderMap;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use std::sync::Arc;

/// Returns a message of mine by its page.
fn own(writing: &Writing, page: &str) -> Option<Subject> {
    writing.desk.message(page).filter(|subject| subject.mine)
}

/// Answers with the form for an edit.
pub async fn edit_form(State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap) -> Response {
    let writing = match answer::writing(&site) {
        Ok(writing) => writing,
        Err(response) => return *response,
    };
    let asked = Asked::of(&uri);
    let Some(subject) = asked.get("page").and_then(|page| own(&writing, page)) else {
        return answer::missing(&writing, &headers, "write_gone").await;
    };
    let which = Which::Page(subject.page.to_string());
    match on_desk(&writing, move |desk| desk.read(&which)).await {
        Some(Ok(Some(source))) => {
            let shown = Edit {
                subject: &subject,
                text: &source.text,
                version: &source.version,
                theirs: None,
            };
            show_edit(&writing, &headers, &shown, None).await
        }
        Some(Ok(None)) | None => answer::missing(&writing, &headers, "write_gone").await,
        Some(Err(why)) => answer::say(&writing, &headers, StatusCode::CONFLICT, &why).await,
    }
}

async fn show_edit(
    writing: &Writing,
    headers: &HeaderMap,
    shown: &Edit<'_>,
    refused: Option<(StatusCode, &str)>,
) -> Response {
    let words = writing.desk.words();
    let nonce = writing.desk.secret();
    let why = refused.map(|(_, why)| why);
    let scene = Scene { writing, words: &words, nonce: &nonce, refused: why };
    let html = forms::edit(&scene, shown);
    let status = refused.map_or(StatusCode::OK, |(status, _)| status);
    show(writing, headers, Page::new(words.get("write_edit_title"), html).with_status(status)).await
}

/// Writes an edit, and leads to the page.
pub async fn edit(State(site): State<Arc<Site>>, request: Request<Body>) -> Response {
    let writing = match answer::writing(&site) {
        Ok(writing) => writing,
        Err(response) => return *response,
    };
    let (headers, intake) = match taken(&writing, request).await {
        Ok(taken) => taken,
        Err(response) => return *response,
    };
    let (nonce, version) = (intake.field("nonce"), intake.field("version"));
    let text = intake.field("text");
    let Some(subject) = own(&writing, intake.field("page")) else {
        return lost(&writing, &headers, text).await;
    };
    let key = Inputs::new("edit").text(nonce).text(version).text(text).finish().to_string();
    let key = Hash::of(key.as_bytes());
    let mut done = writing.done.lock().await;
    if let Some((_, place)) = done.iter().find(|(known, _)| *known == key) {
        return see_other(place);
    }
    let shown = Edit { subject: &subject, text, version, theirs: None };
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    if let Some(why) = &intake.refused {
        return show_edit(&writing, &headers, &shown, Some((unprocessable, why))).await;
    }
    let (page, began, new) = (subject.page.to_string(), version.to_owned(), text.to_owned());
    let saved = on_desk(&writing, move |desk| desk.save(&page, &began, &new)).await;
    let words = writing.desk.words();
    match saved {
        Some(Ok(Saved::Done(written))) => {
            built(&site, &writing, &written).await;
            let place = marks::landing(&subject.page, nonce);
            remember(&mut done, key, &place);
            see_other(&place)
        }
        Some(Ok(Saved::Same)) => see_other(&marks::landing(&subject.page, nonce)),
        Some(Ok(Saved::Conflict(Some(theirs)))) => {
            let Source { text: other, version, .. } = theirs;
            let shown = Edit { version: &version, theirs: Some(&other), ..shown };
            let why = words.get("write_conflict");
            show_edit(&writing, &headers, &shown, Some((StatusCode::CONFLICT, why))).await
        }
        Some(Ok(Saved::Conflict(None))) => lost(&writing, &headers, text).await,
        Some(Err(why)) => show_edit(&writing, &headers, &shown, Some((unprocessable, &why))).await,
        None => {
            let why = words.get("write_fault");
            show_edit(&writing, &headers, &shown, Some((unprocessable, why))).await
        }
    }
}

/// Answers an edit of what is gone meanwhile, with the text, so that it can be kept.
async fn lost(writing: &Writing, headers: &HeaderMap, text: &str) -> Response {
    let words = writing.desk.words();
    let html = format!(
        "<h1>{}</h1>\n<p class=\"lead\">{}</p>\n<pre class=\"hb-text\" tabindex=\"0\" dir=\"auto\">\n{}</pre>\n",
        forms::esc(words.get("write_failed")),
        forms::esc(words.get("write_edit_gone")),
        forms::esc(text)
    );
    let page = Page::new(words.get("write_failed"), html).with_status(StatusCode::CONFLICT);
    show(writing, headers, page).await
}

/// Answers with the form that asks before something is deleted.
pub async fn delete_form(State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap) -> Response {
    let writing = match answer::writing(&site) {
        Ok(writing) => writing,
        Err(response) => return *response,
    };
    match Asked::of(&uri).which() {
        Some(which) => ask(&writing, &headers, which, None).await,
        None => answer::missing(&writing, &headers, "write_gone").await,
    }
}

/// Returns where one comes back to from the form, and where one goes once it is done; nothing
/// where there is nothing of mine.
fn around(writing: &Writing, which: &Which) -> Option<(String, String)> {
    match which {
        Which::Page(page) => {
            let subject = own(writing, page)?;
            Some((format!("/{}", subject.page), format!("/{}", subject.contact_page.address())))
        }
        Which::Draft(to, name) => {
            let back = forms::query(&[("to", to), ("draft", name)]);
            let list = forms::query(&[("to", to)]);
            Some((format!("/_app/compose{back}"), format!("/_app/drafts{list}")))
        }
    }
}

async fn ask(
    writing: &Writing,
    headers: &HeaderMap,
    which: Which,
    refused: Option<&str>,
) -> Response {
    let Some((back, _)) = around(writing, &which) else {
        return answer::missing(writing, headers, "write_gone").await;
    };
    let asked = which.clone();
    match on_desk(writing, move |desk| desk.read(&asked)).await {
        Some(Ok(Some(source))) => {
            let words = writing.desk.words();
            let nonce = writing.desk.secret();
            let scene = Scene { writing, words: &words, nonce: &nonce, refused };
            let html = forms::delete(&scene, &which, &source, &back);
            let status = refused.map_or(StatusCode::OK, |_| StatusCode::CONFLICT);
            let page = Page::new(words.get("write_delete"), html).with_status(status);
            show(writing, headers, page).await
        }
        Some(Ok(None)) | None => answer::missing(writing, headers, "write_gone").await,
        Some(Err(why)) => answer::say(writing, headers, StatusCode::CONFLICT, &why).await,
    }
}

/// Deletes, and leads to the list that it was in.
pub async fn delete(State(site): State<Arc<Site>>, request: Request<Body>) -> Response {
    let writing = match answer::writing(&site) {
        Ok(writing) => writing,
        Err(response) => return *response,
    };
    let (headers, intake) = match taken(&writing, request).await {
        Ok(taken) => taken,
        Err(response) => return *response,
    };
    let (page, to, draft) = (intake.some("page"), intake.some("to"), intake.some("draft"));
    let which = which(page.as_deref(), to.as_deref(), draft.as_deref());
    let key = Inputs::new("delete").text(intake.field("nonce")).finish().to_string();
    let key = Hash::of(key.as_bytes());
    let mut done = writing.done.lock().await;
    if let Some((_, place)) = done.iter().find(|(known, _)| *known == key) {
        return see_other(place);
    }
    let place = which.as_ref().and_then(|which| around(&writing, which));
    let (Some(which), Some((_, place))) = (which, place) else {
        return answer::missing(&writing, &headers, "write_gone").await;
    };
    let (asked, version) = (which.clone(), intake.field("version").to_owned());
    match on_desk(&writing, move |desk| desk.delete(&asked, &version)).await {
        Some(Ok(Deleted::Done)) => {
            if let Which::Page(page) = &which {
                let gone = || site.shown().filter(|shown| !shown.files.contains_key(&**page));
                until(&site, gone).await;
            }
            remember(&mut done, key, &place);
            see_other(&place)
        }
        Some(Ok(Deleted::Changed(_))) => {
            let words = writing.desk.words();
            ask(&writing, &headers, which, Some(words.get("write_delete_changed"))).await
        }
        Some(Err(why)) => answer::say(&writing, &headers, StatusCode::CONFLICT, &why).await,
        None => answer::missing(&writing, &headers, "write_fault").await,
    }
}
