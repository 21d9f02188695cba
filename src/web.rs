//! Addresses on the web: the schemes that are let through, and what is local to a machine.

use serde::{Deserialize, Serialize};
use std::fmt;
use url::{Host, Url};

/// An absolute `http` or `https` address, in its normal form (WHATWG URL).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WebUrl(String);

impl WebUrl {
    /// Returns the address, or `None` where it is relative, of another scheme, or no address.
    pub fn parse(text: &str) -> Option<WebUrl> {
        WebUrl::of(&Url::parse(text.trim()).ok()?)
    }

    fn of(url: &Url) -> Option<WebUrl> {
        // The standard lets a host hold quotes; no real one does.
        let sound = |b: u8| {
            b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'[' | b']')
        };
        let host = url.host_str().is_some_and(|host| !host.is_empty() && host.bytes().all(sound));
        let web = matches!(url.scheme(), "http" | "https") && host;
        // A query may hold a backslash, which is a slash to some programs.
        web.then(|| WebUrl(url.as_str().replace('\\', "%5C")))
    }

    /// Returns the address as text, all of it ASCII.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the host as it is read by people.
    pub fn host(&self) -> String {
        self.host_part().to_owned()
    }

    /// Returns the host, of IPv6 with its brackets: in the normal form it stands before the first of
    /// `/`, `?` and `#`, behind what may end in `@`, and before what may begin with `:`.
    fn host_part(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let whole = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
        let host = whole.rsplit_once('@').map_or(whole, |(_, host)| host);
        let from = host.find(']').unwrap_or(0);
        &host[..host[from..].find(':').map_or(host.len(), |at| from + at)]
    }

    /// Returns whether the address leads to this machine or to no public one: `localhost`,
    /// 127.0.0.0/8, `[::1]`, 0.0.0.0.
    pub fn is_loopback(&self) -> bool {
        match Host::parse(self.host_part()) {
            Ok(Host::Domain(name)) => {
                let name = name.trim_end_matches('.');
                name == "localhost" || name.ends_with(".localhost")
            }
            Ok(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_unspecified(),
            Ok(Host::Ipv6(ip)) => ip.is_loopback() || ip.is_unspecified(),
            Err(_) => true,
        }
    }

    /// Returns the path without its first `/`, without query and fragment.
    pub fn path(&self) -> &str {
        let path = self.0.splitn(4, '/').nth(3).unwrap_or("");
        path.split(['?', '#']).next().unwrap_or(path)
    }

    /// Returns what of the address lies below `base`, without query and fragment.
    pub fn below(&self, base: &BaseUrl) -> Option<&str> {
        let rest = self.0.strip_prefix(base.as_str())?;
        Some(rest.split(['?', '#']).next().unwrap_or(rest))
    }
}

impl fmt::Display for WebUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The address an edition is read at: a [`WebUrl`] that ends in `/`, without query and fragment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseUrl(WebUrl);

impl BaseUrl {
    /// Returns the base, or `None` where the text is no web address.
    pub fn parse(text: &str) -> Option<BaseUrl> {
        let mut url = Url::parse(WebUrl::parse(text)?.as_str()).ok()?;
        url.set_query(None);
        url.set_fragment(None);
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Some(BaseUrl(WebUrl(url.into())))
    }

    /// Returns the address of the local server.
    pub fn local(port: u16) -> BaseUrl {
        BaseUrl(WebUrl(format!("http://localhost:{port}/")))
    }

    /// Returns the base as text; it ends in `/`.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Returns the path of the base on its host: begins and ends in `/`.
    pub fn path(&self) -> &str {
        let after_host = self.as_str().splitn(4, '/').nth(3).map_or(0, str::len);
        &self.as_str()[self.as_str().len() - after_host - 1..]
    }

    /// Returns whether the base leads to this machine.
    pub fn is_loopback(&self) -> bool {
        self.0.is_loopback()
    }
}

/// Where a link of a message leads, of the kinds that are let through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// A web page.
    Web(WebUrl),
    /// A mail address: the whole `mailto:` address.
    Mail(String),
    /// A place in the same message.
    Fragment(String),
    /// A file of the same box, percent-decoded, without query and fragment.
    Relative(String),
}

impl Link {
    /// Returns where a link leads, or `None` where it must not be followed: any scheme but
    /// `http`, `https` and `mailto` in any disguise, and addresses without a scheme that name a
    /// host or the root of a server.
    pub fn parse(text: &str) -> Option<Link> {
        let text = text.trim_matches(|c: char| c.is_whitespace() || c.is_control());
        if let Some(fragment) = text.strip_prefix('#') {
            return Some(Link::Fragment(percent_decode(fragment)));
        }
        match Url::parse(text) {
            // A backslash must be encoded there (RFC 6068, 2).
            Ok(url) if url.scheme() == "mailto" => {
                Some(Link::Mail(url.as_str().replace('\\', "%5C")))
            }
            Ok(url) => WebUrl::of(&url).map(Link::Web),
            Err(url::ParseError::RelativeUrlWithoutBase) => relative(text),
            Err(_) => None,
        }
    }
}

fn relative(text: &str) -> Option<Link> {
    let odd = |c: char| c == '\\' || c.is_control();
    let head = text.split(['?', '#']).next().unwrap_or(text);
    if head.is_empty() || head.starts_with('/') || head.contains(odd) {
        return None;
    }
    let decoded = percent_decode(head);
    (!decoded.contains(odd)).then_some(Link::Relative(decoded))
}

/// Returns `text` with `%41` read as `A`; what is no sound escape or no UTF-8 stays as it is.
fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        let pair = pair.filter(|pair| pair.bytes().all(|b| b.is_ascii_hexdigit()));
        match pair.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_harmless_schemes_pass() {
        for bad in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " \u{1}javascript:alert(1)",
            "java\tscript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "ftp://x/y",
            "//host/x",
            "/compose",
            "\\\\host\\x",
            "chrome://x",
            "smb://x",
            "blob:x",
            "ms-msdt:/id",
            "http:\"",
            "a\\..\\b",
            "http:",
            "",
        ] {
            assert_eq!(Link::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn harmless_links() {
        let web = |t| Some(Link::Web(WebUrl::parse(t).unwrap()));
        assert_eq!(Link::parse("https://example.org/a b"), web("https://example.org/a%20b"));
        assert_eq!(Link::parse("HTTP://EXAMPLE.org"), web("http://example.org/"));
        assert_eq!(
            Link::parse("mailto:a@b.example"),
            Some(Link::Mail("mailto:a@b.example".into()))
        );
        assert_eq!(Link::parse("#x%C3%BC"), Some(Link::Fragment("xü".into())));
        assert_eq!(Link::parse("a%20b.jpg?x#y"), Some(Link::Relative("a b.jpg".into())));
        assert_eq!(Link::parse("../x.md"), Some(Link::Relative("../x.md".into())));
    }

    proptest! {
        #[test]
        fn the_host_is_the_one_that_the_standard_finds(
            rest in "([a-z0-9.]{1,9}|\\[::[0-9a-f]{1,4}\\]|[@:/?#%\\\\]|é){1,6}",
        ) {
            let Some(url) = WebUrl::parse(&format!("http://{rest}")) else { return Ok(()) };
            let parsed = Url::parse(url.as_str()).unwrap();
            prop_assert_eq!(url.host(), parsed.host_str().unwrap());
        }
    }

    #[test]
    fn hosts() {
        let host = |text| WebUrl::parse(text).unwrap().host();
        assert_eq!(host("https://a:b@example.org:444/x@y:1"), "example.org");
        assert_eq!(host("http://[2001:DB8::1]:80?x"), "[2001:db8::1]");
        assert_eq!(host("http://bücher.example"), "xn--bcher-kva.example");
    }

    #[test]
    fn loopback_is_seen_in_every_spelling() {
        for local in [
            "http://localhost:8888/",
            "http://LOCALHOST/",
            "http://127.0.0.1/",
            "http://127.1/",
            "http://0x7f000001/",
            "http://[::1]:8888/",
            "http://x.localhost/",
            "http://0.0.0.0/",
            "http://localhost./",
        ] {
            assert!(WebUrl::parse(local).unwrap().is_loopback(), "{local}");
        }
        assert!(!WebUrl::parse("https://example.org/localhost").unwrap().is_loopback());
    }

    #[test]
    fn bases_end_in_a_slash() {
        let base = BaseUrl::parse("https://example.org/a?x#y").unwrap();
        assert_eq!(base.as_str(), "https://example.org/a/");
        assert_eq!(base.path(), "/a/");
        assert_eq!(BaseUrl::local(8888).path(), "/");
        let page = WebUrl::parse("https://example.org/a/b.html?x").unwrap();
        assert_eq!(page.below(&base), Some("b.html"));
        assert_eq!(WebUrl::parse("https://example.org/ab").unwrap().below(&base), None);
    }
}
