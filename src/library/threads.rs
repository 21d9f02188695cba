//! Who answers whom, across contacts.
//!
//! To find that out takes a look at everything that answers something; most builds change nothing of it,
//! and [`again`] knows when.

mod again;

use super::slices::{Name, hash};
use super::trees::{Node, Trees};
use super::{Contact, Edition, Head, Id, Kind, Message, Relations, Side, Tombstone};
use crate::config::Settings;
use crate::diagnostic::{Diagnostic, Owner, shown};
use crate::hash::FastMap;
use crate::path::OutPath;
use crate::web::{BaseUrl, WebUrl};
use rayon::prelude::*;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};
use uuid::Uuid;

/// What a message answers.
#[derive(Debug, Clone)]
pub enum Target {
    /// A message of this edition.
    Known(Arc<Message>),
    /// A message that was in this edition and was deleted: its page says so.
    Deleted(Arc<Tombstone>),
    /// A page elsewhere; only the reader edition names it.
    Elsewhere(WebUrl),
    /// Something this edition does not have or must not name.
    Unknown,
}

/// Targets and replies by the address of a message's page.
#[derive(Default)]
pub(super) struct Threads {
    /// What was found on the way.
    pub found: Vec<Diagnostic>,
    /// The hashes of the names that were looked up to make them, sorted.
    looked_up: Vec<u64>,
    /// Where the public edition was said to be read.
    base_url: Option<BaseUrl>,
    /// The deleted messages that were told of; none before anything was.
    gone: Option<Vec<Tombstone>>,
    /// The pages of messages that may answer one of a conversation.
    private: BTreeSet<OutPath>,
    targets: FastMap<OutPath, Target>,
    replies: FastMap<OutPath, Vec<Arc<Message>>>,
    trees: Trees,
    relations: OnceLock<Relations>,
}

impl Threads {
    /// Returns the hashes of who answers whom, which `make` makes of these threads.
    pub(super) fn relations(&self, make: impl FnOnce() -> Relations) -> &Relations {
        self.relations.get_or_init(make)
    }

    pub(super) fn target(&self, message: &Message) -> Option<&Target> {
        self.targets.get(&message.page)
    }

    /// Returns the page of what a message answers, be it there or deleted.
    pub(super) fn answered_page(&self, page: &OutPath) -> Option<&OutPath> {
        match self.targets.get(page)? {
            Target::Known(target) => Some(&target.page),
            Target::Deleted(gone) => Some(&gone.page),
            Target::Elsewhere(_) | Target::Unknown => None,
        }
    }

    /// Returns whether these are the deleted messages that were told of.
    pub(super) fn know(&self, gone: &[Tombstone]) -> bool {
        self.gone.as_deref() == Some(gone)
    }

    /// Finds out which targets are messages that were deleted, and what answers these, and joins
    /// messages into threads; nothing was told of before.
    pub(super) fn tell_deleted(
        &mut self,
        contacts: &[Arc<Contact>],
        gone: &[Tombstone],
        settings: &Settings,
    ) {
        self.gone = Some(gone.to_vec());
        self.relations = OnceLock::new();
        let stones = Stones::of(contacts, gone);
        let mut answered = BTreeSet::new();
        for message in contacts.iter().flat_map(|contact| &contact.slices.answers) {
            let Some(reference) = message.meta.rare.in_reply_to.as_deref() else { continue };
            let Some(target) = self.targets.get_mut(&message.page) else { continue };
            if matches!(target, Target::Known(_)) {
                continue;
            }
            if let Some((gone, _)) = stones.meant(reference, settings) {
                *target = Target::Deleted(Arc::clone(gone));
                self.replies.entry(gone.page.clone()).or_default().push(Arc::clone(message));
                answered.insert(&gone.page);
            }
        }
        for page in answered {
            if let Some(replies) = self.replies.get_mut(page) {
                replies.sort_by(|a, b| a.order().cmp(&b.order()));
            }
        }
        let answered = stones.all.iter().filter_map(|(gone, _)| gone.answered.as_ref());
        self.looked_up.extend(answered.map(|page| hash(page.as_str())));
        self.looked_up.sort_unstable();
        self.grow(contacts, &stones);
    }

    /// Joins messages into threads.
    fn grow(&mut self, contacts: &[Arc<Contact>], stones: &Stones) {
        let mut answers = Vec::new();
        for message in contacts.iter().flat_map(|contact| &contact.slices.answers) {
            let target = match self.target(message) {
                Some(Target::Known(target)) => Some(Node::Message(Arc::clone(target))),
                Some(Target::Deleted(gone)) => stones.node(&gone.page),
                Some(Target::Elsewhere(_) | Target::Unknown) | None => None,
            };
            answers.extend(target.map(|target| (Node::Message(Arc::clone(message)), target)));
        }
        answers.extend(stones.answers(contacts));
        self.trees = Trees::grow(&answers);
    }

    /// Returns what answers the message of a page, be it there or deleted, oldest first.
    pub(super) fn replies(&self, page: &OutPath) -> &[Arc<Message>] {
        self.replies.get(page).map_or(&[], Vec::as_slice)
    }

    /// Returns whether a message may answer one of a conversation.
    pub(super) fn may_be_private(&self, message: &Message) -> bool {
        self.private.contains(&message.page)
    }

    /// Resolves every `in_reply_to` of some contacts. Threads are grown when it is told what was
    /// deleted.
    pub(super) fn of(edition: Edition, contacts: &[Arc<Contact>], settings: &Settings) -> Threads {
        let mut found = Vec::new();
        if contacts.iter().any(|contact| !contact.slices.answers.is_empty()) {
            contacts.par_iter().for_each(|contact| contact.slices.sort_names());
        }
        let index = Index::of(contacts, settings, &mut found);
        let mut threads = Threads { base_url: settings.base_url.clone(), ..Threads::default() };
        for message in contacts.iter().flat_map(|contact| &contact.slices.answers) {
            let Some(reference) = message.meta.rare.in_reply_to.as_deref() else { continue };
            if index.may_be_private(reference) {
                threads.private.insert(message.page.clone());
            }
            let target = match index.resolve(reference) {
                Some(target) if target.page == message.page => continue,
                Some(target) => Target::Known(Arc::clone(target)),
                None => not_found(edition, message, reference, &mut found),
            };
            if let Target::Known(target) = &target {
                threads.replies.entry(target.page.clone()).or_default().push(Arc::clone(message));
            }
            threads.targets.insert(message.page.clone(), target);
        }
        #[expect(clippy::iter_over_hash_type, reason = "each list is sorted on its own")]
        for replies in threads.replies.values_mut() {
            replies.sort_by(|a, b| a.order().cmp(&b.order()));
        }
        threads.looked_up = index.looked_up.into_inner();
        threads.looked_up.sort_unstable();
        threads.looked_up.dedup();
        threads.found = found;
        threads
    }

    pub(super) fn private(&self) -> &BTreeSet<OutPath> {
        &self.private
    }

    pub(super) fn trees(&self) -> &Trees {
        &self.trees
    }
}

/// What is left of deleted messages whose pages say so, each with whose it was.
#[derive(Default)]
struct Stones {
    all: Vec<(Arc<Tombstone>, Arc<Head>)>,
    by_page: FastMap<OutPath, usize>,
    /// By every id that those who answer them write.
    by_id: FastMap<String, usize>,
}

impl Stones {
    fn of(contacts: &[Arc<Contact>], gone: &[Tombstone]) -> Stones {
        let mut stones = Stones::default();
        for gone in gone.iter().filter(|gone| gone.told) {
            // The pages of a contact that is gone or renamed say nothing any more.
            let mut owners = contacts.iter().filter(|contact| contact.head.dir == gone.dir());
            let Some(owner) = owners.next() else { continue };
            let place = stones.all.len();
            stones.by_page.entry(gone.page.clone()).or_insert(place);
            for id in [Some(&gone.id), gone.reply_id.as_ref()].into_iter().flatten() {
                stones.by_id.entry(id.clone()).or_insert(place);
            }
            stones.all.push((Arc::new(gone.clone()), Arc::clone(&owner.head)));
        }
        stones
    }

    fn node(&self, page: &OutPath) -> Option<Node> {
        let (gone, head) = self.all.get(*self.by_page.get(page)?)?;
        Some(Node::Gone(Arc::clone(gone), Arc::clone(head)))
    }

    /// Returns which of them somebody means who answers: by its id, or by the address of its page on
    /// this machine or under my `base_url`.
    fn meant(&self, reference: &str, settings: &Settings) -> Option<&(Arc<Tombstone>, Arc<Head>)> {
        let place = self.by_id.get(&normal(reference)).copied().or_else(|| {
            let url = WebUrl::parse(reference)?;
            let page = match (url.is_loopback(), &settings.base_url) {
                (true, _) => url.path(),
                (false, base) => url.below(base.as_ref()?)?,
            };
            self.by_page.get(&OutPath::parse(page)?).copied()
        });
        self.all.get(place?)
    }

    /// Returns those that answered what is there, or is deleted too, with that.
    fn answers(&self, contacts: &[Arc<Contact>]) -> impl Iterator<Item = (Node, Node)> {
        let target = |page: &OutPath| {
            let dir = page.parts().next()?;
            let mut owners = contacts.iter().filter(|contact| contact.head.dir == dir);
            let there = owners.find_map(|contact| contact.slices.by_page(page.as_str()));
            there.map(|message| Node::Message(Arc::clone(message))).or_else(|| self.node(page))
        };
        self.all.iter().filter_map(move |(gone, head)| {
            let answered = gone.answered.as_ref().filter(|answered| **answered != gone.page)?;
            Some((Node::Gone(Arc::clone(gone), Arc::clone(head)), target(answered)?))
        })
    }
}

fn not_found(
    edition: Edition,
    message: &Message,
    reference: &str,
    found: &mut Vec<Diagnostic>,
) -> Target {
    match WebUrl::parse(reference) {
        Some(url) if url.is_loopback() && edition == Edition::Public => {
            found.push(
                Diagnostic::warning(
                    &message.path(),
                    "local-reply",
                    "answers an address of this machine; the public page does not say so",
                )
                .hint("put the id of the message there, as urn:uuid:…"),
            );
            Target::Unknown
        }
        Some(url) if edition == Edition::Reader => Target::Elsewhere(url),
        Some(_) => Target::Unknown,
        None if reference.starts_with("urn:") => Target::Unknown,
        None => {
            if edition == Edition::Reader {
                let text = format!(
                    "`in_reply_to` is neither urn:uuid:… nor a web address: `{}`",
                    shown(reference)
                );
                found.push(
                    Diagnostic::warning(&message.path(), "bad-reply", text)
                        .owned_by(message.side.owner()),
                );
            }
            Target::Unknown
        }
    }
}

/// Returns the message that somebody means who answers: by its id, by the address of its page on
/// this machine, under my `base_url` or a known channel's `home_page`, by the path of its page in an
/// edition, or by that of its file below the base folder.
pub fn answered(
    contacts: &[Arc<Contact>],
    settings: &Settings,
    reference: &str,
) -> Option<Arc<Message>> {
    let index = Index::of(contacts, settings, &mut Vec::new());
    let by_path = || {
        let mut all = contacts.iter().flat_map(|contact| &contact.messages);
        all.find(|message| message.is_at(reference))
    };
    let by_page = || index.by_page(reference);
    index.resolve(reference).or_else(by_page).or_else(by_path).map(Arc::clone)
}

/// Finds messages by id and by address.
struct Index<'l> {
    contacts: &'l [Arc<Contact>],
    /// The messages of ids that headers ask for, and of those that stand for them, where any does:
    /// two may then have one id.
    asked: FastMap<&'l Id, &'l Arc<Message>>,
    /// The boxes whose ids are not resolved.
    disputed: Vec<(&'l str, Side)>,
    /// The addresses that channels are read at, with the folder their pages have here.
    homes: Vec<(BaseUrl, String)>,
    /// The hashes of all names that were looked up.
    looked_up: RefCell<Vec<u64>>,
}

impl<'l> Index<'l> {
    fn of(
        contacts: &'l [Arc<Contact>],
        settings: &Settings,
        found: &mut Vec<Diagnostic>,
    ) -> Index<'l> {
        let disputed = disputed(contacts, found);
        let asked = match contacts.iter().any(|contact| contact.slices.asks_for_ids) {
            true => asked_for(contacts, &disputed, found),
            false => FastMap::default(),
        };
        let mut homes: Vec<(BaseUrl, String)> = Vec::new();
        homes.extend(settings.base_url.clone().map(|base| (base, String::new())));
        let mine = homes.len();
        for contact in contacts {
            let side = if contact.head.kind == Kind::Channel { Side::Outbox } else { Side::Inbox };
            let home = contact.head.info.home_page.as_ref();
            let base = home.and_then(|home| BaseUrl::parse(home.as_str()));
            homes.extend(base.map(|base| (base, format!("{}/", contact.head.folder(side)))));
        }
        settle(&mut homes, mine);
        Index { contacts, asked, disputed, homes, looked_up: RefCell::default() }
    }

    /// Returns whether a reference means a message of a conversation, or may mean one, whoever else
    /// claims its id.
    fn may_be_private(&self, reference: &str) -> bool {
        let means = |target: &Arc<Message>| target.head.kind == Kind::Conversation;
        let id = normal(reference);
        let name = self.note(&id);
        let mut talks = self.contacts.iter().filter(|c| c.head.kind == Kind::Conversation);
        let holds = |contact: &Arc<Contact>, side| contact.slices.by_id(side, name).is_some();
        talks.any(|talk| holds(talk, Side::Outbox) || holds(talk, Side::Inbox))
            || self.resolve(reference).is_some_and(means)
    }

    fn resolve(&self, reference: &str) -> Option<&'l Arc<Message>> {
        if let Some(message) = self.by_id(reference) {
            return Some(message);
        }
        if reference.starts_with("urn:uuid:") {
            return self.by_id(&normal(reference));
        }
        let url = WebUrl::parse(reference)?;
        if url.is_loopback() {
            // By whatever name and port this machine was called.
            return self.by_page(url.path());
        }
        self.homes.iter().find_map(|(base, folder)| {
            let page = format!("{folder}{}", url.below(base)?);
            self.by_page(&page)
        })
    }

    /// Takes note of a name that is looked up.
    fn note<'n>(&self, name: &'n str) -> Name<'n> {
        let name = Name::of(name);
        self.looked_up.borrow_mut().push(name.hash());
        name
    }

    fn by_id(&self, id: &str) -> Option<&'l Arc<Message>> {
        let name = self.note(id);
        if !self.asked.is_empty()
            && let Some(message) = self.asked.get(&Id::new(id))
        {
            return Some(message);
        }
        let boxes = self
            .contacts
            .iter()
            .flat_map(|c| c.head.kind.sides().iter().map(move |side| (c, *side)));
        let mut sound =
            boxes.filter(|(contact, side)| !self.disputed.contains(&(&contact.head.name, *side)));
        sound.find_map(|(contact, side)| contact.slices.by_id(side, name))
    }

    /// Returns the message of a page: its contact is told by the first part.
    fn by_page(&self, page: &str) -> Option<&'l Arc<Message>> {
        self.note(page);
        let dir = page.split('/').next()?;
        let mut contacts = self.contacts.iter().filter(|contact| contact.head.dir == dir);
        contacts.find_map(|contact| contact.slices.by_page(page))
    }
}

/// Returns the messages of all ids, where headers ask for some; the first of an id keeps it.
fn asked_for<'l>(
    contacts: &'l [Arc<Contact>],
    disputed: &[(&str, Side)],
    found: &mut Vec<Diagnostic>,
) -> FastMap<&'l Id, &'l Arc<Message>> {
    let mut by_id: FastMap<&Id, &Arc<Message>> = FastMap::default();
    for contact in contacts {
        for message in &contact.messages {
            if disputed.contains(&(contact.head.name.as_str(), message.side)) {
                continue;
            }
            if let Some(plain) = &message.rare.plain_id {
                by_id.entry(plain).or_insert(message);
            }
            if let Some(first) = by_id.insert(&message.id, message) {
                let text = format!("has the id of `{}`", shown(&first.path()));
                found.push(
                    Diagnostic::warning(&message.path(), "same-id", text)
                        .hint("give one of them another `id`"),
                );
                by_id.insert(&first.id, first);
            }
        }
    }
    by_id
}

/// Returns an id as it is written here: a UUID in its usual form.
fn normal(reference: &str) -> String {
    let uuid = reference.strip_prefix("urn:uuid:").and_then(|uuid| Uuid::parse_str(uuid).ok());
    uuid.map_or_else(|| reference.to_owned(), |uuid| format!("urn:uuid:{uuid}"))
}

/// Drops home pages that two contacts claim, or one of which lies in another, and those that claim
/// a place of mine (the first `mine`): nobody answers for pages of others.
fn settle(homes: &mut Vec<(BaseUrl, String)>, mine: usize) {
    let overlap = |a: &BaseUrl, b: &BaseUrl| {
        a.as_str().starts_with(b.as_str()) || b.as_str().starts_with(a.as_str())
    };
    let all: Vec<BaseUrl> = homes.iter().map(|(base, _)| base.clone()).collect();
    let mut at = 0;
    homes.retain(|(base, _)| {
        at += 1;
        let others = all.iter().enumerate().filter(|(other, _)| *other != at - 1);
        at <= mine || !others.into_iter().any(|(_, other)| overlap(base, other))
    });
}

/// Returns the boxes whose channel id somebody else claims too: references to it are not
/// resolved. One's own box keeps its id, whoever else claims it.
fn disputed<'c>(contacts: &'c [Arc<Contact>], found: &mut Vec<Diagnostic>) -> Vec<(&'c str, Side)> {
    let mut claims: BTreeMap<Uuid, Vec<(&str, Side)>> = BTreeMap::new();
    for contact in contacts {
        for (side, id) in &contact.channel_ids {
            claims.entry(*id).or_default().push((&contact.head.name, *side));
        }
    }
    let mut disputed = Vec::new();
    for (id, mut boxes) in claims {
        if boxes.len() < 2 {
            continue;
        }
        let names: Vec<String> =
            boxes.iter().map(|(name, _)| format!("`{}`", shown(name))).collect();
        let own = boxes.iter().filter(|(_, side)| *side == Side::Outbox).count();
        if own == 1 {
            boxes.retain(|(_, side)| *side == Side::Inbox);
        }
        for (name, side) in &boxes {
            let path = format!("{name}/{}/channel.toml", side.folder());
            let text = format!("the channel id {id} is claimed by {}", names.join(" and "));
            found.push(
                Diagnostic::warning(&path, "same-channel-id", text)
                    .hint(
                        "both are shown; replies to it are not resolved until one of them is gone",
                    )
                    .owned_by(if *side == Side::Outbox { Owner::Own } else { Owner::Other }),
            );
        }
        disputed.extend(boxes);
    }
    disputed
}
