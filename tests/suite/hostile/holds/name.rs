//! What must hold of names, dates and addresses of strangers.

use handbill::keys::holds_writing_key;
use handbill::listing::leftovers::{Leftover, judge};
use handbill::listing::{Entry, Listing, Sorted, Stat, sort};
use handbill::names::{Spot, distinct_file_name, distinct_name, out_file_name, out_name};
use handbill::path::{OutPath, RelPath, fold};
use handbill::time::{Now, Stamp};
use handbill::web::{BaseUrl, Link, WebUrl};
use std::collections::BTreeSet;

/// Where names stand.
pub const SPOTS: [Spot; 5] =
    [Spot::Contact, Spot::Group, Spot::DeepGroup, Spot::Message, Spot::Tag];

/// What `docs/format.md` reserves, by place.
pub fn reserved(spot: Spot) -> &'static str {
    match spot {
        Spot::Contact => {
            "tags media search subscriptions status feeds assets about conversations drafts archive \
             people in cgi-bin server-status server-info icons cname api"
        }
        Spot::Group => "in tags authors media",
        Spot::DeepGroup => "",
        Spot::Message => {
            "in tags authors media index feed 404 2026 0001 2026-11 page-1 page-2 page-"
        }
        Spot::Tag => "index feed 404 2026 2026-11",
    }
}

/// Device names of Windows, which are reserved everywhere, with any extension.
pub const DEVICES: &str = "con prn aux nul com0 com1 com2 com3 com4 com5 com6 com7 com8 com9 lpt0 lpt1 \
    lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9";

/// Asserts that a name is safe as a part of a path, on any system.
#[track_caller]
fn assert_safe(out: &str, name: &str) {
    assert!(OutPath::parse(&format!("a/{out}/b")).is_some(), "{name:?} -> {out:?}");
    assert!(out.len() <= 130, "{name:?} -> {out:?}");
    assert!(!out.starts_with('.') && !out.ends_with('.'), "{name:?} -> {out:?}");
    let device = out.split('.').next().unwrap().to_ascii_lowercase();
    assert!(!DEVICES.split(' ').any(|d| d == device), "{name:?} -> {out:?}");
}

/// Asserts that what a name becomes is safe and not reserved wherever it stands.
#[track_caller]
pub fn assert_name(name: &str) {
    for spot in SPOTS {
        let out = out_name(name, spot);
        assert_safe(&out, name);
        assert!(!reserved(spot).split(' ').any(|word| word == out), "{name:?} -> {out:?}");
        assert!(!matches!(spot, Spot::Contact | Spot::Tag) || !out.starts_with('_'), "{out:?}");
        assert_safe(&distinct_name(name), name);
    }
}

/// Asserts that what the name of a file becomes is that of no document of the site.
#[track_caller]
pub fn assert_file_name(name: &str) {
    for own in [false, true] {
        for out in [out_file_name(name, own), distinct_file_name(name, own)] {
            assert_safe(&out, name);
            let extension = out.rsplit_once('.').map_or("", |(_, extension)| extension);
            let inert = handbill::names::is_inert(extension) || matches!(extension, "txt" | "bin");
            assert!(inert || (own && extension == "svg"), "{name:?} -> {out:?}");
            let base = out.split('.').next().unwrap();
            assert!(!matches!(base, "index" | "feed" | "404" | ""), "{name:?} -> {out:?}");
        }
    }
}

/// Asserts that whatever date a text tells is one.
#[track_caller]
pub fn assert_stamps(text: &str) {
    let found = [
        Stamp::parse(text),
        Stamp::parse(&format!("2026-11-23{text}")),
        Stamp::full_name(text),
        Stamp::of_name(text).map(|(stamp, _)| stamp),
        Stamp::of_name(&format!("2026-11-23T10-15-30Z{text}")).map(|(stamp, _)| stamp),
    ];
    found.into_iter().flatten().for_each(assert_total);
}

/// Asserts that all that is asked of a date has an answer.
#[track_caller]
pub fn assert_total(stamp: Stamp) {
    assert_eq!(Stamp::parse(&stamp.iso()).map(Stamp::unix), Some(stamp.unix()), "{}", stamp.iso());
    assert!((1..=12).contains(&stamp.month().month), "{stamp:?}");
    stamp.day_in(chrono_tz::Pacific::Kiritimati);
    stamp.day_in(chrono_tz::Pacific::Niue);
    assert!(!stamp.zone().is_empty());
    assert!(!stamp.is_held(Now(i64::MAX)) && stamp.is_held(Now(i64::MIN)));
}

/// Asserts that an address is a harmless one of its kind, or none.
#[track_caller]
pub fn assert_link(text: &str) {
    let plain = |text: &str| !text.contains(|c: char| c.is_control() || c == '\\');
    match Link::parse(text) {
        Some(Link::Web(url)) => {
            assert!(url.as_str().starts_with("http://") || url.as_str().starts_with("https://"));
            assert!(url.as_str().is_ascii() && !url.as_str().contains(['<', '>', ' ']));
            assert!(!url.host().is_empty());
            url.is_loopback();
            url.below(&BaseUrl::parse("https://example.org/").unwrap());
        }
        Some(Link::Mail(mail)) => {
            assert!(mail.starts_with("mailto:") && plain(&mail), "{mail:?}");
        }
        Some(Link::Relative(path)) => {
            assert!(!path.is_empty() && plain(&path), "{path:?}");
            // What it leads to lies in the same box.
            RelPath::parse("a/b.md").unwrap().resolve_sibling(&path);
        }
        Some(Link::Fragment(_)) => {
            let odd = |c: char| c.is_whitespace() || c.is_control();
            assert!(text.trim_matches(odd).starts_with('#'), "{text:?}");
        }
        None => {}
    }
    WebUrl::parse(text);
    BaseUrl::parse(text);
}

fn listing(paths: BTreeSet<RelPath>) -> Listing {
    let entry = |path| Entry {
        path,
        stat: Stat { size: 1, ..Stat::default() },
        picture: None,
        photo: false,
        copy: Default::default(),
    };
    Listing { files: paths.into_iter().map(entry).collect(), odd: Vec::new() }
}

/// Asserts that every file of a box is in one place: shown, or left out with or without a word.
#[track_caller]
pub fn assert_box(paths: BTreeSet<RelPath>) {
    let listing = listing(paths);
    let sorted = sort(&listing);
    let stems: BTreeSet<String> = sorted.messages.iter().map(|m| fold(m.stem.as_str())).collect();
    assert_eq!(stems.len(), sorted.messages.len(), "one message for a stem");
    // A name that is a key is told without the key.
    let tellable = |entry: &&Entry| !holds_writing_key(entry.path.as_str());
    for entry in listing.files.iter().filter(tellable) {
        assert_eq!(places(&entry.path, &sorted), 1, "{:?}", entry.path);
    }
}

/// Returns in how many places a file is: shown, or left out with or without a word.
fn places(path: &RelPath, sorted: &Sorted) -> usize {
    let message = sorted.messages.iter().filter(|m| m.path == *path).count();
    let attachments = sorted.messages.iter().flat_map(|m| &m.attachments);
    let attached = attachments.filter(|a| a.path == *path).count();
    let other = usize::from(sorted.others.contains_key(path));
    let silent = judge(path) == Some(Leftover::Ours) || path.as_str() == "channel.toml";
    let own = sorted.diagnostics.iter().filter(|d| {
        let codes = ["same-name", "conflict-copy", "message-among-attachments"];
        d.path == path.as_str() && codes.contains(&&*d.code)
    });
    let own = own.count();
    // Attachments of a message that has not arrived are told of together.
    let waits = !silent
        && own == 0
        && sorted
            .diagnostics
            .iter()
            .any(|d| d.code == "waiting" && path.as_str().starts_with(&format!("{}/", d.path)));
    message + attached + other + own + usize::from(waits) + usize::from(silent)
}
