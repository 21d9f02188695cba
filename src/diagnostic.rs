//! What is wrong with a file, where, and what to do: values, never exceptions.

use crate::limits::FINDINGS;
use crate::path::RelPath;
use crate::source::Place;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something is not shown, or not as it should be. In one's own files it makes the exit code 1.
    Error,
    /// Shown, but something was ignored or guessed.
    Warning,
    /// Good to know; nothing has to be done.
    Note,
}

/// Whose file it is: an inbox holds what others wrote, all else is one's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Owner {
    /// Written at this machine: outboxes, settings, theme.
    Own,
    /// Came by an inbox.
    Other,
}

/// One finding about one file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Diagnostic {
    /// How bad it is: the worst are sorted first.
    pub severity: Severity,
    /// The file, as a path below the base folder; empty when no single file is meant. Names that
    /// are not UTF-8 appear with the bytes replaced.
    pub path: String,
    /// Where in the file.
    pub place: Option<Place>,
    /// A word for programs that never changes its meaning, as `unknown-key`.
    pub code: Cow<'static, str>,
    /// What is wrong: a short sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Whose file it is.
    pub owner: Owner,
}

impl Diagnostic {
    /// Returns an error about one's own file `path`.
    pub fn error(
        path: &(impl ToString + ?Sized),
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Diagnostic::new(Severity::Error, path.to_string(), code, message.into())
    }

    /// Returns a warning about one's own file `path`.
    pub fn warning(
        path: &(impl ToString + ?Sized),
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Diagnostic::new(Severity::Warning, path.to_string(), code, message.into())
    }

    /// Returns a note about one's own file `path`.
    pub fn note(
        path: &(impl ToString + ?Sized),
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Diagnostic::new(Severity::Note, path.to_string(), code, message.into())
    }

    fn new(severity: Severity, path: String, code: &'static str, message: String) -> Self {
        let code = Cow::Borrowed(code);
        Diagnostic { path, place: None, severity, code, message, hint: None, owner: Owner::Own }
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Says whose file it is.
    #[must_use]
    pub fn owned_by(mut self, owner: Owner) -> Self {
        self.owner = owner;
        self
    }

    /// Puts `folder` before the path: a finding inside a box becomes one of the base folder.
    #[must_use]
    pub fn below(mut self, folder: &RelPath) -> Self {
        self.path = if self.path.is_empty() {
            folder.to_string()
        } else {
            format!("{folder}/{}", self.path)
        };
        self
    }

    /// Takes keys of a writing kind out of everything it would show.
    pub fn redact(&mut self) {
        let texts = [&mut self.path, &mut self.message].into_iter();
        let texts = texts.chain(self.hint.as_mut()).chain(self.place.as_mut().map(|p| &mut p.text));
        for text in texts {
            if let Cow::Owned(clean) = crate::keys::redact(text).0 {
                *text = clean;
            }
        }
    }

    /// Returns whether it is an error in one's own file.
    pub fn is_own_error(&self) -> bool {
        self.severity == Severity::Error && self.owner == Owner::Own
    }
}

/// Keeps the first findings of a file and says how many more there were: a file of a stranger must
/// not fill the report.
pub fn cut(found: &mut Vec<Diagnostic>) {
    let more = found.len().saturating_sub(FINDINGS);
    if more > 0 {
        let last = &found[FINDINGS];
        let report = Diagnostic { place: None, hint: None, ..last.clone() };
        let message = format!("{more} more findings about this file are left out");
        let report = Diagnostic { message, code: Cow::Borrowed("more"), ..report };
        found.truncate(FINDINGS);
        found.push(report);
    }
}

/// A value and what was found while making it. Parsing never fails: it returns one of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked<T> {
    /// The value, with fallbacks where the input was broken.
    pub value: T,
    /// What was found.
    pub diagnostics: Vec<Diagnostic>,
}

impl<T> Checked<T> {
    /// Returns a value nothing was found about.
    pub fn clean(value: T) -> Checked<T> {
        Checked { value, diagnostics: Vec::new() }
    }

    /// Moves the findings into `all` and returns the value.
    pub fn take(self, all: &mut Vec<Diagnostic>) -> T {
        all.extend(self.diagnostics);
        self.value
    }
}

/// Returns `text` with everything that could steer a terminal or deceive a reader made visible:
/// control characters, bidirectional overrides, invisible fillers.
///
/// For every name and text of a stranger that is printed or reported.
pub fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\'' | '\\' => out.push(c),
            '\u{3164}' | '\u{115F}' | '\u{1160}' | '\u{FFA0}' => out.extend(c.escape_unicode()),
            c => out.extend(c.escape_debug()),
        }
    }
    out
}

/// Returns a name as it is typed behind a command: quoted where a shell would take it for more than
/// one word, or for an order.
pub fn argument(name: &str) -> String {
    let name = shown(name);
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !name.is_empty() && name.chars().all(plain) {
        return name;
    }
    // In single quotes nothing means anything; only double ones are understood everywhere.
    if name.contains(['$', '`', '\\', '!', '"']) {
        return format!("'{}'", name.replace('\'', "'\\''"));
    }
    format!("\"{name}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_behind_a_command_is_one_word() {
        let check = |name: &str, typed: &str| assert_eq!(argument(name), typed);
        check("notes", "notes");
        check("été_1.x-y", "été_1.x-y");
        check("", "\"\"");
        check("Anna's notes", "\"Anna's notes\"");
        check("a;b", "\"a;b\"");
        check("$(reboot)", "'$(reboot)'");
        check("it's `now`", "'it'\\''s `now`'");
        check("say \"x\"", "'say \"x\"'");
        check("a\nb", "'a\\nb'");
    }

    #[test]
    fn names_cannot_steer_a_terminal() {
        assert_eq!(shown("a\u{1b}[31m\u{202e}b\u{3164}"), "a\\u{1b}[31m\\u{202e}b\\u{3164}");
        assert_eq!(shown("Bö'b \"x\" \\ 潮"), "Bö'b \"x\" \\ 潮");
        assert_eq!(shown("a\nb"), "a\\nb");
    }
}
