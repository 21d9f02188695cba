//! Finds the Syncthing of this machine by its settings (docs.syncthing.net/users/config.html).

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// Where Syncthing's settings may lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Home {
    /// In this folder.
    At(PathBuf),
    /// In one of these, the first that has them.
    Usual(Vec<PathBuf>),
}

impl Home {
    /// Returns the folder that was given, else that of `STHOMEDIR` or `STCONFDIR`, else the usual
    /// ones of the system.
    pub fn of(given: Option<&Path>) -> Home {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let named = || variable("STHOMEDIR").or_else(|| variable("STCONFDIR")).map(PathBuf::from);
        if let Some(folder) = given.map(Path::to_owned).or_else(named) {
            return Home::At(folder);
        }
        let folder = |name, below: &[&str]| {
            let mut folder = PathBuf::from(variable(name)?);
            folder.extend(below);
            Some(folder)
        };
        let places = if cfg!(windows) {
            vec![folder("LOCALAPPDATA", &["Syncthing"])]
        } else if cfg!(target_os = "macos") {
            vec![folder("HOME", &["Library", "Application Support", "Syncthing"])]
        } else {
            // The first is that of new installations since 1.27.
            vec![
                folder("XDG_STATE_HOME", &["syncthing"]),
                folder("HOME", &[".local", "state", "syncthing"]),
                folder("XDG_CONFIG_HOME", &["syncthing"]),
                folder("HOME", &[".config", "syncthing"]),
            ]
        };
        Home::Usual(places.into_iter().flatten().collect())
    }

    fn folders(&self) -> &[PathBuf] {
        match self {
            Home::At(folder) => std::slice::from_ref(folder),
            Home::Usual(folders) => folders,
        }
    }
}

/// Where Syncthing listens, and the key that it wants.
#[derive(Clone, PartialEq, Eq)]
pub struct Door {
    /// The address, on this machine.
    pub address: SocketAddr,
    /// The key: it opens everything, and is told to nobody.
    pub(super) key: String,
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Door({})", self.address)
    }
}

/// Why there is no Syncthing that can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotFound {
    /// There are no settings of it.
    Nowhere,
    /// Its settings cannot be read: the file, and what was said.
    Unreadable(PathBuf, String),
    /// Its interface is switched off.
    Off,
    /// Its interface speaks TLS, with a certificate that nobody has signed.
    Tls,
    /// It listens on a socket file.
    Socket,
    /// It listens at an address that is not of this machine.
    Elsewhere(String),
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotFound::Nowhere => f.write_str(
                "there are no settings of Syncthing here: install and start it (syncthing.net), or say \
                 by `STHOMEDIR` where they are (for a command with `--via` by `--home DIR` too)",
            ),
            NotFound::Unreadable(path, why) => {
                write!(f, "the settings of Syncthing cannot be read: `{}`: {why}", path.display())
            }
            NotFound::Off => f.write_str(
                "Syncthing runs without its web page: switch it on (`gui enabled` in its config.xml)",
            ),
            NotFound::Tls => f.write_str(
                "Syncthing's web page is set to HTTPS, with a certificate that nobody can check: take \
                 the mark off `Use HTTPS for GUI` in its settings; it is reached from this machine only",
            ),
            NotFound::Socket => f.write_str(
                "Syncthing's web page is at a socket file: set its listen address to `127.0.0.1:8384`",
            ),
            NotFound::Elsewhere(address) => write!(
                f,
                "Syncthing's web page is at `{address}`, which is not this machine, and its key would \
                 travel in the open: set its listen address to `127.0.0.1:8384`"
            ),
        }
    }
}

impl std::error::Error for NotFound {}

/// Settings larger than this are none.
const MOST: u64 = 16 << 20;

/// Finds where the Syncthing of this machine listens. Whether it runs is not looked at.
///
/// # Errors
/// Where there are no settings, or it could not be asked safely.
pub fn find(home: &Home) -> Result<Door, NotFound> {
    let (file, text) = settings(home)?;
    let wrong = |why: String| NotFound::Unreadable(file.clone(), why);
    let gui = read(&text).ok_or_else(|| wrong("it has no `gui` element".into()))?;
    gui.door().and_then(|door| door.ok_or_else(|| wrong("it has no key for programs".into())))
}

/// Returns where the folders lie that the settings name, whether Syncthing runs or not; none where
/// they cannot be read.
pub fn folders(home: &Home) -> Vec<PathBuf> {
    let Ok((_, text)) = settings(home) else { return Vec::new() };
    let mut reader = Reader::from_str(&text);
    let (mut depth, mut found) = (0_usize, Vec::new());
    let mut take = |tag: &BytesStart<'_>, depth: usize| {
        if depth != 1 || tag.name().as_ref() != b"folder" {
            return;
        }
        let path = tag.try_get_attribute("path").ok().flatten();
        let text = path.and_then(|path| String::from_utf8(path.value.into_owned()).ok());
        let text = text.as_deref().and_then(|text| quick_xml::escape::unescape(text).ok());
        found.extend(text.map(|text| expanded(&text)));
    };
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                take(&tag, depth);
                depth += 1;
            }
            Ok(Event::Empty(tag)) => take(&tag, depth),
            Ok(Event::End(_)) => depth = depth.saturating_sub(1),
            Ok(Event::Eof) | Err(_) => return found,
            Ok(_) => {}
        }
    }
}

/// Returns a path with the home folder in the place of `~`, as Syncthing reads it.
pub(super) fn expanded(path: &str) -> PathBuf {
    let home = || std::env::var_os("HOME").map(PathBuf::from);
    match path.strip_prefix('~').zip(home()) {
        Some((rest, home)) if rest.is_empty() || rest.starts_with('/') => {
            home.join(rest.trim_start_matches('/'))
        }
        _ => PathBuf::from(path),
    }
}

/// Reads the settings; returns also their file.
fn settings(home: &Home) -> Result<(PathBuf, String), NotFound> {
    let files = home.folders().iter().map(|folder| folder.join("config.xml"));
    let file = files.into_iter().find(|file| file.is_file()).ok_or(NotFound::Nowhere)?;
    let wrong = |why: String| NotFound::Unreadable(file.clone(), why);
    let size = std::fs::metadata(&file).map_err(|error| wrong(error.to_string()))?.len();
    if size > MOST {
        return Err(wrong("it is too large".into()));
    }
    let text = std::fs::read_to_string(&file).map_err(|error| wrong(error.to_string()))?;
    Ok((file, text))
}

/// What the settings say of the web page.
#[derive(Debug, Default)]
struct Gui {
    enabled: bool,
    tls: bool,
    address: String,
    key: String,
}

impl Gui {
    fn door(self) -> Result<Option<Door>, NotFound> {
        if !self.enabled {
            return Err(NotFound::Off);
        }
        if self.address.starts_with('/') || self.address.starts_with("unix") {
            return Err(NotFound::Socket);
        }
        if self.tls {
            return Err(NotFound::Tls);
        }
        let address = local(&self.address).ok_or(NotFound::Elsewhere(self.address))?;
        // It becomes a header.
        let sound = !self.key.is_empty() && self.key.bytes().all(|b| b.is_ascii_graphic());
        Ok(sound.then_some(Door { address, key: self.key }))
    }
}

/// Returns the address on this machine that is meant: who listens everywhere listens here too.
fn local(text: &str) -> Option<SocketAddr> {
    let (host, port) = text.rsplit_once(':')?;
    let port = port.parse().ok()?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let ip = match host {
        "" | "localhost" => IpAddr::V4(Ipv4Addr::LOCALHOST),
        _ => host.parse::<IpAddr>().ok()?,
    };
    let ip = match ip {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    ip.is_loopback().then_some(SocketAddr::new(ip, port))
}

/// Reads `configuration/gui`; nothing where the text holds none.
fn read(text: &str) -> Option<Gui> {
    let mut reader = Reader::from_str(text);
    let (mut depth, mut gui) = (0_usize, None::<Gui>);
    let mut open = String::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                depth += 1;
                let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
                if depth == 2 && name == "gui" {
                    gui = Some(begun(&tag));
                }
                open = if gui.is_some() && depth == 3 { name } else { String::new() };
            }
            Event::Text(text) => {
                let text = text.decode().ok()?.trim().to_owned();
                match (open.as_str(), gui.as_mut()) {
                    ("address", Some(gui)) => gui.address = text,
                    ("apikey", Some(gui)) => gui.key = text,
                    _ => {}
                }
            }
            Event::End(_) => {
                depth = depth.checked_sub(1)?;
                open.clear();
                if depth == 1 && gui.is_some() {
                    return gui;
                }
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

fn begun(tag: &BytesStart<'_>) -> Gui {
    let is = |name: &str| {
        tag.try_get_attribute(name).ok().flatten().map(|value| &*value.value == b"true")
    };
    Gui { enabled: is("enabled") != Some(false), tls: is("tls") == Some(true), ..Gui::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(attributes: &str, address: &str) -> String {
        format!(
            "<configuration version=\"35\">\n<folder id=\"x\"><address>1.2.3.4:5</address></folder>\n\
             <gui {attributes}>\n <address>{address}</address>\n <apikey>s3cr3t</apikey>\n \
             <theme>default</theme>\n</gui><options><apikey>no</apikey></options></configuration>"
        )
    }

    fn check(attributes: &str, address: &str) -> Result<String, NotFound> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.xml"), settings(attributes, address)).unwrap();
        let door = find(&Home::At(folder.path().to_owned()))?;
        assert_eq!(door.key, "s3cr3t");
        assert!(!format!("{door:?}").contains("s3cr3t"));
        Ok(door.address.to_string())
    }

    #[test]
    fn the_door_is_on_this_machine() {
        let on = "enabled=\"true\" tls=\"false\"";
        for (address, expected) in [
            ("127.0.0.1:8384", "127.0.0.1:8384"),
            ("localhost:80", "127.0.0.1:80"),
            (":8384", "127.0.0.1:8384"),
            ("0.0.0.0:8384", "127.0.0.1:8384"),
            ("[::]:8384", "[::1]:8384"),
            ("[::1]:1", "[::1]:1"),
        ] {
            assert_eq!(check(on, address).as_deref(), Ok(expected));
        }
        for address in ["192.0.2.1:8384", "nas.example:8384", "8384", ""] {
            assert_eq!(check(on, address), Err(NotFound::Elsewhere(address.into())));
        }
        assert_eq!(check(on, "/run/st.sock"), Err(NotFound::Socket));
        assert_eq!(check("enabled=\"true\" tls=\"true\"", "127.0.0.1:1"), Err(NotFound::Tls));
        assert_eq!(check("enabled=\"false\"", "127.0.0.1:1"), Err(NotFound::Off));
    }

    #[test]
    fn the_folders_are_told_without_asking() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::At(folder.path().to_owned());
        assert!(folders(&home).is_empty());
        let text = "<configuration><folder id=\"a\" path=\"/b/notes &amp; more/outbox\"><device id=\"x\"/>\
                    <folder path=\"/no\"/></folder><folder path=\"/c\"/><defaults><folder path=\"~\"/>\
                    </defaults></configuration>";
        std::fs::write(folder.path().join("config.xml"), text).unwrap();
        let found = folders(&home);
        assert_eq!(found, [Path::new("/b/notes & more/outbox"), Path::new("/c")]);
        std::fs::write(folder.path().join("config.xml"), "</a>").unwrap();
        assert!(folders(&home).is_empty());
    }

    #[test]
    fn what_is_no_settings_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::At(folder.path().to_owned());
        assert_eq!(find(&home), Err(NotFound::Nowhere));
        for text in [
            "",
            "<configuration/>",
            "<configuration><gui>",
            "x",
            "</a></b>",
            "<gui><apikey>x</apikey></gui>",
        ] {
            std::fs::write(folder.path().join("config.xml"), text).unwrap();
            assert!(matches!(find(&home), Err(NotFound::Unreadable(..))), "{text}");
        }
    }
}
