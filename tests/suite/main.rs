//! The integration tests: whole builds on real folders, one binary. See `README.md` beside it.
#![allow(clippy::disallowed_methods, reason = "tests read and write files")]

mod canary;
mod cli;
mod commands;
mod composing;
mod disks;
#[cfg(feature = "engine")]
mod engine;
mod feeds;
mod finding;
mod fuzzing;
mod golden;
mod hostile;
mod incremental;
mod layering;
mod leftovers;
mod moved;
mod oracle;
mod overviews;
mod photographs;
mod publishing;
mod readme;
mod serving;
mod support;
mod syncing;
mod theme;
mod threads;
mod trust;
mod vectors;
mod versions;
mod watching;
mod writing;
