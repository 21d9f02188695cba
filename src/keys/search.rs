//! Searches what comes in pieces for keys of a writing kind, whatever kind of text it is.

use super::holds_writing_key;

/// No key is longer, in bytes: what is looked at with a piece of what came before it.
const OVERLAP: usize = 512;

/// A search through bytes that come in pieces, of which only the last few are held.
///
/// Bytes that are no UTF-8 end no search: the text between them is looked at. NUL bytes are looked
/// over, so that a key is found in UTF-16 too.
#[derive(Debug, Default)]
pub struct Search {
    end: Vec<u8>,
}

impl Search {
    /// Looks at the next piece. Returns whether a key of a writing kind ends in it.
    pub fn finds(&mut self, piece: &[u8]) -> bool {
        self.end.extend_from_slice(piece);
        let found = holds(&self.end);
        let spent = self.end.len().saturating_sub(OVERLAP);
        self.end.drain(..spent);
        found
    }
}

/// Returns whether bytes hold a key of a writing kind.
fn holds(bytes: &[u8]) -> bool {
    if holds_writing_key(bytes) {
        return true;
    }
    if memchr::memchr(0, bytes).is_none() {
        return false;
    }
    let dense: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    holds_writing_key(&dense)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "A2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3";

    fn check(bytes: &[u8], expected: bool) {
        for size in [1, 7, 64, 1000, bytes.len()] {
            let mut search = Search::default();
            let found = bytes.chunks(size).any(|piece| search.finds(piece));
            assert_eq!(found, expected, "{size} {:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_key_is_found_wherever_it_lies() {
        let long = "Low tide. ".repeat(200);
        check(format!("{long}{KEY}").as_bytes(), true);
        check(format!("{long}{KEY} {long}").as_bytes(), true);
        check(format!("{KEY}\n{long}").as_bytes(), true);
        check(long.as_bytes(), false);
        check(b"\0", false);
    }

    #[test]
    fn no_odd_byte_hides_it() {
        check(&[b"\xff\xfe caf\xe9 ", KEY.as_bytes(), b"\n\xc3"].concat(), true);
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        check(&[b"\xff\xfe".to_vec(), wide(&format!("key: {KEY}\n"))].concat(), true);
        let wide: Vec<u8> =
            format!("key: {KEY}\n").encode_utf16().flat_map(u16::to_be_bytes).collect();
        check(&[b"\xfe\xff".to_vec(), wide].concat(), true);
        check(&[b"\xff", &KEY.as_bytes()[1..]].concat(), false);
    }
}
