//! Random edits of what is no message: `channel.toml`, `handbill.toml`, the theme.

use super::world::{SettingsFile, World};
use crate::support::png;

/// Changes the `channel.toml` of a box.
pub fn channel(world: &mut World) -> Option<String> {
    let folder = world.rng.pick_any(&world.boxes())?;
    let path = format!("{folder}/channel.toml");
    if world.exists(&path) && world.rng.chance(15) {
        world.delete(&path);
        return Some(format!("delete {path}"));
    }
    let contact = world.contact_of(&path).clone();
    let word = &contact.word;
    let number = world.rng.below(3);
    let mut text = String::new();
    if let Some(id) = contact.id.filter(|_| world.rng.chance(90)) {
        text += &format!("id = \"{id}\"\n");
    }
    let lines = [
        format!("title = \"Title {word} {number}\"\n"),
        format!("description = \"About {word} {number}\"\n"),
        "language = \"pt\"\n".to_owned(),
        "home_page = \"https://site.example/\"\n".to_owned(),
        "avatar = \"avatar.png\"\n".to_owned(),
        format!("license = \"CC0 {word}\"\n"),
        "title = \"open\n".to_owned(),
        format!("[[author]]\nname = \"Author {word}\"\nuri = \"https://odo.example/{number}\"\n"),
        "[[author]]\nname = \"Odo\"\n".to_owned(),
    ];
    for line in lines {
        if world.rng.chance(30) {
            text += &line;
        }
    }
    if text.contains("avatar") && world.rng.chance(70) {
        let size = 1 + world.rng.below(9) as u32;
        world.put(&format!("{folder}/avatar.png"), png(size, size));
    }
    world.put(&path, text);
    Some(format!("write {path}"))
}

/// Changes one of my settings.
pub fn settings(world: &mut World) -> Option<String> {
    let what = one_setting(world)?;
    world.write_settings();
    Some(format!("settings: {what}"))
}

fn one_setting(world: &mut World) -> Option<String> {
    let contact = world.rng.pick(&world.contacts);
    let name = contact.name;
    let settings = &mut world.settings;
    let kind = world.rng.below(20);
    let what = match kind {
        0..4 => {
            match settings.public.iter().position(|public| *public == name) {
                Some(at) => drop(settings.public.remove(at)),
                None => settings.public.push(name),
            }
            format!("public = {:?}", settings.public)
        }
        4 => {
            world.rng.shuffle(&mut settings.public);
            format!("public = {:?}", settings.public)
        }
        5 => {
            settings.public.insert(0, "nobody".into());
            format!("public = {:?}", settings.public)
        }
        6 => {
            if !settings.mutes.remove(&name) {
                settings.mutes.insert(name.clone());
            }
            format!("mute or unmute {name}")
        }
        7 => {
            let number = world.rng.below(5);
            settings.aliases.insert(name.clone(), format!("Alias {} {number}", contact.word));
            format!("alias of {name}")
        }
        8 => {
            settings.limit = match settings.limit {
                Some(_) => None,
                None => Some(
                    world
                        .rng
                        .pick(&[
                            "messages = 2",
                            "attachments = 1",
                            "own_attachment = 60",
                            "inbox_attachment = 5",
                            "own_message = 40",
                        ])
                        .into(),
                ),
            };
            format!("limits {:?}", settings.limit)
        }
        9 => {
            settings.file = match settings.file {
                SettingsFile::Whole => {
                    world.rng.pick(&[SettingsFile::Broken, SettingsFile::Absent])
                }
                _ => SettingsFile::Whole,
            };
            format!("file {:?}", settings.file)
        }
        _ => {
            let (key, values) = world.rng.pick(VALUES);
            let value = world.rng.pick(values);
            match value {
                "" => drop(settings.lines.remove(key)),
                value => drop(settings.lines.insert(key, value.into())),
            }
            format!("{key} = {value}")
        }
    };
    Some(what)
}

/// Values of settings; an empty one takes the line out.
const VALUES: &[(&str, &[&str])] = &[
    ("title", &["\"My site\"", "\"Another <site> & more\"", ""]),
    ("page_size", &["1", "2", "2", "3", "20"]),
    ("page_size", &["2", "3"]),
    ("base_url", &["\"https://site.example\"", "\"https://site.example/sub/\"", ""]),
    ("time_zone", &["\"Asia/Tokyo\"", "\"America/St_Johns\"", ""]),
    ("theme", &["\"look\"", "\"missing\"", ""]),
    ("language", &["\"de\"", "\"en\"", ""]),
    ("feed_titles", &["\"empty\"", "\"text\""]),
    ("remote_images", &["true", "false"]),
    ("port", &["9000", ""]),
    ("tilte", &["\"unknown\"", ""]),
];

/// Changes a file of one of the two themes.
pub fn theme(world: &mut World) -> Option<String> {
    let folder = world.rng.pick(&["theme", "theme", "look"]);
    let (name, texts) = world.rng.pick(FILES);
    let path = format!("{folder}/{name}");
    if world.files.contains_key(&path) && world.rng.chance(40) {
        world.delete(&path);
        return Some(format!("delete {path}"));
    }
    // A file in the place of a folder, or a folder in the place of a file.
    let below = format!("{path}/");
    if world.files.keys().any(|other| other.starts_with(&below)) {
        world.delete_folder(&path);
    } else if world.base.at(&path).is_dir() {
        std::fs::remove_dir(world.base.at(&path)).unwrap();
    }
    let parent = path.rsplit_once('/')?.0;
    if world.base.at(parent).is_file() {
        world.delete(parent);
    }
    let text = world.rng.pick(texts);
    world.put(&path, text);
    Some(format!("write {path}: {text}"))
}

/// Files of a theme: sound ones, some that cannot be parsed, some that fail when they are run.
const FILES: &[(&str, &[&str])] = &[
    (
        "templates/message.html",
        &[
            "{% extends \"base.html\" %}{% block main %}<h1>{{ view.message.name }}</h1>{% endblock %}",
            "{% extends \"default/message.html\" %}",
            "{% extends \"nothing.html\" %}",
            "{{ view.nothing.at.all }}",
            "{% block",
        ],
    ),
    ("templates/_byline.html", &["<p>by {{ message.author.name }}</p>", "{{ nothing.at.all }}"]),
    (
        "templates/list.html",
        &["<h1>{{ page.title }}</h1>{% for day in view.days %}{{ day.title }}{% endfor %}"],
    ),
    ("templates/home.html", &["<p>{{ site.title }} {{ view.years | length }}</p>", "{% if"]),
    ("assets/style.css", &["body { color: #111 }", "body { color: #222 }"]),
    ("assets/extra", &["one", "two"]),
    ("assets/extra/deep.css", &["p { margin: 0 }", "p { margin: 1px }"]),
    ("assets/odd name.css", &["p { margin: 0 }"]),
    ("words/en.toml", &["archive = \"Old things\"\nme = \"I\"\n", "archive = \"open\n"]),
    ("words/de.toml", &["archive = \"Archiv\"\nmarch = \"März\"\n"]),
    ("readme.txt", &["Not part of a theme."]),
];
