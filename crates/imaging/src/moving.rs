//! Taking an animation through the steps of a pipeline, frame by frame.

use crate::codec::Writing;
use crate::codec::animation::{Frames, Writer};
use crate::codec::frame::Frame;
use crate::geometry::Size;
use crate::step::Step;
use crate::{Error, Info, Result};

/// What every frame goes through.
pub(crate) struct Moving<'a> {
    pub(crate) source: &'a Info,
    pub(crate) bytes: &'a [u8],
    pub(crate) steps: &'a [Step<'a>],
    /// Size of the result.
    pub(crate) size: Size,
    /// Frames of the result.
    pub(crate) frames: u32,
    pub(crate) is_cancelled: &'a dyn Fn() -> bool,
}

impl Moving<'_> {
    /// Writes the file, of at most `limit` bytes, and says whether colours had to be left out.
    pub(crate) fn write(&self, writing: Writing, limit: u64) -> Result<(Vec<u8>, bool)> {
        let read = Frames::of(self.source, self.bytes)?;
        let mut writer = Writer::new(self.size, self.frames, read.plays(), writing, limit)?;
        let mut held: Option<Frame> = None;
        let mut count = 0;
        for (at, frame) in (0..self.source.frames).zip(read) {
            let Frame { picture, delay } = frame?;
            count = at + 1;
            if !self.keeps(at) {
                // The one before is seen for longer.
                if let Some(held) = &mut held {
                    held.delay = held.delay.saturating_add(delay);
                }
                continue;
            }
            if let Some(last) = held.take() {
                writer.add(last)?;
            }
            let mut steps = self.steps.iter();
            let picture = steps.try_fold(picture, |picture, step| {
                step.run(picture, self.is_cancelled)
            })?;
            held = Some(Frame { picture, delay });
        }
        if count < self.source.frames {
            return Err(Error::Corrupt {
                format: self.source.format,
                detail: format!("it has {count} of {} frames", self.source.frames),
            });
        }
        if let Some(last) = held {
            writer.add(last)?;
        }
        writer.finish()
    }

    /// Whether the frame is one of those that are left: the first, and others at equal distances.
    fn keeps(&self, at: u32) -> bool {
        let (frames, all) = (u64::from(self.frames), u64::from(self.source.frames.max(1)));
        let before = |at: u32| (u64::from(at) * frames).div_ceil(all);
        before(at) != before(at.saturating_add(1))
    }
}
