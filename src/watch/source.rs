//! Where events come from: the system, or a poll where the system tells nothing.

use crate::listing::leftovers::is_ours;
use notify::{Config, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeSet;
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
    /// Returns how long a file that is written under its own name must lie still.
    pub fn still(self) -> Duration {
        match self {
            How::Native if cfg!(any(target_os = "linux", target_os = "android")) => NEVER_CLOSED,
            _ => STILL,
        }
    }
}

/// A watch on a base folder: its own entries, and all that lies in its contacts and its theme. The
/// output and the state are not watched.
pub struct Source {
    _watcher: Box<dyn Watcher + Send>,
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
        base: &Path,
        theme: &str,
        how: How,
        send: impl Fn(notify::Result<notify::Event>) + Send + 'static,
    ) -> notify::Result<Source> {
        let identity = identity(base);
        let config = Config::default().with_follow_symlinks(false);
        let mut watcher: Box<dyn Watcher + Send> = match how {
            How::Native => Box::new(RecommendedWatcher::new(send, config)?),
            How::Poll(every) => {
                Box::new(notify::PollWatcher::new(send, config.with_poll_interval(every))?)
            }
        };
        watcher.watch(base, RecursiveMode::NonRecursive)?;
        let folders = folders(base, theme);
        for folder in &folders {
            match watcher.watch(folder, RecursiveMode::Recursive) {
                // Gone since it was listed.
                Err(error) if !folder.is_dir() => drop(error),
                result => result?,
            }
        }
        Ok(Source { _watcher: watcher, folders, identity })
    }

    /// Returns whether this is a watch on the folders that are there now: it is not where the base
    /// folder was replaced, or contacts came or went.
    pub fn is_current(&self, base: &Path, theme: &str) -> bool {
        self.identity == identity(base) && self.folders == folders(base, theme)
    }
}

/// Returns the folders that are watched with all that is in them.
fn folders(base: &Path, theme: &str) -> BTreeSet<PathBuf> {
    let entries = std::fs::read_dir(base).into_iter().flatten().flatten();
    let contacts = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let contacts = contacts.filter(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        !name.starts_with(['.', '_']) && !is_ours(&name)
    });
    let theme = base.join(theme);
    let theme = theme.is_dir().then_some(theme);
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
