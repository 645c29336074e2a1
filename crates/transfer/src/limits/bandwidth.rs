//! Bytes a second.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// As much may go at once after a pause.
const BURST: Duration = Duration::from_millis(100);

/// Bytes a second, for all transfers together, up and down.
#[derive(Debug, Clone)]
pub(crate) struct Bandwidth(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    rate: u64,
    /// When all that was let through so far has had its time.
    paid: Mutex<Instant>,
}

impl Bandwidth {
    /// At most `rate` bytes a second.
    pub(crate) fn new(rate: u64) -> Self {
        Self(Arc::new(Shared {
            rate: rate.max(1),
            paid: Mutex::new(Instant::now()),
        }))
    }

    /// When `bytes` may move. They count from now on, in the order of the calls.
    pub(crate) fn reserve(&self, bytes: u64) -> Instant {
        let now = Instant::now();
        let earliest = now.checked_sub(BURST).unwrap_or(now);
        let cost = Duration::from_secs_f64(to_f64(bytes) / to_f64(self.0.rate));
        let mut paid = self.0.paid.lock().unwrap_or_else(PoisonError::into_inner);
        let start = (*paid).max(earliest);
        *paid = start.checked_add(cost).unwrap_or(start);
        start
    }
}

#[expect(clippy::cast_precision_loss, reason = "a time need not be exact")]
fn to_f64(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Bandwidth;

    #[tokio::test(start_paused = true)]
    async fn bytes_take_their_time() {
        let bandwidth = Bandwidth::new(1000);
        let begun = Instant::now();
        for _ in 0..10 {
            tokio::time::sleep_until(bandwidth.reserve(1000)).await;
        }
        // The last one pays for itself afterwards, and 100 ms of burst are free.
        let took = begun.elapsed();
        assert!((8_900..=9_100).contains(&took.as_millis()), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_is_no_credit() {
        let bandwidth = Bandwidth::new(1000);
        tokio::time::sleep(Duration::from_secs(60)).await;
        let begun = Instant::now();
        for _ in 0..10 {
            tokio::time::sleep_until(bandwidth.reserve(1000)).await;
        }
        assert!(begun.elapsed() >= Duration::from_millis(8_890));
    }
}
