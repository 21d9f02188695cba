//! Who is answered at all, and the headers that every answer has.

use super::hosts::Hosts;
use super::password::Elsewhere;
use super::site::Site;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue,
    ORIGIN, REFERRER_POLICY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Refuses what must not be answered, and puts the common headers on every answer, a refusal too.
pub async fn guard(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let checked = check(site.hosts(), request.method(), request.uri(), request.headers());
    let here = request.extensions().get::<Elsewhere>().is_none();
    let known = here || site.password().is_none_or(|password| password.is_in(request.headers()));
    let checked = checked.and(if known { Ok(()) } else { Err(Refusal::Stranger) });
    let mut response = match checked {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    add_common(response.headers_mut());
    response
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// It does not say, or says twice, whom it asks.
    Unclear,
    /// It asks somebody else.
    Misdirected,
    /// Another site asks.
    Foreign,
    /// Another machine asks, without the password.
    Stranger,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, words) = match self {
            Refusal::Unclear => (StatusCode::BAD_REQUEST, "The request must name its host once.\n"),
            Refusal::Misdirected => (
                StatusCode::MISDIRECTED_REQUEST,
                "This server does not answer to that name. Ask for it as `localhost`, or start it \
                 with `--host NAME`.\n",
            ),
            Refusal::Stranger => {
                let asks = HeaderValue::from_static("Basic realm=\"Handbill\", charset=\"UTF-8\"");
                let words = "Open the address that `handbill serve` has printed.\n";
                let mut response = plain(StatusCode::UNAUTHORIZED, words);
                response.headers_mut().insert(WWW_AUTHENTICATE, asks);
                return response;
            }
            Refusal::Foreign => {
                (StatusCode::FORBIDDEN, "Other sites may link to these pages, but not load them.\n")
            }
        };
        plain(status, words)
    }
}

/// Returns an answer of a few words.
pub fn plain(status: StatusCode, words: &'static str) -> Response {
    (status, [(CONTENT_TYPE, "text/plain; charset=utf-8")], Body::from(words)).into_response()
}

/// Decides whether a request is answered.
///
/// Its host must be one of ours: exactly one `Host` (RFC 9112, 3.2), and the same rule for the
/// authority of a target in absolute form. Then nothing may say that another site asks.
fn check(hosts: &Hosts, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
    let host = only(headers, HOST).ok_or(Refusal::Unclear)?;
    let target = uri.authority().map(|authority| authority.as_str());
    if !hosts.admit(host) || target.is_some_and(|target| !hosts.admit(target)) {
        return Err(Refusal::Misdirected);
    }
    match is_own(method, host, headers) {
        true => Ok(()),
        false => Err(Refusal::Foreign),
    }
}

/// Returns the value of a header that must be there once.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// Returns whether our own pages ask, or no page at all.
///
/// Browsers send `Origin` (Fetch, 3.2) with whatever could have an effect or be read by another
/// origin, and `Sec-Fetch-*` (Fetch Metadata) with everything. Another port of this machine is
/// `same-site` and as foreign as any. Feed readers and the like send neither. A link may lead
/// here: opening a page has no effect.
fn is_own(method: &Method, host: &str, headers: &HeaderMap) -> bool {
    let own_origin = |origin: &HeaderValue| {
        let origin = origin.to_str().unwrap_or_default();
        let authority = origin.strip_prefix("http://").or(origin.strip_prefix("https://"));
        authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
    };
    let says = |name: &'static str, word: &str| {
        headers.get_all(name).iter().all(|value| value.as_bytes() == word.as_bytes())
    };
    let is_there = |name: &'static str| headers.contains_key(name);
    let own_site = says("sec-fetch-site", "same-origin") || says("sec-fetch-site", "none");
    let opens_a_page = method.is_safe()
        && is_there("sec-fetch-mode")
        && says("sec-fetch-mode", "navigate")
        && is_there("sec-fetch-dest")
        && says("sec-fetch-dest", "document");
    headers.get_all(ORIGIN).iter().all(own_origin) && (own_site || opens_a_page)
}

/// Adds what every answer has. Rules for frames, referrers, caches and content stay where there are
/// some already.
fn add_common(headers: &mut HeaderMap) {
    let fixed = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
    headers.entry(X_FRAME_OPTIONS).or_insert(HeaderValue::from_static("DENY"));
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(request: &[(&'static str, &'static str)], expected: Result<(), Refusal>) {
        check_method(&Method::GET, request, expected);
    }

    #[track_caller]
    fn check_method(
        method: &Method,
        request: &[(&'static str, &'static str)],
        expected: Result<(), Refusal>,
    ) {
        let hosts = Hosts::new(&["127.0.0.1:8888".parse().unwrap()], &[]);
        let mut headers = HeaderMap::new();
        for (name, value) in request {
            headers.append(*name, HeaderValue::from_static(value));
        }
        let uri = Uri::from_static("/");
        assert_eq!(super::check(&hosts, method, &uri, &headers), expected, "{request:?}");
    }

    const OWN: (&str, &str) = ("host", "localhost:8888");

    #[test]
    fn the_host_is_named_once_and_is_ours() {
        check(&[OWN], Ok(()));
        check(&[], Err(Refusal::Unclear));
        check(&[OWN, OWN], Err(Refusal::Unclear));
        check(&[("host", "evil.example:8888")], Err(Refusal::Misdirected));
    }

    #[test]
    fn a_target_in_absolute_form_names_us_too() {
        let hosts = Hosts::new(&["127.0.0.1:8888".parse().unwrap()], &[]);
        let headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static("localhost:8888"))]);
        let check = |uri| super::check(&hosts, &Method::GET, &Uri::from_static(uri), &headers);
        assert_eq!(check("http://127.0.0.1:8888/"), Ok(()));
        assert_eq!(check("http://evil.example/"), Err(Refusal::Misdirected));
        assert_eq!(check("http://me@localhost:8888/"), Err(Refusal::Misdirected));
    }

    #[test]
    fn other_sites_link_but_do_not_load() {
        let site = |site| ("sec-fetch-site", site);
        let (navigate, no_cors) = (("sec-fetch-mode", "navigate"), ("sec-fetch-mode", "no-cors"));
        let (page, frame) = (("sec-fetch-dest", "document"), ("sec-fetch-dest", "iframe"));
        check(&[OWN, site("same-origin"), no_cors], Ok(()));
        check(&[OWN, site("none"), navigate, page], Ok(()));
        for foreign in ["cross-site", "same-site", "something-new"] {
            check(&[OWN, site(foreign), navigate, page], Ok(()));
            check(&[OWN, site(foreign), navigate, frame], Err(Refusal::Foreign));
            check(&[OWN, site(foreign), no_cors], Err(Refusal::Foreign));
            check(&[OWN, site(foreign)], Err(Refusal::Foreign));
            let sent = [OWN, site(foreign), navigate, page];
            check_method(&Method::POST, &sent, Err(Refusal::Foreign));
        }
        check(&[OWN, site("same-origin"), site("cross-site")], Err(Refusal::Foreign));
    }

    #[test]
    fn an_origin_is_ours_or_refused() {
        check(&[OWN, ("origin", "http://localhost:8888")], Ok(()));
        check(&[OWN, ("origin", "https://localhost:8888")], Ok(()));
        for origin in ["null", "http://localhost:8889", "http://evil.example", "localhost:8888"] {
            check(&[OWN, ("origin", origin)], Err(Refusal::Foreign));
            check_method(&Method::POST, &[OWN, ("origin", origin)], Err(Refusal::Foreign));
        }
    }
}
