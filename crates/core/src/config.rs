//! What a client needs to know: who calls, where, and how patiently.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::credentials::{Credentials, CredentialsProvider, EnvironmentProvider, StaticProvider};
use crate::endpoint::{Endpoint, Site};
use crate::environment::{Environment, System};
use crate::error::{Error, ErrorKind};
use crate::retry::RetryPolicy;
use crate::transport::Transport;

/// A client's configuration. Cloning is cheap; one configuration serves the clients of all
/// services.
///
/// ```
/// use tcloud_core::config::Config;
/// use tcloud_core::credentials::Credentials;
/// use tcloud_core::transport::Memory;
///
/// let config = Config::builder()
///     .region("ap-chongqing")
///     .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
///     .transport(Memory::answering([(200, "")]))
///     .build()?;
/// # Ok::<(), tcloud_core::error::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) region: Option<String>,
    pub(crate) site: Site,
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) credentials: Arc<dyn CredentialsProvider>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) environment: Arc<dyn Environment>,
    pub(crate) retry: RetryPolicy,
    pub(crate) timeout: Duration,
    pub(crate) language: Language,
    pub(crate) check_limits: bool,
    pub(crate) check_integrity: bool,
}

/// The language of API 3.0 error messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Chinese.
    Chinese,
}

impl Config {
    /// Starts a configuration.
    pub fn builder() -> ConfigBuilder {
        ConfigBuilder::default()
    }

    /// The configuration of the environment: credentials as
    /// [`EnvironmentProvider`] finds them, and the region of `TENCENTCLOUD_REGION`.
    ///
    /// # Errors
    /// As [`ConfigBuilder::build`]. Missing credentials are told when they are needed.
    #[cfg(feature = "reqwest")]
    pub fn from_environment() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// The region, if one is set.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }
}

/// Makes a [`Config`].
#[derive(Default)]
pub struct ConfigBuilder {
    region: Option<String>,
    site: Site,
    endpoint: Option<Endpoint>,
    credentials: Option<Arc<dyn CredentialsProvider>>,
    transport: Option<Arc<dyn Transport>>,
    environment: Option<Arc<dyn Environment>>,
    retry: RetryPolicy,
    timeout: Option<Duration>,
    language: Language,
    skip_limits: bool,
    skip_integrity: bool,
}

impl ConfigBuilder {
    /// The region, such as `ap-guangzhou`. Without it, that of `TENCENTCLOUD_REGION`.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The site the account belongs to; that of mainland China unless set.
    pub fn site(mut self, site: Site) -> Self {
        self.site = site;
        self
    }

    /// Sends all requests to this address, with the service's own `Host` header: for the local
    /// cloud, gateways and tests.
    pub fn endpoint(mut self, endpoint: Endpoint) -> Self {
        self.endpoint = Some(endpoint);
        self
    }

    /// Signs with these credentials.
    pub fn credentials(self, credentials: Credentials) -> Self {
        self.credentials_provider(StaticProvider::new(credentials))
    }

    /// Asks `provider` for credentials before each request. Without one, the environment is asked.
    pub fn credentials_provider(mut self, provider: impl CredentialsProvider + 'static) -> Self {
        self.credentials = Some(Arc::new(provider));
        self
    }

    /// Sends by `transport` instead of the ready one.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Takes clock, sleep and chance from `environment` instead of the system.
    pub fn environment(mut self, environment: impl Environment + 'static) -> Self {
        self.environment = Some(Arc::new(environment));
        self
    }

    /// How often to try again, and how patiently.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How long a call may take in all, its retries included, until its answer's headers are
    /// there (and its body, unless that is streamed). 60 s unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The language of API 3.0 error messages; English unless set.
    pub fn language(mut self, language: Language) -> Self {
        self.language = language;
        self
    }

    /// Whether numbers out of the documented range and texts longer than documented are refused
    /// before anything is sent, with the node and the bound. They are, unless switched off: where a
    /// document errs, the service may take more.
    pub fn check_limits(mut self, check: bool) -> Self {
        self.skip_limits = !check;
        self
    }

    /// Whether the CRC-64 of an object that goes up or comes down as a whole is compared with the
    /// one that COS names, and a difference is an error of
    /// [`ErrorKind::Integrity`]. It is, unless switched off.
    pub fn check_integrity(mut self, check: bool) -> Self {
        self.skip_integrity = !check;
        self
    }

    /// The configuration.
    ///
    /// # Errors
    /// There is no transport: none was given, and the feature `reqwest` is off or could not set
    /// up TLS.
    pub fn build(self) -> Result<Config, Error> {
        let transport = match self.transport {
            Some(transport) => transport,
            None => ready_transport()?,
        };
        Ok(Config {
            region: self
                .region
                .or_else(|| std::env::var("TENCENTCLOUD_REGION").ok())
                .filter(|region| !region.is_empty()),
            site: self.site,
            endpoint: self.endpoint,
            credentials: self
                .credentials
                .unwrap_or_else(|| Arc::new(EnvironmentProvider::new())),
            transport,
            environment: self.environment.unwrap_or_else(|| Arc::new(System)),
            retry: self.retry,
            timeout: self.timeout.unwrap_or(Duration::from_secs(60)),
            language: self.language,
            check_limits: !self.skip_limits,
            check_integrity: !self.skip_integrity,
        })
    }
}

#[cfg(feature = "reqwest")]
fn ready_transport() -> Result<Arc<dyn Transport>, Error> {
    match crate::transport::Reqwest::new() {
        Ok(transport) => Ok(Arc::new(transport)),
        Err(error) => {
            Err(Error::new(ErrorKind::Configuration, error.message.clone()).caused_by(error))
        }
    }
}

#[cfg(not(feature = "reqwest"))]
fn ready_transport() -> Result<Arc<dyn Transport>, Error> {
    Err(
        Error::new(ErrorKind::Configuration, "no transport is configured")
            .advise("give one by `ConfigBuilder::transport`, or switch on the feature `reqwest`"),
    )
}

impl fmt::Debug for ConfigBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigBuilder")
            .field("region", &self.region)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}
