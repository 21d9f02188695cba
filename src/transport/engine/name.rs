//! What a file of a box is called on the way: its path and a NUL.
//!
//! Without an end of its own a name would be the beginning of others, and whoever writes one erases
//! them: the store takes a key for a prefix.

use crate::limits::FOLDER_DEPTH;
use crate::listing::leftovers;
use crate::path::{RelPath, fold};
use std::collections::BTreeMap;
use std::fmt;

/// How long a path may be, in bytes, and a part of one: what the usual file systems hold.
const PATH: usize = 1024;
const PART: usize = 255;

/// Why a name is not carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refused {
    /// It is no path below a folder: absolute, climbing, not UTF-8, or without its end.
    Path,
    /// It is too long, too deep, or holds what no file name can.
    Unfit,
    /// The systems that this one belongs to cannot hold it.
    System,
    /// It is the name of something that tools leave behind, not of a person's file.
    Tool,
    /// It differs from another only in case or in how letters are composed, or is the folder of
    /// another.
    Clash,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refused::Path => "it would lie outside the box",
            Refused::Unfit => "no system holds such a name",
            Refused::System => "this system holds no such name",
            Refused::Tool => "it is named like what tools leave behind",
            Refused::Clash => "another file has the same name but for case or form",
        })
    }
}

/// Which names a system holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// All but `/` and NUL.
    Unix,
    /// None with `<>:"|?*`, none that ends in a dot or space, and no names of devices.
    Windows,
}

/// The system that this program runs on.
pub const HERE: System = if cfg!(windows) { System::Windows } else { System::Unix };

/// Returns the key of a file.
pub fn key(path: &RelPath) -> Vec<u8> {
    let mut key = path.as_str().as_bytes().to_vec();
    key.push(0);
    key
}

/// Returns the path that a key stands for: whoever can write in a channel makes any bytes a key.
///
/// # Errors
/// Where it is not the path of a file that a box may hold.
pub fn path(key: &[u8], system: System) -> Result<RelPath, Refused> {
    let text = key.strip_suffix(&[0]).and_then(|path| std::str::from_utf8(path).ok());
    let path = text.and_then(RelPath::parse).ok_or(Refused::Path)?;
    fits(&path, system)?;
    Ok(path)
}

/// Looks whether a path may be carried.
///
/// # Errors
/// Where it may not.
pub fn fits(path: &RelPath, system: System) -> Result<(), Refused> {
    let deep = path.parts().count() > FOLDER_DEPTH;
    if deep || path.as_str().len() > PATH || !path.parts().all(is_name) {
        return Err(Refused::Unfit);
    }
    if path.parts().any(leftovers::is_ours) || leftovers::judge(path).is_some() {
        return Err(Refused::Tool);
    }
    if system == System::Windows && !path.parts().all(is_windows_name) {
        return Err(Refused::System);
    }
    Ok(())
}

fn is_name(part: &str) -> bool {
    part.len() <= PART && !part.chars().any(char::is_control)
}

fn is_windows_name(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).trim_end().to_ascii_lowercase();
    let device = matches!(&*stem, "con" | "prn" | "aux" | "nul")
        || stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt")).is_some_and(|rest| {
            matches!(rest, "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
        });
    !device && !part.ends_with(['.', ' ']) && !part.contains(['<', '>', ':', '"', '|', '?', '*'])
}

/// Takes out of a set of paths those that no system could hold beside each other. Of those that
/// clash the first by its bytes stays, on every machine the same.
pub fn without_clashes<T>(
    files: BTreeMap<RelPath, T>,
) -> (BTreeMap<RelPath, T>, Vec<(RelPath, T)>) {
    let mut taken: BTreeMap<String, bool> = BTreeMap::new();
    let (mut kept, mut refused) = (BTreeMap::new(), Vec::new());
    for (path, value) in files {
        let folded = fold(path.as_str());
        let folders: Vec<&str> = folded.match_indices('/').map(|(at, _)| &folded[..at]).collect();
        // True stands for a file, false for a folder.
        let below_a_file = folders.iter().any(|folder| taken.get(*folder) == Some(&true));
        if below_a_file || taken.contains_key(&folded) {
            refused.push((path, value));
            continue;
        }
        for folder in folders {
            taken.insert(folder.to_owned(), false);
        }
        taken.insert(folded, true);
        kept.insert(path, value);
    }
    (kept, refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_paths_with_an_end() {
        let made = RelPath::parse("2026/11/low tide.md").unwrap();
        assert_eq!(path(&key(&made), System::Windows), Ok(made));
        for text in ["a", "notes", "a/b"] {
            let one = key(&RelPath::parse(text).unwrap());
            let other = key(&RelPath::parse(&format!("{text}.md")).unwrap());
            assert!(!other.starts_with(&one), "{text}");
        }
    }

    #[track_caller]
    fn check(name: &[u8], unix: Refused, windows: Refused) {
        let name = [name, b"\0"].concat();
        assert_eq!(path(&name, System::Unix), Err(unix), "{name:?}");
        assert_eq!(path(&name, System::Windows), Err(windows), "{name:?}");
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for name in [
            &b""[..],
            b"/etc/passwd",
            b"../x",
            b"a/../../x",
            b"..",
            b".",
            b"a//b",
            b"a/",
            b"a\\b",
            b"\\\\host\\x",
            b"a\0b",
            b"\xff\xfe",
            b"./a",
        ] {
            check(name, Refused::Path, Refused::Path);
        }
        assert_eq!(path(b"a.md", System::Unix), Err(Refused::Path));
    }

    #[test]
    fn names_that_systems_cannot_hold_are_refused() {
        let long = "x".repeat(256);
        let deep = "a/".repeat(FOLDER_DEPTH) + "b";
        for name in [&*long, &*deep, "a\nb", "a\u{7f}", &("abcdefghij/".repeat(120) + "b")] {
            check(name.as_bytes(), Refused::Unfit, Refused::Unfit);
        }
        for name in [".git/hooks/post-merge", ".stfolder/x", "a/.b", "x.tmp", "~x"] {
            check(name.as_bytes(), Refused::Tool, Refused::Tool);
        }
        for name in ["con", "a/NUL.md", "com1.txt", "a.", "b ", "c:d", "what?", "a*", "lpt9", "x|y"]
        {
            let key = [name.as_bytes(), b"\0"].concat();
            assert!(path(&key, System::Unix).is_ok(), "{name}");
            assert_eq!(path(&key, System::Windows), Err(Refused::System), "{name}");
        }
        for name in ["console.md", "com.txt", "nullify", "a b.md", "é.md", "communal"] {
            let key = [name.as_bytes(), b"\0"].concat();
            assert!(path(&key, System::Windows).is_ok(), "{name}");
        }
    }

    #[test]
    fn of_names_that_clash_one_stays() {
        let files = ["A.md", "a.md", "b", "b/c", "d/e", "D", "e\u{301}", "\u{e9}", "F/x", "f/y"];
        let files = files.iter().map(|name| (RelPath::parse(name).unwrap(), ())).collect();
        let (kept, refused) = without_clashes(files);
        let text = |path: &RelPath| path.as_str().to_owned();
        let kept: Vec<_> = kept.keys().map(text).collect();
        assert_eq!(kept, ["A.md", "D", "F/x", "b", "e\u{301}", "f/y"]);
        let refused: Vec<_> = refused.iter().map(|(path, ())| text(path)).collect();
        assert_eq!(refused, ["a.md", "b/c", "d/e", "\u{e9}"]);
    }
}
