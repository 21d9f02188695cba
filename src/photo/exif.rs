//! The one thing of a picture's Exif data that is of use: how it is to be turned.

/// Returns the orientation that Exif data tell (TIFF 6.0 tag 0x0112; Exif 2.3, section 4.6.4), if
/// it is not the usual one: 2 to 8.
pub fn orientation(exif: &[u8]) -> Option<u8> {
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
