//! Where things lie: the base folder, the output, the local state.

use super::{AtPath, PathError};
use crate::listing::naming;
use crate::path::fold;
use anyhow::{Result, bail};
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

/// Whether anything will be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Intent {
    /// A build.
    Write,
    /// A look.
    Look,
}

/// The folders of a build.
#[derive(Debug, Clone)]
pub struct Places {
    /// The base folder.
    pub base: PathBuf,
    /// Holds `public/` and `reader/`.
    pub output: PathBuf,
    /// Holds `cache/`, `state/` and `keys/`.
    pub state: PathBuf,
}

impl Places {
    /// Finds the places of a base folder, for a build: the state folder is made.
    ///
    /// # Errors
    /// When there is no base folder, when the output would touch a box, or when there is no place
    /// for the state.
    pub fn of(base: &Path, output: Option<&Path>, state: Option<&Path>) -> Result<Places> {
        Places::find(base, output, state, Intent::Write)
    }

    /// Finds the places of a base folder without making anything.
    ///
    /// # Errors
    /// When there is no base folder, or when the output would touch a box.
    pub fn for_a_look(base: &Path, output: Option<&Path>, state: Option<&Path>) -> Result<Places> {
        Places::find(base, output, state, Intent::Look)
    }

    fn find(
        base: &Path,
        output: Option<&Path>,
        state: Option<&Path>,
        intent: Intent,
    ) -> Result<Places> {
        let base = std::fs::canonicalize(base).at("open", base)?;
        let output = match output {
            Some(output) => std::path::absolute(output)?,
            None => base.join("_site"),
        };
        // An edition's folder may be a link to the folder of a web server.
        for folder in [output.clone(), output.join("public"), output.join("reader")] {
            refuse_harm(&base, &folder)?;
        }
        let state = match state {
            Some(state) => std::path::absolute(state)?,
            None => default_state(&base, &output, intent)?,
        };
        if state != base.join(".handbill") {
            refuse_harm(&base, &state)?;
        }
        Ok(Places { base, output, state })
    }
}

/// Returns `.handbill` of the base folder, or beside the editions where the base is read-only.
fn default_state(base: &Path, output: &Path, intent: Intent) -> Result<PathBuf> {
    let usual = base.join(".handbill");
    let beside = output.join(".handbill");
    if intent == Intent::Look {
        let elsewhere = !usual.exists() && !output.starts_with(base) && beside.exists();
        return Ok(if elsewhere { beside } else { usual });
    }
    let Err(error) = probe(&usual) else { return Ok(usual) };
    if output.starts_with(base) {
        bail!("{error}\nthe base folder cannot be written: use `--output DIR` to build elsewhere");
    }
    Ok(beside)
}

/// Makes sure that a folder is there and can be written.
fn probe(folder: &Path) -> std::result::Result<(), PathError> {
    std::fs::create_dir_all(folder).at("make", folder)?;
    tempfile::tempfile_in(folder).at("write into", folder)?;
    Ok(())
}

/// Refuses an output or state folder that is a box, lies in a contact, or holds the base folder:
/// by what the folders are, not by how they are spelled.
fn refuse_harm(base: &Path, folder: &Path) -> Result<()> {
    let plain = without_climbing(folder);
    let nearest = plain.ancestors().find(|a| a.exists()).unwrap_or(&plain);
    if nearest == plain && base.ancestors().any(|a| same(a, &plain)) {
        bail!(
            "`{}` is or holds the base folder: choose another folder for the output",
            folder.display()
        );
    }
    // A link may lead deep into a contact, so that no folder above it by name is one.
    let real = std::fs::canonicalize(nearest).at("open", nearest)?;
    let inside: Vec<&Path> = nearest.ancestors().chain(real.ancestors()).collect();
    for entry in std::fs::read_dir(base).at("read", base)?.flatten() {
        let contact = entry.path();
        let is_contact = holds_box(&contact);
        if is_contact && inside.iter().any(|ancestor| same(ancestor, &contact)) {
            bail!(
                "`{}` lies in the contact `{}`, where sync would carry it away: choose another folder",
                folder.display(),
                contact.display()
            );
        }
    }
    Ok(())
}

/// Returns an absolute path without `..`: also where the folder before it is not there yet, for it
/// will be when the path is used.
fn without_climbing(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        if part == Component::ParentDir {
            plain = std::fs::canonicalize(&plain).unwrap_or(plain);
            plain.pop();
        } else {
            plain.push(part);
        }
    }
    plain
}

/// Returns whether two paths lead to the same folder.
fn same(a: &Path, b: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if let (Ok(a), Ok(b)) = (std::fs::metadata(a), std::fs::metadata(b)) {
            return a.dev() == b.dev() && a.ino() == b.ino();
        }
    }
    match (std::fs::canonicalize(a), std::fs::canonicalize(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    }
}

/// Returns the base folder that `start` lies in: the one of whose boxes it is part, else itself or
/// the nearest folder above it with a `handbill.toml` or a `.handbill`, or of whose contacts it lies
/// in one; else `start` itself.
pub fn find_base(start: &Path) -> PathBuf {
    let start = std::fs::canonicalize(start).unwrap_or_else(|_| start.to_owned());
    if let Some(base) = base_around_box(&start) {
        return base.to_owned();
    }
    if is_marked(&start) || holds_contact(&start) {
        return start;
    }
    let mut below = start.as_path();
    for folder in start.ancestors().skip(1) {
        if is_marked(folder) || (is_contact_name(below) && holds_box(below)) {
            return folder.to_owned();
        }
        below = folder;
    }
    start.clone()
}

/// Returns the base folder of one of whose boxes a folder is part. What lies in a box is never a
/// base folder, whatever it holds: a stranger may have put settings there.
pub fn base_around_box(folder: &Path) -> Option<&Path> {
    let boxes = folder.ancestors().filter(|folder| is_box_name(folder));
    let bases = boxes.filter_map(|boxed| {
        let contact = boxed.parent()?;
        contact.parent().filter(|base| is_contact_name(contact) && is_marked(base))
    });
    bases.last()
}

/// Returns whether a folder may be a base folder: it is marked as one, or something in it may be a
/// contact. Of one that cannot be looked into nobody knows.
pub fn may_be_base(folder: &Path) -> bool {
    let trace = |name: &OsStr| naming::is_inbox_trace(&name.to_string_lossy());
    let holds_trace = |folder: &Path| {
        let Ok(entries) = std::fs::read_dir(folder) else { return true };
        entries.flatten().any(|entry| trace(&entry.file_name()))
    };
    let Ok(entries) = std::fs::read_dir(folder) else { return true };
    let is_contact = |folder: &Path| {
        is_contact_name(folder) && folder.is_dir() && (holds_box(folder) || holds_trace(folder))
    };
    is_marked(folder) || entries.flatten().any(|entry| is_contact(&entry.path()))
}

fn is_marked(folder: &Path) -> bool {
    folder.join("handbill.toml").is_file() || folder.join(".handbill").is_dir()
}

/// Returns whether a folder is called like a box.
pub fn is_box_name(folder: &Path) -> bool {
    let name = folder.file_name().map(|name| fold(&name.to_string_lossy()));
    matches!(name.as_deref(), Some("inbox" | "outbox"))
}

/// Returns whether a folder holds a contact with a box.
pub fn holds_contact(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| is_contact_name(&entry.path()) && holds_box(&entry.path()))
}

fn is_contact_name(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| !name.to_string_lossy().starts_with(['.', '_']))
}

/// Returns whether a folder has a box, in whatever case it is written.
fn holds_box(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| is_box_name(&entry.path()) && entry.path().is_dir())
}
