//! Which contacts may be public: those listed by name, and none of which anything speaks against.

use super::{Contact, Kind, Library, Message, Notice};
use crate::config::Settings;
use crate::diagnostic::{Checked, Diagnostic, shown};
use crate::message::{Visibility, body::Found};
use crate::path::{OutPath, fold};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A channel that may be public, with the messages that may be. Only [`public`] makes one.
pub struct PublicChannel(Arc<Contact>);

impl PublicChannel {
    /// Returns the contact.
    pub fn into_contact(self) -> Arc<Contact> {
        self.0
    }
}

/// Picks the public channels: listed in my settings, with an outbox, without any trace of an
/// inbox now, and never seen with one (`seen`, from the local state). Of their messages those are
/// left out that say so, that look like conflict copies, or that answer a conversation (which the
/// reader's library knows).
pub fn public(
    reader: &Library,
    settings: &Settings,
    seen: &BTreeSet<String>,
) -> Checked<Vec<PublicChannel>> {
    let mut found = Vec::new();
    let mut by_fold: BTreeMap<String, Vec<&Arc<Contact>>> = BTreeMap::new();
    for contact in &reader.contacts {
        by_fold.entry(fold(&contact.head.name)).or_default().push(contact);
    }
    let mut channels: Vec<PublicChannel> = Vec::new();
    let mut taken = BTreeSet::new();
    for (name, place) in &settings.public {
        if !taken.insert(fold(name)) {
            continue;
        }
        let contact = match by_fold.get(&fold(name)).map(Vec::as_slice) {
            None | Some([]) => {
                Err(("public-missing", "there is no contact of this name".to_owned()))
            }
            Some([contact]) => refusal(contact, seen).map_or(Ok(contact), Err),
            Some(_) => Err((
                "public-ambiguous",
                "several folders differ from this name in case only".into(),
            )),
        };
        match contact {
            Ok(contact) => channels.push(PublicChannel(open_part(contact, reader, &mut found))),
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
    Checked { value: channels, diagnostics: found }
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
                   `.handbill/state/inboxes.json`";
        return Some(("public-inbox", why.into()));
    }
    None
}

/// Returns a channel with only the messages that may be public, and no way from them to others.
fn open_part(contact: &Contact, reader: &Library, found: &mut Vec<Diagnostic>) -> Arc<Contact> {
    let open = |message: &&Arc<Message>| match may_be_public(message, reader) {
        Ok(()) => true,
        Err(report) => {
            found.extend(report.map(|report| *report));
            false
        }
    };
    let kept: Vec<Arc<Message>> = contact.messages.iter().filter(open).cloned().collect();
    let pages: BTreeSet<&OutPath> = kept.iter().map(|m| &m.page).collect();
    let files: BTreeSet<&OutPath> =
        kept.iter().flat_map(|m| m.attachments.iter().chain(&m.others)).map(|f| &f.out).collect();
    let closed = |found: &Found| match found {
        Found::Page(page) => !pages.contains(page),
        Found::Picture(file, _) | Found::Sound(file) | Found::Film(file) | Found::File(file) => {
            !files.contains(file)
        }
        Found::Missing | Found::Withheld => false,
    };
    let messages = kept.iter().map(|message| without_closed_links(message, &closed)).collect();
    Arc::new(Contact { messages, ..contact.clone() })
}

fn may_be_public(message: &Message, reader: &Library) -> Result<(), Option<Box<Diagnostic>>> {
    let report = |code, text: &str, hint: &str| {
        Err(Some(Box::new(Diagnostic::warning(&message.path, code, text).hint(hint))))
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
    if matches!(message.notice, Some(Notice::Suspect(_))) {
        return Err(None); // Reported where it was found.
    }
    if reader.answers_conversation(message) {
        return report(
            "held-reply",
            "not published: it answers a message of a private conversation",
            "take `in_reply_to` out if it may be public",
        );
    }
    Ok(())
}

/// Returns a message without its links to pages and files that are not public.
fn without_closed_links(message: &Arc<Message>, closed: &dyn Fn(&Found) -> bool) -> Arc<Message> {
    if !message.refs.iter().any(|(_, found)| closed(found)) {
        return Arc::clone(message);
    }
    let mut open = Message::clone(message);
    for (_, found) in &mut open.refs {
        if closed(found) {
            *found = Found::Withheld;
        }
    }
    open.fingerprint = crate::hash::Inputs::new("open message")
        .print(&message.fingerprint)
        .text(&format!("{:?}", open.refs))
        .finish();
    Arc::new(open)
}
