//! JPEG libraries compared: `cargo bench -p tcloud-tests --bench jpeg`.
//!
//! The picture is a made-up photograph of 3648 by 2736 pixels. Times are those of the processor, of
//! all threads together, so that other work on the machine changes them little.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark of a picture whose size is known"
)]

use std::hint::black_box;
use std::io::Cursor;
use std::time::Duration;

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{Criterion, criterion_group, criterion_main};
use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder, SamplingFactor};
use tcloud_imaging::{Format, Limits, Mode, Picture, Pipeline, Quality, Resize};

const WIDTH: u16 = 3648;
const HEIGHT: u16 = 2736;

/// Time of the processor, where the system tells it; otherwise that of the clock.
struct Processor(WallTime);

impl Measurement for Processor {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        processor_time()
    }

    fn end(&self, start: Duration) -> Duration {
        processor_time().saturating_sub(start)
    }

    fn add(&self, a: &Duration, b: &Duration) -> Duration {
        *a + *b
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        value.as_nanos() as f64
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        self.0.formatter()
    }
}

/// What all threads that are alive have used, from the scheduler.
fn processor_time() -> Duration {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else {
        return std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
    };
    let used = |task: std::fs::DirEntry| {
        let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    };
    Duration::from_nanos(tasks.flatten().filter_map(used).sum())
}

/// Shades, an edge and noise, as photographs have.
fn photo() -> Vec<u8> {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut data = Vec::with_capacity(usize::from(WIDTH) * usize::from(HEIGHT) * 3);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let noise = (seed % 13) as f64 - 6.0;
            let (x, y) = (f64::from(x), f64::from(y));
            let wave = (x * 0.021 + (y * 0.013).sin() * 3.0).sin() * 35.0;
            let edge = if (x - y * 0.7).rem_euclid(140.0) < 70.0 {
                30.0
            } else {
                0.0
            };
            let shade = y * 90.0 / f64::from(HEIGHT);
            for (base, part) in [(60.0, 1.0), (80.0, 0.7), (45.0, 0.4)] {
                data.push((base + wave * part + edge + shade + noise).clamp(0.0, 255.0) as u8);
            }
        }
    }
    data
}

fn encoded(pixels: &[u8], progressive: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 85);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    encoder.set_progressive(progressive);
    encoder
        .encode(pixels, WIDTH, HEIGHT, ColorType::Rgb)
        .unwrap();
    bytes
}

fn libraries(criterion: &mut Criterion<Processor>) {
    let pixels = photo();
    for (name, progressive) in [("baseline", false), ("progressive", true)] {
        let file = encoded(&pixels, progressive);
        let mut group = criterion.benchmark_group(name);
        group.sample_size(10);
        for shrink in [1, 2, 4, 8] {
            group.bench_function(format!("jpeg-decoder, 1/{shrink}"), |bencher| {
                bencher.iter(|| {
                    let mut decoder = jpeg_decoder::Decoder::new(Cursor::new(&file));
                    decoder.scale(WIDTH / shrink, HEIGHT / shrink).unwrap();
                    black_box(decoder.decode().unwrap())
                });
            });
        }
        group.bench_function("zune-jpeg, 1/1", |bencher| {
            bencher.iter(|| {
                let source = zune_jpeg::zune_core::bytestream::ZCursor::new(&file);
                black_box(zune_jpeg::JpegDecoder::new(source).decode().unwrap())
            });
        });
        for side in [640, 200] {
            let pipeline = Pipeline::new(Limits::default(), [])
                .then(Resize::to_box(Mode::Contain, Some(side), Some(side)).unwrap())
                .then(Format::Jpeg)
                .then(Quality::new(75).unwrap());
            group.bench_function(format!("thumbnail of {side} pixels"), |bencher| {
                bencher.iter(|| black_box(pipeline.run(&file).unwrap()));
            });
        }
    }
    let picture = Picture::from_rgb(u32::from(WIDTH), u32::from(HEIGHT), pixels).unwrap();
    let mut group = criterion.benchmark_group("encode at 75");
    group.sample_size(10);
    group.bench_function("jpeg-encoder", |bencher| {
        let quality = Quality::new(75).unwrap();
        bencher.iter(|| black_box(picture.encode(Format::Jpeg, quality).unwrap()));
    });
}

criterion_group! {
    name = jpeg;
    config = Criterion::default()
        .with_measurement(Processor(WallTime))
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1));
    targets = libraries
}
criterion_main!(jpeg);
