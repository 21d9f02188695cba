//! How editors and tools save: in place, by a copy, by a rename.

use super::{Running, base, write};
use handbill::watch::How;
use std::fs;
use std::io::Write;

const PAGE: &str = "public/notes/2026-11-21T10-00-00Z-draft.html";

fn outbox(running: &Running, name: &str) -> std::path::PathBuf {
    running.base.at("notes/outbox").join(name)
}

#[test]
fn a_file_that_is_still_being_written_is_not_read() {
    let running = Running::start(base(), How::Native);
    let path = outbox(&running, "2026-11-21T10-00-00Z-draft.md");
    let mut file = fs::File::create(&path).unwrap();
    file.write_all(b"The beginning").unwrap();
    // Something else is built meanwhile.
    write(&outbox(&running, "2026-11-22T10-00-00Z-other.md"), "Another.");
    running.until_page("public/notes/2026-11-22T10-00-00Z-other.html", "Another.");
    assert!(!running.site(PAGE).exists());
    file.write_all(b" and the end.").unwrap();
    running.rest(200);
    assert!(!running.site(PAGE).exists());
    drop(file);
    running.until_page(PAGE, "The beginning and the end.");

    // The same with one that is there: what was written before stays until the file is closed.
    let mut file = fs::File::create(&path).unwrap();
    file.write_all(b"Quite").unwrap();
    write(&outbox(&running, "2026-11-22T10-00-00Z-other.md"), "Edited.");
    running.until_page("public/notes/2026-11-22T10-00-00Z-other.html", "Edited.");
    assert!(running.shows(PAGE, "The beginning and the end."));
    file.write_all(b" another.").unwrap();
    drop(file);
    running.until_page(PAGE, "Quite another.");
}

#[test]
fn every_way_of_saving_ends_on_the_page() {
    let running = Running::start(base(), How::Native);
    let path = outbox(&running, "2026-11-21T10-00-00Z-draft.md");
    // A shell: truncate, write.
    write(&path, "By a shell.");
    running.until_page(PAGE, "By a shell.");
    // vim: a swap file beside it, then in place.
    let swap = outbox(&running, ".2026-11-21T10-00-00Z-draft.md.swp");
    write(&swap, "swap");
    write(&path, "By vim.");
    running.until_page(PAGE, "By vim.");
    fs::remove_file(swap).unwrap();
    // vim with a backup: the old one is renamed away first.
    let backup = outbox(&running, "2026-11-21T10-00-00Z-draft.md~");
    fs::rename(&path, &backup).unwrap();
    write(&path, "By vim with a backup.");
    running.until_page(PAGE, "By vim with a backup.");
    fs::remove_file(backup).unwrap();
    // Many others: a new file, renamed over the old one.
    let new = outbox(&running, "2026-11-21T10-00-00Z-draft.md.tmp");
    write(&new, "By a rename.");
    fs::rename(&new, &path).unwrap();
    running.until_page(PAGE, "By a rename.");
    // sed -i.
    let sed = outbox(&running, "sed51K05u");
    write(&sed, "By sed.");
    fs::rename(&sed, &path).unwrap();
    running.until_page(PAGE, "By sed.");
    running.rest(1500);
    let names: Vec<_> = fs::read_dir(running.site("public/notes")).unwrap().flatten().collect();
    let pages = names.iter().filter(|entry| entry.path().extension().is_some_and(|e| e == "html"));
    assert_eq!(pages.count(), 3, "the index and two messages, no page of a temporary file");
}

#[test]
fn an_empty_file_waits_for_its_words() {
    let running = Running::start(base(), How::Native);
    let path = outbox(&running, "2026-11-21T10-00-00Z-draft.md");
    write(&path, "");
    running.rest(500);
    assert!(!running.site(PAGE).exists());
    write(&path, "Words at last.");
    running.until_page(PAGE, "Words at last.");
}

#[test]
fn a_file_that_comes_by_a_link_is_seen() {
    let running = Running::start(base(), How::Native);
    let elsewhere = running.base.at("draft.md");
    write(&elsewhere, "By a link.");
    fs::hard_link(&elsewhere, outbox(&running, "2026-11-21T10-00-00Z-draft.md")).unwrap();
    running.until_page(PAGE, "By a link.");
}
