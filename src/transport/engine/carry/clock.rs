//! What depends on the time: when a file is whole, and what a copy is called.

use crate::listing::Stat;
use std::time::{Duration, SystemTime};

/// How long a file that is written in place must lie still, and one that is empty.
pub(super) const STILL: Duration = Duration::from_millis(300);
const EMPTY_STILL: Duration = Duration::from_secs(2);

/// How far the clock of another may be ahead before it is told, in microseconds: two minutes.
const AHEAD: u64 = 120_000_000;

/// Returns microseconds since 1970, as the store counts.
pub(super) fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// Returns the time that so many microseconds since 1970 are, if the system knows it.
pub(super) fn time_of(micros: u64) -> SystemTime {
    let time = SystemTime::UNIX_EPOCH.checked_add(Duration::from_micros(micros));
    time.unwrap_or_else(SystemTime::now)
}

/// Returns whether a time is of a future that no clock that is nearly right can tell.
pub(super) fn is_ahead(time: u64, now: u64) -> bool {
    time > now.saturating_add(AHEAD)
}

/// Returns how long a file should be left alone that may still be written. One that was renamed into
/// the box is whole: its own time is older than that of its name.
pub(super) fn not_still(stat: &Stat, now: u64) -> Option<Duration> {
    let now = i64::try_from(now).unwrap_or(i64::MAX).saturating_mul(1000);
    let changed = stat.mtime.max(stat.ctime);
    let age = now.saturating_sub(changed);
    let age = Duration::from_nanos(u64::try_from(age).unwrap_or(0));
    if stat.size == 0 {
        return EMPTY_STILL.checked_sub(age).filter(|wait| !wait.is_zero());
    }
    let renamed = stat.ctime > stat.mtime.saturating_add(100_000);
    if renamed || changed > now {
        None
    } else {
        STILL.checked_sub(age).filter(|wait| !wait.is_zero())
    }
}

/// Returns the name of a conflict copy, of the form that every reader of a box knows as one.
pub(super) fn conflict_name(name: &str, now: u64) -> String {
    let stamp = stamp(now);
    match name.rsplit_once('.') {
        Some((stem, end)) if !stem.is_empty() => {
            format!("{stem}.sync-conflict-{stamp}-HANDBIL.{end}")
        }
        _ => format!("{name}.sync-conflict-{stamp}-HANDBIL"),
    }
}

/// Returns a time as `YYYYMMDD-HHMMSS`.
pub(super) fn stamp(now: u64) -> String {
    let seconds = i64::try_from(now / 1_000_000).unwrap_or(0);
    let iso = crate::time::Stamp::from_unix(seconds).iso();
    let digits: String = iso.chars().filter(char::is_ascii_digit).take(14).collect();
    format!("{}-{}", &digits[..8], &digits[8..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::leftovers;
    use crate::path::RelPath;

    const NOW: u64 = 1_795_000_000_000_000;

    fn check(size: u64, mtime: u64, ctime: u64, expected: Option<u64>) {
        let nanos = |micros: u64| i64::try_from(micros).unwrap() * 1000;
        let stat = Stat { size, mtime: nanos(mtime), ctime: nanos(ctime), inode: 1 };
        assert_eq!(not_still(&stat, NOW), expected.map(Duration::from_millis));
    }

    #[test]
    fn a_file_is_sent_when_it_is_whole() {
        check(9, NOW - 1_000_000, NOW - 1_000_000, None);
        check(9, NOW - 100_000, NOW - 100_000, Some(200));
        // Renamed into the box just now.
        check(9, NOW - 100_000, NOW - 50_000, None);
        check(0, NOW - 500_000, NOW - 500_000, Some(1500));
        check(0, NOW - 3_000_000, NOW - 3_000_000, None);
        // Of a time that has not come: nobody knows how long it lies there.
        check(9, NOW + 5_000_000, NOW + 5_000_000, None);
    }

    #[test]
    fn a_clock_that_is_nearly_right_is_no_trouble() {
        assert!(!is_ahead(NOW - 1, NOW) && !is_ahead(NOW + 119_000_000, NOW));
        assert!(is_ahead(NOW + 121_000_000, NOW) && is_ahead(u64::MAX, NOW));
        // A time that no system knows does not stop anything.
        let _ = time_of(u64::MAX);
        assert_eq!(time_of(1_000_000), SystemTime::UNIX_EPOCH + Duration::from_secs(1));
    }

    #[test]
    fn a_conflict_copy_is_known_as_one() {
        assert_eq!(stamp(NOW), "20261118-110640");
        for name in ["a.md", "a.b.md", "notes", ".md"] {
            let copy = RelPath::parse(&conflict_name(name, NOW)).unwrap();
            assert!(leftovers::judge(&copy).is_some(), "{copy:?}");
        }
        assert_eq!(conflict_name("a.md", NOW), "a.sync-conflict-20261118-110640-HANDBIL.md");
    }
}
