//! Paths that cannot be absolute, empty or climb: the only kinds of path the core knows.
//!
//! Paths of the operating system (`PathBuf`) exist only in the shell. A [`RelPath`] names a file
//! of the base folder as it was found; an [`OutPath`] names a file of an edition.

use memchr::{memchr_iter, memchr2, memrchr};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use unicode_normalization::UnicodeNormalization;

/// A path below the base folder: UTF-8, `/` between parts, no part empty, `.` or `..`.
///
/// The name is kept exactly as the file system has it; comparing names is the business of
/// [`fold`]. A clone is the same text again and costs next to nothing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelPath(Arc<str>);

impl RelPath {
    /// Returns the path, or `None` where `text` is absolute, climbs, has an empty part, a NUL or
    /// a backslash (which is a separator on one system and a letter on the others).
    pub fn parse(text: &str) -> Option<RelPath> {
        RelPath::is_sound(text).then(|| RelPath(text.into()))
    }

    fn is_sound(text: &str) -> bool {
        is_plain(text)
    }

    /// Returns the path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the parts, outermost first.
    pub fn parts(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/')
    }

    /// Returns the last part.
    pub fn name(&self) -> &str {
        self.0.get(self.name_at()..).unwrap_or(&self.0)
    }

    /// Returns all but the last part, `""` at the top.
    pub fn parent(&self) -> &str {
        self.0.get(..self.name_at().saturating_sub(1)).unwrap_or("")
    }

    /// Returns where the last part begins.
    fn name_at(&self) -> usize {
        memrchr(b'/', self.0.as_bytes()).map_or(0, |slash| slash + 1)
    }

    /// Returns this path with `child` below it, or `None` where `child` is not a plain path.
    pub fn join(&self, child: &str) -> Option<RelPath> {
        let joined = || [&*self.0, "/", child].concat();
        RelPath::is_sound(child).then(|| RelPath(joined().into()))
    }

    /// Resolves a relative reference found in a message against the folder `self` lies in.
    ///
    /// `..` is followed as long as it stays below the top; `None` where it does not, or where the
    /// outcome is not a plain path.
    pub fn resolve_sibling(&self, reference: &str) -> Option<RelPath> {
        let mut parts: Vec<&str> = self.parent().split('/').filter(|p| !p.is_empty()).collect();
        for part in reference.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop()?;
                }
                other => parts.push(other),
            }
        }
        RelPath::parse(&parts.join("/"))
    }
}

/// A path below an edition's folder, made by this program: only `a-z A-Z 0-9 . _ -` and `/`.
///
/// It needs no escaping in a URL, an attribute or on any file system. A clone is the same text again.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutPath(Arc<str>);

impl OutPath {
    /// Returns the path, or `None` where a character, a part or the whole is not of the safe kind.
    pub fn parse(text: &str) -> Option<OutPath> {
        OutPath::is_sound(text).then(|| OutPath(text.into()))
    }

    fn is_sound(text: &str) -> bool {
        // All bytes are looked at, whatever the first of them are: so many can be at once.
        let is_safe = text.bytes().fold(true, |all, byte| all & SAFE[usize::from(byte)]);
        is_safe && has_plain_parts(text)
    }

    /// Returns the path of a name fixed in the program.
    ///
    /// # Panics
    /// When the name is not safe: a fault of the program, seen by its tests.
    #[track_caller]
    pub fn fixed(text: &str) -> OutPath {
        match OutPath::parse(text) {
            Some(path) => path,
            None => panic!("`{text}` is not a safe output path"),
        }
    }

    /// Returns the path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the folder the file lies in, `""` at the top.
    pub fn folder(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Returns how many folders lie above the file.
    pub fn depth(&self) -> usize {
        self.0.bytes().filter(|b| *b == b'/').count()
    }

    /// Returns what leads from this file to the top of the edition: `""`, `"../"`, `"../../"` …
    pub fn to_root(&self) -> String {
        "../".repeat(self.depth())
    }

    /// Returns the parts, outermost first.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }

    /// Returns the address below a base: like the path, but a final `index.html` is left out
    /// (canonical and feed addresses end in `/`).
    pub fn address(&self) -> &str {
        match self.0.strip_suffix("index.html") {
            Some(folder) if folder.is_empty() || folder.ends_with('/') => folder,
            _ => &self.0,
        }
    }
}

/// The bytes that may stand in an [`OutPath`].
const SAFE: [bool; 256] = {
    let mut safe = [false; 256];
    let mut byte = 0u8;
    while byte < 128 {
        safe[byte as usize] =
            byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'/');
        byte += 1;
    }
    safe
};

fn is_plain(text: &str) -> bool {
    memchr2(0, b'\\', text.as_bytes()).is_none() && has_plain_parts(text)
}

/// Returns whether no part between slashes is empty, `.` or `..`.
fn has_plain_parts(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut begin = 0;
    memchr_iter(b'/', bytes).chain([bytes.len()]).all(|end| {
        let part = &bytes[begin..end];
        begin = end + 1;
        !matches!(part, b"" | b"." | b"..")
    })
}

/// Returns a name as names are compared: NFC, without case.
///
/// Two peers' file systems differ in both. Characters are mapped to upper and then to lower case
/// one by one, which also joins `ß` with `ss` and both forms of the small sigma.
pub fn fold(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    name.nfc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfc().collect()
}

/// Returns the NFC form of a name, case kept.
pub fn nfc(name: &str) -> String {
    if name.is_ascii() { name.to_owned() } else { name.nfc().collect() }
}

macro_rules! path_text {
    ($type:ident) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }
        impl From<$type> for String {
            fn from(path: $type) -> String {
                path.as_str().to_owned()
            }
        }
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
                let Text(text) = Text::deserialize(deserializer)?;
                let error = || D::Error::custom(format_args!("not a plain path: {text:?}"));
                $type::parse(&text).ok_or_else(error)
            }
        }
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
        impl std::borrow::Borrow<str> for $type {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}
/// A text that is read without being copied, where that can be.
#[derive(Deserialize)]
struct Text<'t>(#[serde(borrow)] Cow<'t, str>);

path_text!(RelPath);
path_text!(OutPath);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn climbing_absolute_and_odd_paths_are_refused() {
        for bad in ["", "/a", "a/", "a//b", ".", "a/../b", "..", "a\0b", "a\\b", "./a"] {
            assert_eq!(RelPath::parse(bad), None, "{bad:?}");
            assert_eq!(OutPath::parse(bad), None, "{bad:?}");
        }
        assert!(RelPath::parse("b ü/…z.md").is_some());
        assert!(OutPath::parse("b ü/z.md").is_none());
    }

    #[test]
    fn references_resolve_inside_the_box_only() {
        let message = RelPath::parse("2026/11/a.md").unwrap();
        let at = |r: &str| message.resolve_sibling(r).map(String::from);
        assert_eq!(at("b.jpg").as_deref(), Some("2026/11/b.jpg"));
        assert_eq!(at("./b/../c.jpg").as_deref(), Some("2026/11/c.jpg"));
        assert_eq!(at("../../x.md").as_deref(), Some("x.md"));
        assert_eq!(at("../../../x.md"), None);
        assert_eq!(at(""), Some("2026/11".to_owned()));
    }

    #[test]
    fn names_are_compared_without_case_and_form() {
        assert_eq!(fold("Cafe\u{301}"), fold("CAFÉ"));
        assert_eq!(fold("STRASSE"), fold("straße"));
        assert_eq!(fold("ΟΔΟΣ"), fold("οδος"));
        assert_ne!(fold("a"), fold("b"));
    }

    #[test]
    fn addresses_of_folders_end_in_a_slash() {
        assert_eq!(OutPath::fixed("a/index.html").address(), "a/");
        assert_eq!(OutPath::fixed("index.html").address(), "");
        assert_eq!(OutPath::fixed("a/b.html").address(), "a/b.html");
        assert_eq!(OutPath::fixed("a/b/c.html").to_root(), "../../");
    }
}
