//! What the search page looks through: scripts with the words of messages as they are shown.
//!
//! A script calls `handbillShard` with a list of messages: of each its page, its name, the folder of
//! its contact, its day as `2026-11-23` and in words, its author, its tags, its text. Scripts can be
//! loaded from the disk and under a policy without connections, other data cannot.
//!
//! The text is that of the rendered body: what the edition does not show cannot be found in it.

use super::view::{author_of, day_of, name};
use super::{Bodies, Look};
use crate::library::Message;
use crate::limits::SHARD_TEXT;
use crate::plan::Shard;
use crate::sanitize::words_into;
use crate::text::{clean_line, one_line};
use serde::Serialize;

/// What is searched of a message.
#[derive(Serialize)]
struct Row<'r> {
    author: &'r str,
    date: &'r str,
    folder: &'r str,
    iso: &'r str,
    name: &'r str,
    page: &'r str,
    tags: Vec<&'r str>,
    text: &'r str,
}

/// Renders what is searched of a stretch of time, or returns `None` where a text is gone.
pub fn shard(shard: &Shard, look: &Look<'_>, bodies: &Bodies<'_>) -> Option<String> {
    let mut room = SHARD_TEXT;
    let mut out = String::from("handbillShard([\n");
    for message in &shard.messages {
        out.push_str(&row(message, look, bodies, &mut room)?);
        out.push_str(",\n");
    }
    out.push_str("]);\n");
    Some(out)
}

fn row(
    message: &Message,
    look: &Look<'_>,
    bodies: &Bodies<'_>,
    room: &mut usize,
) -> Option<String> {
    let words = &look.theme.words;
    let (iso, day) = day_of(message.stamp, look);
    let body = bodies.get(message)?;
    let mut text = String::new();
    words_into(&mut text, &body.html.plain_at(""));
    for file in &message.rare.attachments {
        text.push(' ');
        text.push_str(&clean_line(&file.name));
        text.push(' ');
        text.push_str(message.caption(file).unwrap_or_default());
    }
    let mut text = one_line(&text);
    if text.len() > *room {
        text = message.meta.excerpt.to_string();
    }
    *room = room.saturating_sub(text.len());
    let tags: Vec<&str> = message.meta.tags.iter().map(|tag| tag.label()).collect();
    let author = author_of(message, words).name;
    let row = Row {
        author: &author,
        date: &day,
        folder: &message.head.dir,
        iso: &iso,
        name: &name(message, words),
        page: message.page.as_str(),
        tags,
        text: &text,
    };
    // Texts are always written.
    Some(serde_json::to_string(&row).unwrap_or_default())
}
