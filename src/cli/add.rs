//! `handbill add`: makes the folders of a contact.

use super::via::{self, Among, Via};
use super::{At, print, share};
use crate::config::{NewChannel, edit, language};
use crate::diagnostic::argument;
use crate::disk::{self, edit_settings, make_contact};
use crate::keys::syncthing::SyncthingLink;
use crate::library::Kind;
use crate::names::{Spot, out_name};
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use std::path::Path;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// A channel of my own: I publish, anybody with its key reads
    Channel {
        /// The name of its folder, which is its address too
        name: String,
        #[command(flatten)]
        at: At,
        #[command(flatten)]
        about: About,
        /// Keep it out of the public edition for now
        #[arg(long)]
        unlisted: bool,
    },
    /// Somebody else's channel, which I read
    Subscription {
        /// The name of its folder
        name: String,
        #[command(flatten)]
        at: At,
        /// The read-only key I was given, to find it again
        #[arg(long)]
        key: Option<String>,
        /// The link I was given, to find it again
        #[arg(long, conflicts_with = "key")]
        link: Option<String>,
    },
    /// Between somebody and me: I write, they write, nobody else reads
    Conversation {
        /// The name of its folder
        name: String,
        #[command(flatten)]
        at: At,
        #[command(flatten)]
        about: About,
        #[command(flatten)]
        via: Via,
        /// With `--via`: the link of the other side, who has begun
        #[arg(long, requires = "via")]
        link: Option<String>,
        /// With `--via`: where this device is always found, as tcp://example.org:22000; goes into
        /// the link
        #[arg(long, value_name = "ADDRESS", requires = "via", conflicts_with = "link")]
        address: Vec<String>,
    },
}

/// What `channel.toml` says.
#[derive(Debug, Args)]
struct About {
    /// What it is called
    #[arg(long)]
    title: Option<String>,
    /// A sentence about it
    #[arg(long)]
    description: Option<String>,
    /// The language of its messages, as en or pt-BR
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// The name of whoever writes
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    match &arguments.what {
        What::Channel { name, at, about, unlisted } => channel(name, &at.base()?, about, *unlisted),
        What::Subscription { name, at, key, link } => {
            subscription(name, &at.base()?, key.as_deref().or(link.as_deref()))
        }
        What::Conversation { name, at, about, via, link, address } => match via.via {
            #[cfg(feature = "engine")]
            Some(via::Carrier::Handbill) => {
                anyhow::bail!("by Handbill itself it is `handbill converse {}`", argument(name))
            }
            Some(via::Carrier::Syncthing) => {
                carried(name, &at.base()?, about, via, (link.as_deref(), address))
            }
            None => conversation(name, &at.base()?, about),
        },
    }?;
    Ok(ExitCode::SUCCESS)
}

impl About {
    fn checked(&self) -> Result<NewChannel> {
        if let Some(text) = self.language.as_deref().filter(|text| language(text).is_none()) {
            bail!("`{text}` is no language tag: write it as en or pt-BR");
        }
        Ok(NewChannel {
            title: self.title.clone(),
            description: self.description.clone(),
            language: self.language.clone(),
            author: self.author.clone(),
        })
    }
}

fn channel(name: &str, base: &Path, about: &About, unlisted: bool) -> Result<()> {
    make_contact(base, name, Kind::Channel, &about.checked()?)?;
    print::talk(&format!("made the channel `{name}`: write into `{name}/outbox/`"));
    print::talk(&format!("what it says of itself stands in `{name}/outbox/channel.toml`"));
    if unlisted {
        print::talk(&format!(
            "only you see it: `handbill public add {}` publishes it",
            argument(name)
        ));
    } else {
        edit_settings(base, |text| edit::list(text, name))?;
        print::talk("it is public: `public` in handbill.toml lists it");
    }
    let address = out_name(name, Spot::Contact);
    if address != name {
        print::talk(&format!(
            "its address is `{address}/`; small letters, digits, `-` and `_` alone stay as they are"
        ));
    }
    Ok(())
}

fn subscription(name: &str, base: &Path, given: Option<&str>) -> Result<()> {
    // The key first: a wrong one must not leave a contact behind.
    if let Some(given) = given {
        edit::subscribe("", name, given)?;
    }
    make_contact(base, name, Kind::Subscription, &NewChannel::default())?;
    if let Some(given) = given {
        edit_settings(base, |text| edit::subscribe(text, name, given).map(Some))?;
    }
    print::talk(&format!(
        "made the subscription `{name}`: let your sync tool put it into `{name}/inbox/`, to receive only"
    ));
    Ok(())
}

fn conversation(name: &str, base: &Path, about: &About) -> Result<()> {
    make_contact(base, name, Kind::Conversation, &about.checked()?)?;
    print::talk(&format!(
        "made the conversation `{name}`: share `{name}/outbox/` to send only, and let theirs arrive in \
         `{name}/inbox/`, to receive only"
    ));
    Ok(())
}

/// Makes a conversation and has Syncthing carry both directions. One that is there already is only
/// set up.
fn carried(
    name: &str,
    base: &Path,
    about: &About,
    via: &Via,
    (link, address): (Option<&str>, &[String]),
) -> Result<()> {
    let link = link.map(SyncthingLink::parse).transpose()?;
    let addresses = via::addresses(address)?;
    let client = via.client()?;
    let is_both = |boxes: &disk::Boxes| boxes.inbox.is_some() && boxes.outbox.is_some();
    if !disk::boxes(base, name).is_ok_and(|boxes| is_both(&boxes)) {
        make_contact(base, name, Kind::Conversation, &about.checked()?)?;
        print::talk(&format!("made the conversation `{name}`"));
    }
    let boxes = disk::boxes(base, name)?;
    match link {
        Some(link) => {
            via::answer(&client, &boxes, &link)?;
            print::talk(
                "Syncthing carries both directions, as soon as the other side lets you in:",
            );
            print::talk(&format!(
                "there it is `handbill share NAME --via syncthing`; your device is {}",
                client.own_id()?
            ));
        }
        None => {
            let shared =
                via::conversation(&client, &boxes, share::own_id(base, &boxes)?, &addresses)?;
            if shared.among == Among::TwoAnswering {
                share::answers(&shared.link.devices[0]);
                return Ok(());
            }
            print::line(&shared.link.to_string());
            print::talk(
                "give this link to the other side alone; there it is \
                 `handbill add conversation NAME --via syncthing --link LINK`",
            );
            print::talk(&format!(
                "then let the other side in: `handbill share {} --via syncthing`",
                argument(&boxes.contact)
            ));
        }
    }
    Ok(())
}
