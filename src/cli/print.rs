//! Printing: findings with the line and a caret, counts, times.

use super::Common;
use crate::diagnostic::{Diagnostic, Severity, shown};
use crate::disk::Stage;
use crate::keys::{holds_writing_key, redact};
use crate::qr::Grid;
use crate::source::Place;
use anstyle::{AnsiColor, Style};
use std::fmt::Write;
use std::process::ExitCode;
use unicode_width::UnicodeWidthChar;

/// How much is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verbosity {
    Quiet,
    Usual,
    Verbose,
}

impl Verbosity {
    pub(super) fn of(common: &Common) -> Verbosity {
        match (common.quiet, common.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Usual,
        }
    }

    fn shows(self, severity: Severity) -> bool {
        match severity {
            Severity::Error => true,
            Severity::Warning => self >= Verbosity::Usual,
            Severity::Note => self >= Verbosity::Verbose,
        }
    }
}

const BOLD: Style = Style::new().bold();

fn style(severity: Severity) -> Style {
    let color = match severity {
        Severity::Error => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Note => AnsiColor::Cyan,
    };
    color.on_default().bold()
}

/// Returns a finding as people read it.
pub(super) fn diagnostic(found: &Diagnostic) -> String {
    let mut out = String::new();
    let word = match found.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let style = style(found.severity);
    let message = shown(&found.message);
    let _ = write!(out, "{style}{word}[{}]{style:#}{BOLD}: {message}{BOLD:#}", found.code);
    let path = shown(&found.path);
    match (&found.place, path.is_empty()) {
        (Some(place), false) => {
            let _ = write!(out, "\n  --> {path}:{}:{}", place.line, place.column);
            source_line(&mut out, place, style);
        }
        (None, false) => {
            let _ = write!(out, "\n  --> {path}");
        }
        _ => {}
    }
    if let Some(hint) = &found.hint {
        let _ = write!(out, "\n   = {}", shown(hint));
    }
    out
}

/// Adds the line a finding is about, with carets under the words that are meant.
fn source_line(out: &mut String, place: &Place, style: Style) {
    if place.text.trim().is_empty() {
        return;
    }
    let number = place.line.to_string();
    let margin = " ".repeat(number.len());
    let before: String = place.text.chars().take(place.offset_in_text()).collect();
    let meant: String =
        place.text.chars().skip(place.offset_in_text()).take(place.width as usize).collect();
    let indent = " ".repeat(width(&printable(&before)));
    let carets = "^".repeat(width(&printable(&meant)).max(1));
    let line = printable(&place.text);
    let _ =
        write!(out, "\n{margin} |\n{number} | {line}\n{margin} | {indent}{style}{carets}{style:#}");
}

/// Returns a line as it can be shown: tabs as four spaces, what could steer a terminal visible.
fn printable(text: &str) -> String {
    shown(&text.replace('\t', "    "))
}

/// Returns how many columns a text takes.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// Returns a text with spaces behind it, up to a width.
pub(super) fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// Returns a text for what stands behind others.
pub(super) fn faint(text: &str) -> String {
    let style = Style::new().dimmed();
    format!("{style}{text}{style:#}")
}

/// Returns a text for what stands out.
pub(super) fn strong(text: &str) -> String {
    format!("{BOLD}{text}{BOLD:#}")
}

/// Returns a text for what should be looked at.
pub(super) fn alarming(text: &str) -> String {
    let style = AnsiColor::Yellow.on_default();
    format!("{style}{text}{style:#}")
}

/// Prints findings to standard error.
pub(super) fn diagnostics(found: &[Diagnostic], verbosity: Verbosity) {
    for one in found.iter().filter(|one| verbosity.shows(one.severity)) {
        anstream::eprintln!("{}\n", redact(&diagnostic(one)).0);
    }
}

/// Prints findings to standard output: there they are what was asked for.
pub(super) fn data(found: &[Diagnostic], verbosity: Verbosity) {
    for one in found.iter().filter(|one| verbosity.shows(one.severity)) {
        anstream::println!("{}\n", redact(&diagnostic(one)).0);
    }
}

/// Prints how many findings there are.
pub(super) fn summary(found: &[Diagnostic], verbosity: Verbosity, always: bool) {
    let number = |severity| found.iter().filter(|one| one.severity == severity).count();
    let (errors, warnings) = (number(Severity::Error), number(Severity::Warning));
    let notes = number(Severity::Note);
    let mut parts = Vec::new();
    parts.extend((errors > 0).then(|| count(errors, "error")));
    parts.extend((warnings > 0).then(|| count(warnings, "warning")));
    parts.extend((notes > 0).then(|| count(notes, "note")));
    if parts.is_empty() {
        if always {
            talk("nothing is wrong");
        }
        return;
    }
    let hidden = notes > 0 && !verbosity.shows(Severity::Note);
    let more = if hidden { " (`-v` shows notes)" } else { "" };
    talk(&format!("{}{more}", parts.join(", ")));
}

/// Returns `1 message`, `2 messages`.
pub(super) fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

/// Prints the milliseconds of each stage.
pub(super) fn stages(stages: &[Stage]) {
    for stage in stages {
        anstream::eprintln!("{:>8.1} ms  {}", stage.took.as_secs_f64() * 1000.0, stage.name);
    }
}

/// Returns the milliseconds of each stage for programs.
pub(super) fn milliseconds(stages: &[Stage]) -> serde_json::Value {
    let pairs = stages
        .iter()
        .map(|stage| (stage.name.to_owned(), (stage.took.as_secs_f64() * 1000.0).into()));
    serde_json::Value::Object(pairs.collect())
}

/// Prints a line of talk.
pub(super) fn talk(text: &str) {
    anstream::eprintln!("{}", redact(text).0);
}

/// Prints a question; the answer is typed behind it.
pub(super) fn question(text: &str) {
    let mut out = anstream::stderr();
    // Who cannot see the question gives no answer to it.
    let _ = std::io::Write::write_all(&mut out, format!("{} ", redact(text).0).as_bytes());
    let _ = std::io::Write::flush(&mut out);
}

/// Prints a QR code, dark on light whatever the colours of the terminal are.
pub(super) fn qr(grid: &Grid) {
    let style = AnsiColor::Black.on(AnsiColor::BrightWhite);
    for text in grid.lines() {
        line(&format!("{style}{text}{style:#}"));
    }
}

/// Prints a master key to whoever asked for it and said so: the only text that keeps one.
#[cfg(feature = "engine")]
pub(super) fn master_key(text: &str) {
    anstream::println!("{text}");
}

/// Prints a line of data. Whatever a person typed or somebody sent may be in it: a key of a writing
/// kind is not repeated, here and in the other functions that print.
pub(super) fn line(text: &str) {
    anstream::println!("{}", redact(text).0);
}

/// Prints an error that is no finding about a file.
pub(super) fn error(text: &str) {
    let (style, text) = (style(Severity::Error), redact(text).0);
    anstream::eprintln!("{style}error{style:#}{BOLD}: {text}{BOLD:#}");
}

/// Prints why the program could not do what it was asked, and what led to it.
pub(super) fn failure(failure: &anyhow::Error) {
    let causes: Vec<String> = failure.chain().skip(1).map(ToString::to_string).collect();
    let mut text = failure.to_string();
    // Some errors name their cause themselves.
    for cause in causes.iter().filter(|cause| !failure.to_string().contains(*cause)) {
        text.push_str(&format!(": {cause}"));
    }
    // Names of files are in it, and line ends of our own.
    let lines: Vec<String> = text.lines().map(shown).collect();
    error(&lines.join("\n"));
}

/// Prints what is wrong with the words of a command, or its help, and returns the exit code.
pub(super) fn usage(error: &clap::Error) -> ExitCode {
    let text = error.to_string();
    if holds_writing_key(&text) {
        talk(text.trim_end());
    } else {
        // Nobody listens.
        let _ = error.print();
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// Prints an object for programs.
pub(super) fn json(value: &serde_json::Value) {
    line(&serde_json::to_string_pretty(value).unwrap_or_default());
}

/// Returns the exit code for what was found.
pub(super) fn exit_code(found: &[Diagnostic], strict: bool) -> ExitCode {
    let counts =
        |one: &Diagnostic| one.is_own_error() || (strict && one.severity != Severity::Note);
    if found.iter().any(counts) { ExitCode::from(1) } else { ExitCode::SUCCESS }
}
