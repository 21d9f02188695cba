//! `handbill public`: which channels anybody may read.

use super::{Common, Format, Look, Strict, build, print};
use crate::config::edit;
use crate::diagnostic::shown;
use crate::disk::{self, Opened, edit_settings, no_contact};
use crate::library::{Edition, Kind};
use crate::path::fold;
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Publish a channel: list it in handbill.toml and build
    Add(Change),
    /// Publish a channel no longer: take it out of handbill.toml and build
    Remove(Change),
    /// Print the channels that are listed
    List {
        #[command(flatten)]
        look: Look,
    },
}

#[derive(Debug, Args)]
struct Change {
    /// The contact's folder
    name: String,
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    strict: Strict,
    /// Change handbill.toml alone; the next build does the rest
    #[arg(long)]
    no_build: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    match &arguments.what {
        What::Add(change) => add(change),
        What::Remove(change) => remove(change),
        What::List { look } => list(look),
    }
}

fn add(change: &Change) -> Result<ExitCode> {
    let common = &change.common;
    let base = common.base()?;
    let opened = disk::open(&common.places_for_a_look()?, &common.options()?)?;
    let name = channel(&opened, &change.name)?;
    let changed = edit_settings(&base, |text| edit::list(text, &name))?;
    done(change, changed, &format!("`{name}` is listed as public"))
}

fn remove(change: &Change) -> Result<ExitCode> {
    let base = change.common.sure_base()?;
    let changed = edit_settings(&base, |text| edit::unlist(text, &change.name))?;
    done(change, changed, &format!("`{}` is not listed as public", shown(&change.name)))
}

/// Says what was changed, and builds.
fn done(change: &Change, changed: bool, state: &str) -> Result<ExitCode> {
    let common = &change.common;
    if !common.quiet {
        print::talk(&if changed { state.to_owned() } else { format!("{state} already") });
    }
    if change.no_build {
        return Ok(ExitCode::SUCCESS);
    }
    build::build(common, &common.places()?, &common.options()?, change.strict)
}

/// Returns the exact name of a contact that may be listed.
fn channel(opened: &Opened, wanted: &str) -> Result<String> {
    let heads = &opened.built.reader.heads;
    let exact = heads.iter().find(|head| head.name == wanted);
    let same = || heads.iter().find(|head| fold(&head.name) == fold(wanted));
    let Some(head) = exact.or_else(same) else {
        let known: Vec<&str> = heads.iter().map(|head| head.name.as_str()).collect();
        return Err(no_contact(&opened.loaded.places.base, wanted, &known));
    };
    if head.kind != Kind::Channel {
        bail!(
            "`{}` is a {}, and what others write to you stays private: only a channel of your own can \
             be public",
            shown(&head.name),
            head.kind.word()
        );
    }
    Ok(head.name.clone())
}

fn list(look: &Look) -> Result<ExitCode> {
    let opened = look.open()?;
    let open = &opened.planned(Edition::Public).heads;
    let is_open = |name: &str| open.iter().any(|head| fold(&head.name) == fold(name));
    let listed = &opened.loaded.settings.public;
    if look.format == Format::Json {
        let one = |name: &String| serde_json::json!({ "name": name, "published": is_open(name) });
        let all: Vec<serde_json::Value> = listed.iter().map(|(name, _)| one(name)).collect();
        print::json(&serde_json::json!({ "public": all }));
    } else {
        for (name, _) in listed {
            print::line(&shown(name));
        }
        let refused = opened.found.iter().filter(|report| report.code.starts_with("public-"));
        print::diagnostics(&refused.cloned().collect::<Vec<_>>(), print::Verbosity::Usual);
    }
    let all = listed.iter().all(|(name, _)| is_open(name));
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
