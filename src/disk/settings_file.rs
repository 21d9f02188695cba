//! Changes `handbill.toml` for a command.

use super::AtPath;
use super::outbox::lock;
use crate::config::edit::NotEdited;
use crate::source::{Decoded, decode};
use anyhow::{Result, bail};
use std::io::{self, Write};
use std::path::Path;

/// What a new `handbill.toml` says.
const NEW: &str = "\
# My settings; see docs/format.md, section 12. Every line may be left out. Never synced.

# The channels that anybody may read: `handbill public add NAME`.
public = []

# Where the public edition will be read. Its feeds need this for their addresses.
# base_url = \"https://example.org/\"

# Days begin and end by this clock.
# time_zone = \"Europe/Lisbon\"

# What the feeds of everything are known by. It must not change: readers would take them for others.
id = \"ID\"
";

/// Makes a `handbill.toml` with comments that say what can be set, if there is none. Returns
/// whether it was made.
///
/// # Errors
/// When it cannot be written.
pub fn make_settings(base: &Path) -> Result<bool> {
    let path = base.join("handbill.toml");
    let mut options = std::fs::File::options();
    match options.write(true).create_new(true).open(&path) {
        Ok(mut file) => {
            let text = NEW.replace("ID", &uuid::Uuid::new_v4().to_string());
            file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).at("write", &path)?;
            Ok(true)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error).at("write", &path)?,
    }
}

/// Changes the settings of a base folder by a function of their text, which returns nothing where
/// there is nothing to change. Returns whether they were changed.
///
/// The file is replaced whole, on the disk when this returns; where it is a link, the file it
/// leads to is.
///
/// # Errors
/// When the file cannot be read as text, cannot be edited, or cannot be written. Then it is as it
/// was.
pub fn edit_settings(
    base: &Path,
    edit: impl FnOnce(&str) -> Result<Option<String>, NotEdited>,
) -> Result<bool> {
    let _lock = lock(base)?;
    let path = base.join("handbill.toml");
    let (path, before) = match std::fs::read(&path) {
        Ok(bytes) => (std::fs::canonicalize(&path).at("open", &path)?, Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => (path, None),
        Err(error) => return Err(error).at("read", &path).map_err(Into::into),
    };
    let text = match before.as_deref().map(decode) {
        None => String::new(),
        Some(Decoded::Text { text, repaired: None }) => text,
        Some(_) => bail!("`{}` is not UTF-8 text: save it as such first", path.display()),
    };
    let Some(after) = edit(&text)? else { return Ok(false) };
    let folder = path.parent().unwrap_or(base);
    let mut temp = tempfile::Builder::new()
        .prefix(".handbill.toml.")
        .tempfile_in(folder)
        .at("write into", folder)?;
    temp.write_all(after.as_bytes()).and_then(|()| temp.as_file().sync_all()).at("write", &path)?;
    let rights = match std::fs::metadata(&path) {
        Ok(metadata) => Some(metadata.permissions()),
        Err(_) => usual_rights(),
    };
    if let Some(rights) = rights {
        temp.as_file().set_permissions(rights).at("write", &path)?;
    }
    temp.persist(&path).map_err(|error| error.error).at("write", &path)?;
    Ok(true)
}

/// Returns what others may do with a new file of settings: read it, as any file.
#[cfg(unix)]
fn usual_rights() -> Option<std::fs::Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn usual_rights() -> Option<std::fs::Permissions> {
    None
}
