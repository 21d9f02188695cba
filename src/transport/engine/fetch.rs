//! Fetches the contents of files: some at a time, again and again where it fails, and never more
//! than was announced.
//!
//! The store would fetch by itself, once, whatever the size. So it is told to fetch nothing.

use super::decide::Digest;
use super::live::Live;
use super::node::{Node, hash};
use iroh::EndpointId;
use iroh_blobs::HashAndFormat;
use iroh_blobs::api::blobs::BlobStatus;
use iroh_blobs::api::downloader::{DownloadProgressItem, Shuffled};
use n0_future::StreamExt;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many of a channel are asked for at once; how many of them are under way is said by the node.
const AT_ONCE: usize = 64;
/// How long nothing may come.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long is waited after a failure, the first time and at most.
const AGAIN: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(4));
/// What is sent besides the bytes themselves may be this much.
const SLACK: u64 = 1 << 20;

/// What is fetched for a channel.
#[derive(Default)]
pub(super) struct Fetches(BTreeMap<Digest, Fetch>);

struct Fetch {
    size: u64,
    done: Arc<AtomicU64>,
    outcome: Arc<Mutex<Option<Outcome>>>,
    task: Option<tokio::task::JoinHandle<()>>,
    wait: Duration,
    not_before: Instant,
    seen: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Here,
    Failed,
    /// It is not what was announced: it is not asked for again.
    Lies,
}

impl Drop for Fetch {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// What is there of a file's contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contents {
    /// All of it.
    Here,
    /// It is being fetched, or will be.
    Coming,
    /// It is not what was announced.
    Lies,
}

impl Fetches {
    /// Begins a look: what is not asked for until its end is not wanted any more.
    pub(super) fn begin(&mut self) {
        self.0.values_mut().for_each(|fetch| fetch.seen = false);
    }

    /// Ends a look.
    pub(super) fn end(&mut self) {
        self.0.retain(|_, fetch| fetch.seen);
    }

    /// Says how many files are still to come, and how many of their bytes are here.
    pub(super) fn progress(&self) -> (usize, (u64, u64)) {
        let coming = self.0.values().filter(|fetch| fetch.last() != Some(Outcome::Lies));
        coming.fold((0, (0, 0)), |(files, (done, all)), fetch| {
            let here = fetch.done.load(Ordering::Relaxed).min(fetch.size);
            (files + 1, (done + here, all.saturating_add(fetch.size)))
        })
    }

    /// Returns when something is to be tried again.
    pub(super) fn next(&self) -> Option<Instant> {
        let waits = |fetch: &&Fetch| fetch.task.is_none() && fetch.last() != Some(Outcome::Lies);
        // What only waits for a place is begun when another ends, which is told.
        let now = Instant::now();
        let later = |at: &Instant| *at > now;
        self.0.values().filter(waits).map(|fetch| fetch.not_before).filter(later).min()
    }

    /// Asks for contents: says whether they are here, and has them fetched if not.
    pub(super) async fn ask(
        &mut self,
        node: &Arc<Node>,
        live: &Arc<Live>,
        (digest, size): (Digest, u64),
        from: &[EndpointId],
    ) -> Contents {
        let running = self.0.values().filter(|fetch| fetch.is_running()).count();
        if let Some(fetch) = self.0.get_mut(&digest) {
            fetch.seen = true;
            match fetch.last() {
                Some(Outcome::Here) => {
                    self.0.remove(&digest);
                    return Contents::Here;
                }
                Some(Outcome::Lies) => return Contents::Lies,
                Some(Outcome::Failed) if fetch.task.is_some() => {
                    fetch.task = None;
                    fetch.not_before = Instant::now() + fetch.wait;
                    fetch.wait = (fetch.wait * 2).min(AGAIN.1);
                }
                _ => {}
            }
            let due = fetch.task.is_none() && fetch.not_before <= Instant::now();
            if due && running < AT_ONCE && !from.is_empty() {
                fetch.start(node, live, digest, from);
            }
            return Contents::Coming;
        }
        match node.blobs.status(hash(&digest)).await {
            Ok(BlobStatus::Complete { size: real }) => {
                return if real == size { Contents::Here } else { Contents::Lies };
            }
            _ => {
                let mut fetch = Fetch::new(size);
                if running < AT_ONCE && !from.is_empty() {
                    fetch.start(node, live, digest, from);
                }
                self.0.insert(digest, fetch);
            }
        }
        Contents::Coming
    }
}

impl Fetch {
    fn new(size: u64) -> Fetch {
        Fetch {
            size,
            done: Arc::default(),
            outcome: Arc::default(),
            task: None,
            wait: AGAIN.0,
            not_before: Instant::now(),
            seen: true,
        }
    }

    fn last(&self) -> Option<Outcome> {
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_running(&self) -> bool {
        self.task.as_ref().is_some_and(|task| !task.is_finished())
    }

    fn start(&mut self, node: &Arc<Node>, live: &Arc<Live>, digest: Digest, from: &[EndpointId]) {
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let (node, live, size, from) =
            (Arc::clone(node), Arc::clone(live), self.size, from.to_vec());
        let (done, outcome) = (Arc::clone(&self.done), Arc::clone(&self.outcome));
        self.task = Some(tokio::spawn(async move {
            // Nobody takes the places away.
            let Ok(_place) = node.places.acquire().await else { return };
            let made = fetch(&node, digest, size, from, &done).await;
            match made {
                Outcome::Here | Outcome::Lies => node.fetched(),
                Outcome::Failed => node.failed(!live.connected().is_empty()),
            }
            *outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(made);
            live.changed.notify_one();
        }));
    }
}

async fn fetch(
    node: &Node,
    digest: Digest,
    size: u64,
    from: Vec<EndpointId>,
    done: &AtomicU64,
) -> Outcome {
    let what = HashAndFormat::raw(hash(&digest));
    let Ok(mut progress) = node.downloader().download(what, Shuffled::new(from)).stream().await
    else {
        return Outcome::Failed;
    };
    loop {
        match tokio::time::timeout(PATIENCE, progress.next()).await {
            Ok(Some(DownloadProgressItem::Progress(bytes))) => {
                done.store(bytes, Ordering::Relaxed);
                // Dropping the stream ends it.
                if bytes > size.saturating_add(SLACK) {
                    return Outcome::Lies;
                }
            }
            Ok(Some(DownloadProgressItem::Error(_) | DownloadProgressItem::DownloadError))
            | Err(_) => return Outcome::Failed,
            Ok(Some(_)) => {}
            Ok(None) => break,
        }
    }
    match node.blobs.status(hash(&digest)).await {
        Ok(BlobStatus::Complete { size: real }) if real == size => Outcome::Here,
        Ok(BlobStatus::Complete { .. }) => Outcome::Lies,
        _ => Outcome::Failed,
    }
}
