//! Content hashes and fingerprints, both the first 128 bits of BLAKE3.
//!
//! 128 bits are enough: nobody gains by two inputs of his own with one hash, and to hit the hash
//! of somebody else's input takes 2^128 tries.

use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;

/// A map whose keys are hashed in few nanoseconds, for what is looked up message by message. Its seed is
/// another one each time, so that strangers cannot choose names that fall together.
pub type FastMap<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// A set of the same kind.
pub type FastSet<T> = std::collections::HashSet<T, foldhash::fast::RandomState>;

/// The hash of some bytes, as of a message's source.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
pub struct Hash([u8; 16]);

/// The hash of everything an output or a segment is made from: equal inputs, equal output.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
pub struct Fingerprint([u8; 16]);

impl Hash {
    /// Returns the hash of `bytes`.
    pub fn of(bytes: &[u8]) -> Hash {
        Hash(first_half(&blake3::hash(bytes)))
    }

    /// Returns its bytes.
    pub fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Returns the first `digits` hexadecimal digits (at most 32).
    pub fn hex(&self, digits: usize) -> String {
        let digit = |n| char::from_digit(u32::from(n), 16).unwrap_or('0');
        let pairs = self.0.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
        pairs.take(digits).collect()
    }
}

/// Gathers the inputs of a [`Fingerprint`]. Each input is framed by its length, so that no two
/// different lists of inputs run together into the same bytes.
pub struct Inputs(Vec<u8>);

impl Inputs {
    /// Begins a list of inputs of one `kind`; fingerprints of different kinds differ.
    pub fn new(kind: &str) -> Inputs {
        Inputs(Vec::with_capacity(256)).text(kind)
    }

    /// Adds a text.
    #[must_use]
    pub fn text(self, text: &str) -> Inputs {
        self.bytes(text.as_bytes())
    }

    /// Adds some bytes.
    #[must_use]
    pub fn bytes(mut self, bytes: &[u8]) -> Inputs {
        self.0.extend((bytes.len() as u64).to_le_bytes());
        self.0.extend(bytes);
        self
    }

    /// Adds a number.
    #[must_use]
    pub fn number(mut self, number: u64) -> Inputs {
        self.0.extend(number.to_le_bytes());
        self
    }

    /// Adds a text that may be missing; a missing one differs from an empty one.
    #[must_use]
    pub fn maybe(self, text: Option<&str>) -> Inputs {
        match text {
            Some(text) => self.number(1).text(text),
            None => self.number(0),
        }
    }

    /// Adds another fingerprint.
    #[must_use]
    pub fn print(mut self, print: &Fingerprint) -> Inputs {
        self.0.extend(print.0);
        self
    }

    /// Adds many fingerprints and their number.
    #[must_use]
    pub fn prints(mut self, prints: impl IntoIterator<Item = Fingerprint>) -> Inputs {
        let mut count = 0u64;
        for print in prints {
            self.0.extend(print.0);
            count += 1;
        }
        self.number(count)
    }

    /// Adds anything that serializes, in its postcard form (exact and the same everywhere).
    #[must_use]
    pub fn value<T: Serialize + ?Sized>(mut self, value: &T) -> Inputs {
        let at = self.0.len();
        self.0.extend([0; 8]);
        // Plain structs always serialize; a failure must still change the print.
        if let Err(error) = postcard::to_io(value, &mut self.0) {
            self.0.extend(error.to_string().bytes());
        }
        let len = (self.0.len() - at - 8) as u64;
        self.0[at..at + 8].copy_from_slice(&len.to_le_bytes());
        self
    }

    /// Returns the fingerprint of all that was added.
    pub fn finish(self) -> Fingerprint {
        Fingerprint(first_half(&blake3::hash(&self.0)))
    }
}

fn first_half(hash: &blake3::Hash) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&hash.as_bytes()[..16]);
    half
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex(12))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Hash(self.0).hex(12))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_do_not_run_together() {
        let print = |parts: &[&str]| {
            parts.iter().fold(Inputs::new("t"), |inputs, part| inputs.text(part)).finish()
        };
        assert_ne!(print(&["ab", "c"]), print(&["a", "bc"]));
        assert_ne!(print(&["ab"]), print(&["ab", ""]));
        assert_ne!(
            Inputs::new("t").maybe(None).finish(),
            Inputs::new("t").maybe(Some("")).finish()
        );
        assert_eq!(print(&["ab"]), print(&["ab"]));
    }
}
