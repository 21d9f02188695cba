//! Frames: pieces of a file that is written at its end alone, each with its length and the
//! beginning of its hash, so that one which a lost moment cut short is known for what it is.

use crate::hash::Hash;
use std::io::Write;

/// The bytes before a frame's own: its length in four, the lowest first, and eight of its hash.
pub(super) const HEAD: usize = 12;

/// Adds a frame to what is going to be written.
pub(super) fn push(file: &mut Vec<u8>, frame: &[u8]) {
    file.reserve(HEAD + frame.len());
    file.extend(head(frame));
    file.extend(frame);
}

/// Returns how many bytes a frame takes in a file.
pub(super) fn length(frame: &[u8]) -> u64 {
    (HEAD + frame.len()) as u64
}

/// Writes a frame.
pub(super) fn write(file: &mut dyn Write, frame: &[u8]) -> std::io::Result<()> {
    file.write_all(&head(frame))?;
    file.write_all(frame)
}

fn head(frame: &[u8]) -> [u8; HEAD] {
    let mut head = [0; HEAD];
    let length = u32::try_from(frame.len()).unwrap_or(u32::MAX);
    head[..4].copy_from_slice(&length.to_le_bytes());
    head[4..].copy_from_slice(&Hash::of(frame).bytes()[..8]);
    head
}

/// Returns how long a frame is in its file, and what there is of it, of which this is the beginning;
/// none where that is less than a head. Whether it is whole is not known.
pub(super) fn begin(file: &[u8]) -> Option<(usize, &[u8])> {
    let (head, rest) = file.split_at_checked(HEAD)?;
    let length = u32::from_le_bytes(*head.first_chunk()?) as usize;
    Some((HEAD + length, &rest[..rest.len().min(length)]))
}

/// Returns the frame that begins at a place, and where it ends; none where it is broken or there is
/// none.
pub(super) fn next(file: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let (head, rest) = file.get(at..)?.split_at_checked(HEAD)?;
    let (length, print) = head.split_at(4);
    let length = u32::from_le_bytes(length.try_into().ok()?) as usize;
    let frame = rest.get(..length)?;
    (Hash::of(frame).bytes()[..8] == *print).then_some((frame, at + HEAD + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_found_up_to_one_that_is_broken() {
        let mut file = Vec::new();
        push(&mut file, b"one");
        push(&mut file, b"");
        let (one, end) = next(&file, 0).unwrap();
        assert_eq!(
            (one, next(&file, end)),
            (b"one".as_slice(), Some((b"".as_slice(), file.len())))
        );
        assert_eq!(next(&file, file.len()), None);
        file[13] ^= 1;
        assert_eq!(next(&file, 0), None);
        assert_eq!(next(&file[..end - 1], 0), None);
    }
}
