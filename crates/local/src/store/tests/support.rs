//! What tests, here and elsewhere in the crate, do with a store beyond what the cloud does.

use std::path::Path;
use std::sync::Arc;

use futures_util::TryStreamExt;

use crate::clock::{Clock, SystemClock};
use crate::store::callback::Callback;
use crate::store::sql::sql;
use crate::store::{
    ClaimedJob, Finding, JobClass, ObjectName, Queue, Result, Store, buckets, queues,
};

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

    /// [`Store::claim_job_unless`] where nothing is held.
    pub(crate) async fn claim_job(
        &self,
        class: JobClass,
        owner: &str,
        lease: i64,
    ) -> Result<Option<ClaimedJob>> {
        self.claim_job_unless(class, owner, lease, |_| false).await
    }

    /// Deletes the object `name` and returns whether it existed.
    pub(crate) async fn delete_object(&self, name: &ObjectName) -> Result<bool> {
        Ok(self.delete_version(name, None).await?.existed)
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

impl Store {
    /// Ends the process without putting anything in order, as a kill does.
    pub(crate) fn die(&self) {
        for task in self.inner.background.get().into_iter().flatten() {
            task.abort();
        }
    }

    /// How many pieces of content are named and not there.
    pub(crate) async fn named_but_missing(&self) -> usize {
        let mut connection = self.connect().await.unwrap();
        let pieces = "SELECT blob, inline FROM objects \
             WHERE blob NOT IN (SELECT content FROM segments) AND NOT is_marker \
             UNION SELECT blob, inline FROM segments UNION SELECT blob, inline FROM parts";
        let pieces: Vec<(String, bool)> = sql(pieces).all(&mut connection).await.unwrap();
        drop(connection);
        let mut missing = 0;
        for (blob, inline) in pieces {
            missing += usize::from(self.read_whole(&blob, inline, 1).await.is_err());
        }
        missing
    }
}

impl crate::store::StagedBlob {
    /// Leaves the content as it is, as a kill does.
    pub(crate) fn abandon(self) {
        self.keep();
    }
}

impl Store {
    /// Waits until what was dropped is cleaned up, for who has the only handle.
    pub(crate) async fn come_to_rest(&self) {
        self.come_down_to(1).await;
    }

    /// Waits until what was dropped is cleaned up: whoever does that has a handle, so no more than
    /// these are left then.
    pub(crate) async fn come_down_to(&self, handles: usize) {
        while Arc::strong_count(&self.inner) > handles {
            tokio::task::yield_now().await;
        }
        self.settle().await;
    }

    /// How many pieces of content there are, whatever names them.
    pub(crate) async fn pieces(&self) -> usize {
        let listed = self.inner.blobs.list();
        let blobs: Vec<_> = listed.try_collect().await.unwrap();
        blobs.len() + self.inline_contents().await
    }

    /// What a check finds.
    pub(crate) async fn findings(&self) -> Vec<Finding> {
        let mut all = Vec::new();
        self.check(&mut |finding| all.push(finding)).await.unwrap();
        all
    }
}
