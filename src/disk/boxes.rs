//! A handle on one box: what lies in it is listed and read by this alone, so that no name and no
//! link of a stranger leads anywhere else.

use crate::limits::FOLDER_DEPTH;
use crate::listing::{Entry, Listing, Odd, Oddity, Stat, leftovers};
use crate::path::RelPath;
use cap_fs_ext::{DirExt, FollowSymlinks, OpenOptionsFollowExt};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use walkdir::{DirEntry, WalkDir};

/// A box of a contact.
#[derive(Debug)]
pub struct BoxDir {
    /// The open folder; none where too many are open already, and it is opened for each file.
    kept: Option<Kept>,
    contact: PathBuf,
    path: PathBuf,
}

/// How many boxes are kept open at once: systems allow a process some hundred files.
const OPEN: usize = 200;
static KEPT: AtomicUsize = AtomicUsize::new(0);

/// One of the open folders.
#[derive(Debug)]
struct Kept(Dir);

impl Kept {
    fn new(dir: Dir) -> Option<Kept> {
        let free = |open: usize| (open < OPEN).then_some(open + 1);
        KEPT.fetch_update(Ordering::Relaxed, Ordering::Relaxed, free).ok().map(|_| Kept(dir))
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        KEPT.fetch_sub(1, Ordering::Relaxed);
    }
}

impl BoxDir {
    /// Opens the folder `name` of a contact's folder, which must be no link.
    pub fn open(contact: &Path, name: &std::ffi::OsStr) -> io::Result<BoxDir> {
        let kept = Kept::new(open_box(contact, name)?);
        Ok(BoxDir { kept, contact: contact.to_owned(), path: contact.join(name) })
    }

    /// Does something with the open folder.
    fn with<T>(&self, work: impl FnOnce(&Dir) -> io::Result<T>) -> io::Result<T> {
        match (&self.kept, self.path.file_name()) {
            (Some(kept), _) => work(&kept.0),
            (None, Some(name)) => work(&open_box(&self.contact, name)?),
            (None, None) => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// Returns where the box lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the handle by which one's own box is written.
    pub(super) fn dir(&self) -> io::Result<Dir> {
        self.with(Dir::try_clone)
    }

    /// Lists the box: names and times. What cannot be listed is in the listing as odd.
    pub fn list(&self) -> Listing {
        let mut found = Found::default();
        let walk = WalkDir::new(&self.path)
            .follow_links(false)
            .min_depth(1)
            .max_depth(FOLDER_DEPTH)
            .into_iter()
            .filter_entry(|entry| !is_tool_folder(entry));
        for entry in walk {
            match entry {
                Ok(entry) => self.place(&entry, &mut found),
                Err(error) => {
                    // What vanishes while it is listed was never there.
                    let gone =
                        error.io_error().is_some_and(|e| e.kind() == io::ErrorKind::NotFound);
                    let path = error.path().map_or_else(String::new, |path| self.shown(path));
                    if !gone {
                        found.odd.push(Odd { path, why: Oddity::Unreadable(error_words(&error)) });
                    }
                }
            }
        }
        let Found { mut files, mut odd } = found;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        odd.sort();
        Listing { files: files.into_iter().collect(), odd }
    }

    fn place(&self, entry: &DirEntry, found: &mut Found) {
        let kind = entry.file_type();
        let relative = entry.path().strip_prefix(&self.path).ok().and_then(Path::to_str);
        let portable = relative.map(|text| text.replace(std::path::MAIN_SEPARATOR, "/"));
        let path = portable.as_deref().and_then(RelPath::parse);
        let mut odd = |why| found.odd.push(Odd { path: self.shown(entry.path()), why });
        match path {
            None => odd(Oddity::Name),
            Some(_) if kind.is_dir() && entry.depth() == FOLDER_DEPTH => odd(Oddity::TooDeep),
            Some(_) if kind.is_dir() => {}
            Some(_) if kind.is_symlink() => odd(Oddity::Link),
            Some(_) if !kind.is_file() => odd(Oddity::Special),
            Some(path) => match entry.metadata() {
                Ok(metadata) if is_placeholder(&metadata) => odd(Oddity::Placeholder),
                Ok(metadata) => found.files.push(entry_of(path, &metadata)),
                Err(error)
                    if error.io_error().is_some_and(|e| e.kind() == io::ErrorKind::NotFound) => {}
                Err(error) => odd(Oddity::Unreadable(error_words(&error))),
            },
        }
    }

    /// Looks at one file as a listing does.
    pub fn look(&self, path: &RelPath) -> Look {
        // No folder that leads to it may be a link: a listing follows none.
        let mut at = self.path.clone();
        let (mut folders, mut depth) = (path.parts(), 1);
        let name = folders.next_back();
        for folder in folders {
            at.push(folder);
            depth += 1;
            if !std::fs::symlink_metadata(&at).is_ok_and(|metadata| metadata.is_dir()) {
                return Look::Other;
            }
        }
        at.extend(name);
        match std::fs::symlink_metadata(&at) {
            _ if depth > FOLDER_DEPTH => Look::Other,
            Ok(metadata) if metadata.is_file() && !is_placeholder(&metadata) => {
                Look::File(entry_of(path.clone(), &metadata))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Look::Gone,
            Ok(_) | Err(_) => Look::Other,
        }
    }

    fn shown(&self, path: &Path) -> String {
        let path = path.strip_prefix(&self.path).unwrap_or(path).to_string_lossy().into_owned();
        path.replace(std::path::MAIN_SEPARATOR, "/")
    }

    /// Opens a file of the box for reading: a regular file only, no link, never blocking.
    pub fn file(&self, path: &RelPath) -> io::Result<File> {
        self.open_file(path).map(|(file, _)| file)
    }

    fn open_file(&self, path: &RelPath) -> io::Result<(File, Metadata)> {
        let mut options = OpenOptions::new();
        options.read(true).follow(FollowSymlinks::No);
        #[cfg(unix)]
        {
            use cap_std::fs::OpenOptionsExt;
            // A pipe put in the place of a file must not hang the build.
            options.custom_flags(NONBLOCK);
        }
        let file = self.with(|dir| dir.open_with(path.as_str(), &options))?.into_std();
        let metadata = file.metadata()?;
        if metadata.is_file() {
            Ok((file, metadata))
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"))
        }
    }

    /// Reads a file of the box, or `None` where it has more than `limit` bytes.
    pub fn read(&self, path: &RelPath, limit: u64) -> io::Result<Option<Vec<u8>>> {
        let (file, metadata) = self.open_file(path)?;
        let size = metadata.len();
        if size > limit {
            return Ok(None);
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        // What is written behind its end meanwhile is for the next build.
        file.take(size).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }
}

/// What was found in a box so far.
#[derive(Default)]
struct Found {
    files: Vec<Entry>,
    odd: Vec<Odd>,
}

/// What one file of a box is.
#[derive(Debug, PartialEq)]
pub enum Look {
    /// A regular file.
    File(Entry),
    /// Not there.
    Gone,
    /// Something else, or nobody knows.
    Other,
}

fn entry_of(path: RelPath, metadata: &Metadata) -> Entry {
    let stat = stat_of(metadata);
    Entry { path, stat, picture: None, photo: false, copy: Default::default() }
}

/// Opens the folder of a box; it must be no link.
fn open_box(contact: &Path, name: &std::ffi::OsStr) -> io::Result<Dir> {
    Dir::open_ambient_dir(contact, ambient_authority())?.open_dir_nofollow(name)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
const NONBLOCK: i32 = 0o4000;
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
const NONBLOCK: i32 = 0x4;

fn is_tool_folder(entry: &DirEntry) -> bool {
    entry.depth() > 0
        && entry.file_type().is_dir()
        && entry.file_name().to_str().is_some_and(leftovers::is_ours)
}

/// Returns what the system says without the path, which names this machine.
fn error_words(error: &walkdir::Error) -> String {
    error.io_error().map_or_else(|| "a loop of links".to_owned(), |error| error.kind().to_string())
}

/// Returns whether a file is as it was listed.
pub fn is_unchanged(file: &File, entry: &Stat) -> bool {
    file.metadata().is_ok_and(|metadata| stat_of(&metadata) == *entry)
}

/// Returns what the file system says of a file.
pub fn stat_of(metadata: &Metadata) -> Stat {
    let mtime = metadata.modified().ok().map_or(0, nanoseconds);
    #[cfg(unix)]
    let (ctime, inode) = {
        use std::os::unix::fs::MetadataExt;
        (
            metadata.ctime().saturating_mul(1_000_000_000).saturating_add(metadata.ctime_nsec()),
            metadata.ino(),
        )
    };
    #[cfg(not(unix))]
    let (ctime, inode) = (0, 0);
    Stat { size: metadata.len(), mtime, ctime, inode }
}

/// Returns nanoseconds since 1970, before it negative, within what 64 bits hold.
pub fn nanoseconds(time: std::time::SystemTime) -> i64 {
    let limit = |d: std::time::Duration| i64::try_from(d.as_nanos()).unwrap_or(i64::MAX);
    match time.duration_since(std::time::UNIX_EPOCH) {
        Ok(after) => limit(after),
        Err(before) => -limit(before.duration()),
    }
}

/// Returns whether a file's contents are still with the sync tool, so that reading would fetch it.
#[cfg(target_os = "macos")]
fn is_placeholder(metadata: &Metadata) -> bool {
    use std::os::macos::fs::MetadataExt;
    const SF_DATALESS: u32 = 0x4000_0000;
    metadata.st_flags() & SF_DATALESS != 0
}

/// Returns whether a file's contents are still with the sync tool, so that reading would fetch it.
#[cfg(windows)]
fn is_placeholder(metadata: &Metadata) -> bool {
    use std::os::windows::fs::MetadataExt;
    const OFFLINE: u32 = 0x1000;
    const RECALL_ON_OPEN: u32 = 0x4_0000;
    const RECALL_ON_DATA_ACCESS: u32 = 0x40_0000;
    metadata.file_attributes() & (OFFLINE | RECALL_ON_OPEN | RECALL_ON_DATA_ACCESS) != 0
}

/// Returns whether a file's contents are still with the sync tool: never known here.
#[cfg(not(any(target_os = "macos", windows)))]
fn is_placeholder(_: &Metadata) -> bool {
    false
}
