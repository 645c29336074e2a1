//! What the services share.

use crate::fetch::Fetch;
use crate::store::Store;
use crate::{LocalError, Settings};

/// Everything a service, a worker or a page needs to do its work.
#[derive(Debug)]
pub(crate) struct State {
    /// Buckets, objects, jobs and callbacks.
    pub(crate) store: Store,
    /// How this cloud was started.
    pub(crate) settings: Settings,
    /// The only way out to the network.
    pub(crate) fetch: Fetch,
}

impl State {
    /// The state of a cloud that keeps its facts in `store`.
    ///
    /// # Errors
    ///
    /// [`LocalError::Fetch`].
    pub(crate) fn new(store: Store, settings: Settings) -> Result<Self, LocalError> {
        let fetch = Fetch::new(settings.allow_private_addresses)
            .map_err(|error| LocalError::Fetch(error.into()))?;
        Ok(Self {
            store,
            settings,
            fetch,
        })
    }

    /// The time of the store's clock, in Unix seconds.
    pub(crate) fn unix_seconds(&self) -> i64 {
        self.store.now().div_euclid(1000)
    }
}
