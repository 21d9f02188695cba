//! One box, read: which of its files the cache does not know, and what stands beside its messages.

use super::message::read_message;
use crate::chunked::Chunked;
use crate::config::{ChannelInfo, Settings, read_channel};
use crate::diagnostic::Diagnostic;
use crate::disk::boxes::BoxDir;
use crate::disk::cache::{BoxCache, Known, Picture};
use crate::disk::decoded::text_of;
use crate::disk::scan::ScannedBox;
use crate::disk::versions::{Past, Seen};
use crate::disk::{picture, strip};
use crate::fields::File;
use crate::hash::Hash;
use crate::keys;
use crate::library::contact::{BoxInput, text_limit};
use crate::library::{Post, Side};
use crate::limits;
use crate::listing::{Entry, MessageFile, Odd, Oddity, PublicCopy, Sorted, sort, stem_of};
use crate::message::Meta;
use crate::path::{RelPath, fold};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Reads the files of one box.
pub(in crate::disk) struct BoxReader<'r> {
    pub contact: &'r str,
    pub side: Side,
    pub settings: &'r Settings,
    /// What was known of them before.
    pub known: &'r BoxCache,
    /// The messages as they were read last, by path.
    pub last: &'r Chunked<Arc<Post>>,
    pub cache: &'r mut BoxCache,
    /// Files that are taken as they were read last, however young they were.
    pub young: BTreeSet<RelPath>,
    /// By the clock of the machine, in nanoseconds since 1970.
    pub now: i64,
    pub past: Option<&'r Past>,
    /// Whether something that was listed could not be read.
    pub has_unread: AtomicBool,
}

impl<'r> BoxReader<'r> {
    pub(in crate::disk) fn path(&self, in_box: &RelPath) -> String {
        format!("{}/{}/{in_box}", self.contact, self.side.folder())
    }

    /// Reads the box; returns also how many message files were not known.
    pub(super) fn all(
        &mut self,
        boxed: &mut ScannedBox,
        found: &mut Vec<Diagnostic>,
    ) -> (BoxInput, usize) {
        let open = self.side == Side::Outbox
            && self.settings.public.iter().any(|(name, _)| fold(name) == fold(self.contact));
        for entry in boxed.listing.files.iter_mut() {
            self.picture(entry, open, &boxed.dir, found);
        }
        let Sorted { messages, others, diagnostics } = sort(&boxed.listing);
        found.extend(diagnostics.into_iter().map(|d| self.placed(d)));
        let info = self.channel(boxed, found);
        let limit = text_limit(self.side, &self.settings.limits);
        let dir = &boxed.dir;
        let this = &*self;
        let known: Vec<(MessageFile, Option<Arc<Known>>, bool)> = messages
            .into_par_iter()
            .map(|file| {
                let young = this.young.contains(&file.path);
                if let Some(known) = this.known.message(&file.path, &file.stat, limit, young) {
                    return (file, Some(Arc::clone(known)), false);
                }
                let known = this.message(dir, &file).map(Arc::new);
                (file, known, true)
            })
            .collect();
        let mut last = self.last.iter().peekable();
        let mut posts: Vec<Arc<Post>> = Vec::with_capacity(known.len());
        let (mut unread, is_unsure) = unlisted(&boxed.listing.odd);
        let (past, mut fresh) = (self.changed(), 0);
        self.cache.expect(known.len());
        for (file, known, new) in known {
            fresh += usize::from(new);
            let Some(known) = known else { continue };
            found.extend(known.found.iter().cloned());
            if !known.is_text() {
                unread.push(file.stem.clone());
            }
            if known.is_text() {
                let post = self.post(&file, &known, past);
                while last.next_if(|last| last.file.path < file.path).is_some() {}
                let same = last.next_if(|last| ***last == post);
                posts.push(same.map_or_else(|| Arc::new(post), Arc::clone));
            }
            self.cache.keep_message(file.path, known, self.now);
        }
        (
            BoxInput {
                info,
                posts: posts.into_iter().collect(),
                others: Arc::new(others),
                unread,
                is_unsure,
            },
            fresh,
        )
    }

    /// Reads a message file.
    pub(in crate::disk) fn message(&self, dir: &BoxDir, file: &MessageFile) -> Option<Known> {
        let path = self.path(&file.path);
        let limit = text_limit(self.side, &self.settings.limits);
        let look = |source, text: &str, meta: &Meta| self.see(file, &path, source, text, meta);
        let known = read_message(dir, file, &path, limit, self.side.owner(), &look);
        if known.as_ref().is_none_or(Known::is_unread) {
            self.note_unread();
        }
        known
    }

    fn note_unread(&self) {
        self.has_unread.store(true, Ordering::Relaxed);
    }

    /// Returns what messages said before, once all are read, where any has changed.
    pub(in crate::disk) fn changed(&self) -> Option<&'r Past> {
        self.past.filter(|past| past.has_histories())
    }

    /// Returns a message file with what it said, and what it said before, by the `past`.
    pub(in crate::disk) fn post(
        &self,
        file: &MessageFile,
        known: &Known,
        past: Option<&Past>,
    ) -> Post {
        // What is not read now cannot be told from what it was.
        let past = past.filter(|_| !known.too_large);
        Post {
            source: known.source,
            meta: Arc::clone(&known.meta),
            too_large: known.too_large,
            history: past.and_then(|past| past.history(&self.path(&file.path))),
            file: file.clone(),
        }
    }

    /// Takes note of a message that was just read.
    fn see(&self, file: &MessageFile, path: &str, source: Hash, text: &str, meta: &Meta) {
        let Some(past) = self.past else { return };
        let written = meta.date.or(file.named_time).map(|stamp| stamp.unix());
        let written = written.unwrap_or(file.stat.mtime.div_euclid(1_000_000_000));
        let before = self.known.last(&file.path);
        past.see(&Seen { path, side: self.side, source, before, text, written });
    }

    fn placed(&self, report: Diagnostic) -> Diagnostic {
        let folder = RelPath::parse(&format!("{}/{}", self.contact, self.side.folder()));
        let report = report.owned_by(self.side.owner());
        match folder {
            Some(folder) => report.below(&folder),
            None => report,
        }
    }

    /// Fills in the size of a picture and, in a box that is `open`, what becomes of it in the
    /// public edition.
    fn picture(
        &mut self,
        entry: &mut Entry,
        open: bool,
        dir: &BoxDir,
        found: &mut Vec<Diagnostic>,
    ) {
        let extension = entry.path.name().rsplit('.').next().unwrap_or("").to_ascii_lowercase();
        let measured = matches!(&*extension, "png" | "jpg" | "jpeg" | "gif" | "webp" | "avif");
        let open = open && strip::may_tell(&extension);
        if !measured && !open {
            return;
        }
        let path = self.path(&entry.path);
        if keys::holds_writing_key(&path) {
            return; // It will be reported, and its name must not get into the cache.
        }
        let young = self.young.contains(&entry.path);
        let known = self.known.picture(&entry.path, &entry.stat, young);
        let (size, photo) = match known {
            Some(known) => (known.size, known.photo),
            None if measured => match picture::look(dir, &entry.path, entry.stat.size) {
                Ok(looked) => looked,
                // Shown as a link until it can be read.
                Err(_) => return self.note_unread(),
            },
            None => (None, false),
        };
        // One that is withheld is read again, so that its report is not lost.
        let known_copy = known.and_then(|known| known.copy);
        let known_copy = known_copy.filter(|copy| *copy != PublicCopy::Withheld);
        let copy = open.then(|| {
            known_copy.unwrap_or_else(|| self.public_copy(&path, &entry.path, dir, found))
        });
        (entry.picture, entry.photo, entry.copy) = (size, photo, copy.unwrap_or_default());
        let picture = Picture { stat: entry.stat, size, photo, copy, settled: false };
        self.cache.keep_picture(entry.path.clone(), picture, self.now);
    }

    /// Returns what becomes of a picture in the public edition, and reports one that is left out.
    fn public_copy(
        &self,
        path: &str,
        in_box: &RelPath,
        dir: &BoxDir,
        found: &mut Vec<Diagnostic>,
    ) -> PublicCopy {
        // Gone since it was listed, mostly.
        let Ok(mut file) = dir.file(in_box) else {
            self.note_unread();
            return PublicCopy::Whole;
        };
        let looked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            strip::look(&mut file, in_box, true)
        }));
        match looked.unwrap_or(Err(strip::DAMAGED)) {
            Ok(None) => PublicCopy::Whole,
            Ok(Some(bytes)) => PublicCopy::Stripped(bytes.len() as u64),
            Err((why, hint)) => {
                found.push(Diagnostic::error(path, "not-copied", why).hint(hint));
                PublicCopy::Withheld
            }
        }
    }

    /// Reads `channel.toml`, if there is one.
    fn channel(&self, boxed: &ScannedBox, found: &mut Vec<Diagnostic>) -> ChannelInfo {
        let (dir, files) = (&boxed.dir, &boxed.listing.files);
        let Some(name) = RelPath::parse("channel.toml") else { return ChannelInfo::default() };
        let path = self.path(&name);
        let owner = self.side.owner();
        match dir.read(&name, limits::HEADER as u64) {
            Ok(Some(bytes)) => {
                let text = text_of(&bytes, &path, owner, found).unwrap_or_default();
                read_channel(File { path: &path, text: &text, owner }).take(found)
            }
            Ok(None) => {
                let text = format!("is larger than {} bytes; it is not read", limits::HEADER);
                found.push(Diagnostic::error(&path, "too-large", text).owned_by(owner));
                ChannelInfo::default()
            }
            Err(error) if files.search_by(|file| file.path.cmp(&name)).is_ok() => {
                self.note_unread();
                if error.kind() != std::io::ErrorKind::NotFound {
                    let text = format!("cannot be read: {}", error.kind());
                    found.push(Diagnostic::error(&path, "unreadable", text).owned_by(owner));
                }
                ChannelInfo::default()
            }
            Err(_) => ChannelInfo::default(),
        }
    }
}

/// Returns the stems of messages that are there and were not listed, and whether there may be more
/// of them.
fn unlisted(odd: &[Odd]) -> (Vec<RelPath>, bool) {
    let unread =
        odd.iter().filter(|odd| matches!(odd.why, Oddity::Unreadable(_) | Oddity::Placeholder));
    let stems = unread.map(|odd| RelPath::parse(&odd.path).and_then(|path| stem_of(&path)));
    let all: Vec<Option<RelPath>> = stems.collect();
    let is_unsure = all.contains(&None);
    (all.into_iter().flatten().collect(), is_unsure)
}
