//! Random edits of a base folder: what people and sync tools do to it.

use super::letter::{Form, Letter, stem, stem_name};
use super::world::{Contact, SettingsFile, World};
use super::{damage, site};
use crate::support::{photograph, png};
use handbill::library::{channel_namespace, message_id};
use handbill::path::RelPath;
use handbill::time::Stamp;
use std::fs;

/// Makes one edit that changes something.
pub fn edit(world: &mut World) {
    loop {
        let done = match world.rng.below(100) {
            0..20 => new_letter(world),
            20..43 => change(world),
            43..47 => rename_letter(world),
            47..50 => move_letter(world),
            50..54 => delete_letter(world),
            54..62 => attach(world),
            62..65 => change_other(world),
            65..68 => copy(world),
            68..72 => site::channel(world),
            72..79 => site::settings(world),
            79..84 => site::theme(world),
            84..87 => contact(world),
            87..90 => inbox(world),
            90..94 => clock(world),
            94..96 => touch(world),
            _ => damage::damage(world),
        };
        if let Some(what) = done {
            world.log.push(what);
            return;
        }
    }
}

const NAMES: &[&str] =
    &["notes", "tide", "mira", "odo", "harbour", "Fern Ö", "log-book", "archive", "assets", "Tags"];

/// Adds a contact with an outbox or an inbox, and a few messages.
pub fn add_contact(world: &mut World) -> Option<String> {
    let name = free_name(world)?;
    let word = format!("q{}q", world.number());
    let id = world.rng.chance(60).then(|| uuid::Uuid::from_u128(u128::from(world.rng.next())));
    world.contacts.push(Contact { name: name.clone(), word: word.clone(), id });
    let side = if world.rng.chance(75) { "outbox" } else { "inbox" };
    world.base.folder(&format!("{name}/{side}"));
    if let Some(id) = id {
        let text = format!("id = \"{id}\"\ntitle = \"Title {word}\"\n");
        world.put(&format!("{name}/{side}/channel.toml"), text);
    }
    for _ in 0..1 + world.rng.below(3) {
        let path = letter_path(world, &format!("{name}/{side}"));
        let letter = letter(world, &path);
        world.put_letter(&path, letter);
    }
    Some(format!("add contact {name}/{side}"))
}

fn free_name(world: &mut World) -> Option<String> {
    let name = world.rng.pick(NAMES).to_owned();
    (!world.exists(&name)).then_some(name)
}

fn contact(world: &mut World) -> Option<String> {
    match world.rng.below(4) {
        0 if world.contacts.len() < 6 => add_contact(world),
        1 if world.contacts.len() > 2 => {
            let at = world.rng.below(world.contacts.len());
            let contact = world.contacts.remove(at);
            world.delete_folder(&contact.name);
            Some(format!("remove contact {}", contact.name))
        }
        2 => {
            let at = world.rng.below(world.contacts.len());
            let to = free_name(world)?;
            let from = std::mem::replace(&mut world.contacts[at].name, to.clone());
            world.rename(&from, &to);
            if world.rng.chance(50) {
                let public = &mut world.settings.public;
                public.iter_mut().filter(|name| **name == from).for_each(|n| n.clone_from(&to));
                world.write_settings();
            }
            Some(format!("rename contact {from} to {to}"))
        }
        3 => {
            // The second box: a channel becomes a conversation.
            let contact = world.rng.pick(&world.contacts).name;
            let side = world.rng.pick(&["outbox", "inbox"]);
            let folder = format!("{contact}/{side}");
            if world.exists(&folder) {
                return None;
            }
            world.base.folder(&folder);
            let path = letter_path(world, &folder);
            let letter = letter(world, &path);
            world.put_letter(&path, letter);
            Some(format!("add box {folder}"))
        }
        _ => None,
    }
}

/// Something like an inbox appears in a contact, or goes.
fn inbox(world: &mut World) -> Option<String> {
    let contact = world.rng.pick(&world.contacts).name;
    let name = world.rng.pick(&["inbox", "Inbox.old", "inbox (2)"]);
    let path = format!("{contact}/{name}");
    if world.exists(&path) {
        if world.boxes().iter().filter(|path| path.starts_with(&format!("{contact}/"))).count() < 2
            && name == "inbox"
        {
            return None;
        }
        world.delete_folder(&path);
        return Some(format!("remove {path}"));
    }
    world.base.folder(&path);
    Some(format!("make {path}"))
}

fn new_letter(world: &mut World) -> Option<String> {
    let folder = world.rng.pick_any(&world.boxes())?;
    if world.letters.len() > 24 {
        return None;
    }
    let path = letter_path(world, &folder);
    if world.exists(&path) {
        return None;
    }
    let letter = letter(world, &path);
    world.put_letter(&path, letter);
    Some(format!("write {path}"))
}

/// Returns a path for a new message of a box.
fn letter_path(world: &mut World, folder: &str) -> String {
    let number = world.number();
    let stamp = moment(world).iso().replace(':', "-");
    let day = stamp[..10].to_owned();
    let name = match world.rng.below(12) {
        0 | 1 => format!("{stamp}.txt"),
        2..5 => format!("{stamp}.md"),
        5..8 => format!("{stamp}-words-{number}.md"),
        8 => format!("{day}-words-{number}.markdown"),
        9 => format!("plain-{number}.md"),
        10 => format!("Größe {number}.md"),
        _ => world
            .rng
            .pick(&["index.md", "feed.md", "2026.md", "page-2.md", "in.md", "tags.MD"])
            .to_owned(),
    };
    match world.rng.below(8) {
        0 => format!("{folder}/2026/{name}"),
        1 => format!("{folder}/in/Deep er/{name}"),
        _ => format!("{folder}/{name}"),
    }
}

/// Returns a time: mostly of these weeks, sometimes years ago, sometimes still to come.
fn moment(world: &mut World) -> Stamp {
    const DAY: usize = 86_400;
    let back = match world.rng.below(10) {
        0..5 => world.rng.below(20 * DAY),
        5..7 => world.rng.below(300 * DAY),
        7..9 => world.rng.below(4_000 * DAY),
        _ => return Stamp::from_unix(world.base.now.0 + world.rng.below(3 * DAY) as i64),
    };
    // Whole hours, so that some messages have the same time.
    Stamp::from_unix((world.base.now.0 - back as i64).div_euclid(3600) * 3600)
}

fn letter(world: &mut World, path: &str) -> Letter {
    let token = format!("z{}z", world.number());
    let mut letter = Letter {
        form: world.rng.pick(&[Form::Bare, Form::Bare, Form::Toml, Form::Yaml]),
        date: None,
        title: None,
        tags: Vec::new(),
        reply: None,
        others: Vec::new(),
        closed: None,
        broken: false,
        body: String::new(),
        token,
    };
    let undated = Stamp::of_name(stem_name(path)).is_none();
    if undated && world.rng.chance(80) {
        letter.with_header();
        letter.date = Some(moment(world).iso());
    }
    letter.body = body(world, path, &letter.token);
    for _ in 0..world.rng.below(3) {
        change_letter(world, path, &mut letter);
    }
    letter
}

/// Returns a text with the word of the contact and the token of the message.
fn body(world: &mut World, path: &str, token: &str) -> String {
    let word = world.contact_of(path).word.clone();
    let mut body = String::new();
    if world.rng.chance(20) {
        body += &format!("# Heading {word} {token}\n\n");
    }
    let picture =
        world.rng.pick(&["a.png", "b.png", "late.png", "large.jpg", "pics/x.png", "../pics/x.png"]);
    match world.rng.below(12) {
        // Without words: attachments stand for it.
        0 => return String::new(),
        1 => return format!("![alt {word} {token}]({picture})\n"),
        2 => body += &format!("alt {word} {token}"),
        3 => body += &format!("Raw <b onclick=\"x()\">{word}</b> <img src=\"{picture}\"> {token}."),
        4 => {
            let other = world.rng.pick(&world.paths_or(path));
            let name = other.rsplit('/').next().unwrap_or_default().to_owned();
            let folder = stem(&name).to_owned();
            body += &format!("See [this](<{name}>), ![that](<{folder}/a.png>) {word} {token}.");
        }
        5 => body += &format!("![{word}]({picture}) and [a file](b.txt), {token}."),
        _ => body += &format!("Low tide at six, {word} {token} {}.", world.rng.below(100)),
    }
    let tag = world.rng.pick(&["tide", "Tide", "TIDE", "größe", "2026-11", "mira", ""]);
    if !tag.is_empty() {
        body += &format!(" #{tag}");
    }
    body + "\n"
}

fn change(world: &mut World) -> Option<String> {
    let path = world.rng.pick_any(&world.paths())?;
    let mut letter = world.letters[&path].clone();
    let what = change_letter(world, &path, &mut letter);
    world.put_letter(&path, letter);
    Some(format!("change {path}: {what}"))
}

/// Changes one thing about a message.
fn change_letter(world: &mut World, path: &str, letter: &mut Letter) -> &'static str {
    let kind = world.rng.below(15);
    if kind > 2 {
        letter.with_header();
    }
    match kind {
        0..3 => {
            letter.body = body(world, path, &letter.token);
            "text"
        }
        3 | 4 => {
            let word = &world.contact_of(path).word;
            letter.title = match letter.title {
                Some(_) => None,
                None => Some(format!("Title of {word} {}", letter.token)),
            };
            "title"
        }
        5 | 6 => {
            let word = world.contact_of(path).word.clone();
            let own = format!("own-{word}");
            letter.tags = (0..world.rng.below(3))
                .map(|_| world.rng.pick(&["tide", "Tide", "harbour", "index", own.as_str()]).into())
                .collect();
            "tags"
        }
        7..9 => {
            letter.reply = reply(world);
            "reply"
        }
        9 => {
            letter.date = Some(date(world));
            "date"
        }
        10 => {
            letter.closed = match letter.closed {
                Some(_) => None,
                None => Some(world.rng.pick(&[
                    ("draft", "true"),
                    ("private", "true"),
                    ("published", "false"),
                    ("visibility", "\"friends\""),
                ])),
            };
            "closed"
        }
        11 => {
            letter.broken = !letter.broken;
            "broken"
        }
        12 if letter.form != Form::Bare => {
            letter.form = if letter.form == Form::Toml { Form::Yaml } else { Form::Toml };
            "form"
        }
        _ => {
            let edited = moment(world).iso();
            let name = &world.contact_of(path).word;
            let field = [
                ("author", format!("\"{name}\"")),
                ("author", "\"Odo\"".to_owned()),
                ("language", "\"pt\"".to_owned()),
                ("updated", "2026-11-20T10:00:00Z".to_owned()),
                ("updated", edited),
                ("unknwon", "1".to_owned()),
                ("id", format!("\"urn:x:{}\"", letter.token)),
                ("id", "\"urn:x:same\"".to_owned()),
                ("thumbnail", "\"a.png\"".to_owned()),
            ];
            let field = world.rng.pick(&field);
            letter.others.retain(|(key, _)| *key != field.0);
            if world.rng.chance(70) {
                letter.others.push(field);
            }
            "field"
        }
    }
}

/// Returns the value of a header's `date`, not always a sound one.
fn date(world: &mut World) -> String {
    let stamp = moment(world).iso();
    match world.rng.below(6) {
        0 => stamp[..10].to_owned(),
        1 => format!("{}+02:00", &stamp[..19]),
        2 => "\"yesterday\"".to_owned(),
        _ => stamp,
    }
}

/// Returns what a message may say that it answers.
fn reply(world: &mut World) -> Option<String> {
    let path = world.rng.pick_any(&world.paths())?;
    let (contact, below) = path.split_once('/')?;
    let (side, below) = below.split_once('/')?;
    let stem = stem(below);
    let id = world.contact_of(&path).id.filter(|_| world.rng.chance(90));
    Some(match world.rng.below(10) {
        0 => return None,
        1 => "urn:uuid:00000000-0000-4000-8000-000000000000".to_owned(),
        2 => "urn:x:same".to_owned(),
        3 => "https://elsewhere.example/post".to_owned(),
        4 => format!("http://localhost:8888/{contact}/{stem}.html"),
        5 => format!("https://site.example/{contact}/{stem}.html"),
        6 => "not an address".to_owned(),
        _ => message_id(channel_namespace(id, contact, side), &RelPath::parse(stem)?).to_string(),
    })
}

fn rename_letter(world: &mut World) -> Option<String> {
    let from = world.rng.pick_any(&world.paths())?;
    let folder = from.rsplit_once('/')?.0.to_owned();
    let box_folder: Vec<&str> = folder.splitn(3, '/').take(2).collect();
    let to = match world.rng.below(3) {
        0 if from.ends_with(".md") => format!("{}.markdown", stem(&from)),
        1 if from.ends_with(".md") => {
            format!("{folder}/{}.md", stem_name(&from).to_uppercase())
        }
        _ => letter_path(world, &box_folder.join("/")),
    };
    if world.exists(&to) {
        return None;
    }
    move_with_attachments(world, &from, &to);
    Some(format!("rename {from} to {to}"))
}

fn move_letter(world: &mut World) -> Option<String> {
    let from = world.rng.pick_any(&world.paths())?;
    let mut parts: Vec<&str> = from.split('/').collect();
    let group = world.rng.pick(&["2025", "2026/11", "Group ä", "in", "authors"]);
    if parts.len() > 3 {
        parts.drain(2..parts.len() - 1);
    } else {
        parts.insert(2, group);
    }
    let to = parts.join("/");
    if world.exists(&to) {
        return None;
    }
    move_with_attachments(world, &from, &to);
    Some(format!("move {from} to {to}"))
}

/// Renames a message, mostly with its attachments.
fn move_with_attachments(world: &mut World, from: &str, to: &str) {
    world.rename(from, to);
    let (old, new) = (stem(from), stem(to));
    let inside = format!("{new}/").starts_with(&format!("{old}/"));
    if world.base.at(old).is_dir() && !world.exists(new) && !inside && world.rng.chance(80) {
        world.rename(old, new);
    }
    // What it says is as it was; a time that was told by the name may now be the file's.
    let letter = world.letters[to].clone();
    if world.rng.chance(50) {
        world.put_letter(to, letter);
    }
}

fn delete_letter(world: &mut World) -> Option<String> {
    let path = world.rng.pick_any(&world.paths())?;
    world.delete(&path);
    let folder = stem(&path).to_owned();
    if world.base.at(&folder).is_dir() && world.rng.chance(50) {
        world.delete_folder(&folder);
    }
    Some(format!("delete {path}"))
}

/// A file comes beside a message, changes or goes.
fn attach(world: &mut World) -> Option<String> {
    let letter = world.rng.pick_any(&world.paths())?;
    let name = world.rng.pick(&[
        "a.png",
        "b.png",
        "late.png",
        "b.txt",
        "c.bin",
        "sound.mp3",
        "Übung.PNG",
        "deep/d.png",
        "note.md",
        "movie.mp4",
        "movie.png",
        "movie.de.vtt",
        "large.jpg",
        "pics/x.png",
    ]);
    let path = match world.rng.below(6) {
        0 => {
            let parts: Vec<&str> = letter.splitn(3, '/').take(2).collect();
            format!(
                "{}/{}",
                parts.join("/"),
                world.rng.pick(&["pics/x.png", "a.png", "avatar.png"])
            )
        }
        _ => format!("{}/{name}", stem(&letter)),
    };
    let below_file = path.match_indices('/').any(|(at, _)| world.base.at(&path[..at]).is_file());
    if below_file || world.base.at(&path).is_dir() || world.letters.contains_key(&path) {
        return None;
    }
    let bytes = content(world, &path);
    world.put(&path, bytes);
    Some(format!("attach {path}"))
}

fn content(world: &mut World, path: &str) -> Vec<u8> {
    let (width, height) = (1 + world.rng.below(9) as u32, 1 + world.rng.below(9) as u32);
    let word = world.contact_of(path).word.clone();
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "png" | "PNG" => png(width, height),
        "jpg" => photograph(656, 160, u64::from(width % 3)),
        _ => format!("{word} {}\n", world.rng.below(10)).into_bytes(),
    }
}

fn change_other(world: &mut World) -> Option<String> {
    let path = world.rng.pick_any(&world.other_files())?;
    if world.rng.chance(50) {
        world.delete(&path);
        return Some(format!("delete {path}"));
    }
    let bytes = content(world, &path);
    world.put(&path, bytes);
    Some(format!("change {path}"))
}

/// A sync tool leaves something beside a message.
fn copy(world: &mut World) -> Option<String> {
    let path = world.rng.pick_any(&world.paths())?;
    let (stem, extension) = path.rsplit_once('.')?;
    let to = match world.rng.below(8) {
        0 => format!("{stem}.sync-conflict-20261123-140900-K4LFMQY.{extension}"),
        1 => format!("{stem} (2).{extension}"),
        2 => format!("{stem}-LAPTOP.{extension}"),
        3 => format!("{path}~"),
        4 => format!("{stem}.markdown"),
        5 => format!("{stem} 2.{extension}"),
        6 => format!("{path}.!sync"),
        _ => format!("{stem} (conflicted copy 2026-11-23).{extension}"),
    };
    if world.exists(&to) {
        return None;
    }
    let token = format!("z{}z", world.number());
    let letter = world.letters[&path].clone();
    let body = letter.body.replace(&letter.token, &token);
    let title = letter.title.as_ref().map(|title| title.replace(&letter.token, &token));
    let others = letter.others.iter().map(|(k, v)| (*k, v.replace(&letter.token, &token)));
    let others = others.collect();
    world.put_letter(&to, Letter { token, body, title, others, ..letter });
    Some(format!("copy {path} to {to}"))
}

/// Time goes on, or a clock was wrong and is set back.
fn clock(world: &mut World) -> Option<String> {
    let seconds = world.rng.pick(&[60, 600, 7_200, 40_000, 86_400, 200_000, -40_000, -200_000]);
    world.step(seconds);
    Some(format!("the clock moves by {seconds} seconds"))
}

/// A file is written again as it was: its times change and nothing else.
fn touch(world: &mut World) -> Option<String> {
    let path = world.rng.pick_any(&world.files.keys().cloned().collect::<Vec<_>>())?;
    let bytes = world.files[&path].0.clone();
    match world.letters.get(&path).cloned() {
        Some(letter) => world.put_letter(&path, letter),
        None => {
            fs::remove_file(world.base.at(&path)).unwrap();
            world.put(&path, bytes);
        }
    }
    Some(format!("touch {path}"))
}

impl World {
    /// Returns the messages of the box that a path lies in, the path itself where there are none.
    fn paths_or(&self, path: &str) -> Vec<String> {
        let parts: Vec<&str> = path.splitn(3, '/').take(2).collect();
        let below = format!("{}/", parts.join("/"));
        let mut paths: Vec<String> =
            self.letters.keys().filter(|other| other.starts_with(&below)).cloned().collect();
        paths.push(path.to_owned());
        paths
    }
}

/// Makes `handbill.toml` readable again, if it is not.
pub fn mend_settings(world: &mut World) {
    if world.settings.file != SettingsFile::Whole {
        world.settings.file = SettingsFile::Whole;
        world.write_settings();
        world.log.push("mend handbill.toml".into());
    }
}
