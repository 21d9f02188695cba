//! Smaller versions of large photographs: pure functions from bytes to bytes.
//!
//! 1. [`Shape::of`] walks the segments of a JPEG without decoding anything: what is odd, damaged or
//!    would cost more than it may is none that is made smaller.
//! 2. [`widths`] says which smaller versions there are, by numbers alone, so that a plan can be
//!    made without the pixels.
//! 3. [`smaller`] decodes at a fraction of the size, scales, turns the picture as
//!    its Exif data say, and encodes. Of the data beside the pixels the colour profile stays.
//!
//! All of it is whole numbers, or floating point that is the same on every machine: the same
//! bytes come out everywhere.

mod exif;
mod scale;
mod shape;
mod turn;

pub use exif::orientation;
pub use shape::{Shape, lies};

use crate::limits::{PHOTO_FILE, PHOTO_LEAST};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use scale::{Pixels, scale};
use shape::turned;
use std::borrow::Cow;
use turn::turn;

/// How wide smaller versions are, in pixels: a telephone, a column, a column on a dense screen.
const WIDTHS: [u32; 3] = [480, 960, 1600];
/// Of the encoder, 1 to 100.
const QUALITY: u8 = 80;
/// Where the smaller versions lie in an edition; `_` is no contact's (docs/format.md, section 13).
pub const FOLDER: &str = "_/pictures";

/// Returns the path of the version of this width of the picture at `path`, both counted from the
/// top of the edition.
pub fn path(path: &str, width: u32) -> String {
    format!("{FOLDER}/{width}/{path}")
}

/// Returns the widths of the smaller versions of a photograph of this width and height that is
/// `bytes` long, in pixels, the least first; none where there is nothing to be won.
pub fn widths((width, height): (u32, u32), bytes: u64) -> Vec<u32> {
    if !(PHOTO_LEAST..=PHOTO_FILE).contains(&bytes) {
        return Vec::new();
    }
    // A version that is nearly as wide is hardly shorter; nor is one of a photograph that was
    // pressed hard, for eight pixels of ours take about a byte.
    let is_shorter = |smaller: &u32| {
        let pixels = u64::from(*smaller) * u64::from(height_at(*smaller, (width, height)));
        smaller * 4 <= width.saturating_mul(3) && pixels / 8 <= bytes / 4 * 3
    };
    WIDTHS.into_iter().filter(is_shorter).collect()
}

/// Why a picture was not made smaller: its coded data are damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damaged;

/// Makes smaller versions of a photograph, of these widths, as JPEGs (ITU T.81, progressive). It is
/// decoded once.
///
/// # Errors
/// When it cannot be decoded. What [`Shape::of`] takes for none is never decoded.
pub fn smaller(bytes: &[u8], widths: &[u32]) -> Result<Vec<Vec<u8>>, Damaged> {
    let shape = Shape::of(bytes).ok_or(Damaged)?;
    let most = widths.iter().copied().max().ok_or(Damaged)?;
    let mut decoder = jpeg_decoder::Decoder::new(bytes);
    decoder.read_info().map_err(|_| Damaged)?;
    let orientation = turned(bytes);
    let lies = orientation >= 5;
    let (width, height) = if lies { shape.lying() } else { shape.size() };
    let side = |side: u32| u16::try_from(side).unwrap_or(u16::MAX);
    let (wide, high) = (side(most), side(height_at(most, (width, height))));
    let asked = if lies { (high, wide) } else { (wide, high) };
    decoder.scale(asked.0, asked.1).map_err(|_| Damaged)?;
    let decoded = decoder.decode().map_err(|_| Damaged)?;
    let profile = decoder.icc_profile();
    let info = decoder.info().ok_or(Damaged)?;
    let whole = Pixels {
        width: usize::from(info.width),
        height: usize::from(info.height),
        channels: if shape.is_grey() { 1 } else { 3 },
        samples: Cow::Owned(decoded),
    };
    whole.is_sound().then_some(()).ok_or(Damaged)?;
    let one = |to: &u32| {
        let to = (*to, height_at(*to, (width, height)));
        let (wide, high) = if lies { (to.1, to.0) } else { to };
        encode(&turn(scale(&whole, wide as usize, high as usize), orientation), profile.as_deref())
    };
    widths.iter().map(one).collect()
}

/// Returns how high a picture of this size becomes that is made `width` pixels wide.
fn height_at(width: u32, (full_width, full_height): (u32, u32)) -> u32 {
    let full = u64::from(full_width.max(1));
    let height = (u64::from(width) * u64::from(full_height) + full / 2) / full;
    u32::try_from(height).unwrap_or(u32::MAX).max(1)
}

fn encode(pixels: &Pixels<'_>, profile: Option<&[u8]>) -> Result<Vec<u8>, Damaged> {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, QUALITY);
    encoder.set_progressive(true);
    encoder.set_optimized_huffman_tables(true);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    if let Some(profile) = profile {
        encoder.add_icc_profile(profile).map_err(|_| Damaged)?;
    }
    let kind = if pixels.channels == 1 { ColorType::Luma } else { ColorType::Rgb };
    let width = u16::try_from(pixels.width).map_err(|_| Damaged)?;
    let height = u16::try_from(pixels.height).map_err(|_| Damaged)?;
    encoder.encode(&pixels.samples, width, height, kind).map_err(|_| Damaged)?;
    Ok(out)
}

#[cfg(test)]
mod tests;
