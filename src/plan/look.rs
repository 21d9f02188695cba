//! The last look before a public output is published.
//!
//! The public library holds only what is listed, so nothing here should ever be found; this is
//! the second wall. It goes by provenance, not by grepping for words: an author may name a
//! private contact in a text, the program may not.

use super::{Output, What};
use crate::config::Settings;
use crate::diagnostic::Diagnostic;
use crate::library::{Head, Kind};
use crate::names::{Spot, out_name};
use crate::path::fold;
use memchr::{memchr_iter, memchr3, memrchr};
use std::collections::BTreeSet;

/// What must not appear in a public output as a name made by the program.
pub struct Private {
    names: BTreeSet<Vec<u8>>,
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
        Private { names: names.map(String::into_bytes).collect() }
    }
}

/// Checks what the outputs drew on and where they lie.
///
/// # Errors
/// When a contact that is not a listed channel was drawn on, or when a path bears the name of a
/// private folder: the edition must not be published.
pub fn last_look<'o>(
    outputs: impl IntoIterator<Item = &'o Output>,
    settings: &Settings,
    private: &Private,
) -> Result<(), Box<Diagnostic>> {
    let listed: BTreeSet<String> = settings.public.iter().map(|(name, _)| fold(name)).collect();
    let is_open = |head: &Head| head.kind == Kind::Channel && listed.contains(&fold(&head.name));
    for output in outputs {
        if !output.drew_on.iter().all(|head| is_open(head)) {
            return Err(leak(output, "it draws on a contact that is not listed"));
        }
        // The first part of an address is a contact or a word of the program; tags come from
        // public messages and may be called anything.
        let first = output.path.parts().next().filter(|_| output.path.depth() > 0);
        if first.is_some_and(|first| private.names.contains(first.as_bytes())) {
            return Err(leak(output, "its address is that of a private folder"));
        }
    }
    Ok(())
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
) -> Result<(), Box<Diagnostic>> {
    // A feed holds pages in escaped form; in a page what is escaped is the author's text.
    let escaped = matches!(output.what, What::Feed(_));
    for at in memchr_iter(b'=', bytes) {
        let Some(value) = address(bytes, at, escaped) else { continue };
        // An author may write the address of his own site; the program writes it in `<link>`.
        let inside = base
            .and_then(|base| value.strip_prefix(base.as_bytes()))
            .filter(|_| is_link(bytes, at));
        let relative = (!value.contains(&b':')).then_some(value);
        let Some(path) = inside.or(relative).filter(|path| path.contains(&b'/')) else { continue };
        let first = path.split(|byte| *byte == b'/').find(|p| !matches!(*p, b"" | b"." | b".."));
        if first.is_some_and(|first| private.names.contains(first)) {
            return Err(leak(output, "it links into a private folder"));
        }
    }
    Ok(())
}

/// Returns the value of the `href` or `src` whose `=` stands at `at`, up to a fragment; in a feed
/// the quotes may be escaped.
fn address(bytes: &[u8], at: usize, escaped: bool) -> Option<&[u8]> {
    let (before, after) = (&bytes[..at], &bytes[at + 1..]);
    if !before.ends_with(b"href") && !before.ends_with(b"src") {
        return None;
    }
    let quoted = || after.strip_prefix(b"&quot;").filter(|_| escaped);
    let value = after.strip_prefix(b"\"").or_else(quoted)?;
    let end = memchr3(b'"', b'&', b'#', value);
    Some(&value[..end.unwrap_or(value.len())])
}

/// Returns whether what stands at `at` is an attribute of a `<link>`.
fn is_link(bytes: &[u8], at: usize) -> bool {
    memrchr(b'<', &bytes[..at]).is_some_and(|start| bytes[start..].starts_with(b"<link "))
}

fn leak(output: &Output, why: &str) -> Box<Diagnostic> {
    let text = format!("the public edition is not published: `{}`: {why}", output.path);
    let report = Diagnostic::error("", "leak", text);
    Box::new(report.hint("this is a fault of Handbill; please report it"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::OutPath;
    use crate::plan::What;
    use std::sync::Arc;

    #[test]
    fn addresses_into_private_folders_are_found() {
        let output = Output {
            path: OutPath::fixed("notes/a.html"),
            what: What::Asset(Arc::from([])),
            fingerprint: Default::default(),
            drew_on: Vec::new(),
        };
        let private = Private::new([("Mira", "mira-1f"), ("archive", "archive-2e")]);
        let leaks = |text: &str| {
            look_inside(&output, text.as_bytes(), Some("https://e.example/n/"), &private).is_err()
        };
        for leak in [
            "<a href=\"../mira-1f/in/x.html\">",
            "x = y <img src=\"../mira/p.png\">",
            "<link rel=\"x\" href=\"https://e.example/n/mira-1f/x.html\"/>",
            "<link href=\"https://e.example/n/mira/\"/>",
        ] {
            assert!(leaks(leak), "{leak}");
        }
        for harmless in [
            "<a href=\"../notes/mira/x.html\">",
            "<a href=\"https://other.example/mira/x.html\">",
            "<link/><a href=\"https://e.example/n/mira/\">",
            "<a href=\"../archive/index.html\">",
            "<code>&lt;a href=&quot;../mira/x.html&quot;&gt;</code>",
            "<a href=\"mira\">",
            "<img alt=\"../mira/p.png\">",
            "href=",
        ] {
            assert!(!leaks(harmless), "{harmless}");
        }
    }
}
