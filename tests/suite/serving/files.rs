//! Files, their types, their states and parts of them.

use super::client::Served;
use std::time::{Duration, Instant};

const TRACK: &str = "/notes/2026-11-23T10-15-30Z-low-tide/track.txt";
const MIRA: &str = "/mira/in/2026-11-24T08-02-11Z-kvpe";

#[test]
fn folders_have_one_address() {
    let served = Served::new();
    let answer = served.ask("GET /notes");
    assert_eq!((answer.status, answer.header("location")), (308, "/notes/"));
    assert_eq!(served.ask("GET /notes/").status, 200);
    assert_eq!(served.ask("GET /notes/").body, served.ask("GET /notes/index.html").body);
    assert_eq!(served.ask("GET /favicon.ico").status, 204);
}

#[test]
fn types_are_those_that_work() {
    let served = Served::new();
    for (path, media_type) in [
        ("/", "text/html; charset=utf-8"),
        ("/nothing", "text/html; charset=utf-8"),
        ("/feed.xml", "application/xml; charset=utf-8"),
        ("/notes/feed.json", "application/feed+json; charset=utf-8"),
        ("/subscriptions.opml", "text/x-opml; charset=utf-8"),
        ("/assets/style.css", "text/css; charset=utf-8"),
        ("/_app/live.js", "text/javascript; charset=utf-8"),
        (TRACK, "text/plain; charset=utf-8"),
        (&format!("{MIRA}/sea.png"), "image/png"),
    ] {
        assert_eq!(served.ask(&format!("GET {path}")).header("content-type"), media_type, "{path}");
    }
}

#[test]
fn files_of_boxes_are_put_in_a_sandbox() {
    let served = Served::new();
    let saved = |name: &str| format!("attachment; filename=\"{name}\"");
    let mut seen = 0;
    for path in crate::support::tree(&served.base.at("_site/reader")).into_keys() {
        let Some((_, name)) = path.split_once("Z-kvpe/") else { continue };
        let answer = served.ask(&format!("GET /{path}"));
        assert_eq!(answer.status, 200, "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("sandbox; default-src 'none'"), "{path}: {policy}");
        assert!(!answer.header("content-type").contains("html"), "{path}");
        let disposition = answer.header("content-disposition");
        match name {
            "paper.pdf" => assert_eq!(disposition, saved(name)),
            _ => assert_eq!(disposition, "", "{path}"),
        }
        seen += 1;
    }
    assert_eq!(seen, 4);
    let own = served.ask(&format!("GET {TRACK}"));
    assert!(own.header("content-security-policy").starts_with("sandbox;"));
    let asset = served.ask("GET /assets/style.css");
    assert_eq!(asset.status, 200);
    assert!(!asset.header("content-security-policy").contains("sandbox"));
}

#[test]
fn who_has_a_file_is_not_sent_it_again() {
    let served = Served::new();
    for path in ["/", "/feed.xml", "/feed.json", "/subscriptions.opml", TRACK, "/assets/style.css"]
    {
        let answer = served.ask(&format!("GET {path}"));
        let (tag, date) = (answer.header("etag"), answer.header("last-modified"));
        assert!(tag.starts_with('"') && date.ends_with("GMT"), "{path}: {tag} {date}");
        assert_eq!(answer.header("cache-control"), "no-cache", "{path}");
        for condition in [
            format!("if-none-match: {tag}"),
            format!("if-none-match: \"x\", W/{tag}"),
            format!("if-modified-since: {date}"),
            format!("if-none-match: {tag}\nif-modified-since: Thu, 01 Jan 1970 00:00:00 GMT"),
        ] {
            let again = served.ask(&format!("GET {path}\n{condition}"));
            assert_eq!((again.status, again.body.len()), (304, 0), "{path} {condition}");
            assert_eq!(again.header("etag"), tag);
            // A cache takes the headers of a 304 for those of the file (RFC 9111, 3.2).
            let policy = answer.header("content-security-policy");
            assert_eq!(again.header("content-security-policy"), policy);
        }
        for condition in [
            "if-none-match: \"x\"".to_owned(),
            format!("if-none-match: \"x\"\nif-modified-since: {date}"),
            "if-modified-since: Thu, 01 Jan 1970 00:00:00 GMT".to_owned(),
        ] {
            assert_eq!(served.ask(&format!("GET {path}\n{condition}")).status, 200, "{condition}");
        }
        assert_eq!(served.ask(&format!("GET {path}\nif-match: \"x\"")).status, 412);
    }
}

#[test]
fn a_file_that_was_changed_is_sent_again_also_before_it_is_handed_over() {
    let served = Served::new();
    let ask = |path: &str, tag: &str| served.ask(&format!("GET {path}\nif-none-match: {tag}"));
    for (path, file) in [("/", "index.html"), ("/feed.xml", "feed.xml"), (TRACK, &TRACK[1..])] {
        let tag = served.ask(&format!("GET {path}")).header("etag").to_owned();
        let written = Instant::now();
        served.base.write(&format!("_site/reader/{file}"), "<p>other</p>");
        let answer = ask(path, &tag);
        let is_over = written.elapsed() >= Duration::from_secs(1);
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.text().contains("<p>other</p>"), "{path}");
        assert_eq!(answer.header("content-length"), answer.body.len().to_string(), "{path}");
        // Not over for a second: its time is not told yet. A busy machine may take longer.
        assert!(is_over || answer.header("last-modified").is_empty(), "{path}");
        std::fs::remove_file(served.base.at(&format!("_site/reader/{file}"))).unwrap();
        assert_eq!(served.ask(&format!("GET {path}")).status, 404, "{path}");
    }
}

#[test]
fn a_head_is_an_answer_without_its_body() {
    let served = Served::new();
    for path in ["/", "/nothing", "/notes", "/feed.xml", TRACK, "/_app/live.js"] {
        let (get, head) = (served.ask(&format!("GET {path}")), served.ask(&format!("HEAD {path}")));
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(head.body, b"", "{path}");
        for name in
            ["content-length", "content-type", "etag", "content-security-policy", "location"]
        {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
    }
    let ranged = served.ask(&format!("HEAD {TRACK}\nrange: bytes=0-1"));
    assert_eq!((ranged.status, ranged.header("content-length")), (200, "11"));
}

#[test]
fn parts_of_files_are_sent() {
    let served = Served::new();
    let ask = |lines: &str| served.ask(&format!("GET {TRACK}\n{lines}"));
    let whole = ask("accept: */*");
    assert_eq!((whole.status, whole.text()), (200, "0123456789\n"));
    assert_eq!(whole.header("accept-ranges"), "bytes");
    for (range, part, place) in [
        ("bytes=2-4", "234", "bytes 2-4/11"),
        ("bytes=8-", "89\n", "bytes 8-10/11"),
        ("bytes=-2", "9\n", "bytes 9-10/11"),
        ("bytes=0-99", "0123456789\n", "bytes 0-10/11"),
    ] {
        let answer = ask(&format!("range: {range}"));
        assert_eq!((answer.status, answer.text()), (206, part), "{range}");
        assert_eq!(answer.header("content-range"), place);
        assert_eq!(answer.header("content-length"), part.len().to_string());
        assert!(answer.header("content-security-policy").starts_with("sandbox"));
        assert_eq!(answer.header("etag"), whole.header("etag"));
    }
    let beyond = ask("range: bytes=11-");
    assert_eq!((beyond.status, beyond.header("content-range")), (416, "bytes */11"));
    assert_eq!(ask("range: bytes=0-1,4-5").status, 200);
    assert_eq!(ask("range: lines=0-1").status, 200);
    let tag = whole.header("etag");
    assert_eq!(ask(&format!("range: bytes=0-1\nif-range: {tag}")).status, 206);
    assert_eq!(ask("range: bytes=0-1\nif-range: \"x\"").status, 200);
    assert_eq!(ask(&format!("range: bytes=0-1\nif-none-match: {tag}")).status, 304);
    assert_eq!(served.ask("GET /\nrange: bytes=0-1").status, 200);
}
