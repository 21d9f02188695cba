//! Bodies of messages: read and rendered only for outputs that are written.

use super::Look;
use crate::diagnostic::Owner;
use crate::fields::{Fields, File};
use crate::hash::Fingerprint;
use crate::library::history::Version;
use crate::library::{Edition, Message, Notice, Side};
use crate::limits::KEPT_BODIES;
use crate::message::{self, Tag, body};
use crate::names::{self, Spot};
use crate::path::OutPath;
use crate::sanitize::SafeHtml;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Hands out the text of a message, decoded and redacted.
pub trait Texts: Sync {
    /// Returns the text, or `None` where the file has changed or gone since it was listed: then
    /// the output is left for the next build.
    fn text(&self, message: &Message) -> Option<String>;

    /// Returns the text of an earlier version, or `None` where it is not kept.
    fn earlier(&self, _version: &Version) -> Option<String> {
        None
    }
}

/// A rendered body and what else the text holds.
#[derive(Debug, Default)]
pub struct Body {
    /// The HTML.
    pub html: SafeHtml,
    /// `[extra]` of the header.
    pub extra: Fields,
    /// The text as it was written, where the page shows it: in the reader edition.
    pub text: Option<String>,
}

/// The bodies that outputs of an edition show.
pub struct Bodies<'b> {
    texts: &'b dyn Texts,
    look: &'b Look<'b>,
    made: Arc<MadeBodies>,
}

/// The bodies of an edition that were made last, as far as there is room ([`KEPT_BODIES`]): several
/// outputs show the same, and the next build shows most of them again.
///
/// Sound as a cache because a body is a pure function of its message, which its fingerprint stands for,
/// and of what all pages of the edition share: who keeps bodies lets go of them when that changes.
#[derive(Default)]
pub struct MadeBodies(Mutex<Shelf>);

#[derive(Default)]
struct Shelf {
    /// By page, with the hash of the message.
    bodies: HashMap<OutPath, (Fingerprint, Arc<Body>)>,
    /// The pages, in the order in which the bodies were put here.
    order: VecDeque<OutPath>,
    /// How many bytes all bodies on the shelf have.
    size: usize,
}

impl<'b> Bodies<'b> {
    /// Prepares to make outputs of an edition.
    pub fn new(texts: &'b dyn Texts, look: &'b Look<'b>) -> Bodies<'b> {
        Bodies::with(texts, look, Arc::default())
    }

    /// Prepares to make outputs of an edition of which some bodies were `made` already.
    pub fn with(texts: &'b dyn Texts, look: &'b Look<'b>, made: Arc<MadeBodies>) -> Bodies<'b> {
        Bodies { texts, look, made }
    }

    /// Returns the body of a message, or `None` where its text is gone.
    pub fn get(&self, message: &Message) -> Option<Arc<Body>> {
        if let Some(body) = self.made.shelf().get(message) {
            return Some(body);
        }
        let body = Arc::new(self.render(message)?);
        self.made.shelf().put(message, &body);
        Some(body)
    }

    /// Returns the text of a message as it was written, or `None` where it is gone.
    pub fn source(&self, message: &Message) -> Option<String> {
        self.texts.text(message)
    }

    /// Returns the text of an earlier version, or `None` where it is not kept.
    pub fn earlier(&self, version: &Version) -> Option<String> {
        version.size.and_then(|_| self.texts.earlier(version))
    }

    fn render(&self, message: &Message) -> Option<Body> {
        if let Some(Notice::TooLarge(_)) = message.rare.notice {
            return Some(Body::default());
        }
        let mut text = self.texts.text(message)?;
        let file = File { path: "", text: &text, owner: Owner::Own };
        let split = message::split(file).value;
        let own = message.side == Side::Outbox;
        let prefix = prefix(message);
        let env = body::Env {
            prefix: &prefix,
            find: &|address| message.find(address),
            beside: &|path| message.beside(path),
            tag: &|tag| carries(message, tag).then(|| tag_page(tag)).flatten(),
            remote_images: own
                && self.look.edition == Edition::Public
                && self.look.settings.remote_images,
            local_links: self.look.edition == Edition::Reader,
            skip_title: message.meta.title_in_text,
            words: &self.look.theme.words,
        };
        let mut html = body::render(split.body(&text), &env);
        let extra = split.extra;
        // It may stay on the shelf for a while.
        html.shrink_to_fit();
        text.shrink_to_fit();
        let source = (self.look.edition == Edition::Reader).then_some(text);
        Some(Body { html, extra, text: source })
    }
}

impl MadeBodies {
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf {
    /// Returns the body of a message, if it was made of the same.
    fn get(&self, message: &Message) -> Option<Arc<Body>> {
        let (from, body) = self.bodies.get(&message.page)?;
        (*from == message.fingerprint).then(|| Arc::clone(body))
    }

    /// Puts a body here; the oldest give way.
    fn put(&mut self, message: &Message, body: &Arc<Body>) {
        if body.size() > KEPT_BODIES {
            return;
        }
        let (page, made) = (&message.page, (message.fingerprint, Arc::clone(body)));
        match self.bodies.insert(page.clone(), made) {
            Some((_, before)) => self.size -= before.size(),
            None => self.order.push_back(page.clone()),
        }
        self.size += body.size();
        while self.size > KEPT_BODIES
            && let Some(oldest) = self.order.pop_front()
        {
            self.size -= self.bodies.remove(&oldest).map_or(0, |(_, body)| body.size());
        }
    }
}

impl Body {
    /// Returns about how many bytes it takes, with what is known of it.
    fn size(&self) -> usize {
        128 + self.html.len() + self.text.as_ref().map_or(0, String::len)
    }
}

/// Returns what the ids of a message's body begin with: a function of its address.
fn prefix(message: &Message) -> String {
    format!("m{}", crate::hash::Hash::of(message.page.as_str().as_bytes()).hex(8))
}

fn carries(message: &Message, tag: &Tag) -> bool {
    let key = tag.key();
    message.meta.tags.iter().any(|own| own.key() == key)
}

/// Returns the page of a tag. An edition that shows a message has the pages of its tags.
pub(super) fn tag_page(tag: &Tag) -> Option<OutPath> {
    let dir = names::out_name(&tag.key(), Spot::Tag);
    OutPath::parse(&format!("tags/{dir}/index.html"))
}
