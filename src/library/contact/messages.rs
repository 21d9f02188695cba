//! The messages of a box, with address, identity, time, author and attachments.

use super::done::{self, Done, Made, Pairs, Taken, Used};
use super::finder::{Finder, asks};
use super::{Ground, Post, soonest};
use crate::chunked::Chunked;
use crate::diagnostic::{Diagnostic, shown};
use crate::hash::{FastMap, Inputs};
use crate::library::files::{self, Attachment};
use crate::library::{
    Besides, Context, Head, Id, Message, Notice, Person, Side, channel_namespace, message_id,
};
use crate::limits;
use crate::message::{Meta, Visibility};
use crate::names::{self, Spot};
use crate::path::{OutPath, RelPath, fold};
use crate::rare::Rare;
use crate::time::Stamp;
use rayon::prelude::*;
use std::borrow::Cow;
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
}

/// Messages of the last build by their pages.
pub(super) type ByPage<'k> = FastMap<&'k OutPath, &'k Arc<Message>>;

/// What was made of a box.
#[derive(Default)]
pub(super) struct Batch {
    /// Of each of its files, by path.
    pub all: Chunked<Made>,
    /// The paths of those that are to be made anew each time.
    pub rough: Vec<RelPath>,
    /// The addresses that are used; none where two things wanted the same.
    pub taken: Option<Taken>,
    /// Messages of the last build that are no more, or not the same.
    pub removed: Vec<Arc<Message>>,
    /// Messages that the last build did not have, or not the same.
    pub added: Vec<Arc<Message>>,
    /// The pages of messages that are there and not shown yet.
    pub waiting: Vec<OutPath>,
    /// When the next held message will be shown, in seconds since 1970.
    pub next_release: Option<i64>,
    /// When the clock changes anything, in seconds since 1970.
    pub changes_at: Option<i64>,
    /// What was found, with paths in the box.
    pub found: Vec<Diagnostic>,
}

/// A message that is shown, before what its addresses mean is known.
struct Draft {
    /// The place of its file among those that are made.
    at: usize,
    message: Message,
    /// What was made of the file last.
    before: Option<Arc<Message>>,
    /// Whether it refers to anything but its own attachments.
    asks: bool,
    found: Vec<Diagnostic>,
}

/// A message of which all is known.
struct Settled {
    /// The place of its file among those that are made.
    at: usize,
    message: Arc<Message>,
    /// Where it is not what was made of the file last: that, if there was anything.
    before: Option<Option<Arc<Message>>>,
    /// Whether it is the same as long as the file is.
    plain: bool,
    found: Vec<Diagnostic>,
}

/// How many messages one processor settles before others are asked to help.
const SOME: usize = 128;

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
            ground,
        }
    }

    /// Makes the messages of the box, going on from what was made of it last. None where nothing can be
    /// gone on from: where two things want one address, or many files are others. Without anything to go on from,
    /// `known` finds the messages of the last build by their pages.
    pub(super) fn all(&self, last: &Done, known: &ByPage<'_>) -> Option<Batch> {
        let Pairs { kept, fresh, gone } = last.pair(&self.ground.input.posts)?;
        let mut batch = Batch::default();
        batch.removed.extend(gone.iter().filter_map(|was| was.message.clone()));
        let mut taken = last.taken.clone();
        let was = gone.iter().chain(fresh.iter().filter_map(|(_, was)| was.as_ref()));
        taken.remove(was.filter(|was| was.plain).filter_map(|was| was.message.as_deref()));
        let mut used = Used::of(taken);
        let (mut drafts, mut made) =
            (Vec::with_capacity(fresh.len()), Vec::with_capacity(fresh.len()));
        for (at, (post, was)) in fresh.into_iter().enumerate() {
            let (before, mut found) = (was.and_then(|was| was.message), Vec::new());
            match self.shown(&post, &mut used, &mut batch, &mut found) {
                Some(message) => {
                    let asks = asks(&message);
                    drafts.push(Draft { at, message, before, asks, found });
                }
                None => {
                    batch.removed.extend(before);
                    batch.found.append(&mut found);
                }
            }
            made.push(Made { post, message: None, plain: false });
        }
        if used.clashed && !last.all.is_empty() {
            return None;
        }
        for stem in &self.ground.input.unread {
            batch.waiting.extend(self.page(stem, &mut Used::default()));
        }
        self.finish(drafts, (&kept, &mut made), (&used, known), &mut batch);
        let mut taken = Some(used).filter(|used| !used.clashed).map(Used::into_taken);
        if let Some(taken) = &mut taken {
            let plain = made.iter().filter(|made| made.plain);
            taken.add(plain.filter_map(|made| made.message.as_deref()));
        }
        let rough = made.iter().filter(|made| !made.plain);
        batch.rough.extend(rough.map(|made| made.post.file.path.clone()));
        (batch.taken, batch.all) = (taken, done::add(kept, made));
        Some(batch)
    }

    /// Makes the message of a post, unless it is not shown now.
    fn shown(
        &self,
        post: &Post,
        used: &mut Used,
        batch: &mut Batch,
        found: &mut Vec<Diagnostic>,
    ) -> Option<Message> {
        let edited = post.meta.rare.updated.filter(|stamp| stamp.is_held(self.context.now));
        batch.changes_at = soonest(batch.changes_at, edited.map(Stamp::shown_from));
        let Some(message) = self.one(post, used, found) else {
            batch.waiting.extend(self.page(&post.file.stem, &mut Used::default()));
            return None;
        };
        if !message.stamp.is_held(self.context.now) {
            return Some(message);
        }
        let from = message.stamp.shown_from();
        found.push(held(post, message.stamp));
        batch.next_release = soonest(batch.next_release, Some(from));
        batch.changes_at = soonest(batch.changes_at, Some(from));
        batch.waiting.push(message.page);
        None
    }

    /// Finds out what the addresses in texts mean, and takes what is as it was for the very same;
    /// `kept` is not made again.
    fn finish(
        &self,
        drafts: Vec<Draft>,
        (kept, made): (&Chunked<Made>, &mut [Made]),
        (used, known): (&Used, &ByPage<'_>),
        batch: &mut Batch,
    ) {
        let plain = kept.iter().filter_map(|made| made.message.as_deref());
        let all = plain.chain(drafts.iter().map(|draft| &draft.message));
        let anybody_asks = drafts.iter().any(|draft| draft.asks);
        let looked_at = if anybody_asks { usize::MAX } else { 0 };
        let finder = Finder::of(&self.ground, all.take(looked_at), used);
        let settle = |Draft { at, mut message, before, asks, mut found }: Draft| {
            let updated = made[at].post.meta.rare.updated;
            finder.resolve(&mut message, &mut found);
            let edit_waits = updated.is_some_and(|edit| edit.is_held(self.context.now));
            let plain = !asks && found.is_empty() && !edit_waits;
            let before = before.or_else(|| known.get(&message.page).map(|known| Arc::clone(known)));
            message.fingerprint =
                before.as_ref().map(|known| known.fingerprint).unwrap_or_default();
            let (message, before) = match before {
                Some(known) if *known == message => (known, None),
                before => {
                    message.fingerprint = fingerprint(&message);
                    (Arc::new(message), Some(before))
                }
            };
            Settled { at, message, before, plain, found }
        };
        let settled: Vec<Settled> = drafts.into_par_iter().with_min_len(SOME).map(settle).collect();
        for Settled { at, message, before, plain, mut found } in settled {
            batch.found.append(&mut found);
            if let Some(before) = before {
                batch.removed.extend(before);
                batch.added.push(Arc::clone(&message));
            }
            (made[at].message, made[at].plain) = (Some(message), plain);
        }
    }

    fn one(&self, post: &Post, used: &mut Used, found: &mut Vec<Diagnostic>) -> Option<Message> {
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
        let captions = post.meta.rare.captions.iter().filter(|_| more == 0);
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
        let asked = post.meta.rare.id.as_deref().map(Id::new);
        let own_id = asked.filter(|_| self.ground.side == Side::Outbox);
        if post.meta.rare.id.is_some() && own_id.is_none() {
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
            file: file.path.clone(),
            source: post.source,
            page,
            id: own_id.clone().unwrap_or_else(|| named.clone()),
            stamp,
            author: self.author(&post.meta),
            meta: Arc::clone(&post.meta),
            rare: Rare::new(Besides {
                updated: post.meta.rare.updated.filter(is_edit),
                plain_id: own_id.map(|_| named),
                attachments,
                more,
                notice: notice(post),
                // Of a text that is not read no difference can be shown.
                history: post.history.clone().filter(|_| !post.too_large),
                ..Besides::default()
            }),
            fingerprint: Default::default(),
        })
    }

    /// Returns the address of a message, a function of its path alone.
    fn page(&self, stem: &RelPath, used: &mut Used) -> Option<OutPath> {
        let mut folder = Cow::Borrowed(self.ground.folder.as_str());
        let groups = stem.parent().split('/').filter(|part| !part.is_empty());
        for (depth, part) in groups.enumerate() {
            let first = depth == 0 && self.ground.side == Side::Outbox;
            let spot = if first { Spot::Group } else { Spot::DeepGroup };
            folder = [&*folder, "/", &names::out_name(part, spot)].concat().into();
        }
        let name = names::out_name(stem.name(), Spot::Message);
        let mut page = [&*folder, "/", &name, ".html"].concat();
        if !used.insert(&page) {
            page = format!("{folder}/{}.html", names::distinct_name(stem.name()));
            used.insert(&page);
        }
        OutPath::parse(&page)
    }

    fn attachments(
        &self,
        post: &Post,
        page: &OutPath,
        used: &mut Used,
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
        match &meta.rare.author {
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

/// Returns the hash of all that a message is. What it says is told by the hash of its source.
pub(in crate::library) fn fingerprint(message: &Message) -> crate::hash::Fingerprint {
    let Message { side, file, source, page, id, stamp, author, rare, .. } = message;
    Inputs::new("message")
        .print(&message.head.fingerprint)
        .value(&(side, file, source, page, id.form(), stamp, author, rare))
        .finish()
}

/// Returns the limit on a message's text.
pub fn text_limit(side: Side, limits: &limits::Limits) -> u64 {
    match side {
        Side::Outbox => limits.own_message,
        Side::Inbox => limits.inbox_message,
    }
}
