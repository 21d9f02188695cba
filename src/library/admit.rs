//! Which contacts may be public: those listed by name, and none of which anything speaks against.

use super::{Addresses, Attachment, Contact, Deleted, Edition, Kind, Library, Message, Notice};
use crate::config::Settings;
use crate::diagnostic::{Checked, Diagnostic, shown};
use crate::listing::PublicCopy;
use crate::message::{Visibility, body::Found};
use crate::path::{OutPath, fold};
use crate::source::Place;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A channel that may be public, with the messages that may be. Only [`public`] makes one.
#[derive(Clone)]
pub struct PublicChannel(Arc<Contact>);

impl PublicChannel {
    /// Returns the contact.
    pub fn into_contact(self) -> Arc<Contact> {
        self.0
    }
}

/// What the local state remembers, so that nothing becomes public because a folder is gone for a
/// moment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Memory {
    /// Folded names of contacts that were ever seen with an inbox.
    pub inboxes: BTreeSet<String>,
    /// What messages were held back for answering: their `in_reply_to`.
    pub replies: BTreeSet<String>,
    /// The addresses that contacts had in the reader edition.
    #[serde(default)]
    pub addresses: Addresses,
    /// The addresses that channels had in the public edition: under which they were private says
    /// nothing there.
    #[serde(default)]
    pub public_addresses: Addresses,
    /// What was deleted of the reader edition.
    #[serde(default)]
    pub deleted: Deleted,
    /// What was deleted of the public edition.
    #[serde(default)]
    pub public_deleted: Deleted,
}

impl Memory {
    /// Returns what was deleted of an edition.
    pub fn deleted(&mut self, edition: Edition) -> &mut Deleted {
        match edition {
            Edition::Reader => &mut self.deleted,
            Edition::Public => &mut self.public_deleted,
        }
    }
}

/// What was let through in a build, and what decided it.
///
/// Sound as a cache because what is let through of a channel depends on its messages, on what may
/// answer a conversation and on what was held back before; all three are compared.
#[derive(Default)]
pub struct Admitted {
    private: BTreeSet<OutPath>,
    replies: BTreeSet<String>,
    /// By the name of the contact: the contact, and what was let through of it.
    parts: BTreeMap<String, (Arc<Contact>, Checked<PublicChannel>)>,
}

impl Admitted {
    fn part(&self, name: &str) -> Option<&Contact> {
        self.parts.get(name).map(|(_, part)| &*part.value.0)
    }

    /// Returns what is let through of a contact, if that can be told by what was.
    fn again(
        &self,
        contact: &Arc<Contact>,
        reader: &Library,
        memory: &Memory,
    ) -> Option<Checked<PublicChannel>> {
        let (known, part) = self.parts.get(&contact.head.name)?;
        if self.replies != memory.replies || self.private != *reader.may_answer_conversations() {
            return None;
        }
        if Arc::ptr_eq(known, contact) {
            return Some(part.clone());
        }
        // All of it was let through as it was: so it is again if that holds for what has come.
        let all = Arc::ptr_eq(known, &part.value.0).then_some(known)?;
        let change = all.change(contact)?;
        let is_whole = |message: &&Arc<Message>| {
            may_be_public(message, reader, memory).is_ok()
                && message.rare.history.is_none()
                && !holds_withheld(message)
        };
        let whole = change.come.iter().all(is_whole);
        whole.then(|| Checked::clean(PublicChannel(Arc::clone(contact))))
    }
}

/// Picks the public channels: listed in my settings, with an outbox, without any trace of an
/// inbox now, and never seen with one (by the local state). Of their messages those are
/// left out that say so, that look like conflict copies, or that answer a conversation (which the
/// reader's library knows).
///
/// What `last` let through is taken over where nothing that decides it has changed.
pub fn public(
    reader: &Library,
    settings: &Settings,
    memory: &Memory,
    last: &Admitted,
) -> Checked<(Vec<PublicChannel>, Admitted)> {
    let mut found = Vec::new();
    let mut admitted = Admitted {
        private: reader.may_answer_conversations().clone(),
        replies: memory.replies.clone(),
        parts: BTreeMap::new(),
    };
    let mut by_fold: BTreeMap<String, Vec<&Arc<Contact>>> = BTreeMap::new();
    for contact in &reader.contacts {
        by_fold.entry(fold(&contact.head.name)).or_default().push(contact);
    }
    let mut taken = BTreeSet::new();
    let listed = settings.public.iter().filter(|(name, _)| taken.insert(fold(name)));
    let listed: Vec<_> = listed.collect();
    let look = |(name, _): &&(String, Place)| match by_fold.get(&fold(name)).map(Vec::as_slice) {
        None | Some([]) => Err(("public-missing", "there is no contact of this name".to_owned())),
        Some([contact]) => match refusal(contact, &memory.inboxes) {
            None => Ok((Arc::clone(contact), let_through(contact, reader, memory, last))),
            Some(why) => Err(why),
        },
        Some(_) => {
            Err(("public-ambiguous", "several folders differ from this name in case only".into()))
        }
    };
    let looked: Vec<_> = listed.par_iter().map(look).collect();
    let mut channels: Vec<PublicChannel> = Vec::new();
    for ((name, place), contact) in listed.into_iter().zip(looked) {
        match contact {
            Ok((contact, part)) => {
                channels.push(part.clone().take(&mut found));
                admitted.parts.insert(contact.head.name.clone(), (contact, part));
            }
            Err((code, why)) => found.push(
                Diagnostic::error(
                    "handbill.toml",
                    code,
                    format!("`{}` is not published: {why}", shown(name)),
                )
                .at(place.clone())
                .hint("mend the folder, or take the name out of `public`"),
            ),
        }
    }
    channels.sort_by(|a, b| a.0.head.name.cmp(&b.0.head.name));
    Checked { value: (channels, admitted), diagnostics: found }
}

/// Returns why a listed contact is not published.
fn refusal(contact: &Contact, seen: &BTreeSet<String>) -> Option<(&'static str, String)> {
    if contact.head.kind != Kind::Channel {
        return Some((
            "public-inbox",
            "it has an inbox, and what others write to you stays private".into(),
        ));
    }
    if let Some(trace) = &contact.inbox_trace {
        return Some(("public-inbox", format!("`{}` looks like an inbox", shown(trace))));
    }
    if seen.contains(&fold(&contact.head.name)) {
        let why = "it had an inbox before; if that is gone for good, remove its name from \
                   `.handbill/state/memory.json`";
        return Some(("public-inbox", why.into()));
    }
    None
}

/// Returns what is let through of a contact: what `last` let through, where nothing that decides it has
/// changed.
fn let_through(
    contact: &Arc<Contact>,
    reader: &Library,
    memory: &Memory,
    last: &Admitted,
) -> Checked<PublicChannel> {
    let again = last.again(contact, reader, memory);
    again.unwrap_or_else(|| open_part(contact, last.part(&contact.head.name), reader, memory))
}

/// Returns a channel with only the messages that may be public, and no way from them to others;
/// `before` is what was let through last.
fn open_part(
    contact: &Arc<Contact>,
    before: Option<&Contact>,
    reader: &Library,
    memory: &Memory,
) -> Checked<PublicChannel> {
    let mut diagnostics = Vec::new();
    let open = |message: &&Arc<Message>| match may_be_public(message, reader, memory) {
        Ok(()) => true,
        Err(report) => {
            diagnostics.extend(report.map(|report| *report));
            false
        }
    };
    let kept: Vec<Arc<Message>> =
        contact.messages.iter().filter(open).map(without_history).map(without_withheld).collect();
    let kept = without_lost_links(&kept);
    let is_all = kept.len() == contact.messages.len()
        && kept.iter().zip(&contact.messages).all(|(a, b)| Arc::ptr_eq(a, b));
    let value = match is_all {
        true => Arc::clone(contact),
        false => Arc::new(contact.with(kept.into_iter().collect(), before)),
    };
    Checked { value: PublicChannel(value), diagnostics }
}

fn may_be_public(
    message: &Message,
    reader: &Library,
    memory: &Memory,
) -> Result<(), Option<Box<Diagnostic>>> {
    let report = |code, text: &str, hint: &str| {
        Err(Some(Box::new(Diagnostic::warning(&message.path(), code, text).hint(hint))))
    };
    if message.meta.visibility == Visibility::Unreadable {
        return report(
            "held-unreadable",
            "not published: its header cannot be read and may say that it is private",
            "mend the header",
        );
    }
    if message.meta.visibility != Visibility::Open {
        return Err(None); // As its author wishes: nothing to report.
    }
    if matches!(message.rare.notice, Some(Notice::Suspect(_))) {
        return Err(None); // Reported where it was found.
    }
    let remembered =
        message.meta.rare.in_reply_to.as_ref().is_some_and(|to| memory.replies.contains(to));
    if remembered || reader.answers_conversation(message) {
        return report(
            "held-reply",
            "not published: it answers a message of a private conversation, or may do so",
            "take `in_reply_to` out if it may be public",
        );
    }
    Ok(())
}

/// Returns a message without what this machine has seen it say before.
fn without_history(message: &Arc<Message>) -> Arc<Message> {
    if message.rare.history.is_none() {
        return Arc::clone(message);
    }
    let mut made = Message::clone(message);
    made.rare.change(|rare| rare.history = None);
    made.fingerprint = crate::library::contact::fingerprint(&made);
    Arc::new(made)
}

fn holds_withheld(message: &Message) -> bool {
    let mut files = message.rare.attachments.iter().chain(&message.rare.others);
    files.any(|file| file.copy == PublicCopy::Withheld)
}

/// Returns a message without the files that must not be published.
fn without_withheld(message: Arc<Message>) -> Arc<Message> {
    if !holds_withheld(&message) {
        return message;
    }
    let open = |file: &Attachment| file.copy != PublicCopy::Withheld;
    let mut made = Message::clone(&message);
    made.rare.change(|rare| {
        rare.attachments.retain(open);
        rare.others.retain(open);
    });
    made.fingerprint = crate::hash::Inputs::new("open files")
        .print(&message.fingerprint)
        .value(&(&made.rare.attachments, &made.rare.others))
        .finish();
    Arc::new(made)
}

/// Returns messages without links to pages and attachments of messages that are not among them.
pub(super) fn without_lost_links(messages: &[Arc<Message>]) -> Vec<Arc<Message>> {
    if messages
        .iter()
        .all(|message| message.rare.refs.is_empty() && message.rare.thumbnail.is_none())
    {
        return messages.to_vec();
    }
    let attached =
        messages.iter().flat_map(|message| &message.rare.attachments).map(|file| &file.out);
    let there = messages.iter().map(|message| &message.page).chain(attached).collect();
    messages.iter().map(|message| without_links(message, &there)).collect()
}

fn without_links(message: &Arc<Message>, there: &BTreeSet<&OutPath>) -> Arc<Message> {
    let lost = |found: &Found| match found {
        Found::Page(path)
        | Found::Picture(path, _)
        | Found::Sound(path)
        | Found::Film(path)
        | Found::File(path) => {
            !there.contains(path) && !message.rare.others.iter().any(|other| other.out == *path)
        }
        Found::Missing | Found::Withheld => false,
    };
    let no_picture = message.rare.thumbnail.as_ref().is_some_and(lost);
    if !no_picture && !message.rare.refs.iter().any(|(_, found)| lost(found)) {
        return Arc::clone(message);
    }
    let mut open = Message::clone(message);
    open.rare.change(|rare| {
        rare.thumbnail = rare.thumbnail.take().filter(|_| !no_picture);
        for (_, found) in &mut rare.refs {
            if lost(found) {
                *found = Found::Withheld;
            }
        }
    });
    open.fingerprint = crate::hash::Inputs::new("open message")
        .print(&message.fingerprint)
        .value(&(&open.rare.refs, &open.rare.thumbnail))
        .finish();
    Arc::new(open)
}
