//! What must hold of a body, and of what lists show of a message.

use super::markup::{assert_safe, tags};
use handbill::diagnostic::Owner;
use handbill::fields::File;
use handbill::message::body::{self, Beside, Env, Found, Track};
use handbill::message::{Meta, Tag, parse};
use handbill::path::OutPath;
use handbill::web::BaseUrl;
use handbill::words::Words;

fn find(name: &str) -> Found {
    let path = |name: &str| OutPath::fixed(&format!("notes/in/x/{name}"));
    match name {
        "pic.jpg" => Found::Picture(path("pic.jpg"), Some((3, 4))),
        "sound.ogg" => Found::Sound(path("sound.ogg")),
        "film.webm" => Found::Film(path("film.webm")),
        "file.pdf" => Found::File(path("file.pdf")),
        "y" => Found::Page(path("y.html")),
        "withheld" => Found::Withheld,
        _ => Found::Missing,
    }
}

fn tag_page(tag: &Tag) -> Option<OutPath> {
    OutPath::parse(&format!(
        "tags/{}/index.html",
        handbill::names::out_name(&tag.key(), handbill::names::Spot::Tag)
    ))
}

/// All that can belong to a file.
fn beside(_: &OutPath) -> Beside {
    Beside {
        widths: vec![480, 960],
        poster: Some(OutPath::fixed("notes/in/x/poster.jpg")),
        tracks: vec![Track {
            path: OutPath::fixed("notes/in/x/a.de.vtt"),
            language: Some("de".into()),
        }],
        caption: Some("a caption".into()),
    }
}

/// Renders a text and asserts that all it became is safe, wherever it is put.
#[track_caller]
pub fn assert_body(text: &str) {
    let words = Words::default();
    for skip_title in [false, true] {
        let env = Env {
            prefix: "m1",
            find: &find,
            beside: &beside,
            tag: &tag_page,
            remote_images: false,
            local_links: false,
            skip_title,
            words: &words,
        };
        let html = body::render(text, &env);
        for root in ["", "../", "../../"] {
            assert_safe(html.at(root).as_str(), "m1", text);
        }
        let base = BaseUrl::parse("https://example.net/").unwrap();
        let absolute = html.absolute(&base, &OutPath::fixed("notes/in/x.html"));
        assert_absolute(&absolute, text);
    }
    assert_plain(&parse(File { path: "m.md", text, owner: Owner::Other }).value, text);
}

/// Asserts that every address in a feed's content is absolute.
#[track_caller]
fn assert_absolute(html: &str, source: &str) {
    for tag in tags(html).unwrap() {
        for name in ["href", "src"] {
            let Some(value) = tag.get(name) else { continue };
            let sound = ["https://", "http://", "mailto:"].iter().any(|s| value.starts_with(s));
            assert!(sound, "{name}={value:?}\n  source: {source:?}\n  html: {html}");
        }
    }
}

/// Asserts that what lists show of a message are single lines of visible text.
#[track_caller]
fn assert_plain(meta: &Meta, source: &str) {
    let rare = [&meta.rare.author, &meta.rare.summary].map(|line| line.as_deref());
    let lines = rare.into_iter().chain([meta.title.as_deref()]).flatten();
    for line in lines.chain([&*meta.lead(), &*meta.excerpt]) {
        let odd = |c: char| {
            c.is_control()
                || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200B}'
                    | '\u{FEFF}' | '\u{61C}' | '\u{3164}' | '\u{115F}' | '\u{E0000}'..='\u{E007F}')
        };
        assert!(!line.contains(odd), "{line:?} of {source:?}");
        assert!(line.chars().count() <= 301, "{line:?} of {source:?}");
    }
}
