//! Keeps the words of a message that could not be written.

use crate::disk::outbox::{Location, Outbox};
use crate::message::draft::Draft;
use std::io::{self, Write};
use std::path::Path;

/// Returns whether it is the disk that failed, and not what was to be written.
pub(super) fn is_of_the_disk(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.is::<io::Error>())
}

/// Keeps a text: as a draft of the contact, else in the base folder, else where the system keeps
/// what is temporary. Returns where it is in a sentence; if it can be kept nowhere, with the text.
pub(super) fn keep(base: &Path, contact: &str, draft: &Draft) -> String {
    let as_draft = || {
        let drafts = Outbox::drafts_of(base, contact)?;
        let written = drafts.post(draft, Vec::new(), Location::Removed, super::super::now()?)?;
        anyhow::Ok(base.join(written.path.as_str()))
    };
    if let Ok(path) = as_draft() {
        return format!("your words are kept as a draft in `{}`", path.display());
    }
    for folder in [base.join(".handbill").join("tmp"), std::env::temp_dir()] {
        if let Ok(path) = in_folder(&folder, &draft.text) {
            return format!("your words are kept in `{}`", path.display());
        }
    }
    format!("your words could be kept nowhere, so here they are:\n\n{}\n", draft.text)
}

/// Writes a text into a new file of a folder; it is on the disk when this returns.
fn in_folder(folder: &Path, text: &str) -> io::Result<std::path::PathBuf> {
    let mut file = tempfile::Builder::new().prefix("message-").suffix(".md").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    Ok(file.keep()?.1)
}
