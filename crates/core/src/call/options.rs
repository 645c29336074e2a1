//! What is special about one call.

use std::time::Duration;

use crate::host::Hosts;
use crate::retry::RetryPolicy;

/// What may differ from call to call.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct CallOptions {
    /// Another region than the configuration's.
    pub region: Option<String>,
    /// Other hosts than the configuration's.
    pub hosts: Option<Box<Hosts>>,
    /// Another deadline.
    pub timeout: Option<Duration>,
    /// Another retry policy.
    pub retry: Option<RetryPolicy>,
    /// Query parameters that the operation's table does not have, by name and value.
    pub query: Vec<(String, String)>,
}

impl CallOptions {
    /// No difference.
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls in `region`.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Asks other hosts, such as those of global acceleration for a large upload.
    pub fn hosts(mut self, hosts: Hosts) -> Self {
        self.hosts = Some(Box::new(hosts));
        self
    }

    /// Takes at most `timeout` in all.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Tries again as `policy` says.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// Sends a query parameter that the operation's table does not have, signed like the others:
    /// one that is newer than the table, or a pipeline that processes a picture while it is read.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }
}
