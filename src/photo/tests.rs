use super::*;

/// A photograph of a made-up place: soft shapes with some grain, `width` times `height`.
fn photograph(width: u16, height: u16, orientation: Option<u8>, progressive: bool) -> Vec<u8> {
    let mut samples = Vec::new();
    for y in 0..u32::from(height) {
        for x in 0..u32::from(width) {
            let grain = (x * 7919 + y * 104_729) % 23;
            let left = if x * 2 < u32::from(width) { 160 } else { 20 };
            samples.extend(
                [left + grain, (y * 200 / u32::from(height)) + grain, 90 + grain].map(|s| s as u8),
            );
        }
    }
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, 90);
    encoder.set_progressive(progressive);
    if let Some(value) = orientation {
        let exif = [
            b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".as_slice(),
            &[value, 0, 0, 0, 0, 0, 0],
        ];
        encoder.add_exif_metadata(&exif.concat()).unwrap();
    }
    encoder.add_icc_profile(b"a profile of colours").unwrap();
    encoder.encode(&samples, width, height, ColorType::Rgb).unwrap();
    out
}

fn size(jpeg: &[u8]) -> (u32, u32) {
    Shape::of(jpeg).unwrap().size()
}

#[test]
fn versions_are_clearly_smaller() {
    let check = |size, bytes, expect: &[u32]| assert_eq!(widths(size, bytes), expect, "{size:?}");
    check((4000, 3000), 3_000_000, &[480, 960, 1600]);
    check((3000, 4000), 3_000_000, &[480, 960, 1600]);
    check((1600, 1200), 3_000_000, &[480, 960]);
    check((640, 480), 3_000_000, &[480]);
    check((639, 480), 3_000_000, &[]);
    check((2160, 1440), 118_000, &[480, 960]);
    check((4000, 3000), PHOTO_LEAST - 1, &[]);
    check((u32::MAX, u32::MAX), PHOTO_FILE + 1, &[]);
    check((u32::MAX, 1), PHOTO_FILE, &[480, 960, 1600]);
    check((1, u32::MAX), PHOTO_FILE, &[]);
}

#[test]
fn a_photograph_is_made_smaller_and_keeps_its_colours_alone() {
    for progressive in [false, true] {
        let whole = photograph(1300, 870, None, progressive);
        let made = smaller(&whole, &[480, 960]).unwrap();
        assert_eq!((size(&made[0]), size(&made[1])), ((480, 321), (960, 642)));
        assert!(made[0].len() < made[1].len() && made[1].len() < whole.len());
        for one in &made {
            let mut decoder = jpeg_decoder::Decoder::new(one.as_slice());
            let pixels = decoder.decode().unwrap();
            assert_eq!(decoder.icc_profile().as_deref(), Some(b"a profile of colours".as_slice()));
            assert_eq!(decoder.exif_data(), None);
            assert!(pixels[0] > 140 && pixels[pixels.len() - 3] < 70, "left is left");
        }
        assert_eq!(made, smaller(&whole, &[480, 960]).unwrap());
    }
}

#[test]
fn a_photograph_that_lies_is_set_upright() {
    // Stored with its left half bright; turned by a quarter to the right, the upper half is.
    let made = smaller(&photograph(900, 600, Some(6), false), &[300]).unwrap();
    assert_eq!(size(&made[0]), (300, 450));
    let pixels = jpeg_decoder::Decoder::new(made[0].as_slice()).decode().unwrap();
    assert!(pixels[300 * 3 / 2] > 140 && pixels[pixels.len() - 300 * 3 / 2] < 70);
}

#[test]
fn what_is_odd_or_costs_too_much_is_never_decoded() {
    let whole = photograph(64, 48, None, true);
    assert!(Shape::of(&whole).is_some());
    assert!(lies(&photograph(64, 48, Some(8), false)));
    assert!(!lies(&photograph(64, 48, Some(3), false)) && !lies(b"GIF89a"));
    let frame = whole.windows(2).position(|pair| pair == [0xFF, 0xC2]).unwrap();
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = whole.clone();
        change(&mut bytes);
        (Shape::of(&bytes), smaller(&bytes, &[8]).is_err())
    };
    for (what, change) in [
        ("four colours", &(|b: &mut Vec<u8>| b[frame + 9] = 4) as &dyn Fn(&mut Vec<u8>)),
        ("twelve bits", &|b| b[frame + 4] = 12),
        ("no height", &|b| b[frame + 5..frame + 7].fill(0)),
        ("65,535 pixels a side", &|b| b[frame + 5..frame + 9].fill(0xFF)),
        ("arithmetic coding", &|b| b[frame + 1] = 0xC9),
        ("a second frame", &|b| {
            let again = b[frame..frame + 19].to_vec();
            b.splice(frame..frame, again);
        }),
        ("the end is missing", &|b| b.truncate(b.len() - 2)),
        ("cut in the middle of a segment", &|b| b.truncate(frame + 6)),
        ("thousands of passes", &|b| {
            let pass = [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, 0].repeat(200_000);
            b.splice(b.len() - 2..b.len() - 2, pass);
        }),
        ("a profile for printing", &|b| {
            let data = [b"ICC_PROFILE\0".as_slice(), &[0; 60_000]].concat();
            let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
            let segment = [&[0xFF, 0xE2], &length[..], &data].concat().repeat(8);
            b.splice(2..2, segment);
        }),
    ] {
        assert_eq!(with(change), (None, true), "{what}");
    }
    for bad in [&b""[..], b"\xFF", b"\xFF\xD8", b"\x89PNG", b"\xFF\xD8\xFF\xFF\xFF"] {
        assert_eq!(Shape::of(bad), None);
    }
}

#[test]
fn passes_and_pixels_cost_memory() {
    let memory =
        |progressive| Shape::of(&photograph(640, 480, None, progressive)).unwrap().memory(100);
    // A quarter as wide and high is decoded, three times over.
    assert_eq!(memory(false), 640 * 480 * 3 / 16 * 3);
    assert_eq!(memory(true) - memory(false), 640 * 480 * 3 * 2);
}

#[test]
fn damage_in_the_coded_data_ends_in_a_picture_or_an_error() {
    for progressive in [false, true] {
        let whole = photograph(120, 90, None, progressive);
        for at in (0..whole.len()).step_by(41) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x5A;
            if let Ok(made) = smaller(&bytes, &[30]) {
                assert!(Shape::of(&made[0]).is_some());
            }
        }
    }
}
