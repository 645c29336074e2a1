//! Taking noise out of a picture.

use std::num::NonZero;

use tcloud_imaging::{Engine, Picture, Result, Size};

use crate::color::{byte, join, separate};
use crate::{Model, Part, threads};

/// Takes noise and the traces of JPEG out of a picture, from its luma and from both chromas.
///
/// Transparency stays as it is.
#[derive(Debug, Clone)]
pub struct Denoise {
    model: Model,
    strength: f32,
    threads: NonZero<usize>,
}

impl Denoise {
    /// Denoises by `model`, on as many threads as there are processors. `strength` is the share of
    /// its change that is made, 0 to 1: the network itself knows no degrees.
    ///
    /// # Errors
    ///
    /// The network of `model` does not keep the size.
    pub fn new(model: Model, strength: f32) -> Result<Self> {
        crate::check_factor(&model, 1)?;
        Ok(Self {
            model,
            strength: strength.clamp(0.0, 1.0),
            threads: threads(),
        })
    }
}

impl Engine for Denoise {
    fn name(&self) -> &str {
        self.model.name()
    }

    fn factor(&self) -> u32 {
        1
    }

    fn peak_bytes(&self, size: Size, channels: u64) -> u64 {
        let pictures = size.pixels().saturating_mul(channels * 2);
        crate::OVERHEAD
            .saturating_add(self.model.network().bytes(self.threads))
            .saturating_add(pictures)
    }

    fn run(&self, picture: &Picture, is_cancelled: &dyn Fn() -> bool) -> Result<Picture> {
        let channels = picture.channels();
        let (width, height) = crate::sides(picture.size());
        let source = picture.as_bytes();
        let mut data = source.to_vec();
        self.model
            .network()
            .run(
                (width, height),
                self.threads,
                |x, y| {
                    let pixel = source.get((y * width + x) * channels..);
                    let color = pixel.and_then(|pixel| pixel.first_chunk());
                    separate(color.copied().unwrap_or_default())
                },
                |part: Part<'_, 3>| {
                    for row in 0..part.samples[0].len() / part.width {
                        let start = ((part.top + row) * width + part.left) * channels;
                        let pixels = data.get_mut(start..).unwrap_or_default();
                        let [y, cb, cr] = part.samples.map(|plane| {
                            let values = plane.chunks_exact(part.width).nth(row);
                            values.unwrap_or_default()
                        });
                        let values = y.iter().zip(cb).zip(cr);
                        for (pixel, ((y, cb), cr)) in pixels.chunks_exact_mut(channels).zip(values)
                        {
                            if let Some(color) = pixel.first_chunk_mut::<3>() {
                                *color = self.mixed(*color, join([*y, *cb, *cr]));
                            }
                        }
                    }
                },
                is_cancelled,
            )
            .map_err(crate::given_up)?;
        if picture.has_alpha() {
            Picture::from_rgba(picture.width(), picture.height(), data)
        } else {
            Picture::from_rgb(picture.width(), picture.height(), data)
        }
    }
}

impl Denoise {
    /// The colour between `before` and what the network makes of it.
    fn mixed(&self, before: [u8; 3], after: [f32; 3]) -> [u8; 3] {
        let mut color = before;
        for (value, after) in color.iter_mut().zip(after) {
            let before = f32::from(*value) / 255.0;
            *value = byte(before + self.strength * (after - before));
        }
        color
    }
}
