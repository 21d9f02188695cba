//! Reads the program's own source as far as the checks need it: code without comments, strings
//! and tests, and the modules that it names.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A source file of the program.
pub struct Source {
    /// Its path below `src`, as `disk/read.rs`.
    pub path: String,
    /// Its code: comments, the contents of strings and test modules are blank.
    pub code: String,
}

impl Source {
    /// Returns the path of its module, as `["disk", "read"]`; of `lib.rs` an empty one.
    pub fn module(&self) -> Vec<&str> {
        let path = self.path.strip_suffix(".rs").unwrap();
        let mut parts: Vec<&str> = path.split('/').collect();
        if matches!(parts.last(), Some(&("mod" | "lib" | "main"))) {
            parts.pop();
        }
        parts
    }

    /// Returns the modules at the top of the crate that the file names, by `crate::…` or by
    /// `super::…` that leads there.
    pub fn imports(&self) -> BTreeSet<String> {
        let depth = self.module().len();
        let tokens = tokens(&self.code);
        let mut found = BTreeSet::new();
        let mut at = 0;
        while at < tokens.len() {
            let mut ups = 0;
            let mut next = at;
            while tokens.get(next) == Some(&"super") && tokens.get(next + 1) == Some(&"::") {
                ups += 1;
                next += 2;
            }
            if tokens.get(at) == Some(&"crate") && tokens.get(at + 1) == Some(&"::") {
                (ups, next) = (depth, at + 2);
            }
            if next > at && ups >= depth {
                found.extend(heads(&tokens[next..]));
            }
            at = next.max(at + 1);
        }
        found
    }

    /// Returns whether the code has `words`, each a whole token, one behind the other.
    pub fn has(&self, words: &[&str]) -> bool {
        tokens(&self.code).windows(words.len()).any(|window| window == words)
    }
}

/// Returns the first names of what follows `crate::`: one, or each of a group in braces.
fn heads(tokens: &[&str]) -> Vec<String> {
    if tokens.first() != Some(&"{") {
        return tokens.first().map(|name| (*name).to_owned()).into_iter().collect();
    }
    let mut heads = Vec::new();
    let mut depth = 0;
    for pair in tokens.windows(2) {
        match pair[0] {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if depth == 1 && matches!(pair[0], "{" | ",") && pair[1] != "}" {
            heads.push(pair[1].to_owned());
        }
    }
    heads
}

/// Returns words, `::` and single marks.
fn tokens(code: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = code.trim_start();
    while let Some(first) = rest.chars().next() {
        let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let len = match word {
            0 if rest.starts_with("::") => 2,
            0 => first.len_utf8(),
            len => len,
        };
        tokens.push(&rest[..len]);
        rest = rest[len..].trim_start();
    }
    tokens
}

/// Returns all source files of the program.
pub fn all() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    for entry in walkdir::WalkDir::new(&root).sort_by_file_name() {
        let entry = entry.unwrap();
        let path = entry.path().strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
        if path.ends_with(".rs") {
            let text = fs::read_to_string(entry.path()).unwrap();
            sources.push(Source { path, code: without_tests(&bare(&text)) });
        }
    }
    sources
}

/// Returns code without what follows `#[cfg(test)]`: an item up to the end of its braces.
fn without_tests(code: &str) -> String {
    let mut out = String::new();
    let mut rest = code;
    while let Some(at) = rest.find("#[cfg(test)]") {
        out.push_str(&rest[..at]);
        let item = &rest[at..];
        let mut depth = 0;
        let end = item.char_indices().find(|(_, c)| {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            depth == 0 && matches!(c, '}' | ';')
        });
        rest = end.map_or("", |(end, _)| &item[end + 1..]);
    }
    out + rest
}

/// Returns code with comments and the contents of strings and characters blank.
fn bare(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let word = !out.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let len = match c {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |at| at + 2),
            '"' => string(rest),
            'r' | 'b' if word && raw_string(rest) > 0 => raw_string(rest),
            '\'' => character(rest),
            _ => 0,
        };
        if len == 0 {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        } else {
            out.push(' ');
            rest = &rest[len..];
        }
    }
    out
}

/// Returns the length of the string that `text` begins with.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Returns the length of the raw string that `text` begins with, 0 where it begins with none.
fn raw_string(text: &str) -> usize {
    let Some(hashes) = text.strip_prefix("br").or_else(|| text.strip_prefix('r')) else { return 0 };
    let count = hashes.len() - hashes.trim_start_matches('#').len();
    if !hashes[count..].starts_with('"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(count));
    let head = text.len() - hashes.len() + count + 1;
    text[head..].find(&end).map_or(text.len(), |at| head + at + end.len())
}

/// Returns the length of the character that `text` begins with, 0 where it is a lifetime.
fn character(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some((at, escaped))) => {
            let from = at + escaped.len_utf8();
            text[from..].find('\'').map_or(0, |end| from + end + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 0,
    }
}

#[test]
fn code_is_told_from_words_about_it() {
    let text = "use crate::a; // crate::b\n/* crate::c */ let s = \"crate::d \\\" crate::e\";\n\
                let r = r#\"crate::f\"#; let c = '\"'; fn f<'a>() { crate::g::x() }\n\
                use super::{h::{i, j}, k};\n#[cfg(test)]\nmod tests { use crate::l; }\nuse crate::m;";
    let source = Source { path: "x.rs".into(), code: without_tests(&bare(text)) };
    let found: Vec<String> = source.imports().into_iter().collect();
    assert_eq!(found, ["a", "g", "h", "k", "m"]);
    let inner = Source { path: "x/y.rs".into(), code: "use super::z; use super::super::w;".into() };
    assert_eq!(inner.imports().into_iter().collect::<Vec<_>>(), ["w"]);
}
