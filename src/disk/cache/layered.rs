//! What is known of files by path, of which little changes at a time: copies share what they began
//! with.

use crate::hash::FastMap;
use crate::path::RelPath;
use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::sync::Arc;

/// How many entries may differ from those that are shared: from there on all are copied.
const FEW: usize = 64;

/// Entries by path.
#[derive(Debug, Clone)]
pub struct Layered<V> {
    shared: Arc<FastMap<RelPath, V>>,
    /// What has changed since; nothing where an entry has gone.
    changed: FastMap<RelPath, Option<V>>,
}

impl<V: Clone> Layered<V> {
    /// Returns the entry of a path.
    pub fn get(&self, path: &RelPath) -> Option<&V> {
        match self.changed.get(path) {
            Some(changed) => changed.as_ref(),
            None => self.shared.get(path),
        }
    }

    /// Makes room for so many entries more, where nothing is shared yet.
    pub fn reserve(&mut self, more: usize) {
        if let Some(own) = Arc::get_mut(&mut self.shared) {
            own.reserve(more);
        }
    }

    /// Puts in the entry of a path.
    pub fn insert(&mut self, path: RelPath, value: V) {
        self.change(path, Some(value));
    }

    /// Takes out the entry of a path.
    pub fn remove(&mut self, path: &RelPath) {
        self.change(path.clone(), None);
    }

    /// Goes through the entries.
    pub fn iter(&self) -> impl Iterator<Item = (&RelPath, &V)> {
        let old = self.shared.iter().filter(|(path, _)| !self.changed.contains_key(*path));
        let new = self.changed.iter().filter_map(|(path, value)| Some((path, value.as_ref()?)));
        old.chain(new)
    }

    /// Returns how many entries there are.
    pub fn len(&self) -> usize {
        if self.changed.is_empty() { self.shared.len() } else { self.iter().count() }
    }

    fn change(&mut self, path: RelPath, value: Option<V>) {
        if self.changed.is_empty()
            && let Some(own) = Arc::get_mut(&mut self.shared)
        {
            put(own, path, value);
            return;
        }
        self.changed.insert(path, value);
        if self.changed.len() > FEW {
            let own = Arc::make_mut(&mut self.shared);
            self.changed.drain().for_each(|(path, value)| put(own, path, value));
        }
    }
}

fn put<V>(all: &mut FastMap<RelPath, V>, path: RelPath, value: Option<V>) {
    match value {
        Some(value) => all.insert(path, value),
        None => all.remove(&path),
    };
}

impl<V> Default for Layered<V> {
    fn default() -> Layered<V> {
        Layered { shared: Arc::default(), changed: FastMap::default() }
    }
}

impl<V: Clone + Serialize> Serialize for Layered<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entries = serializer.serialize_map(Some(self.len()))?;
        self.iter().try_for_each(|(path, value)| entries.serialize_entry(path, value))?;
        entries.end()
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Layered<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Layered<V>, D::Error> {
        let shared = FastMap::deserialize(deserializer)?;
        Ok(Layered { shared: Arc::new(shared), changed: FastMap::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn path(number: usize) -> RelPath {
        RelPath::parse(&format!("{number}.md")).unwrap()
    }

    #[test]
    fn a_copy_that_is_changed_is_as_a_plain_map_and_leaves_the_first_alone() {
        let mut first = Layered::default();
        (0..100).for_each(|number| first.insert(path(number), number));
        let (mut now, mut plain) = (first.clone(), BTreeMap::new());
        plain.extend((0..100).map(|number| (path(number), number)));
        for number in 0..150 {
            if number % 3 == 0 {
                now.remove(&path(number));
                plain.remove(&path(number));
            } else {
                now.insert(path(number), 1000 + number);
                plain.insert(path(number), 1000 + number);
            }
            assert_eq!((now.len(), now.changed.len() <= FEW), (plain.len(), true));
            let found: BTreeMap<_, _> =
                now.iter().map(|(path, value)| (path.clone(), *value)).collect();
            assert_eq!(found, plain);
            assert!((0..160).all(|number| now.get(&path(number)) == plain.get(&path(number))));
            let bytes = postcard::to_allocvec(&now).unwrap();
            let again: Layered<usize> = postcard::from_bytes(&bytes).unwrap();
            assert!(again.iter().all(|(path, value)| plain.get(path) == Some(value)));
            assert_eq!(again.len(), plain.len());
        }
        assert!((0..160).all(|number| first.get(&path(number)).is_some() == (number < 100)));
    }
}
