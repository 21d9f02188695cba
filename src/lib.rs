//! wip
#![allow(missing_docs, reason = "wip")]
pub mod config;
pub mod diagnostic;
pub mod fields;
pub mod hash;
pub mod keys;
pub mod limits;
pub mod listing;
pub mod message;
pub mod names;
pub mod path;
pub mod sanitize;
pub mod source;
pub mod text;
pub mod time;
pub mod web;
pub mod words;
