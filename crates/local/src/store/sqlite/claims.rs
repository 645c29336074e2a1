//! How work is claimed: whoever looks for it is the only one who writes.

use crate::store::callback::Callback;
use crate::store::connection::Connection;
use crate::store::due::{CallbackDue, JobDue, LONGEST_WAIT};
use crate::store::error::Result;
use crate::store::job::Job;
use crate::store::sql::sql;
use crate::store::value::Value;

/// Claims the next job.
pub(in crate::store) async fn claim_job(
    tx: &mut Connection,
    claim: &JobDue<'_>,
) -> Result<Option<Job>> {
    sql(
        "UPDATE jobs SET state = 'Running', owner = $1, lease_until = $2 + $3, \
         attempt = attempt + 1, started_at = $4 \
         WHERE seq = (SELECT seq FROM jobs WHERE state = 'Submitted' AND owner IS NULL AND class = $6 \
         AND (attempt = 0 OR run_at NOT BETWEEN $4 + 1 AND $4 + $5) \
         AND (queue_id IS NULL OR queue_id NOT IN (\
         SELECT q.queue_id FROM jobs r JOIN queues q ON q.queue_id = r.queue_id \
         WHERE r.state = 'Running' AND r.queue_id IS NOT NULL \
         GROUP BY q.queue_id HAVING count(*) >= q.max_concurrent)) \
         ORDER BY level DESC, seq LIMIT 1) RETURNING *",
    )
    .bind(claim.owner)
    .bind(claim.lease_time)
    .bind(claim.lease)
    .bind(claim.now)
    .bind(LONGEST_WAIT)
    .bind(claim.class)
    .optional(tx)
    .await
}

/// Claims the callback that is due longest.
pub(in crate::store) async fn claim_callback(
    tx: &mut Connection,
    due: &CallbackDue<'_>,
) -> Result<Option<Callback>> {
    sql(
        "UPDATE callbacks SET attempts = attempts + 1, last_attempt_at = $1, owner = $2, \
         lease_until = $3 + $4 WHERE id = (SELECT id FROM callbacks WHERE state = 'Pending' \
         AND (lease_until IS NULL OR lease_until <= $3) \
         AND (attempts = 0 OR next_attempt_at NOT BETWEEN $1 + 1 AND $1 + $5) \
         AND id NOT IN (SELECT value FROM json_each($6)) \
         AND destination NOT IN (SELECT value FROM json_each($7)) \
         ORDER BY next_attempt_at, id LIMIT 1) RETURNING *",
    )
    .bind(due.now)
    .bind(due.process)
    .bind(due.lease_time)
    .bind(due.lease)
    .bind(LONGEST_WAIT)
    .bind(Value::numbers(&due.under_way.callbacks)?)
    .bind(Value::texts(&due.under_way.destinations)?)
    .optional(tx)
    .await
}
