//! Readers of texts are total: any bytes give a value, and what is wrong is told with its place.

use super::{NASTY, property};
use handbill::config::{read_channel, read_settings};
use handbill::diagnostic::{Diagnostic, Owner};
use handbill::fields::File;
use handbill::limits::FINDINGS;
use handbill::message::{Visibility, parse, split};
use handbill::path::RelPath;
use handbill::source::{Decoded, decode};
use proptest::prelude::*;

/// Pieces of TOML and YAML, whole and broken.
const PIECES: &[&str] = &[
    "title",
    "public",
    "base_url",
    "port",
    "time_zone",
    "language",
    "theme",
    "page_size",
    "limits",
    "contact",
    "id",
    "author",
    "name",
    "uri",
    "subscribe",
    "transport",
    "key",
    "link",
    "avatar",
    "home_page",
    "date",
    "updated",
    "tags",
    "summary",
    "in_reply_to",
    "thumbnail",
    "draft",
    "private",
    "visibility",
    "published",
    "extra",
    "titel",
    "x",
    "mira",
    "a.b",
    " = ",
    "=",
    ": ",
    ":",
    ", ",
    ".",
    "\n",
    "\r\n",
    "\n\n",
    "\t",
    "  ",
    "    ",
    "\"",
    "'",
    "\"\"\"",
    "'''",
    "\\",
    "\\u0041",
    "\\uD800",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "- ",
    "-",
    "|",
    ">",
    "|-\n",
    "# ",
    "#",
    "&a ",
    "*a",
    "!!str ",
    "<<: *a",
    "...",
    "---",
    "+++",
    "---\n",
    "+++\n",
    "true",
    "false",
    "yes",
    "no",
    "null",
    "~",
    "0",
    "-1",
    "1_000",
    "99999999999999999999",
    "0x7F",
    "1e999",
    "nan",
    "inf",
    "2026-11-23",
    "2026-11-23T10:15:30Z",
    "2026-11-23 10:15:30.123456789+14:00",
    "9999-99-99",
    "text",
    "é",
    "潮",
    "\u{FEFF}",
    "\u{2028}",
    "\u{0}",
    "\u{1B}",
    "\u{7F}",
    "\u{FFFF}",
];

fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        10 => proptest::sample::select(PIECES).prop_map(str::to_owned),
        1 => proptest::sample::select(NASTY).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn file(text: &str) -> File<'_> {
    File { path: "c/outbox/x", text, owner: Owner::Own }
}

/// Asserts that every place lies in the text and shows a piece of the line it names.
#[track_caller]
fn assert_placed(found: &[Diagnostic], text: &str) {
    assert!(found.len() <= 2 * FINDINGS, "{} findings about {text:?}", found.len());
    let lines: Vec<&str> = text.split('\n').collect();
    for one in found {
        assert_eq!(one.path, "c/outbox/x");
        let Some(place) = &one.place else { continue };
        let line = lines.get(place.line as usize - 1);
        let line = line.unwrap_or_else(|| panic!("line {} of {text:?}", place.line));
        let column = place.column as usize;
        assert!((1..=line.chars().count() + 1).contains(&column), "{one:?} of {text:?}");
        assert!(line.contains(&place.text), "{one:?} of {text:?}");
        assert!(place.offset_in_text() <= place.text.chars().count() + 1, "{one:?} of {text:?}");
        assert!(place.width >= 1);
    }
}

#[test]
fn settings_are_read_of_any_text() {
    property(3_000, texts(), |text| {
        let checked = read_settings(file(&text));
        assert_placed(&checked.diagnostics, &text);
        let settings = checked.value;
        assert!(settings.port > 0 && (1..=500).contains(&settings.page_size));
        assert!(RelPath::parse(&settings.theme).is_some(), "{:?}", settings.theme);
        assert!(!settings.title.is_empty());
    });
}

#[test]
fn what_an_owner_says_of_a_channel_is_read_of_any_text() {
    property(3_000, texts(), |text| {
        let checked = read_channel(file(&text));
        assert_placed(&checked.diagnostics, &text);
        let info = checked.value;
        let lines = [&info.title, &info.description, &info.license].into_iter().flatten();
        for line in lines.chain(info.authors.iter().map(|author| &author.name)) {
            assert!(!line.is_empty() && !line.contains(char::is_control), "{line:?}");
        }
        let pages = info.home_page.iter().chain(info.authors.iter().filter_map(|a| a.uri.as_ref()));
        for page in pages {
            assert!(page.as_str().starts_with("http"), "{page}");
        }
    });
}

#[test]
fn messages_are_read_of_any_text() {
    property(3_000, texts(), |text| {
        for text in [
            text.clone(),
            format!("+++\n{text}"),
            format!("+++\n{text}\n+++\nbody"),
            format!("---\ntitle: x\n{text}\n---\nbody"),
        ] {
            let checked = parse(file(&text));
            assert_placed(&checked.diagnostics, &text);
            let split = split(file(&text)).value;
            assert!(text.ends_with(split.body(&text)));
        }
    });
}

#[test]
fn nothing_behind_it_undoes_a_key_that_keeps_a_message_private() {
    let closing = ["draft = true", "private = true", "visibility = \"me\"", "published = false"];
    property(2_000, texts(), |rest| {
        for line in closing {
            let toml = format!("+++\n{line}\n{rest}\n+++\nbody");
            let yaml = format!("---\n{}\n{rest}\n---\nbody", line.replace(" =", ":"));
            for text in [toml, yaml] {
                let visibility = parse(file(&text)).value.visibility;
                assert_ne!(visibility, Visibility::Open, "{text:?}");
            }
        }
    });
}

#[test]
fn any_bytes_are_text_or_not() {
    property(3_000, any::<Vec<u8>>(), |bytes| {
        for head in [&b""[..], b"\xEF\xBB\xBF", b"\xFF\xFE", b"\xFE\xFF"] {
            let bytes = [head, &bytes].concat();
            let Decoded::Text { text, repaired } = decode(&bytes) else {
                assert!(bytes.contains(&0), "only what holds a NUL is no text: {bytes:?}");
                continue;
            };
            assert!(!text.contains('\0'));
            if let Some(at) = repaired {
                assert!(text[at..].starts_with('\u{FFFD}'), "{bytes:?} {at}");
            } else if head.len() != 2 {
                assert_eq!(text.as_bytes(), &bytes[head.len()..]);
            }
            parse(file(&text));
        }
    });
}
