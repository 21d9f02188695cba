//! Takes out of copies what must not be published: where and with what a picture was taken, and
//! keys of a writing kind.
//!
//! Pixels are never touched; of the metadata only colour profiles and the orientation stay.

use crate::keys;
use crate::path::RelPath;
use bytes::Bytes;
use img_parts::jpeg::{Jpeg, JpegSegment, markers};
use img_parts::png::Png;
use img_parts::webp::WebP;
use img_parts::{ImageEXIF, ImageICC};
use std::fs::File;
use std::io::Read;

/// What to do with a file that is to be copied.
pub enum Plan {
    /// Copy it as it is.
    Copy,
    /// Look into it: see [`cleaned`].
    Look,
    /// Do not copy it: why, and what to do.
    Refuse((&'static str, &'static str)),
}

/// The largest picture or text that is looked into; larger ones are no photographs.
const LARGEST: u64 = 256 << 20;
/// Texts larger than this are not searched for keys.
const LARGEST_TEXT: u64 = 4 << 20;

/// Returns what to do with a file by its name; `stripped` where it goes into the public edition.
pub fn plan(path: &RelPath, stripped: bool, size: u64) -> Plan {
    match extension(path).as_str() {
        "jpg" | "jpeg" | "png" | "webp" if stripped && size <= LARGEST => Plan::Look,
        "jpg" | "jpeg" | "png" | "webp" | "avif" | "heic" | "heif" | "tif" | "tiff" if stripped => {
            Plan::Refuse((
                "may tell where it was taken, which cannot be taken out of this kind of picture; it is not published",
                "convert it to JPEG, PNG or WebP",
            ))
        }
        "txt" | "md" | "csv" | "json" | "toml" if size <= LARGEST_TEXT => Plan::Look,
        _ => Plan::Copy,
    }
}

/// Returns a file's bytes as they may be published, or why they may not, and what to do.
pub fn cleaned(
    file: &mut File,
    path: &RelPath,
    stripped: bool,
) -> Result<Vec<u8>, (&'static str, &'static str)> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)
        .map_err(|_| ("cannot be read", "see whether it is still there"))?;
    let damaged = || {
        (
            "is damaged, so that what it tells of its place cannot be taken out; it is not published",
            "save the picture anew",
        )
    };
    match extension(path).as_str() {
        "jpg" | "jpeg" if stripped => jpeg(bytes).ok_or_else(damaged),
        "png" if stripped => png(bytes).ok_or_else(damaged),
        "webp" if stripped => webp(bytes).ok_or_else(damaged),
        _ if keys::holds_writing_key(&String::from_utf8_lossy(&bytes)) => Err((
            "holds a key that lets its holder write; it is not copied",
            "whoever has read it can write in your name: give out the read-only key only",
        )),
        _ => Ok(bytes),
    }
}

fn extension(path: &RelPath) -> String {
    path.name().rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase()
}

/// Keeps of a JPEG what decoding needs: all segments but APP1 (Exif, XMP), APP3 to APP13 (maker's
/// and IPTC data, further pictures) and comments. APP0 (JFIF), APP2 (colour profile) and APP14
/// (Adobe colours) stay. What follows the end of the picture goes: cameras put a short film there,
/// or a second picture with a place of its own.
fn jpeg(bytes: Vec<u8>) -> Option<Vec<u8>> {
    let mut jpeg = Jpeg::from_bytes(bytes.into()).ok()?;
    let orientation = jpeg.exif().and_then(|exif| orientation(&exif));
    let profile = jpeg.icc_profile();
    let tells = |segment: &JpegSegment| {
        matches!(segment.marker(), markers::APP1..=markers::APP13 | markers::APP15 | markers::COM)
    };
    jpeg.segments_mut().retain(|segment| !tells(segment));
    jpeg.set_icc_profile(profile);
    jpeg.set_exif(orientation.map(only_orientation));
    // The last segment holds the rest of the file as it is.
    let rest = jpeg.segments().last().map_or(0, |last| last.len_with_entropy() - last.len());
    let mut bytes = jpeg.encoder().bytes().to_vec();
    let scans = bytes.split_off(bytes.len() - rest);
    if rest > 0 {
        bytes.extend(only_scans(&scans));
    }
    Some(bytes)
}

/// Returns the coded data of the first scan and all that decoding needs of what follows, up to the
/// end of the picture.
fn only_scans(rest: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(rest.len());
    let mut at = 0;
    while let Some(data) = rest.get(at..).filter(|data| !data.is_empty()) {
        let len = memchr::memchr(0xFF, data).unwrap_or(data.len());
        out.extend(&data[..len]);
        at += len;
        let Some(marker) = rest.get(at + 1) else { break };
        let len = match *marker {
            0xFF => 1,                              // A byte to fill up.
            0 | markers::RST0..=markers::RST7 => 2, // Coded data.
            markers::EOI => break,
            _ => {
                let Some(len) = rest.get(at + 2..at + 4) else { break };
                2 + usize::from(u16::from_be_bytes([len[0], len[1]]))
            }
        };
        let tells = matches!(*marker, markers::APP0..=markers::APP15 | markers::COM | 0xFF);
        if !tells {
            out.extend(rest.get(at..at + len).unwrap_or_default());
        }
        at += len;
    }
    out.extend([0xFF, markers::EOI]);
    out
}

/// Keeps of a PNG all but its texts, Exif and time.
fn png(bytes: Vec<u8>) -> Option<Vec<u8>> {
    let mut png = Png::from_bytes(bytes.into()).ok()?;
    let orientation = png.exif().and_then(|exif| orientation(&exif));
    let tells = |kind: [u8; 4]| matches!(&kind, b"tEXt" | b"zTXt" | b"iTXt" | b"eXIf" | b"tIME");
    png.chunks_mut().retain(|chunk| !tells(chunk.kind()));
    png.set_exif(orientation.map(only_orientation));
    Some(png.encoder().bytes().to_vec())
}

/// Keeps of a WebP all but Exif and XMP.
fn webp(bytes: Vec<u8>) -> Option<Vec<u8>> {
    let mut webp = WebP::from_bytes(bytes.into()).ok()?;
    let orientation = webp.exif().and_then(|exif| orientation(&exif));
    webp.remove_chunks_by_id(*b"EXIF");
    webp.remove_chunks_by_id(*b"XMP ");
    webp.set_exif(orientation.map(only_orientation));
    Some(webp.encoder().bytes().to_vec())
}

/// Returns the orientation that Exif data tell (TIFF 6.0 tag 0x0112; Exif 2.3, section 4.6.4), if
/// it is not the usual one.
fn orientation(exif: &[u8]) -> Option<u8> {
    let little = match exif.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let u16_at = |at: usize| {
        let pair = [*exif.get(at)?, *exif.get(at + 1)?];
        Some(if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) })
    };
    let high = u16_at(if little { 6 } else { 4 })?;
    let low = u16_at(if little { 4 } else { 6 })?;
    let directory = (usize::from(high) << 16) | usize::from(low);
    let entries = usize::from(u16_at(directory)?);
    (0..entries)
        .map(|n| directory + 2 + n * 12)
        .find(|at| u16_at(*at) == Some(0x0112))
        .and_then(|at| u16_at(at + 8))
        .and_then(|value| u8::try_from(value).ok())
        .filter(|value| (2..=8).contains(value))
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
        let clean = jpeg(jpeg_bytes).unwrap();
        assert!(!clean.windows(10).any(|w| w == b"GPS-SECRET"));
        let again = Jpeg::from_bytes(clean.into()).unwrap();
        assert_eq!(again.exif().and_then(|exif| orientation(&exif)), Some(8));
    }

    #[test]
    fn damaged_pictures_are_not_copied() {
        assert!(jpeg(b"\xFF\xD8\xFF".to_vec()).is_none());
        assert!(png(b"\x89PNG".to_vec()).is_none());
        assert!(webp(b"RIFF".to_vec()).is_none());
    }
}
