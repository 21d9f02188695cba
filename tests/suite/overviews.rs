//! Threads, overviews and what search engines are told: what stands in them, by their views.

use crate::support::{Base, png};
use handbill::disk;
use handbill::library::Edition;
use handbill::plan::What;
use handbill::render::{Bodies, Look, html};
use serde_json::Value;

/// Two channels, one of them public, a subscription and a conversation that answer each other.
fn talk() -> Base {
    let reply = |to: &str| format!("+++\nin_reply_to = \"https://site.example/{to}.html\"\n+++\n");
    let base = Base::of(
        "-- handbill.toml
title = \"Talk\"
public = [\"notes\"]
base_url = \"https://site.example/\"
-- notes/outbox/channel.toml
title = \"Notes\"
[[author]]
name = \"Odo\"
email = \"odo@site.example\"
avatar = \"odo.png\"
-- notes/outbox/2026-09-01T10-00-00Z-first.md
The first.
-- quiet/outbox/2026-09-05T10-00-00Z.md
Alone.
",
    );
    let first = "notes/2026-09-01T10-00-00Z-first";
    let again = "notes/2026-09-03T10-00-00Z-again";
    base.write("notes/outbox/odo.png", png(8, 8));
    base.write(&at(again), format!("{}Second thoughts.", reply(first)));
    base.write("harbour/inbox/2026-09-02T10-00-00Z-no.md", format!("{}No.", reply(first)));
    base.write("harbour/inbox/2026-09-04T10-00-00Z-well.md", format!("{}Well.", reply(again)));
    base.write("mira/inbox/2026-09-04T11-00-00Z.md", format!("{}Psst.", reply(again)));
    base.write("mira/outbox/2026-09-04T12-00-00Z.md", "To Mira.");
    base
}

/// Returns the file in an outbox that has this page.
fn at(page: &str) -> String {
    let (contact, stem) = page.split_once('/').unwrap();
    format!("{contact}/outbox/{stem}.md")
}

/// Returns what the template of a page sees as its own.
#[track_caller]
fn view(base: &Base, path: &str) -> Value {
    let opened = disk::open(&base.places(), &base.options()).unwrap();
    let (edition, file) = path.split_once('/').unwrap();
    let edition = if edition == "public" { Edition::Public } else { Edition::Reader };
    let planned = opened.planned(edition);
    let segments = opened.segments(edition);
    let mut outputs = segments.iter().flat_map(|segment| &segment.outputs);
    let output = outputs.find(|output| output.path.as_str() == file);
    let output = output.unwrap_or_else(|| panic!("there is no {path}"));
    let What::Page(page) = &output.what else { panic!("{path} is no page") };
    let look = Look::new(edition, &opened.loaded.settings, &opened.loaded.theme, &planned.heads);
    let texts = opened.texts();
    let bodies = Bodies::new(&texts, &look);
    let scene = html::scene(&output.path, page, &look, &bodies).unwrap();
    serde_json::to_value(scene.context.get("view").unwrap()).unwrap()
}

/// Returns the pages of a thread's messages, each indented by its depth.
fn outline(thread: &Value) -> Vec<String> {
    let line = |nested: &Value| {
        let depth = nested["depth"].as_u64().unwrap() as usize;
        format!("{}{}", "  ".repeat(depth), nested["message"]["path"].as_str().unwrap())
    };
    thread["messages"].as_array().unwrap().iter().map(line).collect()
}

const THREAD: &str = "_/thread/notes/2026-09-01T10-00-00Z-first.html";

#[test]
fn a_thread_shows_who_answers_whom_across_contacts() {
    let base = talk();
    assert_eq!(
        outline(&view(&base, &format!("reader/{THREAD}"))),
        [
            "notes/2026-09-01T10-00-00Z-first.html",
            "  harbour/in/2026-09-02T10-00-00Z-no.html",
            "  notes/2026-09-03T10-00-00Z-again.html",
            "    harbour/in/2026-09-04T10-00-00Z-well.html",
            "    mira/in/2026-09-04T11-00-00Z.html",
        ]
    );
    let message = view(&base, "reader/harbour/in/2026-09-04T10-00-00Z-well.html");
    assert_eq!(message["thread"], THREAD);
    assert_eq!(view(&base, "reader/quiet/2026-09-05T10-00-00Z.html")["thread"], Value::Null);
}

#[test]
fn the_thread_of_the_public_edition_has_public_messages_only() {
    let base = talk();
    assert_eq!(
        outline(&view(&base, &format!("public/{THREAD}"))),
        ["notes/2026-09-01T10-00-00Z-first.html", "  notes/2026-09-03T10-00-00Z-again.html"]
    );
    base.build();
    let page = base.page(&format!("public/{THREAD}"));
    assert!(page.contains("Second thoughts.") && !page.contains("Psst"));
}

#[test]
fn messages_that_answer_each_other_in_a_circle_are_a_thread_that_ends() {
    let base = Base::new();
    let write = |name: &str, to: &str| {
        let header = format!("+++\nin_reply_to = \"http://localhost:8888/a/{to}.html\"\n+++\n");
        base.write(&format!("a/outbox/{name}.md"), format!("{header}{name}"));
    };
    write("2026-09-01", "2026-09-03");
    write("2026-09-02", "2026-09-01");
    write("2026-09-03", "2026-09-02");
    write("2026-09-04", "2026-09-04"); // Answers itself: nothing.
    assert_eq!(
        outline(&view(&base, "reader/_/thread/a/2026-09-01.html")),
        ["a/2026-09-01.html", "  a/2026-09-02.html", "    a/2026-09-03.html"]
    );
    base.build();
    assert!(!base.at("_site/reader/_/thread/a/2026-09-04.html").exists());
}

#[test]
fn a_long_thread_takes_bounded_room_on_pages_and_no_stack() {
    let base = Base::in_memory();
    let stem =
        |n: usize| format!("2026-09-{:02}T{:02}-{:02}-00Z", 1 + n / 1440, n / 60 % 24, n % 60);
    for n in 0..10_000 {
        let to = if n == 0 { "nothing".into() } else { stem(n - 1) };
        let header = format!("+++\nin_reply_to = \"http://localhost:8888/a/{to}.html\"\n+++\n");
        base.write(&format!("a/outbox/{}.md", stem(n)), format!("{header}{n}"));
    }
    let thread = view(&base, &format!("reader/_/thread/a/{}.html", stem(0)));
    let messages = thread["messages"].as_array().unwrap();
    assert_eq!((messages.len(), messages[999]["depth"].as_u64()), (1_000, Some(6)));
    assert_eq!(thread["older"], Value::Null);
    let rest = |part: usize| format!("_/thread/a/{}/page-{part}.html", stem(0));
    assert_eq!(thread["newer"]["path"], rest(2));
    let last = view(&base, &format!("reader/{}", rest(10)));
    assert_eq!(last["messages"][999]["message"]["path"], format!("a/{}.html", stem(9_999)));
    assert_eq!(last["older"]["path"], rest(9));
    assert_eq!(last["newer"], Value::Null);
    for n in 0..300 {
        let header =
            format!("+++\nin_reply_to = \"http://localhost:8888/a/{}.html\"\n+++\n", stem(0));
        base.write(&format!("b/outbox/{}.md", stem(n)), format!("{header}{n}"));
    }
    let first = view(&base, &format!("reader/a/{}.html", stem(0)));
    assert_eq!(
        (first["replies"].as_array().unwrap().len(), &first["more_replies"]),
        (200, &101.into())
    );
}

#[test]
fn a_page_of_many_long_messages_shows_the_first_words_of_what_does_not_fit() {
    let base = Base::new();
    for day in 10..20 {
        base.write(
            &format!("a/outbox/2026-09-{day}.md"),
            format!("Day {day}.\n\n{}", "word ".repeat(80_000)),
        );
    }
    let list = view(&base, "reader/a/2026-09/index.html");
    let days = list["days"].as_array().unwrap();
    let bodies = days.iter().filter(|day| !day["messages"][0]["body"].is_null()).count();
    assert!((1..9).contains(&bodies), "{bodies}");
    assert_eq!(days[9]["messages"][0]["body"], Value::Null);
    assert!(days[9]["messages"][0]["summary"].as_str().unwrap().starts_with("Day 19."));
    for day in 10..20 {
        let header = "+++\nin_reply_to = \"http://localhost:8888/a/2026-09-10.html\"\n+++\n";
        let text = format!("{header}Answer {day}.\n\n{}", "word ".repeat(80_000));
        base.write(&format!("b/outbox/2026-10-{day}.md"), text);
    }
    base.build();
    let thread = base.page("reader/_/thread/a/2026-09-10.html");
    assert!(thread.contains(">Answer 19. word") && thread.contains("class=\"p-summary summary\""));
}

/// Returns the numbers of an overview's line for a contact.
fn line<'v>(lines: &'v Value, folder: &str) -> &'v Value {
    lines.as_array().unwrap().iter().find(|line| line["contact"]["folder"] == folder).unwrap()
}

#[test]
fn the_list_of_contacts_says_how_lively_each_is_and_what_is_wrong() {
    let base = talk();
    base.write("harbour/inbox/2025-01-01.md", "Long ago.");
    base.write("harbour/inbox/2026-08-01T10-00-00Z.md", "+++\nx = \"\n+++\nBroken.");
    base.write("handbill.toml", "public = [\"notes\"]\n[contact.harbour]\nmute = true\n");
    let lines = view(&base, "reader/subscriptions/index.html");
    assert_eq!(lines.as_array().unwrap().len(), 4);
    let harbour = line(&lines, "harbour");
    assert_eq!((&harbour["count"], &harbour["muted"]), (&4.into(), &true.into()));
    assert_eq!(harbour["problems"], 1);
    assert_eq!(harbour["last"]["path"], "harbour/in/2026-09-04T10-00-00Z-well.html");
    let months = harbour["months"].as_array().unwrap();
    let bars: Vec<_> = months.iter().filter(|bar| bar["count"] != 0).collect();
    assert_eq!(months.len(), 24);
    assert_eq!((&bars[0]["title"], &bars[0]["height"]), (&"January 2025".into(), &10.into()));
    assert_eq!((&bars[2]["count"], &bars[2]["height"]), (&2.into(), &20.into()));
    assert_eq!(months[23]["title"], "September 2026");
    assert_eq!(line(&lines, "quiet")["problems"], 0);
}

#[test]
fn an_empty_base_folder_has_its_overviews() {
    let base = Base::new();
    assert_eq!(view(&base, "reader/subscriptions/index.html"), Value::Array(Vec::new()));
    base.folder("new/inbox");
    let lines = view(&base, "reader/subscriptions/index.html");
    assert_eq!((&lines[0]["count"], &lines[0]["last"]), (&0.into(), &Value::Null));
    base.build();
    assert!(base.page("reader/conversations/index.html").contains("<h1"));
}

#[test]
fn conversations_stand_in_the_order_of_their_last_words() {
    let base = talk();
    base.write("ada/inbox/2026-10-01.md", "Hello.").folder("ada/outbox");
    base.write("zoe/outbox/2026-08-01.md", "Hello.").folder("zoe/inbox");
    let lines = view(&base, "reader/conversations/index.html");
    let folders: Vec<_> =
        lines.as_array().unwrap().iter().map(|l| &l["contact"]["folder"]).collect();
    assert_eq!(folders, ["ada", "mira", "zoe"]);
    assert_eq!(
        (&lines[0]["last"]["mine"], &lines[2]["last"]["mine"]),
        (&false.into(), &true.into())
    );
}

#[test]
fn the_list_of_feeds_has_every_feed_with_an_address_to_copy() {
    let base = talk();
    base.write("notes/outbox/2026-09-06.md", "#tide").write("notes/outbox/2026-09-07.md", "#tide");
    let feeds = |edition: &str| {
        let lines = view(&base, &format!("{edition}/feeds/index.html"));
        let address = |line: &Value| line["address"].as_str().unwrap().to_owned();
        lines.as_array().unwrap().iter().map(address).collect::<Vec<_>>()
    };
    let public = "https://site.example/";
    assert_eq!(
        feeds("public"),
        ["feed.xml", "notes/feed.xml", "tags/tide/feed.xml"].map(|path| format!("{public}{path}"))
    );
    let reader = feeds("reader");
    assert_eq!(reader.len(), 6);
    base.build();
    for address in reader {
        let path = address.strip_prefix("http://localhost:8888/").unwrap();
        assert!(base.at(&format!("_site/reader/{path}")).is_file(), "{address}");
    }
}

#[test]
fn search_engines_are_told_every_public_page_once_and_no_other() {
    let base = talk();
    base.build();
    let public = base.edition("public");
    let text = |path: &str| String::from_utf8(public[path].clone()).unwrap();
    let addresses = |path: &str| -> Vec<String> {
        let locs = text(path);
        let each = locs.split("<loc>").skip(1).map(|rest| rest.split("</loc>").next().unwrap());
        let each = each.map(|url| url.strip_prefix("https://site.example/").unwrap().to_owned());
        each.collect()
    };
    let mut pages: Vec<String> =
        addresses("sitemap.xml").iter().flat_map(|map| addresses(map)).collect();
    for page in &pages {
        let file = if page.is_empty() || page.ends_with('/') {
            format!("{page}index.html")
        } else {
            page.clone()
        };
        assert!(public.contains_key(&file), "{page}");
    }
    let messages = pages.iter().filter(|page| page.starts_with("notes/2026")).count();
    assert_eq!(messages, 2);
    assert!(text("sitemap-2026-09.xml").contains("<lastmod>2026-09-03T10:00:00Z</lastmod>"));
    let all = pages.len();
    pages.sort();
    pages.dedup();
    assert_eq!(pages.len(), all);
    assert!(text("robots.txt").contains("Sitemap: https://site.example/sitemap.xml"));
    assert_eq!(base.page("reader/robots.txt"), "User-agent: *\nDisallow: /\n");
    assert!(!base.edition("reader").keys().any(|path| path.starts_with("sitemap")));
}

#[test]
fn without_an_address_of_the_site_there_is_no_site_map() {
    for settings in
        ["public = [\"notes\"]\n", "public = [\"notes\"]\nbase_url = \"http://localhost/\"\n"]
    {
        let base = talk();
        base.write("handbill.toml", settings);
        base.build();
        assert!(!base.edition("public").keys().any(|path| path.starts_with("sitemap")));
        assert_eq!(base.page("public/robots.txt"), "User-agent: *\nDisallow:\n");
    }
}

#[test]
fn people_have_their_picture_and_address() {
    let base = talk();
    let message = view(&base, "public/notes/2026-09-01T10-00-00Z-first.html")["message"].clone();
    let author = &message["author"];
    assert_eq!((&author["name"], &author["avatar"]), (&"Odo".into(), &"notes/odo.png".into()));
    base.build();
    assert!(base.at("_site/public/notes/odo.png").is_file());
    assert!(base.page("public/notes/feed.xml").contains("<email>odo@site.example</email>"));
}

#[test]
fn a_thumbnail_is_a_picture_of_the_message_or_nothing() {
    let base = talk();
    let stem = "notes/outbox/2026-09-08T10-00-00Z";
    base.write(&format!("{stem}/small.png"), png(6, 4));
    let thumbnail = |name: &str| {
        base.write(&format!("{stem}.md"), format!("+++\nthumbnail = \"{name}\"\n+++\nText."));
        let view = view(&base, "public/notes/2026-09-08T10-00-00Z.html");
        let told = base.findings().iter().any(|found| found.starts_with("bad-thumbnail"));
        (view["message"]["thumbnail"].clone(), told)
    };
    let (picture, told) = thumbnail("small.png");
    assert_eq!(picture["path"], "notes/2026-09-08T10-00-00Z/small.png");
    assert_eq!((&picture["width"], &picture["height"], told), (&6.into(), &4.into(), false));
    for nothing in
        ["gone.png", "https://elsewhere.example/x.png", "../../secret.png", "channel.toml"]
    {
        assert_eq!(thumbnail(nothing), (Value::Null, true), "{nothing}");
    }
}
