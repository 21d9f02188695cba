//! Who is known to have a channel, who of them may, and who is dialled.

use super::super::book::Reach;
use super::super::node::{dial, is_me};
use super::Carrier;
use crate::keys::handbill::Peer;
use anyhow::Result;
use iroh::EndpointId;

impl Carrier {
    /// Returns who is known to have the channel, and may have it.
    pub(super) fn peers(&self) -> Vec<Peer> {
        if self.carried.reach == Reach::Closed(None) {
            return Vec::new();
        }
        let mut peers = self.carried.peers.clone();
        for met in self.memory.met() {
            match peers.iter_mut().find(|peer| peer.device == met.device) {
                Some(peer) => also(peer, met),
                None => peers.push(met.clone()),
            }
        }
        if let Reach::Closed(Some(guest)) = &self.carried.reach {
            peers.retain(|peer| peer.device == *guest);
        }
        peers.retain(|peer| !is_me(peer, &self.me));
        peers
    }

    /// Has those dialled who are known to have the channel.
    pub(super) async fn dial(&self) -> Result<()> {
        if self.is_flooded {
            return Ok(());
        }
        let peers = self.peers().iter().filter_map(dial).collect();
        self.doc.start_sync(peers).await?;
        Ok(())
    }

    /// Remembers who was met, so that they are found when those who were named are gone. Returns
    /// whether that is worth writing down.
    pub(super) async fn meet(&mut self) -> bool {
        let mut is_new = false;
        for id in self.live.take_met() {
            is_new |= self.memory.meet(self.node.met(id).await);
        }
        is_new
    }

    /// Returns from whom contents are fetched: whoever is connected, else whoever is known.
    pub(super) fn sources(&self) -> Vec<EndpointId> {
        let connected = self.live.connected();
        if !connected.is_empty() {
            return connected;
        }
        self.peers().iter().filter_map(|peer| dial(peer).map(|addr| addr.id)).collect()
    }
}

/// Adds where somebody was met to where he was said to be: both places are tried.
fn also(peer: &mut Peer, met: &Peer) {
    peer.addresses.extend(&met.addresses);
    peer.addresses.sort();
    peer.addresses.dedup();
    if met.relay.is_some() {
        peer.relay.clone_from(&met.relay);
    }
}
