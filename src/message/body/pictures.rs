//! Pictures and players in a text.

use super::{Event, Found, Md, TagEnd, Walk, plain, span};
use crate::path::OutPath;
use crate::sanitize::Target;
use crate::web::{Link, WebUrl};

/// A picture that is larger than this, in pixels, is shown smaller than it is, and leads to itself.
const LARGE: u32 = 640;

impl Walk<'_, '_> {
    /// Writes a paragraph that is one picture as a figure, where there is something to stand below it: the
    /// picture's title, else what the header says of it.
    /// Returns whether it is one.
    pub(super) fn figure(&mut self, paragraph: &[Event<'_>]) -> bool {
        let Some(Event::Start(Md::Image { dest_url, title, .. })) = paragraph.get(1) else {
            return false;
        };
        let image = &paragraph[1..];
        let image = &image[..span(image)];
        let alone = matches!(paragraph.get(1 + image.len()), Some(Event::End(TagEnd::Paragraph)));
        if !alone {
            return false;
        }
        let Some(Link::Relative(address)) = self.parse(dest_url) else { return false };
        let Found::Picture(path, size) = (self.env.find)(&address) else { return false };
        let said = (self.env.beside)(&path).caption;
        let caption = Some(&**title).filter(|title| !title.is_empty()).or(said.as_deref());
        let Some(caption) = caption else { return false };
        self.w.open("figure").end();
        self.picture(&path, size, "", &plain(image));
        self.w.open("figcaption").end();
        self.w.text(caption);
        self.w.close("figcaption");
        self.w.close("figure");
        true
    }

    /// Writes a picture of the edition. A large one leads to itself, unless it stands in a link.
    pub(super) fn picture(
        &mut self,
        path: &OutPath,
        size: Option<(u32, u32)>,
        title: &str,
        alt: &str,
    ) {
        let beside = (self.env.beside)(path);
        let alt = if alt.is_empty() { beside.caption.as_deref().unwrap_or("") } else { alt };
        let inside_link = self.links.iter().any(Option::is_some);
        let large = size.is_some_and(|(width, height)| width.max(height) > LARGE);
        let leads = large && !inside_link;
        if leads {
            let link = self.w.open("a").class("picture").href(&Target::Site(path));
            // A link needs words of its own where its picture has none.
            if alt.is_empty() {
                link.attribute("aria-label", self.env.words.get("picture")).end();
            } else {
                link.end();
            }
        }
        let widths = &beside.widths;
        let img = self.w.open("img").versions(path, widths, size.map_or(0, |(width, _)| width));
        let mut img = img.attribute("alt", alt);
        if let Some((width, height)) = size {
            img =
                img.attribute("width", &width.to_string()).attribute("height", &height.to_string());
        }
        if !title.is_empty() {
            img = img.attribute("title", title);
        }
        img.attribute("loading", "lazy").attribute("decoding", "async").end();
        if leads {
            self.w.close("a");
        }
    }

    /// Writes a picture on another host.
    pub(super) fn remote_picture(&mut self, url: &WebUrl, title: &str, alt: &str) {
        let mut img = self.w.open("img").src(&Target::Web(url)).attribute("alt", alt);
        if !title.is_empty() {
            img = img.attribute("title", title);
        }
        img.attribute("loading", "lazy").attribute("decoding", "async").end();
    }

    /// Writes a player for a sound or a film, with its poster and its subtitles.
    pub(super) fn player(&mut self, tag: &'static str, path: &OutPath, alt: &str) {
        let beside = (self.env.beside)(path);
        let alt = if alt.is_empty() { beside.caption.as_deref().unwrap_or("") } else { alt };
        let mut player = self.w.open(tag).src(&Target::Site(path)).attribute("controls", "");
        player = player.attribute("preload", "none");
        if let Some(poster) = beside.poster.as_ref().filter(|_| tag == "video") {
            player = player.poster(poster);
        }
        if alt.is_empty() {
            player.end();
        } else {
            player.attribute("title", alt).end();
        }
        for track in &beside.tracks {
            let words = self.env.words.get("captions");
            let language = track.language.as_deref();
            let mut element = self.w.open("track").src(&Target::Site(&track.path));
            element = element.attribute("kind", "captions");
            if let Some(language) = language {
                element = element.attribute("srclang", language);
            }
            element.attribute("label", language.unwrap_or(words)).end();
        }
        self.w.close(tag);
    }
}
