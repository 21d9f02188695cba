//! Takes out of copies what must not be published: where and with what a picture was taken, and
//! keys of a writing kind.
//!
//! Pixels are never touched; of the metadata only colour profiles and the orientation stay.

use crate::keys;
use crate::path::RelPath;
use crate::photo::orientation;
use bytes::Bytes;
use img_parts::jpeg::{Jpeg, JpegSegment, markers};
use img_parts::png::Png;
use img_parts::webp::WebP;
use img_parts::{ImageEXIF, ImageICC};
use std::fs::File;
use std::io::{Read, Seek};

/// What a file is, by its first bytes: names say nothing for certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Jpeg,
    Png,
    WebP,
    /// A picture that may hold data about its place which cannot be taken out here: TIFF, HEIC, AVIF.
    Other,
    /// A sound, a film, an archive, a picture without such data: not looked into.
    Media,
    /// Anything else: may be text with a key in it.
    Text,
}

/// Why a file is not copied, and what to do.
pub type Refusal = (&'static str, &'static str);

/// Why a damaged picture is not copied.
pub const DAMAGED: Refusal = (
    "is damaged, so that what it tells of its place cannot be taken out; it is not published",
    "save the picture anew",
);

/// Returns whether a file is refused for what it may tell of its place.
pub fn is_about_place(why: &str) -> bool {
    why == DAMAGED.0 || why == UNTOLD.0
}

/// Why a picture of a kind that cannot be looked into is not copied.
const UNTOLD: Refusal = (
    "may tell where it was taken, which cannot be taken out of this kind of picture; it is not published",
    "convert it to JPEG, PNG or WebP",
);

/// The largest picture that is looked into; larger ones are no photographs.
const LARGEST: u64 = 256 << 20;

/// Returns the bytes to be published in the place of a file, or `None` where it may be copied as
/// it is; `stripped` where it goes into the public edition. The file is left at its beginning.
///
/// # Errors
/// When it may not be published: it holds a key of a writing kind, or data about its place that
/// cannot be taken out.
pub fn look(file: &mut File, path: &RelPath, stripped: bool) -> Result<Option<Vec<u8>>, Refusal> {
    let unreadable = |_| ("cannot be read", "see whether it is still there");
    let sort = sort(file, path).map_err(unreadable)?;
    if !stripped || !matches!(sort, Sort::Jpeg | Sort::Png | Sort::WebP | Sort::Other) {
        if sort == Sort::Text && holds_key(file).map_err(unreadable)? {
            return Err((
                "holds a key that lets its holder write; it is not copied",
                "whoever has read it can write in your name: give out the read-only key only",
            ));
        }
        file.rewind().map_err(unreadable)?;
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    let clean = match sort {
        _ if bytes.len() as u64 > LARGEST => None,
        Sort::Jpeg => jpeg(bytes),
        Sort::Png => png(bytes),
        Sort::WebP => webp(bytes),
        Sort::Other | Sort::Media | Sort::Text => None,
    };
    let why = match sort {
        Sort::Other => UNTOLD,
        _ => DAMAGED,
    };
    clean.map(Some).ok_or(why)
}

/// Returns whether a file with this extension (in small letters) may tell where it was taken.
pub fn may_tell(extension: &str) -> bool {
    matches!(extension, "png" | "jpg" | "jpeg" | "webp") || UNSTRIPPABLE.contains(&extension)
}

/// Pictures of these kinds may tell where they were taken, which cannot be taken out here.
const UNSTRIPPABLE: [&str; 5] = ["avif", "heic", "heif", "tif", "tiff"];

fn sort(file: &mut File, path: &RelPath) -> std::io::Result<Sort> {
    let mut head = Vec::new();
    file.take(16).read_to_end(&mut head)?;
    file.rewind()?;
    Ok(match head.as_slice() {
        [0xFF, 0xD8, 0xFF, ..] => Sort::Jpeg,
        [0x89, b'P', b'N', b'G', ..] => Sort::Png,
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Sort::WebP,
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Sort::Other,
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => match brand.get(..4) {
            Some(
                b"avif" | b"avis" | b"heic" | b"heix" | b"hevc" | b"heim" | b"heis" | b"mif1"
                | b"msf1",
            ) => Sort::Other,
            _ => Sort::Media,
        },
        _ => match extension(path).as_str() {
            "jpg" | "jpeg" => Sort::Jpeg,
            "png" => Sort::Png,
            "webp" => Sort::WebP,
            kind if UNSTRIPPABLE.contains(&kind) => Sort::Other,
            "gif" | "bmp" | "ico" | "mp3" | "ogg" | "oga" | "opus" | "m4a" | "aac" | "flac"
            | "wav" | "mp4" | "m4v" | "mov" | "webm" | "ogv" | "zip" | "gz" | "7z" | "xz"
            | "zst" => Sort::Media,
            _ => Sort::Text,
        },
    })
}

/// Searches a file of any size for keys of a writing kind, a piece at a time.
fn holds_key(file: &mut File) -> std::io::Result<bool> {
    let (mut search, mut piece) = (keys::Search::default(), vec![0; 1 << 18]);
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(false),
            Ok(read) if search.finds(&piece[..read]) => return Ok(true),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn extension(path: &RelPath) -> String {
    path.name().rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase()
}

/// Keeps of a JPEG what decoding needs: all segments but APP1 (Exif, XMP), APP3 to APP13 (maker's
/// and IPTC data, further pictures) and comments. APP0 (JFIF), APP2 (colour profile) and APP14
/// (Adobe colours) stay.
fn jpeg(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    // Behind the end there may be further pictures and films with data of their own.
    bytes.truncate(jpeg_end(&bytes)?);
    let mut jpeg = Jpeg::from_bytes(bytes.into()).ok()?;
    let orientation = jpeg.exif().and_then(|exif| orientation(&exif));
    let profile = jpeg.icc_profile();
    let tells = |segment: &JpegSegment| {
        matches!(segment.marker(), markers::APP1..=markers::APP13 | markers::APP15 | markers::COM)
    };
    jpeg.segments_mut().retain(|segment| !tells(segment));
    jpeg.set_icc_profile(profile);
    jpeg.set_exif(orientation.map(only_orientation));
    Some(jpeg.encoder().bytes().to_vec())
}

/// Returns where the picture ends: behind its EOI marker (ITU T.81, section B.1.1).
fn jpeg_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 2;
    loop {
        let marker = *bytes.get(at + 1).filter(|_| bytes[at] == 0xFF)?;
        match marker {
            0xD9 => return Some(at + 2),
            0xFF => at += 1,
            0x01 | 0xD0..=0xD8 => at += 2,
            _ => {
                let length =
                    usize::from(u16::from_be_bytes([*bytes.get(at + 2)?, *bytes.get(at + 3)?]));
                at += 2 + length.max(2);
                if marker == 0xDA {
                    // Coded data hold 0xFF only before 0x00 and the restart markers.
                    while *bytes.get(at)? != 0xFF || matches!(bytes.get(at + 1)?, 0 | 0xD0..=0xD7) {
                        at += 1;
                    }
                }
            }
        }
        if at >= bytes.len() {
            return None;
        }
    }
}

/// The chunks of a PNG that decoding does not need and that tell how it looks, or moves (PNG, third
/// edition, section 11.3). Of others nobody knows what they tell: `caBX` names place and author
/// (C2PA, section A.3).
const PNG_LOOKS: [&[u8; 4]; 16] = [
    b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"mDCV", b"cLLI", b"bKGD",
    b"hIST", b"pHYs", b"sPLT", b"acTL", b"fcTL", b"fdAT",
];

/// The chunks that make a WebP (RFC 9649, section 2.7).
const WEBP_PICTURE: [&[u8; 4]; 7] = [b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];

/// Keeps of a PNG what decoding needs, and what tells how it looks.
fn png(bytes: Vec<u8>) -> Option<Vec<u8>> {
    let mut png = Png::from_bytes(bytes.into()).ok()?;
    let orientation = png.exif().and_then(|exif| orientation(&exif));
    // A capital first letter: no decoder can do without it (PNG, section 5.4).
    let stays = |kind: [u8; 4]| kind[0].is_ascii_uppercase() || PNG_LOOKS.contains(&&kind);
    png.chunks_mut().retain(|chunk| stays(chunk.kind()));
    png.set_exif(orientation.map(only_orientation));
    Some(png.encoder().bytes().to_vec())
}

/// Keeps of a WebP the picture and its colours.
fn webp(bytes: Vec<u8>) -> Option<Vec<u8>> {
    let mut webp = WebP::from_bytes(bytes.into()).ok()?;
    let orientation = webp.exif().and_then(|exif| orientation(&exif));
    let stays = |id: [u8; 4]| WEBP_PICTURE.contains(&&id);
    webp.chunks_mut().retain(|chunk| stays(chunk.id()));
    webp.set_exif(orientation.map(only_orientation));
    Some(webp.encoder().bytes().to_vec())
}

/// Returns Exif data that tell the orientation and nothing else.
fn only_orientation(value: u8) -> Bytes {
    let mut exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([value, 0, 0, 0, 0, 0, 0]);
    exif.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_orientation_survives_and_nothing_else() {
        let exif = only_orientation(6);
        assert_eq!(orientation(&exif), Some(6));
        let little = b"II*\0\x08\0\0\0\x02\0\x0f\x01\x02\0\x01\0\0\0\0\0\0\0\x12\x01\x03\0\x01\0\0\0\x03\0\0\0";
        assert_eq!(orientation(little), Some(3));
        for bad in [&b""[..], b"II*\0", b"MM\0*\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff"] {
            assert_eq!(orientation(bad), None);
        }
    }

    #[test]
    fn a_jpeg_loses_what_tells_its_place() {
        let segment = |marker: u8, data: &[u8]| {
            let len = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
            [&[0xFF, marker], &len[..], data].concat()
        };
        let exif = [b"Exif\0\0", &only_orientation(8)[..], b"GPS-SECRET"].concat();
        let mut jpeg_bytes = vec![0xFF, 0xD8];
        jpeg_bytes.extend(segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"));
        jpeg_bytes.extend(segment(0xE1, &exif));
        jpeg_bytes.extend(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0GPS-SECRET"));
        jpeg_bytes.extend(segment(0xED, b"Photoshop GPS-SECRET"));
        jpeg_bytes.extend(segment(0xFE, b"GPS-SECRET"));
        jpeg_bytes.extend([0xFF, 0xD9]);
        jpeg_bytes.extend([0xFF, 0xD8, b'G', b'P', b'S', b'-', b'S', b'E', b'C', b'R', b'E', b'T']);
        let clean = jpeg(jpeg_bytes).unwrap();
        assert!(!clean.windows(10).any(|w| w == b"GPS-SECRET"));
        let again = Jpeg::from_bytes(clean.into()).unwrap();
        assert_eq!(again.exif().and_then(|exif| orientation(&exif)), Some(8));
    }

    #[test]
    fn damaged_pictures_are_not_copied() {
        assert!(jpeg(b"\xFF\xD8\xFF".to_vec()).is_none());
        assert!(jpeg(b"\xFF\xD8\xFF\xDA\0\x02abc".to_vec()).is_none());
        assert!(png(b"\x89PNG".to_vec()).is_none());
        assert!(webp(b"RIFF".to_vec()).is_none());
    }
}
