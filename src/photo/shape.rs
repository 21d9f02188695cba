//! What a JPEG is, by its segments (ITU T.81, annex B): nothing is decoded.

use super::orientation;
use crate::limits::{PHOTO_PROFILE, PHOTO_WORK, PICTURE_PIXELS};

/// A JPEG that can be made smaller: whole, of 8 bits, grey or with three colours, and not so large
/// or in so many passes that decoding it would cost more than it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    width: u32,
    height: u32,
    components: u8,
    progressive: bool,
}

impl Shape {
    /// Walks the segments of a file up to the end of the picture.
    pub fn of(bytes: &[u8]) -> Option<Shape> {
        let (mut frame, mut scans, mut profile) = (None, 0, 0);
        for segment in Segments::of(bytes)? {
            match segment? {
                (0xC0..=0xC2, Some(_)) if frame.is_some() => return None,
                (marker @ 0xC0..=0xC2, Some(data)) => frame = Some(Shape::of_frame(marker, data)?),
                // Lossless, differential and arithmetic coding: no camera makes them.
                (0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF, _) => return None,
                (0xDA, _) => scans += 1,
                (0xE2, Some(data)) if data.starts_with(b"ICC_PROFILE\0") => profile += data.len(),
                (0xD9, _) => {
                    let shape: Shape = frame?;
                    let pixels = u64::from(shape.width) * u64::from(shape.height);
                    let bearable = (1..=PHOTO_WORK / pixels.max(1)).contains(&scans)
                        && pixels <= PICTURE_PIXELS
                        && profile <= PHOTO_PROFILE;
                    return bearable.then_some(shape);
                }
                _ => {}
            }
        }
        None
    }

    fn of_frame(marker: u8, data: &[u8]) -> Option<Shape> {
        let (bits, components) = (*data.first()?, *data.get(5)?);
        let side =
            |at: usize| Some(u32::from(u16::from_be_bytes([*data.get(at)?, *data.get(at + 1)?])));
        let (height, width) = (side(1)?, side(3)?);
        let usual = bits == 8 && matches!(components, 1 | 3) && width > 0 && height > 0;
        usual.then_some(Shape { width, height, components, progressive: marker == 0xC2 })
    }

    /// Returns width and height as they are stored.
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Returns width and height of the picture when it is turned by a quarter.
    pub fn lying(&self) -> (u32, u32) {
        (self.height, self.width)
    }

    /// Returns whether it has no colours.
    pub fn is_grey(&self) -> bool {
        self.components == 1
    }

    /// Returns about how many bytes of memory it takes to make it smaller, to versions of at most
    /// `width` pixels: the picture as it is decoded, put together and scaled, and all coefficients
    /// where it comes in passes.
    pub fn memory(&self, width: u32) -> u64 {
        let samples = u64::from(self.width) * u64::from(self.height) * u64::from(self.components);
        // It is decoded at one, two, four or eight eighths.
        let wide = |eighths: &u64| {
            u64::from(self.width.min(self.height)) * eighths >= u64::from(width) * 8
        };
        let eighths = [1, 2, 4].into_iter().find(wide).unwrap_or(8);
        let coefficients = if self.progressive { samples * 2 } else { 0 };
        samples * eighths * eighths / 64 * 3 + coefficients
    }
}

/// Returns how the Exif data at the head of a JPEG say that it is to be turned: 1 for not at all.
pub fn turned(head: &[u8]) -> u8 {
    let segments = Segments::of(head).into_iter().flatten().map_while(|segment| segment);
    let before = segments.take_while(|(marker, _)| !matches!(marker, 0xD9 | 0xDA));
    let exif = before
        .filter(|(marker, _)| *marker == 0xE1)
        .find_map(|(_, data)| data?.strip_prefix(b"Exif\0\0"));
    exif.and_then(orientation).unwrap_or(1)
}

/// Returns whether the file that begins so is shown as wide as it is stored high.
pub fn lies(head: &[u8]) -> bool {
    turned(head) >= 5
}

/// The segments of a JPEG, each with its marker and, where it has one, its content. `None` where the
/// file ends inside of one.
struct Segments<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Segments<'b> {
    fn of(bytes: &'b [u8]) -> Option<Segments<'b>> {
        bytes.starts_with(&[0xFF, 0xD8]).then_some(Segments { bytes, at: 2 })
    }

    fn read(&mut self) -> Option<(u8, Option<&'b [u8]>)> {
        // Any number of bytes 0xFF may stand before a marker.
        while *self.bytes.get(self.at)? == 0xFF && *self.bytes.get(self.at + 1)? == 0xFF {
            self.at += 1;
        }
        let marker = *self.bytes.get(self.at + 1).filter(|_| self.bytes[self.at] == 0xFF)?;
        self.at += 2;
        if matches!(marker, 0x01 | 0xD0..=0xD9) {
            return Some((marker, None));
        }
        let length = [*self.bytes.get(self.at)?, *self.bytes.get(self.at + 1)?];
        let length = usize::from(u16::from_be_bytes(length));
        let data = self.bytes.get(self.at + 2..self.at + length)?;
        self.at += length;
        if marker == 0xDA {
            self.skip_coded()?;
        }
        Some((marker, Some(data)))
    }

    /// Skips coded data, which hold 0xFF only before 0x00 and the restart markers.
    fn skip_coded(&mut self) -> Option<()> {
        loop {
            self.at += memchr::memchr(0xFF, self.bytes.get(self.at..)?)?;
            if !matches!(*self.bytes.get(self.at + 1)?, 0 | 0xD0..=0xD7) {
                return Some(());
            }
            self.at += 2;
        }
    }
}

impl<'b> Iterator for Segments<'b> {
    type Item = Option<(u8, Option<&'b [u8]>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let read = self.read();
        if read.is_none() {
            self.at = self.bytes.len();
        }
        Some(read)
    }
}
