//! Whole jobs from file to file.
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

use std::sync::Arc;
use std::time::Instant;

use support::{photo, psnr, sheer};
use tcloud_imaging::{
    Engine, Error, Format, Lanczos3, Limits, Mode, Operation, Picture, Pipeline, Quality, Resize,
    probe,
};

fn png(picture: &Picture) -> Vec<u8> {
    picture.encode(Format::Png, Quality::default()).unwrap()
}

#[test]
fn steps_run_in_order_and_are_reported() {
    let outcome = Pipeline::new(Limits::default(), [])
        .then(Operation::Engine(Arc::new(Lanczos3)))
        .then(Resize::to_box(Mode::Pad, Some(50), Some(60)).unwrap())
        .then(Format::WebP)
        .then(Quality::new(75).unwrap())
        .run(&png(&photo(40, 30)))
        .unwrap();
    assert_eq!((outcome.width, outcome.height), (50, 60));
    assert_eq!(
        (outcome.engines, outcome.format),
        (vec!["lanczos3".to_owned()], Format::WebP)
    );
    assert_eq!(
        (outcome.source.width, outcome.source.format),
        (40, Format::Png)
    );
    let info = probe(&outcome.bytes, &Limits::default()).unwrap();
    assert_eq!(
        (info.format, info.width, info.height),
        (Format::WebP, 50, 60)
    );
}

#[test]
fn nothing_asked_for_writes_the_same_picture_in_its_format() {
    let original = sheer(&photo(21, 10));
    let outcome = Pipeline::new(Limits::default(), [])
        .run(&png(&original))
        .unwrap();
    assert_eq!((outcome.format, outcome.engines), (Format::Png, Vec::new()));
    assert_eq!(
        Picture::decode(&outcome.bytes, &Limits::default()),
        Ok(original)
    );
}

#[test]
fn output_above_the_limit_is_refused_from_the_header() {
    // The pixels are cut off: only a check before decoding can report the side.
    let file = png(&photo(6_000, 2));
    let header = &file[..60];
    let pipeline = Pipeline::new(Limits::DEFAULT.max_output_side(9_999), [])
        .then(Operation::Engine(Arc::new(Lanczos3)));
    let error = pipeline.run(header).unwrap_err();
    assert!(
        matches!(
            error,
            Error::SideTooLong {
                width: 12_000,
                limit: 9_999,
                ..
            }
        ),
        "{error}"
    );
    let info = probe(header, &Limits::DEFAULT.max_output_side(9_999)).unwrap();
    assert_eq!(pipeline.estimated_bytes(&info), Err(error));
}

#[test]
fn estimate_covers_the_buffers_of_every_step() {
    let info = probe(&png(&photo(100, 50)), &Limits::default()).unwrap();
    let plain = Pipeline::new(Limits::default(), []);
    let doubled = plain.clone().then(Operation::Engine(Arc::new(Lanczos3)));
    let (plain, doubled) = (
        plain.estimated_bytes(&info).unwrap(),
        doubled.estimated_bytes(&info).unwrap(),
    );
    assert!(plain >= 2 * 3 * 5_000, "{plain}");
    assert!(doubled >= 3 * 4 * 5_000 * 2, "{doubled}");
}

#[test]
fn operations_are_done_in_the_order_of_the_list() {
    let file = png(&photo(40, 30));
    let doubled = || Operation::Engine(Arc::new(Lanczos3));
    let small = || Operation::Resize(Resize::to_box(Mode::Fixed, Some(20), Some(15)).unwrap());
    let size = |operations: &[Operation]| {
        let pipeline = Pipeline::new(Limits::default(), operations.to_vec());
        let outcome = pipeline.run(&file).unwrap();
        (outcome.width, outcome.height)
    };
    assert_eq!(size(&[doubled(), small()]), (20, 15));
    assert_eq!(size(&[small(), doubled()]), (40, 30));
    assert_eq!(size(&[small(), doubled(), doubled(), small()]), (20, 15));
    // Each is checked by itself: what is too large on the way is refused, though the result is not.
    let limits = Limits::default().max_output_side(79);
    let error = Pipeline::new(limits, [doubled(), small()])
        .run(&file)
        .unwrap_err();
    assert!(
        matches!(error, Error::SideTooLong { width: 80, .. }),
        "{error}"
    );
}

#[test]
fn the_last_format_and_the_last_quality_count_wherever_they_are() {
    let file = png(&photo(40, 30));
    let quality = |value| Operation::Quality(Quality::new(value).unwrap());
    let half = || Operation::Resize(Resize::scale(0.5).unwrap());
    let run = |operations: Vec<Operation>| {
        Pipeline::new(Limits::default(), operations)
            .run(&file)
            .unwrap()
    };
    let expected = run(vec![half(), Format::Jpeg.into(), quality(30)]);
    assert_eq!(expected.format, Format::Jpeg);
    let mixed = run(vec![
        quality(90),
        Format::Bmp.into(),
        quality(30),
        Format::Jpeg.into(),
        half(),
    ]);
    assert_eq!(mixed, expected);
}

/// Averages blocks of two by two pixels.
fn halved(picture: &Picture) -> Picture {
    let (width, height) = (picture.width() as usize / 2, picture.height() as usize / 2);
    let at = |x: usize, y: usize, c: usize| {
        u32::from(picture.as_bytes()[(y * picture.width() as usize + x) * 3 + c])
    };
    let mut data = Vec::new();
    for y in 0..height {
        for x in 0..width {
            for c in 0..3 {
                let (x, y) = (2 * x, 2 * y);
                let sum = at(x, y, c) + at(x + 1, y, c) + at(x, y + 1, c) + at(x + 1, y + 1, c);
                data.push(((sum + 2) / 4) as u8);
            }
        }
    }
    Picture::from_rgb(width as u32, height as u32, data).unwrap()
}

/// Repeats every pixel in both directions.
fn repeated(picture: &Picture) -> Vec<u8> {
    picture
        .as_bytes()
        .chunks_exact(picture.width() as usize * 3)
        .flat_map(|row| {
            let wide: Vec<u8> = row
                .chunks_exact(3)
                .flat_map(|pixel| pixel.repeat(2))
                .collect();
            wide.repeat(2)
        })
        .collect()
}

#[test]
fn super_resolution_beats_repeating_pixels() {
    let original = photo(160, 120);
    let small = halved(&original);
    let engine = Lanczos3.run(&small, &|| false).unwrap();
    assert_eq!(engine.size(), original.size());
    let engine = psnr(original.as_bytes(), engine.as_bytes());
    let nearest = psnr(original.as_bytes(), &repeated(&small));
    assert!(
        engine > nearest + 1.0,
        "{engine:.2} dB against {nearest:.2} dB"
    );
}

/// Prints how long a camera-sized job takes; run it alone and in release.
#[test]
#[ignore = "a measurement, not a check"]
fn time_of_a_camera_picture() {
    let jpeg = photo(3648, 2736)
        .encode(Format::Jpeg, Quality::default())
        .unwrap();
    let pipeline = Pipeline::new(Limits::default(), [])
        .then(Resize::scale(0.5).unwrap())
        .then(Format::WebP)
        .then(Quality::new(75).unwrap());
    for _ in 0..3 {
        let start = Instant::now();
        let outcome = pipeline.run(&jpeg).unwrap();
        println!(
            "{} -> {} bytes in {:?}",
            jpeg.len(),
            outcome.bytes.len(),
            start.elapsed()
        );
    }
}
