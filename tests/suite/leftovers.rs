//! What sync tools, editors and systems leave behind is never a message; what comes late heals.

use crate::support::Base;

const SITE: &str = "-- handbill.toml\npublic = [\"notes\"]\nbase_url = \"https://example.org/\"\n\
    -- notes/outbox/2026-11-20T10-00-00Z.md\nOne. ![](pic.txt)\n\
    -- harbour/inbox/2013-08-11T14-34-37Z.txt\nTwo.\n\
    -- harbour/inbox/2013-08-11T14-34-37Z/log.csv\na,b\n";

#[test]
fn leftovers_of_tools_change_nothing() {
    let clean = Base::of(SITE);
    clean.build();
    let base = Base::of(SITE);
    for name in [
        ".stfolder/marker",
        ".stversions/2026-11-20T10-00-00Z~20261123-144256.md",
        ".sync/ID",
        ".sync/Archive/2012-01-01T00-00-00Z.md",
        ".syncthing.2026-11-21T10-00-00Z.md.tmp",
        "~syncthing~2026-11-21T10-00-00Z.md.tmp",
        "2026-11-21T10-00-00Z.md.!sync",
        "2026-11-21T10-00-00Z.md.part",
        ".2026-11-21T10-00-00Z.md.icloud",
        ".~tmp~/2026-11-21T10-00-00Z.md",
        "2026-11-21T10-00-00Z.md.3f2a9c1b.partial",
        "2026-11-20T10-00-00Z.md~",
        "#2026-11-20T10-00-00Z.md#",
        ".2026-11-20T10-00-00Z.md.swp",
        "4913",
        "sed51K05u",
        "Thumbs.db",
        "desktop.ini",
        ".DS_Store",
        "@eaDir/2026-11-21T10-00-00Z.md",
        "$RECYCLE.BIN/2026-11-21T10-00-00Z.md",
        ".git/HEAD.md",
        "2026-11-20T10-00-00Z.md.orig",
        ".dropbox.cache/x.md",
        ".~lock.2026-11-20T10-00-00Z.md#",
    ] {
        base.write(&format!("notes/outbox/{name}"), "Left behind.");
        base.write(&format!("harbour/inbox/{name}"), "Left behind.");
    }
    base.build();
    for edition in ["public", "reader"] {
        assert_eq!(base.edition(edition), clean.edition(edition), "{edition}");
    }
}

#[test]
fn marked_conflict_copies_are_reported_with_both_names_and_shown_nowhere() {
    let base = Base::of(SITE);
    let copy = "notes/outbox/2026-11-20T10-00-00Z.sync-conflict-20261123-140900-K4LFMQY.md";
    base.write(copy, "Zweite Fassung.");
    let report = base.build();
    let found = report.found.iter().find(|d| d.code == "conflict-copy").unwrap();
    assert_eq!(found.path, copy);
    assert!(found.message.contains("`2026-11-20T10-00-00Z.md`"), "{}", found.message);
    for edition in ["public", "reader"] {
        let shown = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).contains("Zweite Fassung");
        assert!(!base.edition(edition).values().any(shown));
    }
    assert!(base.page("reader/status/index.html").contains("sync-conflict"));
}

#[test]
fn an_unmarked_conflict_copy_is_shown_to_me_with_a_note_and_to_nobody_else() {
    let base = Base::of(SITE);
    base.write("notes/outbox/2026-11-20T10-00-00Z-LAPTOP.md", "Zweite Fassung.");
    base.build();
    let has = |edition: &str| {
        base.edition(edition)
            .iter()
            .any(|(_, b)| String::from_utf8_lossy(b).contains("Zweite Fassung"))
    };
    assert!(has("reader") && !has("public"));
    assert!(base.page("reader/notes/index.html").contains("conflict copy"));
}

#[test]
fn an_attachment_that_comes_late_heals_its_message() {
    let base = Base::of(SITE);
    base.build();
    let page = "public/notes/2026-11-20T10-00-00Z.html";
    assert!(base.page(page).contains("pic.txt has not arrived yet"));
    base.write("notes/outbox/2026-11-20T10-00-00Z/pic.txt", "here");
    base.build();
    assert!(base.page(page).contains("href=\"../notes/2026-11-20T10-00-00Z/pic.txt\""));
    assert_eq!(base.page("public/notes/2026-11-20T10-00-00Z/pic.txt"), "here");
}

#[test]
fn a_folder_of_missive_builds_unchanged() {
    let base = Base::of(
        "-- bob/inbox/2013-08-11T14-34-37Z.txt\nHello *Bob*\n\
         -- bob/inbox/2013-08-11T14-34-37Z/note.txt\nattached\n\
         -- bob/outbox/2013-08-12T09-00-00Z.txt\nHello back\n",
    );
    assert_eq!(base.findings(), [""; 0]);
    base.build();
    let page = base.page("reader/bob/in/2013-08-11T14-34-37Z.html");
    assert!(page.contains("Hello <em>Bob</em>") && page.contains("2013-08-11T14-34-37Z/note.txt"));
    assert!(base.page("reader/bob/2013-08-12T09-00-00Z.html").contains("Hello back"));
}
