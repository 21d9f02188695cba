//! What a message answers, in whatever way a person names it.

use crate::diagnostic::shown;
use crate::disk::{self, BuildOptions, Places, PublishOptions};
use crate::library::{Kind, Message, answered};
use crate::web::WebUrl;
use anyhow::{Result, bail};
use std::path::Path;
use std::sync::Arc;

/// Returns the id or address to be written for what `reference` names: an id, the address or the
/// path of a page, or a message's file. `to` is the contact that is written to.
pub(super) fn resolve(base: &Path, reference: &str, to: &str) -> Result<String> {
    let places = Places::for_a_look(base, None, None)?;
    let options = BuildOptions {
        editions: Vec::new(),
        base_url: None,
        now: super::super::now()?,
        publish: PublishOptions::default(),
        port: None,
        allow_empty: false,
    };
    let opened = disk::open(&places, &options)?;
    let contacts: Vec<_> = opened.built.contacts.all().map(Arc::clone).collect();
    let settings = &opened.loaded.settings;
    let mut names = names(&places, reference).into_iter();
    if let Some(message) = names.find_map(|name| answered(&contacts, settings, &name)) {
        warn(&message, to);
        return Ok(message.reply_id().to_string());
    }
    let elsewhere = WebUrl::parse(reference).is_some_and(|url| !url.is_loopback());
    if elsewhere || reference.starts_with("urn:uuid:") {
        return Ok(reference.to_owned());
    }
    bail!(
        "`{}` is no message that is known here: name its page, its file, or its id (urn:uuid:…)",
        shown(reference)
    )
}

/// Returns what a reference may mean: itself, or a path below the base folder or an edition.
fn names(places: &Places, reference: &str) -> Vec<String> {
    let mut names = vec![reference.to_owned()];
    let candidates = [std::path::absolute(reference).ok(), Some(places.base.join(reference))];
    for path in candidates.into_iter().flatten() {
        let path = std::fs::canonicalize(&path).unwrap_or(path);
        let roots = ["public", "reader"].map(|edition| places.output.join(edition));
        for root in roots.iter().chain([&places.base]) {
            let below = path.strip_prefix(root).ok().and_then(Path::to_str);
            names.extend(below.map(|text| text.replace(std::path::MAIN_SEPARATOR, "/")));
        }
    }
    names
}

/// Says that an answer to somebody's private words is kept from the public.
fn warn(message: &Message, to: &str) {
    if message.head.kind == Kind::Conversation && message.head.name != to {
        super::print::talk(&format!(
            "note: it answers a message of the conversation `{}`, so it stays out of the public edition",
            shown(&message.head.name)
        ));
    }
}
