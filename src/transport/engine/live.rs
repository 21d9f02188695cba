//! Who is in touch about a channel now, from the events of the store. They are taken in at once and
//! never waited on: whoever does not take them stops the store.

use super::node::Node;
use anyhow::Result;
use iroh::EndpointId;
use iroh_docs::api::Doc;
use iroh_docs::engine::LiveEvent;
use n0_future::StreamExt;
use n0_future::boxed::BoxStream;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::Notify;

/// How long somebody counts as connected after all was compared with them.
const FRESH: Duration = Duration::from_secs(25);
/// How soon events are followed again that have ended.
const AGAIN: Duration = Duration::from_millis(200);
/// How many peers are kept in mind.
const MOST: usize = 256;

/// What is known from events.
#[derive(Debug, Default)]
pub(super) struct Live {
    known: Mutex<Known>,
    /// Something may have changed.
    pub(super) changed: Notify,
}

#[derive(Debug, Default)]
struct Known {
    neighbours: BTreeSet<EndpointId>,
    compared: BTreeMap<EndpointId, Instant>,
    met: BTreeSet<EndpointId>,
    last: Option<i64>,
}

impl Live {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns who is connected.
    pub(super) fn connected(&self) -> Vec<EndpointId> {
        let mut known = self.known();
        known.compared.retain(|_, at| at.elapsed() < FRESH);
        let all: BTreeSet<EndpointId> =
            known.neighbours.iter().chain(known.compared.keys()).copied().collect();
        all.into_iter().collect()
    }

    /// Returns when somebody was in touch, in seconds since 1970.
    pub(super) fn last(&self) -> Option<i64> {
        self.known().last
    }

    /// Returns who was met since this was asked last.
    pub(super) fn take_met(&self) -> BTreeSet<EndpointId> {
        std::mem::take(&mut self.known().met)
    }

    fn take(&self, event: &LiveEvent) {
        let mut known = self.known();
        let full = known.neighbours.len() + known.compared.len() >= MOST;
        match event {
            LiveEvent::NeighborUp(peer) if !full => {
                known.neighbours.insert(*peer);
                known.met.insert(*peer);
            }
            LiveEvent::NeighborDown(peer) => {
                known.neighbours.remove(peer);
            }
            LiveEvent::SyncFinished(event) if event.result.is_err() => {
                known.compared.remove(&event.peer);
                return;
            }
            LiveEvent::SyncFinished(event) if !full => {
                known.compared.insert(event.peer, Instant::now());
                known.met.insert(event.peer);
            }
            LiveEvent::InsertLocal { .. } => return,
            _ => {}
        }
        if let LiveEvent::NeighborUp(_)
        | LiveEvent::InsertRemote { .. }
        | LiveEvent::SyncFinished(_) = event
        {
            known.last = seconds();
        }
        drop(known);
        self.changed.notify_one();
    }

    /// Begins to follow the events of a channel, until what is returned is dropped.
    pub(super) async fn follow(self: &Arc<Live>, node: &Arc<Node>, doc: &Doc) -> Result<Follower> {
        let (live, node, doc) = (Arc::clone(self), Arc::clone(node), doc.clone());
        let mut events: BoxStream<Result<LiveEvent>> = doc.subscribe().await?.boxed();
        Ok(Follower(tokio::spawn(async move {
            while !node.endpoint.is_closed() {
                while let Some(Ok(event)) = events.next().await {
                    live.take(&event);
                }
                // The store let go of whoever listened: what was missed is found by looking.
                live.changed.notify_one();
                tokio::time::sleep(AGAIN).await;
                let Ok(anew) = doc.subscribe().await else { continue };
                events = anew.boxed();
            }
        })))
    }
}

/// Events are followed until it is dropped.
pub(super) struct Follower(tokio::task::JoinHandle<()>);

impl Drop for Follower {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn seconds() -> Option<i64> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}
