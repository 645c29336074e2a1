//! Operations compared with what ImageMagick makes of the same pictures; see `data/make.sh`.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "test pictures are small, and a panic is a failed test"
)]

mod any_pipeline;
#[allow(dead_code, reason = "shared with other tests")]
#[path = "../support/mod.rs"]
mod support;

use std::fs;

use support::psnr;
use tcloud_imaging::{
    Blur, Cut, Flip, Gravity, Limits, Mode, Operation, Overlay, Percent, Picture, Pipeline, Resize,
    Rgb, Sharpen, probe,
};

/// Differences of rounding alone.
const SAME: f64 = 50.0;
/// Other precision within the filter.
const CLOSE: f64 = 38.0;

fn file(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/data");
    fs::read(format!("{folder}/{name}.png")).unwrap()
}

/// The samples with alpha, of what can be seen at all.
fn seen(picture: &Picture) -> Vec<u8> {
    let pixels = picture.as_bytes().chunks_exact(picture.channels());
    let shown = pixels.flat_map(|pixel| match *pixel {
        [_, _, _, 0] => [0; 4],
        [red, green, blue] => [red, green, blue, 255],
        _ => [pixel[0], pixel[1], pixel[2], pixel[3]],
    });
    shown.collect()
}

fn compare(from: &str, operation: Operation, golden: &str, least: f64) {
    let limits = Limits::default();
    let input = file(from);
    let pipeline = Pipeline::new(limits, [operation]);
    let predicted = pipeline
        .output_size(&probe(&input, &limits).unwrap())
        .unwrap();
    let made = pipeline.run(&input).unwrap();
    let made = Picture::decode(&made.bytes, &limits).unwrap();
    let golden_picture = Picture::decode(&file(golden), &limits).unwrap();
    assert_eq!(made.size(), predicted, "{golden}");
    assert_eq!(made.size(), golden_picture.size(), "{golden}");
    let near = psnr(&seen(&made), &seen(&golden_picture));
    assert!(near >= least, "{golden}: {near:.1} dB, expected {least}");
    if from == "source" {
        let untouched = seen(&Picture::decode(&input, &limits).unwrap());
        // The comparison would notice if nothing were done.
        if untouched.len() == seen(&made).len() {
            assert!(psnr(&untouched, &seen(&golden_picture)) < least, "{golden}");
        }
    }
}

#[test]
fn places() {
    let cut = |left, top| Operation::Cut(Cut::new(30, 20, left, top).unwrap());
    compare("source", cut(10, 5), "cut", f64::INFINITY);
    compare("source", cut(50, 40), "cut_edge", f64::INFINITY);
    for degrees in [90, 180, 270] {
        let golden = format!("turn_{degrees}");
        compare("source", Operation::Rotate(degrees), &golden, f64::INFINITY);
    }
    let flip = |flip| Operation::Flip(flip);
    compare(
        "source",
        flip(Flip::Vertical),
        "flip_vertical",
        f64::INFINITY,
    );
    compare(
        "source",
        flip(Flip::Horizontal),
        "flip_horizontal",
        f64::INFINITY,
    );
    compare("source", Operation::Rotate(30), "rotate_30", 30.0);
}

#[test]
fn filters() {
    let blur = || Operation::Blur(Blur::new(5.0, 2.0).unwrap());
    compare("source", blur(), "blur", SAME);
    compare("clear", blur(), "blur_clear", CLOSE);
    let sharpen = Operation::Sharpen(Sharpen::new(70).unwrap());
    compare("source", sharpen, "sharpen", CLOSE);
}

#[test]
fn overlays() {
    let stamp = || {
        let stamp = Picture::decode(&file("stamp"), &Limits::default());
        Overlay::picture(stamp.unwrap()).gravity(Gravity::SouthEast)
    };
    let laid = |overlay| Operation::Overlay(overlay);
    compare("source", laid(stamp().offset(5, 3)), "overlay", SAME);
    let sheer = stamp().gravity(Gravity::West).offset(4, 0).opacity(60);
    compare("source", laid(sheer.unwrap()), "overlay_sheer", SAME);
    let edge = stamp().gravity(Gravity::NorthEast).offset(-7, -5);
    compare("source", laid(edge), "overlay_edge", SAME);
    let place = stamp().gravity(Gravity::NorthWest).offset(20, 12);
    compare("clear", laid(place), "overlay_clear", CLOSE);
}

#[test]
fn tones() {
    let percent = |value| Percent::new(value).unwrap();
    for (operation, golden) in [
        (Operation::Brightness(percent(25)), "bright"),
        (Operation::Brightness(percent(-40)), "dark"),
        (Operation::Contrast(percent(40)), "contrast"),
        (Operation::Contrast(percent(-40)), "flat"),
        (Operation::Grayscale, "gray"),
    ] {
        compare("source", operation, golden, SAME);
    }
}

#[test]
fn sizes() {
    let to_box = |mode, width, height| Resize::to_box(mode, width, height).unwrap();
    let square = |mode| to_box(mode, Some(30), Some(30));
    for (resize, golden) in [
        (Resize::scale(0.5).unwrap(), "percent"),
        (Resize::scale_sides(0.5, 1.0).unwrap(), "width_percent"),
        (Resize::scale_sides(1.0, 0.5).unwrap(), "height_percent"),
        (to_box(Mode::Contain, Some(40), None), "width"),
        (to_box(Mode::Contain, None, Some(30)), "height"),
        (square(Mode::Contain), "within"),
        (square(Mode::Contain).only_shrink(), "within"),
        (square(Mode::Contain).only_enlarge(), "source"),
        (square(Mode::Cover), "around"),
        (square(Mode::Fixed), "exact"),
        (Resize::to_area(1000).unwrap(), "area"),
        (to_box(Mode::Contain, Some(100), Some(100)), "enlarged"),
        (
            to_box(Mode::Contain, Some(100), Some(100)).only_enlarge(),
            "enlarged",
        ),
        (
            to_box(Mode::Contain, Some(100), Some(100)).only_shrink(),
            "source",
        ),
        (square(Mode::Fill), "crop"),
        (square(Mode::Fill).gravity(Gravity::West), "crop_west"),
        (
            square(Mode::Fill).gravity(Gravity::SouthEast),
            "crop_southeast",
        ),
        (
            to_box(Mode::Pad, Some(60), Some(61)).background(Rgb([0x30, 0x70, 0xc0])),
            "pad",
        ),
    ] {
        let least = if golden == "source" {
            f64::INFINITY
        } else {
            34.0
        };
        if golden == "source" {
            let made = Pipeline::new(Limits::default(), [resize.into()]).run(&file("source"));
            let made = Picture::decode(&made.unwrap().bytes, &Limits::default()).unwrap();
            let source = Picture::decode(&file("source"), &Limits::default()).unwrap();
            assert_eq!(made, source);
        } else {
            compare("source", resize.into(), golden, least);
        }
    }
}
