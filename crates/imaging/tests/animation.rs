//! Animations keep every frame, its time, and how often they are shown.
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

use gif::Repeat;
use image::codecs::gif::GifDecoder;
use image::{AnimationDecoder, RgbaImage};
use tcloud_imaging::{
    Cut, Error, Flip, Format, Limits, Loss, Mode, Operation, Pipeline, Quality, Resize, probe,
};

use crate::support::psnr;

const WIDTH: u32 = 30;
const HEIGHT: u32 = 21;

/// A square that moves over a still background, and over nothing in the upper half.
fn pictures() -> Vec<RgbaImage> {
    let picture = |at: u32| {
        RgbaImage::from_fn(WIDTH, HEIGHT, |x, y| {
            let in_square = (3 * at..3 * at + 6).contains(&x) && (2 * at..2 * at + 7).contains(&y);
            image::Rgba(match (in_square, y < HEIGHT / 2) {
                (true, _) => [250, 40, 30, 255],
                (false, true) => [0; 4],
                (false, false) => [40, (x * 4) as u8, 90, 255],
            })
        })
    };
    (0..6).map(picture).collect()
}

/// The pictures as a GIF of another program: whole frames that replace one another.
fn gif(repeat: Option<Repeat>) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = gif::Encoder::new(&mut file, WIDTH as u16, HEIGHT as u16, &[]).unwrap();
    if let Some(repeat) = repeat {
        encoder.set_repeat(repeat).unwrap();
    }
    for (at, picture) in (0..).zip(pictures()) {
        let mut data = picture.into_raw();
        let mut frame = gif::Frame::from_rgba(WIDTH as u16, HEIGHT as u16, &mut data);
        frame.delay = 4 + at;
        frame.dispose = gif::DisposalMethod::Background;
        encoder.write_frame(&frame).unwrap();
    }
    drop(encoder);
    file
}

fn run(input: &[u8], operations: impl IntoIterator<Item = Operation>) -> Vec<u8> {
    let pipeline = Pipeline::new(Limits::default(), operations);
    let made = pipeline.run(input).unwrap();
    assert_eq!(made.losses, []);
    assert_eq!(
        probe(&made.bytes, &Limits::default()).unwrap().frames,
        made.frames
    );
    made.bytes
}

/// The frames and their times as `image` reads them.
fn frames_of_gif(file: &[u8]) -> Vec<(RgbaImage, u32)> {
    let decoder = GifDecoder::new(Cursor::new(file)).unwrap();
    let frames = decoder.into_frames().collect_frames().unwrap();
    let time = |frame: &image::Frame| frame.delay().numer_denom_ms().0;
    frames
        .into_iter()
        .map(|frame| (time(&frame), frame))
        .map(|(time, frame)| (frame.into_buffer(), time))
        .collect()
}

fn repeat(file: &[u8]) -> Repeat {
    let mut decoder = gif::DecodeOptions::new().read_info(file).unwrap();
    decoder.next_frame_info().unwrap();
    decoder.repeat()
}

/// What is seen of a picture: what is transparent has no colour.
fn seen(picture: &RgbaImage) -> Vec<u8> {
    let pixels = picture.pixels();
    pixels
        .flat_map(|pixel| if pixel.0[3] == 0 { [0; 4] } else { pixel.0 })
        .collect()
}

/// The frames as libwebp itself reads them, with the times at which they end.
fn frames_of_webp(file: &[u8]) -> (Vec<(RgbaImage, i32)>, u32) {
    let read = webp::AnimDecoder::new(file).decode().unwrap();
    let frames = read.into_iter().map(|frame| {
        let data = frame.get_image().to_vec();
        let image = match frame.get_layout() {
            webp::PixelLayout::Rgba => RgbaImage::from_raw(frame.width(), frame.height(), data),
            webp::PixelLayout::Rgb => None,
        };
        (image.unwrap(), frame.get_time_ms())
    });
    (frames.collect(), read.loop_count)
}

#[test]
fn a_gif_stays_as_it_is_and_gets_no_larger() {
    for times in [None, Some(Repeat::Infinite), Some(Repeat::Finite(4))] {
        let input = gif(times);
        let made = run(&input, []);
        let frames = frames_of_gif(&made);
        assert_eq!(frames.len(), 6);
        for (at, ((frame, time), picture)) in (4..).zip(frames.iter().zip(pictures())) {
            assert_eq!(seen(frame), seen(&picture));
            assert_eq!(*time, at * 10);
        }
        assert_eq!(repeat(&made), times.unwrap_or(Repeat::Finite(0)));
        assert!(
            made.len() <= input.len(),
            "{} of {}",
            made.len(),
            input.len()
        );
    }
}

#[test]
fn what_does_not_change_is_not_written_again() {
    let mut file = Vec::new();
    let mut encoder = gif::Encoder::new(&mut file, 90, 90, &[]).unwrap();
    for at in 0..5 {
        let picture = RgbaImage::from_fn(90, 90, |x, y| {
            let is_dot = (x / 9, y / 9) == (at, at);
            image::Rgba(if is_dot {
                [0, 0, 0, 255]
            } else {
                [x as u8, (y / 30) as u8, 7, 255]
            })
        });
        let mut data = picture.into_raw();
        encoder
            .write_frame(&gif::Frame::from_rgba(90, 90, &mut data))
            .unwrap();
    }
    drop(encoder);
    let made = run(&file, []);
    let pairs = frames_of_gif(&file).into_iter().zip(frames_of_gif(&made));
    assert!(pairs.into_iter().all(|(before, after)| before == after));
    assert!(
        made.len() * 3 < file.len() * 2,
        "{} of {}",
        made.len(),
        file.len()
    );
}

#[test]
fn every_frame_goes_through_every_step() {
    let operations = [
        Operation::Cut(Cut::new(24, 16, 2, 3).unwrap()),
        Operation::Flip(Flip::Horizontal),
        Operation::Rotate(90),
    ];
    let frames = frames_of_gif(&run(&gif(None), operations));
    for ((frame, _), picture) in frames.iter().zip(pictures()) {
        let mut part = image::imageops::crop_imm(&picture, 2, 3, 24, 16).to_image();
        image::imageops::flip_horizontal_in_place(&mut part);
        assert_eq!(seen(frame), seen(&image::imageops::rotate90(&part)));
    }
    let half = Resize::to_box(Mode::Contain, Some(15), None).unwrap();
    let small = Pipeline::new(Limits::default(), [half.into()])
        .run(&gif(None))
        .unwrap();
    assert_eq!((small.width, small.height, small.frames), (15, 11, 6));
    // Edges are half transparent after scaling, which GIF does not hold.
    assert_eq!(small.losses, [Loss::Palette]);
    let frames = frames_of_gif(&small.bytes);
    assert!(
        frames
            .iter()
            .all(|(frame, _)| frame.dimensions() == (15, 11))
    );
}

#[test]
fn a_gif_becomes_webp_that_libwebp_reads_and_a_gif_again() {
    for (times, count) in [
        (None, 1),
        (Some(Repeat::Infinite), 0),
        (Some(Repeat::Finite(4)), 5),
    ] {
        let quality = Operation::Quality(Quality::new(100).unwrap());
        let webp = run(
            &gif(times),
            [Operation::Format(Format::WebP), quality.clone()],
        );
        let (frames, loops) = frames_of_webp(&webp);
        assert_eq!((frames.len(), loops), (6, count));
        let mut end = 0;
        for (at, ((frame, time), picture)) in (4..).zip(frames.iter().zip(pictures())) {
            end += at * 10;
            assert_eq!(*time, end);
            let near = psnr(&seen(frame), &seen(&picture));
            assert!(near > 28.0, "{near:.1} dB");
        }
        let again = run_with_losses(&webp, Format::Gif);
        assert_eq!(repeat(&again), times.unwrap_or(Repeat::Finite(0)));
        let again = frames_of_gif(&again);
        for (at, ((frame, time), (whole, _))) in (4..).zip(again.iter().zip(&frames)) {
            assert_eq!(*time, at * 10);
            let near = psnr(&seen(frame), &seen(whole));
            assert!(near > 28.0, "{near:.1} dB");
        }
    }
}

fn run_with_losses(input: &[u8], format: Format) -> Vec<u8> {
    let pipeline = Pipeline::new(Limits::default(), [format.into()]);
    pipeline.run(input).unwrap().bytes
}

#[test]
fn fewer_frames_last_as_long() {
    for (most, kept) in [(1, 1), (2, 2), (4, 4), (6, 6), (99, 6)] {
        let made = run_frames(&gif(None), most);
        let frames = frames_of_gif(&made);
        assert_eq!(frames.len(), kept, "{most}");
        assert_eq!(seen(&frames[0].0), seen(&pictures()[0]));
        if kept > 1 {
            let whole: u32 = frames.iter().map(|(_, time)| time).sum();
            assert_eq!(whole, (4..10).sum::<u32>() * 10);
        }
    }
}

fn run_frames(input: &[u8], most: u32) -> Vec<u8> {
    let operations = [Operation::Frames(most), Operation::Colors(128)];
    let made = Pipeline::new(Limits::default(), operations).run(input);
    made.unwrap().bytes
}

#[test]
fn other_formats_hold_the_first_frame_and_say_so() {
    let pipeline = Pipeline::new(Limits::default(), [Format::Png.into()]);
    let made = pipeline.run(&gif(None)).unwrap();
    assert_eq!(
        (made.frames, made.losses),
        (1, vec![Loss::Frames { count: 6 }])
    );
}

#[test]
fn limits_hold_for_all_frames_together() {
    let input = gif(None);
    let limits = Limits::DEFAULT.max_pixels(u64::from(WIDTH * HEIGHT) * 6);
    assert!(Pipeline::new(limits, []).run(&input).is_ok());
    let larger = Resize::scale(1.2).unwrap();
    let refused = Pipeline::new(limits, [larger.into()]).run(&input);
    assert!(
        matches!(refused, Err(Error::TooManyPixels { frames: 6, .. })),
        "{refused:?}"
    );
    let limits = Limits::DEFAULT.max_output_bytes(900);
    let refused = Pipeline::new(limits, []).run(&input);
    assert!(
        matches!(refused, Err(Error::OutputTooLarge { .. })),
        "{refused:?}"
    );
    // WebP may be made smaller by its quality.
    let whole = run(&input, [Format::WebP.into()]).len() as u64;
    let operations = [Format::WebP.into(), Operation::MaxBytes(whole - 200)];
    let made = Pipeline::new(Limits::default(), operations)
        .run(&input)
        .unwrap();
    assert!(made.quality < Quality::default() && made.frames == 6);
    let info = probe(&input, &Limits::default()).unwrap();
    let pipeline = Pipeline::new(Limits::DEFAULT.max_memory(2 << 20), []);
    assert!(matches!(
        pipeline.estimated_bytes(&info),
        Err(Error::TooMuchMemory { .. })
    ));
}

#[test]
fn damage_in_a_later_frame_is_an_error() {
    for file in [gif(None), run(&gif(None), [Format::WebP.into()])] {
        for length in (20..file.len()).step_by(7) {
            let made = Pipeline::new(Limits::default(), []).run(&file[..length]);
            if let Ok(made) = made {
                let frames = probe(&file[..length], &Limits::default()).unwrap().frames;
                assert_eq!(made.frames, frames, "{length}");
            }
        }
        for at in (0..file.len()).step_by(9) {
            let mut damaged = file.clone();
            damaged[at] ^= 0x55;
            let _ = Pipeline::new(Limits::default(), []).run(&damaged);
        }
    }
}
