//! `handbill theme list` and `export`.

use super::{SITE, ok, refused, run};
use crate::support::{Base, difference, tree};
use std::path::Path;

#[test]
fn the_themes_are_listed_with_the_one_that_is_used() {
    let base = Base::of(SITE);
    let used = |base: &Base| {
        let list: serde_json::Value =
            serde_json::from_str(&ok(base, &["theme", "list", "--format", "json"])).unwrap();
        let themes = list["themes"].as_array().unwrap().clone();
        let used = themes.iter().filter(|theme| theme["used"] == true);
        used.map(|theme| theme["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(used(&base), ["default"]);
    let list = ok(&base, &["theme", "list"]);
    let lines: Vec<&str> = list.lines().collect();
    assert!(lines[0].starts_with("default  built in, used  "), "{list}");
    assert!(lines[1].starts_with("plain    built in  "), "{list}");
    assert!(lines[1].ends_with("text browser"), "{list}");

    base.write("theme/theme.toml", "base = \"plain\"\ndescription = \"Mine\"\n");
    base.write("themes/winter/words/en.toml", "");
    assert_eq!(used(&base), ["theme"], "the folder is used by itself");
    let list = ok(&base, &["theme", "list"]);
    assert!(list.contains("  a folder, over plain, used    Mine\n"), "{list}");
    assert!(list.lines().any(|line| line == "themes/winter  a folder, over default"), "{list}");

    base.write("handbill.toml", "theme = \"plain\"\n");
    assert_eq!(used(&base), ["plain"]);
    base.write("handbill.toml", "theme = \"plian\"\n");
    let did = run(&base, &["theme", "list"]);
    assert_eq!(did.code, 2, "{did:?}");
    assert!(did.out.starts_with("default  "), "what there is: {did:?}");
    assert!(did.talk.contains("names the theme `plian`: did you mean `plain`?"), "{did:?}");
}

#[test]
fn a_theme_is_exported_whole_and_says_how_it_is_used() {
    let base = Base::of(SITE);
    for name in ["default", "plain"] {
        let before = ok(&base, &["build", "-q"]);
        let usual = tree(&base.at("_site"));
        let did = run(&base, &["theme", "export", name]);
        assert_eq!(did.code, 0, "{did:?}");
        assert!(did.talk.contains(&format!("theme = \"themes/{name}\"")), "{did:?}");
        let theirs = tree(&base.at(&format!("themes/{name}")));
        let ours = tree(&Path::new(env!("CARGO_MANIFEST_DIR")).join("themes").join(name));
        assert_eq!(theirs.keys().collect::<Vec<_>>(), ours.keys().collect::<Vec<_>>());
        for (path, bytes) in &ours {
            assert!(path == "theme.toml" || theirs[path] == *bytes, "{path}");
        }
        // The copy makes the pages that the theme makes.
        let with = |theme: &str| {
            base.write("handbill.toml", format!("theme = \"{theme}\"\npublic = [\"notes\"]\n"));
            ok(&base, &["build", "-q"]);
            ["public", "reader"].map(|edition| {
                let mut site = tree(&base.at(&format!("_site/{edition}")));
                // What is the program's own is sent without what only people need.
                site.retain(|path, _| !path.ends_with(".js") && !path.ends_with(".css"));
                site
            })
        };
        let (theirs, ours) = (with(&format!("themes/{name}")), with(name));
        for (ours, theirs) in ours.iter().zip(&theirs) {
            assert_eq!(difference(ours, theirs), None, "{name}");
        }
        assert!(!usual.is_empty() && before.is_empty());
    }
}

#[test]
fn nothing_is_overwritten_and_no_box_is_written_into() {
    let base = Base::of(SITE);
    base.write("themes/plain/mine.txt", "mine");
    let before = tree(base.path());
    refused(&base, &["theme", "export", "plain"], "nothing is overwritten");
    refused(&base, &["theme", "export", "plain", "harbour/inbox/look"], "lies in a box");
    refused(&base, &["theme", "export", "plain", "harbour/Inbox"], "lies in a box");
    refused(&base, &["theme", "export", "plian"], "did you mean `plain`?");
    refused(&base, &["theme", "export", "x"], "there are `default`, `plain`");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(base.at("harbour/inbox"), base.at("way")).unwrap();
        refused(&base, &["theme", "export", "plain", "way/look"], "lies in a box");
        std::fs::remove_file(base.at("way")).unwrap();
    }
    assert!(tree(base.path()) == before);
    let did = run(&base, &["theme", "export", "plain", "elsewhere"]);
    assert!(did.talk.contains("theme = \"elsewhere\""), "{did:?}");
}
