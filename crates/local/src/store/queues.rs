//! Queues, which can be paused.

use sqlx::FromRow;

use super::connection::Connection;
use super::error::{Result, StoreError};
use super::handle::Store;
use super::id::new_id;
use super::job::JobState;
use super::sql::sql;
use super::value::Value;
use super::words::words;

/// Whether the jobs of a queue are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QueueState {
    /// They are run.
    Active,
    /// They wait.
    Paused,
}

words!(QueueState { Active => "Active", Paused => "Paused" });

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
    #[sqlx(try_from = "String")]
    pub(crate) state: QueueState,
    /// How many of its jobs run at the same time.
    #[sqlx(try_from = "i64")]
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
        sql("SELECT * FROM queues WHERE queue_id = $1")
            .bind(queue_id)
            .optional(&mut self.connect().await?)
            .await?
            .ok_or_else(|| StoreError::NoSuchQueue(queue_id.to_owned()))
    }

    /// The queues of `bucket`, oldest first; only those among `ids` unless it is empty.
    pub(crate) async fn queues(&self, bucket: &str, ids: &[String]) -> Result<Vec<Queue>> {
        let mut connection = self.connect().await?;
        let among = connection.dialect().among(2);
        sql(format!(
            "SELECT * FROM queues WHERE bucket = $1 AND ($2 = '[]' OR queue_id {among}) \
             ORDER BY created_at, queue_id"
        ))
        .bind(bucket)
        .bind(Value::texts(ids)?)
        .all(&mut connection)
        .await
    }

    /// Changes a queue. Pausing it turns its waiting jobs to [`JobState::Pause`], activating it
    /// turns them back; running jobs continue.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchQueue`].
    pub(crate) async fn update_queue(&self, queue_id: &str, update: &QueueUpdate) -> Result<Queue> {
        let mut tx = self.write().await?;
        let result = change(&mut tx, queue_id, update, self.now()).await;
        let queue = tx.end(result).await?;
        self.inner.signals.give_jobs();
        Ok(queue)
    }
}

async fn change(
    tx: &mut Connection,
    queue_id: &str,
    update: &QueueUpdate,
    now: i64,
) -> Result<Queue> {
    // Nobody claims a job of it meanwhile.
    tx.lock(&format!("queue {queue_id}")).await?;
    let queue: Queue = sql(
        "UPDATE queues SET name = coalesce($2, name), state = coalesce($3, state), \
         notify = coalesce($4, notify), updated_at = $5 WHERE queue_id = $1 RETURNING *",
    )
    .bind(queue_id)
    .bind(&update.name)
    .bind(update.state.map(QueueState::word))
    .bind(&update.notify)
    .bind(now)
    .optional(tx)
    .await?
    .ok_or_else(|| StoreError::NoSuchQueue(queue_id.to_owned()))?;
    let (from, to) = match queue.state {
        QueueState::Active => (JobState::Pause, JobState::Submitted),
        QueueState::Paused => (JobState::Submitted, JobState::Pause),
    };
    sql("UPDATE jobs SET state = $3 WHERE queue_id = $1 AND state = $2")
        .bind(queue_id)
        .bind(from)
        .bind(to)
        .execute(tx)
        .await?;
    Ok(queue)
}

/// Creates an active queue in the transaction on `tx`.
pub(super) async fn insert(
    tx: &mut Connection,
    bucket: &str,
    kind: &str,
    name: &str,
    now: i64,
) -> Result<Queue> {
    sql(
        "INSERT INTO queues (queue_id, bucket, kind, name, state, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING *",
    )
    .bind(new_id("p"))
    .bind(bucket)
    .bind(kind)
    .bind(name)
    .bind(QueueState::Active)
    .bind(now)
    .one(tx)
    .await
}
