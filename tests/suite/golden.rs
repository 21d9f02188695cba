//! A whole small site in both editions, as it should be: `golden/base` builds to `golden/public`
//! and `golden/reader`. `UPDATE_GOLDEN=1` writes what is built there instead.

use crate::support::{Base, Tree, tree};
use std::fs;
use std::path::{Path, PathBuf};

fn golden(part: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/golden").join(part)
}

/// Returns the pages and feeds of an edition; assets are compared by their own files.
fn pages(tree: Tree) -> Tree {
    let made =
        |path: &str| [".html", ".xml", ".opml", "feed.json"].iter().any(|end| path.ends_with(end));
    tree.into_iter().filter(|(path, _)| made(path)).collect()
}

#[test]
fn a_small_site_is_as_it_should_be() {
    let base = Base::new();
    for (path, bytes) in tree(&golden("base")) {
        base.write(&path, bytes);
    }
    base.build();
    for edition in ["public", "reader"] {
        let built = pages(base.edition(edition));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            let _ = fs::remove_dir_all(golden(edition));
            for (path, bytes) in &built {
                let file = golden(edition).join(path);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, bytes).unwrap();
            }
        }
        let expected = tree(&golden(edition));
        let names = |tree: &Tree| tree.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&built), names(&expected), "the files of the {edition} edition");
        for (path, bytes) in &built {
            let (built, expected) =
                (String::from_utf8_lossy(bytes), String::from_utf8_lossy(&expected[path]));
            assert!(
                built == expected,
                "{edition}/{path} differs:\n{built}\n--- expected:\n{expected}"
            );
        }
    }
}
