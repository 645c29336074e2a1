//! The credentials of a configuration: asked for once for all its callers, and kept until shortly
//! before their end.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Poll;
use std::time::Duration;

use super::environment::EnvironmentProvider;
use super::error::CredentialsError;
use super::flight::Flight;
use super::key::Credentials;
use super::provider::{CredentialsProvider, ProviderContext};
use crate::future::BoxFuture;

/// Keys that name no end are asked for again after this, in milliseconds: a profile may have been
/// edited meanwhile.
const WITHOUT_END: i64 = 5 * 60_000;

/// A refresh begins this long before the end at the earliest, in milliseconds, and a fifth of the
/// remaining life before it for keys that live shorter.
const EARLY: i64 = 10 * 60_000;

/// After a failed refresh a valid key is used for this long before the next, in milliseconds.
const PAUSE: i64 = 60_000;

/// A key that comes with its end behind it is used for this long all the same, in milliseconds:
/// this machine's clock may be ahead.
const BENEFIT: i64 = 60_000;

/// How long a provider may take: while there is a valid key, and where there is none.
const REFRESH_LIMIT: Duration = Duration::from_secs(5);
const FIRST_LIMIT: Duration = Duration::from_secs(30);

/// How a refresh of credentials went.
#[derive(Debug)]
#[non_exhaustive]
pub enum Refresh<'a> {
    /// There are new ones.
    Done {
        /// The credentials.
        credentials: &'a Credentials,
    },
    /// There are no new ones.
    Failed {
        /// Why.
        error: &'a CredentialsError,
        /// The credentials that are still valid and used meanwhile, if there are any.
        kept: Option<&'a Credentials>,
    },
}

pub(crate) type RefreshNotice = dyn Fn(&Refresh<'_>) + Send + Sync;
type Outcome = Result<Arc<Credentials>, CredentialsError>;

/// The credentials that the clients of a configuration share. Cloning shares them.
#[derive(Clone)]
pub(crate) struct CredentialsCache(Arc<Shared>);

struct Shared {
    provider: OnceLock<Arc<dyn CredentialsProvider>>,
    notice: Option<Arc<RefreshNotice>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    kept: Option<Kept>,
    refreshing: Option<Refreshing>,
}

/// The refresh under way.
struct Refreshing {
    flight: Arc<Flight<Outcome>>,
    /// How many callers wait for it.
    tickets: usize,
}

#[derive(Clone)]
struct Kept {
    credentials: Arc<Credentials>,
    /// In milliseconds since the Unix epoch, as all times here.
    refresh_at: i64,
    ends_at: Option<i64>,
    /// A service has refused them as expired.
    refused: bool,
}

impl Kept {
    fn new(credentials: Credentials, now: i64, random: u64) -> Self {
        let expiry = credentials
            .expires_at()
            .map(|seconds| seconds.saturating_mul(1000));
        let ends_at = expiry.map(|end| end.max(now.saturating_add(BENEFIT)));
        let refresh_at = match ends_at {
            None => now.saturating_add(WITHOUT_END),
            Some(end) => {
                let window = (end.saturating_sub(now) / 5).min(EARLY);
                // Many machines that began together should not ask together.
                let half = u64::try_from(window / 2).unwrap_or(0);
                let jitter = half
                    .checked_add(1)
                    .and_then(|range| random.checked_rem(range))
                    .and_then(|jitter| i64::try_from(jitter).ok())
                    .unwrap_or(0);
                end.saturating_sub(window).saturating_add(jitter)
            }
        };
        Self {
            credentials: Arc::new(credentials),
            refresh_at,
            ends_at,
            refused: false,
        }
    }

    fn is_valid(&self, now: i64) -> bool {
        !self.refused && self.ends_at.is_none_or(|end| now < end)
    }
}

impl CredentialsCache {
    /// The credentials of `provider`; without one, of that which a client chooses, or of the
    /// environment.
    pub(crate) fn new(
        provider: Option<Arc<dyn CredentialsProvider>>,
        notice: Option<Arc<RefreshNotice>>,
    ) -> Self {
        Self(Arc::new(Shared {
            provider: provider.map(OnceLock::from).unwrap_or_default(),
            notice,
            state: Mutex::default(),
        }))
    }

    /// Chooses the provider, unless there is one.
    pub(crate) fn choose(&self, provider: impl FnOnce() -> Arc<dyn CredentialsProvider>) {
        self.0.provider.get_or_init(provider);
    }

    /// Credentials to sign with now.
    ///
    /// While a refresh is under way, whoever began it waits for it and the others go on with the
    /// key that is still valid.
    pub(crate) async fn get(&self, context: &ProviderContext) -> Outcome {
        let now = context.environment.now();
        let ticket = {
            let mut state = self.0.state();
            let kept = state.kept.as_ref().filter(|kept| kept.is_valid(now));
            if let Some(kept) = kept
                && (state.refreshing.is_some() || now < kept.refresh_at)
            {
                return Ok(Arc::clone(&kept.credentials));
            }
            let limit = if kept.is_some() {
                REFRESH_LIMIT
            } else {
                FIRST_LIMIT
            };
            let refreshing = state.refreshing.get_or_insert_with(|| Refreshing {
                flight: Flight::new(self.refresh(context.clone(), limit)),
                tickets: 0,
            });
            refreshing.tickets += 1;
            Ticket {
                shared: Arc::clone(&self.0),
                flight: Arc::clone(&refreshing.flight),
            }
        };
        let outcome = poll_fn(|context| ticket.flight.poll(context)).await;
        outcome.unwrap_or_else(|| {
            ticket.end_refresh(|_| true);
            Err(CredentialsError::new("the credentials provider panicked"))
        })
    }

    /// Credentials in place of `refused`, which a service takes for expired. They are the same if
    /// the provider has no others.
    pub(crate) async fn renew(&self, refused: &Credentials, context: &ProviderContext) -> Outcome {
        {
            let mut state = self.0.state();
            // If it is another one, someone has been here before.
            if let Some(kept) = &mut state.kept
                && kept.credentials.is_same_key(refused)
            {
                kept.refused = true;
            }
        }
        self.get(context).await
    }

    fn refresh(&self, context: ProviderContext, limit: Duration) -> BoxFuture<'static, Outcome> {
        let shared = Arc::clone(&self.0);
        Box::pin(async move {
            let environment = EnvironmentProvider::new();
            let provider: &dyn CredentialsProvider = match shared.provider.get() {
                Some(provider) => provider,
                None => &environment,
            };
            let sleep = context.environment.sleep(limit);
            let answer = within(sleep, provider.credentials(&context)).await;
            let answer = answer.unwrap_or_else(|| {
                Err(CredentialsError::new(format!(
                    "the credentials provider gave no answer within {} s",
                    limit.as_secs()
                )))
            });
            let now = context.environment.now();
            shared.settle(answer, now, context.environment.random())
        })
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing is left half done where the lock is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the refresh under way with the provider's answer.
    fn settle(
        &self,
        answer: Result<Credentials, CredentialsError>,
        now: i64,
        random: u64,
    ) -> Outcome {
        let answer = answer.map(|credentials| Kept::new(credentials, now, random));
        let valid = {
            let mut state = self.state();
            state.refreshing = None;
            match &answer {
                Ok(new) => state.kept = Some(new.clone()),
                Err(_) => {
                    if let Some(kept) = &mut state.kept {
                        kept.refresh_at = now.saturating_add(PAUSE);
                    }
                }
            }
            let kept = state.kept.as_ref().filter(|kept| kept.is_valid(now));
            kept.map(|kept| Arc::clone(&kept.credentials))
        };
        if let Some(notice) = &self.notice {
            notice(&match &answer {
                Ok(new) => Refresh::Done {
                    credentials: &new.credentials,
                },
                Err(error) => Refresh::Failed {
                    error,
                    kept: valid.as_deref(),
                },
            });
        }
        match (answer, valid) {
            (Ok(new), _) => Ok(new.credentials),
            (Err(_), Some(valid)) => Ok(valid),
            (Err(error), None) => Err(error),
        }
    }
}

/// A caller's place on the refresh under way, which ends when the last caller has gone.
struct Ticket {
    shared: Arc<Shared>,
    flight: Arc<Flight<Outcome>>,
}

impl Ticket {
    /// Ends the refresh if it is still under way and `condition` holds.
    fn end_refresh(&self, condition: impl FnOnce(&mut Refreshing) -> bool) {
        let ended = {
            let mut state = self.shared.state();
            let is_own = |it: &mut Refreshing| Arc::ptr_eq(&it.flight, &self.flight);
            state.refreshing.take_if(|it| is_own(it) && condition(it))
        };
        // Its future may hold anything, and is dropped without the lock.
        drop(ended);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.end_refresh(|refreshing| {
            refreshing.tickets = refreshing.tickets.saturating_sub(1);
            refreshing.tickets == 0
        });
        // If the provider has panicked in this caller's hands, the others have to know.
        self.flight.wake_all();
    }
}

/// Runs `future` until `sleep` ends.
async fn within<T>(
    mut sleep: BoxFuture<'static, ()>,
    future: impl Future<Output = T>,
) -> Option<T> {
    let mut future = pin!(future);
    poll_fn(|context| {
        if let Poll::Ready(value) = future.as_mut().poll(context) {
            return Poll::Ready(Some(value));
        }
        sleep.as_mut().poll(context).map(|()| None)
    })
    .await
}

impl fmt::Debug for CredentialsCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialsCache")
            .field("provider", &self.0.provider.get())
            .field(
                "kept",
                &self.0.state().kept.as_ref().map(|kept| &kept.credentials),
            )
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
