//! What a server needs before it can write: room for files that come in, and what cannot be guessed.

use super::super::AtPath;
use anyhow::Result;
use std::fs::File;
use std::path::Path;
use uuid::Uuid;

/// Makes a file without a name, outside every box, for what comes in bit by bit. It is gone when it
/// is closed.
///
/// # Errors
/// When it cannot be made.
pub fn spool(base: &Path) -> Result<File> {
    let folder = base.join(".handbill").join("tmp");
    std::fs::create_dir_all(&folder).at("make", &folder)?;
    Ok(tempfile::tempfile_in(&folder).at("write into", &folder)?)
}

/// Returns a text of letters and digits that nobody can guess: 244 random bits.
pub fn secret() -> String {
    // Of the 128 bits of such a UUID 122 are random (RFC 9562, 5.4), by the system's generator.
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}
