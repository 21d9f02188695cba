//! What cannot be made again: the keys of channels and of this device, in `.handbill/keys/`.
//!
//! Commands change the book; a running engine looks whether it has changed. Nobody else reads it.

use crate::keys::handbill::{self, Channel, Device, Link, Peer, Secret};
use crate::library::Side;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Who may have a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Whoever has the key.
    Open,
    /// The device of the other side alone; none before it is known.
    Closed(Option<Device>),
}

/// A box that is carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// The name of the contact's folder.
    pub contact: String,
    /// Which of its boxes.
    pub side: Side,
    /// The channel.
    pub channel: Channel,
    /// What one writes by; none for an inbox.
    pub secret: Option<Secret>,
    /// Who may have it.
    pub reach: Reach,
    /// Who was named as having it.
    pub peers: Vec<Peer>,
    /// Whether its secret was exported, or came from elsewhere.
    pub is_safe: bool,
}

/// The book of a base folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Book {
    /// What this device is known by to readers.
    pub open_device: Secret,
    /// What it is known by in conversations.
    pub closed_device: Secret,
    /// The boxes that are carried.
    pub boxes: Vec<Carried>,
}

#[derive(Serialize, Deserialize)]
struct Raw {
    version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    closed_device: Option<String>,
    boxes: Vec<RawBox>,
}

#[derive(Serialize, Deserialize)]
struct RawBox {
    contact: String,
    side: String,
    channel: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    only_with: Option<String>,
    #[serde(default)]
    closed: bool,
    #[serde(default)]
    peers: RawPeers,
    #[serde(default)]
    is_safe: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum RawPeers {
    List(Vec<RawPeer>),
    /// As a link: so they were written first.
    Link(String),
}

impl Default for RawPeers {
    fn default() -> RawPeers {
        RawPeers::List(Vec::new())
    }
}

#[derive(Serialize, Deserialize)]
struct RawPeer {
    device: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    addresses: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    relay: Option<String>,
}

const VERSION: u32 = 1;

/// Returns where the book lies.
pub fn file(state: &Path) -> PathBuf {
    state.join("keys").join("engine.json")
}

/// Reads the book; none where there is none yet.
///
/// # Errors
/// When it is there and cannot be read.
pub fn read(state: &Path) -> Result<Option<Book>> {
    let path = file(state);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read `{}`", path.display()));
        }
    };
    let damaged = || {
        format!(
            "`{}` is damaged: it holds keys that cannot be made again. Mend it, or take it from a \
             backup",
            path.display()
        )
    };
    of_text(&text).map(Some).with_context(damaged)
}

fn of_text(text: &str) -> Option<Book> {
    // What serde says is left out: it would quote the text, in which keys stand.
    let raw: Raw = serde_json::from_str(text).ok()?;
    Some(Book {
        open_device: secret(&raw.device)?,
        closed_device: secret(&raw.closed_device)?,
        boxes: raw.boxes.iter().map(carried).collect::<Option<_>>()?,
    })
}

/// Changes the book, or begins it. What was written is on the disk when this returns.
///
/// # Errors
/// When it cannot be read or written, when `edit` fails, or when what it makes could not be read
/// again: then it is as it was.
pub fn change<T>(state: &Path, edit: impl FnOnce(&mut Book) -> Result<T>) -> Result<T> {
    let path = file(state);
    let folder = make_private(&state.join("keys"))?;
    let lock = folder.join("engine.lock");
    let lock = File::options().create(true).truncate(false).write(true).open(&lock)?;
    lock.lock().context("cannot lock the keys")?;
    let mut book = match read(state)? {
        Some(book) => book,
        None => Book { open_device: random()?, closed_device: random()?, boxes: Vec::new() },
    };
    let result = edit(&mut book)?;
    let raw = Raw {
        version: VERSION,
        device: Some(book.open_device.text()),
        closed_device: Some(book.closed_device.text()),
        boxes: book.boxes.iter().map(raw).collect(),
    };
    let text = serde_json::to_string_pretty(&raw)?;
    // The keys in it cannot be made again: it must not become one that nobody can read.
    if of_text(&text).as_ref() != Some(&book) {
        bail!("what was asked for cannot be kept with the keys in a form that is read again");
    }
    write_private(&path, text.as_bytes())?;
    Ok(result)
}

/// Returns the book as a backup: the channels with their keys, without what makes this device what
/// it is, for two devices must not be one.
///
/// # Errors
/// When it cannot be written as text.
pub fn backup(book: &Book) -> Result<String> {
    let boxes = book.boxes.iter().filter(|one| matches!(one.reach, Reach::Open)).map(raw).collect();
    let raw = Raw { version: VERSION, device: None, closed_device: None, boxes };
    Ok(serde_json::to_string_pretty(&raw)? + "\n")
}

/// Reads a backup.
///
/// # Errors
/// When it is none.
pub fn of_backup(text: &str) -> Result<Vec<Carried>> {
    let bad = "this is no backup of keys, or it is damaged";
    let raw: Raw = serde_json::from_str(text).ok().context(bad)?;
    if raw.version != VERSION {
        bail!("this backup is of another version of Handbill");
    }
    let safe = |raw| {
        let one = Carried { is_safe: true, ..carried(raw)? };
        (one.reach == Reach::Open && fits(&one)).then_some(one)
    };
    raw.boxes.iter().map(|raw| safe(raw).context(bad)).collect()
}

/// Returns whether a box has the secret that belongs to its side and channel.
fn fits(one: &Carried) -> bool {
    let written = one.secret.map(|secret| channel_of(&secret));
    match one.side {
        Side::Outbox => written == Some(one.channel),
        Side::Inbox => written.is_none(),
    }
}

fn secret(text: &Option<String>) -> Option<Secret> {
    text.as_deref().and_then(Secret::parse)
}

fn carried(raw: &RawBox) -> Option<Carried> {
    let side = match &*raw.side {
        "inbox" => Side::Inbox,
        "outbox" => Side::Outbox,
        _ => return None,
    };
    let reach = match (raw.closed, &raw.only_with) {
        (false, _) => Reach::Open,
        (true, None) => Reach::Closed(None),
        (true, Some(device)) => Reach::Closed(Some(Device::parse(device)?)),
    };
    let key = match &raw.secret {
        Some(text) => Some(Secret::parse(text)?),
        None => None,
    };
    // The name becomes a path: it may come from a backup.
    crate::listing::naming::check_contact(&raw.contact).ok()?;
    Some(Carried {
        contact: raw.contact.clone(),
        side,
        channel: Channel::parse(&raw.channel)?,
        secret: key,
        reach,
        peers: peers(&raw.peers),
        is_safe: raw.is_safe,
    })
}

/// Returns who is named. Nobody is lost by a peer that cannot be read: it is passed over.
fn peers(raw: &RawPeers) -> Vec<Peer> {
    let peer = |raw: &RawPeer| {
        Some(Peer {
            device: Device::parse(&raw.device)?,
            addresses: raw.addresses.iter().filter_map(|text| handbill::address(text)).collect(),
            relay: raw.relay.as_deref().and_then(handbill::relay),
        })
    };
    match raw {
        RawPeers::List(list) => list.iter().filter_map(peer).collect(),
        RawPeers::Link(link) => Link::parse(link).map(|link| link.about.peers).unwrap_or_default(),
    }
}

fn raw(one: &Carried) -> RawBox {
    let peer = |peer: &Peer| RawPeer {
        device: peer.device.text(),
        addresses: peer.addresses.iter().map(ToString::to_string).collect(),
        relay: peer.relay.clone(),
    };
    RawBox {
        contact: one.contact.clone(),
        side: one.side.folder().to_owned(),
        channel: one.channel.text(),
        secret: one.secret.map(|secret| secret.text()),
        closed: one.reach != Reach::Open,
        only_with: match &one.reach {
            Reach::Closed(Some(device)) => Some(device.text()),
            _ => None,
        },
        peers: RawPeers::List(one.peers.iter().map(peer).collect()),
        is_safe: one.is_safe,
    }
}

/// Returns a new secret.
///
/// # Errors
/// When the system gives no random bytes.
pub fn random() -> Result<Secret> {
    Ok(Secret(iroh::SecretKey::generate().to_bytes()))
}

/// Returns the channel that a secret writes.
pub fn channel_of(secret: &Secret) -> Channel {
    Channel(iroh_docs::NamespaceSecret::from_bytes(&secret.0).id().to_bytes())
}

/// Returns the device that a secret stands for.
pub fn device_of(secret: &Secret) -> Device {
    Device(*iroh::SecretKey::from_bytes(&secret.0).public().as_bytes())
}

/// Makes a folder that nobody else on this machine can open.
pub(super) fn make_private(folder: &Path) -> Result<PathBuf> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(folder.to_owned())
}

/// Writes a file that nobody else on this machine can read, whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let cannot = || format!("cannot write `{}`", path.display());
    private(path, bytes)?.persist(path).with_context(cannot)?;
    Ok(())
}

/// Writes such a file where there is none yet.
///
/// # Errors
/// When it is there, or cannot be written.
pub fn write_new_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let cannot = || format!("cannot write `{}`", path.display());
    private(path, bytes)?.persist_noclobber(path).with_context(cannot)?;
    Ok(())
}

fn private(path: &Path, bytes: &[u8]) -> Result<tempfile::NamedTempFile> {
    let cannot = || format!("cannot write `{}`", path.display());
    let folder = path.parent().context("no folder")?;
    // A temporary file is nobody else's to read from the start.
    let mut temp = tempfile::NamedTempFile::new_in(folder).with_context(cannot)?;
    temp.write_all(bytes).and_then(|()| temp.as_file().sync_all()).with_context(cannot)?;
    Ok(temp)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(contact: &str, reach: Reach) -> Carried {
        let secret = random().unwrap();
        let channel = channel_of(&secret);
        let peer = Peer {
            device: device_of(&random().unwrap()),
            addresses: vec!["192.0.2.7:1".parse().unwrap()],
            relay: None,
        };
        Carried {
            contact: contact.into(),
            side: Side::Outbox,
            channel,
            secret: Some(secret),
            reach,
            peers: vec![peer],
            is_safe: false,
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()).unwrap(), None);
        let closed = Reach::Closed(Some(device_of(&random().unwrap())));
        let boxes = vec![one("a", Reach::Open), one("b", closed), one("c", Reach::Closed(None))];
        change(folder.path(), |book| {
            book.boxes.clone_from(&boxes);
            Ok(())
        })
        .unwrap();
        let book = read(folder.path()).unwrap().unwrap();
        assert_eq!(book.boxes, boxes);
        let same = change(folder.path(), |book| Ok(book.clone())).unwrap();
        assert_eq!(same, book);
        assert!(change(folder.path(), |_| -> Result<()> { bail!("no") }).is_err());
        assert_eq!(read(folder.path()).unwrap().unwrap(), book);
    }

    #[test]
    fn what_could_not_be_read_again_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let channel = one("a", Reach::Open);
        let put = |one: Carried| {
            change(folder.path(), |book| {
                book.boxes = vec![one];
                Ok(())
            })
        };
        put(channel.clone()).unwrap();
        let scoped = std::net::SocketAddrV6::new(std::net::Ipv6Addr::LOCALHOST, 1, 0, 3);
        let peer = Peer { addresses: vec![scoped.into()], ..channel.peers[0].clone() };
        for bad in [
            Carried { contact: "../a".into(), ..channel.clone() },
            Carried { peers: vec![peer], ..channel.clone() },
        ] {
            assert!(put(bad).is_err());
            assert_eq!(read(folder.path()).unwrap().unwrap().boxes, std::slice::from_ref(&channel));
        }
    }

    #[test]
    fn a_peer_that_cannot_be_read_costs_no_key() {
        let folder = tempfile::tempdir().unwrap();
        let channel = one("a", Reach::Open);
        change(folder.path(), |book| {
            book.boxes = vec![channel.clone()];
            Ok(())
        })
        .unwrap();
        let path = file(folder.path());
        let mut json: serde_json::Value =
            serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let device = channel.peers[0].device.text();
        let mut with = |peers: serde_json::Value| {
            json["boxes"][0]["peers"] = peers;
            std::fs::write(&path, json.to_string()).unwrap();
            let book = read(folder.path()).unwrap().unwrap();
            assert_eq!(book.boxes[0].secret, channel.secret);
            book.boxes[0].peers.clone()
        };
        let link = format!("handbill:{}?peer={device}@192.0.2.7:1", channel.channel.text());
        assert_eq!(with(link.clone().into()), channel.peers);
        assert_eq!(with(format!("{link},[fe80::1%3]:1").into()), []);
        let bad = serde_json::json!([
            { "device": "no key" },
            { "device": device, "addresses": ["[fe80::1%3]:1", "192.0.2.7:1"], "relay": "http://x/" },
        ]);
        assert_eq!(with(bad), channel.peers);
        // It has the right form, and no key of this curve.
        let none = Device([2; 32]);
        assert!(iroh::EndpointId::from_bytes(&none.0).is_err());
        assert_eq!(with(serde_json::json!([{ "device": none.text() }])).len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        change(folder.path(), |_| Ok(())).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&file(folder.path())), 0o600);
        assert_eq!(mode(&folder.path().join("keys")), 0o700);
    }

    #[test]
    fn a_backup_holds_keys_and_not_the_device() {
        let folder = tempfile::tempdir().unwrap();
        let channel = one("a", Reach::Open);
        change(folder.path(), |book| {
            book.boxes = vec![channel.clone(), one("b", Reach::Closed(None))];
            Ok(())
        })
        .unwrap();
        let book = read(folder.path()).unwrap().unwrap();
        let text = backup(&book).unwrap();
        assert!(!text.contains(&book.open_device.text()));
        assert_eq!(of_backup(&text).unwrap(), [Carried { is_safe: true, ..channel }]);
        for bad in [
            String::new(),
            "{}".into(),
            text.replace("\"a\"", "\"../a\""),
            text.replace("\"outbox\"", "\"inbox\""),
            text.replace(&channel.channel.text(), &one("b", Reach::Open).channel.text()),
            text.replace("\"closed\": false", "\"closed\": true"),
        ] {
            assert!(of_backup(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_damaged_book_is_told_without_its_keys() {
        let folder = tempfile::tempdir().unwrap();
        change(folder.path(), |_| Ok(())).unwrap();
        let text = std::fs::read_to_string(file(folder.path())).unwrap();
        std::fs::write(file(folder.path()), text.replace("\"version\": 1", "\"version\"")).unwrap();
        let told = format!("{:#}", read(folder.path()).unwrap_err());
        assert!(told.contains("damaged") && !told.contains("device"), "{told}");
    }
}
