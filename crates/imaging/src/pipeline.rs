//! From a file to another file.

use std::sync::Arc;

use crate::codec::Writing;
use crate::codec::animation;
use crate::codec::cost::Cost;
use crate::external::Outside;
use crate::geometry::{Plan, Size};
use crate::moving::Moving;
use crate::step::{self, Shape, Step, Work};
use crate::{
    ExternalCodec, Format, Info, Limits, Loss, Operation, Picture, Quality, Result, codec, deep,
    probe,
};

/// A list of operations and the limits within which they are done.
///
/// A picture is decoded, goes through the operations in their order, and is encoded. Without any it
/// is written again, in its own format.
#[derive(Debug, Clone, Default)]
pub struct Pipeline {
    limits: Limits,
    operations: Vec<Operation>,
    codec: Option<Arc<dyn ExternalCodec>>,
}

/// The result of a [`Pipeline`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// The written file.
    pub bytes: Vec<u8>,
    /// Its format.
    pub format: Format,
    /// The quality it was written with, which means nothing in a format without loss.
    pub quality: Quality,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// How many frames it has.
    pub frames: u32,
    /// What ran whose result depends on how it is made, by name and in order: engines, adaptive sharpening
    /// and saliency.
    pub engines: Vec<String>,
    /// What of the source the result does not hold.
    pub losses: Vec<Loss>,
    /// The input's header.
    pub source: Info,
}

/// What a picture goes through, all within the limits.
struct Route<'a> {
    /// By how much the decoder shrinks.
    shrink: u32,
    steps: Vec<Step<'a>>,
    /// What comes of them.
    result: Shape,
    writing: Writing,
    /// Frames of an animation that is written whole.
    frames: Option<u32>,
    /// Whether 16 bits a sample are kept.
    is_deep: bool,
    /// Memory at the peak.
    bytes: u64,
}

impl Pipeline {
    /// The pipeline of `operations` within `limits`.
    pub fn new(limits: Limits, operations: impl IntoIterator<Item = Operation>) -> Self {
        Self {
            limits,
            operations: operations.into_iter().collect(),
            codec: None,
        }
    }

    /// The same pipeline with `codec` for formats that are left to it.
    pub fn codec(mut self, codec: Arc<dyn ExternalCodec>) -> Self {
        self.codec = Some(codec);
        self
    }

    /// The same pipeline with one more operation at its end.
    pub fn then(mut self, operation: impl Into<Operation>) -> Self {
        self.operations.push(operation.into());
        self
    }

    /// The operations, in order.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Does all operations. Every limit is checked from the header, before the first pixel is
    /// decoded, but for the size of a file that depends on the pixels.
    ///
    /// A JPEG picture that is to become much smaller at first is shrunk while it is decoded, to no
    /// less than twice the size asked for.
    ///
    /// # Errors
    ///
    /// Those of [`probe`], [`Picture::decode`], [`Picture::resize`] and [`Picture::encode`], and
    /// [`Error::TooMuchMemory`](crate::Error::TooMuchMemory) or
    /// [`Error::OutputTooLarge`](crate::Error::OutputTooLarge) above those limits. A TIFF
    /// input needs an output format: it is not written.
    pub fn run(&self, bytes: &[u8]) -> Result<Outcome> {
        self.run_unless(bytes, &|| false)
    }

    /// As [`run`](Self::run), and gives up soon after `is_cancelled` has answered yes. It is asked
    /// before each operation, and by engines and external codecs meanwhile.
    ///
    /// # Errors
    ///
    /// Those of [`run`](Self::run), and [`Error::Cancelled`](crate::Error::Cancelled).
    pub fn run_unless(&self, bytes: &[u8], is_cancelled: &dyn Fn() -> bool) -> Result<Outcome> {
        let source = probe(bytes, &self.limits)?;
        let route = self.route(&source)?;
        let outside = self.outside(is_cancelled);
        let limit = self.limits.max_output_bytes;
        let mut losses = source.losses(route.writing.format);
        let is_narrowed = source.depth > 8 && !route.is_deep;
        let narrowed = Loss::Depth { bits: source.depth };
        if is_narrowed && !losses.contains(&narrowed) {
            losses.push(narrowed);
        }
        let written = if let Some(frames) = route.frames {
            let moving = Moving {
                source: &source,
                bytes,
                steps: &route.steps,
                size: route.result.size,
                frames,
                is_cancelled,
            };
            codec::write_within(route.writing, limit, |writing, limit| {
                moving.write(writing, limit)
            })?
        } else if route.is_deep {
            let image = deep::run(&source, bytes, &route.steps, is_cancelled)?;
            codec::write_within(route.writing, limit, |_, limit| {
                Ok((codec::encode_deep(&image, limit)?, false))
            })?
        } else {
            let picture = Picture::decode_probed(bytes, &source, route.shrink, outside)?;
            let mut steps = route.steps.iter();
            let picture =
                steps.try_fold(picture, |picture, step| step.run(picture, is_cancelled))?;
            if picture.has_alpha() && !codec::keeps_alpha(route.writing.format) {
                losses.push(Loss::Transparency);
            }
            codec::write_within(route.writing, limit, |writing, limit| {
                codec::encode(&picture, writing, limit, outside)
            })?
        };
        if written.is_reduced {
            losses.push(Loss::Palette);
        }
        Ok(Outcome {
            bytes: written.file,
            format: route.writing.format,
            quality: written.quality,
            width: route.result.size.width,
            height: route.result.size.height,
            frames: route.frames.unwrap_or(1),
            engines: route.engines(),
            losses,
            source,
        })
    }

    /// The size of the result for a picture with this header.
    ///
    /// # Errors
    ///
    /// As of [`Self::estimated_bytes`].
    pub fn output_size(&self, source: &Info) -> Result<Size> {
        self.route(source).map(|route| route.result.size)
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

    fn outside<'a>(&'a self, is_cancelled: &'a dyn Fn() -> bool) -> Outside<'a> {
        Outside {
            codec: self.codec.as_deref(),
            is_cancelled,
        }
    }

    fn route(&self, source: &Info) -> Result<Route<'_>> {
        let mut route = Route {
            shrink: 1,
            steps: Vec::with_capacity(self.operations.len()),
            result: Shape {
                size: source.size(),
                channels: source.channels(),
            },
            writing: Writing::new(source.format),
            frames: None,
            is_deep: false,
            bytes: 0,
        };
        for operation in &self.operations {
            match operation {
                Operation::Format(format) => route.writing.format = *format,
                Operation::Quality(quality) => route.writing.quality = *quality,
                Operation::Progressive(progressive) => route.writing.progressive = *progressive,
                Operation::MaxBytes(bytes) => route.writing.max_bytes = *bytes,
                Operation::Frames(frames) => route.writing.frames = (*frames).max(1),
                Operation::Colors(colors) => route.writing.colors = *colors,
                _ => {
                    for work in step::works(operation, route.result.size)? {
                        let from = route.result;
                        route.result = work.to(from);
                        let Size { width, height } = route.result.size;
                        self.limits.check_output(width, height, 1)?;
                        route.steps.push(Step { from, work });
                    }
                }
            }
        }
        let (size, format) = (route.result.size, route.writing.format);
        let frames = source.frames.min(route.writing.frames);
        route.frames = (frames > 1 && source.moves_as(format)).then_some(frames);
        self.limits
            .check_output(size.width, size.height, route.frames.unwrap_or(1))?;
        codec::check_encodable(format, size, self.outside(&|| false))?;
        if let Some(bytes) = codec::file_bytes(size, format) {
            self.limits.check_output_bytes(bytes)?;
        }
        route.is_deep = deep::keeps(source, format, &route.steps);
        if route.frames.is_none() {
            route.shrink_first(source);
        }
        route.bytes = self.peak(source, &route);
        self.limits
            .check_memory("processing the picture", route.bytes)?;
        Ok(route)
    }

    /// The most memory the steps take; no two of them run together.
    fn peak(&self, source: &Info, route: &Route<'_>) -> u64 {
        let steps = route.steps.iter().map(Step::peak).max();
        let Shape { size, channels } = route.result;
        let limit = self.limits.max_output_bytes;
        let steps = steps.unwrap_or_default();
        // Twice the bytes a sample.
        let wide = 2 * channels;
        let deep_steps = route.steps.iter().map(Step::deep_peak).max();
        let pictures = match route.frames {
            // Reading and writing go on between the steps.
            Some(frames) => {
                let encoder = animation::encoder_bytes(size, frames, route.writing, limit);
                source
                    .moving_bytes()
                    .saturating_add(steps.saturating_add(encoder))
            }
            None if route.is_deep => source
                .deep_bytes()
                .max(deep_steps.unwrap_or_default())
                .max(codec::encode_bytes(size, wide, route.writing, limit)),
            None => source
                .decode_bytes(route.shrink)
                .max(steps)
                .max(codec::encode_bytes(size, channels, route.writing, limit)),
        };
        // The list of steps takes memory, too.
        let list = route.steps.capacity().saturating_mul(size_of::<Step<'_>>());
        pictures.saturating_add(list.try_into().unwrap_or(u64::MAX))
    }
}

impl Route<'_> {
    /// Names of the engines, in order.
    fn engines(&self) -> Vec<String> {
        let engines = self.steps.iter().filter_map(|step| match step.work {
            Work::Engine(engine) => Some(engine.name().to_owned()),
            Work::AdaptiveSharpen(_) => Some("adaptive sharpening".to_owned()),
            Work::Salient(_) => Some("saliency (frequency-tuned)".to_owned()),
            _ => None,
        });
        engines.collect()
    }

    /// Lets the decoder do a part of the first step, if that makes the picture smaller.
    fn shrink_first(&mut self, source: &Info) {
        if let Some(Step {
            from,
            work: Work::Scale(plan),
        }) = self.steps.first_mut()
        {
            let shrink = shrink(source, plan);
            if shrink > 1 {
                from.size = source.size().shrunk(shrink);
                *plan = plan.after_shrinking(source.size(), shrink, source.flips());
                self.shrink = shrink;
            }
        }
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
