//! Validators and conditional requests (RFC 9110, 8.8 and 13).

use axum::http::header::{
    HeaderMap, HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
    IF_UNMODIFIED_SINCE,
};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What tells one state of a file from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validators {
    /// A strong entity tag, with its quotes (8.8.3).
    pub etag: String,
    /// The time of the last change in whole seconds since 1970 (8.8.2).
    pub modified: Option<u64>,
}

impl Validators {
    /// Returns the validators of a file with this `tag`, changed at `modified`.
    ///
    /// The time is left out until its second is over: a change in the same second would have the
    /// same time, and who asks by time alone would never see it (8.8.2.2). A time in the future
    /// must not be sent either (8.8.2.1).
    pub fn new(tag: &str, modified: Option<SystemTime>, now: SystemTime) -> Validators {
        let modified =
            modified.and_then(seconds).filter(|at| seconds(now).is_some_and(|n| n > *at));
        Validators { etag: format!("\"{tag}\""), modified }
    }

    /// Returns `Last-Modified` as it is written (5.6.7).
    pub fn last_modified(&self) -> Option<String> {
        let at = UNIX_EPOCH + Duration::from_secs(self.modified?);
        Some(httpdate::fmt_http_date(at))
    }
}

fn seconds(time: SystemTime) -> Option<u64> {
    time.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs())
}

/// What the conditions of a request come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Answer as if there were none.
    Proceed,
    /// 304: the client has this state (15.4.5).
    NotModified,
    /// 412: the client wants another state or none (15.5.13).
    Failed,
}

/// Evaluates the conditions of a GET or HEAD in the order of 13.2.2. Tags win over times, and what
/// is not a date is not there.
pub fn evaluate(headers: &HeaderMap, file: &Validators) -> Outcome {
    let date = |name| single(headers, name).and_then(date);
    if headers.contains_key(IF_MATCH) {
        if !names(headers, IF_MATCH, |tag| !tag.weak && tag.is(file)) {
            return Outcome::Failed;
        }
    } else if let (Some(date), Some(modified)) = (date(IF_UNMODIFIED_SINCE), file.modified)
        && modified > date
    {
        return Outcome::Failed;
    }
    let has_it = match headers.contains_key(IF_NONE_MATCH) {
        true => names(headers, IF_NONE_MATCH, |tag| tag.is(file)),
        false => match (date(IF_MODIFIED_SINCE), file.modified) {
            (Some(date), Some(modified)) => modified <= date,
            _ => false,
        },
    };
    if has_it { Outcome::NotModified } else { Outcome::Proceed }
}

/// Returns whether a range may be sent: there is no `If-Range`, or it names this state, by its
/// strong tag or by its very date (13.1.5).
pub fn range_applies(headers: &HeaderMap, file: &Validators) -> bool {
    if !headers.contains_key(IF_RANGE) {
        return true;
    }
    let Some(value) = single(headers, IF_RANGE) else { return false };
    value == file.etag || (file.modified.is_some() && date(value) == file.modified)
}

/// An entity tag of a request.
struct Tag<'h> {
    weak: bool,
    /// With its quotes.
    opaque: &'h str,
}

impl Tag<'_> {
    fn is(&self, file: &Validators) -> bool {
        self.opaque == file.etag
    }
}

/// Returns whether a header names a file: by `*`, or by a tag that `fits`.
fn names(headers: &HeaderMap, name: HeaderName, fits: impl Fn(&Tag<'_>) -> bool) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.into_iter().any(|value| value.trim() == "*" || tags(value).any(|tag| fits(&tag)))
}

/// Returns the entity tags of a list (8.8.3). A comma may stand in a tag, a quote may not.
fn tags(list: &str) -> impl Iterator<Item = Tag<'_>> {
    let mut rest = list;
    std::iter::from_fn(move || {
        let open = rest.find('"')?;
        let close = open + 1 + rest[open + 1..].find('"')?;
        let tag = Tag { weak: rest[..open].ends_with("W/"), opaque: &rest[open..=close] };
        rest = &rest[close + 1..];
        Some(tag)
    })
}

fn single(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

fn date(value: &str) -> Option<u64> {
    httpdate::parse_http_date(value).ok().and_then(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    const DATE: &str = "Tue, 24 Nov 2026 12:00:00 GMT";
    const EARLIER: &str = "Tue, 24 Nov 2026 11:59:59 GMT";
    const LATER: &str = "Tue, 24 Nov 2026 12:00:01 GMT";

    fn file() -> Validators {
        Validators { etag: "\"a,b\"".to_owned(), modified: date(DATE) }
    }

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[track_caller]
    fn check(lines: &[(&'static str, &'static str)], expected: Outcome) {
        assert_eq!(evaluate(&headers(lines), &file()), expected, "{lines:?}");
    }

    #[test]
    fn who_has_the_state_by_tag_is_told_so() {
        for value in
            ["\"a,b\"", "W/\"a,b\"", "\"x\", \"a,b\"", "\"x\",W/\"a,b\"", "*", " * ", "\"a,b\","]
        {
            check(&[("if-none-match", value)], Outcome::NotModified);
        }
        for value in ["\"a\"", "a,b", "\"a,b", "", "\"x\", \"y\"", "\"A,B\"", "**"] {
            check(&[("if-none-match", value)], Outcome::Proceed);
        }
        check(&[("if-none-match", "\"x\""), ("if-none-match", "\"a,b\"")], Outcome::NotModified);
    }

    #[test]
    fn who_has_the_state_by_time_is_told_so() {
        check(&[("if-modified-since", DATE)], Outcome::NotModified);
        check(&[("if-modified-since", LATER)], Outcome::NotModified);
        check(&[("if-modified-since", "Tuesday, 24-Nov-26 12:00:00 GMT")], Outcome::NotModified);
        check(&[("if-modified-since", "Tue Nov 24 12:00:00 2026")], Outcome::NotModified);
        check(&[("if-modified-since", EARLIER)], Outcome::Proceed);
        check(&[("if-modified-since", "yesterday")], Outcome::Proceed);
    }

    #[test]
    fn tags_win_over_times() {
        check(&[("if-none-match", "\"x\""), ("if-modified-since", DATE)], Outcome::Proceed);
        check(
            &[("if-none-match", "\"a,b\""), ("if-modified-since", EARLIER)],
            Outcome::NotModified,
        );
        check(&[("if-match", "\"a,b\""), ("if-unmodified-since", EARLIER)], Outcome::Proceed);
    }

    #[test]
    fn who_wants_another_state_gets_none() {
        check(&[("if-match", "\"x\"")], Outcome::Failed);
        check(&[("if-match", "W/\"a,b\"")], Outcome::Failed);
        check(&[("if-match", "*")], Outcome::Proceed);
        check(&[("if-unmodified-since", EARLIER)], Outcome::Failed);
        check(&[("if-unmodified-since", DATE)], Outcome::Proceed);
    }

    #[test]
    fn a_range_is_of_the_state_that_was_meant() {
        let applies = |lines: &[_]| range_applies(&headers(lines), &file());
        assert!(applies(&[]));
        assert!(applies(&[("if-range", "\"a,b\"")]));
        assert!(applies(&[("if-range", DATE)]));
        for value in ["W/\"a,b\"", "\"x\"", EARLIER, LATER, ""] {
            assert!(!applies(&[("if-range", value)]), "{value}");
        }
    }

    #[test]
    fn a_time_is_told_once_its_second_is_over() {
        let at = |millis| UNIX_EPOCH + Duration::from_millis(millis);
        let told = |changed, now| Validators::new("x", Some(at(changed)), at(now)).modified;
        assert_eq!(told(10_200, 10_900), None);
        assert_eq!(told(10_200, 11_000), Some(10));
        assert_eq!(told(20_000, 10_000), None);
        assert_eq!(Validators::new("x", None, at(1)).modified, None);
    }
}
