//! Running jobs: claims, leases and the effects a finished job has.
//!
//! A job may be begun more than once, but its effects are applied in the transaction that ends
//! it, and only the claim that still holds it can do that. So they happen once.

use sqlx::SqliteConnection;

use super::callbacks::{self, NewCallback};
use super::error::{Result, StoreError};
use super::handle::{LONGEST_WAIT, Store};
use super::job::{Job, JobClass, JobState, Outcome};
use super::object::{Acl, ObjectAttributes, ObjectName};
use super::objects;
use super::upload::StagedBlob;

/// Turns a claimed job back to waiting, which means `Pause` while its queue is paused.
const WAITING: &str = "state = CASE (SELECT q.state FROM queues q WHERE q.queue_id = jobs.queue_id) \
     WHEN 'Paused' THEN 'Pause' ELSE 'Submitted' END, \
     owner = NULL, lease_until = NULL, started_at = NULL";

/// A job given to a worker until its lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClaimedJob {
    /// The job.
    pub(crate) job: Job,
    owner: String,
}

/// A change others can see, made when a job ends.
///
/// Where an `if_etag` is given, the object must still have that `ETag`, so that a job acts only on
/// the content it has examined.
#[derive(Debug)]
pub(crate) enum Effect {
    /// Stores what the job made.
    PutObject {
        /// Its name. An existing object is replaced.
        name: ObjectName,
        /// Its content.
        blob: StagedBlob,
        /// Its attributes.
        attributes: ObjectAttributes,
    },
    /// Gives an object another name.
    MoveObject {
        /// The object.
        from: ObjectName,
        /// Its new name. An existing object is replaced.
        to: ObjectName,
        /// The content it must have.
        if_etag: Option<String>,
    },
    /// Sets who may use an object.
    SetObjectAcl {
        /// The object.
        name: ObjectName,
        /// Who may use it.
        acl: Acl,
        /// The content it must have.
        if_etag: Option<String>,
    },
    /// Sets one of an object's own headers (`x-cos-meta-...`).
    SetObjectMetadata {
        /// The object.
        name: ObjectName,
        /// The header's name after `x-cos-meta-`.
        header: String,
        /// What it says.
        value: String,
        /// The content the object must have.
        if_etag: Option<String>,
    },
    /// Deletes an object. A missing one is no error.
    DeleteObject {
        /// The object.
        name: ObjectName,
        /// The content it must have.
        if_etag: Option<String>,
    },
    /// Queues a notification.
    Callback(NewCallback),
}

impl Store {
    /// Waits until there may be a job of `class` to claim. A job submitted while nobody waits wakes
    /// the next one who does. Jobs put off to a later time give no signal: look again at that
    /// time.
    pub(crate) async fn wait_for_work(&self, class: JobClass) {
        self.inner.work.notified(class).await;
    }

    /// Gives the next job of `class` to `owner` for `lease` milliseconds: of those that may run now
    /// the one with the highest level, and among equals the one submitted first. A queue gives no
    /// job while as many of its jobs run as [`super::Queue::max_concurrent`] allows.
    ///
    /// Only a job that was given back waits for its time, and no clock makes it wait for longer
    /// than a minute.
    pub(crate) async fn claim_job(
        &self,
        class: JobClass,
        owner: &str,
        lease: i64,
    ) -> Result<Option<ClaimedJob>> {
        let now = self.now();
        let job = sqlx::query_as(
            "UPDATE jobs SET state = 'Running', owner = $1, lease_until = $2, \
             attempt = attempt + 1, started_at = $3 \
             WHERE seq = (SELECT seq FROM jobs WHERE state = 'Submitted' AND class = $5 \
             AND (attempt = 0 OR run_at NOT BETWEEN $3 + 1 AND $3 + $4) \
             AND (queue_id IS NULL OR queue_id NOT IN (\
             SELECT q.queue_id FROM jobs r JOIN queues q ON q.queue_id = r.queue_id \
             WHERE r.state = 'Running' AND r.queue_id IS NOT NULL \
             GROUP BY q.queue_id HAVING count(*) >= q.max_concurrent)) \
             ORDER BY level DESC, seq LIMIT 1) RETURNING *",
        )
        .bind(owner)
        .bind(self.lease_end(lease))
        .bind(now)
        .bind(LONGEST_WAIT)
        .bind(class)
        .fetch_optional(&self.inner.writer)
        .await?;
        if job.is_some() {
            // Signals are merged: the one that woke this worker may have been for several jobs.
            self.inner.work.notify(class);
        }
        Ok(job.map(|job| ClaimedJob {
            job,
            owner: owner.to_owned(),
        }))
    }

    /// Lets the claim last for `lease` milliseconds from now.
    ///
    /// # Errors
    ///
    /// [`StoreError::StaleClaim`] if the claim was lost: the worker should stop.
    pub(crate) async fn extend_claim(&self, claim: &ClaimedJob, lease: i64) -> Result<()> {
        let extended = sqlx::query(
            "UPDATE jobs SET lease_until = $4 \
             WHERE id = $1 AND attempt = $2 AND owner = $3 AND state = 'Running'",
        )
        .bind(&claim.job.id)
        .bind(claim.job.attempt)
        .bind(&claim.owner)
        .bind(self.lease_end(lease))
        .execute(&self.inner.writer)
        .await?;
        claim.require(extended.rows_affected())
    }

    /// Ends the job with `outcome` and applies `effects`, all or nothing, in the given order.
    ///
    /// # Errors
    ///
    /// [`StoreError::StaleClaim`] if the claim was lost. If an effect cannot be applied, its error
    /// (such as [`StoreError::NoSuchObject`] or [`StoreError::ObjectChanged`]); the claim still
    /// holds then and the job can be finished another way.
    pub(crate) async fn finish_job(
        &self,
        claim: &ClaimedJob,
        outcome: Outcome,
        effects: Vec<Effect>,
    ) -> Result<Job> {
        let now = self.now();
        let (state, result, code, message) = match outcome {
            Outcome::Success { result } => (JobState::Success, Some(result), None, None),
            Outcome::Failed {
                code,
                message,
                result,
            } => (JobState::Failed, result, Some(code), Some(message)),
        };
        let mut tx = self.begin_write().await?;
        let job: Job = sqlx::query_as(
            "UPDATE jobs SET state = $4, result = $5, code = $6, message = $7, ended_at = $8, \
             owner = NULL, lease_until = NULL \
             WHERE id = $1 AND attempt = $2 AND owner = $3 AND state = 'Running' RETURNING *",
        )
        .bind(&claim.job.id)
        .bind(claim.job.attempt)
        .bind(&claim.owner)
        .bind(state)
        .bind(result)
        .bind(code)
        .bind(message)
        .bind(now)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or_else(|| claim.stale())?;
        let mut applied = Applied::default();
        for effect in effects {
            applied.apply(&mut tx, &claim.job.id, effect, now).await?;
        }
        tx.commit().await?;
        // Its place in the queue is free again.
        self.inner.work.notify(job.class);
        // Whether the job has a callback or not: looking for one costs little.
        self.inner.callbacks.notify_one();
        for blob in applied.kept {
            blob.blob.keep();
        }
        self.reclaim(applied.displaced.iter().map(String::as_str))
            .await;
        Ok(job)
    }

    /// Gives the job back, to be run at `run_at` at the earliest, or in a minute if that is sooner.
    ///
    /// # Errors
    ///
    /// [`StoreError::StaleClaim`] if the claim was lost.
    pub(crate) async fn retry_job(&self, claim: &ClaimedJob, run_at: i64) -> Result<()> {
        let released = sqlx::query(sqlx::AssertSqlSafe(format!(
            "UPDATE jobs SET run_at = $4, {WAITING} \
             WHERE id = $1 AND attempt = $2 AND owner = $3 AND state = 'Running'"
        )))
        .bind(&claim.job.id)
        .bind(claim.job.attempt)
        .bind(&claim.owner)
        .bind(run_at.min(self.now().saturating_add(LONGEST_WAIT)))
        .execute(&self.inner.writer)
        .await?;
        claim.require(released.rows_affected())?;
        self.inner.work.notify(claim.job.class);
        Ok(())
    }

    /// Takes back the jobs whose lease has ended and returns how many there were. They wait to be
    /// claimed again.
    pub(crate) async fn release_expired_claims(&self) -> Result<u64> {
        self.release_claims_until(self.inner.clock.monotonic())
            .await
    }

    /// When a lease of `lease` milliseconds ends. It does not outlive the process, so it is not
    /// measured by the time of day, which may be set at any moment.
    fn lease_end(&self, lease: i64) -> i64 {
        self.inner.clock.monotonic().saturating_add(lease)
    }

    /// Takes back every claimed job. Only for when no worker can be alive.
    pub(super) async fn release_all_claims(&self) -> Result<u64> {
        self.release_claims_until(i64::MAX).await
    }

    async fn release_claims_until(&self, time: i64) -> Result<u64> {
        let released = sqlx::query(sqlx::AssertSqlSafe(format!(
            "UPDATE jobs SET {WAITING} WHERE state = 'Running' AND lease_until <= $1"
        )))
        .bind(time)
        .execute(&self.inner.writer)
        .await?
        .rows_affected();
        if released > 0 {
            self.inner.work.notify_all();
        }
        Ok(released)
    }
}

impl ClaimedJob {
    fn stale(&self) -> StoreError {
        StoreError::StaleClaim {
            id: self.job.id.clone(),
            attempt: self.job.attempt,
        }
    }

    fn require(&self, rows: u64) -> Result<()> {
        if rows == 0 { Err(self.stale()) } else { Ok(()) }
    }
}

/// What has to be done about blobs once the effects are committed.
#[derive(Default)]
struct Applied {
    kept: Vec<StagedBlob>,
    displaced: Vec<String>,
}

impl Applied {
    async fn apply(
        &mut self,
        tx: &mut SqliteConnection,
        job_id: &str,
        effect: Effect,
        now: i64,
    ) -> Result<()> {
        let displaced = match effect {
            Effect::PutObject {
                name,
                blob,
                attributes,
            } => {
                let object = objects::staged_object(&name, &blob, attributes, now);
                self.kept.push(blob);
                objects::insert(tx, &object).await?
            }
            Effect::MoveObject { from, to, if_etag } => {
                require_content(tx, &from, if_etag).await?;
                objects::rename(tx, &from, &to, now).await?.1
            }
            Effect::SetObjectAcl { name, acl, if_etag } => {
                require_content(tx, &name, if_etag).await?;
                objects::set_acl(tx, &name, acl).await?;
                None
            }
            Effect::SetObjectMetadata {
                name,
                header,
                value,
                if_etag,
            } => {
                require_content(tx, &name, if_etag).await?;
                objects::set_metadata(tx, &name, &header, &value).await?;
                None
            }
            Effect::DeleteObject { name, if_etag } => {
                match require_content(tx, &name, if_etag).await {
                    Ok(()) => objects::remove(tx, &name).await?,
                    Err(StoreError::NoSuchObject(_)) => None,
                    Err(error) => return Err(error),
                }
            }
            Effect::Callback(callback) => {
                callbacks::insert(tx, job_id, &callback, now).await?;
                None
            }
        };
        self.displaced.extend(displaced);
        Ok(())
    }
}

async fn require_content(
    tx: &mut SqliteConnection,
    name: &ObjectName,
    etag: Option<String>,
) -> Result<()> {
    let Some(etag) = etag else { return Ok(()) };
    if objects::find(tx, name).await?.etag == etag {
        Ok(())
    } else {
        Err(StoreError::ObjectChanged(name.clone()))
    }
}
