//! Files that are just being written, or have just vanished: both are looked at a little later.

use super::{Entry, Listing, leftovers};
use crate::path::RelPath;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long a file must be missing before it counts as deleted: tools that replace a file remove
/// the old one first, and some rename a folder by copying it file by file.
pub const ABSENT: Duration = Duration::from_secs(1);

/// Files of a box that were there and are missing, and since when on a clock that only goes on.
pub type Missing = BTreeMap<RelPath, Duration>;

/// Makes a listing as if files that are `held`, for they are being written, were as they were
/// `before`, and as if those that are missing for less than `absent` were still there. Returns
/// what is missing for less, and the paths at which an earlier entry stands.
pub fn be_patient(
    listing: &mut Listing,
    before: &Listing,
    held: &BTreeSet<RelPath>,
    missing: &Missing,
    (now, absent): (Duration, Duration),
) -> (Missing, BTreeSet<RelPath>) {
    let mut still = Missing::new();
    let there: BTreeSet<&RelPath> = listing.files.iter().map(|entry| &entry.path).collect();
    let mut back: Vec<Entry> = Vec::new();
    for entry in &before.files {
        if held.contains(&entry.path) {
            back.push(entry.clone());
        } else if !there.contains(&entry.path) && leftovers::judge(&entry.path).is_none() {
            let since = missing.get(&entry.path).copied().unwrap_or(now);
            if now.saturating_sub(since) < absent {
                still.insert(entry.path.clone(), since);
                back.push(entry.clone());
            }
        }
    }
    let paths = back.iter().map(|entry| entry.path.clone()).collect();
    if !back.is_empty() || !held.is_empty() {
        let free = listing.files.iter().filter(|entry| !held.contains(&entry.path));
        let mut files: Vec<Entry> = free.cloned().chain(back).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        listing.files = files.into_iter().collect();
    }
    (still, paths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::Stat;

    fn path(text: &str) -> RelPath {
        RelPath::parse(text).unwrap()
    }

    /// A listing of `name=size` words.
    fn listing(words: &str) -> Listing {
        let entry = |word: &str| {
            let (name, size) = word.split_once('=').unwrap();
            let stat = Stat { size: size.parse().unwrap(), ..Stat::default() };
            Entry { path: path(name), stat, picture: None, photo: false, copy: Default::default() }
        };
        Listing { files: words.split_whitespace().map(entry).collect(), odd: Vec::new() }
    }

    fn words(listing: &Listing) -> String {
        let word = |entry: &Entry| format!("{}={}", entry.path, entry.stat.size);
        listing.files.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    /// `now` files, as shown after `before` with these held and missing (since when, in
    /// milliseconds), at 5000 ms.
    fn check(
        before: &str,
        now: &str,
        held: &str,
        missing: &[(&str, u64)],
        shown: &str,
        still: &str,
    ) {
        let mut list = listing(now);
        let held = held.split_whitespace().map(path).collect();
        let missing: Missing = missing
            .iter()
            .map(|(name, since)| (path(name), Duration::from_millis(*since)))
            .collect();
        let now = Duration::from_secs(5);
        let (left, back) = be_patient(&mut list, &listing(before), &held, &missing, (now, ABSENT));
        assert_eq!(words(&list), shown);
        assert_eq!(left.keys().map(|p| p.to_string()).collect::<Vec<_>>().join(" "), still);
        assert!(back.iter().all(|path| list.files.iter().any(|entry| entry.path == *path)));
    }

    #[test]
    fn what_is_being_written_is_as_it_was() {
        check("a.md=1", "a.md=1 b.md=0", "b.md", &[], "a.md=1", "");
        check("a.md=1 b.md=5", "a.md=1 b.md=0", "b.md", &[], "a.md=1 b.md=5", "");
        check("a.md=1", "a.md=1 b.md=0", "", &[], "a.md=1 b.md=0", "");
    }

    #[test]
    fn what_is_missing_is_there_for_a_second_more() {
        check("a.md=1 b.md=5", "a.md=1", "", &[], "a.md=1 b.md=5", "b.md");
        check("a.md=1 b.md=5", "a.md=1", "", &[("b.md", 4001)], "a.md=1 b.md=5", "b.md");
        check("a.md=1 b.md=5", "a.md=1", "", &[("b.md", 4000)], "a.md=1", "");
        check("a.md=1 b.md=5", "a.md=1 b.md=6", "", &[("b.md", 4000)], "a.md=1 b.md=6", "");
        check("a.md=1 b.md.tmp=5", "a.md=1", "", &[], "a.md=1", "");
    }
}
