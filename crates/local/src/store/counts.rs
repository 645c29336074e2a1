//! How much there is of what.

use super::error::Result;
use super::handle::Store;
use super::sql::sql;
use crate::metrics::Histogram;

/// How much a store holds at one moment.
#[derive(Debug)]
pub(crate) struct Counts {
    /// Jobs by service, tag and state.
    pub(crate) jobs: Vec<(String, String, String, i64)>,
    /// Jobs that wait to be run, by class.
    pub(crate) waiting: Vec<(String, i64)>,
    /// Callbacks by state.
    pub(crate) callbacks: Vec<(String, i64)>,
    /// Buckets.
    pub(crate) buckets: i64,
    /// Objects.
    pub(crate) objects: i64,
    /// Their bytes.
    pub(crate) bytes: i64,
    /// Blobs that nothing names any more and that are not deleted yet.
    pub(crate) garbage: i64,
    /// How many transactions have shared a commit, where that is counted.
    pub(crate) batches: Option<Histogram>,
}

impl Store {
    /// Counts everything.
    pub(crate) async fn counts(&self) -> Result<Counts> {
        let mut on = self.read().await?;
        let jobs =
            sql("SELECT service, tag, state, count(*) FROM jobs GROUP BY 1, 2, 3 ORDER BY 1, 2, 3");
        let jobs = jobs.all(&mut on).await?;
        let waiting = sql(
            "SELECT class, count(*) FROM jobs WHERE state = 'Submitted' GROUP BY class ORDER BY class",
        );
        let waiting = waiting.all(&mut on).await?;
        let callbacks = sql("SELECT state, count(*) FROM callbacks GROUP BY state ORDER BY state");
        let callbacks = callbacks.all(&mut on).await?;
        let buckets = sql("SELECT count(*) FROM buckets").scalar(&mut on).await?;
        let objects = sql("SELECT count(*), CAST(coalesce(sum(size), 0) AS BIGINT) FROM objects");
        let (objects, bytes) = objects.one(&mut on).await?;
        let garbage = sql("SELECT count(*) FROM garbage").scalar(&mut on).await?;
        drop(on);
        Ok(Counts {
            jobs,
            waiting,
            callbacks,
            buckets,
            objects,
            bytes,
            garbage,
            batches: self.inner.database.batches().await,
        })
    }
}
