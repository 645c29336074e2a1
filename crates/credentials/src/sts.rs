//! The two calls of the token service (STS) that providers make, as tables of the runtime: its
//! own crate depends on this one.

use tcloud_core::body::Body;
use tcloud_core::call::CallOptions;
use tcloud_core::client::Client;
use tcloud_core::codec::json::{Style, to_value};
use tcloud_core::codec::{self, Document};
use tcloud_core::config::Config;
use tcloud_core::credentials::{Credentials, CredentialsError, ProviderContext};
use tcloud_core::error::Error;
use tcloud_core::operation::{BodyFormat, Operation, Protocol, Service};
use tcloud_core::schema::{Field, Flags, Kind, Structure};

use crate::keys;

/// Where calls go that name no region: the service answers the same everywhere.
const REGION: &str = "ap-guangzhou";

static SERVICE: Service =
    Service::new("sts", "Security Token Service", "2018-08-13", Protocol::Tc3);

pub(crate) static ASSUME_ROLE: Operation = operation("AssumeRole", &ASSUME_ROLE_REQUEST);
pub(crate) static ASSUME_ROLE_WITH_WEB_IDENTITY: Operation =
    operation("AssumeRoleWithWebIdentity", &WEB_IDENTITY_REQUEST).unsigned(true);

/// Asking twice gives two keys, which does no harm.
const fn operation(name: &'static str, request: &'static Structure) -> Operation {
    Operation::new(
        &SERVICE,
        name,
        "POST",
        "/",
        "sts.tencentcloudapi.com",
        request,
        &RESPONSE,
    )
    .idempotent(true)
    .request_body(BodyFormat::Json)
    .response_body(BodyFormat::Json)
}

static ASSUME_ROLE_REQUEST: Structure = Structure::new(
    "AssumeRoleRequest",
    &[
        Field::new("RoleArn", Kind::Text).with(Flags::REQUIRED),
        Field::new("RoleSessionName", Kind::Text).with(Flags::REQUIRED),
        Field::new("DurationSeconds", Kind::Integer),
        Field::new("Policy", Kind::Text),
        Field::new("ExternalId", Kind::Text),
    ],
);

static WEB_IDENTITY_REQUEST: Structure = Structure::new(
    "AssumeRoleWithWebIdentityRequest",
    &[
        Field::new("ProviderId", Kind::Text).with(Flags::REQUIRED),
        Field::new("WebIdentityToken", Kind::Text)
            .with(Flags::REQUIRED)
            .with(Flags::SENSITIVE),
        Field::new("RoleArn", Kind::Text).with(Flags::REQUIRED),
        Field::new("RoleSessionName", Kind::Text).with(Flags::REQUIRED),
        Field::new("DurationSeconds", Kind::Integer),
    ],
);

static RESPONSE: Structure = Structure::new(
    "AssumeRoleResponse",
    &[
        Field::new("Credentials", Kind::Structure(&CREDENTIALS)),
        Field::new("ExpiredTime", Kind::Integer),
        Field::new("Expiration", Kind::Text),
    ],
);

static CREDENTIALS: Structure = Structure::new(
    "Credentials",
    &[
        Field::new("Token", Kind::Text).with(Flags::SENSITIVE),
        Field::new("TmpSecretId", Kind::Text),
        Field::new("TmpSecretKey", Kind::Text).with(Flags::SENSITIVE),
    ],
);

/// Calls `operation` with the `values` that are there, signed by `caller` if it is to be signed.
pub(crate) async fn call(
    context: &ProviderContext,
    operation: &'static Operation,
    values: &[(&str, Option<&str>)],
    caller: Option<Credentials>,
    region: Option<&str>,
) -> Result<Credentials, CredentialsError> {
    let mut request = Document::new(operation.request);
    for (name, value) in values {
        if let Some(value) = value {
            codec::set(&mut request, name, value);
        }
    }
    let mut answer = Document::new(operation.response);
    send(context, operation, &request, caller, region, &mut answer)
        .await
        .map_err(|error| CredentialsError::new(error.to_string()))?;
    to_value(&answer, Style::Typed)
        .map_err(|_| "it cannot be read")
        .and_then(keys::of_value)
        .map_err(|why| {
            CredentialsError::new(format!(
                "the answer of {} has no keys: {why}",
                operation.name
            ))
        })
}

async fn send(
    context: &ProviderContext,
    operation: &'static Operation,
    request: &Document,
    caller: Option<Credentials>,
    region: Option<&str>,
    answer: &mut Document,
) -> Result<(), Error> {
    let mut config = Config::of(context);
    if let Some(caller) = caller {
        config = config.credentials(caller);
    }
    let region = region.or(context.region.as_deref()).unwrap_or(REGION);
    let client = Client::new(&config.region(region).build()?);
    let options = CallOptions::new();
    client
        .execute(operation, request, Body::empty(), &options, answer)
        .await?;
    Ok(())
}
