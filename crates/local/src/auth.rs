//! Who sent a request, as far as it can be told.

use http::{HeaderMap, StatusCode};
use serde::Serialize;
use tcloud_core::credentials::Credentials;
use tcloud_core::operation::Protocol;
use tcloud_core::server::Fault;
use tcloud_core::sign::{Policy, Rejection, qsign, tc3};

use crate::{AuthMode, Settings};

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
            Self::Valid { secret_id } | Self::Unchecked { secret_id } => secret_id,
            Self::Anonymous | Self::Refused { .. } => "",
        }
    }

    /// The texts in it, which the client may have made long.
    pub(crate) fn texts(&mut self) -> Vec<&mut String> {
        match self {
            Self::Valid { secret_id } | Self::Unchecked { secret_id } => vec![secret_id],
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
}

/// Checks the signature of a request to a service of `protocol`. `now` is in Unix seconds.
///
/// # Errors
///
/// The request must not be answered. A request without a signature is no error: what is public
/// needs none.
pub(crate) fn check(
    settings: &Settings,
    protocol: Protocol,
    request: &Signed<'_>,
    now: i64,
) -> Result<Verdict, Box<Refused>> {
    let outcome = match request {
        Signed::Storage(request) => check_storage(settings, request, now),
        Signed::Api(request) => check_api(settings, request, now),
    };
    match outcome {
        Err(Failure::Rejected(Rejection::MissingAuthorization)) => Ok(Verdict::Anonymous),
        Err(Failure::Rejected(rejection)) => Err(refuse(protocol, &rejection, has_token(request))),
        Err(Failure::Token) => Err(refuse_token(protocol)),
        Ok(verdict) => Ok(verdict),
    }
}

/// The answer to a request that needs a signature and has none.
pub(crate) fn missing(protocol: Protocol) -> Fault {
    refuse(protocol, &Rejection::MissingAuthorization, false).fault
}

enum Failure {
    Rejected(Rejection),
    /// The session token is not that of the key.
    Token,
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

fn check_storage(
    settings: &Settings,
    request: &qsign::Request<'_>,
    now: i64,
) -> Result<Verdict, Failure> {
    let authorization = match qsign::Authorization::from_request(request) {
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
    let policy = Policy::COS.with_require_host(settings.auth == AuthMode::Strict);
    authorization.verify(request, key.map(Credentials::secret_key), now, policy)?;
    check_token(key, qsign::security_token(request))?;
    Ok(Verdict::Valid {
        secret_id: secret_id.to_owned(),
    })
}

fn check_api(
    settings: &Settings,
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
    check_token(key, api_token(request.headers))?;
    Ok(Verdict::Valid {
        secret_id: secret_id.to_owned(),
    })
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

/// A temporary key is worth nothing without its token. A token that a permanent key comes with
/// says nothing.
fn check_token(key: Option<&Credentials>, sent: Option<&str>) -> Result<(), Failure> {
    match key.and_then(Credentials::token) {
        Some(token) if sent != Some(token) => Err(Failure::Token),
        _ => Ok(()),
    }
}

fn api_token(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-tc-token")?.to_str().ok()
}

fn has_token(request: &Signed<'_>) -> bool {
    match request {
        Signed::Storage(request) => qsign::security_token(request).is_some(),
        Signed::Api(request) => request.headers.contains_key("x-tc-token"),
    }
}

fn refuse(protocol: Protocol, rejection: &Rejection, has_token: bool) -> Box<Refused> {
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
        fault = fault
            .detail("FormatString", http_string)
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
            // The text repeats the headers, a session token among them, and the log is not the
            // client's alone.
            *format_string = (!has_token).then(|| http_string.clone());
            *string_to_sign = Some(signed.clone());
        }
    }
    Box::new(Refused { verdict, fault })
}

fn refuse_token(protocol: Protocol) -> Box<Refused> {
    let reason = "the session token is missing or is not that of the key";
    let fault = match protocol {
        Protocol::Cos => Fault::new(StatusCode::FORBIDDEN, "AccessDenied", reason),
        Protocol::Ci => Fault::new(StatusCode::UNAUTHORIZED, "InvalidAuthorization", reason),
        _ => Fault::new(StatusCode::OK, "AuthFailure.TokenFailure", reason),
    };
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
        check(settings, Protocol::Cos, &request, now).map_err(|refused| refused.fault.code)
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
