//! One contact: from what lies in its boxes to messages with address, identity, time and author.
//!
//! 1. `head` makes what is known of the contact itself.
//! 2. `messages` makes the messages of a box; `finder` then tells what the addresses in their texts
//!    mean, for they may mean each other.
//! 3. [`make`] joins the two boxes.

mod finder;
mod head;
mod messages;

pub use messages::text_limit;

use super::files::{self, Attachment, Place};
use super::slices::Slices;
use super::{Context, Head, Kind, Message, Side, in_box};
use crate::config::ChannelInfo;
use crate::diagnostic::{Checked, Diagnostic};
use crate::hash::{FastMap, Hash, Inputs};
use crate::library::history::History;
use crate::limits;
use crate::listing::{Entry, MessageFile, PublicCopy};
use crate::message::{Meta, Tag};
use crate::path::{OutPath, RelPath};
use messages::Maker;
pub(in crate::library) use messages::fingerprint;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

/// A message file and what was read from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Post {
    /// The file.
    pub file: MessageFile,
    /// The hash of its bytes.
    pub source: Hash,
    /// What its text says; of a file that is too large nothing is read.
    pub meta: Arc<Meta>,
    /// It is larger than the limit.
    pub too_large: bool,
    /// What it said before it was changed, as far as that was seen.
    pub history: Option<Arc<History>>,
}

/// A box, read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BoxInput {
    /// What its `channel.toml` says.
    pub info: ChannelInfo,
    /// Its messages, by path.
    pub posts: Vec<Post>,
    /// Files that belong to no message.
    pub others: BTreeMap<RelPath, Entry>,
    /// The stems of messages that are there and cannot be read.
    pub unread: Vec<RelPath>,
    /// Whether something in it cannot be looked into: nobody knows what is missing.
    pub is_unsure: bool,
}

/// A contact's folder, read.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactInput {
    /// The folder's name, of which a path can be made.
    pub name: String,
    /// Mine.
    pub outbox: Option<BoxInput>,
    /// Theirs.
    pub inbox: Option<BoxInput>,
    /// Anything in the folder whose name begins like `inbox`, of whatever kind.
    pub inbox_trace: Option<String>,
}

/// A contact and what it shows.
#[derive(Debug, Clone)]
pub struct Contact {
    /// What is known of it.
    pub head: Arc<Head>,
    /// Its messages of both sides that are not held, oldest first.
    pub messages: Vec<Arc<Message>>,
    /// The same in slices.
    pub slices: Arc<Slices>,
    /// The ids its boxes claim.
    pub channel_ids: Vec<(Side, Uuid)>,
    /// See [`ContactInput::inbox_trace`].
    pub inbox_trace: Option<String>,
    /// The pictures of the people who write, on both sides.
    pub faces: Vec<Attachment>,
    /// The pages of messages that are there and not shown yet: held, or still arriving.
    pub waiting: BTreeSet<OutPath>,
    /// When the next held message will be shown, in seconds since 1970.
    pub next_release: Option<i64>,
    /// When the clock changes anything about it, in seconds since 1970.
    pub changes_at: Option<i64>,
}

/// A box and where its files go.
struct Ground<'g> {
    side: Side,
    input: &'g BoxInput,
    /// Where it lies, as `name/outbox`.
    box_path: RelPath,
    /// The folder in an edition that the addresses of its files begin with.
    folder: String,
    /// The largest attachment that is copied.
    limit: u64,
}

impl<'g> Ground<'g> {
    fn of(
        name: &str,
        dir: &str,
        side: Side,
        input: &'g BoxInput,
        context: &Context<'_>,
    ) -> Option<Ground<'g>> {
        let limits = &context.settings.limits;
        Some(Ground {
            side,
            input,
            box_path: RelPath::parse(&format!("{name}/{}", side.folder()))?,
            folder: side.out_folder(dir),
            limit: match side {
                Side::Outbox => limits.own_attachment,
                Side::Inbox => limits.inbox_attachment,
            },
        })
    }

    /// Returns where files go whose addresses begin with `out_folder`.
    fn place<'p>(&'p self, out_folder: &'p str) -> Place<'p> {
        let own = self.side == Side::Outbox;
        Place { box_path: &self.box_path, out_folder, own, limit: self.limit }
    }

    /// Returns a picture that `channel.toml` names.
    fn picture(&self, name: &str) -> Option<Attachment> {
        let entry = self.input.others.get(name)?;
        let made = files::attach(entry, name, &self.place(&self.folder), &mut BTreeSet::new())?;
        let usable = matches!(made.media, files::Media::Picture(_))
            && !made.too_large
            && made.copy != PublicCopy::Withheld;
        usable.then_some(made)
    }
}

impl Contact {
    /// Returns the contact with other messages, oldest first. Slices that hold the same as those of
    /// `before` are the same, or of this contact.
    pub(super) fn with(&self, messages: Vec<Arc<Message>>, before: Option<&Contact>) -> Contact {
        let slices = Slices::of(&messages, Some(&before.unwrap_or(self).slices));
        Contact { messages, slices, ..self.clone() }
    }
}

/// Makes a contact, or nothing where it has no box. What is as in the contact of the last build is
/// the very same.
pub fn make(
    input: &ContactInput,
    last: Option<&Contact>,
    context: &Context<'_>,
) -> Checked<Option<Arc<Contact>>> {
    let mut found = Vec::new();
    let kind = match (&input.outbox, &input.inbox) {
        (Some(_), Some(_)) => Kind::Conversation,
        (Some(_), None) => Kind::Channel,
        (None, Some(_)) => Kind::Subscription,
        (None, None) => return Checked::clean(None),
    };
    let head = head::make(input, kind, context);
    let head = match last.filter(|last| *last.head == head) {
        Some(last) => Arc::clone(&last.head),
        None => Arc::new(head),
    };
    let known: FastMap<&OutPath, &Arc<Message>> = last
        .into_iter()
        .flat_map(|last| &last.messages)
        .map(|message| (&message.page, message))
        .collect();
    let mut contact = Contact {
        head: Arc::clone(&head),
        messages: Vec::new(),
        slices: Arc::default(),
        channel_ids: Vec::new(),
        inbox_trace: input.inbox_trace.clone(),
        faces: Vec::new(),
        waiting: BTreeSet::new(),
        next_release: None,
        changes_at: None,
    };
    for (side, boxed) in [(Side::Outbox, &input.outbox), (Side::Inbox, &input.inbox)] {
        let Some(boxed) = boxed else { continue };
        contact.channel_ids.extend(boxed.info.id.map(|id| (side, id)));
        let Some(ground) = Ground::of(&input.name, &head.dir, side, boxed, context) else {
            continue;
        };
        let people = head::people(&ground);
        contact.faces.extend(people.iter().filter_map(|person| person.avatar.clone()));
        let mut reports = Vec::new();
        Maker::new(&head, ground, people, context).all(&mut contact, &known, &mut reports);
        found.extend(in_box(&head.name, side, reports));
    }
    contact.messages.sort_by(|a, b| a.order().cmp(&b.order()));
    let excess = contact.messages.len().saturating_sub(context.settings.limits.messages);
    if excess > 0 {
        contact.messages.drain(..excess);
        contact.messages = super::admit::without_lost_links(&contact.messages);
        let text = format!("{excess} of its oldest messages are beyond the limit and not shown");
        found.push(
            Diagnostic::warning(&head.name, "too-many-messages", text)
                .hint("raise `messages` in `[limits]` of handbill.toml"),
        );
    }
    let dropped = cap_tags(&mut contact.messages);
    if dropped > 0 {
        let text = format!(
            "{dropped} of its tags are beyond the {} that one inbox may have; they are no links",
            limits::INBOX_TAGS
        );
        found.push(
            Diagnostic::warning(&head.name, "too-many-tags", text).owned_by(Side::Inbox.owner()),
        );
    }
    contact.slices = Slices::of(&contact.messages, last.map(|last| &*last.slices));
    Checked { value: Some(Arc::new(contact)), diagnostics: found }
}

/// Takes from messages of an inbox the tags that come after the first [`limits::INBOX_TAGS`]:
/// a page is made for each, and no stranger decides how many. Returns how many were taken.
fn cap_tags(messages: &mut [Arc<Message>]) -> usize {
    let theirs = |message: &&mut Arc<Message>| message.side == Side::Inbox;
    let all: usize =
        messages.iter_mut().filter(theirs).map(|message| message.meta.tags.len()).sum();
    if all <= limits::INBOX_TAGS {
        return 0;
    }
    let mut known = BTreeSet::new();
    let mut dropped = 0;
    for message in messages.iter_mut().filter(theirs) {
        let mut over = Vec::new();
        for key in message.meta.tags.iter().map(Tag::key) {
            if known.len() < limits::INBOX_TAGS {
                known.insert(key);
            } else if !known.contains(&key) {
                over.push(key);
            }
        }
        if over.is_empty() {
            continue;
        }
        dropped += over.len();
        let message = Arc::make_mut(message);
        Arc::make_mut(&mut message.meta).tags.retain(|tag| !over.contains(&tag.key()));
        message.fingerprint =
            Inputs::new("fewer tags").print(&message.fingerprint).value(&over).finish();
    }
    dropped
}

fn soonest(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    a.into_iter().chain(b).min()
}
