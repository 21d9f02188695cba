//! What must hold of every page, whatever lies in the boxes.

use super::super::holds::page::assert_page;
use super::folder::{ATTACHMENTS, CONTACTS, PAYLOAD};
use super::*;
use std::collections::BTreeSet;

#[test]
fn every_page_is_whole_and_calls_nobody() {
    let base = hostile_base();
    base.build();
    for edition in ["public", "reader"] {
        let tree = base.edition(edition);
        assert!(pages(&tree).count() > NASTY_PAGES, "{edition}");
        for (path, html) in pages(&tree) {
            assert_page(
                &format!("{edition}/{path}").replace(&format!("{edition}/404"), "404"),
                &html,
            );
        }
    }
}

/// A hundred messages and their lists: fewer pages mean that the build gave up.
const NASTY_PAGES: usize = 150;

#[test]
fn every_file_has_a_safe_name_and_nothing_of_a_stranger_is_a_document() {
    let base = hostile_base();
    base.build();
    let document = ["html", "xml", "svg", "js", "css"];
    for edition in ["public", "reader"] {
        let mut copies = 0;
        for (path, bytes) in base.edition(edition) {
            assert!(OutPath::parse(&path).is_some(), "{edition}/{path:?}");
            assert!(!path.split('/').any(|part| part.starts_with('.')), "{edition}/{path:?}");
            let extension = path.rsplit('.').next().unwrap();
            if bytes == PAYLOAD.as_bytes() {
                copies += 1;
                let own_drawing = extension == "svg" && path.starts_with("mine/");
                assert!(own_drawing || !document.contains(&extension), "{edition}/{path:?}");
            } else if document.contains(&extension) {
                assert!(!text(&bytes).contains("alert('payload')"), "{edition}/{path:?}");
            }
        }
        let boxes = if edition == "reader" { 2 } else { 1 };
        // Metadata cannot be taken out of what only calls itself a picture: not in public.
        let pictures =
            ATTACHMENTS.iter().filter(|n| n.ends_with("jpg") || n.ends_with("png")).count();
        let refused = if edition == "public" { pictures } else { 0 };
        assert_eq!(copies, boxes * ATTACHMENTS.len() - refused, "{edition}");
    }
}

#[test]
fn a_contact_may_be_called_anything() {
    let base = hostile_base();
    base.build();
    let reader = base.edition("reader");
    let shown = pages(&reader).filter(|(path, _)| path.matches('/').count() >= 1);
    let shown: Vec<String> = shown.map(|(_, html)| html).collect();
    for name in CONTACTS {
        let mut escaped = String::new();
        handbill::text::escape_into(&mut escaped, &handbill::text::clean_line(name));
        let words = format!("From {}", escaped.split_whitespace().next().unwrap());
        assert!(shown.iter().any(|html| html.contains(&words)), "{name:?}: {words}");
    }
    for ours in [
        "index.html",
        "feed.xml",
        "404.html",
        "tags/index.html",
        "archive/index.html",
        "assets/style.css",
        "status/index.html",
    ] {
        assert!(reader.contains_key(ours), "{ours}");
    }
    assert!(text(&reader["tags/index.html"]).contains("page-tags"));
    assert!(text(&reader["status/index.html"]).contains("page-status"));
}

#[test]
fn what_looks_like_a_template_stays_as_typed() {
    let base = hostile_base();
    base.build();
    for edition in ["public", "reader"] {
        for (path, html) in pages(&base.edition(edition)) {
            assert!(!html.contains("5332114"), "{edition}/{path}");
        }
        let page = base.page(&format!("{edition}/good/2026-11-21T10-00-00Z-pictures.html"));
        assert!(
            page.contains(
                "{{ 1234*4321 }} {% include &quot;base.html&quot; %} {# comment #} stays"
            )
        );
    }
}

#[test]
fn words_of_strangers_choose_neither_names_nor_places() {
    let base = hostile_base();
    base.build();
    let reader = base.edition("reader");
    // `path`, `aliases`, `output`, `theme`, `command` and `public` mean nothing there.
    let tops: BTreeSet<&str> =
        reader.keys().filter_map(|path| path.split_once('/')).map(|(top, _)| top).collect();
    let made = ["tags", "archive", "assets", "feeds", "media", "search", "_"];
    let in_reader = ["status", "conversations", "subscriptions"];
    for top in tops {
        let contact = CONTACTS
            .iter()
            .chain(&["good", "mine", "stranger"])
            .any(|name| handbill::names::out_name(name, handbill::names::Spot::Contact) == top);
        assert!(contact || made.contains(&top) || in_reader.contains(&top), "{top}");
    }
    let public = base.edition("public");
    for path in public.keys() {
        let top = path.split('/').next().unwrap();
        let ours = ["good", "mine"].contains(&top) || made.contains(&top);
        assert!(ours || !path.contains('/'), "public/{path}");
    }
}

#[test]
fn findings_steer_no_terminal() {
    let base = hostile_base();
    let opened = handbill::disk::open(&base.places(), &base.options()).unwrap();
    let odd = |text: &str| {
        text.contains(|c: char| {
            c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        })
    };
    for Diagnostic { code, message, hint, .. } in &opened.found {
        let hint = hint.as_deref().unwrap_or("");
        assert!(!odd(message) && !odd(hint), "{code}: {message:?} {hint:?}");
    }
}
