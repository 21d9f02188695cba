//! How things stand with the boxes that the engine carries.

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What the engine says of a base folder.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct State {
    /// The process that runs it.
    pub process: u32,
    /// The boxes that it carries, by contact.
    pub boxes: Vec<Status>,
    /// Where this device is found, as links name it: for channels and for conversations.
    pub here: Vec<String>,
    /// Why it does not run, a sentence for people.
    pub stopped: Option<String>,
}

/// A box that is carried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The name of the contact's folder.
    pub contact: String,
    /// Whether it is an inbox.
    pub is_inbox: bool,
    /// How many peers are known.
    pub known: usize,
    /// How many of them are connected.
    pub connected: usize,
    /// When somebody was last in touch, in seconds since 1970.
    pub contact_at: Option<i64>,
    /// Files that are still to come.
    pub arriving: usize,
    /// How many bytes of them are here, of how many.
    pub bytes: (u64, u64),
    /// What goes wrong.
    pub troubles: Vec<Trouble>,
}

/// What goes wrong with a box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trouble {
    /// Files of the channel that are not taken: how many, one of them, and why.
    Refused(usize, String, String),
    /// Files of one's own that cannot be sent: how many, one of them, and why.
    Unsent(usize, String, String),
    /// A file was changed in an inbox; what stood there was kept.
    Altered(String),
    /// Two have written the same file at once; both are there.
    Conflict(String),
    /// What another replaced or removed was kept.
    Kept(String),
    /// The box is not there, or has lost all its files at once.
    Lost,
    /// A clock is wrong: somebody's words are of a time that has not come here.
    Clock,
    /// An outbox for whoever has the key has an inbox beside it: it is not sent any more.
    Private,
    /// The channel holds so much that it is not followed any more.
    Flooded,
    /// Something of the disk or the store, in its words.
    Disk(String),
}

impl Status {
    /// Returns the status of a box of which nothing is known yet.
    pub fn new(contact: &str, is_inbox: bool) -> Status {
        Status {
            contact: contact.to_owned(),
            is_inbox,
            known: 0,
            connected: 0,
            contact_at: None,
            arriving: 0,
            bytes: (0, 0),
            troubles: Vec::new(),
        }
    }
}

impl State {
    /// Reads what a running engine of another process says; none where none runs.
    pub fn of_other(state: &Path) -> Option<State> {
        if !is_running(state) {
            return None;
        }
        let bytes = std::fs::read(file(state)).ok()?;
        serde_json::from_slice(&bytes).ok()
    }
}

/// Returns where a running engine writes what it says.
pub fn file(state: &Path) -> PathBuf {
    state.join("state").join("engine").join("running.json")
}

/// Returns the file that a running engine holds locked.
pub fn lock_file(state: &Path) -> PathBuf {
    state.join("state").join("engine").join("running.lock")
}

fn is_running(state: &Path) -> bool {
    let Ok(file) = std::fs::File::open(lock_file(state)) else { return false };
    matches!(file.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock))
}
