//! A way to subscribe, from what one was given: told by its form.

use super::Subscribe;
use crate::keys::handbill::{self, Letter, Link};
use crate::keys::syncthing::{BadLink, SyncthingLink};
use crate::keys::{self, KeyKind};
use crate::web::WebUrl;
use std::fmt;

/// Why something is no way to subscribe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoWay {
    /// It lets its holder write. It is not part of this, so that it is printed nowhere.
    Writing,
    /// It lets its holder store and not read.
    Encrypted,
    /// It works once, for one person.
    Once,
    /// It is an address with what one logs in by, which is a secret.
    Login,
    /// It is for Syncthing, and something is wrong with it.
    Syncthing(BadLink),
    /// It is for Handbill, and something is wrong with it.
    Handbill(handbill::BadLink),
    /// It is a letter of a conversation, which is for one alone.
    Letter,
    /// It is said to be for this tool, and has none of its forms.
    NotOf(&'static str),
    /// It is an address on the web, and nothing tells by which tool it is used.
    Tool,
    /// It has no form that is known.
    Unknown,
}

impl fmt::Display for NoWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoWay::Writing => f.write_str(
                "this key lets its holder write in somebody's name: give away and take the read-only \
                 key alone",
            ),
            NoWay::Encrypted => {
                f.write_str("with this key one can store the folder and not read it")
            }
            NoWay::Once => f.write_str("this key works once only: take the read-only key"),
            NoWay::Login => f.write_str(
                "this address holds a name or password to log in by, which everybody would see: leave it \
                 out",
            ),
            NoWay::Syncthing(why) => why.fmt(f),
            NoWay::Handbill(why) => why.fmt(f),
            NoWay::Letter => f.write_str(
                "this is a letter of a conversation, for one alone: `handbill converse LETTER NAME` \
                 takes it",
            ),
            NoWay::NotOf(tool) => write!(f, "this is no key and no link of {tool}"),
            NoWay::Tool => f.write_str("this address does not tell by which tool it is used"),
            NoWay::Unknown => f.write_str(
                "this is no read-only key of Resilio, no link of Resilio or Syncthing, and no address",
            ),
        }
    }
}

impl std::error::Error for NoWay {}

/// The tools whose ways have a form that is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// Resilio Sync, or BitTorrent Sync.
    Resilio,
    /// Syncthing.
    Syncthing,
    /// Handbill itself.
    Handbill,
    /// Any other.
    Other,
}

impl Tool {
    /// Returns the tool of a name.
    pub fn of(name: &str) -> Tool {
        match &*name.trim().to_lowercase() {
            "resilio" | "resilio sync" | "bittorrent sync" | "btsync" => Tool::Resilio,
            "syncthing" => Tool::Syncthing,
            "handbill" => Tool::Handbill,
            _ => Tool::Other,
        }
    }
}

/// Where the links of Resilio lead.
const RESILIO: &[&str] = &["https://link.resilio.com/#", "https://link.getsync.com/#"];
/// Schemes of addresses by the tool that uses them.
const SCHEMES: &[(&str, &str)] = &[("git://", "git"), ("rsync://", "rsync")];

impl Subscribe {
    /// Returns the way to subscribe that a key or link stands for. `tool` says for which tool it is
    /// where its form does not.
    ///
    /// Forms: a read-only key of Resilio, bare or as `btsync://KEY?n=NAME`; a link of Resilio;
    /// `syncthing:FOLDER@DEVICE`; `handbill:CHANNEL`; an address of git (by ssh too), rsync or Dropbox; any other http(s) address
    /// with `tool`.
    ///
    /// # Errors
    /// Where it must not be given away, or has none of these forms.
    pub fn given(text: &str, tool: Option<&str>) -> Result<Subscribe, NoWay> {
        // What is meant for another place may have been given for the tool.
        if tool.is_some_and(keys::holds_writing_key) {
            return Err(NoWay::Writing);
        }
        let (text, named) = (text.trim(), tool.map_or(Tool::Other, Tool::of));
        let wanted = match named {
            Tool::Resilio => "Resilio Sync",
            Tool::Syncthing => "Syncthing",
            Tool::Handbill => "Handbill",
            Tool::Other => return Subscribe::by_form(text, tool),
        };
        match Subscribe::by_form(text, None) {
            Ok(way) if way.tool() == named => Ok(way),
            Ok(_) | Err(NoWay::Tool | NoWay::Unknown) => Err(NoWay::NotOf(wanted)),
            Err(why) => Err(why),
        }
    }

    fn by_form(text: &str, tool: Option<&str>) -> Result<Subscribe, NoWay> {
        if keys::holds_writing_key(text) || keys::kind_of(text) == Some(KeyKind::Writing) {
            return Err(NoWay::Writing);
        }
        if text.starts_with(keys::syncthing::SCHEME) {
            let link = SyncthingLink::parse(text).map_err(NoWay::Syncthing)?;
            return Ok(way("syncthing", None, Some(link.to_string())));
        }
        if Letter::is_meant(text) {
            return Err(NoWay::Letter);
        }
        if text.starts_with(handbill::SCHEME) {
            let link = Link::parse(text).map_err(NoWay::Handbill)?;
            return Ok(way("handbill", None, Some(link.to_string())));
        }
        let bare = ["btsync://", "rslsync://"].iter().find_map(|scheme| text.strip_prefix(scheme));
        let bare = bare.map_or(text, |rest| rest.split('?').next().unwrap_or(rest));
        let key = bare.to_ascii_uppercase();
        match keys::kind_of(&key) {
            Some(KeyKind::Writing) => return Err(NoWay::Writing),
            Some(KeyKind::Encrypted) => return Err(NoWay::Encrypted),
            Some(KeyKind::ReadOnly) if key.starts_with('C') => return Err(NoWay::Once),
            Some(KeyKind::ReadOnly) => return Ok(way("resilio", Some(key), None)),
            None => {}
        }
        // A link is shown, and typed into a terminal.
        let is_plain = text.bytes().all(|b| b.is_ascii_graphic());
        if RESILIO.iter().any(|head| text.starts_with(head)) && is_plain {
            return Ok(way("resilio", None, Some(text.to_owned())));
        }
        if has_login(text) {
            return Err(NoWay::Login);
        }
        if is_by_ssh(text) {
            return Ok(way(tool.unwrap_or("git"), None, Some(text.to_owned())));
        }
        if let Some((_, tool)) = SCHEMES.iter().find(|(scheme, _)| text.starts_with(scheme)) {
            return is_plain.then(|| way(tool, None, Some(text.to_owned()))).ok_or(NoWay::Unknown);
        }
        let url = WebUrl::parse(text).ok_or(NoWay::Unknown)?;
        let tool = tool.or_else(|| tool_of(&url)).ok_or(NoWay::Tool)?;
        let link = url.to_string();
        let is_plain = link.bytes().all(|b| b.is_ascii_graphic());
        is_plain.then(|| way(tool, None, Some(link))).ok_or(NoWay::Unknown)
    }

    /// Returns the tool.
    pub fn tool(&self) -> Tool {
        Tool::of(&self.transport)
    }

    /// Returns the tool's name for people: as it writes itself, else as it stands there.
    pub fn tool_name(&self) -> &str {
        match (self.tool(), &*self.transport.to_lowercase()) {
            (Tool::Resilio, _) => "Resilio Sync",
            (Tool::Syncthing, _) => "Syncthing",
            (Tool::Handbill, _) => "Handbill",
            (Tool::Other, "dropbox") => "Dropbox",
            (Tool::Other, _) => &self.transport,
        }
    }

    /// Returns the link for Syncthing, where it is one.
    pub fn syncthing(&self) -> Option<SyncthingLink> {
        self.link.as_deref().and_then(|link| SyncthingLink::parse(link).ok())
    }

    /// Returns the link for Handbill, where it is one.
    pub fn handbill(&self) -> Option<Link> {
        self.link.as_deref().and_then(|link| Link::parse(link).ok())
    }

    /// Returns the text that another program takes in one go: what a QR code holds. A key of Resilio
    /// becomes the address that its app opens, with a name for the folder.
    pub fn scanned(&self, name: &str) -> Option<String> {
        if let Some(link) = &self.link {
            return Some(link.clone());
        }
        let key = self.key.as_deref()?;
        if self.tool() != Tool::Resilio || keys::kind_of(key).is_none() {
            return Some(key.to_owned());
        }
        let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
        Some(format!("btsync://{key}?n={}", name.replace('+', "%20")))
    }

    /// Returns the key or the link, as one gives it away by hand.
    pub fn text(&self) -> &str {
        self.key.as_deref().or(self.link.as_deref()).unwrap_or_default()
    }
}

/// Returns whether an address holds what one logs in by: a password, and on the web a name too, for
/// hosts take a secret in its place.
pub(super) fn has_login(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let host = rest.split(['/', '\\', '?', '#']).next().unwrap_or(rest);
    let login = host.rsplit_once('@').map(|(login, _)| login);
    let web = scheme.to_ascii_lowercase().starts_with("http");
    login.is_some_and(|login| web || login.contains(':'))
}

/// Returns whether a text is an address that git reaches by ssh: `ssh://HOST/PATH`, with `USER@` or
/// without, or `USER@HOST:PATH`. Nothing in it may be taken for an option.
pub(super) fn is_by_ssh(text: &str) -> bool {
    let word = |text: &str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.bytes().all(plain)
    };
    let path = |text: &str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._~/+-".contains(&b);
        !text.is_empty() && !text.starts_with('-') && text.bytes().all(plain)
    };
    if let Some(rest) = text.strip_prefix("ssh://") {
        let Some((host, rest)) = rest.split_once('/') else { return false };
        let (user, host) = host.split_once('@').unwrap_or(("git", host));
        let (host, port) = host.split_once(':').unwrap_or((host, "22"));
        return word(user) && word(host) && port.parse::<u16>().is_ok() && path(rest);
    }
    let scp = || {
        let (user, rest) = text.split_once('@')?;
        let (host, rest) = rest.split_once(':')?;
        Some(word(user) && word(host) && path(rest))
    };
    scp().unwrap_or(false)
}

/// Returns a key or link on one line: one of Syncthing or Handbill in full, for with those who have a
/// folder it may be longer than other lines are.
pub(super) fn on_one_line(text: &str) -> String {
    let text = text.trim();
    if let Ok(link) = SyncthingLink::parse(text) {
        return link.to_string();
    }
    Link::parse(text).map_or_else(|_| crate::text::clean_line(text), |link| link.to_string())
}

fn way(transport: &str, key: Option<String>, link: Option<String>) -> Subscribe {
    Subscribe { transport: transport.to_owned(), key, link }
}

fn tool_of(url: &WebUrl) -> Option<&'static str> {
    let host = url.host();
    match () {
        () if url.path().ends_with(".git") => Some("git"),
        () if host == "dropbox.com" || host.ends_with(".dropbox.com") => Some("dropbox"),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3";
    const DEVICE: &str = "P56IOI7-MZJNU2Y-IQGDREY-DM2MGTI-MGL3BXN-PQ6W5BM-TBBZ4TJ-XZWICQ2";

    #[track_caller]
    fn check(text: &str, tool: Option<&str>, expected: &Result<(&str, &str), NoWay>) {
        let made = Subscribe::given(text, tool);
        let made = made.as_ref().map(|way| (&*way.transport, way.text())).map_err(Clone::clone);
        assert_eq!(&made, expected, "{text}");
    }

    #[test]
    fn what_is_given_is_told_by_its_form() {
        let key = format!("B{BODY}");
        check(&key, None, &Ok(("resilio", &key)));
        check(&format!(" {} ", key.to_lowercase()), None, &Ok(("resilio", &key)));
        check(&format!("btsync://{key}?n=Tide"), None, &Ok(("resilio", &key)));
        check(&format!("R{BODY}"), None, &Ok(("resilio", &format!("R{BODY}"))));
        let link = format!("syncthing:notes@{DEVICE}");
        check(&link, None, &Ok(("syncthing", &link)));
        let link = format!("https://link.resilio.com/#f=n&t=1&s={BODY}&v=2.5");
        check(&link, None, &Ok(("resilio", &link)));
        let git = "https://example.org/notes.git";
        check(git, None, &Ok(("git", git)));
        check("rsync://example.org/notes", None, &Ok(("rsync", "rsync://example.org/notes")));
        let shared = "https://www.dropbox.com/scl/fo/x";
        check(shared, None, &Ok(("dropbox", shared)));
        for by_ssh in ["git@example.org:odo/notes.git", "ssh://git@example.org:2222/notes"] {
            check(by_ssh, None, &Ok(("git", by_ssh)));
        }
        check("https://example.org/x", Some("webdav"), &Ok(("webdav", "https://example.org/x")));
    }

    #[test]
    fn what_must_not_be_given_away_is_refused() {
        for text in [
            format!("A{BODY}"),
            format!("D{BODY}"),
            format!("a{BODY}").to_lowercase(),
            format!("btsync://A{BODY}?n=x"),
            format!("https://example.org/?key=D{BODY}"),
            "handbill-master:s3cr3t".to_owned(),
            "handbill-master:".to_owned(),
        ] {
            check(&text, Some("x"), &Err(NoWay::Writing));
        }
        check(&format!("F{BODY}"), None, &Err(NoWay::Encrypted));
        check(&format!("C{BODY}"), None, &Err(NoWay::Once));
        for text in [
            "https://odo:hunter2@example.org/notes.git",
            "HTTPS://t0ken@example.org/notes.git",
            "rsync://odo:hunter2@example.org/notes",
            "ssh://odo:hunter2@example.org/notes",
        ] {
            check(text, Some("git"), &Err(NoWay::Login));
        }
        for text in
            ["-oProxyCommand=x@h:p", "ssh://-oProxyCommand=x/p", "a@-h:p", "a@h:-p", "a@h:$(id)"]
        {
            check(text, Some("git"), &Err(NoWay::Unknown));
        }
        check(
            "https://example.org/@odo/notes.git",
            None,
            &Ok(("git", "https://example.org/@odo/notes.git")),
        );
        check("https://example.org/x", None, &Err(NoWay::Tool));
        for tool in [format!("A{BODY}"), format!("x d{BODY}").to_lowercase()] {
            check("https://example.org/x", Some(&tool), &Err(NoWay::Writing));
        }
        for escape in ["https://link.resilio.com/#f=\u{1b}[31m", "https://link.resilio.com/#a b"] {
            assert!(Subscribe::given(escape, None).is_err(), "{escape}");
        }
        check(
            &format!("syncthing:n@{}", &DEVICE[..50]),
            None,
            &Err(NoWay::Syncthing(BadLink::Device)),
        );
        for text in ["", "B123", "javascript:x", "rsync://a b", "file:///etc/passwd", "notes"] {
            check(text, None, &Err(NoWay::Unknown));
        }
    }

    #[test]
    fn a_tool_with_a_form_of_its_own_takes_no_other() {
        let key = format!("B{BODY}");
        let link = format!("syncthing:notes@{DEVICE}");
        check(&key, Some("Resilio Sync"), &Ok(("resilio", &key)));
        check(&link, Some("syncthing"), &Ok(("syncthing", &link)));
        let git = "https://example.org/notes.git";
        for other in [&*key, git, "https://example.org/x", "git@example.org:odo/notes.git"] {
            check(other, Some("syncthing"), &Err(NoWay::NotOf("Syncthing")));
        }
        for other in [&*link, git, "https://example.org/x"] {
            check(other, Some("resilio"), &Err(NoWay::NotOf("Resilio Sync")));
        }
        check(git, Some("gitea"), &Ok(("gitea", git)));
    }

    #[test]
    fn a_scan_opens_what_reads_it() {
        let scanned = |text: &str| Subscribe::given(text, None).unwrap().scanned("Tide & more");
        let key = format!("B{BODY}");
        assert_eq!(scanned(&key).unwrap(), format!("btsync://{key}?n=Tide%20%26%20more"));
        let link = format!("syncthing:notes@{DEVICE}");
        assert_eq!(scanned(&link).unwrap(), link);
    }
}
