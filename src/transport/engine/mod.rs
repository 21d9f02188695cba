//! The engine inside Handbill: boxes carried from person to person without any other program.
//!
//! A channel is a key pair. Whoever has the public half reads, checks and passes on; whoever has the
//! secret half writes. It rests on iroh (endpoints, contents by their hash, gossip, and a store that
//! compares signed entries with others').
//!
//! 1. `book` holds the keys and which boxes are carried; commands change it, `run` follows it.
//!    `private` says which of them must not go to whoever has a key.
//! 2. `node` speaks with others. There are two: for channels, and for conversations.
//! 3. `carry` makes a box and its channel the same; `live` says who is in touch, `fetch` fetches.
//! 4. `decide`, `name` and `budget` are what is decided: without network, disk or clock.
//! 5. `folder` puts whole files into a box, `memory` remembers what was there, `state` says how
//!    things stand.

pub mod budget;
pub mod decide;
pub mod name;
pub mod state;

#[cfg(feature = "engine")]
pub mod book;
#[cfg(feature = "engine")]
mod carry;
#[cfg(feature = "engine")]
mod fetch;
#[cfg(feature = "engine")]
mod folder;
#[cfg(feature = "engine")]
mod live;
#[cfg(feature = "engine")]
mod memory;
#[cfg(feature = "engine")]
mod node;
#[cfg(feature = "engine")]
pub mod private;
#[cfg(feature = "engine")]
mod run;

#[cfg(feature = "engine")]
pub use run::{Engine, Setup};
