//! A Syncthing that is none: it answers as Syncthing does, remembers what it was asked, and can be
//! told to fail.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tempfile::TempDir;

/// The key that it wants. It must be found nowhere else.
pub const KEY: &str = "k3y-of-the-fake-syncthing";
/// Ids of devices, with their check letters.
pub const OWN: &str = "P56IOI7-MZJNU2Y-IQGDREY-DM2MGTI-MGL3BXN-PQ6W5BM-TBBZ4TJ-XZWICQ2";

/// Returns the id of some device.
pub fn device(n: u8) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let group: Vec<usize> = (0..13).map(|at| (usize::from(n) * 7 + at * 5) % 32).collect();
    let sum: usize = group
        .iter()
        .enumerate()
        .map(|(at, value)| {
            let doubled = value * (1 + at % 2);
            doubled / 32 + doubled % 32
        })
        .sum();
    let letters = group.iter().copied().chain([(32 - sum % 32) % 32]);
    let group: String = letters.map(|value| char::from(ALPHABET[value])).collect();
    let parts = [&group[..7], &group[7..]];
    (0..8).map(|at| parts[at % 2]).collect::<Vec<_>>().join("-")
}

/// What it knows and has been told.
#[derive(Debug, Default)]
pub struct World {
    pub folders: Vec<Value>,
    pub devices: Vec<Value>,
    pub pending_devices: Value,
    pub pending_folders: Value,
    pub connections: Value,
    pub status: Value,
    pub stats: Value,
    pub events: Vec<Value>,
    /// What is answered instead to paths that begin so.
    pub instead: Vec<(String, u16, String)>,
    /// How long each answer takes.
    pub slow: Duration,
    /// Whether it hangs up without an answer.
    pub gone: bool,
    /// `METHOD path`, in order.
    pub asked: Vec<String>,
}

pub struct Fake {
    home: TempDir,
    port: u16,
    world: Arc<Mutex<World>>,
}

impl Fake {
    pub fn start() -> Fake {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let home = TempDir::new().unwrap();
        let empty = || json!({});
        let world = Arc::new(Mutex::new(World {
            devices: vec![json!({ "deviceID": OWN, "name": "own" })],
            pending_devices: empty(),
            pending_folders: empty(),
            connections: json!({ "connections": {} }),
            status: json!({ "state": "idle" }),
            stats: empty(),
            ..World::default()
        }));
        let fake = Fake { home, port, world };
        fake.settings("enabled=\"true\" tls=\"false\"", &format!("127.0.0.1:{port}"));
        let world = Arc::clone(&fake.world);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let world = Arc::clone(&world);
                std::thread::spawn(move || answer(stream, &world));
            }
        });
        fake
    }

    /// Writes its settings.
    pub fn settings(&self, attributes: &str, address: &str) {
        let world = self.world();
        let folder = |folder: &Value| format!("<folder path={}></folder>", folder["path"]);
        let folders: String = world.folders.iter().map(folder).collect();
        let text = format!(
            "<configuration version=\"35\">{folders}<gui {attributes}><address>{address}</address>\
             <apikey>{KEY}</apikey></gui></configuration>"
        );
        std::fs::write(self.home.path().join("config.xml"), text).unwrap();
    }

    pub fn home(&self) -> &str {
        self.home.path().to_str().unwrap()
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// Adds a folder as a person would set it up.
    pub fn folder(&self, id: &str, path: &Path, kind: &str, devices: &[&str]) {
        let devices: Vec<Value> =
            devices.iter().chain([&OWN]).map(|id| json!({ "deviceID": id })).collect();
        let folder = json!({ "id": id, "path": path, "type": kind, "devices": devices });
        self.world().folders.push(folder);
        self.settings("enabled=\"true\" tls=\"false\"", &format!("127.0.0.1:{}", self.port));
    }

    /// Adds a device as a person would, or its introducer.
    pub fn device(&self, id: &str, introducer: bool) {
        let device = json!({ "deviceID": id, "name": "", "introducer": introducer });
        self.world().devices.push(device);
    }

    /// Returns whether a device that it knows is an introducer.
    pub fn introduces(&self, id: &str) -> bool {
        let world = self.world();
        let device = world.devices.iter().find(|device| device["deviceID"] == id);
        let device = device.unwrap_or_else(|| panic!("no device {id}: {:?}", world.devices));
        device["introducer"].as_bool().unwrap()
    }

    /// Returns a folder as it is set up now.
    pub fn set_up(&self, id: &str) -> Value {
        let world = self.world();
        let folder = world.folders.iter().find(|folder| folder["id"] == id);
        folder.unwrap_or_else(|| panic!("no folder {id}: {:?}", world.folders)).clone()
    }

    /// Returns the devices of a folder that are not its own.
    pub fn others(&self, id: &str) -> Vec<String> {
        let folder = self.set_up(id);
        let devices = folder["devices"].as_array().unwrap().iter();
        let devices = devices.map(|device| device["deviceID"].as_str().unwrap().to_owned());
        devices.filter(|device| device != OWN).collect()
    }

    /// Returns the requests that changed something.
    pub fn changes(&self) -> Vec<String> {
        let world = self.world();
        world.asked.iter().filter(|asked| !asked.starts_with("GET ")).cloned().collect()
    }
}

fn answer(stream: TcpStream, world: &Mutex<World>) {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        if line == "\r\n" {
            break;
        }
        head.push_str(&line);
    }
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let length = header("content-length").map_or(0, |value| value.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let mut words = head.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let slow = world.lock().unwrap().slow;
    std::thread::sleep(slow);
    let (status, text) = {
        let mut world = world.lock().unwrap();
        if world.gone {
            return;
        }
        world.asked.push(format!("{method} {target}"));
        let instead = world.instead.iter().find(|(path, ..)| target.starts_with(path.as_str()));
        match instead {
            Some((_, status, text)) => (*status, text.clone()),
            None if header("x-api-key").as_deref() != Some(KEY) => (403, "CSRF Error".to_owned()),
            None => world.answer(method, target, body),
        }
    };
    if target.starts_with("/rest/events") && text == "[]" {
        std::thread::sleep(Duration::from_millis(200));
    }
    let length = text.len();
    let mut stream = reader.into_inner();
    // Who asked may have lost patience.
    let _ = write!(
        stream,
        "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}"
    );
}

impl World {
    fn answer(&mut self, method: &str, target: &str, body: Value) -> (u16, String) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let ok = |value: &Value| (200, value.to_string());
        match (method, path) {
            ("GET", "/rest/system/status") => ok(&json!({ "myID": OWN })),
            ("GET", "/rest/config/folders") => ok(&self.folders.clone().into()),
            ("GET", "/rest/config/devices") => ok(&self.devices.clone().into()),
            ("GET", "/rest/cluster/pending/devices") => ok(&self.pending_devices),
            ("GET", "/rest/cluster/pending/folders") => ok(&self.pending_folders),
            ("GET", "/rest/system/connections") => ok(&self.connections),
            ("GET", "/rest/stats/folder") => ok(&self.stats),
            ("GET", "/rest/db/status") => ok(&self.status),
            ("GET", "/rest/events") => {
                let field = |name: &str| {
                    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
                    pairs
                        .find(|(key, _)| *key == name)
                        .map_or(0, |(_, value)| value.parse().unwrap_or(0))
                };
                let since = field("since");
                let new = self.events.iter().filter(|event| event["id"].as_u64() > Some(since));
                let new: Vec<Value> = new.cloned().collect();
                let limit = if field("limit") == 0 { new.len() } else { 1 };
                ok(&new[new.len() - limit.min(new.len())..].to_vec().into())
            }
            ("POST", "/rest/config/folders") => {
                let mut folder = body;
                // The defaults of this person are generous.
                if folder["devices"].is_null() {
                    folder["devices"] = json!([{ "deviceID": device(77) }]);
                }
                folder["devices"].as_array_mut().unwrap().push(json!({ "deviceID": OWN }));
                self.folders.push(folder);
                ok(&Value::Null)
            }
            ("POST", "/rest/config/devices") => {
                if let Some(pending) = self.pending_devices.as_object_mut() {
                    pending.remove(body["deviceID"].as_str().unwrap());
                }
                let mut device = json!({ "introducer": true, "autoAcceptFolders": true });
                merge(&mut device, body);
                self.devices.push(device);
                ok(&Value::Null)
            }
            ("POST", "/rest/db/scan") => ok(&Value::Null),
            ("PATCH", path) if path.starts_with("/rest/config/devices/") => {
                let id = &path["/rest/config/devices/".len()..];
                match self.devices.iter_mut().find(|device| device["deviceID"] == id) {
                    Some(device) => {
                        merge(device, body);
                        ok(device)
                    }
                    None => (404, "No device with given ID\n".to_owned()),
                }
            }
            ("GET" | "PATCH", path) => {
                let id = path.strip_prefix("/rest/config/folders/").unwrap_or_default();
                let Some(folder) = self.folders.iter_mut().find(|folder| folder["id"] == id) else {
                    return (404, "No folder with given ID\n".to_owned());
                };
                merge(folder, body);
                ok(folder)
            }
            _ => (404, "404 page not found\n".to_owned()),
        }
    }
}

/// Puts the fields of a body into what there is.
fn merge(into: &mut Value, body: Value) {
    if let Value::Object(fields) = body {
        fields.into_iter().for_each(|(key, value)| into[key.as_str()] = value);
    }
}
