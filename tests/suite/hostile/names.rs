//! Names, dates and addresses of strangers: every one is answered, and what is made of it is safe
//! in a path, in a URL and on any file system.

use super::{NASTY, property};
use crate::support::Base;
use handbill::listing::leftovers::{Leftover, judge};
use handbill::listing::{Entry, Listing, Sorted, Stat, sort};
use handbill::names::{Spot, distinct_file_name, distinct_name, out_file_name, out_name};
use handbill::path::{OutPath, RelPath, fold};
use handbill::time::{Now, Stamp};
use handbill::web::{BaseUrl, Link, WebUrl};
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

const SPOTS: [Spot; 5] = [Spot::Contact, Spot::Group, Spot::DeepGroup, Spot::Message, Spot::Tag];

/// What `docs/format.md` reserves, by place.
fn reserved(spot: Spot) -> &'static str {
    match spot {
        Spot::Contact => {
            "tags media search subscriptions status feeds assets about conversations drafts archive \
             people in cgi-bin server-status server-info icons cname api"
        }
        Spot::Group => "in tags authors media",
        Spot::DeepGroup => "",
        Spot::Message => {
            "in tags authors media index feed 404 2026 0001 2026-11 page-1 page-2 page-"
        }
        Spot::Tag => "index feed 404 2026 2026-11",
    }
}

/// Device names of Windows, which are reserved everywhere, with any extension.
const DEVICES: &str = "con prn aux nul com0 com1 com2 com3 com4 com5 com6 com7 com8 com9 lpt0 lpt1 \
    lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9";

const PIECES: &[&str] = &[
    "a",
    "b",
    "x",
    "0",
    "1",
    "2026",
    "-",
    "_",
    ".",
    "..",
    " ",
    "  ",
    "A",
    "Z",
    "é",
    "e\u{301}",
    "潮",
    "ß",
    "İ",
    "ı",
    "K",
    "ſ",
    "\u{202E}",
    "\u{200B}",
    "\n",
    "\t",
    "\"",
    "'",
    "<",
    ">",
    "&",
    "%2f",
    ":",
    "|",
    "?",
    "*",
    "~",
    "#",
    "$",
    "{{",
    "2026-11-23",
    "2013-08-11T14-34-37Z",
    "T14-34-37Z",
    ".md",
    ".MD",
    ".markdown",
    ".txt",
    ".html",
    ".svg",
    ".js",
    ".png",
    ".jpg",
    ".tar.gz",
    ".exe",
    ".htaccess",
    "index",
    "feed",
    "404",
    "page-2",
    "in",
    "tags",
    "con",
    "NUL",
    "com1",
    "CNAME",
    "_headers",
    "channel.toml",
    " 2",
    " (2)",
    "-LAPTOP",
    ".sync-conflict-20261123-140900-K4LFMQY",
    ".Conflict",
    " (conflicted copy)",
    "~",
    ".tmp",
    ".part",
    "sed",
    "SFConflict ",
    "_conflict-20261123",
    "-safeBackup-0001",
    ".conflict1",
    "_Conflict",
    ".sb-",
];

/// Returns names: any text without what no file system takes.
fn names() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => proptest::sample::select(PIECES).prop_map(str::to_owned),
        1 => proptest::sample::select(NASTY).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => "[a-z0-9_-]{1,120}",
    ];
    let name = proptest::collection::vec(piece, 1..6)
        .prop_map(|p| p.concat().replace(['/', '\0', '\\'], ""));
    name.prop_filter("a name", |name| !matches!(name.as_str(), "" | "." | ".."))
}

/// Asserts that a name is safe as a part of a path, on any system.
#[track_caller]
fn assert_safe(out: &str, name: &str) {
    assert!(OutPath::parse(&format!("a/{out}/b")).is_some(), "{name:?} -> {out:?}");
    assert!(out.len() <= 130, "{name:?} -> {out:?}");
    assert!(!out.starts_with('.') && !out.ends_with('.'), "{name:?} -> {out:?}");
    let device = out.split('.').next().unwrap().to_ascii_lowercase();
    assert!(!DEVICES.split(' ').any(|d| d == device), "{name:?} -> {out:?}");
}

#[test]
fn names_in_the_output_are_safe_and_not_reserved() {
    let reserved_names = SPOTS.iter().flat_map(|spot| reserved(*spot).split(' '));
    let mut all: Vec<String> =
        reserved_names.chain(DEVICES.split(' ')).map(str::to_owned).collect();
    all.extend(
        ["_", "_x", "__", "2013-08-11T14-34-37Z", "con.txt", "a.b", "-", "x-", "."]
            .map(String::from),
    );
    all.extend(all.clone().iter().map(|name| name.to_uppercase()));
    let check = |name: &str| {
        for spot in SPOTS {
            let out = out_name(name, spot);
            assert_safe(&out, name);
            assert!(!reserved(spot).split(' ').any(|word| word == out), "{name:?} -> {out:?}");
            assert!(!matches!(spot, Spot::Contact | Spot::Tag) || !out.starts_with('_'), "{out:?}");
            assert_safe(&distinct_name(name), name);
        }
    };
    all.iter().filter(|name| !name.is_empty()).for_each(|name| check(name));
    property(5_000, names(), |name| check(&name));
}

#[test]
fn attachments_are_never_documents_of_the_site() {
    property(5_000, names(), |name| {
        for own in [false, true] {
            for out in [out_file_name(&name, own), distinct_file_name(&name, own)] {
                assert_safe(&out, &name);
                let extension = out.rsplit_once('.').map_or("", |(_, extension)| extension);
                let inert =
                    handbill::names::is_inert(extension) || matches!(extension, "txt" | "bin");
                assert!(inert || (own && extension == "svg"), "{name:?} -> {out:?}");
                let base = out.split('.').next().unwrap();
                assert!(!matches!(base, "index" | "feed" | "404" | ""), "{name:?} -> {out:?}");
            }
        }
    });
}

#[test]
fn nothing_that_a_browser_or_a_host_interprets_counts_as_inert() {
    for extension in [
        "html",
        "htm",
        "xhtml",
        "xht",
        "shtml",
        "svg",
        "svgz",
        "xml",
        "xsl",
        "xslt",
        "rdf",
        "atom",
        "rss",
        "js",
        "mjs",
        "cjs",
        "jsm",
        "css",
        "wasm",
        "swf",
        "php",
        "phtml",
        "cgi",
        "pl",
        "asp",
        "aspx",
        "jsp",
        "mht",
        "mhtml",
        "manifest",
        "appcache",
        "webmanifest",
        "hta",
        "htc",
        "htaccess",
        "exe",
        "",
        "HTML",
    ] {
        assert!(!handbill::names::is_inert(extension), "{extension}");
        let out = out_file_name(&format!("x.{extension}"), false);
        assert!(out.ends_with(".txt") || out.ends_with(".bin"), "{extension} -> {out}");
    }
}

#[test]
fn different_names_have_different_addresses() {
    let known: RefCell<BTreeMap<String, String>> = RefCell::default();
    property(20_000, names(), |name| {
        for (kind, out) in [
            ("name", out_name(&name, Spot::Message)),
            ("file", out_file_name(&name, false)),
            ("second", distinct_name(&name)),
        ] {
            // On file systems without case too; and a file's extension may differ in case alone.
            let name = if kind == "file" { in_lower_extension(&name) } else { name.clone() };
            let key = format!("{kind} {}", fold(&out));
            let first = known.borrow_mut().entry(key).or_insert_with(|| name.clone()).clone();
            assert_eq!(first, name, "both become {out:?}");
        }
    });
}

fn in_lower_extension(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((base, extension)) if !base.is_empty() => {
            format!("{base}.{}", extension.to_ascii_lowercase())
        }
        _ => name.to_owned(),
    }
}

#[test]
fn dates_are_read_of_any_text() {
    const DATES: &[&str] = &[
        "2026",
        "-",
        "11",
        "23",
        "T",
        "t",
        " ",
        "10",
        ":",
        "15",
        "30",
        ".",
        "5",
        "Z",
        "z",
        "+",
        "01:00",
        "24:00",
        "+9999",
        "UTC",
        "GMT",
        "0001",
        "9999",
        "0000",
        "-12-31",
        "é",
        "潮",
        "00",
        "_",
        "2026-11-23",
        "T10-15-30Z",
        "2026-02-29",
        "23:59:60",
    ];
    let piece = proptest::sample::select(DATES).prop_map(str::to_owned);
    let texts = proptest::collection::vec(
        prop_oneof![9 => piece, 1 => any::<char>().prop_map(String::from)],
        0..12,
    );
    property(10_000, texts.prop_map(|p| p.concat()), |text| {
        for stamp in [
            Stamp::parse(&text),
            Stamp::parse(&format!("2026-11-23{text}")),
            Stamp::full_name(&text),
            Stamp::of_name(&text).map(|(stamp, _)| stamp),
            Stamp::of_name(&format!("2026-11-23T10-15-30Z{text}")).map(|(stamp, _)| stamp),
        ]
        .into_iter()
        .flatten()
        {
            assert_total(stamp);
        }
    });
    property(1_000, any::<i64>(), |seconds| assert_total(Stamp::from_unix(seconds)));
}

/// Asserts that all that is asked of a date has an answer.
fn assert_total(stamp: Stamp) {
    assert_eq!(Stamp::parse(&stamp.iso()).map(Stamp::unix), Some(stamp.unix()), "{}", stamp.iso());
    assert!((1..=12).contains(&stamp.month().month), "{stamp:?}");
    stamp.day_in(chrono_tz::Pacific::Kiritimati);
    stamp.day_in(chrono_tz::Pacific::Niue);
    assert!(!stamp.zone().is_empty());
    assert!(!stamp.is_held(Now(i64::MAX)) && stamp.is_held(Now(i64::MIN)));
}

#[test]
fn addresses_are_told_apart_whatever_they_are() {
    const SCHEMES: &[&str] = &[
        "",
        "http:",
        "https:",
        "HTTP:",
        "mailto:",
        "javascript:",
        "data:",
        "file:",
        "ftp:",
        "x:",
        "//",
        "/",
    ];
    let scheme = proptest::sample::select(SCHEMES);
    let base = BaseUrl::parse("https://example.org/").unwrap();
    property(10_000, (scheme, names()), |(scheme, rest)| {
        let text = format!("{scheme}{rest}");
        let plain = |text: &str| !text.contains(|c: char| c.is_control() || c == '\\');
        match Link::parse(&text) {
            Some(Link::Web(url)) => {
                assert!(
                    url.as_str().starts_with("http://") || url.as_str().starts_with("https://")
                );
                assert!(url.as_str().is_ascii() && !url.as_str().contains(['<', '>', ' ']));
                assert!(!url.host().is_empty());
                url.is_loopback();
                url.below(&base);
            }
            Some(Link::Mail(mail)) => {
                assert!(mail.starts_with("mailto:") && plain(&mail), "{mail:?}");
            }
            Some(Link::Relative(path)) => {
                assert!(!path.is_empty() && plain(&path), "{path:?}");
                // What it leads to lies in the same box.
                RelPath::parse("a/b.md").unwrap().resolve_sibling(&path);
            }
            Some(Link::Fragment(_)) => assert!(
                text.trim_matches(|c: char| c.is_whitespace() || c.is_control()).starts_with('#')
            ),
            None => {}
        }
        WebUrl::parse(&text);
        BaseUrl::parse(&text);
    });
}

fn listing(paths: BTreeSet<RelPath>) -> Listing {
    let entry = |path| Entry {
        path,
        stat: Stat { size: 1, ..Stat::default() },
        picture: None,
        copy: Default::default(),
    };
    Listing { files: paths.into_iter().map(entry).collect(), odd: Vec::new() }
}

#[test]
fn every_file_of_a_box_has_one_place() {
    let path = proptest::collection::vec(names(), 1..4).prop_map(|parts| parts.join("/"));
    let boxes = proptest::collection::btree_set(path, 0..30);
    property(2_000, boxes, |paths| {
        let paths = paths.iter().filter_map(|path| RelPath::parse(path)).collect();
        let listing = listing(paths);
        let sorted = sort(&listing);
        let stems: BTreeSet<String> =
            sorted.messages.iter().map(|m| fold(m.stem.as_str())).collect();
        assert_eq!(stems.len(), sorted.messages.len(), "one message for a stem");
        for entry in &listing.files {
            assert_eq!(places(&entry.path, &sorted), 1, "{:?}", entry.path);
        }
    });
}

/// Returns in how many places a file is: shown, or left out with or without a word.
fn places(path: &RelPath, sorted: &Sorted) -> usize {
    let message = sorted.messages.iter().filter(|m| m.path == *path).count();
    let attachments = sorted.messages.iter().flat_map(|m| &m.attachments);
    let attached = attachments.filter(|a| a.path == *path).count();
    let other = usize::from(sorted.others.contains_key(path));
    let told = sorted.diagnostics.iter().filter(|d| {
        let waiting = d.code == "waiting" && path.as_str().starts_with(&format!("{}/", d.path));
        waiting || (d.path == path.as_str() && matches!(&*d.code, "same-name" | "conflict-copy"))
    });
    let silent = judge(path) == Some(Leftover::Ours) || path.as_str() == "channel.toml";
    message + attached + other + told.count() + usize::from(silent)
}

#[test]
fn a_stranger_has_a_bounded_number_of_tags() {
    let base = Base::in_memory();
    for n in 0..50 {
        let tags: Vec<String> = (0..30).map(|tag| format!("#word-{}", n * 30 + tag)).collect();
        let text = tags.join(" ");
        base.write(&format!("stranger/inbox/2026-10-01T10-{n:02}-00Z.md"), &text);
        base.write(&format!("mine/outbox/2026-10-02T10-{n:02}-00Z.md"), &text[..text.len() / 2]);
    }
    let report = base.build();
    assert!(report.found.iter().any(|d| d.code == "too-many-tags" && d.path == "stranger"));
    let reader = base.edition("reader");
    let tags =
        reader.keys().filter(|path| path.starts_with("tags/") && path.matches('/').count() == 2);
    let pages = tags.filter(|path| path.ends_with("/index.html")).count();
    // A thousand of the stranger's; of mine all, about 750, of which most are among these.
    assert!((1_000..1_500).contains(&pages), "{pages}");
    assert_eq!(crate::support::dead_links(&reader), Vec::<String>::new());
}
