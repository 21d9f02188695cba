//! Keeps the state of the boxes current: waits for events of Syncthing, then asks how things stand.
//!
//! An event only says that something happened. Whatever it was, everything is asked again, so that
//! none can be missed: not by a restart of Syncthing, nor while the machine slept.

use super::state::{self, State};
use super::syncthing::{Client, Door, Home, NotFound, Trouble, find};
use serde_json::Value;
use std::convert::Infallible;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long one waits for an event before asking anyway.
const WAIT: Duration = Duration::from_secs(20);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How soon after the last time is asked again: many events come at once.
const PAUSE: Duration = Duration::from_millis(500);
/// How long is waited where Syncthing does not answer, and at most.
const AGAIN: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(15));

/// The events after which something may be another than it was.
const EVENTS: &str = "ConfigSaved,DeviceConnected,DeviceDisconnected,DevicePaused,DeviceResumed,\
                      FolderErrors,FolderPaused,FolderResumed,FolderSummary,ItemFinished,\
                      LocalChangeDetected,PendingDevicesChanged,PendingFoldersChanged,StateChanged";

/// What is known of Syncthing now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// There are no settings of it here: nobody uses it.
    Unused,
    /// It cannot be asked, or does not answer as it should.
    Failed {
        /// Why.
        why: Why,
        /// Whether its settings name a box of the base folder.
        carries: bool,
    },
    /// It says this.
    Said(State),
}

/// Why Syncthing says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// As it is set up, it cannot be asked.
    Barred(NotFound),
    /// It was asked in vain.
    Trouble(Trouble),
}

/// Asks once how things stand. `patience` is how long an answer may take.
pub fn once(home: &Home, base: &Path, patience: Duration) -> Known {
    let asked = find(home)
        .map_err(Why::Barred)
        .and_then(|door| State::ask(&Client::new(door, patience), base).map_err(Why::Trouble));
    asked.map_or_else(|why| failed(why, home, base), Known::Said)
}

fn failed(why: Why, home: &Home, base: &Path) -> Known {
    match why {
        Why::Barred(NotFound::Nowhere) => Known::Unused,
        why => Known::Failed { why, carries: state::carries(home, base) },
    }
}

/// Follows the state of the boxes below `base`, on a thread of its own that ends with the process.
/// `tell` is called when something is another than before.
pub fn start(home: Home, base: &Path, mut tell: impl FnMut(&Known) + Send + 'static) {
    let base = base.to_owned();
    let work = move || {
        let mut last = None::<Known>;
        let mut say = |known: Known| {
            if last.as_ref() != Some(&known) {
                tell(&known);
                last = Some(known);
            }
        };
        let mut again = AGAIN.0;
        loop {
            let begun = Instant::now();
            let why = follow(&home, &base, &mut say);
            say(failed(why, &home, &base));
            // One that answered for some time has only just gone.
            again = if begun.elapsed() > WAIT { AGAIN.0 } else { (again * 2).min(AGAIN.1) };
            std::thread::sleep(again);
        }
    };
    // Without a thread, nothing is told of Syncthing; all else works.
    let _ = std::thread::Builder::new().name("syncthing".to_owned()).spawn(work);
}

/// Follows until Syncthing no longer answers; returns why it does not.
fn follow(home: &Home, base: &Path, say: &mut dyn FnMut(Known)) -> Why {
    let door = match find(home) {
        Ok(door) => door,
        Err(why) => return Why::Barred(why),
    };
    match follow_by(door, base, say) {
        Ok(never) => match never {},
        Err(why) => Why::Trouble(why),
    }
}

fn follow_by(door: Door, base: &Path, say: &mut dyn FnMut(Known)) -> Result<Infallible, Trouble> {
    let client = Client::new(door.clone(), PATIENCE);
    let waiting = Client::new(door, WAIT + PATIENCE);
    // The number of the last event; none as long as it is not known. They count from 1 again after a
    // restart, and one from before would be waited for in vain.
    let mut since = newest(&client)?;
    loop {
        say(Known::Said(State::ask(&client, base)?));
        std::thread::sleep(PAUSE);
        let wait = WAIT.as_secs();
        let path = format!("/rest/events?events={EVENTS}&since={since}&timeout={wait}");
        let events = waiting.get(&path)?;
        since = match last_id(&events) {
            Some(id) => id,
            // Nothing for so long may also mean that they count anew.
            None => newest(&client)?,
        };
    }
}

/// Returns the number of the newest event of these kinds, 0 where there was none.
fn newest(client: &Client) -> Result<u64, Trouble> {
    let path = format!("/rest/events?events={EVENTS}&since=0&limit=1&timeout=1");
    Ok(last_id(&client.get(&path)?).unwrap_or(0))
}

fn last_id(events: &Value) -> Option<u64> {
    events.as_array()?.iter().filter_map(|event| event["id"].as_u64()).max()
}
