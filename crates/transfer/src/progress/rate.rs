//! Bytes a second, lately.

use std::time::Duration;

/// What is older than this hardly counts.
const MEMORY: f64 = 3.0;
/// Before this, the average since the start is the better guess.
const WARM: Duration = Duration::from_secs(1);

/// A rate that forgets what is long ago.
#[derive(Debug, Default)]
pub(super) struct Rate {
    at: Duration,
    bytes: u64,
    lately: f64,
}

impl Rate {
    /// In all, `bytes` have moved at `now`.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate need not be exact, and is not negative"
    )]
    pub(super) fn measure(&mut self, bytes: u64, now: Duration) -> u64 {
        let elapsed = now.saturating_sub(self.at).as_secs_f64();
        if elapsed > 0.0 {
            let moved = bytes.saturating_sub(self.bytes) as f64 / elapsed;
            if now < WARM {
                self.lately = bytes as f64 / now.as_secs_f64();
            } else {
                let weight = 1.0 - (-elapsed / MEMORY).exp();
                self.lately += (moved - self.lately) * weight;
            }
            self.at = now;
            self.bytes = bytes;
        }
        self.lately.max(0.0) as u64
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Rate;

    #[test]
    fn it_follows_what_moves_now() {
        let mut rate = Rate::default();
        let mut bytes = 0;
        let mut run = |from: u64, to: u64, step: u64| {
            let mut last = 0;
            for tenth in from * 10..to * 10 {
                bytes += step;
                last = rate.measure(bytes, Duration::from_millis(100 * (tenth + 1)));
            }
            last
        };
        let fast = run(0, 20, 1000);
        assert!((9_900..=10_100).contains(&fast), "{fast}");
        let slow = run(20, 40, 100);
        assert!((990..=1_100).contains(&slow), "{slow}");
        assert!(run(40, 80, 0) < 10);
    }
}
