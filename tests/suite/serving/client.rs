//! A built base folder, its site, and requests to it.

use crate::support::{Base, tree};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use handbill::hash::Hash;
use handbill::path::OutPath;
use handbill::plan::diff::Published;
use handbill::serve::{Files, Hosts, Problem, Site, Update, router};
use std::fs;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tower::ServiceExt;

/// Runs what is async.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(future)
}

/// An answer, read whole.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// Returns a header, `""` where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Returns the body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// A base folder and its site.
pub struct Served {
    pub base: Base,
    pub site: Arc<Site>,
}

/// A folder with a channel, a conversation with a stranger's files, and a theme with a script.
const FOLDER: &str = "\
-- handbill.toml
title = \"Here\"
-- notes/outbox/2026-11-23T10-15-30Z-low-tide.md
Low tide.
-- notes/outbox/2026-11-23T10-15-30Z-low-tide/track.txt
0123456789
-- mira/outbox/2026-11-20T10-00-00Z-hello.md
Hello.
-- mira/inbox/2026-11-24T08-02-11Z-kvpe.md
Look.
-- mira/inbox/2026-11-24T08-02-11Z-kvpe/evil.html
<script>alert(1)</script>
-- mira/inbox/2026-11-24T08-02-11Z-kvpe/evil.svg
<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>
-- mira/inbox/2026-11-24T08-02-11Z-kvpe/paper.pdf
%PDF-
-- mira/inbox/2026-11-24T08-02-11Z-kvpe/sea.png
not really
";

impl Served {
    /// Builds the folder above and serves it on port 8888, a day after it was written.
    pub fn new() -> Served {
        Served::with(Served::empty())
    }

    /// The same, on other addresses.
    pub fn new_at(addresses: &[SocketAddr]) -> Served {
        Served::with(Site::new(Hosts::new(addresses, &[])))
    }

    fn with(site: Arc<Site>) -> Served {
        let served = Served { base: Base::of(FOLDER), site };
        served.publish();
        served
    }

    /// Returns a site before its first build.
    pub fn empty() -> Arc<Site> {
        let addresses = ["127.0.0.1:8888".parse().unwrap(), "[::1]:8888".parse().unwrap()];
        Site::new(Hosts::new(&addresses, &["pi.lan".to_owned()]))
    }

    /// Builds and hands over what was published.
    pub fn publish(&self) {
        self.publish_with(Vec::new());
    }

    /// The same, with problems.
    pub fn publish_with(&self, problems: Vec<Problem>) {
        self.base.build();
        self.hand_over(problems);
    }

    fn hand_over(&self, problems: Vec<Problem>) {
        let folder = self.base.at("_site/reader");
        let file = |(path, bytes): (String, Vec<u8>)| {
            let file = folder.join(&path);
            age(&file);
            let metadata = fs::metadata(&file).unwrap();
            let since = metadata.modified().unwrap().duration_since(UNIX_EPOCH).unwrap();
            // As in a manifest: of copies the bytes are not known.
            let is_copy = path.contains("Z-kvpe/") || path.contains("Z-low-tide/");
            let content = if is_copy { Hash::default() } else { Hash::of(&bytes) };
            let mtime = i64::try_from(since.as_nanos()).unwrap();
            let published = Published { fingerprint: None, content, size: metadata.len(), mtime };
            (OutPath::fixed(&path), published)
        };
        let files: Files = tree(&folder).into_iter().map(file).collect();
        self.site.update(Update { folder, files: Arc::new(files), problems });
    }

    /// Returns the service.
    pub fn router(&self) -> Router {
        router(self.site.clone())
    }

    /// Asks: `GET /path`, with headers line by line below. The host is added where none is named.
    pub fn ask(&self, request: &str) -> Answer {
        ask(self.router(), request)
    }

    /// The same, for what waits already.
    pub async fn ask_async(&self, request: &str) -> Answer {
        read(self.router(), request).await
    }

    /// Returns the body of a file on disk.
    pub fn on_disk(&self, path: &str) -> String {
        self.base.page(&format!("reader/{path}"))
    }
}

/// Sets a file that was written a moment ago an hour back, so that its time can be told.
fn age(file: &std::path::Path) {
    let hour = Duration::from_secs(3600);
    let modified = fs::metadata(file).unwrap().modified().unwrap();
    if modified + hour > SystemTime::now() {
        crate::support::set_time(file, modified - hour);
    }
}

/// Asks a service.
pub fn ask(router: Router, request: &str) -> Answer {
    wait(read(router, request))
}

/// Asks a service, with a body.
pub fn ask_with(router: Router, request: &str, body: Vec<u8>) -> Answer {
    wait(answered(router, parse(request).map(|_| Body::from(body))))
}

async fn read(router: Router, request: &str) -> Answer {
    answered(router, parse(request)).await
}

/// Sends a request and reads the answer.
pub async fn answered(router: Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    Answer { status: parts.status.as_u16(), headers: parts.headers, body }
}

/// Makes a request of its text.
#[track_caller]
pub fn parse(text: &str) -> Request<Body> {
    let mut lines = text.lines().map(str::trim);
    let (method, target) = lines.next().unwrap().split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(target);
    let mut named = false;
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap();
        named |= name == "host";
        request = request.header(name, value);
    }
    if !named {
        request = request.header("host", "localhost:8888");
    }
    request.body(Body::empty()).unwrap()
}
