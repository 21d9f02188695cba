//! Contacts as an earlier process made them: `.handbill/cache/contacts.bin`.
//!
//! A process that builds once, and finds that something has changed, reads and makes those contacts
//! anew of which the folder is not as it was, and takes the others from here. Sound because a contact is
//! a pure function of what its folder holds, the settings, what its messages said before, and whether
//! the clock has reached certain instants: all four are compared, by the rule of `seal` that a listing
//! with a file so young that its times may hide a second change tells nothing.
//! Deleting or damaging the file only costs time.

use super::cache::{Cache, Keep, Stored, version};
use super::count::Count;
use super::read::ReadContact;
use super::seal::Listed;
use super::versions::Store;
use crate::build::Contacts;
use crate::diagnostic::{Checked, Diagnostic};
use crate::hash::{Fingerprint, Inputs};
use crate::keys;
use crate::library::Contact;
use crate::library::contact::Snapshot;
use crate::time::Now;
use crate::web::BaseUrl;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A contact that an earlier process has made.
pub(super) struct Recalled {
    /// What was made.
    pub made: Checked<Arc<Contact>>,
    /// How much was read for it.
    pub count: Count,
}

/// A contact in the file: first what it was made from.
#[derive(Serialize)]
struct Shot {
    begin: Begin,
    rest: Rest,
}

#[derive(Serialize, Deserialize)]
struct Begin {
    made_from: Fingerprint,
    /// The instant that decided what is held.
    at: i64,
    /// When the clock changes it, in seconds since 1970.
    until: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct Rest {
    count: Count,
    /// What was found when it was listed and read.
    read: Vec<Diagnostic>,
    /// What was found when it was made.
    made: Vec<Diagnostic>,
    contact: Snapshot,
}

impl Keep for Shot {
    fn room(&self) -> usize {
        self.rest.contact.0.messages.len() * 640
    }
}

/// The contacts that were made, and the terms under which they are made now.
pub(super) struct Snapshots {
    file: PathBuf,
    stored: Stored,
    terms: Fingerprint,
    versions: Arc<Store>,
    now: Now,
}

/// What all contacts are made under.
pub(super) struct Terms<'t> {
    /// The text of `handbill.toml`.
    pub settings: Option<&'t str>,
    /// What takes the place of settings.
    pub base_url: Option<&'t BaseUrl>,
    /// Likewise.
    pub port: Option<u16>,
    /// What messages said before.
    pub versions: &'t Arc<Store>,
    /// The instant of the build.
    pub now: Now,
}

impl Snapshots {
    /// Opens those that are there.
    pub fn open(state: &Path, terms: &Terms<'_>) -> Snapshots {
        let file = state.join("cache").join("contacts.bin");
        let inputs = Inputs::new("terms")
            .text(&version())
            .maybe(terms.settings)
            .maybe(terms.base_url.map(BaseUrl::as_str))
            .value(&terms.port);
        Snapshots {
            // What is to be said of it is said of the other cache too.
            stored: Stored::open(&file).0,
            file,
            terms: inputs.finish(),
            versions: Arc::clone(terms.versions),
            now: terms.now,
        }
    }

    /// Returns the hash of all that a contact is made from; nothing where its files may hide something,
    /// or where it must not be written down.
    pub fn made_from(&self, name: &str, listed: &Listed) -> Option<Fingerprint> {
        if !listed.settled || names_a_key(listed) {
            return None;
        }
        let versions: Vec<_> = self.versions.of(name).collect();
        let inputs = Inputs::new("made from").print(&self.terms).print(&listed.print);
        Some(inputs.value(&versions).finish())
    }

    /// Returns a contact that was made from the same, with what was found when it was read.
    pub fn recall(&self, name: &str, from: Fingerprint) -> Option<(Recalled, Vec<Diagnostic>)> {
        let is_same = |begin: &Begin| {
            let in_time = begin.until.is_none_or(|until| self.now.0 < until);
            begin.made_from == from && begin.at <= self.now.0 && in_time
        };
        let (_, Rest { count, read, made, contact }) = self.stored.contact_if(name, is_same)?;
        let made = Checked { value: contact.0, diagnostics: made };
        Some((Recalled { made, count }, read))
    }

    /// Keeps the contacts of a build for a later process, where it is known what they were made from and
    /// all of it could be read; `counts` says how much was. Not being able to is no failure.
    pub fn save(
        self,
        read: &[Arc<ReadContact>],
        counts: &BTreeMap<String, Count>,
        contacts: &Contacts,
    ) {
        let contacts = contacts.made().map(|made| (made.0.head.name.as_str(), made));
        let contacts: BTreeMap<&str, _> = contacts.collect();
        let shot = |read: &ReadContact| {
            // What could not be read may be readable the next time, and a picture that is withheld is
            // looked at again; what was recalled is there.
            if read.recalled.is_some() || read.has_unread || read.found.iter().any(is_withheld) {
                return None;
            }
            let name = &read.scanned.name;
            let ((contact, made), count) = (contacts.get(name.as_str())?, *counts.get(name)?);
            let begin =
                Begin { made_from: read.made_from?, at: self.now.0, until: contact.changes_at };
            let (read, made) = (redacted(&read.found), redacted(made));
            let contact = Snapshot(Arc::clone(contact));
            Some(Arc::new(Shot { begin, rest: Rest { count, read, made, contact } }))
        };
        let all: BTreeMap<String, Option<Arc<Shot>>> =
            read.iter().map(|read| (read.scanned.name.clone(), shot(read))).collect();
        let changed = all.iter().filter(|(_, new)| new.is_some());
        let changed: BTreeSet<String> = changed.map(|(name, _)| name.clone()).collect();
        // What is no more is left out only where the whole is written.
        let any_gone = self.stored.names().any(|name| !all.contains_key(name));
        if any_gone || !changed.is_empty() {
            let saved = self.stored.saved().filter(|_| !any_gone);
            Cache::of(all.into_iter()).save(&self.file, &changed, saved);
        }
    }
}

fn is_withheld(report: &Diagnostic) -> bool {
    report.code == "not-copied"
}

/// Returns whether what is no file in a contact's folder is called by a writing key: such a name is told
/// in a contact as it is. Files that are so called are no part of it.
fn names_a_key(listed: &Listed) -> bool {
    let Some(contact) = &listed.contact else { return false };
    let odd = contact.boxes.iter().flat_map(|boxed| &boxed.listing.odd).map(|odd| &odd.path);
    let mut names = contact.inbox_trace.iter().chain(odd);
    names.any(keys::holds_writing_key)
}

/// Returns reports without writing keys, which no file of ours may hold.
fn redacted(reports: &[Diagnostic]) -> Vec<Diagnostic> {
    let mut reports = reports.to_vec();
    reports.iter_mut().for_each(Diagnostic::redact);
    reports
}

#[cfg(test)]
mod tests {
    use super::super::kept::Kept;
    use super::super::load::load_with;
    use super::super::{BuildOptions, Places, PublishOptions, build, seal};
    use super::*;
    use crate::build::Next;
    use crate::library::Edition;
    use crate::listing::errand::Errand;
    use std::fs;
    use std::sync::Mutex;
    use std::time::{Duration, SystemTime};
    use tempfile::TempDir;

    /// A base folder with two channels.
    struct Folder {
        base: TempDir,
        options: BuildOptions,
    }

    const DAY: i64 = 86_400;

    impl Folder {
        fn new() -> Folder {
            let options = BuildOptions {
                editions: vec![Edition::Public, Edition::Reader],
                base_url: None,
                port: None,
                now: Now(1_796_000_000), // 2026-11-29
                publish: PublishOptions::default(),
                allow_empty: false,
            };
            let folder = Folder { base: TempDir::new().unwrap(), options };
            folder.write("handbill.toml", "public = [\"ebb\", \"flow\"]");
            folder.write("ebb/outbox/2026-11-20T10-00-00Z-low.md", "Low.");
            folder.write("ebb/outbox/2026-12-05T10-00-00Z-held.md", "Held.");
            folder.write("flow/outbox/2026-11-20T10-00-00Z-high.md", "High.");
            folder
        }

        fn places(&self) -> Places {
            Places::of(self.base.path(), None, None).unwrap()
        }

        /// Writes a file, with a time in the future: such a one tells its next change.
        fn write(&self, path: &str, text: &str) {
            self.write_young(path, text);
            let file = fs::File::options().write(true).open(self.base.path().join(path)).unwrap();
            file.set_modified(SystemTime::now() + Duration::from_secs(1_000_000_000)).unwrap();
        }

        fn write_young(&self, path: &str, text: &str) {
            let path = self.base.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }

        /// Builds, whether or not anything has changed.
        fn build(&self) {
            self.forget("cache/seal.bin");
            build(&self.places(), &self.options).unwrap();
        }

        fn forget(&self, path: &str) {
            let _ = fs::remove_file(self.places().state.join(path));
        }

        /// Makes sure which contacts a process would take as they are.
        #[track_caller]
        fn check(&self, expected: &[&str]) {
            let survey = seal::survey(&self.places(), &self.options).unwrap();
            let (scanned, instant) = (Mutex::new(survey.scanned), Some(self.options.now));
            let kept = Kept { scanned, instant, ..Kept::default() };
            let (next, errand) = (Next::None, Errand::whole());
            let loaded = load_with(&self.places(), (None, None), &errand, &kept, next).unwrap();
            let recalled = loaded.read.iter().filter(|read| read.recalled.is_some());
            let names: Vec<&str> = recalled.map(|read| read.scanned.name.as_str()).collect();
            assert_eq!(names, expected);
        }
    }

    #[test]
    fn a_contact_is_taken_as_it_is_only_where_it_would_be_made_so() {
        let mut folder = Folder::new();
        folder.check(&[]);
        folder.build();
        folder.check(&["ebb", "flow"]);
        folder.write("ebb/outbox/2026-11-21.md", "More.");
        folder.check(&["flow"]);
        folder.build();
        folder.check(&["ebb", "flow"]);
        folder.write_young("ebb/outbox/2026-11-22.md", "Young.");
        folder.build();
        folder.check(&["flow"]);
        folder.write("ebb/outbox/2026-11-22.md", "Not young any more.");
        folder.build();
        // A held message is shown; and the clock may be set back.
        let now = folder.options.now;
        folder.options.now = Now(now.0 + 7 * DAY);
        folder.check(&["flow"]);
        folder.options.now = Now(now.0 - 1);
        folder.check(&[]);
        folder.options.now = now;
        folder.check(&["ebb", "flow"]);
        folder.write("handbill.toml", "public = [\"ebb\"]");
        folder.check(&[]);
        folder.build();
        folder.check(&["ebb", "flow"]);
        // What is not read now would be lost for the cache.
        folder.forget("cache/messages.bin");
        folder.check(&[]);
        folder.build();
        folder.forget("cache/contacts.bin");
        folder.check(&[]);
        folder.write_young(".handbill/cache/contacts.bin", "damaged");
        folder.check(&[]);
    }

    #[test]
    fn what_messages_said_before_is_a_part_of_what_they_are() {
        let mut folder = Folder::new();
        folder.build();
        folder.options.now = Now(folder.options.now.0 + 2 * DAY);
        folder.write("ebb/outbox/2026-11-20T10-00-00Z-low.md", "Lower.");
        folder.build();
        // The build that found it out knew less when it began.
        folder.check(&["flow"]);
        folder.build();
        folder.check(&["ebb", "flow"]);
        let read = || fs::read_to_string(folder.places().state.join("state/versions/index.json"));
        assert!(read().unwrap().contains("low.md"));
        folder.forget("state/versions/index.json");
        folder.check(&["flow"]);
    }

    #[test]
    fn what_is_gone_leaves_the_file() {
        let folder = Folder::new();
        folder.write("neap/outbox/2026-11-20.md", "Neap.");
        folder.build();
        let file = folder.places().state.join("cache/contacts.bin");
        let names = || Stored::open(&file).0.names().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(names(), ["ebb", "flow", "neap"]);
        fs::remove_dir_all(folder.base.path().join("flow")).unwrap();
        folder.build();
        assert_eq!(names(), ["ebb", "neap"]);
        assert!(!String::from_utf8_lossy(&fs::read(&file).unwrap()).contains("High."));
        folder.check(&["ebb", "neap"]);
    }
}
