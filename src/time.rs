//! Instants of messages: parsing, calendar, and when one is held back.
//!
//! The clock is never read here: "now" is an argument ([`Now`]).

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The instant that decides what is still held, in seconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Now(pub i64);

/// When a message was written, with the offset its author's clock had.
///
/// Ordered by instant. A bare date stands for 00:00Z of that day and is shown as a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// Seconds since 1970-01-01T00:00:00Z.
    utc: i64,
    /// Minutes east of Greenwich, -1439 to 1439.
    offset: i16,
    precision: Precision,
}

/// What of a [`Stamp`] was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Precision {
    /// A date alone.
    Day,
    /// Date and time.
    Second,
}

/// How far ahead of the clock a message may be dated, in seconds: clocks differ.
pub const TOLERANCE: i64 = 10 * 60;
/// The first place on earth where a day begins lies 14 hours east of Greenwich.
const EARLIEST_ZONE: i64 = 14 * 3600;

impl Stamp {
    /// Returns the instant of seconds since 1970 in UTC, clamped to the years 1 to 9999.
    pub fn from_unix(seconds: i64) -> Stamp {
        // 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
        let utc = seconds.clamp(-62_135_596_800, 253_402_300_799);
        Stamp { utc, offset: 0, precision: Precision::Second }
    }

    /// Returns the stamp of a calendar day.
    pub fn from_date(date: NaiveDate) -> Option<Stamp> {
        let utc = date.and_time(NaiveTime::MIN).and_utc().timestamp();
        in_range(date.year()).then_some(Stamp { utc, offset: 0, precision: Precision::Day })
    }

    fn from_local(local: NaiveDateTime, offset_minutes: i32) -> Option<Stamp> {
        let utc = local.and_utc().timestamp() - i64::from(offset_minutes) * 60;
        let offset = i16::try_from(offset_minutes).ok().filter(|m| m.abs() < 24 * 60)?;
        in_range(local.year()).then_some(Stamp { utc, offset, precision: Precision::Second })
    }

    /// Returns the stamp of a date or of a date and time, as headers write them: RFC 3339, with a
    /// space for the `T`, without seconds, without an offset (then UTC), with an offset `+0200`.
    pub fn parse(text: &str) -> Option<Stamp> {
        let text = text.trim();
        let date = calendar_day(text.get(..10)?)?;
        let rest = &text[10..];
        if rest.is_empty() {
            return Stamp::from_date(date);
        }
        let rest = rest.strip_prefix(['T', 't', ' '])?.trim_start();
        let clock_end = rest.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.');
        let (clock, zone) = rest.split_at(clock_end.unwrap_or(rest.len()));
        let time = clock_time(clock)?;
        Stamp::from_local(date.and_time(time), parse_offset(zone.trim())?)
    }

    /// Returns the stamp at the head of a file name, and what follows it: the forms
    /// `YYYY-MM-DDTHH-MM-SSZ` and `YYYY-MM-DD`, then nothing, or words after `-`, `_` or a space.
    pub fn of_name(name: &str) -> Option<(Stamp, &str)> {
        let second = name.get(..20).and_then(Stamp::full_name);
        let (stamp, rest) = match second {
            Some(stamp) => (stamp, &name[20..]),
            None => {
                let date = calendar_day(name.get(..10)?)?;
                (Stamp::from_date(date)?, &name[10..])
            }
        };
        (rest.is_empty() || rest.starts_with(['-', '_', ' '])).then_some((stamp, rest))
    }

    /// Returns the stamp of a name that is `YYYY-MM-DDTHH-MM-SSZ` and nothing more.
    pub fn full_name(name: &str) -> Option<Stamp> {
        if !has_shape(name, "dddd-dd-ddTdd-dd-ddZ") {
            return None;
        }
        let number = |at: usize| number(&name.as_bytes()[at..at + 2]);
        let time = NaiveTime::from_hms_opt(number(11), number(14), number(17))?;
        Stamp::from_local(day_of(&name[..10])?.and_time(time), 0)
    }

    /// Returns seconds since 1970-01-01T00:00:00Z.
    pub fn unix(self) -> i64 {
        self.utc
    }

    /// Returns whether only a date was given.
    pub fn is_date(self) -> bool {
        self.precision == Precision::Day
    }

    /// Returns the instant from which on the message is shown, in seconds since 1970: ten minutes
    /// before its time, or, for a bare date, when that day begins anywhere on earth.
    pub fn shown_from(self) -> i64 {
        match self.precision {
            Precision::Second => self.utc - TOLERANCE,
            Precision::Day => self.utc - EARLIEST_ZONE,
        }
    }

    /// Returns whether the message is still held back.
    pub fn is_held(self, now: Now) -> bool {
        now.0 < self.shown_from()
    }

    /// Returns the month in UTC, by which archives and addresses go.
    pub fn month(self) -> Month {
        let date = self.date_time().naive_utc();
        Month { year: date.year(), month: date.month() }
    }

    /// Returns the instant with the author's offset.
    pub fn date_time(self) -> DateTime<FixedOffset> {
        let zone = FixedOffset::east_opt(i32::from(self.offset) * 60);
        let utc = DateTime::from_timestamp(self.utc, 0).unwrap_or_default();
        utc.with_timezone(&zone.unwrap_or(FixedOffset::east_opt(0).expect("zero is an offset")))
    }

    /// Returns the day this falls on in a zone; a bare date is that day in every zone.
    pub fn day_in(self, zone: chrono_tz::Tz) -> NaiveDate {
        let instant = self.date_time();
        match self.precision {
            Precision::Day => instant.date_naive(),
            Precision::Second => instant.with_timezone(&zone).date_naive(),
        }
    }

    /// Returns the value for `<time datetime>`: RFC 3339 with the author's offset, or the date.
    pub fn iso(self) -> String {
        let local = self.date_time();
        let mut out = String::with_capacity("2026-11-23T10:15:30+02:00".len());
        push_date(&mut out, local.date_naive());
        if self.is_date() {
            return out;
        }
        out.push('T');
        push_clock(&mut out, local.time());
        out.push(':');
        push_digits(&mut out, local.second(), 2);
        match self.offset {
            0 => out.push('Z'),
            _ => self.push_offset(&mut out),
        }
        out
    }

    /// Returns the instant as names of files tell it: `YYYY-MM-DDTHH-MM-SSZ`.
    pub fn name(self) -> String {
        self.date_time().naive_utc().format("%Y-%m-%dT%H-%M-%SZ").to_string()
    }

    /// Returns hour and minute of the author's clock, as `14:34`, or nothing for a bare date.
    pub fn clock(self) -> Option<String> {
        if self.is_date() {
            return None;
        }
        let mut out = String::with_capacity("14:34".len());
        push_clock(&mut out, self.date_time().time());
        Some(out)
    }

    /// Returns the name of the author's zone: `UTC`, or the offset as `+02:00`.
    pub fn zone(self) -> String {
        if self.offset == 0 {
            return "UTC".into();
        }
        let mut out = String::with_capacity("+02:00".len());
        self.push_offset(&mut out);
        out
    }

    fn push_offset(self, out: &mut String) {
        let minutes = u32::from(self.offset.unsigned_abs());
        out.push(if self.offset < 0 { '-' } else { '+' });
        push_digits(out, minutes / 60, 2);
        out.push(':');
        push_digits(out, minutes % 60, 2);
    }
}

/// Appends `YYYY-MM-DD`. By hand, as every message on every page has such dates: patterns of a library
/// are read anew for each.
fn push_date(out: &mut String, date: NaiveDate) {
    push_digits(out, date.year().unsigned_abs(), 4);
    out.push('-');
    push_digits(out, date.month(), 2);
    out.push('-');
    push_digits(out, date.day(), 2);
}

/// Appends `HH:MM`.
fn push_clock(out: &mut String, time: NaiveTime) {
    push_digits(out, time.hour(), 2);
    out.push(':');
    push_digits(out, time.minute(), 2);
}

/// Appends the last `count` digits of a number, with zeros before it.
fn push_digits(out: &mut String, number: u32, count: u32) {
    for place in (0..count).rev() {
        out.push(char::from(b'0' + (number / 10_u32.pow(place) % 10) as u8));
    }
}

/// Returns the day of `YYYY-MM-DD`, digits only.
fn calendar_day(text: &str) -> Option<NaiveDate> {
    if has_shape(text, "dddd-dd-dd") { day_of(text) } else { None }
}

/// Returns the day of a text of that shape.
fn day_of(text: &str) -> Option<NaiveDate> {
    let digits = text.as_bytes();
    let year = i32::try_from(number(&digits[..4])).ok()?;
    NaiveDate::from_ymd_opt(year, number(&digits[5..7]), number(&digits[8..]))
}

/// Returns the number that some digits are, few enough for it.
fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
}

/// Returns the time of `HH:MM`, `HH:MM:SS` or `HH:MM:SS.fraction`; a leap second counts as the one
/// before it.
fn clock_time(text: &str) -> Option<NaiveTime> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let sound = has_shape(whole, "dd:dd") || has_shape(whole, "dd:dd:dd");
    if !sound || fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number =
        |at: usize| whole.get(at..at + 2).map_or(Some(0), |digits| digits.parse::<u32>().ok());
    let second = number(6)?;
    NaiveTime::from_hms_opt(number(0)?, number(3)?, if second == 60 { 59 } else { second })
}

/// Returns whether a text has the shape of a pattern in which `d` stands for a digit.
fn has_shape(text: &str, pattern: &str) -> bool {
    text.len() == pattern.len()
        && text
            .bytes()
            .zip(pattern.bytes())
            .all(|(b, p)| if p == b'd' { b.is_ascii_digit() } else { b == p })
}

fn in_range(year: i32) -> bool {
    (1..=9999).contains(&year)
}

/// Returns the minutes of `""`, `Z`, `UTC`, `+02:00`, `+0200` or `+02`.
fn parse_offset(zone: &str) -> Option<i32> {
    if matches!(zone, "" | "Z" | "z" | "UTC" | "GMT") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let digits: String = zone.strip_prefix(['+', '-'])?.chars().filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits[..2].parse().ok()?;
    let minutes: i32 = digits[2..].parse().unwrap_or(0);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

/// A calendar month in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Month {
    /// The year, 1 to 9999.
    pub year: i32,
    /// The month, 1 to 12.
    pub month: u32,
}

impl Month {
    /// Returns the seconds since 1970 at which the month begins.
    pub fn begin(self) -> i64 {
        let first = NaiveDate::from_ymd_opt(self.year, self.month, 1).unwrap_or_default();
        first.and_time(NaiveTime::MIN).and_utc().timestamp()
    }

    /// Returns the seconds since 1970 at which the next month begins.
    pub fn end(self) -> i64 {
        let (year, month) =
            if self.month >= 12 { (self.year + 1, 1) } else { (self.year, self.month + 1) };
        Month { year, month }.begin()
    }

    /// Returns the month before this one; none before the first.
    pub fn before(self) -> Option<Month> {
        match self.month {
            ..=1 => (self.year > 1).then(|| Month { year: self.year - 1, month: 12 }),
            month => Some(Month { year: self.year, month: month - 1 }),
        }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(7);
        push_digits(&mut text, self.year.unsigned_abs(), 4);
        text.push('-');
        push_digits(&mut text, self.month, 2);
        f.write_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<&str>) {
        assert_eq!(Stamp::parse(text).map(Stamp::iso).as_deref(), expect, "{text:?}");
    }

    #[test]
    fn dates_of_headers() {
        check("2026-11-23", Some("2026-11-23"));
        check("2026-11-23T10:15:30Z", Some("2026-11-23T10:15:30Z"));
        check("2026-11-23 10:15", Some("2026-11-23T10:15:00Z"));
        check("2026-11-23T10:15:30.250+02:00", Some("2026-11-23T10:15:30+02:00"));
        check("2026-11-23 10:15:30 -0330", Some("2026-11-23T10:15:30-03:30"));
        check("2026-02-30", None);
        check("2026-11-23T25:00", None);
        check("2026-11-23T10:15+99:99", None);
        check("2016-12-31T23:59:60Z", Some("2016-12-31T23:59:59Z"));
        check("2026-11-23T10:15:30.x", None);
        check("2026-11-23T+1:15", None);
        check("0001-01-01T00:00+23:59", Some("0001-01-01T00:00:00+23:59"));
        check("9999-12-31 23:59:59-00:05", Some("9999-12-31T23:59:59-00:05"));
        check("yesterday", None);
        check("", None);
        check("ééééééééééé", None);
    }

    #[test]
    fn stamps_of_names() {
        let of = |name| Stamp::of_name(name).map(|(stamp, rest)| (stamp.iso(), rest));
        assert_eq!(of("2013-08-11T14-34-37Z"), Some(("2013-08-11T14:34:37Z".into(), "")));
        assert_eq!(of("2013-08-11T14-34-37Z-a b"), Some(("2013-08-11T14:34:37Z".into(), "-a b")));
        assert_eq!(of("2013-08-11 low tide"), Some(("2013-08-11".into(), " low tide")));
        assert_eq!(of("2013-08-11T14-34-37"), None);
        assert_eq!(of("2013-08-11x"), None);
        assert_eq!(of("2013-13-11"), None);
        assert_eq!(of("潮潮潮潮潮潮潮潮"), None);
        assert_eq!(of("2013- 8-11T14-34-37Z"), None);
        assert_eq!(of("+013-08-11"), None);
        assert_eq!(of("2013-08-11T14-34-60Z"), None);
    }

    #[test]
    fn held_until_their_time() {
        let at = Stamp::parse("2026-11-23T10:15:30Z").unwrap();
        assert!(at.is_held(Now(at.unix() - 601)));
        assert!(!at.is_held(Now(at.unix() - 600)));
        let day = Stamp::parse("2026-11-23").unwrap();
        assert!(day.is_held(Now(day.unix() - 14 * 3600 - 1)));
        assert!(!day.is_held(Now(day.unix() - 14 * 3600)));
    }

    #[test]
    fn months_are_of_utc_and_days_of_the_zone() {
        let late = Stamp::parse("2026-11-30T23:30:00-05:00").unwrap();
        assert_eq!(late.month().to_string(), "2026-12");
        assert_eq!(late.day_in(chrono_tz::America::New_York).to_string(), "2026-11-30");
        assert_eq!(late.zone(), "-05:00");
        let day = Stamp::parse("2026-11-30").unwrap();
        assert_eq!(day.day_in(chrono_tz::America::New_York).to_string(), "2026-11-30");
        assert_eq!(late.month().begin(), 1_796_083_200);
        assert_eq!(late.month().before().map(|m| m.to_string()).as_deref(), Some("2026-11"));
        assert_eq!(Month { year: 2026, month: 1 }.before(), Some(Month { year: 2025, month: 12 }));
        assert_eq!(Month { year: 1, month: 1 }.before(), None);
    }

    #[test]
    fn any_number_of_seconds_is_an_instant() {
        assert_eq!(Stamp::from_unix(i64::MAX).iso(), "9999-12-31T23:59:59Z");
        assert_eq!(Stamp::from_unix(i64::MIN).iso(), "0001-01-01T00:00:00Z");
    }
}
