//! What messages said before they were changed: `.handbill/state/versions/`.
//!
//! 1. `recent.bin` holds the texts of messages that are likely to be changed: those of the last
//!    weeks, and those that were changed before. A message that is read for the first time is
//!    added at its end; nothing else is read or written for it.
//! 2. When a message is read and is not what it was, its text is looked up there and gets a file
//!    in `texts/`, and `index.json` tells of it. The index is what builds are made from.
//! 3. [`sweep`] drops what is too old, too much, or of messages that are gone.
//!
//! Losing any of it loses earlier versions, nothing else.

mod recent;
mod store;
mod sweep;

pub use store::Store;

use crate::hash::Hash;
use crate::library::Side;
use crate::library::history::{History, Version};
use crate::limits::{RECENT_DAYS, STEADY, VERSION_BUILD, VERSION_TEXT};
use crate::time::Now;
use recent::{Frame, Recent};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// Seconds of a day.
const DAY: i64 = 86_400;

/// The versions of messages as one build sees them, and what it adds.
pub struct Past {
    folder: PathBuf,
    /// As it was before the build.
    store: Arc<Store>,
    /// Read when the first text is looked up.
    recent: OnceLock<Recent>,
    /// The instant of the build; none for a mere look, which adds nothing.
    now: Option<Now>,
    /// Whether nothing is known yet of files that were read before.
    is_new: bool,
    pending: Mutex<Pending>,
}

/// What a build adds.
#[derive(Default)]
struct Pending {
    frames: Vec<Frame>,
    /// The bytes of their texts.
    size: usize,
    texts: Vec<(Hash, String)>,
    histories: BTreeMap<String, Arc<History>>,
}

/// A message file that was just read.
pub struct Seen<'s> {
    /// The file below the base folder.
    pub path: &'s str,
    /// Whose it is.
    pub side: Side,
    /// The hash of its bytes.
    pub source: Hash,
    /// The same when it was read last, where that is known.
    pub before: Option<Hash>,
    /// Its text as it is shown.
    pub text: &'s str,
    /// When it was written, in seconds since 1970.
    pub written: i64,
}

impl Past {
    /// Prepares a build. `now` is none for a mere look; `is_new` says that no build was made before
    /// in this process.
    pub fn new(state: &Path, store: Arc<Store>, now: Option<Now>, is_new: bool) -> Past {
        let (recent, pending) = (OnceLock::new(), Mutex::default());
        Past { folder: folder(state), store, recent, now, is_new, pending }
    }

    /// Returns the versions as they were before the build.
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// Returns whether any message has changed since it was first seen.
    pub fn has_histories(&self) -> bool {
        !self.store.histories.is_empty() || !self.pending().histories.is_empty()
    }

    /// Returns the versions of a message that has changed since it was first seen.
    pub fn history(&self, path: &str) -> Option<Arc<History>> {
        let known = || self.store.histories.get(path).cloned();
        self.pending().histories.get(path).cloned().or_else(known)
    }

    /// Returns whether any message of a contact was found to have changed in this build.
    pub fn has_changes_of(&self, contact: &str) -> bool {
        store::within(&self.pending().histories, contact).next().is_some()
    }

    /// Takes note of a message that was read: keeps its text where it may be changed, and its
    /// earlier version where it was.
    pub fn see(&self, seen: &Seen<'_>) {
        let Some(Now(now)) = self.now else { return };
        // One that is empty is still arriving: that is no version of it.
        let nothing = Hash::of(b"");
        if seen.source == nothing {
            return;
        }
        let size = seen.text.len();
        let fits = size <= VERSION_TEXT;
        let new =
            Version { source: seen.source, seen: Some(now), size: fits.then_some(size as u64) };
        let history = self.store.histories.get(seen.path);
        let last = match history {
            Some(history) => Some(history.current.source),
            None => match seen.before {
                Some(before) if before != nothing => Some(before),
                None if !self.is_new => None,
                Some(_) | None => self.recent().last(seen.path),
            },
        };
        match last {
            Some(last) if last == seen.source => return,
            Some(last) => self.changed(seen, history, last, new),
            None if !fits || seen.written < now - RECENT_DAYS * DAY => return,
            None => {}
        }
        let mut pending = self.pending();
        if fits && pending.size + size <= VERSION_BUILD {
            pending.size += size;
            pending.frames.push(Frame {
                path: seen.path.to_owned(),
                source: seen.source,
                seen: now,
                text: seen.text.to_owned(),
            });
        }
    }

    /// Takes note of a message that is not what it was.
    fn changed(&self, seen: &Seen<'_>, history: Option<&Arc<History>>, last: Hash, new: Version) {
        let kept = self.recent().find(seen.path, last);
        let first_seen = history.and_then(|history| history.current.seen);
        let first_seen = first_seen.or(kept.as_ref().map(|frame| frame.seen));
        // While one writes, an editor saves every few moments: such a version nobody has read.
        let steady =
            first_seen.is_none_or(|first| new.seen.is_none_or(|now| now >= first + STEADY));
        let next = match history {
            _ if steady || seen.side == Side::Inbox => {
                let size = kept.as_ref().map(|frame| frame.text.len() as u64);
                let old = Version { source: last, seen: first_seen, size };
                let texts = kept.map(|frame| (last, frame.text));
                self.pending().texts.extend(texts);
                History::after(history.map(|history| &**history), old, new)
            }
            Some(history) => History::replaced(history, new),
            None => return,
        };
        self.pending().histories.insert(seen.path.to_owned(), Arc::new(next));
    }

    fn recent(&self) -> &Recent {
        self.recent.get_or_init(|| Recent::load(&self.folder))
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what the build has added; texts before what speaks of them. Returns the versions as
    /// they are now.
    ///
    /// # Errors
    /// When it cannot be written: then what could not be is not known to the next process.
    pub fn save(&self) -> std::io::Result<Arc<Store>> {
        let mut pending = std::mem::take(&mut *self.pending());
        // In whatever order contacts were read.
        pending.frames.sort_by(|a, b| a.path.cmp(&b.path));
        // A file may have been read alone, and then with its folder.
        pending.frames.dedup_by(|a, b| (&a.path, a.source) == (&b.path, b.source));
        if !pending.frames.is_empty() {
            recent::append(&self.folder, &pending.frames)?;
        }
        if pending.histories.is_empty() {
            return Ok(Arc::clone(&self.store));
        }
        for (source, text) in &pending.texts {
            store::write_text(&self.folder, *source, text)?;
        }
        let mut store = Store::clone(&self.store);
        store.histories.extend(pending.histories);
        let store = store.bounded();
        store.save(&self.folder)?;
        Ok(Arc::new(store))
    }
}

/// Returns the folder of versions in a state folder.
pub fn folder(state: &Path) -> PathBuf {
    state.join("state").join("versions")
}

/// Returns the text of an earlier version, where it is kept.
pub fn text(state: &Path, source: Hash) -> Option<String> {
    std::fs::read_to_string(store::text_file(&folder(state), source)).ok()
}

/// Drops what need not be kept any more, at most once a day: see [`sweep`]. `present` tells whether a
/// message is there. Returns the versions as they are then.
///
/// # Errors
/// When the folder cannot be written.
pub fn sweep(
    past: &Past,
    store: Arc<Store>,
    now: Now,
    present: impl Fn(&str) -> bool,
) -> std::io::Result<Arc<Store>> {
    if now.0 - store.swept < DAY || !past.folder.is_dir() {
        return Ok(store);
    }
    sweep::sweep(&past.folder, &store, now, &present).map(Arc::new)
}
