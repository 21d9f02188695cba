//! Finds the contacts of a base folder and lists their boxes.

use super::boxes::BoxDir;
use super::{AtPath, PathError};
use crate::diagnostic::{Diagnostic, shown};
use crate::library::Side;
use crate::listing::{Listing, naming};
use crate::path::fold;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// A box, listed.
#[derive(Clone)]
pub struct ScannedBox {
    /// Which.
    pub side: Side,
    /// The handle it is read by.
    pub dir: Arc<BoxDir>,
    /// What lies in it.
    pub listing: Listing,
}

/// A contact's folder, listed.
#[derive(Clone)]
pub struct ScannedContact {
    /// The folder's name.
    pub name: String,
    /// Its boxes: outbox first.
    pub boxes: Vec<ScannedBox>,
    /// Anything in it whose name begins like `inbox`, of whatever kind.
    pub inbox_trace: Option<String>,
}

/// Lists a contact's folder. Returns none for one that is no contact, is gone, or cannot be read.
pub fn scan(base: &Path, name: &str, found: &mut Vec<Diagnostic>) -> Option<ScannedContact> {
    match scan_contact(base, name, found) {
        Ok(contact) if contact.boxes.is_empty() && contact.inbox_trace.is_none() => None,
        Ok(contact) => Some(contact),
        Err(error) if error.source.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            let text = format!("cannot be read: {}", error.source.kind());
            found.push(Diagnostic::error(&shown(name), "unreadable", text));
            None
        }
    }
}

/// Returns the names of the folders that may be contacts, sorted, whether they have a box or not.
pub fn names(base: &Path, found: &mut Vec<Diagnostic>) -> Result<Vec<String>, PathError> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(base).at("read", base)? {
        names.extend(contact_name(&entry.at("read", base)?, found));
    }
    names.sort();
    Ok(names)
}

/// Opens a box of a contact, if there is one; it must be no link.
pub fn open_box(folder: &Path, side: Side) -> Result<Option<BoxDir>, PathError> {
    let mut names: Vec<OsString> = Vec::new();
    for entry in std::fs::read_dir(folder).at("read", folder)? {
        names.push(entry.at("read", folder)?.file_name());
    }
    names.sort();
    let Some(name) = box_name(&names, side) else { return Ok(None) };
    BoxDir::open(folder, name).map(Some).at("open", &folder.join(name))
}

/// Returns the name of an entry of the base folder that may be a contact.
fn contact_name(entry: &std::fs::DirEntry, found: &mut Vec<Diagnostic>) -> Option<String> {
    let name = entry.file_name();
    let shown_name = shown(&name.to_string_lossy());
    if shown_name.starts_with(['.', '_']) {
        return None;
    }
    let kind = entry.file_type().ok()?;
    if kind.is_symlink()
        && entry.path().join("outbox").is_dir() | entry.path().join("inbox").is_dir()
    {
        found.push(
            Diagnostic::warning(&shown_name, "link", "a symbolic link is not followed")
                .hint("move the folder itself here"),
        );
        return None;
    }
    if !kind.is_dir() {
        return None;
    }
    match name.into_string() {
        Ok(name) if crate::keys::holds_writing_key(&name) => {
            let text = "a folder name holds a key that lets its holder write";
            found.push(
                Diagnostic::error("", "writing-key", text)
                    .hint("rename the folder; it is shown nowhere"),
            );
            None
        }
        Ok(name) if crate::path::RelPath::parse(&name).is_some() => Some(name),
        _ => {
            let text = "the name is not UTF-8 or holds a backslash; the folder is not used";
            found
                .push(Diagnostic::warning(&shown_name, "bad-name", text).hint("rename the folder"));
            None
        }
    }
}

fn scan_contact(
    base: &Path,
    name: &str,
    found: &mut Vec<Diagnostic>,
) -> Result<ScannedContact, PathError> {
    let folder = base.join(name);
    let mut names: Vec<OsString> = Vec::new();
    for entry in std::fs::read_dir(&folder).at("read", &folder)? {
        names.push(entry.at("read", &folder)?.file_name());
    }
    names.sort();
    let trace = names.iter().map(|n| n.to_string_lossy()).find(|n| naming::is_inbox_trace(n));
    let inbox_trace = trace.map(|name| name.into_owned());
    let mut boxes = Vec::new();
    for side in [Side::Outbox, Side::Inbox] {
        let Some(box_name) = box_name(&names, side) else { continue };
        match BoxDir::open(&folder, box_name) {
            Ok(dir) => {
                let listing = dir.list();
                boxes.push(ScannedBox { side, dir: Arc::new(dir), listing });
            }
            Err(error) => {
                let path = format!("{name}/{}", side.folder());
                let is_file =
                    std::fs::symlink_metadata(folder.join(box_name)).is_ok_and(|m| m.is_file());
                let text = match is_file {
                    true => "is a file and no folder".to_owned(),
                    false => format!("cannot be opened: {}; a link is not followed", error.kind()),
                };
                found.push(
                    Diagnostic::error(&shown(&path), "unreadable", text).owned_by(side.owner()),
                );
            }
        }
    }
    Ok(ScannedContact { name: name.to_owned(), boxes, inbox_trace })
}

/// Returns the entry that is a box: of the exact name, else of one that differs in case.
fn box_name(names: &[OsString], side: Side) -> Option<&OsString> {
    let exact = names.iter().find(|name| *name == side.folder());
    exact.or_else(|| names.iter().find(|name| fold(&name.to_string_lossy()) == side.folder()))
}
