//! Counting what moves, and telling whoever wants to know.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Progress;
use super::rate::Rate;

/// An observer is called no more often than this, but for the last time.
const INTERVAL: Duration = Duration::from_millis(100);

/// What is called with the progress.
pub(crate) type OnProgress = Arc<dyn Fn(&Progress) + Send + Sync>;

/// Counts what moves. Clones count together.
#[derive(Clone)]
pub(crate) struct Meter(Arc<Shared>);

struct Shared {
    /// The meter of all transfers that this one is among.
    parent: Option<Meter>,
    observer: Option<OnProgress>,
    start: Instant,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    bytes: u64,
    total: Option<u64>,
    resumed: u64,
    parts: u64,
    total_parts: Option<u64>,
    rate: Rate,
    told: Option<Duration>,
}

impl Meter {
    pub(crate) fn new(observer: Option<OnProgress>, parent: Option<Self>) -> Self {
        Self(Arc::new(Shared {
            parent,
            observer,
            start: Instant::now(),
            state: Mutex::default(),
        }))
    }

    /// What is to move in all, in this many parts.
    pub(crate) fn expect(&self, total: Option<u64>, parts: Option<u64>) {
        self.change(true, |state| {
            state.total = total;
            state.total_parts = parts;
        });
    }

    /// `bytes` in one part need not move, since they have before.
    pub(crate) fn resume(&self, bytes: u64) {
        self.each(true, |state| {
            state.bytes = state.bytes.saturating_add(bytes);
            state.resumed = state.resumed.saturating_add(bytes);
            state.parts = state.parts.saturating_add(1);
        });
    }

    /// A part is done.
    pub(crate) fn part(&self) {
        self.each(false, |state| state.parts = state.parts.saturating_add(1));
    }

    /// What has moved so far has to move again.
    pub(crate) fn restart(&self) {
        let (bytes, parts, resumed) = {
            let state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
            (state.bytes, state.parts, state.resumed)
        };
        self.each(false, |state| {
            state.bytes = state.bytes.saturating_sub(bytes);
            state.parts = state.parts.saturating_sub(parts);
            state.resumed = state.resumed.saturating_sub(resumed);
        });
    }

    /// The progress now, reported whatever was reported before.
    pub(crate) fn finish(&self) -> Progress {
        self.change(true, |_| {})
    }

    /// One part's share of what moves.
    pub(crate) fn share(&self) -> Share {
        Share(Arc::new((self.clone(), AtomicU64::new(0))))
    }

    fn add(&self, bytes: u64) {
        self.each(false, |state| {
            state.bytes = state.bytes.saturating_add(bytes);
        });
    }

    fn subtract(&self, bytes: u64) {
        if bytes > 0 {
            self.each(false, |state| {
                state.bytes = state.bytes.saturating_sub(bytes);
            });
        }
    }

    /// Changes this meter and those above it.
    fn each(&self, tells: bool, change: impl Fn(&mut State)) {
        self.change(tells, &change);
        let mut parent = self.0.parent.as_ref();
        while let Some(meter) = parent {
            meter.change(false, &change);
            parent = meter.0.parent.as_ref();
        }
    }

    fn change(&self, tells: bool, change: impl FnOnce(&mut State)) -> Progress {
        let now = self.0.start.elapsed();
        let progress = {
            let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
            change(&mut state);
            let is_due = |told| now.saturating_sub(told) >= INTERVAL;
            if !tells && !state.told.is_none_or(is_due) {
                return Progress::default();
            }
            state.told = Some(now);
            state.progress(now)
        };
        if let Some(observer) = &self.0.observer {
            observer(&progress);
        }
        progress
    }
}

impl State {
    fn progress(&mut self, now: Duration) -> Progress {
        let moved = self.bytes.saturating_sub(self.resumed);
        let rate = self.rate.measure(moved, now);
        let rest = self.total.map(|total| total.saturating_sub(self.bytes));
        let left = rest.filter(|_| rate > 0).map(|rest| {
            Duration::from_millis(rest.saturating_mul(1000).checked_div(rate).unwrap_or(0))
        });
        Progress {
            bytes: self.bytes,
            total: self.total,
            resumed: self.resumed,
            parts: self.parts,
            total_parts: self.total_parts,
            rate,
            left,
            elapsed: now,
        }
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meter")
    }
}

/// One part's share of what moves: an attempt that is begun again takes off what the last one
/// moved.
#[derive(Debug, Clone)]
pub(crate) struct Share(Arc<(Meter, AtomicU64)>);

impl Share {
    pub(crate) fn add(&self, bytes: u64) {
        self.0.1.fetch_add(bytes, Ordering::Relaxed);
        self.0.0.add(bytes);
    }

    /// Nothing of this part has moved yet.
    pub(crate) fn restart(&self) {
        let moved = self.0.1.swap(0, Ordering::Relaxed);
        self.0.0.subtract(moved);
    }

    /// The part is done.
    pub(crate) fn done(&self) {
        self.0.0.part();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use super::{Meter, Progress};

    #[tokio::test(start_paused = true)]
    async fn attempts_that_fail_are_taken_off() {
        let told = Arc::new(Mutex::new(Vec::<Progress>::new()));
        let whole = Meter::new(None, None);
        let meter = Meter::new(
            Some(Arc::new({
                let told = Arc::clone(&told);
                move |progress: &Progress| told.lock().unwrap().push(progress.clone())
            })),
            Some(whole.clone()),
        );
        meter.expect(Some(400), Some(3));
        meter.resume(100);
        let share = meter.share();
        share.add(150);
        share.restart();
        share.add(200);
        share.done();
        tokio::time::advance(Duration::from_secs(2)).await;
        let progress = meter.finish();
        assert_eq!((progress.bytes, progress.resumed), (300, 100));
        assert_eq!((progress.parts, progress.total_parts), (2, Some(3)));
        assert_eq!(progress.share(), Some(0.75));
        assert!(progress.rate > 0 && progress.left.is_some());
        assert_eq!(whole.finish().bytes, 300);
        // Not for each change: what is expected, what is resumed, and the end.
        assert_eq!(told.lock().unwrap().len(), 3);

        meter.restart();
        assert_eq!(meter.finish().bytes, 0);
        assert_eq!(whole.finish().bytes, 0);
    }
}
