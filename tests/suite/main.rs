//! The integration tests: whole builds on real folders, one binary. See `README.md` beside it.
#![allow(clippy::disallowed_methods, reason = "tests read and write files")]

mod canary;
mod cli;
mod commands;
mod composing;
mod golden;
mod hostile;
mod incremental;
mod layering;
mod leftovers;
mod moved;
mod oracle;
mod overviews;
mod publishing;
mod readme;
mod serving;
mod support;
mod theme;
mod vectors;
mod watching;
mod writing;
