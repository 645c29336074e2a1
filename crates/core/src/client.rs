//! The client under every generated client.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::config::Config;
use crate::retry::TokenBucket;

/// What the clients of one configuration share. Cloning is cheap.
#[derive(Clone)]
pub struct Client {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) tokens: TokenBucket,
    /// How far the service's clock is ahead of ours, in milliseconds, once an answer has told.
    skew: AtomicI64,
}

impl Client {
    /// A client of `config`.
    pub fn new(config: &Config) -> Self {
        Self {
            shared: Arc::new(Shared {
                config: config.clone(),
                tokens: TokenBucket::new(),
                skew: AtomicI64::new(0),
            }),
        }
    }

    /// Its configuration.
    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// The service's time in Unix seconds, as far as it is known.
    pub(crate) fn now(&self) -> i64 {
        let skew = self.shared.skew.load(Ordering::Relaxed);
        self.config()
            .environment
            .now()
            .saturating_add(skew)
            .div_euclid(1000)
    }

    /// Learns the service's time, in Unix seconds.
    pub(crate) fn learn_time(&self, seconds: i64) {
        let skew = seconds
            .saturating_mul(1000)
            .saturating_sub(self.config().environment.now());
        self.shared.skew.store(skew, Ordering::Relaxed);
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("config", self.config())
            .finish_non_exhaustive()
    }
}
