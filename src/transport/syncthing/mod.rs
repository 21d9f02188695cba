//! Syncthing, by its REST interface (docs.syncthing.net/dev/rest.html; 1.19 and later).
//!
//! 1. `find` reads where it listens and the key it wants out of its own settings.
//! 2. `client` asks it. The key goes into one header and nowhere else.
//! 3. `folders` shares outboxes to send only and takes inboxes to receive only; `people` says who
//!    asks to read, and lets them.
//!
//! Nothing is ever written into a box from here: what Syncthing needs there it makes itself.

mod client;
mod find;
mod folders;
mod people;

pub use client::{Client, Trouble};
pub use find::{Door, Home, NotFound, find, folders};
pub use folders::{Folder, Offered, Role, converses};
pub use people::{Introducer, Knock, Met};

use std::fmt;

/// Why Syncthing could not be used.
#[derive(Debug)]
pub enum Error {
    /// It was not found.
    NotFound(NotFound),
    /// It did not do what it was asked.
    Trouble(Trouble),
    /// What is set up in it stands in the way; a sentence for people.
    InTheWay(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NotFound(why) => why.fmt(f),
            Error::Trouble(why) => why.fmt(f),
            Error::InTheWay(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Error {}

impl From<NotFound> for Error {
    fn from(why: NotFound) -> Error {
        Error::NotFound(why)
    }
}

impl From<Trouble> for Error {
    fn from(why: Trouble) -> Error {
        Error::Trouble(why)
    }
}
