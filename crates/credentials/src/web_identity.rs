//! The role of a pod in a cluster of TKE, by the token that the cluster gives the pod.

use std::path::PathBuf;
use std::time::Duration;

use tcloud_core::credentials::{
    Credentials, CredentialsError, CredentialsProvider, ProviderContext, Variables,
};
use tcloud_core::future::BoxFuture;

use crate::files;
use crate::{session, sts};

const REGION: &str = "TKE_REGION";
const PROVIDER_ID: &str = "TKE_PROVIDER_ID";
const TOKEN_FILE: &str = "TKE_WEB_IDENTITY_TOKEN_FILE";
const ROLE_ARN: &str = "TKE_ROLE_ARN";

/// Takes a role by `AssumeRoleWithWebIdentity` of the token service: no key is needed.
///
/// In a cluster of TKE the variables `TKE_REGION`, `TKE_PROVIDER_ID`,
/// `TKE_WEB_IDENTITY_TOKEN_FILE` and `TKE_ROLE_ARN` say all there is to say. Variables and file are
/// read anew with each refresh, since the cluster replaces the token.
#[derive(Clone, Debug, Default)]
pub struct WebIdentity {
    variables: Variables,
    given: Option<Identity>,
    session_name: Option<String>,
    duration: Option<Duration>,
}

#[derive(Clone, Debug)]
struct Identity {
    region: Option<String>,
    provider_id: String,
    token_file: PathBuf,
    role_arn: String,
}

impl WebIdentity {
    /// The role that the variables of this process name.
    pub fn from_environment() -> Self {
        Self::default()
    }

    /// The role that `variables` name.
    pub fn of(variables: Variables) -> Self {
        Self {
            variables,
            ..Self::default()
        }
    }

    /// The role `role_arn`, for whom the identity provider `provider_id` has given the token in the
    /// file `token_file`.
    pub fn new(
        provider_id: impl Into<String>,
        token_file: impl Into<PathBuf>,
        role_arn: impl Into<String>,
    ) -> Self {
        Self {
            given: Some(Identity {
                region: None,
                provider_id: provider_id.into(),
                token_file: token_file.into(),
                role_arn: role_arn.into(),
            }),
            ..Self::default()
        }
    }

    /// The name by which the service's logs know the session. Unless set, `tcloud-` and the time.
    pub fn session_name(mut self, name: impl Into<String>) -> Self {
        self.session_name = Some(name.into());
        self
    }

    /// How long the keys live, in whole seconds: two hours unless set, twelve at most.
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// Whether an identity is named at all, be it in part.
    pub(crate) fn is_named(&self) -> bool {
        self.identity()
            .map_or_else(|error| !error.is_absent(), |_| true)
    }

    fn identity(&self) -> Result<Identity, CredentialsError> {
        if let Some(given) = &self.given {
            return Ok(given.clone());
        }
        let names = [PROVIDER_ID, TOKEN_FILE, ROLE_ARN];
        let values = names.map(|name| self.variables.get(name));
        let missing: Vec<_> = names
            .iter()
            .zip(&values)
            .filter(|(_, value)| value.is_none())
            .map(|(name, _)| *name)
            .collect();
        match values {
            [Some(provider_id), Some(token_file), Some(role_arn)] => Ok(Identity {
                region: self.variables.get(REGION),
                provider_id,
                token_file: token_file.into(),
                role_arn,
            }),
            [None, None, None] => Err(CredentialsError::absent(format!(
                "{} are not set",
                names.join(", ")
            ))),
            _ => Err(CredentialsError::new(format!(
                "{} is not set, though others of {} are",
                missing.join(" and "),
                names.join(", ")
            ))),
        }
    }

    async fn assume(&self, context: &ProviderContext) -> Result<Credentials, CredentialsError> {
        let identity = self.identity()?;
        let path = &identity.token_file;
        let token = files::read(path)
            .map_err(CredentialsError::new)?
            .ok_or_else(|| {
                CredentialsError::new(format!(
                    "{} does not exist, though it is to hold the token of the role {}",
                    path.display(),
                    identity.role_arn
                ))
            })?;
        let token = token.trim();
        if token.is_empty() {
            return Err(CredentialsError::new(format!(
                "{} is empty; it is to hold the token of the role {}",
                path.display(),
                identity.role_arn
            )));
        }
        let session = session::name(self.session_name.as_deref(), &*context.environment);
        let seconds = session::seconds(self.duration);
        let values = [
            ("ProviderId", Some(identity.provider_id.as_str())),
            ("WebIdentityToken", Some(token)),
            ("RoleArn", Some(&identity.role_arn)),
            ("RoleSessionName", Some(&session)),
            ("DurationSeconds", seconds.as_deref()),
        ];
        let operation = &sts::ASSUME_ROLE_WITH_WEB_IDENTITY;
        let keys = sts::call(
            context,
            operation,
            &values,
            None,
            identity.region.as_deref(),
        )
        .await
        .map_err(|error| {
            let role = &identity.role_arn;
            CredentialsError::new(format!("the role {role} was not given: {error}"))
        })?;
        let keys = keys.with_source(format!("role {} by {}", identity.role_arn, path.display()));
        Ok(match identity.region {
            Some(region) => keys.with_region(region),
            None => keys,
        })
    }
}

impl CredentialsProvider for WebIdentity {
    fn credentials<'a>(
        &'a self,
        context: &'a ProviderContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(self.assume(context))
    }
}
