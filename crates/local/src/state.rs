//! What the services share.

use crate::Settings;
use crate::fetch::Fetch;
use crate::store::Store;

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
    /// The time of the store's clock, in Unix seconds.
    pub(crate) fn unix_seconds(&self) -> i64 {
        self.store.now().div_euclid(1000)
    }
}
