//! A page as it is served: with the script of live reload, and its policy in the header.
//!
//! The file on disk stays as it is. A page says by a `<meta>` what it may load; a script that is
//! not in it cannot be added beside it, because of two policies both hold. So the element is taken
//! out of the copy that is sent, and the header carries what it said, with the script added.

use crate::text::unescape;
/// A page to be sent.
#[derive(Debug, PartialEq, Eq)]
pub struct Served {
    /// Its bytes.
    pub html: Vec<u8>,
    /// The policies it carried.
    pub policies: Vec<String>,
}

/// Takes the policies out of a page and puts `script` at the end of its head.
pub fn prepare(html: &str, script: &str) -> Served {
    let mut served =
        Served { html: Vec::with_capacity(html.len() + script.len()), policies: vec![] };
    let mut done = 0;
    let mut end = html.len();
    for tag in tags(html) {
        if tag.is("</head") || tag.is("<body") {
            end = tag.start;
            break;
        }
        let Some(policy) = policy(&tag) else { continue };
        served.policies.push(policy);
        served.html.extend(html[done..tag.start].bytes());
        done = tag.start + tag.text.len();
    }
    served.html.extend(html[done..end].bytes());
    served.html.extend(script.bytes());
    served.html.extend(html[end..].bytes());
    served
}

/// Returns the policy of a `<meta http-equiv="Content-Security-Policy" content="…">`.
fn policy(tag: &Tag<'_>) -> Option<String> {
    if !tag.is("<meta") {
        return None;
    }
    let attribute = |name| tag.attributes().find(|(known, _)| known.eq_ignore_ascii_case(name));
    let (_, kind) = attribute("http-equiv")?;
    let (_, content) = attribute("content")?;
    kind.eq_ignore_ascii_case("content-security-policy").then(|| unescape(content))
}

/// A tag of a page, from `<` to `>`.
struct Tag<'h> {
    start: usize,
    text: &'h str,
}

impl<'h> Tag<'h> {
    /// Returns whether the tag begins with `head`, as `<meta`, without case.
    fn is(&self, head: &str) -> bool {
        let rest = self.text.as_bytes().get(head.len()..).unwrap_or_default();
        let ends = rest.first().is_none_or(|b| matches!(b, b'>' | b'/') || b.is_ascii_whitespace());
        ends && self.text.get(..head.len()).is_some_and(|own| own.eq_ignore_ascii_case(head))
    }

    /// Returns the attributes with their values as they are written (HTML, 13.1.2.3).
    fn attributes(&self) -> impl Iterator<Item = (&'h str, &'h str)> {
        let inner = self.text.trim_end_matches(['>', '/']);
        let mut rest = inner.split_once(|c: char| c.is_ascii_whitespace()).map_or("", |(_, r)| r);
        let space = |c: char| c.is_ascii_whitespace() || c == '/';
        std::iter::from_fn(move || {
            rest = rest.trim_start_matches(space);
            let end = rest.find(|c: char| c == '=' || space(c)).unwrap_or(rest.len());
            let name = &rest[..end];
            rest = &rest[end..];
            if name.is_empty() && rest.is_empty() {
                return None;
            }
            let Some(value) = rest.trim_start().strip_prefix('=') else { return Some((name, "")) };
            let value = value.trim_start();
            let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
            let (value, after) = match quote {
                Some(quote) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
                None => value.split_at(value.find(char::is_whitespace).unwrap_or(value.len())),
            };
            rest = after;
            Some((name, value))
        })
    }
}

/// Returns the tags of a page in order, without comments. A `>` in a quoted value does not end one.
fn tags(html: &str) -> Tags<'_> {
    Tags { html, at: 0 }
}

struct Tags<'h> {
    html: &'h str,
    at: usize,
}

impl<'h> Iterator for Tags<'h> {
    type Item = Tag<'h>;

    fn next(&mut self) -> Option<Tag<'h>> {
        loop {
            let start = self.at + self.html[self.at..].find('<')?;
            let rest = &self.html[start..];
            if rest.starts_with("<!--") {
                self.at = start + rest.find("-->")? + 3;
                continue;
            }
            let text = &rest[..end_of_tag(rest)?];
            self.at = start + text.len();
            return Some(Tag { start, text });
        }
    }
}

/// Returns the length of the tag that `text` begins with.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, b) in text.bytes().enumerate() {
        match (quote, b) {
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') => quote = Some(b),
            (Some(open), b) if open == b => quote = None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, expected: &str, policies: &[&str]) {
        let served = prepare(html, "<s>");
        assert_eq!(String::from_utf8(served.html).unwrap(), expected);
        assert_eq!(served.policies, policies);
    }

    #[test]
    fn the_policy_goes_and_the_script_comes() {
        check(
            "<!doctype html><head><meta charset=utf-8>\n<meta http-equiv=\"Content-Security-Policy\" \
             content=\"default-src 'none'\">\n<title>a</title></head><body>b</body>",
            "<!doctype html><head><meta charset=utf-8>\n\n<title>a</title><s></head><body>b</body>",
            &["default-src 'none'"],
        );
    }

    #[test]
    fn a_theme_may_write_it_otherwise() {
        check(
            "<META content='a &#39;b&#39; > c' HTTP-EQUIV=content-security-policy /><BODY class=x>",
            "<s><BODY class=x>",
            &["a 'b' > c"],
        );
        check(
            "<!-- <meta http-equiv=content-security-policy content=x> </head> --><meta name=a \
             content=b></head>",
            "<!-- <meta http-equiv=content-security-policy content=x> </head> --><meta name=a \
             content=b><s></head>",
            &[],
        );
        check(
            "<metal http-equiv=content-security-policy content=x><header>a",
            "<metal http-equiv=content-security-policy content=x><header>a<s>",
            &[],
        );
        let twice = "<meta http-equiv=Content-Security-Policy content=a>";
        check(&format!("{twice}{twice}</head>"), "<s></head>", &["a", "a"]);
    }

    #[test]
    fn what_is_below_the_head_is_left_alone() {
        let body = "<body><meta http-equiv=content-security-policy content=x><p>ü</p></head>";
        check(&format!("<head></head>{body}"), &format!("<head><s></head>{body}"), &[]);
        check("", "<s>", &[]);
        check("a < b", "a < b<s>", &[]);
        check("<p class=\"", "<p class=\"<s>", &[]);
    }
}
