//! Writing in the browser: by requests to the router, with the real desk and a real base folder.

mod desk;
mod forms;
mod reading;

use crate::serving::client::{answered, parse, wait};
use crate::support::tree;
use crate::writing::photo;
use desk::Room;
use handbill::serve::router;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// What must not have changed, whatever was asked for.
fn inboxes(room: &Room) -> Vec<(String, Vec<u8>)> {
    let all = tree(room.base.path()).into_iter();
    all.filter(|(path, _)| path.contains("/inbox/")).collect()
}

#[test]
fn a_message_is_written_attachments_first_and_leads_to_its_page() {
    let room = Room::new();
    let form = room.form("/_app/compose?to=notes");
    let answer = room.send(
        &form
            .with("text", "Low *tide*.")
            .with("tags", "#gauge, sea")
            .with("do", "send")
            .attach("files", "a.txt", b"0123")
            .attach("files", "../b.txt", b"4567"),
    );
    assert_eq!(answer.status, 303);
    let place = answer.header("location").to_owned();
    let (page, nonce) = place.split_once("?sent=").unwrap();
    assert_eq!(nonce, form.nonce());
    assert!(page.starts_with("/notes/2026-11-24T12-00-00Z-low-tide-"), "{page}");
    let answer = room.ask(&format!("GET {place}"));
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("Low <em>tide</em>."));
    assert!(answer.text().contains("/_app/sent.js"));
    assert!(!room.ask(&format!("GET {page}")).text().contains("/_app/sent.js"));
    let stem = page.trim_start_matches("/notes/").trim_end_matches(".html");
    let path = format!("notes/outbox/{stem}");
    assert_eq!(
        room.read(&format!("{path}.md")),
        "+++\ntags = [\"gauge\", \"sea\"]\n+++\nLow *tide*.\n"
    );
    assert_eq!(room.read(&format!("{path}/a.txt")), "0123");
    assert_eq!(room.read(&format!("{path}/b.txt")), "4567");
    assert!(!room.base.at(".handbill/tmp/.handbill-staging.tmp").exists());
}

#[test]
fn only_a_form_of_this_server_changes_anything() {
    let room = Room::new();
    let form = room.form("/_app/compose?to=notes").with("text", "x").with("do", "send");
    let before = tree(room.base.path());
    let status = |form: &forms::Form, headers: &str| room.send_as(form, headers).status;
    for headers in [
        "",
        "origin: null",
        "origin: http://localhost:9999",
        "origin: http://evil.example",
        "origin: http://localhost:8888\nsec-fetch-site: same-site",
        "sec-fetch-site: cross-site",
        "sec-fetch-site: none",
    ] {
        assert_eq!(status(&form, headers), 403, "{headers}");
    }
    let origin = forms::ORIGIN;
    assert_eq!(status(&form.with("token", ""), origin), 403);
    assert_eq!(status(&form.with("token", &"0".repeat(64)), origin), 403);
    assert_eq!(status(&form.with("token", &form.token()[1..]), origin), 403);
    assert_eq!(status(&form.without("token"), origin), 403);
    let urlencoded = "content-type: application/x-www-form-urlencoded";
    assert_eq!(room.ask(&format!("POST /_app/compose\n{origin}\n{urlencoded}")).status, 415);
    // Another run of the program has another token.
    let other = Room::new();
    assert_eq!(other.send(&form).status, 403);
    for path in ["compose", "edit", "delete", "preview"] {
        let form = form.to(&format!("/_app/{path}"));
        assert_eq!(status(&form, "origin: null"), 403, "{path}");
        assert_eq!(status(&form.with("token", "x"), origin), 403, "{path}");
    }
    for path in ["/", "/notes/", "/_app/compose.js", "/_app/drafts?to=notes"] {
        assert_eq!(status(&form.to(path), origin), 405, "{path}");
    }
    assert_eq!(tree(room.base.path()), before);
    assert_eq!(status(&form, origin), 303);
}

#[test]
fn a_get_changes_nothing_and_fills_nothing_in() {
    let room = Room::new();
    let before = tree(room.base.path());
    for path in [
        "/_app/compose?to=notes&text=hello&do=send&send=1",
        "/_app/compose?reply=mira/in/2026-11-23T09-00-00Z-hi.html&text=hello",
        "/_app/edit?page=notes/2026-11-23T10-15-30Z-low-tide.html&text=hello",
        "/_app/delete?page=notes/2026-11-23T10-15-30Z-low-tide.html",
        "/_app/drafts?to=notes",
    ] {
        let answer = room.ask(&format!("GET {path}"));
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.text().contains("hello"), "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("form-action 'self'"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    }
    assert_eq!(tree(room.base.path()), before);
}

#[test]
fn only_my_own_channels_and_conversations_can_be_written_to() {
    let room = Room::new();
    let before = inboxes(&room);
    let form = room.form("/_app/compose?to=notes").with("text", "Not for them.").with("do", "send");
    for to in
        ["harbour", "nobody", "", "..", "notes/outbox", "notes/../mira", "NOTES", "mira/inbox", "/"]
    {
        let answer = room.send(&form.with("to", to));
        assert_eq!(answer.status, 422, "{to}");
        assert!(answer.text().contains("Not for them."), "{to}: what was typed is lost");
        assert!(answer.text().contains("no channel or conversation of yours"), "{to}");
    }
    for path in
        ["compose?to=harbour", "compose?to=nobody", "drafts?to=harbour", "drafts?to=../notes"]
    {
        assert_eq!(room.ask(&format!("GET /_app/{path}")).status, 404, "{path}");
    }
    // What came by an inbox is nobody's to edit.
    let theirs = "mira/in/2026-11-23T09-00-00Z-hi.html";
    for path in ["edit", "delete"] {
        assert_eq!(room.ask(&format!("GET /_app/{path}?page={theirs}")).status, 404, "{path}");
        let form = form.to(&format!("/_app/{path}")).with("page", theirs);
        assert_ne!(room.send(&form).status, 303, "{path}");
    }
    assert_eq!(inboxes(&room), before);
    assert!(!tree(room.base.path()).keys().any(|path| path.starts_with("harbour/outbox")));
}

#[test]
fn a_form_that_is_sent_twice_is_written_once() {
    let room = Room::new();
    let form = room.form("/_app/compose?to=notes").with("text", "Once.").with("do", "send");
    let count =
        || tree(&room.base.at("notes/outbox")).keys().filter(|p| p.contains("once")).count();
    let first = room.send(&form);
    let second = room.send(&form);
    assert_eq!(first.header("location"), second.header("location"));
    assert_eq!(count(), 1);
    // Who goes back and writes something else means something else.
    assert_eq!(room.send(&form.with("text", "Once more.")).status, 303);
    assert_eq!(count(), 2);
}

#[test]
fn a_form_that_is_sent_again_before_it_was_answered_is_written_once() {
    let room = Room::new();
    for milliseconds in [0, 1, 2, 4, 8, 16, 32] {
        let form = room.form("/_app/compose?to=notes").with("do", "send");
        let form = form.with("text", &format!("Impatient {milliseconds}."));
        let answer = room.send_impatiently(&form, Duration::from_millis(milliseconds));
        assert_eq!(answer.status, 303);
        let name = format!("impatient-{milliseconds}-");
        let files = tree(&room.base.at("notes/outbox"));
        let count = files.keys().filter(|path| path.contains(&name)).count();
        assert_eq!(count, 1, "after {milliseconds} ms: {:?}", files.keys());
    }
}

#[test]
fn a_draft_that_has_gone_is_not_sent_without_its_files() {
    let room = Room::new();
    let form = room.form("/_app/compose?to=notes").with("text", "With a file.");
    room.send(&form.with("do", "draft").attach("files", "a.txt", b"0123"));
    let drafts = tree(&room.base.at("notes/drafts"));
    let name = drafts.keys().find(|path| path.ends_with(".md")).unwrap().clone();
    let form = room.form(&format!("/_app/compose?to=notes&draft={name}")).with("do", "send");
    std::fs::remove_dir_all(room.base.at("notes/drafts")).unwrap();
    let before = tree(&room.base.at("notes/outbox"));
    let answer = room.send(&form);
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("With a file."));
    assert_eq!(tree(&room.base.at("notes/outbox")), before);
    // What was typed is a message of its own now, and can be sent.
    let again = forms::Form::of("/_app/compose", answer.text()).with("do", "send");
    assert_eq!(room.send(&again).status, 303);
}

#[test]
fn a_message_that_is_not_utf_8_is_not_edited() {
    let room = Room::new();
    let latin = b"Gr\xfc\xdfe vom Steg.\n";
    room.base.write("notes/outbox/2026-11-22T10-00-00Z-pier.md", latin);
    let page = "notes/2026-11-22T10-00-00Z-pier.html";
    let answer = room.ask(&format!("GET /_app/edit?page={page}"));
    assert_ne!(answer.status, 200, "{}", answer.text());
    let file = room.base.at("notes/outbox/2026-11-22T10-00-00Z-pier.md");
    assert_eq!(std::fs::read(file).unwrap(), latin);
}

#[test]
fn a_form_without_an_end_fills_no_memory() {
    let room = Room::new();
    let head = "POST /_app/compose\ncontent-type: multipart/form-data; boundary=limit\n\
                origin: http://localhost:8888";
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&taken);
    let pieces = (0..1000).map(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
        Ok::<_, std::io::Error>(vec![b'x'; 100_000])
    });
    let body = axum::body::Body::from_stream(tokio_stream::iter(pieces));
    let request = parse(head).map(|_| body);
    let answer = wait(answered(router(room.site.clone()), request));
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert!(taken.load(Ordering::Relaxed) < 100, "{taken:?} pieces of 1000 were taken in");
}

#[test]
fn an_answer_names_what_it_answers_and_asks_where() {
    let room = Room::new();
    let page = "harbour/in/2026-11-23T08-00-00Z-fog.html";
    let form = room.form(&format!("/_app/compose?reply={page}"));
    assert_eq!(form.value("to"), "", "with several to choose from it has to be asked");
    assert!(
        form.html.contains("<option value=\"notes\">")
            && form.html.contains("<option value=\"mira\">")
    );
    assert!(!form.html.contains("<option value=\"harbour\""));
    assert!(form.html.contains("Fog at the &lt;harbour&gt;."));
    let answer = room.send(&form.with("to", "notes").with("text", "Here too.").with("do", "send"));
    let place = answer.header("location").to_owned();
    let shown = room.ask(&format!("GET {place}"));
    assert!(shown.text().contains(&format!("href=\"../{page}\"")), "{}", shown.text());
    let text = room.newest("notes/outbox");
    assert!(text.starts_with("+++\nin_reply_to = \"urn:uuid:"), "{text}");
    // In a conversation it goes to the one who is answered, and says that it is private.
    let form = room.form("/_app/compose?reply=mira/in/2026-11-23T09-00-00Z-hi.html");
    assert_eq!(form.value("to"), "mira");
    assert!(form.html.contains("stays out of the public edition"));
}

#[test]
fn what_is_refused_comes_back_with_the_reason() {
    let room = Room::new();
    let before = tree(&room.base.at("notes"));
    let form = room.form("/_app/compose?to=notes").with("do", "send").with("title", "T & \"t\"");
    let refused = |form: &forms::Form, reason: &str| {
        let answer = room.send(form);
        assert_eq!(answer.status, 422, "{reason}");
        let html = answer.text();
        assert!(html.contains("role=\"alert\"") && html.contains(reason), "{reason}: {html}");
        assert!(html.contains("value=\"T &amp; &quot;t&quot;\""), "{reason}");
        let place = room.base.path().to_str().unwrap();
        assert!(!html.contains(place), "{reason}");
    };
    refused(&form.with("text", "  "), "nothing to write");
    refused(&form.with("text", "x").with("tags", "42"), "cannot be a tag");
    refused(&form.with("text", "A2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3"), "read-only key");
    let large = form.with("text", "x").attach("files", "large.bin", &vec![7; 3_000_000]);
    refused(&large, "`large.bin` is larger than 2 MB");
    let many = (0..4)
        .fold(form.with("text", "x"), |form, n| form.attach("files", &format!("{n}.txt"), b"x"));
    refused(&many, "more than 3 files");
    let answer =
        room.send(&form.with("text", "</textarea><script>alert(1)</script>").with("tags", "42"));
    assert!(answer.text().contains("&lt;/textarea&gt;&lt;script&gt;"));
    assert_eq!(tree(&room.base.at("notes")), before);
}

#[test]
fn pictures_lose_where_they_were_taken_unless_it_is_wanted() {
    let room = Room::new();
    let picture = photo();
    let form = room.form("/_app/compose?to=notes").with("text", "x").with("do", "send");
    let form = form.attach("files", "a.jpg", &picture);
    assert_eq!(room.send(&form).status, 303);
    let stripped = room.attachment("notes/outbox", "a.jpg");
    assert!(!stripped.windows(5).any(|part| part == b"52.1N"), "the place is still there");
    let kept = room.form("/_app/compose?to=notes").with("text", "y").with("do", "send");
    let kept = kept.attach("files", "b.jpg", &picture).without("strip");
    assert_eq!(room.send(&kept).status, 303);
    assert_eq!(room.attachment("notes/outbox", "b.jpg"), picture);
}

#[test]
fn a_preview_is_the_page_and_nothing_of_it_is_written() {
    let room = Room::new();
    let before = tree(room.base.path());
    let form = room.form("/_app/compose?to=notes").to("/_app/preview");
    let text =
        "Hello *you* <script>alert(1)</script> <img src=x onerror=alert(1)> ![p](p.png) #sea";
    let png = include_bytes!("composing/dot.png");
    let answer =
        room.send(&form.with("text", text).with("title", "<b>T</b>").attach("files", "p.png", png));
    assert_eq!(answer.status, 200);
    let html = answer.text();
    assert!(
        html.contains("<div class=\"e-content body\"") && html.contains("Hello <em>you</em>"),
        "{html}"
    );
    assert!(html.contains("src=\"data:image/png;base64,iVBOR"), "{html}");
    assert!(html.contains("&lt;b&gt;T&lt;/b&gt;"));
    assert!(
        !html.contains("<script") && !html.contains("<img src=x") && !html.contains("<b>T</b>")
    );
    let policy = answer.header("content-security-policy");
    assert!(
        policy.contains("frame-ancestors 'self'") && !policy.contains("script-src"),
        "{policy}"
    );
    assert_eq!(answer.header("x-frame-options"), "SAMEORIGIN");
    let wrong = room.send(&form.with("text", "x").with("tags", "42"));
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("cannot be a tag"));
    let mut after = tree(room.base.path());
    after.retain(|path, _| before.contains_key(path) || !path.starts_with(".handbill/"));
    assert_eq!(after, before);
}

#[test]
fn a_message_that_has_no_page_yet_is_said_to_be_written() {
    let room = Room::new();
    let form = room.form("/_app/compose?to=notes").with("do", "send");
    let answer = room.send(&form.with("text", "+++\ndate = 2027-01-01\n+++\nNext year."));
    assert_eq!(answer.status, 303);
    assert!(answer.header("location").starts_with("/_app/written?to=notes&sent="));
    let page = room.ask(&format!("GET {}", answer.header("location")));
    assert_eq!(page.status, 200);
    assert!(
        page.text().contains("<h1>It is written</h1>") && page.text().contains("/_app/sent.js")
    );
    assert!(room.newest("notes/outbox").ends_with("Next year.\n"));
}

#[test]
fn names_of_folders_are_data_wherever_they_stand() {
    let room = Room::new();
    let name = "a&b \"c\" 'd' %2e#";
    room.base.write(&format!("{name}/outbox/2026-11-22T10-00-00Z-x.md"), "X.");
    room.build();
    let page = room.ask("GET /_app/compose");
    assert!(page.text().contains("<option value=\"a&amp;b &quot;c&quot; &#39;d&#39; %2e#\">"));
    let form = room.form("/_app/compose?to=a%26b+%22c%22+%27d%27+%252e%23");
    assert_eq!(form.value("to"), name);
    let answer = room.send(&form.with("text", "Y.").with("do", "send"));
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(room.newest(&format!("{name}/outbox")), "Y.\n");
    let answer = room.send(&form.with("text", "Z.").with("do", "draft"));
    let list = room.ask(&format!("GET {}", answer.header("location")));
    assert!(list.text().contains("draft=2026-11-24T12-00-00Z-z-"), "{}", list.text());
}

const LOW_TIDE: &str = "notes/2026-11-23T10-15-30Z-low-tide.html";
const LOW_TIDE_FILE: &str = "notes/outbox/2026-11-23T10-15-30Z-low-tide.md";

#[test]
fn an_edit_is_saved_and_the_old_version_kept() {
    let room = Room::new();
    let form = room.form(&format!("/_app/edit?page={LOW_TIDE}"));
    assert_eq!(form.value("text"), "\nLow tide.\n");
    let edited = form.with("text", "High tide.\r\n");
    let preview = room.send(&edited.to("/_app/preview"));
    assert!(preview.text().contains("High tide.") && preview.text().contains("23 November 2026"));
    let answer = room.send(&edited);
    assert_eq!(answer.status, 303);
    let page = room.ask(&format!("GET {}", answer.header("location")));
    assert!(page.text().contains("<p>High tide.</p>"), "{}", page.text());
    assert_eq!(room.read(LOW_TIDE_FILE), "+++\nupdated = 2026-11-24T12:00:00Z\n+++\nHigh tide.\n");
    assert_eq!(room.trash(), ["\nLow tide.\n".trim_start()]);
    assert_eq!(room.send(&edited).header("location"), answer.header("location"), "sent twice");
}

#[test]
fn an_edit_that_met_another_version_shows_both_and_loses_neither() {
    let room = Room::new();
    let form = room.form(&format!("/_app/edit?page={LOW_TIDE}")).with("text", "Mine.\n");
    room.base.write(LOW_TIDE_FILE, "Theirs <b>.\n");
    let answer = room.send(&form);
    assert_eq!(answer.status, 409);
    assert_eq!(room.read(LOW_TIDE_FILE), "Theirs <b>.\n");
    let again = forms::Form::of("/_app/edit", answer.text());
    assert_eq!(again.value("text"), "\nMine.\n");
    assert!(again.html.contains(
        "<pre class=\"hb-text\" tabindex=\"0\" dir=\"auto\">\nTheirs &lt;b&gt;.\n</pre>"
    ));
    assert_eq!(room.send(&again).status, 303);
    assert!(room.read(LOW_TIDE_FILE).ends_with("Mine.\n"));
    assert_eq!(room.trash(), ["Theirs <b>.\n"]);
    // And one whose file is gone.
    let form = room.form(&format!("/_app/edit?page={LOW_TIDE}")).with("text", "Kept.\n");
    std::fs::remove_file(room.base.at(LOW_TIDE_FILE)).unwrap();
    let answer = room.send(&form);
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("Kept.\n</pre>"));
    assert!(!room.base.at(LOW_TIDE_FILE).exists());
}

#[test]
fn what_is_deleted_was_asked_for_and_lies_in_the_trash() {
    let room = Room::new();
    let form = room.form(&format!("/_app/delete?page={LOW_TIDE}"));
    assert!(form.html.contains("Low tide."));
    room.base.write(LOW_TIDE_FILE, "Changed.\n");
    let answer = room.send(&form);
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("Changed."));
    let answer = room.send(&forms::Form::of("/_app/delete", answer.text()));
    assert_eq!((answer.status, answer.header("location")), (303, "/notes/"));
    assert!(!room.base.at(LOW_TIDE_FILE).exists());
    assert_eq!(room.trash(), ["Changed.\n"]);
    assert_eq!(room.ask(&format!("GET /{LOW_TIDE}")).status, 404);
}

#[test]
fn a_draft_is_kept_apart_until_it_is_sent() {
    let room = Room::new();
    let form =
        room.form("/_app/compose?to=notes").with("text", "Not *yet*.").with("title", "Later");
    let answer = room.send(&form.with("do", "draft").attach("files", "a.txt", b"0123"));
    assert_eq!(answer.status, 303);
    let list = room.ask(&format!("GET {}", answer.header("location")));
    assert!(
        list.text().contains("/_app/sent.js") && list.text().contains(">Later</a>"),
        "{}",
        list.text()
    );
    let drafts = tree(&room.base.at("notes/drafts"));
    let name = drafts.keys().find(|path| path.ends_with(".md")).unwrap().clone();
    let form = room.form(&format!("/_app/compose?to=notes&draft={name}"));
    assert_eq!(form.value("text"), "\n+++\ntitle = \"Later\"\n+++\nNot *yet*.\n");
    assert!(form.html.contains("<bdi>a.txt</bdi>"));
    let answer = room.send(&form.with("do", "send"));
    let page = room.ask(&format!("GET {}", answer.header("location")));
    assert!(
        page.text().contains("Not <em>yet</em>") && page.text().contains("a.txt"),
        "{}",
        page.text()
    );
    assert!(tree(&room.base.at("notes/drafts")).is_empty());
    assert_eq!(room.trash().len(), 2, "the draft and its file");
    for name in ["../outbox/2026-11-23T10-15-30Z-low-tide.md", "x.md", "../../handbill.toml"] {
        assert_eq!(room.ask(&format!("GET /_app/compose?to=notes&draft={name}")).status, 404);
    }
}

#[test]
fn published_files_hold_a_mark_and_served_pages_the_links() {
    let room = Room::new();
    let check = |page: &str, mark: bool, links: &[&str]| {
        let file = room.base.page(&format!("reader/{page}"));
        assert_eq!(file.contains("<!--handbill:write-->"), mark, "{page}");
        assert!(!file.contains("/_app/"), "{page}");
        let served = room.ask(&format!("GET /{page}"));
        let found: Vec<&str> = served
            .text()
            .split("href=\"/_app/")
            .skip(1)
            .filter_map(|rest| rest.split(['?', '"']).next())
            .filter(|l| *l != "write.css")
            .collect();
        assert_eq!(found, links, "{page}");
    };
    check("index.html", true, &["compose"]);
    check("notes/index.html", true, &["compose"]);
    check("mira/index.html", true, &["compose"]);
    check("harbour/index.html", false, &[]);
    check(LOW_TIDE, true, &["compose", "edit", "delete"]);
    check("mira/in/2026-11-23T09-00-00Z-hi.html", true, &["compose"]);
    check("status/index.html", false, &[]);
    for (path, _) in room.base.edition("public") {
        let bytes = std::fs::read(room.base.at(&format!("_site/public/{path}"))).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("handbill:write"), "{path}");
    }
    // A theme that names no place for them.
    room.base.write(
        "theme/templates/message.html",
        "{% extends \"base.html\" %}{% block main %}x{% endblock %}",
    );
    room.build();
    check(LOW_TIDE, false, &["compose", "edit", "delete"]);
}
