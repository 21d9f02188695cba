//! The flat part of YAML that headers use: `key: value`, lists, quoted and folded text.
//!
//! Not a YAML parser, on purpose: no aliases, no tags, no documents, nothing that can grow. People
//! bring such headers from Obsidian, Jekyll and Hugo. A nested table is read as `[extra]` only
//! where it is called `extra`; elsewhere it is skipped with its key.

use crate::fields::{Field, Fields, Kind, SyntaxError, Value};
use std::ops::Range;

/// Returns whether the first line that is neither empty nor a comment looks like `key:`.
pub(super) fn begins_with_key(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    // Right below the rule a key may have spaces, as Obsidian writes; after an empty line that
    // would rather be a sentence with a colon.
    match lines.next() {
        Some(line) if !line.trim().is_empty() => key_of(line).is_some(),
        _ => lines
            .find(|line| !line.trim().is_empty())
            .is_some_and(|line| key_of(line).is_some_and(|(key, _)| !key.contains(' '))),
    }
}

struct Line<'t> {
    /// Where the text stands, without its indentation, in bytes of the header.
    at: usize,
    indent: usize,
    text: &'t str,
}

/// Reads a header that begins at byte `offset` of a file.
pub(super) fn parse(text: &str, offset: usize) -> (Fields, Vec<SyntaxError>) {
    let lines = lines(text);
    let mut at = 0;
    let mut errors = Vec::new();
    let fields = table(&lines, &mut at, 0, offset, &mut errors);
    (fields, errors)
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let inner = line.trim_start_matches([' ', '\t']);
        let indent = line.len() - inner.len();
        lines.push(Line { at: start + indent, indent, text: inner.trim_end() });
        start += line.len();
    }
    lines
}

fn is_blank(line: &Line<'_>) -> bool {
    line.text.is_empty() || line.text.starts_with('#')
}

/// Reads the keys at one indentation; `at` is moved behind them.
fn table(
    lines: &[Line<'_>],
    at: &mut usize,
    indent: usize,
    offset: usize,
    errors: &mut Vec<SyntaxError>,
) -> Fields {
    let mut fields = Vec::new();
    while let Some(line) = lines.get(*at) {
        if is_blank(line) {
            *at += 1;
            continue;
        }
        if line.indent < indent {
            break;
        }
        *at += 1;
        let span = offset + line.at..offset + line.at + line.text.len();
        let Some((key, rest)) = key_of(line.text) else {
            errors.push(SyntaxError { span, message: "expected `key: value`".into() });
            continue;
        };
        let value_at = line.at + (line.text.len() - rest.len());
        let value = value(lines, at, line.indent, rest, offset + value_at, offset, errors);
        let key_span = span.start..span.start + key.len();
        fields.push(Field { key: key.trim_matches(['"', '\'']).to_owned(), key_span, value });
    }
    Fields(fields)
}

/// Returns the key of a line and what follows the colon.
fn key_of(line: &str) -> Option<(&str, &str)> {
    let (key, rest) = line.split_once(':')?;
    let key = key.trim_end();
    let bare = key.trim_matches(['"', '\'']);
    let sound = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '.');
    let is_key = !bare.is_empty() && bare.len() <= 64 && bare.chars().all(sound);
    (is_key && (rest.is_empty() || rest.starts_with([' ', '\t']))).then(|| (key, rest.trim_start()))
}

/// Reads what follows a key: on its line, or indented below it.
fn value(
    lines: &[Line<'_>],
    at: &mut usize,
    indent: usize,
    rest: &str,
    rest_at: usize,
    offset: usize,
    errors: &mut Vec<SyntaxError>,
) -> Value {
    let span = rest_at..rest_at + rest.len();
    let rest = without_comment(rest);
    if rest.starts_with(['|', '>']) && rest.len() <= 3 {
        let folded = rest.starts_with('>');
        return Value { span, kind: Kind::Text(block(lines, at, indent, folded)) };
    }
    if !rest.is_empty() {
        return scalar_or_list(rest, span, errors);
    }
    let next = lines[*at..].iter().find(|line| !is_blank(line));
    match next {
        Some(line) if line.text.starts_with("- ") || line.text == "-" => {
            if line.indent < indent {
                return Value { span, kind: Kind::Text(String::new()) };
            }
            let items = items(lines, at, line.indent, offset, errors);
            Value { span, kind: Kind::List(items) }
        }
        Some(line) if line.indent > indent => {
            let inner = line.indent;
            let fields = table(lines, at, inner, offset, errors);
            Value { span, kind: Kind::Table(fields) }
        }
        _ => Value { span, kind: Kind::Text(String::new()) },
    }
}

/// Reads the lines of a list, each after its dash.
fn items(
    lines: &[Line<'_>],
    at: &mut usize,
    indent: usize,
    offset: usize,
    errors: &mut Vec<SyntaxError>,
) -> Vec<Value> {
    let mut items = Vec::new();
    while let Some(line) = lines.get(*at) {
        if is_blank(line) {
            *at += 1;
            continue;
        }
        let Some(rest) = line.text.strip_prefix('-').filter(|_| line.indent == indent) else {
            break;
        };
        *at += 1;
        let start = offset + line.at + (line.text.len() - rest.trim_start().len());
        let rest = without_comment(rest.trim_start());
        items.push(scalar_or_list(rest, start..start + rest.len(), errors));
    }
    items
}

/// Reads the indented lines of a `|` or `>` text.
fn block(lines: &[Line<'_>], at: &mut usize, indent: usize, folded: bool) -> String {
    let mut text = Vec::new();
    while let Some(line) = lines.get(*at) {
        if !line.text.is_empty() && line.indent <= indent {
            break;
        }
        text.push(line.text);
        *at += 1;
    }
    text.join(if folded { " " } else { "\n" }).trim_end().to_owned()
}

fn scalar_or_list(text: &str, span: Range<usize>, errors: &mut Vec<SyntaxError>) -> Value {
    let Some(inside) = text.strip_prefix('[') else {
        return scalar(text, span, errors);
    };
    let Some(inside) = inside.strip_suffix(']') else {
        errors.push(SyntaxError { span: span.clone(), message: "this list never ends".into() });
        return Value { span, kind: Kind::List(Vec::new()) };
    };
    let mut items = Vec::new();
    let mut from = span.start + 1;
    for piece in split_unquoted(inside) {
        let trimmed = piece.trim();
        if !trimmed.is_empty() {
            let start = from + (piece.len() - piece.trim_start().len());
            items.push(scalar(trimmed, start..start + trimmed.len(), errors));
        }
        from += piece.len() + 1;
    }
    Value { span, kind: Kind::List(items) }
}

/// Splits at commas outside quotes.
fn split_unquoted(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut quote, mut from) = (None, 0);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, ',') => {
                pieces.push(&text[from..at]);
                from = at + 1;
            }
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    pieces.push(&text[from..]);
    pieces
}

fn scalar(text: &str, span: Range<usize>, errors: &mut Vec<SyntaxError>) -> Value {
    let unclosed = |errors: &mut Vec<SyntaxError>| {
        errors.push(SyntaxError { span: span.clone(), message: "this quote never ends".into() });
    };
    let content = if let Some(inner) = text.strip_prefix('"') {
        if !inner.ends_with('"') || inner.ends_with("\\\"") {
            unclosed(errors);
        }
        unescape(inner.strip_suffix('"').unwrap_or(inner))
    } else if let Some(inner) = text.strip_prefix('\'') {
        if !inner.ends_with('\'') {
            unclosed(errors);
        }
        inner.strip_suffix('\'').unwrap_or(inner).replace("''", "'")
    } else {
        text.to_owned()
    };
    let quoted = text.starts_with(['"', '\'']);
    let kind = match content.as_str() {
        "true" if !quoted => Kind::Bool(true),
        "false" if !quoted => Kind::Bool(false),
        _ => Kind::Text(content),
    };
    Value { span, kind }
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            (c, false) => out.push(c),
        }
    }
    out
}

/// Returns a value without a comment behind it: ` #` outside quotes.
fn without_comment(text: &str) -> &str {
    if text.starts_with('#') {
        return "";
    }
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '#') if before == ' ' || before == '\t' => return text[..at].trim_end(),
            (None, '"' | '\'') if at == 0 || before == ' ' || before == '[' || before == ',' => {
                quote = Some(c);
            }
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
        before = c;
    }
    text.trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str, errors: usize) {
        let (fields, found) = parse(text, 0);
        assert_eq!(serde_json::to_string(&fields).unwrap(), expect, "{text}");
        assert_eq!(found.len(), errors, "{text}: {found:?}");
    }

    #[test]
    fn the_flat_subset() {
        check("title: A: b # c\ndraft: true\n", r#"{"title":"A: b","draft":true}"#, 0);
        check("t: \"a # \\\"b\\\"\"\nu: 'it''s'\n", r##"{"t":"a # \"b\"","u":"it's"}"##, 0);
        check("tags: [a, 'b, c', \"d\"]\n", r#"{"tags":["a","b, c","d"]}"#, 0);
        check("tags:\n- a\n- b # x\nz: 1\n", r#"{"tags":["a","b"],"z":"1"}"#, 0);
        check("s: >\n  one\n  two\nt: |\n  one\n  two\n", r#"{"s":"one two","t":"one\ntwo"}"#, 0);
        check(
            "extra:\n  a: 1\n  b:\n    c: 2\nz: 3\n",
            r#"{"extra":{"a":"1","b":{"c":"2"}},"z":"3"}"#,
            0,
        );
        check("# c\n\nempty:\nz: 1\r\n", r#"{"empty":"","z":"1"}"#, 0);
    }

    #[test]
    fn broken_lines_are_told_and_passed_over() {
        check("title: \"open\nz: 1\n", r#"{"title":"open","z":"1"}"#, 1);
        check("nonsense\nz: 1\n", r#"{"z":"1"}"#, 1);
        check("tags: [a\n", r#"{"tags":[]}"#, 1);
    }

    #[test]
    fn values_know_their_place() {
        let (fields, _) = parse("tags: [a, bc]\n", 100);
        let Kind::List(items) = &fields.0[0].value.kind else { panic!() };
        assert_eq!(items[1].span, 110..112);
    }

    #[test]
    fn deep_nesting_ends() {
        let text: String = (0..2000).map(|n| format!("{}a:\n", " ".repeat(n.min(30)))).collect();
        parse(&text, 0);
    }
}
