//! Messages that were deleted (RFC 6721): feeds, pages and answers say so, for a while, and only
//! where the message had been.

use super::{feed, ids};
use crate::support::Base;
use handbill::disk::Keeper;
use handbill::listing::errand::Errand;
use handbill::time::Now;
use std::fs;

const FIRST: &str = "notes/outbox/2026-11-20T10-00-00Z-first.md";
const PAGE: &str = "notes/2026-11-20T10-00-00Z-first.html";

fn base() -> Base {
    let base = Base::of(
        "-- handbill.toml\npublic = [\"notes\"]\nbase_url = \"https://site.example/\"\n\
         -- notes/outbox/channel.toml\nid = \"7a4f2b0e-9d0c-4c57-8c7a-0d2f5d0a6b11\"\n\
         -- notes/outbox/2026-11-20T10-00-00Z-first.md\nThe first. #tide\n\
         -- notes/outbox/2026-11-21T10-00-00Z-second.md\n+++\n\
         in_reply_to = \"https://site.example/notes/2026-11-20T10-00-00Z-first.html\"\n+++\nThe second. #tide\n\
         -- quiet/outbox/2026-11-21T10-00-00Z.md\nQuiet.\n\
         -- quiet/outbox/2026-11-22T10-00-00Z.md\nVery quiet.\n\
         -- harbour/inbox/channel.toml\nid = \"7a4f2b0e-9d0c-4c57-8c7a-0d2f5d0a6b12\"\n\
         -- harbour/inbox/2026-11-20T10-00-00Z.md\nFog.\n\
         -- harbour/inbox/2026-11-21T10-00-00Z.md\nMore fog.\n",
    );
    base.build();
    base
}

/// Returns what a feed says is deleted: the ids, with when.
#[track_caller]
fn gone(base: &Base, path: &str) -> Vec<(String, String)> {
    let feed = feed(base, path);
    let gone = feed.all("at:deleted-entry");
    gone.map(|gone| (gone.get("ref").to_owned(), gone.get("when").to_owned())).collect()
}

fn later(base: &mut Base, seconds: i64) {
    base.now = Now(base.now.0 + seconds);
}

#[test]
fn a_deleted_message_is_named_in_feeds_and_its_page_says_so() {
    let mut base = base();
    let id = ids(&feed(&base, "public/notes/feed.xml"))[1].clone();
    base.remove(FIRST);
    base.build();
    let expect = [(id, "2026-11-24T12:00:00Z".to_owned())];
    for edition in ["public", "reader"] {
        for path in ["feed.xml", "notes/feed.xml"] {
            assert_eq!(gone(&base, &format!("{edition}/{path}")), expect, "{edition}/{path}");
        }
        let page = base.page(&format!("{edition}/{PAGE}"));
        assert!(
            page.contains("has been deleted") && page.contains("content=\"noindex\""),
            "{page}"
        );
        assert!(!page.contains("The first"));
        // What answers it keeps its place.
        assert!(
            page.contains("href=\"../notes/2026-11-21T10-00-00Z-second.html\">The second."),
            "{page}"
        );
        let answer = base.page(&format!("{edition}/notes/2026-11-21T10-00-00Z-second.html"));
        assert!(answer.contains("a message that was deleted</a>"), "{answer}");
    }
    assert_eq!(gone(&base, "reader/quiet/feed.xml"), []);
    // Nothing more happens, and when it was missed first stays.
    later(&mut base, 86_400);
    let report = base.build();
    assert!(report.editions.iter().all(|edition| edition.written + edition.removed == 0));
    base.write("notes/outbox/2026-11-25.md", "Another.");
    base.build();
    assert_eq!(gone(&base, "public/feed.xml"), expect);
    // Forgotten after a year, with its page.
    later(&mut base, 365 * 86_400);
    base.build();
    assert_eq!(gone(&base, "public/feed.xml"), []);
    assert!(!base.at(&format!("_site/public/{PAGE}")).exists());
}

#[test]
fn a_running_process_says_the_same_as_one_that_begins_anew() {
    let (fresh, running) = (base(), base());
    let mut keeper = Keeper::new(running.places());
    keeper.build(&running.options(), &Errand::whole()).unwrap();
    for base in [&fresh, &running] {
        base.remove(FIRST).remove("harbour/inbox/2026-11-20T10-00-00Z.md");
    }
    keeper.build(&running.options(), &Errand::whole()).unwrap();
    fresh.build();
    for edition in ["public", "reader"] {
        assert_eq!(
            crate::support::difference(&fresh.edition(edition), &running.edition(edition)),
            None
        );
    }
    assert_eq!(gone(&running, "reader/feed.xml").len(), 2);
    assert_eq!(gone(&running, "public/feed.xml").len(), 1);
    assert_eq!(gone(&running, "reader/harbour/feed.xml").len(), 1);
}

#[test]
fn a_message_that_comes_back_was_not_deleted() {
    let base = base();
    let before = base.edition("public");
    base.remove(FIRST);
    base.build();
    base.write(FIRST, "The first. #tide\n");
    base.build();
    assert_eq!(crate::support::difference(&before, &base.edition("public")), None);
}

#[test]
fn what_was_never_public_leaves_no_trace_there() {
    let base = base();
    base.remove("quiet/outbox/2026-11-21T10-00-00Z.md");
    base.remove("harbour/inbox/2026-11-20T10-00-00Z.md");
    base.build();
    assert_eq!(gone(&base, "reader/feed.xml").len(), 2);
    assert_eq!(gone(&base, "public/feed.xml"), []);
    let public = base.edition("public");
    assert!(public.keys().all(|path| !path.contains("quiet") && !path.contains("harbour")));
    // A message that is made private was public: there it is gone, and here it is not.
    base.write(FIRST, "+++\nprivate = true\n+++\nThe first. #tide\n");
    base.build();
    assert_eq!(gone(&base, "public/notes/feed.xml").len(), 1);
    assert_eq!(gone(&base, "reader/notes/feed.xml"), []);
    assert!(base.page(&format!("reader/{PAGE}")).contains("The first."));
    // An id that its author chose is not told: it may hold words.
    let own = "notes/outbox/2026-11-19.md";
    base.write(own, "+++\nid = \"https://old.example/words\"\n+++\nOld.");
    base.build();
    base.write(own, "+++\nid = \"https://old.example/words\"\nprivate = true\n+++\nOld.");
    base.build();
    assert_eq!(gone(&base, "public/notes/feed.xml").len(), 1);
    // One that never was public is deleted without a word.
    base.write("notes/outbox/2026-11-22.md", "+++\ndraft = true\n+++\nNever.");
    base.build();
    base.remove("notes/outbox/2026-11-22.md");
    base.build();
    assert_eq!(gone(&base, "public/notes/feed.xml").len(), 1);
    assert_eq!(gone(&base, "reader/notes/feed.xml").len(), 1);
}

#[test]
fn a_contact_that_is_gone_or_renamed_is_not_many_deletions() {
    let base = base();
    fs::rename(base.at("harbour"), base.at("port")).unwrap();
    base.remove("quiet");
    base.build();
    assert_eq!(gone(&base, "reader/feed.xml"), []);
    assert_eq!(gone(&base, "reader/port/feed.xml"), []);
    fs::rename(base.at("notes"), base.at("tides")).unwrap();
    base.write("handbill.toml", "public = [\"tides\"]\nbase_url = \"https://site.example/\"\n");
    base.build();
    assert_eq!(gone(&base, "public/feed.xml"), []);
    assert!(base.page(&format!("public/{PAGE}")).contains("url=../tides/"));
    // The old name is another's now.
    base.write("notes/outbox/2026-11-23.md", "Somebody else.");
    base.build();
    assert_eq!(gone(&base, "reader/notes/feed.xml"), []);
}

#[test]
fn an_answer_to_a_deleted_message_of_somebody_else_says_so() {
    let base = base();
    let fog = base.page("reader/harbour/in/2026-11-20T10-00-00Z.html");
    let id = fog.split("class=\"reply-id\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    base.write(
        "quiet/outbox/2026-11-23.md",
        format!("+++\nin_reply_to = \"{id}\"\n+++\nClearing."),
    );
    base.build();
    base.remove("harbour/inbox/2026-11-20T10-00-00Z.md");
    base.build();
    let page = base.page("reader/quiet/2026-11-23.html");
    assert!(page.contains("a message that was deleted</a>"), "{page}");
    let answer = feed(&base, "reader/quiet/feed.xml");
    let entry = answer.all("entry").next().unwrap();
    let gone = gone(&base, "reader/harbour/feed.xml");
    assert_eq!(entry.one("thr:in-reply-to").get("ref"), gone[0].0, "by the id it had here");
}

#[test]
fn the_page_of_a_deleted_message_lists_the_answers_its_edition_may_show() {
    let base = base();
    let answer =
        "+++\nin_reply_to = \"https://site.example/notes/2026-11-20T10-00-00Z-first.html\"\n+++\n";
    base.write("quiet/outbox/2026-11-23.md", format!("{answer}Quietly said."));
    base.remove(FIRST);
    base.build();
    let (public, reader) =
        (base.page(&format!("public/{PAGE}")), base.page(&format!("reader/{PAGE}")));
    assert_eq!(
        (public.matches("class=\"byline\"").count(), reader.matches("class=\"byline\"").count()),
        (1, 2)
    );
    assert!(reader.contains("Quietly said") && !public.contains("uiet"), "{public}");
    // One that comes and one that goes change the page.
    base.write("notes/outbox/2026-11-24.md", format!("{answer}Third."));
    base.build();
    assert!(base.page(&format!("public/{PAGE}")).contains("Third."));
    base.remove("notes/outbox/2026-11-24.md");
    base.build();
    assert_eq!(base.page(&format!("public/{PAGE}")), public);
}

#[test]
fn messages_beyond_the_limit_are_not_deleted() {
    let base = base();
    let settings = fs::read_to_string(base.at("handbill.toml")).unwrap();
    base.write("handbill.toml", format!("{settings}[limits]\nmessages = 1\n"));
    base.build();
    assert_eq!(gone(&base, "reader/notes/feed.xml"), []);
    assert!(!base.at(&format!("_site/reader/{PAGE}")).exists());
}

#[test]
fn what_only_waits_was_not_deleted() {
    // A clock that is set back, and a file that has arrived with its name alone.
    let mut clock = base();
    later(&mut clock, -4 * 86_400);
    clock.build();
    assert!(!clock.at("_site/public/notes/2026-11-21T10-00-00Z-second.html").exists());
    let arriving = base();
    arriving.write(FIRST, "");
    arriving.build();
    for base in [&clock, &arriving] {
        for edition in ["public", "reader"] {
            assert_eq!(gone(base, &format!("{edition}/feed.xml")), [], "{edition}");
        }
    }
    later(&mut clock, 4 * 86_400);
    clock.build();
    arriving.write(FIRST, "The first. #tide\n").build();
    let whole = base();
    for base in [&clock, &arriving] {
        assert_eq!(
            crate::support::difference(&whole.edition("public"), &base.edition("public")),
            None
        );
    }
}

#[test]
fn no_id_is_there_and_gone() {
    const ONE: &str = "notes/outbox/2026-11-22T10-00-00Z-one.md";
    const TWO: &str = "notes/outbox/2026-11-23T10-00-00Z-two.md";
    let text = "+++\nid = \"urn:x:same\"\n+++\nImported.\n";
    // Of two that ask for one id one goes; or one gets another name.
    for (is_both, from, to) in
        [(true, ONE, None), (true, TWO, None), (false, ONE, Some(TWO)), (false, TWO, Some(ONE))]
    {
        let (fresh, running) = (base(), base());
        for base in [&fresh, &running] {
            base.write(from, text);
            if is_both {
                base.write(if from == ONE { TWO } else { ONE }, text);
            }
        }
        fresh.build();
        let mut keeper = Keeper::new(running.places());
        keeper.build(&running.options(), &Errand::whole()).unwrap();
        for base in [&fresh, &running] {
            base.remove(from);
            if let Some(to) = to {
                base.write(to, text);
            }
        }
        fresh.build();
        keeper.build(&running.options(), &Errand::whole()).unwrap();
        for path in ["public/feed.xml", "public/notes/feed.xml", "reader/feed.xml"] {
            let there = ids(&feed(&fresh, path));
            assert!(there.contains(&"urn:x:same".to_owned()), "{path}: {there:?}");
            for base in [&fresh, &running] {
                assert!(gone(base, path).iter().all(|(id, _)| !there.contains(id)), "{path}");
            }
            assert_eq!(gone(&fresh, path), gone(&running, path), "{path}: {from} {to:?}");
        }
    }
}

const SECOND: &str = "notes/outbox/2026-11-21T10-00-00Z-second.md";

/// A thread of four: the second and the fourth answer the first, the third answers the second.
fn thread() -> Base {
    let base = base();
    let answer = |stem: &str| {
        format!("+++\nin_reply_to = \"https://site.example/notes/{stem}.html\"\n+++\n")
    };
    let (first, second) = ("2026-11-20T10-00-00Z-first", "2026-11-21T10-00-00Z-second");
    base.write("notes/outbox/2026-11-22-third.md", answer(second) + "The third.");
    base.write("notes/outbox/2026-11-23-fourth.md", answer(first) + "The fourth.");
    base.write("notes/outbox/2026-11-24.md", "Of something else.");
    base.build();
    base
}

/// Returns the places of the thread's page: the depth of each, and the message where it is there.
#[track_caller]
fn places(base: &Base) -> Vec<(u32, String)> {
    let page = base.page(&format!("public/_/thread/{PAGE}"));
    let places = page.split("depth-").skip(1).map(|place| {
        let depth = place.chars().next().and_then(|digit| digit.to_digit(10)).unwrap();
        let words = ["The first", "The second", "The third", "The fourth", "was deleted"];
        // What it answers is named further down.
        let first = words.into_iter().filter_map(|word| Some((place.find(word)?, word))).min();
        (depth, first.unwrap().1.to_owned())
    });
    places.collect()
}

#[test]
fn a_thread_keeps_the_places_of_deleted_messages() {
    let base = thread();
    let at = |places: &[(u32, &str)]| {
        places.iter().map(|(depth, what)| (*depth, (*what).to_owned())).collect::<Vec<_>>()
    };
    let whole = at(&[(0, "The first"), (1, "The second"), (2, "The third"), (1, "The fourth")]);
    assert_eq!(places(&base), whole);
    let path = format!("public/_/thread/{}/feed.xml", PAGE.strip_suffix(".html").unwrap());
    let before = feed(&base, &path);
    let (first, second) = (ids(&before)[3].clone(), ids(&before)[2].clone());

    // One in the middle.
    base.remove(SECOND);
    base.build();
    let left = at(&[(0, "The first"), (1, "was deleted"), (2, "The third"), (1, "The fourth")]);
    assert_eq!(places(&base), left);
    assert_eq!(gone(&base, &path).into_iter().map(|(id, _)| id).collect::<Vec<_>>(), [second]);
    let page = base.page("public/notes/2026-11-21T10-00-00Z-second.html");
    assert!(page.contains(&format!("href=\"../_/thread/{PAGE}\"")), "{page}");

    // The one that began it: the addresses and the feed's id stay.
    base.remove(FIRST);
    base.build();
    let left = at(&[(0, "was deleted"), (1, "was deleted"), (2, "The third"), (1, "The fourth")]);
    assert_eq!(places(&base), left);
    let after = feed(&base, &path);
    assert_eq!(after.one("id").text, before.one("id").text);
    assert_eq!(after.one("title").text, "Thread: a message that was deleted");
    assert_eq!(gone(&base, &path).len(), 2);
    assert!(gone(&base, &path).iter().any(|(id, _)| *id == first));

    // The last of a branch, and in the end all.
    base.remove("notes/outbox/2026-11-22-third.md");
    base.build();
    assert_eq!(places(&base)[2], (2, "was deleted".to_owned()));
    base.remove("notes/outbox/2026-11-23-fourth.md");
    base.build();
    assert!(!base.at(&format!("_site/public/_/thread/{PAGE}")).exists());
}

#[test]
fn a_running_process_keeps_the_same_places_as_one_that_begins_anew() {
    let (fresh, running) = (thread(), thread());
    let mut keeper = Keeper::new(running.places());
    keeper.build(&running.options(), &Errand::whole()).unwrap();
    for path in [SECOND, FIRST, "notes/outbox/2026-11-23-fourth.md"] {
        for base in [&fresh, &running] {
            base.remove(path);
        }
        keeper.build(&running.options(), &Errand::whole()).unwrap();
        fresh.build();
        assert_eq!(places(&fresh), places(&running));
        for edition in ["public", "reader"] {
            let difference =
                crate::support::difference(&fresh.edition(edition), &running.edition(edition));
            assert_eq!(difference, None);
        }
    }
}

#[test]
fn the_place_of_what_is_only_no_longer_public_is_not_kept() {
    let base = thread();
    let text = fs::read_to_string(base.at(SECOND)).unwrap();
    base.write(SECOND, text.replacen("+++\n", "+++\nprivate = true\n", 1));
    base.build();
    assert_eq!(places(&base).len(), 2, "the first and the fourth");
    let third = base.page("public/notes/2026-11-22-third.html");
    assert!(!third.contains("_/thread/") && !third.contains("second.html\">The"), "{third}");
}

#[test]
fn what_cannot_be_read_for_a_moment_was_not_deleted() {
    let base = base();
    let before = base.edition("public");
    base.write(FIRST, [0, 0, 0, 0]);
    base.build();
    for edition in ["public", "reader"] {
        assert_eq!(gone(&base, &format!("{edition}/feed.xml")), [], "{edition}");
        assert!(!base.at(&format!("_site/{edition}/{PAGE}")).exists());
    }
    base.write(FIRST, "The first. #tide\n");
    base.build();
    assert_eq!(crate::support::difference(&before, &base.edition("public")), None);
}

#[test]
fn a_feed_names_the_latest_fifty() {
    let base = base();
    let path = |n: usize| format!("notes/outbox/2026-10-01T10-{n:02}-00Z.md");
    for n in 0..52 {
        base.write(&path(n), format!("Number {n}."));
    }
    base.build();
    for n in 0..52 {
        base.remove(&path(n));
    }
    base.build();
    assert_eq!(gone(&base, "public/feed.xml").len(), 50);
}
