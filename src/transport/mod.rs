//! The sync tools that run on this machine, as far as they can be asked.
//!
//! Handbill needs none of this to read and to publish: a box is filled and emptied by whatever tool
//! does it. Where Syncthing runs, it can be told what to share, and tells how things stand.
//!
//! 1. `syncthing` finds it, asks it, sets up folders and lets others in.
//! 2. `state` is what it says of the boxes of a base folder; `follow` keeps that current.
//! 3. `ring` asks it to look at once at what was written.
//! 4. `engine` is Handbill's own, which needs no other program.
//! 5. `panel` reads the ways to subscribe out of a saved page.
//!
//! Resilio gives out no interface for programs: its keys are recorded and shown, no more.
#![allow(
    clippy::disallowed_methods,
    reason = "this is where other programs are asked, and where their settings are read"
)]

pub mod engine;
pub mod follow;
pub mod panel;
pub mod ring;
pub mod state;
pub mod syncthing;
