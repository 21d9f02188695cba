//! Cleans a body that holds raw HTML, with ammonia and a strict list.
//!
//! What the list never allows: script, style, forms, frames, SVG, MathML, classes and ids but our
//! own, any address that is neither a web page, a mail address nor a file of the same message.

use super::{HERE, OURS, ROOT, marks};
use crate::path::OutPath;
use crate::text::unescape;
use crate::web::{Link, WebUrl};
use ammonia::Builder;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// Marks the source of a picture on another host until it has become a link.
const REMOTE: char = '\u{3}';

/// What a file is to a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Linked to.
    Link,
    /// Shown as a picture.
    Picture,
    /// Played: a sound or a film.
    Player,
}

/// Answers which file of the edition a relative address means, by what it is to be.
pub(super) type Resolve<'r> = &'r (dyn Fn(Role, &str) -> Option<OutPath> + Sync);

/// What marks a relative address until it is known what it means.
const RELATIVE: [(char, Role); 3] =
    [('\u{5}', Role::Link), ('\u{6}', Role::Picture), ('\u{7}', Role::Player)];

pub(super) const TAGS: &[&str] = &[
    "a",
    "abbr",
    "audio",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "track",
    "u",
    "ul",
    "var",
    "video",
    "wbr",
];

const ATTRIBUTES: &[(&str, &[&str])] = &[
    ("a", &["href"]),
    ("audio", &["src", "controls", "preload"]),
    ("video", &["src", "controls", "preload", "poster", "width", "height"]),
    ("track", &["src", "kind", "srclang", "label"]),
    ("img", &["src", "alt", "width", "height", "loading", "decoding"]),
    ("ol", &["start"]),
    ("td", &["colspan", "rowspan"]),
    ("th", &["colspan", "rowspan", "scope"]),
    ("details", &["open"]),
    ("time", &["datetime"]),
    ("span", &["role", "aria-label"]),
    ("section", &["aria-label"]),
    ("a", &["aria-label"]),
    ("pre", &["tabindex"]),
    ("div", &["tabindex", "role", "aria-label"]),
];

/// Returns the clean form of `html`.
pub(super) fn clean(html: &str, prefix: &str, local_links: bool, resolve: Resolve<'_>) -> String {
    let mut builder = Builder::empty();
    let mut attributes: HashMap<&str, HashSet<&str>> = HashMap::new();
    for (tag, names) in ATTRIBUTES {
        attributes.entry(tag).or_default().extend(names.iter());
    }
    builder
        .tags(TAGS.iter().copied().collect())
        .clean_content_tags(HashSet::from(["script", "style", "title", "textarea", "noscript"]))
        .tag_attributes(attributes)
        .generic_attributes(HashSet::from(["lang", "dir", "title", "class", "id"]))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(ammonia::UrlRelative::PassThrough)
        .link_rel(None)
        .strip_comments(true)
        .attribute_filter({
            let prefix = prefix.to_owned();
            move |tag, name, value| {
                let local = |url: &WebUrl| !local_links && url.is_loopback();
                let leads_here = name == "href" && WebUrl::parse(value).as_ref().is_some_and(local);
                if leads_here { None } else { filter(tag, name, value, &prefix) }
            }
        });
    let clean = find_relative(&builder.clean(html).to_string(), resolve);
    super::hosts::name_hosts(&link_remote_pictures(&clean))
}

fn filter<'v>(tag: &str, name: &str, value: &'v str, prefix: &str) -> Option<Cow<'v, str>> {
    match name {
        "href" | "src" | "poster" => address(tag, value),
        "class" => value.strip_prefix(OURS).map(Cow::Borrowed),
        "id" => value
            .strip_prefix(prefix)
            .and_then(|rest| rest.strip_prefix('-'))
            .is_some_and(is_plain_id)
            .then_some(Cow::Borrowed(value)),
        // What strangers write does not pose as the interface, and comes in its turn.
        "role" => matches!(value, "region" | "img").then_some(Cow::Borrowed(value)),
        "tabindex" => (value == "0").then_some(Cow::Borrowed(value)),
        "width" | "height" | "start" | "colspan" | "rowspan" => {
            let number = value.parse::<u16>().is_ok();
            number.then_some(Cow::Borrowed(value))
        }
        _ if value.contains(char::is_control) => {
            Some(value.chars().filter(|c| !c.is_control()).collect::<String>().into())
        }
        _ => Some(Cow::Borrowed(value)),
    }
}

fn is_plain_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn address<'v>(tag: &str, value: &'v str) -> Option<Cow<'v, str>> {
    if value.starts_with([ROOT, HERE]) {
        // Written by us: `defuse_into` keeps forgeries out, and a forged one could do no more.
        return is_marked_path(value).then_some(Cow::Borrowed(value));
    }
    match (Link::parse(value)?, tag) {
        (Link::Web(url), "a") => Some(url.as_str().to_owned().into()),
        (Link::Web(url), "img") => Some(format!("{REMOTE}{url}").into()),
        (Link::Mail(mail), "a") => Some(mail.into()),
        (Link::Relative(path), _) => {
            let role = match tag {
                "img" => Role::Picture,
                "audio" | "video" => Role::Player,
                _ => Role::Link,
            };
            let (mark, _) = RELATIVE.into_iter().find(|(_, known)| *known == role)?;
            Some(format!("{mark}{path}").into())
        }
        _ => None,
    }
}

/// Returns whether an address with a mark is of the form that [`super::Writer`] gives it.
fn is_marked_path(value: &str) -> bool {
    match value.strip_prefix(ROOT) {
        Some(path) => {
            let (path, widths) = marks::split(path);
            OutPath::parse(path).is_some() && widths.is_none_or(marks::are_widths)
        }
        None => value.strip_prefix(HERE).and_then(|v| v.strip_prefix('#')).is_some_and(is_plain_id),
    }
}

/// Replaces relative addresses by the files of the edition they mean, and drops those that mean
/// none. (Ammonia's filter may borrow nothing, so it only marks them.)
fn find_relative(html: &str, resolve: Resolve<'_>) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(RELATIVE.map(|(mark, _)| mark)) {
        let before = &rest[..at];
        // All marks have one byte.
        let value = &rest[at + 1..];
        let role = RELATIVE.into_iter().find(|(mark, _)| rest[at..].starts_with(*mark));
        let end = value.find('"').unwrap_or(value.len());
        let name_at = before.rfind(' ').unwrap_or(before.len());
        let role = role.filter(|_| before.ends_with("=\""));
        let found = role.and_then(|(_, role)| resolve(role, &unescape(&value[..end])));
        match found {
            Some(path) => {
                out.push_str(before);
                out.push(ROOT);
                out.push_str(path.as_str());
                rest = &value[end..];
            }
            None if before.ends_with("=\"") => {
                out.push_str(&before[..name_at]);
                rest = value.get(end + 1..).unwrap_or("");
            }
            None => {
                out.push_str(before);
                rest = value;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Replaces pictures on other hosts, which would tell them who reads, by links; drops pictures
/// that lost their source.
fn link_remote_pictures(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("<img") {
        let end = at + tag_end(&rest[at..]);
        out.push_str(&rest[..at]);
        let tag = &rest[at..end];
        match value_of(tag, "src") {
            Some(src) if !src.starts_with(REMOTE) => out.push_str(tag),
            Some(src) => out.push_str(&remote_link(&src[REMOTE.len_utf8()..])),
            None => out.push_str(value_of(tag, "alt").unwrap_or("")),
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    if out.contains(REMOTE) { out.replace(REMOTE, "") } else { out }
}

fn remote_link(escaped_url: &str) -> String {
    let host = WebUrl::parse(escaped_url).map(|url| url.host()).unwrap_or_default();
    let mut out = format!("<a class=\"remote\" href=\"{escaped_url}\">[picture at ");
    crate::text::escape_into(&mut out, &host);
    out.push_str("]</a>");
    out
}

/// Returns where the tag that sanitized `html` begins with ends: its values are all quoted, and a `>` in
/// one ends nothing.
pub fn tag_end(html: &str) -> usize {
    let mut quoted = false;
    for (at, byte) in html.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return at + 1,
            _ => {}
        }
    }
    html.len()
}

/// Returns the still escaped value of an attribute of a serialized tag. The tag is read attribute
/// by attribute, for a value may hold what looks like another attribute.
pub(super) fn value_of<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let mut rest = tag.split_once(' ')?.1;
    loop {
        let (attribute, tail) = rest.split_once("=\"")?;
        let (value, tail) = tail.split_once('"')?;
        if attribute == name {
            return Some(value);
        }
        rest = tail.strip_prefix(' ')?;
    }
}

/// Appends raw HTML without what could forge our marks: control characters, and references to
/// them such as `&#1;`. Characters are left out first, lest a reference comes together by that.
pub(super) fn defuse_into(out: &mut String, html: &str) {
    let printable: String = html.chars().filter(|c| !crate::text::is_illegal(*c)).collect();
    let mut rest = printable.as_str();
    while let Some(at) = rest.find("&#") {
        out.push_str(&rest[..at]);
        let number = &rest[at + 2..];
        let (digits, radix) = match number.strip_prefix(['x', 'X']) {
            Some(hex) => (hex, 16),
            None => (number, 10),
        };
        let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
        let code = u32::from_str_radix(&digits[..end], radix).unwrap_or(u32::MAX);
        out.push_str(if code < 0x20 && !matches!(code, 9 | 10 | 13) { "&amp;#" } else { "&#" });
        rest = number;
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, expect: &str) {
        let mut w = crate::sanitize::Writer::new("m1");
        w.raw(raw);
        let resolve = |role, name: &str| {
            let is_there = (name == "pic.jpg" && role != Role::Player)
                || (name == "bomb.png" && role == Role::Link);
            is_there.then(|| OutPath::fixed(&format!("a/b/{name}")))
        };
        assert_eq!(w.finish(&resolve).unwrap().at("../").as_str(), expect, "{raw}");
    }

    #[test]
    fn harmless_markup_stays() {
        check("<b>x</b><br><kbd>k</kbd>", "<b>x</b><br><kbd>k</kbd>");
        check("<img src=pic.jpg alt=x>", "<img src=\"../a/b/pic.jpg\" alt=\"x\">");
        check(
            "<a href=\"https://example.org/?a=1&b=2\">x</a>",
            "<a href=\"https://example.org/?a=1&amp;b=2\">x</a>",
        );
    }

    #[test]
    fn whatever_runs_or_deceives_goes() {
        check("<script>alert(1)</script>x", "x");
        check("<p onclick=x style=color:red class=nav id=top>x</p>", "<p>x</p>");
        check("<a href=javascript:alert(1)>x</a>", "<a>x</a>");
        check("<a href=/compose?send=1>x</a><a href=//evil.example>y</a>", "<a>x</a><a>y</a>");
        check("<iframe src=https://x.example></iframe>", "");
        check("<svg><script>x</script></svg><math><mtext>y</mtext></math>z", "z");
        check("<form><input name=password><button>x</button></form>", "x");
        check("<!-- secret -->x", "x");
        check("<meta http-equiv=refresh content=0>", "");
    }

    #[test]
    fn pictures_on_other_hosts_become_links() {
        check(
            "<img src='https://t.example/p?a=1&b=\"2' alt=x>y",
            "<a class=\"remote\" href=\"https://t.example/p?a=1&amp;b=%222\">[picture at t.example]</a>y",
        );
        check("<img src=/compose alt='a>b'>", "a&gt;b");
        check("<video src=https://t.example/v></video>", "<video></video>");
        check(
            "<img alt=' src=' src=https://t.example/p>",
            "<a class=\"remote\" href=\"https://t.example/p\">[picture at t.example]</a>",
        );
    }

    #[test]
    fn a_file_is_only_what_it_may_be() {
        check("<img src=bomb.png alt='a<b '>x", "a&lt;b x");
        check("<a href=bomb.png>x</a>", "<a href=\"../a/b/bomb.png\">x</a>");
        check("<video src=pic.jpg></video>", "<video></video>");
    }

    #[test]
    fn strangers_do_not_pose_as_the_interface() {
        check("<div role=alertdialog tabindex=1>x</div>", "<div>x</div>");
        check("<div role=region tabindex=0>x</div>", "<div role=\"region\" tabindex=\"0\">x</div>");
    }

    #[test]
    fn a_link_that_names_another_host_says_where_it_leads() {
        let evil = "<a href=\"https://evil.example/\">";
        let told = "</a><span class=\"host\"> (evil.example)</span>";
        check(
            "<a href='https://evil.example/'>Go to <b>bank.example</b></a>.",
            &format!("{evil}Go to <b>bank.example</b>{told}."),
        );
        check(
            "<a href='https://evil.example/'>evil.example</a>",
            &format!("{evil}evil.example</a>"),
        );
        check("<a href='https://evil.example/'>a</a>", &format!("{evil}a</a>"));
    }

    #[test]
    fn marks_cannot_be_forged() {
        check("<a href=\"&#1;status/index.html\">x</a>", "<a>x</a>");
        check("<a href=\"&#x01status/index.html\">x</a>", "<a>x</a>");
        check("<a href=\"&\u{FFFF}#1;java&\u{FFFF}#1;script:alert(1)\">x</a>", "<a>x</a>");
        check("<a href=\"\u{1}status/index.html\">x</a>", "<a>x</a>");
        check("<b class=\"&#19;tag\">x</b>", "<b>x</b>");
        check("<b class=\"&#x13;tag\">x</b>", "<b>x</b>");
        check("<b class=\"&&#19;#19;tag\">x</b>", "<b>x</b>");
        check("<b class=\"\u{13}tag\">x</b>", "<b>x</b>");
    }
}
