//! The client under every generated client.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::config::Config;
use crate::rate::Pacer;
use crate::retry::TokenBucket;

/// What the clients of one configuration share. Cloning is cheap.
#[derive(Clone)]
pub struct Client {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) tokens: TokenBucket,
    pub(crate) pacer: Option<Pacer>,
    /// How far the service's clock is ahead of ours, in milliseconds, once an answer has said so.
    skew: AtomicI64,
}

impl Client {
    /// A client of `config`.
    pub fn new(config: &Config) -> Self {
        Self {
            shared: Arc::new(Shared {
                config: config.clone(),
                tokens: TokenBucket::new(),
                pacer: config.adaptive_rate.map(Pacer::new),
                skew: AtomicI64::new(0),
            }),
        }
    }

    /// Its configuration.
    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// The service's time in Unix seconds, if it is `skew` milliseconds ahead of ours.
    pub(crate) fn now(&self, skew: i64) -> i64 {
        let own = self.config().context.environment.now();
        own.saturating_add(skew).div_euclid(1000)
    }

    /// How far the service's clock is ahead of ours, in milliseconds, as far as it is known.
    pub(crate) fn skew(&self) -> i64 {
        self.shared.skew.load(Ordering::Relaxed)
    }

    /// Puts `new` in place of `known`, unless another call was first.
    pub(crate) fn replace_skew(&self, known: i64, new: i64) {
        let skew = &self.shared.skew;
        // Whoever was first has learnt the same.
        let _ = skew.compare_exchange(known, new, Ordering::Relaxed, Ordering::Relaxed);
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("config", self.config())
            .finish_non_exhaustive()
    }
}
