//! Who asks to have a folder, and letting them.

use super::{Client, Trouble};
use crate::diagnostic::shown;
use crate::keys::syncthing::{DeviceId, FolderId};
use crate::text::cut;
use serde_json::json;

/// A device that asks to have a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Knock {
    /// Which.
    pub device: DeviceId,
    /// What it calls itself: a stranger's words, made safe to show.
    pub name: String,
    /// From where it asks; empty for one that is known already.
    pub address: String,
    /// Whether it is set up in Syncthing, and only the folder is not shared with it.
    pub known: bool,
}

/// How long a name of a stranger may be.
const NAME: usize = 60;

impl Client {
    /// Returns who asks for a folder: devices that are not known, which do not say what for, and
    /// known ones that want this folder.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn knocking(&self, folder: &FolderId) -> Result<Vec<Knock>, Trouble> {
        let mut knocks = self.strangers()?;
        let offers = self.get("/rest/cluster/pending/folders")?;
        let by = &offers[folder.as_str()]["offeredBy"];
        let devices = by.as_object().into_iter().flat_map(|by| by.keys());
        for device in devices.filter_map(|id| DeviceId::parse(id)) {
            let name = self.name_of(&device)?;
            knocks.push(Knock { device, name, address: String::new(), known: true });
        }
        Ok(knocks)
    }

    /// Returns the devices that ask and are not known.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn strangers(&self) -> Result<Vec<Knock>, Trouble> {
        let pending = self.get("/rest/cluster/pending/devices")?;
        let pending = pending.as_object().ok_or(Trouble::Odd)?;
        let knock = |(id, said): (&String, &serde_json::Value)| {
            let text = |key: &str| shown(&cut(said[key].as_str().unwrap_or_default(), NAME));
            let device = DeviceId::parse(id)?;
            Some(Knock { device, name: text("name"), address: text("address"), known: false })
        };
        Ok(pending.iter().filter_map(knock).collect())
    }

    fn name_of(&self, device: &DeviceId) -> Result<String, Trouble> {
        let devices = self.get("/rest/config/devices")?;
        let mut devices = devices.as_array().into_iter().flatten();
        let found = devices.find(|one| one["deviceID"] == device.as_str());
        let name = found.and_then(|one| one["name"].as_str()).unwrap_or_default();
        Ok(shown(&cut(name, NAME)))
    }

    /// Makes a device known. One that is known stays as it is set up; but it is an introducer no
    /// longer where it must never be one.
    ///
    /// # Errors
    /// When Syncthing does not do it.
    pub fn know(
        &self,
        device: &DeviceId,
        name: &str,
        addresses: &[String],
        introducer: Introducer,
    ) -> Result<Met, Trouble> {
        let devices = self.get("/rest/config/devices")?;
        let mut devices = devices.as_array().into_iter().flatten();
        if let Some(known) = devices.find(|one| one["deviceID"] == device.as_str()) {
            let introduces = known["introducer"] == true;
            if introduces && introducer == Introducer::Never {
                let path = format!("/rest/config/devices/{device}");
                self.send("PATCH", &path, &json!({ "introducer": false }))?;
                return Ok(Met::TakenBack);
            }
            return Ok(Met::Known { introduces });
        }
        // All is said that matters: what is not said comes from the defaults that the person set.
        let mut body = json!({
            "deviceID": device.as_str(), "name": name,
            "introducer": introducer == Introducer::Yes, "autoAcceptFolders": false,
        });
        if !addresses.is_empty() {
            let dynamic = std::iter::once("dynamic");
            body["addresses"] = addresses.iter().map(String::as_str).chain(dynamic).collect();
        }
        self.send("POST", "/rest/config/devices", &body)?;
        Ok(Met::New)
    }
}

/// Whether a device may make those known to us that have the same folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Introducer {
    /// It may: readers of a channel find each other by its author.
    Yes,
    /// It may not, unless the person has said before that it may.
    No,
    /// It may not, whatever was said before.
    Never,
}

/// What was found when a device was made known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met {
    /// It was not known.
    New,
    /// It was, and is as it was.
    Known {
        /// Whether it makes others known.
        introduces: bool,
    },
    /// It was, and made others known: no longer.
    TakenBack,
}
