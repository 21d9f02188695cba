//! The colour by which a contact is known at a glance.

use crate::hash::Hash;
use crate::library::Head;

/// How many accents a theme has: `.accent-0` to `.accent-17` in the default one.
const ACCENTS: u16 = 18;

/// Returns the number of a contact's accent, below 18. It comes of the channel's id, else of the
/// folder's name: who else is there does not change it, nor does an alias or another build.
pub(super) fn accent(head: &Head) -> u16 {
    let hash = match head.info.id {
        Some(id) => Hash::of(id.as_bytes()),
        None => Hash::of(head.dir.as_bytes()),
    };
    let [first, second, ..] = *hash.bytes();
    u16::from_le_bytes([first, second]) % ACCENTS
}
