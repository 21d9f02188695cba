//! Editing and deleting one's own messages, and deleting drafts.

use super::super::site::Site;
use super::answer::{self, Page, on_desk, show};
use super::asked::{Asked, Taken};
use super::forms::{self, Edit, Scene};
use super::once::{apart, built, gone};
use super::{Deleted, Saved, Source, Subject, Which, Writing, marks};
use crate::hash::{Hash, Inputs};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use std::sync::Arc;

/// Returns a message of mine by its page.
fn own(writing: &Writing, page: &str) -> Option<Subject> {
    writing.desk.message(page).filter(|subject| subject.mine)
}

/// Answers with the form for an edit.
pub async fn edit_form(asked: Asked) -> Response {
    let (writing, headers) = (&asked.writing, &asked.headers);
    let Some(subject) = asked.get("page").and_then(|page| own(writing, page)) else {
        return answer::missing(writing, headers, "write_gone").await;
    };
    let which = Which::Page(subject.page.to_string());
    match on_desk(writing, move |desk| desk.read(&which)).await {
        Some(Ok(Some(Source { text, version, .. }))) => {
            let (text, version) = (text.as_str(), version.as_str());
            let shown = Edit { subject: &subject, text, version, theirs: None };
            show_edit(writing, headers, &shown, None).await
        }
        Some(Ok(None)) | None => answer::missing(writing, headers, "write_gone").await,
        Some(Err(why)) => answer::say(writing, headers, StatusCode::CONFLICT, &why).await,
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
pub async fn edit(State(site): State<Arc<Site>>, taken: Taken) -> Response {
    let field = |name| taken.intake.field(name);
    let key = Inputs::new("edit").text(field("nonce")).text(field("version")).text(field("text"));
    let key = Hash::of(key.finish().to_string().as_bytes());
    apart(async move { taken.writing.once(key, replace(&site, &taken)).await }).await
}

/// Writes an edit, and returns where the browser goes on; or the form again, with the reason.
async fn replace(site: &Site, taken: &Taken) -> Result<String, Response> {
    let (writing, headers, intake) = (&taken.writing, &taken.headers, &taken.intake);
    let (text, version) = (intake.field("text"), intake.field("version"));
    let Some(subject) = own(writing, intake.field("page")) else {
        return Err(lost(writing, headers, text).await);
    };
    let place = marks::landing(&subject.page, intake.field("nonce"));
    let words = writing.desk.words();
    let shown = Edit { subject: &subject, text, version, theirs: None };
    let refuse = async |why: &str| {
        let refused = Some((StatusCode::UNPROCESSABLE_ENTITY, why));
        Err(show_edit(writing, headers, &shown, refused).await)
    };
    if let Some(why) = &intake.refused {
        return refuse(why).await;
    }
    let (page, began, new) = (subject.page.to_string(), version.to_owned(), text.to_owned());
    match on_desk(writing, move |desk| desk.save(&page, &began, &new)).await {
        Some(Ok(Saved::Done(written))) => {
            built(site, writing, &written).await;
            Ok(place)
        }
        Some(Ok(Saved::Same)) => Ok(place),
        Some(Ok(Saved::Conflict(Some(theirs)))) => {
            let shown = Edit { version: &theirs.version, theirs: Some(&theirs.text), ..shown };
            let refused = Some((StatusCode::CONFLICT, words.get("write_conflict")));
            Err(show_edit(writing, headers, &shown, refused).await)
        }
        Some(Ok(Saved::Conflict(None))) => Err(lost(writing, headers, text).await),
        Some(Err(why)) => refuse(&why).await,
        None => refuse(words.get("write_fault")).await,
    }
}

/// Answers an edit of what is gone meanwhile, with the text, so that it can be kept.
async fn lost(writing: &Writing, headers: &HeaderMap, text: &str) -> Response {
    let words = writing.desk.words();
    let html = forms::lost(&words, text);
    let page = Page::new(words.get("write_failed"), html).with_status(StatusCode::CONFLICT);
    show(writing, headers, page).await
}

/// Answers with the form that asks before something is deleted.
pub async fn delete_form(asked: Asked) -> Response {
    match asked.which() {
        Some(which) => ask(&asked.writing, &asked.headers, which, None).await,
        None => answer::missing(&asked.writing, &asked.headers, "write_gone").await,
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
pub async fn delete(State(site): State<Arc<Site>>, taken: Taken) -> Response {
    let key = Inputs::new("delete").text(taken.intake.field("nonce")).finish().to_string();
    let key = Hash::of(key.as_bytes());
    apart(async move { taken.writing.once(key, remove(&site, &taken)).await }).await
}

/// Deletes, and returns where the browser goes on; or the form again, with the reason.
async fn remove(site: &Site, taken: &Taken) -> Result<String, Response> {
    let (writing, headers) = (&taken.writing, &taken.headers);
    let named = taken.which();
    let place = named.as_ref().and_then(|which| around(writing, which));
    let (Some(which), Some((_, place))) = (named, place) else {
        return Err(answer::missing(writing, headers, "write_gone").await);
    };
    let (asked, version) = (which.clone(), taken.intake.field("version").to_owned());
    match on_desk(writing, move |desk| desk.delete(&asked, &version)).await {
        Some(Ok(Deleted::Done)) => {
            if let Which::Page(page) = &which {
                gone(site, page).await;
            }
            Ok(place)
        }
        Some(Ok(Deleted::Changed)) => {
            let words = writing.desk.words();
            Err(ask(writing, headers, which, Some(words.get("write_delete_changed"))).await)
        }
        Some(Err(why)) => Err(answer::say(writing, headers, StatusCode::CONFLICT, &why).await),
        None => Err(answer::missing(writing, headers, "write_fault").await),
    }
}
