//! `handbill watch`: builds, and builds again whenever something changes.

use super::live::{self, Live};
use anyhow::Result;
use clap::Args;
use std::process::ExitCode;
use std::sync::mpsc;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    live: Live,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let places = arguments.live.common.places()?;
    let (sender, events) = mpsc::channel();
    live::run(&arguments.live, &places, (events, sender), &|_| {}, |_| {}, &mut |_| {})
}
