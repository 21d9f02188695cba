//! The local server: who is answered at all, and with which headers.

mod abuse;
pub mod client;
mod files;
mod live;
mod socket;

use client::{Served, ask};
use handbill::serve::{Elsewhere, Password, router};

#[test]
fn only_our_own_names_are_answered() {
    let served = Served::new();
    let status = |request: &str| served.ask(request).status;
    for host in ["localhost:8888", "127.0.0.1:8888", "[::1]:8888", "LOCALHOST:8888", "pi.lan"] {
        assert_eq!(status(&format!("GET /\nhost: {host}")), 200, "{host}");
    }
    // What a page that plays with its own name (DNS rebinding) can have asked for.
    for path in ["/", "/nothing", "/notes", "/_app/live.js", "/_app/events/index.html"] {
        for host in ["evil.example:8888", "evil.example", "localhost", "localhost:80", "[::1]"] {
            assert_eq!(status(&format!("GET {path}\nhost: {host}")), 421, "{path} {host}");
        }
        let twice = format!("GET {path}\nhost: localhost:8888\nhost: evil.example");
        assert_eq!(status(&twice), 400, "{path}");
    }
    assert_eq!(status("GET http://evil.example/\nhost: localhost:8888"), 421);
    assert_eq!(status("GET http://localhost:8888/\nhost: localhost:8888"), 200);
}

#[test]
fn other_sites_link_but_do_not_load() {
    let served = Served::new();
    let status = |request: &str| served.ask(request).status;
    let picture = "GET /mira/in/2026-11-24T08-02-11Z-kvpe/sea.png";
    for site in ["cross-site", "same-site"] {
        let from = |target: &str, mode: &str, dest: &str| {
            let fetch = format!("sec-fetch-mode: {mode}\nsec-fetch-dest: {dest}");
            status(&format!("{target}\nsec-fetch-site: {site}\n{fetch}"))
        };
        assert_eq!(from("GET /", "navigate", "document"), 200);
        assert_eq!(from("GET /", "navigate", "iframe"), 403);
        assert_eq!(from("GET /feed.xml", "cors", "empty"), 403);
        assert_eq!(from(picture, "no-cors", "image"), 403);
        assert_eq!(from("GET /_app/events/index.html", "cors", "empty"), 403);
        assert_eq!(from("GET /_app/live.js", "no-cors", "script"), 403);
    }
    assert_eq!(status(&format!("{picture}\nsec-fetch-site: same-origin")), 200);
    assert_eq!(status("GET /feed.xml\norigin: http://localhost:9999"), 403);
    // What fetches without being a browser.
    assert_eq!(status("GET /feed.xml"), 200);
}

#[test]
fn nothing_can_be_changed() {
    let served = Served::new();
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
        for path in ["/", "/nothing", "/_app/live.js", "/_app/events/index.html"] {
            let answer = served.ask(&format!("{method} {path}"));
            assert_eq!(answer.status, 405, "{method} {path}");
            let allowed: Vec<_> = answer.header("allow").split(',').map(str::trim).collect();
            assert_eq!(allowed, ["GET", "HEAD"], "{method} {path}");
        }
    }
    let foreign = served.ask("POST /\norigin: http://evil.example");
    assert_eq!(foreign.status, 403);
}

#[test]
fn where_nobody_may_write_there_is_nothing_to_write_with() {
    let served = Served::new();
    for path in ["/", "/notes/", "/notes/2026-11-23T10-15-30Z-low-tide.html"] {
        let answer = served.ask(&format!("GET {path}"));
        assert!(answer.text().contains("<!--handbill:write-->"), "{path}");
        assert!(!answer.text().contains("/_app/compose"), "{path}");
    }
    for path in ["compose", "compose?to=notes", "drafts?to=notes", "edit", "delete", "written"] {
        assert_eq!(served.ask(&format!("GET /_app/{path}")).status, 404, "{path}");
    }
    for path in ["compose", "preview", "edit", "delete"] {
        let post = format!("POST /_app/{path}\norigin: http://localhost:8888");
        assert_eq!(served.ask(&post).status, 404, "{path}");
    }
}

#[test]
fn what_was_not_published_is_not_there() {
    let served = Served::new();
    // A neighbour of the edition, a file in it that is not ours, and one that hides.
    served.base.write("_site/secret.txt", "Not for you.");
    served.base.write("_site/reader/secret.txt", "Not for you.");
    served.base.write("_site/reader/.secret", "Not for you.");
    for path in [
        "/secret.txt",
        "/../secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/%2e%2e%2fsecret.txt",
        "/notes/../../secret.txt",
        "//secret.txt",
        "/./secret.txt",
        "/.secret",
        "/.reader.manifest",
        "/../.reader.manifest",
        "/index.html%00",
        "/%00",
        "/%69ndex.html",
        "//index.html",
        "//evil.example/",
        "/notes//",
        "/notes/index.html/",
        "/_app/",
        "/_app/live.css.map",
        "/handbill.toml",
        "/notes/outbox/2026-11-23T10-15-30Z-low-tide.md",
    ] {
        let answer = served.ask(&format!("GET {path}"));
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.text().contains("<h1>"), "{path}: not the page for it");
        assert!(!answer.text().contains("Not for you."), "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_in_the_place_of_a_file_is_not_followed() {
    let served = Served::new();
    let page = served.base.at("_site/reader/notes/index.html");
    std::fs::remove_file(&page).unwrap();
    std::os::unix::fs::symlink(served.base.at("handbill.toml"), &page).unwrap();
    let answer = served.ask("GET /notes/");
    assert_eq!(answer.status, 404);
    assert!(!answer.text().contains("title"));
}

#[test]
fn every_answer_has_the_headers_that_keep_others_out() {
    let served = Served::new();
    for request in [
        "GET /",
        "HEAD /",
        "GET /notes",
        "GET /nothing",
        "GET /feed.xml",
        "GET /assets/style.css",
        "GET /_app/live.js",
        "GET /_app/live.css",
        "GET /mira/in/2026-11-24T08-02-11Z-kvpe/sea.png",
        "GET /mira/in/2026-11-24T08-02-11Z-kvpe/sea.png\nrange: bytes=99-",
        "GET /\nif-none-match: *",
        "GET /\nif-match: \"x\"",
        "GET /\nhost: evil.example",
        "GET /\norigin: null",
        "POST /",
        "POST /_app/live.js",
    ] {
        let answer = served.ask(request);
        let has = |name: &str, value: &str| {
            assert_eq!(answer.headers.get_all(name).iter().count(), 1, "{request}: {name}");
            assert_eq!(answer.header(name), value, "{request}");
        };
        has("x-content-type-options", "nosniff");
        has("referrer-policy", "no-referrer");
        has("x-frame-options", "DENY");
        has("cross-origin-resource-policy", "same-origin");
        has("cross-origin-opener-policy", "same-origin");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{request}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{request}: {policy}");
        for scripts in ["unsafe-inline", "unsafe-eval", "script-src 'self'", "script-src *"] {
            assert!(!policy.contains(scripts), "{request}: {policy}");
        }
        assert!(!answer.header("cache-control").is_empty(), "{request}");
        for never in ["server", "access-control-allow-origin", "set-cookie"] {
            assert_eq!(answer.header(never), "", "{request}: {never}");
        }
        let place = served.base.path().to_str().unwrap();
        assert!(!String::from_utf8_lossy(&answer.body).contains(place), "{request}");
    }
}

#[test]
fn before_the_first_build_there_is_a_page_that_waits_for_it() {
    let site = Served::empty();
    let answer = ask(router(site), "GET /notes/");
    assert_eq!(answer.status, 503);
    assert!(answer.text().contains("data-page=\"notes/index.html\" data-version=\"starting\""));
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[test]
fn another_machine_is_asked_for_the_password() {
    let served = Served::new();
    let ask = |elsewhere: bool, authorization: Option<&str>| {
        let header = authorization.map(|value| format!("\nauthorization: {value}"));
        let request = format!("GET /{}", header.unwrap_or_default());
        match elsewhere {
            true => ask(served.router().layer(axum::Extension(Elsewhere)), &request),
            false => ask(served.router(), &request),
        }
    };
    assert_eq!(ask(true, None).status, 200, "where none is required, as behind a proxy");
    served.site.require(Password::new("a1b2".into()));
    let answer = ask(true, None);
    assert_eq!(answer.status, 401);
    assert!(answer.header("www-authenticate").starts_with("Basic "));
    assert!(!answer.text().contains("Low tide"));
    assert_eq!(ask(true, Some("Basic aGFuZGJpbGw6YTFiMw==")).status, 401);
    assert_eq!(ask(true, Some("Basic aGFuZGJpbGw6YTFiMg==")).status, 200);
    assert_eq!(ask(false, None).status, 200, "this machine is not asked");
}
