//! A running engine: it follows the book, and carries each box that stands in it.

use super::book::{self, Book, Carried, Reach};
use super::carry::{Carrier, Ground};
use super::folder;
use super::memory::Memory;
use super::node::{Kind, Node};
use super::private;
use super::state::{self, State, Status, Trouble};
use crate::config::SyncSettings;
use crate::keys::handbill::{About, Channel, Link};
use crate::library::Side;
use crate::path::fold;
use anyhow::{Context, Result};
use iroh_docs::NamespaceId;
use n0_future::StreamExt;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// How often is looked whether a command has changed the book.
const BOOK: Duration = Duration::from_millis(300);
/// How often at most is told how things stand.
const TELL: Duration = Duration::from_millis(150);
/// How often at most a node begins anew because nothing can be fetched.
const SELDOM: Duration = Duration::from_secs(300);
/// How soon is tried again what could not be started.
const AGAIN: Duration = Duration::from_secs(3);

/// What an engine works on.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The base folder.
    pub base: PathBuf,
    /// The folder of the local state.
    pub state: PathBuf,
    /// How others are reached.
    pub settings: SyncSettings,
}

/// An engine that runs on threads of its own.
pub struct Engine {
    shared: Arc<Shared>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// A box: its contact, and whether it is an inbox.
type Key = (String, bool);

#[derive(Default)]
struct Shared {
    rings: Mutex<BTreeMap<Key, Arc<Notify>>>,
    said: Mutex<BTreeMap<Key, Status>>,
    news: Notify,
    stop: Notify,
}

impl Shared {
    fn said(&self) -> MutexGuard<'_, BTreeMap<Key, Status>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rings(&self) -> MutexGuard<'_, BTreeMap<Key, Arc<Notify>>> {
        self.rings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// Starts the engine. `tell` hears how things stand, whenever that changes. Where no box is
    /// carried, nothing is opened and nobody is listened to.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(setup: Setup, tell: impl Fn(&State) + Send + 'static) -> Result<Engine> {
        let shared = Arc::new(Shared::default());
        let inner = Arc::clone(&shared);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("engine")
            .enable_all()
            .build()
            .context("the engine cannot start")?;
        let work = move || {
            runtime.block_on(run(&setup, &inner, &tell));
            runtime.shutdown_timeout(Duration::from_secs(1));
        };
        let thread = std::thread::Builder::new().name("engine".to_owned()).spawn(work)?;
        Ok(Engine { shared, thread: Some(thread) })
    }

    /// Has the boxes of a contact looked at.
    pub fn ring(&self, contact: &str) {
        let rings = self.shared.rings();
        let its = rings.iter().filter(|((name, _), _)| fold(name) == fold(contact));
        its.for_each(|(_, ring)| ring.notify_one());
    }

    /// Has all boxes looked at.
    pub fn ring_all(&self) {
        self.shared.rings().values().for_each(|ring| ring.notify_one());
    }

    /// Ends it: says good-bye to others, and closes its stores.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.shared.stop.notify_one();
        if let Some(thread) = self.thread.take() {
            // If it panicked, there is nothing left to close.
            let _ = thread.join();
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.end();
    }
}

async fn run(setup: &Setup, shared: &Arc<Shared>, tell: &impl Fn(&State)) {
    let mut running = Running::default();
    let mut last = State::default();
    let mut lock = None;
    loop {
        let wait = match follow(setup, shared, &mut running, &mut lock).await {
            Ok(wait) => wait,
            Err(error) => {
                running.stopped = Some(crate::diagnostic::shown(&format!("{error:#}")));
                AGAIN
            }
        };
        // Where this device is found is learned some time after it has begun, and changes.
        running.here(setup);
        let now = running.state(shared);
        if now != last {
            // Only who holds the lock may say how things stand.
            if lock.is_some()
                && let Ok(text) = serde_json::to_vec(&now)
            {
                let _ = book::write_private(&state::file(&setup.state), &text);
            }
            tell(&now);
            last = now;
        }
        tokio::select! {
            () = shared.stop.notified() => break,
            () = shared.news.notified() => tokio::time::sleep(TELL).await,
            () = tokio::time::sleep(wait) => {}
        }
    }
    running.stop().await;
}

/// Makes what runs what the book says. Returns how soon to look again.
async fn follow(
    setup: &Setup,
    shared: &Arc<Shared>,
    running: &mut Running,
    lock: &mut Option<File>,
) -> Result<Duration> {
    running.renew().await;
    let modified = std::fs::metadata(book::file(&setup.state)).and_then(|one| one.modified()).ok();
    let is_same = modified == running.modified && running.stopped.is_none() && !running.is_failing;
    if is_same && private::held(&setup.base, &running.offered) == running.held {
        return Ok(BOOK);
    }
    let Some(book) = book::read(&setup.state)? else { return Ok(BOOK) };
    if book.boxes.is_empty() && running.boxes.is_empty() {
        (running.modified, running.stopped) = (modified, None);
        return Ok(BOOK);
    }
    if lock.is_none() {
        *lock = Some(take_lock(&setup.state)?);
        folder::sweep(&setup.base, book.boxes.iter().map(|one| &*one.contact));
    }
    running.offered = private::open_outboxes(&book);
    running.held = private::held(&setup.base, &running.offered);
    running.leave(&book, setup, shared).await;
    running.is_failing = false;
    for carried in &book.boxes {
        running.enter(carried, &book, setup, shared).await?;
    }
    shared.said().retain(|known, _| book.boxes.iter().any(|one| key(one) == *known));
    running.invite(&book);
    (running.modified, running.stopped) = (modified, None);
    Ok(if running.is_failing { AGAIN } else { BOOK })
}

fn take_lock(state: &Path) -> Result<File> {
    let path = state::lock_file(state);
    if let Some(folder) = path.parent() {
        book::make_private(folder)?;
    }
    let file = File::options().create(true).truncate(false).read(true).write(true).open(&path)?;
    file.try_lock().ok().context("another Handbill carries the boxes of this folder")?;
    // What the last one said holds no more, where it was found least of all.
    let _ = std::fs::remove_file(state::file(state));
    Ok(file)
}

/// What runs.
#[derive(Default)]
struct Running {
    modified: Option<SystemTime>,
    /// The contacts whose outbox is for whoever has its key, and those of them that are not sent.
    offered: Vec<String>,
    held: Vec<String>,
    /// Whether a box could not be entered.
    is_failing: bool,
    open: Option<Arc<Node>>,
    closed: Option<Arc<Node>>,
    boxes: Vec<(Carried, JoinHandle<()>)>,
    /// When a node began anew.
    renewed: Option<Instant>,
    here: Vec<String>,
    stopped: Option<String>,
}

impl Running {
    fn node(&mut self, kind: Kind) -> &mut Option<Arc<Node>> {
        match kind {
            Kind::Open => &mut self.open,
            Kind::Closed => &mut self.closed,
        }
    }

    /// Ends a node that is stuck, so that it begins anew: seldom, for it may be the others' fault.
    async fn renew(&mut self) {
        if self.renewed.is_some_and(|at| at.elapsed() < SELDOM) {
            return;
        }
        for kind in [Kind::Open, Kind::Closed] {
            let Some(node) = self.node(kind).take_if(|node| node.is_stuck()) else { continue };
            let (go, stay) = std::mem::take(&mut self.boxes)
                .into_iter()
                .partition::<Vec<_>, _>(|(carried, _)| Kind::of(&carried.reach) == kind);
            self.boxes = stay;
            for (_, task) in go {
                task.abort();
                // Its stores are let go of when it has ended.
                let _ = task.await;
            }
            node.stop().await;
            (self.renewed, self.modified) = (Some(Instant::now()), None);
        }
    }

    /// Returns whether a box is one that would go to more than may have it.
    fn is_held(&self, carried: &Carried) -> bool {
        carried.side == Side::Outbox
            && carried.reach == Reach::Open
            && self.held.contains(&carried.contact)
    }

    /// Ends what the book does not hold any more, or holds otherwise.
    async fn leave(&mut self, book: &Book, setup: &Setup, shared: &Shared) {
        let (stay, go): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.boxes).into_iter().partition(|(carried, task)| {
                // What has failed begins anew.
                book.boxes.contains(carried) && !task.is_finished() && !self.is_held(carried)
            });
        self.boxes = stay;
        for (carried, task) in go {
            task.abort();
            shared.said().remove(&key(&carried));
            shared.rings().remove(&key(&carried));
            let is_gone = !book.boxes.iter().any(|one| one.channel == carried.channel);
            if let Some(node) = self.node(Kind::of(&carried.reach)) {
                let id = NamespaceId::from(&carried.channel.0);
                if is_gone {
                    let _ = node.docs.drop_doc(id).await;
                    Memory::forget(&setup.state, carried.channel);
                } else if let Ok(Some(doc)) = node.docs.open(id).await {
                    // Whoever enters it again speaks of it again.
                    let _ = doc.leave().await;
                }
            }
        }
    }

    /// Begins to carry a box.
    async fn enter(
        &mut self,
        carried: &Carried,
        book: &Book,
        setup: &Setup,
        shared: &Arc<Shared>,
    ) -> Result<()> {
        if self.boxes.iter().any(|(one, _)| one == carried) {
            return Ok(());
        }
        if self.is_held(carried) {
            say_trouble(shared, carried, Trouble::Private);
            return Ok(());
        }
        let kind = Kind::of(&carried.reach);
        if self.node(kind).is_none() {
            let node = Node::start(kind, book, &setup.state, &setup.settings).await?;
            forget(&node, book).await;
            *self.node(kind) = Some(Arc::new(node));
        }
        let Some(node) = self.node(kind).clone() else { return Ok(()) };
        let ground = Arc::new(Ground {
            base: setup.base.clone(),
            state: setup.state.clone(),
            limits: setup.settings.limits.clone(),
        });
        let started = Carrier::start(node, ground, carried.clone(), kind.secret(book)).await;
        let carrier = match started {
            Ok(carrier) => carrier,
            // A box that cannot be carried does not hold up the others.
            Err(error) => {
                let why = Trouble::Disk(crate::diagnostic::shown(&format!("{error:#}")));
                say_trouble(shared, carried, why);
                self.is_failing = true;
                return Ok(());
            }
        };
        let ring = Arc::new(Notify::new());
        shared.rings().insert(key(carried), Arc::clone(&ring));
        let (hearer, key) = (Arc::clone(shared), key(carried));
        let tell = move |status: Status| {
            let old = hearer.said().insert(key.clone(), status.clone());
            if old.as_ref() != Some(&status) {
                hearer.news.notify_one();
            }
        };
        self.boxes.push((carried.clone(), tokio::spawn(carrier.run(ring, tell))));
        Ok(())
    }

    /// Lets the other sides of conversations in, and nobody else.
    fn invite(&self, book: &Book) {
        let guest = |one: &Carried| match one.reach {
            Reach::Closed(guest) => guest,
            Reach::Open => None,
        };
        if let Some(node) = &self.closed {
            node.guests.set(book.boxes.iter().filter_map(guest));
        }
    }

    fn here(&mut self, setup: &Setup) {
        let nodes = [&self.open, &self.closed].into_iter().flatten();
        let link = |node: &Arc<Node>| {
            let about = About { peers: vec![node.here(&setup.settings)], title: String::new() };
            Link { channel: Channel([0; 32]), about }.to_string()
        };
        self.here = nodes.map(link).collect();
    }

    fn state(&self, shared: &Shared) -> State {
        State {
            process: std::process::id(),
            boxes: shared.said().values().cloned().collect(),
            here: self.here.clone(),
            stopped: self.stopped.clone(),
        }
    }

    async fn stop(self) {
        self.boxes.iter().for_each(|(_, task)| task.abort());
        for node in [self.open, self.closed].into_iter().flatten() {
            node.stop().await;
        }
    }
}

fn key(carried: &Carried) -> Key {
    (carried.contact.clone(), carried.side == Side::Inbox)
}

fn say_trouble(shared: &Shared, carried: &Carried, trouble: Trouble) {
    let mut status = Status::new(&carried.contact, carried.side == Side::Inbox);
    status.troubles.push(trouble);
    shared.said().insert(key(carried), status);
}

/// Drops from a store the channels that the book does not hold any more.
async fn forget(node: &Node, book: &Book) {
    let Ok(list) = node.docs.list().await else { return };
    let mut list = std::pin::pin!(list);
    let mut gone = Vec::new();
    while let Some(Ok((id, _))) = list.next().await {
        if !book.boxes.iter().any(|one| one.channel.0 == id.to_bytes()) {
            gone.push(id);
        }
    }
    for id in gone {
        let _ = node.docs.drop_doc(id).await;
    }
}
