//! From a file to another file.

use std::sync::Arc;

use crate::geometry::{Plan, Size};
use crate::{Format, Info, Limits, Picture, Quality, Resize, Result, Upscaler, codec, probe};

/// Steps from one file to another: decode, super-resolve, resize, encode.
///
/// Steps not asked for are left out; encoding always happens.
#[derive(Debug, Clone, Default)]
pub struct Pipeline {
    limits: Limits,
    upscaler: Option<Arc<dyn Upscaler>>,
    resize: Option<Resize>,
    format: Option<Format>,
    quality: Quality,
}

/// The result of a [`Pipeline`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// The written file.
    pub bytes: Vec<u8>,
    /// Its format.
    pub format: Format,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// Name of the super-resolution engine, if one ran.
    pub engine: Option<&'static str>,
    /// The input's header; `source.frames > 1` means that later frames were left out.
    pub source: Info,
}

/// Sizes on the way, all within the limits.
struct Route {
    upscaled: Size,
    plan: Option<Plan>,
    output: Size,
    format: Format,
}

impl Pipeline {
    /// A pipeline that only writes the picture again, in its own format and default quality.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// Enlarges with `upscaler` after decoding.
    pub fn super_resolve(mut self, upscaler: Arc<dyn Upscaler>) -> Self {
        self.upscaler = Some(upscaler);
        self
    }

    /// Resizes what decoding or super-resolution gave.
    pub fn resize(mut self, resize: Resize) -> Self {
        self.resize = Some(resize);
        self
    }

    /// Writes `format` at `quality` instead.
    pub fn encode(self, format: Format, quality: Quality) -> Self {
        Self {
            format: Some(format),
            ..self.quality(quality)
        }
    }

    /// Keeps the input's format and writes it at `quality`.
    pub fn quality(mut self, quality: Quality) -> Self {
        self.quality = quality;
        self
    }

    /// Runs all steps. Every limit is checked from the header, before the first pixel is decoded.
    ///
    /// # Errors
    ///
    /// Those of [`probe`], [`Picture::decode`], [`Picture::resize`] and [`Picture::encode`]. A GIF
    /// or TIFF input needs an output format: these two are not written.
    pub fn run(&self, bytes: &[u8]) -> Result<Outcome> {
        let source = probe(bytes, &self.limits)?;
        let route = self.route(&source)?;
        let mut picture = Picture::decode_probed(bytes, &source)?;
        if let Some(upscaler) = &self.upscaler {
            picture = upscaler.upscale(&picture)?;
        }
        if let Some(resize) = &self.resize
            && route.output != route.upscaled
        {
            picture = picture.resize(resize, &self.limits)?;
        }
        Ok(Outcome {
            bytes: picture.encode(route.format, self.quality)?,
            format: route.format,
            width: picture.width(),
            height: picture.height(),
            engine: self.upscaler.as_ref().map(|upscaler| upscaler.name()),
            source,
        })
    }

    /// Memory the pictures of [`run`](Self::run) take at their peak, in bytes, without the input
    /// file itself. An estimate on the high side, to weigh a job before it starts.
    ///
    /// # Errors
    ///
    /// A job that would be refused for its output has no estimate.
    pub fn estimated_bytes(&self, source: &Info) -> Result<u64> {
        let route = self.route(source)?;
        let buffer = |size: Size| size.pixels().saturating_mul(4);
        let decode = source
            .size()
            .pixels()
            .saturating_mul(u64::from(source.decoder_bytes_per_pixel));
        // Source, enlarged picture and the sharpened copy of it.
        let upscale = match self.upscaler {
            Some(_) => buffer(source.size()) + 2 * buffer(route.upscaled),
            None => 0,
        };
        // Source, the rows filtered in one direction, the result and its canvas.
        let resize = route.plan.map_or(0, |plan| {
            let between = Size {
                width: plan.scaled.width,
                height: route.upscaled.height,
            };
            buffer(route.upscaled) + buffer(between) + buffer(plan.scaled) + buffer(plan.canvas)
        });
        // The picture, an encoder's own copy and the file, which at worst is as large.
        let encode = 3 * buffer(route.output);
        Ok(decode.max(upscale).max(resize).max(encode))
    }

    fn route(&self, source: &Info) -> Result<Route> {
        let factor = self
            .upscaler
            .as_ref()
            .map_or(1, |upscaler| upscaler.factor());
        let upscaled = Size {
            width: source.width.saturating_mul(factor),
            height: source.height.saturating_mul(factor),
        };
        if self.upscaler.is_some() {
            self.limits.check_output(upscaled.width, upscaled.height)?;
        }
        let plan = self
            .resize
            .map(|resize| resize.plan(upscaled.width, upscaled.height));
        let output = plan.map_or(upscaled, |plan| plan.canvas);
        self.limits.check_output(output.width, output.height)?;
        let format = self.format.unwrap_or(source.format);
        codec::check_encodable(format, output.width, output.height)?;
        Ok(Route {
            upscaled,
            plan,
            output,
            format,
        })
    }
}
