//! Attachments and other files of a box: their names in an edition, and what pages do with them.

use super::Edition;
use super::contact::Used;
use crate::limits::{PICTURE_PIXELS, PICTURE_SIDE};
use crate::listing::{Entry, PublicCopy, Stat};
use crate::message::body::{Beside, Found, Track};
use crate::names::{self, Spot};
use crate::path::{OutPath, RelPath, fold};
use crate::photo;
use serde::{Deserialize, Serialize};

/// How a page shows a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Media {
    /// As a picture, with width and height where they are known.
    Picture(Option<(u32, u32)>),
    /// In a player for sound.
    Sound,
    /// In a player for film.
    Film,
    /// As a link.
    File,
}

/// A file that an edition copies from a box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its name for people: as found, below the message's folder.
    pub name: String,
    /// The file, below the base folder.
    pub source: RelPath,
    /// Its place in an edition.
    pub out: OutPath,
    /// What the file system says of it.
    pub stat: Stat,
    /// How it is shown.
    pub media: Media,
    /// The widths of the smaller versions that an edition has of it, in pixels, the least first.
    pub widths: Vec<u32>,
    /// It is larger than the limit: named, not copied.
    pub too_large: bool,
    /// What becomes of it in the public edition.
    pub copy: PublicCopy,
}

impl Attachment {
    /// Returns how many bytes its copy in an edition has.
    pub fn size_in(&self, edition: Edition) -> u64 {
        match (edition, self.copy) {
            (Edition::Public, PublicCopy::Stripped(size)) => size,
            _ => self.stat.size,
        }
    }

    /// Returns where its version of a width lies in an edition.
    pub fn version(&self, width: u32) -> Option<OutPath> {
        OutPath::parse(&photo::path(self.out.as_str(), width))
    }

    /// Returns its smallest version, for where it is shown small; itself where there is none.
    pub fn smallest(&self) -> OutPath {
        self.widths.first().and_then(|width| self.version(*width)).unwrap_or(self.out.clone())
    }

    /// Returns a version for where it is shown about as wide as a text, on any screen; itself where
    /// there is none.
    pub fn middle(&self) -> OutPath {
        let width = self.widths.iter().rev().find(|width| **width <= 960);
        width.and_then(|width| self.version(*width)).unwrap_or(self.out.clone())
    }

    /// Returns what an address that means this file means.
    pub fn found(&self) -> Found {
        let out = self.out.clone();
        match self.media {
            _ if self.too_large => Found::Withheld,
            Media::Picture(size) => Found::Picture(out, size),
            Media::Sound => Found::Sound(out),
            Media::Film => Found::Film(out),
            Media::File => Found::File(out),
        }
    }
}

/// What all attachments of a folder share.
pub(super) struct Place<'p> {
    /// Where the box lies, as `name/outbox`.
    pub box_path: &'p RelPath,
    /// The folder in the edition that their addresses begin with.
    pub out_folder: &'p str,
    /// Whether the files are one's own.
    pub own: bool,
    /// The largest file that is copied.
    pub limit: u64,
}

/// Makes the attachment of `entry`, whose name below its folder is `name`; `used` keeps addresses
/// apart.
pub(super) fn attach(
    entry: &Entry,
    name: &str,
    place: &Place<'_>,
    used: &mut Used,
) -> Option<Attachment> {
    let mut parts: Vec<&str> = name.split('/').collect();
    let leaf = parts.pop()?;
    let mut folder = place.out_folder.to_owned();
    for (depth, part) in parts.into_iter().enumerate() {
        let spot = if depth == 0 { Spot::Group } else { Spot::DeepGroup };
        folder = format!("{folder}/{}", names::out_name(part, spot));
    }
    let mut out = format!("{folder}/{}", names::out_file_name(leaf, place.own));
    if !used.insert(&out) {
        out = format!("{folder}/{}", names::distinct_file_name(leaf, place.own));
        used.insert(&out);
    }
    let out = OutPath::parse(&out)?;
    let media = media(&out, entry);
    Some(Attachment {
        name: name.to_owned(),
        source: place.box_path.join(entry.path.as_str())?,
        widths: widths(&out, entry, media),
        media,
        out,
        stat: entry.stat,
        too_large: entry.stat.size > place.limit,
        copy: entry.copy,
    })
}

/// Returns how a file is shown, by the extension it has in the edition.
fn media(out: &OutPath, entry: &Entry) -> Media {
    let extension = out.as_str().rsplit('.').next().unwrap_or("");
    match extension {
        "png" | "jpg" | "jpeg" | "gif" | "webp" | "avif" => match entry.picture {
            Some((w, h)) => {
                let small =
                    w.max(h) <= PICTURE_SIDE && u64::from(w) * u64::from(h) <= PICTURE_PIXELS;
                if small { Media::Picture(entry.picture) } else { Media::File }
            }
            None => Media::File,
        },
        "svg" => Media::Picture(None),
        "mp3" | "ogg" | "oga" | "opus" | "m4a" | "aac" | "flac" | "wav" => Media::Sound,
        "mp4" | "m4v" | "webm" | "ogv" | "mov" => Media::Film,
        _ => Media::File,
    }
}

/// Returns the widths of the smaller versions of a file.
fn widths(out: &OutPath, entry: &Entry, media: Media) -> Vec<u32> {
    let is_jpeg = out.as_str().ends_with(".jpg") || out.as_str().ends_with(".jpeg");
    match media {
        Media::Picture(Some(size)) if entry.photo && is_jpeg => {
            photo::widths(size, entry.stat.size)
        }
        _ => Vec::new(),
    }
}

/// Returns a name without its extension, and that.
fn split_name(name: &str) -> (&str, &str) {
    let leaf = name.rfind('/').map_or(0, |at| at + 1);
    match name[leaf..].rfind('.') {
        Some(at) if at > 0 => (&name[..leaf + at], &name[leaf + at + 1..]),
        _ => (name, ""),
    }
}

/// Returns what a file of subtitles is to one of the same name: its language, where its name tells
/// it (`film.de.vtt`); `None` where it belongs to another file.
fn track_of(film: &Attachment, file: &Attachment) -> Option<Option<String>> {
    let (stem, extension) = split_name(&file.name);
    if !extension.eq_ignore_ascii_case("vtt") || file.too_large {
        return None;
    }
    let (film, stem) = (fold(split_name(&film.name).0), fold(stem));
    let rest = stem.strip_prefix(&film)?;
    match rest.strip_prefix('.') {
        Some(language) => {
            let sound = (2..=35).contains(&language.len())
                && language.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            sound.then(|| Some(language.to_owned()))
        }
        None => rest.is_empty().then_some(None),
    }
}

/// Returns whether a picture stands for a film: it has its name.
fn is_poster(film: &Attachment, file: &Attachment) -> bool {
    matches!(file.media, Media::Picture(_))
        && !file.too_large
        && fold(split_name(&file.name).0) == fold(split_name(&film.name).0)
}

/// Returns the film of a message that a file of it is the poster or a track of, if it is one.
pub(super) fn film_of<'a>(files: &'a [Attachment], file: &Attachment) -> Option<&'a Attachment> {
    files.iter().filter(|film| film.media == Media::Film && !film.too_large).find(|film| {
        film.name != file.name && (is_poster(film, file) || track_of(film, file).is_some())
    })
}

/// Returns what belongs to one of the attachments of a message.
pub(super) fn beside(files: &[Attachment], file: &Attachment) -> Beside {
    let widths = file.widths.clone();
    if file.media != Media::Film {
        return Beside { widths, ..Beside::default() };
    }
    let track = |other: &Attachment| {
        Some(Track { path: other.out.clone(), language: track_of(file, other)? })
    };
    Beside {
        widths,
        poster: files.iter().find(|other| is_poster(file, other)).map(Attachment::middle),
        tracks: files.iter().filter_map(track).collect(),
        caption: None,
    }
}

/// Returns the attachment of a name: exactly, else in another case or form.
pub(super) fn by_name<'a>(attachments: &'a [Attachment], name: &str) -> Option<&'a Attachment> {
    let exact = attachments.iter().find(|a| a.name == name);
    exact.or_else(|| {
        let folded = fold(name);
        attachments.iter().find(|a| fold(&a.name) == folded)
    })
}
