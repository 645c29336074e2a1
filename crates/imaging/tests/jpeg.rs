//! What JPEG files need beyond being read: shrinking while they are decoded, and refusing what
//! lacks data or wastes time.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "test pictures are small, and a panic is a failed test"
)]

#[allow(dead_code, reason = "shared with other tests")]
mod support;

use std::sync::atomic::{AtomicU32, Ordering};

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use support::{after_jpeg_start, exif_segment, photo, psnr};
use tcloud_imaging::{Error, Format, Limits, Mode, Picture, Pipeline, Quality, Resize, probe};

const END: [u8; 2] = [0xff, 0xd9];

fn jpeg(picture: &Picture, progressive: bool, sampling: SamplingFactor) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 95);
    encoder.set_progressive(progressive);
    encoder.set_sampling_factor(sampling);
    let (width, height) = (picture.width() as u16, picture.height() as u16);
    encoder
        .encode(picture.as_bytes(), width, height, ColorType::Rgb)
        .unwrap();
    bytes
}

/// The pixels of a result, from the file itself and from its decoded picture as a PNG file, which
/// is not shrunk while it is read.
fn both_ways(file: &[u8], resize: Resize) -> (Picture, Picture) {
    let pipeline = Pipeline::new(Limits::default(), [])
        .then(resize)
        .then(Format::Png)
        .then(Quality::default());
    let whole = Picture::decode(file, &Limits::default()).unwrap();
    let png = whole.encode(Format::Png, Quality::default()).unwrap();
    let made = |input: &[u8]| {
        let outcome = pipeline.run(input).unwrap();
        Picture::decode(&outcome.bytes, &Limits::default()).unwrap()
    };
    (made(file), made(&png))
}

#[test]
fn a_shrunk_picture_is_as_good_as_one_that_was_decoded_in_full() {
    // Sides that no block divides show whether what the decoder adds at the edges is left out.
    for (width, height) in [(1024, 768), (1003, 805), (705, 1021)] {
        let picture = smooth(width, height);
        for (progressive, sampling) in [
            (false, SamplingFactor::F_2_2),
            (true, SamplingFactor::F_2_2),
            (false, SamplingFactor::F_1_1),
            (true, SamplingFactor::F_2_1),
        ] {
            let file = jpeg(&picture, progressive, sampling);
            for side in [60, 100, 200] {
                for mode in [Mode::Contain, Mode::Fill] {
                    let resize = Resize::to_box(mode, Some(side), Some(side)).unwrap();
                    let (shrunk, full) = both_ways(&file, resize);
                    assert_eq!(shrunk.size(), full.size());
                    let psnr = psnr(shrunk.as_bytes(), full.as_bytes());
                    assert!(
                        psnr > 38.0,
                        "{width} x {height} to {side} {mode:?}, {progressive}: {psnr:.1} dB"
                    );
                }
            }
        }
    }
}

#[test]
fn every_orientation_is_shrunk_to_the_same_place() {
    let file = jpeg(&smooth(1003, 805), false, SamplingFactor::F_2_2);
    for orientation in 1..=8 {
        let turned = after_jpeg_start(&file, &exif_segment(orientation));
        let resize = Resize::to_box(Mode::Fixed, Some(61), Some(47)).unwrap();
        let (shrunk, full) = both_ways(&turned, resize);
        let psnr = psnr(shrunk.as_bytes(), full.as_bytes());
        assert!(psnr > 38.0, "orientation {orientation}: {psnr:.1} dB");
    }
}

#[test]
fn a_thumbnail_takes_a_fraction_of_the_memory() {
    let file = jpeg(&photo(1600, 1200), false, SamplingFactor::F_2_2);
    let info = probe(&file, &Limits::default()).unwrap();
    let bytes = |side| {
        let resize = Resize::to_box(Mode::Contain, Some(side), Some(side)).unwrap();
        let pipeline = Pipeline::new(Limits::default(), []).then(resize);
        pipeline.estimated_bytes(&info).unwrap()
    };
    let (full, eighth) = (bytes(1500), bytes(90));
    assert!(eighth * 5 < full, "{eighth} of {full}");
}

#[test]
fn narrow_pictures_are_not_shrunk_away() {
    for (width, height) in [(1, 3000), (3000, 7), (40, 2000)] {
        let file = jpeg(&photo(width, height), false, SamplingFactor::F_2_2);
        let resize = Resize::to_box(Mode::Contain, Some(50), Some(50)).unwrap();
        let (shrunk, full) = both_ways(&file, resize);
        assert_eq!(shrunk, full);
    }
}

#[test]
fn a_scan_that_lacks_data_is_an_error_though_the_file_has_an_end() {
    for progressive in [false, true] {
        let whole = jpeg(&photo(96, 80), progressive, SamplingFactor::F_2_2);
        assert!(Picture::decode(&whole, &Limits::default()).is_ok());
        let scan = whole
            .windows(2)
            .position(|pair| pair == [0xff, 0xda])
            .unwrap();
        for part in 1..8 {
            let end = scan + 20 + (whole.len() - scan - 40) * part / 8;
            let mut cut = whole[..end].to_vec();
            if cut.last() == Some(&0xff) {
                cut.pop();
            }
            let error = Picture::decode(&[&cut, END.as_slice()].concat(), &Limits::default());
            assert!(
                matches!(error, Err(Error::Corrupt { .. })),
                "{progressive}, {part}: {error:?}"
            );
        }
    }
}

#[test]
fn fill_bytes_before_markers_change_nothing() {
    for progressive in [false, true] {
        let file = jpeg(&photo(96, 80), progressive, SamplingFactor::F_2_2);
        let mut filled = Vec::new();
        for pair in file.windows(2) {
            // Tables, scans and the end; not the start, nor what is stuffed.
            if pair[0] == 0xff && matches!(pair[1], 0xc4 | 0xd9 | 0xda | 0xdb) {
                filled.extend([0xff; 3]);
            }
            filled.push(pair[0]);
        }
        filled.extend(file.last());
        assert!(filled.len() > file.len() + 6);
        let decoded = |bytes: &[u8]| Picture::decode(bytes, &Limits::default());
        assert_eq!(decoded(&filled), decoded(&file));
    }
}

#[test]
fn restart_markers_do_not_end_a_scan() {
    let picture = photo(96, 80);
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 95);
    encoder.set_restart_interval(2);
    encoder
        .encode(picture.as_bytes(), 96, 80, ColorType::Rgb)
        .unwrap();
    let decoded = Picture::decode(&bytes, &Limits::default()).unwrap();
    assert!(psnr(decoded.as_bytes(), picture.as_bytes()) > 35.0);
}

#[test]
fn thousands_of_scans_are_refused_unread() {
    let file = jpeg(&photo(16, 16), true, SamplingFactor::F_2_2);
    let scan = file
        .windows(2)
        .position(|pair| pair == [0xff, 0xda])
        .unwrap();
    let end = file[scan + 2..]
        .windows(2)
        .position(|pair| pair[0] == 0xff && pair[1] != 0)
        .unwrap();
    let one = &file[scan..scan + 2 + end];
    let many = [&file[..scan], &one.repeat(5_000), &END].concat();
    let error = probe(&many, &Limits::default()).unwrap_err();
    assert!(error.to_string().contains("128 scans"), "{error}");
}

/// A panic in a decoder would be caught and reported as damage; here it is counted.
#[test]
fn damage_makes_no_decoder_panic() {
    static PANICS: AtomicU32 = AtomicU32::new(0);
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        // Tests that fail at the same time are no concern of this one.
        if info
            .location()
            .is_some_and(|place| place.file().contains("jpeg-"))
        {
            PANICS.fetch_add(1, Ordering::Relaxed);
        }
        before(info);
    }));
    let mut limits = Limits::default();
    limits.max_pixels = 1_000_000;
    let shrunk = Pipeline::new(limits, [])
        .then(Resize::scale(0.1).unwrap())
        .then(Format::Png)
        .then(Quality::default());
    let picture = photo(160, 136);
    let mut seed = 5_u64;
    let mut below = |end: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) as usize % end
    };
    for progressive in [false, true] {
        let file = jpeg(&picture, progressive, SamplingFactor::F_2_2);
        for _ in 0..500 {
            let mut bytes = file.clone();
            // Headers decide the most, so they are hit more often.
            let end = if below(2) == 0 {
                700.min(bytes.len())
            } else {
                bytes.len()
            };
            for _ in 0..=below(4) {
                bytes[below(end)] = below(256) as u8;
            }
            if below(4) == 0 {
                bytes.truncate(below(file.len()));
            }
            let _ = shrunk.run(&bytes);
            let _ = Picture::decode(&bytes, &limits);
        }
    }
    assert_eq!(PANICS.load(Ordering::Relaxed), 0);
}

/// Without the texture that no two filters reduce alike.
fn smooth(width: u32, height: u32) -> Picture {
    let mut data = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let (fx, fy) = (f64::from(x), f64::from(y));
            let wave = (fx * 0.012 + (fy * 0.009).sin() * 2.0).sin() * 60.0;
            let shade = fy * 90.0 / f64::from(height);
            for (base, part) in [(70.0, 1.0), (90.0, 0.5), (75.0, -0.7)] {
                data.push((base + wave * part + shade) as u8);
            }
        }
    }
    Picture::from_rgb(width, height, data).unwrap()
}
