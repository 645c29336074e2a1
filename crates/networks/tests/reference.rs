//! The engine computes what onnxruntime does, whatever the tiles and the threads.
//!
//! `reference/tensors.py` made the files.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed check is a failed test"
)]

use std::num::NonZero;

use tcloud_networks::{Error, Model, Network, Part, Role};

const WIDTH: usize = 43;
const HEIGHT: usize = 27;

/// As in `tensors.py`.
fn sample(x: usize, y: usize) -> f32 {
    let noise = (x * 7919 + y * 104_729 + x * y * 31) % 61;
    let check = if (x / 9 + y / 7).is_multiple_of(2) {
        0
    } else {
        90
    };
    let value = (40 + 3 * x + 2 * y + check + noise) % 256;
    f32::from(u8::try_from(value).unwrap()) / 255.0
}

fn run(
    network: &Network,
    (width, height): (usize, usize),
    threads: usize,
    read: impl Fn(usize, usize) -> f32 + Sync,
) -> Vec<f32> {
    let factor = usize::try_from(network.factor()).unwrap();
    let mut result = vec![f32::NAN; width * height * factor * factor];
    let write = |part: Part<'_, 1>| {
        for (row, samples) in part.samples[0].chunks_exact(part.width).enumerate() {
            let start = (part.top + row) * width * factor + part.left;
            result[start..start + part.width].copy_from_slice(samples);
        }
    };
    let threads = NonZero::new(threads).unwrap();
    network
        .run(
            (width, height),
            threads,
            |x, y| [read(x, y)],
            write,
            &|| false,
        )
        .unwrap();
    result
}

/// The largest difference.
fn distance(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    let distances = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    // `max` would pass over what is not a number.
    distances.fold(
        0.0,
        |most, distance| if distance <= most { most } else { distance },
    )
}

fn reference(bytes: &[u8]) -> Vec<f32> {
    let (values, _) = bytes.as_chunks::<4>();
    values.iter().copied().map(f32::from_le_bytes).collect()
}

#[test]
fn results_are_those_of_onnxruntime() {
    for (role, file) in [
        (Role::Enlarge, &include_bytes!("data/sr_x2.f32")[..]),
        (Role::EnlargeRobust, include_bytes!("data/sr_x2_robust.f32")),
        (Role::Denoise, include_bytes!("data/denoise.f32")),
    ] {
        let model = Model::embedded(role).unwrap();
        let result = run(model.network(), (WIDTH, HEIGHT), 1, sample);
        let distance = distance(&result, &reference(file));
        // A step of 8 bits is 4e-3.
        assert!(distance < 2e-5, "{role}: {distance}");
    }
}

/// Larger than a tile, so that it is computed in several.
#[test]
fn tiles_and_threads_leave_no_trace() {
    for role in [Role::Enlarge, Role::Denoise] {
        let model = Model::embedded(role).unwrap();
        let (width, height) = match role {
            Role::Denoise => (551, 37),
            _ => (290, 30),
        };
        let whole = run(model.network(), (width, height), 1, sample);
        assert_eq!(whole, run(model.network(), (width, height), 3, sample));
        // The last columns alone, with more before them than what any result depends on: they lie
        // in other tiles here, and the cut is at an even column.
        let cut = width / 2 * 2 - 80;
        let part = run(model.network(), (width - cut, height), 1, |x, y| {
            sample(x + cut, y)
        });
        let factor = usize::try_from(model.network().factor()).unwrap();
        let seen = 30 * factor;
        let ends = |plane: &[f32], width: usize| -> Vec<f32> {
            let rows = plane.chunks_exact(width * factor);
            rows.flat_map(|row| row[row.len() - seen..].to_vec())
                .collect()
        };
        let distance = distance(&ends(&whole, width), &ends(&part, width - cut));
        assert!(distance < 2e-5, "{role}: {distance}");
    }
}

#[test]
fn the_smallest_planes_are_computed() {
    for role in Role::ALL {
        let model = Model::embedded(role).unwrap();
        for size in [(1, 1), (1, 7), (5, 1), (2, 2), (3, 4)] {
            let result = run(model.network(), size, 2, sample);
            assert!(result.iter().all(|value| value.is_finite()), "{role}");
        }
        assert!(run(model.network(), (0, 0), 2, sample).is_empty());
    }
}

#[test]
fn a_run_that_is_cancelled_ends_at_the_next_tile() {
    let model = Model::embedded(Role::Enlarge).unwrap();
    let mut parts = 0;
    let asked = std::cell::Cell::new(0);
    let cancelled = || {
        asked.set(asked.get() + 1);
        asked.get() > 1
    };
    let result = model.network().run(
        (600, 20),
        NonZero::<usize>::MIN,
        |x, y| [sample(x, y)],
        |_| parts += 1,
        &cancelled,
    );
    assert_eq!((result, parts), (Err(Error::Cancelled), 1));
}
