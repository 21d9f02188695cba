//! What was made of a box, for the next build: a message is made again only where its file, or what it
//! is made with, is another one.
//!
//! A message is *plain* where nothing but its own file, what is known of the contact and the settings
//! made it what it is, and nothing is to be said of it. Of a plain one whose file is the same nothing is
//! looked at again. What is not plain (held ones, those that refer to other files of the box, those of
//! which something was found) is made anew each time.

use super::Post;
use crate::config::ChannelInfo;
use crate::hash::FastSet;
use crate::library::slices::hash;
use crate::library::{Message, Person};
use crate::path::fold;
use std::sync::Arc;

/// What was made of a box.
#[derive(Debug, Clone, Default)]
pub(super) struct Done {
    /// Of each message file, by path.
    pub all: Vec<Made>,
    /// The addresses of the plain ones and their files.
    pub taken: Taken,
    /// What its `channel.toml` said.
    pub info: ChannelInfo,
    /// Who writes it.
    pub people: Vec<Arc<Person>>,
}

/// What was made of a message file.
#[derive(Debug, Clone)]
pub(super) struct Made {
    /// The file.
    pub post: Arc<Post>,
    /// The message, if it is shown.
    pub message: Option<Arc<Message>>,
    /// Whether it is the same as long as the file is.
    pub plain: bool,
}

/// The files of a box beside what was made of them.
pub(super) struct Pairs<'d> {
    /// What was made of each file, or nothing yet; by path.
    pub all: Vec<Made>,
    /// The places of those that have to be made, each with what it was.
    pub fresh: Vec<(usize, Option<&'d Made>)>,
    /// What was made of files that are no more.
    pub gone: Vec<&'d Made>,
}

impl Done {
    /// Pairs the files of a box, by path, with what was made of them.
    pub fn pair(&self, posts: &[Arc<Post>]) -> Pairs<'_> {
        let all = Vec::with_capacity(posts.len());
        let mut pairs = Pairs { all, fresh: Vec::new(), gone: Vec::new() };
        let mut old = self.all.iter().peekable();
        for post in posts {
            let is_same = |was: &Made| Arc::ptr_eq(&was.post, post);
            let is_before = |was: &&Made| !is_same(was) && was.post.file.path < post.file.path;
            while let Some(gone) = old.next_if(is_before) {
                pairs.gone.push(gone);
            }
            let is_its = |was: &&Made| is_same(was) || was.post.file.path == post.file.path;
            match old.next_if(is_its) {
                Some(was) if was.plain && is_same(was) => pairs.all.push(was.clone()),
                was => {
                    pairs.fresh.push((pairs.all.len(), was));
                    let post = Arc::clone(post);
                    pairs.all.push(Made { post, message: None, plain: false });
                }
            }
        }
        pairs.gone.extend(old);
        pairs
    }
}

/// Addresses without case: their hashes, sorted. Two of one hash count as the same, which costs time
/// and nothing else.
#[derive(Debug, Clone, Default)]
pub(super) struct Taken(Vec<u64>);

impl Taken {
    /// Adds the addresses of messages.
    pub fn add<'m>(&mut self, messages: impl Iterator<Item = &'m Message>) {
        self.0.extend(messages.flat_map(addresses));
        self.0.sort_unstable();
    }

    /// Takes out the addresses of messages.
    pub fn remove<'m>(&mut self, messages: impl Iterator<Item = &'m Message>) {
        let mut gone: Vec<u64> = messages.flat_map(addresses).collect();
        gone.sort_unstable();
        let mut gone = gone.into_iter().peekable();
        // Of two of one hash one is left.
        self.0.retain(|known| {
            while gone.next_if(|gone| gone < known).is_some() {}
            gone.next_if_eq(known).is_none()
        });
    }

    fn holds(&self, folded: &str) -> bool {
        self.0.binary_search(&hash(folded)).is_ok()
    }
}

fn addresses(message: &Message) -> impl Iterator<Item = u64> {
    let files = message.rare.attachments.iter().map(|file| &file.out);
    std::iter::once(&message.page).chain(files).map(|path| hash(&fold(path.as_str())))
}

/// The addresses that are used in a box, so that no two things have the same.
#[derive(Debug, Clone, Default)]
pub(in crate::library) struct Used {
    /// Those of what is not made again.
    taken: Taken,
    all: FastSet<String>,
    /// Whether something wanted one that was used.
    pub clashed: bool,
}

impl Used {
    /// Begins with what is not made again.
    pub(super) fn of(taken: Taken) -> Used {
        Used { taken, ..Used::default() }
    }

    /// Uses an address; returns whether it was free.
    pub fn insert(&mut self, address: &str) -> bool {
        let folded = fold(address);
        let free = !self.taken.holds(&folded) && self.all.insert(folded);
        self.clashed |= !free;
        free
    }

    /// Returns the addresses of what is not made again.
    pub(super) fn into_taken(self) -> Taken {
        self.taken
    }
}
