//! Errands that name files: these are looked at, and what one of them may change; nothing else is.

use crate::support::Base;
use handbill::disk::Keeper;
use handbill::listing::errand::{Errand, Extent, Scope};
use handbill::path::RelPath;

/// A process that has built a base folder with one channel, and is told of files.
struct Told {
    base: Base,
    keeper: Keeper,
}

impl Told {
    fn of(files: &str) -> Told {
        let base = Base::of(files);
        let keeper = Keeper::new(base.places());
        let mut told = Told { base, keeper };
        told.build(&Errand::whole());
        told
    }

    fn build(&mut self, errand: &Errand) {
        self.keeper.build(&self.base.options(), errand).unwrap();
    }

    /// Builds, told of these files of the outbox.
    fn of_files(&mut self, paths: &[&str]) {
        let mut extents =
            paths.iter().map(|path| Extent::file(false, RelPath::parse(path).unwrap()));
        let mut all = extents.next().unwrap();
        extents.for_each(|more| all.add(more));
        let contacts = [("notes".to_owned(), all)].into();
        self.build(&Errand { scope: Scope::Contacts(contacts), ..Errand::whole() });
    }

    /// The messages that the channel's index leads to, by the letters of their names.
    fn shown(&self) -> String {
        let index = self.base.page("reader/notes/index.html");
        let is_shown = |name: &char| index.contains(&format!("href=\"../notes/{name}.html\""));
        "abcdef".chars().filter(is_shown).collect()
    }

    fn holds(&self, name: &str, text: &str) -> bool {
        self.base.page(&format!("reader/notes/{name}.html")).contains(text)
    }
}

const TWO: &str = "-- notes/outbox/a.md
+++
date = 2026-11-01T10:00:00Z
+++
One.
-- notes/outbox/b.md
+++
date = 2026-11-02T10:00:00Z
+++
Two.
";

fn dated(day: u32, text: &str) -> String {
    format!("+++\ndate = 2026-11-{day:02}T10:00:00Z\n+++\n{text}\n")
}

#[test]
fn only_what_is_named_is_looked_at() {
    let mut told = Told::of(TWO);
    told.base.write("notes/outbox/c.md", dated(3, "Three."));
    told.base.write("notes/outbox/d.md", dated(4, "Four."));
    told.base.write("notes/outbox/a.md", dated(1, "Other."));
    told.of_files(&["c.md"]);
    assert_eq!((&*told.shown(), told.holds("a", "Other.")), ("abc", false));
    told.of_files(&["a.md"]);
    assert_eq!((&*told.shown(), told.holds("a", "Other.")), ("abc", true));
    told.base.remove("notes/outbox/b.md");
    told.of_files(&["d.md"]);
    assert_eq!(told.shown(), "abcd");
    told.of_files(&["b.md"]);
    assert_eq!(told.shown(), "acd");
    told.of_files(&["b.md", "e.md"]);
    assert_eq!(told.shown(), "acd");
}

#[test]
fn what_is_more_than_a_message_means_the_whole_folder() {
    // Each time `f.md` is there too and is not named.
    let unnamed = |edit: &dyn Fn(&Base), named: &str| {
        let mut told = Told::of(TWO);
        edit(&told.base);
        told.base.write("notes/outbox/f.md", dated(9, "Nine."));
        told.of_files(&[named]);
        told
    };
    let told = unnamed(
        &|base| {
            base.write("notes/outbox/a/x.txt", "attached");
        },
        "a/x.txt",
    );
    assert!(told.shown() == "abf" && told.holds("a", "x.txt"));
    let folder = unnamed(
        &|base| {
            base.write("notes/outbox/2026/c.md", dated(3, "Three."));
        },
        "2026",
    );
    assert!(folder.shown() == "abf" && folder.base.at("_site/reader/notes/2026/c.html").exists());
    let twice = unnamed(
        &|base| {
            base.write("notes/outbox/A.markdown", dated(3, "Which?"));
        },
        "A.markdown",
    );
    assert_eq!(twice.shown(), "abf");
    let settings = unnamed(
        &|base| {
            base.write("notes/outbox/channel.toml", "title = \"Field notes\"");
        },
        "channel.toml",
    );
    assert!(settings.shown() == "abf" && settings.holds("a", "Field notes"));
}

#[test]
fn a_link_to_a_message_follows_what_comes_and_goes() {
    let mut told = Told::of(TWO);
    told.base.write("notes/outbox/a.md", dated(1, "See [the third](c.md)."));
    told.of_files(&["a.md"]);
    let link = "<a href=\"../notes/c.html\">the third";
    assert!(!told.holds("a", link));
    told.base.write("notes/outbox/c.md", dated(3, "Three."));
    told.of_files(&["c.md"]);
    assert!(told.holds("a", link));
    told.base.remove("notes/outbox/c.md");
    told.of_files(&["c.md"]);
    assert!(!told.holds("a", link));
}

#[test]
fn what_is_found_in_a_message_goes_with_it() {
    let mut told = Told::of(TWO);
    let found = |told: &mut Told| {
        let contacts = [("notes".to_owned(), Extent::file(false, RelPath::parse("c.md").unwrap()))];
        let errand = Errand { scope: Scope::Contacts(contacts.into()), ..Errand::whole() };
        let report = told.keeper.build(&told.base.options(), &errand).unwrap();
        let its = report.found.iter().filter(|found| found.path.ends_with("c.md"));
        its.map(|found| found.code.to_string()).collect::<Vec<_>>()
    };
    told.base.write("notes/outbox/c.md", "+++\nshape = 1\n+++\nUndated.\n");
    assert_eq!(found(&mut told), ["no-date", "unknown-key", "held"]);
    told.base.write("notes/outbox/c.md", dated(3, "Three."));
    assert!(found(&mut told).is_empty());
    told.base.write("notes/outbox/c.md", dated(3, "Three, and [none](none.md)."));
    assert_eq!(found(&mut told), ["missing-file"]);
    told.base.remove("notes/outbox/c.md");
    assert!(found(&mut told).is_empty());
}
