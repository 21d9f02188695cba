//! `.handbill/`: the lock, and what the local state remembers.

use super::{AtPath, PathError};
use crate::library::Memory;
use std::fs::{File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Held while a build writes; let go when dropped, or when the process ends in any way.
#[derive(Debug)]
pub struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file is not enough: a child process that another thread is just starting has
        // it open too, until it becomes its own program. Closing is all that is left if this fails.
        let _ = self.0.unlock();
    }
}

/// Another program is building this base folder.
#[derive(Debug)]
pub struct Busy(pub PathBuf);

impl std::fmt::Display for Busy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "another Handbill is building this folder (it holds `{}`); try again when it is done",
            self.0.display()
        )
    }
}

impl std::error::Error for Busy {}

/// Takes the lock of a state folder.
///
/// # Errors
/// When another process holds it, or when it cannot be made.
pub fn lock(state: &Path) -> anyhow::Result<Lock> {
    std::fs::create_dir_all(state).at("make", state)?;
    lock_file(state.join("lock"))
}

/// Takes the lock that a file stands for.
///
/// # Errors
/// As [`lock`].
pub fn lock_file(path: PathBuf) -> anyhow::Result<Lock> {
    let file =
        File::options().create(true).truncate(false).write(true).open(&path).at("open", &path)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(Busy(path).into()),
        Err(TryLockError::Error(source)) => Err(PathError { path, action: "lock", source }.into()),
    }
}

/// Returns the file of the cache.
pub fn cache_file(state: &Path) -> PathBuf {
    state.join("cache").join("messages.bin")
}

fn memory_file(state: &Path) -> PathBuf {
    state.join("state").join("memory.json")
}

/// Returns what was remembered about what must stay private.
///
/// # Errors
/// When the file is there and cannot be read: then it is not known what must stay private.
pub fn load_memory(state: &Path) -> anyhow::Result<Memory> {
    let path = memory_file(state);
    match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
            anyhow::anyhow!(
                "`{}` is damaged ({error}): it says which contacts ever had an inbox. Mend it, or remove it if \
                 none of your channels was ever a conversation",
                path.display()
            )
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Memory::default()),
        Err(source) => Err(PathError { path, action: "read", source }.into()),
    }
}

/// Remembers what must stay private; it is on the disk when this returns.
///
/// # Errors
/// When it cannot be written.
pub fn save_memory(state: &Path, memory: &Memory) -> anyhow::Result<()> {
    let path = memory_file(state);
    let bytes = serde_json::to_vec_pretty(memory)?;
    write_atomically(&path, &bytes).at("write", &path)?;
    File::open(&path).and_then(|file| file.sync_all()).at("write", &path)?;
    Ok(())
}

/// Writes a file by a temporary one beside it and a rename.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    write_atomically_with(path, |file| file.write_all(bytes))
}

/// Writes what `fill` writes into a file, in the same way.
pub fn write_atomically_with(
    path: &Path,
    fill: impl FnOnce(&mut File) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let mut temp = temporary_beside(path)?;
    fill(temp.as_file_mut())?;
    temp.persist(path)?;
    Ok(())
}

/// Makes a temporary file beside a file, and their folder where it is not there yet.
pub fn temporary_beside(path: &Path) -> std::io::Result<NamedTempFile> {
    NamedTempFile::new_in(make_folder_of(path)?)
}

/// Makes a temporary file of this path, where there is none, which is written for long: its name is
/// known, so that what a killed process leaves of it can be found.
pub fn long_temporary(path: &Path) -> std::io::Result<NamedTempFile> {
    let folder = make_folder_of(path)?;
    let name = path.file_name().unwrap_or_default();
    tempfile::Builder::new().prefix(name).rand_bytes(0).tempfile_in(folder)
}

/// Makes the folder of a file, where it is not there yet, and returns it.
fn make_folder_of(path: &Path) -> std::io::Result<&Path> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    Ok(folder)
}

/// Renames a file that cannot be used, so that nothing is written over it; returns what is to be
/// said of it.
pub fn set_aside(path: &Path, damage: &dyn std::fmt::Display) -> String {
    let aside = path.with_extension("json.damaged");
    let set_aside = match std::fs::rename(path, &aside) {
        Ok(()) => format!("it is now `{}`", aside.display()),
        Err(error) => format!("and cannot be set aside: {error}"),
    };
    format!("`{}` is damaged ({damage}), {set_aside}", path.display())
}
