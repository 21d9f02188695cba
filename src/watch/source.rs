//! Where events come from: the system. Where it tells nothing, the loop looks by itself.

use crate::listing::leftovers::is_ours;
use notify::{Config, ErrorKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a file that is written in place must lie still, where nobody says when it is closed.
const STILL: Duration = Duration::from_millis(300);
/// The same where the system says it: only for the case that it was not told.
const NEVER_CLOSED: Duration = Duration::from_secs(30);

/// How changes are learned of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// By the system's events.
    Native,
    /// By looking again and again: for network drives, and where there are no events.
    Poll(Duration),
}

impl How {
    /// Returns how often is looked where nobody tells of changes.
    pub fn every(self) -> Option<Duration> {
        match self {
            How::Native => None,
            How::Poll(every) => Some(every),
        }
    }

    /// Returns how long a file that is written under its own name must lie still.
    pub fn still(self) -> Duration {
        match self {
            How::Native if cfg!(any(target_os = "linux", target_os = "android")) => NEVER_CLOSED,
            _ => STILL,
        }
    }
}

/// What is watched, and what is not.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'g> {
    /// The base folder.
    pub base: &'g Path,
    /// The theme's folder below it.
    pub theme: &'g str,
    /// Output and state, which this program writes itself.
    pub ours: [&'g Path; 2],
}

/// A watch on a base folder: its own entries, and all that lies in its contacts and its theme.
pub struct Source {
    /// None where the loop looks by itself.
    _watcher: Option<RecommendedWatcher>,
    folders: BTreeSet<PathBuf>,
    identity: Identity,
}

/// What tells one folder from another that has taken its name.
type Identity = Option<(u64, u64)>;

impl Source {
    /// Begins to watch. `send` is called on a thread of its own and must be quick.
    ///
    /// # Errors
    /// When the system does not let so many folders be watched, or the base folder is not there.
    pub fn open(
        ground: Ground<'_>,
        how: How,
        send: impl Fn(notify::Result<notify::Event>) + Send + 'static,
    ) -> notify::Result<Source> {
        let identity = identity(ground.base);
        let folders = folders(ground);
        if how != How::Native {
            return Ok(Source { _watcher: None, folders, identity });
        }
        let config = Config::default().with_follow_symlinks(false);
        let mut watcher = RecommendedWatcher::new(send, config)?;
        watcher.watch(ground.base, RecursiveMode::NonRecursive)?;
        for folder in &folders {
            watch(&mut watcher, folder)?;
        }
        Ok(Source { _watcher: Some(watcher), folders, identity })
    }

    /// Returns whether this is a watch on the folders that are there now: it is not where the base
    /// folder was replaced, or contacts came or went.
    pub fn is_current(&self, ground: Ground<'_>) -> bool {
        self.identity == identity(ground.base) && self.folders == folders(ground)
    }
}

/// Watches a folder with all that is in it. Where a folder in it cannot be read, or goes meanwhile,
/// the others are watched one by one; what is made in these later is found by the next look at
/// everything.
fn watch(watcher: &mut RecommendedWatcher, folder: &Path) -> notify::Result<()> {
    match watcher.watch(folder, RecursiveMode::Recursive) {
        Err(error) if !is_limit(&error) => {}
        result => return result,
    }
    let below = walkdir::WalkDir::new(folder).into_iter().flatten();
    for entry in below.filter(|entry| entry.file_type().is_dir()) {
        match watcher.watch(entry.path(), RecursiveMode::NonRecursive) {
            Err(error) if is_limit(&error) => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Returns whether the system lets no more be watched.
fn is_limit(error: &notify::Error) -> bool {
    // Of the errors of Linux, EMFILE and ENFILE have no kind of their own.
    let full = |error: &io::Error| matches!(error.raw_os_error(), Some(23 | 24 | 28));
    match &error.kind {
        ErrorKind::MaxFilesWatch => true,
        ErrorKind::Io(error) => full(error),
        _ => false,
    }
}

/// Returns the folders that are watched with all that is in them.
fn folders(ground: Ground<'_>) -> BTreeSet<PathBuf> {
    let Ground { base, theme, ours } = ground;
    let entries = std::fs::read_dir(base).into_iter().flatten().flatten();
    let contacts = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let contacts = contacts.filter(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let own = ours.iter().any(|own| own.starts_with(entry.path()));
        !name.starts_with(['.', '_']) && !is_ours(&name) && !own
    });
    // A theme inside the program has no folder.
    let theme = (!theme.is_empty()).then(|| base.join(theme)).filter(|theme| theme.is_dir());
    contacts.map(|entry| entry.path()).chain(theme).collect()
}

#[cfg(unix)]
fn identity(base: &Path) -> Identity {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(base).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(base: &Path) -> Identity {
    let made = std::fs::metadata(base).ok()?.created().ok()?;
    let since = made.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some((since.as_secs(), u64::from(since.subsec_nanos())))
}
