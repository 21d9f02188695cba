//! `handbill keys`: a backup of the keys of channels, and taking it in again.

use super::engine::{Ground, is_there};
use super::{At, print};
use crate::disk;
use crate::path::fold;
use crate::transport::engine::book::{self, Carried, Reach};
use crate::transport::engine::private::refusal;
use anyhow::{Context, Result, bail};
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
    /// Write the keys of all channels into a file, to be kept where nobody else reads it
    Export {
        /// The file, which must not be there yet
        file: PathBuf,
        #[command(flatten)]
        at: At,
    },
    /// Take the keys of such a file over: channels are written and read by them again
    Import {
        /// The file
        file: PathBuf,
        #[command(flatten)]
        at: At,
    },
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    match &arguments.what {
        What::Export { file, at } => export(&Ground::of(&at.base()?)?, file),
        What::Import { file, at } => import(&Ground::of(&at.base()?)?, file),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn export(ground: &Ground, file: &Path) -> Result<()> {
    if file.symlink_metadata().is_ok() {
        bail!("`{}` is there already: a backup overwrites nothing", file.display());
    }
    let file = &destination(ground, file)?;
    let count = book::change(&ground.state, |book| {
        if book.boxes.iter().all(|one| one.reach != Reach::Open) {
            bail!("there are no keys yet: `handbill share NAME --via handbill` makes one");
        }
        book::write_new_private(file, book::backup(book)?.as_bytes())?;
        let open = book.boxes.iter_mut().filter(|one| one.reach == Reach::Open);
        Ok(open.map(|one| one.is_safe = true).count())
    })?;
    print::talk(&format!("{} in `{}`", print::count(count, "key"), file.display()));
    print::talk(
        "whoever reads this file can write in your name. Conversations are between two devices and \
         are not in it",
    );
    Ok(())
}

/// Returns where a backup is written, which must be where it goes to nobody: into no box and no
/// edition, by whatever links that is reached.
fn destination(ground: &Ground, file: &Path) -> Result<PathBuf> {
    let file = std::path::absolute(file)?;
    let name = file.file_name().context("this is no name for a file")?;
    let folder = file.parent().context("this is no name for a file")?;
    let folder = std::fs::canonicalize(folder)
        .with_context(|| format!("there is no folder `{}`", folder.display()))?;
    let is_box = |part: &std::ffi::OsStr| {
        let part = fold(&part.to_string_lossy());
        part == "inbox" || part == "outbox"
    };
    let editions =
        [ground.output.clone(), ground.output.join("public"), ground.output.join("reader")];
    let mut editions = editions.iter().filter_map(|edition| std::fs::canonicalize(edition).ok());
    let why = if folder.iter().any(is_box) {
        "in a box, which others get"
    } else if editions.any(|edition| folder.starts_with(edition)) {
        "in an edition, which others read"
    } else if folder.starts_with(&ground.base) && !folder.starts_with(ground.base.join(".handbill"))
    {
        "in the base folder, of which others get parts"
    } else {
        return Ok(folder.join(name));
    };
    bail!(
        "`{}` is {why}, and whoever reads the keys can write in your name: nothing was written. Write \
         them to a stick or to a folder of your own elsewhere, or into `.handbill/`, which goes nowhere",
        file.display()
    )
}

fn import(ground: &Ground, file: &Path) -> Result<()> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("cannot read `{}`", file.display()))?;
    let saved = book::of_backup(&text)?;
    let taken = book::change(&ground.state, |book| {
        let new = wanted(ground, &book.boxes, saved)?;
        for one in new.iter().filter(|one| !is_there(&ground.base, one)) {
            let folder = folder(ground, one);
            std::fs::create_dir_all(&folder)
                .with_context(|| format!("cannot make `{}`", folder.display()))?;
        }
        let count = new.len();
        book.boxes.extend(new);
        Ok(count)
    })?;
    print::talk(&format!("{} taken over", print::count(taken, "key")));
    Ok(())
}

/// Returns what of a backup is new here. All that can be wrong with it is found before anything is
/// made.
fn wanted(ground: &Ground, known: &[Carried], saved: Vec<Carried>) -> Result<Vec<Carried>> {
    let mut all = known.to_vec();
    for mut one in saved {
        if all.iter().any(|known| known.channel == one.channel) {
            continue;
        }
        if let Ok(boxes) = disk::boxes(&ground.base, &one.contact) {
            one.contact = boxes.contact;
        }
        let is_its = |known: &&Carried| fold(&known.contact) == fold(&one.contact);
        if all.iter().filter(is_its).any(|known| known.side == one.side) {
            bail!("`{}` has another key here: rename its folder first", one.contact);
        }
        if let Some(why) = refusal(&ground.base, &all, &one) {
            bail!("{why}. Nothing was taken over: rename that folder first");
        }
        for path in [ground.base.join(&one.contact), folder(ground, &one)] {
            if path.symlink_metadata().is_ok_and(|found| !found.is_dir()) {
                bail!("`{}` is no folder: nothing was taken over", path.display());
            }
        }
        all.push(one);
    }
    Ok(all.split_off(known.len()))
}

fn folder(ground: &Ground, one: &Carried) -> PathBuf {
    ground.base.join(&one.contact).join(one.side.folder())
}
