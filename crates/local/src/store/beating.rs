//! The sign of life of a process that shares its store with others.

use std::sync::Weak;
use std::time::Duration;

use tokio::time::sleep;

use super::handle::{Inner, Store};
use super::signals::Signal;

/// How often a process says that it lives: often enough to miss some within a lease.
const EVERY: Duration = Duration::from_secs(10);
/// How long to wait after the database could not be reached.
const RETRY: Duration = Duration::from_secs(1);

/// Says so until the last handle is dropped, and looks at once where the cloud's clock was put
/// ahead.
pub(super) async fn keep(inner: Weak<Inner>) {
    let mut pause = EVERY;
    loop {
        let Some(signals) = inner.upgrade().map(|inner| inner.signals.clone()) else {
            return;
        };
        let lease = inner.upgrade().map_or(i64::MAX, |inner| inner.lease);
        let often = Duration::from_millis(u64::try_from(lease / 6).unwrap_or_default());
        tokio::select! {
            () = sleep(pause.min(often)) => {}
            () = signals.wait(Signal::Clock) => {}
        }
        let Some(inner) = inner.upgrade() else {
            return;
        };
        pause = match (Store { inner }).beat().await {
            Ok(()) => EVERY,
            Err(error) => {
                tracing::warn!(%error, "this process could not say that it lives");
                RETRY
            }
        };
    }
}
