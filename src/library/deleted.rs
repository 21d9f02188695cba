//! Messages that were published and then deleted (RFC 6721).
//!
//! Only what was in an edition is remembered for it, so that nothing private leaves a trace in the
//! public one; for how long and how many, [`limits`](crate::limits) says.

use super::slices::Name;
use super::{Contact, Edition, Library, Message, Side};
use crate::limits::{GONE, GONE_FOR};
use crate::path::OutPath;
use crate::time::{Now, Stamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// What is left of a message that was deleted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Tombstone {
    /// The instant of the build that missed it first, in seconds since 1970.
    pub when: i64,
    /// Its page.
    pub page: OutPath,
    /// Its identity in the feeds of the edition.
    pub id: String,
    /// What those who answer it write, where that is something else.
    pub reply_id: Option<String>,
    /// The page of what it answered, if that was in the edition too.
    #[serde(default)]
    pub answered: Option<OutPath>,
    /// When it was written, in seconds since 1970, where that is known.
    #[serde(default)]
    pub written: Option<i64>,
    /// Whether its page says so. That of a message which is only no longer public is gone without
    /// a word: its name is private now.
    pub told: bool,
}

impl Tombstone {
    /// Returns what is left of a message that a build at `now` misses first; `answered` is the page
    /// of what it answered.
    pub fn of(
        message: &Message,
        answered: Option<&OutPath>,
        edition: Edition,
        now: Now,
    ) -> Tombstone {
        let (id, reply_id) = (&message.feed_id(edition), message.reply_id());
        Tombstone {
            when: now.0,
            page: message.page.clone(),
            reply_id: (reply_id != id).then(|| reply_id.to_string()),
            id: id.to_string(),
            answered: answered.cloned(),
            written: Some(message.stamp.unix()),
            told: true,
        }
    }

    /// Returns the folder of the contact whose it was.
    pub fn dir(&self) -> &str {
        self.page.parts().next().unwrap_or_default()
    }

    /// Returns when it was missed first, in UTC.
    pub fn stamp(&self) -> Stamp {
        Stamp::from_unix(self.when)
    }
}

/// The deleted messages that an edition remembers, the latest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Deleted(Vec<Tombstone>);

impl Deleted {
    /// Returns them.
    pub fn all(&self) -> &[Tombstone] {
        &self.0
    }

    /// Returns when the first of them will be forgotten, in seconds since 1970.
    pub fn forgotten_at(&self) -> Option<i64> {
        self.0.iter().map(|tombstone| tombstone.when.saturating_add(GONE_FOR)).min()
    }

    /// Adds some, unless they are known.
    pub fn add(&mut self, more: impl IntoIterator<Item = Tombstone>) {
        for tombstone in more {
            if !self.0.iter().any(|known| known.page == tombstone.page) {
                self.0.push(tombstone);
            }
        }
        self.0.sort_by(|a, b| b.cmp(a));
        self.0.truncate(GONE);
    }

    /// Forgets messages that are back, be it under another name with the id they asked for, and
    /// those that were missed first too long ago: no feed says of one id that it is there and gone.
    pub fn settle(&mut self, library: &Library, now: Now) {
        self.0.retain(|tombstone| tombstone.when > now.0.saturating_sub(GONE_FOR));
        if self.0.is_empty() {
            return;
        }
        let mut claims: BTreeMap<Uuid, usize> = BTreeMap::new();
        for (_, id) in library.contacts.iter().flat_map(|contact| &contact.channel_ids) {
            *claims.entry(*id).or_default() += 1;
        }
        let shares_ids = |contact: &&Arc<Contact>| {
            let is_shared = |(_, id): &(Side, Uuid)| claims.get(id).is_some_and(|count| *count > 1);
            contact.slices.asks_for_ids || contact.channel_ids.iter().any(is_shared)
        };
        let sharing: Vec<_> = library.contacts.iter().filter(shares_ids).collect();
        let is_back = |tombstone: &Tombstone| {
            let mut own = library.contacts.iter().filter(|c| c.head.dir == tombstone.dir());
            let (mut sharing, id) = (sharing.iter(), Name::of(&tombstone.id));
            own.any(|contact| contact.slices.by_page(tombstone.page.as_str()).is_some())
                || sharing.any(|c| c.slices.by_id(Side::Outbox, id).is_some())
        };
        self.0.retain(|tombstone| !is_back(tombstone));
    }
}

/// Returns the messages that say that they were edited, the latest edit first.
pub(super) fn edited<'c>(contacts: impl Iterator<Item = &'c Arc<Contact>>) -> Vec<Arc<Message>> {
    let mut edited: Vec<_> = contacts.flat_map(|contact| &contact.slices.edited).cloned().collect();
    let order = |message: &Message| message.rare.updated.map(Stamp::unix);
    edited.sort_by(|a, b| (order(b), &b.page).cmp(&(order(a), &a.page)));
    edited
}
