//! How far transfers have come.

mod meter;
mod rate;

use std::time::Duration;

pub(crate) use self::meter::{Meter, OnProgress, Share};

/// How far a transfer has come, or all transfers of a folder together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes that have moved, [`resumed`](Self::resumed) ones included. Bytes of an attempt that
    /// failed are taken off again.
    pub bytes: u64,
    /// Bytes in all, where that is known.
    pub total: Option<u64>,
    /// Bytes of `bytes` that an earlier, interrupted transfer had moved.
    pub resumed: u64,
    /// Parts that are done; an object in one piece is one part.
    pub parts: u64,
    /// Parts in all, where that is known.
    pub total_parts: Option<u64>,
    /// Bytes a second, lately.
    pub rate: u64,
    /// How long the rest takes at this rate.
    pub left: Option<Duration>,
    /// How long it has taken so far.
    pub elapsed: Duration,
}

impl Progress {
    /// The share that is done, between 0 and 1, where the whole is known.
    #[expect(clippy::cast_precision_loss, reason = "a share need not be exact")]
    pub fn share(&self) -> Option<f64> {
        let total = self.total?;
        Some(if total == 0 {
            1.0
        } else {
            (self.bytes as f64 / total as f64).min(1.0)
        })
    }
}
