//! The commands for people and scripts, as they are typed.

mod docs;
mod hook;
mod theme;

use crate::support::{Base, Tree, difference, png, tree, without_letters};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

const SITE: &str = "-- handbill.toml\n# Mine.\npublic = [\"notes\"] # for all\n\
    base_url = \"https://example.org/\"\n\
    -- notes/outbox/channel.toml\nid = \"7a4f2b0e-9d0c-4c57-8c7a-0d2f5d0a6b11\"\ntitle = \"Notes\"\n\
    -- notes/outbox/2026-11-20T10-00-00Z.md\nOne. #tide\n\
    -- harbour/inbox/2026-11-19T10-00-00Z.md\nZero.\n\
    -- mira/inbox/2026-11-21T10-00-00Z.md\nTwo \u{1b}[31mred \u{202e}back.\n\
    -- mira/outbox/2026-11-22T10-00-00Z.md\n# Three\n\nThe third.\n";

/// What a command did.
#[derive(Debug)]
struct Did {
    code: i32,
    out: String,
    talk: String,
}

/// Runs the program in a folder; `input` is piped in, the clock stands at that of the base.
fn run_in(base: &Base, folder: &Path, input: &str, words: &[&str], env: &[(&str, &str)]) -> Did {
    let mut command = Command::new(env!("CARGO_BIN_EXE_handbill"));
    command.args(words).current_dir(folder).env_clear();
    command.env("SOURCE_DATE_EPOCH", base.now.0.to_string()).envs(env.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Who does not read it has closed it already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let out = child.wait_with_output().unwrap();
    let root = fs::canonicalize(base.path()).unwrap();
    let text = |bytes: &[u8]| {
        String::from_utf8(bytes.to_vec()).unwrap().replace(root.to_str().unwrap(), "BASE")
    };
    Did { code: out.status.code().unwrap(), out: text(&out.stdout), talk: text(&out.stderr) }
}

fn run(base: &Base, words: &[&str]) -> Did {
    run_in(base, base.path(), "", words, &[])
}

/// Runs a command that succeeds; returns what it printed.
#[track_caller]
pub fn ok(base: &Base, words: &[&str]) -> String {
    let did = run(base, words);
    assert_eq!(did.code, 0, "{words:?}: {did:?}");
    did.out
}

/// Runs a command that fails and says why.
#[track_caller]
fn refused(base: &Base, words: &[&str], part: &str) {
    let did = run(base, words);
    assert!(did.code == 2 && did.talk.contains(part), "{words:?}: {did:?}");
    assert!(did.out.is_empty(), "{did:?}");
}

fn json(base: &Base, words: &[&str]) -> serde_json::Value {
    serde_json::from_str(&ok(base, words)).unwrap()
}

/// Runs `post`; returns the path of the message below the base folder.
#[track_caller]
fn post(base: &Base, words: &[&str]) -> String {
    let out = ok(base, &[&["post"], words].concat());
    out.strip_prefix("BASE/").unwrap().trim_end().to_owned()
}

fn read(base: &Base, path: &str) -> String {
    fs::read_to_string(base.at(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Writes a program for the tests' own path.
#[cfg(unix)]
fn program(base: &Base, name: &str, script: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    base.write(&format!("_bin/{name}"), format!("#!/bin/sh\n{script}\n"));
    let file = base.at(&format!("_bin/{name}"));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    let usual = std::env::var("PATH").unwrap();
    format!("{}:{usual}", base.at("_bin").display())
}

#[test]
fn init_makes_settings_and_leaves_those_that_are_there() {
    let base = Base::new();
    ok(&base, &["init", "new/site"]);
    let settings = read(&base, "new/site/handbill.toml");
    assert!(settings.contains("public = []"), "{settings}");
    let did = run(&base, &["check", "new/site"]);
    assert_eq!((did.code, did.talk.as_str()), (0, "nothing is wrong\n"));
    base.write("new/site/handbill.toml", "# Mine.\n");
    assert!(run(&base, &["init", "new/site"]).talk.contains("stays as it is"));
    let next = "next: `cd new/site`, then `handbill add channel NAME`";
    assert!(run(&base, &["init", "new/site"]).talk.contains(next));
    let did = run_in(&base, &base.at("new/site"), "", &["init"], &[]);
    assert!(did.talk.contains("next: `handbill add channel NAME`"), "{did:?}");
    assert_eq!(read(&base, "new/site/handbill.toml"), "# Mine.\n");
}

#[test]
fn init_demo_is_the_example() {
    let base = Base::new();
    ok(&base, &["init", "demo", "--demo"]);
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("example-channel");
    let of_example = |(path, _): &(String, Vec<u8>)| {
        !path.starts_with("_site/") && !path.starts_with(".handbill/")
    };
    let example: Tree = tree(&example).into_iter().filter(of_example).collect();
    assert_eq!(difference(&tree(&base.at("demo")), &example), None);
    ok(&base, &["build", "demo", "-q"]);
    assert!(base.at("demo/_site/public/index.html").is_file());
    refused(&base, &["init", "demo", "--demo"], "is not empty");
}

#[test]
fn the_package_holds_the_example() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let left_out = manifest.split("\nexclude = [").nth(1).unwrap().split(']').next().unwrap();
    let mut patterns = left_out.split(", ").map(|pattern| pattern.trim_matches('"'));
    // Without a `/` before it, `benches` would leave a contact of the example out.
    let of_example = |pattern: &str| match pattern.strip_prefix("/example-channel") {
        Some(rest) => rest != "/_site" && rest != "/.handbill",
        None => !pattern.starts_with('/'),
    };
    assert_eq!(patterns.find(|pattern| of_example(pattern)), None);
}

#[test]
fn add_makes_contacts_of_each_kind() {
    let base =
        Base::of("-- handbill.toml\n# Mine.\npublic = [\n  \"old\", # gone\n]\n# port = 1\n");
    let words = ["add", "channel", "notes", "--title", "Field \"notes\"", "--author", "Odo"];
    ok(&base, &words);
    let channel = read(&base, "notes/outbox/channel.toml");
    let id = channel.split("id = \"").nth(1).unwrap().split('"').next().unwrap();
    assert!(uuid::Uuid::parse_str(id).is_ok_and(|id| id.get_version_num() == 4), "{channel}");
    assert!(channel.contains("title = 'Field \"notes\"'"), "{channel}");
    ok(&base, &["add", "channel", "later", "--unlisted"]);
    assert!(!read(&base, "later/outbox/channel.toml").contains(id), "an id of its own");
    let key = "B2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3";
    ok(&base, &["add", "subscription", "harbour log", "--key", key]);
    ok(&base, &["add", "conversation", "mira"]);
    assert_eq!(
        read(&base, "handbill.toml"),
        format!(
            "# Mine.\npublic = [\n  \"old\", # gone\n  \"notes\",\n]\n# port = 1\n\n\
             [contact.\"harbour log\"]\nsubscribe = \"{key}\"\n"
        )
    );
    let kinds = json(&base, &["list", "--format", "json"]);
    let kinds: Vec<_> = kinds["contacts"].as_array().unwrap().iter().map(|c| &c["kind"]).collect();
    assert_eq!(kinds, ["subscription", "channel", "conversation", "channel"]);
    assert_eq!(fs::read_dir(base.at("mira/inbox")).unwrap().count(), 0);
}

#[test]
fn add_never_changes_what_a_contact_is_for_others() {
    let base = Base::of(SITE);
    let before = tree(base.path());
    refused(&base, &["add", "channel", "notes"], "handbill public add notes");
    refused(&base, &["add", "conversation", "notes"], "may be public");
    refused(&base, &["add", "subscription", "notes"], "is a channel");
    refused(&base, &["add", "channel", "harbour"], "is a subscription");
    refused(&base, &["add", "channel", "Notes"], "in case only");
    refused(&base, &["add", "channel", "../x"], "cannot be the name");
    refused(&base, &["add", "channel", "btmessage"], "did you mean `btmessage/_messages`?");
    let key = "A2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3";
    let did = run(&base, &["add", "subscription", "new", "--key", key]);
    assert!(did.code == 2 && !did.talk.contains(key) && did.talk.contains("read-only"), "{did:?}");
    refused(&base, &["add", "channel", "new", "--language", "no no"], "language tag");
    let mut after = tree(base.path());
    after.remove(".handbill/writing.lock");
    assert_eq!(difference(&before, &after), None);
    assert!(!base.at("new").exists());
    ok(&base, &["add", "conversation", "harbour"]);
    assert!(base.at("harbour/outbox/channel.toml").is_file());
}

#[test]
fn a_contact_that_is_not_there_is_told_with_the_folder_that_was_looked_in() {
    let base = Base::of(SITE);
    let all: [&[&str]; 4] = [
        &["post", "quux", "x"],
        &["share", "quux"],
        &["public", "add", "quux"],
        &["timeline", "--contact", "quux"],
    ];
    for words in all {
        refused(&base, words, "no contact `quux` in `BASE`: `handbill list` shows those you have");
    }
    refused(&base, &["public", "add", "nots"], "did you mean `notes`?");
    refused(&base, &["timeline", "--contact", "miro"], "did you mean `mira`?");
}

#[test]
fn a_folder_that_is_no_base_folder_is_not_filled_with_a_site() {
    let base = Base::of("-- papers/a.txt\nNo contact.\n-- papers/sub/b.md\nNeither.\n");
    let before = tree(base.path());
    for words in [&["build", "papers"][..], &["public", "remove", "quux", "papers"]] {
        refused(&base, words, "`BASE/papers` is no base folder");
    }
    assert_eq!(difference(&before, &tree(base.path())), None);
    let check = |folder: &str, words: &[&str]| {
        ok(&base, &[&["build", folder], words].concat());
        assert!(base.at(&format!("{folder}/_site/public/index.html")).is_file());
    };
    check("papers", &["--allow-empty"]);
    // What a tool has done to an inbox does not make its contact none.
    base.write("odd/mira/inbox (1)/2026-11-20.md", "Hello.");
    check("odd", &[]);
    ok(&base, &["init", "new"]);
    check("new", &[]);
}

#[test]
fn the_folder_of_btmessage_is_told_from_its_contacts() {
    let base = Base::of("-- btmessage/_messages/mira/inbox/2013-08-11T14-34-37Z.txt\nHello.\n");
    for words in [["build", "btmessage"], ["init", "btmessage"], ["list", "btmessage"]] {
        refused(&base, &words, "did you mean `btmessage/_messages`?");
    }
    ok(&base, &["build", "btmessage/_messages"]);
}

#[test]
fn what_lies_in_a_box_is_no_base_folder() {
    let base = Base::of(SITE);
    base.write("mira/inbox/handbill.toml", "[hooks]\nafter_public = 'touch ran'\n");
    base.write("mira/inbox/sub/outbox/2026-11-20.md", "A stranger's.");
    let before = tree(&base.at("mira/inbox"));
    for folder in ["mira/inbox", "mira/inbox/sub", "mira/inbox/sub/outbox"] {
        let did = run_in(&base, &base.at(folder), "", &["build", "-q"], &[]);
        assert_eq!(did.code, 0, "{did:?}");
        let did = run_in(&base, &base.at(folder), "", &["init"], &[]);
        assert!(did.code == 2 && did.talk.contains("lies in a box"), "{did:?}");
        refused(&base, &["init", &format!("{folder}/new"), "--demo"], "lies in a box");
    }
    post(&base, &["mira", "Hello", "-C", "mira/inbox"]);
    assert_eq!(tree(&base.at("mira/inbox")), before);
}

#[test]
fn public_changes_the_list_and_builds() {
    let base = Base::of(SITE);
    base.write("other/outbox/2026-11-20.md", "Other.");
    ok(&base, &["public", "add", "Other"]);
    assert!(base.at("_site/public/other/index.html").is_file());
    let settings = "# Mine.\npublic = [\"notes\", \"other\"] # for all\n";
    assert!(read(&base, "handbill.toml").starts_with(settings));
    assert_eq!(ok(&base, &["public", "list"]), "notes\nother\n");
    assert!(run(&base, &["public", "add", "other"]).talk.contains("already"));
    ok(&base, &["public", "remove", "notes"]);
    assert!(!base.at("_site/public/notes").exists());
    ok(&base, &["public", "remove", "OTHER", "--no-build"]);
    assert!(base.at("_site/public/other").exists());
    assert!(read(&base, "handbill.toml").starts_with("# Mine.\npublic = [] # for all\n"));
    refused(&base, &["public", "add", "mira"], "stays private");
    refused(&base, &["public", "add", "nobody"], "handbill list");
    base.write("handbill.toml", "public = [\"mira\"]\n");
    let did = run(&base, &["public", "list"]);
    assert!(
        did.code == 1 && did.out == "mira\n" && did.talk.contains("is not published"),
        "{did:?}"
    );
}

#[test]
fn a_new_channel_may_wait_for_its_first_message() {
    let base = Base::new();
    ok(&base, &["add", "channel", "notes"]);
    for _ in 0..2 {
        let did = run(&base, &["build"]);
        assert!(did.code == 0 && !did.talk.contains("left as it was"), "{did:?}");
    }
    let path = post(&base, &["notes", "First"]);
    ok(&base, &["build"]);
    base.remove(&path);
    let did = run(&base, &["build"]);
    assert!(did.code == 2 && did.talk.contains("has lost all its messages"), "{did:?}");
}

#[test]
fn post_writes_what_is_given_piped_or_attached() {
    let base = Base::of(SITE);
    base.write("_files/Gull.png", png(4, 3)).write("_files/b.txt", "b");
    let words = ["notes", "Low tide. #tide", "--tag", "Tide", "--tag", "gauge"];
    let path =
        post(&base, &[&words[..], &["--attach", "_files/Gull.png", "_files/b.txt"]].concat());
    assert_eq!(without_letters(&path), "notes/outbox/2026-11-24T12-00-00Z-low-tide.md");
    assert_eq!(read(&base, &path), "+++\ntags = [\"gauge\"]\n+++\nLow tide. #tide\n");
    let stem = path.strip_suffix(".md").unwrap();
    assert_eq!(fs::read_dir(base.at(stem)).unwrap().count(), 2);
    let did = run_in(&base, &base.at("mira/outbox"), "Piped\n", &["post", "mira", "-t", "T"], &[]);
    let piped = did.out.trim_end().strip_prefix("BASE/").unwrap_or_else(|| panic!("{did:?}"));
    assert_eq!(without_letters(piped), "mira/outbox/2026-11-24T12-00-00Z-t.md");
    assert_eq!(read(&base, piped), "+++\ntitle = \"T\"\n+++\nPiped\n");
    ok(&base, &["build"]);
    let page = base.page(&format!("public/{}.html", stem.replace("/outbox", "")));
    assert!(page.contains("Low tide.") && page.contains("b.txt") && page.contains("Gull.png"));
    refused(&base, &["post", "notes"], "nothing to write");
    refused(&base, &["post", "harbour", "x"], "no outbox");
    refused(&base, &["post", "note", "x"], "did you mean `notes`?");
    refused(&base, &["post", "notes", "--tag", "a b", "x"], "cannot be a tag");
    refused(&base, &["post", "notes", "--attach", "_files/b.txt", "Text"], "before `--attach`");
    base.write("_files/a.heic", "\0\0\0\u{18}ftypheic");
    let heic = ["post", "notes", "Heic", "--attach", "_files/a.heic"];
    refused(&base, &heic, "`--keep-location`");
    ok(&base, &[&heic[..], &["--keep-location"]].concat());
}

/// Waits up to ten seconds: a running watch looks at everything only every minute.
fn soon(mut is: impl FnMut() -> bool) -> bool {
    (0..1000).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        is()
    })
}

#[test]
fn a_running_watch_shows_what_is_posted() {
    let base = Base::of(SITE);
    let mut command = Command::new(env!("CARGO_BIN_EXE_handbill"));
    command.args(["watch", "-q"]).current_dir(base.path()).stdin(Stdio::null());
    let mut watch = command.env("SOURCE_DATE_EPOCH", base.now.0.to_string()).spawn().unwrap();
    let shown = |path: &str| {
        let page = path.replace("/outbox", "").replace(".md", ".html");
        soon(|| base.at(&format!("_site/reader/{page}")).is_file())
    };
    let began = shown("notes/outbox/2026-11-20T10-00-00Z.md");
    base.write("_files/b.txt", "b");
    let posts: [&[&str]; 2] =
        [&["notes", "Alone"], &["notes", "With a file", "--attach", "_files/b.txt"]];
    let seen = posts.map(|words| shown(&post(&base, words)));
    watch.kill().unwrap();
    watch.wait().unwrap();
    assert!(began && seen == [true, true], "{began} {seen:?}");
}

#[test]
fn a_draft_is_not_in_the_outbox() {
    let base = Base::of(SITE);
    let before = tree(&base.at("notes/outbox"));
    let path = post(&base, &["notes", "Not yet", "--draft", "-C", "mira"]);
    assert_eq!(without_letters(&path), "notes/drafts/2026-11-24T12-00-00Z-not-yet.md");
    assert_eq!(tree(&base.at("notes/outbox")), before);
}

#[test]
fn a_reply_names_its_message_in_any_way() {
    let base = Base::of(SITE);
    ok(&base, &["build"]);
    let timeline = json(&base, &["timeline", "--contact", "notes", "--format", "json"]);
    let id = timeline["messages"][0]["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("urn:uuid:"), "{id}");
    let upper = id.replace("urn:uuid:", "").to_uppercase();
    for reference in [
        "notes/outbox/2026-11-20T10-00-00Z.md",
        "./notes/outbox/2026-11-20T10-00-00Z.md",
        "_site/reader/notes/2026-11-20T10-00-00Z.html",
        "notes/2026-11-20T10-00-00Z.html",
        "http://localhost:8888/notes/2026-11-20T10-00-00Z.html",
        "https://example.org/notes/2026-11-20T10-00-00Z.html",
        &id,
        &format!("urn:uuid:{upper}"),
    ] {
        let path = post(&base, &["mira", "Reply", "--reply-to", reference]);
        let text = read(&base, &path);
        assert!(text.contains(&format!("in_reply_to = \"{id}\"")), "{reference}: {text}");
    }
    let far = "https://elsewhere.example/a";
    assert!(read(&base, &post(&base, &["mira", "Far", "--reply-to", far])).contains(far));
    refused(&base, &["post", "mira", "x", "--reply-to", "urn:uuid:x"], "can be answered");
    refused(&base, &["post", "mira", "x", "--reply-to", "no-such.md"], "no message that is known");
    refused(
        &base,
        &["post", "mira", "x", "--reply-to", "http://localhost:8888/no.html"],
        "no message that is known",
    );
    let private = "mira/inbox/2026-11-21T10-00-00Z.md";
    let did = run(&base, &["post", "notes", "Indiscreet", "--reply-to", private]);
    assert!(did.code == 0 && did.talk.contains("stays out of the public edition"), "{did:?}");
    ok(&base, &["build"]);
    assert!(!base.edition("public").keys().any(|path| path.contains("indiscreet")));
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_an_editor_opens_and_no_text_is_lost() {
    let base = Base::of(SITE);
    let path = program(&base, "ed it", "printf 'Written by hand' > \"$2\"");
    let typed = |words: &str| {
        let line = format!("{} {words}", env!("CARGO_BIN_EXE_handbill"));
        let mut script = Command::new("script");
        script.args(["-qec", &line, "/dev/null"]).current_dir(base.path());
        script.env("PATH", &path).env("SHELL", "/bin/sh").env("VISUAL", "'ed it' --wait");
        let script = script.env("SOURCE_DATE_EPOCH", base.now.0.to_string());
        let out = script.stdin(Stdio::null()).output().unwrap();
        (out.status.code(), String::from_utf8(out.stdout).unwrap())
    };
    let (code, said) = typed("post notes");
    assert_eq!(code, Some(0), "{said}");
    let path = said.trim_end().rsplit_once("notes/outbox/").unwrap().1;
    assert_eq!(without_letters(path), "2026-11-24T12-00-00Z-written-by-hand.md");
    assert_eq!(read(&base, &format!("notes/outbox/{path}")), "Written by hand\n");
    assert!(tree(&base.at(".handbill/tmp")).is_empty());
    let (code, said) = typed("post notes --language 'no no'");
    assert_eq!(code, Some(2), "{said}");
    let kept = tree(&base.at(".handbill/tmp"));
    let (name, text) = kept.iter().next().unwrap();
    assert!(said.contains(name.as_str()) && text == b"Written by hand", "{said}");
}

#[test]
fn list_tells_kinds_counts_and_problems() {
    let base = Base::of(SITE);
    base.write("other/outbox/2026-11-20.md", "+++\ntitle = \"open\n+++\nx");
    let did = run(&base, &["list"]);
    assert_eq!(
        did.out,
        "harbour  subscription     1  2026-11-19\n\
         mira     conversation     2  2026-11-22\n\
         notes    channel, public  1  2026-11-20  Notes\n\
         other    channel          1  2026-11-20  1 error\n"
    );
    assert_eq!(
        (did.code, did.talk.as_str()),
        (0, "`other` is not public: `handbill public add other` publishes it\n")
    );
    let all = json(&base, &["list", "--format", "json"]);
    let mira = &all["contacts"][1];
    assert_eq!((&mira["sent"], &mira["received"]), (&1.into(), &1.into()));
    assert_eq!(mira["last"], "2026-11-22T10:00:00Z");
    assert_eq!(all["contacts"][3]["errors"], 1);
    assert!(!base.at(".handbill").exists() && !base.at("_site").exists(), "a look writes nothing");
}

#[test]
fn the_timeline_shows_the_newest_and_cannot_steer_the_terminal() {
    let base = Base::of(SITE);
    base.write("loud/inbox/2026-11-23.md", "Muted.");
    let settings = read(&base, "handbill.toml");
    base.write("handbill.toml", format!("{settings}[contact.loud]\nmute = true\n"));
    assert_eq!(
        ok(&base, &["timeline", "-n", "2"]),
        "2026-11-22 10:00 me to mira\nThree\nThe third.\nmira/outbox/2026-11-22T10-00-00Z.md\n\n\
         2026-11-21 10:00 mira\nTwo [31mred back.\nmira/inbox/2026-11-21T10-00-00Z.md\n"
    );
    let all = json(&base, &["timeline", "--format", "json"]);
    let all = all["messages"].as_array().unwrap();
    let order: Vec<_> = all.iter().map(|m| m["contact"].as_str().unwrap()).collect();
    assert_eq!(order, ["mira", "mira", "notes", "harbour"]);
    assert_eq!(all[2]["tags"][0], "tide");
    assert!(ok(&base, &["timeline", "--contact", "LOUD"]).contains("Muted."));
    refused(&base, &["timeline", "--contact", "nobody"], "handbill list");
    let coloured = run_in(&base, base.path(), "", &["timeline"], &[("CLICOLOR_FORCE", "1")]);
    assert!(coloured.out.contains("\u{1b}[1mmira\u{1b}[0m"), "{coloured:?}");
    assert!(!coloured.out.contains("\u{1b}[31m"), "{coloured:?}");
    let env = [("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")];
    let plain = run_in(&base, base.path(), "", &["timeline"], &env);
    assert!(!plain.out.contains('\u{1b}'), "{plain:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn open_prints_the_address_and_opens_it_where_there_is_a_screen() {
    let base = Base::of(SITE);
    refused(&base, &["open"], "`handbill build` makes it");
    ok(&base, &["build"]);
    let did = run(&base, &["open"]);
    assert_eq!((did.code, did.out.as_str()), (0, "file://BASE/_site/reader/index.html\n"));
    assert!(did.talk.contains("open the address above yourself"), "{did:?}");
    let note = base.at("opened");
    let path = program(&base, "xdg-open", &format!("echo \"$1\" > '{}'", note.display()));
    let env = [("DISPLAY", ":0"), ("PATH", path.as_str())];
    let did = run_in(&base, base.path(), "", &["open", "--edition", "public"], &env);
    assert_eq!((did.code, did.talk.as_str()), (0, ""));
    assert!(read(&base, "opened").ends_with("_site/public/index.html\n"));
}

#[test]
fn completions_and_manual_pages_are_of_this_program() {
    let base = Base::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = ok(&base, &["completions", shell]);
        assert!(script.contains("keep-location") && script.contains("timeline"), "{shell}");
    }
    let pages: BTreeMap<&str, &[&str]> = [
        ("handbill\\-timeline", &["man"][..]),
        ("\\-\\-keep\\-location", &["man", "post"]),
        ("handbill public add", &["man", "public", "add"]),
    ]
    .into();
    for (part, words) in pages {
        let page = ok(&base, words);
        assert!(page.contains(".TH") && page.contains(part), "{words:?}: {page}");
    }
    refused(&base, &["man", "nosuch"], "no command `nosuch`");
}
