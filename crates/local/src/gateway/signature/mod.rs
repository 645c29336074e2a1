//! Who sent a request, as far as that can be known.

mod mistake;
mod refusal;
pub(super) mod s3;
mod verdict;

use http::HeaderMap;
use tcloud_core::credentials::Credentials;
use tcloud_core::operation::Protocol;
use tcloud_core::server::Fault;
use tcloud_core::sign::{Policy, Rejection, qsign, tc3};

use self::mistake::Instead;
use self::refusal::{refuse, refuse_built_in, refuse_ended, refuse_stranger, refuse_token};
use super::target::Via;
use crate::cam::{Caller, DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, Directory, Key, Standing};
use crate::form::Fields;
use crate::settings::AuthMode;

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
    /// For Object Storage, in the fields of a form, over the text of its policy.
    Form { fields: &'a Fields, policy: &'a str },
}

/// What came of a signature, and who the request is from.
#[derive(Debug, Clone)]
pub(crate) struct Checked {
    pub(crate) verdict: Verdict,
    pub(crate) caller: Caller,
}

/// What came of the signature of a request that has become another one since.
#[derive(Debug, Clone)]
pub(crate) struct Proven(pub(crate) Checked);

/// Whose keys are known, and how strictly they are looked at.
#[derive(Clone, Copy)]
pub(crate) struct Terms<'a> {
    pub(crate) directory: &'a Directory,
    pub(crate) mode: AuthMode,
    /// The time, in Unix seconds.
    pub(crate) now: i64,
    /// The region of hosts that name none.
    pub(crate) region: &'a str,
}

/// Checks the signature of a request to a service of `protocol` that came in by `via`.
///
/// # Errors
///
/// The request must not be answered. A request without a signature is no error: what is public
/// needs none.
pub(crate) fn check(
    terms: Terms<'_>,
    protocol: Protocol,
    via: Via,
    request: &Signed<'_>,
) -> Result<Checked, Box<Refused>> {
    let outcome = match request {
        Signed::Storage(request) => check_storage(terms, via, request),
        Signed::Api(request) => check_api(terms, via, request),
        Signed::ApiHead(request) => check_api_head(terms, via, request),
        Signed::Form { fields, policy } => check_form(terms, via, fields, policy),
    };
    match outcome {
        Err(Failure::Rejected(Rejection::MissingAuthorization)) => Ok(terms.nobody()),
        Err(Failure::Rejected(rejection)) => {
            let mut refused = refuse(protocol, &rejection);
            // Whoever tries keys from a network learns nothing by how long it takes.
            if via != Via::Network && matches!(rejection, Rejection::SignatureMismatch { .. }) {
                refused.verdict.note(mistaken(terms, request));
            }
            Err(refused)
        }
        Err(Failure::Token) => Err(refuse_token(protocol)),
        Err(Failure::Stranger) => Err(refuse_stranger(protocol)),
        Err(Failure::Ended) => Err(refuse_ended(protocol)),
        Err(Failure::BuiltIn) => Err(refuse_built_in(protocol)),
        Ok(checked) => Ok(checked),
    }
}

/// What the client has signed whose signature of `request` is wrong.
fn mistaken(terms: Terms<'_>, request: &Signed<'_>) -> Option<Instead> {
    let Terms { now, region, .. } = terms;
    let secret = |id: &str, token| {
        let key = terms.directory.key(id, token)?;
        Some(key.credentials.secret_key().to_owned())
    };
    match request {
        Signed::Storage(request) => {
            let read = qsign::Authorization::from_request(request).ok()?;
            let secret = secret(read.access_key_id(), qsign::security_token(request))?;
            mistake::storage(request, &secret, now, region)
        }
        Signed::Api(request) => {
            let read = tc3::Authorization::from_request(request).ok()?;
            let secret = secret(read.access_key_id(), api_token(request.headers))?;
            mistake::api(request, &secret, now, region)
        }
        Signed::ApiHead(_) | Signed::Form { .. } => None,
    }
}

/// The answer to a request that needs a signature and has none.
pub(crate) fn missing(protocol: Protocol) -> Fault {
    refuse(protocol, &Rejection::MissingAuthorization).fault
}

/// The answer to a request whose temporary key has expired.
pub(crate) fn expired(protocol: Protocol) -> Fault {
    refuse_ended(protocol).fault
}

enum Failure {
    Rejected(Rejection),
    /// The session token is not that of the key.
    Token,
    /// The session token is of no key that was issued here, or its role or user is gone.
    Stranger,
    /// The session of the key has ended.
    Ended,
    /// The key is the built-in one, which anyone can look up, and the request comes from a network.
    BuiltIn,
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl Terms<'_> {
    /// A request without a signature. Where none is needed, it is taken for the root account's.
    pub(crate) fn nobody(self) -> Checked {
        Checked {
            verdict: Verdict::Anonymous,
            caller: match self.mode {
                AuthMode::Strict => Caller::Anonymous,
                AuthMode::Lenient | AuthMode::Off => Caller::Root,
            },
        }
    }

    fn is_unchecked(self, key: Option<&Key>) -> bool {
        match self.mode {
            AuthMode::Strict => false,
            AuthMode::Lenient => key.is_none(),
            AuthMode::Off => true,
        }
    }

    /// Whose request it is, once its signature was found to be right. The built-in key is worth
    /// nothing to other machines, and a temporary one nothing without its token, or when it has
    /// ended. A token that a permanent key comes with says nothing.
    fn accept(self, key: Option<Key>, via: Via, sent: Option<&str>) -> Result<Caller, Failure> {
        let Some(Key {
            credentials,
            caller,
        }) = key
        else {
            return Err(Failure::Stranger);
        };
        if via == Via::Network && is_built_in(&credentials) {
            return Err(Failure::BuiltIn);
        }
        if credentials.token().is_some_and(|own| sent != Some(own)) {
            return Err(Failure::Token);
        }
        match self.directory.standing(&caller, self.now) {
            Standing::Good => Ok(caller),
            Standing::Ended => Err(Failure::Ended),
            Standing::Gone => Err(Failure::Stranger),
        }
    }
}

fn unchecked(secret_id: &str) -> Checked {
    Checked {
        verdict: Verdict::Unchecked {
            secret_id: secret_id.to_owned(),
        },
        caller: Caller::Root,
    }
}

/// What is wrong with a signature: a key that came with a token was temporary, so the token is what
/// is to be got anew.
fn failure(rejection: Rejection, token: Option<&str>) -> Failure {
    match rejection {
        Rejection::UnknownKey { .. } if token.is_some() => Failure::Stranger,
        rejection => rejection.into(),
    }
}

fn secret(key: Option<&Key>) -> Option<&str> {
    key.map(|key| key.credentials.secret_key())
}

fn check_storage(
    terms: Terms<'_>,
    via: Via,
    request: &qsign::Request<'_>,
) -> Result<Checked, Failure> {
    let authorization = match qsign::Authorization::from_request(request) {
        // Whoever signs for S3 also frames bodies and names headers as S3 does.
        Err(rejection @ Rejection::Unsupported { .. }) => return Err(rejection.into()),
        Err(_) if terms.mode == AuthMode::Off => return Ok(terms.nobody()),
        read => read?,
    };
    let secret_id = authorization.access_key_id();
    let token = qsign::security_token(request);
    let key = terms.directory.key(secret_id, token);
    if terms.is_unchecked(key.as_ref()) {
        return Ok(unchecked(secret_id));
    }
    authorization
        .verify(request, secret(key.as_ref()), terms.now, Policy::COS)
        .map_err(|rejection| failure(rejection, token))?;
    let caller = terms.accept(key, via, token)?;
    let covers_host = authorization.header_list().any(|name| name == "host");
    let verdict = Verdict::Valid {
        secret_id: secret_id.to_owned(),
        advice: (!covers_host).then_some(SIGN_THE_HOST),
    };
    Ok(Checked { verdict, caller })
}

fn check_form(
    terms: Terms<'_>,
    via: Via,
    fields: &Fields,
    policy: &str,
) -> Result<Checked, Failure> {
    let signature = match qsign::FormSignature::from_fields(&fields.iter()) {
        Err(_) if terms.mode == AuthMode::Off => return Ok(terms.nobody()),
        read => read?,
    };
    let secret_id = signature.access_key_id();
    let token = fields.get(qsign::TokenName::Cos.as_str());
    let key = terms.directory.key(secret_id, token);
    if terms.is_unchecked(key.as_ref()) {
        return Ok(unchecked(secret_id));
    }
    signature
        .verify(policy, secret(key.as_ref()), terms.now, Policy::COS)
        .map_err(|rejection| failure(rejection, token))?;
    let caller = terms.accept(key, via, token)?;
    let verdict = Verdict::Valid {
        secret_id: secret_id.to_owned(),
        advice: None,
    };
    Ok(Checked { verdict, caller })
}

fn check_api(terms: Terms<'_>, via: Via, request: &tc3::Request<'_>) -> Result<Checked, Failure> {
    let authorization = match tc3::Authorization::from_request(request) {
        Err(_) if terms.mode == AuthMode::Off => return Ok(terms.nobody()),
        read => read?,
    };
    let secret_id = authorization.access_key_id();
    let token = api_token(request.headers);
    let key = terms.directory.key(secret_id, token);
    if terms.is_unchecked(key.as_ref()) {
        return Ok(unchecked(secret_id));
    }
    authorization
        .verify(request, secret(key.as_ref()), terms.now, Policy::TC3)
        .map_err(|rejection| failure(rejection, token))?;
    let caller = terms.accept(key, via, token)?;
    let verdict = Verdict::Valid {
        secret_id: secret_id.to_owned(),
        advice: None,
    };
    Ok(Checked { verdict, caller })
}

/// Refuses what no payload could make valid. Everything else is not checked yet.
fn check_api_head(
    terms: Terms<'_>,
    via: Via,
    request: &tc3::Request<'_>,
) -> Result<Checked, Failure> {
    let authorization = match tc3::Authorization::from_request(request) {
        Err(_) if terms.mode == AuthMode::Off => return Ok(terms.nobody()),
        read => read?,
    };
    let secret_id = authorization.access_key_id();
    let token = api_token(request.headers);
    let key = terms.directory.key(secret_id, token);
    if !terms.is_unchecked(key.as_ref()) {
        authorization.verify_head(request, terms.now, Policy::TC3)?;
        if key.is_none() {
            let access_key_id = secret_id.to_owned();
            return Err(failure(Rejection::UnknownKey { access_key_id }, token));
        }
        terms.accept(key, via, token)?;
    }
    Ok(unchecked(secret_id))
}

fn is_built_in(key: &Credentials) -> bool {
    key.secret_id() == DEFAULT_SECRET_ID && key.secret_key() == DEFAULT_SECRET_KEY
}

fn api_token(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-tc-token")?.to_str().ok()
}

#[cfg(test)]
mod tests;
