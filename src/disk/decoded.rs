//! The texts of files: decoded, without control characters and without writing keys.

use crate::config::Settings;
use crate::diagnostic::{Checked, Diagnostic, Owner};
use crate::fields::File;
use crate::keys;
use crate::source::{Decoded, Place, decode};
use crate::text::{is_illegal, may_hold_illegal};
use std::path::Path;

/// Returns the text of a file, decoded, without control characters and without writing keys, or
/// `None` where it is no text.
pub fn text_of(
    bytes: &[u8],
    path: &str,
    owner: Owner,
    found: &mut Vec<Diagnostic>,
) -> Option<String> {
    let Decoded::Text { text, repaired } = decode(bytes) else {
        found.push(
            Diagnostic::error(path, "binary", "is not text; it is not shown")
                .hint("a message is a text in UTF-8; give the file another extension if it is something else")
                .owned_by(owner),
        );
        return None;
    };
    if let Some(at) = repaired {
        let message = "holds bytes that are not UTF-8; they are shown as `\u{FFFD}`";
        found.push(
            Diagnostic::warning(path, "not-utf8", message)
                .at(Place::of(&text, at..at + 1))
                .hint("save it as UTF-8")
                .owned_by(owner),
        );
    }
    let text = without_controls(text);
    let (clean, keys) = keys::redact(&text);
    if !keys.is_empty() {
        let at = clean.find(keys::REMOVED).unwrap_or(0);
        let many = if keys.len() == 1 { "a key".into() } else { format!("{} keys", keys.len()) };
        let message = format!("holds {many} that let the holder write; shown nowhere");
        found.push(
            Diagnostic::error(path, "writing-key", message)
                .at(Place::of(&clean, at..at + keys::REMOVED.len()))
                .hint("whoever has read it can write in your name: give out the read-only key only")
                .owned_by(owner),
        );
    }
    Some(clean.into_owned())
}

/// Returns a text without control characters other than tab and line ends, and without what is no
/// character: the marks that bodies use inside are among them, and a key cannot hide behind one.
fn without_controls(text: String) -> String {
    if may_hold_illegal(&text) && text.contains(is_illegal) {
        text.replace(is_illegal, "")
    } else {
        text
    }
}

/// Reads a settings file of one's own below the base folder; `None` where there is none.
pub fn own_text(path: &Path, name: &str, found: &mut Vec<Diagnostic>) -> Option<String> {
    match std::fs::read(path) {
        Ok(bytes) => text_of(&bytes, name, Owner::Own, found),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => {
            let text = format!("cannot be read: {}", error.kind());
            found.push(Diagnostic::error(name, "unreadable", text));
            None
        }
    }
}

/// Reads the settings; without a file the defaults.
pub fn settings_of(text: Option<&str>) -> Checked<Settings> {
    match text {
        Some(text) => {
            crate::config::read_settings(File { path: "handbill.toml", text, owner: Owner::Own })
        }
        None => Checked::clean(Settings::default()),
    }
}
