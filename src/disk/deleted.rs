//! Finds out which messages that were published have been deleted since.
//!
//! The manifest knows the pages that were published. A running process also knows the messages they
//! showed, from its last build; a new one reads the ids from the pages themselves, which are still
//! there: so no list of all ids is kept, and looking costs little where nothing has gone.

use super::count::Count;
use super::kept::Manifests;
use super::load::Loaded;
use super::site::BuildOptions;
use super::work::AsTold;
use crate::build::{Built, Last, Planned};
use crate::hash::FastSet;
use crate::library::{Contact, Edition, Memory, Message, Side, Tombstone};
use crate::limits::GONE;
use crate::path::OutPath;
use crate::plan::diff::{Manifest, Published};
use crate::plan::{Diff, month_place};
use crate::text::unescape;
use crate::time::{Now, Stamp};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

/// Returns the memory with the messages that this build misses first, or nothing where it misses
/// none.
pub(super) fn missed(
    (loaded, counts): (&Loaded, &BTreeMap<String, Count>),
    built: &Built,
    last: &Last,
    options: &BuildOptions,
    manifests: &Manifests,
) -> Option<Memory> {
    let missed = |edition: &Edition| {
        let planned = match edition {
            Edition::Public => &built.public,
            Edition::Reader => &built.reader,
        };
        let manifest = manifests.look(&loaded.places, *edition).ok()?;
        if manifest.parts.is_empty() {
            return None;
        }
        let look = Look {
            planned,
            manifest: &manifest,
            alive: alive(loaded, counts, planned),
            mine: &built.reader,
            folder: &loaded.places.output.join(edition.name()),
        };
        Some(match last.contacts(*edition) {
            None => look.by_pages(loaded, options),
            Some(before) => look.by_messages(before, last, options),
        })
    };
    let missed: Vec<_> = options.editions.par_iter().map(missed).collect();
    let mut memory = built.memory.clone();
    for (edition, missed) in options.editions.iter().zip(missed) {
        memory.deleted(*edition).add(missed.unwrap_or_default());
    }
    (memory != built.memory).then_some(memory)
}

/// Returns the folders of boxes whose missing messages were deleted: not of those that are gone,
/// empty or cannot be looked into, nor of contacts of which only the newest messages are shown.
fn alive(loaded: &Loaded, counts: &BTreeMap<String, Count>, planned: &Planned) -> BTreeSet<String> {
    let mut alive = BTreeSet::new();
    for head in &planned.heads {
        let Some(count) = counts.get(&head.name) else { continue };
        let boxes = [(Side::Outbox, count.outbox), (Side::Inbox, count.inbox)];
        let full = boxes.into_iter().filter(|(_, boxed)| boxed.messages > 0 && !boxed.is_unsure);
        if count.messages() <= loaded.settings.limits.messages {
            alive.extend(full.map(|(side, _)| head.folder(side)));
        }
    }
    alive
}

struct Look<'l> {
    planned: &'l Planned,
    manifest: &'l Manifest,
    alive: BTreeSet<String>,
    /// What is there for me, in public or not.
    mine: &'l Planned,
    folder: &'l Path,
}

impl Look<'_> {
    /// Returns whether the page of a message lies in a box of which messages can be deleted. One
    /// that only waits was not, as where a clock was set back.
    fn is_alive(&self, page: &OutPath) -> bool {
        // A box lies in a folder of its own: no group of an outbox is called `in`.
        let mut parts = page.parts();
        let dir = parts.next().unwrap_or_default();
        let inbox = parts.next() == Some("in") && parts.next().is_some();
        let folder = if inbox { Side::Inbox.out_folder(dir) } else { dir.to_owned() };
        let waits = || {
            let mut mine = self.mine.contacts().iter().filter(|mine| mine.head.dir == dir);
            mine.any(|contact| contact.waiting.contains(page))
        };
        self.alive.contains(&folder) && !waits()
    }

    /// Looks at the messages that contacts had before and have no more.
    fn by_messages(
        &self,
        before: &[Arc<Contact>],
        last: &Last,
        options: &BuildOptions,
    ) -> Vec<Tombstone> {
        let gone = before.iter().flat_map(|before| self.lost(before));
        let gone =
            gone.filter(|message| self.is_alive(&message.page) && self.is_published(message));
        let edition = self.planned.edition;
        let tombstone = |message: Arc<Message>| {
            let answered = last.answered(edition, &message.page);
            Tombstone::of(&message, answered, edition, options.now)
        };
        self.told(gone.map(tombstone).take(GONE).collect())
    }

    /// Returns the messages of a contact as it was that it has no more.
    fn lost(&self, before: &Contact) -> Vec<Arc<Message>> {
        let contacts = self.planned.contacts();
        let now = contacts.iter().find(|contact| contact.head.dir == before.head.dir);
        let Some(now) = now else { return Vec::new() };
        let mut lost = Vec::new();
        for (month, slice) in &before.slices.months {
            let same = now.slices.months.get(month);
            if same.is_some_and(|same| Arc::ptr_eq(same, slice)) {
                continue;
            }
            let here = || same.into_iter().flat_map(|slice| slice.messages());
            let known: FastSet<*const Message> = here().map(Arc::as_ptr).collect();
            let is_known = |message: &&Arc<Message>| known.contains(&Arc::as_ptr(message));
            let mut others =
                slice.messages().iter().filter(|message| !is_known(message)).peekable();
            if others.peek().is_none() {
                continue;
            }
            let pages: BTreeSet<&OutPath> = here().map(|message| &message.page).collect();
            // One that has another date now may be in another month.
            let is_lost = |message: &&Arc<Message>| {
                !pages.contains(&message.page)
                    && now.slices.by_page(message.page.as_str()).is_none()
            };
            lost.extend(others.filter(is_lost).cloned());
        }
        lost
    }

    fn is_published(&self, message: &Message) -> bool {
        let (part, place) = month_place(&message.head.dir, message.stamp.month());
        let record = self.manifest.parts.get(&*part).and_then(|part| part.segments().get(&*place));
        let known = record.and_then(|record| record.file(&message.page));
        known.is_some_and(|known| known.fingerprint.is_some())
    }

    /// Fills in what is told: what is still there for me is only no longer public.
    fn told(&self, mut gone: Vec<Tombstone>) -> Vec<Tombstone> {
        if gone.is_empty() || self.planned.edition == Edition::Reader {
            return gone;
        }
        for tombstone in &mut gone {
            let mut mine = self.mine.contacts().iter();
            tombstone.told =
                !mine.any(|contact| contact.slices.by_page(tombstone.page.as_str()).is_some());
        }
        // An id of its author's own choosing may say something, and what it is of is private now.
        gone.retain(|tombstone| tombstone.told || tombstone.id.starts_with("urn:uuid:"));
        gone
    }

    /// Looks at what is published and not planned.
    fn by_pages(&self, loaded: &Loaded, options: &BuildOptions) -> Vec<Tombstone> {
        let mut diff = Diff::new(self.manifest, &AsTold { moved: false });
        diff.through(
            |take| self.planned.plan(&loaded.settings, &loaded.theme, take),
            |_| ControlFlow::Continue(()),
        );
        let files = diff.gone().files;
        let pages = files.into_iter().filter(|path| path.as_str().ends_with(".html"));
        let pages: BTreeSet<OutPath> = pages.filter(|path| self.is_alive(path)).collect();
        if pages.is_empty() {
            return Vec::new();
        }
        let whole = |(path, known): &&(OutPath, Published)| {
            known.fingerprint.is_some() && pages.contains(path)
        };
        let tombstone = |(path, _): &(OutPath, Published)| {
            let page = std::fs::read_to_string(self.folder.join(path.as_str())).ok()?;
            let said = Said::of(&page)?;
            Some(said.tombstone(path.clone(), options.now))
        };
        let gone = self.manifest.files().filter(whole).filter_map(tombstone);
        self.told(gone.take(GONE).collect())
    }
}

/// What the page of a message says of it.
#[derive(Debug, PartialEq)]
struct Said {
    id: String,
    /// What those who answer it write, where that is something else.
    reply_id: Option<String>,
    /// The page of what it answers.
    answered: Option<String>,
    /// When it was written.
    published: Option<String>,
}

impl Said {
    /// Reads a page; those that are not of a message say nothing.
    fn of(page: &str) -> Option<Said> {
        let value = |before: &str| {
            let (_, rest) = page.split_once(before)?;
            let (value, _) = rest.split_once('"')?;
            Some(unescape(value)).filter(|value| !value.is_empty())
        };
        Some(Said {
            id: value("<data class=\"u-uid\" value=\"")?,
            reply_id: value("<data class=\"reply-id\" value=\""),
            answered: value("<data class=\"answers\" value=\""),
            published: value("<time class=\"dt-published\" datetime=\""),
        })
    }

    fn tombstone(self, page: OutPath, now: Now) -> Tombstone {
        let written = self.published.and_then(|text| Stamp::parse(&text));
        Tombstone {
            when: now.0,
            page,
            id: self.id,
            reply_id: self.reply_id,
            answered: self.answered.and_then(|page| OutPath::parse(&page)),
            written: written.map(Stamp::unix),
            told: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(page: &str, id: &str, reply_id: Option<&str>, answered: Option<&str>) {
        let said = Said::of(page).unwrap();
        let found = (said.id.as_str(), said.reply_id.as_deref(), said.answered.as_deref());
        assert_eq!(found, (id, reply_id, answered));
    }

    #[test]
    fn what_a_page_says_of_its_message_is_read_back() {
        check(
            "<article><data class=\"u-uid\" value=\"https:&#x2F;&#x2F;a.example/?a=1&amp;b=&quot;\"></data>",
            "https://a.example/?a=1&b=\"",
            None,
            None,
        );
        check(
            "<data class=\"u-uid\" value=\"a:b\"></data><data class=\"reply-id\" value=\"c:d\"></data>\
             <data class=\"answers\" value=\"notes/a.html\"></data>",
            "a:b",
            Some("c:d"),
            Some("notes/a.html"),
        );
        assert_eq!(Said::of("<p>A page</p>"), None);
    }
}
