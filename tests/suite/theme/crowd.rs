//! A prolific contact does not drown a quiet one on the front page of the reader edition.

use crate::support::Base;

/// Two inboxes: `radio` has `count` messages on 23 November, `moss` one in October.
fn crowd(count: usize) -> Base {
    let base = Base::of("-- moss/inbox/2026-10-02T08-00-00Z.md\nUnder the eaves.\n");
    base.write("handbill.toml", "page_size = 5\n");
    for hour in 0..count {
        let name = format!("radio/inbox/2026-11-23T{:02}-00-00Z.md", hour + 1);
        base.write(&name, format!("Report {hour}.\n"));
    }
    base
}

/// What stands in the page before the first fold, and in it.
fn parts(page: &str) -> (&str, &str) {
    let main = &page[page.find("<main").unwrap()..];
    main.split_once("<details class=\"fold\">").unwrap_or((main, ""))
}

#[test]
fn a_day_folds_what_is_too_much_of_one_contact() {
    let base = crowd(5);
    base.build();
    let page = base.page("reader/index.html");
    let (shown, folded) = parts(&page);
    for number in [4, 3] {
        assert!(shown.contains(&format!("Report {number}.")), "{number}");
    }
    for number in [2, 1, 0] {
        assert!(!shown.contains(&format!("Report {number}.")), "{number}");
        assert!(folded.contains(&format!("Report {number}.")), "{number}");
    }
    assert!(folded.contains("3 more of this day"));
}

#[test]
fn a_single_message_more_is_not_folded() {
    let base = crowd(3);
    base.build();
    assert_eq!(parts(&base.page("reader/index.html")).1, "");
}

#[test]
fn only_the_front_page_folds() {
    let base = crowd(5);
    base.build();
    for path in ["reader/radio/index.html", "reader/archive/2026-11/index.html"] {
        assert_eq!(parts(&base.page(path)).1, "", "{path}");
    }
}

#[test]
fn who_has_nothing_on_the_front_page_is_named_there() {
    let base = crowd(5);
    base.build();
    let quiet = "class=\"quiet\"";
    let page = base.page("reader/index.html");
    assert!(page.contains(quiet) && page.contains("Under the eaves."));
    // An edit of the message that is named is seen, and so is a contact that comes back.
    base.write("moss/inbox/2026-10-02T08-00-00Z.md", "Under the gutter.\n");
    base.build();
    assert!(base.page("reader/index.html").contains("Under the gutter."));
    base.write("moss/inbox/2026-11-24T08-00-00Z.md", "Back.\n");
    base.build();
    assert!(!base.page("reader/index.html").contains(quiet));
}

#[test]
fn who_is_muted_is_not_named() {
    let base = crowd(5);
    base.write("handbill.toml", "page_size = 5\n[contact.moss]\nmute = true\n");
    base.build();
    assert!(!base.page("reader/index.html").contains("Under the eaves."));
}

#[test]
fn an_accent_comes_of_the_id_and_stays_whoever_else_is_there() {
    let base = crowd(1);
    let accent = |base: &Base| {
        let page = base.page("reader/moss/index.html");
        let body = &page[page.find("<body").unwrap()..];
        let class = body.split("accent-").nth(1).unwrap();
        class[..class.find('"').unwrap()].to_owned()
    };
    base.build();
    let first = accent(&base);
    for other in ["a", "b", "c"] {
        base.write(&format!("{other}/outbox/2026-11-01.md"), "Hello.\n");
    }
    base.write("handbill.toml", "[contact.moss]\nalias = \"The moss\"\n");
    base.build();
    assert_eq!(accent(&base), first);
    let id = "id = \"6b0d5c1e-5d0b-4f7a-9a36-0d7a6f1c2b3d\"\n";
    base.write("moss/inbox/channel.toml", id);
    base.write("z/inbox/channel.toml", id);
    base.write("z/inbox/2026-11-01.md", "The same id.\n");
    base.build();
    let page = base.page("reader/z/index.html");
    assert!(page.contains(&format!("accent-{}\"", accent(&base))));
}
