//! The last look before a public output is published.
//!
//! The public library holds only what is listed, so nothing here should ever be found; this is
//! the second wall. It goes by provenance, not by grepping for words: an author may name a
//! private contact in a text, the program may not.

use super::{Output, What};
use crate::config::Settings;
use crate::diagnostic::Diagnostic;
use crate::library::Kind;
use crate::names::{Spot, out_name};
use crate::path::fold;
use std::collections::BTreeSet;

/// What must not appear in a public output as a name made by the program.
pub struct Private {
    names: BTreeSet<String>,
}

impl Private {
    /// Returns the names of private folders, as found and as they are written in addresses. A
    /// folder may be called `tags` or `assets`: such a name is no contact's address, so that an
    /// address with it says nothing of the folder.
    pub fn new<'n>(folders: impl IntoIterator<Item = (&'n str, &'n str)>) -> Private {
        let as_found = |name: &str| Some(fold(name)).filter(|n| out_name(n, Spot::Contact) == *n);
        let names = folders
            .into_iter()
            .flat_map(|(name, dir)| [as_found(name), Some(dir.to_owned())].into_iter().flatten());
        Private { names: names.collect() }
    }
}

/// Checks what an output drew on and where it lies.
///
/// # Errors
/// When a contact that is not a listed channel was drawn on, or when its path bears the name of a
/// private folder: the edition must not be published.
pub fn last_look(
    output: &Output,
    settings: &Settings,
    private: &Private,
) -> Result<(), Diagnostic> {
    let listed: BTreeSet<String> = settings.public.iter().map(|(name, _)| fold(name)).collect();
    let closed = output
        .drew_on
        .iter()
        .find(|head| head.kind != Kind::Channel || !listed.contains(&fold(&head.name)));
    if closed.is_some() {
        return Err(leak(output, "it draws on a contact that is not listed"));
    }
    // The first part of an address is a contact or a word of the program; tags come from public
    // messages and may be called anything.
    match output.path.parts().next() {
        Some(first) if output.path.depth() > 0 && private.names.contains(first) => {
            Err(leak(output, "its address is that of a private folder"))
        }
        _ => Ok(()),
    }
}

/// Checks the addresses that the program wrote into a page or feed: relative ones, and those below
/// `base`.
///
/// # Errors
/// When one of them leads into a private folder.
pub fn look_inside(
    output: &Output,
    bytes: &[u8],
    base: Option<&str>,
    private: &Private,
) -> Result<(), Diagnostic> {
    let text = String::from_utf8_lossy(bytes);
    // A feed holds pages in escaped form; in a page what is escaped is the author's text.
    let marks: &[&str] = match output.what {
        What::Feed(_) => &["href=\"", "src=\"", "href=&quot;", "src=&quot;"],
        _ => &["href=\"", "src=\""],
    };
    for mark in marks {
        for (at, _) in text.match_indices(mark) {
            let value = &text[at + mark.len()..];
            let value = &value[..value.find(['"', '&', '#']).unwrap_or(value.len())];
            let inside = base.and_then(|base| value.strip_prefix(base));
            let relative = (!value.contains(':')).then_some(value);
            let Some(path) = inside.or(relative) else { continue };
            let first = path.split('/').find(|part| !matches!(*part, "" | "." | ".."));
            if first.is_some_and(|first| path.contains('/') && private.names.contains(first)) {
                return Err(leak(output, "it links into a private folder"));
            }
        }
    }
    Ok(())
}

fn leak(output: &Output, why: &str) -> Diagnostic {
    Diagnostic::error(
        "",
        "leak",
        format!("the public edition is not published: `{}`: {why}", output.path),
    )
    .hint("this is a fault of Handbill; please report it")
}
