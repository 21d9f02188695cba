//! What a build writes when little has changed: exactly what shows the change.

use crate::support::{Base, Rng, difference, png, set_time, times, tree, written};
use handbill::path::RelPath;
use handbill::time::Stamp;
use std::fs;
use std::time::{Duration, SystemTime};

mod named;
mod seal;
mod segments;
mod snapshots;

/// A site with something of everything.
fn rich() -> Base {
    let base = Base::of(
        "-- handbill.toml
title = \"Rich\"
public = [\"notes\"]
base_url = \"https://site.example\"
-- notes/outbox/channel.toml
id = \"7a4f2b0e-9d0c-4c57-8c7a-0d2f5d0a6b11\"
title = \"Field notes\"
avatar = \"avatar.png\"
-- notes/outbox/2026-10-02T10-00-00Z-first.md
# First
See ![the gauge](gauge.png) and [the data](data.csv). #tide
-- notes/outbox/2026-10-02T10-00-00Z-first/data.csv
a,b
-- notes/outbox/2026-10-02T10-00-00Z-first/sound.mp3
not really
-- notes/outbox/2026-11-03T10-00-00Z.txt
Second, without a title. #tide
-- mira/inbox/2026-11-04T10-00-00Z.md
+++
in_reply_to = \"https://site.example/notes/2026-11-03T10-00-00Z.html\"
+++
From Mira.
-- mira/outbox/2026-11-05T10-00-00Z.md
To Mira.
",
    );
    base.write("notes/outbox/avatar.png", png(4, 4));
    base.write("notes/outbox/2026-10-02T10-00-00Z-first/gauge.png", png(8, 6));
    base
}

#[test]
fn a_second_build_of_the_same_writes_nothing() {
    let base = rich();
    base.build();
    let before = times(&base.at("_site"));
    let report = base.build();
    for edition in &report.editions {
        assert_eq!((edition.written, edition.removed), (0, 0), "{}", edition.edition);
        assert_eq!(edition.kept, base.edition(edition.edition).len());
    }
    // The manifests lie there too.
    assert!(before.contains_key(".public.manifest"));
    assert_eq!(before, times(&base.at("_site")));
}

#[test]
fn what_was_found_is_found_again_when_nothing_has_changed() {
    let base = rich();
    base.write("notes/outbox/2026-11-06T10-00-00Z.md", "+++\nunknwon = 1\n+++\n[x](gone.png)\n");
    base.write("mira/inbox/2026-11-07T10-00-00Z.md", "+++\ntitle = \"open\n+++\nText.\n");
    base.write("theme/templates/message.html", "{{ view.nothing.at.all }}");
    base.write("theme/templates/list.html", "{% block");
    base.settle();
    let first = base.build();
    let codes: Vec<&str> = first.found.iter().map(|d| &*d.code).collect();
    for code in ["unknown-key", "missing-file", "bad-header", "bad-template"] {
        assert!(codes.contains(&code), "{code}: {codes:?}");
    }
    let cache = fs::read(base.at(".handbill/cache/messages.bin")).unwrap();
    let path = b"mira/inbox/2026-11-07T10-00-00Z.md";
    assert!(cache.windows(path.len()).any(|part| part == path), "the cache is not used");
    let second = base.build();
    assert_eq!(first.found, second.found);
    assert!(second.editions.iter().all(|edition| edition.written == 0));
}

/// A channel with `count` messages, ten a month up to November 2026, and another one.
fn long(count: usize) -> Base {
    let base = Base::long("public = [\"notes\", \"quiet\"]\n", count);
    base.write("quiet/outbox/2026-11-01T00-00-00Z.md", "Quiet.");
    base
}

/// Builds, changes something, builds again; returns what was written and makes sure that the
/// report counts it and that the rest is as it was.
#[track_caller]
fn written_by(base: &Base, change: impl FnOnce(&Base)) -> Vec<String> {
    base.build();
    let before = times(&base.at("_site"));
    change(base);
    let report = base.build();
    let mut all = written(&before, &times(&base.at("_site")));
    all.retain(|path| !path.starts_with('.'));
    let counted: usize = report.editions.iter().map(|edition| edition.written).sum();
    assert_eq!(counted, all.len(), "{all:#?}");
    all
}

/// Checks what a change writes into each edition.
#[track_caller]
fn check_written(base: &Base, expect: &[&str], change: impl FnOnce(&Base)) {
    check_both(base, expect, &[], change);
}

/// Checks what a new message writes: in the reader edition the list of contacts counts it.
#[track_caller]
fn check_new(base: &Base, expect: &[&str], change: impl FnOnce(&Base)) {
    check_both(base, expect, &["subscriptions/index.html"], change);
}

#[track_caller]
fn check_both(base: &Base, expect: &[&str], reader: &[&str], change: impl FnOnce(&Base)) {
    let all = written_by(base, change);
    for (edition, more) in [("public/", &[][..]), ("reader/", reader)] {
        let here: Vec<&str> = all.iter().filter_map(|path| path.strip_prefix(edition)).collect();
        let mut expect = [expect, more].concat();
        expect.sort_unstable();
        assert_eq!(here, expect, "{edition}");
    }
}

#[test]
fn a_new_message_writes_the_same_files_in_a_small_and_in_a_large_site() {
    for count in [20, 400] {
        let mut expect = vec![
            "archive/2026-11/index.html",
            "archive/2026/index.html",
            "assets/search/2026-11.js",
            "feed.json",
            "feed.xml",
            "index.html",
            "notes/2026-11-20T10-00-00Z.html",
            "notes/2026-11-24T10-00-00Z.html",
            "notes/2026-11/index.html",
            "notes/2026/index.html",
            "notes/feed.json",
            "notes/feed.xml",
            "notes/index.html",
            "tags/index.html",
            "tags/tide/2026/index.html",
            "tags/tide/feed.json",
            "tags/tide/feed.xml",
            "tags/tide/index.html",
        ];
        // The fifty newest were those of five whole months; now one of the oldest falls out, and
        // that month is archived.
        expect.extend((count > 50).then_some("notes/2026-07/feed.xml"));
        check_new(&long(count), &expect, |base| {
            base.write("notes/outbox/2026-11-24T10-00-00Z.md", "New. #tide");
        });
    }
}

#[test]
fn a_new_message_without_a_tag_leaves_the_tags_alone() {
    check_new(
        &long(20),
        &[
            "archive/2026-11/index.html",
            "archive/2026/index.html",
            "assets/search/2026-11.js",
            "feed.json",
            "feed.xml",
            "index.html",
            "notes/2026-11-20T10-00-00Z.html",
            "notes/2026-11-24T10-00-00Z.html",
            "notes/2026-11/index.html",
            "notes/2026/index.html",
            "notes/feed.json",
            "notes/feed.xml",
            "notes/index.html",
        ],
        |base| {
            base.write("notes/outbox/2026-11-24T10-00-00Z.md", "New.");
        },
    );
}

#[test]
fn a_late_message_of_years_ago_writes_what_lies_around_it_in_time() {
    // The hundred newest are younger, so that no index and no feed shows it.
    let base = long(300);
    check_new(
        &base,
        &[
            "archive/2024-09/feed.xml",
            "archive/2024-09/index.html",
            "archive/2024/index.html",
            "assets/search/2024-09.js",
            "notes/2024-09-15T10-00-00Z.html",
            "notes/2024-09-15T11-00-00Z.html",
            "notes/2024-09-16T10-00-00Z.html",
            "notes/2024-09/feed.xml",
            "notes/2024-09/index.html",
            "notes/2024/index.html",
            "tags/index.html",
            "tags/tide/2024/index.html",
        ],
        |base| {
            base.write("notes/outbox/2024-09-15T11-00-00Z.md", "Late. #tide");
        },
    );
}

#[test]
fn a_late_message_of_a_new_month_is_linked_from_the_months_beside_it() {
    let base = long(120);
    fs::remove_file(base.at("quiet/outbox/2026-11-01T00-00-00Z.md")).unwrap();
    for day in ["2023-01-05", "2023-09-05"] {
        base.write(&format!("quiet/outbox/{day}.md"), day);
    }
    check_new(
        &base,
        &[
            "archive/2023-01/index.html",
            "archive/2023-05/feed.xml",
            "archive/2023-05/index.html",
            "archive/2023-09/feed.xml",
            "archive/2023-09/index.html",
            "archive/2023/index.html",
            "assets/search/2023-05.js",
            "quiet/2023-01-05.html",
            "quiet/2023-01/index.html",
            "quiet/2023-05-05.html",
            "quiet/2023-05/index.html",
            "quiet/2023-09-05.html",
            "quiet/2023-09/index.html",
            "quiet/2023/index.html",
            "quiet/feed.json",
            "quiet/feed.xml",
            "quiet/index.html",
            "search/index.html",
        ],
        |base| {
            base.write("quiet/outbox/2023-05-05.md", "Late");
        },
    );
}

#[test]
fn an_edit_of_a_text_writes_what_shows_the_text() {
    // The message has a title, so that its neighbours show none of its words; lists without bodies
    // show the first.
    let base = long(120);
    let text = |first: &str, last: &str| {
        format!("+++\ntitle = \"Titled\"\n+++\n{first} {} {last} #tide", "words ".repeat(50))
    };
    let (young, old) =
        ("notes/outbox/2026-11-15T10-00-00Z.md", "notes/outbox/2026-02-15T10-00-00Z.md");
    base.write(young, text("Low", "tide")).write(old, text("Low", "tide"));
    check_written(
        &base,
        &[
            "assets/search/2026-11.js",
            "feed.json",
            "feed.xml",
            "index.html",
            "notes/2026-11-15T10-00-00Z.html",
            "notes/2026-11/index.html",
            "notes/feed.json",
            "notes/feed.xml",
            "notes/index.html",
            "tags/tide/feed.json",
            "tags/tide/feed.xml",
        ],
        |base| {
            base.write(young, text("Low", "water"));
        },
    );
    let page = "notes/2026-02-15T10-00-00Z.html";
    // The reader edition tells that an old message was changed, where it is listed too.
    let versions = "_/versions/notes/2026-02-15T10-00-00Z.html";
    let marked = [versions, "archive/2026-02/index.html", "tags/tide/2026/index.html"];
    let archives =
        ["archive/2026-02/feed.xml", "assets/search/2026-02.js", "notes/2026-02/feed.xml"];
    let both = [&archives[..], &[page, "notes/2026-02/index.html"]].concat();
    check_both(&base, &both, &marked, |base| {
        base.write(old, text("Low", "water"));
    });
    let lists = ["archive/2026-02/index.html", page, "notes/2026-02/index.html"];
    let all = [&archives[..], &lists, &["tags/tide/2026/index.html"]].concat();
    check_written(&base, &all, |base| {
        base.write(old, text("High", "water"));
    });
}

#[test]
fn a_new_reply_writes_the_page_of_what_it_answers() {
    let base = long(120);
    base.write(
        "handbill.toml",
        "public = [\"notes\", \"quiet\"]\nbase_url = \"https://a.example\"",
    );
    let header = "+++\nin_reply_to = \"https://a.example/notes/2026-02-15T10-00-00Z.html\"\n+++\n";
    let all = written_by(&base, |base| {
        base.write("quiet/outbox/2026-11-24T10-00-00Z.md", format!("{header}Yes."));
    });
    let of_notes: Vec<&String> = all.iter().filter(|path| path.contains("/notes/")).collect();
    assert_eq!(
        of_notes,
        [
            "public/_/thread/notes/2026-02-15T10-00-00Z.html",
            "public/_/thread/notes/2026-02-15T10-00-00Z/feed.json",
            "public/_/thread/notes/2026-02-15T10-00-00Z/feed.xml",
            "public/notes/2026-02-15T10-00-00Z.html",
            "reader/_/thread/notes/2026-02-15T10-00-00Z.html",
            "reader/_/thread/notes/2026-02-15T10-00-00Z/feed.json",
            "reader/_/thread/notes/2026-02-15T10-00-00Z/feed.xml",
            "reader/notes/2026-02-15T10-00-00Z.html",
        ]
    );
    for edition in ["public", "reader"] {
        let page = base.page(&format!("{edition}/notes/2026-02-15T10-00-00Z.html"));
        assert!(page.contains("../quiet/2026-11-24T10-00-00Z.html"), "{page}");
    }
}

#[test]
fn a_full_part_of_a_long_month_never_changes_again() {
    let base = Base::of("-- handbill.toml\npublic = [\"notes\"]\npage_size = 2\n");
    let write = |day: usize| {
        base.write(&format!("notes/outbox/2026-11-{day:02}T10-00-00Z.md"), format!("Day {day}"));
    };
    (1..6).for_each(write);
    let parts = |all: Vec<String>| -> Vec<String> {
        let of_month = all.into_iter().filter(|path| path.starts_with("public/notes/2026-11/"));
        of_month.map(|path| path["public/notes/2026-11/".len()..].to_owned()).collect()
    };
    assert_eq!(parts(written_by(&base, |_| write(6))), ["page-3.html"]);
    // A new part: the one before it links to it.
    assert_eq!(parts(written_by(&base, |_| write(7))), ["page-3.html", "page-4.html"]);
    let first = base.page("public/notes/2026-11/index.html");
    assert!(first.contains("Day 1") && first.contains("Day 2") && !first.contains("Day 3"));
}

#[test]
fn the_title_of_a_tags_feed_follows_the_tags_first_spelling() {
    let base = Base::in_memory();
    base.write("handbill.toml", "public = [\"notes\"]\n");
    for number in 0..60 {
        let name =
            format!("notes/outbox/2026-10-{:02}T{:02}-00-00Z.md", number / 10 + 1, number % 10);
        base.write(&name, "Words. #tide");
    }
    base.build();
    assert!(base.page("public/tags/tide/feed.xml").contains("#tide</title>"));
    // Older than the fifty that the feed holds.
    base.write("notes/outbox/2012-10-01T00-00-00Z.md", "Words. #TIDE");
    base.build();
    assert!(base.page("public/tags/tide/feed.xml").contains("#TIDE</title>"));
}

#[test]
fn the_id_of_the_common_feed_follows_its_address_and_not_the_order_of_names() {
    let base = long(20);
    let id = || base.page("public/feed.xml").split("</id>").next().unwrap().to_owned();
    base.build();
    let before = id();
    base.write("handbill.toml", "public = [\"quiet\", \"notes\"]\n");
    base.build();
    assert_eq!(id(), before);
    let settings = "public = [\"quiet\", \"notes\"]\nbase_url = \"https://example.org/\"\n";
    base.write("handbill.toml", settings);
    base.build();
    assert_ne!(id(), before);
    // With an id of its own it stays, wherever the site goes.
    let own = "id = \"7a4f2b0e-9d0c-4c57-8c7a-0d2f5d0a6b99\"\n";
    base.write("handbill.toml", format!("{own}{settings}"));
    base.build();
    let before = id();
    base.write("handbill.toml", format!("{own}{}", settings.replace("example.org", "example.net")));
    base.build();
    assert_eq!(id(), before);
    assert_ne!(base.page("reader/feed.xml").split("</id>").next().unwrap(), before);
}

#[test]
fn what_pages_call_a_message_without_words_follows_its_attachments() {
    let base = long(20);
    let silent = "quiet/outbox/2026-11-02T00-00-00Z";
    let header =
        "+++\nin_reply_to = \"http://localhost:8888/notes/2026-11-20T10-00-00Z.html\"\n+++\n";
    base.write(&format!("{silent}.md"), header).write(&format!("{silent}/one.zip"), "1");
    base.build();
    let pages =
        ["public/quiet/2026-11-01T00-00-00Z.html", "public/notes/2026-11-20T10-00-00Z.html"];
    for page in pages {
        assert!(base.page(page).contains("one.zip"), "{page}");
    }
    base.remove(&format!("{silent}/one.zip")).write(&format!("{silent}/two.zip"), "1");
    base.build();
    for page in pages {
        assert!(base.page(page).contains("two.zip"), "{page}");
    }
}

#[test]
fn a_theme_edit_writes_pages_and_neither_feeds_nor_copies() {
    let base = rich();
    let all = written_by(&base, |base| {
        base.write(
            "theme/templates/base.html",
            "{% set w = site.words %}{% block policy %}{% endblock %}{% block nameplate %}\
             {% endblock %}{% block tone %}{% endblock %}{% block main %}{% endblock %}",
        );
    });
    let pages: Vec<String> =
        tree(&base.at("_site")).into_keys().filter(|path| path.ends_with(".html")).collect();
    assert_eq!(all, pages);
    let all = written_by(&base, |base| {
        base.write("theme/assets/style.css", "body { color: #111 }");
    });
    assert_eq!(all, ["public/assets/style.css", "reader/assets/style.css"]);
}

#[test]
fn files_that_are_only_touched_write_nothing() {
    let base = rich();
    let all = written_by(&base, |base| {
        for (path, bytes) in tree(base.path()) {
            if !path.starts_with("_site/") && !path.starts_with(".handbill/") {
                // Another time, another number of the file, the same bytes.
                fs::remove_file(base.at(&path)).unwrap();
                base.write(&path, bytes);
                set_time(&base.at(&path), SystemTime::now() + Duration::from_secs(1_000));
            }
        }
    });
    assert_eq!(all, Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn an_edit_that_keeps_size_and_time_is_seen() {
    use std::os::unix::fs::MetadataExt;
    let base = rich();
    let path = base.at("notes/outbox/2026-11-03T10-00-00Z.txt");
    base.settle();
    base.build();
    let before = fs::metadata(&path).unwrap();
    let text = fs::read_to_string(&path).unwrap().replace("Second", "Fourth");
    // The system's clock for files moves in steps.
    while fs::metadata(&path).unwrap().ctime_nsec() == before.ctime_nsec() {
        fs::write(&path, &text).unwrap();
        set_time(&path, before.modified().unwrap());
    }
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before.modified().unwrap());
    base.build();
    assert!(base.page("public/notes/2026-11-03T10-00-00Z.html").contains("Fourth"));
}

/// Builds a copy of the files, written in a row that `seed` decides, elsewhere and on so many
/// threads; returns both editions.
fn built_elsewhere(base: &Base, seed: u64, threads: usize) -> crate::support::Tree {
    let copy = Base::new();
    let folder = format!("{}/deeper", "x".repeat(threads));
    let mut files: Vec<_> = tree(base.path()).into_iter().collect();
    Rng::new(seed).shuffle(&mut files);
    for (path, bytes) in files {
        copy.write(&format!("{folder}/{path}"), bytes);
        // Undated messages have the time of their file.
        let time = fs::metadata(base.at(&path)).unwrap().modified().unwrap();
        set_time(&copy.at(&format!("{folder}/{path}")), time);
    }
    let places = handbill::disk::Places::of(&copy.at(&folder), None, None).unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let report = pool.install(|| handbill::disk::build(&places, &base.options())).unwrap();
    let mut site = tree(&places.output);
    site.retain(|path, _| !path.starts_with('.'));
    let found: Vec<String> = report.found.iter().map(|d| format!("{d:?}\n")).collect();
    site.insert("found".into(), found.concat().into_bytes());
    site
}

#[test]
fn the_same_input_gives_the_same_bytes_anywhere_in_any_order_on_any_number_of_threads() {
    let base = rich();
    for number in 0..40 {
        let stamp = Stamp::from_unix(1_700_000_000 + number / 3 * 900_000).iso().replace(':', "-");
        let contact = ["notes", "mira", "odo", "tide"][number as usize % 4];
        let path = format!("{contact}/outbox/{stamp}-{}.md", number % 7);
        base.write(&path, format!("Words {number}. #tide #T{}", number % 5));
    }
    base.write("odo/inbox/undated.md", "When?").write("odo/inbox/broken.md", "+++\nx = \"\n+++\n");
    let first = built_elsewhere(&base, 1, 1);
    assert!(first.len() > 100);
    for (seed, threads) in [(2, 1), (3, 2), (4, 8)] {
        let other = built_elsewhere(&base, seed, threads);
        assert_eq!(difference(&first, &other), None, "seed {seed}, {threads} threads");
    }
    for path in first.keys().filter(|path| *path != "found") {
        assert!(RelPath::parse(path).is_some());
    }
}
