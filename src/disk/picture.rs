//! What a picture is, by its head; of a large one, whether it can be made smaller.

use super::boxes::BoxDir;
use crate::path::RelPath;
use crate::photo::{self, Shape, lies};
use std::io::{self, Read};

/// The size stands within the first megabyte, or the picture is not shown as one.
const HEAD: u64 = 1 << 20;

/// Returns width and height of a picture of so many `bytes`, as it is shown, and whether it is a
/// photograph that can be made smaller. Of most only the head is read, and no pixel of any.
///
/// # Errors
/// When it cannot be read.
pub(super) fn look(
    dir: &BoxDir,
    path: &RelPath,
    bytes: u64,
) -> io::Result<(Option<(u32, u32)>, bool)> {
    let mut head = Vec::new();
    dir.file(path)?.take(HEAD).read_to_end(&mut head)?;
    let Some((width, height)) = size_by_head(&head) else { return Ok((None, false)) };
    let size = if lies(&head) { (height, width) } else { (width, height) };
    let is_worth = head.starts_with(&[0xFF, 0xD8]) && !photo::widths(size, bytes).is_empty();
    if !is_worth {
        return Ok((Some(size), false));
    }
    let whole = if bytes <= HEAD { Some(head) } else { dir.read(path, bytes)? };
    Ok((Some(size), whole.is_some_and(|whole| Shape::of(&whole).is_some())))
}

/// Returns width and height by the head of a picture; a hostile one may fail in any way.
pub fn size_by_head(head: &[u8]) -> Option<(u32, u32)> {
    let size = std::panic::catch_unwind(|| imagesize::blob_size(head).ok());
    let size = size.ok().flatten()?;
    let (width, height) = (u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?);
    (width > 0 && height > 0).then_some((width, height))
}
