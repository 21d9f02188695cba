//! What is known of a contact beside its messages.

use super::{BoxInput, ContactInput, Ground};
use crate::config::Author;
use crate::hash::Inputs;
use crate::library::{Context, Head, Kind, Person, Side};
use crate::names::{self, Spot};
use crate::path::fold;
use crate::text::clean_line;
use std::sync::Arc;

/// Makes what is known of a contact.
pub(super) fn make(input: &ContactInput, kind: Kind, context: &Context<'_>) -> Head {
    let mine = context.settings.contact(&input.name).cloned().unwrap_or_default();
    let (side, boxed) = match (&input.inbox, &input.outbox) {
        (Some(inbox), _) => (Side::Inbox, inbox),
        (None, Some(outbox)) => (Side::Outbox, outbox),
        (None, None) => (Side::Outbox, &BoxInput::default()),
    };
    let info = boxed.info.clone();
    let folder = clean_line(&input.name);
    let claimed = info.title.clone().filter(|title| *title != folder);
    let (title, claimed) = match (mine.alias, kind) {
        // My name for somebody is mine; what my own channel is called stands in its channel.toml.
        (_, Kind::Channel) => (claimed.unwrap_or(folder), None),
        (Some(alias), _) => (alias.clone(), claimed.filter(|title| *title != alias)),
        (None, _) => (folder, claimed),
    };
    let dir = names::out_name(&input.name, Spot::Contact);
    let ground = Ground::of(&input.name, &dir, side, boxed, context);
    let avatar = ground.as_ref().zip(info.avatar.as_deref());
    let avatar = avatar.and_then(|(ground, name)| ground.picture(name));
    let people = ground.as_ref().map(people).unwrap_or_default();
    let listed = kind == Kind::Channel
        && context.settings.public.iter().any(|(name, _)| fold(name) == fold(&input.name));
    let fingerprint = Inputs::new("head")
        .text(&input.name)
        .text(&dir)
        .text(kind.word())
        .text(&title)
        .maybe(claimed.as_deref())
        .value(&info)
        .maybe(mine.subscribe.as_deref())
        .number(u64::from(mine.mute) | u64::from(listed) << 1)
        .value(&(&avatar, &people))
        .finish();
    Head {
        name: input.name.clone(),
        dir,
        kind,
        title,
        claimed,
        info,
        people,
        given: mine.subscribe,
        mute: mine.mute,
        listed,
        avatar,
        fingerprint,
    }
}

/// Returns the people that the `channel.toml` of a box names.
pub(super) fn people(ground: &Ground<'_>) -> Vec<Arc<Person>> {
    let person = |author: &Author| {
        let avatar = author.avatar.as_deref().and_then(|name| ground.picture(name));
        Arc::new(Person::of(author, avatar))
    };
    ground.input.info.authors.iter().map(person).collect()
}
