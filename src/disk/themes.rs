//! The themes that a base folder can be shown in, and copies of those inside the program.

use super::AtPath;
use super::places::is_box_name;
use crate::config::Settings;
use crate::theme::{About, BuiltIn};
use anyhow::{Result, bail};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Where themes are looked for that `handbill.toml` does not name, below the base folder.
const FOLDER: &str = "themes";

/// A theme that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What stands in `handbill.toml` for it: a name, or the path of a folder below the base
    /// folder.
    pub name: String,
    /// Whether it is inside the program.
    pub built_in: bool,
    /// What it says of itself.
    pub about: About,
}

/// Returns the themes that can be chosen: those inside the program, the folders `theme` and
/// `themes/…`, and the one that the settings name.
pub fn known(base: &Path, settings: &Settings) -> Vec<Choice> {
    let built_in = BuiltIn::ALL.into_iter().map(|theme| Choice {
        name: theme.name().to_owned(),
        built_in: true,
        about: About::of(theme),
    });
    let mut names = vec![Settings::default().theme, settings.theme.clone()];
    let entries = std::fs::read_dir(base.join(FOLDER)).into_iter().flatten().flatten();
    let below = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names
        .extend(below.filter(|name| !name.starts_with('.')).map(|name| format!("{FOLDER}/{name}")));
    names.sort();
    names.dedup();
    names.retain(|name| BuiltIn::named(name).is_none() && base.join(name).is_dir());
    let folders = names.into_iter().map(|name| {
        let text = std::fs::read_to_string(base.join(&name).join("theme.toml"));
        let about = text.map(|text| About::read(&text, "theme.toml", &mut Vec::new()));
        Choice { about: about.unwrap_or_default(), built_in: false, name }
    });
    built_in.chain(folders).collect()
}

/// Returns the name of the theme that is used: the default where the settings name none that is
/// there.
pub fn used<'s>(base: &Path, settings: &'s Settings) -> &'s str {
    let name = settings.theme.as_str();
    let is_there = BuiltIn::named(name).is_some() || base.join(name).is_dir();
    if is_there { name } else { BuiltIn::Default.name() }
}

/// Returns where a copy of a theme goes if nothing is said, below the base folder.
pub fn usual_place(theme: BuiltIn) -> PathBuf {
    Path::new(FOLDER).join(theme.name())
}

/// Writes the files of a theme inside the program into a new or empty folder. The copy builds on
/// that theme, so that what is deleted from it comes from there.
///
/// # Errors
/// When the folder holds something, lies in a box, or cannot be written.
pub fn export(theme: BuiltIn, folder: &Path) -> Result<usize> {
    refuse_box(folder)?;
    std::fs::create_dir_all(folder).at("make", folder)?;
    if std::fs::read_dir(folder).at("open", folder)?.next().is_some() {
        bail!(
            "there is something in `{}` already, and nothing is overwritten: name another folder, \
             `handbill theme export {} DIR`",
            folder.display(),
            theme.name()
        );
    }
    let mut files: Vec<(String, Vec<u8>)> =
        theme.files().into_iter().map(|(path, bytes)| (path, bytes.to_vec())).collect();
    files.retain(|(path, _)| path != "theme.toml");
    files.push(("theme.toml".to_owned(), about(theme).into_bytes()));
    for (path, bytes) in &files {
        let file = folder.join(path);
        if let Some(parent) = file.parent() {
            std::fs::create_dir_all(parent).at("make", parent)?;
        }
        let mut options = std::fs::File::options();
        let made = options.write(true).create_new(true).open(&file);
        made.and_then(|mut made| made.write_all(bytes)).at("write", &file)?;
    }
    Ok(files.len())
}

/// Refuses what lies in a box, through links too: what is in an inbox is another's, and what is in
/// an outbox goes out to everybody.
fn refuse_box(folder: &Path) -> Result<()> {
    let whole = std::path::absolute(folder).at("find", folder)?;
    let real = whole.ancestors().find_map(|there| std::fs::canonicalize(there).ok());
    if whole.ancestors().chain(real.iter().flat_map(|real| real.ancestors())).any(is_box_name) {
        bail!("`{}` lies in a box: a theme is no message. Name another folder", folder.display());
    }
    Ok(())
}

/// Returns the `theme.toml` of a copy.
fn about(theme: BuiltIn) -> String {
    let name = theme.name();
    format!(
        "# A copy of the theme `{name}`. Delete what you do not change: it comes from the theme that\n\
         # is named here, and stays current with the program.\n\
         base = \"{name}\"\n\
         # What `handbill theme list` says of yours.\n\
         description = \"My copy of {name}\"\n"
    )
}
