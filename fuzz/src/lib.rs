//! The fuzz targets: any bytes, and what must hold of them.
//!
//! 1. `targets` makes of bytes what a target is about.
//! 2. `holds` is what the suite's property tests assert, too.
//! 3. The suite runs all targets over `corpus/` with every `cargo test`.

#[path = "../../tests/suite/hostile/holds/mod.rs"]
pub mod holds;
pub mod targets;
