//! What is special about one call.

use crate::body::OnProgress;
use crate::host::Hosts;
use crate::retry::RetryPolicy;
use crate::timeouts::Timeouts;

/// What may differ from call to call.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct CallOptions {
    /// Another region than the configuration's.
    pub region: Option<String>,
    /// Other hosts than the configuration's.
    pub hosts: Option<Box<Hosts>>,
    /// Other limits than the configuration's, where they are set.
    pub timeouts: Timeouts,
    /// Another retry policy.
    pub retry: Option<RetryPolicy>,
    /// Query parameters that the operation's table does not have, by name and value.
    pub query: Vec<(String, String)>,
    /// What is called while a raw body moves.
    pub on_progress: Option<OnProgress>,
    /// Whether checksums of raw bodies are compared, if not as the configuration says.
    pub check_integrity: Option<bool>,
    /// Whether a large request of API 3.0 is compressed, if not as the configuration says.
    pub compress_request: Option<bool>,
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

    /// Waits as long as `timeouts` says; where that says nothing, as the configuration does.
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
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

    /// Calls `observer` while a raw body moves, either way, with the bytes that have moved so far
    /// and, where it is known, their number in all. See [`OnProgress`].
    pub fn on_progress(
        mut self,
        observer: impl Fn(u64, Option<u64>) + Send + Sync + 'static,
    ) -> Self {
        self.on_progress = Some(OnProgress::new(observer));
        self
    }

    /// Compares checksums of raw bodies, or does not, whatever
    /// [`ConfigBuilder::check_integrity`](crate::config::ConfigBuilder::check_integrity) says.
    pub fn check_integrity(mut self, check: bool) -> Self {
        self.check_integrity = Some(check);
        self
    }

    /// Compresses the request if it is a large one of API 3.0, or does not, whatever
    /// [`ConfigBuilder::compress_requests`](crate::config::ConfigBuilder::compress_requests) says.
    pub fn compress_request(mut self, compress: bool) -> Self {
        self.compress_request = Some(compress);
        self
    }
}
