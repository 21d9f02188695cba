//! From the path of a request to a published file: by looking it up, never by joining.

use super::site::Files;
use crate::path::OutPath;
use crate::plan::diff::Published;

/// What a path of a request leads to.
#[derive(Debug, PartialEq, Eq)]
pub enum Target<'f> {
    /// A published file.
    File(&'f OutPath, &'f Published),
    /// A folder without its slash: the index in it, whose address is the right one.
    Folder(&'f OutPath),
    /// Nothing, with the path a file there would have, where one can be there.
    Missing(Option<OutPath>),
}

/// Looks up the path of a request (RFC 3986, 3.3), as it was sent.
///
/// Paths of an edition hold no character that has to be escaped, so nothing is decoded: whatever
/// is escaped, doubled or climbs is not in the list.
pub fn find<'f>(files: &'f Files, path: &str) -> Target<'f> {
    let Some(rest) = path.strip_prefix('/') else { return Target::Missing(None) };
    let is_folder = rest.is_empty() || rest.ends_with('/');
    let name = if is_folder { format!("{rest}index.html") } else { rest.to_owned() };
    if let Some((path, published)) = files.get(&name) {
        return Target::File(path, published);
    }
    let index = format!("{rest}/index.html");
    match files.get(&index) {
        Some((path, _)) if !is_folder => Target::Folder(path),
        _ => Target::Missing(OutPath::parse(&name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::Hash;

    fn found(path: &str) -> String {
        let files: Files = ["index.html", "a/index.html", "a/b.html", "404.html"]
            .into_iter()
            .map(|path| {
                let (fingerprint, content) = (None, Hash::default());
                (OutPath::fixed(path), Published { fingerprint, content, size: 0, mtime: 0 })
            })
            .collect();
        match find(&files, path) {
            Target::File(path, _) => path.to_string(),
            Target::Folder(path) => format!("-> /{}", path.address()),
            Target::Missing(path) => format!("none {path:?}"),
        }
    }

    #[test]
    fn files_and_indexes_are_found() {
        assert_eq!(found("/"), "index.html");
        assert_eq!(found("/index.html"), "index.html");
        assert_eq!(found("/a/b.html"), "a/b.html");
        assert_eq!(found("/a/"), "a/index.html");
        assert_eq!(found("/a"), "-> /a/");
        assert_eq!(found("/b/"), r#"none Some("b/index.html")"#);
        assert_eq!(found("/b.html"), r#"none Some("b.html")"#);
    }

    #[test]
    fn nothing_else_is() {
        for path in [
            "",
            "*",
            "index.html",
            "//",
            "//a",
            "//a/",
            "/a//",
            "/a//b.html",
            "/./a/",
            "/a/../a/",
            "/..",
            "/../index.html",
            "/..%2findex.html",
            "/%2e%2e/index.html",
            "/a%2fb.html",
            "/a\\b.html",
            "/a/b.html%00",
            "/a/b.html\0.png",
            "/%61/",
            "/a/b.html/",
            "/A/b.html",
            "/.reader.manifest",
            "/../.reader.manifest",
            "/a/b",
            "/C:/",
            "/~root/",
            "/etc/passwd",
        ] {
            assert!(found(path).starts_with("none"), "{path}: {}", found(path));
        }
    }
}
