//! What a program can see of its calls while they run, for metrics.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use crate::credentials::{CredentialsError, Refresh, RefreshNotice};
use crate::error::Error;
use crate::operation::Operation;

/// What is called with each [`Event`] of the calls of a configuration, set by
/// [`ConfigBuilder::observer`](crate::config::ConfigBuilder::observer).
///
/// It runs on the task of the call, so it should be quick. No event holds a key, a token, a
/// signature or a signed URL; the message of an error may be the service's own words.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use tcloud_core::observe::{Event, Observer};
///
/// #[derive(Debug, Default)]
/// struct Retries(AtomicU64);
///
/// impl Observer for Retries {
///     fn observe(&self, event: &Event<'_>) {
///         if let Event::Retry { .. } = event {
///             self.0.fetch_add(1, Ordering::Relaxed);
///         }
///     }
/// }
/// ```
pub trait Observer: fmt::Debug + Send + Sync {
    /// `event` has happened.
    fn observe(&self, event: &Event<'_>);
}

impl<T: Observer + ?Sized> Observer for Arc<T> {
    fn observe(&self, event: &Event<'_>) {
        (**self).observe(event);
    }
}

/// What happens to calls. Times are of the configuration's monotonic clock.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A call has begun.
    #[non_exhaustive]
    CallBegun {
        /// What is called.
        operation: &'static Operation,
        /// The bucket, if the operation has one.
        bucket: Option<&'a str>,
        /// The region of the call or the configuration. One that only the credentials name is not
        /// known yet.
        region: Option<&'a str>,
    },
    /// A call has ended. Each call that has begun ends once.
    #[non_exhaustive]
    CallEnded {
        /// What was called.
        operation: &'static Operation,
        /// How often the request was sent.
        attempts: u32,
        /// How long it took. The body of a streamed answer is read afterwards.
        duration: Duration,
        /// How it ended.
        outcome: Outcome<'a>,
    },
    /// An attempt has ended. Each attempt ends once.
    #[non_exhaustive]
    AttemptEnded {
        /// What is called.
        operation: &'static Operation,
        /// Its number in the call, from 1.
        number: u32,
        /// The host that was asked.
        host: &'a str,
        /// The status of the answer, if there was one.
        status: Option<StatusCode>,
        /// The request's id at the service, if there was an answer with one.
        request_id: Option<&'a str>,
        /// Bytes of the request's body that went out.
        sent: u64,
        /// Bytes of the answer's body that came in, as they travelled. The body of a streamed answer
        /// is read afterwards:
        /// [`CallOptions::on_progress`](crate::call::CallOptions::on_progress) counts it.
        received: u64,
        /// How long it took.
        duration: Duration,
        /// How it ended.
        outcome: Outcome<'a>,
    },
    /// An attempt has failed, and there will be another one.
    #[non_exhaustive]
    Retry {
        /// What is called.
        operation: &'static Operation,
        /// The number of the attempt that failed, from 1.
        number: u32,
        /// The wait before the next attempt; zero where a new key, a corrected clock or another host
        /// is tried.
        delay: Duration,
        /// Why the attempt failed.
        error: &'a Error,
    },
    /// The provider has given a new key.
    #[non_exhaustive]
    CredentialsRefreshed {
        /// When it ends, in Unix seconds, if it does.
        expires_at: Option<i64>,
    },
    /// The provider has failed to give a new key.
    #[non_exhaustive]
    CredentialsNotRefreshed {
        /// Why.
        error: &'a CredentialsError,
        /// Whether the last key is still valid, and used meanwhile.
        still_valid: bool,
    },
}

/// How a call or an attempt has ended.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// Well.
    Success,
    /// By an error.
    Failed(&'a Error),
    /// Nobody waits for it any more: the call was dropped, or, for an attempt, its time was over.
    Abandoned,
}

/// The observers of a configuration, called in the order in which they were added.
#[derive(Debug, Clone, Default)]
pub(crate) struct Observers(Vec<Arc<dyn Observer>>);

impl Observers {
    pub(crate) fn add(&mut self, observer: impl Observer + 'static) {
        self.0.push(Arc::new(observer));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn tell(&self, event: &Event<'_>) {
        for observer in &self.0 {
            observer.observe(event);
        }
    }

    /// What is called when credentials are refreshed: `own`, then the observers.
    pub(crate) fn on_refresh(&self, own: Option<Arc<RefreshNotice>>) -> Option<Arc<RefreshNotice>> {
        if self.is_empty() {
            return own;
        }
        let observers = self.clone();
        Some(Arc::new(move |refresh: &Refresh<'_>| {
            if let Some(own) = &own {
                own(refresh);
            }
            observers.tell(&match refresh {
                Refresh::Done { credentials } => Event::CredentialsRefreshed {
                    expires_at: credentials.expires_at(),
                },
                Refresh::Failed { error, kept } => Event::CredentialsNotRefreshed {
                    error,
                    still_valid: kept.is_some(),
                },
            });
        }))
    }
}
