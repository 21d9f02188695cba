//! What commands have the engine inside Handbill do: they change its book, and the one that runs
//! (`serve`, `watch`, `sync`) follows.

use super::print;
use crate::config::{Subscribe, SyncSettings};
use crate::diagnostic::argument;
use crate::disk::{self, Boxes, Places};
use crate::keys::handbill::{About, Link, PEERS, Peer, Secret, address};
use crate::library::Side;
use crate::listing::naming;
use crate::path::fold;
use crate::transport::engine::book::{self, Book, Carried, Reach};
use crate::transport::engine::private::has_inbox;
use crate::transport::engine::state::State;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// A base folder as the engine knows it.
pub(super) struct Ground {
    pub(super) base: PathBuf,
    pub(super) output: PathBuf,
    pub(super) state: PathBuf,
    pub(super) settings: SyncSettings,
}

impl Ground {
    pub(super) fn of(base: &Path) -> Result<Ground> {
        let places = Places::for_a_look(base, None, None)?;
        let settings = disk::settings(&places).sync;
        Ok(Ground { base: places.base, output: places.output, state: places.state, settings })
    }

    /// Returns this device as links name it. Where it is found is known while an engine runs.
    pub(super) fn me(&self, secret: &Secret, addresses: &[String]) -> Result<Peer> {
        let device = book::device_of(secret);
        let running = State::of_other(&self.state).unwrap_or_default();
        let peers = running.here.iter().filter_map(|link| Link::parse(link).ok());
        let mut peers = peers.flat_map(|link| link.about.peers);
        let unknown = || Peer { device, addresses: self.settings.addresses.clone(), relay: None };
        let mut me = peers.find(|peer| peer.device == device).unwrap_or_else(unknown);
        for text in addresses {
            let address = address(text).with_context(|| {
                format!("`{}` is no address: write 192.0.2.7:4433", crate::diagnostic::shown(text))
            })?;
            if !me.addresses.contains(&address) {
                me.addresses.insert(0, address);
            }
        }
        Ok(me)
    }
}

/// Returns the box of a contact in the book.
pub(super) fn find<'b>(book: &'b mut Book, contact: &str, side: Side) -> Option<&'b mut Carried> {
    book.boxes.iter_mut().find(|one| one.side == side && fold(&one.contact) == fold(contact))
}

/// Has an outbox carried with a new key, unless it is carried already. Returns it as it stands in
/// the book.
pub(super) fn offer(book: &mut Book, contact: &str, reach: Reach) -> Result<Carried> {
    if let Some(known) = find(book, contact, Side::Outbox) {
        if matches!(known.reach, Reach::Open) != matches!(reach, Reach::Open) {
            bail!("`{contact}` is carried already, for others than this would let in");
        }
        return Ok(known.clone());
    }
    naming::check_contact(contact).map_err(|why| anyhow::anyhow!(why))?;
    let secret = book::random()?;
    let carried = Carried {
        contact: contact.to_owned(),
        side: Side::Outbox,
        channel: book::channel_of(&secret),
        secret: Some(secret),
        reach,
        peers: Vec::new(),
        is_safe: false,
    };
    book.boxes.push(carried.clone());
    Ok(carried)
}

/// Returns the link to a channel that is one's own, or to one that is passed on: with this device
/// first where it is its own, and with those that the links recorded for it name.
pub(super) fn link(
    ground: &Ground,
    boxes: &Boxes,
    title: &str,
    addresses: &[String],
    recorded: &[Subscribe],
) -> Result<Link> {
    let name = &boxes.contact;
    let (carried, me) = book::change(&ground.state, |book| {
        let me = ground.me(&book.open_device, addresses)?;
        let carried = match (&boxes.outbox, &boxes.inbox) {
            (Some(_), None) => {
                if has_inbox(&ground.base, name) {
                    bail!(
                        "`{name}` has what looks like an inbox: what you write there is for one alone, and \
                         is not carried for whoever has a key"
                    );
                }
                offer(book, name, Reach::Open)?
            }
            (None, Some(_)) => match find(book, name, Side::Inbox) {
                Some(carried) => carried.clone(),
                None => bail!(
                    "Handbill does not fill `{name}/inbox`: `handbill subscribe LINK {}` has it do so",
                    argument(name)
                ),
            },
            _ => {
                bail!("`{name}` is between two: `handbill converse {}` sets it up", argument(name))
            }
        };
        Ok((carried, me))
    })?;
    let recorded = recorded.iter().filter_map(Subscribe::handbill);
    let recorded = recorded.filter(|link| link.channel == carried.channel);
    let recorded: Vec<Peer> = recorded.flat_map(|link| link.about.peers).collect();
    let peers = named(me, carried.secret.is_some(), carried.peers.into_iter().chain(recorded));
    Ok(Link { channel: carried.channel, about: About { peers, title: title.to_owned() } })
}

/// Returns whom a link names: each once, and this device first where the channel is its own, else
/// last.
fn named(mut me: Peer, is_own: bool, others: impl Iterator<Item = Peer>) -> Vec<Peer> {
    let mut peers: Vec<Peer> = Vec::new();
    for other in others {
        if other.device == me.device {
            // What was recorded of this device holds as long as nothing newer is known.
            if me.addresses.is_empty() {
                me.addresses = other.addresses;
            }
        } else if !peers.iter().any(|peer| peer.device == other.device) {
            peers.push(other);
        }
    }
    peers.truncate(PEERS - 1);
    let at = if is_own { 0 } else { peers.len() };
    peers.insert(at, me);
    peers
}

/// Has an inbox filled from a channel. `make` makes it where it is not there, and says its exact name.
pub(super) fn fill(
    ground: &Ground,
    contact: &str,
    link: &Link,
    make: impl FnOnce() -> Result<String>,
) -> Result<String> {
    book::change(&ground.state, |book| {
        // All that can be wrong is looked at before anything is made.
        may_fill(&ground.base, &book.boxes, contact, link)?;
        let contact = make()?;
        let is_new = !book.boxes.iter().any(|one| one.channel == link.channel);
        if is_new && holds_files(&ground.base, &contact) {
            print::talk(&format!(
                "there are files in `{contact}/inbox` already: those that are not of this channel stay"
            ));
        }
        let new = Carried {
            contact: contact.clone(),
            side: Side::Inbox,
            channel: link.channel,
            secret: None,
            reach: Reach::Open,
            peers: link.about.peers.clone(),
            is_safe: true,
        };
        match find(book, &contact, Side::Inbox) {
            Some(known) => *known = new,
            None => book.boxes.push(new),
        }
        Ok(contact)
    })
}

fn may_fill(base: &Path, known: &[Carried], contact: &str, link: &Link) -> Result<()> {
    let is_its = |one: &&Carried| fold(&one.contact) == fold(contact);
    if let Some(other) = known.iter().find(|one| one.channel == link.channel && !is_its(one)) {
        let name = argument(&other.contact);
        match is_there(base, other) {
            true => bail!("this channel is carried already, in `{}`", other.contact),
            false => bail!(
                "this channel is carried already, in `{}`, whose folder is not there: `handbill subscribe \
                 LINK {name}` makes it again, `handbill unsubscribe {name}` ends that",
                other.contact
            ),
        }
    }
    for one in known.iter().filter(is_its) {
        match one.side {
            Side::Inbox if one.channel != link.channel && is_there(base, one) => bail!(
                "`{contact}` is filled from another channel: choose another name, or end that by `handbill \
                 unsubscribe {}`",
                argument(contact)
            ),
            Side::Inbox => {}
            Side::Outbox => {
                bail!("`{contact}` is the name of a channel or conversation: choose another")
            }
        }
    }
    Ok(())
}

/// Returns whether a box that is carried is there.
pub(super) fn is_there(base: &Path, one: &Carried) -> bool {
    let Ok(boxes) = disk::boxes(base, &one.contact) else { return false };
    match one.side {
        Side::Inbox => boxes.inbox.is_some(),
        Side::Outbox => boxes.outbox.is_some(),
    }
}

fn holds_files(base: &Path, contact: &str) -> bool {
    let inbox = disk::boxes(base, contact).ok().and_then(|boxes| boxes.inbox);
    let entries = inbox.and_then(|inbox| std::fs::read_dir(inbox).ok());
    entries.is_some_and(|mut entries| entries.next().is_some())
}

/// Makes the folder of a contact with a box that has nothing in it.
pub(super) fn make_box(base: &Path, contact: &str, side: Side) -> Result<()> {
    naming::check_contact(contact).map_err(|why| anyhow::anyhow!(why))?;
    if disk::boxes(base, contact).is_ok_and(|boxes| boxes.inbox.is_some() || boxes.outbox.is_some())
    {
        bail!("there is a contact `{contact}` already: choose another name");
    }
    let folder = base.join(contact).join(side.folder());
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make `{}`", folder.display()))
}

/// Says what is left to do.
pub(super) fn say_running(ground: &Ground, what: &str) {
    let is_running = State::of_other(&ground.state).is_some();
    let when =
        if is_running { "" } else { ", as long as `handbill serve` or `handbill sync` runs" };
    print::talk(&format!("{what}{when}"));
}
