//! Delivers callbacks, each until its receiver accepts it or the attempts are used up.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::fetch::{self, Fetch};
use crate::state::State;
use crate::store::{Callback, Delivery, Store, StoreError};

/// How many callbacks are under way at the same time.
const SENDERS: usize = 4;
/// How often to look for callbacks whose next attempt has come, which gives no signal.
const POLL: Duration = Duration::from_secs(1);
/// How long to wait after each failed attempt but the last, in milliseconds.
const DELAYS: [i64; 2] = [5_000, 30_000];

/// Delivers callbacks until `shutdown`, then waits for those under way.
pub(crate) async fn run(state: Arc<State>, shutdown: CancellationToken) {
    let (store, fetch) = (&state.store, &state.fetch);
    join_all((0..SENDERS).map(|_| send(store, fetch, &shutdown))).await;
}

async fn send(store: &Store, fetch: &Fetch, shutdown: &CancellationToken) {
    while !shutdown.is_cancelled() {
        match deliver_next(store, fetch).await {
            Ok(true) => {}
            Ok(false) => tokio::select! {
                () = shutdown.cancelled() => {}
                () = store.wait_for_callbacks() => {}
                () = sleep(POLL) => {}
            },
            Err(error) => {
                tracing::error!(%error, "cannot deliver a callback");
                tokio::select! {
                    () = shutdown.cancelled() => {}
                    () = sleep(POLL) => {}
                }
            }
        }
    }
}

/// Makes one attempt at the callback that is due longest and tells whether there was one.
async fn deliver_next(store: &Store, fetch: &Fetch) -> Result<bool, StoreError> {
    // Twice the time an attempt can take: an attempt that is under way is not begun again.
    let lease = i64::try_from(fetch::TIMEOUT.as_millis().saturating_mul(2)).unwrap_or(i64::MAX);
    let Some(callback) = store.claim_callback(lease).await? else {
        return Ok(false);
    };
    let delivery = attempt(fetch, &callback, store).await;
    match store.record_delivery(&callback, delivery).await {
        // Redelivered by hand meanwhile: the later attempt is recorded.
        Err(StoreError::StaleDelivery { .. }) | Ok(()) => Ok(true),
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
