//! What speaks with others: an endpoint, the store of contents, the store of what channels say.
//!
//! There are up to two of them, with identities and stores of their own: one for channels, which
//! anybody who has a key may ask, and one for conversations, which only the devices of the other
//! sides may speak with.

use super::book::{Book, Reach, device_of, make_private};
use super::decide::Digest;
use crate::config::{SyncReach, SyncSettings};
use crate::keys::handbill::{Device, Peer, Secret};
use anyhow::{Context, Result};
use iroh::endpoint::{AfterHandshakeOutcome, Connection, EndpointHooks, presets};
use iroh::protocol::Router;
use iroh::{Endpoint, EndpointAddr, EndpointId, RelayMode, SecretKey, TransportAddr};
use iroh_blobs::BlobsProtocol;
use iroh_blobs::api::downloader::Downloader;
use iroh_blobs::store::GcConfig;
use iroh_blobs::store::fs::FsStore;
use iroh_blobs::store::fs::options::Options;
use iroh_docs::AuthorId;
use iroh_docs::engine::ProtectCallbackHandler;
use iroh_docs::protocol::Docs;
use iroh_gossip::net::Gossip;
use iroh_mdns_address_lookup::MdnsAddressLookup;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// How often contents that no channel names any more are removed from the store.
const SWEEP: Duration = Duration::from_secs(600);
/// How often at most all connections are begun anew by which contents are fetched: what failed together
/// does so once.
const RENEW: Duration = Duration::from_secs(5);
/// How long nothing can be fetched before a node begins anew.
const STUCK: Duration = Duration::from_secs(20);
/// How many contents are fetched at once. With many more, two large channels that begin together starve
/// each other until the patience with each is at its end.
const AT_ONCE: usize = 32;
/// How long saying good-bye may take: peers that are gone would be waited for.
const PARTING: Duration = Duration::from_secs(2);

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// For channels.
    Open,
    /// For conversations.
    Closed,
}

impl Kind {
    pub(super) fn of(reach: &Reach) -> Kind {
        match reach {
            Reach::Open => Kind::Open,
            Reach::Closed(_) => Kind::Closed,
        }
    }

    pub(super) fn secret(self, book: &Book) -> Secret {
        match self {
            Kind::Open => book.open_device,
            Kind::Closed => book.closed_device,
        }
    }

    /// The file that holds the port of the last time.
    fn port_file(self) -> &'static str {
        match self {
            Kind::Open => "port-open",
            Kind::Closed => "port-closed",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Kind::Open => "engine-open",
            Kind::Closed => "engine-closed",
        }
    }
}

/// The devices that may speak with a closed node.
#[derive(Debug, Clone, Default)]
pub(super) struct Guests(Arc<RwLock<BTreeSet<[u8; 32]>>>);

impl Guests {
    pub(super) fn set(&self, devices: impl Iterator<Item = Device>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) =
            devices.map(|device| device.0).collect();
    }

    fn has(&self, id: EndpointId) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(id.as_bytes())
    }
}

/// Closes the connections of whoever is no guest, before a protocol hears of them.
#[derive(Debug)]
struct Door(Guests);

impl EndpointHooks for Door {
    async fn after_handshake<'a>(&'a self, conn: &'a Connection) -> AfterHandshakeOutcome {
        match self.0.has(conn.remote_id()) {
            true => AfterHandshakeOutcome::accept(),
            false => {
                let reason = b"not invited".to_vec();
                AfterHandshakeOutcome::Reject { error_code: 1_u32.into(), reason }
            }
        }
    }
}

/// One of the two nodes, as it runs.
pub(super) struct Node {
    pub(super) endpoint: Endpoint,
    pub(super) blobs: FsStore,
    pub(super) docs: Docs,
    downloader: Mutex<(Downloader, Instant)>,
    /// Since when nothing could be fetched from peers that are in touch, and until when.
    failing: Mutex<Option<(Instant, Instant)>>,
    pub(super) author: AuthorId,
    pub(super) guests: Guests,
    /// So many contents are fetched at once, for all channels together.
    pub(super) places: Arc<Semaphore>,
    router: Router,
    reach: SyncReach,
}

impl Node {
    /// Starts a node: opens its stores and listens.
    pub(super) async fn start(
        kind: Kind,
        book: &Book,
        state: &Path,
        settings: &SyncSettings,
    ) -> Result<Node> {
        let keys = make_private(&state.join("keys").join(kind.folder()))?;
        let cache = make_private(&state.join("cache").join(kind.folder()))?;
        let guests = Guests::default();
        let port = make_private(&state.join("state").join("engine"))?.join(kind.port_file());
        let endpoint = listen(kind, book, &port, settings, &guests).await?;
        let (handler, protect) = ProtectCallbackHandler::new();
        let mut options = Options::new(&cache);
        options.gc = Some(GcConfig { interval: SWEEP, add_protected: Some(protect) });
        let blobs = FsStore::load_with_opts(cache.join("blobs.db"), options).await;
        let blobs = blobs.map_err(|error| {
            anyhow::anyhow!(
                "the engine's store cannot be opened (does another Handbill run here?): {error}"
            )
        })?;
        let gossip = Gossip::builder().spawn(endpoint.clone());
        let docs = Docs::persistent(keys)
            .protect_handler(handler)
            .spawn(endpoint.clone(), (*blobs).clone(), gossip.clone())
            .await
            .context("the engine's store cannot be opened (does another Handbill run here?)")?;
        let author = docs.author_default().await?;
        hide(&state.join("keys").join(kind.folder()));
        let router = Router::builder(endpoint.clone())
            .accept(iroh_blobs::ALPN, BlobsProtocol::new(&blobs, None))
            .accept(iroh_gossip::ALPN, gossip)
            .accept(iroh_docs::ALPN, docs.clone())
            .spawn();
        let downloader = Mutex::new((blobs.downloader(&endpoint), Instant::now()));
        let (reach, places) = (settings.reach, Arc::new(Semaphore::new(AT_ONCE)));
        Ok(Node {
            places,
            failing: Mutex::default(),
            endpoint,
            blobs,
            docs,
            downloader,
            author,
            guests,
            router,
            reach,
        })
    }

    /// Returns where this device is found now, as far as that goes into a link: an address on a
    /// local network says nothing to others.
    pub(super) fn here(&self, settings: &SyncSettings) -> Peer {
        let here = self.endpoint.addr();
        let mut peer = peer_of(&here);
        if self.reach != SyncReach::Machine {
            peer.addresses.clone_from(&settings.addresses);
        }
        peer
    }

    /// Returns what fetches contents, by connections that it keeps.
    pub(super) fn downloader(&self) -> Downloader {
        self.downloader.lock().unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    /// Hears that contents were fetched.
    pub(super) fn fetched(&self) {
        *self.failing.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Hears that contents could not be fetched, from peers that are in touch or not. It lets go of the
    /// connections by which that is done: one to a peer that has another address since is kept for
    /// ever, and nothing comes by it.
    pub(super) fn failed(&self, in_touch: bool) {
        if in_touch {
            let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            *failing = Some((failing.map_or(now, |(since, _)| since), now));
        }
        let mut downloader = self.downloader.lock().unwrap_or_else(PoisonError::into_inner);
        if downloader.1.elapsed() > RENEW {
            *downloader = (self.blobs.downloader(&self.endpoint), Instant::now());
        }
    }

    /// Returns whether nothing could be fetched for so long that this node should begin anew: iroh goes
    /// on sending to where a peer was, as long as any connection of the two stands.
    pub(super) fn is_stuck(&self) -> bool {
        let failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        failing.is_some_and(|(since, until)| until - since > STUCK && until.elapsed() < STUCK)
    }

    /// Returns where a peer was reached.
    pub(super) async fn met(&self, id: EndpointId) -> Peer {
        let info = self.endpoint.remote_info(id).await;
        let addresses = info.into_iter().flat_map(|info| info.into_addrs().collect::<Vec<_>>());
        let addresses = addresses.map(|info| info.into_addr());
        peer_of(&EndpointAddr::from_parts(id, addresses))
    }

    /// Says good-bye and closes the stores.
    pub(super) async fn stop(&self) {
        // Whoever is not there any more need not be told.
        let _ = tokio::time::timeout(PARTING, self.router.shutdown()).await;
        let _ = tokio::time::timeout(PARTING, self.blobs.shutdown()).await;
    }
}

/// Has the files of a store be nobody else's to read: the folder they lie in is, and files get copied.
fn hide(folder: &Path) {
    #[cfg(unix)]
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        use std::os::unix::fs::PermissionsExt;
        // Where the file system has no modes, the folder has none either.
        let _ = std::fs::set_permissions(entry.path(), std::fs::Permissions::from_mode(0o600));
    }
    #[cfg(not(unix))]
    let _ = folder;
}

/// Listens: on the port that is set, else on the one of the last time, so that others find this
/// device where it was, else on any.
async fn listen(
    kind: Kind,
    book: &Book,
    file: &Path,
    settings: &SyncSettings,
    guests: &Guests,
) -> Result<Endpoint> {
    if settings.port > 0 {
        let port = match kind {
            Kind::Open => settings.port,
            Kind::Closed => settings.port.checked_add(1).unwrap_or(0),
        };
        return endpoint(kind, book, settings, guests.clone(), port).await;
    }
    let last = std::fs::read_to_string(file).ok().and_then(|text| text.trim().parse().ok());
    if let Some(port) = last.filter(|port| *port > 1023)
        && let Ok(endpoint) = endpoint(kind, book, settings, guests.clone(), port).await
    {
        return Ok(endpoint);
    }
    let endpoint = endpoint(kind, book, settings, guests.clone(), 0).await?;
    if let Some(bound) = endpoint.bound_sockets().iter().find(|bound| bound.is_ipv4()) {
        // Without it another port is taken the next time.
        let _ = std::fs::write(file, bound.port().to_string());
    }
    Ok(endpoint)
}

async fn endpoint(
    kind: Kind,
    book: &Book,
    settings: &SyncSettings,
    guests: Guests,
    port: u16,
) -> Result<Endpoint> {
    let secret = SecretKey::from_bytes(&kind.secret(book).0);
    let builder = match settings.reach {
        SyncReach::Internet => Endpoint::builder(presets::N0),
        _ => Endpoint::builder(presets::Minimal).relay_mode(RelayMode::Disabled),
    };
    let mut builder = builder.secret_key(secret);
    if let (SyncReach::Internet, Some(relay)) = (settings.reach, &settings.relay) {
        let relay = relay.as_str().parse().context("the relay's address cannot be used")?;
        builder = builder.relay_mode(RelayMode::custom([relay]));
    }
    builder = match settings.reach {
        SyncReach::Machine => {
            let here = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
            builder.clear_ip_transports().bind_addr(here)?
        }
        _ => {
            let any = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port);
            builder.address_lookup(MdnsAddressLookup::builder()).bind_addr(any)?
        }
    };
    if kind == Kind::Closed {
        builder = builder.hooks(Door(guests));
    }
    builder.bind().await.map_err(|error| anyhow::anyhow!("the engine cannot listen: {error}"))
}

/// Returns a peer as links name it.
fn peer_of(addr: &EndpointAddr) -> Peer {
    // An address with the number of a network card holds on this machine alone.
    let plain = |addr: &&SocketAddr| !matches!(addr, SocketAddr::V6(v6) if v6.scope_id() != 0);
    let addresses = addr.ip_addrs().filter(plain).take(crate::keys::handbill::ADDRESSES);
    Peer {
        device: Device(*addr.id.as_bytes()),
        addresses: addresses.copied().collect(),
        relay: addr.relay_urls().next().map(ToString::to_string),
    }
}

/// Returns a peer as it is dialled; none where its id is no key.
pub(super) fn dial(peer: &Peer) -> Option<EndpointAddr> {
    let id = EndpointId::from_bytes(&peer.device.0).ok()?;
    let relay =
        peer.relay.as_deref().and_then(|relay| relay.parse().ok()).map(TransportAddr::Relay);
    let addresses = peer.addresses.iter().copied().map(TransportAddr::Ip);
    Some(EndpointAddr::from_parts(id, addresses.chain(relay)))
}

/// Returns the peer that this device is to itself.
pub(super) fn is_me(peer: &Peer, secret: &Secret) -> bool {
    peer.device == device_of(secret)
}

/// Returns a digest as the stores name it.
pub(super) fn hash(digest: &Digest) -> iroh_blobs::Hash {
    iroh_blobs::Hash::from_bytes(*digest)
}
