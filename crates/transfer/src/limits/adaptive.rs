//! How many requests at a time are best, found by trying.

use std::time::Duration;

/// A request costs about as much as these bytes: what makes many small objects comparable with one
/// large object.
const REQUEST: u64 = 64 * 1024;
/// No window is shorter, or chance would decide.
const WINDOW: Duration = Duration::from_millis(250);
/// More work a second than this share of the best so far is an improvement.
const BETTER: f64 = 1.05;
/// Less than this share means that the best so far is no longer what the network gives.
const WORSE: f64 = 0.7;
/// Windows without an improvement until one more is tried.
const PATIENCE: u32 = 6;
/// Trouble within this time of the last is the same trouble.
const SAME_TROUBLE: Duration = Duration::from_secs(1);

/// The number of requests that may be under way. It grows while that moves more, and is halved when
/// the service or the network is in trouble.
#[derive(Debug)]
pub(super) struct Adaptive {
    limit: usize,
    most: usize,
    /// When the window began, and what has been done in it.
    since: Duration,
    work: u64,
    ended: usize,
    /// Whether a request had to wait for another one to end.
    wanted: bool,
    best: f64,
    without_better: u32,
    trouble: Option<Duration>,
}

impl Adaptive {
    pub(super) fn new(first: usize, most: usize, now: Duration) -> Self {
        let most = most.max(1);
        Self {
            limit: first.clamp(1, most),
            most,
            since: now,
            work: 0,
            ended: 0,
            wanted: false,
            best: 0.0,
            without_better: 0,
            trouble: None,
        }
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// A request waits for its turn.
    pub(super) fn wanted(&mut self) {
        self.wanted = true;
    }

    /// A request that moved `bytes` has ended well.
    pub(super) fn ended(&mut self, bytes: u64, now: Duration) {
        self.work = self.work.saturating_add(bytes).saturating_add(REQUEST);
        self.ended = self.ended.saturating_add(1);
        let elapsed = now.saturating_sub(self.since);
        if elapsed < WINDOW || self.ended < self.limit {
            return;
        }
        // What nobody waited for says nothing about the limit.
        if self.wanted {
            #[expect(clippy::cast_precision_loss, reason = "a rate need not be exact")]
            self.judge(self.work as f64 / elapsed.as_secs_f64());
        }
        self.begin(now);
    }

    /// The service asked for fewer requests, or one took too long.
    pub(super) fn troubled(&mut self, now: Duration) {
        let is_same = |last| now.saturating_sub(last) < SAME_TROUBLE;
        if self.trouble.is_some_and(is_same) {
            return;
        }
        self.trouble = Some(now);
        self.limit = (self.limit / 2).max(1);
        self.best = 0.0;
        self.without_better = 0;
        self.begin(now);
    }

    fn judge(&mut self, rate: f64) {
        if rate > self.best * BETTER {
            self.best = rate;
            self.without_better = 0;
            self.grow((self.limit / 4).max(1));
        } else if rate < self.best * WORSE {
            self.best = rate;
            self.without_better = 0;
        } else {
            self.without_better = self.without_better.saturating_add(1);
            if self.without_better >= PATIENCE {
                self.without_better = 0;
                self.grow(1);
            }
        }
    }

    fn grow(&mut self, by: usize) {
        self.limit = self.limit.saturating_add(by).min(self.most);
    }

    fn begin(&mut self, now: Duration) {
        self.since = now;
        self.work = 0;
        self.ended = 0;
        self.wanted = false;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Adaptive;

    /// Lets `limit` requests run at a time, of which the network carries `best` at full speed, for
    /// `rounds` rounds of a second.
    fn run(adaptive: &mut Adaptive, best: u64, rounds: u32, from: u64) -> u64 {
        let mut second = from;
        for _ in 0..rounds {
            second += 1;
            let limit = adaptive.limit() as u64;
            let moved = limit.min(best) * 10_000_000;
            adaptive.wanted();
            for _ in 0..limit {
                adaptive.ended(moved / limit, Duration::from_secs(second));
            }
        }
        second
    }

    #[test]
    fn it_grows_while_more_is_moved() {
        let mut adaptive = Adaptive::new(4, 64, Duration::ZERO);
        run(&mut adaptive, 16, 30, 0);
        assert!(
            (16..=28).contains(&adaptive.limit()),
            "{}",
            adaptive.limit()
        );
        run(&mut adaptive, 1000, 100, 30);
        assert_eq!(adaptive.limit(), 64);
    }

    #[test]
    fn trouble_halves_it_once() {
        let mut adaptive = Adaptive::new(16, 16, Duration::ZERO);
        for millis in [0, 10, 20, 900] {
            adaptive.troubled(Duration::from_millis(millis));
        }
        assert_eq!(adaptive.limit(), 8);
        for second in 2..10 {
            adaptive.troubled(Duration::from_secs(second));
        }
        assert_eq!(adaptive.limit(), 1);
        run(&mut adaptive, 1000, 60, 10);
        assert_eq!(adaptive.limit(), 16);
    }

    #[test]
    fn what_nobody_waits_for_does_not_grow() {
        let mut adaptive = Adaptive::new(4, 64, Duration::ZERO);
        for second in 1..50 {
            (0..4).for_each(|_| adaptive.ended(1 << second.min(30), Duration::from_secs(second)));
        }
        assert_eq!(adaptive.limit(), 4);
    }
}
