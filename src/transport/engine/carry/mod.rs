//! Carries one box: looks at what is on the disk and what its channel says, and makes them the same.
//!
//! Whatever happens, everything is looked at again, so that nothing can be missed. What is done about
//! each file is decided in `decide`; it is done in `send` and `receive`.

mod clock;
mod peers;
mod receive;
mod send;

use super::book::Carried;
use super::budget::{self, Entry, Taken};
use super::decide::{Action, Digest, Said, decide, looks_lost};
use super::fetch::Fetches;
use super::folder::{Folder, Found};
use super::live::{Follower, Live};
use super::memory::{Memory, Settled};
use super::name;
use super::node::Node;
use super::state::{Status, Trouble};
use crate::config::SyncLimits;
use crate::diagnostic::shown;
use crate::keys::handbill::Secret;
use crate::library::Side;
use crate::listing::Stat;
use crate::path::RelPath;
use anyhow::{Context, Result};
use iroh_docs::api::Doc;
use iroh_docs::store::{DownloadPolicy, Query};
use iroh_docs::{Capability, NamespaceId, NamespaceSecret};
use n0_future::StreamExt;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::task::block_in_place;

/// How often those are dialled who are known to have the channel.
const DIAL: Duration = Duration::from_secs(10);
/// How often everything is looked at though nothing was heard.
const LOOK: Duration = Duration::from_secs(30);
/// What happens at once is looked at together.
const TOGETHER: Duration = Duration::from_millis(5);
/// What stands for an empty file: the store takes no empty contents, for that means deleted.
const EMPTY: &[u8] = b"handbill: this file is empty \xf7\x9a\x13\x5e\xc4\x02\xb1\x8d\n";
/// Contents of this size go through memory.
const SMALL: u64 = 1 << 20;
/// How many things that happened are told.
const TOLD: usize = 10;

/// What all boxes have in common.
pub(super) struct Ground {
    pub(super) base: PathBuf,
    pub(super) state: PathBuf,
    pub(super) limits: SyncLimits,
}

/// A box as it is carried.
pub(super) struct Carrier {
    node: Arc<Node>,
    ground: Arc<Ground>,
    carried: Carried,
    me: Secret,
    doc: Doc,
    memory: Memory,
    live: Arc<Live>,
    _follower: Follower,
    fetches: Fetches,
    /// Contents that are known to be in the store.
    stored: BTreeSet<Digest>,
    /// What happened, oldest first.
    happened: Vec<Trouble>,
    is_flooded: bool,
}

impl Carrier {
    /// Begins to follow a channel.
    pub(super) async fn start(
        node: Arc<Node>,
        ground: Arc<Ground>,
        carried: Carried,
        me: Secret,
    ) -> Result<Carrier> {
        let capability = match &carried.secret {
            Some(secret) => Capability::Write(NamespaceSecret::from_bytes(&secret.0)),
            None => Capability::Read(NamespaceId::from(&carried.channel.0)),
        };
        let doc = node.docs.import_namespace(capability).await?;
        doc.set_download_policy(DownloadPolicy::NothingExcept(Vec::new())).await?;
        let live = Arc::new(Live::default());
        let follower = live.follow(&node, &doc).await?;
        let memory = Memory::load(&ground.state, carried.channel);
        let carrier = Carrier {
            node,
            ground,
            carried,
            me,
            doc,
            memory,
            live,
            _follower: follower,
            fetches: Fetches::default(),
            stored: BTreeSet::new(),
            happened: Vec::new(),
            is_flooded: false,
        };
        carrier.dial().await?;
        Ok(carrier)
    }

    /// Carries the box for ever. `ring` asks for a look, `tell` hears how things stand.
    pub(super) async fn run(mut self, ring: Arc<Notify>, tell: impl Fn(Status)) {
        let mut dial_at = Instant::now() + DIAL;
        loop {
            let mut status = Status::new(&self.carried.contact, self.carried.side == Side::Inbox);
            let again = self.look(&mut status).await.unwrap_or_else(|error| {
                status.troubles.push(Trouble::Disk(shown(&format!("{error:#}"))));
                Some(Instant::now() + LOOK / 6)
            });
            self.describe(&mut status);
            tell(status);
            let look_at = Instant::now() + LOOK;
            let wake =
                [again, self.fetches.next()].into_iter().flatten().fold(look_at, Instant::min);
            let wake = wake.max(Instant::now() + TOGETHER);
            tokio::select! {
                () = ring.notified() => {}
                () = self.live.changed.notified() => tokio::time::sleep(TOGETHER).await,
                () = tokio::time::sleep_until(wake.into()) => {}
                () = tokio::time::sleep_until(dial_at.into()) => {
                    // What a peer's garbage has ended begins anew by this too.
                    let _ = self.dial().await;
                    dial_at = Instant::now() + DIAL;
                }
            }
        }
    }

    fn describe(&mut self, status: &mut Status) {
        let connected = self.live.connected();
        status.connected = connected.len();
        status.known = self.peers().len().max(status.connected);
        status.contact_at = self.live.last();
        (status.arriving, status.bytes) = self.fetches.progress();
        status.troubles.extend(self.happened.iter().cloned());
    }

    /// Looks at everything. Returns when to look again, where that is known.
    async fn look(&mut self, status: &mut Status) -> Result<Option<Instant>> {
        let mut is_new = self.meet().await;
        let Some(entries) = self.entries().await? else {
            if !std::mem::replace(&mut self.is_flooded, true) {
                self.doc.leave().await?;
            }
            status.troubles.push(Trouble::Flooded);
            return Ok(None);
        };
        let ahead =
            entries.iter().any(|entry| !entry.by_me && clock::is_ahead(entry.time, clock::now()));
        let taken = budget::take(entries, &self.ground.limits, name::HERE);
        if let Some((name, why)) = taken.refused.first() {
            let told = Trouble::Refused(taken.refusals, name.clone(), why.to_string());
            status.troubles.push(told);
        }
        let opened = block_in_place(|| {
            let folder = Folder::open(&self.ground.base, &self.carried.contact, self.carried.side)?;
            let found = folder.list()?;
            Ok::<_, std::io::Error>((folder, found))
        });
        let (folder, found) = match opened {
            Ok(opened) => opened,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                status.troubles.push(Trouble::Lost);
                return Ok(None);
            }
            Err(error) => return Err(error).context("the box cannot be read"),
        };
        if looks_lost(self.carried.side, self.memory.files.len(), found.len()) {
            status.troubles.push(Trouble::Lost);
            return Ok(None);
        }
        let mut look = Look {
            folder,
            found,
            taken,
            again: None,
            unsent: Vec::new(),
            clock: ahead,
            changed: false,
        };
        self.fetches.begin();
        let paths: BTreeSet<RelPath> = (look.found.keys())
            .chain(look.taken.files.keys())
            .chain(self.memory.files.keys())
            .cloned()
            .collect();
        let mut failure = None;
        for path in &paths {
            if let Err(error) = self.settle(&mut look, path).await {
                // One file that cannot be carried does not hold up the others.
                failure.get_or_insert(error.context(format!("`{}`", path.as_str())));
            }
        }
        self.fetches.end();
        if let Some((path, why)) = look.unsent.first() {
            let name = shown(path.as_str());
            status.troubles.push(Trouble::Unsent(look.unsent.len(), name, why.clone()));
        }
        if look.clock {
            status.troubles.push(Trouble::Clock);
        }
        is_new |= look.changed;
        if is_new {
            block_in_place(|| self.memory.save(&self.ground.state, self.carried.channel))?;
        }
        match failure {
            Some(error) => Err(error),
            None => Ok(look.again),
        }
    }

    /// Returns what the channel says, nothing where it says too much.
    async fn entries(&self) -> Result<Option<Vec<Entry>>> {
        let empty = *blake3::hash(EMPTY).as_bytes();
        let nothing = *blake3::hash(b"").as_bytes();
        let most = budget::most_entries(&self.ground.limits);
        let found = self.doc.get_many(Query::single_latest_per_key().include_empty()).await?;
        let mut found = std::pin::pin!(found);
        let mut entries = Vec::new();
        while let Some(entry) = found.next().await {
            let entry = entry?;
            if entries.len() == most {
                return Ok(None);
            }
            let digest = *entry.content_hash().as_bytes();
            let (digest, size) = match entry.content_len() {
                0 => (None, 0),
                _ if digest == empty => (Some(nothing), 0),
                size => (Some(digest), size),
            };
            entries.push(Entry {
                key: entry.key().to_vec(),
                digest,
                size,
                time: entry.timestamp(),
                by_me: entry.author() == self.node.author,
            });
        }
        Ok(Some(entries))
    }

    /// Makes disk and channel the same for one file.
    async fn settle(&mut self, look: &mut Look, path: &RelPath) -> Result<()> {
        let stat = look.found.get(path).copied();
        let disk = match stat {
            Some(_) => self.digest(look, path)?,
            None => None,
        };
        if stat.is_some() && disk.is_none() {
            return Ok(());
        }
        let base = self.memory.files.get(path).map(|known| known.digest);
        let entry = look.taken.files.get(path).cloned();
        let time = entry.as_ref().map(|entry| entry.time);
        let said = look.said(path, disk, base);
        if said == Said::Refused
            && self.carried.side == Side::Outbox
            && disk.is_some_and(|_| disk != base)
        {
            let why = "another author has put there what is not taken here".to_owned();
            look.unsent.push((path.clone(), why));
        }
        match decide(self.carried.side, disk, base, said) {
            Action::Settled => {
                let (Some(stat), Some(digest)) = (stat, disk) else { return Ok(()) };
                self.settled(look, path, digest, stat);
                self.store(look, path, digest).await;
                Ok(())
            }
            Action::Forget => {
                look.changed |= self.memory.files.remove(path).is_some();
                Ok(())
            }
            Action::Leave => Ok(()),
            Action::Import => self.import(look, path, stat, time).await,
            Action::Erase => self.erase(look, path, time).await,
            Action::Export(before) => match entry {
                Some(entry) => self.export(look, path, (stat, disk), &entry, before).await,
                None => Ok(()),
            },
            Action::Remove(before) => self.remove(look, path, stat, before),
        }
    }

    fn settled(&mut self, look: &mut Look, path: &RelPath, digest: Digest, stat: Stat) {
        let new = Settled { digest, stat };
        if self.memory.files.get(path) != Some(&new) {
            self.memory.files.insert(path.clone(), new);
            look.changed = true;
        }
    }

    fn tell(&mut self, trouble: Trouble) {
        self.happened.retain(|other| *other != trouble);
        self.happened.push(trouble);
        if self.happened.len() > TOLD {
            self.happened.remove(0);
        }
    }
}

/// A look at a box.
struct Look {
    folder: Folder,
    found: Found,
    taken: Taken,
    again: Option<Instant>,
    unsent: Vec<(RelPath, String)>,
    clock: bool,
    changed: bool,
}

impl Look {
    /// Returns what the channel says of a name. What this device said itself and cannot be taken, for
    /// it clashes with another, is deleted when its file is.
    fn said(&self, path: &RelPath, disk: Option<Digest>, base: Option<Digest>) -> Said {
        let holds = |entry: &Entry| match entry.digest {
            Some(digest) => Said::Holds { digest, by_me: entry.by_me },
            None => Said::Gone,
        };
        match (self.taken.files.get(path), self.taken.withheld.get(path)) {
            (Some(entry), _) => holds(entry),
            (None, Some(entry)) if entry.by_me && disk.is_none() && base == entry.digest => {
                holds(entry)
            }
            (None, Some(_)) => Said::Refused,
            (None, None) => Said::Nothing,
        }
    }

    fn soon(&mut self, wait: Duration) {
        let at = Instant::now() + wait;
        self.again = Some(self.again.map_or(at, |again| again.min(at)));
    }
}
