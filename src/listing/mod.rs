//! What lies in a box: messages, their attachments, other files, and what is none of these.
//!
//! 1. The shell lists a box: a [`Listing`], names and times without contents.
//! 2. [`sort`] tells apart what sync tools and editors left behind (`leftovers`), which files
//!    are messages, and which folders hold a message's attachments and which only group.
//! 3. A running process looks where it is told (`errand`), and is patient (`patience`) with files
//!    that are being written or replaced.
//!    What only one message is made of need not be sorted out with all others: [`is_lone`].
//! 4. [`naming`] gives names to what is written into a box, so that the above takes it for what it
//!    is.

pub mod errand;
pub mod leftovers;
mod lone;
pub mod naming;
pub mod patience;
mod suspect;

use crate::chunked::Chunked;
use crate::diagnostic::{Diagnostic, shown};
use crate::hash::{FastMap, FastSet};
use crate::path::{RelPath, fold, nfc};
use crate::time::Stamp;
use leftovers::Leftover;
pub use lone::is_lone;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, hash_map};

/// What the file system says of a file without reading it. Two equal ones mean the same contents,
/// as far as can be told without reading.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
pub struct Stat {
    /// Bytes.
    pub size: u64,
    /// When the contents changed, in nanoseconds since 1970; sync tools set it to the author's.
    pub mtime: i64,
    /// When the file changed here, in nanoseconds since 1970; 0 where the system does not tell.
    pub ctime: i64,
    /// The file's number; 0 where the system does not tell.
    pub inode: u64,
}

/// A regular file of a box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Where it lies in the box, as found.
    pub path: RelPath,
    /// What the file system says of it.
    pub stat: Stat,
    /// Width and height as it is shown, where its head is that of a picture.
    pub picture: Option<(u32, u32)>,
    /// Whether it is a photograph that can be made smaller.
    pub photo: bool,
    /// What becomes of it in the public edition.
    pub copy: PublicCopy,
}

/// What becomes of a file in the public edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum PublicCopy {
    /// It is copied as it is.
    #[default]
    Whole,
    /// A picture, without what tells where it was taken: the bytes it then has.
    Stripped(u64),
    /// A picture of which that cannot be taken out: it is left out.
    Withheld,
}

/// Something in a box that is no regular file with a usable name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Odd {
    /// Its path in the box, with what is not UTF-8 replaced.
    pub path: String,
    /// What is odd.
    pub why: Oddity,
}

/// Why an entry of a box is not used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Oddity {
    /// A symbolic link: never followed.
    Link,
    /// A pipe, a socket or a device.
    Special,
    /// The name is not UTF-8, or holds a backslash.
    Name,
    /// It cannot be opened; the system's words.
    Unreadable(String),
    /// It lies deeper than [`crate::limits::FOLDER_DEPTH`] folders.
    TooDeep,
    /// A file that is still with the sync tool: reading it would fetch it.
    Placeholder,
}

/// All of a box, by path.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// The regular files, sorted by path.
    pub files: Chunked<Entry>,
    /// The rest, sorted.
    pub odd: Vec<Odd>,
}

/// A file that is a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageFile {
    /// Where it lies in the box, as found.
    pub path: RelPath,
    /// The path without its extension, in NFC: with the channel's id, the message's identity.
    pub stem: RelPath,
    /// What the file system says of it.
    pub stat: Stat,
    /// The time its name tells.
    pub named_time: Option<Stamp>,
    /// Its attachments, by path.
    pub attachments: Vec<Entry>,
    /// The name of the message of which this one looks like a conflict copy.
    pub suspect: Option<String>,
}

/// A box, sorted out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sorted {
    /// The messages, by path.
    pub messages: Vec<MessageFile>,
    /// Files that belong to no message, by path.
    pub others: BTreeMap<RelPath, Entry>,
    /// What was left out, with paths in the box.
    pub diagnostics: Vec<Diagnostic>,
}

/// Sorts out what lies in a box. A pure function of names and times.
pub fn sort(listing: &Listing) -> Sorted {
    debug_assert!(listing.files.iter().is_sorted_by(|a, b| a.path <= b.path));
    let mut sorted = Sorted::default();
    sorted.diagnostics.extend(listing.odd.iter().filter_map(odd_report));
    let mut kept = Vec::with_capacity(listing.files.len());
    for entry in &listing.files {
        match leftovers::judge(&entry.path) {
            None if crate::keys::holds_writing_key(entry.path.as_str()) => {
                let (path, _) = crate::keys::redact(entry.path.as_str());
                sorted.diagnostics.push(
                    Diagnostic::error(
                        &path,
                        "writing-key",
                        "a file name holds a key that lets its holder write",
                    )
                    .hint("rename the file; it is shown nowhere"),
                );
            }
            None => kept.push(entry),
            Some(Leftover::Ours) => {}
            Some(Leftover::Conflict(original)) => {
                sorted.diagnostics.push(conflict(entry, &original));
            }
        }
    }
    let folders = Folders::of(&kept);
    for entry in &kept {
        folders.place(entry, &mut sorted);
    }
    folders.attach(&kept, &mut sorted);
    suspect::mark(&mut sorted.messages);
    sorted
}

fn odd_report(odd: &Odd) -> Option<Diagnostic> {
    let path = shown(&odd.path);
    if odd.path.split('/').any(leftovers::is_ours) {
        return None;
    }
    let warning = |code, message: &str| Diagnostic::warning(&path, code, message);
    Some(match &odd.why {
        Oddity::Link => warning("link", "a symbolic link is not followed"),
        Oddity::Special => warning("special-file", "not a regular file; it is not read"),
        Oddity::Name => {
            warning("bad-name", "the name is not UTF-8 or holds a backslash; it is not shown")
                .hint("rename the file")
        }
        Oddity::Unreadable(why) => {
            Diagnostic::error(&path, "unreadable", format!("cannot be read: {why}"))
        }
        Oddity::TooDeep => warning("too-deep", "lies too many folders down; it is not shown"),
        Oddity::Placeholder => {
            Diagnostic::note(&path, "placeholder", "not fetched yet by the sync tool")
        }
    })
}

fn conflict(entry: &Entry, original: &str) -> Diagnostic {
    let message = format!("a conflict copy of `{}`; it is not shown", shown(original));
    Diagnostic::warning(&entry.path, "conflict-copy", message)
        .hint("compare the two, keep what is right under the first name, delete the copy")
}

/// Returns the stem of a file that is a message by its name.
pub fn stem_of(path: &RelPath) -> Option<RelPath> {
    let (stem, _) = message_name(path)?;
    RelPath::parse(&nfc(up_to(path, stem)))
}

/// Returns a path without the extension of its name, of which this is the `stem`.
fn up_to<'p>(path: &'p RelPath, stem: &str) -> &'p str {
    let text = path.as_str();
    &text[..text.len() - path.name().len() + stem.len()]
}

/// Returns the stem and rank of a file that is a message by its name: `.md` first.
fn message_name(path: &RelPath) -> Option<(&str, u8)> {
    let (stem, extension) = path.name().rsplit_once('.')?;
    let is = |known: &str| extension.eq_ignore_ascii_case(known);
    let rank = if is("md") {
        0
    } else if is("markdown") {
        1
    } else if is("txt") && Stamp::full_name(stem).is_some() {
        2
    } else {
        return None;
    };
    (!stem.is_empty()).then_some((stem, rank))
}

/// Returns a file that is a message by its name, without attachments.
pub fn message_file(path: &RelPath, stat: Stat) -> Option<MessageFile> {
    let (stem, _) = message_name(path)?;
    Some(MessageFile {
        path: path.clone(),
        stem: RelPath::parse(&nfc(up_to(path, stem)))?,
        named_time: Stamp::of_name(stem).map(|(stamp, _)| stamp),
        stat,
        attachments: Vec::new(),
        suspect: None,
    })
}

/// Returns whether a folder's name begins with a full time stamp: it holds the attachments of one
/// message, even while that message is missing.
fn is_stamped_folder(name: &str) -> bool {
    Stamp::of_name(name).is_some_and(|(stamp, _)| !stamp.is_date())
}

/// The folders that hold attachments, by their folded path.
struct Folders {
    of_messages: FastSet<String>,
}

impl Folders {
    fn of(entries: &[&Entry]) -> Folders {
        let stems = entries.iter().filter_map(|entry| {
            let (stem, _) = message_name(&entry.path)?;
            Some(fold(up_to(&entry.path, stem)))
        });
        // In most boxes there are none that could be called like a message.
        let has_folders = entries.iter().any(|entry| entry.path.as_str().contains('/'));
        Folders { of_messages: if has_folders { stems.collect() } else { FastSet::default() } }
    }

    /// Returns the attachment folder a file lies in, as found: the outermost one.
    fn holding<'p>(&self, path: &'p RelPath) -> Option<&'p str> {
        let text = path.as_str();
        let folders = text.match_indices('/').map(|(at, _)| &text[..at]);
        folders.into_iter().find(|folder| {
            let name = folder.rsplit('/').next().unwrap_or(folder);
            is_stamped_folder(name) || self.of_messages.contains(&fold(folder))
        })
    }

    fn place(&self, entry: &Entry, sorted: &mut Sorted) {
        let is_settings = entry.path.as_str() == "channel.toml";
        if is_settings || self.holding(&entry.path).is_some() {
            return;
        }
        if message_name(&entry.path).is_none() {
            if is_nearly_a_message(entry.path.name()) {
                sorted.diagnostics.push(
                    Diagnostic::warning(&entry.path, "not-a-message", "begins like a message and is none")
                        .hint("a `.txt` is a message only when its whole name is the time stamp; others end in `.md`"),
                );
            }
            sorted.others.insert(entry.path.clone(), entry.clone());
            return;
        }
        sorted.messages.extend(message_file(&entry.path, entry.stat));
    }

    /// Keeps one message for each stem and gives each its attachments.
    fn attach(&self, entries: &[&Entry], sorted: &mut Sorted) {
        let mut found = std::mem::take(&mut sorted.messages);
        let mut by_stem: FastMap<String, usize> = FastMap::default();
        by_stem.reserve(found.len());
        let mut messages: Vec<MessageFile> = Vec::with_capacity(found.len());
        // By rank, and those of one rank by path, as they are already.
        found.sort_by_cached_key(|message| message_name(&message.path).map(|(_, rank)| rank));
        for message in found {
            match by_stem.entry(fold(message.stem.as_str())) {
                hash_map::Entry::Occupied(at) => {
                    let first = &messages[*at.get()].path;
                    let text = format!(
                        "has the name of `{}`, which is shown in its place",
                        shown(first.as_str())
                    );
                    sorted.diagnostics.push(
                        Diagnostic::warning(&message.path, "same-name", text)
                            .hint("rename one of the two"),
                    );
                }
                hash_map::Entry::Vacant(place) => {
                    place.insert(messages.len());
                    messages.push(message);
                }
            }
        }
        let mut waiting = BTreeSet::new();
        for entry in entries {
            let Some(folder) = self.holding(&entry.path) else { continue };
            // A message called like a grouping folder must not turn the messages there, drafts
            // and private ones among them, into files that are published as they are.
            if is_dated_message(&entry.path) {
                let text = format!(
                    "lies in `{}`, which holds the attachments of a message",
                    shown(folder)
                );
                sorted.diagnostics.push(
                    Diagnostic::warning(&entry.path, "message-among-attachments", text)
                        .hint("rename the folder, or the message that is called like it"),
                );
                continue;
            }
            match by_stem.get(&fold(folder)) {
                Some(at) => messages[*at].attachments.push((*entry).clone()),
                None => {
                    waiting.insert(folder);
                }
            }
        }
        sorted.diagnostics.extend(waiting.into_iter().map(|folder| {
            Diagnostic::note(folder, "waiting", "attachments of a message that has not arrived")
        }));
        messages.sort_by(|a, b| a.path.cmp(&b.path));
        sorted.messages = messages;
    }
}

/// Returns whether a file is a message by its name and begins with a time stamp.
fn is_dated_message(path: &RelPath) -> bool {
    message_name(path).is_some_and(|(stem, _)| Stamp::of_name(stem).is_some())
}

/// Returns whether a name begins with a time stamp and could be meant as a message.
fn is_nearly_a_message(name: &str) -> bool {
    let full = name.get(..20).is_some_and(|head| Stamp::full_name(head).is_some());
    full && name.to_ascii_lowercase().ends_with(".txt")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns messages as `stem: attachments`, others, and codes with paths.
    fn check(paths: &[&str], messages: &[&str], others: &[&str], reports: &[&str]) {
        let entry = |path: &&str| Entry {
            path: RelPath::parse(path).unwrap(),
            stat: Stat::default(),
            picture: None,
            photo: false,
            copy: PublicCopy::Whole,
        };
        let mut files: Vec<Entry> = paths.iter().map(entry).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let files = files.into_iter().collect();
        let sorted = sort(&Listing { files, odd: Vec::new() });
        let text = |m: &MessageFile| {
            let names: Vec<&str> = m.attachments.iter().map(|a| a.path.as_str()).collect();
            let suspect = if m.suspect.is_some() { "?" } else { "" };
            format!("{}{suspect}: {}", m.stem, names.join(" "))
        };
        assert_eq!(sorted.messages.iter().map(text).collect::<Vec<_>>(), messages);
        assert_eq!(sorted.others.keys().map(RelPath::as_str).collect::<Vec<_>>(), others);
        let found: Vec<String> =
            sorted.diagnostics.iter().map(|d| format!("{} {}", d.code, d.path)).collect();
        assert_eq!(found, reports);
    }

    const T: &str = "2013-08-11T14-34-37Z";

    #[test]
    fn a_missive_box() {
        check(
            &["2013-08-11T14-34-37Z.txt", "2013-08-11T14-34-37Z/a.jpg", "notes.txt"],
            &["2013-08-11T14-34-37Z: 2013-08-11T14-34-37Z/a.jpg"],
            &["notes.txt"],
            &[],
        );
    }

    #[test]
    fn folders_group_or_hold_attachments() {
        check(
            &["2026/11/a.md", "2026/11/a/x/y.png", "2026/11/a/z.md", "pics/b.png", "channel.toml"],
            &["2026/11/a: 2026/11/a/x/y.png 2026/11/a/z.md"],
            &["pics/b.png"],
            &[],
        );
    }

    #[test]
    fn messages_do_not_become_attachments() {
        check(
            &["2026.md", "2026/2026-01-02-secret.md", "2026/pic.png"],
            &["2026: 2026/pic.png"],
            &[],
            &["message-among-attachments 2026/2026-01-02-secret.md"],
        );
    }

    #[test]
    fn a_stamped_folder_waits_for_its_message() {
        let folder = format!("{T}-words/b.md");
        check(&[&folder], &[], &[], &[&format!("waiting {T}-words")]);
    }

    #[test]
    fn one_message_for_a_stem() {
        check(
            &["a.md", "A.markdown", "b.MD", "2013-08-11T14-34-37Z.md", "2013-08-11T14-34-37Z.txt"],
            &["2013-08-11T14-34-37Z: ", "a: ", "b: "],
            &[],
            &["same-name A.markdown", "same-name 2013-08-11T14-34-37Z.txt"],
        );
        check(
            &["cafe\u{301}.md", "caf\u{e9}.md"],
            &["caf\u{e9}: "],
            &[],
            &["same-name caf\u{e9}.md"],
        );
    }

    #[test]
    fn attachments_follow_in_any_case_and_form() {
        check(&["Café.md", "cafe\u{301}/x.png"], &["Café: cafe\u{301}/x.png"], &[], &[]);
    }

    #[test]
    fn conflict_copies_are_told_or_suspected() {
        check(
            &[
                "a.md",
                "a.sync-conflict-20261123-140900-K4LFMQY.md",
                "2013-08-11T14-34-37Z.md",
                "2013-08-11T14-34-37Z-LAPTOP.md",
                "2013-08-11T14-34-37Z-low-tide.md",
                "2013-08-11T14-34-37Z 2.md",
                "2013-08-11T14-34-37Z (2).md",
                "2013-08-11T14-34-37Z-LAPTOP.txt",
                "2014-08-11T14-34-37Z-LAPTOP.md",
            ],
            &[
                "2013-08-11T14-34-37Z (2)?: ",
                "2013-08-11T14-34-37Z 2?: ",
                "2013-08-11T14-34-37Z-LAPTOP?: ",
                "2013-08-11T14-34-37Z-low-tide: ",
                "2013-08-11T14-34-37Z: ",
                "2014-08-11T14-34-37Z-LAPTOP: ",
                "a: ",
            ],
            &["2013-08-11T14-34-37Z-LAPTOP.txt"],
            &[
                "conflict-copy a.sync-conflict-20261123-140900-K4LFMQY.md",
                "not-a-message 2013-08-11T14-34-37Z-LAPTOP.txt",
            ],
        );
    }

    #[test]
    fn a_key_in_a_name_is_not_shown() {
        let listing = Listing {
            files: [Entry {
                path: RelPath::parse("A2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3.md").unwrap(),
                stat: Stat::default(),
                picture: None,
                photo: false,
                copy: PublicCopy::Whole,
            }]
            .into_iter()
            .collect(),
            odd: Vec::new(),
        };
        let sorted = sort(&listing);
        assert!(sorted.messages.is_empty());
        assert!(!format!("{sorted:?}").contains("A2CNYV"));
    }
}
