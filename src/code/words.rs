//! Scans languages that are made of words, texts, numbers and comments.

use super::{Class, Pieces, is_word, line_end, run};

/// How the words of a language look.
#[derive(Debug)]
pub(super) struct Words {
    /// What begins a comment that ends with its line.
    pub line: &'static [&'static str],
    /// What a comment of any length stands between.
    pub block: &'static [(&'static str, &'static str)],
    /// Whether such comments may stand inside each other.
    pub nested: bool,
    /// Its texts, the longest marks first.
    pub texts: &'static [Text],
    /// Keywords, with spaces between.
    pub keywords: &'static str,
    /// Types that are words of the language.
    pub types: &'static str,
    /// Fixed values.
    pub constants: &'static str,
    /// Functions and commands that are words of the language.
    pub functions: &'static str,
    /// Its peculiarities.
    pub traits: &'static [Trait],
}

/// A text between marks.
#[derive(Debug)]
pub(super) struct Text {
    /// Before it.
    pub open: &'static str,
    /// Behind it.
    pub close: &'static str,
    /// What takes its meaning from the character after it.
    pub escape: Option<u8>,
    /// Whether it may go over several lines.
    pub lines: bool,
}

/// What not all languages have.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Trait {
    /// Words are the same in any case of letters.
    AnyCase,
    /// A word that begins with a capital is a type.
    CapitalTypes,
    /// A word before `(` is called.
    Calls,
    /// A word before `!` is called, as in Rust.
    Macros,
    /// A word after `$` is a variable.
    Dollar,
    /// A word after `@` is an annotation.
    At,
    /// A word after `:` is a constant.
    Colon,
    /// A line that begins with `#` is a directive, as in C.
    Directives,
    /// `#[…]` is an attribute, as in Rust.
    Attributes,
    /// `'a` may be a lifetime, and `'a'` is a character.
    Lifetimes,
    /// `r#"…"#` is a text, as in Rust.
    Raw,
    /// `/…/` may be a pattern, as in JavaScript.
    Patterns,
    /// A `#` begins a comment only where a word could begin.
    HashApart,
    /// A word or text before `:` is a key.
    ColonKeys,
    /// A word or text before `=` is a key, at the beginning of a line.
    EqualKeys,
    /// `[…]` at the beginning of a line is a section.
    Sections,
    /// Words may hold `-`.
    Dashes,
}

/// How far a pattern is looked for: each `/` may begin one.
const PATTERN: usize = 200;

impl Words {
    fn has(&self, one: &Trait) -> bool {
        self.traits.contains(one)
    }

    fn is_among(&self, word: &str, list: &str) -> bool {
        if self.has(&Trait::AnyCase) {
            let mut all = list.as_bytes().split(|byte| *byte == b' ');
            return !word.is_empty()
                && all.any(|known| known.eq_ignore_ascii_case(word.as_bytes()));
        }
        let list = list.as_bytes();
        let parts = |byte: Option<&u8>| byte.is_none_or(|byte| *byte == b' ');
        memchr::memmem::find_iter(list, word).any(|at| {
            let before = at.checked_sub(1).and_then(|at| list.get(at));
            parts(before) && parts(list.get(at + word.len()))
        })
    }

    /// Goes through a text once: each step takes at least one character.
    pub fn scan(&self, text: &str, out: &mut Pieces<'_, '_>) {
        self.scan_from(text, 0, out);
    }

    /// The same from `at` on.
    pub fn scan_from(&self, text: &str, mut at: usize, out: &mut Pieces<'_, '_>) {
        let mut begins_line = true;
        // The last character that is no space: tells a pattern from a division.
        let mut before = '\n';
        while let Some(c) = text[at..].chars().next() {
            let step = self.step(text, at, (begins_line, before));
            let (class, end) = step.unwrap_or((None, at + c.len_utf8()));
            if let Some(class) = class {
                out.put(class, at, end);
            }
            let taken = &text[at..end];
            begins_line = taken.ends_with('\n') || (begins_line && taken.trim().is_empty());
            before = taken.trim_end().chars().next_back().unwrap_or(before);
            at = end;
        }
    }

    /// Returns what stands at `at` and where it ends.
    fn step(
        &self,
        text: &str,
        at: usize,
        (begins_line, before): (bool, char),
    ) -> Option<(Option<Class>, usize)> {
        let rest = &text[at..];
        let c = rest.chars().next()?;
        if let Some(end) = self.comment(text, at) {
            return Some((Some(Class::Comment), end));
        }
        if begins_line && c == '#' && self.has(&Trait::Directives) {
            let end = run(text, at + 1, |c| c == ' ');
            return Some((Some(Class::Attribute), run(text, end, is_word)));
        }
        if begins_line && c == '[' && self.has(&Trait::Sections) {
            return Some((Some(Class::Tag), line_end(text, at)));
        }
        if (rest.starts_with("#[") || rest.starts_with("#![")) && self.has(&Trait::Attributes) {
            return Some((Some(Class::Attribute), attribute_end(text, at)));
        }
        if c == '\'' && self.has(&Trait::Lifetimes) {
            return Some(quote_or_lifetime(text, at));
        }
        if self.has(&Trait::Raw)
            && let Some(end) = raw_end(text, at)
        {
            return Some((Some(Class::Text), end));
        }
        if let Some(end) = self.text_end(text, at) {
            let class = if self.is_key(text, end, begins_line) { Class::Key } else { Class::Text };
            return Some((Some(class), end));
        }
        if c == '/' && self.has(&Trait::Patterns) && "(,=:[!&|?{};\n>".contains(before) {
            return Some((Some(Class::Text), pattern_end(text, at)?));
        }
        if c.is_ascii_digit() {
            return Some((Some(Class::Number), number_end(text, at)));
        }
        if let Some(found) = self.marked(text, at, before) {
            return Some(found);
        }
        (c.is_alphabetic() || c == '_').then(|| self.word(text, at, begins_line))
    }

    /// Returns where the comment ends that begins here.
    fn comment(&self, text: &str, at: usize) -> Option<usize> {
        let rest = &text[at..];
        if let Some((open, close)) = self.block.iter().find(|(open, _)| rest.starts_with(open)) {
            return Some(block_end(text, at, open, close, self.nested));
        }
        let apart = || text[..at].chars().next_back().is_none_or(|c| c.is_whitespace() || c == ';');
        let begins = self.line.iter().any(|mark| {
            rest.starts_with(mark) && (*mark != "#" || !self.has(&Trait::HashApart) || apart())
        });
        begins.then(|| line_end(text, at))
    }

    /// Returns where the text ends that begins here.
    fn text_end(&self, text: &str, at: usize) -> Option<usize> {
        let mark = self.texts.iter().find(|one| text[at..].starts_with(one.open))?;
        let bytes = text.as_bytes();
        let mut here = at + mark.open.len();
        while here < bytes.len() {
            if mark.escape == Some(bytes[here]) {
                // The character after it may have several bytes, none of which is a mark.
                here += 2;
            } else if bytes[here..].starts_with(mark.close.as_bytes()) {
                return Some(here + mark.close.len());
            } else if bytes[here] == b'\n' && !mark.lines {
                return Some(here);
            } else {
                here += 1;
            }
        }
        Some(text.len())
    }

    /// Returns whether what ends at `end` is the name of something: a colon or an equals sign
    /// follows.
    fn is_key(&self, text: &str, end: usize, begins_line: bool) -> bool {
        // With a space before it the colon is mostly that of a choice: `a ? b : c`.
        let colon = self.has(&Trait::ColonKeys)
            && text[end..].strip_prefix(':').is_some_and(|rest| !rest.starts_with([':', '/']));
        let equal = self.has(&Trait::EqualKeys)
            && begins_line
            && text[end..]
                .trim_start_matches([' ', '\t'])
                .strip_prefix('=')
                .is_some_and(|rest| !rest.starts_with('='));
        colon || equal
    }

    /// Returns what a mark makes of the word after it.
    fn marked(&self, text: &str, at: usize, before: char) -> Option<(Option<Class>, usize)> {
        let mark = text[at..].chars().next()?;
        let class = match mark {
            '$' if self.has(&Trait::Dollar) => Class::Variable,
            '@' if self.has(&Trait::At) => Class::Attribute,
            ':' if self.has(&Trait::Colon) && before != ':' => Class::Constant,
            _ => return None,
        };
        let from = at + 1;
        let end = match text.as_bytes().get(from) {
            Some(b'{') if mark == '$' => {
                let end = run(text, from + 1, |c| is_word(c) || "!#-:?*@".contains(c));
                if text[end..].starts_with('}') { end + 1 } else { end }
            }
            Some(b'?' | b'#' | b'@' | b'*' | b'$' | b'!') if mark == '$' => from + 1,
            _ => run(text, from, |c| is_word(c) || (mark == '@' && c == '.')),
        };
        (end > from).then_some((Some(class), end))
    }

    fn word(&self, text: &str, at: usize, begins_line: bool) -> (Option<Class>, usize) {
        let dashes = self.has(&Trait::Dashes);
        let end = run(text, at, |c| is_word(c) || (dashes && c == '-'));
        let (word, next) = (&text[at..end], text[end..].chars().next());
        let class = if self.is_among(word, self.keywords) {
            Some(Class::Keyword)
        } else if self.is_key(text, end, begins_line) {
            Some(Class::Key)
        } else if self.is_among(word, self.constants) {
            Some(Class::Constant)
        } else if self.is_among(word, self.types) {
            Some(Class::Type)
        } else if self.is_among(word, self.functions) {
            Some(Class::Function)
        } else if next == Some('!') && self.has(&Trait::Macros) && !text[end..].starts_with("!=") {
            return (Some(Class::Function), end + 1);
        } else if next == Some('(') && self.has(&Trait::Calls) {
            Some(Class::Function)
        } else if word.starts_with(char::is_uppercase) && self.has(&Trait::CapitalTypes) {
            let shouts = word.len() > 1 && !word.contains(char::is_lowercase);
            Some(if shouts { Class::Constant } else { Class::Type })
        } else {
            None
        };
        (class, end)
    }
}

fn block_end(text: &str, at: usize, open: &str, close: &str, nested: bool) -> usize {
    let (bytes, mut depth, mut here) = (text.as_bytes(), 1, at + open.len());
    while here < bytes.len() {
        if bytes[here..].starts_with(close.as_bytes()) {
            here += close.len();
            depth -= 1;
            if depth == 0 {
                return here;
            }
        } else if nested && bytes[here..].starts_with(open.as_bytes()) {
            here += open.len();
            depth += 1;
        } else {
            here += 1;
        }
    }
    text.len()
}

/// Returns where `#[…]` ends; brackets inside are counted.
fn attribute_end(text: &str, at: usize) -> usize {
    let mut depth = 0usize;
    for (n, byte) in text.as_bytes()[at..].iter().enumerate() {
        match byte {
            b'[' => depth += 1,
            b']' if depth == 1 => return at + n + 1,
            b']' => depth = depth.saturating_sub(1),
            b'\n' if n > PATTERN => return at + n,
            _ => {}
        }
    }
    text.len()
}

/// Returns whether `'` begins a character or a lifetime, and where that ends.
fn quote_or_lifetime(text: &str, at: usize) -> (Option<Class>, usize) {
    let mut chars = text[at + 1..].chars();
    match chars.next() {
        Some('\\') => {
            let end = run(text, at + 2, |c| c != '\'' && c != '\n');
            let end = if text[at + 2..].starts_with('\'') { at + 3 } else { end };
            (Some(Class::Text), if text[end..].starts_with('\'') { end + 1 } else { end })
        }
        Some(c) if chars.next() == Some('\'') => (Some(Class::Text), at + 2 + c.len_utf8()),
        Some(c) if is_word(c) => (Some(Class::Variable), run(text, at + 1, is_word)),
        _ => (None, at + 1),
    }
}

/// Returns where the raw text ends that begins here, with the hashes before its quote counted.
fn raw_end(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at..];
    let rest = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let inside = text[..at].chars().next_back().is_some_and(is_word);
    let hashes = rest.bytes().take(PATTERN).take_while(|byte| *byte == b'#').count();
    if inside || !rest[hashes..].starts_with('"') {
        return None;
    }
    let from = text.len() - rest.len() + hashes + 1;
    let close = format!("\"{}", "#".repeat(hashes));
    Some(
        memchr::memmem::find(&text.as_bytes()[from..], close.as_bytes())
            .map_or(text.len(), |n| from + n + close.len()),
    )
}

/// Returns where the pattern ends that begins here, with its flags.
fn pattern_end(text: &str, at: usize) -> Option<usize> {
    let mut in_class = false;
    let mut escaped = false;
    for (n, byte) in text.as_bytes()[at + 1..].iter().take(PATTERN).enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'/' if n > 0 && !in_class => {
                return Some(run(text, at + n + 2, |c| c.is_ascii_lowercase()));
            }
            b'/' | b'\n' if !in_class => return None,
            _ => {}
        }
    }
    None
}

fn number_end(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let mut here = at;
    while let Some(byte) = bytes.get(here) {
        let next = bytes.get(here + 1);
        let goes_on = byte.is_ascii_alphanumeric()
            || *byte == b'_'
            || (matches!(byte, b'.' | b':') && next.is_some_and(u8::is_ascii_digit))
            || (*byte == b'-' && here > at + 1 && is_date(&bytes[at..here], next))
            || (matches!(byte, b'+' | b'-')
                && matches!(bytes[here.saturating_sub(1)], b'e' | b'E')
                && here > at
                && !text[at..].starts_with("0x"));
        if !goes_on {
            break;
        }
        here += 1;
    }
    here
}

/// Returns whether a `-` goes on with a date: after four digits, or those and two more.
fn is_date(before: &[u8], next: Option<&u8>) -> bool {
    let digits = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_digit);
    let sound = match before.len() {
        4 => digits(before),
        7 => digits(&before[..4]) && before[4] == b'-' && digits(&before[5..]),
        _ => false,
    };
    sound && next.is_some_and(u8::is_ascii_digit)
}
