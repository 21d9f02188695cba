//! What lies in a drafts folder: its texts, and the files that come with them.

use super::super::AtPath;
use super::super::boxes::BoxDir;
use super::edit::attachments_of;
use super::{Folder, Outbox, Upload};
use crate::listing::leftovers::judge;
use crate::listing::naming;
use crate::path::RelPath;
use anyhow::{Context, Result};
use std::path::Path;

impl Outbox {
    /// Opens the drafts folder of a contact that has an outbox, where there is one.
    ///
    /// # Errors
    /// As [`Outbox::of`].
    pub fn existing_drafts_of(base: &Path, contact: &str) -> Result<Option<Outbox>> {
        let Outbox { contact: name, .. } = Outbox::of(base, contact)?;
        let folder = base.join(&name);
        if !folder.join(Folder::Drafts.name()).is_dir() {
            return Ok(None);
        }
        let dir = BoxDir::open(&folder, Folder::Drafts.name().as_ref()).at("open", &folder)?;
        Outbox::new(base, name, Folder::Drafts, dir).map(Some)
    }

    /// Returns the message files at the top of the box, the last by name first.
    ///
    /// # Errors
    /// When the box cannot be read.
    pub fn messages(&self) -> Result<Vec<RelPath>> {
        let mut found = Vec::new();
        let entries = self.dir.dir().and_then(|dir| dir.entries());
        for entry in entries.with_context(|| self.cannot_read())? {
            let entry = entry?;
            let path = RelPath::parse(&entry.file_name().to_string_lossy());
            let path = path.filter(naming::is_message);
            if entry.file_type()?.is_file() {
                found.extend(path);
            }
        }
        found.sort_by(|a, b| b.cmp(a));
        Ok(found)
    }

    /// Opens the files in the folder of a message's attachments, by name.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn attached(&self, path: &RelPath) -> Result<Vec<Upload<'static>>> {
        let dir = self.dir.dir()?;
        let Some(folder) = attachments_of(&dir, path.name())? else {
            return Ok(Vec::new());
        };
        let mut names = Vec::new();
        for entry in dir.open_dir(&folder)?.entries()? {
            let entry = entry?;
            // What tools leave there is nothing that anybody chose.
            let name = entry.file_name().to_string_lossy().into_owned();
            let own = RelPath::parse(&name).is_some_and(|path| judge(&path).is_none());
            if entry.file_type()?.is_file() && own {
                names.push(name);
            }
        }
        names.sort();
        let open = |name: String| {
            let path = RelPath::parse(&format!("{folder}/{name}")).with_context(|| {
                format!("`{folder}/{}` cannot be attached", crate::diagnostic::shown(&name))
            })?;
            Ok(Upload::reader(name, self.dir.file(&path)?))
        };
        names.into_iter().map(open).collect()
    }

    fn cannot_read(&self) -> String {
        format!("`{}/{}` cannot be read", self.contact, self.folder.name())
    }
}
