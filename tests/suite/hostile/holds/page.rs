//! What must hold of a page.

use super::markup::{Tag, is_site_path, tags};
use std::collections::BTreeSet;

/// Elements that no page of ours has.
const FORBIDDEN: &str = "style iframe frame frameset object embed applet base form input textarea \
    button select template noscript math marquee portal";

/// Asserts that a page is whole and calls nobody.
#[track_caller]
pub fn assert_page(path: &str, html: &str) {
    // The one comment of ours, once: `serve` puts its links in its place.
    let html = &html.replacen("<!--handbill:write-->", "", 1);
    let tags = tags(html).unwrap_or_else(|why| panic!("{path}: {why}"));
    let mut ids = BTreeSet::new();
    let mut policy = None;
    let mut open: Vec<&str> = Vec::new();
    for tag in &tags {
        if tag.closes {
            assert_eq!(open.pop(), Some(&*tag.name), "{path}: </{}>", tag.name);
            continue;
        }
        if !tag.is_void() {
            open.push(&tag.name);
        }
        // Two pages of the program itself have fields and buttons, which send nothing: the policy
        // lets no form be sent.
        let controls =
            ["_/reading/index.html", "search/index.html"].iter().any(|own| path.ends_with(own))
                && matches!(tag.name.as_str(), "form" | "input" | "button" | "select");
        assert!(
            controls || !FORBIDDEN.split_whitespace().any(|name| name == tag.name),
            "{path}: <{}>",
            tag.name
        );
        for (name, value) in &tag.attributes {
            let value = value.as_deref().unwrap_or("");
            assert!(!name.starts_with("on") && name != "style", "{path}: {name}={value:?}");
            assert!(name != "id" || ids.insert(value.to_owned()), "{path}: two ids {value:?}");
            match name.as_str() {
                "src" if tag.name == "script" => assert_link(path, tag, value),
                "src" | "poster" | "data" | "srcset" => {
                    assert!(is_site_path(value), "{path}: {name}={value:?} of {}", tag.name);
                }
                "href" if tag.name == "link" => assert_link(path, tag, value),
                "href" => assert!(is_followed(value), "{path}: href={value:?}"),
                _ => {}
            }
        }
        if tag.get("http-equiv") == Some("Content-Security-Policy") {
            policy = tag.get("content").map(str::to_owned);
        } else {
            let loads = matches!(tag.name.as_str(), "link" | "script" | "body");
            assert!(!loads || policy.is_some(), "{path}: <{}> before the policy", tag.name);
            assert!(tag.get("http-equiv").is_none(), "{path}: {tag:?}");
        }
    }
    assert_eq!(open, [""; 0], "{path}");
    let policy = policy.unwrap_or_else(|| panic!("{path} has no policy"));
    assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
    for lax in ["unsafe", "*", "data:", "http", "blob:"] {
        assert!(!policy.contains(lax), "{path}: {policy}");
    }
}

/// A `<link>` leads into the site; only the one that names the page's own address is absolute.
#[track_caller]
fn assert_link(path: &str, tag: &Tag, value: &str) {
    let canonical =
        tag.get("rel") == Some("canonical") && value.starts_with("https://example.org/site/");
    let local = value.strip_prefix("/site").or(value.strip_prefix("https://example.org/site"));
    let not_found = path == "404.html"
        && local.or(Some(value)).is_some_and(|v| is_site_path(v.trim_start_matches('/')));
    assert!(canonical || not_found || is_site_path(value), "{path}: <link href={value:?}>");
}

fn is_followed(value: &str) -> bool {
    let plain = !value.contains(|c: char| c.is_control() || matches!(c, '\\' | '"' | '<' | '>'));
    let fragment = value.strip_prefix('#').is_some_and(|id| !id.is_empty());
    let away = ["https://", "http://", "mailto:"].iter().any(|scheme| value.starts_with(scheme));
    // `404.html` is shown at any address, so that its links begin at the top of the site.
    let top = value.starts_with('/') && !value.starts_with("//") && is_site_path(&value[1..]);
    // A day of a calendar is a place in a list.
    let day = value.split_once("#d-").is_some_and(|(page, date)| {
        is_site_path(page) && date.bytes().all(|b| b.is_ascii_digit() || b == b'-')
    });
    plain && (fragment || away || top || day || is_site_path(value))
}
