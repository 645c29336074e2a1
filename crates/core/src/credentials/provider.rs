//! Where keys come from, and what a place may use to get them.

use std::fmt;
use std::future::ready;
use std::sync::Arc;

use super::error::CredentialsError;
use super::key::Credentials;
use crate::endpoint::{Endpoint, Site};
use crate::environment::Environment;
use crate::future::BoxFuture;
use crate::host::Hosts;
use crate::transport::Transport;

/// A source of credentials.
///
/// The clients of a configuration ask it together: an answer is kept until shortly before the end
/// it names ([`Credentials::with_expiry`]), and for five minutes if it names none. So a provider
/// need not keep anything itself, and one that is asked anew should look anew.
pub trait CredentialsProvider: Send + Sync + fmt::Debug {
    /// The credentials to use from now on.
    ///
    /// # Errors
    /// There are none here ([`CredentialsError::absent`]), or they cannot be had.
    fn credentials<'a>(
        &'a self,
        context: &'a ProviderContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>>;
}

impl<P: CredentialsProvider + ?Sized> CredentialsProvider for Arc<P> {
    fn credentials<'a>(
        &'a self,
        context: &'a ProviderContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        self.as_ref().credentials(context)
    }
}

/// What a provider may use: it belongs to the configuration that asks.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ProviderContext {
    /// What sends requests.
    pub transport: Arc<dyn Transport>,
    /// Clock, sleep and chance.
    pub environment: Arc<dyn Environment>,
    /// The address that services are asked at instead of their own, if there is one.
    pub endpoint: Option<Endpoint>,
    /// The site the account belongs to.
    pub site: Site,
    /// The hosts that requests are for.
    pub hosts: Hosts,
    /// The region that is configured, if one is.
    pub region: Option<String>,
}

impl ProviderContext {
    /// A context of services at their own hosts and addresses, without a region.
    pub fn new(
        transport: impl Transport + 'static,
        environment: impl Environment + 'static,
    ) -> Self {
        Self {
            transport: Arc::new(transport),
            environment: Arc::new(environment),
            endpoint: None,
            site: Site::default(),
            hosts: Hosts::default(),
            region: None,
        }
    }
}

/// Always the same credentials.
#[derive(Clone, Debug)]
pub struct StaticProvider {
    credentials: Credentials,
}

impl StaticProvider {
    /// Gives out `credentials`.
    pub const fn new(credentials: Credentials) -> Self {
        Self { credentials }
    }
}

impl From<Credentials> for StaticProvider {
    fn from(credentials: Credentials) -> Self {
        Self::new(credentials)
    }
}

impl CredentialsProvider for StaticProvider {
    fn credentials<'a>(
        &'a self,
        _: &'a ProviderContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(ready(Ok(self.credentials.clone())))
    }
}
