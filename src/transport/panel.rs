//! Reads the ways to subscribe out of a saved page of a channel.
//!
//! A page says them by elements with `data-subscribe` (`docs/format.md`, section 11). The page is a
//! stranger's: of all it holds, only what has the form of a key or link is taken.

use crate::config::{NoWay, Subscribe};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use std::cell::RefCell;

/// What a saved page says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Panel {
    /// The ways to subscribe whose form is known, each once.
    pub ways: Vec<Subscribe>,
    /// Whether there was one that must not be used: its holder could write.
    pub had_writing: bool,
    /// Where the page is read, in a feed that names it.
    pub page: Option<String>,
}

/// How many ways of a page are looked at.
const MOST: usize = 50;

/// Reads a page or a feed. Never fails: a text that is neither says nothing.
pub fn read(text: &str) -> Panel {
    if let Some(panel) = of_json_feed(text) {
        return panel;
    }
    let sink = Sink(RefCell::new(Found::default()));
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(text));
    // It would stop at a script only if the sink said so.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.take().panel
}

/// Returns what a JSON Feed says, if the text is one: where its page is read, and in our extension
/// how to subscribe.
fn of_json_feed(text: &str) -> Option<Panel> {
    #[derive(serde::Deserialize)]
    struct Feed {
        version: String,
        home_page_url: String,
        #[serde(default, rename = "_handbill")]
        own: serde_json::Value,
    }
    let text = text.trim_start_matches('\u{FEFF}').trim_start();
    let feed: Feed = serde_json::from_str(text.starts_with('{').then_some(text)?).ok()?;
    let page = crate::web::WebUrl::parse(&feed.home_page_url)?;
    if !feed.version.contains("jsonfeed.org/version/") {
        return None;
    }
    let mut found = Found::default();
    found.panel.page = Some(page.to_string());
    for way in feed.own["subscribe"].as_array().into_iter().flatten() {
        let text = |key: &str| way[key].as_str().map(str::to_owned);
        let Some(tool) = text("transport") else { continue };
        found.way(&tool, ["key", "link"].into_iter().filter_map(text));
    }
    Some(found.panel)
}

#[derive(Debug, Default)]
struct Found {
    panel: Panel,
    looked_at: usize,
}

struct Sink(RefCell<Found>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        if let Token::TagToken(tag) = token
            && tag.kind == TagKind::StartTag
        {
            self.0.borrow_mut().take(&tag);
        }
        TokenSinkResult::Continue
    }
}

impl Found {
    fn take(&mut self, tag: &Tag) {
        let attribute = |name: &str| {
            let found = tag.attrs.iter().find(|attribute| &*attribute.name.local == name);
            found.map(|attribute| attribute.value.to_string())
        };
        if &*tag.name == "link" && self.panel.page.is_none() {
            let is_page = attribute("rel").is_none_or(|rel| rel == "alternate")
                && attribute("type").is_some_and(|kind| kind == "text/html");
            let page = attribute("href").and_then(|href| crate::web::WebUrl::parse(&href));
            self.panel.page = page.filter(|_| is_page).map(|page| page.to_string());
        }
        let Some(tool) = attribute("data-subscribe") else { return };
        self.way(&tool, ["data-key", "data-link"].into_iter().filter_map(attribute));
    }

    fn way(&mut self, tool: &str, given: impl Iterator<Item = String>) {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b' ');
        let tool = (tool.len() <= 32 && tool.bytes().all(plain)).then_some(tool);
        for given in given {
            if self.looked_at == MOST {
                return;
            }
            self.looked_at += 1;
            match Subscribe::given(&given, tool) {
                Ok(way) if !self.panel.ways.contains(&way) => self.panel.ways.push(way),
                Err(NoWay::Writing) => self.panel.had_writing = true,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "B2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3";
    const LINK: &str =
        "syncthing:n@P56IOI7-MZJNU2Y-IQGDREY-DM2MGTI-MGL3BXN-PQ6W5BM-TBBZ4TJ-XZWICQ2";

    fn texts(html: &str) -> Vec<String> {
        read(html).ways.iter().map(|way| way.text().to_owned()).collect()
    }

    #[test]
    fn a_panel_is_read() {
        let html = format!(
            "<!doctype html><script>x</script><dl><div data-subscribe=\"resilio\" data-key=\"{KEY}\">\
             <dt>x</dt></div><div data-subscribe=syncthing data-link='{LINK}'/><p \
             DATA-SUBSCRIBE=syncthing data-link={LINK}>"
        );
        assert_eq!(texts(&html), [KEY, LINK]);
    }

    #[test]
    fn of_a_hostile_page_only_what_has_a_form_is_taken() {
        let writing = KEY.replacen('B', "A", 1);
        for html in [
            format!("<p data-key=\"{KEY}\">{KEY}</p>"),
            format!("<!-- <p data-subscribe=x data-key={KEY}> -->"),
            "<p data-subscribe=syncthing data-link='javascript:alert(1)'>".to_owned(),
            "<p data-subscribe=\"x; rm -rf /\" data-link='https://example.org/'>".to_owned(),
            "<p data-subscribe=syncthing data-link='syncthing:../../x@y'>".to_owned(),
            "<p data-subscribe=x data-link='file:///etc/passwd'>".to_owned(),
            "<".to_owned(),
            "\0\u{FFFD}<p data-subscribe".to_owned(),
        ] {
            assert_eq!(read(&html), Panel::default(), "{html}");
        }
        let panel = read(&format!("<p data-subscribe=resilio data-key={writing}>"));
        assert!(panel.ways.is_empty() && panel.had_writing);
        assert!(!format!("{panel:?}").contains(&writing));
        let many: String = (0..1000)
            .map(|n| format!("<p data-subscribe=git data-link=https://example.org/{n}.git>"))
            .collect();
        assert_eq!(texts(&many).len(), MOST);
    }

    #[test]
    fn a_feed_says_how_to_subscribe_too() {
        let feed = format!(
            "<?xml version=\"1.0\"?><feed xmlns=\"http://www.w3.org/2005/Atom\" xmlns:folder=\"x\">\
             <folder:subscribe data-subscribe=\"resilio\" data-key=\"{KEY}\"/>\
             <folder:subscribe data-subscribe=\"syncthing\" data-link=\"{LINK}\"/></feed>"
        );
        assert_eq!(texts(&feed), [KEY, LINK]);
        let writing = KEY.replacen('B', "A", 1);
        let feed = format!(
            "{{\"version\":\"https://jsonfeed.org/version/1.1\",\"home_page_url\":\"https://e.example/\",\
             \"_handbill\":{{\"subscribe\":[{{\"transport\":\"resilio\",\"key\":\"{KEY}\"}},5,{{}},\
             {{\"transport\":\"syncthing\",\"key\":null,\"link\":\"{LINK}\"}},\
             {{\"transport\":\"resilio\",\"key\":\"{writing}\"}},{{\"transport\":5,\"key\":\"R\"}}]}}}}"
        );
        let panel = read(&feed);
        assert_eq!(texts(&feed), [KEY, LINK]);
        assert!(panel.had_writing && panel.page.as_deref() == Some("https://e.example/"));
        for odd in ["[]", "5", "null", "{\"subscribe\":{}}"] {
            let feed = format!(
                "{{\"version\":\"https://jsonfeed.org/version/1.1\",\"home_page_url\":\"https://e.example/\",\
                 \"_handbill\":{odd}}}"
            );
            assert!(read(&feed).ways.is_empty() && read(&feed).page.is_some(), "{odd}");
        }
    }

    #[test]
    fn a_feed_names_its_page() {
        let feed = "<?xml version=\"1.0\"?><feed xmlns=\"http://www.w3.org/2005/Atom\">\
                    <link rel=\"self\" href=\"https://example.org/notes/feed.xml\"/>\
                    <link rel=\"alternate\" type=\"text/html\" href=\"https://example.org/notes/\"/>";
        assert_eq!(read(feed).page.as_deref(), Some("https://example.org/notes/"));
        let feed = "{\"version\":\"https://jsonfeed.org/version/1.1\",\
                    \"home_page_url\":\"https://example.org/notes/\",\"items\":[]}";
        assert_eq!(read(feed).page.as_deref(), Some("https://example.org/notes/"));
        assert_eq!(read(&feed.replace("https://example.org", "file://")), Panel::default());
        assert_eq!(read(&feed.replace("jsonfeed", "nofeed")), Panel::default());
    }
}
