//! A table of rules, and every feed of the example held against it.

use super::{example, ids, link};
use crate::hostile::holds::feed::{Element, read_xml};
use crate::hostile::holds::markup::tags;
use crate::support::{Tree, tree};
use chrono::DateTime;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A feed document of an edition.
struct Document<'d> {
    path: &'d str,
    feed: Element,
    /// What addresses of the edition begin with.
    base: &'d str,
    /// The files of the edition.
    tree: &'d Tree,
    /// The ids of all entries of all documents of the edition.
    known: &'d BTreeSet<String>,
}

/// What a rule asks for: its place, its words, and whether a document is as it asks.
type Rule = (&'static str, &'static str, fn(&Document<'_>) -> bool);

const RULES: &[Rule] = &[
    ("RFC 4287, 2", "the root is an Atom feed, with its language", |d| {
        d.feed.name == "feed"
            && d.feed.get("xmlns") == "http://www.w3.org/2005/Atom"
            && !d.feed.get("xml:lang").is_empty()
    }),
    ("RFC 4287, 4.1.1", "exactly one id, title and updated", |d| has_each(&d.feed)),
    ("RFC 4287, 4.1.1", "one link to itself and one to its page", |d| {
        let count = |rel| d.feed.all("link").filter(|link| link.get("rel") == rel).count();
        count("self") == 1
            && count("alternate") == 1
            && link(&d.feed, "self") == Some(&format!("{}{}", d.base, d.path))
            && d.leads_somewhere(link(&d.feed, "alternate").unwrap())
    }),
    ("RFC 4287, 4.1.1", "no two entries have one id", |d| {
        ids(&d.feed).into_iter().collect::<BTreeSet<_>>().len() == ids(&d.feed).len()
    }),
    ("RFC 4287, 4.1.2", "exactly one id, title and updated in every entry, and an author", |d| {
        d.feed.all("entry").all(|e| has_each(e) && !e.one("author").one("name").text.is_empty())
    }),
    ("RFC 4287, 4.1.1.1", "titles are not empty, and short", |d| {
        let sound = |text: &str| !text.trim().is_empty() && text.chars().count() <= 301;
        d.feed.all("entry").all(|e| sound(&e.one("title").text)) && sound(&d.feed.one("title").text)
    }),
    ("RFC 4287, 4.2.6", "ids are IRIs of which no address is part", |d| {
        let sound = |id: &String| id.starts_with("urn:uuid:") && !id.contains("localhost");
        ids(&d.feed).iter().all(sound) && sound(&d.feed.one("id").text)
    }),
    (
        "RFC 4287, 3.3",
        "dates have a T and a zone, and nothing is updated before it is published",
        |d| {
            d.feed.all("entry").all(|e| {
                let (published, updated) = (&e.one("published").text, &e.one("updated").text);
                let (p, u) = (date(published), date(updated));
                published.contains('T') && p.is_some() && p <= u
            })
        },
    ),
    ("RFC 4287, 4.2.15", "the feed was updated when its newest entry was", |d| {
        let newest = d.feed.all("entry").filter_map(|e| date(&e.one("updated").text)).max();
        newest == date(&d.feed.one("updated").text)
    }),
    ("RFC 4287, 4.2.7.2", "every entry leads to its page", |d| {
        d.feed.all("entry").all(|e| link(e, "alternate").is_some_and(|to| d.leads_somewhere(to)))
    }),
    ("RFC 4287, 4.2.7.6", "enclosures have type, length and title, and are there", |d| {
        d.feed.all("entry").all(|e| {
            e.all("link").filter(|link| link.get("rel") == "enclosure").all(|link| {
                let file = link.get("href").strip_prefix(d.base).and_then(|path| d.tree.get(path));
                file.is_some_and(|bytes| link.get("length") == bytes.len().to_string())
                    && link.get("type").contains('/')
                    && !link.get("title").is_empty()
            })
        })
    }),
    ("RFC 4287, 4.2.11", "entries of a merged feed say where they come from, others do not", |d| {
        d.feed.all("entry").all(|e| match (d.is_merged(), e.all("source").next()) {
            (true, Some(source)) => {
                has_each(source) && link(source, "self").is_some_and(|to| d.leads_somewhere(to))
            }
            (merged, source) => !merged && source.is_none(),
        })
    }),
    ("RFC 4287, 4.2.2", "tags have term, scheme and label", |d| {
        d.feed.all("entry").flat_map(|e| e.all("category")).all(|c| {
            !c.get("term").is_empty()
                && c.get("scheme") == format!("{}tags/", d.base)
                && !c.get("label").is_empty()
        })
    }),
    ("RFC 4287, 4.2.4", "the generator says its version", |d| {
        d.feed.one("generator").get("version") == env!("CARGO_PKG_VERSION")
    }),
    ("RFC 4287, 4.1.3.3", "the whole text is there, as HTML that could stand in a div", |d| {
        d.feed.all("entry").all(|e| {
            let content = e.one("content");
            content.get("type") == "html" && tags(&content.text).is_ok()
        })
    }),
    ("RFC 4287, 8.1", "nothing in it runs, and no address is relative", |d| {
        let loose = |name: &str| matches!(name, "src" | "href" | "poster" | "cite");
        d.feed.all("entry").flat_map(|e| tags(&e.one("content").text).unwrap()).all(|tag| {
            let absolute = |value: &str| {
                ["https://", "http://", "mailto:"].iter().any(|start| value.starts_with(start))
            };
            let sound = |name: &str, value: &str| {
                !name.starts_with("on") && (!loose(name) || absolute(value))
            };
            !matches!(tag.name.as_str(), "script" | "style" | "iframe" | "form" | "object")
                && tag.attributes.iter().all(|(n, v)| sound(n, v.as_deref().unwrap_or("")))
        })
    }),
    ("RFC 5005, 2", "a whole feed says so and has no archive", |d| {
        d.feed.all("fh:complete").count() == 0
            || (link(&d.feed, "prev-archive").is_none() && d.feed.all("fh:archive").count() == 0)
    }),
    (
        "RFC 5005, 4",
        "an archive says so, leads to the current document, and is no whole feed",
        |d| {
            let current = link(&d.feed, "current");
            match d.feed.all("fh:archive").count() {
                0 => current.is_none(),
                count => {
                    count == 1
                        && d.path.matches('/').count() == 2
                        && current
                            .is_some_and(|to| d.feed_at(to).is_some_and(|c| same_id(&c, &d.feed)))
                }
            }
        },
    ),
    ("RFC 5005, 4", "the archive before is there, is one, and has the id of the feed", |d| {
        link(&d.feed, "prev-archive").is_none_or(|to| {
            d.feed_at(to).is_some_and(|older| {
                same_id(&older, &d.feed) && older.all("fh:archive").count() == 1
            })
        })
    }),
    ("RFC 4685, 3", "what an entry answers is named by the id of an entry", |d| {
        d.feed.all("entry").flat_map(|e| e.all("thr:in-reply-to")).all(|answer| {
            let here = answer.get("href").starts_with(d.base);
            answer.get("ref").contains(':')
                && (!here
                    || (d.known.contains(answer.get("ref"))
                        && d.leads_somewhere(answer.get("href"))))
        })
    }),
    ("RFC 4685, 4", "where answers are found is a page", |d| {
        d.feed.all("entry").all(|e| link(e, "replies").is_some_and(|to| d.leads_somewhere(to)))
    }),
    (
        "RFC 6721, 3 and 4",
        "what is deleted is named with when, is not there, and no archive does so",
        |d| {
            let here = ids(&d.feed);
            let gone = || d.feed.all("at:deleted-entry");
            gone().all(|gone| {
                date(gone.get("when")).is_some()
                    && gone.get("ref").contains(':')
                    && here.iter().all(|id| id != gone.get("ref"))
            }) && gone().count() <= 50
                && (gone().count() == 0 || d.feed.all("fh:archive").count() == 0)
        },
    ),
    ("Namespaces in XML, 5", "prefixes that are used are declared", |d| {
        let names = d.feed.children.iter().chain(d.feed.all("entry").flat_map(|e| &e.children));
        names
            .filter_map(|e| e.name.split_once(':'))
            .all(|(prefix, _)| d.feed.attributes.contains_key(&format!("xmlns:{prefix}")))
    }),
];

impl Document<'_> {
    fn is_merged(&self) -> bool {
        ["feed.xml", "archive/", "tags/", "_/thread/"]
            .iter()
            .any(|start| self.path.starts_with(start))
    }

    fn leads_somewhere(&self, address: &str) -> bool {
        let Some(path) = address.strip_prefix(self.base) else { return false };
        let page = if path.is_empty() || path.ends_with('/') { "index.html" } else { "" };
        self.tree.contains_key(&format!("{path}{page}"))
    }

    fn feed_at(&self, address: &str) -> Option<Element> {
        Some(read_xml(self.tree.get(address.strip_prefix(self.base)?)?))
    }
}

fn has_each(element: &Element) -> bool {
    ["id", "title", "updated"].iter().all(|name| element.all(name).count() == 1)
}

fn same_id(left: &Element, right: &Element) -> bool {
    left.one("id").text == right.one("id").text
}

fn date(text: &str) -> Option<DateTime<chrono::FixedOffset>> {
    DateTime::parse_from_rfc3339(text).ok()
}

/// The editions of the example with what their addresses begin with.
const EDITIONS: [(&str, &str); 2] =
    [("public", "https://thrumble.example/"), ("reader", "http://localhost:8888/")];

#[test]
fn every_feed_of_the_example_is_as_the_standards_ask() {
    let example = example();
    // Of the newest in each box the second is deleted.
    for folder in ["corrections/outbox", "enquiry-desk/inbox"] {
        let files = tree(&example.at(folder));
        let messages: Vec<_> = files.keys().filter(|path| path.ends_with(".md")).collect();
        example.remove(&format!("{folder}/{}", messages[messages.len() - 2]));
    }
    example.build();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for (edition, base) in EDITIONS {
        let tree = example.edition(edition);
        let feeds: Vec<(&String, Element)> = tree
            .iter()
            .filter(|(path, _)| path.ends_with("feed.xml"))
            .map(|(path, bytes)| (path, read_xml(bytes)))
            .collect();
        let known = feeds.iter().flat_map(|(_, feed)| ids(feed)).collect();
        for (path, feed) in feeds {
            let document = Document { path, feed, base, tree: &tree, known: &known };
            for (section, words, holds) in RULES {
                assert!(holds(&document), "{edition}/{path}: {section}: {words}");
            }
            for mark in
                ["fh:archive", "fh:complete", "source", "thr:in-reply-to", "at:deleted-entry"]
            {
                let everywhere = document.feed.all("entry").flat_map(|e| e.all(mark));
                *kinds.entry(mark).or_default() +=
                    document.feed.all(mark).count() + everywhere.count();
            }
        }
    }
    assert!(kinds.values().all(|count| *count > 3), "there is something to check: {kinds:?}");
}

#[test]
fn every_json_feed_says_what_the_atom_feed_beside_it_says() {
    let example = example();
    let mut seen = 0;
    for (edition, base) in EDITIONS {
        let tree = example.edition(edition);
        for (path, bytes) in tree.iter().filter(|(path, _)| path.ends_with("feed.json")) {
            let json: Value = serde_json::from_slice(bytes).unwrap();
            let feed = read_xml(&tree[&path.replace("feed.json", "feed.xml")]);
            assert_eq!(json["version"], "https://jsonfeed.org/version/1.1");
            assert_eq!(json["feed_url"], format!("{base}{path}"));
            assert_eq!(json["home_page_url"].as_str(), link(&feed, "alternate"));
            assert_eq!(json["language"], feed.get("xml:lang"));
            let items = json["items"].as_array().unwrap();
            assert_eq!(items.len(), feed.all("entry").count());
            for (item, entry) in items.iter().zip(feed.all("entry")) {
                check_item(item, entry);
                seen += 1;
            }
        }
        // A document to subscribe to has both, an archive has Atom alone.
        for (path, bytes) in tree.iter().filter(|(path, _)| path.ends_with("feed.xml")) {
            let archive = read_xml(bytes).all("fh:archive").count() == 1;
            assert_ne!(archive, tree.contains_key(&path.replace(".xml", ".json")), "{path}");
        }
    }
    assert!(seen > 200, "{seen}");
}

#[track_caller]
fn check_item(item: &Value, entry: &Element) {
    let text = |key: &str| item[key].as_str();
    assert_eq!(text("id"), Some(&*entry.one("id").text));
    assert_eq!(text("url"), link(entry, "alternate"));
    assert_eq!(text("content_html"), Some(&*entry.one("content").text));
    assert_eq!(date(text("date_published").unwrap()), date(&entry.one("published").text));
    let modified = text("date_modified").unwrap_or_else(|| text("date_published").unwrap());
    assert_eq!(date(modified), date(&entry.one("updated").text));
    assert_eq!(item["authors"][0]["name"].as_str(), Some(&*entry.one("author").one("name").text));
    let tags = item["tags"].as_array().map_or(&[][..], Vec::as_slice);
    let labels: Vec<_> = entry.all("category").map(|c| c.get("label")).collect();
    assert_eq!(tags.iter().map(|tag| tag.as_str().unwrap()).collect::<Vec<_>>(), labels);
    let files = item["attachments"].as_array().map_or(&[][..], Vec::as_slice);
    let enclosures: Vec<_> = entry.all("link").filter(|l| l.get("rel") == "enclosure").collect();
    assert_eq!(files.len(), enclosures.len());
    for (file, enclosure) in files.iter().zip(enclosures) {
        assert_eq!(file["url"], enclosure.get("href"));
        assert_eq!(file["mime_type"], enclosure.get("type"));
        assert_eq!(file["size_in_bytes"].to_string(), enclosure.get("length"));
    }
}

#[test]
fn a_note_has_no_title_in_json_and_one_in_atom() {
    let base = crate::support::Base::of(
        "-- notes/outbox/2026-11-20T10-00-00Z.md\nLow tide at six. The gauge was dry.\n\
         -- notes/outbox/2026-11-21T10-00-00Z.md\n# Gauges\n\nAll of them.\n",
    );
    base.build();
    let json: Value = serde_json::from_str(&base.page("reader/notes/feed.json")).unwrap();
    let titles: Vec<_> = json["items"].as_array().unwrap().iter().map(|i| &i["title"]).collect();
    assert_eq!(titles, [&Value::from("Gauges"), &Value::Null]);
    let feed = super::feed(&base, "reader/notes/feed.xml");
    let titles: Vec<_> = feed.all("entry").map(|entry| entry.one("title").text.as_str()).collect();
    assert_eq!(titles, ["Gauges", "Low tide at six."]);
}

#[test]
fn every_page_leads_to_its_feeds_the_nearest_first() {
    let example = example();
    for (edition, _) in EDITIONS {
        let tree = example.edition(edition);
        let mut seen = 0;
        for (path, bytes) in tree.iter().filter(|(path, _)| path.ends_with(".html")) {
            let page = std::str::from_utf8(bytes).unwrap();
            let found = feeds_of(page);
            let up = "../".repeat(path.matches('/').count());
            let first = path.split('/').next().unwrap();
            let own = tree.contains_key(&format!("{first}/feed.xml"));
            let mut expect = Vec::new();
            if let Some(thread) = path.strip_prefix("_/thread/") {
                expect.push(format!("{up}_/thread/{}/feed.xml", thread.trim_end_matches(".html")));
            }
            if own {
                expect.push(format!("{up}{first}/feed.xml"));
            }
            expect.push(format!("{up}feed.xml"));
            if path == "404.html" {
                continue;
            }
            let mut parts = path.split('/');
            if let (Some("tags"), Some(tag), Some(_)) = (parts.next(), parts.next(), parts.next())
                && tree.contains_key(&format!("tags/{tag}/feed.xml"))
            {
                expect.insert(0, format!("{up}tags/{tag}/feed.xml"));
            }
            assert_eq!(found, expect, "{edition}/{path}");
            assert_eq!(page.matches("application/feed+json").count(), expect.len());
            seen += 1;
        }
        assert!(seen > 50);
    }
}

fn feeds_of(page: &str) -> Vec<&str> {
    let links = page.split("<link rel=\"alternate\" type=\"application/atom+xml\"").skip(1);
    links.map(|link| link.split("href=\"").nth(1).unwrap().split('"').next().unwrap()).collect()
}

#[test]
fn a_page_says_in_microformats_what_its_feed_says() {
    let base = crate::support::Base::of(
        "-- handbill.toml\npublic = [\"notes\"]\nbase_url = \"https://site.example/\"\n\
         -- notes/outbox/channel.toml\n[[author]]\nname = \"Odo\"\nuri = \"https://odo.example/\"\n\
         -- notes/outbox/2026-11-20T10-00-00Z.md\nLow tide. #gauge\n\
         -- notes/outbox/2026-11-21T10-00-00Z.md\n+++\ntitle = \"Gauges\"\nupdated = 2026-11-22T10:00:00Z\n\
         in_reply_to = \"https://site.example/notes/2026-11-20T10-00-00Z.html\"\n+++\nAll. #gauge\n",
    );
    base.build();
    let note = base.page("public/notes/2026-11-20T10-00-00Z.html");
    let title = base.page("public/notes/2026-11-21T10-00-00Z.html");
    let id = &ids(&super::feed(&base, "public/notes/feed.xml"))[0];
    for mark in
        ["\"h-entry ", "p-author h-card", "dt-published", "e-content", "p-category", "u-url"]
    {
        assert!(note.contains(mark) && title.contains(mark), "{mark}");
    }
    assert!(title.contains(&format!("class=\"u-uid\" value=\"{id}\"")), "{title}");
    assert!(title.contains("<h1 class=\"p-name\"") && !note.contains("<h1 class=\"p-name\""));
    assert!(title.contains("class=\"dt-updated\" datetime=\"2026-11-22T10:00:00Z\""));
    assert!(title.contains("class=\"u-in-reply-to\" href=\"../notes/2026-11-20T10-00-00Z.html\""));
    let list = base.page("public/notes/index.html");
    assert!(
        list.contains("class=\"h-feed\"") && list.matches("<article class=\"h-entry ").count() == 2
    );
    for (mark, value) in [
        ("og:title", "Gauges"),
        ("og:type", "article"),
        ("og:url", "https://site.example/notes/2026-11-21T10-00-00Z.html"),
        ("article:published_time", "2026-11-21T10:00:00+00:00"),
        ("article:modified_time", "2026-11-22T10:00:00+00:00"),
    ] {
        let tag = format!("<meta property=\"{mark}\" content=\"{value}\">");
        assert!(title.contains(&tag), "{tag}: {title}");
    }
    let reader = base.page("reader/notes/2026-11-21T10-00-00Z.html");
    assert!(
        !reader.contains("og:title")
            && reader.contains("<meta name=\"robots\" content=\"noindex\">")
    );
}
