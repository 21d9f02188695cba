//! Fields that most values do not fill: together they take the room of a pointer where none is.

use serde::{Deserialize, Serialize};
use std::ops::Deref;

/// A group of fields that are empty in most values of which there are many. It is read like the group.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rare<T>(Option<Box<T>>);

/// A group of fields that may all be empty.
pub trait Group: Default + PartialEq + 'static {
    /// The group with nothing in it.
    const EMPTY: &'static Self;
}

impl<T: Group> Rare<T> {
    /// Keeps a group, which takes no room where it is empty.
    pub fn new(group: T) -> Rare<T> {
        Rare((group != *T::EMPTY).then(|| Box::new(group)))
    }

    /// Changes the group.
    pub fn change<R>(&mut self, change: impl FnOnce(&mut T) -> R) -> R {
        let mut group = std::mem::take(&mut self.0).map_or_else(T::default, |group| *group);
        let result = change(&mut group);
        *self = Rare::new(group);
        result
    }
}

impl<T: Group> Deref for Rare<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_deref().unwrap_or(T::EMPTY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq)]
    struct Names(Vec<&'static str>);

    impl Group for Names {
        const EMPTY: &'static Names = &Names(Vec::new());
    }

    #[test]
    fn what_is_empty_takes_no_room() {
        assert_eq!(size_of::<Rare<Names>>(), size_of::<usize>());
        let mut names = Rare::new(Names::default());
        assert!(names.0.is_none() && names.0.as_deref().is_none() && names.0 == Rare::default().0);
        assert_eq!(names.change(|names| names.0.len()), 0);
        assert!(names.0.is_none(), "nothing was added");
        names.change(|names| names.0.push("tide"));
        assert_eq!(*names, Names(vec!["tide"]));
        names.change(|names| names.0.clear());
        assert_eq!(names, Rare::default(), "two empty ones are the same");
    }
}
