//! Writing into one's own outboxes: new messages, edits, deletions. Never into an inbox.
//!
//! 1. [`Outbox::of`] opens the outbox of a contact by a handle: nothing else can be written by it.
//! 2. `attach` and `staging` write what is new outside the shared folder, onto the disk.
//! 3. It is moved into the box whole: attachments first, then the text, which is never put over
//!    another file.
//! 4. `edit` replaces and deletes; what was there goes to `.handbill/trash/` (`trash`) first.
//! 5. `channel` changes the `channel.toml` of a box; `drafts` tells what lies in a drafts folder; `spool` is for who writes by the server.
//!
//! A person's words are synced to the disk before they are pointed to (fsync of the file, then of
//! the folder). All writing of one base folder waits for one lock.

mod attach;
mod channel;
mod drafts;
mod edit;
mod spool;
mod staging;
mod trash;

pub use attach::{Location, NotAttached, Upload};
pub use edit::{Conflict, Deleted, Edit, Replaced};
pub use spool::{secret, spool};

use super::AtPath;
use super::boxes::BoxDir;
use super::decoded::{own_text, settings_of};
pub use super::picture::size_by_head as picture_size;
use super::scan::{names, open_box};
use crate::fields::nearest;
use crate::hash::Hash;
use crate::library::Side;
use crate::listing::naming;
use crate::message::draft::Draft;
use crate::path::{RelPath, fold};
use crate::time::Now;
use anyhow::{Context, Result, anyhow, bail};
pub(super) use staging::Staging;
use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// The outbox of a contact, or its drafts folder: the only places where messages are written.
#[derive(Debug)]
pub struct Outbox {
    /// The name of the contact's folder.
    contact: String,
    base: PathBuf,
    folder: Folder,
    dir: BoxDir,
    /// Whether names and texts are such as BTMessage and Missive read.
    plain: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Folder {
    Outbox,
    Drafts,
}

impl Folder {
    fn name(self) -> &'static str {
        match self {
            Folder::Outbox => Side::Outbox.folder(),
            Folder::Drafts => "drafts",
        }
    }
}

/// A message that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The file below the base folder, as [`crate::library::Message::path`] names it.
    pub path: RelPath,
    /// The hash of its bytes, from which an edit begins.
    pub source: Hash,
    /// The names of its attachments.
    pub attachments: Vec<String>,
}

impl Outbox {
    /// Opens the outbox of a contact of the base folder `base`, by the contact's name.
    ///
    /// # Errors
    /// When there is no such contact, when it has no outbox or only a link to one, or when it
    /// cannot be opened.
    pub fn of(base: &Path, contact: &str) -> Result<Outbox> {
        let name = find_contact(base, contact)?;
        match open_box(&base.join(&name), Side::Outbox)? {
            Some(dir) => Outbox::new(base, name, Folder::Outbox, dir),
            None => bail!(
                "`{name}` has no outbox: you read it, and write into `{name}/outbox` only if you make \
                 that folder"
            ),
        }
    }

    /// Opens the drafts folder of a contact that has an outbox, and makes it if it is not there.
    ///
    /// # Errors
    /// As [`Outbox::of`].
    pub fn drafts_of(base: &Path, contact: &str) -> Result<Outbox> {
        let Outbox { contact: name, .. } = Outbox::of(base, contact)?;
        let folder = base.join(&name);
        let drafts = folder.join(Folder::Drafts.name());
        match std::fs::create_dir(&drafts) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(error).at("make", &drafts).map_err(Into::into);
            }
            _ => {}
        }
        let dir = BoxDir::open(&folder, Folder::Drafts.name().as_ref()).at("open", &drafts)?;
        Outbox::new(base, name, Folder::Drafts, dir)
    }

    fn new(base: &Path, contact: String, folder: Folder, dir: BoxDir) -> Result<Outbox> {
        let mut found = Vec::new();
        let text = own_text(&base.join("handbill.toml"), "handbill.toml", &mut found);
        let settings = settings_of(text.as_deref()).value;
        let said = settings.contacts.iter().find(|(name, _)| fold(name) == fold(&contact));
        let plain = said.is_some_and(|(_, settings)| settings.write_txt);
        Ok(Outbox { contact, base: base.to_owned(), folder, dir, plain })
    }

    /// Returns the name of the contact's folder.
    pub fn contact(&self) -> &str {
        &self.contact
    }

    /// Returns whether messages here are written as BTMessage and Missive write them (`write_txt`).
    pub fn is_plain(&self) -> bool {
        self.plain
    }

    /// Writes a new message. Its attachments lie in the box before its text does.
    ///
    /// # Errors
    /// When the draft cannot be written as it is ([`Draft::render`]) or says nothing, when a file
    /// cannot be attached, or when the box cannot be written. Then nothing was written.
    pub fn post(
        &self,
        draft: &Draft,
        uploads: Vec<Upload<'_>>,
        location: Location,
        now: Now,
    ) -> Result<Written> {
        let text = if self.plain { draft.render_plain()? } else { draft.render()? };
        if draft.text.trim().is_empty() && uploads.is_empty() {
            bail!("there is nothing to write: the text is empty and nothing is attached");
        }
        let _lock = lock(&self.base)?;
        let staging = Staging::new(&self.base, &self.contact, &self.dir)?;
        let attachments = attach::stage(&staging, uploads, location)?;
        staging.write(TEXT, text.as_bytes())?;
        let name = self.move_in(&staging, !attachments.is_empty(), &draft.words(), now)?;
        Ok(Written {
            path: self.below_base(&name)?,
            source: Hash::of(text.as_bytes()),
            attachments,
        })
    }

    /// Moves what is staged into the box under a name that nothing there has.
    fn move_in(&self, staging: &Staging, attached: bool, words: &str, now: Now) -> Result<String> {
        let dir = &self.dir.dir()?;
        for attempt in 0..ATTEMPTS {
            let taken = self.taken()?;
            let stem = self.free_stem(&taken, words, now)?;
            if attached {
                staging.dir().rename(attach::FOLDER, dir, &stem).with_context(|| self.cannot())?;
                staging::sync(dir)?;
            }
            let name = format!("{stem}.{}", if self.plain { "txt" } else { "md" });
            match staging.move_new(TEXT, dir, &name) {
                Ok(()) => {
                    // It is in the box: whoever is told that it is not would send it again.
                    let _ = staging::sync(dir);
                    return Ok(name);
                }
                // Somebody else has just taken the name: another one, with its attachments.
                Err(error) => {
                    if attached {
                        dir.rename(&stem, staging.dir(), attach::FOLDER)?;
                    }
                    if error.kind() != io::ErrorKind::AlreadyExists || attempt + 1 == ATTEMPTS {
                        return Err(error).with_context(|| self.cannot());
                    }
                }
            }
        }
        bail!("{}", self.cannot())
    }

    /// Returns the folded names of the box, with and without their extensions.
    fn taken(&self) -> Result<BTreeSet<String>> {
        let mut taken = BTreeSet::new();
        for entry in self.dir.dir()?.entries().with_context(|| self.cannot())? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if let Some((stem, _)) = name.rsplit_once('.') {
                taken.insert(fold(stem));
            }
            taken.insert(fold(&name));
        }
        Ok(taken)
    }

    fn free_stem(&self, taken: &BTreeSet<String>, words: &str, now: Now) -> Result<String> {
        let free = |stem: &String| !taken.contains(&fold(stem));
        let found = if self.plain {
            // A name that may hold nothing but a time can only take the next second.
            (0..600).map(|later| naming::plain_stem(Now(now.0 + later))).find(free)
        } else {
            let stem = |_| naming::message_stem(now, words, &staging::letters(4));
            (0..ATTEMPTS).map(stem).find(free)
        };
        found.context("no name is free for this second: try again")
    }

    fn below_base(&self, name: &str) -> Result<RelPath> {
        RelPath::parse(&format!("{}/{}/{name}", self.contact, self.folder.name()))
            .context("the name of the contact's folder is no plain name")
    }

    fn cannot(&self) -> String {
        format!("`{}/{}` cannot be written", self.contact, self.folder.name())
    }
}

/// What the text is called while it is staged.
const TEXT: &str = "text";
/// How often a name is tried.
const ATTEMPTS: usize = 20;

/// Returns the name of the contact that is meant: in its exact form, else in any case.
pub(super) fn find_contact(base: &Path, wanted: &str) -> Result<String> {
    let names = names(base, &mut Vec::new())?;
    let same: Vec<&String> = names.iter().filter(|name| fold(name) == fold(wanted)).collect();
    match (names.iter().find(|name| *name == wanted), same.as_slice()) {
        (Some(name), _) => Ok(name.clone()),
        (None, [name]) => Ok((*name).clone()),
        (None, []) => {
            let known: Vec<&str> = names.iter().map(String::as_str).collect();
            Err(no_contact(base, wanted, &known))
        }
        (None, _) => {
            bail!("several folders differ from `{wanted}` in case only: write the exact name")
        }
    }
}

/// Says that there is no contact of a name among those that are known.
pub fn no_contact(base: &Path, wanted: &str, known: &[&str]) -> anyhow::Error {
    let wanted = crate::diagnostic::shown(wanted);
    match nearest(&wanted, known) {
        Some(near) => anyhow!("there is no contact `{wanted}`: did you mean `{near}`?"),
        // In a wrong folder it is the folder that explains it.
        None => anyhow!(
            "there is no contact `{wanted}` in `{}`: `handbill list` shows those you have",
            base.display()
        ),
    }
}

/// Waits until nobody else writes in this base folder, and keeps others waiting until it is let go.
pub(super) fn lock(base: &Path) -> Result<File> {
    let folder = base.join(".handbill");
    std::fs::create_dir_all(&folder).at("make", &folder)?;
    let path = folder.join("writing.lock");
    let file =
        File::options().create(true).truncate(false).write(true).open(&path).at("open", &path)?;
    file.lock().at("lock", &path)?;
    Ok(file)
}
