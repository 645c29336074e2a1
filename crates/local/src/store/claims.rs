//! Running jobs: claims, leases and the effects a finished job has.
//!
//! A job may be begun more than once, but its effects are applied in the transaction that ends
//! it, and only the claim that still holds it can do that. So they happen once.

use super::acl::Acl;
use super::callback::NewCallback;
use super::claim::{ClaimedJob, WAITING};
use super::connection::Connection;
use super::dialect::Dialect;
use super::due::{JobDue, LONGEST_WAIT};
use super::error::{Result, StoreError};
use super::handle::Store;
use super::job::{Job, JobClass, JobState, Outcome};
use super::object::{ObjectAttributes, ObjectName};
use super::signals::Signal;
use super::sql::sql;
use super::uploads::StagedBlob;
use super::{callbacks, parking, rows, sqlite};

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
    /// Stores what the job made, unless there is an object of this name.
    AddObject {
        /// Its name.
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
        self.inner.signals.wait(Signal::Job(class)).await;
    }

    /// Gives the next job of `class` to `owner` for `lease` milliseconds: of those that may run now
    /// the one with the highest level, and among equals the one submitted first. A queue gives no
    /// job while as many of its jobs run as [`super::Queue::max_concurrent`] allows.
    ///
    /// Only a job that was given back waits for its time, and no clock makes it wait for longer
    /// than a minute.
    ///
    /// A job that is `held` is parked, and the next one is looked for.
    pub(crate) async fn claim_job_unless(
        &self,
        class: JobClass,
        owner: &str,
        lease: i64,
        held: impl Fn(&Job) -> bool,
    ) -> Result<Option<ClaimedJob>> {
        let asked = JobDue {
            class,
            owner,
            lease,
            lease_time: self.lease_time(),
            now: self.now(),
        };
        let mut tx = self.write().await?;
        let job = loop {
            match next(&mut tx, &asked).await {
                Ok(Some(job)) if held(&job) => {
                    let parked = parking::park_if(&mut tx, &job, &self.inner.process, &held);
                    match parked.await {
                        Ok(true) => {}
                        Ok(false) => break Ok(Some(job)),
                        Err(error) => break Err(error),
                    }
                }
                claimed => break claimed,
            }
        };
        // Nobody is informed. A claim that gets lost is no claim when the job ends.
        let job = tx.end_lazily(job).await?;
        if job.is_some() {
            // Signals are merged: the one that woke this worker may have been for several jobs.
            self.inner.signals.hear(Signal::Job(class));
        }
        Ok(job.map(|job| ClaimedJob::new(job, owner)))
    }

    /// Lets the claim last for `lease` milliseconds from now.
    ///
    /// # Errors
    ///
    /// [`StoreError::StaleClaim`] if the claim was lost: the worker should stop.
    pub(crate) async fn extend_claim(&self, claim: &ClaimedJob, lease: i64) -> Result<()> {
        let mut tx = self.write().await?;
        let time = tx.dialect().lease_time(4);
        let extended = sql(format!(
            "UPDATE jobs SET lease_until = {time} + $5 \
             WHERE id = $1 AND attempt = $2 AND owner = $3 AND state = 'Running'"
        ))
        .bind(&claim.job.id)
        .bind(claim.job.attempt)
        .bind(&claim.owner)
        .bind(self.lease_time())
        .bind(lease)
        .execute(&mut tx)
        .await;
        claim.require(tx.end_lazily(extended).await?)
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
        outcome: &Outcome,
        effects: &[Effect],
    ) -> Result<Job> {
        let mut tx = self.write().await?;
        let finished = finish(&mut tx, claim, outcome, effects, self.now()).await;
        let (job, garbage) = tx.end(finished).await?;
        // Its place in the queue is free again.
        self.inner.signals.give(Signal::Job(job.class));
        // Whether the job has a callback or not: looking for one costs little.
        self.inner.signals.give(Signal::Callback);
        for effect in effects {
            if let Effect::PutObject { blob, .. } = effect {
                blob.keep();
            }
        }
        self.delete_garbage(garbage.iter().map(String::as_str))
            .await;
        Ok(job)
    }

    /// Gives the job back, to be run at `run_at` at the earliest, or in a minute if that is sooner.
    ///
    /// # Errors
    ///
    /// [`StoreError::StaleClaim`] if the claim was lost.
    pub(crate) async fn retry_job(&self, claim: &ClaimedJob, run_at: i64) -> Result<()> {
        let mut tx = self.write().await?;
        let released = sql(format!(
            "UPDATE jobs SET run_at = $4, {WAITING} \
             WHERE id = $1 AND attempt = $2 AND owner = $3 AND state = 'Running'"
        ))
        .bind(&claim.job.id)
        .bind(claim.job.attempt)
        .bind(&claim.owner)
        .bind(run_at.min(self.now().saturating_add(LONGEST_WAIT)))
        .execute(&mut tx)
        .await;
        claim.require(tx.end(released).await?)?;
        self.inner.signals.give(Signal::Job(claim.job.class));
        Ok(())
    }

    /// Takes back the jobs whose lease has ended and returns how many there were. They wait to be
    /// claimed again.
    pub(crate) async fn release_expired_claims(&self) -> Result<u64> {
        let mut connection = self.connect().await?;
        let time = connection.dialect().lease_time(1);
        let expired = format!("state = 'Running' AND lease_until <= {time}");
        // Most of the time there is none, and looking costs no turn to write.
        let any: bool = sql(format!(
            "SELECT EXISTS (SELECT 1 FROM jobs WHERE {expired})"
        ))
        .bind(self.lease_time())
        .scalar(&mut connection)
        .await?;
        drop(connection);
        if !any {
            return Ok(0);
        }
        let mut tx = self.write().await?;
        let released = sql(format!("UPDATE jobs SET {WAITING} WHERE {expired}"))
            .bind(self.lease_time())
            .execute(&mut tx)
            .await;
        let released = tx.end(released).await?;
        if released > 0 {
            self.inner.signals.give_jobs();
        }
        Ok(released)
    }
}

/// Claims the next job.
async fn next(tx: &mut Connection, asked: &JobDue<'_>) -> Result<Option<Job>> {
    match tx.dialect() {
        Dialect::Sqlite => sqlite::claims::claim_job(tx, asked).await,
        #[cfg(feature = "postgres")]
        Dialect::Postgres => super::postgres::claims::claim_job(tx, asked).await,
    }
}

/// Ends the job and applies the effects. Returns the blobs that are garbage then, too.
async fn finish(
    tx: &mut Connection,
    claim: &ClaimedJob,
    outcome: &Outcome,
    effects: &[Effect],
    now: i64,
) -> Result<(Job, Vec<String>)> {
    let (state, result, code, message) = match outcome {
        Outcome::Success { result } => (JobState::Success, Some(result), None, None),
        Outcome::Failed {
            code,
            message,
            result,
        } => (JobState::Failed, result.as_ref(), Some(code), Some(message)),
    };
    let job: Job = sql(
        "UPDATE jobs SET state = $4, result = $5, code = $6, message = $7, ended_at = $8, \
         owner = NULL, lease_until = NULL \
         WHERE id = $1 AND attempt = $2 AND owner = $3 AND state = 'Running' RETURNING *",
    )
    .bind(&claim.job.id)
    .bind(claim.job.attempt)
    .bind(&claim.owner)
    .bind(state)
    .bind(result.map(String::as_str))
    .bind(code.map(String::as_str))
    .bind(message.map(String::as_str))
    .bind(now)
    .optional(tx)
    .await?
    .ok_or_else(|| claim.stale())?;
    rows::lock_all(tx, effects.iter().flat_map(Effect::names).collect()).await?;
    let mut garbage = Vec::new();
    for effect in effects {
        garbage.extend(effect.apply(tx, &claim.job.id, now).await?);
    }
    Ok((job, garbage))
}

impl Effect {
    /// The objects it changes.
    fn names(&self) -> Vec<&ObjectName> {
        match self {
            Self::PutObject { name, .. }
            | Self::AddObject { name, .. }
            | Self::SetObjectAcl { name, .. }
            | Self::SetObjectMetadata { name, .. }
            | Self::DeleteObject { name, .. } => vec![name],
            Self::MoveObject { from, to, .. } => vec![from, to],
            Self::Callback(_) => Vec::new(),
        }
    }

    /// Applies it, and returns the blobs that are garbage then.
    async fn apply(&self, tx: &mut Connection, job_id: &str, now: i64) -> Result<Vec<String>> {
        match self {
            Self::AddObject { name, .. } if rows::find_optional(tx, name).await?.is_some() => {
                Ok(Vec::new())
            }
            Self::PutObject {
                name,
                blob,
                attributes,
            }
            | Self::AddObject {
                name,
                blob,
                attributes,
            } => {
                let mut object = rows::staged_object(name, blob, attributes.clone(), now);
                rows::insert_staged(tx, &mut object, blob).await
            }
            Self::MoveObject { from, to, if_etag } => {
                rows::require_content(tx, from, if_etag.as_deref()).await?;
                rows::rename(tx, from, to, now).await
            }
            Self::SetObjectAcl { name, acl, if_etag } => {
                rows::require_content(tx, name, if_etag.as_deref()).await?;
                rows::set_acl(tx, name, None, acl).await?;
                Ok(Vec::new())
            }
            Self::SetObjectMetadata {
                name,
                header,
                value,
                if_etag,
            } => {
                rows::set_metadata(tx, name, header, value, if_etag.as_deref()).await?;
                Ok(Vec::new())
            }
            Self::DeleteObject { name, if_etag } => {
                match rows::require_content(tx, name, if_etag.as_deref()).await {
                    Ok(_) => Ok(rows::remove(tx, name, now).await?.garbage),
                    Err(StoreError::NoSuchObject(_)) => Ok(Vec::new()),
                    Err(error) => Err(error),
                }
            }
            Self::Callback(callback) => {
                callbacks::insert(tx, job_id, callback, now).await?;
                Ok(Vec::new())
            }
        }
    }
}
