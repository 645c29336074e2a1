//! Queues, which can be paused.

use sqlx::types::Json;
use sqlx::{FromRow, SqliteConnection};

use super::error::{Result, StoreError};
use super::handle::Store;
use super::id::new_id;
use super::job::JobState;

/// Whether the jobs of a queue are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
pub(crate) enum QueueState {
    /// They are run.
    Active,
    /// They wait.
    Paused,
}

/// A queue of a bucket.
#[expect(
    clippy::struct_field_names,
    reason = "the fields are the columns of the table"
)]
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct Queue {
    /// `p` and 32 hexadecimal digits.
    pub(crate) queue_id: String,
    /// The bucket.
    pub(crate) bucket: String,
    /// The kind of its jobs, as in `PicProcess`.
    pub(crate) kind: String,
    /// The name shown to people.
    pub(crate) name: String,
    /// Whether its jobs are run.
    pub(crate) state: QueueState,
    /// How many of its jobs run at the same time.
    pub(crate) max_concurrent: u32,
    /// Whom to notify when a job without its own callback ends, in the caller's own format.
    pub(crate) notify: Option<String>,
    /// When it was created.
    pub(crate) created_at: i64,
    /// When it was last changed.
    pub(crate) updated_at: i64,
}

/// What to change in a queue. `None` leaves a thing as it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct QueueUpdate {
    /// The name shown to people.
    pub(crate) name: Option<String>,
    /// Whether its jobs are run.
    pub(crate) state: Option<QueueState>,
    /// Whom to notify.
    pub(crate) notify: Option<String>,
}

impl Store {
    /// The queue with this id.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchQueue`].
    pub(crate) async fn queue(&self, queue_id: &str) -> Result<Queue> {
        sqlx::query_as("SELECT * FROM queues WHERE queue_id = $1")
            .bind(queue_id)
            .fetch_optional(&self.inner.reader)
            .await?
            .ok_or_else(|| StoreError::NoSuchQueue(queue_id.to_owned()))
    }

    /// The queues of `bucket`, oldest first; only those among `ids` unless it is empty.
    pub(crate) async fn queues(&self, bucket: &str, ids: &[String]) -> Result<Vec<Queue>> {
        let some = sqlx::query_as(
            "SELECT * FROM queues WHERE bucket = $1 \
             AND ($2 = '[]' OR queue_id IN (SELECT value FROM json_each($2))) \
             ORDER BY created_at, queue_id",
        )
        .bind(bucket)
        .bind(Json(ids));
        Ok(some.fetch_all(&self.inner.reader).await?)
    }

    /// Changes a queue. Pausing it turns its waiting jobs to [`JobState::Pause`], activating it
    /// turns them back; running jobs continue.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchQueue`].
    pub(crate) async fn update_queue(&self, queue_id: &str, update: &QueueUpdate) -> Result<Queue> {
        let mut tx = self.begin_write().await?;
        let queue: Queue = sqlx::query_as(
            "UPDATE queues SET name = coalesce($2, name), state = coalesce($3, state), \
             notify = coalesce($4, notify), updated_at = $5 WHERE queue_id = $1 RETURNING *",
        )
        .bind(queue_id)
        .bind(&update.name)
        .bind(update.state)
        .bind(&update.notify)
        .bind(self.now())
        .fetch_optional(&mut *tx)
        .await?
        .ok_or_else(|| StoreError::NoSuchQueue(queue_id.to_owned()))?;
        let (from, to) = match queue.state {
            QueueState::Active => (JobState::Pause, JobState::Submitted),
            QueueState::Paused => (JobState::Submitted, JobState::Pause),
        };
        sqlx::query("UPDATE jobs SET state = $3 WHERE queue_id = $1 AND state = $2")
            .bind(queue_id)
            .bind(from)
            .bind(to)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        self.inner.work.notify_all();
        Ok(queue)
    }
}

/// Creates an active queue in the transaction on `tx`.
pub(super) async fn insert(
    tx: &mut SqliteConnection,
    bucket: &str,
    kind: &str,
    name: &str,
    now: i64,
) -> Result<Queue> {
    let row = sqlx::query_as(
        "INSERT INTO queues (queue_id, bucket, kind, name, state, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING *",
    )
    .bind(new_id("p"))
    .bind(bucket)
    .bind(kind)
    .bind(name)
    .bind(QueueState::Active)
    .bind(now);
    Ok(row.fetch_one(tx).await?)
}
