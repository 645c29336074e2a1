//! Who sent a request, as far as it can be told.

use http::{HeaderMap, StatusCode};
use serde::Serialize;
use tcloud_core::credentials::Credentials;
use tcloud_core::operation::Protocol;
use tcloud_core::server::Fault;
use tcloud_core::sign::{Policy, Rejection, explain, qsign, tc3};

use crate::access::Via;
use crate::{AuthMode, DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, Settings};

/// What is to be said of a right signature that leaves the host out.
const SIGN_THE_HOST: &str = "the signature does not cover `host`: whoever sees the request can \
    send it to another bucket; let the client sign the header";

/// What came of checking a request's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(
    tag = "result",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub(crate) enum Verdict {
    /// It is right.
    Valid {
        /// Id of the key.
        secret_id: String,
        /// What the client should do better.
        #[serde(skip_serializing_if = "Option::is_none")]
        advice: Option<&'static str>,
    },
    /// There is none.
    Anonymous,
    /// There is one, which was not checked: checks are off, or, where they are lenient, nobody
    /// knows the key.
    Unchecked {
        /// Id of the key.
        secret_id: String,
    },
    /// It was refused.
    Refused {
        /// Why.
        reason: String,
        /// The canonical text of the request as the server has it, if that is where the client's
        /// may differ.
        #[serde(skip_serializing_if = "Option::is_none")]
        format_string: Option<String>,
        /// The text the server signed, likewise.
        #[serde(skip_serializing_if = "Option::is_none")]
        string_to_sign: Option<String>,
    },
}

impl Verdict {
    /// Id of the key, which nobody may have, or nothing.
    pub(crate) fn secret_id(&self) -> &str {
        match self {
            Self::Valid { secret_id, .. } | Self::Unchecked { secret_id } => secret_id,
            Self::Anonymous | Self::Refused { .. } => "",
        }
    }

    /// The texts in it, which the client may have made long.
    pub(crate) fn texts(&mut self) -> Vec<&mut String> {
        match self {
            Self::Valid { secret_id, .. } | Self::Unchecked { secret_id } => vec![secret_id],
            Self::Anonymous => Vec::new(),
            Self::Refused {
                reason,
                format_string,
                string_to_sign,
            } => std::iter::once(reason)
                .chain(format_string)
                .chain(string_to_sign)
                .collect(),
        }
    }
}

/// A refused signature: what to note, and what to answer.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) verdict: Verdict,
    pub(crate) fault: Fault,
}

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

/// Refuses what no payload could make right. Everything else is not checked yet.
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

fn refuse(protocol: Protocol, rejection: &Rejection) -> Box<Refused> {
    let (status, code) = match protocol {
        Protocol::Cos => rejection.cos_code(),
        Protocol::Ci => rejection.ci_code(),
        _ => (StatusCode::OK, rejection.tc3_code()),
    };
    let reason = rejection.to_string();
    let mut fault = Fault::new(status, code, &reason);
    let mut verdict = Verdict::Refused {
        reason,
        format_string: None,
        string_to_sign: None,
    };
    if let Rejection::SignatureMismatch {
        http_string,
        string_to_sign: signed,
    } = rejection
    {
        // The text repeats the headers, secret ones among them, and answers end up in logs.
        let http_string = explain::redacted(http_string);
        fault = fault
            .detail("FormatString", &http_string)
            .detail("StringToSign", signed);
        if protocol == Protocol::Tc3 {
            // Its errors have no room for the texts.
            fault.message += "; the server's are at /_local/requests";
        }
        if let Verdict::Refused {
            format_string,
            string_to_sign,
            ..
        } = &mut verdict
        {
            *format_string = Some(http_string);
            *string_to_sign = Some(signed.clone());
        }
    }
    Box::new(Refused { verdict, fault })
}

fn refuse_token(protocol: Protocol) -> Box<Refused> {
    let reason = "the session token is missing or is not that of the key";
    let (status, code) = match protocol {
        Protocol::Cos => (StatusCode::FORBIDDEN, "AccessDenied"),
        Protocol::Ci => (StatusCode::UNAUTHORIZED, "InvalidAuthorization"),
        _ => (StatusCode::OK, "AuthFailure.TokenFailure"),
    };
    refused(status, code, reason)
}

fn refuse_built_in(protocol: Protocol) -> Box<Refused> {
    let reason = "the built-in access key is public and only works on the machine of the local \
        cloud; start it with a key of your own, for example `tcloud local --key ID:SECRET`";
    let (status, code) = match protocol {
        Protocol::Cos | Protocol::Ci => (StatusCode::FORBIDDEN, "AccessDenied"),
        _ => (StatusCode::OK, "AuthFailure.UnauthorizedOperation"),
    };
    refused(status, code, reason)
}

fn refused(status: StatusCode, code: &str, reason: &str) -> Box<Refused> {
    let fault = Fault::new(status, code, reason);
    let verdict = Verdict::Refused {
        reason: reason.to_owned(),
        format_string: None,
        string_to_sign: None,
    };
    Box::new(Refused { verdict, fault })
}

#[cfg(test)]
mod tests {
    use http::header::{AUTHORIZATION, HOST};
    use http::{HeaderMap, HeaderValue, Method};
    use tcloud_core::credentials::Credentials;
    use tcloud_core::operation::Protocol;
    use tcloud_core::sign::qsign::{Request, Signer, TokenName, Window};

    use super::{Signed, Verdict, check};
    use crate::access::Via;
    use crate::{AuthMode, Settings};

    const NOW: i64 = 1_700_000_000;

    /// The headers of a `GET /` signed by `key`.
    fn signed(key: &Credentials) -> HeaderMap {
        let mut headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static("h"))]);
        let window = Window::new(NOW - 60, NOW + 900);
        Signer::new(key, TokenName::Cos, window)
            .authorize(&Method::GET, "/", &[], &mut headers)
            .unwrap();
        headers
    }

    /// The verdict or the code of the refusal.
    fn outcome(settings: &Settings, headers: &HeaderMap, now: i64) -> Result<Verdict, String> {
        let request = Signed::Storage(Request {
            method: &Method::GET,
            path: "/",
            query: &[],
            headers,
        });
        check(settings, Protocol::Cos, Via::InProcess, &request, now)
            .map_err(|refused| refused.fault.code)
    }

    #[test]
    fn modes() {
        let (known, unknown) = (
            Credentials::new("known", "k"),
            Credentials::new("other", "o"),
        );
        let wrong = Credentials::new("known", "wrong");
        let mode = |mode| Settings::default().keys([known.clone()]).auth(mode);
        let valid = Ok(Verdict::Valid {
            secret_id: "known".into(),
            advice: None,
        });
        let unchecked = |id: &str| {
            Ok(Verdict::Unchecked {
                secret_id: id.into(),
            })
        };
        let strict = mode(AuthMode::Strict);
        let lenient = mode(AuthMode::Lenient);
        let off = mode(AuthMode::Off);

        assert_eq!(outcome(&strict, &signed(&known), NOW), valid);
        assert_eq!(outcome(&lenient, &signed(&known), NOW), valid);
        assert_eq!(outcome(&off, &signed(&wrong), NOW), unchecked("known"));

        let refused = |code: &str| Err(code.to_owned());
        assert_eq!(
            outcome(&strict, &signed(&unknown), NOW),
            refused("InvalidAccessKeyId")
        );
        assert_eq!(
            outcome(&lenient, &signed(&unknown), NOW),
            unchecked("other")
        );
        assert_eq!(
            outcome(&strict, &signed(&wrong), NOW),
            refused("SignatureDoesNotMatch")
        );
        assert_eq!(
            outcome(&lenient, &signed(&wrong), NOW),
            refused("SignatureDoesNotMatch")
        );
        for settings in [&strict, &lenient, &off] {
            assert_eq!(
                outcome(settings, &HeaderMap::new(), NOW),
                Ok(Verdict::Anonymous)
            );
        }

        let mut garbage = HeaderMap::new();
        garbage.insert(AUTHORIZATION, HeaderValue::from_static("Basic eA=="));
        assert_eq!(outcome(&strict, &garbage, NOW), refused("AccessDenied"));
        assert_eq!(outcome(&off, &garbage, NOW), Ok(Verdict::Anonymous));
    }

    #[test]
    fn the_built_in_key_is_of_no_use_from_a_network() {
        let own = Credentials::new("own", "o");
        let built_in = Settings::default().keys.remove(0);
        let settings = Settings::default().keys([own.clone(), built_in.clone()]);
        let code = |key: &Credentials, via| {
            let headers = signed(key);
            let request = Signed::Storage(Request {
                method: &Method::GET,
                path: "/",
                query: &[],
                headers: &headers,
            });
            check(&settings, Protocol::Cos, via, &request, NOW)
                .map_err(|refused| refused.fault.code)
                .err()
        };
        for via in [Via::InProcess, Via::Loopback] {
            assert_eq!(code(&built_in, via), None);
        }
        assert_eq!(code(&built_in, Via::Network), Some("AccessDenied".into()));
        assert_eq!(code(&own, Via::Network), None);
    }

    #[test]
    fn a_signature_need_not_cover_the_host_but_should() {
        let authorization = "q-sign-algorithm=sha1&q-ak=known&q-sign-time=1699999940;1700000900\
            &q-key-time=1699999940;1700000900&q-header-list=&q-url-param-list=\
            &q-signature=8e1029302c9f4e4c8c6aa9bf2347f28c9c849c76";
        let settings = Settings::default().keys([Credentials::new("known", "k")]);
        let mut headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static("h"))]);
        headers.insert(AUTHORIZATION, authorization.parse().unwrap());
        let Ok(Verdict::Valid { advice, .. }) = outcome(&settings, &headers, NOW) else {
            panic!("it is right");
        };
        assert!(advice.unwrap().contains("does not cover `host`"));
        // What is signed is checked all the same.
        let altered = authorization.replace("1700000900", "1700000901");
        headers.insert(AUTHORIZATION, altered.parse().unwrap());
        assert_eq!(
            outcome(&settings, &headers, NOW),
            Err("SignatureDoesNotMatch".into())
        );
    }

    #[test]
    fn signatures_of_s3_are_refused_by_name_in_every_mode() {
        let headers = HeaderMap::from_iter([(
            AUTHORIZATION,
            HeaderValue::from_static("AWS4-HMAC-SHA256 Credential=a/b/c/s3/aws4_request"),
        )]);
        for mode in [AuthMode::Strict, AuthMode::Lenient, AuthMode::Off] {
            assert_eq!(
                outcome(&Settings::default().auth(mode), &headers, NOW),
                Err("NotImplemented".into())
            );
        }
    }

    #[test]
    fn the_clock_may_be_a_quarter_of_an_hour_off() {
        let settings = Settings::default().keys([Credentials::new("known", "k")]);
        let headers = signed(&Credentials::new("known", "k"));
        let starts = NOW - 60;
        assert!(outcome(&settings, &headers, starts - 900).is_ok());
        assert_eq!(
            outcome(&settings, &headers, starts - 901),
            Err("RequestTimeTooSkewed".into())
        );
        assert_eq!(
            outcome(&settings, &headers, NOW + 901),
            Err("AccessDenied".into())
        );
    }

    #[test]
    fn a_temporary_key_needs_its_token() {
        let key = Credentials::new("known", "k");
        let settings = Settings::default().keys([key.clone().with_token("t")]);
        assert!(outcome(&settings, &signed(&key.clone().with_token("t")), NOW).is_ok());
        for key in [key.clone().with_token("u"), key] {
            assert_eq!(
                outcome(&settings, &signed(&key), NOW),
                Err("AccessDenied".into())
            );
        }
    }
}
