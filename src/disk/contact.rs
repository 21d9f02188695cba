//! Makes the folders of a new contact.

use super::AtPath;
use super::boxes::BoxDir;
use super::outbox::{Staging, find_contact, lock};
use super::scan::{names, open_box};
use crate::config::NewChannel;
use crate::diagnostic::{argument, shown};
use crate::keys::holds_writing_key;
use crate::library::{Kind, Side};
use crate::listing::naming;
use crate::path::fold;
use anyhow::{Context, Result, bail};
use std::io;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Makes a contact of a kind. One's own box gets a `channel.toml` with a new id and what
/// `channel` says. A subscription may become a conversation; nothing else is made another.
///
/// # Errors
/// When the name cannot be one, when there is such a contact, or when it cannot be made.
pub fn make_contact(base: &Path, name: &str, kind: Kind, channel: &NewChannel) -> Result<()> {
    let text = channel.text(Uuid::new_v4());
    if holds_writing_key(name) || holds_writing_key(&text) {
        bail!(
            "this is a key that lets its holder write in somebody's name, and here everybody would see \
             it: nothing was made"
        );
    }
    naming::check_contact(name).map_err(|why| anyhow::anyhow!(why))?;
    let _lock = lock(base)?;
    let others = names(base, &mut Vec::new())?;
    if let Some(other) = others.iter().find(|other| *other != name && fold(other) == fold(name)) {
        bail!(
            "`{}` differs from `{name}` in case only, which not every system tells apart: choose \
             another name",
            shown(other)
        );
    }
    let folder = base.join(name);
    std::fs::create_dir_all(&folder).at("make", &folder)?;
    refuse_known(&folder, name, kind)?;
    let sides: &[Side] = match kind {
        Kind::Channel => &[Side::Outbox],
        Kind::Subscription => &[Side::Inbox],
        // The inbox first: what has an outbox alone could be taken for a channel.
        Kind::Conversation => &[Side::Inbox, Side::Outbox],
    };
    for side in sides {
        let path = folder.join(side.folder());
        match std::fs::create_dir(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(error).at("make", &path).map_err(Into::into);
            }
            _ => {}
        }
    }
    if kind == Kind::Subscription {
        return Ok(());
    }
    let outbox = folder.join(Side::Outbox.folder());
    let dir = BoxDir::open(&folder, Side::Outbox.folder().as_ref()).at("open", &outbox)?;
    let staging = Staging::new(base, name, &dir)?;
    staging.write("channel.toml", text.as_bytes())?;
    staging
        .move_new("channel.toml", &dir.dir()?, "channel.toml")
        .with_context(|| format!("cannot write `{name}/outbox/channel.toml`"))
}

/// The boxes of a contact.
#[derive(Debug, Clone)]
pub struct Boxes {
    /// The name of the contact's folder, as it is written.
    pub contact: String,
    /// Where what others send arrives.
    pub inbox: Option<PathBuf>,
    /// Where one writes.
    pub outbox: Option<PathBuf>,
}

/// Returns the boxes of the contact that is meant: by its exact name, else in any case.
///
/// # Errors
/// When there is no such contact, or its folder cannot be read.
pub fn boxes(base: &Path, contact: &str) -> Result<Boxes> {
    let contact = find_contact(base, contact)?;
    let path = |side| -> Result<Option<PathBuf>> {
        Ok(open_box(&base.join(&contact), side)?.map(|dir| dir.path().to_owned()))
    };
    Ok(Boxes { inbox: path(Side::Inbox)?, outbox: path(Side::Outbox)?, contact })
}

fn refuse_known(folder: &Path, name: &str, kind: Kind) -> Result<()> {
    let inbox = open_box(folder, Side::Inbox)?.is_some();
    let outbox = open_box(folder, Side::Outbox)?.is_some();
    match (outbox, inbox) {
        (false, false) => Ok(()),
        (false, true) if kind == Kind::Conversation => Ok(()),
        (true, false) if kind == Kind::Channel => {
            let typed = argument(name);
            bail!("`{name}` is a channel already: `handbill public add {typed}` publishes it")
        }
        (true, false) => bail!(
            "`{name}` is a channel: what you wrote there may be public, and does not become a {}",
            kind.word()
        ),
        (false, true) if kind == Kind::Subscription => bail!("you subscribe to `{name}` already"),
        (false, true) => bail!("`{name}` is a subscription: choose another name"),
        (true, true) => bail!("`{name}` is a conversation: choose another name"),
    }
}
