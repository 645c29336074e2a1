//! Trying again what may succeed later.
//!
//! A call has attempts of its own, which bridge a second or two. A transfer that has run for hours
//! should not end because the network is away for a minute, so its parts are tried again after the
//! calls have given up.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use tcloud_core::error::Error as CallError;
use tcloud_core::error::ErrorKind as CallErrorKind;

use crate::engine::{Job, Tuning};
use crate::error::{Error, ErrorKind};
use crate::limits::Slot;

/// No pause is longer.
const LONGEST: Duration = Duration::from_secs(30);

/// Counts the rounds of something that is tried again.
#[derive(Debug)]
pub(crate) struct Rounds {
    left: u32,
    pause: Duration,
    first: Duration,
    most: u32,
}

impl Rounds {
    pub(crate) fn new(tuning: &Tuning) -> Self {
        Self {
            left: tuning.rounds.max(1),
            pause: tuning.pause,
            first: tuning.pause,
            most: tuning.rounds.max(1),
        }
    }

    /// Something has moved, so the next failure is a new one.
    pub(crate) fn progress(&mut self) {
        self.left = self.most;
        self.pause = self.first;
    }

    /// Waits before the next round.
    ///
    /// # Errors
    /// `error`, if it is final or there is no round left.
    pub(crate) async fn next(&mut self, error: Error) -> Result<(), Error> {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 || !is_passing(&error) {
            return Err(error);
        }
        tokio::time::sleep(jittered(self.pause)).await;
        self.pause = self.pause.saturating_mul(2).min(LONGEST);
        Ok(())
    }
}

/// Does `attempt` until it succeeds, fails for good, or the rounds are over.
pub(crate) async fn again<T, F>(
    job: &Job,
    slot: Option<&Slot>,
    mut attempt: impl FnMut() -> F,
) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut rounds = Rounds::new(&job.engine.tuning);
    loop {
        match attempt().await {
            Ok(value) => return Ok(value),
            Err(error) => {
                if let Some(slot) = slot.filter(|_| is_trouble(&error)) {
                    slot.troubled();
                }
                rounds.next(error).await?;
            }
        }
    }
}

/// Whether the same may succeed a little later.
pub(crate) fn is_passing(error: &Error) -> bool {
    if error.kind() == ErrorKind::Integrity {
        return true;
    }
    error.call().is_some_and(|call| {
        call.is_retryable()
            || call.is_throttled()
            || matches!(
                call.kind(),
                CallErrorKind::Transport
                    | CallErrorKind::ConnectTimeout
                    | CallErrorKind::AttemptTimeout
                    | CallErrorKind::Stalled
            )
            || call.status().is_some_and(|status| status.is_server_error())
            // A body that broke in the middle.
            || call.kind() == CallErrorKind::Response && call.status().is_none()
    })
}

/// Whether fewer requests at a time would help.
pub(crate) fn is_trouble(error: &Error) -> bool {
    error.call().is_some_and(|call: &CallError| {
        call.is_throttled()
            || call.is_timeout()
            || call.status().is_some_and(|status| status.as_u16() == 503)
    })
}

/// A pause between a half and the whole of `pause`, so that parts that failed together do not begin
/// together.
fn jittered(pause: Duration) -> Duration {
    let random = RandomState::new().build_hasher().finish();
    let half = pause / 2;
    let millis = u64::try_from(half.as_millis()).unwrap_or(u64::MAX);
    half.saturating_add(Duration::from_millis(
        random.checked_rem(millis).unwrap_or(0),
    ))
}
