//! `handbill open`: shows the built site in a browser.

use super::{Where, print};
use crate::library::Edition;
use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use std::ffi::OsStr;
use std::process::{Command, ExitCode, Stdio};
use url::Url;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Where,
    /// Which edition
    #[arg(long, value_enum, default_value_t = Which::Reader)]
    edition: Which,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Which {
    /// For anybody
    Public,
    /// For me
    Reader,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let places = arguments.place.places_for_a_look()?;
    let edition = match arguments.edition {
        Which::Public => Edition::Public,
        Which::Reader => Edition::Reader,
    };
    let page = places.output.join(edition.name()).join("index.html");
    if !page.is_file() {
        bail!("there is no `{}` yet: `handbill build` makes it", page.display());
    }
    let address = Url::from_file_path(&page).map_or_else(|()| String::new(), String::from);
    print::line(&address);
    if !open(&page) {
        print::talk("nothing here opens a browser: open the address above yourself");
    }
    Ok(ExitCode::SUCCESS)
}

/// Opens a page in the browser; returns whether there was something that did.
pub(super) fn open(page: impl AsRef<OsStr>) -> bool {
    openers().any(|opener| starts(opener, page.as_ref()))
}

/// Returns the commands that open a page on this system, best first.
fn openers() -> impl Iterator<Item = &'static [&'static str]> {
    let commands: &[&[&str]] = if cfg!(target_os = "macos") {
        &[&["open"]]
    } else if cfg!(windows) {
        // Not `start`: the shell would read `&` in an address.
        &[&["rundll32", "url.dll,FileProtocolHandler"]]
    } else if ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"].iter().any(|name| is_set(name)) {
        &[&["xdg-open"], &["gio", "open"], &["wslview"]]
    } else {
        // Without a screen an opener would start a browser in this terminal, or wait for ever.
        &[]
    };
    commands.iter().copied()
}

fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// Starts an opener; returns whether it succeeded.
fn starts(opener: &[&str], page: &OsStr) -> bool {
    let mut command = Command::new(opener[0]);
    command.args(&opener[1..]).arg(page);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
