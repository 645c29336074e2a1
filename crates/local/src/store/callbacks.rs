//! Callbacks: notifications on their way out, each kept until it is delivered or given up.
//!
//! A callback is delivered at least once. The process may end between the receiver's answer and
//! its record, so a receiver can see one twice, never none.

use http::Uri;
use sqlx::types::Json;
use sqlx::{FromRow, SqliteConnection};

use super::error::{Result, StoreError};
use super::handle::{LONGEST_WAIT, Store};

/// A callback to send.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct NewCallback {
    /// Where to send it.
    pub(crate) url: String,
    /// The media type of the body.
    pub(crate) content_type: String,
    /// What to send.
    pub(crate) body: Vec<u8>,
}

/// The state of a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
pub(crate) enum CallbackState {
    /// Waits for its next attempt.
    Pending,
    /// The receiver has accepted it.
    Delivered,
    /// No more attempts are made.
    Failed,
}

/// A callback as recorded.
#[derive(Clone, PartialEq, Eq, FromRow)]
pub(crate) struct Callback {
    /// The id, greater for later ones.
    pub(crate) id: i64,
    /// The job it reports on.
    pub(crate) job_id: String,
    /// Where it goes.
    pub(crate) url: String,
    /// The host and port it goes to, empty if the address has none.
    pub(crate) destination: String,
    /// The media type of the body.
    pub(crate) content_type: String,
    /// What is sent.
    pub(crate) body: Vec<u8>,
    /// Its state.
    pub(crate) state: CallbackState,
    /// How many attempts were begun.
    pub(crate) attempts: u32,
    /// When the next attempt is due, if it is pending.
    pub(crate) next_attempt_at: i64,
    /// When it was queued.
    pub(crate) created_at: i64,
    /// When the latest attempt was begun.
    pub(crate) last_attempt_at: Option<i64>,
    /// The HTTP status of the latest recorded attempt, if there was an answer.
    pub(crate) last_status: Option<u16>,
    /// What was wrong with the latest recorded attempt.
    pub(crate) last_error: Option<String>,
}

/// How an attempt went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// The receiver has accepted it.
    Accepted {
        /// The HTTP status.
        status: u16,
    },
    /// It failed and is worth another attempt.
    Retry {
        /// The HTTP status, if there was an answer.
        status: Option<u16>,
        /// What was wrong.
        error: String,
        /// When to try again.
        at: i64,
    },
    /// It failed and no more attempts are made.
    GivenUp {
        /// The HTTP status, if there was an answer.
        status: Option<u16>,
        /// What was wrong.
        error: String,
    },
}

/// What the process is already working on.
#[derive(Debug, Clone, Default)]
pub(crate) struct UnderWay {
    /// The callbacks of attempts that have not been recorded yet. They are not begun again, however
    /// much time seems to have passed.
    pub(crate) callbacks: Vec<i64>,
    /// The destinations that are to be left alone for now.
    pub(crate) destinations: Vec<String>,
}

impl Store {
    /// Waits until there may be a callback to deliver. One that is queued while nobody waits wakes
    /// the next one who does. Callbacks due at a later time give no signal: look again then.
    pub(crate) async fn wait_for_callbacks(&self) {
        self.inner.callbacks.notified().await;
    }

    /// Begins an attempt at the callback that is due longest, of those that are not `under_way`.
    /// Unless the attempt is recorded, the callback is due again after `lease` milliseconds, but
    /// no later than after a minute.
    pub(crate) async fn claim_callback(
        &self,
        lease: i64,
        under_way: &UnderWay,
    ) -> Result<Option<Callback>> {
        let now = self.now();
        let due = sqlx::query_as(
            "UPDATE callbacks SET attempts = attempts + 1, last_attempt_at = $1, \
             next_attempt_at = $2 WHERE id = (SELECT id FROM callbacks WHERE state = 'Pending' \
             AND (attempts = 0 OR next_attempt_at NOT BETWEEN $1 + 1 AND $1 + $3) \
             AND id NOT IN (SELECT value FROM json_each($4)) \
             AND destination NOT IN (SELECT value FROM json_each($5)) \
             ORDER BY next_attempt_at, id LIMIT 1) RETURNING *",
        )
        .bind(now)
        .bind(now.saturating_add(lease.min(LONGEST_WAIT)))
        .bind(LONGEST_WAIT)
        .bind(Json(&under_way.callbacks))
        .bind(Json(&under_way.destinations))
        .fetch_optional(&self.inner.writer)
        .await?;
        if due.is_some() {
            // Signals are merged: the one that woke this sender may have been for several
            // callbacks.
            self.inner.callbacks.notify_one();
        }
        Ok(due)
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
        let recorded = sqlx::query(
            "UPDATE callbacks SET state = $3, last_status = $4, last_error = $5, \
             next_attempt_at = coalesce($6, next_attempt_at) \
             WHERE id = $1 AND attempts = $2 AND state = 'Pending'",
        )
        .bind(attempt.id)
        .bind(attempt.attempts)
        .bind(state)
        .bind(status)
        .bind(error)
        .bind(next)
        .execute(&self.inner.writer)
        .await?;
        if recorded.rows_affected() == 0 {
            let (id, attempt) = (attempt.id, attempt.attempts);
            return Err(StoreError::StaleDelivery { id, attempt });
        }
        Ok(())
    }
}

/// Queues a callback in the transaction on `tx`, due at once.
pub(super) async fn insert(
    tx: &mut SqliteConnection,
    job_id: &str,
    callback: &NewCallback,
    now: i64,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO callbacks (job_id, url, destination, content_type, body, state, \
         next_attempt_at, created_at) VALUES ($1, $2, $7, $3, $4, $5, $6, $6)",
    )
    .bind(job_id)
    .bind(&callback.url)
    .bind(&callback.content_type)
    .bind(&callback.body)
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
