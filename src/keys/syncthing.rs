//! What one gives away to share a folder by Syncthing: ids of folders and devices, and a link that
//! holds both.
//!
//! Syncthing has no address of its own for a folder, so the link is ours: `docs/format.md`, section 11.

use std::fmt;

/// What a link begins with.
pub const SCHEME: &str = "syncthing:";
/// How many devices, and how many addresses, a link may name.
const MOST: usize = 8;
/// How many letters a folder's id may have here.
const FOLDER: usize = 64;

/// A device of Syncthing: 56 letters, every 14th of which is a check letter, in groups of seven.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceId(String);

impl DeviceId {
    /// Returns the device, or `None` where a letter is missing or wrong. Small letters, spaces and
    /// the digits that people write for letters are taken as Syncthing takes them
    /// (`lib/protocol/deviceid.go`).
    pub fn parse(text: &str) -> Option<DeviceId> {
        let letters: String = text
            .chars()
            .filter(|c| !matches!(c, '-' | ' '))
            .map(|c| match c.to_ascii_uppercase() {
                '0' => 'O',
                '1' => 'I',
                '8' => 'B',
                c => c,
            })
            .collect();
        if letters.len() != 56 || !letters.bytes().all(super::is_base32) {
            return None;
        }
        let groups = letters.as_bytes().chunks(14);
        let sound = |group: &[u8]| check_letter(&group[..13]) == group[13];
        if !groups.into_iter().all(sound) {
            return None;
        }
        let parts: Vec<&str> = (0..8).map(|n| &letters[n * 7..n * 7 + 7]).collect();
        Some(DeviceId(parts.join("-")))
    }

    /// Returns the id as Syncthing writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the first group, by which people tell devices apart.
    pub fn short(&self) -> &str {
        &self.0[..7]
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns the check letter behind some letters of base32: Luhn mod 32, from the front, as Syncthing
/// reckons it (`lib/protocol/luhn.go`).
fn check_letter(letters: &[u8]) -> u8 {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let value = |letter: &u8| ALPHABET.iter().position(|one| one == letter).unwrap_or(0);
    let sum: usize = letters
        .iter()
        .enumerate()
        .map(|(at, letter)| {
            let doubled = value(letter) * (1 + at % 2);
            doubled / 32 + doubled % 32
        })
        .sum();
    ALPHABET[(32 - sum % 32) % 32]
}

/// The id of a folder in Syncthing, of those that need no escaping anywhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FolderId(String);

impl FolderId {
    /// Returns the id, or `None` where it has other than 1 to 64 letters, digits, `.`, `_` and `-`.
    pub fn parse(text: &str) -> Option<FolderId> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        ((1..=FOLDER).contains(&text.len()) && text.bytes().all(plain))
            .then(|| FolderId(text.to_owned()))
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the id of the folder in which the other side of a conversation answers. Who is given
    /// the link of one side knows by it what both folders are called.
    pub fn answer(&self) -> Option<FolderId> {
        FolderId::parse(&format!("{}-answer", self.0))
    }
}

impl fmt::Display for FolderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A subscribe link: a folder, the devices that have it and, where they are always at the same
/// place, their addresses.
///
/// ```text
/// syncthing:FOLDER@DEVICE,DEVICE?address=tcp://host:22000&address=…
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncthingLink {
    /// The folder.
    pub folder: FolderId,
    /// Who has it; the first one publishes it. Never empty.
    pub devices: Vec<DeviceId>,
    /// Where the first device is found; empty where Syncthing has to find it, as it usually can.
    pub addresses: Vec<String>,
}

/// What is wrong with a subscribe link for Syncthing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadLink {
    /// It is not `syncthing:FOLDER@DEVICE`.
    Form,
    /// A letter of a device is missing or wrong.
    Device,
    /// An address is none of `tcp://` or `quic://` with a port.
    Address,
}

impl fmt::Display for BadLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BadLink::Form => "a link for Syncthing is `syncthing:FOLDER@DEVICE`",
            BadLink::Device => "a letter of the device is missing or wrong: copy the link again",
            BadLink::Address => "an address is `tcp://` or `quic://`, a host and a port",
        })
    }
}

impl std::error::Error for BadLink {}

impl SyncthingLink {
    /// Reads a link, with or without small letters in the devices.
    ///
    /// # Errors
    /// Where it has not the form above.
    pub fn parse(text: &str) -> Result<SyncthingLink, BadLink> {
        let rest = text.trim().strip_prefix(SCHEME).ok_or(BadLink::Form)?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (folder, devices) = path.split_once('@').ok_or(BadLink::Form)?;
        let folder = FolderId::parse(folder).ok_or(BadLink::Form)?;
        let devices =
            devices.split(',').map(|device| DeviceId::parse(device).ok_or(BadLink::Device));
        let devices = devices.collect::<Result<Vec<_>, _>>()?;
        let mut addresses = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let address = pair.strip_prefix("address=").ok_or(BadLink::Form)?;
            addresses.push(device_address(address).ok_or(BadLink::Address)?);
        }
        if devices.len() > MOST || addresses.len() > MOST {
            return Err(BadLink::Form);
        }
        Ok(SyncthingLink { folder, devices, addresses })
    }
}

impl fmt::Display for SyncthingLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let devices: Vec<&str> = self.devices.iter().map(DeviceId::as_str).collect();
        write!(f, "{SCHEME}{}@{}", self.folder, devices.join(","))?;
        for (at, address) in self.addresses.iter().enumerate() {
            write!(f, "{}address={address}", if at == 0 { '?' } else { '&' })?;
        }
        Ok(())
    }
}

/// Returns an address of a device as Syncthing takes it, or `None` where it is none:
/// `tcp://host:port`, with `tcp4`, `tcp6`, `quic`, `quic4` and `quic6` too.
pub fn device_address(text: &str) -> Option<String> {
    let (scheme, place) = text.split_once("://")?;
    if !matches!(scheme, "tcp" | "tcp4" | "tcp6" | "quic" | "quic4" | "quic6") {
        return None;
    }
    let (host, port) = place.rsplit_once(':')?;
    let inner = match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').filter(|ip| ip.contains(':'))?,
        None if host.contains(':') => return None,
        None => host,
    };
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':');
    let sound = (1..=253).contains(&inner.len()) && inner.bytes().all(plain);
    let port = port.parse::<u16>().ok().filter(|port| *port > 0)?;
    sound.then(|| format!("{scheme}://{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The id that Syncthing's own tests use.
    const ID: &str = "P56IOI7-MZJNU2Y-IQGDREY-DM2MGTI-MGL3BXN-PQ6W5BM-TBBZ4TJ-XZWICQ2";

    #[test]
    fn a_device_is_told_by_its_check_letters() {
        let device = DeviceId::parse(ID).unwrap();
        assert_eq!((device.as_str(), device.short()), (ID, "P56IOI7"));
        for same in [
            "P56IOI7MZJNU2YIQGDREYDM2MGTIMGL3BXNPQ6W5BMTBBZ4TJXZWICQ2",
            "p56ioi7-mzjnu2y-iqgdrey-dm2mgti-mgl3bxn-pq6w5bm-tbbz4tj-xzwicq2",
            "P561017-MZJNU2Y-1QGDREY-DM2MGT1-MGL38XN-PQ6W58M-T88Z4TJ-XZW1CQ2",
        ] {
            assert_eq!(DeviceId::parse(same).as_ref(), Some(&device), "{same}");
        }
        // Any one letter that is another is noticed.
        for at in (0..ID.len()).filter(|at| ID.as_bytes()[*at] != b'-') {
            let other = if ID.as_bytes()[at] == b'Q' { "R" } else { "Q" };
            let wrong = format!("{}{other}{}", &ID[..at], &ID[at + 1..]);
            assert_eq!(DeviceId::parse(&wrong), None, "{wrong}");
        }
        assert_eq!(DeviceId::parse(&ID[..62]), None);
        assert_eq!(DeviceId::parse(""), None);
        assert_eq!(DeviceId::parse(&"é".repeat(28)), None);
    }

    #[test]
    fn a_link_is_read_as_it_is_written() {
        for text in [
            format!("syncthing:notes@{ID}"),
            format!("syncthing:notes.a_b-1@{ID},{ID}"),
            format!(
                "syncthing:notes@{ID}?address=tcp://192.0.2.1:22000&address=quic6://[2001:db8::1]:1"
            ),
        ] {
            assert_eq!(SyncthingLink::parse(&text).unwrap().to_string(), text);
        }
        let small = format!(" syncthing:notes@{} ", ID.to_lowercase());
        assert_eq!(
            SyncthingLink::parse(&small).unwrap().to_string(),
            format!("syncthing:notes@{ID}")
        );
    }

    #[test]
    fn what_is_no_link_is_told() {
        let check = |text: String, expected| {
            assert_eq!(SyncthingLink::parse(&text).unwrap_err(), expected, "{text}");
        };
        check("syncthing:notes".into(), BadLink::Form);
        check(format!("syncthing:@{ID}"), BadLink::Form);
        check(format!("syncthing:a b@{ID}"), BadLink::Form);
        check(format!("syncthing:{}@{ID}", "x".repeat(65)), BadLink::Form);
        check(format!("syncthing:n@{ID}?introducer=true"), BadLink::Form);
        check(format!("syncthing:n@{}", [ID; 9].join(",")), BadLink::Form);
        check("syncthing:n@P56IOI7".into(), BadLink::Device);
        check(format!("syncthing:n@{ID},"), BadLink::Device);
        for address in [
            "",
            "tcp://host",
            "http://host:1",
            "tcp://host:0",
            "tcp://a/b:1",
            "tcp://a b:1",
            "tcp://:1",
            "tcp://::1:1",
            "tcp://[x]:1",
            "unix:///x:1",
            "tcp://h:1?x",
        ] {
            check(format!("syncthing:n@{ID}?address={address}"), BadLink::Address);
        }
    }

    #[test]
    fn the_answer_has_a_name_of_its_own() {
        let id = FolderId::parse("talk").unwrap();
        assert_eq!(id.answer().unwrap().as_str(), "talk-answer");
        assert_eq!(FolderId::parse(&"x".repeat(64)).unwrap().answer(), None);
    }
}
