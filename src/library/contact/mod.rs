//! One contact: from what lies in its boxes to messages with address, identity, time and author.
//!
//! 1. `head` makes what is known of the contact itself.
//! 2. `messages` makes the messages of a box; `finder` then tells what the addresses in their texts
//!    mean, for they may mean each other.
//! 3. [`make`] joins the two boxes.
//! 4. `done` is what the next build goes on from; a [`Snapshot`] is what a later process takes in the
//!    place of a contact that would be made the same.

mod done;
mod finder;
mod head;
mod messages;
mod snapshot;

pub(in crate::library) use done::Used;
pub use messages::text_limit;
pub use snapshot::Snapshot;

use super::files::{self, Attachment, Place};
use super::slices::{Change, Slices, change};
use super::{Context, Head, Kind, Message, Side, in_box};
use crate::chunked::Chunked;
use crate::config::ChannelInfo;
use crate::diagnostic::{Checked, Diagnostic};
use crate::hash::{Hash, Inputs};
use crate::library::history::History;
use crate::limits;
use crate::listing::{Entry, MessageFile, PublicCopy};
use crate::message::{Meta, Tag};
use crate::path::{OutPath, RelPath};
use done::Done;
pub(in crate::library) use messages::fingerprint;
use messages::{Batch, ByPage, Maker};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

/// A message file and what was read from it.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    pub posts: Chunked<Arc<Post>>,
    /// Files that belong to no message.
    pub others: Arc<BTreeMap<RelPath, Entry>>,
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

impl ContactInput {
    /// Returns what a box holds, if it is there.
    pub fn of(&self, side: Side) -> Option<&BoxInput> {
        match side {
            Side::Outbox => self.outbox.as_ref(),
            Side::Inbox => self.inbox.as_ref(),
        }
    }

    /// Returns the same, to be changed.
    pub fn of_mut(&mut self, side: Side) -> Option<&mut BoxInput> {
        match side {
            Side::Outbox => self.outbox.as_mut(),
            Side::Inbox => self.inbox.as_mut(),
        }
    }
}

/// A contact and what it shows.
#[derive(Debug, Clone)]
pub struct Contact {
    /// What is known of it.
    pub head: Arc<Head>,
    /// Its messages of both sides that are not held, oldest first.
    pub messages: Chunked<Arc<Message>>,
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
    /// How many tags the messages of its inbox carry, each counted as often as it is carried.
    inbox_tags: usize,
    /// What was made of each box; nothing where that is not all.
    done: Arc<BTreeMap<Side, Done>>,
}

/// What a contact was in the last build.
#[derive(Clone, Copy)]
pub struct Before<'b> {
    /// The contact.
    pub contact: &'b Contact,
    /// Whether it was made under the same settings, and the clock has not gone back since.
    pub same_terms: bool,
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
        let made = files::attach(entry, name, &self.place(&self.folder), &mut Used::default())?;
        let usable = matches!(made.media, files::Media::Picture(_))
            && !made.too_large
            && made.copy != PublicCopy::Withheld;
        usable.then_some(made)
    }
}

impl Contact {
    /// Forgets what another build would go on from.
    pub fn end(&mut self) {
        self.done = Arc::default();
    }

    /// Returns the contact with other messages, oldest first. Slices that hold the same as those of
    /// `before` are the same, or of this contact.
    pub(super) fn with(
        &self,
        messages: Chunked<Arc<Message>>,
        before: Option<&Contact>,
    ) -> Contact {
        let slices = Slices::of(&messages, Some(before.unwrap_or(self)));
        Contact { messages, slices, ..self.clone() }
    }
}

/// Makes a contact, or nothing where it has no box. What is as in the contact of the last build is
/// the very same, and what cannot be another is not looked at.
pub fn make(
    input: &ContactInput,
    before: Option<Before<'_>>,
    context: &Context<'_>,
) -> Checked<Option<Arc<Contact>>> {
    let kind = match (&input.outbox, &input.inbox) {
        (Some(_), Some(_)) => Kind::Conversation,
        (Some(_), None) => Kind::Channel,
        (None, Some(_)) => Kind::Subscription,
        (None, None) => return Checked::clean(None),
    };
    let head = head::make(input, kind, context);
    let last = before.map(|before| before.contact);
    let (head, is_same) = match last.filter(|last| *last.head == head) {
        Some(last) => (Arc::clone(&last.head), before.is_some_and(|before| before.same_terms)),
        None => (Arc::new(head), false),
    };
    let going_on = last.filter(|_| is_same);
    let mut draft = Draft::default();
    for side in [Side::Outbox, Side::Inbox] {
        let Some(boxed) = input.of(side) else { continue };
        draft.channel_ids.extend(boxed.info.id.map(|id| (side, id)));
        let ground = Ground::of(&input.name, &head.dir, side, boxed, context);
        if let Some(ground) = ground {
            draft.add(&head, ground, (last, going_on), context);
        }
    }
    draft.finish(head, input, (last, going_on), context)
}

/// A contact that is being made.
#[derive(Default)]
struct Draft {
    batches: Vec<(Side, Done, Batch)>,
    /// Whether some box was made wholly anew.
    is_anew: bool,
    channel_ids: Vec<(Side, Uuid)>,
    faces: Vec<Attachment>,
}

impl Draft {
    /// Makes what a box shows: from what was made of it last, if that can be gone on from.
    fn add(
        &mut self,
        head: &Arc<Head>,
        ground: Ground<'_>,
        (last, going_on): (Option<&Contact>, Option<&Contact>),
        context: &Context<'_>,
    ) {
        let (side, info, posts) =
            (ground.side, ground.input.info.clone(), ground.input.posts.clone());
        let mut people = head::people(&ground);
        let done = going_on.and_then(|contact| contact.done.get(&side));
        let done = done.filter(|done| done.info == info && done.people == people);
        if let Some(done) = done {
            people.clone_from(&done.people);
        }
        self.faces.extend(people.iter().filter_map(|person| person.avatar.clone()));
        let maker = Maker::new(head, ground, people.clone(), context);
        let again = done.and_then(|done| maker.all(done, &ByPage::default()));
        self.is_anew |= again.is_none();
        let anew = || {
            let known = last.into_iter().flat_map(|last| &last.messages);
            let known = known.map(|message| (&message.page, message)).collect();
            // It has nothing to go on from, and so no reason not to be made.
            maker.all(&Done::default(), &known).unwrap_or_default()
        };
        let batch = again.unwrap_or_else(anew);
        self.batches.push((side, Done { posts, info, people, ..Done::default() }, batch));
    }

    fn finish(
        self,
        head: Arc<Head>,
        input: &ContactInput,
        (last, going_on): (Option<&Contact>, Option<&Contact>),
        context: &Context<'_>,
    ) -> Checked<Option<Arc<Contact>>> {
        let mut contact = Contact {
            head,
            messages: Chunked::default(),
            slices: Arc::default(),
            channel_ids: self.channel_ids,
            inbox_trace: input.inbox_trace.clone(),
            faces: self.faces,
            waiting: BTreeSet::new(),
            next_release: None,
            changes_at: None,
            inbox_tags: 0,
            done: Arc::default(),
        };
        let (mut found, mut done, mut is_whole) = (Vec::new(), BTreeMap::new(), true);
        let (mut removed, mut added, mut all) = (Vec::new(), Vec::new(), Vec::new());
        for (side, made, mut batch) in self.batches {
            found.extend(in_box(&contact.head.name, side, std::mem::take(&mut batch.found)));
            contact.waiting.extend(std::mem::take(&mut batch.waiting));
            contact.next_release = soonest(contact.next_release, batch.next_release);
            contact.changes_at = soonest(contact.changes_at, batch.changes_at);
            removed.append(&mut batch.removed);
            added.append(&mut batch.added);
            is_whole &= batch.taken.is_some();
            if self.is_anew {
                all.extend(batch.all.iter().filter_map(|made| made.message.clone()));
            }
            let taken = batch.taken.unwrap_or_default();
            done.insert(side, Done { all: batch.all, rough: batch.rough, taken, ..made });
        }
        match going_on.filter(|_| !self.is_anew) {
            Some(last) => {
                contact.messages = patched(&last.messages, &removed, &added);
                contact.inbox_tags =
                    last.inbox_tags.saturating_sub(inbox_tags(&removed)) + inbox_tags(&added);
            }
            None => {
                all.sort_by(|a: &Arc<Message>, b| a.order().cmp(&b.order()));
                contact.inbox_tags = inbox_tags(&all);
                contact.messages = all.into_iter().collect();
            }
        }
        is_whole &= contact.limit(context, &mut found);
        if is_whole {
            contact.done = Arc::new(done);
        }
        contact.slices = Slices::of(&contact.messages, last);
        Checked { value: Some(Arc::new(contact)), diagnostics: found }
    }
}

impl Contact {
    /// Returns the messages that the contact did not have, or had as others, when it was `before`;
    /// none where that is not known in little time.
    pub fn come_since<'c>(&'c self, before: &'c Contact) -> Option<Vec<&'c Arc<Message>>> {
        Some(before.change(self)?.come)
    }

    /// Returns what has changed when it is `now`; none where that is much.
    pub(super) fn change<'c>(&'c self, now: &'c Contact) -> Option<Change<'c>> {
        change(&self.messages, &now.messages)
    }

    /// Takes away what is beyond the limits, and reports it; returns whether nothing was.
    fn limit(&mut self, context: &Context<'_>, found: &mut Vec<Diagnostic>) -> bool {
        let excess = self.messages.len().saturating_sub(context.settings.limits.messages);
        if excess > 0 {
            let shown: Vec<_> = self.messages.iter().skip(excess).cloned().collect();
            self.messages = super::admit::without_lost_links(&shown).into_iter().collect();
            let text =
                format!("{excess} of its oldest messages are beyond the limit and not shown");
            found.push(
                Diagnostic::warning(&self.head.name, "too-many-messages", text)
                    .hint("raise `messages` in `[limits]` of handbill.toml"),
            );
        }
        if self.inbox_tags <= limits::INBOX_TAGS {
            return excess == 0;
        }
        let mut all: Vec<_> = self.messages.iter().cloned().collect();
        let dropped = cap_tags(&mut all);
        if dropped > 0 {
            self.messages = all.into_iter().collect();
            let text = format!(
                "{dropped} of its tags are beyond the {} that one inbox may have; they are no links",
                limits::INBOX_TAGS
            );
            let report = Diagnostic::warning(&self.head.name, "too-many-tags", text);
            found.push(report.owned_by(Side::Inbox.owner()));
        }
        excess == 0 && dropped == 0
    }
}

/// Returns messages, oldest first, without some of them and with some more.
fn patched(
    messages: &Chunked<Arc<Message>>,
    removed: &[Arc<Message>],
    added: &[Arc<Message>],
) -> Chunked<Arc<Message>> {
    let mut all = messages.clone();
    let place = |all: &Chunked<Arc<Message>>, message: &Message| {
        all.search_by(|other| other.order().cmp(&message.order()))
    };
    for message in removed {
        if let Ok(place) = place(&all, message)
            && all.get(place).is_some_and(|there| Arc::ptr_eq(there, message))
        {
            all.remove(place);
        }
    }
    for message in added {
        let (Ok(place) | Err(place)) = place(&all, message);
        all.insert(place, Arc::clone(message));
    }
    all
}

/// Returns how many tags the messages of an inbox among these carry.
fn inbox_tags<'m>(messages: impl IntoIterator<Item = &'m Arc<Message>>) -> usize {
    let theirs = messages.into_iter().filter(|message| message.side == Side::Inbox);
    theirs.map(|message| message.meta.tags.len()).sum()
}

/// Takes from messages of an inbox the tags that come after the first [`limits::INBOX_TAGS`]:
/// a page is made for each, and no stranger decides how many. Returns how many were taken.
fn cap_tags(messages: &mut [Arc<Message>]) -> usize {
    let theirs = |message: &&mut Arc<Message>| message.side == Side::Inbox;
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
        let kept = message.meta.tags.iter().filter(|tag| !over.contains(&tag.key())).cloned();
        let kept = kept.collect();
        Arc::make_mut(&mut message.meta).tags = kept;
        message.fingerprint =
            Inputs::new("fewer tags").print(&message.fingerprint).value(&over).finish();
    }
    dropped
}

fn soonest(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    a.into_iter().chain(b).min()
}
