//! Files of every format, whole and cut short. Damage of other kinds is the subject of the fuzz
//! target `decoders`.
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
use tcloud_imaging::{Error, Format, Limits, Picture, Quality};

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

#[test]
fn files_cut_in_half_are_errors() {
    for (index, sample) in samples().iter().enumerate() {
        assert!(Picture::decode(sample, &Limits::default()).is_ok());
        let half = &sample[..sample.len() / 2];
        let error = Picture::decode(half, &Limits::default()).unwrap_err();
        assert!(
            matches!(error, Error::Corrupt { .. }),
            "sample {index}: {error}"
        );
    }
}
