//! `handbill converse`: a conversation between two, by an exchange of two letters.

use super::engine::{self, Ground};
use super::{base_of, print};
use crate::config::NewChannel;
use crate::disk::{self, make_contact};
use crate::keys::handbill::{About, Device, Letter};
use crate::library::Kind;
use crate::library::Side;
use crate::path::fold;
use crate::transport::engine::book::{self, Book, Carried, Reach};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The name of its folder; or the letter that the other side has sent, and then the name
    #[arg(value_name = "NAME|LETTER")]
    first: String,
    /// Behind a letter, the name of its folder; else the base folder, or any folder inside it
    #[arg(value_name = "NAME|DIR")]
    second: Option<String>,
    /// The base folder, or any folder inside it
    dir: Option<PathBuf>,
    /// Where this device is always found, as 192.0.2.7:4433; goes into the letter
    #[arg(long, value_name = "ADDRESS")]
    address: Vec<String>,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let (letter, name, dir) = match Letter::is_meant(&arguments.first) {
        true => {
            let letter = Letter::parse(&arguments.first)?;
            let name = arguments
                .second
                .as_deref()
                .context("how is the conversation called here? `handbill converse LETTER NAME`")?;
            (Some(letter), name, arguments.dir.as_deref())
        }
        false => (None, &*arguments.first, arguments.second.as_deref().map(Path::new)),
    };
    let ground = Ground::of(&base_of(dir.unwrap_or(Path::new(".")))?)?;
    let (name, letter) = book::change(&ground.state, |book| {
        // What is wrong must not leave anything behind; a contact that is there must be one.
        if let Some(letter) = &letter {
            may_take(book, name, letter)?;
        }
        let is_answer = letter.as_ref().is_some_and(|letter| letter.to.is_some());
        let name = contact(&ground.base, name, is_answer)?;
        let letter = match letter {
            None => invite(&ground, book, &name, &arguments.address).map(Some),
            Some(letter) => take(&ground, book, &name, &letter, &arguments.address),
        }?;
        Ok((name, letter))
    })?;
    match letter {
        Some(letter) if letter.to.is_none() => {
            print::line(&letter.to_string());
            print::talk(
                "give this letter to the other side alone: whoever has it first can answer it. There \
                 it is `handbill converse LETTER NAME`, which prints a letter for you",
            );
        }
        Some(letter) => {
            print::line(&letter.to_string());
            engine::say_running(&ground, "their words come, and yours go");
            print::talk(
                "when the other side has taken this letter, by `handbill converse LETTER NAME`",
            );
        }
        None => engine::say_running(&ground, &format!("`{name}` goes both ways now")),
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes the conversation, or finds it; returns its exact name.
fn contact(base: &Path, name: &str, must_be_there: bool) -> Result<String> {
    match disk::boxes(base, name) {
        Ok(boxes) if boxes.inbox.is_some() && boxes.outbox.is_some() => Ok(boxes.contact),
        Err(_) if must_be_there => {
            bail!("there is no conversation `{name}` that this letter answers")
        }
        _ => {
            make_contact(base, name, Kind::Conversation, &NewChannel::default())?;
            print::talk(&format!("made the conversation `{name}`"));
            Ok(name.to_owned())
        }
    }
}

fn invite(ground: &Ground, book: &mut Book, name: &str, addresses: &[String]) -> Result<Letter> {
    let carried = engine::offer(book, name, Reach::Closed(None))?;
    letter(ground, book, &carried, None, addresses)
}

/// Refuses a letter of one's own, and one for what is carried already: a channel that anybody may read
/// would be taken for what somebody wrote to one alone.
fn may_take(book: &Book, name: &str, letter: &Letter) -> Result<()> {
    if guest_of(letter)? == book::device_of(&book.closed_device) {
        bail!("this is your own letter: give it to the other side");
    }
    let is_its = |one: &Carried| one.side == Side::Inbox && fold(&one.contact) == fold(name);
    let known = book.boxes.iter().find(|one| one.channel == letter.channel && !is_its(one));
    match known {
        Some(Carried { contact, side: Side::Inbox, .. }) => {
            bail!("what this letter brings arrives in `{contact}` already: nothing was changed")
        }
        Some(Carried { contact, .. }) => bail!(
            "this letter would bring what you write yourself in `{contact}`: it is wrong, ask the other \
             side for another"
        ),
        None => Ok(()),
    }
}

fn guest_of(letter: &Letter) -> Result<Device> {
    Ok(letter.about.peers.first().context("the letter names no device")?.device)
}

/// Takes a letter: an invitation gives a letter back, an answer does not.
fn take(
    ground: &Ground,
    book: &mut Book,
    name: &str,
    letter_of_theirs: &Letter,
    addresses: &[String],
) -> Result<Option<Letter>> {
    let theirs = &letter_of_theirs.about.peers;
    let guest = guest_of(letter_of_theirs)?;
    let mut mine = engine::offer(book, name, Reach::Closed(Some(guest)))?;
    if letter_of_theirs.to.is_some_and(|to| to != mine.channel) {
        bail!("this letter answers another conversation than `{name}`");
    }
    match mine.reach {
        Reach::Closed(Some(known)) if known != guest => {
            bail!("`{name}` is with somebody else already: choose another name")
        }
        _ => mine.reach = Reach::Closed(Some(guest)),
    }
    mine.peers.clone_from(theirs);
    if let Some(known) = engine::find(book, name, Side::Outbox) {
        *known = mine.clone();
    }
    let inbox = Carried {
        contact: name.to_owned(),
        side: Side::Inbox,
        channel: letter_of_theirs.channel,
        secret: None,
        reach: Reach::Closed(Some(guest)),
        peers: theirs.clone(),
        is_safe: true,
    };
    match engine::find(book, name, Side::Inbox) {
        Some(known) => *known = inbox,
        None => book.boxes.push(inbox),
    }
    match letter_of_theirs.to {
        Some(_) => Ok(None),
        None => letter(ground, book, &mine, Some(letter_of_theirs.channel), addresses).map(Some),
    }
}

fn letter(
    ground: &Ground,
    book: &Book,
    mine: &Carried,
    to: Option<crate::keys::handbill::Channel>,
    addresses: &[String],
) -> Result<Letter> {
    let me = ground.me(&book.closed_device, addresses)?;
    // What the conversation is called here is nobody's business.
    let about = About { peers: vec![me], title: String::new() };
    Ok(Letter { channel: mine.channel, to, about })
}
