//! A rate of requests that follows what a service allows: additive increase, multiplicative
//! decrease.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How the rate of a client's requests follows what a service allows:
/// [`ConfigBuilder::adaptive_rate`].
///
/// Nothing is limited until the service refuses a request because there are too many (`SlowDown`,
/// `RequestLimitExceeded`, 429). Then attempts are begun at an even pace, at first at a part of the
/// rate at which they were begun before. While the service takes them, the rate grows by so many
/// requests a second each second; each refusal takes it down again. What was under way when the rate
/// was taken down takes it down no further.
///
/// ```
/// use tcloud_core::config::Config;
/// use tcloud_core::rate::AdaptiveRate;
///
/// let config = Config::builder().adaptive_rate(AdaptiveRate::default());
/// ```
///
/// [`ConfigBuilder::adaptive_rate`]: crate::config::ConfigBuilder::adaptive_rate
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct AdaptiveRate {
    /// What is left of the rate after a refusal: between 0 and 1.
    pub decrease: f64,
    /// By how many requests a second it grows each second.
    pub increase: f64,
    /// The least rate, in requests a second.
    pub least: f64,
}

impl Default for AdaptiveRate {
    /// Down to 70 %, one request a second more each second, at least one in two seconds.
    fn default() -> Self {
        Self {
            decrease: 0.7,
            increase: 1.0,
            least: 0.5,
        }
    }
}

impl AdaptiveRate {
    /// The same with another part of the rate that is left after a refusal, between 0 and 1.
    pub fn decrease(mut self, part: f64) -> Self {
        self.decrease = part;
        self
    }

    /// The same with another growth, in requests a second each second.
    pub fn increase(mut self, rate: f64) -> Self {
        self.increase = rate;
        self
    }

    /// The same with another least rate, in requests a second.
    pub fn least(mut self, rate: f64) -> Self {
        self.least = rate;
        self
    }
}

/// Paces the attempts of a client. All times are those of the environment's monotonic clock.
#[derive(Debug)]
pub(crate) struct Pacer {
    settings: AdaptiveRate,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Requests a second; `None` until the service has refused one.
    rate: Option<f64>,
    /// When the next attempt may begin.
    next: Duration,
    /// When the rate was last taken down.
    taken_down: Option<Duration>,
    /// The second that is counted, and the attempts begun in it and in the one before.
    second: u64,
    begun: u32,
    begun_before: u32,
}

impl Pacer {
    pub(crate) fn new(settings: AdaptiveRate) -> Self {
        Self {
            settings,
            state: Mutex::default(),
        }
    }

    /// Takes a place for an attempt, and says how long to wait for it.
    pub(crate) fn take(&self, now: Duration) -> Duration {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let start = match state.rate {
            Some(rate) => {
                let start = state.next.max(now);
                state.next = start.saturating_add(interval(rate));
                start
            }
            None => now,
        };
        state.count(start);
        start.saturating_sub(now)
    }

    /// The service took a request.
    pub(crate) fn taken(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // One request in `1 / rate` seconds.
        let growth = self.settings.increase.max(0.0);
        state.rate = state.rate.map(|rate| rate + growth / rate);
    }

    /// At `now` the service refused a request that was begun at `begun`, because there are too many.
    pub(crate) fn refused(&self, begun: Duration, now: Duration) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state
            .taken_down
            .is_some_and(|taken_down| begun < taken_down)
        {
            return;
        }
        let seen = f64::from(state.begun.max(state.begun_before));
        let rate = state.rate.map_or(seen, |rate| rate.min(seen.max(1.0)));
        let least = self.settings.least.max(f64::EPSILON);
        let rate = (rate * self.settings.decrease.clamp(0.0, 1.0)).max(least);
        state.rate = Some(rate);
        state.taken_down = Some(now);
        state.next = now.saturating_add(interval(rate));
    }
}

impl State {
    fn count(&mut self, start: Duration) {
        let second = start.as_secs();
        if second != self.second {
            let follows = second == self.second.saturating_add(1);
            self.begun_before = if follows { self.begun } else { 0 };
            self.begun = 0;
            self.second = second;
        }
        self.begun = self.begun.saturating_add(1);
    }
}

/// The time from one request to the next.
fn interval(rate: f64) -> Duration {
    Duration::try_from_secs_f64(rate.recip()).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn millis(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    #[test]
    fn nothing_waits_until_a_service_refuses() {
        let pacer = Pacer::new(AdaptiveRate::default());
        for at in 0..1_000 {
            assert_eq!(pacer.take(millis(at)), Duration::ZERO);
            pacer.taken();
        }
    }

    #[test]
    fn the_rate_falls_to_a_part_of_what_it_was_and_grows_by_so_much_a_second() {
        let pacer = Pacer::new(AdaptiveRate::default().decrease(0.5));
        for _ in 0..20 {
            pacer.take(millis(100));
        }
        pacer.refused(millis(100), millis(200));
        // Ten a second.
        assert_eq!(pacer.take(millis(200)), millis(100));
        assert_eq!(pacer.take(millis(200)), millis(200));
        // What was begun before counts once.
        pacer.refused(millis(100), millis(250));
        assert_eq!(pacer.take(millis(300)), millis(200));
        // A second's worth of successes is one more a second.
        for _ in 0..10 {
            pacer.taken();
        }
        let rate = pacer.state.lock().unwrap().rate.unwrap();
        assert!((10.9..11.0).contains(&rate), "{rate}");
    }

    #[test]
    fn a_service_that_refuses_everything_is_asked_at_the_least_rate() {
        let pacer = Pacer::new(AdaptiveRate::default());
        let mut now = Duration::ZERO;
        for _ in 0..50 {
            now += pacer.take(now);
            pacer.refused(now, now);
        }
        assert_eq!(pacer.take(now), millis(2_000));
    }

    /// A service that takes ten requests a second, asked by a client that would send without end.
    #[test]
    fn the_rate_settles_about_what_a_service_takes() {
        let pacer = Pacer::new(AdaptiveRate::default());
        let mut now = Duration::ZERO;
        let (mut second, mut in_it, mut taken, mut refused) = (0, 0, 0, 0);
        while now < Duration::from_secs(300) {
            now += pacer.take(now) + millis(1);
            if now.as_secs() != second {
                (second, in_it) = (now.as_secs(), 0);
            }
            in_it += 1;
            if in_it > 10 {
                refused += 1;
                pacer.refused(now, now);
            } else {
                taken += 1;
                pacer.taken();
            }
        }
        assert!(taken > 2_200, "{taken} of 3,000 taken");
        assert!(refused * 20 < taken, "{refused} refused, {taken} taken");
    }
}
