//! Time for tests.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::surroundings::Environment;
use crate::future::BoxFuture;

/// A clock that the test moves.
///
/// Of a [`new`](Self::new) one, a sleep passes at once and takes the clock along: fit for tests in
/// which nothing happens at the same time. Of a [`standing`](Self::standing) one, sleeps wait until
/// the test lets time pass by [`advance`](Self::advance): so timeouts can be tested to the
/// millisecond, with real waiting and without any.
///
/// ```
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// use std::time::Duration;
/// use tcloud_core::environment::{Environment, Manual};
///
/// let clock = Manual::standing(1_700_000_000_000);
/// let sleep = tokio::spawn(clock.sleep(Duration::from_secs(20)));
/// clock.asleep(1).await;
/// assert_eq!(clock.next(), Some(Duration::from_secs(20)));
/// clock.advance(Duration::from_secs(20));
/// sleep.await.unwrap();
/// assert_eq!(clock.now(), 1_700_000_020_000);
/// # });
/// ```
#[derive(Clone)]
pub struct Manual(Arc<Mutex<State>>);

struct State {
    /// What the clock showed at first, in milliseconds since the Unix epoch.
    start: i64,
    elapsed: Duration,
    /// Whether time passes by `advance` alone.
    stands: bool,
    /// Of a clock that does not stand.
    slept: Vec<Duration>,
    /// By a number of each sleep: when it ends, and whom to wake.
    sleepers: BTreeMap<u64, (Duration, Waker)>,
    /// The number of the next sleep.
    next: u64,
    /// Those who wait for others to sleep.
    watchers: Vec<Waker>,
}

impl Manual {
    /// A clock that shows `now`, in milliseconds since the Unix epoch, and whose sleeps pass at
    /// once.
    pub fn new(now: i64) -> Self {
        Self::starting(now, false)
    }

    /// A clock that shows `now`, in milliseconds since the Unix epoch, until it is moved.
    pub fn standing(now: i64) -> Self {
        Self::starting(now, true)
    }

    fn starting(start: i64, stands: bool) -> Self {
        Self(Arc::new(Mutex::new(State {
            start,
            elapsed: Duration::ZERO,
            stands,
            slept: Vec::new(),
            sleepers: BTreeMap::new(),
            next: 0,
            watchers: Vec::new(),
        })))
    }

    /// All sleeps so far that passed at once.
    pub fn slept(&self) -> Vec<Duration> {
        self.state().slept.clone()
    }

    /// Lets `duration` pass, and wakes the sleeps that end by then.
    pub fn advance(&self, duration: Duration) {
        let mut state = self.state();
        state.elapsed = state.elapsed.saturating_add(duration);
        let now = state.elapsed;
        let mut due: Vec<Waker> = Vec::new();
        state.sleepers.retain(|_, (end, waker)| {
            if *end <= now {
                due.push(waker.clone());
            }
            *end > now
        });
        drop(state);
        due.into_iter().for_each(Waker::wake);
    }

    /// How long until the first of the sleeps under way ends.
    pub fn next(&self) -> Option<Duration> {
        let state = self.state();
        let first = state.sleepers.values().map(|(end, _)| *end).min()?;
        Some(first.saturating_sub(state.elapsed))
    }

    /// Waits until at least `count` sleeps are under way.
    pub async fn asleep(&self, count: usize) {
        std::future::poll_fn(|context| {
            let mut state = self.state();
            if state.sleepers.len() >= count {
                return Poll::Ready(());
            }
            state.watchers.push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Environment for Manual {
    fn now(&self) -> i64 {
        let state = self.state();
        let elapsed = i64::try_from(state.elapsed.as_millis()).unwrap_or(i64::MAX);
        state.start.saturating_add(elapsed)
    }

    fn monotonic(&self) -> Duration {
        self.state().elapsed
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(Sleep {
            clock: self.clone(),
            duration,
            under_way: None,
        })
    }

    fn random(&self) -> u64 {
        u64::MAX
    }
}

/// A sleep. It starts when it is waited for, not when it is made.
struct Sleep {
    clock: Manual,
    duration: Duration,
    /// Its number and its end.
    under_way: Option<(u64, Duration)>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let mut state = this.clock.state();
        let (number, end) = if let Some(under_way) = this.under_way {
            under_way
        } else {
            let number = state.next;
            state.next = number.wrapping_add(1);
            let end = state.elapsed.saturating_add(this.duration);
            if !state.stands {
                state.elapsed = end;
                state.slept.push(this.duration);
            }
            *this.under_way.insert((number, end))
        };
        if state.elapsed >= end {
            return Poll::Ready(());
        }
        let waker = context.waker().clone();
        state.sleepers.insert(number, (end, waker));
        let watchers = std::mem::take(&mut state.watchers);
        drop(state);
        watchers.into_iter().for_each(Waker::wake);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some((number, _)) = self.under_way {
            self.clock.state().sleepers.remove(&number);
        }
    }
}

impl fmt::Debug for Manual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Manual")
            .field("start", &state.start)
            .field("elapsed", &state.elapsed)
            .field("stands", &state.stands)
            .field("sleepers", &state.sleepers.len())
            .finish_non_exhaustive()
    }
}
