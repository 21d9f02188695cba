//! What a published file is to a browser.

use crate::path::OutPath;

/// Who made a file, which decides what it may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A template of one's own theme.
    Page,
    /// The program or the theme: feeds, style sheets.
    Made,
    /// It is a copy of a file from a box, perhaps of a stranger.
    Copied,
}

impl Kind {
    /// Returns the kind of a file.
    ///
    /// Names decide ([`crate::names::out_file_name`]): a copy never ends in one of the extensions
    /// below and never lies in `assets/`. What is not known is taken for a copy.
    pub fn of(path: &OutPath) -> Kind {
        let in_theme = path.as_str().starts_with("assets/");
        match extension(path).as_str() {
            "html" => Kind::Page,
            _ if is_json_feed(path) => Kind::Made,
            "xml" | "css" | "js" | "opml" => Kind::Made,
            _ if in_theme => Kind::Made,
            _ => Kind::Copied,
        }
    }
}

/// Returns the media type of a file, with the charset where it is text.
///
/// Feeds are `application/xml`: browsers show that with its style sheet, and offer
/// `application/atom+xml` as a download; readers take both.
pub fn media_type(path: &OutPath) -> String {
    let plain = crate::media::media_type(&extension(path));
    if is_json_feed(path) {
        return "application/feed+json; charset=utf-8".into();
    }
    match plain.starts_with("text/") || plain == "application/xml" {
        true => format!("{plain}; charset=utf-8"),
        false => plain.to_owned(),
    }
}

/// Returns whether a file is a JSON Feed: no copy has this name.
fn is_json_feed(path: &OutPath) -> bool {
    path.as_str().rsplit('/').next() == Some("feed.json")
}

/// Returns whether a copied file may open in a tab of its own: a picture of pixels, or plain text.
/// Everything else is saved, for to a browser it would be a document, or a player that cannot load
/// it from within its sandbox. Pages can show and play all of it.
pub fn opens_in_place(media_type: &str) -> bool {
    let picture = media_type.starts_with("image/") && media_type != "image/svg+xml";
    picture || media_type.starts_with("text/plain")
}

fn extension(path: &OutPath) -> String {
    let name = path.as_str().rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').map_or(String::new(), |(_, extension)| extension.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::out_file_name;

    #[test]
    fn a_copy_is_never_taken_for_anything_else() {
        for name in [
            "a.html",
            "a.HTM",
            "a.xhtml",
            "a.svg",
            "a.xml",
            "a.css",
            "a.js",
            "a.mjs",
            "a.opml",
            "a.txt",
            "a.png",
            "a.pdf",
            "a.json",
            "a",
            ".html",
            "index.html",
            "feed.xml",
            "feed.json",
            "a.b.JS",
            "robots.txt",
            "a.html/",
            "a.htm l",
            "style.css",
            "a.webmanifest",
        ] {
            for own in [true, false] {
                let out = OutPath::fixed(&format!("mira/in/x/{}", out_file_name(name, own)));
                assert_eq!(Kind::of(&out), Kind::Copied, "{out}");
            }
        }
    }

    #[test]
    fn what_is_made_is_known() {
        let kind = |path| Kind::of(&OutPath::fixed(path));
        assert_eq!(kind("mira/in/x.html"), Kind::Page);
        assert_eq!(kind("mira/feed.xml"), Kind::Made);
        assert_eq!(kind("mira/feed.json"), Kind::Made);
        assert_eq!(kind("subscriptions.opml"), Kind::Made);
        assert_eq!(kind("mira/in/x/data.json"), Kind::Copied);
        assert_eq!(kind("assets/signs.svg"), Kind::Made);
        assert_eq!(kind("mira/assets/signs.svg"), Kind::Copied);
    }

    #[test]
    fn feeds_say_what_they_are() {
        for (path, expect) in [
            ("notes/feed.xml", "application/xml; charset=utf-8"),
            ("feed.json", "application/feed+json; charset=utf-8"),
            ("notes/a/data.json", "application/json"),
            ("subscriptions.opml", "text/x-opml; charset=utf-8"),
        ] {
            assert_eq!(media_type(&OutPath::fixed(path)), expect, "{path}");
        }
    }

    #[test]
    fn only_pixels_and_plain_text_open_in_place() {
        let opens = |name| opens_in_place(&media_type(&OutPath::fixed(name)));
        assert!(opens("a.png") && opens("a.JPG") && opens("a.html.txt") && opens("a.md"));
        for saved in ["a.svg", "a.pdf", "a.gpx", "a.json", "a.csv", "a.exe.bin", "a", "a.mp4"] {
            assert!(!opens(saved), "{saved}");
        }
    }
}
