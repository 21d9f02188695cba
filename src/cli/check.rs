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
    let opened = disk::open(&common.places_for_a_look()?, &common.options()?)?;
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
