//! `[sync]` of `handbill.toml`: how the engine inside Handbill reaches others, and what it takes.

use super::settings::{count, set};
use crate::fields::{Kind, Reader};
use crate::keys::handbill::{Address, address};
use crate::web::WebUrl;

/// How others are reached by the engine, and what is taken of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SyncSettings {
    /// How far one reaches.
    pub reach: SyncReach,
    /// The port that is listened on; 0 for any.
    pub port: u16,
    /// Where others find this device, for links.
    pub addresses: Vec<Address>,
    /// A relay of one's own, in the place of those that iroh's makers run.
    pub relay: Option<WebUrl>,
    /// What is taken of a channel.
    pub limits: SyncLimits,
}

/// How far the engine reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SyncReach {
    /// Anywhere: with relays and look-up of addresses by others' servers.
    #[default]
    Internet,
    /// The local network, and whoever's address is known.
    Network,
    /// This machine.
    Machine,
}

/// What is taken of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncLimits {
    /// How many files.
    pub files: usize,
    /// How many bytes all of it may have.
    pub bytes: u64,
    /// How many bytes one file may have.
    pub file_bytes: u64,
}

impl Default for SyncLimits {
    fn default() -> SyncLimits {
        SyncLimits { files: 50_000, bytes: 8 << 30, file_bytes: 1 << 30 }
    }
}

/// How many addresses are taken.
const ADDRESSES: usize = 4;

pub(super) fn read_sync(mut reader: Reader<'_>) -> SyncSettings {
    const MOST: i64 = 1 << 50;
    let mut sync = SyncSettings::default();
    set(&mut sync.reach, reader.parsed("reach", "internet, network or machine", reach));
    set(&mut sync.port, reader.number("port", 1..65536).and_then(|n| u16::try_from(n).ok()));
    sync.relay = reader.parsed("relay", "an https address", |text| {
        WebUrl::parse(text).filter(|url| url.to_string().starts_with("https://"))
    });
    read_addresses(&mut reader, &mut sync.addresses);
    set(&mut sync.limits.files, count(&mut reader, "files", 1..10_000_001));
    let mut size = |key, place: &mut u64| {
        set(place, reader.number(key, 1..MOST).and_then(|n| u64::try_from(n).ok()));
    };
    size("bytes", &mut sync.limits.bytes);
    size("file_bytes", &mut sync.limits.file_bytes);
    reader.finish();
    sync
}

fn read_addresses(reader: &mut Reader<'_>, addresses: &mut Vec<Address>) {
    const KEY: &str = "addresses";
    const NEEDED: &str = "a list of addresses, as 192.0.2.7:4433";
    let Some(value) = reader.take(KEY) else { return };
    let Kind::List(values) = &value.kind else {
        reader.wrong(KEY, value.span, NEEDED);
        return;
    };
    for one in values.iter().take(ADDRESSES) {
        match &one.kind {
            Kind::Text(text) if address(text).is_some() => addresses.extend(address(text)),
            _ => reader.wrong(KEY, one.span.clone(), NEEDED),
        }
    }
}

fn reach(text: &str) -> Option<SyncReach> {
    match text {
        "internet" => Some(SyncReach::Internet),
        "network" => Some(SyncReach::Network),
        "machine" => Some(SyncReach::Machine),
        _ => None,
    }
}
