//! A base folder in memory: built into both editions, every page and feed of them checked.

use super::super::holds::feed::{assert_feed, read_xml};
use super::super::holds::page::assert_page;
use handbill::build::{Input, Last, Next, Planned, build, contacts};
use handbill::config::{ChannelInfo, Settings, read_channel, read_settings};
use handbill::diagnostic::Owner;
use handbill::fields::File;
use handbill::hash::Hash;
use handbill::keys;
use handbill::library::contact::{BoxInput, Post};
use handbill::library::{ContactInput, Context, Edition, Memory, Message, Side};
use handbill::listing::{Entry, Listing, Stat, sort};
use handbill::message::parse;
use handbill::path::RelPath;
use handbill::plan::look::{LastLook, look_inside};
use handbill::plan::{Format, Segment, What};
use handbill::render::html::NotMade;
use handbill::render::outline::{Keys, outline};
use handbill::render::{Bodies, Look, Texts, feed, html, search, sitemap};
use handbill::text::is_illegal;
use handbill::theme::{Theme, load};
use handbill::time::{Now, Stamp};
use handbill::web::BaseUrl;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Texts by their path below the base folder.
struct Files(BTreeMap<RelPath, String>);

impl Texts for Files {
    fn text(&self, message: &Message) -> Option<String> {
        self.0.get(&RelPath::parse(&message.path())?).cloned()
    }
}

/// Builds a base folder, each file behind a line `-- path`.
pub fn check(text: &str) {
    let files = Files::of(text);
    let own = files.0.iter().find(|(path, _)| path.as_str() == "handbill.toml");
    let settings = Settings {
        // What the checks of pages and feeds know.
        base_url: BaseUrl::parse("https://example.org/site/"),
        port: 8888,
        ..own.map_or_else(Settings::default, |(path, text)| {
            read_settings(File { path: path.as_str(), text, owner: Owner::Own }).value
        })
    };
    let now = Now(Stamp::parse("2026-11-24T12:00:00Z").map_or(0, Stamp::unix));
    let (context, last) = (Context { settings: &settings, now }, Last::default());
    let input = Input {
        contacts: contacts(files.contacts(), &context, &last, Next::None),
        settings: &settings,
        memory: &Memory::default(),
        found: Vec::new(),
    };
    let built = build(input, &last);
    for planned in [&built.value.public, &built.value.reader] {
        check_edition(planned, &files, &settings);
    }
}

fn theme() -> &'static Theme {
    static THEME: OnceLock<Theme> = OnceLock::new();
    THEME.get_or_init(|| load("theme", &[], "en").value)
}

fn check_edition(planned: &Planned, files: &Files, settings: &Settings) {
    let look = Look::new(planned.edition, settings, theme(), &planned.heads);
    let base = look.base.as_ref().map(BaseUrl::as_str).unwrap_or_default();
    let mut segments: Vec<Segment> = Vec::new();
    planned.plan(settings, theme(), &mut segments);
    let bodies = Bodies::new(files, &look);
    for output in segments.iter().flat_map(|segment| &segment.outputs) {
        if planned.edition == Edition::Public {
            LastLook::new(settings, &planned.private).at(output).unwrap();
        }
        let bytes = match &output.what {
            What::Feed(feed, format) => {
                let bytes = feed::feed(feed, *format, &look, &bodies).0;
                match format {
                    Format::Atom => {
                        assert_feed(output.path.as_str(), &bytes, base);
                    }
                    Format::Json => {
                        serde_json::from_slice::<serde_json::Value>(&bytes).unwrap();
                    }
                }
                bytes
            }
            What::Outline(lines) => {
                let text = outline(lines, &look, Keys::Without);
                read_xml(text.as_bytes());
                text.into_bytes()
            }
            What::Page(page) => match html::page(&output.path, page, &look, &bodies) {
                Ok(made) => {
                    let html = String::from_utf8(made.bytes).unwrap();
                    assert_page(output.path.as_str(), &html);
                    html.into_bytes()
                }
                Err(NotMade::Gone) => panic!("{} waits", output.path),
                Err(NotMade::Failed(why)) => panic!("{}: {why:?}", output.path),
            },
            What::Crawlers(what) => sitemap::crawlers(what, &look).into_bytes(),
            What::Shard(shard) => {
                let script = search::shard(shard, &look, &bodies).unwrap();
                assert_shard(&script);
                script.into_bytes()
            }
            What::Asset(_) | What::Copy { .. } | What::Smaller { .. } => continue,
        };
        if planned.edition == Edition::Public {
            look_inside(output, &bytes, Some(base), &planned.private).unwrap();
        }
    }
}

/// A script of the search is one call with data alone.
fn assert_shard(script: &str) {
    let list = script.strip_prefix("handbillShard([\n").and_then(|rest| rest.strip_suffix("]);\n"));
    for line in list.unwrap_or_else(|| panic!("{script}")).lines() {
        let message = line.strip_suffix(',').unwrap_or_else(|| panic!("{line}"));
        let message: serde_json::Value = serde_json::from_str(message).unwrap();
        assert!(message["page"].is_string() && message["text"].is_string(), "{line}");
    }
}

impl Files {
    fn of(text: &str) -> Files {
        let mut files = BTreeMap::new();
        for file in text.split("-- ").skip(1).take(40) {
            let (path, text) = file.split_once('\n').unwrap_or((file, ""));
            let Some(path) = RelPath::parse(path.trim()) else { continue };
            // As the shell reads a text.
            let text = keys::redact(&text.replace(is_illegal, "")).0.into_owned();
            let in_box = path.parts().count() > 2;
            if in_box || path.as_str() == "handbill.toml" {
                files.insert(path, text);
            }
        }
        Files(files)
    }

    /// Returns the contacts, by name.
    fn contacts(&self) -> Vec<Arc<ContactInput>> {
        let mut contacts: BTreeMap<&str, ContactInput> = BTreeMap::new();
        for path in self.0.keys() {
            let mut parts = path.parts();
            let (Some(name), Some(folder)) = (parts.next(), parts.next()) else { continue };
            if name.starts_with(['.', '_']) || keys::holds_writing_key(name) {
                continue;
            }
            let contact = contacts.entry(name).or_insert_with(|| ContactInput {
                name: name.to_owned(),
                outbox: None,
                inbox: None,
                inbox_trace: None,
            });
            match folder {
                "outbox" => contact.outbox = Some(self.read(name, Side::Outbox)),
                "inbox" => contact.inbox = Some(self.read(name, Side::Inbox)),
                _ => {}
            }
            if folder.starts_with("inbox") {
                contact.inbox_trace = Some(folder.to_owned());
            }
        }
        contacts.into_values().map(Arc::new).collect()
    }

    fn read(&self, contact: &str, side: Side) -> BoxInput {
        let top = format!("{contact}/{}/", side.folder());
        let mut files = Vec::new();
        let mut info = ChannelInfo::default();
        for (path, text) in &self.0 {
            let Some(below) = path.as_str().strip_prefix(&top).and_then(RelPath::parse) else {
                continue;
            };
            if below.as_str() == "channel.toml" {
                let file = File { path: path.as_str(), text, owner: side.owner() };
                info = read_channel(file).value;
            }
            let stat = Stat { size: text.len() as u64, ..Stat::default() };
            files.push(Entry {
                path: below,
                stat,
                picture: None,
                photo: false,
                copy: Default::default(),
            });
        }
        let sorted = sort(&Listing { files: files.into_iter().collect(), odd: Vec::new() });
        let posts = sorted.messages.into_iter().filter_map(|file| {
            let path = RelPath::parse(&format!("{top}{}", file.path))?;
            let text = self.0.get(&path)?;
            let read = parse(File { path: path.as_str(), text, owner: side.owner() });
            let source = Hash::of(text.as_bytes());
            let meta = Arc::new(read.value);
            Some(Arc::new(Post { file, source, meta, too_large: false, history: None }))
        });
        BoxInput {
            posts: posts.collect(),
            info,
            others: sorted.others.into(),
            ..BoxInput::default()
        }
    }
}
