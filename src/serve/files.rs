//! Answers with published files.

use super::conditional::{Outcome, Validators, evaluate, range_applies};
use super::guard::plain;
use super::kinds::{Kind, media_type, opens_in_place};
use super::live::{self, Version};
use super::lookup::{Target, find};
use super::range::{self, Range};
use super::site::{Shown, Site};
use super::write::{marks, reading};
use super::{page, policy, sync};
use crate::hash::Hash;
use crate::path::OutPath;
use crate::plan::diff::Published;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT_RANGES, ALLOW, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HOST, HeaderMap, HeaderName, HeaderValue,
    LAST_MODIFIED, LOCATION, RANGE, RETRY_AFTER,
};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::io::AsyncReadExt;
use tokio::task::spawn_blocking;
use tokio_util::io::ReaderStream;

/// Answers a request for whatever is not the program's own: a file, the right address of a folder,
/// or the edition's page for what is not there. GET and HEAD only (RFC 9110, 15.5.6).
pub async fn answer(State(site): State<Arc<Site>>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let response = plain(StatusCode::METHOD_NOT_ALLOWED, "Only GET and HEAD are answered.\n");
        return with(response, ALLOW, "GET, HEAD");
    }
    let path = request.uri().path();
    let Some(shown) = site.shown() else { return starting(path) };
    let asked = Asked {
        method: request.method(),
        headers: request.headers(),
        query: request.uri().query().unwrap_or_default(),
        shown: &shown,
        site: &site,
    };
    let response = match find(&shown.files, path) {
        Target::File(path, published) => asked.file(path, published).await,
        Target::Folder(index) => {
            let address = format!("/{}", index.address());
            Ok(with(StatusCode::PERMANENT_REDIRECT.into_response(), LOCATION, &address))
        }
        // Browsers ask for this by themselves, and write into the console what they do not get.
        Target::Missing(_) if path == "/favicon.ico" => Ok(StatusCode::NO_CONTENT.into_response()),
        Target::Missing(path) => asked.missing(path.as_ref()).await,
    };
    let response = response.unwrap_or_else(|error| not_read(&error));
    match *request.method() {
        // The headers of a GET without its body (RFC 9110, 9.3.2).
        Method::HEAD => response.map(|_| Body::empty()),
        _ => response,
    }
}

/// How much of a file is read at once. Each read is a task of its own, so that small ones are slow.
const CHUNK: usize = 64 * 1024;

/// What was asked for, and what there is.
struct Asked<'r> {
    method: &'r Method,
    headers: &'r HeaderMap,
    query: &'r str,
    shown: &'r Shown,
    site: &'r Site,
}

impl Asked<'_> {
    async fn file(&self, path: &OutPath, published: &Published) -> io::Result<Response> {
        let file = self.shown.folder.join(path.as_str());
        let opened = spawn_blocking(move || Opened::open(file)).await??;
        match Kind::of(path) {
            Kind::Page => {
                let opened = spawn_blocking(move || opened.read()).await??;
                self.page(path, opened)
            }
            kind => self.bytes(path, kind, opened, published).await,
        }
    }

    /// Answers with a page, made ready for live reload. Ranges of it are not sent.
    fn page(&self, path: &OutPath, (bytes, modified): Bytes) -> io::Result<Response> {
        let (html, policy) = self.prepare(path, &Version::of(&bytes), &bytes);
        // Of what is sent, not of what is on disk: the same file is sent with other scripts.
        let tag = Hash::of(&html).hex(32);
        let file = Validators::new(&tag, modified, SystemTime::now());
        let response = match evaluate(self.headers, &file) {
            Outcome::Proceed => whole(path, html),
            Outcome::NotModified => StatusCode::NOT_MODIFIED.into_response(),
            Outcome::Failed => return Ok(failed()),
        };
        let response = with(response, CONTENT_SECURITY_POLICY, &policy);
        Ok(with_validators(response, &file))
    }

    /// Returns a page as it is sent, with its policy.
    fn prepare(&self, path: &OutPath, version: &Version, bytes: &[u8]) -> (Vec<u8>, String) {
        // The guard has seen it; without it nothing is allowed.
        let host = self.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("invalid");
        let mut tag = live::tag(path.as_str(), version, self.shown);
        if self.site.writing().is_some() {
            tag.push_str(reading::SIGN);
        }
        if *version != Version::Missing && sync::is_shown_on(&self.site.sync(), path.as_str()) {
            tag.push_str(sync::TAG);
        }
        let page = self.writable(path, version, &String::from_utf8_lossy(bytes), &tag);
        (page.html, policy::of_page(&page.policies, host))
    }

    /// Prepares a page, with links to where one writes, and the script that knows what was sent.
    fn writable(&self, path: &OutPath, version: &Version, html: &str, tag: &str) -> page::Served {
        let writing = self.site.writing().filter(|_| *version != Version::Missing);
        let Some(writing) = writing else { return page::prepare(html, tag) };
        let sent = if self.query.starts_with("sent=") { marks::SENT } else { "" };
        match writing.spot(path) {
            Some(spot) => page::prepare(&spot.put_into(html), &format!("{tag}{sent}")),
            None => page::prepare(html, &format!("{tag}{sent}")),
        }
    }

    /// Answers with any other file, or a part of it (RFC 9110, 14), without reading it whole.
    async fn bytes(
        &self,
        path: &OutPath,
        kind: Kind,
        opened: Opened,
        published: &Published,
    ) -> io::Result<Response> {
        let file = opened.validators(published);
        let size = opened.size;
        let response = match evaluate(self.headers, &file) {
            Outcome::Failed => return Ok(failed()),
            Outcome::NotModified => StatusCode::NOT_MODIFIED.into_response(),
            Outcome::Proceed => match self.range(&file, size) {
                Range::Whole => {
                    let response = with(opened.part(0, size).await?, ACCEPT_RANGES, "bytes");
                    with(response, CONTENT_TYPE, &media_type(path))
                }
                Range::Part { first, last } => {
                    let mut response = opened.part(first, last - first + 1).await?;
                    *response.status_mut() = StatusCode::PARTIAL_CONTENT;
                    let range = format!("bytes {first}-{last}/{size}");
                    let response = with(response, CONTENT_RANGE, &range);
                    with(response, CONTENT_TYPE, &media_type(path))
                }
                Range::Beyond => {
                    let response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
                    return Ok(with(response, CONTENT_RANGE, &format!("bytes */{size}")));
                }
            },
        };
        Ok(with_validators(confined(response, path, kind), &file))
    }

    /// Returns the range that is asked for. Only GET has any (RFC 9110, 14.2).
    fn range(&self, file: &Validators, size: u64) -> Range {
        let mut values = self.headers.get_all(RANGE).iter();
        let value = values.next().and_then(|value| value.to_str().ok());
        match value {
            Some(value)
                if *self.method == Method::GET
                    && values.next().is_none()
                    && range_applies(self.headers, file) =>
            {
                range::parse(value, size)
            }
            _ => Range::Whole,
        }
    }

    /// Answers that there is nothing, with the edition's own page. It knows the path it stands for,
    /// so that it gives way once there is something.
    async fn missing(&self, path: Option<&OutPath>) -> io::Result<Response> {
        let Some((page, _)) = self.shown.files.get("404.html") else {
            return Ok(plain(StatusCode::NOT_FOUND, "There is nothing here.\n"));
        };
        let file = self.shown.folder.join(page.as_str());
        let (bytes, _) = spawn_blocking(move || Opened::open(file)?.read()).await??;
        let (html, policy) = match path {
            Some(path) => self.prepare(path, &Version::Missing, &bytes),
            None => self.prepare(page, &Version::of(&bytes), &bytes),
        };
        let mut response = with(whole(page, html), CONTENT_SECURITY_POLICY, &policy);
        *response.status_mut() = StatusCode::NOT_FOUND;
        Ok(response)
    }
}

/// The bytes of a file and when it was changed.
type Bytes = (Vec<u8>, Option<SystemTime>);

/// A file that was opened, with what was true of it then.
struct Opened {
    file: File,
    size: u64,
    modified: Option<SystemTime>,
}

impl Opened {
    /// Opens a regular file. A link in its place is not ours and is not followed.
    fn open(path: PathBuf) -> io::Result<Opened> {
        if !std::fs::symlink_metadata(&path)?.is_file() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        Ok(Opened { file, size: metadata.len(), modified: metadata.modified().ok() })
    }

    fn read(mut self) -> io::Result<Bytes> {
        let mut bytes = Vec::with_capacity(usize::try_from(self.size).unwrap_or_default());
        self.file.read_to_end(&mut bytes)?;
        Ok((bytes, self.modified))
    }

    /// Returns the validators of the file that was opened: the hash of its bytes, where it is the
    /// one that was published and that is known of it; else its size and time, to the nanosecond.
    /// A build may have put another file in its place that we have not heard of yet.
    fn validators(&self, published: &Published) -> Validators {
        let mtime = self.modified.map(nanoseconds);
        let as_published = published.size == self.size && Some(published.mtime) == mtime;
        let tag = match as_published && published.content != Hash::default() {
            true => published.content.hex(32),
            false => format!("{:x}-{:x}", self.size, mtime.unwrap_or_default()),
        };
        Validators::new(&tag, self.modified, SystemTime::now())
    }

    /// Returns an answer with `length` bytes from `first` on.
    async fn part(mut self, first: u64, length: u64) -> io::Result<Response> {
        self.file.seek(SeekFrom::Start(first))?;
        let bytes = tokio::fs::File::from_std(self.file).take(length);
        let stream = ReaderStream::with_capacity(bytes, CHUNK);
        let response = Body::from_stream(stream).into_response();
        Ok(with(response, CONTENT_LENGTH, &length.to_string()))
    }
}

/// Returns a time in nanoseconds since 1970, as manifests hold it.
fn nanoseconds(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |n| -n),
    }
}

/// Adds what a file may do that is no page. A copy from a box is put in a sandbox, and is saved
/// unless it can be looked at safely (RFC 6266). Its name is one of ours and needs no escaping.
fn confined(response: Response, path: &OutPath, kind: Kind) -> Response {
    match kind {
        Kind::Page | Kind::Made => with(response, CONTENT_SECURITY_POLICY, policy::MADE),
        Kind::Copied => {
            let response = with(response, CONTENT_SECURITY_POLICY, policy::COPIED);
            if opens_in_place(&media_type(path)) {
                return response;
            }
            let name = path.as_str().rsplit('/').next().unwrap_or_default();
            with(response, CONTENT_DISPOSITION, &format!("attachment; filename=\"{name}\""))
        }
    }
}

/// Answers with bytes that are at hand.
fn whole(path: &OutPath, bytes: Vec<u8>) -> Response {
    let length = bytes.len().to_string();
    let response = with(Body::from(bytes).into_response(), CONTENT_LENGTH, &length);
    with(response, CONTENT_TYPE, &media_type(path))
}

/// Adds the validators. `no-cache` means: ask before it is used again (RFC 9111, 5.2.2.4).
fn with_validators(response: Response, file: &Validators) -> Response {
    let response = with(response, ETAG, &file.etag);
    let response = with(response, CACHE_CONTROL, "no-cache");
    match file.last_modified() {
        Some(date) => with(response, LAST_MODIFIED, &date),
        None => response,
    }
}

fn failed() -> Response {
    plain(StatusCode::PRECONDITION_FAILED, "The file is not in the state that was asked for.\n")
}

/// Answers before the first build is done, with a page that gives way to it.
pub fn starting(path: &str) -> Response {
    let name = path.trim_start_matches('/');
    let index = if name.is_empty() || name.ends_with('/') { "index.html" } else { "" };
    let page = OutPath::parse(&format!("{name}{index}"));
    let page = page.as_ref().map_or("index.html", OutPath::as_str);
    let html = live::starting(page);
    let response = with(Body::from(html).into_response(), CONTENT_TYPE, "text/html; charset=utf-8");
    let mut response = with(response, RETRY_AFTER, "1");
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    with(response, CONTENT_SECURITY_POLICY, live::STARTING_POLICY)
}

/// Answers that a file could not be read. What the system said may hold paths of this machine.
fn not_read(error: &io::Error) -> Response {
    match error.kind() {
        io::ErrorKind::NotFound => {
            plain(StatusCode::NOT_FOUND, "The file is gone. The next build brings it back.\n")
        }
        _ => plain(StatusCode::INTERNAL_SERVER_ERROR, "The file could not be read.\n"),
    }
}

/// Sets a header. A value that cannot be one (RFC 9110, 5.5) is left out.
pub fn with(mut response: Response, name: HeaderName, value: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}
