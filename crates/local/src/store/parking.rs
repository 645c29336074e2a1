//! Jobs that are held: parked where no worker finds them, and moved on by hand.
//!
//! A parked job is one whose owner is the process itself and not one of its workers. Workers look
//! only for jobs without an owner, and a job without an end of its lease is taken from nobody.

use super::claim::{ClaimedJob, WAITING};
use super::connection::Connection;
use super::error::{Result, StoreError};
use super::handle::Store;
use super::job::{Job, JobState};
use super::signals::Signal;
use super::sql::sql;

/// The lock of who parks jobs, and of who looks at those that are parked.
const PARKING: &str = "parking";

/// A job that has not ended.
const UNENDED: &str = "state IN ('Submitted', 'Running', 'Pause')";

impl Store {
    /// The jobs that this process has parked, oldest first: also those of which a worker has learned
    /// just now that they are held.
    pub(crate) async fn parked_jobs(&self) -> Result<Vec<Job>> {
        let mut tx = self.write().await?;
        let parked = parked(&mut tx, &self.inner.process).await;
        tx.end_early(parked).await
    }

    /// Parks the job `id`, which has not ended, in `state`. Whoever is at work on it loses its claim.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchJob`], [`StoreError::NotCancellable`] if it has ended.
    pub(crate) async fn park_job(&self, id: &str, state: JobState) -> Result<Job> {
        let started = (state == JobState::Running).then(|| self.now());
        let mut tx = self.write().await?;
        let parked = sql(format!(
            "UPDATE jobs SET state = $2, owner = $3, lease_until = NULL, started_at = $4 \
             WHERE id = $1 AND {UNENDED} RETURNING *"
        ))
        .bind(id)
        .bind(state)
        .bind(&self.inner.process)
        .bind(started)
        .optional(&mut tx)
        .await;
        let parked = match parked {
            Ok(parked) => found(&mut tx, parked, id).await,
            Err(error) => Err(error),
        };
        let parked = tx.end(parked).await?;
        // A worker may be at it.
        self.inner.signals.give(Signal::Emptied);
        Ok(parked)
    }

    /// Lets the parked job `id` be found by workers again. Returns whether there was one.
    pub(crate) async fn unpark_job(&self, id: &str) -> Result<bool> {
        let mut tx = self.write().await?;
        let unparked = sql(format!(
            "UPDATE jobs SET {WAITING} WHERE id = $1 AND owner = $2 AND {UNENDED} RETURNING *"
        ))
        .bind(id)
        .bind(&self.inner.process)
        .optional::<Job>(&mut tx)
        .await;
        let unparked = tx.end(unparked).await?;
        if let Some(job) = &unparked {
            self.inner.signals.give(Signal::Job(job.class));
        }
        Ok(unparked.is_some())
    }

    /// Gives the job `id` to `owner` for `lease` milliseconds, whatever its state is and whoever has it,
    /// or only if it is parked. `None` if it has ended, or is not parked.
    pub(crate) async fn claim_by_id(
        &self,
        id: &str,
        only_parked: bool,
        owner: &str,
        lease: i64,
    ) -> Result<Option<ClaimedJob>> {
        let mut tx = self.write().await?;
        let time = tx.dialect().lease_time(3);
        let claimed = sql(format!(
            "UPDATE jobs SET state = 'Running', owner = $2, lease_until = {time} + $4, \
             attempt = attempt + 1, started_at = coalesce(started_at, $5) \
             WHERE id = $1 AND {UNENDED} AND (owner = $6 OR NOT $7) RETURNING *"
        ))
        .bind(id)
        .bind(owner)
        .bind(self.lease_time())
        .bind(lease)
        .bind(self.now())
        .bind(&self.inner.process)
        .bind(only_parked)
        .optional::<Job>(&mut tx)
        .await;
        let claimed = tx.end(claimed).await?;
        Ok(claimed.map(|job| ClaimedJob::new(job, owner)))
    }

    /// Wakes a worker for jobs like `job`.
    pub(crate) fn wake_for(&self, job: &Job) {
        self.inner.signals.give(Signal::Job(job.class));
    }
}

async fn parked(tx: &mut Connection, process: &str) -> Result<Vec<Job>> {
    tx.lock(PARKING).await?;
    sql(format!(
        "SELECT * FROM jobs WHERE owner = $1 AND {UNENDED} ORDER BY seq"
    ))
    .bind(process)
    .all(tx)
    .await
}

/// Parks the job `claimed`, as if it had never been claimed, if it is still `held` when nobody looks at
/// what is parked. Returns whether it was.
pub(super) async fn park_if(
    tx: &mut Connection,
    claimed: &Job,
    process: &str,
    held: impl Fn(&Job) -> bool,
) -> Result<bool> {
    tx.lock(PARKING).await?;
    if !held(claimed) {
        return Ok(false);
    }
    park(tx, claimed, process).await.map(|()| true)
}

async fn park(tx: &mut Connection, claimed: &Job, process: &str) -> Result<()> {
    sql(
        "UPDATE jobs SET state = 'Submitted', owner = $2, lease_until = NULL, started_at = NULL, \
         attempt = attempt - 1 WHERE id = $1",
    )
    .bind(&claimed.id)
    .bind(process)
    .execute(tx)
    .await
    .map(drop)
}

/// The job `id`, if it is `found`, or why not.
async fn found(tx: &mut Connection, found: Option<Job>, id: &str) -> Result<Job> {
    if let Some(job) = found {
        return Ok(job);
    }
    let ended = sql("SELECT * FROM jobs WHERE id = $1").bind(id);
    let ended: Option<Job> = ended.optional(tx).await?;
    let id = id.to_owned();
    Err(match ended {
        Some(job) => StoreError::NotCancellable {
            id,
            state: job.state,
        },
        None => StoreError::NoSuchJob(id),
    })
}
