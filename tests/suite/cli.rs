//! What the program prints and how it ends.

use crate::support::Base;
use std::process::{Command, Output};

const SITE: &str = "-- handbill.toml\npublic = [\"notes\"]\nbase_url = \"https://example.org/\"\n\
    -- notes/outbox/2026-11-20T10-00-00Z.md\nOne. #tide\n\
    -- mira/inbox/2026-11-21T10-00-00Z.md\nTwo.\n-- mira/outbox/2026-11-22T10-00-00Z.md\nThree.\n";

/// Runs the program in an empty environment, its clock at 2026-11-24T12:00:00Z.
fn handbill(base: &Base, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_handbill"))
        .args(arguments)
        .current_dir(base.path())
        .env_clear()
        .env("SOURCE_DATE_EPOCH", base.now.0.to_string())
        .output()
        .unwrap()
}

/// Runs the program; returns its exit code and what it printed, the folder's path redacted.
fn run(base: &Base, arguments: &[&str]) -> (i32, String, String) {
    let out = handbill(base, arguments);
    let root = std::fs::canonicalize(base.path()).unwrap();
    let text = |bytes: &[u8]| {
        String::from_utf8(bytes.to_vec()).unwrap().replace(root.to_str().unwrap(), "BASE")
    };
    (out.status.code().unwrap(), text(&out.stdout), text(&out.stderr))
}

#[test]
fn build_says_where_to_look_and_what_it_did() {
    let base = Base::of(SITE);
    let (code, out, talk) = run(&base, &["build"]);
    assert_eq!((code, out.as_str()), (0, ""));
    let lines: Vec<&str> = talk.lines().collect();
    assert_eq!(lines[0], "3 messages in 2 contacts");
    assert!(lines[1].starts_with("public  BASE/_site/public/index.html  ("), "{talk}");
    assert!(lines[2].starts_with("reader  BASE/_site/reader/index.html  ("), "{talk}");
    let (code, _, talk) = run(&base, &["build"]);
    assert_eq!(code, 0);
    assert_eq!(talk.matches("(0 written, ").count(), 2, "{talk}");
}

#[test]
fn a_finding_is_printed_with_its_line_and_a_caret() {
    let base = Base::of(SITE);
    base.write("handbill.toml", "pubilc = [\"notes\"]\npublic = []\n");
    let (code, out, talk) = run(&base, &["check"]);
    assert_eq!(code, 0);
    assert_eq!(
        out,
        "warning[unknown-key]: unknown key `pubilc`\n  --> handbill.toml:1:1\n  |\n1 | pubilc = [\"notes\"]\n  | ^^^^^^\n   = did you mean `public`?\n\n"
    );
    assert!(talk.contains("1 warning"), "{talk}");
    assert!(!base.at(".handbill").exists() && !base.at("_site").exists());
}

#[test]
fn exit_codes_tell_ones_own_errors_from_those_of_others() {
    let base = Base::of(SITE);
    let broken = "+++\ntitle = \"open\n+++\nx";
    base.write("mira/inbox/2026-11-23T10-00-00Z.md", broken);
    assert_eq!(run(&base, &["build"]).0, 0);
    assert_eq!(run(&base, &["build", "--strict"]).0, 1);
    base.write("notes/outbox/2026-11-23T10-00-00Z.md", broken);
    assert_eq!(run(&base, &["build"]).0, 1);
    assert_eq!(run(&base, &["check"]).0, 1);
    let (code, _, talk) = run(&base, &["build", "no-such-folder"]);
    assert_eq!((code, talk.as_str()), (2, "error: there is no folder `no-such-folder`\n"));
    assert_eq!(run(&base, &["build", "--base-url", "nonsense"]).0, 2);
    assert_eq!(run(&base, &["build", "--output", "mira/inbox/x"]).0, 2);
}

#[test]
fn programs_get_json() {
    let base = Base::of(SITE);
    let (_, out, _) = run(&base, &["build", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&json["messages"], &json["contacts"]), (&3.into(), &2.into()));
    assert_eq!(json["editions"][0]["edition"], "public");
    let (_, out, _) = run(&base, &["check", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert!(json["diagnostics"].is_array() && json["milliseconds"].is_object());
    let (_, out, _) = run(&base, &["debug", "view", "reader/mira/index.html"]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["template"], "contact.html");
    assert_eq!(json["view"]["days"][0]["messages"][0]["mine"], true);
}

#[test]
fn the_base_folder_is_found_from_any_folder_inside_it() {
    let base = Base::of(SITE);
    base.folder("notes/outbox/2020/deep");
    assert_eq!(
        run(&base, &["build", "notes/outbox/2020/deep", "-q"]),
        (0, String::new(), String::new())
    );
    assert!(base.at("_site/reader/index.html").is_file());
}

#[test]
fn one_edition_or_another_place_can_be_asked_for() {
    let base = Base::of(SITE);
    assert_eq!(run(&base, &["build", "--edition", "reader"]).0, 0);
    assert!(!base.at("_site/public").exists());
    assert_eq!(run(&base, &["build", "--output", "out", "--state", "state", "-q"]).0, 0);
    assert!(base.at("out/public/notes/index.html").is_file() && base.at("state/lock").is_file());
    let (_, _, talk) = run(&base, &["build", "-v"]);
    assert!(talk.contains(" ms  scan") && talk.contains(" ms  publish reader"), "{talk}");
}

#[test]
fn debug_plan_gives_the_reason_for_each_output() {
    let base = Base::of(SITE);
    let (_, out, _) = run(&base, &["debug", "plan"]);
    assert!(out.contains("new     public/notes/2026-11-20T10-00-00Z.html  message\n"), "{out}");
    base.build();
    base.write("notes/outbox/2026-11-20T10-00-00Z.md", "One, mended. #tide\n");
    let (_, out, _) = run(&base, &["debug", "plan"]);
    assert!(out.contains("changed public/notes/2026-11-20T10-00-00Z.html  message\n"), "{out}");
    assert!(!out.contains("mira"), "{out}");
    let (code, _, talk) = run(&base, &["debug", "view", "reader/no.html"]);
    assert!(code == 2 && talk.contains("`handbill debug plan` lists"), "{talk}");
}
