//! What stays good over time: addresses of contacts that were renamed, files of other versions.

use crate::support::Base;
use handbill::disk;
use handbill::library::Edition;
use std::fs;

const ID: &str = "id = \"6f6d2f0e-3d0b-4b0e-9a55-0a4c3ad5a111\"\n";

fn base() -> Base {
    let base = Base::of(
        "-- handbill.toml\npublic = [\"notes\"]\nbase_url = \"https://example.org/\"\n\
         -- notes/outbox/2026-11-23-tide.md\nLow tide.\n\
         -- mira/inbox/2026-11-22.md\nHello.\n\
         -- mira/outbox/2026-11-22.md\nHello too.\n",
    );
    base.write("notes/outbox/channel.toml", ID);
    base
}

fn rename(base: &Base, from: &str, to: &str) {
    fs::rename(base.at(from), base.at(to)).unwrap();
    base.write(
        "handbill.toml",
        format!("public = [\"{to}\"]\nbase_url = \"https://example.org/\"\n"),
    );
}

#[test]
fn a_renamed_contact_is_found_under_its_old_address() {
    let base = base();
    base.build();
    let page = base.page("public/notes/2026-11-23-tide.html");
    assert!(page.contains("Low tide."));
    rename(&base, "notes", "tides");
    base.build();
    for edition in ["public", "reader"] {
        let stub = base.page(&format!("{edition}/notes/2026-11-23-tide.html"));
        let to = "<meta http-equiv=\"refresh\" content=\"0; url=../tides/2026-11-23-tide.html\">";
        assert!(stub.contains(to) && !stub.contains("Low tide."), "{stub}");
        let index = base.page(&format!("{edition}/notes/index.html"));
        assert!(index.contains("url=../tides/index.html"), "{index}");
        let feed = base.page(&format!("{edition}/notes/feed.xml"));
        assert_eq!(feed, base.page(&format!("{edition}/tides/feed.xml")), "readers miss nothing");
    }
    // Still there after a third name; gone where somebody else has taken the address.
    rename(&base, "tides", "shore");
    base.build();
    assert!(base.page("public/notes/index.html").contains("url=../shore/index.html"));
    assert!(base.page("public/tides/index.html").contains("url=../shore/index.html"));
    base.write("notes/outbox/2026-11-24.md", "Somebody else.");
    base.build();
    assert!(base.page("reader/notes/index.html").contains("Somebody else."));
    assert!(!base.at("_site/public/notes").exists(), "not listed, and no stub tells of it");
    assert!(base.page("public/tides/index.html").contains("url=../shore/index.html"));
}

#[test]
fn the_public_edition_never_tells_a_name_that_was_private() {
    let base = base();
    base.write("handbill.toml", "base_url = \"https://example.org/\"\n");
    base.build();
    rename(&base, "notes", "tides");
    base.build();
    assert!(base.page("reader/notes/index.html").contains("url=../tides/index.html"));
    assert!(base.page("public/tides/index.html").contains("Low tide."));
    assert!(!base.at("_site/public/notes").exists());
}

#[test]
fn an_id_that_two_contacts_have_leads_nowhere() {
    let base = base();
    base.build();
    rename(&base, "notes", "tides");
    base.write("copy/outbox/channel.toml", ID).write("copy/outbox/2026-11-23-tide.md", "A copy.");
    base.build();
    assert!(!base.at("_site/reader/notes").exists());
}

#[test]
fn a_cache_of_another_version_is_recognized() {
    let base = base();
    base.settle().build();
    let file = base.at(".handbill/cache/messages.bin");
    // The seal of the same version would know that nothing has changed.
    fs::remove_file(base.at(".handbill/cache/seal.bin")).unwrap();
    let mut bytes = postcard::to_allocvec("0.0.9 1").unwrap();
    bytes.extend(fs::read(&file).unwrap());
    fs::write(&file, bytes).unwrap();
    let remark = base.build().remark.unwrap();
    assert_eq!(remark, "the cache was made by another Handbill, 0.0.9; all is read anew");
    assert_eq!(base.build().remark, None);
    fs::write(&file, "garbage").unwrap();
    assert_eq!(base.build().remark, None, "what is damaged is no version");
}

#[test]
fn a_manifest_of_a_later_version_is_left_alone() {
    let base = base();
    base.build();
    let file = base.at("_site/.public.manifest");
    let mut bytes = fs::read(&file).unwrap();
    bytes[0] += 1;
    fs::write(&file, &bytes).unwrap();
    base.write("notes/outbox/2026-11-24.md", "More.");
    let error = disk::build(&base.places(), &base.options()).unwrap_err().to_string();
    assert!(error.contains("written by a later version of Handbill"), "{error}");
    assert_eq!(fs::read(&file).unwrap(), bytes);
    assert!(!base.at("_site/public/notes/2026-11-24.html").exists());
    fs::remove_file(&file).unwrap();
    fs::remove_dir_all(base.at("_site/public")).unwrap();
    base.build();
    assert!(base.page("public/notes/2026-11-24.html").contains("More."));
}

#[test]
fn an_old_address_that_is_a_private_name_now_is_no_address() {
    let base = base();
    base.build();
    rename(&base, "notes", "tides");
    base.write("Notes/inbox/2026-11-24.md", "Private.");
    let report = base.build();
    assert_eq!(report.refused, None);
    assert!(!base.at("_site/public/notes").exists());
    assert!(base.page("public/tides/index.html").contains("Low tide."));
}

#[test]
fn an_address_is_public_only_when_it_was_published() {
    let base = base();
    let mut options = base.options();
    options.editions = vec![Edition::Reader];
    disk::build(&base.places(), &options).unwrap();
    rename(&base, "notes", "tides");
    base.build();
    assert!(base.at("_site/reader/notes/index.html").exists());
    assert!(!base.at("_site/public/notes").exists());
}
