//! What a callback is, from its queuing to its end.

use sqlx::FromRow;

use super::words::words;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallbackState {
    /// Waits for its next attempt.
    Pending,
    /// The receiver has accepted it.
    Delivered,
    /// No more attempts are made.
    Failed,
}

words!(CallbackState { Pending => "Pending", Delivered => "Delivered", Failed => "Failed" });

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
    #[sqlx(try_from = "String")]
    pub(crate) state: CallbackState,
    /// How many attempts were begun.
    #[sqlx(try_from = "i64")]
    pub(crate) attempts: u32,
    /// When the next attempt is due, if it is pending.
    pub(crate) next_attempt_at: i64,
    /// When it was queued.
    pub(crate) created_at: i64,
    /// When the latest attempt was begun.
    pub(crate) last_attempt_at: Option<i64>,
    /// The HTTP status of the latest recorded attempt, if there was an answer.
    pub(crate) last_status: Option<i64>,
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
