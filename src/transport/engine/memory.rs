//! What lay in a box after it was looked at last, and who is known to have its channel: local state
//! that makes things quick and tells deletions. Losing it loses no words.

use super::decide::Digest;
use crate::keys::handbill::{ADDRESSES, Channel, Peer};
use crate::listing::Stat;
use crate::path::RelPath;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What is remembered of a box.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Memory {
    /// The files that were settled.
    pub files: BTreeMap<RelPath, Settled>,
    /// Who was met, newest first.
    #[serde(with = "peers")]
    met: Vec<Peer>,
}

/// A file that is the same on the disk and in the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// The hash of it.
    pub digest: Digest,
    /// By what a change of it is told.
    pub stat: Stat,
}

/// How many peers are remembered.
const PEERS: usize = 12;

impl Memory {
    /// Reads what is remembered of a channel's box; what is damaged is nothing.
    pub fn load(state: &Path, channel: Channel) -> Memory {
        let bytes = std::fs::read(file(state, channel)).unwrap_or_default();
        postcard::from_bytes(&bytes).unwrap_or_default()
    }

    /// Remembers it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&self, state: &Path, channel: Channel) -> anyhow::Result<()> {
        super::book::make_private(&folder(state))?;
        super::book::write_private(&file(state, channel), &postcard::to_stdvec(self)?)
    }

    /// Forgets a box.
    pub fn forget(state: &Path, channel: Channel) {
        // It may never have been there.
        let _ = std::fs::remove_file(file(state, channel));
    }

    /// Returns who was met.
    pub fn met(&self) -> &[Peer] {
        &self.met
    }

    /// Remembers that somebody was met. Returns whether that is worth writing down: that somebody
    /// who is known was met again, where he was, is not. Where nobody knows his addresses now, as of
    /// one who is gone again or was met by a relay, those stay that were known.
    pub fn meet(&mut self, mut peer: Peer) -> bool {
        peer.addresses.truncate(ADDRESSES);
        let known = self.met.iter().position(|other| other.device == peer.device);
        let old = known.map(|at| self.met.remove(at));
        if let Some(old) = old.as_ref().filter(|_| peer.addresses.is_empty()) {
            peer.addresses.clone_from(&old.addresses);
            peer.relay = peer.relay.or_else(|| old.relay.clone());
        }
        let is_new = old.as_ref() != Some(&peer);
        self.met.insert(0, peer);
        self.met.truncate(PEERS);
        is_new
    }
}

/// Peers as they are written down.
mod peers {
    use crate::keys::handbill::{Address, Device, Peer};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    type Written = ([u8; 32], Vec<Address>, Option<String>);

    pub(super) fn serialize<S: Serializer>(peers: &[Peer], to: S) -> Result<S::Ok, S::Error> {
        let written = |peer: &Peer| (peer.device.0, peer.addresses.clone(), peer.relay.clone());
        peers.iter().map(written).collect::<Vec<Written>>().serialize(to)
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Vec<Peer>, D::Error> {
        let read = |(device, addresses, relay)| Peer { device: Device(device), addresses, relay };
        Ok(Vec::<Written>::deserialize(from)?.into_iter().map(read).collect())
    }
}

fn folder(state: &Path) -> PathBuf {
    state.join("state").join("engine")
}

fn file(state: &Path, channel: Channel) -> PathBuf {
    folder(state).join(format!("{}.bin", &channel.text()[..24]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::handbill::Device;

    #[test]
    fn what_is_remembered_comes_back() {
        let state = tempfile::tempdir().unwrap();
        let channel = Channel([1; 32]);
        assert_eq!(Memory::load(state.path(), channel), Memory::default());
        let mut memory = Memory::default();
        let settled = Settled { digest: [2; 32], stat: Stat::default() };
        memory.files.insert(RelPath::parse("a/b.md").unwrap(), settled);
        let peer = |n| Peer { device: Device([n; 32]), addresses: Vec::new(), relay: None };
        for n in 0..30 {
            assert!(memory.meet(peer(n)));
        }
        // Two that are met in turn are written down once.
        assert!(!memory.meet(peer(29)) && !memory.meet(peer(28)) && !memory.meet(peer(29)));
        assert_eq!(memory.met()[..2], [peer(29), peer(28)]);
        let moved = Peer { addresses: vec!["[2001:db8::7]:1".parse().unwrap()], ..peer(28) };
        assert!(memory.meet(moved.clone()) && memory.met()[0] == moved);
        assert!(!memory.meet(peer(28)) && memory.met()[0] == moved, "where he was is still known");
        assert_eq!(memory.met().len(), PEERS);
        memory.save(state.path(), channel).unwrap();
        assert_eq!(Memory::load(state.path(), channel), memory);
        std::fs::write(file(state.path(), channel), b"\xff\xff").unwrap();
        assert_eq!(Memory::load(state.path(), channel), Memory::default());
    }
}
