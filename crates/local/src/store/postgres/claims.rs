//! How work is claimed: whoever looks for it passes over what others are claiming.

use crate::store::callback::Callback;
use crate::store::connection::Connection;
use crate::store::due::{CallbackDue, JobDue, LONGEST_WAIT};
use crate::store::error::Result;
use crate::store::job::Job;
use crate::store::sql::{Sql, sql};
use crate::store::value::Value;

/// The time that leases are measured by: `$1`, or the database's.
const TIME: &str = "coalesce($1, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint)";
/// A job that may run now, apart from what its queue says.
const DUE: &str = "state = 'Submitted' AND owner IS NULL AND class = $1 \
     AND (attempt = 0 OR run_at NOT BETWEEN $2::bigint + 1 AND $2::bigint + $3)";

/// Claims the next job.
pub(in crate::store) async fn claim_job(
    tx: &mut Connection,
    due: &JobDue<'_>,
) -> Result<Option<Job>> {
    // Queues that have no place, or no job that is not being claimed.
    let mut passed = Vec::new();
    let mut without_queue = true;
    loop {
        let next = with_due(
            format!(
                "SELECT seq, queue_id FROM jobs WHERE {DUE} AND CASE WHEN queue_id IS NULL THEN $5 \
                 ELSE queue_id NOT IN (SELECT jsonb_array_elements_text($4::jsonb)) END \
                 ORDER BY level DESC, seq LIMIT 1"
            ),
            due,
        )
        .bind(Value::texts(&passed)?)
        .bind(without_queue)
        .optional::<(i64, Option<String>)>(tx)
        .await?;
        let job = match next {
            None => return Ok(None),
            Some((_, None)) => {
                let free = format!("{DUE} AND queue_id IS NULL");
                // If there is none, others are claiming all of them.
                without_queue = false;
                lock_next(tx, with_due(next_of(&free), due)).await?
            }
            Some((_, Some(queue))) => {
                // One after the other, or together they would take more places than there are.
                tx.lock(&format!("queue {queue}")).await?;
                let job = if has_place(tx, &queue).await? {
                    let queued = format!("{DUE} AND queue_id = $4");
                    lock_next(tx, with_due(next_of(&queued), due).bind(&queue)).await?
                } else {
                    None
                };
                passed.push(queue);
                job
            }
        };
        if let Some(seq) = job {
            return take(tx, due, seq).await.map(Some);
        }
    }
}

fn with_due(text: String, due: &JobDue<'_>) -> Sql {
    sql(text).bind(due.class).bind(due.now).bind(LONGEST_WAIT)
}

fn next_of(condition: &str) -> String {
    format!(
        "SELECT seq FROM jobs WHERE {condition} ORDER BY level DESC, seq LIMIT 1 \
         FOR UPDATE SKIP LOCKED"
    )
}

async fn lock_next(tx: &mut Connection, next: Sql) -> Result<Option<i64>> {
    next.scalar_optional(tx).await
}

async fn has_place(tx: &mut Connection, queue: &str) -> Result<bool> {
    let place = sql(
        "SELECT state = 'Active' AND max_concurrent > (SELECT count(*) FROM jobs \
         WHERE jobs.queue_id = $1 AND jobs.state = 'Running') FROM queues WHERE queue_id = $1",
    );
    // A job outlives the queue of a bucket that was deleted.
    let place = place.bind(queue).scalar_optional(tx).await?;
    Ok(place.unwrap_or(true))
}

async fn take(tx: &mut Connection, due: &JobDue<'_>, seq: i64) -> Result<Job> {
    sql(format!(
        "UPDATE jobs SET state = 'Running', owner = $2, lease_until = {TIME} + $3, \
         attempt = attempt + 1, started_at = $4 WHERE seq = $5 RETURNING *"
    ))
    .bind(due.lease_time)
    .bind(due.owner)
    .bind(due.lease)
    .bind(due.now)
    .bind(seq)
    .one(tx)
    .await
}

/// Claims the callback that is due longest.
pub(in crate::store) async fn claim_callback(
    tx: &mut Connection,
    due: &CallbackDue<'_>,
) -> Result<Option<Callback>> {
    sql(format!(
        "UPDATE callbacks SET attempts = attempts + 1, last_attempt_at = $2, owner = $3, \
         lease_until = {TIME} + $4 WHERE id = (SELECT id FROM callbacks WHERE state = 'Pending' \
         AND (lease_until IS NULL OR lease_until <= {TIME}) \
         AND (attempts = 0 OR next_attempt_at NOT BETWEEN $2::bigint + 1 AND $2::bigint + $5) \
         AND id NOT IN (SELECT value::bigint FROM jsonb_array_elements_text($6::jsonb)) \
         AND destination NOT IN (SELECT jsonb_array_elements_text($7::jsonb)) \
         ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING *"
    ))
    .bind(due.lease_time)
    .bind(due.now)
    .bind(due.process)
    .bind(due.lease)
    .bind(LONGEST_WAIT)
    .bind(Value::numbers(&due.under_way.callbacks)?)
    .bind(Value::texts(&due.under_way.destinations)?)
    .optional(tx)
    .await
}
