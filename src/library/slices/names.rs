//! The messages of a contact by what they are referred to.

use crate::library::{Id, Message, Side};
use foldhash::fast::RandomState;
use std::hash::BuildHasher;
use std::sync::{Arc, LazyLock};

/// How many messages may have come or gone since all were sorted by name.
const FEW: usize = 64;

/// A name that is looked up, in the boxes of many contacts.
#[derive(Clone, Copy)]
pub(in crate::library) struct Name<'n> {
    text: &'n str,
    hash: u64,
}

impl<'n> Name<'n> {
    /// Prepares to look up a name.
    pub fn of(text: &'n str) -> Name<'n> {
        Name { text, hash: hash(text) }
    }

    /// Returns its hash.
    pub fn hash(self) -> u64 {
        self.hash
    }
}

/// Messages by id and by page: those that were sorted once, and what has changed since.
#[derive(Debug)]
pub(super) struct Names {
    sorted: Arc<Sorted>,
    gone: Vec<Arc<Message>>,
    come: Vec<Arc<Message>>,
}

/// The hash of each name, sorted, with the place of its message.
#[derive(Debug, Default)]
struct Sorted {
    all: Vec<Arc<Message>>,
    ids: Vec<(u64, u32)>,
    pages: Vec<(u64, u32)>,
}

impl Sorted {
    fn of(all: Vec<Arc<Message>>) -> Sorted {
        let count = all.len();
        let (by_id, by_page) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let mut sorted = Sorted { all, ids: by_id, pages: by_page };
        for (message, at) in sorted.all.iter().zip(0..) {
            sorted.pages.push((hash(message.page.as_str()), at));
            for id in ids(message) {
                sorted.ids.push((id.with(hash), at));
            }
        }
        sorted.pages.sort_unstable();
        sorted.ids.sort_unstable();
        sorted
    }

    /// Returns the messages that may have a name of this hash, oldest first.
    fn candidates<'n>(
        &'n self,
        list: &'n [(u64, u32)],
        hash: u64,
    ) -> impl Iterator<Item = &'n Arc<Message>> {
        let from = list.partition_point(|(known, _)| *known < hash);
        let same = list[from..].iter().take_while(move |(known, _)| *known == hash);
        same.filter_map(|(_, at)| self.all.get(*at as usize))
    }
}

impl Names {
    /// Sorts messages, which come oldest first.
    pub fn of(messages: Vec<Arc<Message>>) -> Names {
        let sorted = Arc::new(Sorted::of(messages));
        Names { sorted, gone: Vec::new(), come: Vec::new() }
    }

    /// Returns the same when some have gone and others have come; none where that is much by now.
    pub fn after(&self, gone: &[&Arc<Message>], come: &[&Arc<Message>]) -> Option<Names> {
        let mut names = Names {
            sorted: Arc::clone(&self.sorted),
            gone: self.gone.clone(),
            come: self.come.clone(),
        };
        for message in gone {
            match names.come.iter().position(|known| Arc::ptr_eq(known, message)) {
                Some(at) => drop(names.come.swap_remove(at)),
                None => names.gone.push(Arc::clone(message)),
            }
        }
        for message in come {
            match names.gone.iter().position(|known| Arc::ptr_eq(known, message)) {
                Some(at) => drop(names.gone.swap_remove(at)),
                None => names.come.push(Arc::clone(message)),
            }
        }
        (names.gone.len() + names.come.len() <= FEW).then_some(names)
    }

    /// Returns the first message of an id in a box.
    pub fn by_id(&self, side: Side, id: Name<'_>) -> Option<&Arc<Message>> {
        let is_it =
            |message: &Message| message.side == side && ids(message).any(|own| *own == *id.text);
        self.first(&self.sorted.ids, id, is_it)
    }

    /// Returns the message of a page.
    pub fn by_page(&self, page: &str) -> Option<&Arc<Message>> {
        let is_it = |message: &Message| message.page.as_str() == page;
        self.first(&self.sorted.pages, Name::of(page), is_it)
    }

    fn first<'n>(
        &'n self,
        list: &'n [(u64, u32)],
        name: Name<'_>,
        is_it: impl Fn(&Message) -> bool,
    ) -> Option<&'n Arc<Message>> {
        let is_there =
            |message: &&Arc<Message>| !self.gone.iter().any(|gone| Arc::ptr_eq(gone, message));
        let mut old = self.sorted.candidates(list, name.hash).filter(is_there);
        let old = old.find(|message| is_it(message));
        let new = self.come.iter().filter(|message| is_it(message));
        new.chain(old).min_by(|a, b| a.order().cmp(&b.order()))
    }
}

fn ids(message: &Message) -> impl Iterator<Item = &Id> {
    std::iter::once(&message.id).chain(&message.rare.plain_id)
}

/// Returns the hash of a name: only to find it in this process. Its seed is another one in each, so that
/// strangers cannot choose names that fall together.
pub(in crate::library) fn hash(name: &str) -> u64 {
    static SEED: LazyLock<RandomState> = LazyLock::new(RandomState::default);
    SEED.hash_one(name)
}
