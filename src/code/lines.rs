//! What is told by how its lines begin.

use super::{Class, Pieces, languages};

/// Returns each line with its beginning, without its line feed.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line.strip_suffix('\n').unwrap_or(line)))
    })
}

/// Colours the differences between files (`diff -u`).
pub(super) fn diff(text: &str, out: &mut Pieces<'_, '_>) {
    const HEADS: [&str; 6] = ["+++ ", "--- ", "diff ", "index ", "new file", "deleted file"];
    for (at, line) in lines(text) {
        let class = match line.bytes().next() {
            _ if HEADS.iter().any(|head| line.starts_with(head)) => Class::Key,
            Some(b'+' | b'>') => Class::Inserted,
            Some(b'-' | b'<') => Class::Deleted,
            Some(b'@') => Class::Attribute,
            _ => continue,
        };
        out.put(class, at, at + line.len());
    }
}

/// Colours what was typed behind a `$`, `#`, `%` or `>`; what a program said stays as it is.
pub(super) fn session(text: &str, out: &mut Pieces<'_, '_>) {
    for (at, line) in lines(text) {
        if !["$ ", "# ", "% ", "> "].iter().any(|prompt| line.starts_with(prompt)) {
            continue;
        }
        out.put(Class::Attribute, at, at + 1);
        let typed = &out.text[..at + line.len()];
        languages::SHELL.scan_from(typed, at + 2, out);
    }
}
