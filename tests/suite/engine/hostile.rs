//! Peers that mean harm: an author who writes names that climb, floods and lies; a reader who forges,
//! and who sends garbage.

use super::{Person, names};
use handbill::keys::handbill::{About, Channel, Device, Link, Peer};
use handbill::transport::engine::book;
use iroh::endpoint::presets;
use iroh::protocol::Router;
use iroh::{Endpoint, EndpointAddr, EndpointId, RelayMode, TransportAddr};
use iroh_blobs::BlobsProtocol;
use iroh_blobs::store::mem::MemStore;
use iroh_docs::SignedEntry;
use iroh_docs::api::Doc;
use iroh_docs::protocol::Docs;
use iroh_docs::{
    Author, Capability, Entry, NamespaceId, NamespaceSecret, Record, RecordIdentifier,
};
use iroh_gossip::net::Gossip;
use std::fs;
use std::time::{Duration, SystemTime};

/// A peer that keeps none of the rules.
struct Mallory {
    endpoint: Endpoint,
    blobs: MemStore,
    docs: Docs,
    gossip: Gossip,
    _router: Router,
}

impl Mallory {
    async fn new() -> Mallory {
        let endpoint = Endpoint::builder(presets::Minimal)
            .relay_mode(RelayMode::Disabled)
            .clear_ip_transports()
            .bind_addr("127.0.0.1:0")
            .unwrap()
            .bind()
            .await
            .unwrap();
        let blobs = MemStore::new();
        let gossip = Gossip::builder().spawn(endpoint.clone());
        let docs =
            Docs::memory().spawn(endpoint.clone(), (*blobs).clone(), gossip.clone()).await.unwrap();
        let router = Router::builder(endpoint.clone())
            .accept(iroh_blobs::ALPN, BlobsProtocol::new(&blobs, None))
            .accept(iroh_gossip::ALPN, gossip.clone())
            .accept(iroh_docs::ALPN, docs.clone())
            .spawn();
        Mallory { endpoint, blobs, docs, gossip, _router: router }
    }

    fn peer(&self) -> Peer {
        Peer {
            device: Device(*self.endpoint.id().as_bytes()),
            addresses: self.endpoint.addr().ip_addrs().copied().collect(),
            relay: None,
        }
    }

    /// Takes part in a channel as a reader does.
    async fn read(&self, link: &Link) -> Doc {
        let id = NamespaceId::from(&link.channel.0);
        let doc = self.docs.import_namespace(Capability::Read(id)).await.unwrap();
        doc.start_sync(link.about.peers.iter().map(addr).collect()).await.unwrap();
        doc
    }

    /// Says something to all who follow a channel.
    async fn shout(&self, link: &Link, message: Vec<u8>) {
        let peers = link.about.peers.iter().map(|peer| addr(peer).id).collect();
        let topic = self.gossip.subscribe_and_join(link.channel.0.into(), peers);
        let mut topic =
            tokio::time::timeout(Duration::from_secs(30), topic).await.unwrap().unwrap();
        topic.broadcast(message.into()).await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

fn addr(peer: &Peer) -> EndpointAddr {
    let id = EndpointId::from_bytes(&peer.device.0).unwrap();
    EndpointAddr::from_parts(id, peer.addresses.iter().copied().map(TransportAddr::Ip))
}

/// Returns what the store sends when a file was put, signed by whatever secret.
fn put(channel: Channel, secret: &NamespaceSecret, name: &str, hash: iroh_blobs::Hash) -> Vec<u8> {
    put_at(channel, secret, name, hash, micros())
}

fn micros() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    u64::try_from(since.as_micros()).unwrap()
}

/// The same, with the time (microseconds) by the clock of who says it.
fn put_at(
    channel: Channel,
    secret: &NamespaceSecret,
    name: &str,
    hash: iroh_blobs::Hash,
    time: u64,
) -> Vec<u8> {
    let author = Author::from_bytes(&[7; 32]);
    let id = RecordIdentifier::new(NamespaceId::from(&channel.0), author.id(), name.as_bytes());
    let entry = Entry::new(id, Record::new(hash, 7, time));
    let signed = SignedEntry::from_entry(entry, secret, &author);
    [vec![0], postcard::to_stdvec(&signed).unwrap()].concat()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

#[test]
#[ignore = "takes seconds"]
fn an_author_who_climbs_floods_and_lies_fills_no_more_than_the_inbox_may_hold() {
    let runtime = runtime();
    let mallory = runtime.block_on(Mallory::new());
    let secret = NamespaceSecret::from_bytes(&[5; 32]);
    runtime.block_on(async {
        let doc = mallory.docs.import_namespace(Capability::Write(secret.clone())).await.unwrap();
        let me = mallory.docs.author_default().await.unwrap();
        doc.set_bytes(me, &b"Good.md\0"[..], "Good.").await.unwrap();
        for key in [
            &b"../../evil.md\0"[..],
            b"/tmp/handbill-evil.md\0",
            b"a/../../../evil.md\0",
            b"..\0",
            b"\\evil.md\0",
            b".git/hooks/evil\0",
            b"evil-without-end.md",
            b"evil\xff.md\0",
            b"evil\n.md\0",
            b"Good.md/evil.md\0",
            b"good.md\0",
        ] {
            doc.set_bytes(me, key, "Evil.").await.unwrap();
        }
        let large = mallory.blobs.add_bytes(vec![1; 3_000_000]).await.unwrap();
        doc.set_hash(me, &b"lie.md\0"[..], large.hash, 10).await.unwrap();
        doc.set_bytes(me, &b"large.md\0"[..], vec![2; 200_000]).await.unwrap();
        for number in 0..200_u8 {
            let key = format!("flood/{number}.md\0");
            doc.set_bytes(me, key, vec![number; 9_000]).await.unwrap();
        }
        doc.start_sync(Vec::new()).await.unwrap();
    });
    let mut reader = Person::resting("files = 50\nfile_bytes = 100_000\nbytes = 300_000\n");
    let channel = Channel(*secret.id().as_bytes());
    let link = Link { channel, about: About { peers: vec![mallory.peer()], title: String::new() } };
    reader.run(&["subscribe", &link.to_string(), "tides"]);
    let before = names(reader.base.path());
    reader.start();
    reader.until_has("tides/inbox/Good.md", "Good.");
    reader.until("the first of the flood", || {
        (names(&reader.base.at("tides/inbox")).len() > 30).then_some(())
    });
    reader.until_listed("not taken");
    std::thread::sleep(Duration::from_secs(2));
    let arrived = names(&reader.base.at("tides/inbox"));
    assert!(arrived.len() <= 50, "{}", arrived.len());
    let fits =
        |name: &String| name == "Good.md" || (name.starts_with("flood/") && !name.contains("evil"));
    assert!(arrived.iter().all(fits), "{arrived:?}");
    let outside = names(reader.base.path()).into_iter().filter(|name| {
        !before.contains(name)
            && !name.starts_with("tides/inbox/")
            && !name.starts_with(".handbill/")
    });
    let outside: Vec<String> = outside.filter(|name| name != "log.txt").collect();
    assert!(outside.is_empty(), "{outside:?}");
    let beside = reader.base.path().parent().unwrap();
    assert!(!beside.join("evil.md").exists() && !beside.join("handbill-evil.md").exists());
}

#[test]
#[ignore = "takes seconds"]
fn a_reader_who_forges_is_not_believed_and_garbage_silences_nobody_for_long() {
    let (author, reader) = (Person::new(), Person::new());
    author.run(&["add", "channel", "notes"]);
    author.write("notes/outbox/one.md", "One.");
    let link = author.link("notes");
    reader.run(&["subscribe", &link, "tides"]);
    reader.until_has("tides/inbox/one.md", "One.");
    let link = Link::parse(&link).unwrap();
    let runtime = runtime();
    let mallory = runtime.block_on(Mallory::new());
    let _doc = runtime.block_on(mallory.read(&link));

    // With another secret it is refused; with the true one the same bytes are believed.
    let hash = runtime.block_on(async {
        let tag = mallory.blobs.add_bytes("Forged.").await.unwrap();
        tag.hash
    });
    let other = NamespaceSecret::from_bytes(&[6; 32]);
    runtime.block_on(mallory.shout(&link, put(link.channel, &other, "forged.md\0", hash)));
    let state = author.base.at(".handbill");
    let carried = book::read(&state).unwrap().unwrap().boxes.remove(0);
    let secret = NamespaceSecret::from_bytes(&carried.secret.unwrap().0);
    runtime.block_on(mallory.shout(&link, put(link.channel, &secret, "control.md\0", hash)));
    reader.until_has("tides/inbox/control.md", "Forged.");
    for person in [&author, &reader] {
        let all = names(person.base.path());
        assert!(!all.iter().any(|name| name.ends_with("forged.md")), "{all:?}");
    }

    // One such message ends what the store hears; it is begun anew.
    for _ in 0..3 {
        runtime.block_on(mallory.shout(&link, b"\xff\xff\xff\xff garbage".to_vec()));
    }
    author.write("notes/outbox/two.md", "Two.");
    reader.until_has("tides/inbox/two.md", "Two.");
    // And soon it is quick again.
    std::thread::sleep(Duration::from_secs(12));
    author.write("notes/outbox/three.md", "Three.");
    reader.until_has("tides/inbox/three.md", "Three.");
    assert_eq!(fs::read_to_string(reader.base.at("tides/inbox/one.md")).unwrap(), "One.");
}

#[test]
#[ignore = "takes seconds"]
fn a_clock_that_is_ahead_is_told_and_loses_no_words() {
    let (author, reader) = (Person::new(), Person::new());
    author.run(&["add", "channel", "notes"]);
    author.write("notes/outbox/one.md", "One.");
    let text = author.link("notes");
    reader.run(&["subscribe", &text, "tides"]);
    reader.until_has("tides/inbox/one.md", "One.");
    let link = Link::parse(&text).unwrap();
    let carried = book::read(&author.base.at(".handbill")).unwrap().unwrap().boxes.remove(0);
    let secret = NamespaceSecret::from_bytes(&carried.secret.unwrap().0);
    let runtime = runtime();
    let mallory = runtime.block_on(Mallory::new());
    let _doc = runtime.block_on(mallory.read(&link));
    // Somebody who has the master key writes; his clock is five minutes ahead.
    let hash = runtime.block_on(async { mallory.blobs.add_bytes("Ahead.!").await.unwrap().hash });
    let time = micros() + 300_000_000;
    let message = put_at(link.channel, &secret, "one.md\0", hash, time);
    runtime.block_on(mallory.shout(&link, message));
    author.until_has("notes/outbox/one.md", "Ahead.");
    reader.until_has("tides/inbox/one.md", "Ahead.");
    author.until_listed("clock");
    reader.until_listed("clock");
    // What is written now would count as older than that: it stays here until it does not.
    author.write("notes/outbox/one.md", "One, mended.");
    author.write("notes/outbox/two.md", "Two.");
    reader.until_has("tides/inbox/two.md", "Two.");
    assert_eq!(fs::read_to_string(author.base.at("notes/outbox/one.md")).unwrap(), "One, mended.");
    assert_eq!(fs::read_to_string(reader.base.at("tides/inbox/one.md")).unwrap(), "Ahead.!");
}

#[test]
#[ignore = "takes seconds"]
fn a_channel_that_says_without_end_is_left_and_told_and_the_others_come() {
    let author = Person::new();
    author.run(&["add", "channel", "notes"]);
    author.write("notes/outbox/one.md", "One.");
    let runtime = runtime();
    let mallory = runtime.block_on(Mallory::new());
    let secret = NamespaceSecret::from_bytes(&[8; 32]);
    runtime.block_on(async {
        let doc = mallory.docs.import_namespace(Capability::Write(secret.clone())).await.unwrap();
        let me = mallory.docs.author_default().await.unwrap();
        let hash = mallory.blobs.add_bytes("Flood.").await.unwrap().hash;
        for number in 0..10_100 {
            doc.set_hash(me, format!("{number}.md\0"), hash, 6).await.unwrap();
        }
        doc.start_sync(Vec::new()).await.unwrap();
    });
    let mut reader = Person::resting("files = 10\n");
    let channel = Channel(*secret.id().as_bytes());
    let link = Link { channel, about: About { peers: vec![mallory.peer()], title: String::new() } };
    reader.run(&["subscribe", &link.to_string(), "flood"]);
    reader.run(&["subscribe", &author.link("notes"), "tides"]);
    reader.start();
    reader.until_listed("not followed any more");
    reader.until_has("tides/inbox/one.md", "One.");
    author.write("notes/outbox/two.md", "Two.");
    reader.until_has("tides/inbox/two.md", "Two.");
    assert!(names(&reader.base.at("flood/inbox")).len() <= 10);
}
