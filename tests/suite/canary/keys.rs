//! A key that lets its holder write appears in no output, no cache and no word of the program,
//! wherever it was written.

use super::written;
use crate::support::Base;
use std::process::Command;
use std::time::{Duration, SystemTime};

/// A well-formed body of a key: 32 letters of base32.
const BODY: &str = "2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3";

/// Returns the writing keys of every kind, each with a word by which it is told from the others.
fn keys() -> [String; 3] {
    [format!("A{BODY}"), format!("D{BODY}"), "handbill-master:s3cr3t_Zqxj-9".to_owned()]
}

/// What of a key must be found nowhere: enough of it to guess the rest.
fn secrets() -> [String; 2] {
    [BODY.to_lowercase(), "s3cr3t_zqxj-9".to_owned()]
}

/// Places a key is written to: the file and its text. `KEY` stands for it.
const PLACES: &[(&str, &str)] = &[
    (
        "handbill.toml",
        "public = [\"notes\"]\n# KEY\ntitle = \"KEY\"\nKEY = 1\n[contact.mira]\nalias = \"KEY\"\nsubscribe = \"KEY\"\n",
    ),
    (
        "notes/outbox/channel.toml",
        "# KEY\ntitle = \"KEY\"\ndescription = \"with KEY in it\"\nlicense = \"KEY\"\navatar = \"KEY.png\"\nKEY = \"x\"\n[[author]]\nname = \"KEY\"\n[[subscribe]]\ntransport = \"resilio\"\nkey = \"KEY\"\n[[subscribe]]\ntransport = \"KEY\"\nlink = \"btsync://KEY?n=x\"\n",
    ),
    ("notes/outbox/2026-11-01T10-00-00Z.md", "The key is KEY, *KEY* and (KEY). #KEY\n"),
    (
        "notes/outbox/2026-11-01T10-00-01Z.md",
        "```\nKEY\n```\n\n    KEY\n\n`KEY` <!-- KEY --> <b title=\"KEY\">KEY</b>\n",
    ),
    (
        "notes/outbox/2026-11-01T10-00-02Z.md",
        "# KEY\n\n[KEY](https://example.org/?k=KEY \"KEY\") ![KEY](KEY.png) [x][KEY]\n\n[KEY]: KEY\n",
    ),
    (
        "notes/outbox/2026-11-01T10-00-03Z.md",
        "x[^KEY]\n\n[^KEY]: KEY\n\n| KEY |\n|---|\n| KEY |\n\nhttps://KEY.example/KEY\n",
    ),
    (
        "notes/outbox/2026-11-01T10-00-04Z.md",
        "+++\ntitle = \"KEY\"\nauthor = \"KEY\"\ntags = [\"KEY\"]\nsummary = \"KEY\"\nid = \"urn:KEY\"\nin_reply_to = \"KEY\"\nthumbnail = \"KEY\"\nlanguage = \"KEY\"\nKEY = \"KEY\"\n[extra]\nKEY = \"KEY\"\n+++\nx",
    ),
    (
        "notes/outbox/2026-11-01T10-00-05Z.md",
        "---\ntitle: KEY # KEY\ntags:\n- KEY\nextra:\n  k: KEY\n---\nx",
    ),
    ("notes/outbox/2026-11-01T10-00-06Z.md", "+++\ntitle = \"KEY\nKEY\n+++\nx"),
    ("notes/outbox/2026-11-01T10-00-07Z.md", "+++\ntitle = \"KEY\"\n"),
    ("notes/outbox/2026-11-01T10-00-08Z.md", "Files."),
    ("notes/outbox/2026-11-01T10-00-08Z/a.txt", "KEY"),
    ("notes/outbox/2026-11-01T10-00-08Z/a.md", "the KEY\n"),
    ("notes/outbox/2026-11-01T10-00-08Z/a.csv", "a,KEY,b"),
    ("notes/outbox/2026-11-01T10-00-08Z/a.json", "{\"key\":\"KEY\"}"),
    ("notes/outbox/2026-11-01T10-00-08Z/a.html", "<p>KEY</p>"),
    ("notes/outbox/2026-11-01T10-00-08Z/a.yaml", "key: KEY"),
    ("notes/outbox/2026-11-01T10-00-08Z/a.log", "KEY"),
    ("notes/outbox/2026-11-01T10-00-08Z/a.conf", "{\"secret\" : \"KEY\"}"),
    ("notes/outbox/2026-11-01T10-00-08Z/a.svg", "<svg><text>KEY</text></svg>"),
    ("notes/outbox/2026-11-01T10-00-08Z/a", "KEY"),
    ("notes/outbox/2026-11-01T10-00-08Z/KEY.txt", "named"),
    ("notes/outbox/2026-11-01T10-00-08Z/KEY/a.txt", "named"),
    ("notes/outbox/2026-11-01T10-00-09Z-KEY.md", "named"),
    ("notes/outbox/KEY.md", "named"),
    ("notes/outbox/KEY.jpg", "named"),
    ("notes/outbox/KEY/2026-11-01T10-00-10Z.md", "named"),
    ("notes/outbox/KEY.sync-conflict-20261123-140900-K4LFMQY.md", "named"),
    ("notes/outbox/2026-11-01T10-00-11Z KEY.txt", "named"),
    ("mira/inbox/2026-11-01T10-00-00Z.md", "Theirs: KEY\n"),
    ("mira/inbox/2026-11-01T10-00-00Z/a.txt", "KEY"),
    (
        "mira/inbox/channel.toml",
        "title = \"KEY\"\n[[subscribe]]\ntransport = \"resilio\"\nkey = \"KEY\"\n",
    ),
    ("mira/inbox/KEY.md", "named"),
    ("old/inbox KEY/x", "a trace of an inbox"),
    ("old/outbox/2026-11-01T10-00-00Z.md", "x"),
    ("contact KEY/outbox/2026-11-01T10-00-00Z.md", "named"),
    ("theme/words/en.toml", "footer = \"KEY\"\n"),
    ("theme/assets/KEY.css", "x"),
    ("theme/assets/a.css", "/* KEY */"),
];

/// Returns a base folder with one key in all places that can hold it.
fn base(key: &str) -> Base {
    let base = Base::new();
    for (path, text) in PLACES {
        // `:` and `/` stand in no file name on some systems; a master key has one of them.
        if path.contains("KEY") && key.contains(':') && cfg!(windows) {
            continue;
        }
        base.write(&path.replace("KEY", key), text.replace("KEY", key));
    }
    base.write("notes/outbox/2026-11-01T10-00-12Z.md", wide(&format!("Wide {key}")));
    base.write("notes/outbox/2026-11-01T10-00-13Z.md", format!("\u{FEFF}{key}"));
    base.write("notes/outbox/2026-11-01T10-00-14Z.md", "x".repeat(300) + " " + key);
    odd_entries(&base, key);
    base
}

/// Returns a text in UTF-16.
fn wide(text: &str) -> Vec<u8> {
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    [0xFF, 0xFE].into_iter().chain(units).collect()
}

#[cfg(unix)]
fn odd_entries(base: &Base, key: &str) {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    std::os::unix::fs::symlink("nowhere", base.at(&format!("notes/outbox/link {key}.md"))).unwrap();
    std::os::unix::fs::symlink("notes", base.at(&format!("linked {key}"))).unwrap();
    let name = |head: &[u8]| OsString::from_vec([head, b" ", key.as_bytes()].concat());
    std::fs::write(base.at("notes/outbox").join(name(b"\xFF")), "x").unwrap();
    std::fs::create_dir_all(base.path().join(name(b"\xFE")).join("outbox")).unwrap();
    base.folder(&format!("notes/outbox/1/2/3/4/5/6/7/8/9/10/11/12 {key}"));
}

#[cfg(not(unix))]
fn odd_entries(_: &Base, _: &str) {}

/// Removes what is no file and no UTF-8 from the outbox of the notes.
fn remove_odd_entries(base: &Base) {
    for entry in std::fs::read_dir(base.at("notes/outbox")).unwrap().flatten() {
        let name = entry.file_name();
        if entry.file_type().unwrap().is_symlink() || name.to_str().is_none() {
            std::fs::remove_file(entry.path()).unwrap();
        } else if name == "1" {
            std::fs::remove_dir_all(entry.path()).unwrap();
        }
    }
}

/// Asserts that a text holds nothing of a key.
#[track_caller]
fn assert_without(secret: &str, what: &str, text: &str) {
    let text = text.to_lowercase();
    let found = text.find(secret).map(|at| {
        let from = text.floor_char_boundary(at.saturating_sub(120));
        &text[from..text.ceil_char_boundary((at + 60).min(text.len()))]
    });
    assert_eq!(found, None, "{what}");
}

#[test]
fn writing_keys_appear_in_no_output_and_no_cache() {
    for key in keys() {
        let base = base(&key);
        for round in ["first", "second", "third"] {
            if round == "third" {
                // Where something odd is called by a key, what was made of the contact is not kept.
                remove_odd_entries(&base);
            }
            base.build();
            for (path, bytes) in written(&base) {
                for secret in secrets() {
                    let what = format!("{key}, {round} build: {path}");
                    assert_without(
                        &secret,
                        &what,
                        &format!("{path} {}", String::from_utf8_lossy(&bytes)),
                    );
                }
            }
            settle(&base);
        }
        let caches = [
            ("messages.bin", "notes/outbox/2026-11-01T10-00-00Z.md"),
            ("contacts.bin", "notes/2026-11-01T10-00-00Z.html"),
            ("contacts.bin", "mira/in/2026-11-01T10-00-00Z.html"),
        ];
        for (file, cached) in caches {
            let cache = std::fs::read(base.at(&format!(".handbill/cache/{file}"))).unwrap();
            let cache = String::from_utf8_lossy(&cache).to_lowercase();
            assert!(cache.contains(&cached.to_lowercase()), "{file} holds them");
        }
        assert!(base.edition("public").contains_key("notes/2026-11-01T10-00-00Z.html"));
        assert!(
            base.page("public/notes/2026-11-01T10-00-00Z.html").contains("writing key removed")
        );
        let feed = base.page("public/notes/feed.xml");
        assert!(feed.contains("writing key removed"));
    }
}

/// Sets the times of all files in boxes into the future, so that the cache takes them in: it does
/// not trust a file that was just written.
fn settle(base: &Base) {
    let time = SystemTime::now() + Duration::from_secs(20 * 365 * 86_400);
    for entry in walkdir::WalkDir::new(base.path()).into_iter().flatten() {
        if entry.file_type().is_file() && !entry.path().starts_with(base.at("_site")) {
            let file = std::fs::File::options().write(true).open(entry.path()).unwrap();
            file.set_modified(time).unwrap();
        }
    }
}

#[test]
fn writing_keys_appear_in_no_finding_and_nothing_that_is_printed() {
    for key in keys() {
        let base = base(&key);
        let report = base.build();
        let told = report.found.iter().filter(|found| found.code == "writing-key").count();
        assert!(told >= 20, "{told} places are told");
        for secret in secrets() {
            assert_without(&secret, &key, &format!("{:?}", report.found));
            assert_without(&secret, &key, &format!("{:?}", report.refused));
        }
        let folder = base.path().to_str().unwrap();
        for arguments in [
            &["build", "-v"][..],
            &["build", "--format", "json"],
            &["check", "-v"],
            &["check", "--format", "json"],
            &["debug", "plan"],
            &["debug", "view", "reader/notes/2026-11-01T10-00-04Z.html"],
            &["debug", "view", "reader/index.html"],
            &["debug", "view", "reader/status/index.html"],
        ] {
            let output = Command::new(env!("CARGO_BIN_EXE_handbill"))
                .args(arguments)
                .arg(folder)
                .env_clear()
                .output()
                .unwrap();
            let text = [output.stdout, output.stderr].concat();
            let text = String::from_utf8_lossy(&text);
            assert!(!text.is_empty());
            for secret in secrets() {
                assert_without(&secret, &format!("{key}: {arguments:?}"), &text);
            }
        }
    }
}

#[test]
fn each_place_of_a_key_is_told() {
    let key = &keys()[0];
    for (path, text) in PLACES {
        if !path.contains("KEY") && !text.contains("KEY") {
            continue;
        }
        let base = Base::of("-- handbill.toml\npublic = [\"notes\"]\n");
        for folder in ["notes/outbox/2026-11-01T10-00-08Z", "mira/inbox/2026-11-01T10-00-00Z"] {
            base.write(&format!("{folder}.md"), "Files.");
        }
        base.write(&path.replace("KEY", key), text.replace("KEY", key));
        let report = base.build();
        let told = report.found.iter().any(|found| {
            matches!(&*found.code, "writing-key" | "not-copied")
                && found.severity <= handbill::diagnostic::Severity::Warning
        });
        let elsewhere = path.contains("sync-conflict") || path.starts_with("old/");
        assert!(told || elsewhere, "{path}: {:#?}", report.found);
    }
}

#[test]
fn keys_that_may_be_given_away_stay() {
    let base = Base::of(&format!(
        "-- handbill.toml\npublic = [\"notes\"]\n\
         -- notes/outbox/channel.toml\n[[subscribe]]\ntransport = \"resilio\"\nkey = \"B{BODY}\"\n\
         -- notes/outbox/2026-11-01T10-00-00Z.md\nTake B{BODY}, or the old R{BODY}.\n"
    ));
    base.build();
    assert!(base.page("public/notes/index.html").contains(&format!(">B{BODY}</code>")));
    assert!(
        base.page("public/notes/2026-11-01T10-00-00Z.html")
            .contains(&format!("B{BODY}, or the old R{BODY}"))
    );
}

#[test]
fn a_key_does_not_hide_behind_what_cannot_be_seen() {
    let (head, tail) = BODY.split_at(10);
    for c in ['\u{1}', '\u{7F}', '\u{FFFF}', '\u{200B}', '\u{2060}', '\u{FEFF}', '\u{202E}'] {
        let base = Base::of("-- handbill.toml\npublic = [\"notes\"]\n");
        let key = format!("A{head}{c}{tail}");
        base.write("notes/outbox/channel.toml", format!("title = \"{key}\"\n"));
        base.write("notes/outbox/2026-11-01T10-00-00Z.md", format!("# {key}\n\nx {key} y"));
        base.write(
            "notes/outbox/2026-11-01T10-00-01Z.md",
            format!("---\ntitle: {key}\n---\n{key}"),
        );
        for _ in 0..2 {
            base.build();
            for (path, bytes) in written(&base) {
                let all = format!("{path} {}", String::from_utf8_lossy(&bytes));
                assert_without(&secrets()[0], &format!("{c:?}: {path}"), &all);
            }
            settle(&base);
        }
    }
}
