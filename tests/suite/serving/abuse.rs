//! The real server under load and abuse: thousands of connections, slow clients, many feed readers,
//! garbage. Others are served all the same, and memory is bounded. Nothing here is measured in time:
//! the deadlines only end a test that hangs.

use super::client::{Served, ask};
use crate::hostile::{NASTY, property};
use crate::support::Base;
use proptest::prelude::*;
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What a server may come to need, whatever is done to it, in megabytes. A debug build that has just
/// built a small site has some 50 of them.
const MEMORY: u64 = 300;
/// After this a test hangs.
const HANGS: Duration = Duration::from_secs(60);

/// A running `handbill serve`.
struct Running {
    base: Base,
    child: Child,
    port: u16,
}

impl Running {
    /// Serves a channel with a feed and an attachment of 8 MB.
    fn new() -> Running {
        Running::within("unlimited")
    }

    /// The same, with so many open files at most.
    fn within(files: &str) -> Running {
        let base = Base::of(
            "-- handbill.toml\ntitle = \"Here\"\n\
             -- notes/outbox/2026-11-20T10-00-00Z.md\nLow tide.\n",
        );
        base.write("notes/outbox/2026-11-20T10-00-00Z/sound.ogg", vec![7; 8 << 20]);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let script = format!(
            "[ {files} = unlimited ] || ulimit -n {files}; exec '{}' serve --quiet --port {port} '{}'",
            env!("CARGO_BIN_EXE_handbill"),
            base.path().display()
        );
        let child = Command::new("sh")
            .args(["-c", &script])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let running = Running { base, child, port };
        let begun = Instant::now();
        while !running.get("/", "").is_some_and(|answer| answer.starts_with("HTTP/1.1 200")) {
            assert!(begun.elapsed() < HANGS, "nothing is served");
            std::thread::sleep(Duration::from_millis(20));
        }
        running
    }

    fn connect(&self) -> Option<TcpStream> {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(HANGS)).unwrap();
        stream.set_write_timeout(Some(HANGS)).unwrap();
        Some(stream)
    }

    fn head(&self, path: &str, more: &str) -> String {
        format!("GET {path} HTTP/1.1\r\nHost: localhost:{}\r\n{more}\r\n", self.port)
    }

    /// Returns the answer to a request, or none where nobody answers.
    fn get(&self, path: &str, more: &str) -> Option<String> {
        let mut stream = self.connect()?;
        let head = self.head(path, &format!("Connection: close\r\n{more}"));
        stream.write_all(head.as_bytes()).ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        String::from_utf8(answer).ok()
    }

    #[track_caller]
    fn assert_serves(&self) {
        let page = self.get("/notes/2026-11-20T10-00-00Z.html", "").expect("an answer");
        assert!(page.starts_with("HTTP/1.1 200") && page.contains("Low tide."), "{page}");
    }

    /// Asserts that the server never needed more memory than it may.
    #[track_caller]
    fn assert_small(&self) {
        let Ok(status) = fs::read_to_string(format!("/proc/{}/status", self.child.id())) else {
            return;
        };
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
        assert!(peak >> 10 < MEMORY, "{} MB", peak >> 10);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn whoever_only_holds_connections_keeps_nobody_out() {
    let server = Running::new();
    let mut held = Vec::new();
    for n in 0..2_000 {
        let mut stream = server.connect().expect("a connection");
        // A part of a head, at times a long one.
        let part = server.head("/", &"X: y\r\n".repeat(n % 40));
        stream.write_all(&part.as_bytes()[..part.len() - 2]).ok();
        held.push(stream);
        if n % 400 == 399 {
            server.assert_serves();
        }
    }
    server.assert_small();
    // Those that were not asked to make room may go on.
    let mut last = held.pop().unwrap();
    last.write_all(b"\r\n").unwrap();
    let mut answer = [0; 12];
    last.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
}

#[test]
fn whoever_takes_no_answer_keeps_nobody_out() {
    let server = Running::new();
    let sound = "/notes/2026-11-20T10-00-00Z/sound.ogg";
    let mut held = Vec::new();
    for n in 0..700 {
        let mut stream = server.connect().expect("a connection");
        stream.write_all(server.head(sound, "").as_bytes()).unwrap();
        let mut begin = [0; 12];
        stream.read_exact(&mut begin).unwrap();
        assert_eq!(&begin, b"HTTP/1.1 200");
        held.push(stream);
        if n % 100 == 99 {
            server.assert_serves();
        }
    }
    server.assert_small();
}

#[test]
fn where_few_files_may_be_open_the_site_is_built_all_the_same() {
    let server = Running::within("256");
    let mut held: Vec<_> = (0..400).map(|_| server.connect().expect("a connection")).collect();
    for _ in 0..100 {
        // While it takes them in.
        let open = fs::read_dir(format!("/proc/{}/fd", server.child.id()));
        let open = open.map_or(0, Iterator::count);
        assert!(open < 192, "{open} of 256 are open, what is left is too little for a build");
        std::thread::sleep(Duration::from_millis(5));
    }
    server.assert_serves();
    server.base.write("notes/outbox/2026-11-21T10-00-00Z.md", "High tide.");
    let begun = Instant::now();
    let page = server.base.at("_site/reader/notes/2026-11-21T10-00-00Z.html");
    while !page.is_file() {
        assert!(begun.elapsed() < HANGS, "nothing is built");
        // They come again and again.
        held.push(server.connect().expect("a connection"));
        std::thread::sleep(Duration::from_millis(5));
    }
    server.assert_serves();
}

#[test]
fn a_head_without_end_fills_no_memory() {
    let server = Running::new();
    let line = format!("X: {}\r\n", "y".repeat(60_000));
    for _ in 0..200 {
        let mut stream = server.connect().expect("a connection");
        let head = server.head("/", &line.repeat(20));
        // Refused, and closed while there is still something on the way.
        stream.write_all(head.as_bytes()).ok();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok();
        assert!(!answer.starts_with(b"HTTP/1.1 200"));
    }
    server.assert_serves();
    server.assert_small();
}

#[test]
fn a_hundred_feed_readers_are_told_that_nothing_is_new() {
    let server = Running::new();
    let feed = server.get("/feed.xml", "").unwrap();
    let tag = feed.lines().find_map(|line| line.strip_prefix("etag: ")).expect("a tag").trim();
    std::thread::scope(|scope| {
        for _ in 0..100 {
            scope.spawn(|| {
                for _ in 0..5 {
                    let answer = server.get("/feed.xml", &format!("If-None-Match: {tag}\r\n"));
                    let answer = answer.expect("an answer");
                    assert!(answer.starts_with("HTTP/1.1 304"), "{answer}");
                }
            });
        }
    });
    server.assert_small();
}

#[test]
fn what_is_no_http_ends_nothing_but_its_connection() {
    let server = Running::new();
    let own = format!("Host: localhost:{}\r\n", server.port);
    let requests: Vec<Vec<u8>> = [
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
        "\u{16}\u{3}\u{1}\u{2}\u{0}".to_owned(),
        "GET\r\n\r\n".to_owned(),
        format!("GET /%00%ff/../../etc/passwd HTTP/1.1\r\n{own}\r\n"),
        format!("GET http://evil.example/ HTTP/1.1\r\n{own}\r\n"),
        format!("OPTIONS * HTTP/1.1\r\n{own}\r\n"),
        format!("CONNECT a:1 HTTP/1.1\r\n{own}\r\n"),
        format!("POST /_app/compose HTTP/1.1\r\n{own}Content-Length: 99999999999999\r\n\r\nx"),
        format!("POST / HTTP/1.1\r\n{own}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx"),
        format!("GET / HTTP/1.1\r\n{own}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0"),
        format!("GET / HTTP/1.1\r\n{own}Range: bytes=-0,5-,18446744073709551615-\r\n\r\n"),
        format!("GET /feed.xml HTTP/1.1\r\n{own}If-Modified-Since: \u{ff}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\n{own}Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
        format!("GET / HTTP/1.1\r\n{own}\r\n").repeat(500),
    ]
    .into_iter()
    .map(String::into_bytes)
    .chain([vec![0; 100_000], (0..=255).collect()])
    .collect();
    for request in requests {
        let mut stream = server.connect().expect("a connection");
        stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        stream.write_all(&request).ok();
        let mut buffer = [0; 4096];
        // Whatever is answered, or nothing.
        while matches!(stream.read(&mut buffer), Ok(count) if count > 0) {}
        drop(stream);
        server.assert_serves();
    }
    server.assert_small();
}

#[test]
fn more_forms_than_can_be_borne_are_asked_to_come_back() {
    let server = Running::new();
    let own = format!("localhost:{}", server.port);
    let head = format!(
        "POST /_app/compose HTTP/1.1\r\nHost: {own}\r\nOrigin: http://{own}\r\nContent-Length: \
         100000\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
    );
    let begin = |_| {
        let mut stream = server.connect().unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        stream
    };
    let mut forms: Vec<TcpStream> = (0..40).map(begin).collect();
    let mut refused = 0;
    for form in &mut forms {
        form.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let mut answer = [0; 12];
        match form.read_exact(&mut answer) {
            Ok(()) => {
                assert_eq!(&answer, b"HTTP/1.1 503");
                refused += 1;
            }
            Err(error) => {
                assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
            }
        }
    }
    assert_eq!(refused, 40 - 16);
    server.assert_serves();
}

#[test]
fn no_request_makes_the_program_fail() {
    let served = Served::new();
    let pieces = prop_oneof![
        4 => proptest::sample::select(&[
            "/", "notes", "index.html", "feed.xml", "_app", "compose", "edit", "delete", "drafts",
            "written", "preview", "events", "live.js", "assets", "..", ".", "%2e%2e", "%00", "%", "?",
            "&", "=", "to", "page", "draft", "reply", "sent", "mira", "2026-11-23T10-15-30Z-low-tide",
            ".html", "a%", "%ff", "//", ";",
        ][..]).prop_map(str::to_owned),
        1 => proptest::sample::select(NASTY).prop_map(str::to_owned),
    ];
    let path = proptest::collection::vec(pieces, 0..8).prop_map(|p| format!("/{}", p.concat()));
    let method = proptest::sample::select(&["GET", "HEAD", "POST", "PUT", "DELETE", "X"][..]);
    let header = proptest::sample::select(
        &[
            "range: bytes=0-",
            "range: bytes=5-2,-1",
            "if-none-match: *",
            "if-none-match: W/\"x\", \"",
            "if-modified-since: yesterday",
            "if-range: \"x\"",
            "origin: null",
            "sec-fetch-site: cross-site",
            "content-type: multipart/form-data; boundary=",
            "content-type: multipart/form-data; boundary=x",
            "authorization: Basic %",
            "accept: */*",
        ][..],
    );
    let headers = proptest::collection::vec(header, 0..3);
    let folder = served.base.path().to_str().unwrap().to_owned();
    property(1_500, (method, path, headers), |(method, path, headers)| {
        // What no client can send is not asked.
        let path: String = path.chars().filter(char::is_ascii_graphic).collect();
        if path.parse::<axum::http::Uri>().is_err() {
            return;
        }
        let request = format!("{method} {path}\n{}", headers.join("\n"));
        if path.contains("/_app/events/") {
            return; // It never ends.
        }
        let answer = ask(served.router(), request.trim_end());
        assert!(answer.status < 500, "{request}: {}", answer.status);
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{request}");
        assert!(!answer.header("content-security-policy").is_empty(), "{request}");
        let told = String::from_utf8_lossy(&answer.body);
        assert!(!told.contains(&folder), "{request} tells where the folder is");
    });
}

/// Delivers a file as sync tools do.
fn deliver(base: &Base, path: &str, text: &str) {
    let file = base.at(path);
    let temp = file.with_file_name(".syncthing.part.tmp");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&temp, text).unwrap();
    fs::rename(temp, file).unwrap();
}

impl Running {
    /// Waits until a page is served that shows something.
    #[track_caller]
    fn until_shows(&self, page: &str, words: &str) {
        let begun = Instant::now();
        while !self.get(page, "").is_some_and(|answer| answer.contains(words)) {
            assert!(begun.elapsed() < 3 * HANGS, "{page} never shows {words}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn signal(&self, signal: &str) {
        let told = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(told.unwrap().success());
    }
}

#[test]
#[ignore = "takes in ten thousand files"]
fn a_burst_of_ten_thousand_files_is_taken_in_while_others_are_served() {
    let server = Running::new();
    let path = |n: usize| {
        format!(
            "harbour/inbox/2026-11-{:02}T{:02}-{:02}-{:02}Z.md",
            1 + n / 3600,
            n / 150 % 24,
            n / 60 % 60,
            n % 60
        )
    };
    let names: std::collections::BTreeSet<String> = (0..10_000).map(path).collect();
    for (n, path) in names.iter().enumerate() {
        deliver(&server.base, path, &format!("Number {n}."));
        if n % 500 == 0 {
            server.assert_serves();
        }
    }
    let page = |path: &String| {
        format!("/{}.html", path.replace("/inbox/", "/in/").trim_end_matches(".md"))
    };
    server.until_shows(&page(names.last().unwrap()), &format!("Number {}.", names.len() - 1));
    server.until_shows(&page(names.first().unwrap()), "Number 0.");
    server.assert_serves();
}

#[test]
#[ignore = "stands still for six seconds"]
fn what_came_while_the_machine_slept_is_shown() {
    let server = Running::new();
    server.signal("-STOP");
    deliver(&server.base, "harbour/inbox/2026-11-21T10-00-00Z.md", "While it slept.");
    std::thread::sleep(Duration::from_secs(6));
    server.signal("-CONT");
    server.until_shows("/harbour/in/2026-11-21T10-00-00Z.html", "While it slept.");
}

#[test]
#[ignore = "waits ten seconds"]
fn who_never_ends_what_he_sends_is_not_waited_for() {
    let server = Running::new();
    let head = format!(
        "POST /_app/reading HTTP/1.1\r\nHost: localhost:{0}\r\nOrigin: http://localhost:{0}\r\n\
         Sec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{",
        server.port
    );
    let mut held: Vec<TcpStream> = (0..40).map(|_| server.connect().unwrap()).collect();
    for stream in &mut held {
        stream.write_all(head.as_bytes()).unwrap();
    }
    server.assert_serves();
    let answers = held.iter_mut().map(|stream| {
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        String::from_utf8(answer.to_vec()).unwrap()
    });
    let answers: Vec<String> = answers.collect();
    let of = |code: &str| answers.iter().filter(|answer| answer.ends_with(code)).count();
    assert_eq!((of("408"), of("503")), (16, 24), "{answers:?}");
}
