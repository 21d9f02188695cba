//! A password for whoever is not at this machine: HTTP Basic (RFC 7617).
//!
//! It is a new one with each start, and stands in the address that is printed, so that nobody has
//! to type it. It keeps out who does not have the address; it does not hide what is sent from who
//! can listen on the way, for that a proxy with TLS is needed.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The name that goes with the password.
const NAME: &str = "handbill";

/// What the client must send.
#[derive(Debug)]
pub struct Password {
    word: String,
    /// The value of the header without its scheme.
    credentials: String,
}

/// Marks a request from another machine. Without it a request is from this one.
#[derive(Debug, Clone, Copy)]
pub struct Elsewhere;

impl Password {
    /// Makes a password of a random word of letters and digits.
    pub fn new(word: String) -> Password {
        let credentials = STANDARD.encode(format!("{NAME}:{word}"));
        Password { word, credentials }
    }

    /// Returns the address of a host and port with the password in it (RFC 3986, 3.2.1).
    pub fn address(&self, host: &str) -> String {
        format!("http://{NAME}:{}@{host}/", self.word)
    }

    /// Returns whether a request has the password. It takes the same time wherever it differs.
    pub fn is_in(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let Some((scheme, given)) = given.and_then(|value| value.split_once(' ')) else {
            return false;
        };
        scheme.eq_ignore_ascii_case("basic") && same(&self.credentials, given.trim())
    }
}

/// Returns whether two texts are the same. It takes the same time wherever they differ.
pub fn same(ours: &str, theirs: &str) -> bool {
    let pairs = ours.as_bytes().iter().zip(theirs.as_bytes());
    let differs = pairs.fold(0, |differs, (a, b)| differs | (a ^ b));
    ours.len() == theirs.len() && std::hint::black_box(differs) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn admits(password: &Password, value: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        password.is_in(&headers)
    }

    #[test]
    fn only_the_password_itself_opens() {
        let (password, other) = (Password::new("a1b2".into()), Password::new("a1b3".into()));
        assert_eq!(password.address("pi.lan:80"), "http://handbill:a1b2@pi.lan:80/");
        let right = format!("Basic {}", STANDARD.encode("handbill:a1b2"));
        assert!(admits(&password, &right) && admits(&password, &right.replace("Basic", "basic")));
        assert!(!admits(&other, &right));
        for wrong in ["", "Basic", "Basic ", "Bearer x", "Basic aGFuZGJpbGw6"] {
            assert!(!admits(&password, wrong), "{wrong}");
        }
        assert!(!password.is_in(&HeaderMap::new()));
    }
}
