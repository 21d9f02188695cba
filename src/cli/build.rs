//! `handbill build`: builds the editions of a base folder.

use super::{Common, Format, print};
use crate::disk::{self, BuildReport, Check};
use crate::library::Edition;
use anyhow::Result;
use clap::{Args, ValueEnum};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    common: Common,
    /// Build this edition alone
    #[arg(long, value_enum)]
    edition: Option<Which>,
    /// Read every published file again rather than trust its size and time
    #[arg(long)]
    verify: bool,
    /// Build even if the base folder has lost all contacts or its handbill.toml
    #[arg(long)]
    allow_empty: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Which {
    /// For anybody: the channels listed in handbill.toml
    Public,
    /// For me: everything
    Reader,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let common = &arguments.common;
    let places = common.places()?;
    let mut options = common.options()?;
    if arguments.verify {
        options.publish.check = Check::Bytes;
    }
    options.allow_empty = arguments.allow_empty;
    match arguments.edition {
        Some(Which::Public) => options.editions = vec![Edition::Public],
        Some(Which::Reader) => options.editions = vec![Edition::Reader],
        None => {}
    }
    let report = disk::build(&places, &options)?;
    match common.format {
        Format::Json => print::json(&report_json(&report)),
        Format::Text => text(&report, common),
    }
    Ok(exit_code(&report, common.strict))
}

fn text(report: &BuildReport, common: &Common) {
    print::diagnostics(&report.found, print::Verbosity::of(common));
    if let Some(refused) = &report.refused {
        print::error(refused);
    }
    if common.quiet {
        return;
    }
    print::talk(&format!(
        "{} in {}",
        print::count(report.messages, "message"),
        print::count(report.contacts, "contact")
    ));
    for edition in &report.editions {
        let index = edition.path.join("index.html");
        print::talk(&format!(
            "{:<6}  {}  ({} written, {} kept, {} removed)",
            edition.edition,
            index.display(),
            edition.written,
            edition.kept,
            edition.removed
        ));
    }
    if common.verbose {
        print::stages(&report.stages);
    }
    print::summary(&report.found, print::Verbosity::of(common), common.verbose);
}

fn report_json(report: &BuildReport) -> serde_json::Value {
    serde_json::json!({
        "editions": report.editions,
        "contacts": report.contacts,
        "messages": report.messages,
        "next_release": report.next_release,
        "refused": report.refused,
        "diagnostics": report.found,
        "milliseconds": print::milliseconds(&report.stages),
    })
}

fn exit_code(report: &BuildReport, strict: bool) -> ExitCode {
    if report.refused.is_some() {
        return ExitCode::from(2);
    }
    print::exit_code(&report.found, strict)
}
