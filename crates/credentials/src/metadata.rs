//! The role of a virtual machine (CVM), by the machine's metadata service.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use http::header::HOST;
use http::{HeaderValue, Request, StatusCode};
use tcloud_core::body::Body;
use tcloud_core::credentials::{
    Credentials, CredentialsError, CredentialsProvider, ProviderContext, Variables,
};
use tcloud_core::endpoint::Endpoint;
use tcloud_core::future::BoxFuture;

use crate::keys;

/// The variable that turns the metadata service off, whatever it is set to but `0` and `false`.
pub(crate) const DISABLED: &str = "TENCENTCLOUD_METADATA_DISABLED";
/// The variable with another address of the metadata service, such as `http://127.0.0.1:9000`.
const ENDPOINT: &str = "TENCENTCLOUD_METADATA_ENDPOINT";

const SERVICE: &str = "metadata.tencentyun.com";
const ROLES: &str = "/latest/meta-data/cam/security-credentials/";
const REGION: &str = "/latest/meta-data/placement/region";

/// The service is next door: what takes longer is not there.
const LIMIT: Duration = Duration::from_secs(1);
/// Larger answers are none of the metadata service.
const LARGEST: usize = 64 * 1024;

/// The keys of the role that a virtual machine has, and the machine's region, from
/// `http://metadata.tencentyun.com`.
///
/// A request takes a second at most. `TENCENTCLOUD_METADATA_DISABLED=true` turns the service off;
/// `TENCENTCLOUD_METADATA_ENDPOINT` names another address, to which requests go with the service's
/// own `Host`.
#[derive(Clone, Debug, Default)]
pub struct CvmRole {
    variables: Variables,
    role: Option<String>,
}

impl CvmRole {
    /// The machine's role, or the first if it has several.
    pub fn new() -> Self {
        Self::default()
    }

    /// As [`CvmRole::new`], but turned off and addressed by `variables`.
    pub fn of(variables: Variables) -> Self {
        Self {
            variables,
            role: None,
        }
    }

    /// The role called `name`, without asking which there are.
    pub fn role(mut self, name: impl Into<String>) -> Self {
        self.role = Some(name.into());
        self
    }

    async fn ask(&self, context: &ProviderContext) -> Result<Credentials, CredentialsError> {
        if let Some(value) = self.variables.get(DISABLED)
            && !matches!(value.to_ascii_lowercase().as_str(), "0" | "false")
        {
            return Err(CredentialsError::absent(format!(
                "the metadata service is turned off by {DISABLED}"
            )));
        }
        let address = self.address()?;
        let role = match &self.role {
            Some(role) => role.clone(),
            None => first_role(context, &address).await?,
        };
        if !is_role_name(&role) {
            return Err(CredentialsError::new(format!(
                "{SERVICE} names a role that cannot be one"
            )));
        }
        let json = match get(context, &address, &format!("{ROLES}{role}")).await {
            Ok((StatusCode::OK, text)) => text,
            Ok((StatusCode::NOT_FOUND, _)) => {
                return Err(CredentialsError::new(format!(
                    "{SERVICE} has no keys of the role {role}: this machine has no such role"
                )));
            }
            Ok((status, _)) => return Err(refused(status)),
            Err(why) => return Err(CredentialsError::new(format!("{SERVICE}: {why}"))),
        };
        let keys = keys_of(&json).map_err(|why| {
            CredentialsError::new(format!(
                "{SERVICE} has no keys of the role {role} that can be read: {why}"
            ))
        })?;
        let keys = keys.with_source(format!("role {role} of this machine"));
        // The keys are good without it.
        Ok(match get(context, &address, REGION).await {
            Ok((StatusCode::OK, region)) if is_region(region.trim()) => {
                keys.with_region(region.trim())
            }
            _ => keys,
        })
    }

    /// Where the service is reached.
    fn address(&self) -> Result<String, CredentialsError> {
        match self.variables.get(ENDPOINT) {
            None => Ok(format!("http://{SERVICE}")),
            Some(text) => Endpoint::parse(&text)
                .map(|endpoint| endpoint.to_string())
                .map_err(|error| CredentialsError::new(format!("{ENDPOINT}: {error}"))),
        }
    }
}

/// The name of the first role, if this machine has a metadata service and a role.
async fn first_role(context: &ProviderContext, address: &str) -> Result<String, CredentialsError> {
    match get(context, address, ROLES).await {
        Ok((StatusCode::OK, names)) => {
            let first = names.lines().map(str::trim).find(|name| !name.is_empty());
            first.map(str::to_owned).ok_or_else(no_role)
        }
        Ok((StatusCode::NOT_FOUND, _)) => Err(no_role()),
        Ok((status, _)) => Err(refused(status)),
        Err(why) => Err(CredentialsError::absent(format!("{SERVICE}: {why}"))),
    }
}

fn no_role() -> CredentialsError {
    CredentialsError::absent(format!("{SERVICE} says that this machine has no role"))
}

fn refused(status: StatusCode) -> CredentialsError {
    CredentialsError::new(format!("{SERVICE} answered with HTTP {}", status.as_u16()))
}

fn keys_of(json: &str) -> Result<Credentials, String> {
    // It says so under status 200 when it has none.
    let code = serde_json::from_str::<serde_json::Value>(json).ok();
    let code = code
        .as_ref()
        .and_then(|answer| answer.get("Code")?.as_str());
    match code {
        Some("Success") | None => keys::parse(json).map_err(str::to_owned),
        Some(code) if is_role_name(code) => Err(format!("its code is {code}")),
        Some(_) => Err("its code is not Success".to_owned()),
    }
}

/// Status and text of an answer.
async fn get(
    context: &ProviderContext,
    address: &str,
    path: &str,
) -> Result<(StatusCode, String), String> {
    let request = Request::get(format!("{address}{path}"))
        .header(HOST, HeaderValue::from_static(SERVICE))
        .body(Body::empty())
        .map_err(|error| error.to_string())?;
    let answer = async {
        let response = context.transport.send(request).await;
        let response = response.map_err(|error| error.to_string())?;
        let status = response.status();
        let bytes = response.into_body().collect(LARGEST).await;
        let bytes = bytes.map_err(|error| format!("the answer could not be read: {error}"))?;
        Ok((status, String::from_utf8_lossy(&bytes).into_owned()))
    };
    let mut answer = pin!(answer);
    let mut sleep = context.environment.sleep(LIMIT);
    poll_fn(|context| match answer.as_mut().poll(context) {
        Poll::Ready(answer) => Poll::Ready(answer),
        Poll::Pending => sleep
            .as_mut()
            .poll(context)
            .map(|()| Err(format!("no answer within {} s", LIMIT.as_secs()))),
    })
    .await
}

/// Whether `text` can be the name of a role: it becomes a part of a path.
fn is_role_name(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte))
        && !text.bytes().all(|byte| byte == b'.')
}

fn is_region(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

impl CredentialsProvider for CvmRole {
    fn credentials<'a>(
        &'a self,
        context: &'a ProviderContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(self.ask(context))
    }
}
