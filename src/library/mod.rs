//! What an edition may show, sorted and resolved.
//!
//! 1. [`contact::make`] makes a [`Contact`] of what was found in one contact's boxes: messages
//!    with address, identity, time, author, attachments. A pure function of that contact's input.
//! 2. [`admit::public`] picks the channels that may be public, by name; a [`PublicChannel`] can be
//!    made nowhere else.
//! 3. [`Library::reader`] and [`Library::public`] join contacts: who answers whom, tags, timeline.

pub mod admit;
mod authors;
pub mod contact;
mod deleted;
mod distinct;
mod files;
pub mod history;
mod identity;
mod moved;
mod person;
mod relations;
mod slices;
mod threads;
mod trees;

pub use admit::{Admitted, Memory, PublicChannel};
pub use authors::{author_dir, author_page, authors};
pub use contact::{Contact, ContactInput, Post};
pub use deleted::{Deleted, Tombstone};
pub use files::{Attachment, Media};
pub use identity::{Id, channel_namespace, message_id};
pub use moved::{Addresses, Moved};
pub use person::Person;
pub use relations::{OfContact, Relations, answer_print};
pub use slices::{Slice, Slices};
use threads::Threads;
pub use threads::{Target, answered};
pub use trees::{Node, Thread};

use crate::config::{ChannelInfo, Settings};
use crate::diagnostic::{Checked, Diagnostic};
use crate::hash::{Fingerprint, Hash};
use crate::message::body::{Beside, Found};
use crate::message::{Meta, Tag};
use crate::names::{self, Spot};
use crate::path::{OutPath, RelPath, fold, nfc};
use crate::rare::{Group, Rare};
use crate::time::{Month, Now, Stamp};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// For whom an output tree is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Edition {
    /// For anybody: listed channels.
    Public,
    /// For me: everything.
    Reader,
}

impl Edition {
    /// Returns the name of its folder.
    pub fn name(self) -> &'static str {
        match self {
            Edition::Public => "public",
            Edition::Reader => "reader",
        }
    }
}

/// What a contact is, by the boxes it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Outbox alone: I publish.
    Channel,
    /// Inbox alone: somebody else's channel.
    Subscription,
    /// Both: between us two.
    Conversation,
}

impl Kind {
    /// Returns the boxes that it has.
    pub fn sides(self) -> &'static [Side] {
        match self {
            Kind::Channel => &[Side::Outbox],
            Kind::Subscription => &[Side::Inbox],
            Kind::Conversation => &[Side::Outbox, Side::Inbox],
        }
    }

    /// Returns the word for programs and templates.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Channel => "channel",
            Kind::Subscription => "subscription",
            Kind::Conversation => "conversation",
        }
    }
}

/// Which box a message lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Side {
    /// Mine.
    Outbox,
    /// Theirs.
    Inbox,
}

impl Side {
    /// Returns the name of the box's folder.
    pub fn folder(self) -> &'static str {
        match self {
            Side::Outbox => "outbox",
            Side::Inbox => "inbox",
        }
    }

    /// Returns the folder of an edition that holds what lies in the box, for a contact of which
    /// `dir` is the folder there.
    pub fn out_folder(self, dir: &str) -> String {
        match self {
            Side::Outbox => dir.to_owned(),
            Side::Inbox => format!("{dir}/in"),
        }
    }

    /// Returns whose files lie in the box.
    pub fn owner(self) -> crate::diagnostic::Owner {
        match self {
            Side::Outbox => crate::diagnostic::Owner::Own,
            Side::Inbox => crate::diagnostic::Owner::Other,
        }
    }
}

/// What is known of a contact beside its messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The folder's name.
    pub name: String,
    /// The folder's name in an edition.
    pub dir: String,
    /// What it is.
    pub kind: Kind,
    /// What it is called: my alias, else for one's own the title it gives itself, else the
    /// folder's name. A stranger does not choose what he is called here.
    pub title: String,
    /// What a subscription or the other side of a conversation calls itself, where that differs.
    pub claimed: Option<String>,
    /// What its owner says of it.
    pub info: ChannelInfo,
    /// Who writes it.
    pub people: Vec<Arc<Person>>,
    /// The key or link I was given.
    pub given: Option<String>,
    /// Whether it stays out of the timeline.
    pub mute: bool,
    /// Whether it is in the public edition.
    pub listed: bool,
    /// Its picture.
    pub avatar: Option<Attachment>,
    /// The hash of all the above.
    pub fingerprint: Fingerprint,
}

impl Head {
    /// Returns the folder of the messages of one side, as it begins their addresses.
    pub fn folder(&self, side: Side) -> String {
        side.out_folder(&self.dir)
    }
}

/// Something a reader should know about a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    /// It looks like a conflict copy of the one named.
    Suspect(String),
    /// Its header keeps it from the public edition.
    NotPublic,
    /// It is larger than the limit; the bytes it has.
    TooLarge(u64),
}

/// A message in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Whose it is.
    pub head: Arc<Head>,
    /// Which box it lies in.
    pub side: Side,
    /// The file, below its box.
    pub file: RelPath,
    /// The hash of the file's bytes: the name of its body.
    pub source: Hash,
    /// Its page.
    pub page: OutPath,
    /// Its identity for everybody.
    pub id: Id,
    /// When it was written.
    pub stamp: Stamp,
    /// What its text says.
    pub meta: Arc<Meta>,
    /// Who wrote it, where anybody is named.
    pub author: Option<Arc<Person>>,
    /// What few messages have.
    pub rare: Rare<Besides>,
    /// The hash of all the above.
    pub fingerprint: Fingerprint,
}

/// What belongs to a message beside its text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Besides {
    /// When it was last edited, unless that is still to come.
    pub updated: Option<Stamp>,
    /// Its identity in the reader edition's feeds, where another message has the one that it had.
    pub local_id: Option<Id>,
    /// Its identity by channel id and stem, where its header asks for another: both are answered to.
    pub plain_id: Option<Id>,
    /// What came with it.
    pub attachments: Vec<Attachment>,
    /// How many attachments there are beyond the limit.
    pub more: usize,
    /// Files of the box that it refers to and that are not its own attachments.
    pub others: Vec<Attachment>,
    /// What its relative addresses mean, sorted.
    pub refs: Vec<(String, Found)>,
    /// The picture that stands for it, as its header says.
    pub thumbnail: Option<Found>,
    /// What a reader should know.
    pub notice: Option<Notice>,
    /// What it said before it was changed; in the reader edition alone.
    pub history: Option<Arc<history::History>>,
}

impl Group for Besides {
    const EMPTY: &'static Besides = &Besides {
        updated: None,
        local_id: None,
        plain_id: None,
        attachments: Vec::new(),
        more: 0,
        others: Vec::new(),
        refs: Vec::new(),
        thumbnail: None,
        notice: None,
        history: None,
    };
}

/// What messages are sorted by: the instant, then the stem; a total order.
#[derive(Debug, Clone, Copy)]
pub struct Order<'m> {
    /// In seconds since 1970.
    pub at: i64,
    /// The path of the file in its box; of one that was deleted that of its page.
    pub file: &'m str,
    /// The page.
    pub page: &'m str,
}

impl Ord for Order<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        // Few are of one second: only of these the stems are looked at.
        let by_name = || stem(self.file).cmp(&stem(other.file));
        self.at.cmp(&other.at).then_with(by_name).then_with(|| self.page.cmp(other.page))
    }
}

impl PartialOrd for Order<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Order<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Order<'_> {}

/// Returns a path without extension, in NFC.
fn stem(path: &str) -> Cow<'_, str> {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    if stem.is_ascii() { Cow::Borrowed(stem) } else { Cow::Owned(nfc(stem)) }
}

impl Message {
    /// Returns where its file lies, below the base folder.
    pub fn path(&self) -> String {
        self.place().concat()
    }

    /// Returns whether its file lies there, below the base folder.
    pub fn is_at(&self, path: &str) -> bool {
        let rest = self.place().into_iter().try_fold(path, |rest, part| rest.strip_prefix(part));
        rest == Some("")
    }

    fn place(&self) -> [&str; 5] {
        [&self.head.name, "/", self.side.folder(), "/", self.file.as_str()]
    }

    /// Returns what messages are sorted by: the instant, then the stem; a total order.
    pub fn order(&self) -> Order<'_> {
        Order { at: self.stamp.unix(), file: self.file.as_str(), page: self.page.as_str() }
    }

    /// Returns the path in its box without extension, in NFC.
    pub fn stem(&self) -> Cow<'_, str> {
        stem(self.file.as_str())
    }

    /// Returns the language of its text, where that is told: by itself or by its channel.
    pub fn language(&self) -> Option<&str> {
        self.meta.rare.language.as_deref().or(self.head.info.language.as_deref())
    }

    /// Returns the pictures, sounds and films that came with it or that it shows.
    pub fn media(&self) -> impl Iterator<Item = &Attachment> {
        let files = self.rare.attachments.iter().chain(&self.rare.others);
        files.filter(|file| !file.too_large && file.media != Media::File)
    }

    /// Returns its identity in the feeds of an edition.
    pub fn feed_id(&self, edition: Edition) -> Id {
        match (edition, &self.rare.local_id, self.side) {
            (Edition::Reader, Some(id), _) => id.clone(),
            (Edition::Public, ..) | (Edition::Reader, None, Side::Outbox) => self.id.clone(),
            // Two who send ids of one channel are two here.
            (Edition::Reader, None, Side::Inbox) => {
                Id::local(&self.head.name, self.side.folder(), &self.stem())
            }
        }
    }

    /// Returns what another message writes to answer this one.
    pub fn reply_id(&self) -> &Id {
        self.rare.plain_id.as_ref().unwrap_or(&self.id)
    }

    /// Returns what a relative address in its text means.
    pub fn find(&self, address: &str) -> Found {
        let found = self.rare.refs.binary_search_by(|(text, _)| text.as_str().cmp(address));
        match found {
            Ok(at) => self.rare.refs[at].1.clone(),
            // Raw HTML is not searched for addresses beforehand; it may name attachments.
            Err(_) => files::by_name(&self.rare.attachments, address)
                .map_or(Found::Withheld, Attachment::found),
        }
    }

    /// Returns what belongs to one of its files, by where that lies in an edition.
    pub fn beside(&self, out: &OutPath) -> Beside {
        let mut files = self.rare.attachments.iter().chain(&self.rare.others);
        files.find(|file| file.out == *out).map_or_else(Beside::default, |file| Beside {
            caption: self.caption(file).map(str::to_owned),
            ..files::beside(&self.rare.attachments, file)
        })
    }

    /// Returns what its header says of one of its attachments.
    pub fn caption(&self, file: &Attachment) -> Option<&str> {
        let name = fold(&file.name);
        let captions = &self.meta.rare.captions;
        captions.iter().find(|(known, _)| fold(known) == name).map(|(_, text)| text.as_str())
    }

    /// Returns whether a file is shown by the player of a film: it is its poster, or its subtitles.
    pub fn is_with_film(&self, file: &Attachment) -> bool {
        files::film_of(&self.rare.attachments, file).is_some()
    }
}

/// A tag and who carries it.
#[derive(Debug, Clone)]
pub struct TagGroup {
    /// The tag as first written.
    pub label: String,
    /// Its folder below `tags/`.
    pub dir: String,
    /// The messages that carry it.
    pub slice: Arc<Slice>,
}

impl TagGroup {
    /// Returns the messages that carry it, oldest first.
    pub fn messages(&self) -> &[Arc<Message>] {
        self.slice.messages()
    }

    /// Returns whether the tag has a feed: from its second message on.
    pub fn has_feed(&self) -> bool {
        self.slice.len() > 1
    }
}

/// Everything one edition may show.
pub struct Library {
    /// For whom.
    pub edition: Edition,
    /// The contacts, by name.
    pub contacts: Vec<Arc<Contact>>,
    /// The messages of each month, of contacts that are not muted.
    pub months: BTreeMap<Month, Arc<Slice>>,
    /// Tags by their key.
    pub tags: BTreeMap<String, TagGroup>,
    /// Messages that say that they were edited, the latest edit first.
    pub edited: Vec<Arc<Message>>,
    threads: Arc<Threads>,
}

/// What is left of a library, for the next one to go on from.
#[derive(Default)]
pub struct LastSlices {
    /// The contacts as they were in the edition, each message with the id it had there; none
    /// before the first build.
    pub contacts: Option<Vec<Arc<Contact>>>,
    months: BTreeMap<Month, Arc<Slice>>,
    /// The messages of each tag.
    tags: BTreeMap<String, Arc<Slice>>,
    threads: Arc<Threads>,
}

impl LastSlices {
    /// Returns the page of what the message of a page answered, if that was in the edition.
    pub fn answered(&self, page: &OutPath) -> Option<&OutPath> {
        self.threads.answered_page(page)
    }
}

impl Library {
    /// Joins contacts for the reader edition, going on from the slices of the last one.
    pub fn reader(
        contacts: Vec<Arc<Contact>>,
        settings: &Settings,
        last: &LastSlices,
    ) -> Checked<Library> {
        Library::join(Edition::Reader, contacts, settings, (last, None))
    }

    /// Joins channels for the public edition, going on from the slices of the last one; what is the
    /// same in that of the `reader` is shared with it.
    pub fn public(
        channels: Vec<PublicChannel>,
        settings: &Settings,
        (last, reader): (&LastSlices, &Library),
    ) -> Checked<Library> {
        let contacts = channels.into_iter().map(PublicChannel::into_contact).collect();
        Library::join(Edition::Public, contacts, settings, (last, Some(reader)))
    }

    fn join(
        edition: Edition,
        contacts: Vec<Arc<Contact>>,
        settings: &Settings,
        (last, other): (&LastSlices, Option<&Library>),
    ) -> Checked<Library> {
        let contacts = distinct::ids(edition, contacts);
        let holds = |before: &Vec<_>| last.threads.hold_for(before, &contacts, settings);
        let threads = || match last.contacts.as_ref().is_some_and(holds) {
            true => Arc::clone(&last.threads),
            false => Arc::new(Threads::of(edition, &contacts, settings)),
        };
        let slices = || {
            let before = last.contacts.as_deref().unwrap_or_default();
            let months = slices::join(
                &in_timeline(edition, &contacts),
                |contact| &contact.slices.months,
                (&in_timeline(edition, before), &last.months),
                |month| other?.months.get(month),
            );
            let (all, before): (Vec<_>, Vec<_>) =
                (contacts.iter().collect(), before.iter().collect());
            let before = (&before[..], &last.tags);
            let other = |key: &String| other?.tags.get(key).map(|group| &group.slice);
            (months, slices::join(&all, |contact| &contact.slices.tags, before, other))
        };
        let (threads, (months, tags)) = rayon::join(threads, slices);
        let diagnostics = threads.found.clone();
        let tag = |(key, carriers): (String, _)| {
            let group = tag(&key, carriers);
            (key, group)
        };
        let tags = tags.into_iter().map(tag).collect();
        let edited = deleted::edited(contacts.iter());
        let value = Library { edition, contacts, months, tags, edited, threads };
        Checked { value, diagnostics }
    }

    /// Returns the newest messages of contacts that are not muted, newest first.
    pub fn newest(&self) -> impl Iterator<Item = &Arc<Message>> + Clone {
        self.months.values().rev().flat_map(|month| month.messages().iter().rev())
    }

    /// Returns what the next library goes on from.
    pub fn into_slices(self) -> LastSlices {
        let Library { contacts, months, tags, threads, .. } = self;
        let tags = tags.into_iter().map(|(key, group)| (key, group.slice)).collect();
        LastSlices { contacts: Some(contacts), months, tags, threads }
    }

    /// Returns the pages of messages that may answer one of a conversation.
    pub fn may_answer_conversations(&self) -> &BTreeSet<OutPath> {
        self.threads.private()
    }

    /// Says of messages that answer one of `gone` what became of it, and joins messages into threads:
    /// before that there are none.
    pub fn tell_deleted(&mut self, gone: &[Tombstone], settings: &Settings) {
        if self.threads.know(gone) {
            return;
        }
        // Those of the last build know of others.
        let is_shared = Arc::get_mut(&mut self.threads).is_none();
        if is_shared {
            self.threads = Arc::new(Threads::of(self.edition, &self.contacts, settings));
        }
        if let Some(threads) = Arc::get_mut(&mut self.threads) {
            threads.tell_deleted(&self.contacts, gone, settings);
        }
    }

    /// Returns whether the messages of a contact are part of the timeline.
    pub fn in_timeline(&self, head: &Head) -> bool {
        is_shown(self.edition, head)
    }

    /// Returns what a message answers, as far as this edition may tell.
    pub fn target(&self, message: &Message) -> Option<&Target> {
        self.threads.target(message)
    }

    /// Returns the messages that answer one, oldest first.
    pub fn replies(&self, message: &Message) -> &[Arc<Message>] {
        self.threads.replies(&message.page)
    }

    /// Returns the messages that answer one that was deleted, oldest first.
    pub fn replies_to_deleted(&self, gone: &Tombstone) -> &[Arc<Message>] {
        self.threads.replies(&gone.page)
    }

    /// Returns the threads: messages of which at least one answers another.
    pub fn threads(&self) -> &[Thread] {
        self.threads.trees().all()
    }

    /// Returns the thread that the message of a page is part of, be it there or deleted.
    pub fn thread(&self, page: &OutPath) -> Option<&Thread> {
        self.threads.trees().of(page)
    }

    /// Returns what began that thread.
    pub fn thread_root(&self, page: &OutPath) -> Option<&Node> {
        self.thread(page)?.first().map(|(_, root)| root)
    }

    /// Returns whether a message answers one of a conversation, or may do so.
    pub fn answers_conversation(&self, message: &Message) -> bool {
        self.threads.may_be_private(message)
    }

    /// Returns where the page of a tag is, if the edition has one.
    pub fn tag_page(&self, tag: &Tag) -> Option<OutPath> {
        let group = self.tags.get(&tag.key())?;
        OutPath::parse(&format!("tags/{}/index.html", group.dir))
    }
}

fn is_shown(edition: Edition, head: &Head) -> bool {
    edition == Edition::Public || !head.mute
}

/// Returns the contacts whose messages are part of the timeline.
fn in_timeline(edition: Edition, contacts: &[Arc<Contact>]) -> Vec<&Arc<Contact>> {
    contacts.iter().filter(|contact| is_shown(edition, &contact.head)).collect()
}

fn tag(key: &str, slice: Arc<Slice>) -> TagGroup {
    let first = slice.first().into_iter().flat_map(|message| &message.meta.tags);
    let label = first.into_iter().find(|tag| tag.key() == key);
    let label = label.map_or(key, |tag| tag.label()).to_owned();
    TagGroup { label, dir: names::out_name(key, Spot::Tag), slice }
}

/// Returns when the next held message will be shown, in seconds since 1970.
pub fn next_release(contacts: &[Arc<Contact>]) -> Option<i64> {
    contacts.iter().filter_map(|contact| contact.next_release).min()
}

/// What contacts are made with.
pub struct Context<'c> {
    /// My settings.
    pub settings: &'c Settings,
    /// The instant that decides what is held.
    pub now: Now,
}

/// Returns findings about a box with paths below the base folder and the owner set.
fn in_box(contact: &str, side: Side, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let Some(folder) = RelPath::parse(&format!("{contact}/{}", side.folder())) else {
        return found;
    };
    found.into_iter().map(|d| d.below(&folder).owned_by(side.owner())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_one_second_are_in_the_order_of_their_stems() {
        let check = |a: &str, b: &str, expected: Ordering| {
            let order = |file| Order { at: 1, file, page: "p" };
            assert_eq!(order(a).cmp(&order(b)), expected, "{a} {b}");
            assert_eq!(order(b).cmp(&order(a)), expected.reverse(), "{b} {a}");
        };
        check("a.md", "a-b.md", Ordering::Less);
        check("a.md", "a.txt", Ordering::Equal);
        check("u\u{308}.md", "\u{fc}.md", Ordering::Equal);
        check("2026/a.md", "2025/b.md", Ordering::Greater);
        let (early, late) =
            (Order { at: 0, file: "b.md", page: "p" }, Order { at: 1, file: "a.md", page: "p" });
        assert!(early < late);
        assert!(Order { page: "o", ..late } < late, "then by the page");
    }
}
