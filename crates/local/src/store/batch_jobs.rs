//! Batch jobs: made, looked up, changed by hand, forgotten.

use super::batch_job::{BatchJob, BatchStatus, BatchSubmission, NewBatchJob};
use super::connection::Connection;
use super::error::{Result, StoreError};
use super::handle::Store;
use super::sql::sql;

/// The lock of who makes batch jobs: so that there are not too many.
const MAKING: &str = "batch jobs";

/// Which batch jobs to list.
#[derive(Debug, Clone)]
pub(crate) struct BatchFilter {
    /// Of this region.
    pub(crate) region: String,
    /// Only of this status.
    pub(crate) status: Option<BatchStatus>,
    /// Only those that were made at this time or later.
    pub(crate) since: i64,
    /// How many at most.
    pub(crate) most: u32,
    /// Where the page begins: what came with the page before.
    pub(crate) token: Option<String>,
}

impl Store {
    /// Keeps `job`, unless an earlier one has its token, or `most` have not ended.
    pub(crate) async fn create_batch_job(
        &self,
        job: &NewBatchJob,
        most: i64,
    ) -> Result<BatchSubmission> {
        let mut tx = self.write().await?;
        let created = create(&mut tx, job, most, self.now()).await;
        tx.end(created).await
    }

    /// Whether an earlier request for a job in `region` had this token.
    pub(crate) async fn has_batch_token(&self, region: &str, token: &str) -> Result<bool> {
        let has = sql("SELECT EXISTS (SELECT 1 FROM batch_jobs WHERE region = $1 AND token = $2)");
        let has = has.bind(region).bind(token);
        has.scalar(&mut self.connect().await?).await
    }

    /// The batch job `id` of `region`.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchJob`].
    pub(crate) async fn batch_job(&self, region: &str, id: &str) -> Result<BatchJob> {
        find(&mut self.connect().await?, region, id).await
    }

    /// Lists batch jobs, the newest first, and where the next page begins.
    ///
    /// # Errors
    ///
    /// [`StoreError::InvalidPageToken`].
    pub(crate) async fn list_batch_jobs(
        &self,
        filter: &BatchFilter,
    ) -> Result<(Vec<BatchJob>, Option<String>)> {
        let mut query = sql("SELECT * FROM batch_jobs WHERE region = $1 AND created_at >= $2")
            .bind(&filter.region)
            .bind(filter.since);
        if let Some(status) = filter.status {
            query.push(" AND status = ").push_bind(status);
        }
        if let Some(token) = &filter.token {
            let seq = i64::from_str_radix(token, 16).map_err(|_| StoreError::InvalidPageToken)?;
            query.push(" AND seq < ").push_bind(seq);
        }
        query
            .push(" ORDER BY seq DESC LIMIT ")
            .push_bind(i64::from(filter.most) + 1);
        let mut jobs: Vec<BatchJob> = query.all(&mut self.connect().await?).await?;
        let most = usize::try_from(filter.most).unwrap_or(usize::MAX);
        let more = jobs.len() > most;
        jobs.truncate(most);
        let last = jobs.last().filter(|_| more);
        let next = last.map(|job| format!("{:016x}", job.seq));
        Ok((jobs, next))
    }

    /// Sets the priority of the batch job `id`, and returns whether it had not ended.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchJob`].
    pub(crate) async fn set_batch_priority(
        &self,
        region: &str,
        id: &str,
        priority: i64,
    ) -> Result<bool> {
        let mut tx = self.write().await?;
        let set = async {
            find(&mut tx, region, id).await?;
            sql("UPDATE batch_jobs SET priority = $2 WHERE id = $1 AND ended_at IS NULL")
                .bind(id)
                .bind(priority)
                .execute(&mut tx)
                .await
        };
        let set = set.await;
        Ok(tx.end(set).await? > 0)
    }

    /// Confirms the batch job `id`, or gives it up, and returns it as it is then; `None` if its status
    /// does not allow that. One that has not begun is given up at once; one that has is reported on
    /// before.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchJob`].
    pub(crate) async fn change_batch_job(
        &self,
        region: &str,
        id: &str,
        gives_up: bool,
        reason: Option<&str>,
    ) -> Result<Option<BatchJob>> {
        let now = self.now();
        let mut tx = self.write().await?;
        let changed = async {
            let job = find(&mut tx, region, id).await?;
            let to = match (gives_up, job.status) {
                (false, BatchStatus::Suspended) => BatchStatus::Ready,
                (
                    true,
                    BatchStatus::New
                    | BatchStatus::Preparing
                    | BatchStatus::Suspended
                    | BatchStatus::Ready,
                ) => BatchStatus::Cancelled,
                (true, BatchStatus::Active | BatchStatus::Paused) => BatchStatus::Cancelling,
                _ => return Ok(None),
            };
            let ended_at = to.is_end().then_some(now);
            // Whoever is at it changes nothing any more: it has another status.
            let changed: Option<BatchJob> = sql(
                "UPDATE batch_jobs SET status = $3, reason = coalesce($4, reason), ended_at = $5 \
                 WHERE id = $1 AND status = $2 RETURNING *",
            )
            .bind(id)
            .bind(job.status)
            .bind(to)
            .bind(reason)
            .bind(ended_at)
            .optional(&mut tx)
            .await?;
            // Only now, since another process may have gone on with it in between. Tasks that one was about
            // to add are there by now, and go with the rest.
            if changed.is_some() && to.is_end() {
                forget_tasks(&mut tx, id).await?;
            }
            Ok(changed)
        };
        let changed = changed.await;
        tx.end(changed).await
    }

    /// Forgets the batch job `id`, and returns whether it had ended.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchJob`].
    pub(crate) async fn delete_batch_job(&self, region: &str, id: &str) -> Result<bool> {
        let mut tx = self.write().await?;
        let deleted = async {
            find(&mut tx, region, id).await?;
            sql("DELETE FROM batch_jobs WHERE id = $1 AND ended_at IS NOT NULL")
                .bind(id)
                .execute(&mut tx)
                .await
        };
        let deleted = deleted.await;
        Ok(tx.end(deleted).await? > 0)
    }

    /// Forgets batch jobs that ended and were made before `before`, and returns how many there were.
    pub(crate) async fn prune_batch_jobs(&self, before: i64) -> Result<u64> {
        let old = "batch_jobs WHERE ended_at IS NOT NULL AND created_at < $1";
        // Most of the time there is none, and looking costs no turn to write.
        let any: bool = sql(format!("SELECT EXISTS (SELECT 1 FROM {old})"))
            .bind(before)
            .scalar(&mut self.connect().await?)
            .await?;
        if !any {
            return Ok(0);
        }
        let mut tx = self.write().await?;
        let pruned = sql(format!("DELETE FROM {old}"));
        let pruned = pruned.bind(before).execute(&mut tx).await;
        tx.end(pruned).await
    }
}

async fn create(
    tx: &mut Connection,
    job: &NewBatchJob,
    most: i64,
    now: i64,
) -> Result<BatchSubmission> {
    tx.lock(MAKING).await?;
    let known = sql("SELECT * FROM batch_jobs WHERE region = $1 AND token = $2");
    let known = known.bind(&job.region).bind(&job.token);
    if let Some(known) = known.optional(tx).await? {
        return Ok(BatchSubmission::Known(known));
    }
    let count: i64 = sql("SELECT count(*) FROM batch_jobs WHERE region = $1 AND ended_at IS NULL")
        .bind(&job.region)
        .scalar(tx)
        .await?;
    if count >= most {
        return Ok(BatchSubmission::TooMany);
    }
    sql(
        "INSERT INTO batch_jobs (id, region, token, request, priority, status, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING *",
    )
    .bind(&job.id)
    .bind(&job.region)
    .bind(&job.token)
    .bind(&job.request)
    .bind(job.priority)
    .bind(BatchStatus::New)
    .bind(now)
    .one(tx)
    .await
    .map(BatchSubmission::Accepted)
}

async fn find(connection: &mut Connection, region: &str, id: &str) -> Result<BatchJob> {
    sql("SELECT * FROM batch_jobs WHERE id = $1 AND region = $2")
        .bind(id)
        .bind(region)
        .optional(connection)
        .await?
        .ok_or_else(|| StoreError::NoSuchJob(id.to_owned()))
}

/// Forgets what the batch job `id` does to each object.
pub(super) async fn forget_tasks(tx: &mut Connection, id: &str) -> Result<()> {
    sql("DELETE FROM batch_tasks WHERE job = $1")
        .bind(id)
        .execute(tx)
        .await
        .map(drop)
}
