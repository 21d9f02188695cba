//! `docs/themes.md` tells what templates see: held against `handbill debug view`.

use crate::support::tree;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The types of the document by their heading in small letters: fields with the words for their
/// type.
struct Document {
    types: BTreeMap<String, BTreeMap<String, String>>,
    /// The type of `view` by template.
    views: BTreeMap<String, String>,
    /// What every template sees.
    names: BTreeMap<String, String>,
}

fn document() -> Document {
    let text = fs::read_to_string(Path::new(ROOT).join("docs/themes.md")).unwrap();
    let mut parts = text.split("\n### ");
    let intro = rows(parts.next().unwrap());
    let (views, names) = intro.into_iter().partition(|(name, _)| name.ends_with(".html"));
    let typed = |part: &str| {
        let (heading, table) = part.split_once('\n').unwrap();
        (heading.to_lowercase(), rows(table))
    };
    Document { types: parts.map(typed).collect(), views, names }
}

/// Returns the first two cells of all table rows that begin with a name in backticks.
fn rows(text: &str) -> BTreeMap<String, String> {
    let row = |line: &str| {
        let mut cells = line.strip_prefix("| `")?.split(" | ");
        let name = cells.next()?.strip_suffix('`')?.to_owned();
        Some((name, cells.next()?.trim().to_owned()))
    };
    text.lines().filter_map(row).collect()
}

impl Document {
    /// Checks a value against the words for a type; returns what does not fit.
    fn check(&self, value: &Value, words: &str, place: &str, wrong: &mut BTreeSet<String>) {
        let mut fits = |good: bool| {
            if !good {
                wrong.insert(format!("{place} is no `{words}`: {value:.60}"));
            }
        };
        if let Some(words) = words.strip_suffix(" or none") {
            if !value.is_null() {
                self.check(value, words, place, wrong);
            }
            return;
        }
        if let Some(words) = words.strip_prefix("list of ") {
            match value.as_array() {
                Some(list) => {
                    list.iter()
                        .for_each(|one| self.check(one, words, &format!("{place}[]"), wrong));
                }
                None => fits(false),
            }
            return;
        }
        match words {
            "text" | "html" => fits(value.is_string()),
            "number" => fits(value.is_u64()),
            "truth" => fits(value.is_boolean()),
            "table of texts" => {
                fits(value.as_object().is_some_and(|o| o.values().all(Value::is_string)));
            }
            "anything" => {}
            _ => self.object(value, words, place, wrong),
        }
    }

    /// Checks that an object has exactly the fields of a type, which is written as a link.
    fn object(&self, value: &Value, words: &str, place: &str, wrong: &mut BTreeSet<String>) {
        let name = words.strip_prefix('[').and_then(|rest| rest.split_once("](#")).unwrap().0;
        assert!(words.ends_with(&format!("(#{})", name.replace(' ', "-"))), "{words}");
        let fields = self.types.get(name).unwrap_or_else(|| panic!("no heading for {words}"));
        let Some(object) = value.as_object() else {
            wrong.insert(format!("{place} is no {name}: {value:.60}"));
            return;
        };
        for key in object.keys().filter(|key| !fields.contains_key(*key)) {
            wrong.insert(format!("{name}.{key} is not documented"));
        }
        for (key, words) in fields {
            match object.get(key) {
                Some(value) => self.check(value, words, &format!("{name}.{key}"), wrong),
                None => drop(wrong.insert(format!("{name}.{key} is documented and not there"))),
            }
        }
    }
}

/// Returns what `handbill debug` prints for the example.
fn debug(example: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_handbill"));
    let out = command.arg("debug").args(arguments).arg(example).output().unwrap();
    assert!(out.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

#[test]
fn the_document_of_themes_tells_what_templates_see() {
    let document = document();
    let example = Path::new(ROOT).join("example-channel");
    let elsewhere = tempfile::tempdir().unwrap();
    for (path, bytes) in tree(&example) {
        if !path.starts_with("_site/") && !path.starts_with(".handbill/") {
            let file = elsewhere.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, bytes).unwrap();
        }
    }
    // A message that was deleted, and a contact that was renamed, so that there are old addresses.
    let build = || {
        let mut build = Command::new(env!("CARGO_BIN_EXE_handbill"));
        assert!(build.args(["build", "--quiet"]).arg(elsewhere.path()).output().is_ok());
    };
    build();
    fs::remove_file(elsewhere.path().join("benches/outbox/2024-07-14T10-15-45Z-wet-paint.md"))
        .unwrap();
    build();
    // And a message that was changed: of the second change the text is known, however old it is.
    let changed = elsewhere.path().join("enquiry-desk/inbox/2026-11-12T15-50-44Z-finished.md");
    for more in ["\n\nNo more of this.\n", "\n\nAnd that is all.\n"] {
        let text = fs::read_to_string(&changed).unwrap();
        fs::write(&changed, text + more).unwrap();
        build();
    }
    fs::rename(elsewhere.path().join("corrections"), elsewhere.path().join("errata")).unwrap();
    fs::remove_dir_all(elsewhere.path().join("_site")).unwrap();
    // Up to eight pages of each kind and edition.
    let mut seen: BTreeMap<(String, bool), usize> = BTreeMap::new();
    let mut wrong = BTreeSet::new();
    for line in debug(elsewhere.path(), &["plan"]).lines() {
        let (page, kind) = line["new     ".len()..].split_once("  ").unwrap();
        let template = format!("{kind}.html");
        let Some(words) = document.views.get(&template) else {
            assert!(!page.ends_with(".html"), "{template} is not documented");
            continue;
        };
        let count = seen.entry((template.clone(), page.starts_with("reader"))).or_default();
        *count += 1;
        if *count > 8 {
            continue;
        }
        let view: Value = serde_json::from_str(&debug(elsewhere.path(), &["view", page])).unwrap();
        assert_eq!(view["template"], template.as_str());
        for name in document.names.keys().filter(|name| *name != "view") {
            document.check(&view[name], &document.names[name], name, &mut wrong);
        }
        if words != "nothing" {
            document.check(&view["view"], words, &template, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let used: BTreeSet<&String> = seen.keys().map(|(template, _)| template).collect();
    assert_eq!(used, document.views.keys().collect(), "every template is documented and used");
}
