//! The last look before a public output is published.
//!
//! The public library holds only what is listed, so nothing here should ever be found; this is
//! the second wall. It goes by provenance, not by grepping for words: an author may name a
//! private contact in a text, the program may not.

mod attributes;
mod json;

use super::{Format, Output, What};
use crate::config::Settings;
use crate::diagnostic::Diagnostic;
use crate::library::{Head, Kind};
use crate::names::{Spot, out_name};
use crate::path::fold;
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

    /// Returns whether a path below the top of the edition leads into one of the folders. What is
    /// made of contacts lies below `_`, after a word for what it is.
    fn holds(&self, path: &[u8]) -> bool {
        let mut parts =
            path.split(|byte| *byte == b'/').filter(|part| !matches!(*part, b"" | b"." | b".."));
        let first = match parts.next() {
            Some(b"_") => parts.nth(1),
            first => first,
        };
        first.is_some_and(|first| self.names.contains(first))
    }
}

/// Looks at the outputs of the public edition before they are made.
pub struct LastLook<'l> {
    listed: BTreeSet<String>,
    private: &'l Private,
}

impl<'l> LastLook<'l> {
    /// Prepares to look at the outputs of a public edition under these settings.
    pub fn new(settings: &Settings, private: &'l Private) -> LastLook<'l> {
        let listed = settings.public.iter().map(|(name, _)| fold(name)).collect();
        LastLook { listed, private }
    }

    /// Checks what an output drew on and where it lies.
    ///
    /// # Errors
    /// When a contact that is not a listed channel was drawn on, or when the path bears the name of
    /// a private folder: the edition must not be published.
    pub fn at(&self, output: &Output) -> Result<(), Box<Diagnostic>> {
        let is_open =
            |head: &Head| head.kind == Kind::Channel && self.listed.contains(&fold(&head.name));
        if !output.drew_on.iter().all(|head| is_open(head)) {
            return Err(leak(output, "it draws on a contact that is not listed"));
        }
        // The first part of an address is a contact or a word of the program; tags come from
        // public messages and may be called anything.
        if output.path.depth() > 0 && self.private.holds(output.path.as_str().as_bytes()) {
            return Err(leak(output, "its address is that of a private folder"));
        }
        Ok(())
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
) -> Result<(), Box<Diagnostic>> {
    if private.names.is_empty() {
        return Ok(());
    }
    let leads_in = match output.what {
        // A feed holds pages in escaped form; elsewhere what is escaped is the author's text.
        What::Feed(_, Format::Atom) => attributes::lead_in(bytes, Some(b"&quot;"), base, private),
        What::Feed(_, Format::Json) => json::leads_in(bytes, base, private),
        // All but the addresses of its messages is what pages say, as text.
        What::Shard(ref shard) => {
            shard.messages.iter().any(|message| private.holds(message.page.as_str().as_bytes()))
        }
        _ => attributes::lead_in(bytes, None, base, private),
    };
    match leads_in {
        true => Err(leak(output, "it links into a private folder")),
        false => Ok(()),
    }
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
    use std::sync::Arc;

    #[test]
    fn an_address_that_bears_the_name_of_a_private_folder_is_refused() {
        let private = Private::new([("Mira", "mira-1f"), ("archive", "archive-2e")]);
        let look = LastLook { listed: BTreeSet::new(), private: &private };
        let refused = |path: &str| {
            let output = Output {
                path: OutPath::fixed(path),
                what: What::Asset(Arc::from([])),
                fingerprint: Default::default(),
                drew_on: Vec::new(),
            };
            look.at(&output).is_err()
        };
        for path in ["mira-1f/a.html", "mira/in/a.html", "_/thread/mira-1f/a.html"] {
            assert!(refused(path), "{path}");
        }
        for path in ["notes/mira/a.html", "mira", "archive/index.html", "_/mira/a.html"] {
            assert!(!refused(path), "{path}");
        }
    }
}
