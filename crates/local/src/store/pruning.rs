//! Forgetting jobs that ended long ago.

use super::error::Result;
use super::handle::Store;
use super::sql::sql;

/// How many jobs one transaction deletes. Other writers have their turn in between.
const BATCH: u32 = 500;

impl Store {
    /// Deletes the records of jobs that ended before `ended_before`, and the oldest of those that
    /// ended until `most` are left; their callbacks go with them. Returns how many jobs there were.
    ///
    /// A job whose callback is still on its way is kept until that has been delivered or given up.
    pub(crate) async fn prune_jobs(&self, ended_before: i64, most: u64) -> Result<u64> {
        let mut deleted = self.delete_ended(ended_before, u64::MAX).await?;
        let ended: i64 = sql("SELECT count(*) FROM jobs WHERE ended_at IS NOT NULL")
            .scalar(&mut self.connect().await?)
            .await?;
        let excess = u64::try_from(ended)
            .unwrap_or_default()
            .saturating_sub(most);
        deleted += self.delete_ended(i64::MAX, excess).await?;
        Ok(deleted)
    }

    /// Deletes the oldest `most` of the jobs that ended before `ended_before`, batch by batch.
    async fn delete_ended(&self, ended_before: i64, most: u64) -> Result<u64> {
        let mut deleted = 0;
        while deleted < most {
            let batch = u32::try_from(most.saturating_sub(deleted)).map_or(BATCH, |n| n.min(BATCH));
            let mut tx = self.write().await?;
            let found = sql(
                "DELETE FROM jobs WHERE seq IN (SELECT seq FROM jobs WHERE ended_at IS NOT NULL \
                 AND ended_at < $1 AND NOT EXISTS (SELECT 1 FROM callbacks \
                 WHERE job_id = jobs.id AND callbacks.state = 'Pending') \
                 ORDER BY ended_at, seq LIMIT $2)",
            )
            .bind(ended_before)
            .bind(batch)
            .execute(&mut tx)
            .await;
            let found = tx.end(found).await?;
            deleted += found;
            if found < u64::from(batch) {
                break;
            }
        }
        Ok(deleted)
    }
}
