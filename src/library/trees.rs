//! Threads as trees: messages that answer each other, with the places of those that were deleted.

use super::{Head, Message, Order, Tombstone};
use crate::hash::{FastMap, Fingerprint, Inputs};
use crate::path::OutPath;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// A place in a thread.
#[derive(Debug, Clone)]
pub enum Node {
    /// A message.
    Message(Arc<Message>),
    /// That of one that was deleted, of a contact that is still there.
    Gone(Arc<Tombstone>, Arc<Head>),
}

/// Messages that answer each other: each with its depth, before those that answer it. The first
/// one began it, and at least one is there.
pub type Thread = Vec<(usize, Node)>;

impl Node {
    /// Returns the page of the message, or the one that says that it was deleted.
    pub fn page(&self) -> &OutPath {
        match self {
            Node::Message(message) => &message.page,
            Node::Gone(gone, _) => &gone.page,
        }
    }

    /// Returns whose it is.
    pub fn head(&self) -> &Arc<Head> {
        match self {
            Node::Message(message) => &message.head,
            Node::Gone(_, head) => head,
        }
    }

    /// Returns the message, if it is there.
    pub fn message(&self) -> Option<&Arc<Message>> {
        match self {
            Node::Message(message) => Some(message),
            Node::Gone(..) => None,
        }
    }

    /// Returns the hash of what it says.
    pub fn print(&self) -> Fingerprint {
        match self {
            Node::Message(message) => message.fingerprint,
            Node::Gone(gone, head) => {
                Inputs::new("gone").value(&**gone).print(&head.fingerprint).finish()
            }
        }
    }

    /// Returns what nodes are sorted by; a total order, in which one that is deleted stays where it
    /// was, as far as its time is known.
    fn order(&self) -> Order<'_> {
        match self {
            Node::Message(message) => message.order(),
            Node::Gone(gone, _) => {
                let page = gone.page.as_str();
                Order { at: gone.written.unwrap_or(i64::MIN), file: page, page }
            }
        }
    }
}

/// Returns the first node of the circle that a node leads to by what it answers; the node itself
/// where it answers nothing.
fn first_of_circle<'n>(start: &'n Node, above: &FastMap<&OutPath, &'n Node>) -> &'n Node {
    let mut passed = HashSet::new();
    let mut node = start;
    while passed.insert(node.page()) {
        match above.get(node.page()) {
            Some(target) => node = target,
            None => return start,
        }
    }
    let key = |node: &'n Node| (&node.head().name, node.order());
    let (mut first, mut next) = (node, node);
    loop {
        next = above.get(next.page()).copied().unwrap_or(node);
        if next.page() == node.page() {
            return first;
        }
        if key(next) < key(first) {
            first = next;
        }
    }
}

/// All threads of an edition.
#[derive(Default)]
pub(super) struct Trees {
    all: Vec<Thread>,
    /// By page: the place in `all` of the thread that it is part of.
    of: FastMap<OutPath, usize>,
}

impl Trees {
    /// Joins nodes into threads, by contact and time of the one that began them: `answers` are
    /// pairs of a node and what it answers. Where messages answer each other in a circle, the first
    /// of them began it.
    pub(super) fn grow(answers: &[(Node, Node)]) -> Trees {
        let mut answered: BTreeMap<_, &Node> = BTreeMap::new();
        let mut below: FastMap<&OutPath, Vec<&Node>> = FastMap::default();
        for (node, target) in answers {
            answered.insert((&target.head().name, target.order()), target);
            below.entry(target.page()).or_default().push(node);
        }
        #[expect(clippy::iter_over_hash_type, reason = "each list is sorted on its own")]
        for nodes in below.values_mut() {
            // From the last to the first: the stack below hands them out the other way round.
            nodes.sort_by(|a, b| b.order().cmp(&a.order()));
        }
        let above: FastMap<&OutPath, &Node> =
            answers.iter().map(|(node, target)| (node.page(), target)).collect();
        let (rest, roots): (Vec<&Node>, Vec<&Node>) =
            answered.into_values().partition(|node| above.contains_key(node.page()));
        let mut trees = Trees::default();
        let mut seen: HashSet<&OutPath> = HashSet::new();
        for start in roots.into_iter().chain(rest) {
            if seen.contains(start.page()) {
                continue;
            }
            let mut tree = Thread::new();
            let mut next = vec![(0, first_of_circle(start, &above))];
            while let Some((depth, node)) = next.pop() {
                if !seen.insert(node.page()) {
                    continue;
                }
                let replies = below.get(node.page()).into_iter().flatten();
                next.extend(replies.map(|reply| (depth + 1, *reply)));
                tree.push((depth, node.clone()));
            }
            trees.add(tree);
        }
        trees
    }

    /// Adds a thread, unless nothing is left of it.
    fn add(&mut self, tree: Thread) {
        if tree.iter().any(|(_, node)| node.message().is_some()) {
            let place = self.all.len();
            self.of.extend(tree.iter().map(|(_, node)| (node.page().clone(), place)));
            self.all.push(tree);
        }
    }

    pub(super) fn all(&self) -> &[Thread] {
        &self.all
    }

    /// Returns the thread that the message of a page is part of, be it there or deleted.
    pub(super) fn of(&self, page: &OutPath) -> Option<&Thread> {
        self.all.get(*self.of.get(page)?)
    }
}
