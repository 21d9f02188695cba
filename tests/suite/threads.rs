//! Who answers whom, on pages and in feeds: whatever is answered, and whoever may see it.

use crate::support::{Base, difference};
use handbill::disk::Keeper;
use handbill::listing::errand::Errand;

/// A channel that is public, with a message of the 1st to the 3rd that can be answered.
fn channel() -> Base {
    let base = Base::of(
        "-- handbill.toml
title = \"Talk\"
public = [\"notes\"]
base_url = \"https://site.example/\"
-- notes/outbox/channel.toml
id = \"6f0f3a52-6b0c-4d0e-9a77-0a3f6c7b1d01\"
title = \"Notes\"
-- notes/outbox/2026-09-01T10-00-00Z.md
The lamp is lit.

It will burn until four.
-- notes/outbox/2026-09-02T10-00-00Z.md
Nobody came.
",
    );
    answer(&base, "notes/outbox/2026-09-03T10-00-00Z.md", ROOT, "It burnt until five.");
    base
}

const ROOT: &str = "https://site.example/notes/2026-09-01T10-00-00Z.html";
const FEED: &str = "_/thread/notes/2026-09-01T10-00-00Z/feed.xml";

fn answer(base: &Base, path: &str, to: &str, text: &str) {
    base.write(path, format!("+++\nin_reply_to = \"{to}\"\n+++\n{text}\n"));
}

/// Returns what a page says its message answers.
fn answered(page: &str) -> &str {
    let start = page.find("<div class=\"answered\">").map_or(page.len(), |at| at + 22);
    page[start..].split("</div>").next().unwrap()
}

#[test]
fn a_page_says_whom_it_answers_when_and_what() {
    let base = channel();
    answer(&base, "harbour/inbox/2026-09-04T10-00-00Z.md", ROOT, "We saw it from the pier.");
    base.build();
    let page = base.page("reader/harbour/in/2026-09-04T10-00-00Z.html");
    let shown = answered(&page);
    for part in [
        "href=\"../../notes/2026-09-01T10-00-00Z.html\"",
        "<bdi>Notes</bdi>",
        "1 September 2026",
        "The lamp is lit.",
        "It will burn until four.",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let root = base.page("reader/notes/2026-09-01T10-00-00Z.html");
    assert!(root.contains("../harbour/in/2026-09-04T10-00-00Z.html"));
    assert!(root.contains("2026-09-03T10-00-00Z.html"));
    let public = base.page("public/notes/2026-09-01T10-00-00Z.html");
    assert!(public.contains("2026-09-03T10-00-00Z.html") && !public.contains("harbour"));
}

#[test]
fn a_running_process_finds_out_who_answers_whom_whenever_that_changes() {
    let base = channel();
    let (first, answer_to) = ("notes/outbox/2026-09-07T10-00-00Z.md", "2026-09-08T10-00-00Z");
    let reference = "https://site.example/notes/2026-09-07T10-00-00Z.html";
    answer(&base, &format!("notes/outbox/{answer_to}.md"), reference, "Before it came.");
    let mut keeper = Keeper::new(base.places());
    let mut shown = |change: &dyn Fn()| {
        change();
        keeper.build(&base.options(), &Errand::whole()).unwrap();
        answered(&base.page(&format!("reader/notes/{answer_to}.html"))).to_owned()
    };
    let nothing = shown(&|| {});
    assert!(nothing.contains(reference), "{nothing}");
    let write = |path: &str, text: &str| {
        base.write(path, text);
    };
    let other = "notes/outbox/2026-09-07T09-00-00Z.md";
    assert_eq!(shown(&|| write(other, "Another.")), nothing);
    let came = shown(&|| write(first, "At last."));
    assert!(came.contains("At last."), "{came}");
    let edited = shown(&|| write(first, "At long last."));
    assert!(edited.contains("At long last."), "{edited}");
    assert_eq!(shown(&|| write(other, "Another, edited.")), edited);
    let gone = shown(&|| {
        base.remove(first);
    });
    assert!(gone.contains("deleted") && !gone.contains("At long"), "{gone}");
    let back = shown(&|| write(first, "And back."));
    assert!(back.contains("And back."), "{back}");
}

#[test]
fn what_is_not_here_or_no_longer_is_a_stub() {
    let base = channel();
    let missing = "urn:uuid:11111111-2222-4333-8444-555555555555";
    answer(&base, "notes/outbox/2026-09-05T10-00-00Z.md", missing, "Yes.");
    answer(&base, "notes/outbox/2026-09-06T10-00-00Z.md", "https://elsewhere.example/p", "No.");
    base.build();
    let stub = |page: &str| answered(&base.page(page)).to_owned();
    let page = "reader/notes/2026-09-05T10-00-00Z.html";
    assert!(stub(page).contains("a message that is not here"), "{}", stub(page));
    assert!(stub("reader/notes/2026-09-06T10-00-00Z.html").contains("https://elsewhere.example/p"));
    for page in ["public/notes/2026-09-05T10-00-00Z.html", "public/notes/2026-09-06T10-00-00Z.html"]
    {
        assert_eq!(stub(page).trim(), "<p>reply</p>");
    }
    // What is answered is deleted: the answer stays, and so does the thread of the others.
    base.remove("notes/outbox/2026-09-01T10-00-00Z.md");
    base.build();
    let page = base.page("reader/notes/2026-09-03T10-00-00Z.html");
    assert!(answered(&page).contains("that was deleted"), "{}", answered(&page));
    assert!(page.contains("It burnt until five."));
    let thread = base.page("reader/_/thread/notes/2026-09-01T10-00-00Z.html");
    assert!(thread.contains("that was deleted") && thread.contains("It burnt until five."));
    assert!(base.at(&format!("_site/public/{FEED}")).exists());
}

#[test]
fn what_answers_itself_or_in_a_circle_is_shown_like_any_other() {
    let base = Base::new();
    let to = |stem: &str| format!("http://localhost:8888/a/2026-09-{stem}.html");
    for (stem, answers) in
        [("01", "01"), ("02", "03"), ("03", "02"), ("04", "06"), ("05", "04"), ("06", "05")]
    {
        answer(&base, &format!("a/outbox/2026-09-{stem}.md"), &to(answers), stem);
    }
    base.build();
    assert_eq!(answered(&base.page("reader/a/2026-09-01.html")), "");
    let threads: Vec<String> = base
        .edition("reader")
        .into_keys()
        .filter(|path| path.starts_with("_/thread/") && path.ends_with(".html"))
        .collect();
    assert_eq!(threads, ["_/thread/a/2026-09-02.html", "_/thread/a/2026-09-04.html"]);
    let of = |page: &str| base.page(&format!("reader/{page}")).matches("<article").count();
    assert_eq!((of(&threads[0]), of(&threads[1])), (2, 3));
}

#[test]
fn the_public_edition_bears_no_trace_of_answers_that_are_not_public() {
    let base = channel();
    base.folder("mira/inbox").folder("mira/outbox").folder("harbour/inbox").folder("quiet/outbox");
    base.build();
    let before = base.edition("public");
    let id = "urn:uuid:";
    let root = base.page("public/feed.xml");
    let root = &root[root.find(&format!("<id>{id}")).unwrap() + 4..];
    for (at, path) in
        ["mira/inbox", "mira/outbox", "harbour/inbox", "quiet/outbox"].iter().enumerate()
    {
        answer(&base, &format!("{path}/2026-09-0{}T10-00-00Z.md", at + 4), ROOT, "zqxj #zqxj");
        let entry = root.split("<entry>").nth(1).unwrap();
        let id = entry.split("<id>").nth(1).unwrap().split('<').next().unwrap();
        answer(&base, &format!("{path}/2026-09-1{at}T10-00-00Z.md"), id, "zqxj by id");
    }
    base.build();
    assert_eq!(difference(&before, &base.edition("public")), None);
    let reader = base.page("reader/notes/2026-09-01T10-00-00Z.html");
    for shown in
        ["mira/in/2026-09-04", "mira/2026-09-05", "harbour/in/2026-09-06", "quiet/2026-09-07"]
    {
        assert!(reader.contains(shown), "{shown}");
    }
    // An answer to a public one is public when it is written in a channel that is.
    answer(&base, "notes/outbox/2026-09-20T10-00-00Z.md", "urn:uuid:x", "Open.");
    base.build();
    assert!(difference(&before, &base.edition("public")).is_some());
}

#[test]
fn a_thread_has_a_feed_that_its_page_names() {
    let base = channel();
    answer(&base, "harbour/inbox/2026-09-04T10-00-00Z.md", ROOT, "We saw it.");
    base.build();
    let page = base.page("public/_/thread/notes/2026-09-01T10-00-00Z.html");
    let link = "<link rel=\"alternate\" type=\"application/atom+xml\" title=\"Thread: The lamp is lit.\" \
                href=\"../../../_/thread/notes/2026-09-01T10-00-00Z/feed.xml\">";
    assert!(page.contains(link), "{page}");
    let entries = |edition: &str| -> Vec<String> {
        let feed = base.page(&format!("{edition}/{FEED}"));
        assert!(feed.contains("<title>Thread: The lamp is lit.</title>"), "{feed}");
        let entries = feed.split("<entry>").skip(1);
        let link = |entry: &str| {
            entry.split("href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
        };
        entries.map(link).collect()
    };
    let public = ["notes/2026-09-03T10-00-00Z.html", "notes/2026-09-01T10-00-00Z.html"];
    let all = ["harbour/in/2026-09-04T10-00-00Z.html", public[0], public[1]];
    assert_eq!(entries("public"), public.map(|page| format!("https://site.example/{page}")));
    assert_eq!(entries("reader"), all.map(|page| format!("http://localhost:8888/{page}")));
    // Each feed has an id of its own, in each edition.
    let id = |path: &str| {
        let feed = base.page(path);
        feed.split("<id>").nth(1).unwrap().split('<').next().unwrap().to_owned()
    };
    let ids = [id(&format!("public/{FEED}")), id(&format!("reader/{FEED}")), id("public/feed.xml")];
    assert!(ids[0] != ids[1] && ids[0] != ids[2], "{ids:?}");
}

#[test]
fn what_does_not_fit_on_the_page_of_a_thread_is_on_the_next() {
    let base = Base::in_memory();
    let stem = |n: usize| format!("2026-09-01T{:02}-{:02}-00Z", n / 60, n % 60);
    for n in 0..1_002_usize {
        let to = format!("http://localhost:8888/a/{}.html", stem(n.saturating_sub(1)));
        answer(&base, &format!("a/outbox/{}.md", stem(n)), &to, &format!("Number {n}."));
    }
    base.build();
    let first = base.page(&format!("reader/_/thread/a/{}.html", stem(0)));
    let next = format!("_/thread/a/{}/page-2.html", stem(0));
    assert!(first.contains(&format!("rel=\"next\" class=\"newer\" href=\"../../../{next}\"")));
    assert!(!first.contains("Number 1000."));
    let rest = base.page(&format!("reader/{next}"));
    assert!(rest.contains("Number 1001.") && rest.contains("<title>Thread: Number 0. (2)"));
    assert_eq!(rest.matches("<article").count(), 2);
}

#[test]
fn what_hangs_on_a_circle_is_part_of_its_thread() {
    let base = Base::new();
    let to = |page: &str| format!("http://localhost:8888/{page}.html");
    for (path, target) in [
        ("zzz/outbox/2026-09-01", "zzz/2026-09-02"),
        ("zzz/outbox/2026-09-02", "zzz/2026-09-01"),
        ("aaa/outbox/2026-09-03", "zzz/2026-09-01"),
        ("aaa/outbox/2026-09-04", "aaa/2026-09-03"),
    ] {
        answer(&base, &format!("{path}.md"), &to(target), "Yes.");
    }
    base.build();
    let edition = base.edition("reader");
    let threads: Vec<&String> = edition
        .keys()
        .filter(|path| path.starts_with("_/thread/") && path.ends_with(".html"))
        .collect();
    assert_eq!(threads, ["_/thread/zzz/2026-09-01.html"]);
    assert_eq!(base.page("reader/_/thread/zzz/2026-09-01.html").matches("<article").count(), 4);
}
