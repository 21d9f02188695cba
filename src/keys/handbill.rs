//! What one gives away to be carried by Handbill itself: links to read by, letters for a
//! conversation, and the master key, which looks like neither.
//!
//! ```text
//! handbill:CHANNEL?peer=DEVICE@ADDRESS,ADDRESS&peer=DEVICE&title=…        read, and pass on
//! handbill-invitation:CHANNEL?peer=…&title=…                              one side of a conversation
//! handbill-answer:CHANNEL?peer=…&to=CHANNEL                               the other side of it
//! handbill-master:SECRET?peer=…                                           write in the author's name
//! ```
//!
//! Channels, devices and secrets are 32 bytes and two that check them, in base32 (RFC 4648, section
//! 6) of small letters. What is checked holds the kind: a secret is never taken for a channel.

use std::fmt;
use std::net::SocketAddr;

/// What a link to read by begins with.
pub const SCHEME: &str = "handbill:";
/// What the first letter of a conversation begins with.
pub const INVITATION: &str = "handbill-invitation:";
/// What the second letter of a conversation begins with.
pub const ANSWER: &str = "handbill-answer:";
/// What a master key begins with.
pub const MASTER: &str = "handbill-master:";

/// How many peers a link may name.
pub const PEERS: usize = 16;
/// How many addresses a peer may have in a link.
pub const ADDRESSES: usize = 8;
/// How long a link may be, in bytes.
const LENGTH: usize = 4096;
/// How long what stands behind the key may be, so that there is room for the key and for whom a letter
/// answers.
const ROOM: usize = LENGTH - 160;
/// How long a title may be, in characters.
const TITLE: usize = 200;
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Where a device is found on the net.
pub type Address = SocketAddr;

/// Reads an address: an IP and a port, as `192.0.2.7:4433` or `[2001:db8::7]:4433`.
pub fn address(text: &str) -> Option<Address> {
    text.parse().ok().filter(is_for_others)
}

/// Returns whether an address says something to another machine: one with a scope means an interface
/// of this one.
fn is_for_others(address: &Address) -> bool {
    let is_plain = match address {
        SocketAddr::V4(_) => true,
        SocketAddr::V6(address) => address.scope_id() == 0 && address.flowinfo() == 0,
    };
    is_plain && address.port() > 0
}

/// Reads the address of a relay: https, and nothing in it that a link does not hold.
pub fn relay(text: &str) -> Option<String> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b".:/-_".contains(&b);
    (text.starts_with("https://") && text.bytes().all(plain)).then(|| text.to_owned())
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 32]);

        impl $name {
            /// Reads it; `None` where a letter is missing or wrong.
            pub fn parse(text: &str) -> Option<$name> {
                decode($kind, text).map($name)
            }

            /// Returns it as text.
            pub fn text(&self) -> String {
                encode($kind, &self.0)
            }
        }
    };
}

id!(
    /// A channel: the public half of its key. Whoever knows it can read.
    Channel,
    b'c'
);
id!(
    /// A device that has a channel.
    Device,
    b'd'
);
id!(
    /// The secret half of the key of a channel. Whoever knows it can write. It is printed by
    /// [`Master`]'s `text` alone.
    Secret,
    b'm'
);

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// A device, with where it is found as far as that is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Peer {
    /// Which.
    pub device: Device,
    /// Its addresses; none where it has to be looked up.
    pub addresses: Vec<Address>,
    /// The relay by which it is reached, an https address.
    pub relay: Option<String>,
}

/// What a link says beside its key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct About {
    /// Who has the channel; the first publishes it.
    pub peers: Vec<Peer>,
    /// What it is called: a stranger's words.
    pub title: String,
}

/// A link to read by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The channel.
    pub channel: Channel,
    /// What else it says.
    pub about: About,
}

/// A letter that begins a conversation, or answers one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The outbox of whoever wrote the letter.
    pub channel: Channel,
    /// The outbox that it answers; none in the first letter.
    pub to: Option<Channel>,
    /// What else it says.
    pub about: About,
}

/// A master key, with who has the channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Master {
    /// The secret.
    pub secret: Secret,
    /// What else it says.
    pub about: About,
}

/// What is wrong with a link or key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadLink {
    /// It does not begin like one, is too long, or holds what no link holds.
    Form,
    /// A letter of the channel is missing or wrong.
    Key,
    /// A letter of a device, or one of its addresses, is missing or wrong.
    Peer,
}

impl fmt::Display for BadLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BadLink::Form => "a link of Handbill is `handbill:CHANNEL?peer=DEVICE`",
            BadLink::Key => "a letter of the channel is missing or wrong: copy the link again",
            BadLink::Peer => {
                "a letter of a device, or its address, is missing or wrong: copy the link again"
            }
        })
    }
}

impl std::error::Error for BadLink {}

impl Link {
    /// Reads a link.
    ///
    /// # Errors
    /// Where it has not the form above.
    pub fn parse(text: &str) -> Result<Link, BadLink> {
        let (key, about, to) = parts(text, SCHEME)?;
        let channel = Channel::parse(key).ok_or(BadLink::Key)?;
        if to.is_some() {
            return Err(BadLink::Form);
        }
        Ok(Link { channel, about })
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}{}", self.channel.text(), query(&self.about, None))
    }
}

impl Letter {
    /// Reads a letter.
    ///
    /// # Errors
    /// Where it has not the form above, or names no device: it is for one alone.
    pub fn parse(text: &str) -> Result<Letter, BadLink> {
        let is_answer = text.trim().starts_with(ANSWER);
        let (key, about, to) = parts(text, if is_answer { ANSWER } else { INVITATION })?;
        let channel = Channel::parse(key).ok_or(BadLink::Key)?;
        if about.peers.is_empty() || to.is_some() != is_answer {
            return Err(BadLink::Form);
        }
        Ok(Letter { channel, to, about })
    }

    /// Returns whether a text is meant as a letter.
    pub fn is_meant(text: &str) -> bool {
        let text = text.trim();
        text.starts_with(INVITATION) || text.starts_with(ANSWER)
    }
}

impl fmt::Display for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = if self.to.is_some() { ANSWER } else { INVITATION };
        write!(f, "{head}{}{}", self.channel.text(), query(&self.about, self.to))
    }
}

impl Master {
    /// Reads a master key.
    ///
    /// # Errors
    /// Where it has not the form above.
    pub fn parse(text: &str) -> Result<Master, BadLink> {
        let (key, about, to) = parts(text, MASTER)?;
        let secret = Secret::parse(key).ok_or(BadLink::Key)?;
        if to.is_some() {
            return Err(BadLink::Form);
        }
        Ok(Master { secret, about })
    }

    /// Returns it as text: for the one who asked for it, and for nobody else.
    pub fn text(&self) -> String {
        format!("{MASTER}{}{}", self.secret.text(), query(&self.about, None))
    }
}

/// Takes a link apart: its key, what it says, and whom it answers.
fn parts<'t>(text: &'t str, head: &str) -> Result<(&'t str, About, Option<Channel>), BadLink> {
    let text = text.trim();
    if text.len() > LENGTH {
        return Err(BadLink::Form);
    }
    let rest = text.strip_prefix(head).ok_or(BadLink::Form)?;
    let (key, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (mut about, mut to) = (About::default(), None);
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "peer" if about.peers.len() < PEERS => {
                about.peers.push(peer(&value).ok_or(BadLink::Peer)?);
            }
            "peer" => return Err(BadLink::Form),
            "title" => about.title = value.chars().take(TITLE).collect(),
            "to" => to = Some(Channel::parse(&value).ok_or(BadLink::Key)?),
            // A later version may say more.
            _ => {}
        }
    }
    Ok((key, about, to))
}

fn peer(text: &str) -> Option<Peer> {
    let (device, places) = text.split_once('@').unwrap_or((text, ""));
    let mut peer = Peer { device: Device::parse(device)?, addresses: Vec::new(), relay: None };
    for place in places.split(',').filter(|place| !place.is_empty()) {
        if place.starts_with("https://") {
            peer.relay = Some(relay(place)?);
        } else if peer.addresses.len() < ADDRESSES {
            peer.addresses.push(address(place)?);
        }
    }
    Some(peer)
}

/// Returns what stands behind the key: no more than is read again.
fn query(about: &About, to: Option<Channel>) -> String {
    let mut out = String::new();
    let mut add = |name: &str, value: &str, room: usize| {
        if out.len() + name.len() + value.len() + 2 > room {
            return false;
        }
        out.push(if out.is_empty() { '?' } else { '&' });
        out.push_str(name);
        out.push('=');
        out.push_str(value);
        true
    };
    for peer in about.peers.iter().take(PEERS) {
        let addresses = peer.addresses.iter().filter(|address| is_for_others(address));
        let places = addresses.take(ADDRESSES).map(ToString::to_string);
        let relay = peer.relay.as_deref().and_then(relay);
        let places: Vec<String> = relay.into_iter().chain(places).collect();
        let at = if places.is_empty() { "" } else { "@" };
        add("peer", &format!("{}{at}{}", peer.device.text(), places.join(",")), ROOM);
    }
    if let Some(to) = to {
        add("to", &to.text(), LENGTH);
    }
    let mut title: String = about.title.chars().take(TITLE).collect();
    while !title.is_empty() {
        let text: String = url::form_urlencoded::byte_serialize(title.as_bytes()).collect();
        if add("title", &text.replace('+', "%20"), ROOM) {
            break;
        }
        title.pop();
    }
    out
}

/// How many letters a channel, a device or a secret has: 34 bytes in base32.
pub const LETTERS: usize = 55;

fn check(kind: u8, bytes: &[u8; 32]) -> [u8; 2] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[kind]).update(bytes);
    let hash = hasher.finalize();
    [hash.as_bytes()[0], hash.as_bytes()[1]]
}

fn encode(kind: u8, bytes: &[u8; 32]) -> String {
    let (mut out, mut held, mut bits) = (String::with_capacity(LETTERS), 0_u32, 0);
    for byte in bytes.iter().chain(&check(kind, bytes)) {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(char::from(ALPHABET[(held >> bits & 31) as usize]));
        }
        held &= (1 << bits) - 1;
    }
    out.push(char::from(ALPHABET[(held << (5 - bits) & 31) as usize]));
    out
}

fn decode(kind: u8, text: &str) -> Option<[u8; 32]> {
    if text.len() != LETTERS {
        return None;
    }
    let (mut bytes, mut held, mut bits) = (Vec::with_capacity(34), 0_u32, 0);
    for letter in text.bytes() {
        let letter = letter.to_ascii_lowercase();
        let value = ALPHABET.iter().position(|one| *one == letter)?;
        held = held << 5 | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 255).ok()?);
        }
        held &= (1 << bits) - 1;
    }
    let (key, sum) = bytes.split_at_checked(32)?;
    let key: [u8; 32] = key.try_into().ok()?;
    // The last letter has bits that say nothing: one text a key.
    (held == 0 && sum == check(kind, &key)).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u8) -> [u8; 32] {
        std::array::from_fn(|at| u8::try_from(at).unwrap().wrapping_mul(31) ^ n)
    }

    fn about() -> About {
        let peers = vec![
            Peer {
                device: Device(key(2)),
                addresses: vec![address("192.0.2.7:4433").unwrap(), address("[::1]:1").unwrap()],
                relay: Some("https://relay.example.org/".into()),
            },
            Peer { device: Device(key(3)), addresses: Vec::new(), relay: None },
        ];
        About { peers, title: "Tide & more?".into() }
    }

    #[test]
    fn what_is_printed_is_read() {
        let link = Link { channel: Channel(key(1)), about: about() };
        let text = link.to_string();
        assert!(text.starts_with("handbill:") && text.contains("title=Tide%20%26%20more%3F"));
        assert_eq!(Link::parse(&format!(" {text}\n")), Ok(link));
        let master = Master { secret: Secret(key(9)), about: about() };
        assert_eq!(Master::parse(&master.text()), Ok(master));
        for to in [None, Some(Channel(key(5)))] {
            let letter = Letter { channel: Channel(key(1)), to, about: about() };
            assert!(Letter::is_meant(&letter.to_string()));
            assert_eq!(Letter::parse(&letter.to_string()), Ok(letter));
        }
        let plain = Link { channel: Channel(key(1)), about: About::default() };
        assert_eq!(plain.to_string().len(), SCHEME.len() + LETTERS);
        assert_eq!(Link::parse(&plain.to_string()), Ok(plain));
    }

    #[test]
    fn one_kind_is_not_taken_for_another() {
        let secret = Secret(key(1)).text();
        assert_eq!(Channel::parse(&secret), None);
        assert_eq!(Link::parse(&format!("{SCHEME}{secret}")), Err(BadLink::Key));
        let master = Master { secret: Secret(key(1)), about: About::default() };
        assert_eq!(Link::parse(&master.text()), Err(BadLink::Form));
        assert!(!format!("{master:?}").contains(&secret));
        let letter = Letter { channel: Channel(key(1)), to: None, about: about() };
        assert_eq!(Link::parse(&letter.to_string()), Err(BadLink::Form));
        let alone = format!("{INVITATION}{}", Channel(key(1)).text());
        assert_eq!(Letter::parse(&alone), Err(BadLink::Form));
    }

    #[test]
    fn a_wrong_letter_is_noticed() {
        let text = Channel(key(1)).text();
        for at in 0..text.len() {
            for wrong in ["a", "7", "1", "_"] {
                if text[at..=at] != *wrong {
                    let mut bad = text.clone();
                    bad.replace_range(at..=at, wrong);
                    assert_eq!(Channel::parse(&bad), None, "{bad}");
                }
            }
        }
        assert_eq!(Channel::parse(&text.to_uppercase()), Some(Channel(key(1))));
        assert_eq!(Channel::parse(&text[1..]), None);
    }

    #[test]
    fn what_would_not_be_read_is_not_printed() {
        let scoped =
            SocketAddr::V6(std::net::SocketAddrV6::new(std::net::Ipv6Addr::LOCALHOST, 1, 0, 3));
        assert_eq!((address("[fe80::1%3]:1"), address("[fe80::1]:1").is_some()), (None, true));
        let bad = Peer {
            device: Device(key(2)),
            addresses: vec![scoped],
            relay: Some("http://relay.example.org/".into()),
        };
        let about = About { peers: vec![bad], title: String::new() };
        let link = Link { channel: Channel(key(1)), about };
        let bare = Peer { device: Device(key(2)), addresses: Vec::new(), relay: None };
        assert_eq!(Link::parse(&link.to_string()).unwrap().about.peers, [bare]);

        let far =
            (0..8).map(|n| address(&format!("[2001:db8:1111:2222:3333:4444:5555:{n}]:65535")));
        let addresses: Vec<Address> = far.flatten().collect();
        let peers = (0..16).map(|n| Peer {
            device: Device(key(n)),
            addresses: addresses.clone(),
            relay: None,
        });
        let about = About { peers: peers.collect(), title: "\u{6f6e}".repeat(TITLE) };
        let link = Link { channel: Channel(key(1)), about };
        let read = Link::parse(&link.to_string()).unwrap();
        assert!(link.about.peers.starts_with(&read.about.peers) && read.about.peers.len() > 5);
        assert!(link.about.title.starts_with(&read.about.title));
        let letter =
            Letter { channel: Channel(key(1)), to: Some(Channel(key(5))), about: link.about };
        assert_eq!(Letter::parse(&letter.to_string()).unwrap().to, letter.to);
    }

    #[test]
    fn hostile_links_are_refused() {
        let channel = Channel(key(1)).text();
        let device = Device(key(2)).text();
        for query in [
            "peer=x".to_owned(),
            format!("peer={device}@localhost:1"),
            format!("peer={device}@192.0.2.7:0"),
            format!("peer={device}@[fe80::1%3]:1"),
            format!("peer={device}@[fe80::1%253]:1"),
            format!("peer={device}@http://relay.example.org/"),
            format!("peer={device}@https://a b/"),
            format!("peer={device}&").repeat(PEERS + 1),
            format!("title={}", "x".repeat(LENGTH)),
        ] {
            assert!(Link::parse(&format!("{SCHEME}{channel}?{query}")).is_err(), "{query}");
        }
    }
}
