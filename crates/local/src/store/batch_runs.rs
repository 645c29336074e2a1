//! Batch jobs as they are run, by one process at a time.
//!
//! A job belongs to a process for as long as that lives, so a crash gives it back. What comes of a task
//! is one transaction with the note that it was done, and counts only while the job is run by this
//! process: so no task is done twice and none is lost, whichever process does it and whenever it dies.

use super::batch_job::{BatchJob, BatchStatus, BatchTask, Listed, Tasked};
use super::batch_jobs::forget_tasks;
use super::connection::Connection;
use super::error::{Result, StoreError};
use super::handle::Store;
use super::object::{ObjectAttributes, ObjectName, Overwrite};
use super::restoration::{self, Restoring};
use super::sql::sql;
use super::uploads::StagedBlob;
use super::{copying, rows};

/// What is to be written at the end of a job.
pub(crate) type Output = (ObjectName, StagedBlob, ObjectAttributes);

/// Whether a job is this process's at the moment.
const MINE: &str = "id = $1 AND owner = $2 AND status = $3";

impl Store {
    /// Takes on the batch job that is to be gone on with: first those whose status says that only a
    /// little is left to do, then the one of the highest priority; among equals the one that is run,
    /// and then the one that was made first.
    pub(crate) async fn next_batch_job(&self) -> Result<Option<BatchJob>> {
        let mut connection = self.connect().await?;
        // Most of the time there is none, and looking costs no turn to write.
        let any: bool = sql(
            "SELECT EXISTS (SELECT 1 FROM batch_jobs WHERE ended_at IS NULL AND status <> 'Suspended')",
        )
        .scalar(&mut connection)
        .await?;
        drop(connection);
        if !any {
            return Ok(None);
        }
        let mut tx = self.write().await?;
        let next = next(&mut tx, self).await;
        tx.end(next).await
    }

    /// Gives `job` another status.
    ///
    /// # Errors
    ///
    /// [`StoreError::StaleClaim`] if it is not this process's any more, or has another status.
    pub(crate) async fn move_batch_job(&self, job: &BatchJob, to: BatchStatus) -> Result<()> {
        let mut tx = self.write().await?;
        let moved = sql(format!("UPDATE batch_jobs SET status = $4 WHERE {MINE}"))
            .bind(&job.id)
            .bind(&self.inner.process)
            .bind(job.status)
            .bind(to)
            .execute(&mut tx)
            .await;
        require(job, tx.end(moved).await?)
    }

    /// Begins to run `job`, or goes on with it. Another one that this process runs is paused.
    ///
    /// # Errors
    ///
    /// As of [`Store::move_batch_job`].
    pub(crate) async fn begin_batch_job(&self, job: &BatchJob) -> Result<()> {
        let mut tx = self.write().await?;
        let begun = async {
            sql("UPDATE batch_jobs SET status = 'Paused', owner = NULL \
                 WHERE owner = $1 AND status = 'Active' AND id <> $2")
            .bind(&self.inner.process)
            .bind(&job.id)
            .execute(&mut tx)
            .await?;
            sql(format!(
                "UPDATE batch_jobs SET status = 'Active' WHERE {MINE}"
            ))
            .bind(&job.id)
            .bind(&self.inner.process)
            .bind(job.status)
            .execute(&mut tx)
            .await
        };
        let begun = begun.await;
        require(job, tx.end(begun).await?)
    }

    /// Notes that `job` fails, and why, once its report is written.
    ///
    /// # Errors
    ///
    /// As of [`Store::move_batch_job`].
    pub(crate) async fn fail_batch_job(
        &self,
        job: &BatchJob,
        (code, message): (&str, &str),
    ) -> Result<()> {
        let mut tx = self.write().await?;
        let failing = sql(format!(
            "UPDATE batch_jobs SET status = 'Failing', code = $4, message = $5 WHERE {MINE}"
        ))
        .bind(&job.id)
        .bind(&self.inner.process)
        .bind(job.status)
        .bind(code)
        .bind(message)
        .execute(&mut tx)
        .await;
        require(job, tx.end(failing).await?)
    }

    /// Forgets what was read so far of the list of `job`: it is read from the beginning.
    ///
    /// # Errors
    ///
    /// As of [`Store::move_batch_job`].
    pub(crate) async fn restart_batch_list(&self, job: &BatchJob) -> Result<()> {
        let mut tx = self.write().await?;
        let restarted = async {
            keep(&mut tx, self, job).await?;
            forget_tasks(&mut tx, &job.id).await
        };
        let restarted = restarted.await;
        tx.end(restarted).await
    }

    /// Adds `listed` to what `job` is about, of which it has `first` already.
    ///
    /// # Errors
    ///
    /// As of [`Store::move_batch_job`].
    pub(crate) async fn add_batch_tasks(
        &self,
        job: &BatchJob,
        first: i64,
        listed: &[Listed],
    ) -> Result<()> {
        let mut tx = self.write().await?;
        let added = async {
            keep(&mut tx, self, job).await?;
            for (number, listed) in (first..).zip(listed) {
                sql(
                    "INSERT INTO batch_tasks (job, number, bucket, key, version) \
                     VALUES ($1, $2, $3, $4, $5)",
                )
                .bind(&job.id)
                .bind(number)
                .bind(&listed.bucket)
                .bind(&listed.key)
                .bind(&listed.version)
                .execute(&mut tx)
                .await?;
            }
            Ok(())
        };
        let added = added.await;
        tx.end(added).await
    }

    /// Notes that the list of `job` was read: it has `total` objects. Then the job waits to be run, or,
    /// if it `is_suspended`, to be confirmed. Any process may go on with it then.
    ///
    /// # Errors
    ///
    /// As of [`Store::move_batch_job`].
    pub(crate) async fn end_batch_list(
        &self,
        job: &BatchJob,
        total: i64,
        is_suspended: bool,
    ) -> Result<()> {
        let status = if is_suspended {
            BatchStatus::Suspended
        } else {
            BatchStatus::Ready
        };
        let mut tx = self.write().await?;
        let ended = sql(format!(
            "UPDATE batch_jobs SET status = $4, total = $5, suspended_at = $6, owner = NULL \
             WHERE {MINE}"
        ))
        .bind(&job.id)
        .bind(&self.inner.process)
        .bind(job.status)
        .bind(status)
        .bind(total)
        .bind(is_suspended.then(|| self.now()))
        .execute(&mut tx)
        .await;
        require(job, tx.end(ended).await?)
    }

    /// At most `limit` tasks of `job` that are still to be done.
    pub(crate) async fn batch_tasks_left(
        &self,
        job: &BatchJob,
        limit: u32,
    ) -> Result<Vec<BatchTask>> {
        sql("SELECT * FROM batch_tasks WHERE job = $1 AND status IS NULL ORDER BY number LIMIT $2")
            .bind(&job.id)
            .bind(limit)
            .all(&mut self.connect().await?)
            .await
    }

    /// At most `limit` tasks of `job` that were done, or have failed, from the number `first` on.
    pub(crate) async fn batch_tasks_done(
        &self,
        job: &BatchJob,
        first: i64,
        limit: u32,
    ) -> Result<Vec<BatchTask>> {
        sql(
            "SELECT * FROM batch_tasks WHERE job = $1 AND number >= $2 AND status IS NOT NULL \
             ORDER BY number LIMIT $3",
        )
        .bind(&job.id)
        .bind(first)
        .bind(limit)
        .all(&mut self.connect().await?)
        .await
    }

    /// Lets `tasked` come of the task of this `number`, and counts it, or changes nothing.
    ///
    /// # Errors
    ///
    /// As of [`Store::move_batch_job`]. If it cannot be done, why.
    pub(crate) async fn end_batch_task(
        &self,
        job: &BatchJob,
        number: i64,
        tasked: &Tasked,
    ) -> Result<()> {
        let mut tx = self.write().await?;
        let ended = end_task(&mut tx, self, job, number, tasked).await;
        let garbage = tx.end(ended).await?;
        self.delete_garbage(garbage.iter().map(String::as_str))
            .await;
        Ok(())
    }

    /// Ends `job`, forgets its tasks and stores `outputs`, all or nothing. `why` it has failed is noted,
    /// if it was not before.
    ///
    /// # Errors
    ///
    /// As of [`Store::move_batch_job`]. If an output cannot be stored, why.
    pub(crate) async fn end_batch_job(
        &self,
        job: &BatchJob,
        to: BatchStatus,
        why: Option<(&str, &str)>,
        outputs: &[Output],
    ) -> Result<()> {
        let now = self.now();
        let mut tx = self.write().await?;
        let ended = async {
            let ended = sql(format!(
                "UPDATE batch_jobs SET status = $4, code = coalesce(code, $5), \
                 message = coalesce(message, $6), ended_at = $7, owner = NULL WHERE {MINE}"
            ))
            .bind(&job.id)
            .bind(&self.inner.process)
            .bind(job.status)
            .bind(to)
            .bind(why.map(|(code, _)| code))
            .bind(why.map(|(_, message)| message))
            .bind(now)
            .execute(&mut tx)
            .await?;
            require(job, ended)?;
            forget_tasks(&mut tx, &job.id).await?;
            rows::lock_all(&mut tx, outputs.iter().map(|(name, ..)| name).collect()).await?;
            let mut garbage = Vec::new();
            for (name, blob, attributes) in outputs {
                let mut object = rows::staged_object(name, blob, attributes.clone(), now);
                garbage.extend(rows::insert_staged(&mut tx, &mut object, blob).await?);
            }
            Ok(garbage)
        };
        let ended = ended.await;
        let garbage = tx.end(ended).await?;
        for (_, blob, _) in outputs {
            blob.keep();
        }
        self.delete_garbage(garbage.iter().map(String::as_str))
            .await;
        Ok(())
    }
}

async fn next(tx: &mut Connection, store: &Store) -> Result<Option<BatchJob>> {
    let time = tx.dialect().lease_time(2);
    let for_update = tx.dialect().for_update();
    let alive = format!("SELECT id FROM processes WHERE lease_until > {time}");
    let job: Option<BatchJob> = sql(format!(
        "SELECT * FROM batch_jobs WHERE ended_at IS NULL AND status <> 'Suspended' \
         AND (owner IS NULL OR owner = $1 OR owner NOT IN ({alive})) \
         ORDER BY CASE WHEN status IN ('Ready', 'Active', 'Paused') THEN 1 ELSE 0 END, \
         priority DESC, CASE status WHEN 'Active' THEN 0 ELSE 1 END, seq LIMIT 1 {for_update}"
    ))
    .bind(&store.inner.process)
    .bind(store.lease_time())
    .optional(tx)
    .await?;
    if let Some(job) = &job {
        sql("UPDATE batch_jobs SET owner = $2 WHERE id = $1 AND (owner IS NULL OR owner <> $2)")
            .bind(&job.id)
            .bind(&store.inner.process)
            .execute(tx)
            .await?;
    }
    Ok(job)
}

/// Keeps `job` as it is until the transaction ends.
async fn keep(tx: &mut Connection, store: &Store, job: &BatchJob) -> Result<()> {
    let for_update = tx.dialect().for_update();
    let kept: Option<(String,)> = sql(format!(
        "SELECT id FROM batch_jobs WHERE {MINE} {for_update}"
    ))
    .bind(&job.id)
    .bind(&store.inner.process)
    .bind(job.status)
    .optional(tx)
    .await?;
    require(job, u64::from(kept.is_some()))
}

/// Fails unless something was written for `job`.
fn require(job: &BatchJob, rows: u64) -> Result<()> {
    if rows > 0 {
        return Ok(());
    }
    Err(StoreError::StaleClaim {
        id: job.id.clone(),
        attempt: 0,
    })
}

/// Returns the blobs that are garbage then.
async fn end_task(
    tx: &mut Connection,
    store: &Store,
    job: &BatchJob,
    number: i64,
    tasked: &Tasked,
) -> Result<Vec<String>> {
    let now = store.now();
    let counted = if matches!(tasked, Tasked::Failed { .. }) {
        "failed = failed + 1"
    } else {
        "succeeded = succeeded + 1"
    };
    let mine = sql(format!("UPDATE batch_jobs SET {counted} WHERE {MINE}"))
        .bind(&job.id)
        .bind(&store.inner.process)
        .bind(job.status)
        .execute(tx)
        .await?;
    require(job, mine)?;
    let mut garbage = Vec::new();
    let (status, code, message) = match tasked {
        Tasked::Copy {
            source,
            to,
            attributes,
        } => {
            let attributes = attributes.clone();
            let copied = copying::copy(tx, source, to, attributes, Overwrite::Allow, now);
            garbage = copied.await?.1;
            (200, "", "")
        }
        Tasked::Restore {
            name,
            version,
            days,
            tier,
        } => match restoration::restore(tx, name, *version, (*days, *tier), now).await? {
            Restoring::Begun => (202, "", ""),
            Restoring::Prolonged => (200, "", ""),
        },
        Tasked::Tag {
            name,
            version,
            tags,
        } => {
            rows::set_tags(tx, name, *version, tags).await?;
            (200, "", "")
        }
        Tasked::Failed {
            status,
            code,
            message,
        } => (i64::from(*status), code.as_str(), message.as_str()),
    };
    let ended = sql(
        "UPDATE batch_tasks SET status = $3, code = $4, message = $5 \
         WHERE job = $1 AND number = $2 AND status IS NULL",
    )
    .bind(&job.id)
    .bind(number)
    .bind(status)
    .bind(code)
    .bind(message)
    .execute(tx)
    .await?;
    require(job, ended)?;
    Ok(garbage)
}
