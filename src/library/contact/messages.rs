//! The messages of a box, with address, identity, time, author and attachments.

use super::finder::Finder;
use super::{Contact, Ground, Post, soonest};
use crate::diagnostic::{Diagnostic, shown};
use crate::hash::{FastMap, Inputs};
use crate::library::files::{self, Attachment};
use crate::library::{Context, Head, Message, Notice, Person, Side, channel_namespace, message_id};
use crate::limits;
use crate::message::{Meta, Visibility};
use crate::names::{self, Spot};
use crate::path::{OutPath, RelPath, fold};
use crate::time::Stamp;
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Makes the messages of one box.
pub(super) struct Maker<'m> {
    head: &'m Arc<Head>,
    ground: Ground<'m>,
    context: &'m Context<'m>,
    people: Vec<Arc<Person>>,
    namespace: Uuid,
    local_namespace: Uuid,
}

impl<'m> Maker<'m> {
    pub(super) fn new(
        head: &'m Arc<Head>,
        ground: Ground<'m>,
        people: Vec<Arc<Person>>,
        context: &'m Context<'m>,
    ) -> Maker<'m> {
        let box_folder = ground.side.folder();
        Maker {
            head,
            context,
            people,
            namespace: channel_namespace(ground.input.info.id, &head.name, box_folder),
            local_namespace: channel_namespace(None, &head.name, box_folder),
            ground,
        }
    }

    pub(super) fn all(
        &self,
        contact: &mut Contact,
        known: &FastMap<&OutPath, &Arc<Message>>,
        found: &mut Vec<Diagnostic>,
    ) {
        let mut made = Vec::with_capacity(self.ground.input.posts.len());
        let mut used = BTreeSet::new();
        for post in &self.ground.input.posts {
            let edited = post.meta.updated.filter(|stamp| stamp.is_held(self.context.now));
            contact.changes_at = soonest(contact.changes_at, edited.map(Stamp::shown_from));
            let Some(message) = self.one(post, &mut used, found) else {
                contact.waiting.extend(self.page(&post.file.stem, &mut BTreeSet::new()));
                continue;
            };
            let from = message.stamp.shown_from();
            if message.stamp.is_held(self.context.now) {
                found.push(held(post, message.stamp));
                contact.next_release = soonest(contact.next_release, Some(from));
                contact.changes_at = soonest(contact.changes_at, Some(from));
                contact.waiting.insert(message.page);
                continue;
            }
            made.push(message);
        }
        for stem in &self.ground.input.unread {
            contact.waiting.extend(self.page(stem, &mut BTreeSet::new()));
        }
        let finder = Finder::of(&self.ground, &made, &used);
        for mut message in made {
            finder.resolve(&mut message, found);
            let before = known.get(&message.page);
            message.fingerprint = before.map(|known| known.fingerprint).unwrap_or_default();
            contact.messages.push(match before.filter(|known| ****known == message) {
                Some(known) => Arc::clone(known),
                None => {
                    message.fingerprint = fingerprint(&message);
                    Arc::new(message)
                }
            });
        }
    }

    fn one(
        &self,
        post: &Post,
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
        let (attachments, more) = self.attachments(post, &page, used, found);
        let captions = post.meta.captions.iter().filter(|_| more == 0);
        let idle = captions.filter(|(name, _)| files::by_name(&attachments, name).is_none());
        let mut idle: Vec<Diagnostic> = idle
            .map(|(name, _)| {
                let text = format!("`captions` names no attachment: `{}`", shown(name));
                Diagnostic::warning(&file.path, "bad-caption", text)
                    .hint("write the name as it is in the message's folder")
            })
            .collect();
        crate::diagnostic::cut(&mut idle);
        found.append(&mut idle);
        let named = message_id(self.namespace, &file.stem);
        let own_id = post.meta.id.clone().filter(|_| self.ground.side == Side::Outbox);
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
        let stamp = self.stamp(post, found);
        // A bare date may mean the same day, only later.
        let is_later = |edit: &Stamp| match edit.is_date() {
            true => edit.unix() + DAY > stamp.unix(),
            false => edit.unix() > stamp.unix(),
        };
        let is_edit = |edit: &Stamp| !edit.is_held(self.context.now) && is_later(edit);
        Some(Message {
            head: Arc::clone(self.head),
            side: self.ground.side,
            path: self.ground.box_path.join(file.path.as_str())?,
            stem: file.stem.clone(),
            source: post.source,
            page,
            local_id: match self.ground.side {
                Side::Outbox => own_id.clone().unwrap_or_else(|| named.clone()),
                Side::Inbox if self.local_namespace == self.namespace => named.clone(),
                Side::Inbox => message_id(self.local_namespace, &file.stem),
            },
            plain_id: own_id.is_some().then(|| named.clone()),
            id: own_id.unwrap_or(named),
            stamp,
            updated: post.meta.updated.filter(is_edit),
            author: self.author(&post.meta),
            meta: Arc::clone(&post.meta),
            attachments,
            more,
            others: Vec::new(),
            refs: Vec::new(),
            thumbnail: None,
            notice: notice(post),
            // Of a text that is not read no difference can be shown.
            history: post.history.clone().filter(|_| !post.too_large),
            fingerprint: Default::default(),
        })
    }

    /// Returns the address of a message, a function of its path alone.
    fn page(&self, stem: &RelPath, used: &mut BTreeSet<String>) -> Option<OutPath> {
        let mut folder = self.ground.folder.clone();
        let groups: Vec<&str> = stem.parent().split('/').filter(|part| !part.is_empty()).collect();
        for (depth, part) in groups.iter().enumerate() {
            let first = depth == 0 && self.ground.side == Side::Outbox;
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
        let place = self.ground.place(out_folder);
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

/// Returns the hash of all that a message is.
pub(in crate::library) fn fingerprint(message: &Message) -> crate::hash::Fingerprint {
    Inputs::new("message")
        .print(&message.head.fingerprint)
        .text(message.path.as_str())
        .text(message.page.as_str())
        .text(&message.id)
        .maybe(message.plain_id.as_deref())
        .text(&message.local_id)
        .value(&message.source)
        .value(&message.stamp)
        .value(&message.updated)
        .value(&message.author)
        .number(message.more as u64)
        .value(&(&message.attachments, &message.others, &message.refs, &message.notice))
        .value(&(&message.thumbnail, &message.history))
        .finish()
}

/// Returns the limit on a message's text.
pub fn text_limit(side: Side, limits: &limits::Limits) -> u64 {
    match side {
        Side::Outbox => limits.own_message,
        Side::Inbox => limits.inbox_message,
    }
}
