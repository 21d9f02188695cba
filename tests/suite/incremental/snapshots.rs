//! Contacts that an earlier process made, in the place of those that would be made.

use super::rich;
use crate::support::{Base, Tree, difference, tree};
use handbill::build::Origin;
use handbill::disk;
use handbill::library::contact::{self, Snapshot};
use handbill::library::{Context, Side};
use std::fs;
use std::sync::Arc;

/// A base folder with all that a contact can have.
fn manifold() -> Base {
    let base = rich();
    base.write(
        "notes/outbox/channel.toml",
        "id = \"7a4f2b0e-9d0c-4c57-8c7a-0d2f5d0a6b11\"\ntitle = \"Field notes\"\n\
         [[authors]]\nname = \"Odo\"\navatar = \"avatar.png\"\n[[authors]]\nname = \"Una\"\n",
    );
    let write = |name: &str, text: &str| {
        base.write(&format!("notes/outbox/{name}"), text);
    };
    write("2026-11-06-una.md", "+++\nauthor = \"una\"\nid = \"urn:mine:1\"\n+++\nBy Una.");
    write(
        "2026-11-07-guest.md",
        "+++\nauthor = \"A guest\"\nupdated = 2026-11-08\n+++\nBy a guest.",
    );
    write("2026-11-08-none.md", "+++\nunknwon = 1\n+++\n[Una](2026-11-06-una.md), [lost](lost.md)");
    write("2027-11-08-held.md", "Held.");
    for at in 0..10 {
        write(&format!("2026-11-09-{at}.md"), &format!("+++\nauthor = \"Guest {at}\"\n+++\nHi."));
    }
    base
}

#[test]
fn a_contact_that_is_read_back_is_the_one_that_was_written() {
    let base = manifold();
    let opened = disk::open(&base.places(), &base.options()).unwrap();
    let context = Context { settings: &opened.loaded.settings, now: base.now };
    let mut sides = Vec::new();
    for origin in &opened.loaded.contacts {
        let Origin::Read(input) = origin else { panic!("a mere look recalls nothing") };
        let mut made = contact::make(input, None, &context).value.unwrap();
        sides.extend(made.messages.iter().map(|message| message.side));
        Arc::get_mut(&mut made).unwrap().end();
        let bytes = postcard::to_allocvec(&Snapshot(Arc::clone(&made))).unwrap();
        let Snapshot(read) = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(format!("{made:#?}"), format!("{read:#?}"));
        // Messages share their head and those who write.
        assert!(read.messages.iter().all(|m| Arc::ptr_eq(&m.head, &read.head)));
        for cut in 0..bytes.len() {
            assert!(postcard::from_bytes::<Snapshot>(&bytes[..cut]).is_err(), "{cut}");
        }
    }
    assert!(sides.contains(&Side::Inbox) && sides.contains(&Side::Outbox));
}

#[test]
fn a_site_is_the_same_whether_contacts_are_made_or_recalled() {
    let base = manifold();
    base.settle();
    base.build();
    base.write("mira/outbox/2026-11-09T10-00-00Z.md", "One more.");
    let report = base.build();
    let recalled = tree(&base.at("_site"));
    fs::remove_dir_all(base.at(".handbill/cache")).unwrap();
    fs::remove_dir_all(base.at("_site")).unwrap();
    let anew = base.build();
    let site = tree(&base.at("_site"));
    let pages = |site: &Tree| {
        let mut site = site.clone();
        site.retain(|path, _| !path.starts_with('.'));
        site
    };
    assert_eq!(difference(&pages(&recalled), &pages(&site)), None);
    assert_eq!(report.found, anew.found);
    assert_eq!((report.messages, report.contacts), (anew.messages, anew.contacts));
    assert_eq!(report.next_release, anew.next_release);
}
