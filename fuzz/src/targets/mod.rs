//! What each target does with its bytes: a panic is a finding.

mod site;

use super::holds::body::assert_body;
use super::holds::name::{assert_box, assert_file_name, assert_link, assert_name, assert_stamps};
use super::holds::reader::{
    assert_channel, assert_decoded, assert_message, assert_settings, assert_stays_private,
};
use handbill::config::edit;
use handbill::path::{OutPath, RelPath};
use handbill::source::{Decoded, decode};

/// What a target does.
pub type Target = fn(&[u8]);

/// The targets by name, as the folders of the corpus are called.
#[allow(dead_code, reason = "the suite runs all of them, a fuzzer one")]
pub const TARGETS: &[(&str, Target)] =
    &[("header", header), ("body", body), ("channel", channel), ("feed", feed), ("path", path)];

/// A message and its header, of any bytes.
pub fn header(bytes: &[u8]) {
    assert_decoded(bytes);
    let Some(text) = text(bytes) else { return };
    assert_message(&text);
    assert_stays_private(&text);
}

/// A text as Markdown.
pub fn body(bytes: &[u8]) {
    if let Some(text) = text(bytes) {
        assert_body(&text);
    }
}

/// A `channel.toml`, a `handbill.toml`, and what commands change in it.
pub fn channel(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    assert_channel(&text);
    assert_settings(&text);
    assert_edits(&text);
}

/// A whole base folder, each file behind a line `-- path`: its feeds and pages.
pub fn feed(bytes: &[u8]) {
    if let Some(text) = text(bytes) {
        site::check(&text);
    }
}

/// Names, paths, dates and addresses, one a line; all of them together the files of a box.
pub fn path(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let mut paths = std::collections::BTreeSet::new();
    for line in text.lines().take(50) {
        assert_stamps(line);
        assert_link(line);
        let Some(path) = RelPath::parse(line) else { continue };
        for name in path.parts() {
            assert_name(name);
            assert_file_name(name);
        }
        assert!(path.parts().all(|part| !matches!(part, "" | "." | "..")), "{path}");
        if let Some(out) = OutPath::parse(line) {
            assert_eq!(out.as_str(), line);
        }
        if let Some(other) = RelPath::parse("a/b/c.md").and_then(|page| page.resolve_sibling(line))
        {
            assert!(RelPath::parse(other.as_str()).is_some(), "{line:?} -> {other}");
        }
        paths.insert(path);
    }
    assert_box(paths);
}

/// Asserts that a contact that was listed is, that one that was taken off the list is not, and that
/// settings that are no TOML are left alone.
fn assert_edits(text: &str) {
    let listed = |text: &str| matches!(edit::list(text, "mira"), Ok(None));
    if let Ok(Some(more)) = edit::list(text, "mira") {
        assert!(listed(&more), "{text:?} -> {more:?}");
    }
    if let Ok(Some(less)) = edit::unlist(text, "mira") {
        assert!(!listed(&less), "{text:?} -> {less:?}");
    }
    if let Ok(said) = edit::subscribe(text, "mira", "https://example.org/") {
        // What is no list of names before is none then.
        let is_list = |text: &str| edit::list(text, "mira").is_ok();
        assert_eq!(is_list(&said), is_list(text), "{text:?} -> {said:?}");
    }
}

/// Returns the text of a file as it is read.
fn text(bytes: &[u8]) -> Option<String> {
    match decode(bytes) {
        Decoded::Text { text, .. } => Some(text),
        _ => None,
    }
}
