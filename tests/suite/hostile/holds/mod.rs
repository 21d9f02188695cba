//! What must hold whatever strangers write: of what is read, of names, bodies, pages and feeds.
//!
//! The property tests and the fuzz targets (`fuzz/`) assert the same.

pub mod body;
pub mod feed;
pub mod markup;
pub mod name;
pub mod page;
pub mod reader;
