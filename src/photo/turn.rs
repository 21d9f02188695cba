//! Turns pixels as Exif data say (Exif 2.3, section 4.6.4).

use super::scale::Pixels;
use std::borrow::Cow;

/// Returns the picture as it is to be seen.
pub(super) fn turn(from: Pixels<'_>, orientation: u8) -> Pixels<'_> {
    if !(2..=8).contains(&orientation) {
        return from;
    }
    let (width, height) =
        if orientation >= 5 { (from.height, from.width) } else { (from.width, from.height) };
    let (right, bottom) = (from.width - 1, from.height - 1);
    let mut samples = Vec::with_capacity(from.samples.len());
    for y in 0..height {
        for x in 0..width {
            let (from_x, from_y) = match orientation {
                2 => (right - x, y),
                3 => (right - x, bottom - y),
                4 => (x, bottom - y),
                5 => (y, x),
                6 => (y, bottom - x),
                7 => (right - y, bottom - x),
                _ => (right - y, x),
            };
            let at = (from_y * from.width + from_x) * from.channels;
            samples.extend_from_slice(&from.samples[at..at + from.channels]);
        }
    }
    Pixels { width, height, channels: from.channels, samples: Cow::Owned(samples) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_orientation_is_turned_back() {
        // Stored so that the picture to be seen is "ab" over "cd" over "ef".
        for (orientation, stored, width) in [
            (1, "abcdef", 2),
            (2, "badcfe", 2),
            (3, "fedcba", 2),
            (4, "efcdab", 2),
            (5, "acebdf", 3),
            (6, "bdface", 3),
            (7, "fdbeca", 3),
            (8, "ecafdb", 3),
        ] {
            let samples = stored.as_bytes().into();
            let pixels = Pixels { width, height: 6 / width, channels: 1, samples };
            let seen = turn(pixels, orientation);
            assert_eq!((seen.width, seen.height), (2, 3), "{orientation}");
            assert_eq!(std::str::from_utf8(&seen.samples), Ok("abcdef"), "{orientation}");
        }
    }
}
