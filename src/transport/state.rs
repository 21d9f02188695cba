//! How things stand with the boxes that Syncthing carries.

use super::syncthing::{self, Client, Folder, Home, Knock, Role, Trouble};
use crate::diagnostic::shown;
use crate::keys::syncthing::DeviceId;
use crate::text::cut;
use serde_json::Value;
use std::path::Path;

/// More folders than this are not asked for: an answer costs Syncthing some work.
const MOST: usize = 500;
/// How long a name or a sentence from outside may be.
const WORDS: usize = 200;

/// What Syncthing says of a base folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The address of its page.
    pub page: String,
    /// The boxes that it carries, by path.
    pub boxes: Vec<Carried>,
    /// Devices that are not known and ask for something.
    pub strangers: Vec<Knock>,
}

/// A box that Syncthing carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// The name of the contact's folder.
    pub contact: String,
    /// The name of the box: `inbox` or `outbox`, in any case.
    pub folder: String,
    /// The id of the folder in Syncthing.
    pub id: String,
    /// What it is for.
    pub role: Role,
    /// With how many devices it is shared.
    pub devices: usize,
    /// How many of them are connected.
    pub connected: usize,
    /// How many known devices ask for it.
    pub asking: usize,
    /// What happens now.
    pub phase: Phase,
    /// How many files here are others than were sent, where it only receives.
    pub altered: u64,
    /// What goes wrong with single files: how many.
    pub failing: u64,
    /// The newest file that arrived.
    pub last: Option<LastFile>,
}

/// What happens in a folder now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// Nothing: all is there.
    Still,
    /// It is looked at.
    Looking,
    /// So many files are still to come.
    Arriving(u64),
    /// It is paused.
    Paused,
    /// It does not go on, for this reason.
    Stuck(String),
}

/// The newest file that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastFile {
    /// Its name in the box: a stranger's words, made safe to show.
    pub name: String,
    /// When, RFC 3339.
    pub at: String,
}

impl State {
    /// Asks for the state of the boxes below a base folder.
    ///
    /// # Errors
    /// When Syncthing does not answer.
    pub fn ask(client: &Client, base: &Path) -> Result<State, Trouble> {
        let own = client.own_id()?;
        let base = std::fs::canonicalize(base).unwrap_or_else(|_| base.to_owned());
        let ours = |folder: Folder| Some((place(&folder.path, &base)?, folder));
        let mut folders: Vec<_> = client.folders(&own)?.into_iter().filter_map(ours).collect();
        folders.truncate(MOST);
        folders.sort_by(|a, b| a.0.cmp(&b.0));
        let connections = client.get("/rest/system/connections")?;
        let stats = client.get("/rest/stats/folder")?;
        let offers = client.get("/rest/cluster/pending/folders")?;
        let about = About { client, connections, stats, offers };
        let boxes = folders.into_iter().map(|(place, folder)| about.carried(place, folder));
        Ok(State {
            page: client.page(),
            boxes: boxes.collect::<Result<_, _>>()?,
            strangers: client.strangers()?,
        })
    }
}

/// Returns whether the settings of Syncthing name a box of a base folder, whether it runs or not.
pub fn carries(home: &Home, base: &Path) -> bool {
    let base = std::fs::canonicalize(base).unwrap_or_else(|_| base.to_owned());
    syncthing::folders(home).iter().any(|path| place(path, &base).is_some())
}

/// Returns contact and box of a folder that is a box of the base folder.
fn place(path: &Path, base: &Path) -> Option<(String, String)> {
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut parts = path.strip_prefix(base).ok()?.iter().map(|part| part.to_str());
    let (contact, folder) = (parts.next()??, parts.next()??);
    let is_box = matches!(&*crate::path::fold(folder), "inbox" | "outbox");
    (is_box && parts.next().is_none()).then(|| (contact.to_owned(), folder.to_owned()))
}

struct About<'a> {
    client: &'a Client,
    connections: Value,
    stats: Value,
    offers: Value,
}

impl About<'_> {
    fn carried(&self, place: (String, String), folder: Folder) -> Result<Carried, Trouble> {
        let query: String = url::form_urlencoded::byte_serialize(folder.id.as_bytes()).collect();
        // A folder that has only just been set up may not be known yet.
        let status = match self.client.get(&format!("/rest/db/status?folder={query}")) {
            Err(Trouble::Refused(..)) => Value::Null,
            other => other?,
        };
        let number = |key: &str| status[key].as_u64().unwrap_or(0);
        let asking = self.offers[&folder.id]["offeredBy"].as_object().map_or(0, |by| by.len());
        let is_on = |device: &&DeviceId| {
            self.connections["connections"][device.as_str()]["connected"] == true
        };
        Ok(Carried {
            contact: place.0,
            folder: place.1,
            role: folder.role,
            connected: folder.devices.iter().filter(is_on).count(),
            devices: folder.devices.len(),
            asking,
            phase: phase(&folder, &status),
            altered: if folder.role == Role::Receive { altered(&status) } else { 0 },
            failing: number("pullErrors").max(number("errors")),
            last: last(&self.stats[&folder.id]["lastFile"]),
            id: folder.id,
        })
    }
}

fn phase(folder: &Folder, status: &Value) -> Phase {
    let need = status["needTotalItems"].as_u64().unwrap_or(0);
    match status["state"].as_str().unwrap_or_default() {
        _ if folder.paused => Phase::Paused,
        "error" => {
            let why = status["error"].as_str().unwrap_or_default();
            Phase::Stuck(shown(&cut(why, WORDS)))
        }
        "scanning" | "scan-waiting" | "cleaning" | "clean-waiting" => Phase::Looking,
        // What it sends never arrives here, whatever others have.
        _ if folder.role != Role::Send && need > 0 => Phase::Arriving(need),
        _ => Phase::Still,
    }
}

/// Returns how many files were changed, added or deleted here (1.19 has no sum of them).
fn altered(status: &Value) -> u64 {
    let parts = ["Files", "Directories", "Symlinks", "Deletes"];
    let part = |name: &&str| status[format!("receiveOnlyChanged{name}")].as_u64().unwrap_or(0);
    status["receiveOnlyTotalItems"].as_u64().unwrap_or(0).max(parts.iter().map(part).sum())
}

fn last(stats: &Value) -> Option<LastFile> {
    // One that was deleted has not arrived.
    if stats["deleted"] == true {
        return None;
    }
    let name = stats["filename"].as_str().filter(|name| !name.is_empty())?;
    let at = stats["at"].as_str()?;
    Some(LastFile { name: shown(&cut(name, WORDS)), at: shown(&cut(at, WORDS)) })
}
