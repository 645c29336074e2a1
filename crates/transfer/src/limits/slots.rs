//! Requests at a time.

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::adaptive::Adaptive;

/// The requests that may be under way at a time, for all transfers together.
#[derive(Clone)]
pub(crate) struct Slots(Arc<Shared>);

struct Shared {
    start: Instant,
    state: Mutex<State>,
    freed: Notify,
}

struct State {
    used: usize,
    adaptive: Adaptive,
}

impl Slots {
    /// At first `first` at a time, and never more than `most`.
    pub(crate) fn new(first: usize, most: usize) -> Self {
        Self(Arc::new(Shared {
            start: Instant::now(),
            state: Mutex::new(State {
                used: 0,
                adaptive: Adaptive::new(first, most, std::time::Duration::ZERO),
            }),
            freed: Notify::new(),
        }))
    }

    /// Waits until another request may be made.
    pub(crate) async fn take(&self) -> Slot {
        loop {
            let freed = self.0.freed.notified();
            let mut freed = pin!(freed);
            // Registered before looking, so that no slot that is freed meanwhile is missed.
            freed.as_mut().enable();
            {
                let mut state = self.0.state();
                if state.used < state.adaptive.limit() {
                    state.used = state.used.saturating_add(1);
                    return Slot(self.clone());
                }
                state.adaptive.wanted();
            }
            freed.await;
        }
    }

    /// How many may be under way now.
    pub(crate) fn limit(&self) -> usize {
        self.0.state().adaptive.limit()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to make one request; dropping it gives it back.
pub(crate) struct Slot(Slots);

impl Slot {
    /// The request moved `bytes` and ended well.
    pub(crate) fn ended(&self, bytes: u64) {
        let shared = &self.0.0;
        let mut state = shared.state();
        state.adaptive.ended(bytes, shared.start.elapsed());
    }

    /// The request was refused because there are too many, or took too long.
    pub(crate) fn troubled(&self) {
        let shared = &self.0.0;
        let mut state = shared.state();
        state.adaptive.troubled(shared.start.elapsed());
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let shared = &self.0.0;
        let mut state = shared.state();
        state.used = state.used.saturating_sub(1);
        let free = state.adaptive.limit().saturating_sub(state.used);
        drop(state);
        // The limit may have grown, too.
        (0..free).for_each(|_| shared.freed.notify_one());
    }
}

#[cfg(test)]
mod tests {
    use super::Slots;

    #[tokio::test]
    async fn no_more_than_the_limit_are_taken() {
        let slots = Slots::new(2, 2);
        let (first, _second) = (slots.take().await, slots.take().await);
        let third = tokio::spawn({
            let slots = slots.clone();
            async move { slots.take().await }
        });
        tokio::task::yield_now().await;
        assert!(!third.is_finished());
        drop(first);
        let third = third.await.unwrap();
        drop(third);
        let _fourth = slots.take().await;
    }
}
