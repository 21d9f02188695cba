//! What a message said before it was changed, as far as this machine has seen it.

use crate::hash::Hash;
use crate::limits::VERSIONS;
use serde::{Deserialize, Serialize};

/// A version of a message's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// The hash of its bytes.
    pub source: Hash,
    /// When it was first seen here, in seconds since 1970, where that is known.
    pub seen: Option<i64>,
    /// How many bytes of its text are kept; none where the text is not.
    pub size: Option<u64>,
}

/// The versions of a message that has changed since it was first seen: a part of the local state
/// that is an input of the build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// Those before the one that is there, oldest first: at least one, at most [`VERSIONS`].
    pub earlier: Vec<Version>,
    /// The one that is there.
    pub current: Version,
}

impl History {
    /// Returns the history after a change: `before` is the history up to then, `old` the version
    /// that was there, `new` the one that is.
    pub fn after(before: Option<&History>, old: Version, new: Version) -> History {
        let mut earlier = before.map_or_else(Vec::new, |before| before.earlier.clone());
        earlier.push(old);
        earlier.drain(..earlier.len().saturating_sub(VERSIONS));
        History { earlier, current: new }
    }

    /// Returns the history after a change of which the version that was there is not kept.
    pub fn replaced(before: &History, new: Version) -> History {
        History { earlier: before.earlier.clone(), current: new }
    }
}
