//! A role that another identity may take.

use std::sync::Arc;
use std::time::Duration;

use tcloud_core::credentials::{
    Credentials, CredentialsError, CredentialsProvider, ProviderContext,
};
use tcloud_core::future::BoxFuture;
use tcloud_core::sign::encode;

use crate::{session, sts};

/// Takes a role by `AssumeRole` of the token service.
///
/// Any other provider gives the keys that ask for it, another role as well; it is asked anew with
/// each refresh.
///
/// ```
/// use std::time::Duration;
///
/// use tcloud_core::config::Config;
/// use tcloud_credentials::{AssumeRole, DefaultChain};
///
/// let role = "qcs::cam::uin/100000000001:roleName/uploads";
/// let role = AssumeRole::new(role, DefaultChain::new())
///     .session_name("nightly")
///     .duration(Duration::from_secs(3600))
///     .external_id("partner-7");
/// let config = Config::builder().credentials_provider(role).build()?;
/// # Ok::<(), tcloud_core::error::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct AssumeRole {
    role_arn: String,
    caller: Arc<dyn CredentialsProvider>,
    session_name: Option<String>,
    duration: Option<Duration>,
    policy: Option<String>,
    external_id: Option<String>,
    region: Option<String>,
}

impl AssumeRole {
    /// Takes the role `role_arn`, such as `qcs::cam::uin/100000000001:roleName/uploads`, with the
    /// keys of `caller`.
    pub fn new(role_arn: impl Into<String>, caller: impl CredentialsProvider + 'static) -> Self {
        Self {
            role_arn: role_arn.into(),
            caller: Arc::new(caller),
            session_name: None,
            duration: None,
            policy: None,
            external_id: None,
            region: None,
        }
    }

    /// The name by which the service's logs know the session: 2 to 128 letters, digits and
    /// characters among `=,.@_-`. Unless set, `tcloud-` and the time.
    pub fn session_name(mut self, name: impl Into<String>) -> Self {
        self.session_name = Some(name.into());
        self
    }

    /// How long the keys live, in whole seconds: two hours unless set, twelve at most.
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// A policy in the syntax of CAM (JSON) that narrows what the keys may do.
    pub fn policy(mut self, policy: impl Into<String>) -> Self {
        self.policy = Some(policy.into());
        self
    }

    /// The external id that the role asks for.
    pub fn external_id(mut self, id: impl Into<String>) -> Self {
        self.external_id = Some(id.into());
        self
    }

    /// The region whose token service is asked. Unless set, that of the keys that ask, of the
    /// configuration, or `ap-guangzhou`.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    async fn assume(&self, context: &ProviderContext) -> Result<Credentials, CredentialsError> {
        let caller = self.caller.credentials(context).await.map_err(|error| {
            CredentialsError::new(format!(
                "no keys to take the role {} with: {error}",
                self.role_arn
            ))
        })?;
        let home = caller.region().map(str::to_owned);
        let source = match caller.source() {
            Some(source) => format!("role {} by {source}", self.role_arn),
            None => format!("role {}", self.role_arn),
        };
        let session = session::name(self.session_name.as_deref(), &*context.environment);
        let seconds = session::seconds(self.duration);
        // The service decodes it once more.
        let policy = self.policy.as_deref().map(encode::component);
        let values = [
            ("RoleArn", Some(self.role_arn.as_str())),
            ("RoleSessionName", Some(&session)),
            ("DurationSeconds", seconds.as_deref()),
            ("Policy", policy.as_deref()),
            ("ExternalId", self.external_id.as_deref()),
        ];
        let region = self.region.as_deref().or(home.as_deref());
        let keys = sts::call(context, &sts::ASSUME_ROLE, &values, Some(caller), region)
            .await
            .map_err(|error| {
                CredentialsError::new(format!("the role {} was not given: {error}", self.role_arn))
            })?;
        let keys = keys.with_source(source);
        Ok(match home {
            Some(home) => keys.with_region(home),
            None => keys,
        })
    }
}

impl CredentialsProvider for AssumeRole {
    fn credentials<'a>(
        &'a self,
        context: &'a ProviderContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(self.assume(context))
    }
}
