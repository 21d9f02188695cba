//! The look: templates, assets and words, the embedded default under the user's own files.
//!
//! A theme folder has `templates/*.html`, `assets/…` and `words/<language>.toml`. The user's theme
//! overrides the default file by file. An override that cannot be used falls back to the default
//! with a report. An override can build on what it overrides: `{% extends "default/base.html" %}`.

use crate::diagnostic::{Checked, Diagnostic};
use crate::fields::{File, Kind, parse_toml};
use crate::hash::{Fingerprint, Inputs};
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
    let mut overridden = default.clone();
    let mut assets = default_assets();
    let mut inputs = Inputs::new("theme").text(env!("CARGO_PKG_VERSION")).text(language);
    let mut words = default_words(language);
    for file in files {
        let place =
            |report: Diagnostic| Diagnostic { path: format!("{folder}/{}", file.path), ..report };
        let result = match file.path.as_str().split_once('/') {
            Some(("templates", name)) => add_template(&mut overridden, name, &file.bytes),
            Some(("assets", _)) => add_asset(&mut assets, file),
            Some(("words", name)) if name == format!("{language}.toml") => {
                add_words(&mut words, &file.bytes, &mut found)
            }
            Some(("words", _)) => Ok(()),
            _ => Err(Box::new(
                Diagnostic::warning("", "theme-file", "is no part of a theme; it is not used")
                    .hint("a theme has the folders `templates`, `assets` and `words`"),
            )),
        };
        match result {
            Ok(()) => inputs = inputs.text(file.path.as_str()).bytes(&file.bytes),
            Err(report) => found.push(place(*report)),
        }
    }
    for file in embedded(&DEFAULT) {
        inputs = inputs.text(&file.0).bytes(file.1);
    }
    let value = Theme {
        overridden,
        default,
        folder: folder.to_owned(),
        words: Words::new(words),
        assets,
        fingerprint: inputs.finish(),
    };
    Checked { value, diagnostics: found }
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

    fn report(&self, template: &str, error: &tera::Error) -> Diagnostic {
        let report = template_report(template, error);
        let path = format!("{}/templates/{}", self.folder, report.path);
        Diagnostic { path, ..report }.hint("until it is mended the default template is used")
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
        add_words(&mut words, file.contents(), &mut Vec::new()).ok()?;
        Some(words)
    };
    let mut words = read("en").unwrap_or_default();
    let primary = language.split('-').next().unwrap_or(language);
    words.extend(read(primary).unwrap_or_default());
    words.extend(read(language).unwrap_or_default());
    words
}

fn add_template(tera: &mut Tera, name: &str, bytes: &[u8]) -> Result<(), Box<Diagnostic>> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(Box::new(Diagnostic::error("", "bad-template", "is not UTF-8")));
    };
    let before = tera.clone();
    tera.add_raw_template(name, text).map_err(|error| {
        *tera = before;
        let report = template_report(name, &error);
        Box::new(report.hint("until it is mended the default template is used"))
    })
}

/// Returns a report with the template's name as its path.
fn template_report(name: &str, error: &tera::Error) -> Diagnostic {
    match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
            let file = report.filename().strip_prefix(PREFIX).unwrap_or(report.filename());
            let span = report.span();
            let place = Place {
                line: u32::try_from(span.start_line).unwrap_or(1).max(1),
                column: u32::try_from(span.start_col + 1).unwrap_or(1),
                width: 1,
                text: String::new(),
            };
            Diagnostic::error(file, "bad-template", report.message()).at(place)
        }
        _ => Diagnostic::error(name, "bad-template", error.to_string()),
    }
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
    bytes: &[u8],
    found: &mut Vec<Diagnostic>,
) -> Result<(), Box<Diagnostic>> {
    let text = String::from_utf8_lossy(bytes);
    let (fields, errors) = parse_toml(&text, 0);
    let file = File { path: "words", text: &text, owner: crate::diagnostic::Owner::Own };
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
    Ok(())
}
