//! One bad file costs that file: it is told, its neighbours are shown, and the public edition
//! does not know of it.

use super::{pages, text};
use crate::support::{Base, set_time};
use handbill::text::escape_into;
use std::fs;
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

/// What a bad file comes to.
enum Outcome {
    /// It is shown, and something about it is told.
    Shown,
    /// It is shown and nothing has to be told.
    Silent,
    /// It is not shown, but told.
    Rejected,
}
use Outcome::{Rejected, Shown, Silent};

/// Files by name, with their bytes, what is told of them and what they come to. `WORD` stands in
/// each that has a text.
const FILES: &[(&str, &[u8], &str, Outcome)] = &[
    ("2026-11-01T10-00-00Z-latin.md", b"caf\xE9 WORD", "not-utf8", Shown),
    ("2026-11-01T10-00-01Z-half.md", b"WORD \xF0\x9F\x91", "not-utf8", Shown),
    ("2026-11-01T10-00-02Z-long.md", b"WORD \xC0\x80 \xED\xA0\x80", "not-utf8", Shown),
    ("2026-11-01T10-00-03Z-bom.md", b"\xEF\xBB\xBFWORD", "", Silent),
    ("2026-11-01T10-00-04Z-crlf.md", b"+++\r\ntitle = \"x\"\r\n+++\r\nWORD\r\n", "", Silent),
    ("2026-11-01T10-00-05Z-wide.md", b"\xFF\xFEW\0O\0R\0D\0", "", Silent),
    ("2026-11-01T10-00-06Z-wide.md", b"\xFE\xFF\0W\0O\0R\0D", "", Silent),
    ("2026-11-01T10-00-07Z-odd.md", b"\xFF\xFEW\0O\0R\0D\0x", "not-utf8", Shown),
    ("2026-11-01T10-00-08Z-controls.md", b"\x01WORD\x1B[31m\x7F", "", Silent),
    ("2026-11-01T10-00-09Z-header.md", b"+++\ntitle = \"x\n+++\nWORD", "bad-header", Shown),
    ("2026-11-01T10-00-10Z-key.md", b"+++\ntitel = \"x\"\n+++\nWORD", "unknown-key", Shown),
    ("2026-11-01T10-00-11Z-value.md", b"+++\ndate = 5\n+++\nWORD", "wrong-value", Shown),
    ("2026-11-01T10-00-12Z-ref.md", b"WORD ![x](nowhere.jpg)", "missing-file", Shown),
    ("2026-11-01T10-00-13Z-out.md", b"WORD ![x](../../../../etc/passwd)", "outside-box", Shown),
    ("undated.md", b"WORD", "no-date", Shown),
    ("rejected-nul.md", b"WORD\0", "binary", Rejected),
    ("rejected-wide-nul.md", b"\xFF\xFEW\0\0\0", "binary", Rejected),
    ("2026-11-02T10-00-00Z-rejected-empty.md", b"", "empty", Rejected),
    ("2099-11-02T10-00-00Z-rejected-held.md", b"WORD", "held", Rejected),
    ("2026-11-02T10-00-00Z-rejected.txt", b"WORD", "not-a-message", Rejected),
    ("2026-11-01T10-00-03Z-bom.markdown", b"rejected", "same-name", Rejected),
    ("a.sync-conflict-20261123-140900-K4LFMQY.md", b"rejected", "conflict-copy", Rejected),
    ("a (conflicted copy 2026-11-23).md", b"rejected", "conflict-copy", Rejected),
    ("1/2/3/4/5/6/7/8/9/10/11/12/rejected.md", b"rejected", "too-deep", Rejected),
];

const BOXES: [&str; 2] = ["mine/outbox", "stranger/inbox"];

fn base() -> Base {
    let base = Base::of(
        "-- handbill.toml\npublic = [\"mine\"]\n\
         [limits]\nown_message = 2000\ninbox_message = 2000\n\
         own_attachment = 2000\ninbox_attachment = 2000\nattachments = 2\n",
    );
    for folder in BOXES {
        base.write(&format!("{folder}/2026-11-01T09-00-00Z-before.md"), "Good neighbour before.");
        base.write(&format!("{folder}/2026-11-30T09-00-00Z.txt"), "never shown: held");
        base.write(&format!("{folder}/2026-11-23T09-00-00Z-after.md"), "Good neighbour after.");
    }
    base
}

fn with_files() -> Base {
    let base = base();
    for folder in BOXES {
        for (name, bytes, _, _) in FILES {
            base.write(&format!("{folder}/{name}"), bytes);
        }
        // Its time is all that tells when it was written: not after the tests' own now.
        let time = UNIX_EPOCH + Duration::from_secs(base.now.0 as u64 - 86_400);
        set_time(&base.at(&format!("{folder}/undated.md")), time);
    }
    base
}

/// Asserts that a finding is told by `check` and on the status page.
#[track_caller]
fn assert_told(base: &Base, code: &str, path: &str) {
    let findings = base.findings();
    let told = findings.iter().find(|found| **found == format!("{code} {path}"));
    assert!(told.is_some(), "{code} {path}: {findings:#?}");
    let mut shown = String::new();
    escape_into(&mut shown, path);
    assert!(base.page("reader/status/index.html").contains(&shown), "{path} on the status page");
}

#[test]
fn neighbours_of_bad_files_are_shown() {
    let base = with_files();
    base.build();
    for (edition, folder) in [("public", "mine"), ("reader", "mine"), ("reader", "stranger/in")] {
        for (stem, words) in [("01T09-00-00Z-before", "before"), ("23T09-00-00Z-after", "after")] {
            let page = base.page(&format!("{edition}/{folder}/2026-11-{stem}.html"));
            assert!(page.contains(&format!("Good neighbour {words}.")));
        }
        let contact = folder.split('/').next().unwrap();
        let feed = base.page(&format!("{edition}/{contact}/feed.xml"));
        assert!(feed.contains("Good neighbour before.") && feed.contains("Good neighbour after."));
    }
}

#[test]
fn a_bad_file_is_shown_as_well_as_can_be_and_told() {
    let base = with_files();
    base.build();
    for folder in BOXES {
        let (contact, side) = folder.split_once('/').unwrap();
        for (name, _, code, outcome) in FILES {
            let path = format!("{folder}/{name}");
            if !code.is_empty() {
                let told = if *code == "too-deep" {
                    path.replace("/rejected.md", "")
                } else {
                    path.clone()
                };
                assert_told(&base, code, &told);
            } else {
                assert!(!base.findings().iter().any(|found| found.ends_with(&path)), "{path}");
            }
            let inside = if side == "inbox" { "/in" } else { "" };
            let stem = name.rsplit_once('.').unwrap().0;
            let page = base.at(&format!("_site/reader/{contact}{inside}/{stem}.html"));
            match outcome {
                Shown | Silent => {
                    let html = fs::read_to_string(&page).unwrap_or_else(|e| panic!("{path}: {e}"));
                    assert!(html.contains("WORD"), "{path}");
                    let odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r');
                    assert!(!html.contains(odd), "{path}");
                }
                Rejected => assert!(!page.exists() || *code == "same-name", "{path}"),
            }
        }
    }
}

#[test]
fn the_public_edition_knows_of_no_bad_file() {
    let base = with_files();
    let report = base.build();
    assert!(report.found.len() > 30);
    let public = base.edition("public");
    for (path, bytes) in &public {
        let text = text(bytes);
        assert!(!path.contains("rejected") && !text.contains("rejected"), "{path}");
        assert!(!path.contains("status"), "{path}");
        for found in &report.found {
            let mut message = String::new();
            escape_into(&mut message, &found.message);
            assert!(!text.contains(&message), "{path}: {message}");
        }
    }
    assert!(pages(&public).any(|(path, _)| path == "mine/2026-11-01T10-00-00Z-latin.html"));
}

#[test]
fn what_is_too_large_or_too_many_is_named_and_not_copied() {
    let base = base();
    for folder in BOXES {
        base.write(&format!("{folder}/2026-11-03T10-00-00Z.md"), "WORD ".repeat(500));
        base.write(&format!("{folder}/2026-11-04T10-00-00Z.md"), "Three files.");
        base.write(&format!("{folder}/2026-11-04T10-00-00Z/a.txt"), "a");
        base.write(&format!("{folder}/2026-11-04T10-00-00Z/b.txt"), "b".repeat(2001));
        base.write(&format!("{folder}/2026-11-04T10-00-00Z/c.txt"), "c");
    }
    base.build();
    for (folder, out) in [(BOXES[0], "mine"), (BOXES[1], "stranger/in")] {
        assert_told(&base, "too-large", &format!("{folder}/2026-11-03T10-00-00Z.md"));
        assert_told(&base, "too-many-attachments", &format!("{folder}/2026-11-04T10-00-00Z.md"));
        assert_told(&base, "large-attachment", &format!("{folder}/2026-11-04T10-00-00Z/b.txt"));
        let reader = base.edition("reader");
        let large = text(&reader[&format!("{out}/2026-11-03T10-00-00Z.html")]);
        assert!(!large.contains("WORD") && large.contains("2.5 kB"), "{large}");
        let files = text(&reader[&format!("{out}/2026-11-04T10-00-00Z.html")]);
        assert!(files.contains("b.txt") && files.contains("2.0 kB"));
        assert!(reader.contains_key(&format!("{out}/2026-11-04T10-00-00Z/a.txt")));
        assert!(!reader.contains_key(&format!("{out}/2026-11-04T10-00-00Z/b.txt")));
        assert!(!reader.contains_key(&format!("{out}/2026-11-04T10-00-00Z/c.txt")));
    }
}

#[cfg(unix)]
#[test]
fn links_pipes_sockets_and_names_that_are_no_text_are_told_and_left_alone() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    let base = base();
    base.write("secret.txt", "canary outside of every box");
    base.write("mira/inbox/2026-11-03T10-00-00Z.md", "canary of a conversation");
    base.folder("mira/outbox");
    for folder in BOXES {
        let at = base.at(folder);
        symlink(base.at("secret.txt"), at.join("rejected-link.md")).unwrap();
        symlink("../../mira/inbox/2026-11-03T10-00-00Z.md", at.join("rejected-other.md")).unwrap();
        symlink("../../mira/inbox", at.join("rejected-folder")).unwrap();
        symlink("nowhere", at.join("rejected-nowhere.md")).unwrap();
        symlink(".", at.join("rejected-loop")).unwrap();
        assert!(
            Command::new("mkfifo").arg(at.join("rejected-pipe.md")).status().unwrap().success()
        );
        drop(UnixListener::bind(at.join("rejected-socket.md")).unwrap());
        fs::write(at.join(OsStr::from_bytes(b"rejected-\xFF.md")), "rejected").unwrap();
        fs::write(at.join("rejected\\backslash.md"), "rejected").unwrap();
        fs::create_dir(at.join(OsStr::from_bytes(b"rejected-\xFE"))).unwrap();
        fs::write(at.join(OsStr::from_bytes(b"rejected-\xFE/x.md")), "rejected").unwrap();
    }
    fs::create_dir_all(base.path().join(OsStr::from_bytes(b"contact-\xFF/inbox"))).unwrap();
    symlink("mira", base.at("linked")).unwrap();
    base.build();
    for folder in BOXES {
        for (code, name) in [
            ("link", "rejected-link.md"),
            ("link", "rejected-other.md"),
            ("link", "rejected-folder"),
            ("link", "rejected-nowhere.md"),
            ("link", "rejected-loop"),
            ("special-file", "rejected-pipe.md"),
            ("special-file", "rejected-socket.md"),
            ("bad-name", "rejected-\u{FFFD}.md"),
            ("bad-name", "rejected\\backslash.md"),
        ] {
            assert_told(&base, code, &format!("{folder}/{name}"));
        }
    }
    assert_told(&base, "bad-name", "contact-\u{FFFD}");
    assert_told(&base, "link", "linked");
    for (path, bytes) in base.edition("reader") {
        let text = text(&bytes);
        let status = path.starts_with("status");
        assert!(status || !text.contains("rejected") && !path.contains("rejected"), "{path}");
        assert!(!text.contains("canary outside"), "{path}");
        let shows = [
            "mira/",
            "archive/",
            "index.html",
            "feed.",
            "conversations/",
            "subscriptions/",
            "assets/search/",
        ];
        let mira = shows.iter().any(|own| path.starts_with(own));
        assert!(mira || !text.contains("canary of a conversation"), "{path}");
    }
    for (path, bytes) in base.edition("public") {
        assert!(!text(&bytes).contains("canary"), "{path}");
        assert!(!text(&bytes).contains("rejected"), "{path}");
    }
}

#[test]
fn pictures_that_would_burst_are_links() {
    let base = Base::new();
    for folder in BOXES {
        let stem = format!("{folder}/2026-11-05T10-00-00Z");
        base.write(
            &format!("{stem}.md"),
            "![a](wide.png) ![b](many.png) ![c](small.png)\n\n<img src=\"wide.png\"> \
             <img src=\"many.png\"> <img src=\"small.png\"> <a href=\"wide.png\">d</a>\n",
        );
        base.write(&format!("{stem}/wide.png"), crate::support::png(12_001, 1));
        base.write(&format!("{stem}/many.png"), crate::support::png(8_000, 8_000));
        base.write(&format!("{stem}/small.png"), crate::support::png(12_000, 3_000));
    }
    base.build();
    for out in ["mine", "stranger/in"] {
        let page = base.page(&format!("reader/{out}/2026-11-05T10-00-00Z.html"));
        let shown: Vec<&str> = page
            .split("<img ")
            .skip(1)
            .filter_map(|tag| tag.split("src=\"").nth(1)?.split('"').next()?.rsplit('/').next())
            .collect();
        assert_eq!(shown, ["small.png", "small.png"], "{page}");
        assert!(page.contains("wide.png\">d</a>"));
    }
}
