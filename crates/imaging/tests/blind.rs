//! Blind watermarks are read back from varied pictures after JPEG and after scaling, both done by other
//! libraries. `TCLOUD_BLIND_PICTURES` sets how many pictures there are.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "test pictures are small, and a panic is a failed test"
)]

#[allow(dead_code, reason = "shared with other tests")]
mod support;

use std::env;
use std::path::Path;

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};
use support::{photo, psnr};
use tcloud_imaging::{BlindWatermark, Engine, Limits, Picture};

/// Of so many pictures a watermark is read back, in percent.
const SHARE: usize = 95;
/// How near a marked picture stays to what it was, in decibels.
const NEAR: f64 = 37.0;

/// Numbers that look random and are always the same.
struct Numbers(u64);

impl Numbers {
    /// One below `bound`.
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as u32 % bound
    }

    fn between(&mut self, least: f64, most: f64) -> f64 {
        least + (most - least) * f64::from(self.below(1 << 20)) / f64::from(1 << 20)
    }
}

/// The photographs of this project.
fn photographs() -> Vec<RgbImage> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../networks/tests/data");
    ["astronaut", "chelsea", "coffee", "rocket"]
        .map(|name| {
            let file = std::fs::read(folder.join(format!("{name}.png"))).unwrap();
            let picture = Picture::decode(&file, &Limits::default()).unwrap();
            image(&picture)
        })
        .into()
}

fn image(picture: &Picture) -> RgbImage {
    let data = picture.as_bytes().to_vec();
    RgbImage::from_raw(picture.width(), picture.height(), data).unwrap()
}

fn picture(image: &RgbImage) -> Picture {
    Picture::from_rgb(image.width(), image.height(), image.as_raw().clone()).unwrap()
}

/// A picture that is made: shades, waves, plain parts, squares, or noise.
fn made(numbers: &mut Numbers) -> RgbImage {
    let (width, height) = (140 + numbers.below(360), 140 + numbers.below(260));
    let colors: [[u8; 3]; 2] = [0; 2].map(|_| [0; 3].map(|_| numbers.below(256) as u8));
    let mixed = |share: f64| {
        let pair = colors[0].into_iter().zip(colors[1]);
        let mut rgb = [0; 3];
        for (sample, (from, to)) in rgb.iter_mut().zip(pair) {
            *sample = (f64::from(from) + share * (f64::from(to) - f64::from(from))) as u8;
        }
        Rgb(rgb)
    };
    let step = 12 + numbers.below(40);
    match numbers.below(5) {
        0 => image(&photo(width, height)),
        1 => RgbImage::from_fn(width, height, |x, y| {
            let (across, down) = (
                f64::from(x) / f64::from(width),
                f64::from(y) / f64::from(height),
            );
            mixed(f64::midpoint(across, down))
        }),
        2 => RgbImage::from_fn(width, height, |x, y| {
            let wave = (f64::from(x) / f64::from(step)).sin() * (f64::from(y) / 19.0).cos();
            mixed(0.5 + wave / 2.0)
        }),
        3 => RgbImage::from_fn(width, height, |x, y| {
            // Drawings are soft at their edges.
            let edge = f64::from(x % (2 * step)).min(f64::from(2 * step - x % (2 * step)));
            mixed((edge - f64::from(y % step) / 4.0).clamp(0.0, 3.0) / 3.0)
        }),
        _ => RgbImage::from_pixel(width, height, mixed(0.5)),
    }
}

/// A picture as no other is: cut, enlarged, in other tones, with noise.
fn varied(photographs: &[RgbImage], at: usize) -> RgbImage {
    let mut numbers = Numbers(u64::try_from(at).unwrap() + 77);
    let mut varied = if at.is_multiple_of(3) {
        made(&mut numbers)
    } else {
        let whole = &photographs[at % photographs.len()];
        let (width, height) = (100 + numbers.below(28), 100 + numbers.below(28));
        let (left, top) = (numbers.below(129 - width), numbers.below(129 - height));
        let part = imageops::crop_imm(whole, left, top, width, height).to_image();
        let times = numbers.between(1.0, 4.0);
        let side = |side: u32| (f64::from(side) * times) as u32;
        imageops::resize(&part, side(width), side(height), FilterType::CatmullRom)
    };
    let (gamma, contrast) = (numbers.between(0.6, 1.6), numbers.between(0.6, 1.1));
    let noise = numbers.between(0.0, 14.0);
    let is_flipped = numbers.below(2) == 0;
    for pixel in varied.pixels_mut() {
        for sample in &mut pixel.0 {
            let value = (f64::from(*sample) / 255.0).powf(gamma) * 255.0;
            let value = 128.0 + (value - 128.0) * contrast + numbers.between(-noise, noise);
            *sample = value.round() as u8;
        }
    }
    if is_flipped {
        varied = imageops::flip_horizontal(&varied);
    }
    varied
}

/// What JPEG leaves of a picture at quality 70.
fn after_jpeg(image: &RgbImage) -> RgbImage {
    let mut file = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut file, 70);
    let (width, height) = (image.width() as u16, image.height() as u16);
    let color = jpeg_encoder::ColorType::Rgb;
    encoder
        .encode(image.as_raw(), width, height, color)
        .unwrap();
    let mut decoder = zune_jpeg::JpegDecoder::new(std::io::Cursor::new(file));
    let pixels = decoder.decode().unwrap();
    RgbImage::from_raw(image.width(), image.height(), pixels).unwrap()
}

fn scaled(image: &RgbImage, times: f64, filter: FilterType) -> RgbImage {
    let side = |side: u32| (f64::from(side) * times).round() as u32;
    imageops::resize(image, side(image.width()), side(image.height()), filter)
}

/// What is done to the picture of a number.
type Way = dyn Fn(&RgbImage, usize) -> RgbImage;

#[test]
fn watermarks_survive_jpeg_and_scaling() {
    let count = env::var("TCLOUD_BLIND_PICTURES").map_or(30, |count| count.parse().unwrap());
    let photographs = photographs();
    let ways: [(&str, &Way); 4] = [
        ("JPEG of quality 70", &|image, _| after_jpeg(image)),
        ("scaling by 0.8", &|image, _| {
            scaled(image, 0.8, FilterType::CatmullRom)
        }),
        ("scaling by 1.25", &|image, _| {
            scaled(image, 1.25, FilterType::Triangle)
        }),
        ("scaling by 0.8 to 1.25", &|image, at| {
            let times = 0.8 + 0.45 * (at % 10) as f64 / 9.0;
            scaled(image, times, FilterType::Lanczos3)
        }),
    ];
    let mut read = ways.map(|(name, _)| (name, 0));
    let mut least = f64::INFINITY;
    for at in 0..count {
        let source = varied(&photographs, at);
        let text = format!("picture {at} 云");
        let watermark = BlindWatermark::text(&text).unwrap();
        let plain = picture(&source);
        let marked = watermark.run(&plain, &|| false).unwrap();
        least = least.min(psnr(plain.as_bytes(), marked.as_bytes()));
        let marked = image(&marked);
        for ((_, way), (_, read)) in ways.iter().zip(&mut read) {
            let found = BlindWatermark::read(&picture(&way(&marked, at))).unwrap();
            *read += usize::from(found.as_deref() == Some(text.as_str()));
        }
        // What was never marked says nothing.
        assert_eq!(BlindWatermark::read(&plain).unwrap(), None, "{at}");
    }
    for (name, read) in read {
        println!("figure: {read} of {count} watermarks read after {name}");
        assert!(100 * read >= SHARE * count, "{name}: {read} of {count}");
    }
    println!("figure: the marked picture that changed most is at {least:.1} dB");
    assert!(least > NEAR, "{least}");
}
