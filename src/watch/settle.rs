//! When to build: soon after one change, seldom in a burst, never while a file is half there.
//!
//! Pure: time is what the caller says it is, on any clock that only goes on.
//!
//! ```text
//! quiet      30 ms after the last change; 150 ms while a tool's temporary file is active
//! at most    1 s after the first change
//! cool-down  100 ms after a build; doubled up to 1 s for each that follows on its heels
//! in place   a file written under its own name waits until it is closed, or lies still
//! ```
//!
//! 30 ms cover the gap of a few milliseconds between removing and renaming when a tool replaces a
//! file, and the time it sets afterwards.

use super::sign::{Sign, Spot};
use crate::library::Side;
use crate::listing::errand::{Errand, Extent, Gone, Held, Scope};
use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::time::{Duration, SystemTime};

const QUIET: Duration = Duration::from_millis(30);
const BUSY: Duration = Duration::from_millis(150);
const LONGEST: Duration = Duration::from_millis(1000);
const COOL: Duration = Duration::from_millis(100);
/// A build that begins within this after the cool-down follows on the heels of the last.
const HEELS: Duration = Duration::from_millis(500);
/// A temporary file without an event for this long is no work in progress.
const ACTIVE: Duration = Duration::from_secs(2);
/// A file that nobody was seen writing must lie still for this long.
const LINKED: Duration = Duration::from_millis(300);
/// An empty message waits this long for its words.
const EMPTY: Duration = Duration::from_secs(2);
/// What a new folder holds is looked at again after these: files that were put into it before it
/// was watched are never told.
const SECOND_LOOKS: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];

/// How a file was when it was looked at: its size, and its time of modification.
pub type Seen = Option<(u64, Option<SystemTime>)>;

/// A file that is being written under its own name.
#[derive(Debug)]
struct Open {
    /// When it last changed, as far as is known.
    last: Duration,
    /// How it was at the last look.
    seen: Option<Seen>,
    /// Whether its writer has closed it while it was empty.
    empty: bool,
    /// Whether somebody was seen writing: then he will close it.
    written: bool,
}

/// What is known of the changes since the last build.
#[derive(Debug)]
pub struct Settle {
    /// How long a file that is written in place must lie still where nobody says when it is
    /// closed.
    still: Duration,
    whole: bool,
    contacts: BTreeMap<String, Extent>,
    /// The first and the last change.
    changes: Option<(Duration, Duration)>,
    temporary: BTreeMap<String, Duration>,
    open: BTreeMap<Spot, Open>,
    later: Vec<(Duration, String)>,
    cool: Duration,
    ended: Option<Duration>,
    hurried: BTreeSet<String>,
}

impl Settle {
    /// Begins with nothing to do. `still` is how long a file that is written under its own name
    /// must lie still before it is whole: short where the system does not tell when it is closed.
    pub fn new(still: Duration) -> Settle {
        Settle {
            still,
            whole: false,
            contacts: BTreeMap::new(),
            changes: None,
            temporary: BTreeMap::new(),
            open: BTreeMap::new(),
            later: Vec::new(),
            cool: COOL,
            ended: None,
            hurried: BTreeSet::new(),
        }
    }

    /// Takes in what an event says. `size` tells how large a file is now, if it is there.
    pub fn take(&mut self, sign: Sign, now: Duration, size: impl Fn(&Spot) -> Option<u64>) {
        match sign {
            Sign::Top | Sign::Contacts => self.change(now),
            Sign::Contact(name) => self.change_in(name, Extent::All, now),
            Sign::File(spot) => self.change_at(spot, now),
            Sign::Folder(name) => {
                let looks = SECOND_LOOKS.iter().map(|after| (now + *after, name.clone()));
                self.later.extend(looks);
                self.change_in(name, Extent::All, now);
            }
            Sign::Created(spot) => self.opened(spot, now, false, false),
            Sign::Writing(spot) => self.opened(spot, now, false, true),
            Sign::Closed(spot) if size(&spot) == Some(0) => self.opened(spot, now, true, true),
            Sign::Closed(spot) | Sign::Settled(spot) => {
                self.open.remove(&spot);
                self.change_at(spot, now);
            }
            Sign::Temporary(path, true) => {
                self.temporary.insert(path, now);
            }
            Sign::Temporary(path, false) => {
                self.temporary.remove(&path);
            }
        }
    }

    fn opened(&mut self, spot: Spot, now: Duration, empty: bool, written: bool) {
        self.open.insert(spot, Open { last: now, seen: None, empty, written });
    }

    fn change_at(&mut self, spot: Spot, now: Duration) {
        let file = Extent::file(spot.side == Side::Inbox, spot.path);
        self.change_in(spot.contact, file, now);
    }

    fn change_in(&mut self, contact: String, extent: Extent, now: Duration) {
        self.look_in(contact, extent);
        self.change(now);
    }

    fn look_in(&mut self, contact: String, extent: Extent) {
        match self.contacts.entry(contact) {
            Entry::Occupied(mut known) => known.get_mut().add(extent),
            Entry::Vacant(free) => {
                free.insert(extent);
            }
        }
    }

    fn change(&mut self, now: Duration) {
        let first = self.changes.map_or(now, |(first, _)| first);
        self.changes = Some((first, now));
    }

    /// Nobody knows what has changed: everything has to be looked at.
    pub fn doubt(&mut self, now: Duration) {
        self.whole = true;
        self.change(now);
    }

    /// What is watched is watched anew: who closed a file meanwhile was not seen.
    pub fn begin_anew(&mut self, now: Duration) {
        for open in self.open.values_mut() {
            (open.written, open.last) = (false, now);
        }
        self.doubt(now);
    }

    /// This program has changed these contacts: there is nothing to wait for, and what is missing
    /// is gone.
    pub fn hurry(&mut self, contacts: Vec<String>, now: Duration) {
        contacts.iter().for_each(|contact| self.look_in(contact.clone(), Extent::All));
        self.hurried.extend(contacts);
        self.change(now);
    }

    /// A contact has to be looked at again at an instant.
    pub fn look_at(&mut self, contact: String, at: Duration) {
        self.later.push((at, contact));
    }

    /// Returns the files that have to be looked at: they may lie still by now.
    pub fn due(&self, now: Duration) -> Vec<Spot> {
        let due = self.open.iter().filter(|(_, open)| self.ripe(open) <= now);
        due.map(|(spot, _)| spot.clone()).collect()
    }

    fn ripe(&self, open: &Open) -> Duration {
        // What came with all its bytes at once, as by a link, is closed by nobody.
        let still = if open.written { self.still } else { self.still.min(LINKED) };
        open.last + if open.empty { EMPTY } else { still }
    }

    /// Takes in how a file that was due looks.
    pub fn looked(&mut self, spot: &Spot, seen: Seen, now: Duration) {
        let Some(open) = self.open.get_mut(spot) else { return };
        let empty = seen.is_some_and(|(size, _)| size == 0);
        if seen.is_none() || open.empty || (open.seen == Some(seen) && !empty) {
            // Gone, or as it was: what it is now, it is.
            self.open.remove(spot);
            self.change_at(spot.clone(), now);
        } else {
            *open = Open { last: now, seen: Some(seen), empty, written: open.written };
        }
    }

    /// Returns when something has to be done: a build, or a look at a file. None: not before the
    /// next event.
    pub fn next(&self, now: Duration) -> Option<Duration> {
        let looks = self.open.values().map(|open| self.ripe(open));
        let later = self.later.iter().map(|(at, _)| *at);
        self.build_at(now).into_iter().chain(looks).chain(later).min()
    }

    /// Returns whether a build is due.
    pub fn is_due(&mut self, now: Duration) -> bool {
        let (due, later) =
            std::mem::take(&mut self.later).into_iter().partition(|(at, _)| *at <= now);
        self.later = later;
        let due: Vec<(Duration, String)> = due;
        for (at, contact) in due {
            // As if it had changed when the look was due: it has lain still since.
            self.look_in(contact, Extent::All);
            self.changes.get_or_insert((at, at));
        }
        self.build_at(now).is_some_and(|at| at <= now)
    }

    fn build_at(&self, now: Duration) -> Option<Duration> {
        let (first, last) = self.changes?;
        if !self.hurried.is_empty() {
            return Some(first);
        }
        let active = self.temporary.values().any(|event| now < *event + ACTIVE);
        let quiet = last + if active { BUSY } else { QUIET };
        let settled = quiet.min(first + LONGEST);
        Some(self.ended.map_or(settled, |ended| settled.max(ended + self.cool)))
    }

    /// A build begins: returns what it has to do.
    pub fn begin(&mut self, now: Duration) -> Errand {
        let hurried = self.ended.is_some_and(|ended| now < ended + HEELS + self.cool);
        self.cool = if hurried { (self.cool * 2).min(LONGEST) } else { COOL };
        self.changes = None;
        self.temporary.retain(|_, event| now < *event + ACTIVE);
        let contacts = std::mem::take(&mut self.contacts);
        let scope = match std::mem::take(&mut self.whole) {
            true => Scope::Whole,
            false => Scope::Contacts(contacts),
        };
        let gone = Gone::Outboxes(std::mem::take(&mut self.hurried));
        Errand { scope, held: self.held(), gone, still: None }
    }

    fn held(&self) -> Held {
        let mut held = Held::new();
        for spot in self.open.keys() {
            let boxes = held.entry(spot.contact.clone()).or_default();
            boxes[usize::from(spot.side == Side::Inbox)].insert(spot.path.clone());
        }
        held
    }

    /// A build has ended.
    pub fn end(&mut self, now: Duration) {
        self.ended = Some(now);
    }

    /// A build failed: what it had to do is still to be done, not before `again`.
    pub fn put_back(&mut self, errand: Errand, now: Duration, again: Duration) {
        match errand.scope {
            Scope::Whole => self.whole = true,
            Scope::Contacts(contacts) => {
                contacts.into_iter().for_each(|(contact, extent)| self.look_in(contact, extent));
            }
        }
        self.ended = Some(now);
        self.cool = again;
        self.change(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::RelPath;

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn spot(path: &str) -> Spot {
        let path = RelPath::parse(path).unwrap();
        Spot { contact: "mira".into(), side: Side::Inbox, path }
    }

    /// A script of events, each at a time in milliseconds, played with builds of `took`
    /// milliseconds; files are `size` bytes and lie still. Returns what was built and when.
    fn play(events: &[(u64, Sign)], took: u64, size: u64) -> Vec<(u64, String)> {
        let mut settle = Settle::new(ms(300));
        let (mut built, mut events, mut free) = (Vec::new(), events.iter().peekable(), 0);
        for now in 0..20_000 {
            while let Some((_, sign)) = events.next_if(|(at, _)| *at <= now && now >= free) {
                settle.take(sign.clone(), ms(now), |_| Some(size));
            }
            if now < free {
                continue;
            }
            for spot in settle.due(ms(now)) {
                settle.looked(&spot, Some((size, None)), ms(now));
            }
            if settle.is_due(ms(now)) {
                let errand = settle.begin(ms(now));
                built.push((now, words(&errand)));
                free = now + took;
                settle.end(ms(free));
            }
        }
        assert_eq!(settle.next(ms(20_000)), None, "nothing is left to do");
        built
    }

    fn words(errand: &Errand) -> String {
        let scope = match &errand.scope {
            Scope::Whole => "all".to_owned(),
            Scope::Contacts(names) => names.keys().cloned().collect::<Vec<_>>().join("+"),
        };
        let held: Vec<String> = errand
            .held
            .values()
            .flat_map(|boxes| boxes.iter().flatten().map(|path| format!(" -{path}")))
            .collect();
        scope + &held.concat()
    }

    fn times(built: &[(u64, String)]) -> Vec<u64> {
        built.iter().map(|(at, _)| *at).collect()
    }

    #[test]
    fn one_message_is_built_after_a_moment_of_quiet() {
        let temp = || "mira/inbox/.syncthing.a.md.tmp".to_owned();
        let built = play(
            &[
                (100, Sign::Temporary(temp(), true)),
                (102, Sign::Temporary(temp(), false)),
                (102, Sign::Settled(spot("a.md"))),
                (106, Sign::Contact("mira".into())),
            ],
            30,
            10,
        );
        assert_eq!(built, [(136, "mira".to_owned())]);
    }

    #[test]
    fn a_burst_makes_few_builds_and_the_last_message_does_not_wait() {
        let mut events = Vec::new();
        for n in 0..500_u64 {
            let at = 1000 + n * 5;
            let temp = format!("mira/inbox/.syncthing.{n}.md.tmp");
            events.push((at, Sign::Temporary(temp.clone(), true)));
            events.push((at + 4, Sign::Temporary(temp, false)));
            events.push((at + 4, Sign::Settled(spot(&format!("{n}.md")))));
        }
        let end = events.last().unwrap().0;
        let built = play(&events, 30, 10);
        assert!(built.len() <= 4, "{built:?}");
        assert!(built.last().unwrap().0 <= end + 60, "{built:?} after {end}");
    }

    #[test]
    fn builds_that_follow_on_the_heels_of_each_other_come_seldom() {
        let events: Vec<_> = (0..200).map(|n| (n * 40, Sign::Contact("mira".into()))).collect();
        let built = times(&play(&events, 10, 10));
        assert!(built.len() <= 12, "{built:?}");
        let gaps: Vec<u64> = built.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(gaps.iter().skip(4).all(|gap| *gap >= 1000), "{gaps:?}");
    }

    #[test]
    fn a_file_in_place_waits_until_it_is_closed() {
        let built = play(
            &[
                (100, Sign::Writing(spot("a.md"))),
                (120, Sign::Settled(spot("b.md"))),
                (350, Sign::Writing(spot("a.md"))),
                (500, Sign::Closed(spot("a.md"))),
            ],
            1,
            10,
        );
        assert_eq!(built, [(150, "mira -a.md".to_owned()), (530, "mira".to_owned())]);
    }

    #[test]
    fn a_file_that_nobody_closes_waits_until_it_lies_still() {
        let built = play(&[(100, Sign::Writing(spot("a.md")))], 1, 10);
        assert_eq!(built, [(730, "mira".to_owned())]);
    }

    #[test]
    fn a_file_that_came_by_a_link_is_closed_by_nobody() {
        let mut settle = Settle::new(ms(30_000));
        settle.take(Sign::Created(spot("a.md")), ms(0), |_| Some(5));
        assert_eq!(settle.next(ms(0)), Some(ms(300)));
        settle.looked(&spot("a.md"), Some((5, None)), ms(300));
        settle.looked(&spot("a.md"), Some((5, None)), ms(600));
        assert!(settle.is_due(ms(630)));
        // Whoever was seen writing closes it.
        settle.take(Sign::Created(spot("b.md")), ms(700), |_| Some(5));
        settle.take(Sign::Writing(spot("b.md")), ms(701), |_| Some(5));
        settle.begin(ms(702));
        assert_eq!(settle.next(ms(702)), Some(ms(30_701)));
    }

    #[test]
    fn an_empty_file_waits_for_its_words() {
        let closed = [(100, Sign::Writing(spot("a.md"))), (101, Sign::Closed(spot("a.md")))];
        assert_eq!(play(&closed, 1, 0), [(2131, "mira".to_owned())]);
        let built = play(&[(100, Sign::Writing(spot("a.md")))], 1, 0);
        assert_eq!(built, [(2430, "mira".to_owned())]);
    }

    #[test]
    fn a_new_folder_is_looked_at_again() {
        let built = play(&[(100, Sign::Folder("mira".into()))], 1, 10);
        assert_eq!(times(&built), [130, 630, 2130]);
    }

    #[test]
    fn a_second_on_the_whole_is_the_longest() {
        let events: Vec<_> = (0..150).map(|n| (n * 20, Sign::Top)).collect();
        assert_eq!(times(&play(&events, 1, 10))[..2], [1000, 2020]);
    }

    #[test]
    fn what_failed_is_done_again_later() {
        let mut settle = Settle::new(ms(300));
        settle.take(Sign::Contact("mira".into()), ms(0), |_| None);
        assert!(settle.is_due(ms(30)));
        let errand = settle.begin(ms(30));
        settle.put_back(errand, ms(40), ms(1000));
        assert!(!settle.is_due(ms(1039)) && settle.is_due(ms(1040)));
        assert_eq!(words(&settle.begin(ms(1040))), "mira");
    }

    #[test]
    fn what_the_program_wrote_itself_is_built_at_once() {
        let mut settle = Settle::new(ms(300));
        settle.end(ms(0));
        settle.hurry(vec!["odo".into()], ms(10));
        assert!(settle.is_due(ms(10)));
        let errand = settle.begin(ms(10));
        assert!(errand.gone == Gone::Outboxes(["odo".into()].into()) && words(&errand) == "odo");
        settle.take(Sign::Contact("odo".into()), ms(11), |_| None);
        assert!(!settle.is_due(ms(12)), "the echo of its own writing waits like any other");
    }

    #[test]
    fn doubt_looks_everywhere() {
        let mut settle = Settle::new(ms(300));
        settle.take(Sign::Contact("mira".into()), ms(0), |_| None);
        settle.doubt(ms(1));
        assert!(settle.is_due(ms(31)));
        assert_eq!(words(&settle.begin(ms(31))), "all");
    }
}
