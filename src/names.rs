//! Names in the output are made, not taken.
//!
//! A name of the safe kind is used as it is, so that addresses are readable and permanent;
//! anything else becomes a slug and a short hash of its exact bytes. All of it is a function of
//! the name alone: nothing is remembered between builds. The reserved names are frozen in
//! `docs/format.md`.

use crate::hash::Hash;
use crate::time::Stamp;

/// Where a name stands, which decides what is reserved there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// A contact: a folder at the top of an edition.
    Contact,
    /// The first folder of a message's address, below its contact.
    Group,
    /// A folder further down.
    DeepGroup,
    /// The last part of a message's stem: becomes `NAME.html`, and `NAME/` for attachments.
    Message,
    /// A tag, or an author of a channel.
    Tag,
}

/// Reserved at the top of an edition.
const TOP: &[&str] = &[
    "tags",
    "media",
    "search",
    "subscriptions",
    "status",
    "feeds",
    "assets",
    "about",
    "conversations",
    "drafts",
    "archive",
    "people",
    "in",
];
/// Reserved at the top by web servers and hosts.
const SERVERS: &[&str] = &["cgi-bin", "server-status", "server-info", "icons", "cname", "api"];
/// Reserved as a folder in a contact.
const IN_CONTACT: &[&str] = &["in", "tags", "authors", "media"];
/// Reserved as the page of a message.
const PAGES: &[&str] = &["index", "feed", "404"];
/// Reserved everywhere: device names of Windows.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul"];

/// The longest name that is used as it is, in bytes.
const LONGEST: usize = 100;
/// The longest slug before the hash, in bytes.
const LONGEST_SLUG: usize = 40;
/// How many digits of the hash follow a slug.
const HASH_DIGITS: usize = 10;

/// Returns the name that stands for `name` in an edition: itself, or a slug and a hash.
pub fn out_name(name: &str, spot: Spot) -> String {
    if is_safe(name) && !is_reserved(name, spot) {
        return name.to_owned();
    }
    slug_and_hash(name)
}

/// Returns the name of an attachment or another file in an edition.
///
/// The extension is kept where browsers treat it as inert ([`is_inert`]); anything else gets
/// `.txt` (text) or `.bin` behind it, so that a file of a stranger is never a document of the
/// site's origin. `svg` stays a picture where `own` says that the file is one's own.
pub fn out_file_name(name: &str, own: bool) -> String {
    let (base, extension) = match name.rsplit_once('.') {
        Some((base, extension)) if !base.is_empty() => (base, extension.to_ascii_lowercase()),
        _ => (name, String::new()),
    };
    let base_out = if is_safe(base) && !is_device(base) && !PAGES.contains(&base) {
        base.to_owned()
    } else {
        slug_and_hash(base)
    };
    let plain = !extension.is_empty()
        && extension.len() <= 10
        && extension.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    match plain {
        true if is_inert(&extension) || (own && extension == "svg") => {
            format!("{base_out}.{extension}")
        }
        true if is_text(&extension) => format!("{base_out}.{extension}.txt"),
        true => format!("{base_out}.{extension}.bin"),
        false => format!("{}.bin", slug_and_hash(name)),
    }
}

/// Returns a name for a second thing that would have the first one's address.
pub fn distinct_name(name: &str) -> String {
    // Twice the usual digits: another name than the usual one, and no second coincidence.
    let hash = Hash::of(name.as_bytes()).hex(2 * HASH_DIGITS);
    format!(
        "{}-{hash}",
        Some(slug(name, LONGEST_SLUG)).filter(|s| !s.is_empty()).unwrap_or("x".into())
    )
}

/// Returns the name of a second file that would have the first one's address.
pub fn distinct_file_name(name: &str, own: bool) -> String {
    let usual = out_file_name(name, own);
    let extension = usual.split_once('.').map_or("", |(_, extension)| extension);
    format!("{}.{extension}", distinct_name(name))
}

/// Returns whether a browser only shows, plays or saves a file with this extension: no script of
/// it ever runs with the rights of the page that links to it.
pub fn is_inert(extension: &str) -> bool {
    const INERT: &[&str] = &[
        "png", "jpg", "jpeg", "gif", "webp", "avif", "bmp", "ico", "tif", "tiff", "heic", "heif",
        "mp3", "ogg", "oga", "opus", "m4a", "aac", "flac", "wav", "mp4", "m4v", "mov", "webm",
        "ogv", "zip", "gz", "tar", "7z", "xz", "zst", "txt", "csv", "pdf", "epub", "odt", "ods",
        "odp", "docx", "xlsx", "pptx", "gpx", "ics", "vcf", "vtt", "json", "toml", "md",
    ];
    INERT.contains(&extension)
}

fn is_text(extension: &str) -> bool {
    const TEXT: &[&str] = &[
        "html",
        "htm",
        "xhtml",
        "shtml",
        "svg",
        "xml",
        "xsl",
        "xslt",
        "js",
        "mjs",
        "cjs",
        "css",
        "php",
        "py",
        "rb",
        "rs",
        "go",
        "c",
        "h",
        "cpp",
        "java",
        "sh",
        "bat",
        "ps1",
        "pl",
        "lua",
        "ts",
        "tsx",
        "jsx",
        "yaml",
        "yml",
        "ini",
        "cfg",
        "conf",
        "log",
        "tsv",
        "tex",
        "org",
        "rst",
        "atom",
        "rss",
        "opml",
        "wasm",
        "manifest",
        "webmanifest",
        "map",
        "diff",
        "patch",
        "sql",
    ];
    TEXT.contains(&extension)
}

/// Returns whether a name needs no change: `a-z 0-9 - _`, or a full time stamp and such words.
fn is_safe(name: &str) -> bool {
    let words = |text: &str| {
        text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
    };
    let stamped = name.get(..20).is_some_and(|head| Stamp::full_name(head).is_some());
    let rest = if stamped { &name[20..] } else { name };
    (!rest.is_empty() || stamped) && name.len() <= LONGEST && words(rest)
}

fn is_reserved(name: &str, spot: Spot) -> bool {
    is_device(name)
        || match spot {
            Spot::Contact => {
                name.starts_with('_') || TOP.contains(&name) || SERVERS.contains(&name)
            }
            Spot::Group => IN_CONTACT.contains(&name),
            Spot::DeepGroup => false,
            Spot::Message => {
                PAGES.contains(&name)
                    || IN_CONTACT.contains(&name)
                    || is_calendar(name)
                    || is_numbered_page(name)
            }
            // What is made for one tag is never the name of another: both would be at one address.
            Spot::Tag => {
                name.starts_with('_') || PAGES.contains(&name) || is_calendar(name) || is_made(name)
            }
        }
}

/// Returns whether a name ends as those do that are made.
fn is_made(name: &str) -> bool {
    let hash = name.rsplit_once('-').map(|(_, hash)| hash);
    let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    hash.is_some_and(|hash| hash.len() == HASH_DIGITS && hash.bytes().all(digit))
}

/// Returns whether a name looks like a year or a year and a month.
fn is_calendar(name: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    match name.split_once('-') {
        None => name.len() == 4 && digits(name),
        Some((year, month)) => year.len() == 4 && month.len() == 2 && digits(year) && digits(month),
    }
}

/// Returns whether a name is one of the later pages of a list, as `page-2`.
fn is_numbered_page(name: &str) -> bool {
    name.strip_prefix("page-").is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
}

/// Returns whether a name (in small letters, without extension) is that of a device of Windows.
pub fn is_device(name: &str) -> bool {
    let numbered = |prefix: &str| {
        name.strip_prefix(prefix).is_some_and(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit())
    };
    DEVICES.contains(&name) || numbered("com") || numbered("lpt")
}

/// Returns a readable piece of `name` and a hash of its exact bytes.
fn slug_and_hash(name: &str) -> String {
    let hash = Hash::of(name.as_bytes()).hex(HASH_DIGITS);
    let slug = slug(name, LONGEST_SLUG);
    // A letter first: a name of digits alone could be taken for a year.
    if slug.is_empty() { format!("x-{hash}") } else { format!("{slug}-{hash}") }
}

/// Returns the letters and digits of `text` that ASCII has, in lower case, with `-` between
/// words, at most `longest` bytes, cut at a word where one ends.
pub fn slug(text: &str, longest: usize) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.ends_with('-') && !out.is_empty() {
            out.push('-');
        }
        if out.len() > longest {
            let cut = out[..longest].rfind('-').unwrap_or(longest);
            out.truncate(cut);
            break;
        }
    }
    out.truncate(out.trim_end_matches('-').len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn safe_names_stay() {
        for name in ["field-notes", "2013-08-11T14-34-37Z", "2013-08-11T14-34-37Z-low_tide", "a"] {
            assert_eq!(out_name(name, Spot::Message), name);
        }
        assert_eq!(out_name("2026", Spot::Group), "2026");
        assert_eq!(out_name("2026-11-23", Spot::Message), "2026-11-23");
    }

    #[test]
    fn no_tag_has_the_address_that_is_made_for_another() {
        let made = out_name("ö", Spot::Tag);
        assert_ne!(out_name(&made, Spot::Tag), made);
        assert_eq!(out_name("low-tide", Spot::Tag), "low-tide");
        assert_eq!(out_name("rev-0123456789a", Spot::Tag), "rev-0123456789a");
    }

    #[test]
    fn other_names_become_slug_and_hash() {
        let check = |name, spot, start: &str| {
            let out = out_name(name, spot);
            assert!(out.starts_with(start), "{name:?} -> {out:?}");
            assert_eq!(out.len(), start.len() + HASH_DIGITS, "{name:?} -> {out:?}");
            let made_is_fine = spot == Spot::Tag || !is_reserved(&out, spot);
            assert!(is_safe(&out) && made_is_fine, "{out:?}");
        };
        check("Mira", Spot::Contact, "mira-");
        check("tags", Spot::Contact, "tags-");
        check("feed.xml", Spot::Contact, "feed-xml-");
        check("_x", Spot::Contact, "x-");
        check("com1", Spot::Contact, "com1-");
        check("潮", Spot::Tag, "x-");
        check("in", Spot::Group, "in-");
        check("2026", Spot::Message, "2026-");
        check("2026-11", Spot::Message, "2026-11-");
        check("page-2", Spot::Message, "page-2-");
        check("index", Spot::Message, "index-");
        check("a/b", Spot::Message, "a-b-");
    }

    #[test]
    fn attachments_of_any_kind_are_inert() {
        let check = |name, expect: &str| {
            let out = out_file_name(name, false);
            match expect.split_once('*') {
                None => assert_eq!(out, expect),
                Some((start, end)) => {
                    assert!(out.starts_with(start) && out.ends_with(end), "{name:?} -> {out:?}");
                }
            }
        };
        check("photo.jpg", "photo.jpg");
        check("Photo 1.JPG", "photo-1-*.jpg");
        check("x.html", "x.html.txt");
        check("x.svg", "x.svg.txt");
        check("sw.js", "sw.js.txt");
        check("index.html", "index-*.html.txt");
        check(".htaccess", "htaccess-*.bin");
        check("_headers", "headers-*.bin");
        check("CNAME", "cname-*.bin");
        check("a.exe", "a.exe.bin");
        check("a.jpg.<script>", "a-jpg-script-*.bin");
        check("con.png", "con-*.png");
        assert_eq!(out_file_name("x.svg", true), "x.svg");
        assert_eq!(out_file_name("x.html", true), "x.html.txt");
    }

    #[test]
    fn slugs_are_cut_at_words() {
        assert_eq!(slug("Low tide, at the gauge!", 12), "low-tide-at");
        assert_eq!(slug("--", 12), "");
        assert_eq!(slug(&"x".repeat(50), 12), "xxxxxxxxxxxx");
    }
}
