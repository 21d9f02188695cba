//! Editing and deleting one's own messages. What was there goes to the trash first.

use super::staging::{self, Staging};
use super::trash::Trash;
use super::{Outbox, TEXT, lock};
use crate::hash::Hash;
use crate::library::Side;
use crate::library::contact::text_limit;
use crate::limits::Limits;
use crate::listing::naming;
use crate::message::draft;
use crate::path::{RelPath, fold};
use crate::source::{Decoded, decode};
use crate::time::{Now, Stamp};
use anyhow::{Context, Result, bail};
use cap_std::fs::Dir;
use std::io;
use std::time::SystemTime;

/// A message as it was when an edit began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The whole text of the file, its header included.
    pub text: String,
    /// The hash of its bytes.
    pub source: Hash,
}

/// What became of an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replaced {
    /// It was written; the new hash, and the name of the version before in the trash.
    Done {
        /// The hash of the new bytes.
        source: Hash,
        /// The name of the old version in `.handbill/trash/`.
        trashed: String,
    },
    /// It says what the file says: nothing was written.
    Same,
    /// The file is not the one that the edit began from: nothing was written, and whoever asked
    /// shows both texts.
    Conflict(Conflict),
}

/// Two texts for one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// What was to be written.
    pub mine: String,
    /// What is there now, from which another edit can begin; nothing where the file is gone.
    pub theirs: Option<Edit>,
}

/// What became of a deletion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deleted {
    /// It lies in `.handbill/trash/` under these names: the message, then its attachments.
    Done(Vec<String>),
    /// The file is not the one that was to be deleted: nothing was moved.
    Changed(Edit),
    /// There is no such file.
    Gone,
}

impl Outbox {
    /// Reads a message of the box for editing; `path` is below the box. Nothing where it is gone.
    ///
    /// # Errors
    /// When the path names no message, or the file cannot be read as text.
    pub fn read(&self, path: &RelPath) -> Result<Option<Edit>> {
        if !naming::is_message(path) {
            bail!("`{path}` is no message");
        }
        Ok(self.bytes(path)?.map(|bytes| edit_of(&bytes)).transpose()?.map(|(edit, _)| edit))
    }

    /// Writes the new text of a message, header included, in the place of the version whose hash
    /// is `began_from`. `updated` is set in the header; a `.txt` without one gets none, for those
    /// are read by programs that would show it.
    ///
    /// # Errors
    /// When the text cannot be written as it is ([`draft::edited`]), when the path names no
    /// message, or when the box or the trash cannot be written. Then the message is as it was.
    pub fn replace(
        &self,
        path: &RelPath,
        began_from: Hash,
        text: &str,
        now: Now,
    ) -> Result<Replaced> {
        if !naming::is_message(path) {
            bail!("`{path}` is no message");
        }
        let _lock = lock(&self.base)?;
        let Some(bytes) = self.bytes(path)? else { return Ok(conflict(text, None)) };
        let (edit, line_end) = edit_of(&bytes)?;
        if edit.source != began_from {
            return Ok(conflict(text, Some(edit)));
        }
        let plain = draft::edited_plain(text)?;
        if plain == draft::edited_plain(&edit.text).unwrap_or_default() {
            return Ok(Replaced::Same);
        }
        let made = self.made(path, text, plain, now)?.replace('\n', line_end);
        let (dir, name) = self.folder_of(path)?;
        let trash = Trash::of(&self.base)?;
        let (stem, extension) = path.as_str().rsplit_once('.').unwrap_or((path.as_str(), "md"));
        let trashed = format!("{}.{extension}", trash.stem(&self.contact, stem, now)?);
        trash.keep(&trashed, &bytes)?;
        let staging = Staging::new(&self.base, &self.contact, &self.dir)?;
        staging.write(TEXT, made.as_bytes())?;
        // A sync tool may have brought another version while this one was made.
        let still = self.bytes(path)?;
        if still.as_ref().map(|bytes| Hash::of(bytes)) != Some(began_from) {
            let theirs = still.map(|bytes| edit_of(&bytes)).transpose()?.map(|(edit, _)| edit);
            return Ok(conflict(text, theirs));
        }
        staging.dir().rename(TEXT, &dir, name).with_context(|| self.cannot())?;
        staging::sync(&dir)?;
        Ok(Replaced::Done { source: Hash::of(made.as_bytes()), trashed })
    }

    /// Returns the text of an edit as it is written.
    fn made(&self, path: &RelPath, text: &str, plain: String, now: Now) -> Result<String> {
        let is_txt = path.name().to_ascii_lowercase().ends_with(".txt");
        if is_txt && !plain.starts_with("+++\n") && !plain.starts_with("---\n") {
            return Ok(plain);
        }
        let undated = match naming::tells_time(path) {
            true => None,
            false => Some(self.file_time(path)?),
        };
        Ok(draft::edited(text, Stamp::from_unix(now.0), undated)?)
    }

    /// Returns the time that a message is shown with if nothing else tells one.
    fn file_time(&self, path: &RelPath) -> Result<Stamp> {
        let time = self.dir.file(path)?.metadata()?.modified()?;
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Ok(Stamp::from_unix(i64::try_from(since.as_secs()).unwrap_or(0)))
    }

    /// Moves a message and its attachments to the trash: the text first, so that nobody reads of
    /// attachments that are gone. With `expected`, only if the file's bytes have this hash.
    ///
    /// # Errors
    /// When the path names no message, or when it cannot be moved.
    pub fn delete(&self, path: &RelPath, expected: Option<Hash>, now: Now) -> Result<Deleted> {
        if !naming::is_message(path) {
            bail!("`{path}` is no message");
        }
        let _lock = lock(&self.base)?;
        let Some(bytes) = self.bytes(path)? else { return Ok(Deleted::Gone) };
        if expected.is_some_and(|expected| expected != Hash::of(&bytes)) {
            return Ok(Deleted::Changed(edit_of(&bytes)?.0));
        }
        let (dir, name) = self.folder_of(path)?;
        let attached = attachments_of(&dir, name)?;
        let trash = Trash::of(&self.base)?;
        let (stem, extension) = path.as_str().rsplit_once('.').unwrap_or((path.as_str(), "md"));
        let stem = trash.stem(&self.contact, stem, now)?;
        let mut moved = vec![format!("{stem}.{extension}")];
        trash.take(&dir, name, &moved[0])?;
        if let Some(folder) = attached {
            trash.take(&dir, &folder, &stem)?;
            moved.push(stem);
        }
        Ok(Deleted::Done(moved))
    }

    /// Returns the bytes of a message; nothing where there is no such file.
    fn bytes(&self, path: &RelPath) -> Result<Option<Vec<u8>>> {
        let limit = text_limit(Side::Outbox, &Limits::default()).max(64 << 20);
        match self.dir.read(path, limit) {
            Ok(Some(bytes)) => Ok(Some(bytes)),
            Ok(None) => bail!("`{path}` is too large to be edited here"),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read `{path}`")),
        }
    }

    /// Returns the folder of the box in which a path lies, and its name there.
    fn folder_of<'p>(&self, path: &'p RelPath) -> Result<(Dir, &'p str)> {
        let dir = match path.parent() {
            "" => self.dir.dir(),
            folder => self.dir.dir()?.open_dir(folder),
        };
        Ok((dir.with_context(|| self.cannot())?, path.name()))
    }
}

fn conflict(text: &str, theirs: Option<Edit>) -> Replaced {
    Replaced::Conflict(Conflict { mine: text.to_owned(), theirs })
}

/// Returns a file as it is edited, and the line ends it has.
fn edit_of(bytes: &[u8]) -> Result<(Edit, &'static str)> {
    match decode(bytes) {
        Decoded::Text { repaired: Some(_), .. } => {
            bail!(
                "the file is not UTF-8: save it as UTF-8 first, with the editor it was written in"
            )
        }
        Decoded::Text { text, .. } => {
            let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
            Ok((Edit { text, source: Hash::of(bytes) }, line_end))
        }
        Decoded::Binary => bail!("the file is no text"),
    }
}

/// Returns the folder of a message's attachments beside it, as it is written there. Where another
/// message has the same stem, it is not known whose they are, and they stay.
pub(super) fn attachments_of(dir: &Dir, name: &str) -> io::Result<Option<String>> {
    let stem_of = |name: &str| fold(name.rsplit_once('.').map_or(name, |(stem, _)| stem));
    let stem = stem_of(name);
    let mut folder = None;
    for entry in dir.entries()? {
        let entry = entry?;
        let other = entry.file_name().to_string_lossy().into_owned();
        let is_dir = entry.file_type()?.is_dir();
        if is_dir && fold(&other) == stem {
            folder = Some(other);
            continue;
        }
        let is_message = RelPath::parse(&other).is_some_and(|path| naming::is_message(&path));
        if !is_dir && other != name && is_message && stem_of(&other) == stem {
            return Ok(None);
        }
    }
    Ok(folder)
}
