//! Links of which the text names another host than the one they lead to.

use super::words_into;
use crate::text::unescape;
use crate::web::WebUrl;

/// Returns the host that a link leads to, if its text looks like the address of another one.
pub fn deceptive_host(url: &WebUrl, text: &str) -> Option<String> {
    let host = url.host();
    let is_other = |claimed: String| host != claimed && host != format!("www.{claimed}");
    text.split_whitespace().filter_map(claimed_host).any(is_other).then_some(host)
}

/// Returns the host that a word names, where it looks like an address.
fn claimed_host(word: &str) -> Option<String> {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let bare = word.split(['/', '?', '#']).next().unwrap_or(word);
    let is_top = |top: &str| top.len() > 1 && top.chars().all(char::is_alphabetic);
    let dotted = bare.contains('.') && bare.rsplit('.').next().is_some_and(is_top);
    let url = if word.contains("://") { word.to_owned() } else { format!("https://{bare}/") };
    (word.contains("://") || dotted).then(|| WebUrl::parse(&url).map(|url| url.host()))?
}

/// Names the true host behind each link of cleaned HTML whose text names another one.
pub(super) fn name_hosts(html: &str) -> String {
    const OPEN: &str = "<a ";
    const CLOSE: &str = "</a>";
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(OPEN) {
        let start = at + super::clean::tag_end(&rest[at..]);
        let Some(length) = rest[start..].find(CLOSE) else { break };
        let (tag, inner) = (&rest[at..start], &rest[start..start + length]);
        let end = start + length + CLOSE.len();
        out.push_str(&rest[..end]);
        let url = super::clean::value_of(tag, "href").and_then(|url| WebUrl::parse(&unescape(url)));
        // Links to this machine and into the site name nobody.
        let mut words = String::new();
        words_into(&mut words, inner);
        if let Some(host) = url.and_then(|url| deceptive_host(&url, &words)) {
            out.push_str("<span class=\"host\"> (");
            crate::text::escape_into(&mut out, &host);
            out.push_str(")</span>");
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}
