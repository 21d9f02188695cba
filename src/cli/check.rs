//! `handbill check`: says what is wrong, without building.

use super::{Common, Format, Strict, print};
use crate::disk;
use anyhow::Result;
use clap::Args;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    strict: Strict,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let common = &arguments.common;
    #[cfg_attr(not(feature = "engine"), expect(unused_mut, reason = "the engine adds findings"))]
    let mut opened = disk::open(&common.places_for_a_look()?, &common.options()?)?;
    #[cfg(feature = "engine")]
    opened.found.extend(unsaved(&opened.loaded.places.state));
    match common.format {
        Format::Json => print::json(&serde_json::json!({
            "diagnostics": opened.found,
            "milliseconds": print::milliseconds(&opened.loaded.stages()),
        })),
        Format::Text => {
            print::data(&opened.found, print::Verbosity::of(common));
            if !common.quiet {
                if common.verbose {
                    print::stages(&opened.loaded.stages());
                }
                print::summary(&opened.found, print::Verbosity::of(common), true);
            }
        }
    }
    Ok(print::exit_code(&opened.found, arguments.strict.strict))
}

/// Says which keys would be lost with this machine.
#[cfg(feature = "engine")]
fn unsaved(state: &std::path::Path) -> Vec<crate::diagnostic::Diagnostic> {
    use crate::diagnostic::Diagnostic;
    use crate::transport::engine::book::{self, Reach};
    let book = match book::read(state) {
        Ok(book) => book,
        Err(error) => return vec![Diagnostic::error("", "keys", format!("{error:#}"))],
    };
    let boxes = book.into_iter().flat_map(|book| book.boxes);
    let unsaved = boxes.filter(|one| one.reach == Reach::Open && !one.is_safe);
    let unsaved = unsaved.map(|one| {
        Diagnostic::warning(
            &one.contact,
            "no-backup",
            "its master key is on this machine only: without it nobody can write in this channel",
        )
        .hint("`handbill keys export FILE` writes it into a file, to be kept elsewhere")
    });
    unsaved.collect()
}
