//! Callbacks: notifications on their way out, each kept until it is delivered or given up.
//!
//! A callback is delivered at least once. The process may end between the receiver's answer and
//! its record, so a receiver can see one twice, never none.

use http::Uri;

use super::callback::{Callback, CallbackState, Delivery, NewCallback, UnderWay};
use super::connection::Connection;
use super::dialect::Dialect;
use super::due::{CallbackDue, LONGEST_WAIT};
use super::error::{Result, StoreError};
use super::handle::Store;
use super::signals::Signal;
use super::sql::sql;
use super::sqlite;

impl Store {
    /// Waits until there may be a callback to deliver. One that is queued while nobody waits wakes
    /// the next one who does. Callbacks due at a later time give no signal: look again then.
    pub(crate) async fn wait_for_callbacks(&self) {
        self.inner.signals.wait(Signal::Callback).await;
    }

    /// Begins an attempt at the callback that is due longest, of those that are not `under_way`.
    /// Unless the attempt is recorded, the callback is due again after `lease` milliseconds, but
    /// no later than after a minute; until then no other process begins one.
    pub(crate) async fn claim_callback(
        &self,
        lease: i64,
        under_way: &UnderWay,
    ) -> Result<Option<Callback>> {
        let asked = CallbackDue {
            process: &self.inner.process,
            lease: lease.min(LONGEST_WAIT),
            lease_time: self.lease_time(),
            now: self.now(),
            under_way,
        };
        // Nobody looks for nothing on the writer's time.
        let mut connection = self.connect().await?;
        let is_pending = sql("SELECT EXISTS (SELECT 1 FROM callbacks WHERE state = 'Pending')");
        if !is_pending.scalar::<bool>(&mut connection).await? {
            return Ok(None);
        }
        drop(connection);
        let mut tx = self.write().await?;
        let due = match tx.dialect() {
            Dialect::Sqlite => sqlite::claims::claim_callback(&mut tx, &asked).await,
            #[cfg(feature = "postgres")]
            Dialect::Postgres => super::postgres::claims::claim_callback(&mut tx, &asked).await,
        };
        // Delivered twice in the worst case, which a receiver has to expect anyway.
        let due = tx.end_lazily(due).await?;
        if due.is_some() {
            // Signals are merged: the one that woke this sender may have been for several
            // callbacks.
            self.inner.signals.hear(Signal::Callback);
        }
        Ok(due)
    }

    /// The callbacks that report on the job `job_id`, oldest first.
    pub(crate) async fn callbacks_of(&self, job_id: &str) -> Result<Vec<Callback>> {
        sql("SELECT * FROM callbacks WHERE job_id = $1 ORDER BY id")
            .bind(job_id)
            .all(&mut self.connect().await?)
            .await
    }

    /// Makes a callback that has ended due again, for one more attempt; nothing if there is none that
    /// has ended.
    pub(crate) async fn deliver_again(&self, id: i64) -> Result<Option<Callback>> {
        let mut tx = self.write().await?;
        let again = sql("UPDATE callbacks SET state = $2, next_attempt_at = $3 \
             WHERE id = $1 AND state <> $2 RETURNING *")
        .bind(id)
        .bind(CallbackState::Pending)
        .bind(self.now())
        .optional(&mut tx)
        .await;
        let again = tx.end(again).await?;
        self.inner.signals.give(Signal::Callback);
        Ok(again)
    }

    /// Records how the attempt begun by [`Store::claim_callback`] went.
    ///
    /// # Errors
    ///
    /// [`StoreError::StaleDelivery`] if a later attempt has begun or the callback has ended.
    pub(crate) async fn record_delivery(
        &self,
        attempt: &Callback,
        delivery: Delivery,
    ) -> Result<()> {
        let (state, status, error, next) = match delivery {
            Delivery::Accepted { status } => (CallbackState::Delivered, Some(status), None, None),
            Delivery::Retry { status, error, at } => {
                let latest = self.now().saturating_add(LONGEST_WAIT);
                (
                    CallbackState::Pending,
                    status,
                    Some(error),
                    Some(at.min(latest)),
                )
            }
            Delivery::GivenUp { status, error } => {
                (CallbackState::Failed, status, Some(error), None)
            }
        };
        let mut tx = self.write().await?;
        let recorded = sql(
            "UPDATE callbacks SET state = $3, last_status = $4, last_error = $5, \
             next_attempt_at = coalesce($6, next_attempt_at), owner = NULL, lease_until = NULL \
             WHERE id = $1 AND attempts = $2 AND state = 'Pending'",
        )
        .bind(attempt.id)
        .bind(attempt.attempts)
        .bind(state)
        .bind(status.map(i64::from))
        .bind(error)
        .bind(next)
        .execute(&mut tx)
        .await;
        let recorded = tx.end(recorded).await?;
        if recorded == 0 {
            let (id, attempt) = (attempt.id, attempt.attempts);
            return Err(StoreError::StaleDelivery { id, attempt });
        }
        Ok(())
    }
}

/// Queues a callback in the transaction on `tx`, due at once.
pub(super) async fn insert(
    tx: &mut Connection,
    job_id: &str,
    callback: &NewCallback,
    now: i64,
) -> Result<()> {
    sql(
        "INSERT INTO callbacks (job_id, url, destination, content_type, body, state, \
         next_attempt_at, created_at) VALUES ($1, $2, $7, $3, $4, $5, $6, $6)",
    )
    .bind(job_id)
    .bind(&callback.url)
    .bind(&callback.content_type)
    .bind(&callback.body[..])
    .bind(CallbackState::Pending)
    .bind(now)
    .bind(destination(&callback.url))
    .execute(tx)
    .await?;
    Ok(())
}

/// The host and port that `url` leads to. What has none is refused before a connection is made.
fn destination(url: &str) -> String {
    let Ok(url) = url.parse::<Uri>() else {
        return String::new();
    };
    let Some(host) = url.host() else {
        return String::new();
    };
    let default = if url.scheme_str() == Some("https") {
        443
    } else {
        80
    };
    let port = url.port_u16().unwrap_or(default);
    format!("{}:{port}", host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::destination;

    #[test]
    fn a_destination_is_a_host_and_a_port() {
        for (url, expected) in [
            ("http://Example.com/a?b=c", "example.com:80"),
            ("https://user:secret@example.com", "example.com:443"),
            ("http://[::1]:8080/", "[::1]:8080"),
            ("example", "example:80"),
            ("/relative", ""),
            ("", ""),
        ] {
            assert_eq!(destination(url), expected, "{url}");
        }
    }
}
