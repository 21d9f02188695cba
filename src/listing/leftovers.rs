//! What sync tools, editors and systems leave in a folder: never a message, never an attachment.
//!
//! Gathered from the tools themselves, their sources and their makers' documentation; the table
//! is in `docs/format.md`.

use crate::path::RelPath;

/// Why a file is not a person's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leftover {
    /// A temporary file, a tool's housekeeping, a placeholder.
    Ours,
    /// A copy that a tool made of the file named here because two sides had changed it.
    Conflict(String),
}

const BEGINS: &[&str] = &[".", "~", "@eadir", "$recycle.bin"];

const ENDS: &[&str] = &[
    "~",
    ".tmp",
    ".temp",
    ".part",
    ".partial",
    ".filepart",
    ".crdownload",
    ".download",
    ".!sync",
    ".bts",
    ".syncpart",
    ".synctemp",
    ".syncold",
    ".rslsync",
    ".rsls",
    ".btsync",
    ".icloud",
    ".nextcloud",
    ".owncloud",
    ".seaftmp",
    ".sbak",
    ".ffs_tmp",
    ".ffs_db",
    ".ffs_lock",
    ".swp",
    ".swo",
    ".swx",
    ".gdownload",
    ".gdoc",
    ".gsheet",
    ".gslides",
    ".kate-swp",
    ".unison.bak",
    ".orig",
    ".rej",
];

const EQUALS: &[&str] = &[
    "thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "icon\r",
    "4913",
    "rclone_test",
    "seafile-ignore.txt",
    "system volume information",
    "@recycle",
    "sync.ffs_db",
    "#recycle",
    "#snapshot",
];

/// Returns why a file is left out, looking at every part of its path.
pub fn judge(path: &RelPath) -> Option<Leftover> {
    if is_plain(path.as_str()) {
        return None;
    }
    let parts: Vec<&str> = path.parts().filter(|part| !is_plain(part)).collect();
    if parts.iter().any(|part| is_ours(part)) {
        return Some(Leftover::Ours);
    }
    parts.iter().find_map(|part| original_of(part)).map(Leftover::Conflict)
}

/// Returns whether a name is one that messages mostly have and no tool gives: small letters, digits and
/// `-`, the `T` and `Z` of a time stamp, and `.md`. Looking closely at each takes long.
fn is_plain(name: &str) -> bool {
    let plain =
        |b: u8| b.is_ascii_digit() || b.is_ascii_lowercase() || matches!(b, b'-' | b'T' | b'Z');
    name.strip_suffix(".md").is_some_and(|stem| !stem.is_empty() && stem.bytes().all(plain))
}

/// Returns whether one part of a path is a tool's own.
pub fn is_ours(name: &str) -> bool {
    let name = name.to_lowercase();
    BEGINS.iter().any(|head| name.starts_with(head))
        || ENDS.iter().any(|tail| name.ends_with(tail))
        || EQUALS.contains(&name.as_str())
        || is_autosave(&name)
        || is_sed_temp(&name)
        || is_vim_probe(&name)
        || is_safe_save(&name)
}

/// Vim tries whether it can write with `4913`, then 5036 and on in steps of 123.
fn is_vim_probe(name: &str) -> bool {
    name.len() <= 5 && name.parse().is_ok_and(|n: u32| n >= 4913 && (n - 4913).is_multiple_of(123))
}

/// macOS saves by a folder `NAME.sb-xxxxxxxx-xxxxxx`.
fn is_safe_save(name: &str) -> bool {
    name.rsplit_once(".sb-").is_some_and(|(_, rest)| {
        rest.len() == 15
            && rest
                .bytes()
                .enumerate()
                .all(|(at, b)| if at == 8 { b == b'-' } else { b.is_ascii_alphanumeric() })
    })
}

/// Emacs keeps what is not saved in `#NAME#`. A name that only begins with `#` may be a person's.
fn is_autosave(name: &str) -> bool {
    name.len() > 2 && name.starts_with('#') && name.ends_with('#')
}

/// `sed -i` writes `sedXXXXXX` beside the file, six letters or digits and no extension.
fn is_sed_temp(name: &str) -> bool {
    name.strip_prefix("sed")
        .is_some_and(|rest| rest.len() == 6 && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// Returns the name of the file that `name` is a marked conflict copy of.
fn original_of(name: &str) -> Option<String> {
    syncthing(name)
        .or_else(|| resilio(name))
        .or_else(|| in_parentheses(name, "conflicted copy"))
        .or_else(|| in_parentheses(name, "case conflict"))
        .or_else(|| in_parentheses(name, "sfconflict "))
        .or_else(|| in_parentheses(name, "selective sync conflict"))
        .or_else(|| owncloud(name))
        .or_else(|| safe_backup(name))
        .or_else(|| rclone(name))
        .or_else(|| synology(name))
}

/// `STEM.sync-conflict-YYYYMMDD-HHMMSS-XXXXXXX.EXT`
fn syncthing(name: &str) -> Option<String> {
    let (stem, rest) = name.split_once(".sync-conflict-")?;
    let mark = rest.split('.').next()?;
    let mut parts = mark.split('-');
    let digits = |part: Option<&str>, len| {
        part.is_some_and(|p: &str| p.len() == len && p.bytes().all(|b| b.is_ascii_digit()))
    };
    let sound = digits(parts.next(), 8) && digits(parts.next(), 6);
    sound.then(|| format!("{stem}{}", &rest[mark.len()..]))
}

/// `NAME.Conflict.EXT`, `NAME.Conflict`, `NAME.Conflict3`, repeated.
fn resilio(name: &str) -> Option<String> {
    let parts: Vec<&str> = name.split('.').collect();
    let is_mark = |part: &&str| {
        part.strip_prefix("Conflict").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
    };
    let kept: Vec<&str> = parts.iter().copied().filter(|part| !is_mark(part)).collect();
    (kept.len() < parts.len() && !is_mark(&parts[0])).then(|| kept.join("."))
}

/// `NAME (somebody's conflicted copy 2026-11-23).EXT`
fn in_parentheses(name: &str, mark: &str) -> Option<String> {
    name.find('(')?; // Most names have none.
    let lower = name.to_ascii_lowercase();
    let at = lower.find(mark)?;
    let open = name[..at].rfind('(')?;
    let close = at + name[at..].find(')')?;
    let head = name[..open].trim_end();
    (!head.is_empty()).then(|| format!("{head}{}", &name[close + 1..]))
}

/// `NAME_conflict-20261123-102030.EXT`
fn owncloud(name: &str) -> Option<String> {
    let (stem, rest) = name.split_once("_conflict-")?;
    let extension = rest.rfind('.').map_or("", |at| &rest[at..]);
    let dated = rest.bytes().filter(u8::is_ascii_digit).count() >= 8;
    dated.then(|| format!("{stem}{extension}"))
}

/// `NAME-HOST-safeBackup-0001.EXT`
fn safe_backup(name: &str) -> Option<String> {
    let (stem, rest) = name.split_once("-safeBackup-")?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let stem = stem.rsplit_once('-').map_or(stem, |(stem, _)| stem);
    (digits > 0).then(|| format!("{stem}{}", &rest[digits..]))
}

/// `NAME.conflict1`
fn rclone(name: &str) -> Option<String> {
    let (stem, rest) = name.rsplit_once(".conflict")?;
    (!rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit())).then(|| stem.to_owned())
}

/// `NAME_HOST_Nov-23-1030-2026_Conflict.EXT`
fn synology(name: &str) -> Option<String> {
    let (head, extension) = name.split_once("_Conflict")?;
    let mut parts = head.rsplitn(3, '_');
    let dated = parts.next().is_some_and(|date| date.split('-').count() == 4);
    parts.next()?;
    let stem = parts.next()?;
    (dated && (extension.is_empty() || extension.starts_with('.')))
        .then(|| format!("{stem}{extension}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str) -> Option<Leftover> {
        judge(&RelPath::parse(path).unwrap())
    }

    #[test]
    fn no_tool_gives_a_plain_name() {
        assert!(is_plain("2026-11-20T10-00-00Z-low-tide.md") && is_plain("notes.md"));
        let names = ["a.md", "sedabcdef.md", "4913.md", "5036.md", "-a.md", "T.md"];
        assert!(!EQUALS.iter().any(|name| is_plain(name)));
        for name in names.into_iter().filter(|name| is_plain(name)) {
            assert!(!is_ours(name) && original_of(name).is_none(), "{name}");
        }
        for name in
            ["a.MD", ".md", "a.b.md", "a_b.md", "a md", "a-B.md", "a.markdown", "ä.md", "a.md~"]
        {
            assert!(!is_plain(name), "{name}");
        }
    }

    #[test]
    fn what_tools_leave_is_never_a_message() {
        for path in [
            ".stfolder/syncthing-folder-1.txt",
            ".stversions/2013-08-11T14-34-37Z~20261123-144256.md",
            ".syncthing.a.md.tmp",
            "~syncthing~a.md.tmp",
            ".sync/Archive/a.md",
            "a.md.!sync",
            "a.md.!Sync",
            ".SyncIgnore",
            ".dropbox.cache/a.md",
            "a.md.part",
            "sub/.a.md.icloud",
            "a.md.3f2a9c1b.partial",
            ".a.md.w1LPpu",
            ".~tmp~/a.md",
            "a.md~",
            "#a.md#",
            ".#a.md",
            ".a.md.swp",
            "4913",
            "sed51K05u",
            "Thumbs.db",
            "Desktop.ini",
            "@eaDir/a.md",
            "$RECYCLE.BIN/a.md",
            "a.md.orig",
            ".unison.a.md.0123.unison.tmp",
            ".git/a.md",
            "5036",
            "a.md.sb-1a2b3c4d-XyZ012/a.md",
            "~$a.docx",
            ".DS_Store",
            "._a.md",
            "a.1f2e.ffs_tmp",
            ".nfs0001",
            "a.md.sbak",
        ] {
            assert_eq!(check(path), Some(Leftover::Ours), "{path}");
        }
    }

    #[test]
    fn marked_conflict_copies_know_their_original() {
        for (path, original) in [
            ("a.sync-conflict-20261123-140900-K4LFMQY.md", "a.md"),
            ("a.Conflict.md", "a.md"),
            ("a.md.Conflict", "a.md"),
            ("a.Conflict.Conflict2.md", "a.md"),
            ("a (Mira's conflicted copy 2026-11-23).md", "a.md"),
            ("a (conflicted copy mira 2026-11-23 102030).md", "a.md"),
            ("a (Case Conflict).md", "a.md"),
            ("a.md (SFConflict mira@example.org 2026-11-23-10-20-30).md", "a.md.md"),
            ("a_conflict-20261123-102030.md", "a.md"),
            ("a_conflict-mira-20261123-102030.md", "a.md"),
            ("a-box-safeBackup-0001.md", "a.md"),
            ("a.md.conflict1", "a.md"),
            ("İ (Conflicted copyé).md", "İ.md"),
            ("a_nas_Nov-23-1030-2026_Conflict.md", "a.md"),
        ] {
            assert_eq!(check(path), Some(Leftover::Conflict(original.into())), "{path}");
        }
    }

    #[test]
    fn what_people_write_stays() {
        for path in [
            "#1 idea.md",
            "a.md",
            "2013-08-11T14-34-37Z.txt",
            "conflict.md",
            "a conflict (mine).md",
            "the-conflict-of-2013.md",
            "sedate.md",
            "sediment",
            "2026/11/a.md",
            "Conflict.md",
            "partial.md",
            "x_conflict-of-interest.md",
        ] {
            assert_eq!(check(path), None, "{path}");
        }
    }
}
