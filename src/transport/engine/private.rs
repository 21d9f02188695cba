//! What must not go to whoever has a key: an outbox beside which there is an inbox.

use super::book::{Book, Carried, Reach};
use crate::library::Side;
use crate::listing::naming::is_inbox_trace;
use crate::path::fold;
use std::io::ErrorKind;
use std::path::Path;

/// Returns whether there is an inbox in the folder of a contact, or what looks like one: then what is
/// written there is for one alone.
pub fn has_inbox(base: &Path, contact: &str) -> bool {
    let entries = match std::fs::read_dir(base.join(contact)) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return false;
        }
        // Who cannot look must not send.
        Err(_) => return true,
    };
    let is_inbox = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.map_or(true, |entry| is_inbox_trace(&entry.file_name().to_string_lossy()))
    };
    entries.into_iter().any(is_inbox)
}

/// Returns why a box of a channel cannot be carried for whoever has its key, where that is so: with
/// it the contact would be a conversation.
pub fn refusal(base: &Path, boxes: &[Carried], one: &Carried) -> Option<String> {
    let is_its = |side| {
        let mut known = boxes.iter().filter(|other| fold(&other.contact) == fold(&one.contact));
        known.any(|other| other.side == side)
    };
    let contact = &one.contact;
    match one.side {
        Side::Outbox if has_inbox(base, contact) || is_its(Side::Inbox) => Some(format!(
            "`{contact}` has an inbox here: what you write there is for one alone, and must not go to \
             whoever has the key of a channel"
        )),
        Side::Inbox if has_outbox(base, contact) || is_its(Side::Outbox) => Some(format!(
            "`{contact}` has an outbox here: with an inbox it would be a conversation"
        )),
        _ => None,
    }
}

fn has_outbox(base: &Path, contact: &str) -> bool {
    let entries = std::fs::read_dir(base.join(contact)).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| fold(&entry.file_name().to_string_lossy()) == "outbox")
}

/// Returns the contacts whose outbox is for whoever has the key and must not go out: somebody has
/// made an inbox beside it.
pub(super) fn held(base: &Path, open: &[String]) -> Vec<String> {
    open.iter().filter(|contact| has_inbox(base, contact)).cloned().collect()
}

/// Returns the contacts whose outbox is for whoever has the key.
pub(super) fn open_outboxes(book: &Book) -> Vec<String> {
    let is_open = |one: &&Carried| one.side == Side::Outbox && one.reach == Reach::Open;
    book.boxes.iter().filter(is_open).map(|one| one.contact.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_looks_like_an_inbox_is_one() {
        let base = tempfile::tempdir().unwrap();
        let has = || has_inbox(base.path(), "mira");
        assert!(!has());
        std::fs::create_dir_all(base.path().join("mira/outbox")).unwrap();
        assert!(!has());
        for name in ["inbox", "Inbox", "inbox.old"] {
            let path = base.path().join("mira").join(name);
            std::fs::create_dir(&path).unwrap();
            assert!(has(), "{name}");
            std::fs::remove_dir(path).unwrap();
        }
        std::fs::write(base.path().join("odo"), "").unwrap();
        assert!(!has_inbox(base.path(), "odo"));
    }
}
