//! Feeds: what the entries of one say, whatever the format.
//!
//! 1. [`feed`] makes an `Entry` of each message; the body is rendered once for all who show it.
//! 2. `atom` and `json` write them down.
//!
//! Nothing in a feed depends on when it was built, and nothing in an entry on other messages than its
//! own and the one it answers: what readers have seen does not become new again.

mod atom;
mod json;
mod pictures;

use super::view::{AuthorView, author_of, name, person, summary, thread_title};
use super::{Bodies, Look};
use crate::config::{FeedTitles, Subscribe};
use crate::library::{
    Attachment, Edition, Head, Kind, Message, Node, Side, Target, channel_namespace,
};
use crate::limits::FEED_HTML;
use crate::message::Tag;
use crate::path::OutPath;
use crate::plan::{Feed, FeedOf, Format, Item, Part};
use crate::sanitize::SafeHtml;
use crate::text::{is_illegal, may_hold_illegal};
use crate::time::Stamp;
use std::borrow::Cow;
use uuid::Uuid;

/// Renders a feed in a format. A message whose text is gone is left out; the next build has it
/// again.
///
/// Returns the bytes, and whether all messages are in it.
pub fn feed(feed: &Feed, format: Format, look: &Look<'_>, bodies: &Bodies<'_>) -> (Vec<u8>, bool) {
    let frame = Frame { feed, look };
    let mut entries = Vec::with_capacity(feed.items.len());
    let (mut size, mut whole) = (0, true);
    for item in &feed.items {
        let Some(body) = bodies.get(&item.message) else {
            whole = false;
            continue;
        };
        size += body.html.len();
        let fits = size <= FEED_HTML || entries.is_empty();
        entries.push(frame.entry(item, fits.then_some(&body.html)));
    }
    let bytes = match format {
        Format::Atom => atom::document(&frame, entries),
        Format::Json => json::document(&frame, &entries),
    };
    (bytes, whole)
}

/// What all entries of a feed share.
struct Frame<'a> {
    feed: &'a Feed,
    look: &'a Look<'a>,
}

/// What a feed says of a message, cleaned.
struct Entry<'e> {
    message: &'e Message,
    id: String,
    page: String,
    /// Its own title; most messages have none.
    title: Option<String>,
    /// Words that stand for it.
    name: String,
    /// Its summary, where that says more than title and text.
    summary: Option<String>,
    /// Its text; none where the feed has no room for it.
    html: Option<String>,
    published: Stamp,
    updated: Stamp,
    author: AuthorView,
    /// Its language, where that is not the feed's.
    language: Option<&'e str>,
    /// What it answers: the id and the address.
    answers: Option<(String, Option<String>)>,
}

impl<'a> Frame<'a> {
    fn head(&self) -> Option<&'a Head> {
        self.feed.of.head().map(|head| &**head)
    }

    /// Returns how to subscribe to the channel whose feed this is: by other means than this feed.
    fn ways(&self) -> &'a [Subscribe] {
        match (&self.feed.of, &self.feed.part) {
            (_, Part::Archive { .. }) => &[],
            (FeedOf::Contact(head), _) if head.kind == Kind::Channel => &head.info.subscribe,
            _ => &[],
        }
    }

    fn title(&self) -> String {
        let site = &self.look.settings.title;
        clean(match &self.feed.of {
            FeedOf::Edition => site.clone(),
            FeedOf::Contact(head) => head.title.clone(),
            FeedOf::Tag(label) => format!("{site}: #{label}"),
            FeedOf::Thread(root) => thread_title(root, &self.look.theme.words),
        })
    }

    /// Returns the feed's permanent id, which no address is part of.
    fn id(&self) -> String {
        let id = match &self.feed.of {
            FeedOf::Edition => edition_id(self.look),
            FeedOf::Contact(head) => contact_id(head, self.look.edition),
            FeedOf::Tag(label) => {
                let key = Tag::parse(label).map(|tag| tag.key()).unwrap_or_default();
                Uuid::new_v5(&edition_id(self.look), format!("tag/{key}").as_bytes())
            }
            FeedOf::Thread(root) => {
                let root = match root {
                    Node::Message(root) => &root.feed_id(self.look.edition).to_string(),
                    Node::Gone(root, _) => &root.id,
                };
                Uuid::new_v5(&edition_id(self.look), format!("thread/{root}").as_bytes())
            }
        };
        format!("urn:uuid:{id}")
    }

    fn language(&self) -> &'a str {
        let own = self.head().and_then(|head| head.info.language.as_deref());
        own.unwrap_or(&self.look.settings.language)
    }

    /// Returns who writes the feed: at least one, for every entry must have an author.
    fn authors(&self) -> Vec<AuthorView> {
        let named = |name: &str| vec![AuthorView::named(name.to_owned())];
        let Some(head) = self.head() else { return named(&self.look.settings.title) };
        if head.people.is_empty() {
            return named(&head.title);
        }
        head.people.iter().map(|one| person(one)).collect()
    }

    fn address(&self, to: &OutPath) -> String {
        self.look.address(&self.feed.home, to)
    }

    fn entry<'e>(&self, item: &'e Item, body: Option<&SafeHtml>) -> Entry<'e> {
        let message = &*item.message;
        let words = &self.look.theme.words;
        let published = message.stamp;
        let updated =
            message.rare.updated.filter(|u| u.unix() > published.unix()).unwrap_or(published);
        let title = message.meta.title.as_deref().map(clean);
        let name = clean(name(message, words));
        let untold = body.is_none()
            || (title.is_none() && self.look.settings.feed_titles == FeedTitles::Empty);
        let first_words = || Some(summary(message)).filter(|text| !text.is_empty());
        let own = message.meta.rare.summary.as_deref();
        let told = own.or_else(|| untold.then(|| first_words().unwrap_or(&name)));
        Entry {
            id: clean(message.feed_id(self.look.edition).to_string()),
            page: self.address(&message.page),
            summary: told.map(clean),
            html: body.map(|body| self.content(message, body)),
            author: author_of(message, words),
            language: message.language().filter(|own| *own != self.language()),
            answers: item.target.as_ref().and_then(|target| self.answers(message, target)),
            message,
            title,
            name,
            published,
            updated,
        }
    }

    /// Returns what a message answers: the id that it has in the feeds of this edition, and where
    /// it is read. What has no id that is known has its address for one (RFC 4685, section 3).
    fn answers(&self, message: &Message, target: &Target) -> Option<(String, Option<String>)> {
        match target {
            Target::Known(target) => {
                let id = clean(target.feed_id(self.look.edition).to_string());
                Some((id, Some(self.address(&target.page))))
            }
            Target::Deleted(gone) => {
                Some((clean(gone.id.as_str()), Some(self.address(&gone.page))))
            }
            Target::Elsewhere(url) => Some((url.to_string(), Some(url.to_string()))),
            // The public edition does not tell what it does not have.
            Target::Unknown if self.look.edition == Edition::Public => None,
            Target::Unknown => {
                let reference = message.meta.rare.in_reply_to.as_deref()?;
                let id = Uuid::parse_str(reference.strip_prefix("urn:uuid:")?).ok()?;
                Some((format!("urn:uuid:{id}"), None))
            }
        }
    }

    /// Returns the whole text with absolute addresses, and the pictures that it does not show.
    fn content(&self, message: &Message, body: &SafeHtml) -> String {
        let pictures = pictures::unseen(message);
        let place = |html: &SafeHtml| match &self.look.base {
            Some(base) => html.absolute(base, &message.page),
            None => html.plain_at(&self.feed.home.to_root()),
        };
        clean(place(body) + &place(&pictures))
    }
}

/// Returns the attachments that are enclosures: those that were copied.
fn enclosures(message: &Message) -> impl Iterator<Item = &Attachment> {
    message.rare.attachments.iter().filter(|file| !file.too_large)
}

/// Returns the id of an edition's feed. Without one in the settings, that of the public edition is made
/// from where it is read: nothing else that is public names the edition as a whole.
fn edition_id(look: &Look<'_>) -> Uuid {
    if let Some(id) = look.settings.id {
        return Uuid::new_v5(&id, look.edition.name().as_bytes());
    }
    let place = match look.edition {
        Edition::Reader => "reader",
        Edition::Public => look.settings.base_url.as_ref().map_or("public", |base| base.as_str()),
    };
    channel_namespace(None, place, "edition")
}

/// Returns the id of a contact's feed. What came by an inbox has one that nobody else can claim.
fn contact_id(head: &Head, edition: Edition) -> Uuid {
    match (head.kind, edition) {
        (Kind::Channel, _) => channel_namespace(head.info.id, &head.name, Side::Outbox.folder()),
        (Kind::Subscription, _) => channel_namespace(None, &head.name, Side::Inbox.folder()),
        (Kind::Conversation, _) => channel_namespace(None, &head.name, "conversation"),
    }
}

/// Returns text without the characters that XML 1.0 forbids (section 2.2), with `\n` for line
/// ends.
fn clean<'t>(text: impl Into<Cow<'t, str>>) -> String {
    let text = text.into();
    if memchr::memchr(b'\r', text.as_bytes()).is_none() && !may_hold_illegal(&text) {
        return text.into_owned();
    }
    text.chars().filter(|c| *c != '\r' && !is_illegal(*c)).collect()
}

/// Returns the media type of a file by the extension it has in an edition.
fn media_type(path: &OutPath) -> &'static str {
    crate::media::media_type(path.as_str().rsplit('.').next().unwrap_or(""))
}
