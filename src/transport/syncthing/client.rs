//! Asks Syncthing.

use super::find::Door;
use serde_json::Value;
use std::fmt;
use std::time::{Duration, Instant};
use ureq::Agent;
use ureq::http::{Method, Request, Response};

/// An answer larger than this is not read.
const MOST: u64 = 32 << 20;
/// How long connecting to this machine may take.
const CONNECT: Duration = Duration::from_secs(2);

/// Why Syncthing did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Nobody answers, or not in time.
    Silent,
    /// It does not take the key of its settings.
    Key,
    /// It said no, with this status and these words.
    Refused(u16, String),
    /// It answered with something else than was expected.
    Odd,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Silent => f.write_str("Syncthing does not answer: is it running?"),
            Trouble::Key => f.write_str(
                "Syncthing does not take the key of its own settings: it was started with another \
                 one, or with other settings",
            ),
            Trouble::Refused(status, words) if words.is_empty() => {
                write!(f, "Syncthing refused ({status})")
            }
            Trouble::Refused(_, words) => write!(f, "Syncthing says: {words}"),
            Trouble::Odd => f.write_str("Syncthing gave an answer that Handbill does not know"),
        }
    }
}

impl std::error::Error for Trouble {}

/// Asks one Syncthing.
#[derive(Debug)]
pub struct Client {
    door: Door,
    agent: Agent,
    /// When all has to be done, where somebody waits.
    until: Option<Instant>,
}

impl Client {
    /// Prepares to ask. `patience` is how long an answer may take.
    pub fn new(door: Door, patience: Duration) -> Client {
        let config = Agent::config_builder()
            .timeout_global(Some(patience))
            .timeout_connect(Some(CONNECT.min(patience)))
            .http_status_as_error(false)
            .max_redirects(0)
            // The environment may name one, and the key is for nobody else.
            .proxy(None)
            .build();
        Client { door, agent: config.into(), until: None }
    }

    /// Prepares to ask somewhat that takes so long at most in all, however often is asked.
    pub fn in_all(door: Door, patience: Duration) -> Client {
        let until = Instant::now().checked_add(patience);
        Client { until, ..Client::new(door, patience) }
    }

    /// Returns the address of its web page, for people.
    pub fn page(&self) -> String {
        format!("http://{}/", self.door.address)
    }

    /// Returns the id of its device and its version.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn own_id(&self) -> Result<crate::keys::syncthing::DeviceId, Trouble> {
        let status = self.get("/rest/system/status")?;
        let id = status["myID"].as_str().and_then(crate::keys::syncthing::DeviceId::parse);
        id.ok_or(Trouble::Odd)
    }

    /// Returns what is at a path.
    ///
    /// # Errors
    /// When it does not answer, or with something else than JSON.
    pub fn get(&self, path: &str) -> Result<Value, Trouble> {
        let request = self.request(Method::GET, path).body(()).map_err(|_| Trouble::Odd)?;
        let text = self.run(request)?;
        serde_json::from_str(&text).map_err(|_| Trouble::Odd)
    }

    /// Has something done.
    ///
    /// # Errors
    /// When it does not answer, or says no.
    pub fn send(&self, method: &str, path: &str, body: &Value) -> Result<(), Trouble> {
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| Trouble::Odd)?;
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let request = self.request(method, path).header("Content-Type", "application/json");
        let request = request.body(text).map_err(|_| Trouble::Odd)?;
        self.run(request).map(|_| ())
    }

    fn run<B: ureq::AsSendBody>(&self, request: Request<B>) -> Result<String, Trouble> {
        let Some(until) = self.until else { return answer(self.agent.run(request)) };
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Trouble::Silent);
        }
        let request = self.agent.configure_request(request).timeout_global(Some(left)).build();
        answer(self.agent.run(request))
    }

    fn request(&self, method: Method, path: &str) -> ureq::http::request::Builder {
        let address = format!("http://{}{path}", self.door.address);
        Request::builder().method(method).uri(address).header("X-API-Key", &self.door.key)
    }
}

/// Returns the text of an answer.
fn answer(response: Result<Response<ureq::Body>, ureq::Error>) -> Result<String, Trouble> {
    let mut response = response.map_err(|_| Trouble::Silent)?;
    let status = response.status().as_u16();
    let text = response.body_mut().with_config().limit(MOST).read_to_string();
    match status {
        200..300 => text.map_err(|_| Trouble::Silent),
        401 | 403 => Err(Trouble::Key),
        // What it says may hold names that strangers chose.
        _ => {
            let words = text.unwrap_or_default();
            let words = words.lines().next().unwrap_or_default();
            Err(Trouble::Refused(status, crate::diagnostic::shown(&crate::text::cut(words, 200))))
        }
    }
}

/// Returns a value for the query of an address.
pub(super) fn escaped(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
