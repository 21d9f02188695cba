//! Attachments and other files of a box: their names in an edition, and what pages do with them.

use super::Edition;
use crate::limits::{PICTURE_PIXELS, PICTURE_SIDE};
use crate::listing::{Entry, PublicCopy, Stat};
use crate::message::body::Found;
use crate::names::{self, Spot};
use crate::path::{OutPath, RelPath, fold};
use serde::Serialize;
use std::collections::BTreeSet;

/// How a page shows a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize)]
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
    used: &mut BTreeSet<String>,
) -> Option<Attachment> {
    let mut parts: Vec<&str> = name.split('/').collect();
    let leaf = parts.pop()?;
    let mut folder = place.out_folder.to_owned();
    for (depth, part) in parts.into_iter().enumerate() {
        let spot = if depth == 0 { Spot::Group } else { Spot::DeepGroup };
        folder = format!("{folder}/{}", names::out_name(part, spot));
    }
    let mut out = format!("{folder}/{}", names::out_file_name(leaf, place.own));
    if !used.insert(fold(&out)) {
        out = format!("{folder}/{}", names::distinct_file_name(leaf, place.own));
        used.insert(fold(&out));
    }
    let out = OutPath::parse(&out)?;
    Some(Attachment {
        name: name.to_owned(),
        source: place.box_path.join(entry.path.as_str())?,
        media: media(&out, entry),
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

/// Returns the attachment of a name: exactly, else in another case or form.
pub(super) fn by_name<'a>(attachments: &'a [Attachment], name: &str) -> Option<&'a Attachment> {
    let exact = attachments.iter().find(|a| a.name == name);
    exact.or_else(|| {
        let folded = fold(name);
        attachments.iter().find(|a| fold(&a.name) == folded)
    })
}
