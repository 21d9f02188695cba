//! What one has read and starred: kept in memory, and written a moment after it has changed.

use super::Clerk;
use crate::config::edit;
use crate::disk::{Shelf, edit_settings};
use crate::library::{Contact, Kind};
use crate::reading::Mark;
use crate::serve::write::{Desk, Shown};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long after a change the state is written: what is changed meanwhile is written with it.
const SOON: Duration = Duration::from_millis(300);

/// The reading state, with who writes it.
pub(super) struct Keeping {
    shelf: Arc<Mutex<Shelf>>,
    /// Whether somebody waits to write it.
    waits: Arc<AtomicBool>,
    /// Contacts that were muted, or no longer, since the last build.
    muted: Mutex<BTreeMap<String, bool>>,
}

impl Keeping {
    pub fn open(state: &Path) -> (Keeping, Option<String>) {
        let (shelf, told) = Shelf::open(state);
        let shelf = Arc::new(Mutex::new(shelf));
        (Keeping { shelf, waits: Arc::default(), muted: Mutex::default() }, told)
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether a contact is muted: as was said last, until a build has it so.
    fn is_muted(&self, contact: &Contact) -> bool {
        let mut said = self.muted.lock().unwrap_or_else(PoisonError::into_inner);
        let head = &contact.head;
        if said.get(&head.dir) == Some(&head.mute) {
            said.remove(&head.dir);
        }
        said.get(&head.dir).copied().unwrap_or(head.mute)
    }

    fn say_muted(&self, contact: &Contact, on: bool) {
        let mut said = self.muted.lock().unwrap_or_else(PoisonError::into_inner);
        said.insert(contact.head.dir.clone(), on);
    }

    fn save_soon(&self) {
        if self.waits.swap(true, Ordering::SeqCst) {
            return;
        }
        let (shelf, waits) = (Arc::clone(&self.shelf), Arc::clone(&self.waits));
        std::thread::spawn(move || {
            std::thread::sleep(SOON);
            waits.store(false, Ordering::SeqCst);
            // What cannot be written is told when something is to be changed again.
            let _ = shelf.lock().unwrap_or_else(PoisonError::into_inner).save();
        });
    }
}

impl Drop for Keeping {
    fn drop(&mut self) {
        // The end of the program: there is nobody to tell.
        let _ = self.shelf().save();
    }
}

impl Clerk {
    fn keeping(&self) -> Result<&Keeping> {
        self.keeping.as_ref().context("no reading state is kept")
    }

    /// Returns the reading state, with what has arrived by the last build.
    pub(super) fn shown(&self) -> Result<Shown> {
        let known = self.known();
        let contacts: &[Arc<Contact>] = known.as_ref().map_or(&[], |known| &known.contacts);
        let keeping = self.keeping()?;
        let mut shelf = keeping.shelf();
        // Before the first build nobody knows what was there: else all of it would be new after.
        if known.is_some() {
            shelf.look(contacts)?;
        }
        if shelf.is_unsaved() {
            keeping.save_soon();
        }
        let dirs = |wanted: &dyn Fn(&Contact) -> bool| -> Vec<String> {
            let chosen = contacts.iter().filter(|contact| wanted(contact));
            chosen.map(|contact| contact.head.dir.clone()).collect()
        };
        let muted = dirs(&|contact| keeping.is_muted(contact));
        let mut reading = shelf.reading().clone();
        reading.unread.retain(|contact, _| !muted.contains(contact));
        let others = dirs(&|contact| contact.head.kind != Kind::Channel);
        Ok(Shown { reading, muted, others })
    }

    pub(super) fn apply(&self, marks: &[Mark]) -> Result<()> {
        let keeping = self.keeping()?;
        for mark in marks {
            match mark {
                Mark::Mute { contact, on } => self.mute(keeping, contact, *on)?,
                // What is starred is a message that there is: else anything could be kept for ever.
                Mark::Star(star) if self.find(&star.page).is_none() => {}
                mark => keeping.shelf().apply(mark),
            }
        }
        let mut shelf = keeping.shelf();
        // What was not possible the last time is tried at once, so that it can be told.
        match shelf.has_failed() {
            true => shelf.save()?,
            false => keeping.save_soon(),
        }
        Ok(())
    }

    /// Mutes a contact in `handbill.toml`, and has it built. What is asked for is compared with the
    /// contacts that there are.
    fn mute(&self, keeping: &Keeping, dir: &str, on: bool) -> Result<()> {
        let known = self.known().context(self.words().get("write_unknown").to_owned())?;
        let found = known.contacts.iter().find(|contact| contact.head.dir == dir);
        let Some(contact) = found else { bail!("{}", self.words().get("write_unknown")) };
        let name = &contact.head.name;
        if edit_settings(&self.base, |text| edit::mute(text, name, on))? {
            self.written(name);
        }
        keeping.say_muted(contact, on);
        Ok(())
    }
}
