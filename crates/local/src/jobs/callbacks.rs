//! Delivers callbacks, each until its receiver accepts it or the attempts are used up.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{self, JoinSet};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::attempts::Tried;
use crate::fetch::{self, Fetch};
use crate::state::State;
use crate::store::{Callback, Delivery, Store, StoreError, UnderWay};

/// How many callbacks are under way at the same time.
const LIMIT: usize = 64;
/// How many of them go to the same host and port. A receiver that is slow to answer uses up its
/// own places, not those of the others.
const LIMIT_PER_DESTINATION: usize = 4;
/// How often to look for callbacks whose next attempt is due, which gives no signal.
const POLL: Duration = Duration::from_secs(1);
/// How long to wait after each failed attempt but the last, in milliseconds.
const DELAYS: [i64; 2] = [5_000, 30_000];

/// Delivers callbacks until `shutdown`, then lets those under way end within the grace period.
pub(crate) async fn run(state: Arc<State>, shutdown: CancellationToken) {
    let grace = state.settings.shutdown_grace;
    let mut deliveries = Deliveries::new(Arc::clone(&state));
    while !shutdown.is_cancelled() {
        let idle = match deliveries.begin_next().await {
            Ok(begun) => !begun,
            Err(error) => {
                tracing::error!(%error, "cannot begin to deliver a callback");
                true
            }
        };
        if idle {
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = state.store.wait_for_callbacks() => {}
                true = deliveries.settle() => {}
                () = sleep(POLL) => {}
            }
        }
    }
    // What is cut off is delivered again after the next start.
    let _ = timeout(grace, async { while deliveries.settle().await {} }).await;
}

/// The attempts under way.
struct Deliveries {
    state: Arc<State>,
    tasks: JoinSet<()>,
    attempts: HashMap<task::Id, Attempt>,
}

struct Attempt {
    callback: i64,
    destination: String,
}

impl Deliveries {
    fn new(state: Arc<State>) -> Self {
        Self {
            state,
            tasks: JoinSet::new(),
            attempts: HashMap::new(),
        }
    }

    /// Begins one attempt at the callback that is due longest, within the limits, and returns
    /// whether there was one.
    async fn begin_next(&mut self) -> Result<bool, StoreError> {
        if self.attempts.len() >= LIMIT {
            return Ok(false);
        }
        // Twice the time an attempt can take: should its end not be recorded, it is made again.
        let lease = fetch::POST_TIMEOUT.as_millis().saturating_mul(2);
        let lease = i64::try_from(lease).unwrap_or(i64::MAX);
        let under_way = self.under_way();
        let claim = self.state.store.claim_callback(lease, &under_way);
        let Some(callback) = claim.await? else {
            return Ok(false);
        };
        let attempt = Attempt {
            callback: callback.id,
            destination: callback.destination.clone(),
        };
        let state = Arc::clone(&self.state);
        let handle = self.tasks.spawn(async move {
            if let Err(error) = deliver(&state, &callback).await {
                tracing::error!(callback = callback.id, %error, "cannot record the delivery");
            }
        });
        self.attempts.insert(handle.id(), attempt);
        Ok(true)
    }

    fn under_way(&self) -> UnderWay {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for attempt in self.attempts.values() {
            *counts.entry(&attempt.destination).or_default() += 1;
        }
        let full = counts
            .into_iter()
            .filter(|(_, count)| *count >= LIMIT_PER_DESTINATION)
            .map(|(destination, _)| destination.to_owned());
        UnderWay {
            destinations: full.collect(),
            callbacks: self.attempts.values().map(|it| it.callback).collect(),
        }
    }

    /// Waits for the end of one attempt and returns whether there was one.
    async fn settle(&mut self) -> bool {
        let Some(ended) = self.tasks.join_next_with_id().await else {
            return false;
        };
        let id = match &ended {
            Ok((id, ())) => *id,
            Err(error) => error.id(),
        };
        self.attempts.remove(&id);
        true
    }
}

async fn deliver(state: &State, callback: &Callback) -> Result<(), StoreError> {
    let State { store, fetch, .. } = state;
    let delivery = attempt(fetch, callback, store).await;
    let (status, error) = match &delivery {
        Delivery::Accepted { status } => (Some(*status), None),
        Delivery::Retry { status, error, .. } | Delivery::GivenUp { status, error } => {
            (*status, Some(error.clone()))
        }
    };
    state.attempts.push(Tried {
        callback: callback.id,
        number: callback.attempts,
        at: store.now(),
        status,
        error,
    });
    match store.record_delivery(callback, delivery).await {
        // Deleted or sent again meanwhile.
        Err(StoreError::StaleDelivery { .. }) | Ok(()) => Ok(()),
        Err(error) => Err(error),
    }
}

async fn attempt(fetch: &Fetch, callback: &Callback, store: &Store) -> Delivery {
    let body = callback.body.clone();
    let error = match fetch
        .post(&callback.url, &callback.content_type, body)
        .await
    {
        Ok(status) => return Delivery::Accepted { status },
        Err(error) => error,
    };
    let (status, text) = (error.status(), error.to_string());
    tracing::warn!(
        callback = callback.id,
        job = callback.job_id,
        attempt = callback.attempts,
        "the callback was not delivered: {text}"
    );
    let delay = usize::try_from(callback.attempts)
        .ok()
        .and_then(|attempts| DELAYS.get(attempts.checked_sub(1)?))
        .filter(|_| error.is_transient());
    match delay {
        Some(delay) => Delivery::Retry {
            status,
            error: text,
            at: store.now().saturating_add(*delay),
        },
        None => Delivery::GivenUp {
            status,
            error: text,
        },
    }
}

#[cfg(test)]
mod tests;
