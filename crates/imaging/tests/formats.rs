//! Every format read and written, checked against the picture it came from.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "test pictures are small, and a panic is a failed test"
)]

mod support;

use std::io::Cursor;

use image::codecs::gif::GifEncoder;
use image::{DynamicImage, Frame, ImageFormat, RgbaImage};
use support::{after_jpeg_start, exif_segment, photo, psnr, sheer};
use tcloud_imaging::{
    Cut, Error, Flip, Format, Limits, Loss, Mode, Operation, Picture, Pipeline, Quality, Resize,
    probe,
};

const WRITABLE: [Format; 4] = [Format::Jpeg, Format::Png, Format::WebP, Format::Bmp];

fn decode(bytes: &[u8]) -> Picture {
    Picture::decode(bytes, &Limits::default()).unwrap()
}

fn quality(value: u8) -> Quality {
    Quality::new(value).unwrap()
}

fn saved(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

#[test]
fn every_pair_of_formats_keeps_the_picture() {
    let original = photo(96, 64);
    for first in WRITABLE {
        let once = original.encode(first, quality(95)).unwrap();
        assert_eq!(Format::sniff(&once), Some(first));
        for second in WRITABLE {
            let twice = decode(&once).encode(second, quality(95)).unwrap();
            let result = decode(&twice);
            assert_eq!(result.size(), original.size());
            let psnr = psnr(original.as_bytes(), result.as_bytes());
            let lossless = [first, second]
                .iter()
                .all(|format| matches!(format, Format::Png | Format::Bmp));
            let floor = if lossless { f64::INFINITY } else { 33.0 };
            assert!(psnr >= floor, "{first} to {second}: {psnr:.1} dB");
        }
    }
}

#[test]
fn odd_sizes_round_trip() {
    for (width, height) in [(1, 1), (1, 9), (17, 1), (33, 15)] {
        let original = photo(width, height);
        for format in WRITABLE {
            let bytes = original.encode(format, Quality::default()).unwrap();
            let info = probe(&bytes, &Limits::default()).unwrap();
            assert_eq!((info.width, info.height, info.frames), (width, height, 1));
            assert_eq!(decode(&bytes).size(), original.size());
        }
    }
}

#[test]
fn lower_quality_gives_a_smaller_lossy_file() {
    let original = photo(128, 128);
    for format in [Format::Jpeg, Format::WebP] {
        let sizes =
            [10, 50, 75, 95].map(|value| original.encode(format, quality(value)).unwrap().len());
        assert!(sizes.is_sorted(), "{format}: {sizes:?}");
    }
    for format in [Format::Png, Format::Bmp] {
        let [low, high] = [1, 100].map(|value| original.encode(format, quality(value)).unwrap());
        assert_eq!(low, high);
    }
}

#[test]
fn alpha_is_kept_where_it_can_be_and_white_elsewhere() {
    let original = sheer(&photo(64, 8));
    assert_eq!(
        decode(&original.encode(Format::Png, quality(1)).unwrap()),
        original
    );
    let webp = decode(&original.encode(Format::WebP, quality(90)).unwrap());
    let alpha = |picture: &Picture| {
        picture
            .as_bytes()
            .iter()
            .skip(3)
            .step_by(4)
            .copied()
            .collect()
    };
    let (kept, expected): (Vec<u8>, Vec<u8>) = (alpha(&webp), alpha(&original));
    assert_eq!(kept, expected);
    for format in [Format::Jpeg, Format::Bmp] {
        let flat = decode(&original.encode(format, quality(95)).unwrap());
        assert!(!flat.has_alpha());
        assert!(
            flat.as_bytes()[..3].iter().all(|&sample| sample > 240),
            "{format}"
        );
    }
}

#[test]
fn deep_gray_and_palette_inputs_become_rgb() {
    let gray16 = DynamicImage::ImageLuma16(image::ImageBuffer::from_fn(9, 5, |x, _| {
        image::Luma([(x * 7000) as u16])
    }));
    for format in [ImageFormat::Png, ImageFormat::Tiff] {
        let picture = decode(&saved(&gray16, format));
        for (x, pixel) in (0..9_u32).cycle().zip(picture.as_bytes().chunks_exact(3)) {
            let expected = (f64::from(x * 7000) / 257.0).round() as u8;
            assert!(
                pixel.iter().all(|&s| s.abs_diff(expected) <= 1),
                "{pixel:?}"
            );
        }
    }
    let mut palette = Vec::new();
    let mut encoder = png::Encoder::new(&mut palette, 2, 1);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(vec![10, 20, 30, 200, 100, 0]);
    encoder.set_trns(vec![255, 0]);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[0, 1]).unwrap();
    writer.finish().unwrap();
    assert_eq!(
        decode(&palette).as_bytes(),
        [10, 20, 30, 255, 200, 100, 0, 0]
    );
}

#[test]
fn gray_and_cmyk_jpeg_become_rgb() {
    let jpeg = |data: &[u8], color| {
        let mut bytes = Vec::new();
        jpeg_encoder::Encoder::new(&mut bytes, 98)
            .encode(data, 8, 8, color)
            .unwrap();
        bytes
    };
    let gray = decode(&jpeg(&[90; 64], jpeg_encoder::ColorType::Luma));
    assert!(gray.as_bytes().iter().all(|s| s.abs_diff(90) <= 2));
    // No cyan, half magenta, full yellow, no black: orange.
    for color in [
        jpeg_encoder::ColorType::Cmyk,
        jpeg_encoder::ColorType::CmykAsYcck,
    ] {
        let orange = decode(&jpeg(&[0, 128, 255, 0].repeat(64), color));
        for pixel in orange.as_bytes().chunks_exact(3) {
            let near = |index: usize, value: u8| pixel[index].abs_diff(value) <= 5;
            assert!(
                near(0, 255) && near(1, 127) && near(2, 0),
                "{color:?}: {pixel:?}"
            );
        }
    }
}

#[test]
fn jpeg_agrees_with_another_codec() {
    let original = photo(200, 120);
    for value in [50, 85, 95] {
        let bytes = original.encode(Format::Jpeg, quality(value)).unwrap();
        let theirs =
            zune_jpeg::JpegDecoder::new(zune_jpeg::zune_core::bytestream::ZCursor::new(&bytes))
                .decode()
                .unwrap();
        let ours = decode(&bytes);
        let psnr = psnr(ours.as_bytes(), &theirs);
        assert!(psnr > 40.0, "quality {value}: {psnr:.1} dB");
    }
}

#[test]
fn every_orientation_shows_the_same_picture() {
    // Left half dark, top right bright: no two orientations look alike.
    let mut upright = RgbaImage::from_pixel(32, 16, image::Rgba([30, 30, 30, 255]));
    for (x, y, pixel) in upright.enumerate_pixels_mut() {
        if x >= 16 {
            pixel.0 = if y < 8 {
                [230, 230, 230, 255]
            } else {
                [130, 130, 130, 255]
            };
        }
    }
    // How a camera held that way would have stored it.
    let stored = |orientation: u8| {
        let image = DynamicImage::ImageRgba8(upright.clone());
        match orientation {
            2 => image.fliph(),
            3 => image.rotate180(),
            4 => image.flipv(),
            5 => image.rotate90().fliph(),
            6 => image.rotate270(),
            7 => image.rotate270().fliph(),
            8 => image.rotate90(),
            _ => image,
        }
    };
    let expected = DynamicImage::ImageRgba8(upright.clone()).into_rgb8();
    for orientation in 0..=9 {
        let image = stored(orientation).into_rgb8();
        let (width, height) = image.dimensions();
        let jpeg = Picture::from_rgb(width, height, image.into_raw())
            .unwrap()
            .encode(Format::Jpeg, quality(95))
            .unwrap();
        let turned = after_jpeg_start(&jpeg, &exif_segment(orientation));
        let info = probe(&turned, &Limits::default()).unwrap();
        assert_eq!((info.width, info.height), (32, 16));
        let noted = if (1..=8).contains(&orientation) {
            orientation
        } else {
            1
        };
        assert_eq!(info.orientation, noted);
        let psnr = psnr(decode(&turned).as_bytes(), expected.as_raw());
        assert!(psnr > 35.0, "orientation {orientation}: {psnr:.1} dB");
    }
}

#[test]
fn animations_give_their_first_frame_and_say_how_many_there_are() {
    let mut gif = Vec::new();
    let mut encoder = GifEncoder::new(&mut gif);
    for shade in [0, 120, 240] {
        let frame = RgbaImage::from_pixel(6, 4, image::Rgba([shade, 0, 0, 255]));
        encoder.encode_frame(Frame::new(frame)).unwrap();
    }
    drop(encoder);
    let info = probe(&gif, &Limits::default()).unwrap();
    assert_eq!((info.format, info.frames), (Format::Gif, 3));
    let first = decode(&gif);
    assert!(!first.has_alpha());
    assert!(first.as_bytes().iter().all(|&sample| sample == 0));

    let mut apng = Vec::new();
    let mut encoder = png::Encoder::new(&mut apng, 2, 1);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_animated(2, 0).unwrap();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[1, 2, 3, 4, 5, 6]).unwrap();
    writer.write_image_data(&[9; 6]).unwrap();
    writer.finish().unwrap();
    assert_eq!(probe(&apng, &Limits::default()).unwrap().frames, 2);
    assert_eq!(decode(&apng).as_bytes(), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn what_a_result_does_not_hold_is_named() {
    let deep = DynamicImage::ImageRgb8(image::RgbImage::new(3, 2)).into_rgba16();
    let deep = saved(&DynamicImage::ImageRgba16(deep), ImageFormat::Png);
    let mut gif = Vec::new();
    let mut encoder = GifEncoder::new(&mut gif);
    for shade in [0, 200] {
        let frame = RgbaImage::from_pixel(2, 2, image::Rgba([shade, 0, 0, 255]));
        encoder.encode_frame(Frame::new(frame)).unwrap();
    }
    drop(encoder);
    let clear = sheer(&photo(8, 8)).encode(Format::Png, quality(1)).unwrap();
    for (file, losses, words) in [
        (&deep, vec![Loss::Depth { bits: 16 }], "16 bits a sample"),
        (&gif, vec![Loss::Frames { count: 2 }], "first of 2 frames"),
        (&clear, vec![Loss::Transparency], "transparency"),
        (
            &photo(4, 4).encode(Format::Png, quality(1)).unwrap(),
            vec![],
            "",
        ),
    ] {
        // All but transparency are known from the header.
        let known = probe(file, &Limits::default())
            .unwrap()
            .losses(Format::Jpeg);
        let pipeline = Pipeline::new(Limits::default(), [])
            .then(Format::Jpeg)
            .then(quality(80));
        let lost = pipeline.run(file).unwrap().losses;
        assert_eq!(lost, losses);
        assert!(known.iter().all(|loss| lost.contains(loss)));
        let text: String = lost.iter().map(ToString::to_string).collect();
        assert!(text.contains(words), "{text}");
    }
    let keeping = |pipeline: Pipeline| pipeline.then(Format::Png).run(&deep).unwrap().losses;
    let plain = Pipeline::new(Limits::default(), []);
    assert_eq!(keeping(plain.clone()), []);
    let gray = plain.then(Operation::Grayscale);
    assert_eq!(keeping(gray), [Loss::Depth { bits: 16 }]);
    // PNG keeps what JPEG does not.
    let pipeline = Pipeline::new(Limits::default(), [])
        .then(Format::Png)
        .then(quality(80));
    assert_eq!(pipeline.run(&clear).unwrap().losses, []);
}

/// The samples of a PNG file, which has 16 bits for each.
fn deep_samples(png: &[u8]) -> Vec<u16> {
    let image = image::load_from_memory(png).unwrap();
    assert!(matches!(
        image,
        DynamicImage::ImageRgb16(_) | DynamicImage::ImageRgba16(_)
    ));
    match image {
        DynamicImage::ImageRgb16(image) => image.into_raw(),
        other => other.into_rgba16().into_raw(),
    }
}

#[test]
fn sixteen_bits_are_kept_while_pixels_are_only_moved() {
    // Steps that 8 bits do not have.
    let ramp = image::ImageBuffer::from_fn(64, 32, |x, y| {
        image::Rgb([
            (x * 16 + y * 1031) as u16,
            (40_000 + x * 3) as u16,
            (y * 2047) as u16,
        ])
    });
    for format in [ImageFormat::Png, ImageFormat::Tiff] {
        let file = saved(&DynamicImage::ImageRgb16(ramp.clone()), format);
        let run = |operations: Vec<Operation>| {
            let pipeline = Pipeline::new(Limits::default(), operations).then(Format::Png);
            let made = pipeline.run(&file).unwrap();
            assert_eq!(made.losses, []);
            assert_eq!(probe(&made.bytes, &Limits::default()).unwrap().depth, 16);
            deep_samples(&made.bytes)
        };
        assert_eq!(run(vec![]), *ramp);
        let cut = run(vec![Operation::Cut(Cut::new(10, 8, 5, 3).unwrap())]);
        let expected = image::imageops::crop_imm(&ramp, 5, 3, 10, 8).to_image();
        assert_eq!(cut, *expected);
        let turned = run(vec![
            Operation::Rotate(90),
            Operation::Flip(Flip::Horizontal),
        ]);
        let expected = image::imageops::rotate90(&ramp);
        let expected = image::imageops::flip_horizontal(&expected);
        assert_eq!(turned, *expected);
        // Another implementation of the same filter.
        let half = run(vec![Resize::scale(0.5).unwrap().into()]);
        let filter = image::imageops::FilterType::Lanczos3;
        let expected = image::imageops::resize(&ramp, 32, 16, filter);
        let most = half
            .iter()
            .zip(expected.iter())
            .map(|(a, b)| a.abs_diff(*b))
            .max();
        assert!(most.unwrap() <= 40, "{format:?}: {most:?} of 65535");
        let padded = run(vec![
            Resize::to_box(Mode::Pad, Some(64), Some(64))
                .unwrap()
                .into(),
        ]);
        assert_eq!((padded[0], padded[padded.len() - 1]), (u16::MAX, u16::MAX));
    }
}

#[test]
fn a_profile_is_applied_to_sixteen_bits_as_to_eight() {
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let written = |depth, data: &[u8]| {
        let mut file = Vec::new();
        let mut info = png::Info::with_size(2, 1);
        info.color_type = png::ColorType::Rgb;
        info.bit_depth = depth;
        info.icc_profile = Some(profile.clone().into());
        let mut writer = png::Encoder::with_info(&mut file, info)
            .unwrap()
            .write_header()
            .unwrap();
        writer.write_image_data(data).unwrap();
        writer.finish().unwrap();
        file
    };
    let narrow = [200, 40, 40, 12, 130, 90];
    let wide: Vec<u8> = narrow.iter().flat_map(|&sample| [sample; 2]).collect();
    let pipeline = Pipeline::new(Limits::default(), []).then(Format::Png);
    let made = pipeline
        .run(&written(png::BitDepth::Sixteen, &wide))
        .unwrap();
    let expected = decode(&written(png::BitDepth::Eight, &narrow));
    for (deep, sample) in deep_samples(&made.bytes).iter().zip(expected.as_bytes()) {
        assert!(
            deep.abs_diff(u16::from(*sample) * 257) < 300,
            "{deep} {sample}"
        );
    }
}

#[test]
fn read_only_formats_and_long_sides_are_refused_when_writing() {
    let line = Picture::from_rgb(16_384, 1, vec![0; 16_384 * 3]).unwrap();
    assert!(matches!(
        line.encode(Format::WebP, Quality::default()),
        Err(Error::SideTooLong { limit: 16_383, .. })
    ));
    let error = line.encode(Format::Tiff, Quality::default()).unwrap_err();
    assert!(matches!(error, Error::UnsupportedFormat { .. }), "{error}");
}
