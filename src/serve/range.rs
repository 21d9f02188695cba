//! Ranges of bytes (RFC 9110, 14).

/// What a `Range` comes to for a file of a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// The whole file: there is no range, none that is understood, or more than one.
    Whole,
    /// From one byte to another, both included.
    Part {
        /// The first byte.
        first: u64,
        /// The last byte.
        last: u64,
    },
    /// Nothing of it lies in the file: 416 (15.5.17).
    Beyond,
}

/// Reads a `Range`. What is not a single range of bytes may be ignored (14.2), and is: several
/// would be costly to answer, and nothing asks for them.
pub fn parse(value: &str, size: u64) -> Range {
    read(value, size).unwrap_or(Range::Whole)
}

/// Reads `bytes=FIRST-[LAST]` or `bytes=-LENGTH` (14.1.2).
fn read(value: &str, size: u64) -> Option<Range> {
    let (unit, set) = value.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = set.trim().split_once('-')?;
    if first.is_empty() {
        let length = number(last)?.min(size);
        return Some(match length {
            0 => Range::Beyond,
            length => Range::Part { first: size - length, last: size - 1 },
        });
    }
    let first = number(first)?;
    let last = if last.is_empty() { u64::MAX } else { number(last)? };
    Some(match first {
        _ if last < first => return None,
        _ if first >= size => Range::Beyond,
        _ => Range::Part { first, last: last.min(size - 1) },
    })
}

/// Reads digits. A number too large for us lies behind the end of every file.
fn number(digits: &str) -> Option<u64> {
    let sound = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    sound.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, size: u64, first: u64, last: u64) {
        assert_eq!(parse(value, size), Range::Part { first, last }, "{value}");
    }

    #[test]
    fn single_ranges_are_cut_to_the_file() {
        check("bytes=0-0", 10, 0, 0);
        check("bytes=2-", 10, 2, 9);
        check("bytes=2-99", 10, 2, 9);
        check("bytes=-3", 10, 7, 9);
        check("bytes=-99", 10, 0, 9);
        check("Bytes= 1-2", 10, 1, 2);
        check("bytes=1-99999999999999999999999", 10, 1, 9);
    }

    #[test]
    fn what_lies_behind_the_end_is_refused() {
        for value in ["bytes=10-", "bytes=10-11", "bytes=-0", "bytes=99999999999999999999999-"] {
            assert_eq!(parse(value, 10), Range::Beyond, "{value}");
        }
        assert_eq!(parse("bytes=0-", 0), Range::Beyond);
        assert_eq!(parse("bytes=-1", 0), Range::Beyond);
    }

    #[test]
    fn everything_else_is_ignored() {
        for value in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "bytes=3-2",
            "bytes=0-1,3-4",
            "bytes=+1-2",
            "items=0-1",
            "bytes=1",
            "bytes=1--2",
            "bytes=0 - 1",
        ] {
            assert_eq!(parse(value, 10), Range::Whole, "{value}");
        }
    }
}
