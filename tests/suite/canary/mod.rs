//! Nothing private ever reaches the public edition: canary words stand everywhere private, and
//! none of them is found there.

mod editions;
mod folder;
mod inboxes;
mod keys;
mod look;
mod pictures;

use crate::support::{Base, Tree, tree};

/// Begins every canary word; it stands in no word of ours.
const CANARY: &str = "zqxj";

/// Returns all that somebody gets who is given the public edition, and its manifest beside it.
fn public(base: &Base) -> Tree {
    let mut files = base.edition("public");
    for name in [".public.manifest", ".public.journal"] {
        if let Ok(bytes) = std::fs::read(base.at("_site").join(name)) {
            files.insert(name.to_owned(), bytes);
        }
    }
    files
}

/// Returns the paths and texts of a tree in lower case.
fn folded(tree: &Tree) -> Vec<(String, String)> {
    let lower = |bytes: &[u8]| String::from_utf8_lossy(bytes).to_lowercase();
    tree.iter().map(|(path, bytes)| (path.to_lowercase(), lower(bytes))).collect()
}

/// Asserts that a word stands in no file and no path of a tree, in any case.
#[track_caller]
fn assert_absent(word: &str, tree: &[(String, String)]) {
    let word = word.to_lowercase();
    for (path, text) in tree {
        let found = text.find(&word).map(|at| {
            let from = text.floor_char_boundary(at.saturating_sub(80));
            &text[from..text.ceil_char_boundary((at + 80).min(text.len()))]
        });
        assert!(found.is_none() && !path.contains(&word), "{word} in public/{path}: {found:?}");
    }
}

/// Returns everything below the base folder that a build has written.
fn written(base: &Base) -> Tree {
    let mut all = tree(&base.at("_site"));
    all.extend(
        tree(&base.at(".handbill")).into_iter().map(|(path, b)| (format!(".handbill/{path}"), b)),
    );
    all
}
