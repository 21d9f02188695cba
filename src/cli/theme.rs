//! `handbill theme`: what themes there are, and a copy of one to make another of it.

use super::{At, Format, base_of, print};
use crate::diagnostic::shown;
use crate::disk::themes::{self, Choice};
use crate::disk::{self, Places};
use crate::theme::{BuiltIn, unknown};
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print the themes that can be chosen, and which one is used
    List {
        #[command(flatten)]
        at: At,
        /// How to print it
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Write the files of a theme of the program, for you to edit; nothing is overwritten
    Export {
        /// The theme, as `handbill theme list` names it
        name: String,
        /// Where to: a new or an empty folder; `themes/NAME` in the base folder if not given
        dir: Option<PathBuf>,
    },
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    match &arguments.what {
        What::List { at, format } => list(&at.base()?, *format),
        What::Export { name, dir } => export(name, dir.as_deref()),
    }
}

fn list(base: &Path, format: Format) -> Result<ExitCode> {
    let settings = disk::settings(&Places::for_a_look(base, None, None)?);
    let known = themes::known(base, &settings);
    let used = themes::used(base, &settings);
    // The default is used where the folder `theme` that nothing has to name is not there.
    let is_used = |theme: &&Choice| theme.name == used;
    if format == Format::Json {
        let one = |theme: &Choice| {
            serde_json::json!({
                "name": theme.name,
                "built_in": theme.built_in,
                "used": is_used(&theme),
                "base": (!theme.built_in).then(|| theme.about.base.name()),
                "description": theme.about.description,
            })
        };
        let all: Vec<serde_json::Value> = known.iter().map(one).collect();
        print::json(&serde_json::json!({ "themes": all }));
        return Ok(ExitCode::SUCCESS);
    }
    let name = |theme: &Choice| shown(&theme.name);
    let width = known.iter().map(|theme| print::width(&name(theme))).max().unwrap_or(0);
    for theme in &known {
        let place = match theme.built_in {
            true => "built in".to_owned(),
            false => format!("a folder, over {}", theme.about.base.name()),
        };
        let used = if is_used(&theme) { ", used" } else { "" };
        let about = theme.about.description.as_deref().map(shown).unwrap_or_default();
        let line = format!(
            "{}  {}  {about}",
            print::padded(&name(theme), width),
            print::padded(&format!("{place}{used}"), PLACE)
        );
        print::line(line.trim_end());
    }
    let missing = disk_name(&settings.theme, used);
    if let Some(missing) = missing {
        let names: Vec<&str> = known.iter().map(|theme| theme.name.as_str()).collect();
        bail!("handbill.toml names the theme `{missing}`: {}", unknown(missing, &names));
    }
    Ok(ExitCode::SUCCESS)
}

/// As wide as `a folder, over default, used`.
const PLACE: usize = 28;

/// Returns the name in the settings where no theme has it, and it is not the one that is usual.
fn disk_name<'s>(wanted: &'s str, used: &str) -> Option<&'s str> {
    let usual = crate::config::Settings::default().theme;
    (wanted != used && wanted != usual).then_some(wanted)
}

fn export(name: &str, dir: Option<&Path>) -> Result<ExitCode> {
    let Some(theme) = BuiltIn::named(name) else {
        let known = BuiltIn::ALL.map(BuiltIn::name);
        bail!("the program has no theme `{}`: {}", shown(name), unknown(name, &known));
    };
    let base = base_of(Path::new("."))?;
    let folder = dir.map_or_else(|| base.join(themes::usual_place(theme)), Path::to_owned);
    let count = themes::export(theme, &folder)?;
    print::talk(&format!("wrote {} into `{}`", print::count(count, "file"), folder.display()));
    let whole = std::fs::canonicalize(&folder).unwrap_or_else(|_| folder.clone());
    let top = std::fs::canonicalize(&base).unwrap_or(base);
    match whole.strip_prefix(&top) {
        Ok(below) => {
            let below = below.to_string_lossy().replace('\\', "/");
            print::talk(&format!("to use it, write into handbill.toml: theme = \"{below}\""));
        }
        Err(_) => print::talk(
            "to use it, put it into a base folder, and name it in handbill.toml: theme = \"FOLDER\"",
        ),
    }
    print::talk("delete what you do not change: it comes from the program then");
    Ok(ExitCode::SUCCESS)
}
