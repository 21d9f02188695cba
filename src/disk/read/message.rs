//! One message file, read and parsed.

use crate::diagnostic::{Diagnostic, Owner};
use crate::disk::boxes::BoxDir;
use crate::disk::cache::Known;
use crate::disk::decoded::text_of;
use crate::fields::File;
use crate::hash::Hash;
use crate::listing::MessageFile;
use crate::message::{Meta, Visibility, parse};
use std::sync::Arc;

impl Known {
    /// Returns whether the file could not be read.
    pub(super) fn is_unread(&self) -> bool {
        self.found.iter().any(|report| report.code == "unreadable")
    }

    /// Returns whether it is a text.
    pub(in crate::disk) fn is_text(&self) -> bool {
        !self.found.iter().any(|report| matches!(&*report.code, "binary" | "unreadable"))
    }
}

/// Reads a message file and has a `look` at what it says; nothing where it is gone.
pub(super) fn read_message(
    dir: &BoxDir,
    file: &MessageFile,
    path: &str,
    limit: u64,
    owner: Owner,
    look: &dyn Fn(Hash, &str, &Meta),
) -> Option<Known> {
    let mut found = Vec::new();
    // Of a message that is not read nobody knows whether it may be public.
    let unread = || Arc::new(Meta { visibility: Visibility::Unreadable, ..Meta::default() });
    let bytes = match dir.read(&file.path, limit) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            let size = file.stat.size;
            let text =
                format!("{size} bytes are more than the limit of {limit}; the text is not shown");
            found.push(
                Diagnostic::error(path, "too-large", text)
                    .hint("raise the limit in `[limits]` of handbill.toml")
                    .owned_by(owner),
            );
            return Some(Known::new(file.stat, limit, Hash::default(), unread(), found, true));
        }
        // Gone since it was listed: the next build will not list it.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => {
            let text = format!("cannot be read: {}", error.kind());
            found.push(Diagnostic::error(path, "unreadable", text).owned_by(owner));
            return Some(Known::new(
                Default::default(),
                0,
                Hash::default(),
                unread(),
                found,
                false,
            ));
        }
    };
    let source = Hash::of(&bytes);
    let meta = match text_of(&bytes, path, owner, &mut found) {
        Some(text) => {
            let meta = parse_message(File { path, text: &text, owner }, &mut found);
            look(source, &text, &meta);
            Arc::new(meta)
        }
        None => unread(),
    };
    crate::diagnostic::cut(&mut found);
    Some(Known::new(file.stat, limit, source, meta, found, false))
}

/// Parses a message. Parsing is total; if it is not, that costs one message.
fn parse_message(file: File<'_>, found: &mut Vec<Diagnostic>) -> Meta {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| parse(file))) {
        Ok(checked) => checked.take(found),
        Err(_) => {
            let text = "could not be read: the program failed";
            found.push(
                Diagnostic::error(file.path, "panic", text)
                    .hint("please report it with the message")
                    .owned_by(file.owner),
            );
            Meta { visibility: Visibility::Unreadable, ..Meta::default() }
        }
    }
}
