//! Files that come with a message: copied, and pictures lose what tells where they were taken.

use super::super::{AtPath, strip};
use super::staging::{self, Staging};
use crate::listing::naming;
use crate::path::RelPath;
use anyhow::{Context, Result, bail};
use cap_std::fs::Dir;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;

/// What the folder of attachments is called while it is staged.
pub(super) const FOLDER: &str = "attachments";

/// A file to be attached: what it was called, and where its bytes come from.
pub struct Upload<'u> {
    name: String,
    from: Box<dyn Read + 'u>,
}

/// What becomes of the place and the device that a picture tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Location {
    /// They are taken out; of the metadata only colours and the orientation stay.
    #[default]
    Removed,
    /// The file is attached as it is.
    Kept,
}

/// A file that is not attached, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAttached {
    /// What it is called.
    pub name: String,
    /// What is wrong with it.
    pub why: &'static str,
    /// What to do.
    pub hint: &'static str,
    /// Whether it would be attached with [`Location::Kept`].
    pub for_its_place: bool,
}

impl std::fmt::Display for NotAttached {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` {}: {}", self.name, self.why, self.hint)
    }
}

impl std::error::Error for NotAttached {}

impl<'u> Upload<'u> {
    /// Attaches a file by its path.
    ///
    /// # Errors
    /// When it is no regular file or cannot be opened.
    pub fn file(path: &Path) -> Result<Upload<'u>> {
        let metadata = std::fs::metadata(path).at("attach", path)?;
        if !metadata.is_file() {
            bail!("cannot attach `{}`: it is no regular file", path.display());
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Upload { name, from: Box::new(File::open(path).at("attach", path)?) })
    }

    /// Attaches what a reader gives. The name may be anything; it is made safe.
    pub fn reader(name: impl Into<String>, from: impl Read + 'u) -> Upload<'u> {
        Upload { name: name.into(), from: Box::new(from) }
    }
}

/// Writes attachments into a folder of the staging folder; returns their names there.
pub(super) fn stage(
    staging: &Staging,
    uploads: Vec<Upload<'_>>,
    location: Location,
) -> Result<Vec<String>> {
    if uploads.is_empty() {
        return Ok(Vec::new());
    }
    staging.dir().create_dir(FOLDER)?;
    let dir = staging.dir().open_dir(FOLDER)?;
    let mut taken = BTreeSet::new();
    let mut names = Vec::new();
    for upload in uploads {
        let name = naming::distinct(&naming::attachment_name(&upload.name), &mut taken);
        if crate::keys::holds_writing_key(&name) {
            bail!("the name of a file holds a key that lets its holder write: rename it");
        }
        stage_one(&dir, &name, upload, location)?;
        names.push(name);
    }
    staging::sync(&dir)?;
    Ok(names)
}

fn stage_one(dir: &Dir, name: &str, mut upload: Upload<'_>, location: Location) -> Result<()> {
    let cannot = || format!("cannot attach `{name}`");
    let mut file = staging::create(dir, name).with_context(cannot)?.into_std();
    io::copy(&mut upload.from, &mut file).with_context(cannot)?;
    file.rewind()?;
    let path = RelPath::parse(name).with_context(cannot)?;
    if let Some(bytes) = look(&mut file, &path, location)? {
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(&bytes).with_context(cannot)?;
    }
    file.sync_all().with_context(cannot)?;
    Ok(())
}

/// Returns the bytes that take the place of a file's own, if any do.
fn look(file: &mut File, path: &RelPath, location: Location) -> Result<Option<Vec<u8>>> {
    let stripped = location == Location::Removed;
    // The parsers of pictures are not ours; a file that makes one fail is damaged.
    let looked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        strip::look(file, path, stripped)
    }));
    let looked = looked.unwrap_or(Err(strip::DAMAGED));
    Ok(looked.map_err(|(why, hint)| NotAttached {
        name: path.name().to_owned(),
        why,
        hint,
        for_its_place: stripped && strip::is_about_place(why),
    })?)
}
