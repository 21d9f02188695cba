//! What one has read, starred and muted: by requests to the router, as a page's script makes them.

use super::desk::Room;
use super::forms::ORIGIN;
use crate::serving::client::{Answer, ask_with};
use crate::support::{Base, difference, tree};
use handbill::serve::router;
use serde_json::{Value, json};

const FOG: &str = "harbour/in/2026-11-23T08-00-00Z-fog.html";

fn state(room: &Room) -> Value {
    let answer = room.ask("GET /_app/reading");
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
    serde_json::from_str(answer.text()).unwrap()
}

fn send(room: &Room, headers: &str, body: &Value) -> Answer {
    let head = format!("POST /_app/reading\ncontent-type: application/json\n{headers}");
    ask_with(router(room.site.clone()), &head, body.to_string().into_bytes())
}

/// Changes the state as a page does; returns the new one.
#[track_caller]
fn mark(room: &Room, mark: &Value) -> Value {
    let token = state(room)["token"].clone();
    let answer = send(room, ORIGIN, &json!({ "token": token, "marks": [mark] }));
    assert_eq!(answer.status, 200, "{}", answer.text());
    serde_json::from_str(answer.text()).unwrap()
}

/// Returns the unread pages of all contacts.
fn unread(state: &Value) -> Vec<String> {
    let contacts = state["unread"].as_object().unwrap().values();
    let pages = contacts.flat_map(|pages| pages.as_array().unwrap());
    pages.map(|page| page[1].as_str().unwrap().to_owned()).collect()
}

fn arrive(room: &Room, path: &str) {
    room.base.write(path, "It has come.");
    room.build();
}

#[test]
fn what_arrives_is_new_whatever_its_date_and_what_was_there_is_not() {
    let room = Room::new();
    assert_eq!(unread(&state(&room)), Vec::<String>::new());
    arrive(&room, "harbour/inbox/1999-01-01T00-00-00Z.md");
    arrive(&room, "harbour/inbox/2026-11-24T08-00-00Z.md");
    arrive(&room, "notes/outbox/2026-11-24T09-00-00Z.md");
    let new = ["harbour/in/1999-01-01T00-00-00Z.html", "harbour/in/2026-11-24T08-00-00Z.html"];
    assert_eq!(unread(&state(&room)), new, "my own are not new to me");
    let read = mark(&room, &json!({ "do": "read", "pages": [new[1]] }));
    assert_eq!(unread(&read), new[..1]);
    // The next run knows it, and what has come meanwhile.
    let base = room.end();
    base.write("mira/inbox/2010-01-01T00-00-00Z.md", "Old, and new here.");
    let room = Room::of(base);
    assert_eq!(unread(&state(&room)), [new[0], "mira/in/2010-01-01T00-00-00Z.html"]);
    // What is gone is not unread; a file that changes is not new.
    room.base.remove("harbour/inbox/1999-01-01T00-00-00Z.md");
    room.base.write("harbour/inbox/2026-11-24T08-00-00Z.md", "Changed.");
    room.build();
    assert_eq!(unread(&state(&room)), ["mira/in/2010-01-01T00-00-00Z.html"]);
}

#[test]
fn all_is_read_up_to_what_was_seen_by_contact_or_everywhere() {
    let room = Room::new();
    state(&room);
    arrive(&room, "harbour/inbox/2026-11-24T08-00-00Z.md");
    arrive(&room, "mira/inbox/2026-11-24T08-00-00Z.md");
    let seen = state(&room)["last"].clone();
    arrive(&room, "harbour/inbox/2026-11-20T08-00-00Z.md");
    let left = mark(&room, &json!({ "do": "all", "contact": "harbour", "upto": seen }));
    let (late, mira) =
        ("harbour/in/2026-11-20T08-00-00Z.html", "mira/in/2026-11-24T08-00-00Z.html");
    assert_eq!(unread(&left), [late, mira]);
    let left = mark(&room, &json!({ "do": "all", "upto": seen }));
    assert_eq!(unread(&left), [late]);
}

#[test]
fn stars_and_words_are_kept_for_every_browser_and_no_page_changes() {
    let room = Room::new();
    let before = (room.base.edition("reader"), room.base.edition("public"));
    let boxes = |base: &Base| -> Vec<(String, Vec<u8>)> {
        let is_box = |path: &String| path.contains("/inbox/") || path.contains("/outbox/");
        tree(base.path()).into_iter().filter(|(path, _)| is_box(path)).collect()
    };
    let files = boxes(&room.base);
    let star =
        json!({ "do": "star", "page": FOG, "name": "Fog", "from": "harbour", "date": "today" });
    mark(&room, &star);
    // What is no message is not kept.
    for page in ["x".repeat(100_000), "../x".into(), "harbour/index.html".into()] {
        let mut odd = star.clone();
        odd["page"] = page.into();
        assert_eq!(mark(&room, &odd)["stars"].as_array().unwrap().len(), 1);
    }
    mark(&room, &json!({ "do": "word", "word": "Spoiler", "on": true }));
    room.build();
    assert_eq!(difference(&before.0, &room.base.edition("reader")), None);
    assert_eq!(difference(&before.1, &room.base.edition("public")), None);
    assert_eq!(boxes(&room.base), files);
    let room = room.again();
    let state = state(&room);
    assert_eq!((&state["stars"][0]["page"], &state["words"]), (&json!(FOG), &json!(["spoiler"])));
    let kept = room.read(".handbill/state/reading.json");
    assert!(kept.contains("spoiler") && kept.contains(FOG));
    assert_eq!(mark(&room, &json!({ "do": "unstar", "page": FOG }))["stars"], json!([]));
}

#[test]
fn a_contact_is_muted_in_the_settings() {
    let room = Room::new();
    room.base.write("handbill.toml", "# Mine.\npublic = [\"notes\"]\n");
    room.build();
    state(&room);
    arrive(&room, "harbour/inbox/2026-11-24T08-00-00Z.md");
    assert_eq!(state(&room)["others"], json!(["harbour", "mira"]));
    mark(&room, &json!({ "do": "mute", "contact": "harbour", "on": true }));
    let settings = room.read("handbill.toml");
    assert_eq!(settings, "# Mine.\npublic = [\"notes\"]\n\n[contact.harbour]\nmute = true\n");
    room.build();
    let muted = state(&room);
    assert_eq!((&muted["muted"], unread(&muted)), (&json!(["harbour"]), Vec::new()));
    mark(&room, &json!({ "do": "mute", "contact": "harbour", "on": false }));
    room.build();
    assert_eq!(unread(&state(&room)).len(), 1, "what came meanwhile is still unread");
    let token = state(&room)["token"].clone();
    let unknown = json!({ "do": "mute", "contact": "../x", "on": true });
    assert_eq!(send(&room, ORIGIN, &json!({ "token": token, "marks": [unknown] })).status, 500);
    assert!(!room.read("handbill.toml").contains("../x"));
}

#[test]
fn only_a_page_of_this_run_of_the_server_changes_it() {
    let room = Room::new();
    let token = state(&room)["token"].clone();
    let word = json!([{ "do": "word", "word": "x", "on": true }]);
    let good = json!({ "token": token, "marks": word });
    for headers in [
        "",
        "origin: null",
        "origin: http://localhost:9999",
        "origin: http://evil.example",
        "sec-fetch-site: same-site",
        "sec-fetch-site: cross-site",
        "origin: http://localhost:8888\nsec-fetch-site: none",
    ] {
        assert_eq!(send(&room, headers, &good).status, 403, "{headers}");
    }
    for token in ["", "0", &"0".repeat(61)] {
        assert_eq!(send(&room, ORIGIN, &json!({ "token": token, "marks": word })).status, 403);
    }
    let other = Room::new();
    assert_eq!(send(&other, ORIGIN, &good).status, 403, "another run");
    for kind in ["text/plain", "multipart/form-data; boundary=x"] {
        let head = format!("POST /_app/reading\ncontent-type: {kind}\n{ORIGIN}");
        let answer = ask_with(router(room.site.clone()), &head, good.to_string().into_bytes());
        assert_eq!(answer.status, 415, "{kind}");
    }
    assert_eq!(
        send(&room, ORIGIN, &json!({ "token": token, "marks": [{ "do": "?" }] })).status,
        400
    );
    let long =
        json!({ "token": token, "marks": [{ "do": "read", "pages": ["x".repeat(300_000)] }] });
    assert_eq!(send(&room, ORIGIN, &long).status, 413);
    for foreign in ["origin: http://evil.example", "sec-fetch-site: cross-site"] {
        assert_eq!(room.ask(&format!("GET /_app/reading\n{foreign}")).status, 403);
    }
    assert_eq!(state(&room)["words"], json!([]));
    assert_eq!(send(&room, ORIGIN, &good).status, 200);
}

#[test]
fn where_nothing_can_be_written_nothing_is_kept() {
    let served = crate::serving::client::Served::new();
    assert_eq!(served.ask("GET /_app/reading").status, 404);
    assert!(!served.ask("GET /index.html").text().contains("handbill-reading"));
    let room = Room::new();
    assert!(room.ask("GET /index.html").text().contains("<meta name=\"handbill-reading\">"));
    assert!(!room.base.page("reader/index.html").contains("handbill-reading"));
}

#[test]
fn a_state_that_is_damaged_is_set_aside_and_told() {
    let room = Room::new();
    mark(&room, &json!({ "do": "word", "word": "x", "on": true }));
    let base = room.end();
    base.write(".handbill/state/reading.json", "{ no");
    let room = Room::of(base);
    assert!(room.told.as_ref().is_some_and(|told| told.contains("reading.json` is damaged")));
    assert_eq!(room.read(".handbill/state/reading.json.damaged"), "{ no");
    assert_eq!(state(&room)["words"], json!([]));
    assert_eq!(
        mark(&room, &json!({ "do": "word", "word": "y", "on": true }))["words"],
        json!(["y"])
    );
}

#[test]
fn the_script_shows_texts_and_never_markup() {
    let room = Room::new();
    let script = room.ask("GET /assets/reader/reading.js");
    assert_eq!(script.status, 200);
    for way in
        ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("]
    {
        assert!(!script.text().contains(way), "{way}");
    }
    assert!(!room.base.edition("public").keys().any(|path| path.contains("reader/")));
}

#[test]
fn a_contact_that_is_renamed_is_not_new() {
    let room = Room::new();
    room.base
        .write("harbour/inbox/channel.toml", "id = \"7a4f2b0e-9d0c-4c57-8c7a-0d2f5d0a6b12\"\n");
    room.build();
    state(&room);
    let base = room.end();
    std::fs::rename(base.at("harbour"), base.at("port")).unwrap();
    let room = Room::of(base);
    assert_eq!(unread(&state(&room)), Vec::<String>::new());
    arrive(&room, "port/inbox/2026-11-24T08-00-00Z.md");
    assert_eq!(unread(&state(&room)).len(), 1);
}
