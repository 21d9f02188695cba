//! New messages: the form, its preview, the list of drafts, and sending.

use super::super::files::with;
use super::super::site::Site;
use super::answer::{self, Page, on_desk, show};
use super::forms::{self, Compose, Scene};
use super::intake::{self, Intake};
use super::{Folder, Letter, Place, Source, Subject, Target, Which, Writing, Written, gate, marks};
use crate::hash::{Hash, Inputs};
use crate::path::OutPath;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{HeaderMap, LOCATION};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use url::form_urlencoded;

/// How long a page that was written is waited for.
const BUILT: Duration = Duration::from_secs(5);
/// How many sent forms are remembered.
const REMEMBERED: usize = 256;

/// The words of an address.
pub struct Asked(BTreeMap<String, String>);

impl Asked {
    /// Returns what stands behind the `?` of an address.
    pub fn of(uri: &Uri) -> Asked {
        let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        Asked(pairs.into_owned().collect())
    }

    /// Returns a word.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|word| !word.is_empty())
    }

    /// Returns the file that the address names.
    pub fn which(&self) -> Option<Which> {
        which(self.get("page"), self.get("to"), self.get("draft"))
    }
}

/// Returns the file that is named by a page, or by a contact and a draft.
pub fn which(page: Option<&str>, to: Option<&str>, draft: Option<&str>) -> Option<Which> {
    match (page, to, draft) {
        (Some(page), _, None) => Some(Which::Page(page.to_owned())),
        (None, Some(to), Some(name)) => Some(Which::Draft(to.to_owned(), name.to_owned())),
        _ => None,
    }
}

/// Answers with the form for a new message.
pub async fn form(State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap) -> Response {
    let writing = match answer::writing(&site) {
        Ok(writing) => writing,
        Err(response) => return *response,
    };
    let asked = Asked::of(&uri);
    let mut letter = Letter {
        to: asked.get("to").unwrap_or_default().to_owned(),
        reply: asked.get("reply").map(str::to_owned),
        ..Letter::default()
    };
    let mut files = Vec::new();
    if let Some(which @ Which::Draft(_, _)) = asked.which() {
        let name = asked.get("draft").unwrap_or_default().to_owned();
        match on_desk(&writing, move |desk| desk.read(&which)).await {
            Some(Ok(Some(Source { text, version, files: attached }))) => {
                letter.text = text;
                letter.draft = Some((name, version));
                files = attached;
            }
            Some(Ok(None)) | None => {
                return answer::missing(&writing, &headers, "write_gone").await;
            }
            Some(Err(why)) => {
                return answer::say(&writing, &headers, StatusCode::CONFLICT, &why).await;
            }
        }
    }
    let kept = Kept { letter, files, refused: None, lost_files: false };
    show_form(&writing, &headers, kept).await
}

/// What a form shows.
struct Kept {
    letter: Letter,
    files: Vec<String>,
    refused: Option<String>,
    lost_files: bool,
}

/// Answers with the form, filled with what there is.
async fn show_form(writing: &Writing, headers: &HeaderMap, kept: Kept) -> Response {
    let Kept { mut letter, files, refused, lost_files } = kept;
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
    let fixed = reply.is_none() && known(&letter.to);
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

/// Reads a form that was sent, or answers why it is not taken.
pub async fn taken(
    writing: &Writing,
    request: Request<Body>,
) -> Result<(HeaderMap, Intake), Box<Response>> {
    let headers = request.headers().clone();
    if let Err(why) = gate::head(&headers) {
        return Err(Box::new(answer::closed(writing, &headers, why).await));
    }
    match intake::take(request, &*writing.desk, |token| writing.admits(token)).await {
        Ok(intake) => Ok((headers, intake)),
        Err(why) => Err(Box::new(answer::broken(writing, &headers, why).await)),
    }
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
pub async fn send(State(site): State<Arc<Site>>, request: Request<Body>) -> Response {
    let writing = match answer::writing(&site) {
        Ok(writing) => writing,
        Err(response) => return *response,
    };
    let (headers, mut intake) = match taken(&writing, request).await {
        Ok(taken) => taken,
        Err(response) => return *response,
    };
    let folder = match intake.field("do") {
        "draft" => Folder::Drafts,
        _ => Folder::Outbox,
    };
    let nonce = intake.field("nonce").to_owned();
    let letter = letter_of(&mut intake);
    let again = Letter {
        to: letter.to.clone(),
        text: letter.text.clone(),
        title: letter.title.clone(),
        tags: letter.tags.clone(),
        reply: letter.reply.clone(),
        page: None,
        draft: letter.draft.clone(),
        keep_location: letter.keep_location,
        files: Vec::new(),
    };
    let lost_files = !letter.files.is_empty() || intake.refused.is_some();
    let key = key(&nonce, &letter, folder);
    let mut done = writing.done.lock().await;
    if let Some((_, place)) = done.iter().find(|(known, _)| *known == key) {
        return see_other(place);
    }
    let posted = match intake.refused {
        Some(why) => Err(why),
        None => on_desk(&writing, move |desk| desk.post(letter, folder))
            .await
            .unwrap_or_else(|| Err(writing.desk.words().get("write_fault").to_owned())),
    };
    let written = match posted {
        Ok(written) => written,
        Err(why) => {
            drop(done);
            let files = files_of(&writing, &again).await;
            let kept = Kept { letter: again, files, refused: Some(why), lost_files };
            return show_form(&writing, &headers, kept).await;
        }
    };
    let place = match folder {
        Folder::Drafts => {
            let sent = forms::query(&[("to", &again.to), ("sent", &nonce)]);
            Some(format!("/_app/drafts{sent}"))
        }
        Folder::Outbox => {
            built(&site, &writing, &written).await.map(|page| marks::landing(&page, &nonce))
        }
    };
    let place = place.unwrap_or_else(|| {
        format!("/_app/written{}", forms::query(&[("to", &again.to), ("sent", &nonce)]))
    });
    remember(&mut done, key, &place);
    see_other(&place)
}

/// Answers that a message was written that has no page yet.
pub async fn written(State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap) -> Response {
    let writing = match answer::writing(&site) {
        Ok(writing) => writing,
        Err(response) => return *response,
    };
    let asked = Asked::of(&uri);
    let to = asked.get("to").unwrap_or_default();
    let Some(target) = writing.desk.targets().into_iter().find(|target| target.name == to) else {
        return answer::missing(&writing, &headers, "write_unknown").await;
    };
    let words = writing.desk.words();
    let page = Page::new(words.get("write_written"), forms::written(&words, &target));
    show(&writing, &headers, Page { head: marks::SENT.to_owned(), ..page }).await
}

/// Returns the names of the files of the draft that a message was.
async fn files_of(writing: &Writing, letter: &Letter) -> Vec<String> {
    let Some((name, _)) = &letter.draft else { return Vec::new() };
    let which = Which::Draft(letter.to.clone(), name.clone());
    match on_desk(writing, move |desk| desk.read(&which)).await {
        Some(Ok(Some(source))) => source.files,
        _ => Vec::new(),
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

/// Remembers where a form led.
pub fn remember(done: &mut std::collections::VecDeque<(Hash, String)>, key: Hash, place: &str) {
    done.push_back((key, place.to_owned()));
    if done.len() > REMEMBERED {
        done.pop_front();
    }
}

/// Waits until what was written is served; not for ever, and not where it will have no page.
pub async fn built(site: &Site, writing: &Writing, written: &Written) -> Option<OutPath> {
    let place = || match writing.desk.place_of(written) {
        Place::Unbuilt => None,
        Place::Nowhere => Some(None),
        Place::At(page) => site.shown()?.files.contains_key(&page).then_some(Some(page)),
    };
    until(site, place).await.flatten()
}

/// Waits until something is there; it is looked for whenever a build is done.
pub async fn until<T>(site: &Site, find: impl Fn() -> Option<T>) -> Option<T> {
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
pub fn see_other(place: &str) -> Response {
    with(StatusCode::SEE_OTHER.into_response(), LOCATION, place)
}

/// Answers with the page that a message would have.
pub async fn preview(State(site): State<Arc<Site>>, request: Request<Body>) -> Response {
    let writing = match answer::writing(&site) {
        Ok(writing) => writing,
        Err(response) => return *response,
    };
    let (headers, mut intake) = match taken(&writing, request).await {
        Ok(taken) => taken,
        Err(response) => return *response,
    };
    let mut letter = letter_of(&mut intake);
    let page = match intake.refused {
        Some(why) => Some(Err(why)),
        None => on_desk(&writing, move |desk| desk.preview(&mut letter)).await,
    };
    match page {
        Some(Ok(page)) => answer::preview(&page),
        Some(Err(why)) => answer::framed(
            answer::say(&writing, &headers, StatusCode::UNPROCESSABLE_ENTITY, &why).await,
        ),
        None => answer::framed(
            answer::say(
                &writing,
                &headers,
                StatusCode::INTERNAL_SERVER_ERROR,
                writing.desk.words().get("write_fault"),
            )
            .await,
        ),
    }
}

/// Answers with the drafts for a contact.
pub async fn drafts(State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap) -> Response {
    let writing = match answer::writing(&site) {
        Ok(writing) => writing,
        Err(response) => return *response,
    };
    let asked = Asked::of(&uri);
    let to = asked.get("to").unwrap_or_default().to_owned();
    let Some(target) = writing.desk.targets().into_iter().find(|target| target.name == to) else {
        return answer::missing(&writing, &headers, "write_unknown").await;
    };
    let words = writing.desk.words();
    match on_desk(&writing, move |desk| desk.drafts(&to)).await {
        Some(Ok(drafts)) => {
            let html = forms::drafts(&words, &target, &drafts);
            let title = words.with("write_drafts_for", &target.title);
            let head = if asked.get("sent").is_some() { marks::SENT } else { "" };
            let page = Page { head: head.to_owned(), ..Page::new(&title, html) };
            show(&writing, &headers, page).await
        }
        Some(Err(why)) => answer::say(&writing, &headers, StatusCode::CONFLICT, &why).await,
        None => answer::missing(&writing, &headers, "write_fault").await,
    }
}
