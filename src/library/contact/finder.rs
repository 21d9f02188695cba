//! What relative addresses in messages mean.

use super::Ground;
use super::done::Used;
use crate::diagnostic::{Diagnostic, Owner, shown};
use crate::library::files::{self, Attachment};
use crate::library::{Besides, Message, Side};
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
        let mut made = made.peekable();
        if made.peek().is_none() {
            return finder;
        }
        let box_path = ground.box_path.as_str();
        let in_box = |path: &RelPath| fold(&path.as_str()[box_path.len() + 1..]);
        for message in made {
            let page = Found::Page(message.page.clone());
            finder.known.insert(fold(message.file.as_str()), page);
            for attachment in &message.rare.attachments {
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
        let meta = Arc::clone(&message.meta);
        if meta.rare.refs.is_empty() && meta.rare.thumbnail.is_none() {
            return;
        }
        let file = &message.file;
        message.rare.change(|beside| {
            self.resolve_refs(file, &meta.rare.refs, beside, found);
            let Some(reference) = &meta.rare.thumbnail else { return };
            match self.meaning(reference, file, beside) {
                picture @ Found::Picture(..) => beside.thumbnail = Some(picture),
                _ => {
                    let text =
                        format!("`thumbnail` is no picture of this box: `{}`", shown(reference));
                    found.push(
                        Diagnostic::warning(file, "bad-thumbnail", text)
                            .hint("name one of its attachments"),
                    );
                }
            }
        });
    }

    fn resolve_refs(
        &self,
        file: &RelPath,
        refs: &[String],
        beside: &mut Besides,
        found: &mut Vec<Diagnostic>,
    ) {
        let before = found.len();
        for reference in refs {
            let meaning = self.meaning(reference, file, beside);
            let own = self.ground.side == Side::Outbox;
            match meaning {
                _ if found.len() - before >= limits::FINDINGS => {}
                Found::Missing => found.push(missing(file.as_str(), reference, own)),
                Found::Withheld if file.resolve_sibling(reference).is_none() => {
                    let text = format!(
                        "`{}` leads out of the box; the link is left out",
                        shown(reference)
                    );
                    found.push(Diagnostic::warning(file, "outside-box", text));
                }
                _ => {}
            }
            beside.refs.push((reference.clone(), meaning));
        }
        beside.refs.sort_by(|a, b| a.0.cmp(&b.0));
    }

    /// Returns what an address in a message means: one of its attachments, else something in the
    /// box, beside the message; then it is remembered among its other files.
    fn meaning(&self, reference: &str, file: &RelPath, beside: &mut Besides) -> Found {
        match files::by_name(&beside.attachments, reference) {
            Some(attachment) => attachment.found(),
            None => self.in_box(file, reference, &mut beside.others),
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
    let mut all = message.meta.rare.refs.iter().chain(&message.meta.rare.thumbnail);
    all.any(|reference| files::by_name(&message.rare.attachments, reference).is_none())
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
