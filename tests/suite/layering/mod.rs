//! The layers of the program: which module may import which, and who may touch the world.

mod source;

use source::Source;
use std::collections::BTreeSet;

/// The modules by layer, each with those that it may import. Layer 0 knows texts, names and
/// numbers; 1 reads files' contents; 2 to 4 make an edition of them; 5 is the whole function.
const TABLE: &[(&str, &[&str])] = &[
    // 0
    ("path", &[]),
    ("hash", &[]),
    ("source", &[]),
    ("limits", &[]),
    ("media", &[]),
    ("time", &[]),
    ("words", &[]),
    ("web", &[]),
    ("keys", &[]),
    ("qr", &[]),
    ("code", &[]),
    ("photo", &["limits"]),
    ("rare", &[]),
    ("chunked", &[]),
    ("text", &["keys"]),
    ("diagnostic", &["keys", "limits", "path", "source"]),
    ("fields", &["diagnostic", "limits", "source", "text", "time"]),
    ("names", &["hash", "time"]),
    ("opml", &["limits", "text"]),
    // 1
    ("config", &["diagnostic", "fields", "keys", "limits", "path", "source", "text", "web"]),
    (
        "listing",
        &["chunked", "diagnostic", "hash", "keys", "limits", "names", "path", "text", "time"],
    ),
    ("sanitize", &["code", "limits", "path", "photo", "text", "web"]),
    (
        "message",
        &[
            "code",
            "config",
            "diagnostic",
            "fields",
            "keys",
            "limits",
            "names",
            "path",
            "rare",
            "sanitize",
            "source",
            "text",
            "time",
            "web",
            "words",
        ],
    ),
    ("reading", &["limits", "text"]),
    ("theme", &["diagnostic", "fields", "hash", "keys", "path", "source", "words"]),
    // 2
    (
        "library",
        &[
            "chunked",
            "config",
            "diagnostic",
            "hash",
            "limits",
            "listing",
            "message",
            "names",
            "path",
            "photo",
            "rare",
            "source",
            "text",
            "time",
            "web",
        ],
    ),
    // 3
    (
        "plan",
        &[
            "config",
            "diagnostic",
            "hash",
            "library",
            "limits",
            "message",
            "names",
            "path",
            "text",
            "theme",
            "time",
            "web",
        ],
    ),
    // 4
    (
        "render",
        &[
            "config",
            "diagnostic",
            "fields",
            "hash",
            "library",
            "limits",
            "media",
            "message",
            "names",
            "opml",
            "path",
            "plan",
            "qr",
            "sanitize",
            "text",
            "theme",
            "time",
            "web",
            "words",
        ],
    ),
    // 5
    ("build", &["config", "diagnostic", "library", "path", "plan", "theme", "time"]),
];

/// The shell: it may import everything but the other half of itself that stands above it.
const SHELL: &[(&str, &[&str])] = &[
    ("disk", &["app", "cli", "serve", "transport", "watch"]),
    ("watch", &["app", "cli", "disk", "serve", "transport"]),
    ("serve", &["app", "cli", "disk", "transport", "watch"]),
    ("transport", &["app", "cli", "disk", "serve", "watch"]),
    ("app", &["cli"]),
    ("cli", &[]),
];

/// What only some may name, as tokens, with the files or folders of `src` that may.
const RESERVED: &[(&[&str], &[&str])] = &[
    (&["ammonia"], &["sanitize/"]),
    (&["tera"], &["theme/", "render/", "sanitize/"]),
    (&["similar"], &["render/view/versions.rs"]),
    (&["atom_syndication"], &["render/feed/atom.rs"]),
    (&["quick_xml"], &["opml.rs", "render/feed/atom.rs", "transport/"]),
    (&["pulldown_cmark"], &["message/"]),
    (&["toml"], &["fields.rs"]),
    (&["toml_edit"], &["config/"]),
    (&["SafeHtml", "("], &["sanitize/"]),
    (&["PlacedHtml", "("], &["sanitize/"]),
    (&["safe_string"], &["sanitize/", "render/register.rs"]),
    // So that the lines below find all: no `use std::{env, fs}`.
    (&["std", "::", "{"], &[]),
    (&["std", "::", "fs"], SHELL_FOLDERS),
    (&["std", "::", "env"], SHELL_FOLDERS),
    (&["std", "::", "net"], &["serve/", "cli/serve.rs", "transport/", "keys/handbill.rs"]),
    (
        &["std", "::", "process"],
        &["cli/", "disk/hook.rs", "app/stop.rs", "main.rs", "transport/engine/"],
    ),
    (&["SystemTime"], SHELL_FOLDERS),
    (&["new_v4"], &["disk/"]),
    (&["Instant"], SHELL_FOLDERS),
    (&["Utc", "::", "now"], &[]),
    (&["Local"], &[]),
    (&["axum"], &["serve/"]),
    (&["hyper"], &["serve/"]),
    (&["tokio"], &["serve/", "app/stop.rs", "transport/engine/"]),
    (&["iroh"], &["transport/engine/"]),
    (&["iroh_docs"], &["transport/engine/"]),
    (&["iroh_blobs"], &["transport/engine/"]),
    (&["ureq"], &["transport/"]),
    (&["html5ever"], &["transport/"]),
    (&["qrcode"], &["qr.rs"]),
    (&["jpeg_decoder"], &["photo/"]),
    (&["jpeg_encoder"], &["photo/"]),
    (&["cap_std"], &["disk/", "transport/engine/"]),
    (&["notify"], &["watch/", "app/"]),
    (&["rustix"], &["disk/outbox/", "serve/handles.rs"]),
    (&["walkdir"], &["disk/", "watch/source.rs"]),
    (&["tempfile"], &["disk/", "cli/post/", "transport/engine/"]),
    (&["anyhow"], SHELL_FOLDERS),
    (&["clap"], &["cli/"]),
    (&["anstream"], &["cli/"]),
    (&["println", "!"], &["cli/"]),
    (&["eprintln", "!"], &["cli/"]),
    (&["print", "!"], &[]),
    (&["eprint", "!"], &[]),
    (&["static", "mut"], &[]),
    (&["unsafe"], &[]),
    (&["todo", "!"], &[]),
    (&["unimplemented", "!"], &[]),
    (&["dbg", "!"], &[]),
];

const SHELL_FOLDERS: &[&str] = &["app/", "cli/", "disk/", "serve/", "transport/", "watch/"];

fn modules(sources: &[Source]) -> BTreeSet<&str> {
    sources.iter().filter_map(|source| source.module().first().copied()).collect()
}

#[test]
fn every_module_has_its_place() {
    let sources = source::all();
    let placed = TABLE.iter().chain(SHELL).map(|(module, _)| *module).collect::<BTreeSet<_>>();
    assert_eq!(modules(&sources), placed);
}

#[test]
fn a_module_imports_only_from_layers_below() {
    for source in source::all() {
        let module = source.module();
        let Some((_, allowed)) = TABLE.iter().find(|(name, _)| Some(name) == module.first()) else {
            continue;
        };
        for import in source.imports() {
            let own = module.first() == Some(&&*import);
            assert!(
                own || allowed.contains(&&*import),
                "src/{}: may not import `{import}`",
                source.path
            );
        }
    }
}

#[test]
fn the_shell_does_not_look_up() {
    for source in source::all() {
        let module = source.module();
        let Some((_, forbidden)) = SHELL.iter().find(|(name, _)| Some(name) == module.first())
        else {
            continue;
        };
        let imports = source.imports();
        let wrong = forbidden.iter().find(|module| imports.contains(**module));
        assert_eq!(wrong, None, "src/{}", source.path);
    }
}

#[test]
fn the_table_has_no_circle() {
    for (at, (module, allowed)) in TABLE.iter().enumerate() {
        for import in *allowed {
            let place = TABLE.iter().position(|(name, _)| name == import);
            assert!(place.is_some_and(|place| place < at), "{module} imports {import}");
        }
    }
}

#[test]
fn the_world_and_its_libraries_are_touched_where_they_may_be() {
    let sources = source::all();
    for (words, places) in RESERVED {
        for source in sources.iter().filter(|source| source.has(words)) {
            let here = places.iter().any(|place| source.path.starts_with(place));
            assert!(here, "src/{}: has `{}`", source.path, words.concat());
        }
        // A name that stands nowhere any more guards nothing.
        let used = places.is_empty() || sources.iter().any(|source| source.has(words));
        assert!(used, "`{}` is nowhere", words.concat());
    }
}

#[test]
fn templates_never_switch_escaping_off() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("themes");
    let mut templates = 0;
    for entry in walkdir::WalkDir::new(folder).into_iter().flatten() {
        if entry.path().extension().is_none_or(|extension| extension != "html") {
            continue;
        }
        templates += 1;
        let text = std::fs::read_to_string(entry.path()).unwrap();
        for word in ["safe", "autoescape"] {
            let inside = tags(&text).any(|tag| words(tag).any(|found| found == word));
            assert!(!inside, "{}: `{word}`", entry.path().display());
        }
        let scripts = text.match_indices("<script").map(|(at, _)| &text[at..]);
        for script in scripts {
            let head = &script[..script.find('>').unwrap_or(script.len())];
            assert!(head.contains("src=\"{{ root }}assets/"), "{}", entry.path().display());
        }
        for mark in [" style=", "<style"] {
            assert!(!text.contains(mark), "{}: `{mark}`", entry.path().display());
        }
    }
    assert!(templates > 5, "{templates} templates");
}

/// Returns what stands in `{{ … }}` and `{% … %}`.
fn tags(text: &str) -> impl Iterator<Item = &str> {
    text.split(['{', '}']).filter(|part| !part.contains('<'))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}
