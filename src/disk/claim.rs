//! Whose an output folder is that lies elsewhere than in the base folder: two base folders with one
//! output would each take the other's pages for leavings of its own.

use super::state::{Lock, lock_file, write_atomically};
use super::{AtPath, Places};
use anyhow::{Result, bail};
use std::path::Path;

/// Takes an output folder for this base folder, and keeps others from building there for as long as
/// the lock is held. An output in its base folder is nobody else's.
///
/// # Errors
/// When the folder holds the site of another base folder that is still there, when somebody is
/// building there, or when it cannot be written.
pub fn claim(places: &Places) -> Result<Option<Lock>> {
    let output = &places.output;
    if output.starts_with(&places.base) {
        return Ok(None);
    }
    std::fs::create_dir_all(output).at("make", output)?;
    let lock = lock_file(output.join(".lock"))?;
    let file = output.join(".base");
    let base = places.base.to_string_lossy();
    let known = std::fs::read_to_string(&file).unwrap_or_default();
    let known = known.trim_end_matches('\n');
    // A base folder that is gone was moved or removed, and asks for nothing.
    if !known.is_empty() && known != base && Path::new(known).is_dir() {
        bail!(
            "`{}` holds the site of another base folder, `{known}`: choose another `--output`, or \
             delete `{}` to build over it",
            output.display(),
            file.display()
        );
    }
    if known != base {
        write_atomically(&file, format!("{base}\n").as_bytes()).at("write", &file)?;
    }
    Ok(Some(lock))
}
