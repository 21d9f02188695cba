//! `handbill.toml`: my settings. All of it is optional; the defaults are here.

use super::channel::language;
use super::parse_file;
use super::sync::{SyncSettings, read_sync};
use super::way::on_one_line;
use crate::diagnostic::Checked;
use crate::fields::{Fields, File, Kind, Reader, Value};
use crate::limits::Limits;
use crate::path::fold;
use crate::source::Place;
use crate::web::BaseUrl;
use chrono_tz::Tz;
use std::collections::BTreeMap;
use uuid::Uuid;

/// My settings, checked, with all defaults.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The name of the site.
    pub title: String,
    /// What the ids of its common feeds are made from: no address, so that it may move.
    pub id: Option<Uuid>,
    /// The contacts that may be in the public edition, by folder name, with the place each is
    /// named at.
    pub public: Vec<(String, Place)>,
    /// Whether the file says what is public, be it nothing.
    pub says_public: bool,
    /// Where the public edition is read; feeds need absolute addresses.
    pub base_url: Option<BaseUrl>,
    /// The port of the local server, on which the reader edition's feeds are read.
    pub port: u16,
    /// The zone of day headings.
    pub time_zone: Tz,
    /// The language of the interface and, where nothing else is said, of messages.
    pub language: String,
    /// The folder of my theme, below the base folder.
    pub theme: String,
    /// How many messages a list shows at once.
    pub page_size: usize,
    /// What the titles of untitled messages are in Atom feeds.
    pub feed_titles: FeedTitles,
    /// Whether pictures on other hosts are shown in my own public channels.
    pub remote_images: bool,
    /// The budgets.
    pub limits: Limits,
    /// How the engine reaches others, and what it takes.
    pub sync: SyncSettings,
    /// What is run after the public edition has changed.
    pub after_public: Option<Hook>,
    /// What I say of single contacts, by folder name.
    pub contacts: BTreeMap<String, ContactSettings>,
}

/// A command of one's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hook {
    /// A line for the system's shell.
    Line(String),
    /// A program and its arguments, none of which a shell looks at; never empty.
    Program(Vec<String>),
}

/// What the titles of untitled messages are in Atom feeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedTitles {
    /// Their first words.
    Text,
    /// Nothing, with a summary beside it.
    Empty,
}

/// What I say of one contact.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContactSettings {
    /// My name for it.
    pub alias: Option<String>,
    /// The read-only key or link I was given.
    pub subscribe: Option<String>,
    /// Whether it stays out of the timeline.
    pub mute: bool,
    /// Whether what I write to it is written as BTMessage and Missive read it: `….txt` whose whole
    /// name is the time, without a header.
    pub write_txt: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            title: "Handbill".into(),
            id: None,
            public: Vec::new(),
            says_public: false,
            base_url: None,
            port: 8888,
            time_zone: Tz::UTC,
            language: "en".into(),
            theme: "theme".into(),
            page_size: 20,
            feed_titles: FeedTitles::Text,
            remote_images: false,
            limits: Limits::default(),
            sync: SyncSettings::default(),
            after_public: None,
            contacts: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// Returns where the public edition is read by others: not where only this machine can.
    pub fn world_base(&self) -> Option<&BaseUrl> {
        self.base_url.as_ref().filter(|base| !base.is_loopback())
    }

    /// Returns what I say of a contact, in whatever case it is named.
    pub fn contact(&self, name: &str) -> Option<&ContactSettings> {
        let same = || {
            let mut said = self.contacts.iter().filter(|(other, _)| fold(other) == fold(name));
            said.next().map(|(_, said)| said)
        };
        self.contacts.get(name).or_else(same)
    }
}

/// Reads a `handbill.toml`.
pub fn read_settings(file: File<'_>) -> Checked<Settings> {
    let mut found = Vec::new();
    let fields = parse_file(file, &mut found);
    let mut reader = Reader::new(file, fields, &mut found);
    let mut value = Settings::default();
    read_into(&mut reader, &mut value);
    reader.finish();
    Checked { value, diagnostics: found }
}

fn read_into(reader: &mut Reader<'_>, settings: &mut Settings) {
    set(&mut settings.title, reader.line("title"));
    settings.id = reader.parsed("id", "a UUID", |text| Uuid::parse_str(text).ok());
    let file = reader.file();
    settings.says_public = reader.has_list("public");
    let public = reader.texts("public").into_iter();
    settings.public = public.map(|(name, span)| (name, file.place(span))).collect();
    settings.base_url = reader.parsed("base_url", "an http or https address", BaseUrl::parse);
    set(&mut settings.port, reader.number("port", 1..65536).and_then(|n| u16::try_from(n).ok()));
    let zone = reader.parsed("time_zone", "a zone, as Europe/Lisbon", |text| text.parse().ok());
    set(&mut settings.time_zone, zone);
    set(&mut settings.language, reader.parsed("language", "a language tag, as en", language));
    set(&mut settings.theme, reader.parsed("theme", "a folder below the base folder", folder));
    set(&mut settings.page_size, count(reader, "page_size", 1..501));
    set(&mut settings.feed_titles, reader.parsed("feed_titles", "text or empty", feed_titles));
    set(&mut settings.remote_images, reader.truth("remote_images"));
    if let Some(fields) = reader.table("limits") {
        read_limits(reader.inner(fields), &mut settings.limits);
    }
    if let Some(fields) = reader.table("sync") {
        settings.sync = read_sync(reader.inner(fields));
    }
    if let Some(fields) = reader.table("hooks") {
        settings.after_public = read_hooks(reader.inner(fields));
    }
    if let Some(fields) = reader.table("contact") {
        settings.contacts = read_contacts(reader, fields);
    }
}

pub(super) fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn folder(text: &str) -> Option<String> {
    let text = text.trim_end_matches('/');
    crate::path::RelPath::parse(text).map(String::from)
}

fn feed_titles(text: &str) -> Option<FeedTitles> {
    match text {
        "text" => Some(FeedTitles::Text),
        "empty" => Some(FeedTitles::Empty),
        _ => None,
    }
}

pub(super) fn count(
    reader: &mut Reader<'_>,
    key: &'static str,
    range: std::ops::Range<i64>,
) -> Option<usize> {
    reader.number(key, range).and_then(|n| usize::try_from(n).ok())
}

fn read_limits(mut reader: Reader<'_>, limits: &mut Limits) {
    const MOST: i64 = 1 << 50;
    let mut size = |key, place: &mut u64| {
        set(place, reader.number(key, 0..MOST).and_then(|n| u64::try_from(n).ok()));
    };
    size("inbox_message", &mut limits.inbox_message);
    size("own_message", &mut limits.own_message);
    size("inbox_attachment", &mut limits.inbox_attachment);
    size("own_attachment", &mut limits.own_attachment);
    set(&mut limits.attachments, count(&mut reader, "attachments", 0..100_001));
    set(&mut limits.messages, count(&mut reader, "messages", 1..100_000_001));
    reader.finish();
}

fn read_hooks(mut reader: Reader<'_>) -> Option<Hook> {
    const KEY: &str = "after_public";
    let value = reader.take(KEY);
    let hook = value.and_then(|value| {
        let hook = hook(&value.kind);
        if hook.is_none() {
            reader.wrong(KEY, value.span, "a command: a text, or a list of program and arguments");
        }
        hook
    });
    reader.finish();
    hook
}

fn hook(kind: &Kind) -> Option<Hook> {
    match kind {
        Kind::Text(line) => (!line.trim().is_empty()).then(|| Hook::Line(line.clone())),
        Kind::List(words) => {
            // One word that is none would change what the others mean.
            let word = |value: &Value| match &value.kind {
                Kind::Text(word) => Some(word.clone()),
                _ => None,
            };
            let words = words.iter().map(word).collect::<Option<Vec<String>>>()?;
            (!words.is_empty()).then_some(Hook::Program(words))
        }
        _ => None,
    }
}

fn read_contacts(reader: &mut Reader<'_>, fields: Fields) -> BTreeMap<String, ContactSettings> {
    let mut contacts = BTreeMap::new();
    for field in fields.0 {
        let Kind::Table(fields) = field.value.kind else {
            reader.wrong("contact", field.value.span, "written as [contact.NAME]");
            continue;
        };
        let mut inner = reader.inner(fields);
        let settings = ContactSettings {
            alias: inner.line("alias"),
            subscribe: inner
                .raw_text("subscribe")
                .map(|(text, _)| on_one_line(&text))
                .filter(|text| !text.is_empty()),
            mute: inner.truth("mute").unwrap_or(false),
            write_txt: inner.truth("write_txt").unwrap_or(false),
        };
        inner.finish();
        contacts.insert(field.key, settings);
    }
    contacts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SyncReach;
    use crate::diagnostic::{Diagnostic, Owner};

    fn check(text: &str) -> (Settings, Vec<Diagnostic>) {
        let checked = read_settings(File { path: "handbill.toml", text, owner: Owner::Own });
        (checked.value, checked.diagnostics)
    }

    #[test]
    fn all_settings() {
        let (settings, found) = check(
            "title = \"My site\"\npublic = [\"a\", \"b\"]\nbase_url = \"https://example.org\"\n\
             port = 9000\ntime_zone = \"Europe/Lisbon\"\nlanguage = \"pt\"\ntheme = \"my/theme/\"\n\
             page_size = 50\nfeed_titles = \"empty\"\nremote_images = true\n\
             [limits]\ninbox_message = 5\n[hooks]\nafter_public = \"rsync  x\"\n\
             [contact.mira]\nalias = \"Mira\"\nmute = true\nwrite_txt = true\n",
        );
        assert_eq!(found, []);
        assert_eq!(settings.public.len(), 2);
        assert_eq!(settings.base_url.unwrap().as_str(), "https://example.org/");
        assert_eq!((settings.port, settings.page_size), (9000, 50));
        assert_eq!(settings.theme, "my/theme");
        assert_eq!(settings.limits.inbox_message, 5);
        assert!(settings.contacts["mira"].mute && settings.contacts["mira"].write_txt);
        assert_eq!(settings.after_public, Some(Hook::Line("rsync  x".into())));
        let (settings, _) = check("[hooks]\nafter_public = [\"rsync\", \"a b\"]\n");
        let words = vec!["rsync".to_owned(), "a b".to_owned()];
        assert_eq!(settings.after_public, Some(Hook::Program(words)));
        for wrong in ["[]", "1", "\"\"", "[\"rm\", 1]"] {
            let (settings, found) = check(&format!("[hooks]\nafter_public = {wrong}\n"));
            assert_eq!((settings.after_public, found.len()), (None, 1), "{wrong}");
        }
    }

    #[test]
    fn how_the_engine_reaches_others() {
        let (settings, found) = check(
            "[sync]\nreach = \"network\"\nport = 4433\naddresses = [\"192.0.2.7:4433\"]\n\
             relay = \"https://relay.example.org/\"\nfiles = 10\nbytes = 20\nfile_bytes = 30\n",
        );
        assert_eq!(found, []);
        let sync = settings.sync;
        assert_eq!((sync.reach, sync.port), (SyncReach::Network, 4433));
        assert_eq!((sync.limits.files, sync.limits.bytes, sync.limits.file_bytes), (10, 20, 30));
        assert!(sync.addresses.len() == 1 && sync.relay.is_some());
        let (settings, found) = check(
            "[sync]\nreach = \"far\"\nport = 0\naddresses = [\"example.org:1\", 2]\n\
             relay = \"http://relay.example.org/\"\n",
        );
        assert_eq!((settings.sync, found.len()), (SyncSettings::default(), 5));
    }

    #[test]
    fn an_unknown_key_names_the_nearest() {
        let (_, found) = check("pubilc = [\"a\"]\n[limits]\ninbox_mesage = 1\n");
        let hints: Vec<_> = found.iter().filter_map(|d| d.hint.as_deref()).collect();
        assert_eq!(hints, ["did you mean `inbox_message`?", "did you mean `public`?"]);
        let place = found[1].place.as_ref().unwrap();
        assert_eq!((place.line, place.column, place.width), (1, 1, 6));
    }

    #[test]
    fn a_value_out_of_range_keeps_the_default() {
        let (settings, found) = check("port = 70000\npage_size = 0\ntheme = \"../x\"\n");
        assert_eq!(settings, Settings::default());
        assert_eq!(found.len(), 3);
    }
}
