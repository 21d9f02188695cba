//! Asks Syncthing to look at once at what was written into an outbox.
//!
//! By itself it looks some seconds after a change. When it is asked, what was written is with who is
//! connected in some hundredths of a second.

use super::syncthing::{Client, Error, Folder, Home, Role, find};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

/// How long all of it may take where somebody waits: three questions.
const SHORT: Duration = Duration::from_millis(400);
/// How long it may take where nobody does.
const LONG: Duration = Duration::from_secs(10);

/// Asks for a look at some paths in the box `folder`, or at all of it. Returns whether Syncthing
/// carries that box. Takes some hundredths of a second, and less than half a second in any case.
///
/// # Errors
/// When Syncthing is not found or does not do it.
pub fn ring(home: &Home, folder: &Path, below: &[String]) -> Result<bool, Error> {
    let client = Client::in_all(find(home)?, SHORT);
    ring_by(&client, folder, below)
}

fn ring_by(client: &Client, folder: &Path, below: &[String]) -> Result<bool, Error> {
    let own = client.own_id()?;
    let folders = client.folders(&own)?;
    let wanted = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let is_it = |one: &&Folder| {
        let path = std::fs::canonicalize(&one.path).unwrap_or_else(|_| one.path.clone());
        path == wanted && one.role != Role::Receive && !one.paused
    };
    let Some(found) = folders.iter().find(is_it) else { return Ok(false) };
    client.scan(&found.id, below)?;
    Ok(true)
}

/// Asks on a thread of its own, for a process that goes on.
#[derive(Debug)]
pub struct Ringer(Sender<PathBuf>);

impl Ringer {
    /// Starts the thread. `fail` hears why Syncthing could not be asked, and of which box.
    pub fn start(home: Home, mut fail: impl FnMut(&Path, &Error) + Send + 'static) -> Ringer {
        let (sender, folders) = mpsc::channel::<PathBuf>();
        let work = move || {
            while let Ok(first) = folders.recv() {
                // Of those that wait, each once.
                let mut waiting = vec![first];
                waiting.extend(folders.try_iter());
                waiting.sort();
                waiting.dedup();
                // One that stands still does not keep the others waiting.
                for folder in waiting {
                    let rung = find(&home)
                        .map_err(Error::from)
                        .and_then(|door| ring_by(&Client::in_all(door, LONG), &folder, &[]));
                    if let Err(error) = rung {
                        fail(&folder, &error);
                    }
                }
            }
        };
        // Without a thread, Syncthing looks when it does by itself.
        let _ = std::thread::Builder::new().name("ring".to_owned()).spawn(work);
        Ringer(sender)
    }

    /// Has a box looked at.
    pub fn ring(&self, folder: PathBuf) {
        // The thread could not be started.
        let _ = self.0.send(folder);
    }
}
