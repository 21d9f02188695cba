//! Links and pictures: where they lead is checked, and what is on another host is not loaded.

use super::{Found, Walk};
use crate::sanitize::{Target, deceptive_host};
use crate::web::{Link, WebUrl};

/// A link that has been opened.
pub(super) struct OpenLink {
    /// Where it leads, if that is another site.
    url: Option<WebUrl>,
    text: String,
}

impl Walk<'_, '_> {
    /// Returns where an address leads, unless it is not let through here.
    pub(super) fn parse(&self, address: &str) -> Option<Link> {
        let local = |link: &Link| matches!(link, Link::Web(url) if url.is_loopback());
        Link::parse(address).filter(|link| self.env.local_links || !local(link))
    }

    pub(super) fn link(&mut self, address: &str, title: &str) {
        let link = self.parse(address);
        let found;
        let target = match &link {
            Some(Link::Web(url)) => Some(Target::Web(url)),
            Some(Link::Mail(mail)) => Some(Target::Mail(mail)),
            Some(Link::Fragment(name)) => {
                self.headings.by_fragment.get(name).map(|id| Target::Here(id))
            }
            Some(Link::Relative(path)) => {
                found = (self.env.find)(path);
                match &found {
                    Found::Picture(path, _)
                    | Found::Sound(path)
                    | Found::Film(path)
                    | Found::File(path)
                    | Found::Page(path) => Some(Target::Site(path)),
                    Found::Missing => {
                        self.missing(path);
                        None
                    }
                    Found::Withheld => None,
                }
            }
            None => None,
        };
        let Some(target) = target else {
            self.links.push(None);
            return;
        };
        let element = self.w.open("a").href(&target);
        if title.is_empty() {
            element.end();
        } else {
            element.attribute("title", title).end();
        }
        let url = match link {
            Some(Link::Web(url)) => Some(url),
            _ => None,
        };
        self.links.push(Some(OpenLink { url, text: String::new() }));
    }

    pub(super) fn note_link_text(&mut self, text: &str) {
        if let Some(Some(link)) = self.links.last_mut()
            && link.text.len() < 500
        {
            link.text.push_str(text);
        }
    }

    /// Closes a link; where its text looks like an address on another host, names the true one.
    pub(super) fn end_link(&mut self) {
        let Some(Some(link)) = self.links.pop() else { return };
        self.w.close("a");
        if let Some(url) = link.url.filter(|_| !self.cleaned)
            && let Some(host) = deceptive_host(&url, &link.text)
        {
            self.w.open("span").class("host").end();
            self.w.text(&format!(" ({host})"));
            self.w.close("span");
        }
    }

    pub(super) fn image(&mut self, address: &str, title: &str, alt: &str) {
        let link = self.parse(address);
        match &link {
            Some(Link::Relative(path)) => match (self.env.find)(path) {
                Found::Picture(path, size) => self.picture(&path, size, title, alt),
                Found::Sound(path) => self.player("audio", &path, alt),
                Found::Film(path) => self.player("video", &path, alt),
                Found::File(path) | Found::Page(path) => {
                    self.w.open("a").href(&Target::Site(&path)).end();
                    self.w.text(if alt.is_empty() { address } else { alt });
                    self.w.close("a");
                }
                Found::Missing => self.missing(path),
                Found::Withheld => self.w.text(alt),
            },
            Some(Link::Web(url)) if self.env.remote_images => {
                self.remote_picture(url, title, alt);
            }
            Some(Link::Web(url)) => self.remote(url, alt),
            _ => self.w.text(alt),
        }
    }

    /// Writes a picture on another host as a link, for to load it would tell that host who reads.
    fn remote(&mut self, url: &WebUrl, alt: &str) {
        let words = self.env.words.with("picture_at", &url.host());
        let inside_link = self.links.iter().any(Option::is_some);
        if !inside_link {
            self.w.open("a").class("remote").href(&Target::Web(url)).end();
        }
        self.w.text(&if alt.is_empty() {
            format!("[{words}]")
        } else {
            format!("[{words}: {alt}]")
        });
        if !inside_link {
            self.w.close("a");
        }
    }

    fn missing(&mut self, path: &str) {
        self.w.open("span").class("missing").end();
        self.w.text(&format!("[{}] ", self.env.words.with("not_arrived", path)));
        self.w.close("span");
    }
}
