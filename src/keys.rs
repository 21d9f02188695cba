//! Keys of sync tools: which may be given away, and which must never be.
//!
//! A key of a writing kind appears in no output and no log, wherever it was written: every text
//! passes [`redact`] before anything else looks at it.

use std::borrow::Cow;
use std::ops::Range;

/// What stands where a key of a writing kind stood.
pub const REMOVED: &str = "[writing key removed by Handbill]";

/// What a key lets its holder do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// Read and pass on: may be given away.
    ReadOnly,
    /// Store without reading.
    Encrypted,
    /// Write: must never be published.
    Writing,
}

/// The head of a master key of this program's own engine.
const MASTER: &str = "handbill-master:";

/// Returns what a key lets its holder do, or `None` where it has the form of no known key.
///
/// Forms of Resilio (BitTorrent Sync): letters `A-Z` and `2-7`, the first tells the kind, the rest
/// are 20 bytes in base32, or twice that for `E` and `F`. `A` and `D` write; `B`, `R` (before
/// 1.0), `C` (once) and `E` read; `F` stores without reading.
pub fn kind_of(key: &str) -> Option<KeyKind> {
    if key.starts_with(MASTER) {
        return Some(KeyKind::Writing);
    }
    let (first, rest) = key.split_at_checked(1)?;
    if !rest.bytes().all(is_base32) {
        return None;
    }
    match (first, rest.len()) {
        ("A" | "D", 32) => Some(KeyKind::Writing),
        ("B" | "C" | "R", 32) | ("E", 32 | 64) => Some(KeyKind::ReadOnly),
        ("F", 32 | 64) => Some(KeyKind::Encrypted),
        _ => None,
    }
}

/// Returns `text` with every key of a writing kind replaced, and where (in `text`) they stood.
pub fn redact(text: &str) -> (Cow<'_, str>, Vec<Range<usize>>) {
    let found = writing_keys(text);
    if found.is_empty() {
        return (Cow::Borrowed(text), found);
    }
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for range in &found {
        out.push_str(&text[from..range.start]);
        out.push_str(REMOVED);
        from = range.end;
    }
    out.push_str(&text[from..]);
    (Cow::Owned(out), found)
}

/// Returns whether a text holds a key of a writing kind.
pub fn holds_writing_key(text: &str) -> bool {
    !writing_keys(text).is_empty()
}

fn writing_keys(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_alphanumeric() {
            at += 1;
            continue;
        }
        let len = bytes[at..].iter().take_while(|b| b.is_ascii_alphanumeric()).count();
        let token = &text[at..at + len];
        if kind_of(token) == Some(KeyKind::Writing) {
            found.push(at..at + len);
        } else if token == "handbill" && text[at..].starts_with(MASTER) {
            let secret = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
            let tail = bytes[at + MASTER.len()..].iter().take_while(secret).count();
            if tail > 0 {
                found.push(at..at + MASTER.len() + tail);
                at += MASTER.len() + tail;
                continue;
            }
        }
        at += len;
    }
    found
}

fn is_base32(byte: u8) -> bool {
    byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3";

    #[test]
    fn kinds() {
        let kind = |first: &str| kind_of(&format!("{first}{BODY}"));
        assert_eq!(kind("A"), Some(KeyKind::Writing));
        assert_eq!(kind("D"), Some(KeyKind::Writing));
        for reading in ["B", "C", "R", "E"] {
            assert_eq!(kind(reading), Some(KeyKind::ReadOnly));
        }
        assert_eq!(kind_of(&format!("E{BODY}{BODY}")), Some(KeyKind::ReadOnly));
        assert_eq!(kind("F"), Some(KeyKind::Encrypted));
        assert_eq!(kind("Z"), None);
        assert_eq!(kind("a"), None);
        assert_eq!(kind_of("é"), None);
        assert_eq!(kind_of(""), None);
    }

    #[test]
    fn writing_keys_are_removed_wherever_they_stand() {
        let text = format!("my key: `A{BODY}`, not B{BODY} nor XA{BODY}");
        let (clean, found) = redact(&text);
        assert_eq!((found[0].start, found[0].end, found.len()), (9, 42, 1));
        assert_eq!(clean, format!("my key: `{REMOVED}`, not B{BODY} nor XA{BODY}"));
        let (clean, _) = redact("see handbill-master:abc_D-9!");
        assert_eq!(clean, format!("see {REMOVED}!"));
        assert!(matches!(redact("handbill-master: no key"), (Cow::Borrowed(_), _)));
    }
}
