//! What a picture is, by its head; of a large one, whether it can be made smaller.

use super::boxes::BoxDir;
use super::read::size_by_head;
use crate::path::RelPath;
use crate::photo::{self, Shape, lies};
use std::io::Read;

/// The size stands within the first megabyte, or the picture is not shown as one.
const HEAD: u64 = 1 << 20;

/// Returns width and height of a picture of so many `bytes`, as it is shown, and whether it is a
/// photograph that can be made smaller. Of most only the head is read, and no pixel of any.
pub(super) fn look(dir: &BoxDir, path: &RelPath, bytes: u64) -> (Option<(u32, u32)>, bool) {
    let mut head = Vec::new();
    let read = dir.file(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    let Some((width, height)) = read.ok().and_then(|_| size_by_head(&head)) else {
        return (None, false);
    };
    let size = if lies(&head) { (height, width) } else { (width, height) };
    let is_worth = head.starts_with(&[0xFF, 0xD8]) && !photo::widths(size, bytes).is_empty();
    let whole = || match bytes <= HEAD {
        true => Some(head),
        false => dir.read(path, bytes).ok()?,
    };
    (Some(size), is_worth && whole().is_some_and(|whole| Shape::of(&whole).is_some()))
}
