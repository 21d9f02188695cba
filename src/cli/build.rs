//! `handbill build`: builds the editions of a base folder.

use super::{Common, Format, Strict, print, progress};
use crate::disk::hook::{self, Job, Outcome};
use crate::disk::{self, BuildOptions, BuildReport, Check, Places, Progress};
use crate::library::Edition;
use anyhow::Result;
use clap::{Args, ValueEnum};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    strict: Strict,
    /// Build this edition alone
    #[arg(long, value_enum)]
    edition: Option<Which>,
    /// Read every published file again rather than trust its size and time
    #[arg(long)]
    verify: bool,
    /// Build even if the base folder has lost all contacts or its handbill.toml, or never had any
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
    if !arguments.allow_empty {
        common.sure_base()?;
    }
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
    build(common, &places, &options, arguments.strict)
}

/// Builds, runs the hook if there is need of it, and says what was done.
pub(super) fn build(
    common: &Common,
    places: &Places,
    options: &BuildOptions,
    strict: Strict,
) -> Result<ExitCode> {
    static PROGRESS: Progress = Progress::new();
    let mut options = options.clone();
    options.publish.progress = Some(&PROGRESS);
    let report = progress::shown(&PROGRESS, common.quiet, || disk::build_last(places, &options))?;
    if common.format == Format::Text {
        text(&report, common);
    }
    let after = Job::of(&report).and_then(|job| hook::run(places, &job));
    let failed = match &after {
        Some(Outcome::Refused(why) | Outcome::Failed(why)) => Some(why),
        Some(Outcome::Done) | None => None,
    };
    match (common.format, failed) {
        (Format::Json, _) => print::json(&report_json(&report, after.as_ref())),
        (Format::Text, Some(why)) => print::error(why),
        (Format::Text, None) => {}
    }
    let code = exit_code(&report, strict.strict);
    // What was built is built; that it did not get to where it is read must not go unseen.
    Ok(if failed.is_some() && code == ExitCode::SUCCESS { ExitCode::from(1) } else { code })
}

fn text(report: &BuildReport, common: &Common) {
    print::diagnostics(&report.found, print::Verbosity::of(common));
    if let Some(refused) = &report.refused {
        print::error(refused);
    }
    if common.quiet {
        return;
    }
    if let Some(remark) = &report.remark {
        print::talk(remark);
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

pub(super) fn report_json(report: &BuildReport, after: Option<&Outcome>) -> serde_json::Value {
    let after = after.map(|outcome| match outcome {
        Outcome::Done => "done",
        Outcome::Refused(why) | Outcome::Failed(why) => why,
    });
    serde_json::json!({
        "editions": report.editions,
        "contacts": report.contacts,
        "messages": report.messages,
        "next_release": report.next_release,
        "remark": report.remark,
        "refused": report.refused,
        "after_public": after,
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
