//! A base folder as the test knows it: what was written into it, and what it may show.

use super::letter::{Form, Letter, stem};
use crate::support::{Base, Rng, set_time};
use handbill::path::fold;
use handbill::time::{Now, Stamp};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::{Duration, SystemTime};

/// A contact: its folder may be renamed, its word goes with it.
#[derive(Debug, Clone)]
pub struct Contact {
    pub name: String,
    /// A word that stands in everything of this contact and nowhere else.
    pub word: String,
    /// The id in its `channel.toml`, if that names one.
    pub id: Option<uuid::Uuid>,
}

/// Whether `handbill.toml` is there, and whether it can be read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SettingsFile {
    Whole,
    Broken,
    Absent,
}

/// What stands in `handbill.toml`.
#[derive(Debug, Clone)]
pub struct Settings {
    pub file: SettingsFile,
    pub public: Vec<String>,
    /// Other lines by their key, as `page_size = 2`.
    pub lines: BTreeMap<&'static str, String>,
    pub aliases: BTreeMap<String, String>,
    pub mutes: BTreeSet<String>,
    pub limit: Option<String>,
}

/// A base folder with what is known of it.
pub struct World {
    pub base: Base,
    pub rng: Rng,
    pub contacts: Vec<Contact>,
    /// The messages by their path.
    pub letters: BTreeMap<String, Letter>,
    /// All files below the base folder that the test wrote: bytes and modification time.
    pub files: BTreeMap<String, (Vec<u8>, SystemTime)>,
    pub settings: Settings,
    /// Folded names of contacts that a build saw with an inbox.
    pub seen: BTreeSet<String>,
    /// Whether all builds are made by one process that is told where to look.
    pub running: bool,
    /// That process.
    pub process: Option<super::running::Running>,
    /// What was done, for the report of a failure.
    pub log: Vec<String>,
    counter: u64,
}

impl World {
    /// Makes a base folder with two to five contacts and some messages.
    pub fn new(seed: u64) -> World {
        let settings = Settings {
            file: SettingsFile::Whole,
            public: Vec::new(),
            lines: BTreeMap::new(),
            aliases: BTreeMap::new(),
            mutes: BTreeSet::new(),
            limit: None,
        };
        let mut world = World {
            base: Base::in_memory(),
            rng: Rng::new(seed),
            contacts: Vec::new(),
            letters: BTreeMap::new(),
            files: BTreeMap::new(),
            settings,
            seen: BTreeSet::new(),
            running: seed % 2 == 1,
            process: None,
            log: Vec::new(),
            counter: 0,
        };
        for _ in 0..2 + world.rng.below(4) {
            super::edits::add_contact(&mut world);
        }
        let names: Vec<String> = world.contacts.iter().map(|c| c.name.clone()).collect();
        world.settings.public = names.into_iter().filter(|_| world.rng.chance(60)).collect();
        world.settings.lines.insert("page_size", "2".into());
        world.write_settings();
        world
    }

    /// Returns the next number: none is given out twice.
    pub fn number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// Writes a file whose time means nothing. It mostly lies in the future, for then the cache
    /// trusts a file that was written just now; in every second contact it nearly always does, so that
    /// the whole contact is trusted. No two writes have the same time.
    pub fn put(&mut self, path: &str, bytes: impl Into<Vec<u8>>) {
        let contact = path.split('/').next().unwrap_or_default();
        let is_trusted = contact.bytes().map(u32::from).sum::<u32>() % 2 == 0;
        let share = if is_trusted { 98 } else { 60 };
        let (decades, number) = (if self.rng.chance(share) { 20 } else { 0 }, self.number());
        let time = moment(decades) + Duration::from_secs(number);
        self.put_at(path, bytes.into(), time);
    }

    /// Writes a file with a modification time.
    pub fn put_at(&mut self, path: &str, bytes: Vec<u8>, time: SystemTime) {
        self.base.write(path, &bytes);
        set_time(&self.base.at(path), time);
        self.files.insert(path.to_owned(), (bytes, time));
    }

    /// Writes a message.
    pub fn put_letter(&mut self, path: &str, letter: Letter) {
        let bytes = letter.text().into_bytes();
        let named = Stamp::of_name(super::letter::stem_name(path)).is_some();
        if named || (letter.form != Form::Bare && letter.date.is_some()) {
            self.put(path, bytes);
        } else {
            // The file's time is the message's.
            let number = self.number();
            self.put_at(path, bytes, moment(0) + Duration::from_secs(number * 3671));
        }
        self.letters.insert(path.to_owned(), letter);
    }

    /// Removes a file; its folder stays.
    pub fn delete(&mut self, path: &str) {
        fs::remove_file(self.base.at(path)).unwrap();
        self.files.remove(path);
        self.letters.remove(path);
    }

    /// Removes a folder with all that is in it.
    pub fn delete_folder(&mut self, folder: &str) {
        fs::remove_dir_all(self.base.at(folder)).unwrap();
        let below = format!("{folder}/");
        self.files.retain(|path, _| !path.starts_with(&below));
        self.letters.retain(|path, _| !path.starts_with(&below));
    }

    /// Renames a file or a folder.
    pub fn rename(&mut self, from: &str, to: &str) {
        fs::create_dir_all(self.base.at(to).parent().unwrap()).unwrap();
        fs::rename(self.base.at(from), self.base.at(to)).unwrap();
        let below = format!("{from}/");
        let new = |path: &str| match path.strip_prefix(&below) {
            Some(rest) => format!("{to}/{rest}"),
            None if path == from => to.to_owned(),
            None => path.to_owned(),
        };
        let files = std::mem::take(&mut self.files);
        self.files = files.into_iter().map(|(path, file)| (new(&path), file)).collect();
        let letters = std::mem::take(&mut self.letters);
        self.letters = letters.into_iter().map(|(path, letter)| (new(&path), letter)).collect();
    }

    /// Writes `handbill.toml` anew.
    pub fn write_settings(&mut self) {
        let settings = &self.settings;
        let quoted = |text: &String| format!("\"{text}\"");
        let public: Vec<String> = settings.public.iter().map(quoted).collect();
        let mut text = format!("public = [{}]\n", public.join(", "));
        for (key, value) in &settings.lines {
            text += &format!("{key} = {value}\n");
        }
        if let Some(limit) = &settings.limit {
            text += &format!("[limits]\n{limit}\n");
        }
        let named: BTreeSet<&String> = settings.aliases.keys().chain(&settings.mutes).collect();
        for name in named {
            text += &format!("[contact.\"{name}\"]\nmute = {}\n", settings.mutes.contains(name));
            if let Some(alias) = settings.aliases.get(name) {
                text += &format!("alias = \"{alias}\"\n");
            }
        }
        match settings.file {
            SettingsFile::Whole => self.put("handbill.toml", text),
            SettingsFile::Broken => self.put("handbill.toml", format!("title = \"open\n{text}")),
            SettingsFile::Absent => {
                if self.files.contains_key("handbill.toml") {
                    self.delete("handbill.toml");
                }
            }
        }
    }

    /// Returns whether a path exists, be it a file or a folder.
    pub fn exists(&self, path: &str) -> bool {
        self.base.at(path).exists()
    }

    /// Returns the boxes there are, as `notes/outbox`.
    pub fn boxes(&self) -> Vec<String> {
        let all = self
            .contacts
            .iter()
            .flat_map(|contact| ["outbox", "inbox"].map(|side| format!("{}/{side}", contact.name)));
        all.filter(|path| self.base.at(path).is_dir()).collect()
    }

    /// Returns the paths of messages.
    pub fn paths(&self) -> Vec<String> {
        self.letters.keys().cloned().collect()
    }

    /// Returns the paths of files in boxes that are no messages.
    pub fn other_files(&self) -> Vec<String> {
        let in_box = |path: &&String| path.contains("/outbox/") || path.contains("/inbox/");
        let other =
            |path: &&String| !self.letters.contains_key(*path) && !path.ends_with("/channel.toml");
        self.files.keys().filter(in_box).filter(other).cloned().collect()
    }

    /// Returns whether a file lies in the folder of a message: then it is no message itself.
    pub fn is_attachment(&self, path: &str) -> bool {
        let path = fold(path);
        let folders = self.letters.keys().map(|other| format!("{}/", fold(stem(other))));
        folders.into_iter().any(|folder| path.starts_with(&folder))
    }

    /// Returns the contact that a path lies in.
    pub fn contact_of(&self, path: &str) -> &Contact {
        let name = path.split('/').next().unwrap();
        self.contacts.iter().find(|contact| contact.name == name).unwrap()
    }

    /// Returns whether something in a contact's folder is called like an inbox.
    pub fn has_inbox_trace(&self, name: &str) -> bool {
        let entries = fs::read_dir(self.base.at(name)).unwrap().flatten();
        entries
            .map(|entry| entry.file_name().to_string_lossy().to_lowercase())
            .any(|name| name.starts_with("inbox"))
    }

    /// Notes which contacts have an inbox now: a build is about to see them.
    pub fn note_inboxes(&mut self) {
        let names = self.contacts.iter().map(|contact| &contact.name);
        let with_inbox: Vec<String> =
            names.filter(|name| self.has_inbox_trace(name)).map(|name| fold(name)).collect();
        self.seen.extend(with_inbox);
    }

    /// Returns whether a contact may be in the public edition.
    pub fn may_be_public(&self, contact: &Contact) -> bool {
        self.settings.public.contains(&contact.name)
            && self.exists(&format!("{}/outbox", contact.name))
            && !self.has_inbox_trace(&contact.name)
            && !self.seen.contains(&fold(&contact.name))
    }

    /// Makes sure that every file of a box is as it was written: bytes and time, none more and
    /// none less.
    pub fn check_boxes(&self) -> Result<(), String> {
        let mut left: BTreeSet<&str> = self.files.keys().map(String::as_str).collect();
        left.retain(|path| path.contains("box/"));
        for folder in self.boxes() {
            for entry in walkdir::WalkDir::new(self.base.at(&folder)).into_iter().flatten() {
                if entry.file_type().is_dir() {
                    continue;
                }
                let path = entry.path().strip_prefix(self.base.path()).unwrap();
                let path = path.to_str().unwrap();
                let Some((bytes, time)) = self.files.get(path) else {
                    return Err(format!("the build put `{path}` into a box"));
                };
                let modified = entry.metadata().unwrap().modified().unwrap();
                if modified != *time || fs::read(entry.path()).unwrap() != *bytes {
                    return Err(format!("the build changed `{path}`"));
                }
                left.remove(path);
            }
        }
        match left.first() {
            Some(path) => Err(format!("the build removed `{path}`")),
            None => Ok(()),
        }
    }

    /// Moves the clock of the next builds.
    pub fn step(&mut self, seconds: i64) {
        self.base.now = Now(self.base.now.0 + seconds);
    }
}

/// Returns a moment that lies some decades after the autumn of 2026.
fn moment(decades: u64) -> SystemTime {
    const AUTUMN: u64 = 1_790_000_000;
    SystemTime::UNIX_EPOCH + Duration::from_secs(AUTUMN + decades * 3_650 * 86_400)
}
