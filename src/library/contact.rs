//! One contact: from what lies in its boxes to messages with address, identity, time and author.

use super::files::{self, Attachment, Place};
use super::finder::Finder;
use super::{Context, Head, Kind, Message, Notice, Person, Side, in_box};
use super::{channel_namespace, message_id};
use crate::config::{Author, ChannelInfo};
use crate::diagnostic::{Checked, Diagnostic, shown};
use crate::hash::{Hash, Inputs};
use crate::limits;
use crate::listing::{Entry, MessageFile, PublicCopy};
use crate::message::{Meta, Visibility};
use crate::names::{self, Spot};
use crate::path::{OutPath, RelPath, fold};
use crate::text::clean_line;
use crate::time::Stamp;
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
    /// The ids its boxes claim.
    pub channel_ids: Vec<(Side, Uuid)>,
    /// See [`ContactInput::inbox_trace`].
    pub inbox_trace: Option<String>,
    /// The pictures of the people who write, on both sides.
    pub faces: Vec<Attachment>,
    /// When the next held message will be shown, in seconds since 1970.
    pub next_release: Option<i64>,
    /// When the clock changes anything about it, in seconds since 1970.
    pub changes_at: Option<i64>,
}

/// Makes a contact, or nothing where it has no box.
pub fn make(input: &ContactInput, context: &Context<'_>) -> Checked<Option<Arc<Contact>>> {
    let mut found = Vec::new();
    let kind = match (&input.outbox, &input.inbox) {
        (Some(_), Some(_)) => Kind::Conversation,
        (Some(_), None) => Kind::Channel,
        (None, Some(_)) => Kind::Subscription,
        (None, None) => return Checked::clean(None),
    };
    let head = Arc::new(make_head(input, kind, context));
    let mut contact = Contact {
        head: Arc::clone(&head),
        messages: Vec::new(),
        channel_ids: Vec::new(),
        inbox_trace: input.inbox_trace.clone(),
        faces: Vec::new(),
        next_release: None,
        changes_at: None,
    };
    for (side, boxed) in [(Side::Outbox, &input.outbox), (Side::Inbox, &input.inbox)] {
        let Some(boxed) = boxed else { continue };
        contact.channel_ids.extend(boxed.info.id.map(|id| (side, id)));
        let people = Pictures::new(input, side, boxed, &head.dir, context).people();
        contact.faces.extend(people.iter().filter_map(|person| person.avatar.clone()));
        let maker = Maker::new(&head, side, boxed, people, context);
        let mut reports = Vec::new();
        maker.all(&mut contact, &mut reports);
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
        for key in message.meta.tags.iter().map(crate::message::Tag::key) {
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

fn make_head(input: &ContactInput, kind: Kind, context: &Context<'_>) -> Head {
    let mine = context.settings.contacts.get(&input.name).cloned().unwrap_or_default();
    let (side, boxed) = match (&input.inbox, &input.outbox) {
        (Some(inbox), _) => (Side::Inbox, inbox),
        (None, Some(outbox)) => (Side::Outbox, outbox),
        (None, None) => (Side::Outbox, &BoxInput::default()),
    };
    let info = boxed.info.clone();
    let folder = clean_line(&input.name);
    let claimed = info.title.clone().filter(|title| *title != folder);
    let (title, claimed) = match (mine.alias, kind) {
        // My name for somebody is mine; what my own channel is called stands in its channel.toml.
        (_, Kind::Channel) => (claimed.unwrap_or(folder), None),
        (Some(alias), _) => (alias.clone(), claimed.filter(|title| *title != alias)),
        (None, _) => (folder, claimed),
    };
    let dir = names::out_name(&input.name, Spot::Contact);
    let pictures = Pictures::new(input, side, boxed, &dir, context);
    let avatar = info.avatar.as_deref().and_then(|name| pictures.picture(name));
    let people = pictures.people();
    let listed = kind == Kind::Channel
        && context.settings.public.iter().any(|(name, _)| fold(name) == fold(&input.name));
    let fingerprint = Inputs::new("head")
        .text(&input.name)
        .text(&dir)
        .text(kind.word())
        .text(&title)
        .maybe(claimed.as_deref())
        .value(&info)
        .maybe(mine.subscribe.as_deref())
        .number(u64::from(mine.mute) | u64::from(listed) << 1)
        .value(&(&avatar, &people))
        .finish();
    Head {
        name: input.name.clone(),
        dir,
        kind,
        title,
        claimed,
        info,
        people,
        given: mine.subscribe,
        mute: mine.mute,
        listed,
        avatar,
        fingerprint,
    }
}

/// Finds the pictures that a `channel.toml` names in its box.
struct Pictures<'p> {
    boxed: &'p BoxInput,
    box_path: Option<RelPath>,
    out_folder: String,
    own: bool,
    limit: u64,
}

impl<'p> Pictures<'p> {
    fn new(
        input: &ContactInput,
        side: Side,
        boxed: &'p BoxInput,
        dir: &str,
        context: &Context<'_>,
    ) -> Pictures<'p> {
        Pictures {
            boxed,
            box_path: RelPath::parse(&format!("{}/{}", input.name, side.folder())),
            out_folder: if side == Side::Inbox { format!("{dir}/in") } else { dir.to_owned() },
            own: side == Side::Outbox,
            limit: context.settings.limits.inbox_attachment,
        }
    }

    fn picture(&self, name: &str) -> Option<Attachment> {
        let entry = self.boxed.others.get(name)?;
        let place = Place {
            box_path: self.box_path.as_ref()?,
            out_folder: &self.out_folder,
            own: self.own,
            limit: self.limit,
        };
        let made = files::attach(entry, name, &place, &mut BTreeSet::new())?;
        let usable = matches!(made.media, files::Media::Picture(_))
            && !made.too_large
            && made.copy != PublicCopy::Withheld;
        usable.then_some(made)
    }

    fn people(&self) -> Vec<Arc<Person>> {
        let person = |author: &Author| {
            let avatar = author.avatar.as_deref().and_then(|name| self.picture(name));
            Arc::new(Person::of(author, avatar))
        };
        self.boxed.info.authors.iter().map(person).collect()
    }
}

/// Makes the messages of one box.
pub(super) struct Maker<'m> {
    head: &'m Arc<Head>,
    pub(super) side: Side,
    pub(super) input: &'m BoxInput,
    context: &'m Context<'m>,
    pub(super) box_path: Option<RelPath>,
    pub(super) folder: String,
    people: Vec<Arc<Person>>,
    namespace: Uuid,
    local_namespace: Uuid,
}

impl<'m> Maker<'m> {
    fn new(
        head: &'m Arc<Head>,
        side: Side,
        input: &'m BoxInput,
        people: Vec<Arc<Person>>,
        context: &'m Context<'m>,
    ) -> Maker<'m> {
        Maker {
            head,
            side,
            input,
            context,
            people,
            box_path: RelPath::parse(&format!("{}/{}", head.name, side.folder())),
            folder: head.folder(side),
            namespace: channel_namespace(input.info.id, &head.name, side.folder()),
            local_namespace: channel_namespace(None, &head.name, side.folder()),
        }
    }

    fn all(&self, contact: &mut Contact, found: &mut Vec<Diagnostic>) {
        let Some(box_path) = &self.box_path else { return };
        let mut made = Vec::with_capacity(self.input.posts.len());
        let mut used = BTreeSet::new();
        for post in &self.input.posts {
            let edited = post.meta.updated.filter(|stamp| stamp.is_held(self.context.now));
            contact.changes_at = soonest(contact.changes_at, edited.map(Stamp::shown_from));
            let Some(message) = self.one(post, box_path, &mut used, found) else { continue };
            let from = message.stamp.shown_from();
            if message.stamp.is_held(self.context.now) {
                found.push(held(post, message.stamp));
                contact.next_release = soonest(contact.next_release, Some(from));
                contact.changes_at = soonest(contact.changes_at, Some(from));
                continue;
            }
            made.push(message);
        }
        let finder = Finder::of(self, &made, &used);
        for mut message in made {
            finder.resolve(&mut message, found);
            message.fingerprint = fingerprint(&message);
            contact.messages.push(Arc::new(message));
        }
    }

    fn one(
        &self,
        post: &Post,
        box_path: &RelPath,
        used: &mut BTreeSet<String>,
        found: &mut Vec<Diagnostic>,
    ) -> Option<Message> {
        let file = &post.file;
        if file.stat.size == 0 && file.attachments.is_empty() {
            found.push(Diagnostic::note(
                &file.path,
                "empty",
                "is empty: still arriving, or never written",
            ));
            return None;
        }
        let page = self.page(&file.stem, used)?;
        let (attachments, more) = self.attachments(post, box_path, &page, used, found);
        let own_id = post.meta.id.clone().filter(|_| self.side == Side::Outbox);
        if post.meta.id.is_some() && own_id.is_none() {
            let text = "asks for an id of its own, which only one's own messages may";
            found.push(Diagnostic::note(&file.path, "foreign-id", text));
        }
        if let Some(original) = &file.suspect {
            let text =
                format!("looks like a conflict copy of `{}`; it is not published", shown(original));
            found.push(
                Diagnostic::warning(&file.path, "suspected-copy", text)
                    .hint("rename it, or delete it"),
            );
        }
        Some(Message {
            head: Arc::clone(self.head),
            side: self.side,
            path: box_path.join(file.path.as_str())?,
            stem: file.stem.clone(),
            source: post.source,
            page,
            plain_id: own_id.is_some().then(|| message_id(self.namespace, &file.stem)),
            id: own_id.clone().unwrap_or_else(|| message_id(self.namespace, &file.stem)),
            local_id: match self.side {
                Side::Outbox => own_id.unwrap_or_else(|| message_id(self.namespace, &file.stem)),
                Side::Inbox => message_id(self.local_namespace, &file.stem),
            },
            stamp: self.stamp(post, found),
            updated: post.meta.updated.filter(|stamp| !stamp.is_held(self.context.now)),
            author: self.author(&post.meta),
            meta: Arc::clone(&post.meta),
            attachments,
            more,
            others: Vec::new(),
            refs: Vec::new(),
            thumbnail: None,
            notice: notice(post),
            fingerprint: Default::default(),
        })
    }

    /// Returns the address of a message, a function of its path alone.
    fn page(&self, stem: &RelPath, used: &mut BTreeSet<String>) -> Option<OutPath> {
        let mut folder = self.folder.clone();
        let groups: Vec<&str> = stem.parent().split('/').filter(|part| !part.is_empty()).collect();
        for (depth, part) in groups.iter().enumerate() {
            let first = depth == 0 && self.side == Side::Outbox;
            let spot = if first { Spot::Group } else { Spot::DeepGroup };
            folder = format!("{folder}/{}", names::out_name(part, spot));
        }
        let mut page = format!("{folder}/{}.html", names::out_name(stem.name(), Spot::Message));
        if !used.insert(fold(&page)) {
            page = format!("{folder}/{}.html", names::distinct_name(stem.name()));
            used.insert(fold(&page));
        }
        OutPath::parse(&page)
    }

    fn attachments(
        &self,
        post: &Post,
        box_path: &RelPath,
        page: &OutPath,
        used: &mut BTreeSet<String>,
        found: &mut Vec<Diagnostic>,
    ) -> (Vec<Attachment>, usize) {
        let all = &post.file.attachments;
        let most = self.context.settings.limits.attachments;
        if all.len() > most {
            let text = format!("has {} attachments; {most} are shown", all.len());
            found.push(Diagnostic::warning(&post.file.path, "too-many-attachments", text));
        }
        let out_folder = page.as_str().strip_suffix(".html").unwrap_or(page.as_str());
        let place =
            Place { box_path, out_folder, own: self.side == Side::Outbox, limit: self.limit() };
        let folder_len = post.file.stem.as_str().split('/').count();
        let mut made = Vec::with_capacity(all.len().min(most));
        for entry in all.iter().take(most) {
            let name: Vec<&str> = entry.path.parts().skip(folder_len).collect();
            let Some(attachment) = files::attach(entry, &name.join("/"), &place, used) else {
                continue;
            };
            if attachment.too_large {
                let text = format!(
                    "{} bytes are more than the limit; it is named, not copied",
                    entry.stat.size
                );
                found.push(Diagnostic::warning(&entry.path, "large-attachment", text));
            }
            made.push(attachment);
        }
        (made, all.len().saturating_sub(most))
    }

    /// Returns the largest attachment that is copied.
    pub(super) fn limit(&self) -> u64 {
        match self.side {
            Side::Outbox => self.context.settings.limits.own_attachment,
            Side::Inbox => self.context.settings.limits.inbox_attachment,
        }
    }

    fn stamp(&self, post: &Post, found: &mut Vec<Diagnostic>) -> Stamp {
        post.meta.date.or(post.file.named_time).unwrap_or_else(|| {
            let text = "has no date; the time of the file is used, which differs between machines";
            found.push(
                Diagnostic::warning(&post.file.path, "no-date", text)
                    .hint("begin its name with a time stamp, or give its header a `date`"),
            );
            Stamp::from_unix(post.file.stat.mtime.div_euclid(1_000_000_000))
        })
    }

    /// Returns who wrote a message: the one it names, with what the channel says of him, else the
    /// first author of the channel.
    fn author(&self, meta: &Meta) -> Option<Arc<Person>> {
        match &meta.author {
            None => self.people.first().cloned(),
            Some(name) => {
                let known = self.people.iter().find(|person| fold(&person.name) == fold(name));
                Some(known.cloned().unwrap_or_else(|| Arc::new(Person::named(name.clone()))))
            }
        }
    }
}

fn soonest(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    a.into_iter().chain(b).min()
}

fn held(post: &Post, stamp: Stamp) -> Diagnostic {
    let text = format!("is dated {} and held until then", stamp.iso());
    Diagnostic::note(&post.file.path, "held", text).hint("if the date is a mistake, mend it")
}

fn notice(post: &Post) -> Option<Notice> {
    if post.too_large {
        return Some(Notice::TooLarge(post.file.stat.size));
    }
    if let Some(original) = &post.file.suspect {
        return Some(Notice::Suspect(original.clone()));
    }
    (post.meta.visibility != Visibility::Open).then_some(Notice::NotPublic)
}

fn fingerprint(message: &Message) -> crate::hash::Fingerprint {
    Inputs::new("message")
        .print(&message.head.fingerprint)
        .text(message.path.as_str())
        .text(message.page.as_str())
        .text(&message.id)
        .text(&message.local_id)
        .value(&message.source)
        .value(&message.stamp)
        .value(&message.updated)
        .value(&message.author)
        .number(message.more as u64)
        .value(&(&message.attachments, &message.others, &message.refs, &message.notice))
        .value(&message.thumbnail)
        .finish()
}

/// Returns the limit on a message's text.
pub fn text_limit(side: Side, limits: &limits::Limits) -> u64 {
    match side {
        Side::Outbox => limits.own_message,
        Side::Inbox => limits.inbox_message,
    }
}
