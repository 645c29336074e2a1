//! How much a lossy format may lose.

use std::fmt;

use crate::{Error, Result};

/// Quality of a lossy format, 1 (smallest file) to 100 (closest to the original). Default 85.
///
/// - JPEG: scales the quantisation tables the way libjpeg does. From 90 on colour keeps its full
///   resolution; below, it is halved in both directions (4:2:0).
/// - WebP: the quality factor of libwebp's lossy mode; alpha is kept without loss.
/// - AVIF: the quality of ravif, which is not that of libavif.
/// - HEIF: the quality of its codec; that of libheif goes from 0 to 100.
/// - PNG and BMP lose nothing, so the value is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quality(u8);

impl Quality {
    /// Checks that `value` is within 1 to 100.
    pub fn new(value: u8) -> Result<Self> {
        if (1..=100).contains(&value) {
            Ok(Self(value))
        } else {
            Err(Error::InvalidParameter {
                name: "quality",
                found: value.to_string(),
                expected: "between 1 and 100",
            })
        }
    }

    /// The value, 1 to 100.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl Default for Quality {
    fn default() -> Self {
        Self(85)
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn range_is_one_to_one_hundred() {
        assert!(Quality::new(0).is_err());
        assert_eq!(Quality::new(1).map(Quality::get), Ok(1));
        assert_eq!(Quality::new(100).map(Quality::get), Ok(100));
        assert!(Quality::new(101).is_err());
    }
}
