//! What tests, here and elsewhere in the crate, do with a store beyond what the cloud does.

use std::path::Path;
use std::sync::Arc;

use crate::clock::{Clock, SystemClock};
use crate::store::callback::Callback;
use crate::store::sql::sql;
use crate::store::{Queue, Result, Store, buckets, queues};

impl Store {
    /// [`Store::in_folder`] with the clock of the machine.
    pub(crate) async fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::in_folder(path, None, Arc::new(SystemClock), true).await
    }

    /// [`Store::in_memory`] with the clock of the machine and without a limit.
    pub(crate) async fn ephemeral() -> Result<Self> {
        Self::ephemeral_with_clock(Arc::new(SystemClock)).await
    }

    /// [`Store::in_memory`] without a limit.
    pub(crate) async fn ephemeral_with_clock(clock: Arc<dyn Clock>) -> Result<Self> {
        Self::in_memory(clock, u64::MAX).await
    }

    /// Waits until what was done so far is durable, and seen by all who read.
    pub(crate) async fn settle(&self) {
        let tx = self.write().await.unwrap();
        tx.end(Ok(())).await.unwrap();
    }

    /// How many objects have their content with the rows.
    pub(crate) async fn inline_contents(&self) -> usize {
        let count = sql("SELECT count(*) FROM contents");
        let count: i64 = count
            .scalar(&mut self.connect().await.unwrap())
            .await
            .unwrap();
        count.try_into().unwrap()
    }

    /// All callbacks, newest first.
    pub(crate) async fn callbacks(&self) -> Result<Vec<Callback>> {
        let all = sql("SELECT * FROM callbacks ORDER BY id DESC");
        all.all(&mut self.connect().await?).await
    }

    /// Creates an active queue for `bucket`, as enabling a processing does.
    pub(crate) async fn create_queue(&self, bucket: &str, kind: &str, name: &str) -> Result<Queue> {
        let mut tx = self.write().await?;
        let created = async {
            buckets::find(&mut tx, bucket).await?;
            queues::insert(&mut tx, bucket, kind, name, self.now()).await
        };
        let created = created.await;
        tx.end(created).await
    }
}
