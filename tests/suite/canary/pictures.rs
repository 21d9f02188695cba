//! Pictures of the public edition tell neither where nor by whom they were taken.

use super::folder::PUBLIC_ID;
use super::{CANARY, assert_absent, folded, public};
use crate::support::Base;

/// Returns a JPEG of 8 by 6 pixels with a place in its Exif data, in XMP, IPTC, a maker's note, a
/// comment and behind its end.
fn jpeg() -> Vec<u8> {
    let segment = |marker: u8, data: &[u8]| {
        let len = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
        [&[0xFF, marker], &len[..], data].concat()
    };
    [
        vec![0xFF, 0xD8],
        segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        segment(0xE1, &[b"Exif\0\0", &exif()[..]].concat()),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x exif:GPSLatitude='48,zqxjxmp'/>"),
        segment(0xE2, b"ICC_PROFILE\0\x01\x01a profile of colours"),
        segment(0xE2, b"MPF\0zqxjmultipicture"),
        segment(0xEC, b"Ducky zqxjducky"),
        segment(0xED, b"Photoshop 3.0\x008BIM zqxjiptc"),
        segment(0xFE, b"zqxjcomment"),
        segment(0xDB, &[0; 65]),
        segment(0xC0, &[8, 0, 6, 0, 8, 1, 1, 0x11, 0]),
        segment(0xDA, &[1, 1, 0, 0, 63, 0]),
        vec![0x55; 20],
        vec![0xFF, 0xD9],
        b"zqxjtrailer of a film".to_vec(),
    ]
    .concat()
}

/// Returns Exif data: a maker's name, the orientation 6, and a directory with a place (TIFF 6.0;
/// Exif 2.3, section 4.6.6: 48 degrees 12 minutes north, with a name of the place).
fn exif() -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        let mut entry = Vec::new();
        entry.extend(tag.to_le_bytes());
        entry.extend(kind.to_le_bytes());
        entry.extend(count.to_le_bytes());
        entry.extend(value.to_le_bytes());
        entry
    };
    let mut exif = b"II*\0\x08\0\0\0".to_vec();
    exif.extend(3u16.to_le_bytes());
    exif.extend(entry(0x010F, 2, 10, 110)); // Make
    exif.extend(entry(0x0112, 3, 1, 6)); // Orientation
    exif.extend(entry(0x8825, 4, 1, 50)); // GPS
    exif.extend([0; 4]);
    assert_eq!(exif.len(), 50);
    exif.extend(3u16.to_le_bytes());
    exif.extend(entry(0x0001, 2, 2, u32::from(b'N')));
    exif.extend(entry(0x0002, 5, 3, 120)); // GPSLatitude
    exif.extend(entry(0x001B, 7, 8, 144)); // GPSProcessingMethod
    exif.extend([0; 4]);
    exif.resize(110, 0);
    exif.extend(b"zqxjmaker\0");
    for (number, by) in [(48u32, 1u32), (12, 1), (0, 1)] {
        exif.extend(number.to_le_bytes());
        exif.extend(by.to_le_bytes());
    }
    exif.extend(b"zqxjgps\0");
    exif
}

/// Returns a PNG of one pixel with a word in its texts, its Exif data, chunks that others have
/// thought up, and behind its end.
pub fn png(word: &str) -> Vec<u8> {
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let body = [&kind[..], data].concat();
        let len = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&len[..], &body, &crc(&body).to_be_bytes()].concat()
    };
    let text = |head: &str| format!("{head}{word}").into_bytes();
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]),
        chunk(b"tEXt", &text("Comment\0")),
        chunk(b"iTXt", &text("XML:com.adobe.xmp\0\0\0\0\0")),
        chunk(b"eXIf", &exif()),
        chunk(b"caBX", &text("credentials: ")),
        chunk(b"prVt", &text("of some camera: ")),
        chunk(b"tIME", &[7, 234, 11, 24, 12, 0, 0]),
        chunk(b"IDAT", b"\x78\x01\x01\x02\0\xFD\xFF\0\x7F\0\x81\0\x80"),
        chunk(b"IEND", b""),
        text("behind the end: "),
    ]
    .concat()
}

/// Returns the checksum of a chunk (PNG, annex D).
fn crc(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 };
        }
    }
    !crc
}

/// Returns a WebP of 8 by 6 pixels with a place in its Exif and XMP data and behind its end.
fn webp() -> Vec<u8> {
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let len = u32::try_from(data.len()).unwrap().to_le_bytes();
        let padding = if data.len() % 2 == 1 { &b"\0"[..] } else { b"" };
        [kind, &len[..], data, padding].concat()
    };
    let body = [
        b"WEBP".to_vec(),
        chunk(b"VP8X", &[0b1100, 0, 0, 0, 7, 0, 0, 5, 0, 0]),
        chunk(b"VP8L", b"\x2f\x07\x40\x01\0\0"),
        chunk(b"EXIF", &exif()),
        chunk(b"C2PA", b"zqxjcredentials"),
        chunk(b"XMP ", b"<x exif:GPSLatitude='48,zqxjxmp'/>"),
    ]
    .concat();
    let len = u32::try_from(body.len()).unwrap().to_le_bytes();
    [b"RIFF", &len[..], &body, b"zqxjtrailer"].concat()
}

const PICTURES: [&str; 4] = ["a.jpg", "b.JPEG", "c.png", "d.webp"];

fn picture(name: &str) -> Vec<u8> {
    match name.rsplit('.').next().unwrap() {
        "png" => png("zqxjpng"),
        "webp" => webp(),
        _ => jpeg(),
    }
}

fn base() -> Base {
    let base = Base::of(
        "-- handbill.toml\npublic = [\"notes\"]\n\
         -- notes/outbox/2026-11-20T10-00-00Z.md\nPictures, one of them ![loose](loose.jpg)\n",
    );
    base.write("notes/outbox/channel.toml", format!("id = \"{PUBLIC_ID}\"\navatar = \"me.png\"\n"));
    for name in PICTURES {
        base.write(&format!("notes/outbox/2026-11-20T10-00-00Z/{name}"), picture(name));
    }
    base.write("notes/outbox/loose.jpg", jpeg());
    base.write("notes/outbox/me.png", png("zqxjpng"));
    base
}

#[test]
fn pictures_lose_their_place_in_the_public_edition() {
    let base = base();
    base.build();
    let public = public(&base);
    assert_absent(CANARY, &folded(&public));
    let copies = public
        .iter()
        .filter(|(path, _)| ["jpg", "jpeg", "png", "webp"].iter().any(|e| path.ends_with(e)));
    let mut count = 0;
    for (path, bytes) in copies {
        count += 1;
        let original = picture(path);
        let size = |bytes: &[u8]| imagesize::blob_size(bytes).map(|size| (size.width, size.height));
        assert_eq!(size(bytes).unwrap(), size(&original).unwrap(), "{path} is still a picture");
        let has = |words: &[u8]| bytes.windows(words.len()).any(|window| window == words);
        assert!(!has(b"\x25\x88") && !has(b"\x88\x25"), "{path} points to a place");
        assert!(!path.ends_with("jpg") || has(b"a profile of colours"), "{path}: colours stay");
        assert!(has(b"\x01\x12\0\x03\0\0\0\x01\0\x06"), "{path}: the orientation stays");
    }
    assert_eq!(count, PICTURES.len() + 2);
}

#[test]
fn originals_and_copies_for_me_are_untouched() {
    let base = base();
    base.build();
    for name in PICTURES {
        let original =
            std::fs::read(base.at(&format!("notes/outbox/2026-11-20T10-00-00Z/{name}"))).unwrap();
        assert_eq!(original, picture(name));
        let out = handbill::names::out_file_name(name, true);
        assert!(base.edition("reader")[&format!("notes/2026-11-20T10-00-00Z/{out}")] == original);
    }
}

#[test]
fn pictures_whose_place_cannot_be_taken_out_are_not_published() {
    let base = base();
    let folder = "notes/outbox/2026-11-20T10-00-00Z";
    for name in ["x.heic", "x.avif", "x.tiff"] {
        base.write(&format!("{folder}/{name}"), "zqxjplace");
    }
    for (name, whole) in [("cut.jpg", jpeg()), ("cut.png", png("zqxj")), ("cut.webp", webp())] {
        base.write(&format!("{folder}/{name}"), &whole[..whole.len() / 2]);
    }
    base.write(&format!("{folder}/not.jpg"), "zqxjplace");
    let report = base.build();
    assert_absent(CANARY, &folded(&public(&base)));
    for name in ["x.heic", "x.avif", "x.tiff", "not.jpg"] {
        let told = report.found.iter().any(|d| d.code == "not-copied" && d.path.ends_with(name));
        assert!(told, "{name}: {:?}", report.found);
        assert!(base.edition("reader").keys().any(|path| path.ends_with(name)), "{name} for me");
        // Nothing public leads to it, and the status page tells of it; by the second build, too.
        for round in 0..2 {
            let dead = crate::support::dead_links(&base.edition("public"));
            assert!(dead.is_empty(), "{round} {name}: {dead:?}");
            let status = base.page("reader/status/index.html");
            assert!(status.contains(name), "{round} {name} on the status page");
            assert!(base.build().found.iter().any(|d| d.path.ends_with(name)), "{round} {name}");
        }
    }
}

#[test]
fn enclosures_tell_the_size_of_what_is_published() {
    let base = base();
    base.build();
    let feed = base.page("public/notes/feed.xml");
    let public = public(&base);
    for name in PICTURES {
        let path =
            format!("notes/2026-11-20T10-00-00Z/{}", handbill::names::out_file_name(name, true));
        assert!(public[&path].len() < picture(name).len());
        assert!(feed.contains(&format!("length=\"{}\"", public[&path].len())), "{name}: {feed}");
    }
}
