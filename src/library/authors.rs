//! Channels that several people write: each of them has a page.

use super::{Head, Kind, Message, Person};
use crate::names::{self, Spot};
use crate::path::{OutPath, fold};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Returns the people of a channel that have a page each: all that its `channel.toml` names, where
/// it names several. A name that is there twice is one person.
pub fn authors(head: &Head) -> Vec<&Arc<Person>> {
    if head.people.len() < 2 || head.kind == Kind::Conversation {
        return Vec::new();
    }
    let mut names = BTreeSet::new();
    let people: Vec<_> =
        head.people.iter().filter(|person| names.insert(fold(&person.name))).collect();
    if people.len() < 2 { Vec::new() } else { people }
}

/// Returns the folder of an author's page in an edition.
pub fn author_dir(head: &Head, person: &Person) -> String {
    format!("{}/authors/{}", head.dir, names::out_name(&fold(&person.name), Spot::Tag))
}

/// Returns the page of an author, where he has one.
pub fn author_page(head: &Head, person: &Person) -> Option<OutPath> {
    let key = fold(&person.name);
    let found = authors(head).into_iter().find(|known| fold(&known.name) == key)?;
    Some(OutPath::fixed(&format!("{}/index.html", author_dir(head, found))))
}

/// Returns the messages of one contact, oldest first, by those of their authors that have a page:
/// by name in small letters.
pub(super) fn by_author(messages: &[Arc<Message>]) -> BTreeMap<String, Vec<&Arc<Message>>> {
    let mut all: BTreeMap<String, Vec<&Arc<Message>>> = BTreeMap::new();
    let Some(first) = messages.first() else { return all };
    for person in authors(&first.head) {
        all.insert(fold(&person.name), Vec::new());
    }
    if all.is_empty() {
        return all;
    }
    for message in messages {
        let key = message.author.as_ref().map(|author| fold(&author.name));
        if let Some(written) = key.and_then(|key| all.get_mut(&key)) {
            written.push(message);
        }
    }
    all
}
