//! Makes pixels fewer: each new one is a weighted mean of those it lies on.

use std::borrow::Cow;

/// Samples of 8 bits, row by row, `channels` for each pixel.
pub(super) struct Pixels<'p> {
    pub width: usize,
    pub height: usize,
    pub channels: usize,
    pub samples: Cow<'p, [u8]>,
}

impl Pixels<'_> {
    /// Returns whether there are as many samples as its size says.
    pub fn is_sound(&self) -> bool {
        let all = self.width.checked_mul(self.height).and_then(|n| n.checked_mul(self.channels));
        self.width > 0 && self.height > 0 && all == Some(self.samples.len())
    }
}

/// Weights are whole numbers of this part of one.
const ONE: i32 = 1 << 14;

/// How much the samples from `first` on count for one new sample.
struct Kernel {
    first: usize,
    weights: Vec<i32>,
}

/// Returns the pixels of a picture of `width` times `height`.
pub(super) fn scale<'p>(from: &'p Pixels<'p>, width: usize, height: usize) -> Pixels<'p> {
    if (width, height) == (from.width, from.height) {
        let samples = Cow::Borrowed(&*from.samples);
        return Pixels { samples, ..*from };
    }
    let across = kernels(from.width, width);
    let down = kernels(from.height, height);
    let channels = from.channels;
    let mut narrow = Vec::with_capacity(width * from.height * channels);
    for row in from.samples.chunks_exact(from.width * channels) {
        for kernel in &across {
            for channel in 0..channels {
                let samples = row[kernel.first * channels + channel..].iter().step_by(channels);
                let sum: i32 =
                    kernel.weights.iter().zip(samples).map(|(w, s)| w * i32::from(*s)).sum();
                narrow.push(rounded(sum));
            }
        }
    }
    let row = width * channels;
    let mut samples = Vec::with_capacity(row * height);
    let mut sums = vec![0i32; row];
    for kernel in &down {
        sums.fill(0);
        for (n, weight) in kernel.weights.iter().enumerate() {
            let at = (kernel.first + n) * row;
            for (sum, sample) in sums.iter_mut().zip(&narrow[at..at + row]) {
                *sum += weight * i32::from(*sample);
            }
        }
        samples.extend(sums.iter().map(|sum| rounded(*sum)));
    }
    Pixels { width, height, channels, samples: Cow::Owned(samples) }
}

fn rounded(sum: i32) -> u8 {
    ((sum + ONE / 2) / ONE).clamp(0, 255) as u8
}

/// Returns for each of `to` samples which of `from` it is made of.
fn kernels(from: usize, to: usize) -> Vec<Kernel> {
    let ratio = from as f64 / to as f64;
    let stretch = ratio.max(1.0);
    let kernel = |n: usize| {
        let centre = (n as f64 + 0.5) * ratio;
        let first = (centre - 2.0 * stretch).floor().max(0.0) as usize;
        let last = ((centre + 2.0 * stretch).ceil() as usize).min(from);
        let weight = |at: usize| cubic((at as f64 + 0.5 - centre) / stretch);
        let weights: Vec<f64> = (first..last).map(weight).collect();
        let sum: f64 = weights.iter().sum();
        let mut weights: Vec<i32> =
            weights.iter().map(|w| (w / sum * f64::from(ONE)).round() as i32).collect();
        // What rounding took or gave goes to the middle: a plain surface stays as it is.
        let rest = ONE - weights.iter().sum::<i32>();
        let middle = weights.len() / 2;
        weights[middle] += rest;
        Kernel { first, weights }
    };
    (0..to).map(kernel).collect()
}

/// The Catmull-Rom spline: sharp, and without halos worth speaking of.
fn cubic(x: f64) -> f64 {
    let x = x.abs();
    if x < 1.0 {
        (1.5 * x - 2.5) * x * x + 1.0
    } else if x < 2.0 {
        ((2.5 - 0.5 * x) * x - 4.0) * x + 2.0
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_surfaces_stay_plain() {
        for (from, to) in [(7, 3), (100, 99), (1000, 1), (5, 5), (3, 8)] {
            let pixels = Pixels {
                width: from,
                height: from,
                channels: 3,
                samples: vec![201; from * from * 3].into(),
            };
            let scaled = scale(&pixels, to, to);
            assert!(scaled.is_sound() && scaled.samples.iter().all(|s| *s == 201), "{from} {to}");
        }
    }

    #[test]
    fn halves_stay_where_they_are() {
        let row: Vec<u8> = (0..40).map(|x| if x < 20 { 0 } else { 255 }).collect();
        let pixels = Pixels { width: 40, height: 4, channels: 1, samples: row.repeat(4).into() };
        let scaled = scale(&pixels, 10, 1);
        assert_eq!(&scaled.samples[..4], [0; 4]);
        assert_eq!(&scaled.samples[6..], [255; 4]);
    }
}
