//! The command line: one file a subcommand, with its arguments and a `run`.
//!
//! Data goes to standard output, talk to standard error. Exit codes: 0 built, whatever inboxes
//! hold; 1 built, but files of one's own have errors (with `--strict`, anything has); 2 not built.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "this is where the environment is read and where is printed"
)]

mod add;
mod admit;
mod bell;
mod build;
mod check;
#[cfg(feature = "engine")]
mod converse;
mod debug;
mod demo;
#[cfg(feature = "engine")]
mod engine;
mod export;
mod import;
mod init;
#[cfg(feature = "engine")]
mod join;
#[cfg(feature = "engine")]
mod keys;
mod links;
mod list;
mod live;
mod manual;
mod open;
mod post;
mod print;
mod progress;
mod public;
mod serve;
mod share;
mod subscribe;
#[cfg(feature = "engine")]
mod sync;
mod theme;
mod timeline;
#[cfg(feature = "engine")]
mod unsubscribe;
mod via;
mod watch;

use crate::disk::{
    self, BuildOptions, Opened, Places, PublishOptions, find_base, holds_contact, may_be_base,
};
use crate::library::Edition;
use crate::time::Now;
use crate::web::BaseUrl;
use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

/// Turns synced folders into a site and Atom feeds.
#[derive(Debug, Parser)]
#[command(name = "handbill", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a base folder, or a copy of the example
    Init(init::Arguments),
    /// Make the folders of a contact
    Add(add::Arguments),
    /// Write a message into an outbox
    Post(post::Arguments),
    /// Build the public and the reader edition of a base folder
    Build(build::Arguments),
    /// Show the built site in a browser
    Open(open::Arguments),
    /// Build, show the reader edition in the browser, and keep both editions current
    Serve(serve::Arguments),
    /// Build, and keep both editions current
    Watch(watch::Arguments),
    /// Say what is wrong in a base folder, without building
    Check(check::Arguments),
    /// Say which channels anybody may read
    Public(public::Arguments),
    /// Show how others subscribe to a channel: keys, links, QR codes
    Share(share::Arguments),
    /// Subscribe to a channel by the key or link one was given
    Subscribe(subscribe::Arguments),
    /// Fill an inbox no more
    #[cfg(feature = "engine")]
    Unsubscribe(unsubscribe::Arguments),
    /// Write in a channel together with others, by its master key
    #[cfg(feature = "engine")]
    Join(join::Arguments),
    /// Begin a conversation, or answer one, by an exchange of letters
    #[cfg(feature = "engine")]
    Converse(converse::Arguments),
    /// Carry the boxes and do nothing else: for a machine that only keeps copies
    #[cfg(feature = "engine")]
    Sync(sync::Arguments),
    /// Back up the keys of channels, and take them over again
    #[cfg(feature = "engine")]
    Keys(keys::Arguments),
    /// Print the contacts: kind, number of messages, last message, problems
    List(list::Arguments),
    /// Print the newest messages
    Timeline(timeline::Arguments),
    /// Print what other programs take: the list of feeds for a feed reader
    Export(export::Arguments),
    /// Take over what other programs print: a list of feeds
    Import(import::Arguments),
    /// Print the themes, or copy one to make another of it
    Theme(theme::Arguments),
    /// Print a script that completes commands in a shell
    Completions(manual::Completions),
    /// Print the manual page of the program or of a command
    Man(manual::Man),
    /// Show how a build comes about: plans and views, for authors of themes
    Debug(debug::Arguments),
}

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return print::usage(&error),
    };
    let result = match cli.command {
        Command::Init(arguments) => init::run(&arguments),
        Command::Add(arguments) => add::run(&arguments),
        Command::Post(arguments) => post::run(&arguments),
        Command::Build(arguments) => build::run(&arguments),
        Command::Open(arguments) => open::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Watch(arguments) => watch::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Public(arguments) => public::run(&arguments),
        Command::Share(arguments) => share::run(&arguments),
        Command::Subscribe(arguments) => subscribe::run(&arguments),
        #[cfg(feature = "engine")]
        Command::Unsubscribe(arguments) => unsubscribe::run(&arguments),
        #[cfg(feature = "engine")]
        Command::Join(arguments) => join::run(&arguments),
        #[cfg(feature = "engine")]
        Command::Converse(arguments) => converse::run(&arguments),
        #[cfg(feature = "engine")]
        Command::Sync(arguments) => sync::run(&arguments),
        #[cfg(feature = "engine")]
        Command::Keys(arguments) => keys::run(&arguments),
        Command::List(arguments) => list::run(&arguments),
        Command::Timeline(arguments) => timeline::run(&arguments),
        Command::Export(arguments) => export::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Theme(arguments) => theme::run(&arguments),
        Command::Completions(arguments) => manual::completions(&arguments),
        Command::Man(arguments) => manual::man(&arguments),
        Command::Debug(arguments) => debug::run(&arguments),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            print::failure(&error);
            ExitCode::from(2)
        }
    }
}

/// Where a command works that does not build.
#[derive(Debug, Clone, Args)]
struct At {
    /// The base folder, or any folder inside it
    #[arg(default_value = ".")]
    dir: PathBuf,
}

impl At {
    fn base(&self) -> Result<PathBuf> {
        base_of(&self.dir)
    }
}

/// Returns the base folder that a folder lies in.
fn base_of(dir: &Path) -> Result<PathBuf> {
    if !dir.is_dir() {
        bail!("there is no folder `{}`", dir.display());
    }
    refuse_btmessage(dir)?;
    Ok(find_base(dir))
}

/// Refuses the folder of BTMessage itself: the contacts lie in a folder inside it.
fn refuse_btmessage(dir: &Path) -> Result<()> {
    let inside = dir.join("_messages");
    let is_base = dir.join("handbill.toml").is_file() || holds_contact(dir);
    if inside.is_dir() && !is_base {
        bail!("did you mean `{}`? There BTMessage keeps its contacts", inside.display());
    }
    Ok(())
}

/// Where a base folder and what is made of it lie.
#[derive(Debug, Clone, Args)]
struct Where {
    #[command(flatten)]
    at: At,
    /// Put both editions below DIR instead of `_site`
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Keep lock, cache and local state in DIR instead of `.handbill`
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
}

impl Where {
    fn places_for_a_look(&self) -> Result<Places> {
        Places::for_a_look(&self.at.base()?, self.output.as_deref(), self.state.as_deref())
    }
}

/// What commands share that show what is in a base folder.
#[derive(Debug, Clone, Args)]
struct Look {
    #[command(flatten)]
    place: Where,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Look {
    fn open(&self) -> Result<Opened> {
        disk::open(&self.place.places_for_a_look()?, &options(None)?)
    }
}

/// What `build`, `check` and others share that build a base folder or could.
#[derive(Debug, Clone, Args)]
struct Common {
    #[command(flatten)]
    place: Where,
    /// Where the public edition is read; overrides `base_url` of handbill.toml
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// How to print the report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Print errors only
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// Print the milliseconds of each stage, and notes
    #[arg(short, long)]
    verbose: bool,
}

/// What counts as a failure.
#[derive(Debug, Clone, Copy, Args)]
struct Strict {
    /// Let warnings and errors in others' files count: exit code 1
    #[arg(long)]
    strict: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs: one JSON object
    Json,
}

impl Common {
    /// Returns where things lie, for a build.
    fn places(&self) -> Result<Places> {
        let place = &self.place;
        Places::of(&self.base()?, place.output.as_deref(), place.state.as_deref())
    }

    /// Returns the base folder, for one build. A folder that is none, as where one is in a wrong one,
    /// is not filled with a site.
    fn sure_base(&self) -> Result<PathBuf> {
        let base = self.base()?;
        if !may_be_base(&base) {
            bail!(
                "`{}` is no base folder: it has no handbill.toml, and no folder in it is a contact with \
                 an outbox or inbox. `handbill init` makes a base folder of it",
                base.display()
            );
        }
        Ok(base)
    }

    /// Returns where things lie, for a command that writes nothing.
    fn places_for_a_look(&self) -> Result<Places> {
        self.place.places_for_a_look()
    }

    fn base(&self) -> Result<PathBuf> {
        self.place.at.base()
    }

    fn options(&self) -> Result<BuildOptions> {
        let base_url = match &self.base_url {
            Some(text) => match BaseUrl::parse(text) {
                Some(base) => Some(base),
                None => bail!("`{text}` is not an http or https address"),
            },
            None => None,
        };
        options(base_url)
    }
}

/// Returns the usual options of a build now.
fn options(base_url: Option<BaseUrl>) -> Result<BuildOptions> {
    Ok(BuildOptions {
        editions: vec![Edition::Public, Edition::Reader],
        base_url,
        now: now()?,
        publish: PublishOptions::default(),
        port: None,
        allow_empty: false,
    })
}

/// Returns the instant that decides what is held: `SOURCE_DATE_EPOCH` where it is set
/// (reproducible-builds.org), else the clock.
fn now() -> Result<Now> {
    if let Some(text) = std::env::var_os("SOURCE_DATE_EPOCH") {
        let text = text.to_string_lossy().into_owned();
        let seconds =
            text.parse().with_context(|| format!("SOURCE_DATE_EPOCH is no number: `{text}`"))?;
        return Ok(Now(seconds));
    }
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .context("the clock is set before 1970")?;
    set(Now(i64::try_from(since.as_secs()).unwrap_or(i64::MAX)))
}

/// 2026-01-01T00:00:00Z: no clock that is right stood before that while this program ran.
const NEVER: Now = Now(1_767_225_600);

/// Returns an instant that a clock can have that was set. For one that was not, as in a small
/// machine without a battery, all messages would lie in the future, and leave the site.
fn set(now: Now) -> Result<Now> {
    if now.0 < NEVER.0 {
        bail!(
            "the clock of this machine stands at {}: set it, and try again. Until then all messages \
             would be held as of the future",
            crate::time::Stamp::from_unix(now.0).iso()
        );
    }
    Ok(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_never_set_is_told() {
        let told = set(Now(86_400)).unwrap_err().to_string();
        assert!(told.contains("stands at 1970-01-02T00:00:00"), "{told}");
        assert!(set(Now(NEVER.0 + 1)).is_ok());
    }
}
