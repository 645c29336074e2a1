//! Pictures as cameras and programs write them.

use std::io::Cursor;
use std::sync::Arc;

use image::{DynamicImage, ImageFormat};
use tcloud_imaging::{
    AutoLevels, BlindWatermark, Blur, Cut, Error, Flip, Format, Inpaint, Lanczos3, Limits,
    LowLight, Measure, Mode, Operation, Overlay, Percent, Picture, Pipeline, Quality, Region,
    Resize, Sharpen, probe,
};

use crate::support::{after_jpeg_start, exif_segment, photo, sheer};
use crate::{MEBIBYTE, alone, peak};

const WIDTH: u32 = 720;
const HEIGHT: u32 = 560;

fn quality(value: u8) -> Quality {
    Quality::new(value).unwrap()
}

/// Nothing compresses noise.
fn noise(width: u32, height: u32, channels: u32) -> Vec<u8> {
    let mut seed = 9_u32;
    let mut next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    };
    (0..width * height * channels).map(|_| next()).collect()
}

fn noise_picture(channels: u32) -> Picture {
    let data = noise(WIDTH, HEIGHT, channels);
    let picture = match channels {
        3 => Picture::from_rgb(WIDTH, HEIGHT, data),
        _ => Picture::from_rgba(WIDTH, HEIGHT, data),
    };
    picture.unwrap()
}

fn jpeg(data: &[u8], color: jpeg_encoder::ColorType, progressive: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 90);
    encoder.set_progressive(progressive);
    encoder
        .encode(data, WIDTH as u16, HEIGHT as u16, color)
        .unwrap();
    bytes
}

fn interlaced_png(data: &[u8]) -> Vec<u8> {
    let mut encoder_bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut encoder_bytes, WIDTH, HEIGHT);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(data).unwrap();
    writer.finish().unwrap();
    encoder_bytes
}

/// Noise that moves, and of which a part is not seen.
fn moving() -> Vec<u8> {
    let (width, height) = (200, 150);
    let mut data = noise(width, height, 4);
    let mut bytes = Vec::new();
    let mut encoder = gif::Encoder::new(&mut bytes, width as u16, height as u16, &[]).unwrap();
    for _ in 0..3 {
        data.rotate_left(4000);
        for (at, pixel) in data.chunks_exact_mut(4).enumerate() {
            pixel[3] = if at % 7 == 0 { 0 } else { 255 };
        }
        let mut shown = data.clone();
        let frame = gif::Frame::from_rgba_speed(width as u16, height as u16, &mut shown, 30);
        encoder.write_frame(&frame).unwrap();
    }
    drop(encoder);
    bytes
}

#[test]
fn animations_need_no_more_than_predicted_however_many_frames_they_have() {
    let _turn = alone();
    let gif = moving();
    let webp = Pipeline::new(Limits::default(), [Format::WebP.into()])
        .run(&gif)
        .unwrap();
    let mut wrong = Vec::new();
    for (input, bytes) in [("gif", gif), ("webp", webp.bytes)] {
        let info = probe(&bytes, &Limits::default()).unwrap();
        for (format, (chain, pipeline)) in [Format::Gif, Format::WebP, Format::Gif]
            .into_iter()
            .cycle()
            .zip(chains())
            .step_by(2)
        {
            let pipeline = pipeline
                .then(Resize::to_box(Mode::Contain, Some(300), Some(300)).unwrap())
                .then(format);
            let predicted = pipeline.estimated_bytes(&info).unwrap();
            let (real, outcome) = peak(|| pipeline.run(&bytes).map(|_| ()));
            // Noise in a GIF cannot be smaller than that.
            assert!(matches!(
                outcome,
                Ok(()) | Err(Error::OutputTooLarge { bytes: None, .. })
            ));
            if real > predicted {
                wrong.push(format!("{input}, {chain}, {format}: {real} of {predicted}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Every way a picture may be stored, each with its name.
pub(crate) fn inputs() -> Vec<(&'static str, Vec<u8>)> {
    let picture = photo(WIDTH, HEIGHT);
    let rgb = image::RgbImage::from_raw(WIDTH, HEIGHT, picture.as_bytes().to_vec()).unwrap();
    let rgb = DynamicImage::ImageRgb8(rgb);
    let rgba = sheer(&picture).as_bytes().to_vec();
    let rgba = DynamicImage::ImageRgba8(image::RgbaImage::from_raw(WIDTH, HEIGHT, rgba).unwrap());
    let saved = |image: &DynamicImage, format| {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    };
    let color = jpeg_encoder::ColorType::Rgb;
    let baseline = jpeg(picture.as_bytes(), color, false);
    let ink = noise(WIDTH, HEIGHT, 4);
    let deep = DynamicImage::ImageRgba16(rgba.to_rgba16());
    let lossy = |picture: &Picture| picture.encode(Format::WebP, quality(80)).unwrap();
    vec![
        ("jpeg turned", after_jpeg_start(&baseline, &exif_segment(6))),
        ("jpeg", baseline),
        ("jpeg progressive", jpeg(picture.as_bytes(), color, true)),
        ("jpeg noise", jpeg(&noise(WIDTH, HEIGHT, 3), color, false)),
        (
            "jpeg gray",
            jpeg(
                &noise(WIDTH, HEIGHT, 1),
                jpeg_encoder::ColorType::Luma,
                false,
            ),
        ),
        (
            "jpeg cmyk progressive",
            jpeg(&ink, jpeg_encoder::ColorType::CmykAsYcck, true),
        ),
        ("png", saved(&rgb, ImageFormat::Png)),
        ("png noise", interlaced_png(&noise(WIDTH, HEIGHT, 3))),
        ("png alpha", saved(&rgba, ImageFormat::Png)),
        ("png deep", saved(&deep, ImageFormat::Png)),
        (
            "png gray",
            saved(
                &DynamicImage::ImageLuma16(rgb.to_luma16()),
                ImageFormat::Png,
            ),
        ),
        ("webp", lossy(&picture)),
        ("webp alpha", lossy(&sheer(&picture))),
        ("webp lossless", saved(&rgb, ImageFormat::WebP)),
        ("webp lossless alpha", saved(&rgba, ImageFormat::WebP)),
        ("bmp", saved(&rgb, ImageFormat::Bmp)),
        ("gif", saved(&rgb, ImageFormat::Gif)),
        ("tiff", saved(&rgb, ImageFormat::Tiff)),
        ("tiff deep", saved(&deep, ImageFormat::Tiff)),
        (
            "tiff float",
            saved(
                &DynamicImage::ImageRgb32F(rgb.to_rgb32f()),
                ImageFormat::Tiff,
            ),
        ),
    ]
}

/// Chains of steps, each with its name.
fn chains() -> Vec<(&'static str, Pipeline)> {
    let plain = Pipeline::new(Limits::default(), []);
    let resized = |resize: Resize| plain.clone().then(resize);
    let boxed = |mode, width, height| Resize::to_box(mode, Some(width), Some(height)).unwrap();
    vec![
        ("nothing", plain.clone()),
        ("thumbnail", resized(boxed(Mode::Contain, 100, 100))),
        ("half", resized(Resize::scale(0.5).unwrap())),
        ("larger", resized(Resize::scale(1.4).unwrap())),
        ("stretched", resized(boxed(Mode::Fixed, 2000, 30))),
        ("filled", resized(boxed(Mode::Fill, 300, 900))),
        ("padded", resized(boxed(Mode::Pad, 1200, 1500))),
        (
            "doubled",
            plain
                .clone()
                .then(Operation::Engine(Arc::new(Lanczos3)))
                .then(Resize::scale(0.7).unwrap()),
        ),
        (
            "halved, doubled, cut",
            plain
                .clone()
                .then(Resize::scale(0.5).unwrap())
                .then(Operation::Engine(Arc::new(Lanczos3)))
                .then(boxed(Mode::Fill, 300, 300)),
        ),
        (
            "blurred, turned by a quarter, progressive",
            plain
                .clone()
                .then(Operation::Blur(Blur::new(50.0, 9.0).unwrap()))
                .then(Operation::Rotate(90))
                .then(Operation::Progressive(true)),
        ),
        (
            "cut, turned, sharpened",
            plain
                .clone()
                .then(Operation::Cut(Cut::new(600, 500, 9, 9).unwrap()))
                .then(Operation::Rotate(30))
                .then(Operation::Sharpen(Sharpen::new(70).unwrap())),
        ),
        (
            "salient, colours, light",
            plain
                .clone()
                .then(Operation::CutSalient(199, 140))
                .then(Operation::Engine(Arc::new(AutoLevels::new(
                    Percent::new(100).unwrap(),
                ))))
                .then(Operation::Engine(Arc::new(LowLight)))
                .then(Operation::Engine(Arc::new(
                    BlindWatermark::text("memory").unwrap(),
                ))),
        ),
        (
            "erased",
            plain
                .clone()
                .then(Operation::Engine(Arc::new(Inpaint::new(Region::Polygons(
                    vec![vec![(9.0, 9.0), (180.0, 20.0), (99.0, 130.0)]],
                ))))),
        ),
        (
            "marked all over",
            plain.clone().then(Operation::Overlay(
                Overlay::picture(sheer(&photo(300, 200)))
                    .scale(Measure::Width, 700)
                    .unwrap()
                    .tiled(10, 30),
            )),
        ),
        (
            "rounded, mirrored, bounded",
            plain
                .clone()
                .then(Operation::RoundCorners(50))
                .then(Operation::Flip(Flip::Vertical))
                .then(Operation::Grayscale)
                .then(Operation::MaxBytes(2_000_000)),
        ),
    ]
}

/// What a prediction has on top, whatever the size of the picture: tables, and for a lossy WebP
/// picture a part whose length cannot be known.
fn fixed(input: &str) -> u64 {
    if input.starts_with("webp") {
        18 * MEBIBYTE
    } else {
        2 * MEBIBYTE
    }
}

#[test]
fn the_peak_stays_below_the_prediction_which_is_not_far_above() {
    let _turn = alone();
    let outputs = [
        (Format::Jpeg, quality(75)),
        (Format::Png, Quality::default()),
        (Format::Bmp, Quality::default()),
    ];
    let (mut furthest, mut wrong) = (0.0_f64, Vec::new());
    let mut turn = outputs.iter().cycle();
    for (input, bytes) in inputs() {
        let info = probe(&bytes, &Limits::default()).unwrap();
        for (chain, pipeline) in chains() {
            let &(format, quality) = turn.next().unwrap();
            let pipeline = pipeline.then(format).then(quality);
            let predicted = pipeline.estimated_bytes(&info).unwrap();
            let (real, outcome) = peak(|| pipeline.run(&bytes).map(|_| ()));
            outcome.unwrap();
            let factor = predicted.saturating_sub(fixed(input)) as f64 / real as f64;
            furthest = furthest.max(factor);
            if real > predicted || factor > 4.0 {
                wrong.push(format!("{input}, {chain}, {format}: {real} of {predicted}"));
            }
        }
        // The outputs go round in another order for the next.
        turn.next();
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    println!("the furthest prediction is {furthest:.1} times what was taken");
}

#[cfg(feature = "avif")]
#[test]
fn avif_needs_no_more_than_predicted() {
    let _turn = alone();
    let mut wrong = Vec::new();
    // Each takes seconds. Noise takes the most, at either end of quality.
    for (kind, picture, values) in [
        ("photograph", photo(WIDTH, HEIGHT), &[60][..]),
        ("noise", noise_picture(3), &[1, 100]),
        ("noise with alpha", noise_picture(4), &[1, 100]),
    ] {
        let input = picture.encode(Format::Png, quality(1)).unwrap();
        let info = probe(&input, &Limits::default()).unwrap();
        for &value in values {
            let pipeline = Pipeline::new(Limits::default(), [])
                .then(Format::Avif)
                .then(quality(value));
            let predicted = pipeline.estimated_bytes(&info).unwrap();
            let (real, outcome) = peak(|| pipeline.run(&input).map(|made| made.bytes.len()));
            let length = outcome.unwrap();
            println!("{kind} {value}: {real} of {predicted}, {length} in the file");
            if real > predicted {
                wrong.push(format!("{kind} {value}: {real} of {predicted}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[cfg(feature = "jxl")]
#[test]
fn jpeg_xl_needs_no_more_than_predicted() {
    let _turn = alone();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/codecs/data");
    let mut wrong = Vec::new();
    for name in ["large", "large_lossless", "deep", "moving", "gray", "clear"] {
        let input = std::fs::read(format!("{folder}/{name}.jxl")).unwrap();
        let (probing, info) = peak(|| probe(&input, &Limits::default()).unwrap());
        let pipeline = Pipeline::new(Limits::default(), []).then(Format::Bmp);
        let predicted = pipeline.estimated_bytes(&info).unwrap();
        let (real, outcome) = peak(|| pipeline.run(&input).map(|_| ()));
        outcome.unwrap();
        println!("{name}: {probing} to probe it, {real} of {predicted}");
        if real.max(probing) > predicted {
            wrong.push(format!("{name}: {real} of {predicted}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn noise_needs_no_more_than_predicted() {
    let _turn = alone();
    let mut wrong = Vec::new();
    for channels in [3, 4] {
        let input = noise_picture(channels)
            .encode(Format::Png, quality(1))
            .unwrap();
        let info = probe(&input, &Limits::default()).unwrap();
        for format in [Format::Jpeg, Format::Png, Format::Bmp, Format::Gif] {
            let values: &[u8] = match format {
                Format::Gif => &[1],
                _ => &[1, 89, 90, 100],
            };
            for &value in values {
                let pipeline = Pipeline::new(Limits::default(), [])
                    .then(format)
                    .then(quality(value));
                let predicted = pipeline.estimated_bytes(&info).unwrap();
                let (real, outcome) = peak(|| pipeline.run(&input).map(|_| ()));
                outcome.unwrap();
                if real > predicted {
                    wrong.push(format!(
                        "{channels} {format} {value}: {real} of {predicted}"
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// libwebp allocates for itself, so processes as a whole are measured, each with one job.
#[cfg(target_os = "linux")]
#[test]
fn libwebp_needs_no_more_than_predicted() {
    let _turn = alone();
    for (channels, value) in [(3, 100), (3, 75), (4, 85)] {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "ordinary::one_webp_job",
                "--exact",
                "--ignored",
                "--nocapture",
            ])
            .env("TCLOUD_WEBP_JOB", format!("{channels} {value}"))
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{channels} {value}: {text}");
        assert!(text.contains("measured"), "{channels} {value}: {text}");
    }
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "run in a process of its own by another test"]
fn one_webp_job() {
    let resident = |field: &str| -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with(field)).unwrap();
        let kibibytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kibibytes * 1024
    };
    let Ok(job) = std::env::var("TCLOUD_WEBP_JOB") else {
        return;
    };
    let (channels, value) = job.split_once(' ').unwrap();
    let (width, height) = (1600, 1200);
    let picture = match channels {
        "3" => Picture::from_rgb(width, height, noise(width, height, 3)),
        _ => Picture::from_rgba(width, height, noise(width, height, 4)),
    };
    let input = picture.unwrap().encode(Format::Bmp, quality(1)).unwrap();
    let info = probe(&input, &Limits::default()).unwrap();
    let pipeline = Pipeline::new(Limits::default(), [])
        .then(Format::WebP)
        .then(quality(value.parse().unwrap()));
    let predicted = pipeline.estimated_bytes(&info).unwrap();
    let before = resident("VmRSS");
    pipeline.run(&input).unwrap();
    let real = resident("VmHWM").saturating_sub(before);
    println!("measured {real} of {predicted}");
    assert!(real <= predicted);
}
