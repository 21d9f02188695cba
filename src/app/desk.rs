//! The desk of a running process: what people write by the server goes through here to the disk.
//!
//! What there is to write to, to answer and to edit is known from the last build, which the process
//! hands over ([`Clerk::update`]); what is written is built at once ([`Event::Written`]).

mod preview;
mod reading;

use super::Event;
use crate::disk::Known;
use crate::disk::outbox::{self, Deleted, Location, NotAttached, Outbox, Replaced};
use crate::hash::Hash;
use crate::library::{Contact, Edition, Kind, Message, Side};
use crate::limits::Limits;
use crate::message::Tag;
use crate::message::draft::Draft;
use crate::path::{OutPath, RelPath};
use crate::reading::Mark;
use crate::render::{Look, html};
use crate::serve::write::{
    self, Desk, Folder, Frame, Letter, Place, Source, Subject, Target, Which,
};
use crate::text::cut;
use crate::time::Now;
use crate::words::Words;
use anyhow::{Context, Result, bail};
use reading::Keeping;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

/// Writes for the server.
pub struct Clerk {
    base: PathBuf,
    now: Box<dyn Fn() -> Result<Now> + Send + Sync>,
    known: Mutex<Option<Arc<Known>>>,
    /// The loop that builds.
    events: Mutex<Sender<Event>>,
    /// What one has read, where that is kept.
    keeping: Option<Keeping>,
}

/// How long the first words of a message are that is answered.
const EXCERPT: usize = 240;
/// How long the words are that stand for a draft.
const DRAFT: usize = 80;

impl Clerk {
    /// Prepares to write in a base folder. `now` is the time of messages; `events` is told what was
    /// written.
    pub fn new(
        base: PathBuf,
        now: impl Fn() -> Result<Now> + Send + Sync + 'static,
        events: Sender<Event>,
    ) -> Clerk {
        Clerk {
            base,
            now: Box::new(now),
            known: Mutex::new(None),
            events: Mutex::new(events),
            keeping: None,
        }
    }

    /// Keeps what one has read in a state folder. Returns also what is to be said of what is there.
    pub fn keep_reading(self, state: &Path) -> (Clerk, Option<String>) {
        let (keeping, told) = Keeping::open(state);
        (Clerk { keeping: Some(keeping), ..self }, told)
    }

    /// Takes in what a build worked with. To be called before the server is told of the build.
    pub fn update(&self, known: Option<Known>) {
        if let Some(known) = known {
            *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(known));
        }
    }

    pub(super) fn known(&self) -> Option<Arc<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Has contacts built that were written to.
    fn written(&self, contact: &str) {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        // The loop has ended: the next start builds it.
        let _ = events.send(Event::Written(vec![contact.to_owned()]));
    }

    /// Returns a name that is one of my contacts to which can be written.
    ///
    /// What a form says is compared with what the program found itself, and is never a path.
    fn own(&self, name: &str) -> Result<String> {
        let own = self.targets().into_iter().find(|target| target.name == name);
        match own {
            Some(target) => Ok(target.name),
            None => bail!("{}", self.words().get("write_unknown")),
        }
    }

    fn find(&self, page: &str) -> Option<Arc<Message>> {
        self.known().and_then(|known| find(&known, page))
    }

    /// Opens the box of a file of mine, and names the file in it.
    fn open(&self, which: &Which) -> Result<Option<(Outbox, RelPath)>> {
        match which {
            Which::Page(page) => {
                let message = self.find(page).filter(|message| message.side == Side::Outbox);
                let Some(message) = message else { return Ok(None) };
                Ok(Some((Outbox::of(&self.base, &message.head.name)?, message.file.clone())))
            }
            Which::Draft(to, name) => {
                let drafts = Outbox::existing_drafts_of(&self.base, &self.own(to)?)?;
                let Some(drafts) = drafts else { return Ok(None) };
                // One of those that are there: a name is no path.
                let path = drafts.messages()?.into_iter().find(|path| path.as_str() == name);
                Ok(path.map(|path| (drafts, path)))
            }
        }
    }

    fn draft_of(&self, letter: &Letter) -> Result<Draft> {
        let mut draft = Draft {
            text: letter.text.clone(),
            title: Some(letter.title.trim().to_owned()).filter(|title| !title.is_empty()),
            tags: self.tags(&letter.tags)?,
            ..Draft::default()
        };
        if let Some(page) = &letter.reply {
            let answered = self.find(page).context(self.words().get("write_gone").to_owned())?;
            draft.in_reply_to = Some(answered.reply_id().to_string());
        }
        Ok(draft)
    }

    fn tags(&self, line: &str) -> Result<Vec<Tag>> {
        let labels = line.split(|c: char| c.is_whitespace() || c == ',');
        let labels = labels.map(|label| label.trim_start_matches('#'));
        let parse = |label: &str| {
            let label = crate::diagnostic::shown(label);
            Tag::parse(&label).with_context(|| self.words().with("write_bad_tag", &label))
        };
        labels.filter(|label| !label.is_empty()).map(parse).collect()
    }

    fn write(&self, letter: Letter, folder: Folder) -> Result<write::Written> {
        let to = self.own(&letter.to)?;
        let draft = self.draft_of(&letter)?;
        let began_from = match &letter.draft {
            Some((name, version)) => {
                let opened = self.open(&Which::Draft(to.clone(), name.clone()))?;
                // Its files are with it: without them the message would not be what was meant.
                let (drafts, path) =
                    opened.with_context(|| self.words().get("write_gone").to_owned())?;
                Some((drafts, path, version.clone()))
            }
            None => None,
        };
        let uploads = letter.files.into_iter();
        let mut uploads: Vec<_> =
            uploads.map(|upload| outbox::Upload::reader(upload.name, upload.file)).collect();
        if let Some((drafts, path, _)) = &began_from {
            uploads.extend(drafts.attached(path)?);
        }
        let location = if letter.keep_location { Location::Kept } else { Location::Removed };
        let boxed = match folder {
            Folder::Outbox => Outbox::of(&self.base, &to)?,
            Folder::Drafts => Outbox::drafts_of(&self.base, &to)?,
        };
        let now = (self.now)()?;
        let written = boxed.post(&draft, uploads, location, now)?;
        if folder == Folder::Outbox {
            self.written(&to);
        }
        if let Some((drafts, path, version)) = began_from {
            // What was sent goes to the trash, and only if it is what was sent: else both are kept.
            // Where that fails the draft stays too: the message has gone out.
            if let Ok(Some(edit)) = drafts.read(&path)
                && edit.source.hex(VERSION) == version
            {
                let _ = drafts.delete(&path, Some(edit.source), now);
            }
        }
        Ok(write::Written { path: written.path, source: written.source })
    }

    fn replace(&self, page: &str, began_from: &str, text: &str) -> Result<write::Saved> {
        let Some((boxed, path)) = self.open(&Which::Page(page.to_owned()))? else {
            return Ok(write::Saved::Conflict(None));
        };
        let Some(edit) = boxed.read(&path)? else { return Ok(write::Saved::Conflict(None)) };
        if edit.source.hex(VERSION) != began_from {
            return Ok(write::Saved::Conflict(Some(source_of(edit, Vec::new()))));
        }
        match boxed.replace(&path, edit.source, text, (self.now)()?)? {
            Replaced::Done { source, .. } => {
                self.written(boxed.contact());
                let path = format!("{}/{}/{path}", boxed.contact(), Side::Outbox.folder());
                let path = RelPath::parse(&path).context("no plain path")?;
                Ok(write::Saved::Done(write::Written { path, source }))
            }
            Replaced::Same => Ok(write::Saved::Same),
            Replaced::Conflict(conflict) => {
                let theirs = conflict.theirs.map(|edit| source_of(edit, Vec::new()));
                Ok(write::Saved::Conflict(theirs))
            }
        }
    }

    fn remove(&self, which: &Which, shown: &str) -> Result<write::Deleted> {
        let Some((boxed, path)) = self.open(which)? else { return Ok(write::Deleted::Done) };
        let Some(edit) = boxed.read(&path)? else { return Ok(write::Deleted::Done) };
        if edit.source.hex(VERSION) != shown {
            return Ok(write::Deleted::Changed);
        }
        match boxed.delete(&path, Some(edit.source), (self.now)()?)? {
            Deleted::Changed(_) => Ok(write::Deleted::Changed),
            Deleted::Done(_) | Deleted::Gone => {
                self.written(boxed.contact());
                Ok(write::Deleted::Done)
            }
        }
    }

    fn list(&self, to: &str) -> Result<Vec<write::Draft>> {
        let Some(drafts) = Outbox::existing_drafts_of(&self.base, &self.own(to)?)? else {
            return Ok(Vec::new());
        };
        let mut lines = Vec::new();
        for path in drafts.messages()? {
            let Ok(Some(edit)) = drafts.read(&path) else { continue };
            let words = Draft { text: edit.text, ..Draft::default() }.words();
            let words = if words.is_empty() { path.to_string() } else { cut(&words, DRAFT) };
            lines.push(write::Draft { name: path.to_string(), words });
        }
        Ok(lines)
    }

    fn source(&self, which: &Which) -> Result<Option<Source>> {
        let Some((boxed, path)) = self.open(which)? else { return Ok(None) };
        let Some(edit) = boxed.read(&path)? else { return Ok(None) };
        let files = boxed.attached(&path)?.iter().map(|file| file.name().to_owned()).collect();
        Ok(Some(source_of(edit, files)))
    }

    /// Says what went wrong, without the places of this machine.
    fn told<T>(&self, result: Result<T>) -> Result<T, String> {
        result.map_err(|error| {
            let about_place = match error.downcast_ref::<NotAttached>() {
                Some(not) if not.for_its_place => self.words().get("write_or_keep").to_owned(),
                _ => String::new(),
            };
            let base = format!("{}{}", self.base.display(), std::path::MAIN_SEPARATOR);
            format!("{error:#}{about_place}").replace(&base, "")
        })
    }
}

/// How many digits tell versions apart.
const VERSION: usize = 32;

fn source_of(edit: outbox::Edit, files: Vec<String>) -> Source {
    Source { version: edit.source.hex(VERSION), text: edit.text, files }
}

/// Returns the path of a message in its box.
fn in_box(path: &RelPath) -> Result<RelPath> {
    let below: Vec<&str> = path.parts().skip(2).collect();
    RelPath::parse(&below.join("/")).context("no plain path")
}

/// Returns the message of a page.
fn find(known: &Known, page: &str) -> Option<Arc<Message>> {
    let below = |contact: &&Arc<Contact>| {
        page.strip_prefix(contact.head.dir.as_str()).is_some_and(|rest| rest.starts_with('/'))
    };
    let mut messages = known.contacts.iter().filter(below).flat_map(|contact| &contact.messages);
    messages.find(|message| message.page.as_str() == page).cloned()
}

/// Returns what pages of the reader edition are made with.
fn look(known: &Known) -> Look<'_> {
    let heads: Vec<_> = known.contacts.iter().map(|contact| Arc::clone(&contact.head)).collect();
    Look::new(Edition::Reader, &known.settings, &known.theme, &heads)
}

impl Desk for Clerk {
    fn secret(&self) -> String {
        outbox::secret()
    }

    fn words(&self) -> Words {
        self.known().map_or_else(Words::default, |known| known.theme.words.clone())
    }

    fn frame(&self, title: &str) -> Option<Frame> {
        let known = self.known()?;
        let html = html::app(title, &look(&known)).ok()?;
        Some(Frame { html, mark: html::APP })
    }

    fn limits(&self) -> Limits {
        self.known().map_or_else(Limits::default, |known| known.settings.limits.clone())
    }

    fn targets(&self) -> Vec<Target> {
        let Some(known) = self.known() else { return Vec::new() };
        let own = known.contacts.iter().filter(|contact| contact.head.kind != Kind::Subscription);
        let target = |contact: &Arc<Contact>| {
            let head = &contact.head;
            Some(Target {
                name: head.name.clone(),
                title: head.title.clone(),
                kind: head.kind.word(),
                page: OutPath::parse(&format!("{}/index.html", head.dir))?,
            })
        };
        own.filter_map(target).collect()
    }

    fn message(&self, page: &str) -> Option<Subject> {
        let known = self.known()?;
        let message = find(&known, page)?;
        let head = &message.head;
        let words = &known.theme.words;
        let name = html::name(&message, words);
        let mine = message.side == Side::Outbox;
        let author = match &message.author {
            Some(person) => person.name.clone(),
            None if mine => words.get("me").to_owned(),
            None => head.title.clone(),
        };
        let excerpt = cut(&message.meta.excerpt, EXCERPT);
        Some(Subject {
            page: message.page.clone(),
            contact: head.name.clone(),
            contact_page: OutPath::parse(&format!("{}/index.html", head.dir))?,
            mine,
            private: head.kind == Kind::Conversation,
            excerpt: if excerpt == name { String::new() } else { excerpt },
            name,
            author,
        })
    }

    fn spool(&self) -> Result<File, String> {
        self.told(outbox::spool(&self.base))
    }

    fn post(&self, letter: Letter, folder: Folder) -> Result<write::Written, String> {
        self.told(self.write(letter, folder))
    }

    fn preview(&self, letter: &mut Letter) -> Result<String, String> {
        self.told(self.preview_of(letter))
    }

    fn place_of(&self, written: &write::Written) -> Place {
        let Some(known) = self.known() else { return Place::Unbuilt };
        let mut messages = known.contacts.iter().flat_map(|contact| &contact.messages);
        let is_it = |message: &&Arc<Message>| {
            message.is_at(written.path.as_str()) && message.source == written.source
        };
        if let Some(message) = messages.find(is_it) {
            return Place::At(message.page.clone());
        }
        let contact = written.path.parts().next().unwrap_or_default();
        let input = known.inputs.iter().find(|input| input.name == contact);
        let posts = input.and_then(|input| input.outbox.as_ref()).map(|boxed| &boxed.posts);
        let read = posts.into_iter().flatten().any(|post| {
            let is_it = in_box(&written.path).is_ok_and(|path| path == post.file.path);
            is_it && post.source == written.source
        });
        if read { Place::Nowhere } else { Place::Unbuilt }
    }

    fn drafts(&self, to: &str) -> Result<Vec<write::Draft>, String> {
        self.told(self.list(to))
    }

    fn read(&self, which: &Which) -> Result<Option<Source>, String> {
        self.told(self.source(which))
    }

    fn save(&self, page: &str, began_from: &str, text: &str) -> Result<write::Saved, String> {
        self.told(self.replace(page, began_from, text))
    }

    fn delete(&self, which: &Which, shown: &str) -> Result<write::Deleted, String> {
        self.told(self.remove(which, shown))
    }

    fn reading(&self) -> Result<write::Shown, String> {
        self.told(self.shown())
    }

    fn mark(&self, marks: &[Mark]) -> Result<(), String> {
        self.told(self.apply(marks))
    }
}

/// Returns the hash of a text as a file has it.
fn source_hash(text: &str) -> Hash {
    Hash::of(text.as_bytes())
}
