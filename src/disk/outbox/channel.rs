//! Reads and changes the `channel.toml` of one's own box.

use super::{Outbox, Staging, lock, staging};
use crate::config::edit::NotEdited;
use crate::keys::holds_writing_key;
use crate::limits;
use crate::path::RelPath;
use crate::source::{Decoded, decode};
use anyhow::{Context, Result, bail};
use std::io;
use std::path::PathBuf;

const NAME: &str = "channel.toml";

impl Outbox {
    /// Returns where the box lies.
    pub fn path(&self) -> PathBuf {
        self.dir.path().to_owned()
    }

    /// Changes `channel.toml` by a function of its text, which returns nothing where there is
    /// nothing to change; of a missing file the text is empty. Returns whether it was changed.
    ///
    /// # Errors
    /// When the file cannot be read as text, cannot be edited, or cannot be written. Then it is as
    /// it was.
    pub fn edit_channel(
        &self,
        edit: impl FnOnce(&str) -> Result<Option<String>, NotEdited>,
    ) -> Result<bool> {
        let _lock = lock(&self.base)?;
        let text = self.channel()?;
        let Some(after) = edit(&text)? else { return Ok(false) };
        if holds_writing_key(&after) {
            bail!(
                "`{}/{}/{NAME}` would hold a key by which its reader can write in your name: it is left \
                 as it is. Look at it, and take such a key out",
                self.contact,
                self.folder.name()
            );
        }
        let staging = Staging::new(&self.base, &self.contact, &self.dir)?;
        staging.write(NAME, after.as_bytes())?;
        let dir = self.dir.dir()?;
        staging.dir().rename(NAME, &dir, NAME).with_context(|| self.cannot())?;
        staging::sync(&dir)?;
        Ok(true)
    }

    fn channel(&self) -> Result<String> {
        let shown = format!("{}/{}/{NAME}", self.contact, self.folder.name());
        let path = RelPath::parse(NAME).context("no plain name")?;
        match self.dir.read(&path, limits::HEADER as u64) {
            Ok(Some(bytes)) => match decode(&bytes) {
                Decoded::Text { text, repaired: None } => Ok(text),
                _ => bail!("`{shown}` is not UTF-8 text: save it as such first"),
            },
            Ok(None) => bail!("`{shown}` is too large"),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            Err(error) => Err(error).with_context(|| format!("cannot read `{shown}`")),
        }
    }
}
