//! The places that are looked at one after the other.

use std::path::PathBuf;

use tcloud_core::credentials::{
    Credentials, CredentialsError, CredentialsProvider, EnvironmentProvider, ProviderContext,
    Variables,
};
use tcloud_core::future::BoxFuture;

use crate::metadata::CvmRole;
use crate::profile::{ProfileFiles, ProfileProvider};
use crate::web_identity::WebIdentity;

/// The first of several places that has credentials.
///
/// A place where there is nothing leads on to the next; one that is incomplete, unreadable or
/// refused ends the search, since calls would be made under another name than intended. The error
/// names each place that was looked at and what was there.
#[derive(Debug, Default)]
pub struct Chain {
    places: Vec<(String, Box<dyn CredentialsProvider>)>,
}

impl Chain {
    /// No place.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks at `provider` next, which people know as `name`.
    pub fn then(
        mut self,
        name: impl Into<String>,
        provider: impl CredentialsProvider + 'static,
    ) -> Self {
        self.places.push((name.into(), Box::new(provider)));
        self
    }

    async fn first(&self, context: &ProviderContext) -> Result<Credentials, CredentialsError> {
        let mut looked = Vec::new();
        for (name, provider) in &self.places {
            match provider.credentials(context).await {
                Ok(credentials) => return Ok(credentials),
                Err(error) => {
                    looked.push(format!("{name}: {error}"));
                    if !error.is_absent() {
                        return Err(CredentialsError::new(format!(
                            "no credentials; {}",
                            looked.join("; ")
                        )));
                    }
                }
            }
        }
        Err(CredentialsError::absent(if looked.is_empty() {
            "no credentials: there is no place to look at".to_owned()
        } else {
            format!("no credentials; {}", looked.join("; "))
        }))
    }
}

impl CredentialsProvider for Chain {
    fn credentials<'a>(
        &'a self,
        context: &'a ProviderContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(self.first(context))
    }
}

/// The places where a program's credentials usually are, in this order:
///
/// 1. environment variables ([`EnvironmentProvider`]),
/// 2. a profile ([`ProfileProvider`]),
/// 3. the role of a pod of TKE ([`WebIdentity`]),
/// 4. the role of a virtual machine ([`CvmRole`]).
///
/// The region of the profile comes along with keys that have none. Clients of a configuration
/// without credentials use this chain.
#[derive(Debug, Clone, Default)]
pub struct DefaultChain {
    variables: Variables,
    files: ProfileFiles,
    profile_alone: bool,
}

impl DefaultChain {
    /// The places of this process.
    pub fn new() -> Self {
        Self::default()
    }

    /// The profile `name`, and no other place.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.files = self.files.profile(name);
        self.profile_alone = true;
        self
    }

    /// Looks at these variables instead of those of the process.
    pub fn variables(mut self, variables: Variables) -> Self {
        self.files = self.files.variables(variables.clone());
        self.variables = variables;
        self
    }

    /// Looks below this folder instead of the user's home.
    pub fn home(mut self, folder: impl Into<PathBuf>) -> Self {
        self.files = self.files.home(folder);
        self
    }

    /// Looks at this file instead of `/etc/tencentcloud/credentials`.
    pub fn of_all_users(mut self, file: impl Into<PathBuf>) -> Self {
        self.files = self.files.of_all_users(file);
        self
    }

    /// The files of profiles, and the profile that is meant.
    pub const fn files(&self) -> &ProfileFiles {
        &self.files
    }

    /// Whether variables or files name credentials, be they whole or not. Nothing is sent to find
    /// out, and a virtual machine's role does not count.
    pub fn is_configured(&self) -> bool {
        let is_there = |found: Option<CredentialsError>| found.is_none_or(|it| !it.is_absent());
        self.files.named_by().is_some()
            || is_there(EnvironmentProvider::of(self.variables.clone()).read().err())
            || is_there(self.files.load().err())
            || WebIdentity::of(self.variables.clone()).is_named()
    }

    fn chain(&self) -> Chain {
        let profile = ProfileProvider::of(self.files.clone());
        if self.profile_alone {
            return Chain::new().then("profile", profile);
        }
        let variables = || self.variables.clone();
        Chain::new()
            .then("environment", EnvironmentProvider::of(variables()))
            .then("profile", profile)
            .then("TKE", WebIdentity::of(variables()))
            .then("CVM", CvmRole::of(variables()))
    }

    async fn look(&self, context: &ProviderContext) -> Result<Credentials, CredentialsError> {
        let credentials = self.chain().credentials(context).await.map_err(|error| {
            if error.is_absent() {
                CredentialsError::absent(format!(
                    "{error}; set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, or write a \
                     profile by `tcloud configure`"
                ))
            } else {
                error
            }
        })?;
        Ok(match (credentials.region(), self.files.region()) {
            (None, Some(region)) => credentials.with_region(region),
            _ => credentials,
        })
    }
}

impl CredentialsProvider for DefaultChain {
    fn credentials<'a>(
        &'a self,
        context: &'a ProviderContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(self.look(context))
    }
}
