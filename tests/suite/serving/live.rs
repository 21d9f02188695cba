//! Pages with the script of live reload, and what they are told.

use super::client::{Answer, Served, parse, wait};
use crate::support::times;
use axum::Router;
use axum::body::BodyDataStream;
use handbill::diagnostic::Diagnostic;
use handbill::hash::Hash;
use handbill::serve::Problem;
use serde_json::Value;
use std::time::Duration;
use tokio_stream::StreamExt;
use tower::ServiceExt;

/// Returns the value of an attribute of the script's element.
fn own(page: &Answer, name: &str) -> String {
    let text = page.text();
    let element = &text[text.find("<script src=\"/_app/live.js\" defer ").unwrap()..];
    let value = element.split_once(&format!("data-{name}=\"")).unwrap().1;
    value[..value.find('"').unwrap()].to_owned()
}

#[test]
fn a_page_is_served_with_the_script_and_stays_as_it_is_on_disk() {
    let served = Served::new();
    let folder = served.base.at("_site/reader");
    let before = (served.base.edition("reader"), times(&folder));
    for (path, file) in [("/", "index.html"), ("/notes/", "notes/index.html")] {
        let raw = served.on_disk(file);
        let answer = served.ask(&format!("GET {path}"));
        assert_eq!(answer.text().matches("<script").count(), 1 + raw.matches("<script").count());
        assert!(!answer.text().contains("http-equiv=\"Content-Security-Policy\""));
        assert_eq!(answer.header("content-length"), answer.body.len().to_string());
        assert_ne!(answer.header("etag"), format!("\"{}\"", Hash::of(raw.as_bytes()).hex(32)));
        assert_eq!(own(&answer, "page"), file);
        assert_eq!(own(&answer, "version"), Hash::of(raw.as_bytes()).hex(32));
        let policy = answer.header("content-security-policy");
        assert!(
            policy
                .contains("script-src http://localhost:8888/_app/ http://localhost:8888/assets/;"),
            "{policy}"
        );
        assert!(policy.contains("connect-src 'self'"), "{policy}");
        let numeric = served.ask(&format!("GET {path}\nhost: 127.0.0.1:8888"));
        let policy = numeric.header("content-security-policy");
        assert!(
            policy
                .contains("script-src http://127.0.0.1:8888/_app/ http://127.0.0.1:8888/assets/;"),
            "{policy}"
        );
    }
    assert_eq!((served.base.edition("reader"), times(&folder)), before);
    for path in
        ["/feed.xml", "/assets/style.css", "/mira/in/2026-11-24T08-02-11Z-kvpe/evil.html.txt"]
    {
        let (_, file) = path.split_at(1);
        assert_eq!(served.ask(&format!("GET {path}")).text(), served.on_disk(file), "{path}");
    }
}

#[test]
fn the_script_shows_texts_and_never_markup() {
    let script = Served::new().ask("GET /_app/live.js");
    for way in
        ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("]
    {
        assert!(!script.text().contains(way), "{way}");
    }
    assert!(script.text().contains("new EventSource(`/_app/events/"));
}

#[test]
fn what_is_not_there_waits_for_it() {
    let served = Served::new();
    for (path, page) in [("/a/b.html", "a/b.html"), ("/a/", "a/index.html")] {
        let answer = served.ask(&format!("GET {path}"));
        assert_eq!(answer.status, 404);
        assert_eq!(
            (own(&answer, "page"), own(&answer, "version")),
            (page.into(), "missing".into())
        );
    }
    // Nothing of a path that cannot be one stands in the page.
    let odd = served.ask("GET /%22%3E%3Cimg%3E");
    assert_eq!((odd.status, own(&odd, "page")), (404, "404.html".to_owned()));
    assert!(!odd.text().contains("%3C"));
}

/// The events of a page, read as they come.
struct Events {
    body: BodyDataStream,
}

/// An event: its id, and what it says.
type Event = (String, Value);

impl Events {
    async fn of(router: Router, page: &str) -> Events {
        let request = parse(&format!("GET /_app/events/{page}"));
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "text/event-stream");
        assert_eq!(header("cache-control"), "no-store");
        Events { body: response.into_body().into_data_stream() }
    }

    async fn next(&mut self) -> Event {
        let next = tokio::time::timeout(Duration::from_secs(5), self.body.next());
        let bytes = next.await.expect("nothing is told").unwrap().unwrap();
        let text = std::str::from_utf8(&bytes).unwrap();
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        assert_eq!(field("event: "), "state");
        (field("id: ").to_owned(), serde_json::from_str(field("data: ")).unwrap())
    }
}

#[test]
fn an_open_page_is_told_how_things_stand() {
    let served = Served::new();
    wait(async {
        let mut home = Events::of(served.router(), "index.html").await;
        let mut other = Events::of(served.router(), "mira/index.html").await;
        let ((first, now), (_, other_now)) = (home.next().await, other.next().await);
        assert_eq!(now["version"], Hash::of(served.on_disk("index.html").as_bytes()).hex(32));
        assert_eq!((&now["ready"], &now["count"]), (&true.into(), &0.into()));
        assert_eq!(now["status"], "/status/index.html");

        // A new message in one contact: its pages and the lists of all, and nothing else.
        served.base.write("notes/outbox/2026-11-23T11-00-00Z-flood.md", "Flood.");
        served.publish();
        let ((second, then), (_, other_then)) = (home.next().await, other.next().await);
        assert_eq!(then["version"], Hash::of(served.on_disk("index.html").as_bytes()).hex(32));
        assert_ne!(then["version"], now["version"]);
        assert_ne!(first, second);
        let page = served.ask_async("GET /").await;
        assert_eq!(then["version"], own(&page, "version"));
        assert_eq!(then["looks"], own(&page, "looks"));
        assert_eq!(then["scripts"], own(&page, "scripts"));
        assert_eq!((&then["looks"], &then["scripts"]), (&now["looks"], &now["scripts"]));
        let other_page = served.ask_async("GET /mira/").await;
        assert_eq!(other_then["version"], own(&other_page, "version"));
        // The register of contacts is on every page; it did not change.
        assert_eq!(other_then["version"], other_now["version"]);

        // A style sheet of one's own.
        served.base.write("theme/assets/style.css", "body { color: red }");
        served.publish();
        let (_, restyled) = home.next().await;
        assert_ne!(restyled["looks"], then["looks"]);
        assert_eq!(restyled["scripts"], then["scripts"]);
        assert_eq!(restyled["version"], then["version"]);
    });
}

#[test]
fn who_was_away_is_told_the_same() {
    let served = Served::new();
    let page = "notes/2026-11-23T10-15-30Z-low-tide.html";
    let before = served.ask(&format!("GET /{page}"));
    served.base.remove("notes/outbox/2026-11-23T10-15-30Z-low-tide.md");
    served.base.remove("notes/outbox/2026-11-23T10-15-30Z-low-tide");
    served.publish();
    wait(async {
        // Nobody listened when it went; the page was loaded before.
        let (_, now) = Events::of(served.router(), page).await.next().await;
        assert_eq!(now["version"], Value::Null);
        // Another run of the program: another id, and the same state.
        let (id, here) = Events::of(served.router(), "mira/index.html").await.next().await;
        let again = Served { base: served.base, site: Served::empty() };
        again.publish();
        let (other_id, there) = Events::of(again.router(), "mira/index.html").await.next().await;
        assert_ne!(id, other_id);
        assert_eq!(here, there);
    });
    assert_eq!(before.status, 200);
}

#[test]
fn problems_and_what_is_not_current_are_told() {
    let served = Served::new();
    wait(async {
        let mut home = Events::of(served.router(), "index.html").await;
        home.next().await;
        let found = [
            Diagnostic::error("a\u{202e}.md", "x", "is odd").hint("rename it"),
            Diagnostic::note("b.md", "x", "is fine"),
            Diagnostic::warning("c.md", "x", "is long"),
        ];
        served.publish_with(found.iter().map(Problem::from).collect());
        let (_, told) = home.next().await;
        assert_eq!(told["count"], 2);
        assert_eq!(told["problems"][0]["file"], "a\\u{202e}.md");
        assert_eq!(told["problems"][0]["hint"], "rename it");
        assert_eq!(told["stale"], Value::Null);
        served.site.not_current("the base folder is gone");
        let (_, told) = home.next().await;
        assert_eq!(
            (&told["stale"], &told["count"]),
            (&"the base folder is gone".into(), &2.into())
        );
        served.publish();
        let (_, told) = home.next().await;
        assert_eq!((&told["stale"], &told["count"]), (&Value::Null, &0.into()));
    });
}

#[test]
fn before_the_first_build_there_is_nothing_to_tell_but_that() {
    let served =
        Served { base: crate::support::Base::of("-- a/outbox/a.md\nA."), site: Served::empty() };
    wait(async {
        let mut home = Events::of(served.router(), "index.html").await;
        assert_eq!(home.next().await.1["ready"], false);
        served.publish();
        let (_, told) = home.next().await;
        assert_eq!(told["ready"], true);
        assert_eq!(told["version"], own(&served.ask_async("GET /").await, "version"));
    });
}

#[test]
fn the_sixty_fifth_page_is_asked_to_come_back() {
    let served = Served::new();
    wait(async {
        let mut pages = Vec::new();
        for _ in 0..64 {
            pages.push(Events::of(served.router(), "index.html").await);
        }
        let refused = served.ask_async("GET /_app/events/index.html").await;
        assert_eq!((refused.status, refused.header("retry-after")), (503, "30"));
        pages.pop();
        // A HEAD takes no place for longer than its answer.
        assert_eq!(served.ask_async("HEAD /_app/events/index.html").await.status, 200);
        Events::of(served.router(), "index.html").await;
        // Pages themselves are still served.
        assert_eq!(served.ask_async("GET /").await.status, 200);
    });
}
