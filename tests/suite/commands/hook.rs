//! `[hooks] after_public`.

use super::{Did, read, run, run_in};
use crate::support::Base;

/// A site whose hook writes a line for each run, and fails where there is a file `fail`.
fn site(base_url: &str) -> Base {
    let base = Base::of("-- notes/outbox/2026-11-20T10-00-00Z.md\nOne.\n");
    let hook = "echo loud; test ! -e fail; echo \"$HANDBILL_PUBLIC $HANDBILL_BASE_URL\" >> ran";
    base.write(
        "handbill.toml",
        format!(
            "public = [\"notes\"]\nbase_url = \"{base_url}\"\n[hooks]\nafter_public = '''set -e; {hook}'''\n"
        ),
    );
    base
}

fn runs(base: &Base) -> usize {
    std::fs::read_to_string(base.at("ran")).unwrap_or_default().lines().count()
}

fn build(base: &Base) -> Did {
    run(base, &["build", "--format", "json"])
}

#[test]
fn it_runs_after_the_public_edition_has_changed() {
    let base = site("https://example.org/");
    let did = build(&base);
    assert_eq!((did.code, did.talk.as_str()), (0, "loud\n"), "what it prints is talk: {did:?}");
    let json: serde_json::Value = serde_json::from_str(&did.out).unwrap();
    assert_eq!(json["after_public"], "done");
    let said = read(&base, "ran");
    assert!(said.ends_with("_site/public https://example.org/\n"), "{said}");
    assert_eq!(build(&base).talk, "", "nothing has changed");
    base.write("mira/inbox/2026-11-21.md", "Private.");
    build(&base);
    assert_eq!(runs(&base), 1, "the reader edition alone has changed");
    base.write("notes/outbox/2026-11-22.md", "Two.");
    run(&base, &["build", "--edition", "reader"]);
    assert_eq!(runs(&base), 1);
    build(&base);
    assert_eq!(runs(&base), 2);
    run(&base, &["public", "remove", "notes"]);
    assert_eq!(runs(&base), 3);
}

#[test]
fn what_failed_is_told_and_tried_again() {
    let base = site("https://example.org/");
    base.write("fail", "");
    let did = run(&base, &["build"]);
    assert!(did.code == 1 && did.talk.contains("`after_public` failed: exit code 1"), "{did:?}");
    assert!(base.at("_site/public/notes/index.html").is_file());
    assert_eq!(run(&base, &["build"]).code, 1, "nothing new, and still not done");
    base.remove("fail");
    assert_eq!((run(&base, &["build"]).code, runs(&base)), (0, 1));
}

#[test]
fn it_is_refused_where_nobody_else_can_read() {
    let base = site("http://localhost:8888/");
    let did = run(&base, &["build"]);
    assert!(did.code == 1 && did.talk.contains("was not run"), "{did:?}");
    assert_eq!(runs(&base), 0);
}

#[test]
fn it_may_build_without_end() {
    let base = site("https://example.org/");
    let own = env!("CARGO_BIN_EXE_handbill");
    let settings = read(&base, "handbill.toml").replace("set -e;", &format!("'{own}' build -q;"));
    base.write("handbill.toml", settings);
    assert_eq!((run(&base, &["build"]).code, runs(&base)), (0, 1));
}

#[test]
fn a_program_gets_its_arguments_as_they_are() {
    let base = site("https://example.org/");
    let settings = "public = [\"notes\"]\n[hooks]\nafter_public = [\"touch\", \"a b; touch c\"]\n";
    base.write("handbill.toml", settings);
    let path = std::env::var("PATH").unwrap();
    run_in(&base, base.path(), "", &["build"], &[("PATH", &path)]);
    assert!(base.at("a b; touch c").exists() && !base.at("c").exists());
    base.write("handbill.toml", settings.replace("touch\",", "no-such-program\","));
    base.write("notes/outbox/2026-11-22.md", "Two.");
    let did = run(&base, &["build"]);
    assert!(did.code == 1 && did.talk.contains("could not be run"), "{did:?}");
}

#[test]
fn a_command_that_came_by_an_inbox_never_runs() {
    // Nothing above says that this inbox is one.
    let base = Base::of("-- mira/inbox/notes/outbox/2026-11-20.md\nOne.\n");
    let settings = "public = [\"notes\"]\n[hooks]\nafter_public = \"touch ran\"\n";
    base.write("mira/inbox/handbill.toml", settings);
    let did = run_in(&base, &base.at("mira/inbox"), "", &["build"], &[]);
    assert!(did.code == 1 && did.talk.contains("may be a stranger's"), "{did:?}");
    assert!(!base.at("mira/inbox/ran").exists());
}
