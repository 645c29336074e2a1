//! Clock, sleep and chance, injected so that tests need no time.

use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::future::BoxFuture;

/// What a call needs of the world besides a transport.
pub trait Environment: Send + Sync + fmt::Debug {
    /// Milliseconds since the Unix epoch.
    fn now(&self) -> i64;

    /// Ends after `duration`.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;

    /// A number anywhere in its range, for jitter: no secret depends on it.
    fn random(&self) -> u64;
}

/// The system's clock. Sleeps on the Tokio timer where the feature `reqwest` brings Tokio, and on
/// a thread of its own otherwise, so that any executor will do.
#[derive(Debug, Default, Clone, Copy)]
pub struct System;

impl Environment for System {
    fn now(&self) -> i64 {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .ok()
            .and_then(|elapsed| i64::try_from(elapsed.as_millis()).ok())
            .unwrap_or_default()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        #[cfg(feature = "reqwest")]
        return Box::pin(async move { tokio::time::sleep(duration).await });
        #[cfg(not(feature = "reqwest"))]
        return Box::pin(on_a_thread(duration));
    }

    fn random(&self) -> u64 {
        // Every `RandomState` is keyed anew.
        std::hash::RandomState::new().build_hasher().finish()
    }
}

/// Sleeps on a thread, started when first polled.
#[cfg(not(feature = "reqwest"))]
async fn on_a_thread(duration: Duration) {
    use std::task::{Poll, Waker};

    #[derive(Default)]
    struct Alarm {
        rung: bool,
        waker: Option<Waker>,
    }
    let alarm: Arc<Mutex<Alarm>> = Arc::default();
    let mut started = false;
    std::future::poll_fn(|context| {
        let mut state = alarm.lock().unwrap_or_else(PoisonError::into_inner);
        if state.rung {
            return Poll::Ready(());
        }
        state.waker = Some(context.waker().clone());
        if !started {
            started = true;
            let alarm = Arc::clone(&alarm);
            std::thread::spawn(move || {
                std::thread::sleep(duration);
                let mut state = alarm.lock().unwrap_or_else(PoisonError::into_inner);
                state.rung = true;
                if let Some(waker) = state.waker.take() {
                    waker.wake();
                }
            });
        }
        Poll::Pending
    })
    .await;
}

/// A clock that stands still but for sleeps, which pass at once: for tests.
#[derive(Debug, Clone)]
pub struct Manual {
    now: Arc<Mutex<i64>>,
    slept: Arc<Mutex<Vec<Duration>>>,
}

impl Manual {
    /// A clock that shows `now`, in milliseconds since the Unix epoch.
    pub fn new(now: i64) -> Self {
        Self {
            now: Arc::new(Mutex::new(now)),
            slept: Arc::default(),
        }
    }

    /// All sleeps so far.
    pub fn slept(&self) -> Vec<Duration> {
        self.slept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Environment for Manual {
    fn now(&self) -> i64 {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let this = self.clone();
        // The clock moves when the sleep is waited for, not when it is made.
        Box::pin(async move {
            let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
            let mut now = this.now.lock().unwrap_or_else(PoisonError::into_inner);
            *now = now.saturating_add(millis);
            this.slept
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(duration);
        })
    }

    fn random(&self) -> u64 {
        u64::MAX
    }
}
