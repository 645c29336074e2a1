//! How many objects are selected from at a time.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use tcloud_core::server::Fault;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// So many; others wait for a while.
const AT_A_TIME: usize = 16;
/// For how long.
const PATIENCE: Duration = Duration::from_secs(10);

/// Places for threads that select.
#[derive(Debug)]
pub(crate) struct Places(Arc<Semaphore>);

impl Default for Places {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_A_TIME)))
    }
}

impl Places {
    /// A place, as soon as there is one.
    ///
    /// # Errors
    ///
    /// There is none for a long time: whoever has one may be in no hurry to read.
    pub(super) async fn take(&self) -> Result<OwnedSemaphorePermit, Fault> {
        let place = timeout(PATIENCE, Arc::clone(&self.0).acquire_owned()).await;
        // Nobody closes the semaphore.
        place.ok().and_then(Result::ok).ok_or_else(|| {
            let message = format!(
                "{AT_A_TIME} objects are being selected from, and none was done within {} seconds; try \
                 again later",
                PATIENCE.as_secs()
            );
            Fault::new(StatusCode::SERVICE_UNAVAILABLE, "Busy", message)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{AT_A_TIME, Places};

    #[tokio::test(start_paused = true)]
    async fn whoever_finds_no_place_is_told_so() {
        let places = Places::default();
        let mut taken = Vec::new();
        for _ in 0..AT_A_TIME {
            taken.push(places.take().await.unwrap());
        }
        let fault = places.take().await.unwrap_err();
        assert_eq!((fault.status.as_u16(), fault.code.as_str()), (503, "Busy"));
        taken.pop();
        assert!(places.take().await.is_ok());
    }
}
