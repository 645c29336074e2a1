//! Damaged files give an error or a picture, never a panic, and the same one every time.
//!
//! `TCLOUD_FUZZ_CASES` sets how many variants of each file are tried.
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

use std::io::Cursor;

use image::{DynamicImage, ImageFormat};
use support::{after_jpeg_start, exif_segment, photo, sheer};
use tcloud_imaging::{Error, Format, Limits, Picture, Quality, probe};

/// A small generator of repeatable numbers (xorshift).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}

fn samples() -> Vec<Vec<u8>> {
    let photo = photo(48, 40);
    let rgba = image::RgbaImage::from_raw(48, 40, sheer(&photo).as_bytes().to_vec()).unwrap();
    let image = DynamicImage::ImageRgba8(rgba);
    let saved = |format| {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    };
    let mut progressive = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut progressive, 80);
    encoder.set_progressive(true);
    encoder
        .encode(photo.as_bytes(), 48, 40, jpeg_encoder::ColorType::Rgb)
        .unwrap();
    let encode = |picture: &Picture, format| picture.encode(format, Quality::default()).unwrap();
    let jpeg = encode(&photo, Format::Jpeg);
    vec![
        after_jpeg_start(&jpeg, &exif_segment(6)),
        progressive,
        encode(&photo, Format::Bmp),
        encode(&photo, Format::WebP),
        encode(&sheer(&photo), Format::WebP),
        saved(ImageFormat::WebP),
        saved(ImageFormat::Png),
        saved(ImageFormat::Gif),
        saved(ImageFormat::Tiff),
    ]
}

fn damaged(sample: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = sample.to_vec();
    match numbers.below(4) {
        0 => bytes.truncate(numbers.below(sample.len())),
        1 => {
            let start = numbers.below(bytes.len());
            let end = (start + 1 + numbers.below(16)).min(bytes.len());
            bytes.drain(start..end);
        }
        2 => {
            // Headers decide the most, so they are hit more often.
            for _ in 0..=numbers.below(4) {
                let index = numbers.below(bytes.len().min(64));
                bytes[index] = numbers.next() as u8;
            }
        }
        _ => {
            for _ in 0..=numbers.below(8) {
                let index = numbers.below(bytes.len());
                bytes[index] ^= 1 << numbers.below(8);
            }
        }
    }
    bytes
}

#[test]
fn damage_is_an_error_at_worst() {
    let cases = std::env::var("TCLOUD_FUZZ_CASES")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(300);
    // Small limits keep a forged but lawful size from costing seconds.
    let mut limits = Limits::default();
    limits.max_pixels = 1_000_000;
    let mut refused = 0_u32;
    for (index, sample) in samples().iter().enumerate() {
        assert!(Picture::decode(sample, &limits).is_ok(), "sample {index}");
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15 ^ index as u64);
        for _ in 0..cases {
            let bytes = damaged(sample, &mut numbers);
            match Picture::decode(&bytes, &limits) {
                Ok(picture) => {
                    let info = probe(&bytes, &limits).unwrap();
                    assert_eq!(picture.size(), info.size());
                    assert_eq!(Picture::decode(&bytes, &limits), Ok(picture));
                }
                Err(error) => {
                    refused += 1;
                    assert!(!error.to_string().is_empty());
                }
            }
        }
    }
    assert!(refused > 0 || cases == 0);
}

#[test]
fn files_cut_in_half_are_errors() {
    for (index, sample) in samples().iter().enumerate() {
        let half = &sample[..sample.len() / 2];
        let error = Picture::decode(half, &Limits::default()).unwrap_err();
        assert!(
            matches!(error, Error::Corrupt { .. }),
            "sample {index}: {error}"
        );
    }
}
