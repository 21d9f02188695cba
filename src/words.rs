//! Words of the interface: one table per language, from the theme.

use std::collections::BTreeMap;

/// The words of one language by their keys, as `older` → `Older`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words(BTreeMap<String, String>);

impl Words {
    /// Returns the table of some pairs.
    pub fn new(pairs: BTreeMap<String, String>) -> Words {
        Words(pairs)
    }

    /// Returns the words for `key`; the key itself where the table has none, so that a missing
    /// word is seen.
    pub fn get<'w>(&'w self, key: &'w str) -> &'w str {
        self.0.get(key).map_or(key, String::as_str)
    }

    /// Returns the words for `key` with `value` in the place of `{}`.
    pub fn with(&self, key: &str, value: &str) -> String {
        self.get(key).replacen("{}", value, 1)
    }

    /// Returns all pairs.
    pub fn pairs(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}
