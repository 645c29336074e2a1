//! From a file to another file.

use std::sync::Arc;

use crate::codec::cost::Cost;
use crate::geometry::{Plan, Size};
use crate::{
    Format, Info, Limits, Loss, Operation, Picture, Quality, Result, Upscaler, codec, memory,
    probe, scale,
};

/// A list of operations and the limits within which they are done.
///
/// A picture is decoded, goes through the operations in their order, and is encoded. Without any it
/// is written again, in its own format.
#[derive(Debug, Clone, Default)]
pub struct Pipeline {
    limits: Limits,
    operations: Vec<Operation>,
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
    /// Name of the last super-resolution engine that ran, if one did.
    pub engine: Option<&'static str>,
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
    format: Format,
    quality: Quality,
    /// Memory at the peak.
    bytes: u64,
}

/// An operation on pixels, for a picture of known size.
struct Step<'a> {
    /// The size before it.
    from: Size,
    work: StepWork<'a>,
}

enum StepWork<'a> {
    SuperResolve(&'a Arc<dyn Upscaler>),
    Scale(Plan),
}

impl Step<'_> {
    fn run(&self, picture: &Picture) -> Result<Picture> {
        match &self.work {
            StepWork::SuperResolve(upscaler) => upscaler.upscale(picture),
            StepWork::Scale(plan) => scale::apply(picture, plan),
        }
    }

    /// The most memory the step takes, with the pictures before and after it.
    fn peak(&self, channels: u64) -> u64 {
        match &self.work {
            StepWork::SuperResolve(upscaler) => upscaler.peak_bytes(self.from, channels),
            StepWork::Scale(plan) => memory::resize(self.from, plan, channels),
        }
    }
}

impl Pipeline {
    /// The pipeline of `operations` within `limits`.
    pub fn new(limits: Limits, operations: impl IntoIterator<Item = Operation>) -> Self {
        Self {
            limits,
            operations: operations.into_iter().collect(),
        }
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
    /// [`Error::OutputTooLarge`](crate::Error::OutputTooLarge) above those limits. A GIF or TIFF
    /// input needs an output format: these two are not written.
    pub fn run(&self, bytes: &[u8]) -> Result<Outcome> {
        let source = probe(bytes, &self.limits)?;
        let route = self.route(&source)?;
        let mut picture = Picture::decode_probed(bytes, &source, route.shrink)?;
        let mut engine = None;
        for step in &route.steps {
            picture = step.run(&picture)?;
            if let StepWork::SuperResolve(upscaler) = &step.work {
                engine = Some(upscaler.name());
            }
        }
        let mut losses = source.losses();
        if picture.has_alpha() && !codec::keeps_alpha(route.format) {
            losses.push(Loss::Transparency);
        }
        let limit = self.limits.max_output_bytes;
        Ok(Outcome {
            bytes: codec::encode(&picture, route.format, route.quality, limit)?,
            format: route.format,
            width: picture.width(),
            height: picture.height(),
            engine,
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

    fn route(&self, source: &Info) -> Result<Route<'_>> {
        let mut route = Route {
            shrink: 1,
            steps: Vec::with_capacity(self.operations.len()),
            format: source.format,
            quality: Quality::default(),
            bytes: 0,
        };
        let mut size = source.size();
        for operation in &self.operations {
            let (to, work) = match operation {
                Operation::Format(format) => {
                    route.format = *format;
                    continue;
                }
                Operation::Quality(quality) => {
                    route.quality = *quality;
                    continue;
                }
                Operation::SuperResolve(upscaler) => {
                    let to = size.enlarged(upscaler.factor());
                    (to, StepWork::SuperResolve(upscaler))
                }
                Operation::Resize(resize) => {
                    let plan = resize.plan(size.width, size.height);
                    (plan.canvas, StepWork::Scale(plan))
                }
            };
            self.limits.check_output(to.width, to.height)?;
            // A resize that changes nothing is left out.
            if to != size || matches!(work, StepWork::SuperResolve(_)) {
                route.steps.push(Step { from: size, work });
            }
            size = to;
        }
        self.limits.check_output(size.width, size.height)?;
        codec::check_encodable(route.format, size)?;
        if let Some(bytes) = codec::file_bytes(size, route.format) {
            self.limits.check_output_bytes(bytes)?;
        }
        route.shrink_first(source);
        route.bytes = self.peak(source, size, &route);
        self.limits
            .check_memory("processing the picture", route.bytes)?;
        Ok(route)
    }

    /// The most memory the steps take; no two of them run together.
    fn peak(&self, source: &Info, output: Size, route: &Route<'_>) -> u64 {
        let channels = source.channels();
        let steps = route.steps.iter().map(|step| step.peak(channels)).max();
        let limit = self.limits.max_output_bytes;
        let encode = codec::encode_bytes(output, channels, route.format, route.quality, limit);
        let pictures = source
            .decode_bytes(route.shrink)
            .max(steps.unwrap_or_default())
            .max(encode);
        // The list of steps takes memory, too.
        let list = route.steps.capacity().saturating_mul(size_of::<Step<'_>>());
        pictures.saturating_add(list.try_into().unwrap_or(u64::MAX))
    }
}

impl Route<'_> {
    /// Lets the decoder do a part of the first step, if that makes the picture smaller.
    fn shrink_first(&mut self, source: &Info) {
        if let Some(Step {
            from,
            work: StepWork::Scale(plan),
        }) = self.steps.first_mut()
        {
            let shrink = shrink(source, plan);
            if shrink > 1 {
                *from = source.size().shrunk(shrink);
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
