//! A contact of which only some files may have changed: these are looked at and read, and no others.
//!
//! Whatever is more than single messages that come, change or go is none of this: a folder, an
//! attachment, a name that somebody else has, a file that is missing and may come back. Then the whole
//! contact has to be listed.

use super::boxes::Look;
use super::cache::ContactCache;
use super::read::{Before, BoxReader, ReadContact, index};
use super::scan::ScannedBox;
use crate::chunked::Place;
use crate::config::Settings;
use crate::diagnostic::Diagnostic;
use crate::library::contact::BoxInput;
use crate::library::{Post, Side};
use crate::listing::errand::Files;
use crate::listing::patience::Missing;
use crate::listing::{Entry, is_lone, message_file};
use crate::path::RelPath;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Reads a contact again of which nothing has changed but, maybe, these files; none where that is not
/// enough.
pub(super) fn again(
    files: &Files,
    settings: &Settings,
    before: &Before<'_>,
    now: i64,
) -> Option<ReadContact> {
    let last = before.read?;
    if before.still.is_some() || last.young || !last.missing.iter().all(Missing::is_empty) {
        return None;
    }
    let mut scanned = last.scanned.clone();
    let mut input = (*last.input).clone();
    let mut cache: ContactCache = (*last.cache).clone();
    let (mut found, mut news) = (last.found.clone(), false);
    for side in
        [Side::Outbox, Side::Inbox].into_iter().filter(|side| !files[index(*side)].is_empty())
    {
        let at = index(side);
        let reader = BoxReader {
            contact: &last.scanned.name,
            side,
            settings,
            known: &last.cache[at],
            last: &last.input.of(side)?.posts,
            cache: &mut cache[at],
            young: Default::default(),
            now,
            past: before.past,
            has_unread: AtomicBool::new(false),
        };
        let mut again = Again {
            boxed: scanned.boxes.iter_mut().find(|boxed| boxed.side == side)?,
            input: input.of_mut(side)?,
            reader,
            found: &mut found,
            gone: before.gone[at],
            news: &mut news,
        };
        for path in &files[at] {
            // What is being written is as it was.
            if !before.held.is_some_and(|held| held[at].contains(path)) {
                again.file(path)?;
            }
        }
    }
    Some(ReadContact {
        scanned,
        input: Arc::new(input),
        found,
        cache: Arc::new(cache),
        news,
        missing: Default::default(),
        young: false,
        has_unread: false,
        made_from: None,
        recalled: None,
    })
}

/// A box as it was read last, and as it becomes.
struct Again<'a> {
    boxed: &'a mut ScannedBox,
    input: &'a mut BoxInput,
    reader: BoxReader<'a>,
    found: &'a mut Vec<Diagnostic>,
    /// Whether what is missing is gone.
    gone: bool,
    /// Whether a file was read, or is forgotten.
    news: &'a mut bool,
}

impl Again<'_> {
    /// Looks at a file; none where the whole box has to be.
    fn file(&mut self, path: &RelPath) -> Option<()> {
        let listing = &self.boxed.listing;
        let place = listing.files.search_by(|entry| entry.path.cmp(path));
        match (self.boxed.dir.look(path), place) {
            (Look::Other, _) => None,
            (Look::Gone, Err(_)) => {
                // A folder, maybe: then something of it is known.
                let below = |other: &str| {
                    other.strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('/'))
                };
                let folder = format!("{path}/");
                let mut later = listing.files.starting(|entry| entry.path.as_str() < &*folder);
                let is_folder = later.next().is_some_and(|entry| below(entry.path.as_str()));
                let is_odd =
                    listing.odd.iter().any(|odd| odd.path == path.as_str() || below(&odd.path));
                (!is_folder && !is_odd).then_some(())
            }
            (Look::Gone, Ok(at)) => {
                let known = self.post(path).ok().filter(|_| self.gone && self.is_lone(path))?;
                self.input.posts.remove(known);
                self.boxed.listing.files.remove(at);
                self.reader.cache.forget_message(path);
                self.forget_reports(path);
                *self.news = true;
                Some(())
            }
            (Look::File(entry), place) => self.there(entry, place),
        }
    }

    /// Reads a file that is there, at its place in the listing.
    fn there(&mut self, entry: Entry, place: Result<Place, Place>) -> Option<()> {
        let known = self.post(&entry.path);
        let file = match (place, known) {
            // What it is among the others does not depend on what it says.
            (Ok(_), Ok(known)) => {
                let mut file = self.input.posts.get(known)?.file.clone();
                file.stat = entry.stat;
                file
            }
            (Err(_), Err(_)) if self.is_lone(&entry.path) => message_file(&entry.path, entry.stat)?,
            _ => return None,
        };
        let made = self.reader.message(&self.boxed.dir, &file).filter(|made| made.is_text())?;
        *self.news = true;
        self.forget_reports(&entry.path);
        self.found.extend(made.found.iter().cloned());
        let post = self.reader.post(&file, &made, self.reader.changed());
        match known {
            Ok(known) if **self.input.posts.get(known)? == post => {}
            Ok(known) => *self.input.posts.get_mut(known)? = Arc::new(post),
            Err(known) => self.input.posts.insert(known, Arc::new(post)),
        }
        self.reader.cache.keep_message(file.path, Arc::new(made), self.reader.now);
        let files = &mut self.boxed.listing.files;
        match place {
            Ok(at) => *files.get_mut(at)? = entry,
            Err(at) => files.insert(at, entry),
        }
        Some(())
    }

    /// Returns where a message is among those that were read, or would be.
    fn post(&self, path: &RelPath) -> Result<Place, Place> {
        self.input.posts.search_by(|post: &Arc<Post>| post.file.path.cmp(path))
    }

    fn is_lone(&self, path: &RelPath) -> bool {
        is_lone(path, &self.boxed.listing.files)
            && !self.boxed.listing.odd.iter().any(|odd| odd.path == path.as_str())
    }

    fn forget_reports(&mut self, path: &RelPath) {
        let path = self.reader.path(path);
        self.found.retain(|report| report.path != path);
    }
}
