//! The public edition knows no canary; the reader edition knows those it should.

use super::folder::{CLOSED, Reader, WORDS, base, private_message};
use super::{CANARY, assert_absent, folded, public};
use crate::support::Base;
use handbill::build::Origin;
use handbill::disk;
use handbill::hash::Hash;
use handbill::library::{channel_namespace, message_id};
use std::collections::BTreeSet;

/// Returns the public edition, which must not be empty.
#[track_caller]
fn built(base: &Base) -> Vec<(String, String)> {
    base.build();
    let tree = public(base);
    assert!(tree.contains_key("notes/2026-11-16T10-00-00Z-open.html"));
    assert!(tree.contains_key(".public.manifest"));
    folded(&tree)
}

#[test]
fn no_canary_reaches_the_public_edition() {
    let base = base();
    let public = built(&base);
    assert_absent(CANARY, &public);
    // Nor does anything of the machine.
    assert_absent(base.path().to_str().unwrap(), &public);
    assert_absent(base.path().file_name().unwrap().to_str().unwrap(), &public);
}

#[test]
fn the_reader_edition_shows_the_same_words() {
    let base = base();
    base.build();
    let reader = folded(&base.edition("reader"));
    for (word, expected) in WORDS {
        let whole = |text: &str| {
            text.match_indices(word).any(|(at, _)| {
                !text[at + word.len()..].starts_with(|c: char| c.is_ascii_alphabetic())
            })
        };
        let shown = reader.iter().any(|(path, text)| whole(path) || whole(text));
        assert_eq!(shown, *expected == Reader::Shows, "{word}");
    }
}

#[test]
fn every_canary_stands_in_the_folder() {
    let base = base();
    let files = folded(&crate::support::tree(base.path()));
    for (word, _) in WORDS {
        assert!(
            files.iter().any(|(path, text)| path.contains(word) || text.contains(word)),
            "{word}"
        );
    }
}

#[test]
fn ids_and_hashes_of_private_things_are_not_public() {
    let base = base();
    let public = built(&base);
    let opened = disk::open(&base.places(), &base.options()).unwrap();
    let mut secrets = BTreeSet::from([private_message().replace("urn:uuid:", "")]);
    let mut names = BTreeSet::new();
    for origin in &opened.loaded.contacts {
        let Origin::Read(contact) = origin else { panic!("a mere look recalls nothing") };
        let private = contact.name != "notes";
        if private {
            names.insert(contact.name.clone());
        }
        for (side, boxed) in [("outbox", &contact.outbox), ("inbox", &contact.inbox)] {
            let Some(boxed) = boxed else { continue };
            for post in boxed
                .posts
                .iter()
                .filter(|post| private || post.file.stem.as_str().contains(CANARY))
            {
                for id in [boxed.info.id, None] {
                    let id =
                        message_id(channel_namespace(id, &contact.name, side), &post.file.stem);
                    secrets.insert(id.to_string().replace("urn:uuid:", ""));
                }
                secrets.insert(post.source.hex(12));
                names.extend(post.file.stem.parts().map(str::to_owned));
                names.extend(post.meta.tags.iter().map(|tag| tag.key()));
            }
        }
    }
    names.extend(["zqxjmissingcontact", "zqxjkeepfile", "zqxjkeepfile.txt"].map(String::from));
    for name in names {
        secrets.insert(Hash::of(name.as_bytes()).hex(10));
        for kind in ["outbox", "inbox", "conversation", "edition"] {
            secrets.insert(channel_namespace(None, &name, kind).to_string());
        }
    }
    assert!(secrets.len() > 100);
    for secret in secrets {
        assert_absent(&secret, &public);
    }
}

#[test]
fn what_is_kept_back_later_vanishes_from_the_public_edition() {
    let base = base();
    let path = "notes/outbox/2026-11-18T10-00-00Z-zqxjlater";
    base.write(&format!("{path}.md"), "# zqxjlater\n\nzqxjlater #zqxjlater");
    base.write(&format!("{path}/zqxjlater.txt"), "zqxjlater");
    base.build();
    let before = folded(&public(&base));
    let with = |files: &[(String, String)]| {
        files.iter().filter(|(p, t)| p.contains(CANARY) || t.contains(CANARY)).count()
    };
    assert!(
        with(&before) >= 8,
        "page, attachment, lists, tag pages, feeds, manifest: {}",
        with(&before)
    );
    for (_, header) in CLOSED {
        base.write(&format!("{path}.md"), format!("{header}# zqxjlater\n\nzqxjlater #zqxjlater"));
        assert_absent(CANARY, &built(&base));
        base.write(&format!("{path}.md"), "# zqxjlater\n\nzqxjlater #zqxjlater");
        base.build();
        assert_eq!(with(&folded(&public(&base))), with(&before), "and comes back");
    }
    base.remove(&format!("{path}.md"));
    // Its address alone is left: it says that a message was deleted. The manifest names it.
    let mut rest = built(&base);
    rest.retain(|(path, _)| !path.ends_with("zqxjlater.html") && !path.ends_with(".manifest"));
    assert_absent(CANARY, &rest);
    let page = base.page("public/notes/2026-11-18T10-00-00Z-zqxjlater.html");
    assert!(page.contains("has been deleted"), "{page}");
    assert_absent(CANARY, &[("the page".into(), page)]);
}

#[test]
fn a_channel_that_is_no_longer_listed_vanishes() {
    let base = Base::of(
        "-- handbill.toml\npublic = [\"notes\", \"zqxjother\"]\n\
         -- notes/outbox/2026-11-16T10-00-00Z-open.md\nOpen. #tide\n\
         -- zqxjother/outbox/2026-11-16T10-00-00Z.md\nzqxjother #tide #zqxjother\n",
    );
    base.build();
    assert!(folded(&public(&base)).iter().any(|(path, _)| path.contains(CANARY)));
    base.write("handbill.toml", "public = [\"notes\"]\n");
    assert_absent(CANARY, &built(&base));
}
