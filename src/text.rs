//! Cleaning of text that strangers chose: names, titles, excerpts.

use crate::keys;

/// The longest name, title or description line that is shown, in characters.
const LONGEST_LINE: usize = 300;

/// Returns one line of text fit to stand in a page, a feed or a list: no control characters, no
/// bidirectional overrides, no invisible fillers; white space folded; at most 300 characters.
///
/// Joiners stay where they join (emoji, Persian); see the list in `docs/format.md`. A key of a
/// writing kind that comes together by what is left out is left out too.
pub fn clean_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(LONGEST_LINE));
    let mut count = 0;
    let mut spaced = true;
    let mut joined = false;
    for c in text.chars() {
        let c = if c.is_whitespace() { ' ' } else { c };
        if (c == ' ' && spaced) || is_deceptive(c) {
            joined |= c != ' ';
            continue;
        }
        spaced = c == ' ';
        if count == LONGEST_LINE {
            out.truncate(out.trim_end().len());
            out.push('…');
            break;
        }
        out.push(c);
        count += 1;
    }
    out.truncate(out.trim_end().len());
    if joined { keys::redact(&out).0.into_owned() } else { out }
}

/// Returns the words of a text with one space between them.
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Returns the text that an attribute's value stands for, as serializers of HTML and templates
/// escape it.
pub fn unescape(value: &str) -> String {
    let pairs = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&#x2F;", "/"),
        ("&nbsp;", "\u{A0}"),
        // The last: what comes out of it stands for itself.
        ("&amp;", "&"),
    ];
    pairs.into_iter().fold(value.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Returns whether a character is dropped from names: it cannot be seen, or it changes how what
/// follows is read.
fn is_deceptive(c: char) -> bool {
    !c.is_ascii_graphic()
        && ((c.is_control() && c != '\n')
            || matches!(c,
            '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' | '\u{FEFF}'
            | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{E0000}'..='\u{E007F}'
            | '\u{FFF9}'..='\u{FFFB}' | '\u{FDD0}'..='\u{FDEF}')
            || is_illegal(c))
}

/// Returns whether XML 1.0 (section 2.2) forbids a character, or HTML calls it a noncharacter.
pub fn is_illegal(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{7F}'..='\u{9F}')
        || (c as u32) & 0xFFFE == 0xFFFE
}

/// Returns whether a text may hold a character that [`is_illegal`] or another control character.
/// Quick where it holds none, as nearly all texts.
pub fn may_hold_illegal(text: &str) -> bool {
    // No early end inside, so that many bytes are looked at at once.
    let any = |bytes: &[u8]| bytes.iter().fold(false, |any, byte| any | may_be_illegal(*byte));
    text.as_bytes().chunks(128).any(any)
}

/// Returns whether an illegal character may begin with a byte: one is a control character of
/// ASCII, one of those that begin with C2, or a noncharacter, which begins with EF or more.
const fn may_be_illegal(byte: u8) -> bool {
    (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) || matches!(byte, 0x7F | 0xC2 | 0xEF..)
}

/// Which bytes stop [`escape_into`].
const SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        special[byte] =
            may_be_illegal(byte as u8) || matches!(byte as u8, b'&' | b'<' | b'>' | b'"' | b'\'');
        byte += 1;
    }
    special
};

/// Appends `text` with the characters that HTML gives a meaning escaped and the illegal ones
/// left out. Fit for element content and for quoted attribute values.
pub fn escape_into(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| SPECIAL[usize::from(byte)]) {
        out.push_str(&rest[..at]);
        let c = rest[at..].chars().next().unwrap_or(' ');
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if is_illegal(c) => {}
            c => out.push(c),
        }
        rest = &rest[at + c.len_utf8()..];
    }
    out.push_str(rest);
}

/// Cuts `text` at a word near `longest` characters and adds `…` where something was cut off. The
/// outcome takes no more room than it needs.
///
/// Text without spaces (Chinese, Japanese) is cut between characters.
pub fn cut(text: &str, longest: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(longest) else {
        return text.to_owned();
    };
    let head = &text[..end];
    let word = head.rfind(' ').filter(|at| *at * 3 > end * 2).unwrap_or(end);
    let head = head[..word].trim_end_matches([' ', ',', ';', ':', '-', '–']);
    // Four dots in a row would look like a slip.
    [head, if head.ends_with('.') { " …" } else { "…" }].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_lose_what_deceives() {
        assert_eq!(clean_line(" a\u{202E}b\tc \n d\u{0} "), "ab c d");
        assert_eq!(clean_line("👩\u{200D}🔧 می\u{200C}روم"), "👩\u{200D}🔧 می\u{200C}روم");
        assert_eq!(clean_line(&"x".repeat(1000)).chars().count(), LONGEST_LINE + 1);
        assert_eq!(clean_line("\u{FFFE}\u{1FFFF}\u{E0041}"), "");
    }

    #[test]
    fn escaping_covers_text_and_attributes() {
        let mut out = String::new();
        escape_into(&mut out, "<a href=\"x\">'&'\u{1}\u{8}é");
        assert_eq!(out, "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;é");
    }

    #[test]
    fn no_illegal_character_is_overlooked() {
        for c in (0..=0x10_FFFF).filter_map(char::from_u32) {
            let text = c.to_string();
            let odd = c.is_control() && !matches!(c, '\t' | '\n' | '\r');
            assert!(may_hold_illegal(&text) || !(is_illegal(c) || odd), "{c:?}");
            let mut out = String::new();
            escape_into(&mut out, &text);
            let special = matches!(c, '&' | '<' | '>' | '"' | '\'');
            assert!(special || out == if is_illegal(c) { "" } else { &text }, "{c:?}");
        }
    }

    #[test]
    fn cuts_fall_between_words() {
        assert_eq!(cut("one two three", 9), "one two…");
        assert_eq!(cut("one two", 7), "one two");
        assert_eq!(cut("One. Two. Three", 11), "One. Two. …");
        assert_eq!(cut("潮の満ち引きを書く", 4), "潮の満ち…");
        assert_eq!(cut("", 4), "");
    }
}
