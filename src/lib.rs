//! wip
#![allow(missing_docs, reason = "wip")]
pub mod build;
pub mod cli;
pub mod config;
pub mod diagnostic;
pub mod disk;
pub mod fields;
pub mod hash;
pub mod keys;
pub mod library;
pub mod limits;
pub mod listing;
pub mod message;
pub mod names;
pub mod path;
pub mod plan;
pub mod render;
pub mod sanitize;
pub mod source;
pub mod text;
pub mod theme;
pub mod time;
pub mod web;
pub mod words;
