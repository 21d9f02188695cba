//! What is to be done about a file, from what is on the disk, what was there when it was looked at
//! last, and what the channel says. Nothing here touches anything.
//!
//! An inbox follows its channel. An outbox is written from both ends where several people share it,
//! and no words of anybody are lost: what is replaced or removed by another is kept aside.

use crate::library::Side;

/// The hash of a file's bytes (BLAKE3).
pub type Digest = [u8; 32];

/// What a channel says of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Nothing.
    Nothing,
    /// It is deleted.
    Gone,
    /// It holds what is not taken here: another author may allow himself more than this device does.
    Refused,
    /// It holds this.
    Holds {
        /// The hash of it.
        digest: Digest,
        /// Whether this device said so.
        by_me: bool,
    },
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Nothing: both are the same.
    Settled,
    /// Nothing, and what was remembered of it is forgotten.
    Forget,
    /// Nothing: it is not ours.
    Leave,
    /// Put what is on the disk into the channel.
    Import,
    /// Say in the channel that it is deleted.
    Erase,
    /// Put what the channel says onto the disk.
    Export(Before),
    /// Take it off the disk.
    Remove(Before),
}

/// What happens before to what is on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// There is nothing, or it is known to be somebody else's and older.
    Nothing,
    /// It is kept in the local state.
    KeepAside,
    /// It is kept beside it as a conflict copy: two have written at once.
    Conflict,
    /// The first if it is old, the second if it was written about when the other was.
    ConflictIfRecent,
}

/// Decides. An inbox follows its channel, an outbox is where it is written. `disk` is what is there now, `base` what was there after the last look.
pub fn decide(side: Side, disk: Option<Digest>, base: Option<Digest>, said: Said) -> Action {
    match side {
        Side::Inbox => inbox(disk, base, said),
        Side::Outbox => outbox(disk, base, said),
    }
}

fn inbox(disk: Option<Digest>, base: Option<Digest>, said: Said) -> Action {
    match (disk, said) {
        (Some(disk), Said::Holds { digest, .. }) if disk == digest => Action::Settled,
        (None, Said::Holds { .. }) => Action::Export(Before::Nothing),
        (Some(_), Said::Holds { .. }) if disk == base => Action::Export(Before::Nothing),
        // Somebody has changed the copy.
        (Some(_), Said::Holds { .. }) => Action::Export(Before::KeepAside),
        (Some(_), Said::Gone) if disk == base => Action::Remove(Before::Nothing),
        (Some(_), Said::Gone | Said::Nothing | Said::Refused) => Action::Leave,
        (None, Said::Gone | Said::Nothing | Said::Refused) => Action::Forget,
    }
}

fn outbox(disk: Option<Digest>, base: Option<Digest>, said: Said) -> Action {
    match (disk, said) {
        (Some(disk), Said::Holds { digest, .. }) if disk == digest => Action::Settled,
        // It was not changed here, so it was by another.
        (Some(_), Said::Holds { .. }) if disk == base => Action::Export(Before::ConflictIfRecent),
        // It was changed here; or by me before, and what was there last is not known.
        (Some(_), Said::Holds { digest, by_me }) => {
            match base == Some(digest) || (by_me && base.is_none()) {
                true => Action::Import,
                false => Action::Export(Before::Conflict),
            }
        }
        (None, Said::Holds { digest, .. }) if base == Some(digest) => Action::Erase,
        (None, Said::Holds { .. }) => Action::Export(Before::Nothing),
        (Some(_), Said::Gone) if disk == base => Action::Remove(Before::KeepAside),
        // It stands in the channel, and would be undone there.
        (Some(_), Said::Refused) => Action::Leave,
        (None, Said::Refused) => Action::Forget,
        // Written anew, or changed while another deleted it.
        (Some(_), Said::Gone | Said::Nothing) => Action::Import,
        (None, Said::Gone | Said::Nothing) => Action::Forget,
    }
}

/// Returns whether two instants (microseconds) are so near that whoever wrote at the later cannot be
/// taken to have read what was written at the earlier: five minutes.
pub fn at_once(one: u64, other: u64) -> bool {
    one.abs_diff(other) < 300 * 1_000_000
}

/// Returns whether an outbox looks as if it were not there: it held files, and all are gone at once.
/// Of a folder that is not mounted nobody should say that all was deleted.
pub fn looks_lost(side: Side, held: usize, found: usize) -> bool {
    side == Side::Outbox && held > 0 && found == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Option<Digest> = Some([1; 32]);
    const B: Option<Digest> = Some([2; 32]);
    const C: Option<Digest> = Some([3; 32]);

    fn holds(digest: Option<Digest>, by_me: bool) -> Said {
        digest.map_or(Said::Nothing, |digest| Said::Holds { digest, by_me })
    }

    #[test]
    fn an_inbox_follows() {
        let check = |disk, base, said, expected| {
            assert_eq!(
                decide(Side::Inbox, disk, base, said),
                expected,
                "{disk:?} {base:?} {said:?}"
            );
        };
        check(None, None, holds(A, false), Action::Export(Before::Nothing));
        check(None, A, holds(A, false), Action::Export(Before::Nothing));
        check(A, None, holds(A, false), Action::Settled);
        check(A, A, holds(B, false), Action::Export(Before::Nothing));
        check(C, A, holds(A, false), Action::Export(Before::KeepAside));
        check(C, None, holds(A, false), Action::Export(Before::KeepAside));
        check(A, A, Said::Gone, Action::Remove(Before::Nothing));
        check(C, A, Said::Gone, Action::Leave);
        check(C, None, Said::Nothing, Action::Leave);
        check(None, A, Said::Gone, Action::Forget);
    }

    #[test]
    fn an_outbox_is_written_from_both_ends() {
        let check = |disk, base, said, expected| {
            let made = decide(Side::Outbox, disk, base, said);
            assert_eq!(made, expected, "{disk:?} {base:?} {said:?}");
        };
        check(A, None, Said::Nothing, Action::Import);
        check(A, A, Said::Nothing, Action::Import);
        check(B, A, holds(A, true), Action::Import);
        check(B, A, holds(A, false), Action::Import);
        check(B, None, holds(A, true), Action::Import);
        check(None, A, holds(A, true), Action::Erase);
        check(None, A, holds(B, false), Action::Export(Before::Nothing));
        check(None, None, holds(A, true), Action::Export(Before::Nothing));
        check(A, A, holds(B, false), Action::Export(Before::ConflictIfRecent));
        check(C, A, holds(B, false), Action::Export(Before::Conflict));
        check(C, None, holds(B, false), Action::Export(Before::Conflict));
        check(A, A, Said::Gone, Action::Remove(Before::KeepAside));
        check(B, A, Said::Gone, Action::Import);
        check(A, None, Said::Gone, Action::Import);
        check(None, A, Said::Gone, Action::Forget);
        // Of what is not taken nothing is undone, and what was here stays.
        check(A, A, Said::Refused, Action::Leave);
        check(B, A, Said::Refused, Action::Leave);
        check(B, None, Said::Refused, Action::Leave);
        check(None, A, Said::Refused, Action::Forget);
    }

    /// Of all that can be: what a person wrote and is in no channel is never gone afterwards.
    #[test]
    fn no_words_are_lost() {
        let known = [None, A, B, C];
        for (disk, base) in known.iter().flat_map(|disk| known.map(|base| (*disk, base))) {
            let all = [Said::Nothing, Said::Gone, Said::Refused, holds(A, true), holds(A, false)];
            for said in all {
                let unsaid = disk.is_some() && disk != base && holds(disk, false) != said;
                let unsaid = unsaid && holds(disk, true) != said;
                let lost = |action| {
                    matches!(
                        action,
                        Action::Export(Before::Nothing | Before::ConflictIfRecent)
                            | Action::Remove(Before::Nothing)
                    )
                };
                for side in [Side::Inbox, Side::Outbox] {
                    let made = decide(side, disk, base, said);
                    assert!(
                        !(unsaid && lost(made)),
                        "{side:?} {disk:?} {base:?} {said:?} {made:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_box_that_is_not_there_deletes_nothing() {
        assert!(looks_lost(Side::Outbox, 3, 0));
        assert!(!looks_lost(Side::Outbox, 3, 1) && !looks_lost(Side::Outbox, 0, 0));
        assert!(!looks_lost(Side::Inbox, 3, 0));
        assert!(at_once(1_000_000, 2_000_000) && !at_once(0, 301_000_000));
    }
}
