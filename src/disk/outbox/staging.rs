//! A folder outside every box in which files are made whole before they are moved into one.
//!
//! It lies on the same file system as the box, so that moving is renaming: in `.handbill/tmp` of the
//! base folder, else (where contact or box are mounts) in a hidden folder as near as there is one.

use super::super::AtPath;
use super::super::boxes::BoxDir;
use anyhow::{Context, Result};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// A staging folder of one's own; it is removed when dropped.
pub struct Staging {
    parent: Dir,
    name: String,
    dir: Dir,
}

impl Drop for Staging {
    fn drop(&mut self) {
        // What stays after a crash is removed by the next that stages here.
        let _ = self.parent.remove_dir_all(&self.name);
    }
}

impl Staging {
    /// Makes a staging folder for a box. The caller holds the lock of writing, so what lies there
    /// was left by a program that was killed.
    pub fn new(base: &Path, contact: &str, target: &BoxDir) -> Result<Staging> {
        let usual = base.join(".handbill").join("tmp");
        std::fs::create_dir_all(&usual).at("make", &usual)?;
        let mut parent = Dir::open_ambient_dir(&usual, ambient_authority()).at("open", &usual)?;
        if !can_rename(&parent, &target.dir()?) {
            let beside = base.join(contact);
            parent = Dir::open_ambient_dir(&beside, ambient_authority()).at("open", &beside)?;
            if !can_rename(&parent, &target.dir()?) {
                parent = target.dir()?;
            }
        }
        // Hidden, and with an ending that every reader of a box passes over.
        let name = ".handbill-staging.tmp".to_owned();
        match parent.remove_dir_all(&name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot empty `{name}`"));
            }
            _ => {}
        }
        parent.create_dir(&name).with_context(|| format!("cannot make `{name}`"))?;
        let dir = parent.open_dir(&name)?;
        Ok(Staging { parent, name, dir })
    }

    /// Returns the handle of the folder.
    pub fn dir(&self) -> &Dir {
        &self.dir
    }

    /// Writes a file; it is on the disk when this returns.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let mut file = create(&self.dir, name)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok(())
    }

    /// Moves a file into a box where it overwrites nothing.
    ///
    /// It is renamed and not linked: those who watch the box are told of a file that is whole, where
    /// a link looks like one that somebody has begun to write.
    ///
    /// # Errors
    /// `AlreadyExists` where the name is taken.
    pub fn move_new(&self, from: &str, to: &Dir, name: &str) -> io::Result<()> {
        match rename_new(&self.dir, from, to, name) {
            Some(moved) => moved,
            // The lock keeps other writers of this program away, and no other makes such a name.
            None => match to.symlink_metadata(name) {
                Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    self.dir.rename(from, to, name)
                }
                Err(error) => Err(error),
            },
        }
    }
}

/// Renames a file unless the new name is taken, in one step; nothing where system or file system
/// cannot.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn rename_new(from_dir: &Dir, from: &str, to_dir: &Dir, to: &str) -> Option<io::Result<()>> {
    use rustix::fs::{RenameFlags, renameat_with};
    use rustix::io::Errno;
    let cannot = [Errno::INVAL, Errno::NOSYS, Errno::NOTSUP, Errno::OPNOTSUPP];
    match renameat_with(from_dir, from, to_dir, to, RenameFlags::NOREPLACE) {
        Err(error) if cannot.contains(&error) => None,
        moved => Some(moved.map_err(io::Error::from)),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn rename_new(_: &Dir, _: &str, _: &Dir, _: &str) -> Option<io::Result<()>> {
    None
}

/// Makes a new file in a folder.
pub fn create(dir: &Dir, name: &str) -> io::Result<File> {
    dir.open_with(name, OpenOptions::new().read(true).write(true).create_new(true))
}

/// Puts the names of a folder onto the disk, where the system can.
pub fn sync(dir: &Dir) -> io::Result<()> {
    // A handle by which names are looked up cannot be synced itself.
    if cfg!(unix) { dir.open(".")?.sync_all() } else { Ok(()) }
}

/// Returns random small letters without vowels: they make no words.
pub fn letters(count: usize) -> String {
    const LETTERS: &[u8] = b"bcdfghjkmnpqrstvwxyz";
    let random = *uuid::Uuid::new_v4().as_bytes();
    let letter = |byte: &u8| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]);
    random.iter().rev().take(count).map(letter).collect()
}

/// Returns whether files can be renamed from one folder into another. A mount of a folder elsewhere
/// on the same device is told only by trying, with a name that is in neither.
fn can_rename(from: &Dir, to: &Dir) -> bool {
    let nothing = format!(".handbill-{}.tmp", letters(12));
    let crosses = |error: io::Error| error.kind() == io::ErrorKind::CrossesDevices;
    same_device(from, to) && !from.rename(&nothing, to, &nothing).is_err_and(crosses)
}

#[cfg(unix)]
fn same_device(a: &Dir, b: &Dir) -> bool {
    use cap_std::fs::MetadataExt;
    let device = |dir: &Dir| dir.dir_metadata().map(|metadata| metadata.dev()).ok();
    device(a).is_some() && device(a) == device(b)
}

#[cfg(not(unix))]
fn same_device(_: &Dir, _: &Dir) -> bool {
    true
}
