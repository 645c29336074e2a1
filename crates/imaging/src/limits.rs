//! Limits compared with the header before a picture is decoded.

use crate::{Error, Result, Subject};

/// What a picture may measure, and what working on it may take.
///
/// They are the caller's: a service knows what it promises. The defaults are generous, for a program
/// that has no limits of its own.
///
/// ```
/// use tcloud_imaging::Limits;
///
/// const THUMBNAILS: Limits = Limits::DEFAULT.max_output_side(1_024).max_memory(64 << 20);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Longest file, in bytes. Default 32 MiB.
    pub max_input_bytes: u64,
    /// Longest side of the input, in pixels. Default 30,000.
    pub max_side: u32,
    /// Most pixels of the input, all frames counted, and of the output. Default 250,000,000.
    pub max_pixels: u64,
    /// Most frames (animation) or pages (TIFF) of the input. Default 300.
    pub max_frames: u32,
    /// Longest side of the output, in pixels. Default 16,384.
    pub max_output_side: u32,
    /// Largest output file, in bytes. Default 256 MiB.
    pub max_output_bytes: u64,
    /// Most memory that reading, changing and writing one picture may take together, in bytes,
    /// without the input file. Default 2 GiB.
    ///
    /// It is compared with what the header says before anything is decoded; see
    /// [`Pipeline::estimated_bytes`](crate::Pipeline::estimated_bytes).
    pub max_memory: u64,
}

impl Limits {
    /// The defaults.
    pub const DEFAULT: Self = Self {
        max_input_bytes: 32 * 1024 * 1024,
        max_side: 30_000,
        max_pixels: 250_000_000,
        max_frames: 300,
        max_output_side: 16_384,
        max_output_bytes: 256 * 1024 * 1024,
        max_memory: 2 * 1024 * 1024 * 1024,
    };

    /// Sets [`Limits::max_input_bytes`].
    pub const fn max_input_bytes(mut self, bytes: u64) -> Self {
        self.max_input_bytes = bytes;
        self
    }

    /// Sets [`Limits::max_side`].
    pub const fn max_side(mut self, pixels: u32) -> Self {
        self.max_side = pixels;
        self
    }

    /// Sets [`Limits::max_pixels`].
    pub const fn max_pixels(mut self, pixels: u64) -> Self {
        self.max_pixels = pixels;
        self
    }

    /// Sets [`Limits::max_frames`].
    pub const fn max_frames(mut self, frames: u32) -> Self {
        self.max_frames = frames;
        self
    }

    /// Sets [`Limits::max_output_side`].
    pub const fn max_output_side(mut self, pixels: u32) -> Self {
        self.max_output_side = pixels;
        self
    }

    /// Sets [`Limits::max_output_bytes`].
    pub const fn max_output_bytes(mut self, bytes: u64) -> Self {
        self.max_output_bytes = bytes;
        self
    }

    /// Sets [`Limits::max_memory`].
    pub const fn max_memory(mut self, bytes: u64) -> Self {
        self.max_memory = bytes;
        self
    }

    pub(crate) fn check_bytes(&self, bytes: usize) -> Result<()> {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        if bytes > self.max_input_bytes {
            return Err(Error::TooLarge {
                bytes,
                limit: self.max_input_bytes,
            });
        }
        Ok(())
    }

    pub(crate) fn check_input(&self, width: u32, height: u32, frames: u32) -> Result<()> {
        check_side(Subject::Input, width, height, self.max_side)?;
        check_pixels(Subject::Input, width, height, frames, self.max_pixels)?;
        if frames > self.max_frames {
            return Err(Error::TooManyFrames {
                limit: self.max_frames,
            });
        }
        Ok(())
    }

    pub(crate) fn check_memory(&self, subject: &'static str, bytes: u64) -> Result<()> {
        if bytes > self.max_memory {
            return Err(Error::TooMuchMemory {
                subject,
                bytes,
                limit: self.max_memory,
            });
        }
        Ok(())
    }

    pub(crate) fn check_output_bytes(&self, bytes: u64) -> Result<()> {
        if bytes > self.max_output_bytes {
            return Err(Error::OutputTooLarge {
                bytes: Some(bytes),
                limit: self.max_output_bytes,
            });
        }
        Ok(())
    }

    pub(crate) fn check_output(&self, width: u32, height: u32, frames: u32) -> Result<()> {
        check_side(Subject::Output, width, height, self.max_output_side)?;
        check_pixels(Subject::Output, width, height, frames, self.max_pixels)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Refuses a picture with a side above `limit`.
pub(crate) fn check_side(subject: Subject, width: u32, height: u32, limit: u32) -> Result<()> {
    if width.max(height) > limit {
        return Err(Error::SideTooLong {
            subject,
            width,
            height,
            limit,
        });
    }
    Ok(())
}

fn check_pixels(subject: Subject, width: u32, height: u32, frames: u32, limit: u64) -> Result<()> {
    let pixels = (u64::from(width) * u64::from(height)).saturating_mul(u64::from(frames));
    if pixels > limit {
        return Err(Error::TooManyPixels {
            subject,
            pixels,
            frames,
            limit,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_accepts_its_value_and_refuses_one_more() {
        let limits = Limits::DEFAULT;
        assert_eq!(limits.check_bytes(33_554_432), Ok(()));
        assert!(matches!(
            limits.check_bytes(33_554_433),
            Err(Error::TooLarge { .. })
        ));
        assert_eq!(limits.check_input(30_000, 8_333, 1), Ok(()));
        assert!(matches!(
            limits.check_input(30_001, 1, 1),
            Err(Error::SideTooLong { .. })
        ));
        assert!(matches!(
            limits.check_input(30_000, 8_334, 1),
            Err(Error::TooManyPixels { .. })
        ));
        assert_eq!(limits.check_input(1, 1, 300), Ok(()));
        assert!(matches!(
            limits.check_input(1, 1, 301),
            Err(Error::TooManyFrames { .. })
        ));
        assert_eq!(limits.check_output(1, 16_384, 1), Ok(()));
        assert!(limits.check_output(1, 16_385, 1).is_err());
        assert!(
            Limits::DEFAULT
                .max_output_side(9_999)
                .check_output(10_000, 1, 1)
                .is_err()
        );
    }

    #[test]
    fn frames_count_towards_the_pixels_without_overflow() {
        assert!(matches!(
            Limits::DEFAULT.check_input(30_000, 8_000, u32::MAX),
            Err(Error::TooManyPixels { .. })
        ));
    }

    #[test]
    fn message_states_limit_and_finding() {
        let text = Limits::DEFAULT
            .check_input(40_000, 5, 1)
            .unwrap_err()
            .to_string();
        assert!(
            text.contains("40000 x 5") && text.contains("30000"),
            "{text}"
        );
    }
}
