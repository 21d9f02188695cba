//! `handbill timeline`: the newest messages, in the terminal.

use super::{Format, Look, print};
use crate::diagnostic::shown;
use crate::disk::no_contact;
use crate::library::{Message, Side};
use crate::message::Tag;
use crate::path::fold;
use anyhow::Result;
use chrono_tz::Tz;
use clap::Args;
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    look: Look,
    /// How many messages
    #[arg(short, long, value_name = "COUNT", default_value_t = 10)]
    number: usize,
    /// Those of this contact alone
    #[arg(short, long, value_name = "NAME")]
    contact: Option<String>,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let opened = arguments.look.open()?;
    let mut contacts: Vec<_> = opened.built.contacts.all().collect();
    match &arguments.contact {
        Some(name) => {
            let all = contacts.clone();
            contacts.retain(|contact| fold(&contact.head.name) == fold(name));
            if contacts.is_empty() {
                let known: Vec<&str> = all.iter().map(|one| one.head.name.as_str()).collect();
                return Err(no_contact(&opened.loaded.places.base, name, &known));
            }
        }
        None => contacts.retain(|contact| !contact.head.mute),
    }
    let mut messages: Vec<&Arc<Message>> =
        contacts.iter().flat_map(|contact| &contact.messages).collect();
    messages.sort_by(|a, b| b.order().cmp(&a.order()));
    messages.truncate(arguments.number);
    match arguments.look.format {
        Format::Json => {
            let all: Vec<serde_json::Value> = messages.iter().map(|m| json(m)).collect();
            print::json(&serde_json::json!({ "messages": all }));
        }
        Format::Text => {
            let zone = opened.loaded.settings.time_zone;
            let texts: Vec<String> = messages.iter().map(|m| text(m, zone)).collect();
            if !texts.is_empty() {
                print::line(&texts.join("\n\n"));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns a message as people read it: when and who, what, where.
fn text(message: &Message, zone: Tz) -> String {
    let stamp = message.stamp;
    let when = match stamp.is_date() {
        true => stamp.iso(),
        false => stamp.date_time().with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string(),
    };
    let who = shown(&message.head.title);
    let who = match (message.side, &message.author) {
        (Side::Outbox, _) if message.head.kind == crate::library::Kind::Conversation => {
            format!("me to {who}")
        }
        (_, Some(author)) if author.name != message.head.title => {
            format!("{who} ({})", shown(&author.name))
        }
        _ => who,
    };
    let mut lines = vec![format!("{} {}", print::faint(&when), print::strong(&who))];
    lines.extend(message.meta.title.as_deref().map(shown));
    if !message.meta.excerpt.is_empty() {
        lines.push(shown(&message.meta.excerpt));
    }
    if !message.rare.attachments.is_empty() {
        lines.push(print::faint(&format!(
            "+ {}",
            print::count(message.rare.attachments.len(), "file")
        )));
    }
    lines.push(print::faint(&shown(&message.path())));
    lines.join("\n")
}

fn json(message: &Message) -> serde_json::Value {
    serde_json::json!({
        "contact": message.head.name,
        "mine": message.side == Side::Outbox,
        "path": message.path(),
        "page": message.page,
        "id": message.reply_id(),
        "date": message.stamp.iso(),
        "author": message.author.as_ref().map(|author| &author.name),
        "title": message.meta.title,
        "excerpt": message.meta.excerpt,
        "tags": message.meta.tags.iter().map(Tag::label).collect::<Vec<_>>(),
        "in_reply_to": message.meta.rare.in_reply_to,
        "attachments": message.rare.attachments.len(),
    })
}
