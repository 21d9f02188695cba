//! The look: templates, assets and words, the embedded default under the user's own files.
//!
//! A theme folder has `templates/*.html`, `assets/…` and `words/<language>.toml`. The user's theme
//! overrides the default file by file. An override that cannot be used falls back to the default
//! with a report. An override can build on what it overrides: `{% extends "default/base.html" %}`.

use crate::diagnostic::{Checked, Diagnostic, Owner};
use crate::fields::{File, Kind, parse_toml};
use crate::hash::{Fingerprint, Inputs};
use crate::keys;
use crate::path::{OutPath, RelPath};
use crate::source::Place;
use crate::words::Words;
use include_dir::{Dir, include_dir};
use std::collections::BTreeMap;
use std::sync::Arc;
use tera::{Context, ErrorKind, Tera};

static DEFAULT: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/themes/default");
/// Under this name every default template can be had, overridden or not.
const PREFIX: &str = "default/";

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
    default: Tera,
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

/// Builds a theme of the default and the files of the user's folder.
pub fn load(folder: &str, files: &[ThemeFile], language: &str) -> Checked<Theme> {
    let mut found = Vec::new();
    let default = default_templates();
    let mut assets = default_assets();
    let mut inputs = Inputs::new("theme").text(env!("CARGO_PKG_VERSION")).text(language);
    let mut words = default_words(language);
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
            Some(("words", name)) if name == format!("{language}.toml") => {
                utf8(&file.bytes).map(|text| {
                    add_words(&mut words, text, &format!("{folder}/{}", file.path), &mut found);
                })
            }
            Some(("words", _)) => Ok(()),
            _ => Err(Box::new(
                Diagnostic::warning("", "theme-file", "is no part of a theme; it is not used")
                    .hint("a theme has the folders `templates`, `assets` and `words`"),
            )),
        };
        inputs = inputs.text(file.path.as_str()).bytes(&file.bytes);
        if let Err(report) = result {
            found.push(Diagnostic { path: format!("{folder}/{}", file.path), ..*report });
        }
    }
    for file in embedded(&DEFAULT) {
        inputs = inputs.text(&file.0).bytes(file.1);
    }
    let (overridden, errors) = add_templates(&default, &texts);
    let mut value = Theme {
        overridden,
        default,
        texts,
        folder: folder.to_owned(),
        words: Words::new(words),
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
    keys::holds_writing_key(file.path.as_str())
        || keys::holds_writing_key(&String::from_utf8_lossy(&file.bytes))
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
        let name = at.filename().strip_prefix(PREFIX).unwrap_or(at.filename());
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
    tera
}

/// # Panics
/// When the embedded templates are broken: a fault of the program, seen by its first test.
fn default_templates() -> Tera {
    let mut tera = new_tera();
    if let Err(error) = tera.set_fallback_prefixes([PREFIX]) {
        panic!("{error}");
    }
    let templates = embedded(&DEFAULT).into_iter().filter_map(|(path, bytes)| {
        let name = path.strip_prefix("templates/")?;
        Some((format!("{PREFIX}{name}"), std::str::from_utf8(bytes).ok()?))
    });
    if let Err(error) = tera.add_raw_templates(templates) {
        panic!("the default theme is broken: {error}");
    }
    tera
}

fn embedded(dir: &'static Dir<'static>) -> Vec<(String, &'static [u8])> {
    let mut files: Vec<_> = dir
        .files()
        .map(|file| (file.path().to_string_lossy().replace('\\', "/"), file.contents()))
        .collect();
    for inner in dir.dirs() {
        files.extend(embedded(inner));
    }
    files.sort();
    files
}

fn default_assets() -> BTreeMap<OutPath, Arc<[u8]>> {
    let assets = embedded(&DEFAULT).into_iter().filter(|(path, _)| path.starts_with("assets/"));
    assets.map(|(path, bytes)| (OutPath::fixed(&path), Arc::from(bytes))).collect()
}

fn default_words(language: &str) -> BTreeMap<String, String> {
    let read = |language: &str| {
        let file = DEFAULT.get_file(format!("words/{language}.toml"))?;
        let mut words = BTreeMap::new();
        add_words(&mut words, file.contents_utf8()?, "words", &mut Vec::new());
        Some(words)
    };
    let mut words = read("en").unwrap_or_default();
    let primary = language.split('-').next().unwrap_or(language);
    words.extend(read(primary).unwrap_or_default());
    words.extend(read(language).unwrap_or_default());
    words
}

fn add_asset(
    assets: &mut BTreeMap<OutPath, Arc<[u8]>>,
    file: &ThemeFile,
) -> Result<(), Box<Diagnostic>> {
    let Some(path) = OutPath::parse(file.path.as_str()) else {
        let text = "its name has other characters than letters, digits, `.`, `_` and `-`; it is not published";
        return Err(Box::new(Diagnostic::warning("", "theme-file", text)));
    };
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
