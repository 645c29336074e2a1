//! What a client needs to know: who calls, where, and how patiently.

use std::fmt;
use std::sync::Arc;

use crate::classify::{Classifier, Classify};
use crate::credentials::{
    Credentials, CredentialsCache, CredentialsError, CredentialsProvider, ProviderContext, Refresh,
    RefreshNotice, StaticProvider,
};
use crate::endpoint::{Endpoint, Site};
use crate::environment::{Environment, System};
use crate::error::{Error, ErrorKind};
use crate::future::BoxFuture;
use crate::host::{Breaker, Hosts};
use crate::interceptor::{Interceptor, Interceptors};
use crate::network::Network;
use crate::observe::{Observer, Observers};
use crate::rate::AdaptiveRate;
use crate::retry::RetryPolicy;
use crate::timeouts::Timeouts;
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
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch that is told apart by its name"
)]
pub struct Config {
    /// What its credentials provider may use as well.
    pub(crate) context: ProviderContext,
    pub(crate) credentials: CredentialsCache,
    pub(crate) breaker: Breaker,
    pub(crate) retry: RetryPolicy,
    pub(crate) timeouts: Timeouts,
    pub(crate) language: Language,
    pub(crate) check_limits: bool,
    pub(crate) anonymous: bool,
    pub(crate) check_integrity: bool,
    pub(crate) compress_requests: bool,
    pub(crate) observers: Observers,
    pub(crate) interceptors: Interceptors,
    pub(crate) classifier: Classifier,
    pub(crate) adaptive_rate: Option<AdaptiveRate>,
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

    /// The configuration of the environment: credentials as the clients' default chain finds
    /// them, and the region of `TENCENTCLOUD_REGION`.
    ///
    /// # Errors
    /// As [`ConfigBuilder::build`]. Missing credentials are reported when they are needed.
    #[cfg(feature = "reqwest")]
    pub fn from_environment() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// Starts the configuration of a client that a provider uses: it sends by the same transport,
    /// to the same hosts and addresses.
    pub fn of(context: &ProviderContext) -> ConfigBuilder {
        ConfigBuilder {
            site: context.site,
            endpoint: context.endpoint.clone(),
            hosts: context.hosts.clone(),
            transport: Some(Arc::clone(&context.transport)),
            environment: Some(Arc::clone(&context.environment)),
            ..ConfigBuilder::default()
        }
    }

    /// The region, if one is set.
    pub fn region(&self) -> Option<&str> {
        self.context.region.as_deref()
    }

    /// The credentials that calls are signed with now: those that are kept, or the provider's.
    ///
    /// # Errors
    /// The provider has none.
    pub fn credentials(&self) -> BoxFuture<'_, Result<Arc<Credentials>, CredentialsError>> {
        Box::pin(self.credentials.get(&self.context))
    }

    /// Lets `provider` give the credentials, if none was named and no other client was first: for
    /// crates of services.
    pub fn default_credentials(&self, provider: impl FnOnce() -> Arc<dyn CredentialsProvider>) {
        self.credentials.choose(provider);
    }

    /// Credentials in place of `refused`, which a service takes for expired.
    pub(crate) async fn renew_credentials(
        &self,
        refused: &Credentials,
    ) -> Result<Arc<Credentials>, CredentialsError> {
        self.credentials.renew(refused, &self.context).await
    }
}

/// Makes a [`Config`].
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch that is told apart by its name"
)]
pub struct ConfigBuilder {
    region: Option<String>,
    site: Site,
    endpoint: Option<Endpoint>,
    hosts: Hosts,
    credentials: Option<Arc<dyn CredentialsProvider>>,
    on_refresh: Option<Arc<RefreshNotice>>,
    transport: Option<Arc<dyn Transport>>,
    environment: Option<Arc<dyn Environment>>,
    retry: RetryPolicy,
    timeouts: Timeouts,
    network: Option<Network>,
    language: Language,
    skip_limits: bool,
    anonymous: bool,
    skip_integrity: bool,
    compress_requests: bool,
    observers: Observers,
    interceptors: Interceptors,
    classifier: Classifier,
    adaptive_rate: Option<AdaptiveRate>,
}

impl ConfigBuilder {
    /// The region, such as `ap-guangzhou`. Without it, that of `TENCENTCLOUD_REGION`, or of the
    /// place that the credentials come from.
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

    /// The hosts that requests are for; the services' own unless set.
    pub fn hosts(mut self, hosts: Hosts) -> Self {
        self.hosts = hosts;
        self
    }

    /// Signs with these credentials.
    pub fn credentials(self, credentials: Credentials) -> Self {
        self.credentials_provider(StaticProvider::new(credentials))
    }

    /// Signs with the credentials of `provider`, which are kept until shortly before their end.
    /// Without one, a client of a service uses the default chain of `tcloud-credentials`, or, if its
    /// feature `credentials` is off, the environment.
    pub fn credentials_provider(mut self, provider: impl CredentialsProvider + 'static) -> Self {
        self.credentials = Some(Arc::new(provider));
        self
    }

    /// Signs nothing, and asks no provider for credentials: for objects that everyone may read, and
    /// for operations of API 3.0 whose request is proof enough (`Authorization: SKIP`).
    ///
    /// ```
    /// # use tcloud_core::config::Config;
    /// # use tcloud_core::transport::Memory;
    /// let config = Config::builder()
    ///     .region("ap-guangzhou")
    ///     .anonymous()
    /// #   .transport(Memory::answering([(200, "")]))
    ///     .build()?;
    /// # Ok::<(), tcloud_core::error::Error>(())
    /// ```
    pub fn anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    /// Calls `notice` for each new key, and for each failure to get one: while the last key is
    /// still valid, calls continue with it and nothing else reports the failure.
    pub fn on_refresh(mut self, notice: impl Fn(&Refresh<'_>) + Send + Sync + 'static) -> Self {
        self.on_refresh = Some(Arc::new(notice));
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

    /// Lets `classify` overrule the verdict on errors: whether a failed attempt is followed by
    /// another one. See [`Classify`].
    pub fn classify(mut self, classify: impl Classify + 'static) -> Self {
        self.classifier = Classifier::new(classify);
        self
    }

    /// Lets the rate of a client's attempts follow what its service allows, instead of the pauses
    /// of each call alone; not unless set.
    pub fn adaptive_rate(mut self, rate: AdaptiveRate) -> Self {
        self.adaptive_rate = Some(rate);
        self
    }

    /// How long calls wait, and for what.
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// How the ready transport reaches the network: proxy, certificates, pool.
    pub fn network(mut self, network: Network) -> Self {
        self.network = Some(network);
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

    /// Whether requests of API 3.0 are compressed (gzip) if their documents have 10 KiB or more and
    /// become smaller by it. They are not, unless switched on: no document says which services take
    /// that, so try it on one call first. It takes the feature `gzip`, which `reqwest` brings along.
    pub fn compress_requests(mut self, compress: bool) -> Self {
        self.compress_requests = compress;
        self
    }

    /// Calls `observer` with what happens to calls: for metrics. There may be several.
    pub fn observer(mut self, observer: impl Observer + 'static) -> Self {
        self.observers.add(observer);
        self
    }

    /// Lets `interceptor` see and change requests before they are signed, and see the heads of
    /// answers. There may be several.
    pub fn interceptor(mut self, interceptor: impl Interceptor + 'static) -> Self {
        self.interceptors.add(interceptor);
        self
    }

    /// The configuration.
    ///
    /// # Errors
    /// There is no transport: none was given, and the feature `reqwest` is off, could not set up
    /// TLS, or cannot use a proxy or certificate of the network. Or a transport was given as well
    /// as a network, which only the ready one heeds.
    pub fn build(self) -> Result<Config, Error> {
        let transport = match (self.transport, &self.network) {
            (Some(_), Some(_)) => {
                return Err(Error::new(
                    ErrorKind::Configuration,
                    "the network is set, but the transport is not the ready one",
                )
                .advise("leave out one of `ConfigBuilder::network` and `::transport`"));
            }
            (Some(transport), None) => transport,
            (None, network) => ready_transport(network.as_ref(), self.timeouts)?,
        };
        Ok(Config {
            context: ProviderContext {
                transport,
                environment: self.environment.unwrap_or_else(|| Arc::new(System)),
                endpoint: self.endpoint,
                site: self.site,
                hosts: self.hosts,
                region: self
                    .region
                    .or_else(|| std::env::var("TENCENTCLOUD_REGION").ok())
                    .filter(|region| !region.is_empty()),
            },
            credentials: CredentialsCache::new(
                self.credentials,
                self.observers.on_refresh(self.on_refresh),
            ),
            breaker: Breaker::default(),
            retry: self.retry,
            timeouts: self.timeouts,
            language: self.language,
            check_limits: !self.skip_limits,
            anonymous: self.anonymous,
            check_integrity: !self.skip_integrity,
            compress_requests: self.compress_requests,
            observers: self.observers,
            interceptors: self.interceptors,
            classifier: self.classifier,
            adaptive_rate: self.adaptive_rate,
        })
    }
}

#[cfg(feature = "reqwest")]
fn ready_transport(
    network: Option<&Network>,
    timeouts: Timeouts,
) -> Result<Arc<dyn Transport>, Error> {
    let usual = Network::new();
    match crate::transport::Reqwest::with(network.unwrap_or(&usual), timeouts) {
        Ok(transport) => Ok(Arc::new(transport)),
        Err(error) => {
            Err(Error::new(ErrorKind::Configuration, error.message.clone()).caused_by(error))
        }
    }
}

#[cfg(not(feature = "reqwest"))]
fn ready_transport(_: Option<&Network>, _: Timeouts) -> Result<Arc<dyn Transport>, Error> {
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
            .field("timeouts", &self.timeouts)
            .field("network", &self.network)
            .finish_non_exhaustive()
    }
}
