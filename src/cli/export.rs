//! `handbill export`: what other programs take.

use super::{Where, options, print};
use crate::disk;
use crate::library::Edition;
use crate::plan::What;
use crate::render::Look;
use crate::render::outline::{Keys, outline};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: Export,
}

#[derive(Debug, Subcommand)]
enum Export {
    /// The feeds of the reader edition, as a list (OPML 2.0) that feed readers import
    Opml {
        #[command(flatten)]
        place: Where,
        /// Write FILE instead of standard output; one that is there is replaced
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        /// With the keys and links that you were given for your subscriptions, for `import opml`
        #[arg(long)]
        keys: bool,
    },
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let Export::Opml { place, file, keys } = &arguments.what;
    let keys = if *keys { Keys::With } else { Keys::Without };
    let text = opml(place, keys)?;
    match file {
        None => print::line(text.trim_end()),
        Some(file) => {
            write(file, &text)?;
            print::talk(&format!("wrote `{}`", file.display()));
        }
    }
    if keys == Keys::With {
        print::talk("it holds keys: whoever gets it can read those channels");
    }
    Ok(ExitCode::SUCCESS)
}

fn opml(place: &Where, keys: Keys) -> Result<String> {
    let opened = disk::open(&place.places_for_a_look()?, &options(None)?)?;
    let planned = opened.planned(Edition::Reader);
    let loaded = &opened.loaded;
    let look = Look::new(Edition::Reader, &loaded.settings, &loaded.theme, &planned.heads);
    let segments = opened.segments(Edition::Reader);
    let mut outputs = segments.iter().flat_map(|segment| &segment.outputs);
    let lines = outputs.find_map(|output| match &output.what {
        What::Outline(lines) => Some(lines),
        _ => None,
    });
    Ok(outline(lines.context("the reader edition has no list of feeds")?, &look, keys))
}

fn write(file: &Path, text: &str) -> Result<()> {
    std::fs::write(file, text).with_context(|| format!("cannot write `{}`", file.display()))
}
