//! Writing in the browser: new messages, replies, drafts, edits, deletions.
//!
//! 1. [`Desk`] is what the server asks for everything that is not HTTP: it knows the contacts, and
//!    writes. The rest of the program implements it; nothing here touches a box.
//! 2. `marks` puts links to these pages into published pages, as they are sent.
//! 3. `asked` gives the handlers what they need: `intake` takes in a form, and `gate` sees that it is
//!    one of ours.
//! 4. `forms` makes the forms; `answer` puts them into the frame that the theme gives.
//! 5. `reading` tells and changes what one has read and starred.
//! 6. `compose` and `change` are what the addresses below `/_app/` lead to; `once` sees that what is
//!    sent twice has one effect.
//!
//! A GET never changes anything, and no address fills in a text. A POST is taken from a page of this
//! server alone (`gate`), and once: a form that is sent twice has one effect.

mod answer;
mod asked;
mod change;
mod compose;
mod flow;
mod forms;
mod gate;
mod intake;
pub(super) mod marks;
mod once;
pub(super) mod reading;

pub use intake::Upload;

use super::live;
use super::site::Site;
use crate::hash::Hash;
use crate::limits::Limits;
use crate::path::{OutPath, RelPath};
use crate::reading::{Mark, Reading};
use crate::words::Words;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use serde::Serialize;
use std::collections::VecDeque;
use std::fs::File;
use std::sync::Arc;
use tokio::sync::{Mutex, Semaphore};

/// What can be written to, and how. What gives a `Result` may block, and so may `frame`.
///
/// Errors are sentences for the person who writes: what is wrong and what to do.
pub trait Desk: Send + Sync {
    /// Returns a text that nobody can guess, another each time.
    fn secret(&self) -> String;
    /// Returns the words of the interface.
    fn words(&self) -> Words;
    /// Returns a page of the theme with `mark` in it where its text belongs; nothing before the
    /// first build.
    fn frame(&self, title: &str) -> Option<Frame>;
    /// Returns what may be sent.
    fn limits(&self) -> Limits;
    /// Returns my channels and conversations, by name.
    fn targets(&self) -> Vec<Target>;
    /// Returns what the page of a message shows.
    fn message(&self, page: &str) -> Option<Subject>;
    /// Makes a file for what comes in; it is gone when it is closed.
    fn spool(&self) -> Result<File, String>;
    /// Writes a new message, and has it built.
    fn post(&self, letter: Letter, folder: Folder) -> Result<Written, String>;
    /// Returns the page that a message would have, or `text` in the place of the one it names.
    fn preview(&self, letter: &mut Letter) -> Result<String, String>;
    /// Returns where what was written is shown, by the last build.
    fn place_of(&self, written: &Written) -> Place;
    /// Returns the drafts for a contact, the newest first.
    fn drafts(&self, to: &str) -> Result<Vec<Draft>, String>;
    /// Returns the text of a message or draft of mine; nothing where there is no such file.
    fn read(&self, which: &Which) -> Result<Option<Source>, String>;
    /// Writes a text in the place of the version that an edit began from, and has it built.
    fn save(&self, page: &str, began_from: &str, text: &str) -> Result<Saved, String>;
    /// Moves the version that was shown to the trash, and has it built.
    fn delete(&self, which: &Which, shown: &str) -> Result<Deleted, String>;
    /// Returns what one has read and starred.
    fn reading(&self) -> Result<Shown, String>;
    /// Changes that.
    fn mark(&self, marks: &[Mark]) -> Result<(), String>;
}

/// What one has read, as a page is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The state; nothing is unread of contacts that are muted.
    #[serde(flatten)]
    pub reading: Reading,
    /// The addresses of contacts that are muted.
    pub muted: Vec<String>,
    /// The addresses of contacts that can be: all in which others write.
    pub others: Vec<String>,
}

/// A page of the theme, and what stands in it for its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The page.
    pub html: String,
    /// What stands for the text.
    pub mark: &'static str,
}

/// A contact of mine that can be written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The name of its folder.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// `channel` or `conversation`.
    pub kind: &'static str,
    /// Its page.
    pub page: OutPath,
}

/// A message that can be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Its page.
    pub page: OutPath,
    /// The name of its contact's folder.
    pub contact: String,
    /// The page of its contact.
    pub contact_page: OutPath,
    /// Whether it is mine: then it can be edited.
    pub mine: bool,
    /// Whether it is part of a conversation.
    pub private: bool,
    /// Words that stand for it.
    pub name: String,
    /// Its first words, where they are not its name.
    pub excerpt: String,
    /// Who wrote it.
    pub author: String,
}

/// What a person wants to say.
#[derive(Debug, Default)]
pub struct Letter {
    /// The contact it goes to.
    pub to: String,
    /// The Markdown.
    pub text: String,
    /// The title.
    pub title: String,
    /// Tags, in one line.
    pub tags: String,
    /// The page of the message that it answers.
    pub reply: Option<String>,
    /// The page of a message of mine that this is another version of: for a preview.
    pub page: Option<String>,
    /// The draft that it was, with the version that was shown.
    pub draft: Option<(String, String)>,
    /// Whether pictures keep what tells where they were taken.
    pub keep_location: bool,
    /// Files that come with it.
    pub files: Vec<Upload>,
}

impl Letter {
    /// Returns what was typed: all but the files, which a browser does not send again by itself.
    fn typed(&self) -> Letter {
        Letter {
            to: self.to.clone(),
            text: self.text.clone(),
            title: self.title.clone(),
            tags: self.tags.clone(),
            reply: self.reply.clone(),
            page: self.page.clone(),
            draft: self.draft.clone(),
            keep_location: self.keep_location,
            files: Vec::new(),
        }
    }
}

/// Where a message is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folder {
    /// Into the outbox: everybody with the key gets it.
    Outbox,
    /// Into the drafts folder: nobody does.
    Drafts,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The file below the base folder.
    pub path: RelPath,
    /// The hash of its bytes.
    pub source: Hash,
}

/// Where a message is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// It is not built yet.
    Unbuilt,
    /// It is known and has no page: it is held until its time comes.
    Nowhere,
    /// On this page.
    At(OutPath),
}

/// A draft in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its file name.
    pub name: String,
    /// Its first words.
    pub words: String,
}

/// A file of mine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// The message that a page shows.
    Page(String),
    /// A draft: the contact, the name of the file.
    Draft(String, String),
}

/// The whole text of a file, its header included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The text.
    pub text: String,
    /// What tells this version from others.
    pub version: String,
    /// The files that come with it.
    pub files: Vec<String>,
}

/// What became of an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saved {
    /// It was written.
    Done(Written),
    /// It says what was there already.
    Same,
    /// There is another version now, or none: nothing was written.
    Conflict(Option<Source>),
}

/// What became of a deletion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deleted {
    /// It is in the trash, or was gone already.
    Done,
    /// There is another version than the one that was shown: nothing was moved.
    Changed,
}

/// How many forms are taken in at once.
const FORMS: usize = 16;

/// What the server remembers for writing.
pub(super) struct Writing {
    desk: Arc<dyn Desk>,
    /// Stands in every form of this run: whoever sends one has seen it.
    token: String,
    /// How many more forms can be taken in now: each may fill some memory.
    forms: Arc<Semaphore>,
    /// Where the forms that were taken led, so that one that is sent twice leads there too.
    done: Mutex<VecDeque<(Hash, String)>>,
}

impl std::fmt::Debug for Writing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Writing")
    }
}

impl Writing {
    pub fn new(desk: Arc<dyn Desk>) -> Writing {
        let token = desk.secret();
        Writing { desk, token, forms: Arc::new(Semaphore::new(FORMS)), done: Mutex::default() }
    }
}

/// Returns the pages for writing.
pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/_app/compose", get(compose::form).post(compose::send))
        .route("/_app/preview", axum::routing::post(compose::preview))
        .route("/_app/drafts", get(compose::drafts))
        .route("/_app/written", get(compose::written))
        .route("/_app/edit", get(change::edit_form).post(change::edit))
        .route("/_app/reading", get(reading::show).post(reading::change))
        .route("/_app/delete", get(change::delete_form).post(change::delete))
        .route("/_app/compose.js", get(compose_js))
        .route("/_app/sent.js", get(sent_js))
        .route("/_app/write.css", get(write_css))
        // `intake` counts: by the settings, and with an answer that keeps what was typed.
        .layer(DefaultBodyLimit::disable())
}

async fn compose_js(headers: HeaderMap) -> Response {
    live::script_asset(&headers, include_str!("../assets/compose.js"))
}

async fn sent_js(headers: HeaderMap) -> Response {
    live::script_asset(&headers, include_str!("../assets/sent.js"))
}

async fn write_css(headers: HeaderMap) -> Response {
    live::style_asset(&headers, include_str!("../assets/write.css"))
}
