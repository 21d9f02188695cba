//! Lists in pieces: one that differs from another in little shares all other pieces with it.
//!
//! What a process that builds again knows of a contact are lists of all its files and messages, and a
//! new message makes new ones: as a whole they would be copied for it.

use serde::ser::{Serialize, SerializeSeq, Serializer};
use std::cmp::Ordering;
use std::iter::FlatMap;
use std::slice;
use std::sync::Arc;

/// How many items a piece has when it is made.
const FULL: usize = 256;

/// Some items in an order. A clone is the same pieces again.
#[derive(Debug, Clone)]
pub struct Chunked<T> {
    /// None is empty.
    pieces: Vec<Arc<Vec<T>>>,
    len: usize,
}

/// Goes through the items, from both ends.
pub type Iter<'c, T> = FlatMap<
    slice::Iter<'c, Arc<Vec<T>>>,
    slice::Iter<'c, T>,
    fn(&'c Arc<Vec<T>>) -> slice::Iter<'c, T>,
>;

/// Where an item stands, or would.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    piece: usize,
    at: usize,
}

/// What two lists in one order do not share.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference<'d, T> {
    /// Items of the first alone.
    pub gone: Vec<&'d T>,
    /// Items of the second alone.
    pub come: Vec<&'d T>,
}

impl<T> Chunked<T> {
    /// Goes through the items.
    pub fn iter(&self) -> Iter<'_, T> {
        self.pieces.iter().flat_map(|piece| piece.iter())
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the first.
    pub fn first(&self) -> Option<&T> {
        self.pieces.first()?.first()
    }

    /// Returns the last.
    pub fn last(&self) -> Option<&T> {
        self.pieces.last()?.last()
    }

    /// Returns the item of a place, if there is one.
    pub fn get(&self, place: Place) -> Option<&T> {
        self.pieces.get(place.piece)?.get(place.at)
    }

    /// Finds an item among sorted ones, as [`slice::binary_search_by`] does.
    ///
    /// # Errors
    /// Where there is none: then the place is the one where it would stand.
    pub fn search_by(&self, order: impl Fn(&T) -> Ordering) -> Result<Place, Place> {
        let is_before = |piece: &Arc<Vec<T>>| piece.last().is_some_and(|last| order(last).is_lt());
        let piece = self.pieces.partition_point(is_before);
        let Some(items) = self.pieces.get(piece) else { return Err(self.end()) };
        let at = |at| Place { piece, at };
        items.binary_search_by(&order).map(at).map_err(at)
    }

    /// Goes through sorted items from the first one on that is not before what is looked for.
    pub fn starting(&self, is_before: impl Fn(&T) -> bool) -> impl Iterator<Item = &T> {
        let ends_before = |piece: &Arc<Vec<T>>| piece.last().is_some_and(&is_before);
        let pieces = &self.pieces[self.pieces.partition_point(ends_before)..];
        let skipped = pieces.first().map_or(0, |piece| piece.partition_point(&is_before));
        pieces.iter().flat_map(|piece| piece.iter()).skip(skipped)
    }

    /// Returns the place behind the last item.
    fn end(&self) -> Place {
        match self.pieces.last() {
            Some(last) => Place { piece: self.pieces.len() - 1, at: last.len() },
            None => Place { piece: 0, at: 0 },
        }
    }

    /// Compares two lists that are sorted in one `order`: an item of both is one that `is_same`, and what
    /// both have in shared pieces. None where they differ in more items than `most`.
    pub fn difference<'d>(
        &'d self,
        later: &'d Chunked<T>,
        order: impl Fn(&T, &T) -> Ordering,
        is_same: impl Fn(&T, &T) -> bool,
        most: usize,
    ) -> Option<Difference<'d, T>> {
        let mut found = Difference::default();
        let (mut old, mut new) = (Walk::of(self), Walk::of(later));
        while found.gone.len() + found.come.len() <= most {
            Walk::pass_shared(&mut old, &mut new);
            match (old.peek(), new.peek()) {
                (None, None) => return Some(found),
                (Some(a), Some(b)) if is_same(a, b) => {
                    old.next();
                    new.next();
                }
                (Some(a), Some(b)) if order(a, b).is_gt() => found.come.extend(new.next()),
                (Some(_), _) => found.gone.extend(old.next()),
                (None, Some(_)) => found.come.extend(new.next()),
            }
        }
        None
    }
}

impl<T: Clone> Chunked<T> {
    /// Puts an item in at a place.
    pub fn insert(&mut self, place: Place, item: T) {
        self.len += 1;
        let Some(piece) = self.pieces.get_mut(place.piece) else {
            return self.pieces.push(Arc::new(vec![item]));
        };
        let items = Arc::make_mut(piece);
        debug_assert!(place.at <= items.len(), "a place of another list");
        items.insert(place.at.min(items.len()), item);
        if items.len() >= 2 * FULL {
            let rest = items.split_off(FULL);
            self.pieces.insert(place.piece + 1, Arc::new(rest));
        }
    }

    /// Takes an item out of its place.
    pub fn remove(&mut self, place: Place) -> Option<T> {
        self.get(place)?;
        let items = Arc::make_mut(self.pieces.get_mut(place.piece)?);
        let item = items.remove(place.at);
        if items.is_empty() {
            self.pieces.remove(place.piece);
        }
        self.len -= 1;
        Some(item)
    }

    /// Returns the item of a place, to be changed.
    pub fn get_mut(&mut self, place: Place) -> Option<&mut T> {
        Arc::make_mut(self.pieces.get_mut(place.piece)?).get_mut(place.at)
    }

    /// Goes through all items, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.pieces.iter_mut().flat_map(|piece| Arc::make_mut(piece).iter_mut())
    }
}

/// A way through a list, piece by piece.
struct Walk<'w, T> {
    piece: &'w [T],
    /// Those that were not begun.
    later: &'w [Arc<Vec<T>>],
}

impl<'w, T> Walk<'w, T> {
    fn of(list: &'w Chunked<T>) -> Walk<'w, T> {
        Walk { piece: &[], later: &list.pieces }
    }

    /// Passes over the pieces that both have next.
    fn pass_shared(a: &mut Walk<'_, T>, b: &mut Walk<'_, T>) {
        while a.piece.is_empty()
            && b.piece.is_empty()
            && let ([x, others @ ..], [y, rest @ ..]) = (a.later, b.later)
            && Arc::ptr_eq(x, y)
        {
            (a.later, b.later) = (others, rest);
        }
    }

    /// Returns the next item.
    fn peek(&mut self) -> Option<&'w T> {
        while self.piece.is_empty() {
            let (piece, later) = self.later.split_first()?;
            (self.piece, self.later) = (piece, later);
        }
        self.piece.first()
    }

    fn next(&mut self) -> Option<&'w T> {
        let item = self.peek()?;
        self.piece = &self.piece[1..];
        Some(item)
    }
}

impl<T> Default for Difference<'_, T> {
    fn default() -> Self {
        Difference { gone: Vec::new(), come: Vec::new() }
    }
}

impl<T> Default for Chunked<T> {
    fn default() -> Chunked<T> {
        Chunked { pieces: Vec::new(), len: 0 }
    }
}

impl<T> FromIterator<T> for Chunked<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Chunked<T> {
        let mut items = items.into_iter();
        let mut made = Chunked::default();
        loop {
            let mut piece = Vec::with_capacity(items.size_hint().0.clamp(1, FULL));
            piece.extend(items.by_ref().take(FULL));
            if piece.is_empty() {
                return made;
            }
            piece.shrink_to_fit();
            made.len += piece.len();
            made.pieces.push(Arc::new(piece));
        }
    }
}

impl<'c, T> IntoIterator for &'c Chunked<T> {
    type Item = &'c T;
    type IntoIter = Iter<'c, T>;

    fn into_iter(self) -> Iter<'c, T> {
        self.iter()
    }
}

impl<T: Serialize> Serialize for Chunked<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut items = serializer.serialize_seq(Some(self.len))?;
        self.iter().try_for_each(|item| items.serialize_element(item))?;
        items.end()
    }
}

/// What two lists share is not compared, and so taken for equal to itself.
impl<T: Eq> PartialEq for Chunked<T> {
    fn eq(&self, other: &Chunked<T>) -> bool {
        let (mut a, mut b) = (Walk::of(self), Walk::of(other));
        let mut next = || {
            Walk::pass_shared(&mut a, &mut b);
            (a.next(), b.next())
        };
        self.len == other.len
            && loop {
                match next() {
                    (None, None) => break true,
                    (x, y) if x == y => {}
                    _ => break false,
                }
            }
    }
}

impl<T: Eq> Eq for Chunked<T> {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn list(items: &BTreeSet<u16>) -> Chunked<u16> {
        items.iter().copied().collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_list_that_is_changed_is_as_a_plain_one(
            first in proptest::collection::btree_set(any::<u16>(), 0..1500),
            edits in proptest::collection::vec(any::<u16>(), 0..900),
        ) {
            let (before, mut plain) = (list(&first), first.clone());
            let mut now = before.clone();
            for edit in edits {
                // Every third one that is there goes, be it an odd or an even one.
                let edit = if edit % 3 == 0 { first.range(edit..).next().copied().unwrap_or(edit) } else { edit };
                match now.search_by(|item| item.cmp(&edit)) {
                    Ok(place) => {
                        prop_assert_eq!(now.remove(place), Some(edit));
                        prop_assert!(plain.remove(&edit));
                    }
                    Err(place) => {
                        now.insert(place, edit);
                        prop_assert!(plain.insert(edit));
                    }
                }
            }
            prop_assert!(now.iter().eq(&plain) && now.iter().rev().eq(plain.iter().rev()));
            prop_assert!(before.iter().eq(&first), "what shares its pieces is as it was");
            prop_assert_eq!((now.len(), now.is_empty()), (plain.len(), plain.is_empty()));
            prop_assert_eq!((now.first(), now.last()), (plain.first(), plain.last()));
            prop_assert_eq!(&now, &list(&plain));
            prop_assert!(now.pieces.iter().all(|piece| (1..2 * FULL).contains(&piece.len())));
            let found = before.difference(&now, u16::cmp, u16::eq, usize::MAX).unwrap();
            prop_assert!(found.gone.into_iter().eq(first.difference(&plain)));
            prop_assert!(found.come.into_iter().eq(plain.difference(&first)));
            for from in [0, 300, 30_000, u16::MAX] {
                prop_assert!(now.starting(|item| *item < from).eq(plain.range(from..)));
            }
        }
    }

    #[test]
    fn what_two_lists_share_is_not_looked_at() {
        let before: Chunked<u16> = (0..2000).collect();
        let mut now = before.clone();
        let place = now.search_by(|item| item.cmp(&1000)).unwrap();
        now.remove(place);
        now.insert(now.search_by(|item| item.cmp(&2000)).unwrap_err(), 2000);
        let looked = std::cell::Cell::new(0);
        let is_same = |a: &u16, b: &u16| {
            looked.set(looked.get() + 1);
            a == b
        };
        let found = before.difference(&now, u16::cmp, is_same, 2).unwrap();
        assert_eq!(found, Difference { gone: vec![&1000], come: vec![&2000] });
        assert!(looked.get() < 3 * FULL, "{}", looked.get());
        assert_eq!(before.difference(&now, u16::cmp, u16::eq, 1), None);
    }
}
