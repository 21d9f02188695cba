//! Reads the messages of scanned boxes, as far as the cache does not know them.

use super::boxes::{BoxDir, nanoseconds, stat_of};
use super::cache::{BoxCache, ContactCache, Known, Picture};
use super::count::Count;
use super::picture;
use super::scan::{ScannedBox, ScannedContact};
use super::snapshots::Recalled;
use super::strip;
use super::versions::{Past, Seen};
use crate::build::Origin;
use crate::chunked::Chunked;
use crate::config::{ChannelInfo, Settings, read_channel};
use crate::diagnostic::{Checked, Diagnostic, Owner};
use crate::fields::File;
use crate::hash::{Fingerprint, Hash};
use crate::keys;
use crate::library::contact::{BoxInput, text_limit};
use crate::library::history::Version;
use crate::library::{ContactInput, Message, Post, Side};
use crate::limits;
use crate::listing::patience::{ABSENT, Missing, be_patient};
use crate::listing::{
    Entry, Listing, MessageFile, Odd, Oddity, PublicCopy, Sorted, Stat, sort, stem_of,
};
use crate::message::{Meta, Visibility, parse};
use crate::path::{RelPath, fold};
use crate::render::Texts;
use crate::source::{Decoded, Place, decode};
use crate::text::{is_illegal, may_hold_illegal};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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
        let read = || {
            self.input.of(side).map(|input| {
                input.posts.search_by(|post| post.file.path.as_str().cmp(path)).is_ok()
            })
        };
        let listed = || {
            let boxed = self.scanned.boxes.iter().find(|boxed| boxed.side == side)?;
            let is_there =
                boxed.listing.files.search_by(|file| file.path.as_str().cmp(path)).is_ok();
            Some(is_there)
        };
        let found = if self.recalled.is_some() { listed() } else { read() };
        found.unwrap_or(false)
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

/// Reads the files of one box.
pub(super) struct BoxReader<'r> {
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
    pub(super) fn path(&self, in_box: &RelPath) -> String {
        format!("{}/{}/{in_box}", self.contact, self.side.folder())
    }

    /// Reads the box; returns also how many message files were not known.
    fn all(&mut self, boxed: &mut ScannedBox, found: &mut Vec<Diagnostic>) -> (BoxInput, usize) {
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
    pub(super) fn message(&self, dir: &BoxDir, file: &MessageFile) -> Option<Known> {
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
    pub(super) fn changed(&self) -> Option<&'r Past> {
        self.past.filter(|past| past.has_histories())
    }

    /// Returns a message file with what it said, and what it said before, by the `past`.
    pub(super) fn post(&self, file: &MessageFile, known: &Known, past: Option<&Past>) -> Post {
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
            None if measured => picture::look(dir, &entry.path, entry.stat.size),
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

impl Known {
    fn is_unread(&self) -> bool {
        self.found.iter().any(|report| report.code == "unreadable")
    }

    pub(super) fn is_text(&self) -> bool {
        !self.found.iter().any(|report| matches!(&*report.code, "binary" | "unreadable"))
    }
}

fn read_message(
    dir: &BoxDir,
    file: &MessageFile,
    path: &str,
    limit: u64,
    owner: Owner,
    look: &dyn Fn(Hash, &str, &Meta),
) -> Option<Known> {
    let mut found = Vec::new();
    // Of a message that is not read nobody knows whether it may be public.
    let unread = || Arc::new(Meta { visibility: Visibility::Unreadable, ..Meta::default() });
    let bytes = match dir.read(&file.path, limit) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            let size = file.stat.size;
            let text =
                format!("{size} bytes are more than the limit of {limit}; the text is not shown");
            found.push(
                Diagnostic::error(path, "too-large", text)
                    .hint("raise the limit in `[limits]` of handbill.toml")
                    .owned_by(owner),
            );
            return Some(Known::new(file.stat, limit, Hash::default(), unread(), found, true));
        }
        // Gone since it was listed: the next build will not list it.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => {
            let text = format!("cannot be read: {}", error.kind());
            found.push(Diagnostic::error(path, "unreadable", text).owned_by(owner));
            return Some(Known::new(
                Default::default(),
                0,
                Hash::default(),
                unread(),
                found,
                false,
            ));
        }
    };
    let source = Hash::of(&bytes);
    let meta = match text_of(&bytes, path, owner, &mut found) {
        Some(text) => {
            let meta = parse_message(File { path, text: &text, owner }, &mut found);
            look(source, &text, &meta);
            Arc::new(meta)
        }
        None => unread(),
    };
    crate::diagnostic::cut(&mut found);
    Some(Known::new(file.stat, limit, source, meta, found, false))
}

/// Parses a message. Parsing is total; if it is not, that costs one message.
fn parse_message(file: File<'_>, found: &mut Vec<Diagnostic>) -> Meta {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| parse(file))) {
        Ok(checked) => checked.take(found),
        Err(_) => {
            let text = "could not be read: the program failed";
            found.push(
                Diagnostic::error(file.path, "panic", text)
                    .hint("please report it with the message")
                    .owned_by(file.owner),
            );
            Meta { visibility: Visibility::Unreadable, ..Meta::default() }
        }
    }
}

/// Returns the text of a file, decoded, without control characters and without writing keys, or
/// `None` where it is no text.
fn text_of(bytes: &[u8], path: &str, owner: Owner, found: &mut Vec<Diagnostic>) -> Option<String> {
    let Decoded::Text { text, repaired } = decode(bytes) else {
        found.push(
            Diagnostic::error(path, "binary", "is not text; it is not shown")
                .hint("a message is a text in UTF-8; give the file another extension if it is something else")
                .owned_by(owner),
        );
        return None;
    };
    if let Some(at) = repaired {
        let message = "holds bytes that are not UTF-8; they are shown as `\u{FFFD}`";
        found.push(
            Diagnostic::warning(path, "not-utf8", message)
                .at(Place::of(&text, at..at + 1))
                .hint("save it as UTF-8")
                .owned_by(owner),
        );
    }
    let text = without_controls(text);
    let (clean, keys) = keys::redact(&text);
    if !keys.is_empty() {
        let at = clean.find(keys::REMOVED).unwrap_or(0);
        let many = if keys.len() == 1 { "a key".into() } else { format!("{} keys", keys.len()) };
        let message = format!("holds {many} that let the holder write; shown nowhere");
        found.push(
            Diagnostic::error(path, "writing-key", message)
                .at(Place::of(&clean, at..at + keys::REMOVED.len()))
                .hint("whoever has read it can write in your name: give out the read-only key only")
                .owned_by(owner),
        );
    }
    Some(clean.into_owned())
}

/// Returns a text without control characters other than tab and line ends, and without what is no
/// character: the marks that bodies use inside are among them, and a key cannot hide behind one.
fn without_controls(text: String) -> String {
    if may_hold_illegal(&text) && text.contains(is_illegal) {
        text.replace(is_illegal, "")
    } else {
        text
    }
}

/// Returns width and height by the head of a picture; a hostile one may fail in any way.
pub fn size_by_head(head: &[u8]) -> Option<(u32, u32)> {
    let size = std::panic::catch_unwind(|| imagesize::blob_size(head).ok());
    let size = size.ok().flatten()?;
    let (width, height) = (u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?);
    (width > 0 && height > 0).then_some((width, height))
}

/// The texts of messages, read again when a page shows them.
pub struct DiskTexts<'d> {
    boxes: BTreeMap<(&'d str, Side), &'d BoxDir>,
    settings: &'d Settings,
    state: &'d Path,
}

impl<'d> DiskTexts<'d> {
    /// Returns the texts of these contacts.
    pub fn new(
        contacts: &'d [Arc<ReadContact>],
        settings: &'d Settings,
        state: &'d Path,
    ) -> DiskTexts<'d> {
        let boxes = contacts.iter().map(|contact| &contact.scanned).flat_map(|contact| {
            contact.boxes.iter().map(|boxed| ((contact.name.as_str(), boxed.side), &*boxed.dir))
        });
        DiskTexts { boxes: boxes.collect(), settings, state }
    }

    /// Returns the local state's folder.
    pub fn state(&self) -> &'d Path {
        self.state
    }

    /// Returns the handle of a box.
    pub fn dir(&self, contact: &str, side: Side) -> Option<&'d BoxDir> {
        self.boxes.get(&(contact, side)).copied()
    }
}

impl Texts for DiskTexts<'_> {
    fn text(&self, message: &Message) -> Option<String> {
        let dir = self.dir(&message.head.name, message.side)?;
        let limit = text_limit(message.side, &self.settings.limits);
        let bytes = dir.read(&message.file, limit).ok()??;
        let unchanged = Hash::of(&bytes) == message.source;
        unchanged.then(|| text_of(&bytes, "", Owner::Own, &mut Vec::new()))?
    }

    fn earlier(&self, version: &Version) -> Option<String> {
        super::versions::text(self.state, version.source)
    }
}

/// Returns whether a file is as it was listed.
pub fn is_unchanged(file: &std::fs::File, entry: &Stat) -> bool {
    file.metadata().is_ok_and(|metadata| stat_of(&metadata) == *entry)
}

/// Reads a settings file of one's own below the base folder; `None` where there is none.
pub fn own_text(path: &Path, name: &str, found: &mut Vec<Diagnostic>) -> Option<String> {
    match std::fs::read(path) {
        Ok(bytes) => text_of(&bytes, name, Owner::Own, found),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => {
            let text = format!("cannot be read: {}", error.kind());
            found.push(Diagnostic::error(name, "unreadable", text));
            None
        }
    }
}

/// Reads the settings; without a file the defaults.
pub fn settings_of(text: Option<&str>) -> Checked<Settings> {
    match text {
        Some(text) => {
            crate::config::read_settings(File { path: "handbill.toml", text, owner: Owner::Own })
        }
        None => Checked::clean(Settings::default()),
    }
}
