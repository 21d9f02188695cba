//! Names, dates and addresses of strangers: every one is answered, and what is made of it is safe
//! in a path, in a URL and on any file system.

use super::holds::name::{
    DEVICES, SPOTS, assert_box, assert_file_name, assert_link, assert_name, assert_stamps,
    assert_total, reserved,
};
use super::{NASTY, property};
use crate::support::Base;
use handbill::names::{Spot, distinct_name, out_file_name, out_name};
use handbill::path::{RelPath, fold};
use handbill::time::Stamp;
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::BTreeMap;

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
    all.iter().filter(|name| !name.is_empty()).for_each(|name| assert_name(name));
    property(5_000, names(), |name| assert_name(&name));
}

#[test]
fn attachments_are_never_documents_of_the_site() {
    property(5_000, names(), |name| assert_file_name(&name));
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
    property(10_000, texts.prop_map(|p| p.concat()), |text| assert_stamps(&text));
    property(1_000, any::<i64>(), |seconds| assert_total(Stamp::from_unix(seconds)));
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
    property(10_000, (scheme, names()), |(scheme, rest)| assert_link(&format!("{scheme}{rest}")));
}

#[test]
fn every_file_of_a_box_has_one_place() {
    let path = proptest::collection::vec(names(), 1..4).prop_map(|parts| parts.join("/"));
    let boxes = proptest::collection::btree_set(path, 0..30);
    property(2_000, boxes, |paths| {
        let paths = paths.iter().filter_map(|path| RelPath::parse(path)).collect();
        assert_box(paths);
    });
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

#[test]
fn no_tag_of_a_stranger_takes_the_page_of_mine() {
    let base = Base::of("-- notes/outbox/2026-11-20.md\nMine. #ö\n");
    base.build();
    let mine = base.edition("reader").into_keys().find(|path| path.starts_with("tags/x-")).unwrap();
    let name = mine.split('/').nth(1).unwrap().to_owned();
    base.write("harbour/inbox/2026-11-21.md", format!("+++\ntags = [\"{name}\"]\n+++\nTheirs."));
    base.build();
    let page = base.page(&format!("reader/{mine}"));
    assert!(page.contains("Mine.") && !page.contains("Theirs."), "{page}");
    let theirs = base.edition("reader").into_iter().filter(|(path, _)| {
        path.starts_with("tags/") && path.ends_with("index.html") && path.matches('/').count() == 2
    });
    assert_eq!(theirs.count(), 2);
}
