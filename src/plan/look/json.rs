//! Addresses in a JSON Feed.

use super::{Private, attributes};
use serde_json::Value;

/// Returns whether an address that the program wrote leads into a private folder. What is not JSON
/// does, to be safe.
pub(super) fn leads_in(bytes: &[u8], base: Option<&str>, private: &Private) -> bool {
    let Ok(feed) = serde_json::from_slice::<Value>(bytes) else { return true };
    let private = Look { base, private };
    private.is_any_in(&feed, &["home_page_url", "feed_url", "icon"])
        || private.is_author_in(&feed)
        || each(&feed, "items").any(|item| private.is_item_in(item))
}

struct Look<'l> {
    base: Option<&'l str>,
    private: &'l Private,
}

impl Look<'_> {
    fn is_item_in(&self, item: &Value) -> bool {
        let html = item["content_html"].as_str().unwrap_or_default();
        self.is_any_in(item, &["url"])
            || self.is_author_in(item)
            || each(item, "attachments").any(|file| self.is_any_in(file, &["url"]))
            || attributes::lead_in(html.as_bytes(), None, self.base, self.private)
    }

    /// An author's `url` is his own word; the picture is one of his box.
    fn is_author_in(&self, of: &Value) -> bool {
        each(of, "authors").any(|author| self.is_any_in(author, &["avatar"]))
    }

    fn is_any_in(&self, of: &Value, keys: &[&str]) -> bool {
        let values = keys.iter().filter_map(|key| of[*key].as_str());
        let paths = values.filter_map(|value| match self.base {
            Some(base) => value.strip_prefix(base),
            None => Some(value).filter(|value| !value.contains(':')),
        });
        paths.into_iter().any(|path| self.private.holds(path.as_bytes()))
    }
}

fn each<'v>(of: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    of[key].as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(feed: &str, expect: bool) {
        let private = Private::new([("Mira", "mira-1f")]);
        assert_eq!(
            leads_in(feed.as_bytes(), Some("https://e.example/"), &private),
            expect,
            "{feed}"
        );
        let relative = feed.replace("https://e.example/", "../");
        assert_eq!(leads_in(relative.as_bytes(), None, &private), expect, "{relative}");
    }

    #[test]
    fn what_the_program_wrote_is_looked_at() {
        check(r#"{"feed_url":"https://e.example/mira/feed.json"}"#, true);
        check(r#"{"items":[{"url":"https://e.example/mira-1f/x.html"}]}"#, true);
        check(r#"{"items":[{"attachments":[{"url":"https://e.example/mira/p.png"}]}]}"#, true);
        check(r#"{"items":[{"authors":[{"avatar":"https://e.example/mira/p.png"}]}]}"#, true);
        check(r#"{"items":[{"content_html":"<img src=\"../mira/p.png\">"}]}"#, true);
        check(r#"{"feed_url":"https://e.example/notes/feed.json","items":[{}]}"#, false);
    }

    #[test]
    fn what_authors_wrote_is_their_own_word() {
        check(r#"{"authors":[{"url":"https://e.example/mira/"}]}"#, false);
        check(
            r#"{"items":[{"title":"https://e.example/mira/","id":"https://e.example/mira/"}]}"#,
            false,
        );
    }

    #[test]
    fn what_cannot_be_read_is_not_published() {
        check("{", true);
    }
}
