//! The look: templates, assets and words, a theme inside the program under the user's own files.
//!
//! A theme folder has `templates/*.html`, `assets/…`, `words/<language>.toml`, and may say of itself
//! in `theme.toml` what it builds on (`about`). The user's theme overrides that file by file, as the
//! themes inside the program (`built_in`) do with the default one. An override that cannot be used
//! falls back with a report. An override can build on what it overrides:
//! `{% extends "default/base.html" %}`.

mod about;
mod built_in;
mod filters;
mod script;
mod squeeze;

pub use about::{About, listed, unknown};
pub use built_in::BuiltIn;
pub use script::lean;
pub use squeeze::squeeze;

use crate::diagnostic::{Checked, Diagnostic, Owner};
use crate::fields::{File, Kind, parse_toml};
use crate::hash::{Fingerprint, Inputs};
use crate::keys;
use crate::path::{OutPath, RelPath};
use crate::source::Place;
use crate::words::Words;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use tera::{Context, ErrorKind, Tera};

/// A file of the user's theme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeFile {
    /// Below the theme folder.
    pub path: RelPath,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// A theme, ready to render.
pub struct Theme {
    overridden: Tera,
    /// The templates of the theme inside the program, and of those below it.
    default: Tera,
    /// What the theme says of itself.
    pub about: About,
    /// The user's templates that are used, by name.
    texts: BTreeMap<String, String>,
    /// Where the user's theme lies below the base folder, for reports.
    folder: String,
    /// The words of the interface.
    pub words: Words,
    /// What is published under `assets/`.
    pub assets: BTreeMap<OutPath, Arc<[u8]>>,
    /// The hash of everything above.
    pub fingerprint: Fingerprint,
}

/// A page, and what went wrong in an override while it was made.
pub struct Rendered {
    /// The page.
    pub html: String,
    /// Set where the default was used in place of a broken override.
    pub fallback: Option<Diagnostic>,
}

/// Returns the hash of the themes inside the program.
pub fn default_print() -> Fingerprint {
    static PRINT: LazyLock<Fingerprint> = LazyLock::new(|| {
        let files = BuiltIn::ALL.into_iter().flat_map(|theme| {
            theme.files().into_iter().map(move |(path, bytes)| (theme.name(), path, bytes))
        });
        let add = |inputs: Inputs, (theme, path, bytes): (&str, String, &[u8])| {
            inputs.text(theme).text(&path).bytes(bytes)
        };
        files.fold(Inputs::new("built-in themes"), add).finish()
    });
    *PRINT
}

/// Builds the theme that `handbill.toml` names: one inside the program, or the files of the user's
/// folder over the one that they build on.
pub fn load(name: &str, files: &[ThemeFile], language: &str) -> Checked<Theme> {
    let mut found = Vec::new();
    let folder = name;
    let (about, built_in) = match BuiltIn::named(name) {
        Some(theme) => (About::of(theme), theme),
        None => {
            let about = about(folder, files, &mut found);
            let base = about.base;
            (about, base)
        }
    };
    let default = built_in_templates(built_in);
    let is_users = BuiltIn::named(name).is_none();
    let mut assets = built_in_assets(built_in);
    if is_users {
        assets.retain(|path, _| about.takes(path.as_str().trim_start_matches("assets/")));
    }
    let mut inputs = Inputs::new("theme").text(env!("CARGO_PKG_VERSION")).text(language);
    let mut tables = WordTables::new(built_in, language);
    let mut texts = BTreeMap::new();
    for file in files {
        let result = match file.path.as_str().split_once('/') {
            _ if holds_key(file) => Err(Box::new(
                Diagnostic::error(
                    "",
                    "writing-key",
                    "holds a key that lets its holder write; it is not used",
                )
                .hint(
                    "whoever has read it can write in your name: give out the read-only key only",
                ),
            )),
            Some(("templates", name)) => utf8(&file.bytes).map(|text| {
                texts.insert(name.to_owned(), text.to_owned());
            }),
            Some(("assets", _)) => add_asset(&mut assets, file),
            Some(("words", name)) => utf8(&file.bytes).map(|text| {
                let path = format!("{folder}/{}", file.path);
                tables.add(name.strip_suffix(".toml").unwrap_or(name), text, &path, &mut found);
            }),
            None if file.path.as_str() == about::FILE => Ok(()),
            _ => Err(Box::new(
                Diagnostic::warning("", "theme-file", "is no part of a theme; it is not used")
                    .hint(
                        "a theme has the folders `templates`, `assets` and `words`, and `theme.toml`",
                    ),
            )),
        };
        inputs = inputs.text(file.path.as_str()).bytes(&file.bytes);
        if let Err(report) = result {
            found.push(Diagnostic { path: format!("{folder}/{}", file.path), ..*report });
        }
    }
    let inputs = inputs.text(built_in.name()).print(&default_print());
    let (overridden, errors) = add_templates(&default, &texts);
    let mut value = Theme {
        overridden,
        default,
        about,
        texts,
        folder: folder.to_owned(),
        words: Words::new(tables.merged()),
        assets,
        fingerprint: inputs.finish(),
    };
    found.extend(errors.iter().map(|(name, error)| value.report(name, error)));
    for (name, _) in &errors {
        value.texts.remove(name);
    }
    Checked { value, diagnostics: found }
}

/// Adds the user's templates to the default ones, all together, for they may include each other;
/// where that fails, as many of them as fit. Returns what is wrong with each of the others.
fn add_templates(
    default: &Tera,
    texts: &BTreeMap<String, String>,
) -> (Tera, Vec<(String, tera::Error)>) {
    let mut tera = default.clone();
    if tera.add_raw_templates(texts).is_ok() {
        return (tera, Vec::new());
    }
    let mut tera = default.clone();
    let mut left: Vec<&String> = texts.keys().collect();
    loop {
        let mut errors = Vec::new();
        let before = left.len();
        left.retain(|name| {
            let mut tried = tera.clone();
            match tried.add_raw_template(name, &texts[*name]) {
                Ok(()) => {
                    tera = tried;
                    false
                }
                Err(error) => {
                    errors.push(((*name).clone(), error));
                    true
                }
            }
        });
        // What one of them needs may have been added after it was tried.
        if left.is_empty() || left.len() == before {
            return (tera, errors);
        }
    }
}

/// Returns whether a key of a writing kind stands in a file or its name.
fn holds_key(file: &ThemeFile) -> bool {
    keys::holds_writing_key(file.path.as_str()) || keys::holds_writing_key(&file.bytes)
}

fn utf8(bytes: &[u8]) -> Result<&str, Box<Diagnostic>> {
    std::str::from_utf8(bytes)
        .map_err(|_| Box::new(Diagnostic::error("", "theme-file", "is not UTF-8; it is not used")))
}

impl Theme {
    /// Renders a template. Where the user's fails, the default stands in, with a report.
    pub fn render(&self, template: &str, context: &Context) -> Result<Rendered, Box<Diagnostic>> {
        let error = match self.overridden.render(template, context) {
            Ok(html) => return Ok(Rendered { html, fallback: None }),
            Err(error) => error,
        };
        let report = self.report(template, &error);
        match self.default.render(template, context) {
            Ok(html) => Ok(Rendered { html, fallback: Some(report) }),
            Err(error) => Err(Box::new(self.report(template, &error))),
        }
    }

    /// Returns whether the user has templates of his own.
    pub fn has_overrides(&self) -> bool {
        !self.texts.is_empty()
    }

    /// Returns a report on a template of the user's.
    fn report(&self, template: &str, error: &tera::Error) -> Diagnostic {
        let hint = "until it is mended the default template is used";
        let (ErrorKind::SyntaxError(at) | ErrorKind::RenderingError(at)) = error.kind() else {
            let path = format!("{}/templates/{template}", self.folder);
            return Diagnostic::error(&path, "bad-template", error.to_string()).hint(hint);
        };
        let file = at.filename();
        let mut prefixes = BuiltIn::ALL.into_iter().map(BuiltIn::prefix);
        let name = prefixes.find_map(|prefix| file.strip_prefix(prefix)).unwrap_or(file);
        let path = format!("{}/templates/{name}", self.folder);
        let text = self.texts.get(name).map_or("", String::as_str);
        Diagnostic::error(&path, "bad-template", at.message())
            .at(Place::of(text, at.span().range.clone()))
            .hint(hint)
    }
}

fn new_tera() -> Tera {
    let mut tera = Tera::new();
    // Every template escapes, whatever its name.
    tera.autoescape_on([""]);
    filters::register(&mut tera);
    tera
}

/// # Panics
/// When the embedded templates are broken: a fault of the program, seen by its first test.
fn built_in_templates(theme: BuiltIn) -> Tera {
    let mut tera = new_tera();
    // The first has the last word.
    if let Err(error) = tera.set_fallback_prefixes(theme.layers().iter().rev().map(|l| l.prefix()))
    {
        panic!("{error}");
    }
    let templates = theme.layers().iter().flat_map(|layer| {
        layer.files().into_iter().filter_map(|(path, bytes)| {
            let name = path.strip_prefix("templates/")?;
            Some((format!("{}{name}", layer.prefix()), std::str::from_utf8(bytes).ok()?))
        })
    });
    if let Err(error) = tera.add_raw_templates(templates) {
        panic!("the theme `{}` is broken: {error}", theme.name());
    }
    tera
}

/// Returns a file of the program's own as it is sent.
fn as_sent(path: &str, bytes: &[u8]) -> Arc<[u8]> {
    match std::str::from_utf8(bytes) {
        Ok(text) if path.ends_with(".js") => lean(text).into_bytes().into(),
        Ok(css) if path.ends_with(".css") => squeeze(css).into_bytes().into(),
        _ => Arc::from(bytes),
    }
}

/// Returns what the user's `theme.toml` says, if there is one.
fn about(folder: &str, files: &[ThemeFile], found: &mut Vec<Diagnostic>) -> About {
    let file = files.iter().find(|file| file.path.as_str() == about::FILE);
    let path = format!("{folder}/{}", about::FILE);
    match file.map(|file| utf8(&file.bytes)) {
        None => About::default(),
        Some(Ok(text)) => About::read(text, &path, found),
        Some(Err(report)) => {
            found.push(Diagnostic { path, ..*report });
            About::default()
        }
    }
}

/// Returns the assets of a theme inside the program, with what it takes of the one below it.
fn built_in_assets(theme: BuiltIn) -> BTreeMap<OutPath, Arc<[u8]>> {
    let mut assets: BTreeMap<OutPath, Arc<[u8]>> = BTreeMap::new();
    for layer in theme.layers() {
        let about = About::of(*layer);
        assets.retain(|path, _| about.takes(path.as_str().trim_start_matches("assets/")));
        let own = layer.files().into_iter().filter(|(path, _)| path.starts_with("assets/"));
        assets.extend(own.map(|(path, bytes)| (OutPath::fixed(&path), as_sent(&path, bytes))));
    }
    assets
}

/// The words of the languages that count for one: English, `de`, `de-AT`, in this order, for what
/// one lacks is taken from the one before.
struct WordTables(Vec<(String, BTreeMap<String, String>)>);

impl WordTables {
    /// Takes the words of a theme inside the program.
    fn new(theme: BuiltIn, language: &str) -> WordTables {
        let primary = language.split('-').next().unwrap_or(language);
        let mut languages = vec!["en", primary, language];
        languages.dedup();
        let table = |language: &str| (language.to_owned(), BTreeMap::new());
        let mut tables = WordTables(languages.into_iter().map(table).collect());
        for layer in theme.layers() {
            for at in 0..tables.0.len() {
                let path = format!("words/{}.toml", tables.0[at].0);
                if let Some(text) = layer.text(&path) {
                    add_words(&mut tables.0[at].1, text, &path, &mut Vec::new());
                }
            }
        }
        tables
    }

    /// Adds the words of a language, if it counts.
    fn add(&mut self, language: &str, text: &str, path: &str, found: &mut Vec<Diagnostic>) {
        if let Some((_, words)) = self.0.iter_mut().find(|(known, _)| known == language) {
            add_words(words, text, path, found);
        }
    }

    fn merged(self) -> BTreeMap<String, String> {
        self.0.into_iter().flat_map(|(_, words)| words).collect()
    }
}

/// The folder of what the search page loads.
const SEARCHED: &str = "assets/search";

fn add_asset(
    assets: &mut BTreeMap<OutPath, Arc<[u8]>>,
    file: &ThemeFile,
) -> Result<(), Box<Diagnostic>> {
    let Some(path) = OutPath::parse(file.path.as_str()) else {
        let text = "its name has other characters than letters, digits, `.`, `_` and `-`; it is not published";
        return Err(Box::new(Diagnostic::warning("", "theme-file", text)));
    };
    let lies_below = |path: &str, folder: &str| {
        path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    };
    if path.as_str() == SEARCHED || lies_below(path.as_str(), SEARCHED) {
        let text =
            "the folder `assets/search` is for what the search page loads; it is not published";
        return Err(Box::new(Diagnostic::warning("", "theme-file", text)));
    }
    let clashes = |other: &OutPath| {
        lies_below(other.as_str(), path.as_str()) || lies_below(path.as_str(), other.as_str())
    };
    if let Some(other) = assets.keys().find(|other| clashes(other)) {
        let text = format!("a file cannot lie where `{other}` needs a folder; it is not published");
        return Err(Box::new(Diagnostic::warning("", "theme-file", text)));
    }
    assets.insert(path, Arc::from(file.bytes.as_slice()));
    Ok(())
}

fn add_words(
    words: &mut BTreeMap<String, String>,
    text: &str,
    path: &str,
    found: &mut Vec<Diagnostic>,
) {
    let (fields, errors) = parse_toml(text, 0);
    let file = File { path, text, owner: Owner::Own };
    for error in errors {
        found.push(file.error(
            "bad-toml",
            error.span,
            format!("not valid TOML: {}", error.message),
        ));
    }
    for field in fields.0 {
        if let Kind::Text(text) = field.value.kind {
            words.insert(field.key, text);
        }
    }
}
