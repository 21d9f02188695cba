//! Bodies of messages: read and rendered only for outputs that are written.

use super::Look;
use crate::diagnostic::Owner;
use crate::fields::{Fields, File};
use crate::library::{Edition, Message, Notice, Side};
use crate::limits::KEPT_BODIES;
use crate::message::{self, Tag, body};
use crate::names::{self, Spot};
use crate::path::OutPath;
use crate::plan::Output;
use crate::sanitize::SafeHtml;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Hands out the text of a message, decoded and redacted.
pub trait Texts: Sync {
    /// Returns the text, or `None` where the file has changed or gone since it was listed: then
    /// the output is left for the next build.
    fn text(&self, message: &Message) -> Option<String>;
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

/// The bodies that outputs of an edition show. One that several of them show is kept until the
/// last of these has been made, as far as there is room ([`KEPT_BODIES`]).
pub struct Bodies<'b> {
    texts: &'b dyn Texts,
    look: &'b Look<'b>,
    shelf: Mutex<Shelf<'b>>,
}

#[derive(Default)]
struct Shelf<'b> {
    /// By page: how many outputs have yet to show a body, and the body once it was made.
    places: HashMap<&'b OutPath, (usize, Option<Arc<Body>>)>,
    /// How many bytes all bodies on the shelf have.
    size: usize,
}

impl<'b> Bodies<'b> {
    /// Prepares to make these outputs.
    pub fn new(
        texts: &'b dyn Texts,
        look: &'b Look<'b>,
        outputs: impl Iterator<Item = &'b Output>,
    ) -> Bodies<'b> {
        let mut shelf = Shelf::default();
        for message in outputs.flat_map(Output::bodies) {
            shelf.places.entry(&message.page).or_default().0 += 1;
        }
        shelf.places.retain(|_, (waiting, _)| *waiting > 1);
        Bodies { texts, look, shelf: Mutex::new(shelf) }
    }

    /// Returns the body of a message, or `None` where its text is gone. An output asks once for
    /// each body that it shows.
    pub fn get(&self, message: &Message) -> Option<Arc<Body>> {
        if let Some(body) = self.shelf().take(&message.page) {
            return Some(body);
        }
        let body = Arc::new(self.render(message)?);
        self.shelf().put(&message.page, &body);
        Some(body)
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf<'b>> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn render(&self, message: &Message) -> Option<Body> {
        if let Some(Notice::TooLarge(_)) = message.notice {
            return Some(Body::default());
        }
        let text = self.texts.text(message)?;
        let file = File { path: "", text: &text, owner: Owner::Own };
        let split = message::split(file).value;
        let own = message.side == Side::Outbox;
        let prefix = prefix(message);
        let env = body::Env {
            prefix: &prefix,
            find: &|address| message.find(address),
            tag: &|tag| carries(message, tag).then(|| tag_page(tag)).flatten(),
            remote_images: own
                && self.look.edition == Edition::Public
                && self.look.settings.remote_images,
            local_links: self.look.edition == Edition::Reader,
            skip_title: message.meta.title_in_text,
            words: &self.look.theme.words,
        };
        let html = body::render(split.body(&text), &env);
        let extra = split.extra;
        let source = (self.look.edition == Edition::Reader).then_some(text);
        Some(Body { html, extra, text: source })
    }
}

impl Shelf<'_> {
    /// Returns a body that was put here; the last one who waits for it takes it away.
    fn take(&mut self, page: &OutPath) -> Option<Arc<Body>> {
        let body = Arc::clone(self.places.get(page)?.1.as_ref()?);
        self.shown(page);
        Some(body)
    }

    /// Puts a body here that has been shown once, if others wait for it and there is room.
    fn put(&mut self, page: &OutPath, body: &Arc<Body>) {
        self.shown(page);
        let Some((_, place)) = self.places.get_mut(page) else { return };
        if place.is_none() && self.size + body.size() <= KEPT_BODIES {
            *place = Some(Arc::clone(body));
            self.size += body.size();
        }
    }

    fn shown(&mut self, page: &OutPath) {
        let Some((waiting, _)) = self.places.get_mut(page) else { return };
        *waiting -= 1;
        if *waiting == 0
            && let Some((_, Some(body))) = self.places.remove(page)
        {
            self.size -= body.size();
        }
    }
}

impl Body {
    fn size(&self) -> usize {
        self.html.len() + self.text.as_ref().map_or(0, String::len)
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
