//! A contact as it lies in a file: what it shows, without what it was made from.
//!
//! Messages of a contact share its head and mostly its author; in the file these stand once.

use super::Contact;
use crate::chunked::Chunked;
use crate::hash::{Fingerprint, Hash};
use crate::library::identity::Form;
use crate::library::slices::Slices;
use crate::library::{Attachment, Besides, Head, Message, Person, Side};
use crate::message::Meta;
use crate::path::{OutPath, RelPath};
use crate::rare::Rare;
use crate::time::Stamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

/// A contact that can be written and read back. What another build of the same process would go on
/// from is not a part of it.
#[derive(Debug, Clone)]
pub struct Snapshot(pub Arc<Contact>);

/// A contact, with its messages as `M`.
#[derive(Serialize, Deserialize)]
struct Stored<M> {
    head: Arc<Head>,
    people: People,
    messages: M,
    channel_ids: Vec<(Side, Uuid)>,
    inbox_trace: Option<String>,
    faces: Vec<Attachment>,
    waiting: BTreeSet<OutPath>,
    next_release: Option<i64>,
    changes_at: Option<i64>,
    inbox_tags: usize,
}

/// Those who wrote most of the messages.
#[derive(Default, Serialize, Deserialize)]
struct People(Vec<Arc<Person>>);

/// How many of those who write are listed: each message is compared with all of them.
const LISTED: usize = 8;

/// Who wrote a message.
#[derive(Serialize, Deserialize)]
enum Author {
    Unnamed,
    /// One of the [`People`].
    Listed(usize),
    Other(Arc<Person>),
}

impl People {
    fn of<'m>(messages: impl Iterator<Item = &'m Arc<Message>>) -> People {
        let mut people = People::default();
        for author in messages.filter_map(|message| message.author.as_ref()) {
            if people.0.len() < LISTED && people.place(author).is_none() {
                people.0.push(Arc::clone(author));
            }
        }
        people
    }

    fn place(&self, author: &Arc<Person>) -> Option<usize> {
        self.0.iter().position(|person| Arc::ptr_eq(person, author))
    }

    fn author(&self, message: &Message) -> Author {
        match &message.author {
            None => Author::Unnamed,
            Some(author) => match self.place(author) {
                Some(place) => Author::Listed(place),
                None => Author::Other(Arc::clone(author)),
            },
        }
    }

    /// Returns who an author is; an error where nobody is listed there.
    fn person(&self, author: Author) -> Result<Option<Arc<Person>>, &'static str> {
        match author {
            Author::Unnamed => Ok(None),
            Author::Other(person) => Ok(Some(person)),
            Author::Listed(place) => match self.0.get(place) {
                Some(person) => Ok(Some(Arc::clone(person))),
                None => Err("an author who is not listed"),
            },
        }
    }
}

/// A message without what it shares with others.
#[derive(Serialize, Deserialize)]
struct Row {
    side: Side,
    file: RelPath,
    source: Hash,
    page: OutPath,
    id: Form,
    stamp: Stamp,
    meta: Arc<Meta>,
    author: Author,
    rare: Rare<Besides>,
    fingerprint: Fingerprint,
}

impl Row {
    /// Returns the row of a message. What takes room is shared with it.
    fn of(message: &Message, people: &People) -> Row {
        Row {
            side: message.side,
            file: message.file.clone(),
            source: message.source,
            page: message.page.clone(),
            id: message.id.form().clone(),
            stamp: message.stamp,
            meta: Arc::clone(&message.meta),
            author: people.author(message),
            rare: message.rare.clone(),
            fingerprint: message.fingerprint,
        }
    }

    fn message(self, head: &Arc<Head>, people: &People) -> Result<Message, &'static str> {
        Ok(Message {
            head: Arc::clone(head),
            side: self.side,
            file: self.file,
            source: self.source,
            page: self.page,
            id: self.id.into(),
            stamp: self.stamp,
            meta: self.meta,
            author: people.person(self.author)?,
            rare: self.rare,
            fingerprint: self.fingerprint,
        })
    }
}

/// Messages on their way to a file: no more than one of them is a row at a time.
struct Rows<'c> {
    messages: &'c Chunked<Arc<Message>>,
    people: &'c People,
}

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeSeq;
        let mut rows = to.serialize_seq(Some(self.messages.len()))?;
        for message in self.messages {
            rows.serialize_element(&Row::of(message, self.people))?;
        }
        rows.end()
    }
}

impl Serialize for Snapshot {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let contact = &*self.0;
        let people = People::of(contact.messages.iter());
        let stored = Stored {
            head: Arc::clone(&contact.head),
            messages: Rows { messages: &contact.messages, people: &people },
            people: People(people.0.clone()),
            channel_ids: contact.channel_ids.clone(),
            inbox_trace: contact.inbox_trace.clone(),
            faces: contact.faces.clone(),
            waiting: contact.waiting.clone(),
            next_release: contact.next_release,
            changes_at: contact.changes_at,
            inbox_tags: contact.inbox_tags,
        };
        stored.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Snapshot {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Snapshot, D::Error> {
        let stored = Stored::<Vec<Row>>::deserialize(from)?;
        let message = |row: Row| row.message(&stored.head, &stored.people).map(Arc::new);
        let messages = stored.messages.into_iter().map(message).collect::<Result<_, _>>();
        let messages: Chunked<Arc<Message>> = messages.map_err(serde::de::Error::custom)?;
        Ok(Snapshot(Arc::new(Contact {
            slices: Slices::of(&messages, None),
            head: stored.head,
            messages,
            channel_ids: stored.channel_ids,
            inbox_trace: stored.inbox_trace,
            faces: stored.faces,
            waiting: stored.waiting,
            next_release: stored.next_release,
            changes_at: stored.changes_at,
            inbox_tags: stored.inbox_tags,
            done: Arc::default(),
        })))
    }
}
