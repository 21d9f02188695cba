//! Bodies of messages: read and rendered only for outputs that are written.

use super::Look;
use crate::diagnostic::Owner;
use crate::fields::{Fields, File};
use crate::library::{Edition, Message, Notice, Side};
use crate::message::{self, Tag, body};
use crate::names::{self, Spot};
use crate::path::OutPath;
use crate::sanitize::SafeHtml;
use std::collections::HashMap;
use std::sync::Arc;

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

/// The bodies that a group of outputs shows, each rendered once.
pub struct Bodies<'b> {
    texts: &'b dyn Texts,
    look: &'b Look<'b>,
    done: HashMap<OutPath, Option<Arc<Body>>>,
}

impl<'b> Bodies<'b> {
    /// Begins a group.
    pub fn new(texts: &'b dyn Texts, look: &'b Look<'b>) -> Bodies<'b> {
        Bodies { texts, look, done: HashMap::new() }
    }

    /// Returns the body of a message, or `None` where its text is gone.
    pub fn get(&mut self, message: &Message) -> Option<Arc<Body>> {
        if let Some(done) = self.done.get(&message.page) {
            return done.clone();
        }
        let body = self.render(message).map(Arc::new);
        self.done.insert(message.page.clone(), body.clone());
        body
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
            tag: &tag_page,
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

/// Returns what the ids of a message's body begin with: a function of its address.
fn prefix(message: &Message) -> String {
    format!("m{}", crate::hash::Hash::of(message.page.as_str().as_bytes()).hex(8))
}

/// Returns the page of a tag. An edition that shows a message has the pages of its tags.
pub(super) fn tag_page(tag: &Tag) -> Option<OutPath> {
    let dir = names::out_name(&tag.key(), Spot::Tag);
    OutPath::parse(&format!("tags/{dir}/index.html"))
}
