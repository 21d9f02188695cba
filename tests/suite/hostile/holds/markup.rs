//! A strict reader of HTML as this program writes it, and what must hold of it.
//!
//! It knows one spelling only: `<name attribute="value">`, `</name>`, every other `<` and `>`
//! escaped. What it accepts no browser reads in another way, so that it needs no HTML parser to
//! tell that a text is safe.

use std::collections::BTreeSet;

/// A tag.
#[derive(Debug, Clone)]
pub struct Tag {
    /// Its name.
    pub name: String,
    /// Whether it closes an element.
    pub closes: bool,
    /// Its attributes with their values unescaped; none for one without a value.
    pub attributes: Vec<(String, Option<String>)>,
}

impl Tag {
    /// Returns the value of an attribute.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name)?;
        found.1.as_deref()
    }

    /// Returns whether the element has no end.
    pub fn is_void(&self) -> bool {
        VOID.contains(&&*self.name)
    }
}

const VOID: &[&str] = &["br", "hr", "img", "meta", "link", "wbr", "col", "input", "track"];

/// Returns the tags of some HTML, or what about it is not of the one spelling.
pub fn tags(html: &str) -> Result<Vec<Tag>, String> {
    let mut tags = Vec::new();
    let mut rest = html.strip_prefix("<!doctype html>").unwrap_or(html);
    while let Some(at) = rest.find(['<', '>']) {
        if rest[at..].starts_with('>') {
            return Err(format!("a loose `>` after {:?}", piece(&rest[..at])));
        }
        let (tag, len) = tag(&rest[at..]).ok_or_else(|| {
            format!("no tag of ours: {:?}", rest[at..].get(..60.min(rest.len() - at)))
        })?;
        tags.push(tag);
        rest = &rest[at + len..];
    }
    Ok(tags)
}

fn piece(text: &str) -> &str {
    &text[text.ceil_char_boundary(text.len().saturating_sub(40))..]
}

/// Returns the tag that `html` begins with, and its length.
fn tag(html: &str) -> Option<(Tag, usize)> {
    let mut at = 1;
    let closes = html[at..].starts_with('/');
    at += usize::from(closes);
    let name_end =
        at + html[at..].find(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit())?;
    let name = html[at..name_end].to_owned();
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        return None;
    }
    at = name_end;
    let mut attributes = Vec::new();
    while !html[at..].starts_with('>') {
        at += html[at..].strip_prefix(' ').map(|_| 1)?;
        let len = html[at..].find(|c: char| !c.is_ascii_lowercase() && c != '-')?;
        let attribute = html[at..at + len].to_owned();
        at += len;
        if attribute.is_empty() || closes {
            return None;
        }
        let Some(value) = html[at..].strip_prefix("=\"") else {
            attributes.push((attribute, None));
            continue;
        };
        let len = value.find('"')?;
        if value[..len].contains(['<', '>']) {
            return None;
        }
        attributes.push((attribute, Some(unescape(&value[..len]))));
        at += 2 + len + 1;
    }
    Some((Tag { name, closes, attributes }, at + 1))
}

/// Undoes references to characters, as a browser does in a quoted value.
pub fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(';').unwrap_or(0);
        let meant = match &rest[..end] {
            "&amp" => Some('&'),
            "&lt" => Some('<'),
            "&gt" => Some('>'),
            "&quot" => Some('"'),
            "&apos" => Some('\''),
            "&nbsp" => Some('\u{A0}'),
            number => number.strip_prefix("&#").and_then(|digits| {
                let hex = digits.strip_prefix(['x', 'X']);
                let code = hex.map_or_else(|| digits.parse(), |hex| u32::from_str_radix(hex, 16));
                code.ok().and_then(char::from_u32)
            }),
        };
        match meant {
            Some(c) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

/// Elements that a body may have.
const ELEMENTS: &str = "a abbr audio b bdi bdo blockquote br caption center cite code col colgroup \
    dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark \
    ol p pre q rp rt ruby s samp section small span strong sub summary sup table tbody td tfoot th \
    thead time tr track u ul var video wbr";

/// Attributes that an element of a body may have; those of `*` every one.
const ATTRIBUTES: &[(&str, &str)] = &[
    ("*", "lang dir title class id"),
    ("a", "href aria-label"),
    ("audio", "src controls preload"),
    ("video", "src controls preload poster width height"),
    ("track", "src kind srclang label"),
    ("img", "src srcset sizes alt width height loading decoding"),
    ("ol", "start"),
    ("td", "colspan rowspan"),
    ("th", "colspan rowspan scope"),
    ("details", "open"),
    ("time", "datetime"),
    ("span", "role aria-label"),
    ("section", "aria-label"),
    ("pre", "tabindex"),
    ("div", "tabindex role aria-label"),
];

const CLASSES: &str = "tag remote missing footnotes footnote-ref footnote-back alert note tip \
    important warning caution alert-title align-left align-center align-right task done open table \
    host link picture";

/// Classes that a piece of code may have: `handbill::code::Class`.
const CODE: &str = "a c d f g i k n o p s t v";

/// Asserts that a body is safe wherever it stands: known elements with known attributes, properly
/// nested, ids of its own, addresses that lead to pages of the site, to web pages or to a mailbox.
#[track_caller]
pub fn assert_safe(html: &str, prefix: &str, source: &str) {
    if let Err(why) = check(html, prefix) {
        panic!("{why}\n  source: {source:?}\n  html: {html}");
    }
}

fn check(html: &str, prefix: &str) -> Result<(), String> {
    if let Some(c) = html.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')) {
        return Err(format!("holds the control character {c:?}"));
    }
    let mut open: Vec<String> = Vec::new();
    for tag in tags(html)? {
        if tag.closes {
            let last = open.pop();
            if last.as_ref() != Some(&tag.name) {
                return Err(format!("</{}> closes {last:?}", tag.name));
            }
            continue;
        }
        check_tag(&tag, prefix)?;
        if !tag.is_void() {
            open.push(tag.name);
        }
    }
    if open.is_empty() { Ok(()) } else { Err(format!("{open:?} stay open")) }
}

fn check_tag(tag: &Tag, prefix: &str) -> Result<(), String> {
    let has = |words: &str, word: &str| words.split_whitespace().any(|known| known == word);
    if !has(ELEMENTS, &tag.name) {
        return Err(format!("the element {}", tag.name));
    }
    let mut seen = BTreeSet::new();
    for (name, value) in &tag.attributes {
        let known = |(element, names): &(&str, &str)| {
            (*element == "*" || *element == tag.name) && has(names, name)
        };
        if !ATTRIBUTES.iter().any(known) || !seen.insert(name) {
            return Err(format!("the attribute {name} of {}", tag.name));
        }
        let value = value.as_deref().unwrap_or("");
        if value.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return Err(format!("a control character in {name}={value:?}"));
        }
        let sound = match name.as_str() {
            "href" | "src" | "poster" => is_safe_address(&tag.name, value, prefix),
            "srcset" => value.split(", ").all(is_version),
            "class" if tag.name == "span" && has(CODE, value) => true,
            "id" => is_id(value, prefix),
            "class" => {
                value.split_whitespace().all(|class| has(CLASSES, class) || is_language(class))
            }
            "width" | "height" | "colspan" | "rowspan" => value.parse::<u32>().is_ok(),
            "start" => value.parse::<u64>().is_ok(),
            _ => true,
        };
        if !sound {
            return Err(format!("{name}={value:?} of {}", tag.name));
        }
    }
    Ok(())
}

/// Returns whether something is a path and a width, as in a `srcset`.
fn is_version(candidate: &str) -> bool {
    let sound = |(path, width): (&str, &str)| {
        is_site_path(path) && width.strip_suffix('w').is_some_and(|w| w.parse::<u32>().is_ok())
    };
    candidate.split_once(' ').is_some_and(sound)
}

fn is_language(class: &str) -> bool {
    let sound = |c: char| c.is_ascii_alphanumeric() || "+#_-".contains(c);
    class
        .strip_prefix("language-")
        .is_some_and(|l| (1..=32).contains(&l.len()) && l.chars().all(sound))
}

fn is_id(value: &str, prefix: &str) -> bool {
    let sound = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let rest = value.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-'));
    rest.is_some_and(|rest| !rest.is_empty() && rest.chars().all(sound))
}

fn is_safe_address(element: &str, value: &str, prefix: &str) -> bool {
    let odd = |c: char| c.is_whitespace() || c.is_control() || "\"<>\\`{}|^".contains(c);
    if let Some(fragment) = value.strip_prefix('#') {
        return element == "a" && is_id(fragment, prefix);
    }
    if let Some(rest) = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://")) {
        // Nothing of another host is ever loaded: it can only be linked to.
        return element == "a"
            && !rest.starts_with(['/', '?', '#'])
            && !rest.contains(|c: char| c == '\\' || c.is_control());
    }
    if value.starts_with("mailto:") {
        return element == "a" && !value.contains(char::is_control);
    }
    is_site_path(value) && !value.contains(odd)
}

/// Returns whether an address is a path as the program makes them: relative, of plain letters.
pub fn is_site_path(value: &str) -> bool {
    let path = value.trim_start_matches("../");
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    !path.is_empty()
        && path.chars().all(plain)
        && path.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}

#[test]
fn the_reader_is_strict() {
    for sound in [
        "",
        "a &lt; b",
        "<p class=\"tag\" id=\"m1-x\">x<br></p>",
        "<a href=\"../a/b.html\">x</a>",
        "<a href=\"#m1-n1\">1</a>",
        "<a href=\"https://example.org/?a=1&amp;b\">x</a>",
        "<img src=\"a/b.png\" alt=\"x\">",
    ] {
        assert_eq!(check(sound, "m1"), Ok(()), "{sound}");
    }
    for bad in [
        "a < b",
        "a > b",
        "<P>x</P>",
        "<p",
        "<p>x",
        "x</p>",
        "<p><b>x</p></b>",
        "<script>x</script>",
        "<p onclick=\"x\">x</p>",
        "<p style=\"x\">x</p>",
        "<p class=nav>x</p>",
        "<p class=\"nav\">x</p>",
        "<p id=\"main\">x</p>",
        "<p id=\"m1\">x</p>",
        "<p title=\"a>b\">x</p>",
        "<p/title=\"x\">x</p>",
        "<a href=\"javascript:x\">x</a>",
        "<a href=\"&#106;avascript:x\">x</a>",
        "<a href=\"/compose\">x</a>",
        "<a href=\"//host/x\">x</a>",
        "<a href=\"?x\">x</a>",
        "<a href=\"\">x</a>",
        "<a href=\"#main\">x</a>",
        "<a href=\"a/../../b\">x</a>",
        "<img src=\"https://example.org/x\">",
        "<img src=\"data:x\">",
        "<a href=\"x\" href=\"y\">x</a>",
        "<!-- x -->",
        "\u{1}",
    ] {
        assert!(check(bad, "m1").is_err(), "{bad}");
    }
}
