//! What was made of a box, for the next build: a message is made again only where its file, or what it
//! is made with, is another one.
//!
//! A message is *plain* where nothing but its own file, what is known of the contact and the settings
//! made it what it is, and nothing is to be said of it. Of a plain one whose file is the same nothing is
//! looked at again. What is not plain (held ones, those that refer to other files of the box, those of
//! which something was found) is made anew each time.

use super::Post;
use crate::chunked::{Chunked, Place};
use crate::config::ChannelInfo;
use crate::hash::FastSet;
use crate::library::slices::hash;
use crate::library::{Message, Person};
use crate::path::{RelPath, fold};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What was made of a box.
#[derive(Debug, Clone, Default)]
pub(super) struct Done {
    /// The message files that it was made of, by path.
    pub posts: Chunked<Arc<Post>>,
    /// What was made of each of them.
    pub all: Chunked<Made>,
    /// The paths of those that are made anew each time.
    pub rough: Vec<RelPath>,
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
pub(super) struct Pairs {
    /// What was made of files and is not made again, by path.
    pub kept: Chunked<Made>,
    /// The files of which it is made anew, by path, each with what it was.
    pub fresh: Vec<(Arc<Post>, Option<Made>)>,
    /// What was made of files that are no more.
    pub gone: Vec<Made>,
}

impl Done {
    /// Pairs the files of a box, by path, with what was made of them; none where so many of them are
    /// others that it is better to make all anew.
    pub fn pair(&self, posts: &Chunked<Arc<Post>>) -> Option<Pairs> {
        if self.posts.is_empty() {
            let fresh = posts.iter().map(|post| (Arc::clone(post), None)).collect();
            return Some(Pairs { kept: Chunked::default(), fresh, gone: Vec::new() });
        }
        let by_path = |a: &Arc<Post>, b: &Arc<Post>| a.file.path.cmp(&b.file.path);
        let most = self.posts.len() / 4 + FEW;
        let change = self.posts.difference(posts, by_path, Arc::ptr_eq, most)?;
        let (mut kept, mut fresh) = (self.all.clone(), BTreeMap::new());
        let mut was: BTreeMap<&RelPath, Made> = BTreeMap::new();
        for post in change.gone {
            let path = &post.file.path;
            was.extend(take(&mut kept, path).map(|made| (path, made)));
        }
        for path in &self.rough {
            let Some(made) = take(&mut kept, path) else { continue };
            fresh.insert(path, Arc::clone(&made.post));
            was.insert(path, made);
        }
        fresh.extend(change.come.into_iter().map(|post| (&post.file.path, Arc::clone(post))));
        let fresh = fresh.into_iter().map(|(path, post)| (post, was.remove(path))).collect();
        Some(Pairs { kept, fresh, gone: was.into_values().collect() })
    }
}

/// How many files may be others in a small box: a fourth of those in a large one may.
const FEW: usize = 64;

fn find(all: &Chunked<Made>, path: &RelPath) -> Result<Place, Place> {
    all.search_by(|made| made.post.file.path.cmp(path))
}

/// Takes what was made of a file out of the rest.
fn take(all: &mut Chunked<Made>, path: &RelPath) -> Option<Made> {
    let place = find(all, path).ok()?;
    all.remove(place)
}

/// Adds what was made of files that were not there, by path.
pub(super) fn add(all: Chunked<Made>, more: Vec<Made>) -> Chunked<Made> {
    if all.is_empty() {
        return more.into_iter().collect();
    }
    more.into_iter().fold(all, |mut all, made| {
        let (Ok(place) | Err(place)) = find(&all, &made.post.file.path);
        all.insert(place, made);
        all
    })
}

/// Addresses without case: their hashes, sorted. Two of one hash count as the same, which costs time
/// and nothing else.
#[derive(Debug, Clone, Default)]
pub(super) struct Taken(Vec<u64>);

impl Taken {
    /// Adds the addresses of messages.
    pub fn add<'m>(&mut self, messages: impl Iterator<Item = &'m Message>) {
        let known = self.0.len();
        self.0.extend(messages.flat_map(addresses));
        // Two runs, the first of which is sorted, are soon one.
        self.0[known..].sort_unstable();
        self.0.sort();
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
