//! The time of this machine.

use std::hash::{BuildHasher, Hasher};
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::surroundings::Environment;
use crate::future::BoxFuture;

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

    fn monotonic(&self) -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed()
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
    use std::sync::{Arc, Mutex, PoisonError};
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
