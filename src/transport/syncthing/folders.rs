//! Folders of Syncthing: an outbox is shared to send only, an inbox to receive only.

use super::client::escaped;
use super::find::expanded;
use super::{Client, Error, Trouble};
use crate::keys::syncthing::{DeviceId, FolderId};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What a folder is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// What lies here goes out, and nothing comes in.
    Send,
    /// What comes in lies here, and nothing goes out.
    Receive,
    /// Both, or anything else that can be set.
    Other,
}

impl Role {
    fn word(self) -> &'static str {
        match self {
            Role::Send => "sendonly",
            Role::Receive => "receiveonly",
            Role::Other => "sendreceive",
        }
    }

    /// Returns what Syncthing's page calls it.
    fn title(self) -> &'static str {
        match self {
            Role::Send => "Send Only",
            Role::Receive => "Receive Only",
            Role::Other => "Send & Receive",
        }
    }
}

/// A folder that is set up in Syncthing.
#[derive(Debug, Clone)]
pub struct Folder {
    /// Its id, as Syncthing has it.
    pub id: String,
    /// Where it lies.
    pub path: PathBuf,
    /// What it is for.
    pub role: Role,
    /// Whether it stands still.
    pub paused: bool,
    /// Who has it beside this device.
    pub devices: Vec<DeviceId>,
}

/// A folder that is shared now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// Its id.
    pub id: FolderId,
    /// Whether it was set up just now.
    pub is_new: bool,
}

impl Client {
    /// Returns all folders, with those devices that are not `own`.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn folders(&self, own: &DeviceId) -> Result<Vec<Folder>, Trouble> {
        let all = self.get("/rest/config/folders")?;
        let all = all.as_array().ok_or(Trouble::Odd)?;
        Ok(all.iter().filter_map(|folder| read(folder, own)).collect())
    }

    /// Returns the folder that lies at a path.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn folder_at(&self, path: &Path) -> Result<Option<Folder>, Trouble> {
        let folders = self.folders(&self.own_id()?)?;
        Ok(folders.into_iter().find(|folder| is_same(&folder.path, path)))
    }

    /// Shares a folder to send only, under an id if it is not set up yet.
    ///
    /// # Errors
    /// When it is set up so that others could write into it, when the id is taken, or when
    /// Syncthing does not do it.
    pub fn offer(&self, path: &Path, id: &FolderId, label: &str) -> Result<Offered, Error> {
        self.set_up(path, id, label, Role::Send)
    }

    /// Takes a folder to receive only.
    ///
    /// # Errors
    /// When it is set up otherwise, when the id is taken, or when Syncthing does not do it.
    pub fn receive(&self, path: &Path, id: &FolderId, label: &str) -> Result<Offered, Error> {
        let offered = self.set_up(path, id, label, Role::Receive)?;
        if offered.id != *id {
            return Err(Error::InTheWay(format!(
                "Syncthing fills `{}` already, with the folder `{}`",
                path.display(),
                offered.id
            )));
        }
        Ok(offered)
    }

    fn set_up(
        &self,
        path: &Path,
        id: &FolderId,
        label: &str,
        role: Role,
    ) -> Result<Offered, Error> {
        let own = self.own_id()?;
        let folders = self.folders(&own)?;
        if let Some(folder) = folders.iter().find(|folder| is_same(&folder.path, path)) {
            if folder.role != role {
                return Err(Error::InTheWay(wrong_role(folder, role)));
            }
            let id = FolderId::parse(&folder.id).ok_or_else(|| {
                Error::InTheWay(format!(
                    "the folder `{}` of Syncthing has an id that fits into no link: letters, digits, \
                     `.`, `_` and `-` alone do",
                    crate::diagnostic::shown(&folder.id)
                ))
            })?;
            return Ok(Offered { id, is_new: false });
        }
        if let Some(folder) = folders.iter().find(|folder| folder.id == id.as_str()) {
            return Err(Error::InTheWay(format!(
                "Syncthing has the folder `{id}` already, at `{}`",
                folder.path.display()
            )));
        }
        let path = path.to_str().ok_or_else(|| {
            Error::InTheWay(format!("`{}` is no path that Syncthing takes", path.display()))
        })?;
        // Syncthing 2 waits a second before it fetches; 1 does not know the key. Without `devices`
        // it would be shared with those of the defaults that the person set.
        let body = json!({
            "id": id.as_str(), "label": label, "path": path, "type": role.word(), "pullerDelayS": 0,
            "devices": [],
        });
        self.send("POST", "/rest/config/folders", &body)?;
        Ok(Offered { id: id.clone(), is_new: true })
    }

    /// Returns who has any of some folders beside this device, each once.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn who_has(&self, ids: &[FolderId]) -> Result<Vec<DeviceId>, Trouble> {
        let folders = self.folders(&self.own_id()?)?.into_iter();
        let wanted = folders.filter(|folder| ids.iter().any(|id| id.as_str() == folder.id));
        let mut devices: Vec<DeviceId> = wanted.flat_map(|folder| folder.devices).collect();
        devices.sort();
        devices.dedup();
        Ok(devices)
    }

    /// Shares a folder with more devices. Those that have it keep it.
    ///
    /// # Errors
    /// When there is no such folder, or Syncthing does not do it.
    pub fn share_with(&self, id: &FolderId, devices: &[DeviceId]) -> Result<(), Error> {
        let path = format!("/rest/config/folders/{}", escaped(id.as_str()));
        // Whoever else changes the list at the same time may undo it: it is looked at afterwards.
        for _ in 0..3 {
            let mut list = self.get(&path)?["devices"].as_array().cloned().ok_or(Trouble::Odd)?;
            let has =
                |device: &&DeviceId| list.iter().any(|one| one["deviceID"] == device.as_str());
            let missing: Vec<&DeviceId> = devices.iter().filter(|device| !has(device)).collect();
            if missing.is_empty() {
                return Ok(());
            }
            list.extend(missing.iter().map(|device| json!({ "deviceID": device.as_str() })));
            self.send("PATCH", &path, &json!({ "devices": list }))?;
        }
        Err(Error::InTheWay("Syncthing does not keep the list of who has the folder".into()))
    }

    /// Has a folder looked at now: what lies at `below` in it, or all of it.
    ///
    /// # Errors
    /// When it does not answer, or cannot look.
    pub fn scan(&self, id: &str, below: &[String]) -> Result<(), Trouble> {
        let below = below.iter().map(|path| format!("&sub={}", escaped(path)));
        let path = format!("/rest/db/scan?folder={}{}", escaped(id), below.collect::<String>());
        self.send("POST", &path, &Value::Null)
    }
}

/// Returns whether there is a conversation with a device: it has a box of a contact of which one box
/// goes out and another comes in.
pub fn converses(folders: &[Folder], device: &DeviceId) -> bool {
    let is_pair = |a: &Folder, b: &Folder| {
        let both = [(a.role, b.role), (b.role, a.role)].contains(&(Role::Send, Role::Receive));
        both && a.path.parent() == b.path.parent()
    };
    let mut theirs = folders.iter().filter(|folder| folder.devices.contains(device));
    theirs.any(|one| folders.iter().any(|other| is_pair(one, other)))
}

fn read(folder: &Value, own: &DeviceId) -> Option<Folder> {
    let devices = folder["devices"].as_array()?.iter();
    let devices = devices.filter_map(|one| DeviceId::parse(one["deviceID"].as_str()?));
    Some(Folder {
        id: folder["id"].as_str()?.to_owned(),
        path: expanded(folder["path"].as_str()?),
        role: match folder["type"].as_str()? {
            "sendonly" => Role::Send,
            "receiveonly" => Role::Receive,
            _ => Role::Other,
        },
        paused: folder["paused"].as_bool().unwrap_or(false),
        devices: devices.filter(|device| device != own).collect(),
    })
}

fn is_same(a: &Path, b: &Path) -> bool {
    match (std::fs::canonicalize(a), std::fs::canonicalize(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    }
}

fn wrong_role(folder: &Folder, role: Role) -> String {
    let why = match role {
        Role::Send => "whoever has it could write in your name",
        Role::Receive | Role::Other => "what you change here would go to everybody",
    };
    format!(
        "Syncthing shares `{}` as `{}`, and {why}: set it to `{}` on its page first",
        folder.path.display(),
        folder.role.title(),
        role.title()
    )
}
