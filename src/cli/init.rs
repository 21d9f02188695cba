//! `handbill init`: makes a base folder, or a copy of the example.

use super::demo;
use super::print;
use crate::diagnostic::argument;
use crate::disk::{base_around_box, make_settings};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The folder; it is made if it is not there
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Fill it with a copy of the example: six contacts, to look around and to try things out
    #[arg(long)]
    demo: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let dir = &arguments.dir;
    super::refuse_btmessage(dir)?;
    refuse_box(dir)?;
    if arguments.demo {
        return run_demo(dir);
    }
    make(dir)?;
    let made = make_settings(dir)?;
    let settings = dir.join("handbill.toml");
    if made {
        print::talk(&format!("made `{}`", settings.display()));
    } else {
        print::talk(&format!("`{}` is there already and stays as it is", settings.display()));
    }
    // Elsewhere the commands would take the folder that one is in for the base folder.
    let first = if dir == Path::new(".") {
        String::new()
    } else {
        format!("`cd {}`, then ", dir.display())
    };
    print::talk(&format!("next: {first}`handbill add channel NAME`, then `handbill post NAME`"));
    Ok(ExitCode::SUCCESS)
}

/// Refuses a folder in a box, which would be synced to others or fall out of sync.
fn refuse_box(dir: &Path) -> Result<()> {
    let path = std::path::absolute(dir).with_context(|| cannot(dir))?;
    let there = path.ancestors().find_map(|folder| std::fs::canonicalize(folder).ok());
    if let Some(base) = there.as_deref().and_then(base_around_box) {
        bail!("`{}` lies in a box of `{}`: name another folder", dir.display(), base.display());
    }
    Ok(())
}

fn run_demo(dir: &Path) -> Result<ExitCode> {
    make(dir)?;
    let mut inside = std::fs::read_dir(dir).with_context(|| cannot(dir))?;
    if inside.next().is_some() {
        bail!("`{}` is not empty: name a new folder for the example", dir.display());
    }
    demo::copy(dir)?;
    print::talk(&format!("copied the example into `{}`", dir.display()));
    let typed = argument(&dir.to_string_lossy());
    print::talk(&format!("next: `handbill build {typed}`, then `handbill open {typed}`"));
    Ok(ExitCode::SUCCESS)
}

fn make(dir: &Path) -> Result<()> {
    std::fs::create_dir_all(dir).with_context(|| cannot(dir))
}

fn cannot(dir: &Path) -> String {
    format!("cannot use `{}`", dir.display())
}
