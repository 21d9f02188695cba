//! What relative addresses in messages mean.

use super::Ground;
use super::done::Used;
use crate::diagnostic::{Diagnostic, Owner, shown};
use crate::library::files::{self, Attachment};
use crate::library::{Message, Side};
use crate::limits;
use crate::message::body::Found;
use crate::path::{RelPath, fold};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Answers what relative addresses of the messages of one box mean.
pub(super) struct Finder<'f> {
    ground: &'f Ground<'f>,
    /// By folded path in the box: pages of messages and attachments.
    known: BTreeMap<String, Found>,
    others: BTreeMap<String, Attachment>,
}

impl<'f> Finder<'f> {
    /// Prepares to answer; `made` are the messages of the box, and none where nobody [`asks`].
    pub(super) fn of<'m>(
        ground: &'f Ground<'f>,
        made: impl Iterator<Item = &'m Message>,
        used: &Used,
    ) -> Finder<'f> {
        let mut finder = Finder { ground, known: BTreeMap::new(), others: BTreeMap::new() };
        let box_path = &ground.box_path;
        let mut made = made.peekable();
        if made.peek().is_none() {
            return finder;
        }
        let in_box = |path: &RelPath| fold(&path.as_str()[box_path.as_str().len() + 1..]);
        for message in made {
            finder.known.insert(in_box(&message.path), Found::Page(message.page.clone()));
            for attachment in &message.attachments {
                finder.known.insert(in_box(&attachment.source), attachment.found());
            }
        }
        for post in &ground.input.posts {
            // Held or left out: it is there, and not yet a page.
            finder.known.entry(fold(post.file.path.as_str())).or_insert(Found::Withheld);
            for file in &post.file.attachments {
                finder.known.entry(fold(file.path.as_str())).or_insert(Found::Withheld);
            }
        }
        let place = ground.place(&ground.folder);
        let mut used = used.clone();
        for (path, entry) in ground.input.others.iter() {
            if let Some(other) = files::attach(entry, path.as_str(), &place, &mut used) {
                finder.others.insert(fold(path.as_str()), other);
            }
        }
        finder
    }

    /// Fills in what the addresses of a message mean, and reports those that mean nothing.
    pub(super) fn resolve(&self, message: &mut Message, found: &mut Vec<Diagnostic>) {
        let box_path = &self.ground.box_path;
        let meta = Arc::clone(&message.meta);
        let in_box = RelPath::parse(&message.path.as_str()[box_path.as_str().len() + 1..]);
        let before = found.len();
        for reference in &meta.refs {
            let meaning = self.meaning(reference, in_box.as_ref(), message);
            let own = self.ground.side == Side::Outbox;
            let path = in_box.as_ref().map_or("", RelPath::as_str);
            match meaning {
                _ if found.len() - before >= limits::FINDINGS => {}
                Found::Missing => found.push(missing(path, reference, own)),
                Found::Withheld
                    if in_box.as_ref().is_some_and(|p| p.resolve_sibling(reference).is_none()) =>
                {
                    let text = format!(
                        "`{}` leads out of the box; the link is left out",
                        shown(reference)
                    );
                    found.push(Diagnostic::warning(path, "outside-box", text));
                }
                _ => {}
            }
            message.refs.push((reference.clone(), meaning));
        }
        message.refs.sort_by(|a, b| a.0.cmp(&b.0));
        let Some(reference) = &meta.thumbnail else { return };
        match self.meaning(reference, in_box.as_ref(), message) {
            picture @ Found::Picture(..) => message.thumbnail = Some(picture),
            _ => {
                let path = in_box.as_ref().map_or("", RelPath::as_str);
                let text = format!("`thumbnail` is no picture of this box: `{}`", shown(reference));
                found.push(
                    Diagnostic::warning(path, "bad-thumbnail", text)
                        .hint("name one of its attachments"),
                );
            }
        }
    }

    /// Returns what an address in a message means: one of its attachments, else something in the
    /// box, beside the message; then it is remembered among its other files.
    fn meaning(&self, reference: &str, in_box: Option<&RelPath>, message: &mut Message) -> Found {
        match (files::by_name(&message.attachments, reference), in_box) {
            (Some(attachment), _) => attachment.found(),
            (None, Some(path)) => self.in_box(path, reference, &mut message.others),
            (None, None) => Found::Missing,
        }
    }

    fn in_box(&self, message: &RelPath, reference: &str, others: &mut Vec<Attachment>) -> Found {
        let Some(path) = message.resolve_sibling(reference) else { return Found::Withheld };
        let key = fold(path.as_str());
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let Some(other) = self.others.get(&key) else { return Found::Missing };
        if !others.iter().any(|o| o.out == other.out) {
            others.push(other.clone());
        }
        other.found()
    }
}

/// Returns whether a message refers to anything but its own attachments.
pub(super) fn asks(message: &Message) -> bool {
    let mut all = message.meta.refs.iter().chain(&message.meta.thumbnail);
    all.any(|reference| files::by_name(&message.attachments, reference).is_none())
}

fn missing(path: &str, reference: &str, own: bool) -> Diagnostic {
    let text = format!("`{}` is not there", shown(reference));
    if own {
        Diagnostic::warning(path, "missing-file", text)
            .hint("put the file into the folder of the message's name, or mend the link")
    } else {
        Diagnostic::note(path, "missing-file", text)
            .hint("it has not arrived yet, or its author forgot it")
            .owned_by(Owner::Other)
    }
}
