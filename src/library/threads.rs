//! Who answers whom, across contacts.

use super::{Contact, Edition, Kind, Message, Side};
use crate::config::Settings;
use crate::diagnostic::{Checked, Diagnostic, Owner, shown};
use crate::path::OutPath;
use crate::web::{BaseUrl, WebUrl};
use std::collections::{BTreeMap, HashMap};
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
    targets: HashMap<OutPath, Target>,
    replies: HashMap<OutPath, Vec<Arc<Message>>>,
}

impl Threads {
    pub(super) fn target(&self, message: &Message) -> Option<&Target> {
        self.targets.get(&message.page)
    }

    pub(super) fn replies(&self, message: &Message) -> &[Arc<Message>] {
        self.replies.get(&message.page).map_or(&[], Vec::as_slice)
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
        Checked { value: threads, diagnostics: found }
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

/// Finds messages by id and by address.
struct Index<'l> {
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
        homes.push((BaseUrl::local(settings.port), String::new()));
        for contact in contacts {
            let side = if contact.head.kind == Kind::Channel { Side::Outbox } else { Side::Inbox };
            let home = contact.head.info.home_page.as_ref();
            let base = home.and_then(|home| BaseUrl::parse(home.as_str()));
            homes.extend(base.map(|base| (base, format!("{}/", contact.head.folder(side)))));
        }
        Index { by_id, by_page, homes }
    }

    fn resolve(&self, reference: &str) -> Option<&'l Arc<Message>> {
        if let Some(message) = self.by_id.get(reference) {
            return Some(message);
        }
        if let Some(uuid) = reference.strip_prefix("urn:uuid:") {
            let id = format!("urn:uuid:{}", Uuid::parse_str(uuid).ok()?);
            return self.by_id.get(id.as_str()).copied();
        }
        let url = WebUrl::parse(reference)?;
        self.homes.iter().find_map(|(base, folder)| {
            let page = format!("{folder}{}", url.below(base)?);
            self.by_page.get(page.as_str()).copied()
        })
    }
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
