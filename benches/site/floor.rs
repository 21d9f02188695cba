//! The floor: as little as a program can do that makes these files out of these sources.
//!
//! It reads the same messages, runs the same Markdown parser with the same options, and writes
//! pages, lists, feeds of both formats and their archives under the same names and with the same
//! texts in them, in parallel, from fixed strings. It checks nothing, escapes what it must, knows
//! this corpus' kind of header only, keeps no cache and names no reply on the page of what it
//! answers. Nothing in it is made slower than it has to be.

use super::corpus::channel_id;
use handbill::config::Settings;
use handbill::library::{channel_namespace, message_id};
use handbill::limits::FEED_ENTRIES;
use handbill::path::RelPath;
use pulldown_cmark::{Options, Parser, html::push_html};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// How many messages a list shows for each one that a list with bodies shows.
const COMPACT: usize = 10;

struct Post {
    channel: usize,
    /// The file name without its extension; begins with the time.
    stem: String,
    title: String,
    excerpt: String,
    tags: Vec<String>,
    answers: Option<String>,
    html: String,
}

impl Post {
    fn month(&self) -> &str {
        &self.stem[..7]
    }

    fn year(&self) -> &str {
        &self.stem[..4]
    }
}

struct Floor<'f> {
    out: &'f Path,
    channels: &'f [String],
    /// How many messages a list with bodies shows.
    page_size: usize,
}

/// A file to be written and how.
type Job<'j> = Box<dyn Fn() + Send + Sync + 'j>;

/// Builds `base` into the folder `out`, which is not there yet.
pub fn run(base: &Path, out: &Path) {
    let channels = channels(base);
    let mut posts: Vec<Post> =
        channels.par_iter().enumerate().flat_map(|(n, name)| read(base, n, name)).collect();
    posts.par_sort_by(|a, b| a.stem.cmp(&b.stem));
    let floor = Floor { out, channels: &channels, page_size: Settings::default().page_size };
    floor.all(&posts);
}

fn channels(base: &Path) -> Vec<String> {
    let entries = fs::read_dir(base).expect("the base folder can be read");
    let names = entries.flatten().filter(|entry| entry.path().join("outbox").is_dir());
    let mut names: Vec<String> =
        names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn read(base: &Path, channel: usize, name: &str) -> Vec<Post> {
    let folder = base.join(name).join("outbox");
    let entries = fs::read_dir(&folder).expect("the box can be read");
    let mut files: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    files.retain(|name| name.ends_with(".md") || name.ends_with(".txt"));
    let post = |name: String| {
        let text = fs::read_to_string(folder.join(&name)).expect("the message can be read");
        let stem = name.rsplit_once('.').map_or(&*name, |(stem, _)| stem).to_owned();
        parse(channel, stem, &text)
    };
    files.into_par_iter().map(post).collect()
}

fn parse(channel: usize, stem: String, text: &str) -> Post {
    let mut title = None;
    let mut tags = Vec::new();
    let mut answers = None;
    let mut body = text;
    if let Some((header, rest)) = text.strip_prefix("+++\n").and_then(|t| t.split_once("+++\n")) {
        body = rest;
        for line in header.lines() {
            if let Some(value) = line.strip_prefix("title = \"") {
                title = Some(value.trim_end_matches('"').to_owned());
            } else if let Some(value) = line.strip_prefix("tags = [\"") {
                tags.extend(value.trim_end_matches("\"]").split("\", \"").map(str::to_owned));
            } else if let Some(value) = line.strip_prefix("in_reply_to = \"") {
                answers = Some(value.trim_end_matches('"').to_owned());
            }
        }
    }
    for (at, _) in body.match_indices('#') {
        let word = &body[at + 1..];
        let end = word.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(word.len());
        if end > 0 && (at == 0 || body[..at].ends_with([' ', '\n'])) {
            let tag = &word[..end];
            if !tags.iter().any(|known| known == tag) {
                tags.push(tag.to_owned());
            }
        }
    }
    let mut html = String::with_capacity(body.len() * 5 / 4);
    push_html(&mut html, Parser::new_ext(body, options()));
    let end = body.floor_char_boundary(240);
    let mut excerpt = String::with_capacity(end + 16);
    escape(&mut excerpt, &body[..end]);
    let title = title.unwrap_or_else(|| excerpt[..excerpt.floor_char_boundary(60)].to_owned());
    Post { channel, stem, title, excerpt, tags, answers, html }
}

fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_GFM
}

impl Floor<'_> {
    fn all(&self, posts: &[Post]) {
        let mut by_channel: Vec<Vec<&Post>> = self.channels.iter().map(|_| Vec::new()).collect();
        let mut by_tag: BTreeMap<&str, Vec<&Post>> = BTreeMap::new();
        for post in posts {
            by_channel[post.channel].push(post);
            for tag in &post.tags {
                by_tag.entry(tag).or_default().push(post);
            }
        }
        let timeline: Vec<&Post> = posts.iter().collect();
        let mut jobs: Vec<Job<'_>> = Vec::new();
        self.folder("");
        self.index("", "Home", &timeline, true, &mut jobs);
        for (name, posts) in self.channels.iter().zip(&by_channel) {
            self.index(&format!("{name}/"), name, posts, true, &mut jobs);
            self.years(name, posts, &mut jobs);
            self.months(name, posts, true, &mut jobs);
            self.archives(name, posts, &mut jobs);
        }
        self.folder("archive/");
        self.file("archive/index.html", "Archive", &links(timeline.iter().map(|p| p.year())));
        self.years("archive", &timeline, &mut jobs);
        self.months("archive", &timeline, false, &mut jobs);
        self.archives("archive", &timeline, &mut jobs);
        self.folder("tags/");
        self.file("tags/index.html", "Tags", &links(by_tag.keys().copied()));
        for (tag, posts) in &by_tag {
            self.index(&format!("tags/{tag}/"), tag, posts, false, &mut jobs);
            for year in posts.chunk_by(|a, b| a.year() == b.year()) {
                self.list(&format!("tags/{tag}/{}", year[0].year()), year, false, &mut jobs);
            }
        }
        self.file("404.html", "Not found", "");
        self.folder("feeds/");
        self.file("feeds/index.html", "Feeds", &links(by_tag.keys().copied()));
        self.threads(posts, &mut jobs);
        self.sitemaps(&timeline);
        self.folder("assets/");
        for (name, text) in ASSETS {
            fs::write(self.out.join("assets").join(name), text).expect("it can be written");
        }
        jobs.par_iter().for_each(|job| job());
    }

    /// A page for each message that is answered and answers none, with all that follows from it.
    fn threads<'j>(&'j self, posts: &'j [Post], jobs: &mut Vec<Job<'j>>) {
        let id = |post: &Post| {
            let namespace = channel_namespace(Some(channel_id(post.channel)), "", "outbox");
            message_id(namespace, &RelPath::parse(&post.stem).expect("stems are plain")).to_string()
        };
        let by_id: HashMap<String, usize> =
            posts.par_iter().enumerate().map(|(n, post)| (id(post), n)).collect();
        let answered = |post: &Post| by_id.get(post.answers.as_ref()?).copied();
        let mut threads: BTreeMap<usize, Vec<&Post>> = BTreeMap::new();
        let mut roots: Vec<usize> = (0..posts.len()).collect();
        for (n, post) in posts.iter().enumerate() {
            // What a message answers is older, and so stands before it.
            let Some(first) = answered(post).map(|target| roots[target]) else { continue };
            roots[n] = first;
            threads.entry(first).or_insert_with(|| vec![&posts[first]]).push(post);
        }
        for (first, thread) in threads {
            let Post { channel, stem, .. } = &posts[first];
            let dir = format!("_/thread/{}", self.channels[*channel]);
            self.folder(&dir);
            jobs.push(Box::new(move || {
                let text = self.entries(&thread, true);
                let title = &thread[0].title;
                self.file(&format!("{dir}/{stem}.html"), title, &text);
                self.folder(&format!("{dir}/{stem}"));
                let newest = thread.iter().rev().take(FEED_ENTRIES);
                self.feed(&format!("{dir}/{stem}/feed.xml"), title, newest.clone().copied());
                self.json(&format!("{dir}/{stem}/feed.json"), title, newest.copied());
            }));
        }
    }

    fn sitemaps(&self, timeline: &[&Post]) {
        let mut maps = vec!["sitemap-pages.xml".to_owned()];
        let pages: Vec<String> = self.channels.iter().map(|name| format!("{name}/")).collect();
        self.sitemap(&maps[0], pages.iter());
        for month in timeline.chunk_by(|a, b| a.month() == b.month()) {
            let page = |post: &&Post| format!("{}/{}.html", self.channels[post.channel], post.stem);
            let pages: Vec<String> = month.iter().map(page).collect();
            maps.push(format!("sitemap-{}.xml", month[0].month()));
            self.sitemap(&maps[maps.len() - 1], pages.iter());
        }
        self.sitemap("sitemap.xml", maps.iter());
        fs::write(self.out.join("robots.txt"), "User-agent: *\nDisallow:\n").expect("written");
    }

    fn sitemap<'p>(&self, path: &str, pages: impl Iterator<Item = &'p String>) {
        let mut text = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<urlset>\n");
        for page in pages {
            let _ = writeln!(text, "<url><loc>https://example.org/notes/{page}</loc></url>");
        }
        text.push_str("</urlset>\n");
        fs::write(self.out.join(path), text).expect("the map can be written");
    }

    /// The newest messages and their feed.
    fn index<'j>(
        &'j self,
        dir: &str,
        title: &str,
        posts: &'j [&'j Post],
        full: bool,
        jobs: &mut Vec<Job<'j>>,
    ) {
        self.folder(dir);
        let (dir, title) = (dir.to_owned(), title.to_owned());
        jobs.push(Box::new(move || {
            let newest: Vec<&Post> = posts.iter().rev().take(self.page_size).copied().collect();
            let mut text = self.entries(&newest, full);
            text.push_str(&links(posts.iter().map(|post| post.year())));
            self.file(&format!("{dir}index.html"), &title, &text);
            if full || posts.len() > 1 {
                let newest = posts.iter().rev().take(FEED_ENTRIES);
                self.feed(&format!("{dir}feed.xml"), &title, newest.clone().copied());
                self.json(&format!("{dir}feed.json"), &title, newest.copied());
            }
        }));
    }

    fn years<'j>(&'j self, dir: &str, posts: &'j [&'j Post], jobs: &mut Vec<Job<'j>>) {
        for year in posts.chunk_by(|a, b| a.year() == b.year()) {
            let dir = format!("{dir}/{}/", year[0].year());
            self.folder(&dir);
            jobs.push(Box::new(move || {
                let text = links(year.iter().map(|post| post.month()));
                self.file(&format!("{dir}index.html"), &dir, &text);
            }));
        }
    }

    /// The lists of months; those of a channel with the pages of their messages.
    fn months<'j>(&'j self, dir: &str, posts: &'j [&'j Post], full: bool, jobs: &mut Vec<Job<'j>>) {
        for month in posts.chunk_by(|a, b| a.month() == b.month()) {
            if full {
                let dir = dir.to_owned();
                jobs.push(Box::new(move || {
                    month.iter().for_each(|post| self.page(&dir, post));
                }));
            }
            self.list(&format!("{dir}/{}", month[0].month()), month, full, jobs);
        }
    }

    /// The archives of a feed: the months that its newest entries do not fill.
    fn archives<'j>(&'j self, dir: &str, posts: &'j [&'j Post], jobs: &mut Vec<Job<'j>>) {
        let mut before = 0;
        for month in posts.chunk_by(|a, b| a.month() == b.month()) {
            if posts.len() - before > FEED_ENTRIES {
                let path = format!("{dir}/{}/feed.xml", month[0].month());
                jobs.push(Box::new(move || self.feed(&path, &path, month.iter().rev().copied())));
            }
            before += month.len();
        }
    }

    fn list<'j>(&'j self, dir: &str, posts: &'j [&'j Post], full: bool, jobs: &mut Vec<Job<'j>>) {
        self.folder(dir);
        let size = if full { self.page_size } else { self.page_size * COMPACT };
        for (n, part) in posts.chunks(size).enumerate() {
            let path = match n {
                0 => format!("{dir}/index.html"),
                n => format!("{dir}/page-{}.html", n + 1),
            };
            jobs.push(Box::new(move || self.file(&path, &path, &self.entries(part, full))));
        }
    }

    fn page(&self, dir: &str, post: &Post) {
        let mut text = String::with_capacity(post.html.len() + 1024);
        self.entry(&mut text, post, &post.html);
        text.push_str(WALK);
        self.file(&format!("{dir}/{}.html", post.stem), &post.title, &text);
    }

    fn entries(&self, posts: &[&Post], full: bool) -> String {
        let mut text = String::with_capacity(posts.len() * 2048);
        for post in posts {
            self.entry(&mut text, post, if full { &post.html } else { &post.excerpt });
        }
        text
    }

    fn entry(&self, text: &mut String, post: &Post, body: &str) {
        let Post { stem, title, .. } = post;
        let channel = &self.channels[post.channel];
        let _ = write!(
            text,
            "<article class=\"message channel mine\" lang=\"en\">\n\
             <h3 class=\"untitled\" dir=\"auto\"><a href=\"../{channel}/{stem}.html\">{title}</a></h3>\n\
             <p class=\"byline\"><a class=\"from\" href=\"../{channel}/index.html\"><span class=\"sign channel\" \
             aria-hidden=\"true\"></span><bdi>{channel}</bdi></a> <a class=\"permalink\" \
             href=\"../{channel}/{stem}.html\"><time datetime=\"{stem}\">{stem}</time></a></p>\n\
             <div class=\"body\" dir=\"auto\">\n{body}</div>\n"
        );
        for tag in &post.tags {
            let _ = writeln!(text, "<a href=\"../tags/{tag}/index.html\">#<bdi>{tag}</bdi></a>");
        }
        text.push_str("</article>\n");
    }

    fn feed<'p>(&self, path: &str, title: &str, posts: impl Iterator<Item = &'p Post>) {
        let mut text = String::with_capacity(128 << 10);
        let _ = write!(
            text,
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\
             <title>{title}</title><id>urn:uuid:{title}</id><updated>2026-01-01T00:00:00Z</updated>"
        );
        for post in posts {
            let Post { stem, title, .. } = post;
            let channel = &self.channels[post.channel];
            let _ = write!(
                text,
                "<entry><title>{title}</title><id>urn:uuid:{stem}</id><updated>{stem}</updated><author><name>\
                 {channel}</name></author><link href=\"https://example.org/notes/{channel}/{stem}.html\" \
                 rel=\"alternate\" type=\"text/html\"/><content type=\"html\">"
            );
            escape(&mut text, &post.html);
            text.push_str("</content></entry>");
        }
        text.push_str("</feed>\n");
        fs::write(self.out.join(path), text).expect("the feed can be written");
    }

    fn json<'p>(&self, path: &str, title: &str, posts: impl Iterator<Item = &'p Post>) {
        let mut text = String::with_capacity(128 << 10);
        let _ = write!(
            text,
            "{{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"{title}\",\"items\":["
        );
        for (n, post) in posts.enumerate() {
            let channel = &self.channels[post.channel];
            let stem = &post.stem;
            let _ = write!(
                text,
                "{}{{\"id\":\"urn:uuid:{stem}\",\"url\":\"https://example.org/notes/{channel}/{stem}.html\",\
                 \"date_published\":\"{stem}\",\"authors\":[{{\"name\":\"{channel}\"}}],\"content_html\":\"",
                if n == 0 { "" } else { "," }
            );
            escape_json(&mut text, &post.html);
            text.push_str("\"}");
        }
        text.push_str("]}\n");
        fs::write(self.out.join(path), text).expect("the feed can be written");
    }

    fn file(&self, path: &str, title: &str, main: &str) {
        let mut text = String::with_capacity(HEAD.len() + FOOT.len() + main.len() + 2048);
        text.push_str(HEAD);
        text.push_str(title);
        text.push_str(HEADER);
        for channel in self.channels {
            text.push_str("<li><a href=\"../");
            text.push_str(channel);
            text.push_str(
                "/index.html\"><span class=\"sign channel\" aria-hidden=\"true\"></span><bdi>",
            );
            text.push_str(channel);
            text.push_str("</bdi> <span class=\"kind\">channel</span></a></li>\n");
        }
        text.push_str(MAIN);
        text.push_str(main);
        text.push_str(FOOT);
        fs::write(self.out.join(path), text).expect("the page can be written");
    }

    fn folder(&self, dir: &str) {
        fs::create_dir_all(self.out.join(dir)).expect("the folder can be made");
    }
}

/// Returns links for the different ones of some sorted names.
fn links<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut text = String::new();
    let mut last = "";
    for name in names {
        if name != last {
            let _ = writeln!(text, "<li><a href=\"{name}/index.html\">{name}</a></li>");
            last = name;
        }
    }
    text
}

fn escape(out: &mut String, text: &str) {
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let name = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => continue,
        };
        out.push_str(&text[from..at]);
        out.push_str(name);
        from = at + 1;
    }
    out.push_str(&text[from..]);
}

fn escape_json(out: &mut String, text: &str) {
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let name = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            _ => continue,
        };
        out.push_str(&text[from..at]);
        out.push_str(name);
        from = at + 1;
    }
    out.push_str(&text[from..]);
}

const HEAD: &str = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
    <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'self'; \
    img-src 'self'; media-src 'self'; base-uri 'none'; form-action 'none'\">\n\
    <meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"generator\" content=\"floor\">\n\
    <link rel=\"stylesheet\" href=\"../assets/style.css\">\n\
    <link rel=\"alternate\" type=\"application/atom+xml\" title=\"Ten years\" href=\"../feed.xml\">\n<title>";
const HEADER: &str = "</title>\n</head>\n<body class=\"public\">\n<a class=\"skip\" href=\"#main\">Skip to the \
    text</a>\n<header class=\"masthead\">\n<p class=\"site-title\"><a href=\"../index.html\" dir=\"auto\">Ten \
    years</a></p>\n<nav aria-label=\"Contacts\">\n<ul class=\"contacts\">\n";
const MAIN: &str = "</ul>\n<ul class=\"places\">\n<li><a href=\"../archive/index.html\">Archive</a></li>\n\
    <li><a href=\"../tags/index.html\">Tags</a></li>\n</ul>\n</nav>\n</header>\n<main id=\"main\">\n";
const FOOT: &str = "</main>\n<footer class=\"colophon\">\n<p>Made with little · <a href=\"../feed.xml\">Feed</a></p>\n\
    </footer>\n</body>\n</html>\n";
const WALK: &str = "<nav class=\"walk\"><a rel=\"prev\" href=\"index.html\">Older</a> \
    <a rel=\"next\" href=\"index.html\">Newer</a></nav>\n";
const ASSETS: [(&str, &str); 2] = [
    ("style.css", include_str!("../../themes/default/assets/style.css")),
    ("feed.css", include_str!("../../themes/default/assets/feed.css")),
];
