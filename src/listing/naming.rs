//! Names for what is written into a box: such as [`super::sort`] takes for what it is, and no file
//! system refuses.

use super::leftovers::judge;
use super::{is_dated_message, message_name};
use crate::diagnostic::shown;
use crate::names::slug;
use crate::path::{RelPath, fold, nfc};
use crate::text::clean_line;
use crate::time::{Now, Stamp};
use std::collections::BTreeSet;

/// The longest slug in a name, in bytes.
const SLUG: usize = 40;
/// The longest name of an attachment, in bytes: with what a sync tool puts around it while it
/// travels, it stays below the 255 of most file systems.
const LONGEST: usize = 120;

/// Returns the stem of a new message: its time, a slug of `words` where they make one, and random
/// `letters`, without which two machines could choose one name in the same second.
pub fn message_stem(now: Now, words: &str, letters: &str) -> String {
    let time = Stamp::from_unix(now.0).name();
    match slug(words, SLUG) {
        slug if slug.is_empty() => format!("{time}-{letters}"),
        slug => format!("{time}-{slug}-{letters}"),
    }
}

/// Returns the stem as BTMessage and Missive write it: the time and nothing more.
pub fn plain_stem(now: Now) -> String {
    Stamp::from_unix(now.0).name()
}

/// Makes sure that a folder of this name is taken for a contact on every system.
///
/// # Errors
/// What is wrong with it, and what to do.
pub fn check_contact(name: &str) -> Result<(), String> {
    let refused =
        |why: &str| Err(format!("`{}` cannot be the name of a contact: {why}", shown(name)));
    let folded = fold(name);
    if folded == "btmessage" {
        return Err("did you mean `btmessage/_messages`? There BTMessage keeps its contacts: go there, or name it as DIR".into());
    }
    if crate::keys::holds_writing_key(name) {
        return Err("the name holds a key that lets its holder write: choose another".into());
    }
    if matches!(folded.as_str(), "inbox" | "outbox" | "drafts" | "theme") {
        return refused("it is the name of a folder with a meaning of its own");
    }
    if name.starts_with(['.', '_']) {
        return refused("folders that begin with `.` or `_` are none");
    }
    let is_sound = RelPath::parse(name).is_some_and(|path| judge(&path).is_none());
    if !is_sound || attachment_name(name) != name {
        return refused("choose one word or more, without `/` and other signs that systems refuse");
    }
    Ok(())
}

/// Returns whether an entry of a contact's folder is an inbox, or looks like one that was renamed:
/// then it holds, or held, what somebody wrote to one alone.
pub fn is_inbox_trace(name: &str) -> bool {
    fold(name.trim()).starts_with("inbox")
}

/// Returns whether a path names a message of a box.
pub fn is_message(path: &RelPath) -> bool {
    message_name(path).is_some() && judge(path).is_none()
}

/// Returns whether a message's name tells its time.
pub fn tells_time(path: &RelPath) -> bool {
    is_dated_message(path)
}

/// Returns the name under which a file called `name` is attached: its last part, readable as it
/// was, without what some file system refuses, and never a name that sync tools use themselves.
pub fn attachment_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let forbidden = |c: char| matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*');
    let clean = nfc(&clean_line(last)).replace(forbidden, "_");
    let clean = clean.trim_start_matches(['.', '~', '#', ' ']).trim_end_matches(['.', ' ']);
    let (base, extension) = match clean.rsplit_once('.') {
        Some((base, extension)) if !base.is_empty() && extension.len() <= 10 => {
            (base, format!(".{extension}"))
        }
        _ => (clean, String::new()),
    };
    let base = &base[..base.floor_char_boundary(LONGEST - extension.len())];
    let readable = format!("{base}{extension}");
    if is_sound(&readable) {
        return readable;
    }
    let named = |text: &str| format!("file-{}", slug(text, SLUG)).trim_end_matches('-').to_owned();
    let plain = format!("{}{}", named(base), extension.to_lowercase());
    if is_sound(&plain) { plain } else { named(&readable) }
}

fn is_sound(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name);
    let is_device = crate::names::is_device(&stem.to_ascii_lowercase());
    RelPath::parse(name)
        .is_some_and(|path| !is_device && judge(&path).is_none() && !is_dated_message(&path))
}

/// Returns a name that none of `taken` (folded names) has, with a number where it needs one, and
/// takes it.
pub fn distinct(name: &str, taken: &mut BTreeSet<String>) -> String {
    let (base, extension) = match name.rfind('.') {
        Some(at) if at > 0 => name.split_at(at),
        _ => (name, ""),
    };
    let numbered = |n: usize| match n {
        1 => name.to_owned(),
        n => format!("{base}-{n}{extension}"),
    };
    let mut n = 1;
    while !taken.insert(fold(&numbered(n))) {
        n += 1;
    }
    numbered(n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_have_words_and_letters() {
        let now = Now(1_795_687_200);
        let check = |words, stem| assert_eq!(message_stem(now, words, "qxzt"), stem);
        check("Low tide!", "2026-11-26T10-00-00Z-low-tide-qxzt");
        check("潮", "2026-11-26T10-00-00Z-qxzt");
        check("", "2026-11-26T10-00-00Z-qxzt");
        check("2026", "2026-11-26T10-00-00Z-2026-qxzt");
        assert_eq!(plain_stem(now), "2026-11-26T10-00-00Z");
    }

    #[test]
    fn names_of_attachments_stay_readable_and_are_never_a_tools() {
        let check = |name: &str, expect: &str| assert_eq!(attachment_name(name), expect, "{name}");
        check("Low tide (1).JPG", "Low tide (1).JPG");
        check("/home/odo/gull.png", "gull.png");
        check("C:\\Pictures\\gull.png", "gull.png");
        check("../../etc/passwd", "passwd");
        check("潮.png", "潮.png");
        check("cafe\u{301}.png", "caf\u{e9}.png");
        check("a:b?.txt", "a_b_.txt");
        check(".htaccess", "htaccess");
        check("notes.orig", "file-notes-orig");
        check(
            "a (Mira's conflicted copy 2026-11-23).jpg",
            "file-a-mira-s-conflicted-copy-2026-11-23.jpg",
        );
        check("con.png", "file-con.png");
        check("2013-08-11T14-34-37Z.txt", "file-2013-08-11t14-34-37z.txt");
        check("Thumbs.db", "file-thumbs.db");
        check("..", "file");
        check("", "file");
        check("a\u{202e}gpj.exe", "agpj.exe");
        assert!(attachment_name(&"é".repeat(200)).len() <= LONGEST);
    }

    #[test]
    fn contacts_have_names_that_every_system_takes() {
        for name in ["notes", "Harbour log", "潮", "caf\u{e9}"] {
            assert_eq!(check_contact(name), Ok(()), "{name}");
        }
        for name in [
            "",
            ".",
            "..",
            "a/b",
            "a\\b",
            ".x",
            "_x",
            "a:b",
            "con",
            "x ",
            "inbox",
            "Outbox",
            "theme",
            "a\u{202e}b",
            "A2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3",
            "cafe\u{301}",
            "x.tmp",
        ] {
            assert!(check_contact(name).is_err(), "{name:?}");
        }
        assert!(check_contact("BTMessage").unwrap_err().contains("btmessage/_messages"));
    }

    #[test]
    fn names_differ_in_more_than_case() {
        let mut taken = BTreeSet::new();
        assert_eq!(distinct("Photo.jpg", &mut taken), "Photo.jpg");
        assert_eq!(distinct("photo.JPG", &mut taken), "photo-2.JPG");
        assert_eq!(distinct("photo.jpg", &mut taken), "photo-3.jpg");
        assert_eq!(distinct("x", &mut taken), "x");
        assert_eq!(distinct("X", &mut taken), "X-2");
    }
}
