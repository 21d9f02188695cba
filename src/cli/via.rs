//! What `share`, `subscribe` and `add conversation` have Syncthing do.

use super::{links, print};
use crate::config::Subscribe;
use crate::diagnostic::{argument, shown};
use crate::disk::Boxes;
use crate::hash::Hash;
use crate::keys::syncthing::{DeviceId, FolderId, SyncthingLink, device_address};
use crate::library::Head;
use crate::transport::syncthing::{Client, Folder, Home, Introducer, Met, Role, converses, find};
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};
use std::time::Duration;
use uuid::Uuid;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long it may take where the answer is only a hint.
const BRIEF: Duration = Duration::from_secs(2);

#[derive(Debug, Clone, Args)]
pub(super) struct Via {
    /// Set it up in a sync tool: Handbill itself, or one that runs on this machine
    #[arg(long, value_enum, value_name = "TOOL")]
    pub via: Option<Carrier>,
    /// With `--via syncthing`: the folder of Syncthing's settings, if it is not where it usually is
    #[arg(long, value_name = "DIR", requires = "via")]
    home: Option<PathBuf>,
}

/// The tools that can be told what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Carrier {
    /// Handbill itself: nothing else is needed
    #[cfg(feature = "engine")]
    Handbill,
    /// Syncthing
    Syncthing,
}

impl Via {
    /// Returns whether Syncthing is to carry it.
    pub(super) fn is_syncthing(&self) -> bool {
        self.via == Some(Carrier::Syncthing)
    }

    /// Returns whether Handbill itself is to carry it.
    #[cfg(feature = "engine")]
    pub(super) fn is_handbill(&self) -> bool {
        self.via == Some(Carrier::Handbill)
    }

    /// Returns the Syncthing that runs here.
    pub(super) fn client(&self) -> Result<Client> {
        let door = find(&Home::of(self.home.as_deref()))?;
        let client = Client::new(door, PATIENCE);
        // Before anything is made: whether it can be asked.
        client.own_id()?;
        if let Some(home) = &self.home {
            print::talk(&format!(
                "`list`, `post`, `serve` and `watch` look there too where `STHOMEDIR` is set to {}",
                shown(&home.display().to_string())
            ));
        }
        Ok(client)
    }
}

/// Who is let in.
#[derive(Debug, Clone, Args)]
pub(super) struct Admission {
    /// With `--via syncthing`: let in whoever asks, as for a channel that anybody may read
    #[arg(long, requires = "via")]
    pub accept_all: bool,
    /// With `--via syncthing`: let in this device, by its id or, where it asks already, the first seven
    /// letters; may be given several times
    #[arg(long, value_name = "DEVICE", requires = "via")]
    pub accept: Vec<String>,
    /// With `--via syncthing`: go on, and let in who asks later, until Ctrl-C
    #[arg(long, requires = "via")]
    pub wait: bool,
}

/// What is shared now.
pub(super) struct Shared {
    /// The link to give away.
    pub link: SyncthingLink,
    /// The folders that whoever is let in gets.
    pub folders: Vec<FolderId>,
    /// Between whom.
    pub among: Among,
}

/// Between whom something is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Among {
    /// Whoever has the link and is let in.
    Readers,
    /// Two: this side has begun, and gives the link to the other.
    Two,
    /// Two: the other side has begun. There is no link to give.
    TwoAnswering,
}

/// Returns the addresses of this device that were given.
pub(super) fn addresses(given: &[String]) -> Result<Vec<String>> {
    let address = |text: &String| {
        device_address(text).with_context(|| {
            format!("`{}` is no address of a device: write tcp://example.org:22000", shown(text))
        })
    };
    given.iter().map(address).collect()
}

/// Shares the outbox of a channel. `id` is that of its `channel.toml`.
pub(super) fn channel(
    client: &Client,
    boxes: &Boxes,
    id: Option<Uuid>,
    title: &str,
    addresses: &[String],
) -> Result<Shared> {
    let outbox = boxes.outbox.as_deref().context("a channel has an outbox")?;
    let own = client.own_id()?;
    let offered = client.offer(outbox, &folder_id(id, &own, &boxes.contact)?, title)?;
    if offered.is_new {
        print::talk(&format!("Syncthing shares `{}/outbox` now, to send only", boxes.contact));
    }
    let link = SyncthingLink {
        folder: offered.id.clone(),
        devices: vec![own],
        addresses: addresses.to_vec(),
    };
    Ok(Shared { link, folders: vec![offered.id], among: Among::Readers })
}

/// Shares the inbox of a subscription: whoever has a channel may pass it on.
pub(super) fn subscription(client: &Client, boxes: &Boxes, head: &Head) -> Result<Shared> {
    let inbox = boxes.inbox.as_deref().context("a subscription has an inbox")?;
    let Some(folder) = client.folder_at(inbox)? else {
        bail!(
            "Syncthing does not fill `{}/inbox`: `handbill subscribe LINK {} --via syncthing` has it \
             do so",
            boxes.contact,
            argument(&boxes.contact)
        );
    };
    if folder.role != Role::Receive {
        bail!("Syncthing shares `{}/inbox` not as `Receive Only`: set it so first", boxes.contact);
    }
    let id = FolderId::parse(&folder.id).context("the folder has an id that fits into no link")?;
    let given = head.given.as_deref().and_then(|text| Subscribe::given(text, None).ok());
    let recorded: Vec<SyncthingLink> =
        given.iter().chain(&head.info.subscribe).filter_map(Subscribe::syncthing).collect();
    let link = links::passed_on(id.clone(), &folder.devices, &recorded, &client.own_id()?);
    if link.devices.len() == 1 {
        print::talk(&format!(
            "which device publishes `{}` is not recorded: the link names yours alone",
            boxes.contact
        ));
    }
    Ok(Shared { link, folders: vec![id], among: Among::Readers })
}

/// Shares the outbox of a conversation and prepares its inbox for the answer.
pub(super) fn conversation(
    client: &Client,
    boxes: &Boxes,
    id: Option<Uuid>,
    addresses: &[String],
) -> Result<Shared> {
    let mut shared = channel(client, boxes, id, &boxes.contact, addresses)?;
    shared.among = Among::Two;
    let inbox = boxes.inbox.as_deref().context("a conversation has an inbox")?;
    match client.folder_at(inbox)? {
        // Set up before, by hand or by the other side's link.
        Some(folder) => {
            let theirs = FolderId::parse(&folder.id);
            let is_answer =
                |theirs: &FolderId| theirs.answer().as_ref() == Some(&shared.link.folder);
            if theirs.as_ref().is_some_and(is_answer) {
                shared.among = Among::TwoAnswering;
            }
            shared.folders.extend(theirs);
        }
        None => {
            let answer = shared.link.folder.answer().context("the folder's id is too long")?;
            client.receive(inbox, &answer, &format!("{}, answers", boxes.contact))?;
            shared.folders.push(answer);
        }
    };
    Ok(shared)
}

/// Returns whether Syncthing carries the outbox of a contact, as far as it says so at once.
pub(super) fn carries(boxes: &Boxes) -> bool {
    let client = find(&Home::of(None)).ok().map(|door| Client::new(door, BRIEF));
    let at = |outbox: &PathBuf| client.as_ref()?.folder_at(outbox).ok()?;
    boxes.outbox.as_ref().and_then(at).is_some()
}

/// Sets up a conversation that the other side has begun: their outbox is our inbox, and ours goes to
/// them as the answer.
pub(super) fn answer(client: &Client, boxes: &Boxes, link: &SyncthingLink) -> Result<()> {
    let (Some(inbox), Some(outbox)) = (&boxes.inbox, &boxes.outbox) else {
        bail!("`{}` is no conversation", boxes.contact);
    };
    let own = client.own_id()?;
    if link.devices.contains(&own) {
        bail!("this is your own link: give it to the other side");
    }
    let [device] = &link.devices[..] else {
        bail!("this link names several devices, and a conversation is between two");
    };
    let answer = link.folder.answer().context("the folder's id is too long")?;
    for folder in [client.folder_at(inbox)?, client.folder_at(outbox)?].into_iter().flatten() {
        if let Some(other) = folder.devices.iter().find(|other| *other != device) {
            bail!("{}", taken(&boxes.contact, other));
        }
    }
    meet_in_private(client, device, &boxes.contact, &link.addresses)?;
    client.receive(inbox, &link.folder, &boxes.contact)?;
    client.share_with(&link.folder, &link.devices)?;
    let offered = client.offer(outbox, &answer, &format!("{}, answers", boxes.contact))?;
    client.share_with(&offered.id, &link.devices)?;
    Ok(())
}

/// Returns why one more device does not get a conversation.
pub(super) fn taken(contact: &str, device: &DeviceId) -> String {
    format!(
        "`{contact}` is between two, and {device} has it: to give it to another, take that one out on \
         Syncthing's page first"
    )
}

/// Makes the device of the other side of a conversation known. It must not make others known here:
/// it could give them what is written to it alone.
pub(super) fn meet_in_private(
    client: &Client,
    device: &DeviceId,
    name: &str,
    addresses: &[String],
) -> Result<()> {
    if client.know(device, name, addresses, Introducer::Never)? == Met::TakenBack {
        print::talk(&format!(
            "{} was an introducer in Syncthing, by which others could have got what you write to it: it \
             is none any more. Its channels now come from it alone",
            device.short()
        ));
    }
    Ok(())
}

/// Subscribes: makes the devices of a link known and takes its folder into an inbox.
pub(super) fn subscribe(
    client: &Client,
    inbox: &Path,
    name: &str,
    link: &SyncthingLink,
    introducer: Introducer,
) -> Result<()> {
    let own = client.own_id()?;
    if link.devices.contains(&own) {
        bail!("this is a link to this very device: there is nothing to receive");
    }
    let folders = client.folders(&own)?;
    for (at, device) in link.devices.iter().enumerate() {
        match at {
            // The first is the author's; the others only have a copy.
            0 => meet_author(client, device, name, link, introducer, &folders)?,
            _ => drop(client.know(device, name, &[], Introducer::No)?),
        }
    }
    client.receive(inbox, &link.folder, name)?;
    client.share_with(&link.folder, &link.devices)?;
    Ok(())
}

fn meet_author(
    client: &Client,
    device: &DeviceId,
    name: &str,
    link: &SyncthingLink,
    wanted: Introducer,
    folders: &[Folder],
) -> Result<()> {
    let short = device.short();
    let private = wanted == Introducer::Yes && converses(folders, device);
    if private {
        print::talk(&format!(
            "you have a conversation with {short}: lest others get what you write to it, it is no \
             introducer, and the channel comes from it alone"
        ));
    }
    let introducer = if private { Introducer::Never } else { wanted };
    match client.know(device, name, &link.addresses, introducer)? {
        Met::TakenBack if !private => print::talk(&format!(
            "{short} was an introducer in Syncthing; it is none any more, for all that comes from it"
        )),
        Met::Known { introduces: false } if introducer == Introducer::Yes => {
            print::talk(&format!(
                "Syncthing knows {short} already, as no introducer, and that stays: you receive from \
                 the author alone"
            ));
        }
        _ => {}
    }
    Ok(())
}

/// Returns the id for a new folder: of the channel's own id, so that it stays the same on any
/// machine; else of device and name.
fn folder_id(id: Option<Uuid>, own: &DeviceId, contact: &str) -> Result<FolderId> {
    let text = match id {
        Some(id) => id.simple().to_string()[..16].to_owned(),
        None => Hash::of(format!("{own}/{contact}").as_bytes()).hex(16),
    };
    FolderId::parse(&format!("handbill-{text}")).context("no id for a folder")
}
