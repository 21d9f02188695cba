//! `handbill join`: writes in a channel together with others, by its master key.

use super::engine::{self, Ground};
use super::{At, print};
use crate::keys::handbill::Master;
use crate::library::Side;
use crate::transport::engine::book::{self, Carried, Reach};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::io::BufRead;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The master key, or `-` to read it from the standard input, where no list of processes shows it
    #[arg(value_name = "MASTER-KEY")]
    key: String,
    /// The name of its folder
    name: String,
    #[command(flatten)]
    at: At,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let ground = Ground::of(&arguments.at.base()?)?;
    let master = match &*arguments.key {
        "-" => {
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line).context("cannot read the key")?;
            Master::parse(&line)
        }
        key => Master::parse(key),
    };
    // What was typed is not repeated: it may be most of a key.
    let master = master.ok().context("this is no master key of Handbill, or a letter is wrong")?;
    let channel = book::channel_of(&master.secret);
    let name = &arguments.name;
    book::change(&ground.state, |book| {
        if let Some(known) = book.boxes.iter().find(|one| one.channel == channel) {
            bail!("this channel is carried already, in `{}`", known.contact);
        }
        engine::make_box(&ground.base, name, Side::Outbox)?;
        book.boxes.push(Carried {
            contact: name.clone(),
            side: Side::Outbox,
            channel,
            secret: Some(master.secret),
            reach: Reach::Open,
            peers: master.about.peers.clone(),
            is_safe: true,
        });
        Ok(())
    })?;
    engine::say_running(
        &ground,
        &format!("`{name}/outbox` is shared with its other authors: what is there comes"),
    );
    print::talk("what you write there goes out in the name of all of you");
    Ok(ExitCode::SUCCESS)
}
