//! Who sent a request, as far as that can be known.

mod refusal;
mod verdict;

use http::HeaderMap;
use tcloud_core::credentials::Credentials;
use tcloud_core::operation::Protocol;
use tcloud_core::server::Fault;
use tcloud_core::sign::{Policy, Rejection, qsign, tc3};

use self::refusal::{refuse, refuse_built_in, refuse_token};
use super::target::Via;
use crate::{AuthMode, DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, Settings};

pub(crate) use self::verdict::{Refused, Verdict};

/// The advice for a valid signature that leaves the host out.
const SIGN_THE_HOST: &str = "the signature does not cover `host`: whoever sees the request can \
    send it to another bucket; let the client sign the header";

/// The parts of a request that a signature is about.
pub(crate) enum Signed<'a> {
    /// For Object Storage and Cloud Infinite.
    Storage(qsign::Request<'a>),
    /// For an API 3.0 service.
    Api(tc3::Request<'a>),
    /// For an API 3.0 service, before its payload was read.
    ApiHead(tc3::Request<'a>),
}

/// Checks the signature of a request to a service of `protocol` that came in by `via`. `now` is in
/// Unix seconds.
///
/// # Errors
///
/// The request must not be answered. A request without a signature is no error: what is public
/// needs none.
pub(crate) fn check(
    settings: &Settings,
    protocol: Protocol,
    via: Via,
    request: &Signed<'_>,
    now: i64,
) -> Result<Verdict, Box<Refused>> {
    let outcome = match request {
        Signed::Storage(request) => check_storage(settings, via, request, now),
        Signed::Api(request) => check_api(settings, via, request, now),
        Signed::ApiHead(request) => check_api_head(settings, via, request, now),
    };
    match outcome {
        Err(Failure::Rejected(Rejection::MissingAuthorization)) => Ok(Verdict::Anonymous),
        Err(Failure::Rejected(rejection)) => Err(refuse(protocol, &rejection)),
        Err(Failure::Token) => Err(refuse_token(protocol)),
        Err(Failure::BuiltIn) => Err(refuse_built_in(protocol)),
        Ok(verdict) => Ok(verdict),
    }
}

/// The answer to a request that needs a signature and has none.
pub(crate) fn missing(protocol: Protocol) -> Fault {
    refuse(protocol, &Rejection::MissingAuthorization).fault
}

enum Failure {
    Rejected(Rejection),
    /// The session token is not that of the key.
    Token,
    /// The key is the built-in one, which anyone can look up, and the request comes from a network.
    BuiltIn,
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

fn check_storage(
    settings: &Settings,
    via: Via,
    request: &qsign::Request<'_>,
    now: i64,
) -> Result<Verdict, Failure> {
    let authorization = match qsign::Authorization::from_request(request) {
        // Whoever signs for S3 also frames bodies and names headers as S3 does.
        Err(rejection @ Rejection::Unsupported { .. }) => return Err(rejection.into()),
        Err(_) if settings.auth == AuthMode::Off => return Ok(Verdict::Anonymous),
        read => read?,
    };
    let secret_id = authorization.access_key_id();
    let key = key(settings, secret_id);
    if is_unchecked(settings, key) {
        return Ok(Verdict::Unchecked {
            secret_id: secret_id.to_owned(),
        });
    }
    authorization.verify(request, key.map(Credentials::secret_key), now, Policy::COS)?;
    check_key(key, via, qsign::security_token(request))?;
    let covers_host = authorization.header_list().any(|name| name == "host");
    Ok(Verdict::Valid {
        secret_id: secret_id.to_owned(),
        advice: (!covers_host).then_some(SIGN_THE_HOST),
    })
}

fn check_api(
    settings: &Settings,
    via: Via,
    request: &tc3::Request<'_>,
    now: i64,
) -> Result<Verdict, Failure> {
    let authorization = match tc3::Authorization::from_request(request) {
        Err(_) if settings.auth == AuthMode::Off => return Ok(Verdict::Anonymous),
        read => read?,
    };
    let secret_id = authorization.access_key_id();
    let key = key(settings, secret_id);
    if is_unchecked(settings, key) {
        return Ok(Verdict::Unchecked {
            secret_id: secret_id.to_owned(),
        });
    }
    authorization.verify(request, key.map(Credentials::secret_key), now, Policy::TC3)?;
    check_key(key, via, api_token(request.headers))?;
    Ok(Verdict::Valid {
        secret_id: secret_id.to_owned(),
        advice: None,
    })
}

/// Refuses what no payload could make valid. Everything else is not checked yet.
fn check_api_head(
    settings: &Settings,
    via: Via,
    request: &tc3::Request<'_>,
    now: i64,
) -> Result<Verdict, Failure> {
    let authorization = match tc3::Authorization::from_request(request) {
        Err(_) if settings.auth == AuthMode::Off => return Ok(Verdict::Anonymous),
        read => read?,
    };
    let secret_id = authorization.access_key_id().to_owned();
    let key = key(settings, &secret_id);
    if !is_unchecked(settings, key) {
        authorization.verify_head(request, now, Policy::TC3)?;
        if key.is_none() {
            let access_key_id = secret_id;
            return Err(Rejection::UnknownKey { access_key_id }.into());
        }
        check_key(key, via, api_token(request.headers))?;
    }
    Ok(Verdict::Unchecked { secret_id })
}

fn key<'a>(settings: &'a Settings, secret_id: &str) -> Option<&'a Credentials> {
    settings
        .keys
        .iter()
        .find(|key| key.secret_id() == secret_id)
}

fn is_unchecked(settings: &Settings, key: Option<&Credentials>) -> bool {
    match settings.auth {
        AuthMode::Strict => false,
        AuthMode::Lenient => key.is_none(),
        AuthMode::Off => true,
    }
}

/// The built-in key is worth nothing to other machines, and a temporary one nothing without its
/// token. A token that a permanent key comes with says nothing.
fn check_key(key: Option<&Credentials>, via: Via, sent: Option<&str>) -> Result<(), Failure> {
    if via == Via::Network && key.is_some_and(is_built_in) {
        return Err(Failure::BuiltIn);
    }
    match key.and_then(Credentials::token) {
        Some(token) if sent != Some(token) => Err(Failure::Token),
        _ => Ok(()),
    }
}

fn is_built_in(key: &Credentials) -> bool {
    key.secret_id() == DEFAULT_SECRET_ID && key.secret_key() == DEFAULT_SECRET_KEY
}

fn api_token(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-tc-token")?.to_str().ok()
}

#[cfg(test)]
mod tests;
