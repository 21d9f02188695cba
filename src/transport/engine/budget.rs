//! What of a channel is taken: whoever can write in it can put anything there, and without end.

use super::decide::Digest;
use super::name::{self, Refused, System};
use crate::config::SyncLimits;
use crate::path::RelPath;
use std::collections::BTreeMap;
use std::fmt;

/// What a channel says of a name, as it comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name, any bytes.
    pub key: Vec<u8>,
    /// The hash of what it holds; none where it is deleted.
    pub digest: Option<Digest>,
    /// How many bytes it says it has.
    pub size: u64,
    /// When it was said, in microseconds since 1970, by the clock of who said it.
    pub time: u64,
    /// Whether this device said it.
    pub by_me: bool,
}

/// Why something of a channel is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// For its name.
    Name(Refused),
    /// It is larger than one file may be.
    Large,
    /// The channel has more bytes than it may.
    Bytes,
    /// The channel has more files than it may.
    Files,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Name(why) => why.fmt(f),
            Why::Large => f.write_str("it is larger than `file_bytes` of [sync]"),
            Why::Bytes => f.write_str("the channel is larger than `bytes` of [sync]"),
            Why::Files => f.write_str("the channel has more files than `files` of [sync]"),
        }
    }
}

/// What is taken.
#[derive(Debug, Default)]
pub struct Taken {
    /// The files, with those that are deleted.
    pub files: BTreeMap<RelPath, Entry>,
    /// The names that may stand in a box and whose files are not taken: what stands there under them
    /// is not what the channel says.
    pub withheld: BTreeMap<RelPath, Entry>,
    /// What is not taken: names made safe to show, and why. Never long.
    pub refused: Vec<(String, Why)>,
    /// How many are not.
    pub refusals: usize,
}

/// How many refusals are told by name.
const TOLD: usize = 20;

impl Taken {
    fn refuse(&mut self, key: &[u8], why: Why) {
        self.refusals += 1;
        if self.refused.len() < TOLD {
            let name = String::from_utf8_lossy(key.strip_suffix(&[0]).unwrap_or(key));
            let name = crate::diagnostic::shown(&crate::text::cut(&name, 100));
            self.refused.push((name, why));
        }
    }
}

/// Takes what may be taken. What was said first is taken first, so that a channel that grows beyond
/// its limits keeps what it had; what this device said is taken in any case.
pub fn take(mut entries: Vec<Entry>, limits: &SyncLimits, system: System) -> Taken {
    entries.sort_by(|a, b| (a.time, &a.key).cmp(&(b.time, &b.key)));
    let mut taken = Taken::default();
    let (mut bytes, mut files) = (0_u64, 0);
    for entry in entries {
        let path = match name::path(&entry.key, system) {
            Ok(path) => path,
            Err(why) => {
                // What is deleted under such a name was never taken.
                if entry.digest.is_some() {
                    taken.refuse(&entry.key, Why::Name(why));
                }
                continue;
            }
        };
        if entry.digest.is_some() && !entry.by_me {
            let sum = bytes.saturating_add(entry.size);
            let why = match () {
                () if entry.size > limits.file_bytes => Some(Why::Large),
                () if sum > limits.bytes => Some(Why::Bytes),
                () if files >= limits.files => Some(Why::Files),
                () => None,
            };
            if let Some(why) = why {
                taken.refuse(&entry.key, why);
                taken.withheld.insert(path, entry);
                continue;
            }
            (bytes, files) = (sum, files + 1);
        }
        taken.files.insert(path, entry);
    }
    // A name that is deleted clashes with none.
    let (gone, there) = std::mem::take(&mut taken.files)
        .into_iter()
        .partition::<BTreeMap<_, _>, _>(|(_, entry)| entry.digest.is_none());
    let (mut files, clashing) = name::without_clashes(there);
    for (path, entry) in clashing {
        taken.refuse(&name::key(&path), Why::Name(Refused::Clash));
        taken.withheld.insert(path, entry);
    }
    files.extend(gone);
    taken.files = files;
    taken
}

/// How many entries of a channel are looked at; a channel that has more is not followed any more.
pub fn most_entries(limits: &SyncLimits) -> usize {
    // Names that were deleted or refused count too.
    limits.files.saturating_mul(4).saturating_add(10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, size: u64, time: u64) -> Entry {
        let key = [name.as_bytes(), b"\0"].concat();
        Entry { key, digest: Some([7; 32]), size, time, by_me: false }
    }

    fn check(entries: Vec<Entry>, kept: &[&str], refused: &[(&str, Why)]) {
        let limits = SyncLimits { files: 3, bytes: 100, file_bytes: 60 };
        let taken = take(entries, &limits, System::Unix);
        let names: Vec<&str> = taken.files.keys().map(RelPath::as_str).collect();
        assert_eq!(names, kept);
        let told: Vec<(&str, Why)> =
            taken.refused.iter().map(|(name, why)| (&**name, *why)).collect();
        assert_eq!(told, refused);
        let fit = |name: &&str| !name.contains("..");
        assert_eq!(taken.withheld.len(), refused.iter().filter(|(name, _)| fit(name)).count());
    }

    #[test]
    fn what_is_beyond_the_limits_is_refused_and_told() {
        check(vec![entry("a", 61, 1), entry("b", 60, 2)], &["b"], &[("a", Why::Large)]);
        check(
            vec![entry("c", 30, 3), entry("a", 50, 1), entry("b", 30, 2)],
            &["a", "b"],
            &[("c", Why::Bytes)],
        );
        let many = (0..5).map(|n| entry(&format!("{n}"), 1, 9 - n)).collect();
        check(many, &["2", "3", "4"], &[("1", Why::Files), ("0", Why::Files)]);
        let huge = vec![entry("a", u64::MAX, 1), entry("b", 1, 2)];
        check(huge, &["b"], &[("a", Why::Large)]);
    }

    #[test]
    fn what_is_mine_is_taken_in_any_case() {
        let mine = Entry { by_me: true, ..entry("a", 1000, 1) };
        check(vec![mine, entry("b", 60, 2)], &["a", "b"], &[]);
    }

    #[test]
    fn names_are_looked_at_and_not_said_too_often() {
        check(vec![entry("../x", 1, 1)], &[], &[("../x", Why::Name(Refused::Path))]);
        let clash = vec![entry("b", 1, 1), entry("B", 1, 2)];
        check(clash, &["B"], &[("b", Why::Name(Refused::Clash))]);
        let gone = Entry { digest: None, ..entry("b", 0, 1) };
        check(vec![gone, entry("B", 1, 2)], &["B", "b"], &[]);
        let flood = (0..1000).map(|n| entry(&format!("../{n}"), 1, n)).collect();
        let taken = take(flood, &SyncLimits::default(), System::Unix);
        assert_eq!((taken.refused.len(), taken.refusals), (TOLD, 1000));
    }
}
