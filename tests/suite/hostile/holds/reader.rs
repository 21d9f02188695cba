//! What must hold of what is read from any text.

use handbill::config::{read_channel, read_settings};
use handbill::diagnostic::{Diagnostic, Owner};
use handbill::fields::File;
use handbill::limits::FINDINGS;
use handbill::message::{Visibility, parse, split};
use handbill::path::RelPath;
use handbill::source::{Decoded, decode};

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

/// Asserts that any text gives settings, and that these can be used.
#[track_caller]
pub fn assert_settings(text: &str) {
    let checked = read_settings(file(text));
    assert_placed(&checked.diagnostics, text);
    let settings = checked.value;
    assert!(settings.port > 0 && (1..=500).contains(&settings.page_size));
    assert!(RelPath::parse(&settings.theme).is_some(), "{:?}", settings.theme);
    assert!(!settings.title.is_empty());
}

/// Asserts that any text says something of a channel, in single lines and web addresses.
#[track_caller]
pub fn assert_channel(text: &str) {
    let checked = read_channel(file(text));
    assert_placed(&checked.diagnostics, text);
    let info = checked.value;
    let lines = [&info.title, &info.description, &info.license].into_iter().flatten();
    for line in lines.chain(info.authors.iter().map(|author| &author.name)) {
        assert!(!line.is_empty() && !line.contains(char::is_control), "{line:?}");
    }
    let pages = info.home_page.iter().chain(info.authors.iter().filter_map(|a| a.uri.as_ref()));
    for page in pages {
        assert!(page.as_str().starts_with("http"), "{page}");
    }
}

/// Asserts that any text is a message, whose body is the end of it.
#[track_caller]
pub fn assert_message(text: &str) {
    for text in [
        text.to_owned(),
        format!("+++\n{text}"),
        format!("+++\n{text}\n+++\nbody"),
        format!("---\ntitle: x\n{text}\n---\nbody"),
    ] {
        let checked = parse(file(&text));
        assert_placed(&checked.diagnostics, &text);
        let split = split(file(&text)).value;
        assert!(text.ends_with(split.body(&text)));
    }
}

/// Asserts that nothing in a header undoes a line that keeps its message private.
#[track_caller]
pub fn assert_stays_private(rest: &str) {
    for line in ["draft = true", "private = true", "visibility = \"me\"", "published = false"] {
        let toml = format!("+++\n{line}\n{rest}\n+++\nbody");
        let yaml = format!("---\n{}\n{rest}\n---\nbody", line.replace(" =", ":"));
        for text in [toml, yaml] {
            let visibility = parse(file(&text)).value.visibility;
            assert_ne!(visibility, Visibility::Open, "{text:?}");
        }
    }
}

/// Asserts that any bytes are a text, with what was broken marked, or hold a NUL.
#[track_caller]
pub fn assert_decoded(bytes: &[u8]) {
    for head in [&b""[..], b"\xEF\xBB\xBF", b"\xFF\xFE", b"\xFE\xFF"] {
        let bytes = [head, bytes].concat();
        let Decoded::Text { text, repaired } = decode(&bytes) else {
            assert!(bytes.contains(&0), "only what holds a NUL is no text: {bytes:?}");
            continue;
        };
        assert!(!text.contains('\0'));
        let marked = matches!(bytes.get(..2), Some(b"\xFF\xFE" | b"\xFE\xFF"));
        let plain = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
        if let Some(at) = repaired {
            assert!(text[at..].starts_with('\u{FFFD}'), "{bytes:?} {at}");
        } else if !marked {
            assert_eq!(text.as_bytes(), plain);
        }
        parse(file(&text));
    }
}
