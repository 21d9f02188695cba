//! New messages: the form, its preview, the list of drafts, and sending.

use super::super::site::Site;
use super::answer::{self, Page, on_desk, show};
use super::asked::{Asked, Taken};
use super::forms::{self, Compose, Scene};
use super::intake::Intake;
use super::once::{apart, built};
use super::{Folder, Letter, Source, Subject, Target, Which, Writing, marks};
use crate::hash::{Hash, Inputs};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use std::sync::Arc;

/// Answers with the form for a new message.
pub async fn form(asked: Asked) -> Response {
    let (writing, headers) = (&asked.writing, &asked.headers);
    let mut letter = Letter {
        to: asked.get("to").unwrap_or_default().to_owned(),
        reply: asked.get("reply").map(str::to_owned),
        ..Letter::default()
    };
    let mut files = Vec::new();
    if let Some(which @ Which::Draft(_, _)) = asked.which() {
        let name = asked.get("draft").unwrap_or_default().to_owned();
        match on_desk(writing, move |desk| desk.read(&which)).await {
            Some(Ok(Some(Source { text, version, files: attached }))) => {
                letter.text = text;
                letter.draft = Some((name, version));
                files = attached;
            }
            Some(Ok(None)) | None => {
                return answer::missing(writing, headers, "write_gone").await;
            }
            Some(Err(why)) => {
                return answer::say(writing, headers, StatusCode::CONFLICT, &why).await;
            }
        }
    }
    let fixed = !letter.to.is_empty();
    let kept = Kept { letter, fixed, files, refused: None, lost_files: false };
    show_form(writing, headers, kept).await
}

/// What a form shows.
struct Kept {
    letter: Letter,
    /// Whether its address named the contact, so that it is not asked for.
    fixed: bool,
    files: Vec<String>,
    refused: Option<String>,
    lost_files: bool,
}

/// Answers with the form, filled with what there is.
async fn show_form(writing: &Writing, headers: &HeaderMap, kept: Kept) -> Response {
    let Kept { mut letter, fixed, files, refused, lost_files } = kept;
    let words = writing.desk.words();
    let targets = writing.desk.targets();
    if targets.is_empty() {
        return answer::missing(writing, headers, "write_no_targets").await;
    }
    let reply = match &letter.reply {
        Some(page) => match writing.desk.message(page) {
            Some(subject) => Some(subject),
            None if refused.is_none() => {
                return answer::missing(writing, headers, "write_gone").await;
            }
            None => None,
        },
        None => None,
    };
    let known = |to: &str| targets.iter().any(|target| target.name == to);
    if refused.is_none() && !letter.to.is_empty() && !known(&letter.to) {
        return answer::missing(writing, headers, "write_unknown").await;
    }
    let fixed = fixed && reply.is_none() && known(&letter.to);
    if letter.to.is_empty() {
        letter.to = usual_target(&targets, reply.as_ref()).unwrap_or_default();
    }
    let nonce = writing.desk.secret();
    let scene = Scene { writing, words: &words, nonce: &nonce, refused: refused.as_deref() };
    let shown = Compose {
        letter: &letter,
        targets: &targets,
        fixed,
        reply: reply.as_ref(),
        files: &files,
        lost_files,
    };
    let html = forms::compose(&scene, &shown);
    let target = targets.iter().find(|target| target.name == letter.to).filter(|_| fixed);
    let title = forms::title(&words, reply.is_some(), target);
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    show(writing, headers, Page::new(&title, html).with_status(status)).await
}

/// Returns where a message usually goes that says nothing of it: into the conversation or channel
/// of mine that it answers, or to the only one there is. Else it is asked.
fn usual_target(targets: &[Target], reply: Option<&Subject>) -> Option<String> {
    let same = reply.and_then(|subject| targets.iter().find(|t| t.name == subject.contact));
    let only = targets.first().filter(|_| targets.len() == 1);
    same.or(only).map(|target| target.name.clone())
}

fn letter_of(intake: &mut Intake) -> Letter {
    Letter {
        to: intake.field("to").to_owned(),
        text: intake.field("text").to_owned(),
        title: intake.field("title").to_owned(),
        tags: intake.field("tags").to_owned(),
        reply: intake.some("reply"),
        page: intake.some("page"),
        draft: intake.some("draft").map(|name| (name, intake.field("version").to_owned())),
        keep_location: intake.field("strip") != "yes",
        files: std::mem::take(&mut intake.files),
    }
}

/// Writes what a form says, and leads to its page.
pub async fn send(State(site): State<Arc<Site>>, mut taken: Taken) -> Response {
    let letter = letter_of(&mut taken.intake);
    let folder = match taken.intake.field("do") {
        "draft" => Folder::Drafts,
        _ => Folder::Outbox,
    };
    let key = key(taken.intake.field("nonce"), &letter, folder);
    apart(async move { taken.writing.once(key, deliver(&site, &taken, letter, folder)).await })
        .await
}

/// Writes a message, and returns where the browser goes on; or the form again, with the reason.
async fn deliver(
    site: &Site,
    taken: &Taken,
    letter: Letter,
    folder: Folder,
) -> Result<String, Response> {
    let (writing, intake) = (&taken.writing, &taken.intake);
    let mut typed = letter.typed();
    let lost_files = !letter.files.is_empty() || intake.refused.is_some();
    let posted = match &intake.refused {
        Some(why) => Err(why.clone()),
        None => on_desk(writing, move |desk| desk.post(letter, folder))
            .await
            .unwrap_or_else(|| Err(writing.desk.words().get("write_fault").to_owned())),
    };
    let written = match posted {
        Ok(written) => written,
        Err(why) => {
            let (files, lost_files) = match draft_files(writing, &typed).await {
                Some(files) => (files, lost_files),
                // The draft is gone, and its files with it: what was typed is a new message.
                None => {
                    typed.draft = None;
                    (Vec::new(), true)
                }
            };
            let fixed = intake.field("fixed") == "yes";
            let kept = Kept { letter: typed, fixed, files, refused: Some(why), lost_files };
            return Err(show_form(writing, &taken.headers, kept).await);
        }
    };
    let nonce = intake.field("nonce");
    let query = forms::query(&[("to", &typed.to), ("sent", nonce)]);
    if folder == Folder::Drafts {
        return Ok(format!("/_app/drafts{query}"));
    }
    match built(site, writing, &written).await {
        Some(page) => Ok(marks::landing(&page, nonce)),
        None => Ok(format!("/_app/written{query}")),
    }
}

/// Answers that a message was written that has no page yet.
pub async fn written(asked: Asked) -> Response {
    let (writing, headers) = (&asked.writing, &asked.headers);
    let to = asked.get("to").unwrap_or_default();
    let Some(target) = writing.desk.targets().into_iter().find(|target| target.name == to) else {
        return answer::missing(writing, headers, "write_unknown").await;
    };
    let words = writing.desk.words();
    let page = Page::new(words.get("write_written"), forms::written(&words, &target));
    show(writing, headers, Page { head: marks::SENT.to_owned(), ..page }).await
}

/// Returns the names of the files of the draft that a message was; nothing where that draft is
/// gone.
async fn draft_files(writing: &Writing, letter: &Letter) -> Option<Vec<String>> {
    let Some((name, _)) = &letter.draft else { return Some(Vec::new()) };
    let which = Which::Draft(letter.to.clone(), name.clone());
    match on_desk(writing, move |desk| desk.read(&which)).await {
        Some(Ok(Some(source))) => Some(source.files),
        Some(Ok(None)) => None,
        Some(Err(_)) | None => Some(Vec::new()),
    }
}

/// Returns what a form is known by once it was taken: a browser that goes back and sends another
/// text means another message.
fn key(nonce: &str, letter: &Letter, folder: Folder) -> Hash {
    let inputs = Inputs::new("form").text(nonce).text(&letter.to).text(&letter.text);
    let inputs = inputs.text(&letter.title).text(&letter.tags).text(&format!("{folder:?}"));
    let inputs =
        letter.files.iter().fold(inputs, |inputs, file| inputs.text(&file.name).number(file.size));
    Hash::of(inputs.finish().to_string().as_bytes())
}

/// Answers with the page that a message would have.
pub async fn preview(mut taken: Taken) -> Response {
    let mut letter = letter_of(&mut taken.intake);
    let (writing, headers) = (&taken.writing, &taken.headers);
    let page = match taken.intake.refused {
        Some(why) => Some(Err(why)),
        None => on_desk(writing, move |desk| desk.preview(&mut letter)).await,
    };
    let (status, why) = match page {
        Some(Ok(page)) => return answer::preview(&page),
        Some(Err(why)) => (StatusCode::UNPROCESSABLE_ENTITY, why),
        None => {
            let why = writing.desk.words().get("write_fault").to_owned();
            (StatusCode::INTERNAL_SERVER_ERROR, why)
        }
    };
    answer::framed(answer::say(writing, headers, status, &why).await)
}

/// Answers with the drafts for a contact.
pub async fn drafts(asked: Asked) -> Response {
    let (writing, headers) = (&asked.writing, &asked.headers);
    let to = asked.get("to").unwrap_or_default().to_owned();
    let Some(target) = writing.desk.targets().into_iter().find(|target| target.name == to) else {
        return answer::missing(writing, headers, "write_unknown").await;
    };
    let words = writing.desk.words();
    match on_desk(writing, move |desk| desk.drafts(&to)).await {
        Some(Ok(drafts)) => {
            let html = forms::drafts(&words, &target, &drafts);
            let title = words.with("write_drafts_for", &target.title);
            let head = if asked.get("sent").is_some() { marks::SENT } else { "" };
            let page = Page { head: head.to_owned(), ..Page::new(&title, html) };
            show(writing, headers, page).await
        }
        Some(Err(why)) => answer::say(writing, headers, StatusCode::CONFLICT, &why).await,
        None => answer::missing(writing, headers, "write_fault").await,
    }
}
