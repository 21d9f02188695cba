//! Files and folders that go.

use crate::disk::{AtPath, PathError};
use crate::path::OutPath;
use std::io;
use std::path::Path;

pub fn is_absent_or_empty(folder: &Path) -> Result<bool, PathError> {
    match std::fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error).at("read", folder),
    }
}

pub fn remove_folder(folder: &Path) -> Result<(), PathError> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).at("remove", folder),
        _ => Ok(()),
    }
}

/// Removes a file of ours and the folders that are empty without it. What somebody put in its place
/// stays.
pub fn remove_file(folder: &Path, path: &OutPath) -> Result<(), PathError> {
    let file = folder.join(path.as_str());
    match std::fs::symlink_metadata(&file) {
        Ok(there) if !there.is_dir() => std::fs::remove_file(&file).at("remove", &file)?,
        _ => {}
    }
    let below = file.ancestors().skip(1).take_while(|parent| *parent != folder);
    for parent in below {
        match std::fs::remove_dir(parent) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(_) => break, // Not empty.
            Ok(()) => {}
        }
    }
    Ok(())
}
