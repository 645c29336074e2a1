//! How an object is cut into parts.

use std::ops::Range;

use crate::error::{Error, ErrorKind};

pub(crate) const MIB: u64 = 1024 * 1024;
/// The service takes no smaller part but the last one.
pub(crate) const SMALLEST: u64 = MIB;
/// The service takes no larger part, and no larger object in one request.
pub(crate) const LARGEST: u64 = 5 * 1024 * MIB;
/// The service takes no more parts of one upload.
pub(crate) const MOST: u64 = 10_000;
/// Parts are of this size unless the object is large.
pub(crate) const USUAL: u64 = 8 * MIB;

/// An object of known size in parts of one size, but for the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts {
    size: u64,
    part: u64,
}

impl Parts {
    /// Parts of the size that is asked for, or of one that leaves about a thousand parts of a large
    /// object; larger ones, if there would be too many.
    ///
    /// # Errors
    /// The object is larger than the service stores.
    pub(crate) fn of(size: u64, wanted: Option<u64>) -> Result<Self, Error> {
        if size > MOST * LARGEST {
            return Err(Error::new(
                ErrorKind::Refused,
                format!("{size} bytes are more than the service stores as one object"),
            )
            .advise(format!("store at most {} bytes an object", MOST * LARGEST)));
        }
        let usual = || (size / 1000).clamp(USUAL, 64 * MIB);
        let part = wanted.unwrap_or_else(usual).clamp(SMALLEST, LARGEST);
        let least = size.div_ceil(MOST);
        Ok(Self {
            size,
            part: part.max(least).next_multiple_of(MIB).min(LARGEST),
        })
    }

    /// Pieces of any size, for what only reads.
    pub(crate) fn pieces(size: u64, piece: u64) -> Self {
        Self {
            size,
            part: piece.max(1),
        }
    }

    pub(crate) fn part_size(self) -> u64 {
        self.part
    }

    /// How many there are; one of an empty object.
    pub(crate) fn count(self) -> u32 {
        u32::try_from(self.size.div_ceil(self.part).max(1)).unwrap_or(u32::MAX)
    }

    /// Where the part `number`, from 1, begins and ends.
    pub(crate) fn range(self, number: u32) -> Range<u64> {
        let start = u64::from(number.saturating_sub(1)).saturating_mul(self.part);
        start.min(self.size)..start.saturating_add(self.part).min(self.size)
    }

    pub(crate) fn length(self, number: u32) -> u64 {
        let range = self.range(number);
        range.end.saturating_sub(range.start)
    }
}

/// The size of the part `number`, from 1, of an object whose size nobody knows: it doubles every 500
/// parts behind the first thousand, so that 10,000 of them hold 25 TiB, while small objects have
/// small parts. `None` behind the last.
pub(crate) fn growing(number: u32, first: u64) -> Option<u64> {
    if u64::from(number) > MOST {
        return None;
    }
    let doubled = number.saturating_sub(1).saturating_sub(500) / 500;
    let factor = 1_u64.checked_shl(doubled).unwrap_or(u64::MAX);
    Some(first.saturating_mul(factor).clamp(SMALLEST, LARGEST))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LARGEST, MIB, MOST, Parts, SMALLEST, USUAL, growing};

    proptest! {
        #[test]
        fn parts_cover_the_object_within_the_limits(
            size in 0..=MOST * LARGEST,
            wanted in proptest::option::of(0..=2 * LARGEST),
        ) {
            let parts = Parts::of(size, wanted).unwrap();
            let count = parts.count();
            prop_assert!(u64::from(count) <= MOST);
            prop_assert!((SMALLEST..=LARGEST).contains(&parts.part_size()));
            prop_assert_eq!(parts.range(1).start, 0);
            prop_assert_eq!(parts.range(count).end, size);
            prop_assert!(size == 0 || parts.length(count) > 0);
            for number in [1, 2, count / 2, count.saturating_sub(1)] {
                if (1..count).contains(&number) {
                    prop_assert_eq!(parts.length(number), parts.part_size());
                    prop_assert_eq!(parts.range(number).end, parts.range(number + 1).start);
                }
            }
        }
    }

    #[test]
    fn the_size_follows_the_object() {
        let size = |size| Parts::of(size, None).unwrap().part_size();
        assert_eq!(size(20 * MIB), USUAL);
        assert_eq!(size(16_000 * MIB), 16 * MIB);
        assert_eq!(size(100_000 * MIB), 64 * MIB);
        assert_eq!(size(MOST * LARGEST), LARGEST);
        assert_eq!(Parts::of(10, Some(1)).unwrap().part_size(), SMALLEST);
        assert!(Parts::of(MOST * LARGEST + 1, None).is_err());
    }

    #[test]
    fn growing_parts_hold_a_large_object() {
        let all: Vec<u64> = (1..=10_000)
            .map(|number| growing(number, USUAL).unwrap())
            .collect();
        assert!(all.iter().all(|size| (SMALLEST..=LARGEST).contains(size)));
        assert!(all.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!(all[999], USUAL);
        assert_eq!(all[1000], 2 * USUAL);
        // Half of what the service stores.
        assert!(all.iter().sum::<u64>() > MOST * LARGEST / 2);
        assert_eq!(growing(10_001, USUAL), None);
    }
}
