//! The texts of messages, for pages that show them.

use super::boxes::BoxDir;
use super::decoded::text_of;
use super::read::ReadContact;
use crate::config::Settings;
use crate::diagnostic::Owner;
use crate::hash::Hash;
use crate::library::contact::text_limit;
use crate::library::history::Version;
use crate::library::{Message, Side};
use crate::render::Texts;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The texts of messages, read again when a page shows them.
pub struct DiskTexts<'d> {
    boxes: BTreeMap<(&'d str, Side), &'d BoxDir>,
    settings: &'d Settings,
    state: &'d Path,
}

impl<'d> DiskTexts<'d> {
    /// Returns the texts of these contacts.
    pub fn new(
        contacts: &'d [Arc<ReadContact>],
        settings: &'d Settings,
        state: &'d Path,
    ) -> DiskTexts<'d> {
        let boxes = contacts.iter().map(|contact| &contact.scanned).flat_map(|contact| {
            contact.boxes.iter().map(|boxed| ((contact.name.as_str(), boxed.side), &*boxed.dir))
        });
        DiskTexts { boxes: boxes.collect(), settings, state }
    }

    /// Returns the local state's folder.
    pub fn state(&self) -> &'d Path {
        self.state
    }

    /// Returns the handle of a box.
    pub fn dir(&self, contact: &str, side: Side) -> Option<&'d BoxDir> {
        self.boxes.get(&(contact, side)).copied()
    }
}

impl Texts for DiskTexts<'_> {
    fn text(&self, message: &Message) -> Option<String> {
        let dir = self.dir(&message.head.name, message.side)?;
        let limit = text_limit(message.side, &self.settings.limits);
        let bytes = dir.read(&message.file, limit).ok()??;
        let unchanged = Hash::of(&bytes) == message.source;
        unchanged.then(|| text_of(&bytes, "", Owner::Own, &mut Vec::new()))?
    }

    fn earlier(&self, version: &Version) -> Option<String> {
        crate::disk::versions::text(self.state, version.source)
    }
}
