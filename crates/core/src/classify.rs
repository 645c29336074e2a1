//! A second opinion on whether a failed attempt is followed by another one.

use std::fmt;
use std::sync::Arc;

use crate::error::Error;
use crate::operation::Operation;

/// An attempt that failed.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct FailedAttempt<'a> {
    /// What was called.
    pub operation: &'static Operation,
    /// Why it failed; [`Error::is_retryable`] is what the client would do.
    pub error: &'a Error,
    /// Its number, from 1.
    pub attempt: u32,
}

/// What follows a failed attempt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// What the client does of itself.
    #[default]
    Usual,
    /// Another attempt, if the policy's number of attempts, the call's time, its body and the
    /// client's budget for retries allow one. Of an operation that must not be done twice it is
    /// whoever says so who knows that it was not done.
    Retry,
    /// The end of the call.
    DoNotRetry,
}

/// Overrules the client's verdict on errors: [`ConfigBuilder::classify`].
///
/// An attempt after which the clock was corrected or a key was renewed is not asked about.
///
/// ```
/// use tcloud_core::classify::{FailedAttempt, Verdict};
/// use tcloud_core::config::Config;
///
/// // A code of one service that passes by itself.
/// let config = Config::builder().classify(|failed: &FailedAttempt<'_>| {
///     match failed.error.code() {
///         Some("ResourceInUse.Task") => Verdict::Retry,
///         _ => Verdict::Usual,
///     }
/// });
/// ```
///
/// [`ConfigBuilder::classify`]: crate::config::ConfigBuilder::classify
pub trait Classify: Send + Sync {
    /// What follows `failed`.
    fn classify(&self, failed: &FailedAttempt<'_>) -> Verdict;
}

impl<F: Fn(&FailedAttempt<'_>) -> Verdict + Send + Sync> Classify for F {
    fn classify(&self, failed: &FailedAttempt<'_>) -> Verdict {
        self(failed)
    }
}

/// The classifier of a configuration, if it has one.
#[derive(Clone, Default)]
pub(crate) struct Classifier(Option<Arc<dyn Classify>>);

impl Classifier {
    pub(crate) fn new(classify: impl Classify + 'static) -> Self {
        Self(Some(Arc::new(classify)))
    }

    /// `error`, that of the attempt numbered `attempt`, as it is judged in the end.
    pub(crate) fn judge(&self, operation: &'static Operation, attempt: u32, error: Error) -> Error {
        let verdict = self.0.as_ref().map(|classify| {
            classify.classify(&FailedAttempt {
                operation,
                error: &error,
                attempt,
            })
        });
        match verdict.unwrap_or_default() {
            Verdict::Usual => error,
            Verdict::Retry => error.retryable(true),
            Verdict::DoNotRetry => error.retryable(false),
        }
    }
}

impl fmt::Debug for Classifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Some(_) => "Classifier",
            None => "None",
        })
    }
}
