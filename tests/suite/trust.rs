//! `docs/security.md` names files and tests that exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the source files below a folder with their texts.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let entries = walkdir::WalkDir::new(root().join(folder)).into_iter().flatten();
    let files = entries.filter(|entry| entry.path().extension().is_some_and(|e| e == "rs"));
    files.map(|file| (file.path().to_owned(), fs::read_to_string(file.path()).unwrap())).collect()
}

/// Returns the names of tests, those of the suite with their modules.
fn tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (folder, top) in [("src", None), ("tests/suite", Some(root().join("tests/suite")))] {
        for (path, text) in sources(folder) {
            let module = top.as_ref().map_or(String::new(), |top| {
                let below = path.strip_prefix(top).unwrap().with_extension("");
                let parts: Vec<_> = below.iter().map(|part| part.to_str().unwrap()).collect();
                let parts: Vec<_> = parts.into_iter().filter(|part| *part != "mod").collect();
                parts.join("::") + "::"
            });
            for test in text.split("#[test]\n").skip(1) {
                let name = test.split("fn ").nth(1).and_then(|rest| rest.split('(').next());
                names.extend(name.map(|name| format!("{module}{name}")));
            }
        }
    }
    names
}

#[test]
fn what_the_document_of_trust_names_exists() {
    let text = fs::read_to_string(root().join("docs/security.md")).unwrap();
    let tests = tests();
    let (mut files, mut named) = (0, 0);
    for line in text.lines().filter(|line| line.starts_with("| ")) {
        for word in line.split('`').skip(1).step_by(2) {
            if word.starts_with("src/") {
                assert!(root().join(word).is_file(), "{word}");
                files += 1;
            } else if word.contains("::") || word.matches('_').count() > 3 {
                assert!(tests.contains(word), "there is no test {word}");
                named += 1;
            }
        }
    }
    assert!(files > 30 && named > 40, "{files} files, {named} tests");
}

#[test]
fn the_limits_of_the_document_are_those_of_the_program() {
    let text = fs::read_to_string(root().join("docs/format.md")).unwrap();
    let section = text.split("## 16. Limits").nth(1).unwrap().split("\n## ").next().unwrap();
    let limits = handbill::limits::Limits::default();
    let mib = |bytes: u64| format!("{} MiB |", bytes >> 20);
    for (name, value) in [
        ("inbox_message", mib(limits.inbox_message)),
        ("own_message", mib(limits.own_message)),
        ("inbox_attachment", mib(limits.inbox_attachment)),
        ("own_attachment", format!("{} GiB |", limits.own_attachment >> 30)),
        ("attachments", format!("{} |", limits.attachments)),
        ("messages", format!("{},000 |", limits.messages / 1000)),
    ] {
        let line = section.lines().find(|line| line.starts_with(&format!("| `{name}`")));
        assert!(line.is_some_and(|line| line.ends_with(&value)), "{name}: {line:?}, {value}");
    }
}
