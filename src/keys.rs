//! Keys of sync tools: which may be given away, and which must never be.
//!
//! A key of a writing kind appears in no output and no log, wherever it was written: every text
//! passes [`redact`] before anything else looks at it.

pub mod handbill;
mod search;
pub mod syncthing;

pub use search::Search;

use handbill::MASTER;
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

/// How long a writing key of Resilio is.
const RESILIO: usize = 33;

/// Returns what a key lets its holder do, or `None` where it has the form of no known key.
///
/// Forms of Resilio (BitTorrent Sync): letters `A-Z` and `2-7`, the first tells the kind, the rest
/// are 20 bytes in base32, or twice that for `E` and `F`. `A` and `D` write; `B`, `R` (before
/// 1.0), `C` (once) and `E` read; `F` stores without reading. The secret of a channel of this program's
/// own engine writes, with what a master key begins with or, as in a backup of keys, without.
pub fn kind_of(key: &str) -> Option<KeyKind> {
    if starts_with_master(key) || handbill::Secret::parse(key).is_some() {
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
    let found = writing_keys(text.as_bytes());
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

/// Returns whether a text, in UTF-8 or any encoding that has ASCII in it, holds a key of a writing
/// kind.
pub fn holds_writing_key(text: impl AsRef<[u8]>) -> bool {
    !writing_keys(text.as_ref()).is_empty()
}

/// Returns where keys stand. All of a key is ASCII, so each is a piece of a text.
fn writing_keys(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = words_of_key_length(text);
    found.retain(|range| std::str::from_utf8(&text[range.clone()]).is_ok_and(is_writing_key));
    found.extend(master_keys(text));
    found.sort_by_key(|range| range.start);
    let mut end = 0;
    found.retain(|range| {
        let apart = range.start >= end;
        end = end.max(range.end);
        apart
    });
    found
}

/// Returns whether a word is a writing key, in capitals as keys are given out or in small letters,
/// as addresses make of them; in these there must be a digit, for a long word of some language is no
/// key (of keys one in 800 has none).
fn is_writing_key(word: &str) -> bool {
    let folded = || word.bytes().any(|b| b.is_ascii_digit()).then(|| word.to_ascii_uppercase());
    kind_of(word) == Some(KeyKind::Writing)
        || folded().is_some_and(|word| kind_of(&word) == Some(KeyKind::Writing))
}

/// Returns the places of the words (letters and digits of ASCII) that are [`RESILIO`] or, as secrets
/// of this program's own engine, [`handbill::LETTERS`] long.
///
/// Every text passes here, so it is looked at block by block: a word of at least the smaller length
/// fills one of [`BLOCK`] bytes, wherever it begins.
fn words_of_key_length(text: &[u8]) -> Vec<Range<usize>> {
    let word = |byte: &&u8| byte.is_ascii_alphanumeric();
    let mut found = Vec::new();
    // Where the last word ends that was looked at: one of many blocks is counted once.
    let mut end = 0;
    for (nth, block) in text.chunks_exact(BLOCK).enumerate() {
        if nth * BLOCK < end || !is_filled(block) {
            continue;
        }
        let (before, after) = text.split_at(nth * BLOCK);
        let start = before.len() - before.iter().rev().take_while(word).count();
        end = before.len() + after.iter().take_while(word).count();
        if matches!(end - start, RESILIO | handbill::LETTERS) {
            found.push(start..end);
        }
    }
    found
}

/// How many bytes are looked at at once: two blocks less one byte are at most as long as a key.
const BLOCK: usize = 16;
const _: () = assert!(2 * BLOCK - 1 <= RESILIO && RESILIO <= handbill::LETTERS);

/// Returns whether a block holds letters and digits of ASCII only.
fn is_filled(block: &[u8]) -> bool {
    // No early end inside, so that all bytes are looked at at once.
    block.iter().fold(true, |all, byte| all & byte.is_ascii_alphanumeric())
}

fn starts_with_master(text: &str) -> bool {
    let head = text.as_bytes().get(..MASTER.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(MASTER.as_bytes()))
}

/// Returns the places of master keys of this program's own engine, in any case: in a QR code they
/// may stand in capitals.
fn master_keys(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    // The letters before the hyphen stand in many texts, the end of the head hardly anywhere.
    memchr::memchr_iter(b':', bytes).filter_map(move |colon| {
        let start = (colon + 1).checked_sub(MASTER.len())?;
        if !bytes[start..=colon].eq_ignore_ascii_case(MASTER.as_bytes()) {
            return None;
        }
        let glued = start > 0 && bytes[start - 1].is_ascii_alphanumeric();
        let secret = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        let tail = bytes[colon + 1..].iter().take_while(secret).count();
        (!glued && tail > 0).then_some(start..colon + 1 + tail)
    })
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
        assert_eq!(redact("HANDBILL-Master:ABC").0, REMOVED);
        assert_eq!(kind_of("Handbill-Master:"), Some(KeyKind::Writing));
        assert!(matches!(redact("handbill-master: no key"), (Cow::Borrowed(_), _)));
        let small = format!("https://a{BODY}.example/").to_lowercase();
        assert_eq!(redact(&small).0, format!("https://{REMOVED}.example/"));
        let word = "donaudampfschifffahrtselektrizita"; // As long as a key, and a word.
        assert_eq!(redact(word).0, word);
        let text = format!("handbill-master:A{BODY}");
        assert_eq!(redact(&text).0, REMOVED);
    }

    #[test]
    fn a_bare_secret_is_a_writing_key_and_a_channel_is_none() {
        let secret = handbill::Secret([7; 32]).text();
        let (channel, device) =
            (handbill::Channel([7; 32]).text(), handbill::Device([7; 32]).text());
        assert_eq!(kind_of(&secret), Some(KeyKind::Writing));
        assert_eq!((kind_of(&channel), kind_of(&device)), (None, None));
        let backup = format!("{{\"channel\":\"{channel}\",\"secret\":\"{secret}\"}}");
        assert!(holds_writing_key(&backup));
        assert_eq!(redact(&backup).0, backup.replace(&secret, REMOVED));
        assert_eq!(redact(&secret.to_uppercase()).0, REMOVED);
        let master = format!("handbill-master:{secret}");
        assert_eq!(redact(&master).0, REMOVED);
        for none in [format!("handbill:{channel}?peer={device}"), format!("x{secret}")] {
            assert!(!holds_writing_key(&none), "{none}");
        }
    }

    #[test]
    fn a_key_is_found_behind_long_words_and_bytes_that_are_no_text() {
        for n in [15, 16, 17, 33, 34, 55, 1 << 20] {
            let long = "x".repeat(n);
            assert_eq!(redact(&format!("{long} A{BODY}")).0, format!("{long} {REMOVED}"), "{n}");
            assert_eq!(redact(&format!("A{BODY}/{long}")).0, format!("{REMOVED}/{long}"), "{n}");
        }
        let key = format!("A{BODY}");
        assert!(holds_writing_key([b"\xff\xfe".as_slice(), key.as_bytes(), b"\xc3"].concat()));
        assert!(!holds_writing_key([b"\xff\xfe".as_slice(), BODY.as_bytes()].concat()));
    }

    #[test]
    fn writing_keys_are_found_at_any_place() {
        let keys = |text: &str| {
            let found = writing_keys(text.as_bytes());
            found.into_iter().map(|range| &text[range]).collect::<Vec<_>>().join(" ")
        };
        let (a, d) = (format!("A{BODY}"), format!("D{BODY}"));
        let secret = handbill::Secret([9; 32]).text();
        for n in 0..100 {
            let text = format!("{} {a} {secret} {d}", "é".repeat(n));
            assert_eq!(keys(&text), format!("{a} {secret} {d}"), "{text:?}");
            let text = format!("{}{a}, {}", " ".repeat(n), "ab cd ".repeat(n));
            assert_eq!(keys(&text), a, "{text:?}");
            let text = format!("{} {a} {d}", "é".repeat(n));
            assert_eq!(keys(&text), format!("{a} {d}"), "{text:?}");
            let text = format!("{}{a}", "x".repeat(n + 1));
            assert_eq!(keys(&text), "", "{text:?}");
        }
    }
}
