//! CSS.

use super::{Class, Pieces, is_word, line_end, run};
use memchr::memmem;

fn is_name(c: char) -> bool {
    is_word(c) || c == '-'
}

/// Colours selectors, properties, values, comments and rules that begin with `@`.
pub(super) fn scan(text: &str, out: &mut Pieces<'_, '_>) {
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut in_value) = (0, 0usize, false);
    while let Some(c) = text[at..].chars().next() {
        let (class, end) = match c {
            '/' if text[at..].starts_with("/*") => {
                let close = memmem::find(&bytes[at + 2..], b"*/");
                (Some(Class::Comment), close.map_or(text.len(), |n| at + n + 4))
            }
            '/' if text[at..].starts_with("//") => (Some(Class::Comment), line_end(text, at)),
            '"' | '\'' => {
                let close = memchr::memchr2(c as u8, b'\n', &bytes[at + 1..]);
                (Some(Class::Text), close.map_or(text.len(), |n| at + n + 2))
            }
            '@' => (Some(Class::Keyword), run(text, at + 1, is_name)),
            '$' => (Some(Class::Variable), run(text, at + 1, is_name)),
            '#' if in_value => (Some(Class::Number), run(text, at + 1, |c| c.is_ascii_hexdigit())),
            '.' | '#' if !in_value => (Some(Class::Type), run(text, at + 1, is_name)),
            c if c.is_ascii_digit() => {
                (Some(Class::Number), run(text, at, |c| is_word(c) || c == '.' || c == '%'))
            }
            '{' => {
                (depth, in_value) = (depth + 1, false);
                (None, at + 1)
            }
            '}' => {
                (depth, in_value) = (depth.saturating_sub(1), false);
                (None, at + 1)
            }
            ';' => {
                in_value = false;
                (None, at + 1)
            }
            ':' => {
                in_value = depth > 0;
                (None, at + 1)
            }
            c if is_name(c) => word(text, at, depth, in_value),
            c => (None, at + c.len_utf8()),
        };
        if let Some(class) = class {
            out.put(class, at, end);
        }
        at = end;
    }
}

fn word(text: &str, at: usize, depth: usize, in_value: bool) -> (Option<Class>, usize) {
    let end = run(text, at, is_name);
    let next = text[end..].chars().next();
    let class = match next {
        _ if text[at..].starts_with("--") => Some(Class::Variable),
        Some('(') => Some(Class::Function),
        Some(':') if depth > 0 && !in_value => Some(Class::Key),
        _ if in_value => None,
        _ => Some(Class::Tag),
    };
    (class, end)
}
