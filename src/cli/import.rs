//! `handbill import`: takes over what other programs print.

use super::{At, print};
use crate::config::{NewChannel, NoWay, Subscribe, edit};
use crate::diagnostic::shown;
use crate::disk::{edit_settings, make_contact};
use crate::library::Kind;
use crate::limits::OUTLINE;
use crate::listing::naming;
use crate::opml::{self, Outline};
use crate::path::fold;
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: Import,
}

#[derive(Debug, Subcommand)]
enum Import {
    /// A list of feeds (OPML): makes a subscription of each that comes with the key of a folder,
    /// and says of every other why not
    Opml {
        /// The list; `-` is standard input
        file: PathBuf,
        #[command(flatten)]
        at: At,
        /// Say what would be done, and do nothing
        #[arg(long)]
        dry_run: bool,
    },
}

/// What becomes of a feed of the list.
enum Fate {
    /// A subscription with this name is made.
    Made(String),
    /// It is left out, and why.
    Left(String),
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let Import::Opml { file, at, dry_run } = &arguments.what;
    let base = at.base()?;
    let feeds = opml::read(&text(file)?)
        .with_context(|| format!("`{}` is not read, and nothing was done", file.display()))?;
    let mut known = known(&base)?;
    let mut made = 0;
    for feed in &feeds {
        let fate = fate(feed, &known);
        let fate = match fate {
            Fate::Made(name) if !dry_run => make(&base, name, feed),
            fate => fate,
        };
        let title = shown(if feed.title.is_empty() { &feed.feed } else { &feed.title });
        match fate {
            Fate::Made(name) => {
                made += 1;
                known.insert(fold(&name));
                print::line(&format!("{title}: the subscription `{name}`"));
            }
            Fate::Left(why) => {
                let address = if feed.feed.is_empty() { "no address" } else { &feed.feed };
                print::line(&format!("{title}  {}  left out: {why}", shown(address)));
            }
        }
    }
    say(made, feeds.len() - made, *dry_run);
    Ok(ExitCode::SUCCESS)
}

fn say(made: usize, left: usize, dry_run: bool) {
    let would = if dry_run { "would make" } else { "made" };
    let end = if dry_run { "; nothing was done" } else { "" };
    print::talk(&format!(
        "{would} {}, left {} out{end}",
        print::count(made, "subscription"),
        print::count(left, "feed")
    ));
    if made > 0 && !dry_run {
        print::talk(
            "let your sync tool put each into its inbox, to receive only; the keys stand in handbill.toml",
        );
    }
}

fn text(file: &Path) -> Result<String> {
    // A byte more than is allowed, so that what is too large is seen to be.
    let most = OUTLINE as u64 + 1;
    let mut bytes = Vec::new();
    let read = match file.as_os_str() == "-" {
        true => std::io::stdin().take(most).read_to_end(&mut bytes),
        false => std::fs::File::open(file).and_then(|f| f.take(most).read_to_end(&mut bytes)),
    };
    read.with_context(|| format!("cannot read `{}`", file.display()))?;
    let Ok(text) = String::from_utf8(bytes) else {
        bail!("`{}` is not UTF-8 text: save it as such first", file.display());
    };
    Ok(text)
}

/// Returns the names of all that is in the base folder, folded.
fn known(base: &Path) -> Result<BTreeSet<String>> {
    let entries =
        std::fs::read_dir(base).with_context(|| format!("cannot read `{}`", base.display()))?;
    Ok(entries.flatten().map(|entry| fold(&entry.file_name().to_string_lossy())).collect())
}

fn fate(feed: &Outline, known: &BTreeSet<String>) -> Fate {
    let Some(key) = &feed.key else {
        return Fate::Left("Handbill reads folders, not feeds from the web".into());
    };
    if let Err(why) = edit::subscribe("", "x", key) {
        return Fate::Left(why.to_string());
    }
    match Subscribe::given(key, None) {
        // Which tool it is for is known to whoever made the list.
        Ok(_) | Err(NoWay::Tool) => {}
        Err(why) => return Fate::Left(why.to_string()),
    }
    let name = name(&feed.title);
    if let Err(why) = naming::check_contact(&name) {
        return Fate::Left(format!("its name cannot be that of a folder: {why}"));
    }
    if known.contains(&fold(&name)) {
        return Fate::Left(format!("there is a `{name}` already"));
    }
    Fate::Made(name)
}

/// Returns the name of a folder for a title: its words in small letters, with `-` between them.
fn name(title: &str) -> String {
    let word = |c: char| if c.is_alphanumeric() || c == '_' { c } else { ' ' };
    let plain: String = title.chars().map(word).collect::<String>().to_lowercase();
    let words: Vec<&str> = plain.split_whitespace().take(8).collect();
    words.join("-")
}

fn make(base: &Path, name: String, feed: &Outline) -> Fate {
    let key = feed.key.as_deref().unwrap_or_default();
    let made = make_contact(base, &name, Kind::Subscription, &NewChannel::default());
    let made = made.and_then(|()| {
        edit_settings(base, |text| edit::subscribe(text, &name, key).map(Some)).map(drop)
    });
    match made {
        Ok(()) => Fate::Made(name),
        Err(error) => Fate::Left(format!("{error:#}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_become_names_of_folders() {
        assert_eq!(name("Harbour Log"), "harbour-log");
        assert_eq!(name("../../etc/passwd"), "etc-passwd");
        assert_eq!(name("Café — notes & more!"), "café-notes-more");
        assert_eq!(name("…"), "");
    }
}
