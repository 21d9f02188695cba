//! The files of a box on the disk: what lies there, and putting whole files into it.
//!
//! All of it goes by a handle on the box, so that no name leads out of it. A file is made whole
//! outside the box, on the same file system, and renamed into it.

use super::decide::Digest;
use crate::library::Side;
use crate::limits::FOLDER_DEPTH;
use crate::listing::{Stat, leftovers};
use crate::path::RelPath;
use cap_fs_ext::{DirExt, FollowSymlinks, OpenOptionsFollowExt};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, Metadata, OpenOptions};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What lies in a box, with the size and times by which a change is told.
pub type Found = BTreeMap<RelPath, Stat>;

/// A box, and where files for it are made.
pub struct Folder {
    dir: Dir,
    staging: Dir,
    /// Where `staging` is, for those who know paths alone.
    staging_path: PathBuf,
}

/// A file that is made whole before it is put into a box. What was not put goes when it is dropped.
pub struct Staged(tempfile::TempPath);

impl Staged {
    /// Returns where it is to be made. Nothing is there yet.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

/// Where files are made, below the base folder; and in a contact's folder that is another disk.
const USUAL: &str = ".handbill/tmp/engine";
const BESIDE: &str = ".handbill-arriving";

/// Takes away what was being made when a process ended, in the base folder and in those of contacts:
/// for whoever alone carries these boxes.
pub fn sweep<'c>(base: &Path, contacts: impl Iterator<Item = &'c str>) {
    let beside = contacts.map(|contact| base.join(contact).join(BESIDE));
    for folder in std::iter::once(base.join(USUAL)).chain(beside) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            // It is in nobody's way.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

impl Folder {
    /// Opens a box of a contact's folder. Neither may be a link.
    ///
    /// # Errors
    /// When it is not there or cannot be opened, or when no folder for staging can be made.
    pub fn open(base: &Path, contact: &str, side: Side) -> io::Result<Folder> {
        let root = Dir::open_ambient_dir(base, ambient_authority())?;
        let above = root.open_dir_nofollow(contact)?;
        let name = side.folder();
        let dir = match above.open_dir_nofollow(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // On some systems names differ in case, and somebody may have written `Inbox`.
                let found = above
                    .entries()?
                    .flatten()
                    .find(|entry| crate::path::fold(&entry.file_name().to_string_lossy()) == name);
                above.open_dir_nofollow(found.ok_or(error)?.file_name())?
            }
            opened => opened?,
        };
        let usual = root.create_dir_all(USUAL).and_then(|()| root.open_dir(USUAL));
        let (staging, staging_path) = match usual {
            Ok(usual) if is_same_device(&usual, &dir) => (usual, base.join(USUAL)),
            _ => {
                above.create_dir_all(BESIDE)?;
                (above.open_dir_nofollow(BESIDE)?, base.join(contact).join(BESIDE))
            }
        };
        Ok(Folder { dir, staging, staging_path })
    }

    /// Lists the files that are a person's: no links, nothing that tools leave behind.
    ///
    /// # Errors
    /// When the box itself cannot be read. What vanishes meanwhile was never there.
    pub fn list(&self) -> io::Result<Found> {
        let mut found = Found::new();
        walk(&self.dir, "", 1, &mut found)?;
        Ok(found)
    }

    /// Opens a file for reading: a regular one, no link, never blocking.
    ///
    /// # Errors
    /// When it is not there, or something else.
    pub fn read(&self, path: &RelPath) -> io::Result<std::fs::File> {
        let mut options = OpenOptions::new();
        options.read(true).follow(FollowSymlinks::No);
        let (above, name) = self.above(path, false)?;
        // Looked at before it is opened: opening a pipe would wait for somebody to write.
        if !above.symlink_metadata(name)?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "no regular file"));
        }
        Ok(above.open_with(name, &options)?.into_std())
    }

    /// Returns size and times of a file, nothing where there is none.
    pub fn look(&self, path: &RelPath) -> Option<Stat> {
        let (above, name) = self.above(path, false).ok()?;
        let metadata = above.symlink_metadata(name).ok()?;
        metadata.is_file().then(|| stat_of(&metadata))
    }

    /// Returns the hash of a file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn digest(&self, path: &RelPath) -> io::Result<Digest> {
        hash_of(&self.read(path)?)
    }

    /// Returns a place for a file that is to be made whole before it is put into the box: no other
    /// box has the same.
    ///
    /// # Errors
    /// When the system gives no random name.
    pub fn stage(&self) -> io::Result<Staged> {
        let mut builder = tempfile::Builder::new();
        let made = builder.prefix("").suffix(".tmp").rand_bytes(16);
        Ok(Staged(made.make_in(&self.staging_path, |_| Ok(()))?.into_temp_path()))
    }

    /// Puts a staged file into the box, with the time at which it was written, if it is what it has to
    /// be. It is on the disk before it has its name.
    ///
    /// # Errors
    /// When it is something else, when a part of the path is taken by something that is no folder, or
    /// when it cannot be renamed.
    pub fn put(
        &self,
        staged: &Staged,
        path: &RelPath,
        digest: &Digest,
        time: SystemTime,
    ) -> io::Result<Stat> {
        let made = staged.path().file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).follow(FollowSymlinks::No);
        let file = self.staging.open_with(made, &options)?.into_std();
        if hash_of(&file)? != *digest {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it was not copied as it is"));
        }
        file.set_modified(time)?;
        file.sync_all()?;
        let (above, name) = self.above(path, true)?;
        self.staging.rename(made, &above, name)?;
        Ok(stat_of(&above.symlink_metadata(name)?))
    }

    /// Takes a file out of the box, and the folders that are empty then.
    ///
    /// # Errors
    /// When it is there and cannot be removed.
    pub fn remove(&self, path: &RelPath) -> io::Result<()> {
        let (above, name) = self.above(path, false)?;
        match above.remove_file(name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut folder = path.parent();
        while !folder.is_empty() && self.dir.remove_dir(folder).is_ok() {
            folder = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
        }
        Ok(())
    }

    /// Renames a file within the folder it lies in.
    ///
    /// # Errors
    /// When it is not there or cannot be renamed.
    pub fn rename(&self, path: &RelPath, name: &str) -> io::Result<()> {
        let (above, old) = self.above(path, false)?;
        above.rename(old, &above, name)
    }

    /// Copies a file to a place outside the box.
    ///
    /// # Errors
    /// When it cannot be read, or the copy not be written.
    pub fn keep(&self, path: &RelPath, to: &Path) -> io::Result<()> {
        let mut from = self.read(path)?;
        if let Some(folder) = to.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut copy = std::fs::File::create(to)?;
        io::copy(&mut from, &mut copy)?;
        copy.sync_all()
    }

    /// Opens the folder that a file lies in, part by part, each of which must be no link.
    fn above<'p>(&self, path: &'p RelPath, make: bool) -> io::Result<(Dir, &'p str)> {
        let mut dir = self.dir.try_clone()?;
        for part in path.parent().split('/').filter(|part| !part.is_empty()) {
            let made = if make { dir.create_dir(part) } else { Ok(()) };
            if let Err(error) = made
                && error.kind() != io::ErrorKind::AlreadyExists
            {
                return Err(error);
            }
            dir = dir.open_dir_nofollow(part)?;
        }
        Ok((dir, path.name()))
    }
}

fn hash_of(file: &std::fs::File) -> io::Result<Digest> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(file)?;
    Ok(*hasher.finalize().as_bytes())
}

fn walk(dir: &Dir, above: &str, depth: usize, found: &mut Found) -> io::Result<()> {
    for entry in dir.entries()? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| !leftovers::is_ours(name)) else { continue };
        let path = if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") };
        let Ok(metadata) = dir.symlink_metadata(name) else { continue };
        if metadata.is_dir() && depth < FOLDER_DEPTH {
            if let Ok(inner) = dir.open_dir_nofollow(name) {
                walk(&inner, &path, depth + 1, found)?;
            }
        } else if metadata.is_file()
            && let Some(path) = RelPath::parse(&path)
        {
            found.insert(path, stat_of(&metadata));
        }
    }
    Ok(())
}

fn stat_of(metadata: &Metadata) -> Stat {
    let time = metadata.modified().ok().map(cap_std::time::SystemTime::into_std);
    let since = time.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    let mtime = since.map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX));
    #[cfg(unix)]
    let (ctime, inode) = {
        use cap_std::fs::MetadataExt;
        let seconds = metadata.ctime().saturating_mul(1_000_000_000);
        (seconds.saturating_add(metadata.ctime_nsec()), metadata.ino())
    };
    #[cfg(not(unix))]
    let (ctime, inode) = (0, 0);
    Stat { size: metadata.len(), mtime, ctime, inode }
}

#[cfg(unix)]
fn is_same_device(one: &Dir, other: &Dir) -> bool {
    use cap_std::fs::MetadataExt;
    let device = |dir: &Dir| dir.dir_metadata().map(|metadata| metadata.dev());
    matches!((device(one), device(other)), (Ok(one), Ok(other)) if one == other)
}

#[cfg(not(unix))]
fn is_same_device(_: &Dir, _: &Dir) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn path(text: &str) -> RelPath {
        RelPath::parse(text).unwrap()
    }

    fn base() -> (tempfile::TempDir, Folder) {
        let base = tempfile::tempdir().unwrap();
        fs::create_dir_all(base.path().join("a/inbox")).unwrap();
        let folder = Folder::open(base.path(), "a", Side::Inbox).unwrap();
        (base, folder)
    }

    fn put(folder: &Folder, name: &str, text: &str) -> io::Result<Stat> {
        let staged = folder.stage().unwrap();
        fs::write(staged.path(), text).unwrap();
        folder.put(
            &staged,
            &path(name),
            blake3::hash(text.as_bytes()).as_bytes(),
            SystemTime::now(),
        )
    }

    #[test]
    fn whole_files_come_and_go() {
        let (base, folder) = base();
        let stat = put(&folder, "2026/11/a.md", "Low tide.").unwrap();
        let file = base.path().join("a/inbox/2026/11/a.md");
        assert_eq!(fs::read_to_string(&file).unwrap(), "Low tide.");
        assert_eq!(folder.list().unwrap(), Found::from([(path("2026/11/a.md"), stat)]));
        assert_eq!(folder.look(&path("2026/11/a.md")), Some(stat));
        let digest = *blake3::hash(b"Low tide.").as_bytes();
        assert_eq!(folder.digest(&path("2026/11/a.md")).unwrap(), digest);
        put(&folder, "2026/11/a.md", "High tide.").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "High tide.");
        folder.remove(&path("2026/11/a.md")).unwrap();
        assert!(!base.path().join("a/inbox/2026").exists() && base.path().join("a/inbox").exists());
        folder.remove(&path("b.md")).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn no_link_leads_out() {
        let (base, folder) = base();
        let outside = base.path().join("outside");
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("secret.md"), "x").unwrap();
        let inbox = base.path().join("a/inbox");
        std::os::unix::fs::symlink(&outside, inbox.join("out")).unwrap();
        std::os::unix::fs::symlink(outside.join("secret.md"), inbox.join("link.md")).unwrap();
        assert!(put(&folder, "out/new.md", "x").is_err());
        assert!(folder.read(&path("out/secret.md")).is_err());
        assert!(folder.read(&path("link.md")).is_err());
        assert!(folder.remove(&path("out/secret.md")).is_err());
        assert_eq!(folder.list().unwrap(), Found::new());
        // What is put in the place of a link is a file of its own.
        put(&folder, "link.md", "y").unwrap();
        assert_eq!(fs::read_to_string(outside.join("secret.md")).unwrap(), "x");
        assert!(outside.read_dir().unwrap().count() == 1);
        fs::create_dir(base.path().join("b")).unwrap();
        std::os::unix::fs::symlink(&outside, base.path().join("b/inbox")).unwrap();
        assert!(Folder::open(base.path(), "b", Side::Inbox).is_err());
        // Nor is a contact's folder a link to another.
        std::os::unix::fs::symlink(base.path().join("a"), base.path().join("c")).unwrap();
        assert!(Folder::open(base.path(), "c", Side::Inbox).is_err());
    }

    #[test]
    fn what_is_being_made_for_one_box_is_not_taken_for_another() {
        let (base, one) = base();
        fs::create_dir_all(base.path().join("a/Outbox")).unwrap();
        let other = Folder::open(base.path(), "a", Side::Outbox).unwrap();
        let (first, second) = (one.stage().unwrap(), other.stage().unwrap());
        assert_ne!(first.path(), second.path());
        fs::write(first.path(), "For the inbox.").unwrap();
        fs::write(second.path(), "For the outbox.").unwrap();
        // What is not what it has to be never gets its name.
        let (name, now) = (path("a.md"), SystemTime::now());
        let digest = blake3::hash(b"For the inbox.");
        assert!(other.put(&second, &name, digest.as_bytes(), now).is_err());
        assert_eq!(other.list().unwrap(), Found::new());
        one.put(&first, &name, digest.as_bytes(), now).unwrap();
        drop((first, second));
        assert_eq!(fs::read_dir(base.path().join(USUAL)).unwrap().count(), 0);
    }

    #[test]
    fn what_a_process_left_unmade_is_swept() {
        let (base, folder) = base();
        let staged = folder.stage().unwrap();
        fs::write(staged.path(), "half").unwrap();
        fs::create_dir_all(base.path().join("a").join(BESIDE)).unwrap();
        let beside = base.path().join("a").join(BESIDE).join("x.tmp");
        fs::write(&beside, "half").unwrap();
        sweep(base.path(), ["a"].into_iter());
        assert!(!staged.path().exists() && !beside.exists());
    }

    #[test]
    fn what_tools_leave_is_not_listed() {
        let (base, folder) = base();
        for name in [".git/config", "x.tmp", ".hidden.md"] {
            let file = base.path().join("a/inbox").join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "x").unwrap();
        }
        assert_eq!(folder.list().unwrap(), Found::new());
    }
}
