//! The user's theme.

use super::themes;
use crate::config::Settings;
use crate::diagnostic::{Checked, Diagnostic};
use crate::path::RelPath;
use crate::theme::{self, BuiltIn, Theme, ThemeFile};
use std::path::Path;
use std::sync::Arc;
use walkdir::WalkDir;

/// A theme with what it was made from.
#[derive(Clone)]
pub(super) struct KnownTheme {
    files: Vec<ThemeFile>,
    folder: String,
    language: String,
    pub made: Checked<Arc<Theme>>,
}

impl KnownTheme {
    /// Makes a theme, or takes the one that was made of the same.
    pub fn load(
        known: Option<&KnownTheme>,
        files: Vec<ThemeFile>,
        settings: &Settings,
    ) -> KnownTheme {
        let (folder, language) = (settings.theme.clone(), settings.language.clone());
        let is_same = |known: &&KnownTheme| {
            known.files == files && known.folder == folder && known.language == language
        };
        let made = known.filter(is_same).map(|known| known.made.clone()).unwrap_or_else(|| {
            let Checked { value, diagnostics } = theme::load(&folder, &files, &language);
            Checked { value: Arc::new(value), diagnostics }
        });
        KnownTheme { files, folder, language, made }
    }
}

/// Returns the files of the user's theme; none where it is one inside the program.
pub(super) fn theme_files(
    base: &Path,
    settings: &Settings,
    found: &mut Vec<Diagnostic>,
) -> Vec<ThemeFile> {
    if BuiltIn::named(&settings.theme).is_some() {
        return Vec::new();
    }
    let folder = base.join(&settings.theme);
    if !folder.is_dir() {
        if settings.theme != Settings::default().theme {
            found.push(missing(base, settings));
        }
        return Vec::new();
    }
    let mut files = Vec::new();
    let walk = WalkDir::new(&folder).max_depth(6).sort_by_file_name().into_iter();
    for entry in walk.flatten().filter(|entry| entry.file_type().is_file()) {
        let below = entry.path().strip_prefix(&folder).ok().and_then(Path::to_str);
        let path = below.and_then(|text| RelPath::parse(&text.replace('\\', "/")));
        let Some(path) = path.filter(|path| !path.parts().any(crate::listing::leftovers::is_ours))
        else {
            continue;
        };
        if let Ok(bytes) = std::fs::read(entry.path()) {
            files.push(ThemeFile { path, bytes });
        }
    }
    files
}

fn missing(base: &Path, settings: &Settings) -> Diagnostic {
    let known: Vec<String> =
        themes::known(base, settings).into_iter().map(|theme| theme.name).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let name = &settings.theme;
    let text =
        format!("there is no theme `{name}`, and no folder of this name; the default is used");
    Diagnostic::error("handbill.toml", "theme-missing", text).hint(theme::unknown(name, &known))
}
