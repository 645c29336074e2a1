//! From a file to another file.

use std::sync::Arc;

use crate::geometry::{Plan, Size};
use crate::memory::{self, Cost};
use crate::{
    Format, Info, Limits, Loss, Picture, Quality, Resize, Result, Upscaler, codec, probe, scale,
};

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
    /// What of the source the result does not hold.
    pub losses: Vec<Loss>,
    /// The input's header.
    pub source: Info,
}

/// What a picture goes through, all within the limits.
struct Route {
    /// By how much the decoder shrinks.
    shrink: u32,
    /// How what was decoded or enlarged is scaled.
    plan: Option<Plan>,
    format: Format,
    /// Memory at the peak.
    bytes: u64,
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

    /// Runs all steps. Every limit is checked from the header, before the first pixel is decoded,
    /// but for the size of a file that depends on the pixels.
    ///
    /// A JPEG picture that is to become much smaller is shrunk while it is decoded, to no less than
    /// twice the size asked for.
    ///
    /// # Errors
    ///
    /// Those of [`probe`], [`Picture::decode`], [`Picture::resize`] and [`Picture::encode`], and
    /// [`Error::TooMuchMemory`](crate::Error::TooMuchMemory) or
    /// [`Error::OutputTooLarge`](crate::Error::OutputTooLarge) above those limits. A GIF or TIFF
    /// input needs an output format: these two are not written.
    pub fn run(&self, bytes: &[u8]) -> Result<Outcome> {
        let source = probe(bytes, &self.limits)?;
        let route = self.route(&source)?;
        let mut picture = Picture::decode_probed(bytes, &source, route.shrink)?;
        if let Some(upscaler) = &self.upscaler {
            picture = upscaler.upscale(&picture)?;
        }
        if let Some(plan) = &route.plan {
            picture = scale::apply(&picture, plan)?;
        }
        let mut losses = source.losses();
        if picture.has_alpha() && !codec::keeps_alpha(route.format) {
            losses.push(Loss::Transparency);
        }
        let limit = self.limits.max_output_bytes;
        Ok(Outcome {
            bytes: codec::encode(&picture, route.format, self.quality, limit)?,
            format: route.format,
            width: picture.width(),
            height: picture.height(),
            engine: self.upscaler.as_ref().map(|upscaler| upscaler.name()),
            losses,
            source,
        })
    }

    /// The most memory that [`run`](Self::run) takes for this picture, in bytes, without the input
    /// file itself: what the decoder and the encoder need, and every picture on the way. To weigh
    /// jobs that run side by side.
    ///
    /// # Errors
    ///
    /// A job that would be refused for its output or its memory has no estimate.
    pub fn estimated_bytes(&self, source: &Info) -> Result<u64> {
        self.route(source).map(|route| route.bytes)
    }

    fn route(&self, source: &Info) -> Result<Route> {
        let factor = self
            .upscaler
            .as_ref()
            .map_or(1, |upscaler| upscaler.factor());
        let upscaled = source.size().enlarged(factor);
        if self.upscaler.is_some() {
            self.limits.check_output(upscaled.width, upscaled.height)?;
        }
        let plan = self
            .resize
            .map(|resize| resize.plan(upscaled.width, upscaled.height));
        let output = plan.map_or(upscaled, |plan| plan.canvas);
        self.limits.check_output(output.width, output.height)?;
        let format = self.format.unwrap_or(source.format);
        codec::check_encodable(format, output)?;
        if let Some(bytes) = codec::file_bytes(output, format) {
            self.limits.check_output_bytes(bytes)?;
        }
        // A resize that changes nothing is left out.
        let plan = plan.filter(|_| output != upscaled);
        let shrink = match plan {
            Some(plan) if self.upscaler.is_none() => shrink(source, &plan),
            _ => 1,
        };
        let plan = plan.map(|plan| match shrink {
            1 => plan,
            _ => plan.after_shrinking(source.size(), shrink, source.flips()),
        });
        let mut route = Route {
            shrink,
            plan,
            format,
            bytes: 0,
        };
        route.bytes = self.peak(source, upscaled, output, &route);
        self.limits
            .check_memory("processing the picture", route.bytes)?;
        Ok(route)
    }

    /// The most memory the steps take; no two of them run together.
    fn peak(&self, source: &Info, upscaled: Size, output: Size, route: &Route) -> u64 {
        let channels = source.channels();
        let upscale = self
            .upscaler
            .as_ref()
            .map_or(0, |upscaler| upscaler.peak_bytes(source.size(), channels));
        let resize = route.plan.map_or(0, |plan| {
            memory::resize(upscaled.shrunk(route.shrink), &plan, channels)
        });
        let limit = self.limits.max_output_bytes;
        let encode = codec::encode_bytes(output, channels, route.format, self.quality, limit);
        source
            .decode_bytes(route.shrink)
            .max(upscale)
            .max(resize)
            .max(encode)
    }
}

/// By how much to shrink while decoding. The filter gets twice what it is to make at least, so that
/// the result is as good as from the whole picture.
fn shrink(source: &Info, plan: &Plan) -> u32 {
    const SMALLEST_SIDE: u32 = 64;
    let can = match source.cost {
        Cost::Jpeg(frame) => !frame.is_lossless(),
        Cost::Whole(_) => false,
    };
    if !can || source.width.min(source.height) < SMALLEST_SIDE {
        return 1;
    }
    let enough = |shrink: &u32| plan.reduction() >= f64::from(2 * shrink);
    codec::jpeg::SHRINKS.into_iter().find(enough).unwrap_or(1)
}
