//! Who may change anything: a form of this run of the server, sent by a page of it.

use super::Writing;
use crate::serve::password::same;
use axum::http::header::{CONTENT_TYPE, HOST, HeaderMap, ORIGIN};

/// Why a form is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// No page of this server sent it.
    Foreign,
    /// It is of another kind than our forms.
    Kind,
}

/// Looks at the head of a POST.
///
/// `guard` has refused what says that it comes from elsewhere. Here it must also say that it comes
/// from here: browsers send `Origin` with every POST (Fetch, 3.2), and `Sec-Fetch-Site`
/// (Fetch Metadata, 2.2) where the server's name is trusted. Forms are of the one kind that carries
/// files; what other pages can have sent without asking is of three kinds, and this is one of them,
/// so that this check alone would keep nobody out.
pub fn head(headers: &HeaderMap) -> Result<(), Closed> {
    is_from_here(headers)?;
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    match kind.eq_ignore_ascii_case("multipart/form-data") {
        true => Ok(()),
        false => Err(Closed::Kind),
    }
}

/// The same of whatever it is that is sent.
pub fn is_from_here(headers: &HeaderMap) -> Result<(), Closed> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let ours = |origin: &str| {
        let authority = origin.strip_prefix("http://").or(origin.strip_prefix("https://"));
        authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
    };
    let all = |name: &str, fits: &dyn Fn(&str) -> bool| {
        let mut values = headers.get_all(name).iter().peekable();
        let is_there = values.peek().is_some();
        (is_there, values.all(|value| value.to_str().is_ok_and(fits)))
    };
    let (has_origin, own_origin) = all(ORIGIN.as_str(), &ours);
    let (has_site, own_site) = all("sec-fetch-site", &|site| site == "same-origin");
    if !(has_origin || has_site) || !own_origin || !own_site {
        return Err(Closed::Foreign);
    }
    Ok(())
}

impl Writing {
    /// Returns whether this is the token of this run. It takes the same time wherever it differs.
    pub fn admits(&self, token: &str) -> bool {
        same(&self.token, token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[track_caller]
    fn check(given: &[(&'static str, &'static str)], expected: Result<(), Closed>) {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("localhost:8888"));
        for (name, value) in given {
            headers.append(*name, HeaderValue::from_static(value));
        }
        assert_eq!(head(&headers), expected, "{given:?}");
    }

    const FORM: (&str, &str) = ("content-type", "multipart/form-data; boundary=x");
    const ORIGIN: (&str, &str) = ("origin", "http://localhost:8888");
    const SITE: (&str, &str) = ("sec-fetch-site", "same-origin");

    #[test]
    fn a_form_says_that_it_comes_from_here() {
        check(&[FORM, ORIGIN], Ok(()));
        check(&[FORM, SITE], Ok(()));
        check(&[FORM, ORIGIN, SITE], Ok(()));
        for wrong in [
            &[FORM][..],
            &[FORM, ("origin", "null")],
            &[FORM, ("origin", "null"), SITE],
            &[FORM, ("origin", "http://localhost:9999")],
            &[FORM, ("origin", "localhost:8888")],
            &[FORM, ORIGIN, ("origin", "http://evil.example")],
            &[FORM, ORIGIN, ("sec-fetch-site", "same-site")],
            &[FORM, ("sec-fetch-site", "none")],
        ] {
            check(wrong, Err(Closed::Foreign));
        }
    }

    #[test]
    fn only_our_kind_of_form_is_taken() {
        check(&[ORIGIN], Err(Closed::Kind));
        for kind in ["text/plain", "application/x-www-form-urlencoded", "application/json", ""] {
            check(&[ORIGIN, ("content-type", kind)], Err(Closed::Kind));
        }
    }
}
