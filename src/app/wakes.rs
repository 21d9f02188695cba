//! When a running process has to wake though nothing was told. Pure: both clocks are arguments.

use super::{IDLE, TICK};
use std::time::Duration;

/// How often everything is looked at though nothing was told: events get lost.
const WHOLE: Duration = Duration::from_secs(60);
/// No more than this part of the time goes into looking at everything: of a large folder on a slow
/// disk it is done more seldom, but not more seldom than this.
const SHARE: u32 = 50;
const SELDOM: Duration = Duration::from_secs(300);
/// The two clocks run apart by more than this when the machine has slept or its clock was set.
const APART: i64 = 5_000_000_000;

/// When to wake.
#[derive(Debug)]
pub(super) struct Wakes {
    /// The last look at the base folder.
    looked: Duration,
    /// The last look at everything.
    whole: Duration,
    every: Duration,
    /// How often everything is looked at where nobody tells of changes.
    poll: Option<Duration>,
    /// The last build, until the cache is saved.
    unsaved: Option<Duration>,
    /// When a held message is shown, in nanoseconds since 1970.
    release: Option<i64>,
    /// What both clocks showed last.
    clocks: (Duration, i64),
}

impl Wakes {
    /// Begins at `now` on the clock that only goes on, and `nanos` since 1970.
    pub fn new(now: Duration, nanos: i64, poll: Option<Duration>) -> Wakes {
        Wakes {
            looked: now,
            whole: now,
            every: poll.unwrap_or(WHOLE),
            poll,
            unsaved: None,
            release: None,
            clocks: (now, nanos),
        }
    }

    /// Returns how long to wait for an event: until `due` at most, if that is given.
    pub fn next(&self, due: Option<Duration>, now: Duration, nanos: i64) -> Duration {
        let tick = self.looked + TICK;
        let idle = self.unsaved.map(|built| built + IDLE);
        let release = self.release.map(|at| {
            now + Duration::from_nanos(u64::try_from(at.saturating_sub(nanos)).unwrap_or(0))
        });
        let poll = self.poll.map(|_| self.whole + self.every);
        let wake = [due, idle, release, poll].into_iter().flatten().fold(tick, Duration::min);
        wake.saturating_sub(now)
    }

    /// Returns whether everything has to be looked at: it is time, or the machine has slept.
    pub fn tick(&mut self, now: Duration, nanos: i64) -> bool {
        let (then, then_nanos) = std::mem::replace(&mut self.clocks, (now, nanos));
        let passed = i64::try_from((now - then).as_nanos()).unwrap_or(i64::MAX);
        let slept = nanos.saturating_sub(then_nanos).saturating_sub(passed).abs() > APART;
        let due = slept || now >= self.whole + self.every;
        if due {
            self.whole = now;
        }
        due
    }

    /// Returns whether it is time to look at the base folder itself.
    pub fn looks_at_base(&mut self, now: Duration) -> bool {
        let due = now >= self.looked + TICK;
        if due {
            self.looked = now;
        }
        due
    }

    /// Returns whether the time of a held message has come.
    pub fn releases(&mut self, nanos: i64) -> bool {
        self.release.take_if(|at| *at <= nanos).is_some()
    }

    /// Returns whether nothing was built for a while; once after each build.
    pub fn is_idle(&mut self, now: Duration) -> bool {
        self.unsaved.take_if(|built| *built + IDLE <= now).is_some()
    }

    /// A build has ended at `now`; `release` is when it has to be built again for a held message,
    /// in seconds since 1970. One that is past by the clock of the machine is held by another
    /// clock, which stands still.
    pub fn built(&mut self, now: Duration, nanos: i64, release: Option<i64>) {
        self.unsaved = Some(now);
        let release = release.map(|seconds| seconds.saturating_mul(1_000_000_000));
        self.release = release.filter(|at| *at > nanos);
    }

    /// A look at everything took so long.
    pub fn looked_at_all(&mut self, took: Duration) {
        let usual = self.poll.unwrap_or(WHOLE);
        self.every = (took * SHARE).min(SELDOM).max(usual);
    }

    /// From now on nobody tells of changes.
    pub fn poll(&mut self, every: Duration) {
        (self.poll, self.every) = (Some(every), every);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn everything_is_looked_at_now_and_then() {
        let mut wakes = Wakes::new(s(0), 0, None);
        let due: Vec<u64> = (1..130).filter(|n| wakes.tick(s(*n), *n as i64 * SECOND)).collect();
        assert_eq!(due, [60, 120]);
        wakes.looked_at_all(s(4));
        let due: Vec<u64> = (130..600).filter(|n| wakes.tick(s(*n), *n as i64 * SECOND)).collect();
        assert_eq!(due, [320, 520], "what takes long is done seldom");
        wakes.looked_at_all(s(400));
        assert!(wakes.tick(s(820), 820 * SECOND), "but it is done");
    }

    #[test]
    fn a_machine_that_slept_looks_at_everything() {
        let mut wakes = Wakes::new(s(0), 0, None);
        assert!(!wakes.tick(s(2), 2 * SECOND));
        assert!(wakes.tick(s(4), 400 * SECOND));
        assert!(!wakes.tick(s(6), 402 * SECOND));
    }

    #[test]
    fn a_held_message_wakes_the_process_in_time() {
        let mut wakes = Wakes::new(s(0), 0, None);
        wakes.built(s(0), 0, Some(1));
        assert_eq!(wakes.next(None, s(0), SECOND / 2), Duration::from_millis(500));
        assert!(!wakes.releases(SECOND - 1) && wakes.releases(SECOND) && !wakes.releases(SECOND));
        assert_eq!(wakes.next(None, s(0), SECOND), s(2));
        assert_eq!(wakes.next(Some(s(1)), s(0), SECOND), s(1));
    }

    #[test]
    fn a_clock_that_stands_still_releases_nothing() {
        let mut wakes = Wakes::new(s(0), 0, None);
        wakes.built(s(9), 9 * SECOND, Some(1));
        assert!(!wakes.releases(10 * SECOND));
    }

    #[test]
    fn a_poll_looks_at_everything_as_often_as_it_is_told() {
        let mut wakes = Wakes::new(s(0), 0, Some(Duration::from_millis(500)));
        assert_eq!(wakes.next(None, s(0), 0), Duration::from_millis(500));
        assert!(wakes.tick(s(1), SECOND));
    }

    #[test]
    fn the_cache_is_saved_once_when_nothing_happens() {
        let mut wakes = Wakes::new(s(0), 0, None);
        wakes.built(s(1), SECOND, None);
        assert!(!wakes.is_idle(s(2)) && wakes.is_idle(s(3)) && !wakes.is_idle(s(9)));
    }
}
