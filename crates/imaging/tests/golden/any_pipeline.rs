//! Any list of operations on any picture: a picture of the predicted size, or a typed error.

use std::sync::Arc;

use proptest::prelude::*;
use tcloud_imaging::{
    AutoLevels, BlindWatermark, Blur, Cut, Engine, Error, Flip, Format, Gravity, Inpaint, Limits,
    LowLight, Measure, Mode, Mosaic, Operation, Overlay, Oversize, Percent, Picture, Pipeline,
    Quality, Region, Resize, Rgb, Sharpen, probe,
};

use crate::support::{photo, sheer};

fn side() -> impl Strategy<Value = u32> {
    prop_oneof![Just(1), 2..40_u32, 40..200_u32]
}

fn resize() -> impl Strategy<Value = Resize> {
    let mode = prop::sample::select(vec![
        Mode::Cover,
        Mode::Contain,
        Mode::Fill,
        Mode::Pad,
        Mode::Fixed,
    ]);
    let gravity = prop::sample::select(vec![Gravity::NorthWest, Gravity::Center, Gravity::East]);
    let sides = (mode, prop::option::of(side()), prop::option::of(side()));
    prop_oneof![
        (sides, gravity, 0..4_u8).prop_filter_map("no side", |((mode, w, h), gravity, kind)| {
            let resize = match kind {
                0 => Resize::to_sides(mode, w, h),
                1 => Resize::to_side(mode, w, h),
                _ => Resize::to_box(mode, w, h),
            };
            let resize = resize.ok()?.gravity(gravity).background(Rgb([9, 8, 7]));
            Some(if kind == 3 {
                resize.only_shrink()
            } else {
                resize
            })
        }),
        (1..300_u32, 1..300_u32).prop_map(|(across, down)| {
            Resize::scale_sides(f64::from(across) / 100.0, f64::from(down) / 100.0).unwrap()
        }),
        (1..9_000_u64).prop_map(|pixels| Resize::to_area(pixels).unwrap()),
    ]
}

fn overlay() -> impl Strategy<Value = Overlay> {
    let measure = prop::sample::select(vec![Measure::Width, Measure::Height, Measure::Area]);
    let scale = prop::option::of((measure, 1..=1_000_u32));
    let tiled = prop::option::of((0..=100_u32, 0..=360_u32));
    let place = (-90..90, -90..90, 0..=100_u32);
    (side(), side(), scale, tiled, place, any::<bool>()).prop_map(
        |(width, height, scale, tiled, (dx, dy, opacity), shrinks)| {
            let mut overlay = Overlay::picture(sheer(&photo(width, height)))
                .offset(dx, dy)
                .opacity(opacity)
                .unwrap();
            if let Some((measure, share)) = scale {
                overlay = overlay.scale(measure, share).unwrap();
            }
            if let Some((spacing, degrees)) = tiled {
                overlay = overlay.tiled(spacing, degrees);
            }
            if shrinks {
                overlay = overlay.oversize(Oversize::Shrink);
            }
            overlay
        },
    )
}

fn engine() -> impl Strategy<Value = Arc<dyn Engine>> {
    let corner = (-20..220, -20..220).prop_map(|(x, y)| (f64::from(x), f64::from(y)));
    let corners = prop::collection::vec(corner, 0..5);
    let region = prop_oneof![
        prop::collection::vec(corners, 0..3).prop_map(Region::Polygons),
        (side(), side()).prop_map(|(width, height)| Region::Light(photo(width, height))),
    ];
    prop_oneof![
        (-100..=100).prop_map(|by| Arc::new(AutoLevels::new(Percent::new(by).unwrap())) as _),
        Just(Arc::new(LowLight) as _),
        Just(Arc::new(BlindWatermark::text("any").unwrap()) as _),
        (region.clone(), 0..90_u32)
            .prop_map(|(region, block)| Arc::new(Mosaic::new(region, block)) as _),
        region.prop_map(|region| Arc::new(Inpaint::new(region)) as _),
    ]
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        3 => resize().prop_map(Operation::Resize),
        1 => (side(), side(), 0..99_u32, 0..99_u32)
            .prop_map(|(w, h, x, y)| Operation::Cut(Cut::new(w, h, x, y).unwrap())),
        1 => (0..99_u32, 0..99_u32).prop_map(|(w, h)| Operation::CutSalient(w, h)),
        2 => engine().prop_map(Operation::Engine),
        1 => (0..60_u32).prop_map(Operation::Circle),
        1 => (0..60_u32).prop_map(Operation::RoundCorners),
        2 => (0..=360_u32).prop_map(Operation::Rotate),
        1 => Just(Operation::Flip(Flip::Horizontal)),
        1 => Just(Operation::Rotate(90)),
        1 => (1.0..50.0, 0.01..90.0)
            .prop_map(|(radius, sigma)| Operation::Blur(Blur::new(radius, sigma).unwrap())),
        1 => (10..=300_u32).prop_map(|by| Operation::Sharpen(Sharpen::new(by).unwrap())),
        1 => (-100..=100).prop_map(|by| Operation::Brightness(Percent::new(by).unwrap())),
        1 => (-100..=100).prop_map(|by| Operation::Contrast(Percent::new(by).unwrap())),
        1 => Just(Operation::Grayscale),
        2 => overlay().prop_map(Operation::Overlay),
        1 => Just(Operation::Progressive(true)),
        1 => (300..9_000_u64).prop_map(Operation::MaxBytes),
        1 => (1..4_u32).prop_map(Operation::Frames),
    ]
}

fn written() -> impl Strategy<Value = (Format, u8)> {
    let formats = vec![
        Format::Jpeg,
        Format::Png,
        Format::WebP,
        Format::Gif,
        Format::Bmp,
    ];
    (prop::sample::select(formats), 1..=100_u8)
}

/// Three frames, of which each shows the picture in another way.
fn turning(picture: &Picture) -> Vec<u8> {
    let size = picture.size();
    let (width, height) = (size.width as u16, size.height as u16);
    let mut file = Vec::new();
    let mut encoder = gif::Encoder::new(&mut file, width, height, &[]).unwrap();
    let mut data = picture.as_bytes().to_vec();
    for _ in 0..3 {
        data.rotate_left(picture.channels());
        let frame = if picture.has_alpha() {
            gif::Frame::from_rgba_speed(width, height, &mut data.clone(), 30)
        } else {
            gif::Frame::from_rgb_speed(width, height, &data, 30)
        };
        encoder.write_frame(&frame).unwrap();
    }
    drop(encoder);
    file
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn the_result_has_the_predicted_size(
        (width, height) in (side(), side()),
        clear in any::<bool>(),
        from in prop::sample::select(vec![
            Format::Jpeg,
            Format::Png,
            Format::WebP,
            Format::Gif,
        ]),
        moves in any::<bool>(),
        operations in prop::collection::vec(operation(), 0..5),
        (format, quality) in written(),
    ) {
        let limits = Limits::DEFAULT.max_output_side(900).max_memory(64 << 20);
        let picture = photo(width, height);
        let picture = if clear { sheer(&picture) } else { picture };
        let input = if moves && from == Format::Gif {
            turning(&picture)
        } else {
            picture.encode(from, Quality::default()).unwrap()
        };
        let info = probe(&input, &limits).unwrap();
        let pipeline = Pipeline::new(limits, operations)
            .then(format)
            .then(Quality::new(quality).unwrap());
        let predicted = pipeline.output_size(&info);
        match pipeline.run(&input) {
            Ok(made) => {
                let size = predicted.unwrap();
                prop_assert_eq!(probe(&made.bytes, &limits).unwrap().frames, made.frames);
                prop_assert_eq!((made.width, made.height), (size.width, size.height));
                let read = Picture::decode(&made.bytes, &limits.max_side(30_000)).unwrap();
                prop_assert_eq!(read.size(), size);
                prop_assert!(made.quality.get() <= quality);
            }
            // These alone depend on the pixels.
            Err(Error::OutputTooLarge { bytes: None, .. }) => {}
            Err(Error::InvalidParameter { name, .. }) if name.contains("region") || name.contains("blind") => {}
            Err(error) => prop_assert_eq!(predicted.unwrap_err(), error),
        }
    }
}
