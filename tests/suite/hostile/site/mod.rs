//! Whole builds of a base folder full of hostile files.

mod files;
mod folder;
mod pages;

pub use folder::hostile_base;

use crate::support::Tree;
use handbill::diagnostic::Diagnostic;
use handbill::path::OutPath;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn pages(tree: &Tree) -> impl Iterator<Item = (&String, String)> {
    tree.iter().filter(|(path, _)| path.ends_with(".html")).map(|(path, bytes)| (path, text(bytes)))
}
