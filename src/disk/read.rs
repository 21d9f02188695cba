//! Reads the messages of scanned boxes, as far as the cache does not know them: `boxed` a box, `message`
//! a file.

mod boxed;
mod message;

pub(super) use boxed::BoxReader;

use super::boxes::nanoseconds;
use super::cache::{BoxCache, ContactCache};
use super::count::Count;
use super::scan::{ScannedBox, ScannedContact};
use super::snapshots::Recalled;
use super::versions::Past;
use crate::build::Origin;
use crate::chunked::Chunked;
use crate::config::Settings;
use crate::diagnostic::Diagnostic;
use crate::hash::Fingerprint;
use crate::library::{ContactInput, Post, Side};
use crate::listing::patience::{ABSENT, Missing, be_patient};
use crate::listing::{Listing, Stat};
use crate::path::RelPath;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};

/// A contact's folder, listed and read.
pub struct ReadContact {
    /// What was listed.
    pub scanned: ScannedContact,
    /// What builds are made from.
    pub input: Arc<ContactInput>,
    /// What was found.
    pub found: Vec<Diagnostic>,
    /// What is known now of its files.
    pub cache: Arc<ContactCache>,
    /// Whether a later process could use more or less of that than of what was known before.
    pub news: bool,
    /// Files that are missing and still taken for there, box by box.
    pub missing: [Missing; 2],
    /// Whether files were too young to be read.
    pub young: bool,
    /// Whether something that was listed could not be read.
    pub(super) has_unread: bool,
    /// The hash of all that it was made from, where a later process may go by that.
    pub(super) made_from: Option<Fingerprint>,
    /// What an earlier process made of the very same. Then nothing of it was read, and `input` and
    /// `cache` say nothing.
    pub(super) recalled: Option<Recalled>,
}

impl ReadContact {
    /// Takes what an earlier process made of a contact that has just been listed.
    pub(super) fn recalled(
        scanned: ScannedContact,
        (recalled, found): (Recalled, Vec<Diagnostic>),
    ) -> ReadContact {
        ReadContact {
            input: Arc::new(ContactInput {
                name: scanned.name.clone(),
                outbox: None,
                inbox: None,
                inbox_trace: scanned.inbox_trace.clone(),
            }),
            scanned,
            found,
            cache: Arc::default(),
            news: false,
            missing: Default::default(),
            young: false,
            has_unread: false,
            made_from: None,
            recalled: Some(recalled),
        }
    }

    /// Returns where the contact of a build comes from.
    pub(super) fn origin(&self) -> Origin {
        match &self.recalled {
            Some(recalled) => Origin::Made(Box::new(recalled.made.clone())),
            None => Origin::Read(Arc::clone(&self.input)),
        }
    }

    /// Returns how much was read.
    pub(super) fn count(&self) -> Count {
        self.recalled.as_ref().map_or_else(|| Count::of(&self.input), |recalled| recalled.count)
    }

    /// Returns whether a message file is there, below the folder of a box.
    pub(super) fn has_message(&self, side: Side, path: &str) -> bool {
        if self.recalled.is_some() {
            let mut boxes = self.scanned.boxes.iter().filter(|boxed| boxed.side == side);
            return boxes.any(|boxed| {
                boxed.listing.files.search_by(|file| file.path.as_str().cmp(path)).is_ok()
            });
        }
        self.input.of(side).is_some_and(|input| {
            input.posts.search_by(|post| post.file.path.as_str().cmp(path)).is_ok()
        })
    }

    /// Forgets what only serves to read it again.
    pub(super) fn forget_files(&mut self) {
        self.cache = Arc::default();
        self.scanned.boxes.iter_mut().for_each(|one| one.listing = Listing::default());
    }

    /// Forgets what its messages were made of.
    pub(super) fn forget_input(&mut self) {
        let (name, inbox_trace) = (self.input.name.clone(), self.input.inbox_trace.clone());
        self.input = Arc::new(ContactInput { name, outbox: None, inbox: None, inbox_trace });
    }
}

/// What is known of a contact before it is read.
#[derive(Default)]
pub struct Before<'b> {
    /// Of its files.
    pub cache: Option<&'b ContactCache>,
    /// As this process read it last.
    pub read: Option<&'b ReadContact>,
    /// Files that are being written, box by box.
    pub held: Option<&'b [BTreeSet<RelPath>; 2]>,
    /// Whether what is missing is gone, box by box.
    pub gone: [bool; 2],
    /// How long a file must have been as it is.
    pub still: Option<Duration>,
    /// On a clock of the process that only goes on.
    pub now: Duration,
    /// What messages said before.
    pub past: Option<&'b Past>,
}

/// Reads a contact that has just been listed. What is known of it is not read again.
pub fn read(
    mut scanned: ScannedContact,
    settings: &Settings,
    before: &Before<'_>,
    mut found: Vec<Diagnostic>,
) -> ReadContact {
    let now = nanoseconds(SystemTime::now());
    let nothing = ContactCache::default();
    let known = before.cache.unwrap_or(&nothing);
    let mut cache = ContactCache::default();
    let mut input = ContactInput {
        name: scanned.name.clone(),
        outbox: None,
        inbox: None,
        inbox_trace: scanned.inbox_trace.clone(),
    };
    let mut fresh = 0;
    let (mut missing, mut any_young) = (<[Missing; 2]>::default(), false);
    let mut has_unread = false;
    for boxed in &mut scanned.boxes {
        let (contact, side, at) = (scanned.name.as_str(), boxed.side, index(boxed.side));
        any_young |= before.holds_young(boxed);
        let (still, young) = before.be_patient(boxed);
        missing[at] = still;
        let last = before.posts(boxed.side);
        let mut reader = BoxReader {
            contact,
            side,
            settings,
            known: &known[at],
            last: &last,
            cache: &mut cache[at],
            young,
            now,
            past: before.past,
            has_unread: AtomicBool::new(false),
        };
        let (read, new) = reader.all(boxed, &mut found);
        has_unread |= reader.has_unread.into_inner();
        fresh += new;
        match side {
            Side::Outbox => input.outbox = Some(read),
            Side::Inbox => input.inbox = Some(read),
        }
    }
    let usable = |cache: &ContactCache| cache.iter().map(BoxCache::usable).sum::<usize>();
    let news = fresh > 0 || usable(&cache) != usable(known);
    ReadContact {
        scanned,
        input: Arc::new(input),
        found,
        cache: Arc::new(cache),
        news,
        missing,
        young: any_young,
        has_unread,
        made_from: None,
        recalled: None,
    }
}

/// Returns whether a file has changed within this time. The clock of another machine may be ahead,
/// by less than a minute.
fn is_young(stat: &Stat, still: Duration) -> bool {
    const AHEAD: i64 = 60_000_000_000;
    let age = nanoseconds(SystemTime::now()).saturating_sub(stat.mtime.max(stat.ctime));
    age > -AHEAD && age < i64::try_from(still.as_nanos()).unwrap_or(i64::MAX)
}

/// Returns where a box stands in a pair.
pub fn index(side: Side) -> usize {
    usize::from(side == Side::Inbox)
}

impl Before<'_> {
    /// Returns whether a file of a listing is too young to be read.
    fn holds_young(&self, boxed: &ScannedBox) -> bool {
        let files = &boxed.listing.files;
        self.read.is_some()
            && self.still.is_some_and(|still| files.iter().any(|file| is_young(&file.stat, still)))
    }

    /// Returns the messages of a box as they were read last.
    fn posts(&self, side: Side) -> Chunked<Arc<Post>> {
        let input = self.read.and_then(|read| read.input.of(side));
        input.map_or_else(Chunked::default, |input| input.posts.clone())
    }

    /// Corrects a listing by what was read last: see [`be_patient`].
    fn be_patient(&self, boxed: &mut ScannedBox) -> (Missing, BTreeSet<RelPath>) {
        let Some(read) = self.read else { return Default::default() };
        let old = read.scanned.boxes.iter().find(|old| old.side == boxed.side);
        let at = index(boxed.side);
        let mut held = self.held.map_or_else(BTreeSet::new, |held| held[at].clone());
        if let Some(still) = self.still {
            let young = boxed.listing.files.iter().filter(|entry| is_young(&entry.stat, still));
            held.extend(young.map(|entry| entry.path.clone()));
        }
        be_patient(
            &mut boxed.listing,
            old.map_or(&Listing::default(), |old| &old.listing),
            &held,
            &read.missing[at],
            (self.now, if self.gone[at] { Duration::ZERO } else { ABSENT }),
        )
    }
}
