//! Who answers whom, across contacts.

use super::{Contact, Edition, Kind, Message, Side};
use crate::config::Settings;
use crate::diagnostic::{Checked, Diagnostic, Owner, shown};
use crate::path::OutPath;
use crate::web::{BaseUrl, WebUrl};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;

/// What a message answers.
#[derive(Debug, Clone)]
pub enum Target {
    /// A message of this edition.
    Known(Arc<Message>),
    /// A page elsewhere; only the reader edition names it.
    Elsewhere(WebUrl),
    /// Something this edition does not have or must not name.
    Unknown,
}

/// Targets and replies by the address of a message's page.
#[derive(Default)]
pub(super) struct Threads {
    /// The pages of messages that may answer one of a conversation.
    private: HashSet<OutPath>,
    targets: HashMap<OutPath, Target>,
    replies: HashMap<OutPath, Vec<Arc<Message>>>,
    trees: Vec<Thread>,
    /// By page: the place in `trees` of the thread that a message is part of.
    tree_of: HashMap<OutPath, usize>,
}

/// Messages that answer each other: each with its depth, before those that answer it. The first
/// one began it.
pub type Thread = Vec<(usize, Arc<Message>)>;

impl Threads {
    pub(super) fn target(&self, message: &Message) -> Option<&Target> {
        self.targets.get(&message.page)
    }

    pub(super) fn replies(&self, message: &Message) -> &[Arc<Message>] {
        self.replies.get(&message.page).map_or(&[], Vec::as_slice)
    }

    /// Returns whether a message may answer one of a conversation.
    pub(super) fn may_be_private(&self, message: &Message) -> bool {
        self.private.contains(&message.page)
    }

    /// Resolves every `in_reply_to` of some contacts.
    pub(super) fn of(
        edition: Edition,
        contacts: &[Arc<Contact>],
        settings: &Settings,
    ) -> Checked<Threads> {
        let mut found = Vec::new();
        let index = Index::of(contacts, settings, &mut found);
        let mut threads = Threads::default();
        for message in contacts.iter().flat_map(|contact| &contact.messages) {
            let Some(reference) = message.meta.in_reply_to.as_deref() else { continue };
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
        threads.grow(contacts);
        Checked { value: threads, diagnostics: found }
    }

    /// Joins messages into threads, by contact and time of the message that began them. Where
    /// messages answer each other in a circle, the first of them began it.
    fn grow(&mut self, contacts: &[Arc<Contact>]) {
        let messages = contacts.iter().flat_map(|contact| &contact.messages);
        let answered: Vec<_> = messages.filter(|m| !self.replies(m).is_empty()).collect();
        let begins = |message: &Message| !matches!(self.target(message), Some(Target::Known(_)));
        let (roots, rest): (Vec<_>, Vec<_>) = answered.into_iter().partition(|m| begins(m));
        for root in roots.into_iter().chain(rest) {
            if self.tree_of.contains_key(&root.page) {
                continue;
            }
            let mut tree = Thread::new();
            let mut next = vec![(0, Arc::clone(root))];
            while let Some((depth, message)) = next.pop() {
                let seen = self.tree_of.insert(message.page.clone(), self.trees.len());
                if seen.is_some() {
                    continue;
                }
                let replies = self.replies(&message).iter().rev();
                next.extend(replies.map(|reply| (depth + 1, Arc::clone(reply))));
                tree.push((depth, message));
            }
            self.trees.push(tree);
        }
    }

    pub(super) fn trees(&self) -> &[Thread] {
        &self.trees
    }

    /// Returns the message that began the thread of a message.
    pub(super) fn root(&self, message: &Message) -> Option<&Arc<Message>> {
        let tree = self.trees.get(*self.tree_of.get(&message.page)?)?;
        tree.first().map(|(_, root)| root)
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
                    &message.path,
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
                    Diagnostic::warning(&message.path, "bad-reply", text)
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
        all.find(|message| message.path.as_str() == reference)
    };
    let by_page = || index.by_page.get(reference).copied();
    index.resolve(reference).or_else(by_page).or_else(by_path).map(Arc::clone)
}

/// Finds messages by id and by address.
struct Index<'l> {
    /// The ids of messages of conversations, whoever else claims them.
    private: HashSet<&'l str>,
    by_id: HashMap<&'l str, &'l Arc<Message>>,
    by_page: HashMap<&'l str, &'l Arc<Message>>,
    /// The addresses that channels are read at, with the folder their pages have here.
    homes: Vec<(BaseUrl, String)>,
}

impl<'l> Index<'l> {
    fn of(
        contacts: &'l [Arc<Contact>],
        settings: &Settings,
        found: &mut Vec<Diagnostic>,
    ) -> Index<'l> {
        let conversations =
            contacts.iter().filter(|contact| contact.head.kind == Kind::Conversation);
        let private = conversations.flat_map(|contact| &contact.messages);
        let private =
            private.flat_map(|m| [Some(m.id.as_str()), m.plain_id.as_deref()]).flatten().collect();
        let disputed = disputed(contacts, found);
        let mut by_id: HashMap<&str, &Arc<Message>> = HashMap::new();
        let mut by_page = HashMap::new();
        for contact in contacts {
            for message in &contact.messages {
                by_page.insert(message.page.as_str(), message);
                if disputed.contains(&(contact.head.name.as_str(), message.side)) {
                    continue;
                }
                if let Some(plain) = &message.plain_id {
                    by_id.entry(plain).or_insert(message);
                }
                if let Some(first) = by_id.insert(&message.id, message) {
                    let text = format!("has the id of `{}`", shown(first.path.as_str()));
                    found.push(
                        Diagnostic::warning(&message.path, "same-id", text)
                            .hint("give one of them another `id`"),
                    );
                    by_id.insert(&first.id, first);
                }
            }
        }
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
        Index { private, by_id, by_page, homes }
    }

    /// Returns whether a reference means a message of a conversation, or may mean one.
    fn may_be_private(&self, reference: &str) -> bool {
        let means = |target: &Arc<Message>| target.head.kind == Kind::Conversation;
        self.private.contains(normal(reference).as_str())
            || self.resolve(reference).is_some_and(means)
    }

    fn resolve(&self, reference: &str) -> Option<&'l Arc<Message>> {
        if let Some(message) = self.by_id.get(reference) {
            return Some(message);
        }
        if reference.starts_with("urn:uuid:") {
            return self.by_id.get(normal(reference).as_str()).copied();
        }
        let url = WebUrl::parse(reference)?;
        if url.is_loopback() {
            // By whatever name and port this machine was called.
            return self.by_page.get(url.path()).copied();
        }
        self.homes.iter().find_map(|(base, folder)| {
            let page = format!("{folder}{}", url.below(base)?);
            self.by_page.get(page.as_str()).copied()
        })
    }
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
