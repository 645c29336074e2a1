//! How much better than a filter the networks are, on free photographs of 128 × 128 pixels.
//!
//! `reference/pictures.py` made the files and says where they are from. They are none of the card's
//! sets, so what is held here was measured on them, less 0.1 dB.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a failed check is a failed test"
)]

use std::fs;

use tcloud_imaging::{Engine, Lanczos3, Limits, Picture, Resize};
use tcloud_networks::{Denoise, Enlarge, Model, Role};

const NAMES: [&str; 4] = ["astronaut", "chelsea", "coffee", "rocket"];

fn read(name: &str) -> Picture {
    let file = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    Picture::decode(&fs::read(file).unwrap(), &Limits::default()).unwrap()
}

/// Luma from 16 to 235, as the literature compares it.
fn luma(picture: &Picture) -> Vec<f64> {
    let pixels = picture.as_bytes().chunks_exact(picture.channels());
    pixels
        .map(|pixel| {
            let [r, g, b] = [0, 1, 2].map(|at| f64::from(pixel[at]));
            16.0 + (65.481 * r + 128.553 * g + 24.966 * b) / 255.0
        })
        .collect()
}

/// Decibels between two pictures, without the outermost two pixels.
fn psnr(a: &Picture, b: &Picture) -> f64 {
    assert_eq!(a.size(), b.size());
    let (width, height) = (a.width() as usize, a.height() as usize);
    let (a, b) = (luma(a), luma(b));
    let mut sum = 0.0;
    for y in 2..height - 2 {
        for x in 2..width - 2 {
            sum += (a[y * width + x] - b[y * width + x]).powi(2);
        }
    }
    10.0 * (255.0_f64.powi(2) * ((width - 4) * (height - 4)) as f64 / sum).log10()
}

fn enlarge(role: Role) -> Enlarge {
    Enlarge::new(Model::embedded(role).unwrap()).unwrap()
}

/// The mean over all photographs.
fn mean(of: impl Fn(&str, &Picture) -> f64) -> f64 {
    let sum: f64 = NAMES
        .iter()
        .map(|name| of(name, &read(&format!("{name}.png"))))
        .sum();
    sum / NAMES.len() as f64
}

/// How much better than both filters an engine doubles the files that end so.
fn gain(role: Role, ending: &str) -> f64 {
    let engine = enlarge(role);
    let network = mean(|name, original| {
        let small = read(&format!("{name}{ending}"));
        psnr(&engine.run(&small, &|| false).unwrap(), original)
    });
    let lanczos = mean(|name, original| {
        let small = read(&format!("{name}{ending}"));
        let twice = Resize::scale(2.0).unwrap();
        let plain = psnr(&small.resize(&twice, &Limits::default()).unwrap(), original);
        plain.max(psnr(&Lanczos3.run(&small, &|| false).unwrap(), original))
    });
    println!("{role} {ending}: {network:.2} dB, Lanczos {lanczos:.2} dB");
    network - lanczos
}

#[test]
fn clean_pictures_are_doubled_better_than_by_lanczos() {
    assert!(gain(Role::Enlarge, "_half.png") > 1.85);
    assert!(gain(Role::EnlargeRobust, "_half.png") > 1.2);
}

#[test]
fn compressed_pictures_are_doubled_better_by_the_robust_network() {
    let robust = gain(Role::EnlargeRobust, "_half_75.jpg");
    let clean = gain(Role::Enlarge, "_half_75.jpg");
    assert!(robust > 0.2);
    assert!(robust > clean);
}

/// Adds noise of about this deviation to each sample.
fn noisy(picture: &Picture, deviation: f64) -> Picture {
    let mut state = 7_u32;
    let mut uniform = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24)
    };
    let samples = picture.as_bytes().iter().map(|&sample| {
        // Twelve uniform numbers together are nearly normal, with a deviation of 1.
        let normal = (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
        (f64::from(sample) + normal * deviation)
            .round()
            .clamp(0.0, 255.0) as u8
    });
    Picture::from_rgb(picture.width(), picture.height(), samples.collect()).unwrap()
}

#[test]
fn noise_is_taken_out() {
    let model = Model::embedded(Role::Denoise).unwrap();
    let (whole, half) = (Denoise::new(model.clone(), 1.0), Denoise::new(model, 0.5));
    let (whole, half) = (whole.unwrap(), half.unwrap());
    let before = mean(|_, original| psnr(&noisy(original, 15.0), original));
    let after = |engine: &Denoise| {
        mean(|_, original| {
            let made = engine.run(&noisy(original, 15.0), &|| false).unwrap();
            psnr(&made, original)
        })
    };
    let (half, whole) = (after(&half), after(&whole));
    println!("noisy {before:.2} dB, half {half:.2} dB, whole {whole:.2} dB");
    assert!(half > before + 3.6);
    assert!(whole > before + 6.0);
}

#[test]
fn transparency_is_doubled_and_kept() {
    let row = [
        [0, 0, 0, 0],
        [200, 10, 10, 255],
        [200, 10, 10, 255],
        [90, 10, 10, 128],
    ]
    .concat();
    let sheer = Picture::from_rgba(4, 2, row.repeat(2)).unwrap();
    let doubled = enlarge(Role::Enlarge).run(&sheer, &|| false).unwrap();
    assert_eq!((doubled.width(), doubled.height()), (8, 4));
    assert!(doubled.has_alpha());
    assert_eq!(doubled.as_bytes()[..4], [0, 0, 0, 0]);
    let model = Model::embedded(Role::Denoise).unwrap();
    let denoised = Denoise::new(model, 1.0)
        .unwrap()
        .run(&sheer, &|| false)
        .unwrap();
    let alphas = |picture: &Picture| -> Vec<u8> {
        picture
            .as_bytes()
            .iter()
            .skip(3)
            .step_by(4)
            .copied()
            .collect()
    };
    assert_eq!(alphas(&denoised), alphas(&sheer));
}

#[test]
fn a_network_for_another_task_is_refused() {
    let refused = Enlarge::new(Model::embedded(Role::Denoise).unwrap()).unwrap_err();
    assert!(refused.to_string().contains("denoise"), "{refused}");
    assert!(Denoise::new(Model::embedded(Role::Enlarge).unwrap(), 1.0).is_err());
}
