//! What tests, here and elsewhere in the crate, do with a store beyond what the cloud does.

use std::path::Path;
use std::sync::Arc;

use crate::clock::{Clock, SystemClock};
use crate::store::callbacks::Callback;
use crate::store::{Queue, Result, Store, buckets, queues};

impl Store {
    /// [`Store::in_folder`] with the clock of the machine.
    pub(crate) async fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::in_folder(path, None, Arc::new(SystemClock)).await
    }

    /// [`Store::in_memory`] with the clock of the machine and without a limit.
    pub(crate) async fn ephemeral() -> Result<Self> {
        Self::ephemeral_with_clock(Arc::new(SystemClock)).await
    }

    /// [`Store::in_memory`] without a limit.
    pub(crate) async fn ephemeral_with_clock(clock: Arc<dyn Clock>) -> Result<Self> {
        Self::in_memory(clock, u64::MAX).await
    }

    /// All callbacks, newest first.
    pub(crate) async fn callbacks(&self) -> Result<Vec<Callback>> {
        let all = sqlx::query_as("SELECT * FROM callbacks ORDER BY id DESC");
        Ok(all.fetch_all(&self.inner.reader).await?)
    }

    /// Creates an active queue for `bucket`, as enabling a processing does.
    pub(crate) async fn create_queue(&self, bucket: &str, kind: &str, name: &str) -> Result<Queue> {
        let mut tx = self.begin_write().await?;
        buckets::find(&mut tx, bucket).await?;
        let queue = queues::insert(&mut tx, bucket, kind, name, self.now()).await?;
        tx.commit().await?;
        Ok(queue)
    }
}
