//! How callbacks were delivered, attempt by attempt, for people to look at.
//!
//! A row of the store knows the last attempt of a callback; the ones before it are kept by the
//! process that made them, for as long as there is room.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

/// How many are kept.
const MOST: usize = 1_000;

/// An attempt to deliver a callback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tried {
    /// The callback.
    #[serde(skip)]
    pub(crate) callback: i64,
    /// Which attempt it was, from 1.
    pub(crate) number: u32,
    /// When it ended, in Unix milliseconds by the cloud's clock.
    pub(crate) at: i64,
    /// The HTTP status, if there was an answer.
    pub(crate) status: Option<u16>,
    /// What was wrong.
    pub(crate) error: Option<String>,
}

/// The last attempts.
#[derive(Debug, Default)]
pub(crate) struct Attempts(Mutex<VecDeque<Tried>>);

impl Attempts {
    /// Keeps `attempt`, and forgets the oldest one for it.
    pub(crate) fn push(&self, attempt: Tried) {
        let mut kept = self.lock();
        if kept.len() >= MOST {
            kept.pop_front();
        }
        kept.push_back(attempt);
    }

    /// Those of the callback `id`, oldest first.
    pub(crate) fn of(&self, id: i64) -> Vec<Tried> {
        let kept = self.lock();
        let own = kept.iter().filter(|attempt| attempt.callback == id);
        own.cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Tried>> {
        // A push leaves the list whole whatever happens.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Attempts, MOST, Tried};

    #[test]
    fn the_oldest_are_forgotten() {
        let attempts = Attempts::default();
        let attempt = |callback, number| Tried {
            callback,
            number,
            at: 0,
            status: None,
            error: Some("refused".to_owned()),
        };
        attempts.push(attempt(1, 1));
        attempts.push(attempt(2, 1));
        attempts.push(attempt(1, 2));
        assert_eq!(attempts.of(1), [attempt(1, 1), attempt(1, 2)]);
        for number in 0..1_000 {
            attempts.push(attempt(3, number));
        }
        assert_eq!((attempts.of(1).len(), attempts.of(3).len()), (0, MOST));
    }
}
