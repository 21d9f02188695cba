//! Pages that lead to messages by what is in them: search, pictures and players, a year's days.

use super::Stretch;
use crate::library::{Attachment, Head, Message};
use crate::path::OutPath;
use crate::time::Month;
use serde::Serialize;
use std::sync::Arc;

/// The page to search on.
#[derive(Debug, Clone)]
pub struct SearchPage {
    /// What it loads, the newest first.
    pub shards: Vec<OutPath>,
    /// The years of these, newest first.
    pub years: Vec<i32>,
    /// The contacts that are searched.
    pub heads: Vec<Arc<Head>>,
}

/// What is searched of a stretch of time: a script that the search page loads.
#[derive(Debug, Clone)]
pub struct Shard {
    /// The messages, oldest first.
    pub messages: Vec<Arc<Message>>,
}

/// Pictures, sound and film.
#[derive(Debug, Clone)]
pub struct MediaPage {
    /// The month; none for the newest of all.
    pub month: Option<Month>,
    /// The files, in the order they are shown.
    pub items: Vec<MediaItem>,
    /// Which part of the month it is, from 1.
    pub part: usize,
    /// The page before it in time.
    pub older: Option<Stretch>,
    /// The page after it in time.
    pub newer: Option<Stretch>,
    /// On the page of the newest: all months with how many files, newest first.
    pub months: Vec<(Month, usize, OutPath)>,
}

/// A picture, a sound or a film, and the message that has it.
#[derive(Debug, Clone)]
pub struct MediaItem {
    /// The file.
    pub file: Attachment,
    /// The message.
    pub message: Arc<Message>,
}

/// A day of a year that has messages.
#[derive(Debug, Clone, Serialize)]
pub struct YearDay {
    /// The month, 1 to 12.
    pub month: u32,
    /// The day, 1 to 31.
    pub day: u32,
    /// How many messages.
    pub count: usize,
    /// The page that lists the first of them.
    pub page: OutPath,
}
