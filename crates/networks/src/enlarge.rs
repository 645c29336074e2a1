//! Doubling a picture.

use std::fmt::Display;
use std::num::NonZero;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::pixels::{U8x3, U8x4};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};
use tcloud_imaging::{Engine, Error, Picture, Result, Size};

use crate::color::luma;
use crate::{Model, Part, threads};

/// Doubles both sides of a picture: its luma by a network, its colours by a bicubic filter.
///
/// What can be seen through counts as much as it can be seen, so that the colours of transparent
/// pixels do not shine into those beside them.
#[derive(Debug, Clone)]
pub struct Enlarge {
    model: Model,
    threads: NonZero<usize>,
}

impl Enlarge {
    /// Doubles by `model`, on as many threads as there are processors.
    ///
    /// # Errors
    ///
    /// The network of `model` does not double.
    pub fn new(model: Model) -> Result<Self> {
        crate::check_factor(&model, 2)?;
        Ok(Self {
            model,
            threads: threads(),
        })
    }
}

impl Engine for Enlarge {
    fn name(&self) -> &str {
        self.model.name()
    }

    fn factor(&self) -> u32 {
        2
    }

    fn peak_bytes(&self, size: Size, channels: u64) -> u64 {
        let pixels = size.pixels();
        // With alpha the filter premultiplies a copy. Columns are filtered before rows.
        let before = pixels.saturating_mul(channels * 2);
        let half = pixels.saturating_mul(channels * 2);
        let after = pixels.saturating_mul(channels * 4);
        crate::OVERHEAD
            .saturating_add(self.model.network().bytes(self.threads).max(half))
            .saturating_add(before)
            .saturating_add(after)
    }

    fn run(&self, picture: &Picture, is_cancelled: &dyn Fn() -> bool) -> Result<Picture> {
        let channels = picture.channels();
        let (width, height) = crate::sides(picture.size());
        let mut doubled = bicubic(picture)?;
        let source = picture.as_bytes();
        self.model
            .network()
            .run(
                (width, height),
                self.threads,
                |x, y| {
                    let start = (y * width + x) * channels;
                    [source.get(start..start + channels).map_or(0.0, seen)]
                },
                |part: Part<'_, 1>| {
                    let [samples] = part.samples;
                    let rows = samples.chunks_exact(part.width);
                    for (row, samples) in rows.enumerate() {
                        let start = ((part.top + row) * width * 2 + part.left) * channels;
                        let pixels = doubled.get_mut(start..).unwrap_or_default();
                        for (pixel, sample) in pixels.chunks_exact_mut(channels).zip(samples) {
                            shift(pixel, *sample);
                        }
                    }
                },
                is_cancelled,
            )
            .map_err(crate::given_up)?;
        let size = picture.size().enlarged(2);
        if picture.has_alpha() {
            Picture::from_rgba(size.width, size.height, doubled)
        } else {
            Picture::from_rgb(size.width, size.height, doubled)
        }
    }
}

/// The luma of a pixel as far as it can be seen.
fn seen(pixel: &[u8]) -> f32 {
    match *pixel {
        [r, g, b] => luma([r, g, b]),
        [r, g, b, alpha] => luma([r, g, b]) * f32::from(alpha) / 255.0,
        _ => 0.0,
    }
}

/// Gives a pixel the luma `sample`, as far as it can be seen, and leaves its colour.
fn shift(pixel: &mut [u8], sample: f32) {
    let Some((color, alpha)) = pixel.split_first_chunk_mut::<3>() else {
        return;
    };
    let alpha = alpha.first().map_or(1.0, |alpha| f32::from(*alpha) / 255.0);
    if alpha > 0.0 {
        let by = sample.clamp(0.0, 1.0) / alpha - luma(*color);
        *color = color.map(|value| crate::color::byte(f32::from(value) / 255.0 + by));
    }
}

/// Doubles by a bicubic filter.
fn bicubic(picture: &Picture) -> Result<Vec<u8>> {
    if picture.has_alpha() {
        filtered::<U8x4>(picture)
    } else {
        filtered::<U8x3>(picture)
    }
}

fn filtered<P: PixelTrait>(picture: &Picture) -> Result<Vec<u8>> {
    let unfit = |detail: &dyn Display| Error::InvalidParameter {
        name: "picture",
        found: detail.to_string(),
        expected: "one that can be doubled",
    };
    let (width, height) = (picture.width(), picture.height());
    let source = ImageRef::new(width, height, picture.as_bytes(), P::pixel_type())
        .map_err(|error| unfit(&error))?;
    let doubled = picture.size().enlarged(2);
    let mut image = Image::new(doubled.width, doubled.height, P::pixel_type());
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom))
        .use_alpha(true);
    // Naming the type keeps the library from compiling its kernels for every other one, too.
    let (source, target) = (source.typed_image::<P>(), image.typed_image_mut::<P>());
    let (Some(source), Some(mut target)) = (source, target) else {
        return Err(unfit(&"another pixel type"));
    };
    Resizer::new()
        .resize_typed(&source, &mut target, &options)
        .map_err(|error| unfit(&error))?;
    Ok(image.into_vec())
}
