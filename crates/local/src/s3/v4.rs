//! Signature Version 4 of S3, as a server checks it.
//!
//! It is written here since no crate fits. `aws-sigv4` only signs, and brings the runtime of its
//! SDK. `scratchstack-aws-signature` checks, but takes a body as a whole in memory and knows no
//! signatures of chunks. What `s3s` has is private to its server. The tests have the vectors of S3's documents.

mod canonical;
mod chain;
mod scope;
mod time;

use std::collections::HashSet;
use std::fmt;

use http::header::{AUTHORIZATION, DATE, HOST};
use http::{HeaderMap, StatusCode};
use tcloud_core::server::Fault;
use tcloud_core::time::{format_iso_utc, parse_http_date};

pub(crate) use self::canonical::{Request, is_secret};
use self::canonical::{canonical, without_secrets};
pub(crate) use self::chain::Chain;
use self::scope::{ALGORITHM, END, SERVICE, Scope, require_algorithm};
use self::time::{basic, read_time};
use super::fault::REGION;
use super::mac::{code, is_mac, mismatch, sha256_hex};

/// How far the client's clock may be off, in seconds.
const TOLERANCE: i64 = 15 * 60;
/// For how long a URL can be presigned, in seconds.
const LONGEST: i64 = 7 * 24 * 3600;
/// The header that says how the body is signed.
pub(super) const CONTENT_HASH: &str = "x-amz-content-sha256";
/// What it says of a body that is not signed.
pub(super) const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
/// The parameters of a presigned URL, in lower case.
const PARAMETERS: [&str; 8] = [
    "x-amz-algorithm",
    "x-amz-content-sha256",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-security-token",
    "x-amz-signature",
    "x-amz-signedheaders",
];
/// A signature as it was read from a request or from a form. `Debug` hides it.
pub(crate) struct Signature {
    access_key_id: String,
    token: Option<String>,
    /// The day of the scope: `20130524`.
    date: String,
    region: String,
    /// The time as it is written: `20130524T000000Z`.
    time: String,
    /// The same in Unix seconds.
    seconds: i64,
    signed_headers: Vec<String>,
    /// The message authentication code, in hexadecimal digits.
    code: String,
    /// What the header or the parameter says of the body.
    payload: String,
    /// For how long a presigned URL is good, in seconds.
    expires: Option<i64>,
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signature")
            .field("access_key_id", &self.access_key_id)
            .field("region", &self.region)
            .field("time", &self.time)
            .field("signed_headers", &self.signed_headers)
            .finish_non_exhaustive()
    }
}

/// Whether the parameter `name` of a URL, in lower case, belongs to its signature.
pub(super) fn is_of_signature(name: &str) -> bool {
    PARAMETERS.contains(&name)
}

impl Signature {
    /// Reads the signature of a request, if it has one.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    pub(crate) fn read(request: &Request<'_>) -> Result<Option<Self>, Fault> {
        let in_query = request.query.iter().any(|(name, _)| {
            let name = name.to_ascii_lowercase();
            matches!(name.as_str(), "x-amz-algorithm" | "x-amz-signature")
        });
        let header = request.headers.get(AUTHORIZATION);
        match (header.filter(|value| !value.is_empty()), in_query) {
            (Some(_), true) => {
                let message = "the request is signed by a header and in its URL; leave out either";
                Err(Fault::new(
                    StatusCode::BAD_REQUEST,
                    "InvalidArgument",
                    message,
                ))
            }
            (Some(header), false) => {
                let header = header.to_str();
                let header = header.map_err(|_| malformed("it is not ASCII text"))?;
                Self::in_header(header, request.headers).map(Some)
            }
            (None, true) => Self::in_query(request.query).map(Some),
            (None, false) => Ok(None),
        }
    }

    fn in_header(text: &str, headers: &HeaderMap) -> Result<Self, Fault> {
        let (algorithm, items) = text.trim().split_once(' ').unwrap_or((text, ""));
        require_algorithm(algorithm, malformed)?;
        let item = |name: &str| {
            let mut items = items
                .split(',')
                .filter_map(|item| item.trim().split_once('='));
            let found = items.find_map(|(own, value)| (own == name).then_some(value));
            found.ok_or_else(|| malformed(&format!("it has no `{name}`")))
        };
        let scope = Scope::read(item("Credential")?, malformed)?;
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let (time, seconds) = match (text("x-amz-date"), text(DATE.as_str())) {
            (Some(time), _) => (time.to_owned(), read_time(time)),
            (None, Some(date)) => {
                let seconds = parse_http_date(date);
                (seconds.map(basic).unwrap_or_default(), seconds)
            }
            (None, None) => (String::new(), None),
        };
        let seconds = seconds.ok_or_else(|| {
            denied(
                "the request has no date that can be read; send x-amz-date as in 20130524T000000Z",
            )
        })?;
        let payload = text(CONTENT_HASH).ok_or_else(|| {
            let message = format!("Missing required header for this request: {CONTENT_HASH}");
            Fault::new(StatusCode::BAD_REQUEST, "InvalidRequest", message)
        })?;
        let signature = Self {
            access_key_id: scope.access_key_id,
            token: text("x-amz-security-token").map(str::to_owned),
            date: scope.date,
            region: scope.region,
            time,
            seconds,
            signed_headers: listed(item("SignedHeaders")?),
            code: item("Signature")?.to_owned(),
            payload: payload.to_owned(),
            expires: None,
        };
        signature.require_day(malformed)?;
        Ok(signature)
    }

    fn in_query(query: &[(String, String)]) -> Result<Self, Fault> {
        let given = |name: &str| {
            let mut values = query
                .iter()
                .filter(|(own, _)| own.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.as_str());
            match (values.next(), values.next()) {
                (value, None) => Ok(value),
                (_, Some(_)) => Err(malformed_query(&format!("`{name}` is there twice"))),
            }
        };
        let item = |name: &str| {
            given(name)?.ok_or_else(|| malformed_query(&format!("`{name}` is missing")))
        };
        require_algorithm(item("X-Amz-Algorithm")?, malformed_query)?;
        let scope = Scope::read(item("X-Amz-Credential")?, malformed_query)?;
        let time = item("X-Amz-Date")?.to_owned();
        let seconds = read_time(&time).ok_or_else(|| {
            malformed_query("X-Amz-Date is no time; write it as in 20130524T000000Z")
        })?;
        let expires = item("X-Amz-Expires")?.parse().ok();
        let expires = expires.filter(|seconds| (1..=LONGEST).contains(seconds));
        let expires = expires.ok_or_else(|| {
            malformed_query(&format!(
                "X-Amz-Expires is a number of seconds, 1 to {LONGEST}"
            ))
        })?;
        let signature = Self {
            access_key_id: scope.access_key_id,
            token: given("X-Amz-Security-Token")?.map(str::to_owned),
            date: scope.date,
            region: scope.region,
            time,
            seconds,
            signed_headers: listed(item("X-Amz-SignedHeaders")?),
            code: item("X-Amz-Signature")?.to_owned(),
            payload: given("X-Amz-Content-Sha256")?
                .unwrap_or(UNSIGNED)
                .to_owned(),
            expires: Some(expires),
        };
        signature.require_day(malformed_query)?;
        Ok(signature)
    }

    /// The signature of a form, from its fields; `None` if it has none of this method.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    pub(super) fn in_form<'f>(
        get: impl Fn(&str) -> Option<&'f str>,
    ) -> Result<Option<Self>, Fault> {
        if get("x-amz-algorithm").is_none() && get("x-amz-signature").is_none() {
            return Ok(None);
        }
        let wrong = |why: &str| {
            let message = format!("the signature of the form cannot be used: {why}");
            Fault::new(StatusCode::BAD_REQUEST, "InvalidArgument", message)
        };
        let item = |name: &str| get(name).ok_or_else(|| wrong(&format!("`{name}` is missing")));
        require_algorithm(item("x-amz-algorithm")?, wrong)?;
        let scope = Scope::read(item("x-amz-credential")?, wrong)?;
        let time = item("x-amz-date")?.to_owned();
        let seconds = read_time(&time);
        let seconds = seconds.ok_or_else(|| wrong("x-amz-date is no time"))?;
        let signature = Self {
            access_key_id: scope.access_key_id,
            token: get("x-amz-security-token").map(str::to_owned),
            date: scope.date,
            region: scope.region,
            time,
            seconds,
            signed_headers: Vec::new(),
            code: item("x-amz-signature")?.to_owned(),
            payload: UNSIGNED.to_owned(),
            expires: None,
        };
        signature.require_day(wrong)?;
        Ok(Some(signature))
    }

    fn require_day(&self, wrong: impl Fn(&str) -> Fault) -> Result<(), Fault> {
        if self.time.starts_with(&self.date) {
            return Ok(());
        }
        Err(wrong(&format!(
            "the date of the credential, `{}`, is not that of the request, `{}`",
            self.date, self.time
        )))
    }

    /// Id of the key.
    pub(crate) fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The session token, if the key is a temporary one.
    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The region it is signed for.
    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    /// What it says of the body.
    pub(crate) fn payload(&self) -> &str {
        &self.payload
    }

    /// The refusal of a request that is signed for another region than `own`.
    pub(crate) fn wrong_region(&self, own: &str) -> Fault {
        let why = format!("the region '{}' is wrong; expecting '{own}'", self.region);
        let fault = if self.expires.is_some() {
            malformed_query(&why)
        } else {
            malformed(&why)
        };
        fault.detail(REGION, own)
    }

    /// Checks the signature of `request` and gives what those of chunks go on from.
    ///
    /// `secret` is `None` if nobody has the key; the refusal then takes as long as that of a wrong
    /// signature. `now` is the server's time in Unix seconds.
    ///
    /// # Errors
    ///
    /// The request must not be answered.
    pub(crate) fn verify(
        &self,
        request: &Request<'_>,
        secret: Option<&str>,
        now: i64,
    ) -> Result<Chain, Fault> {
        self.require_time(now)?;
        self.require_signed(request.headers)?;
        let canonical = canonical(request, &self.signed_headers, &self.payload);
        let to_sign = format!(
            "{ALGORITHM}\n{}\n{}\n{}",
            self.time,
            self.scope(),
            sha256_hex(canonical.as_bytes())
        );
        let key = self.key(secret.unwrap_or_default());
        self.compare(&key, &to_sign, &canonical, secret.is_some())?;
        Ok(Chain {
            key,
            time: self.time.clone(),
            scope: self.scope(),
            previous: self.code.clone(),
        })
    }

    /// Checks the signature of a form, which is over its field `policy`. How long that is good is for
    /// the policy to say.
    ///
    /// # Errors
    ///
    /// The form must not be taken.
    pub(super) fn verify_policy(&self, policy: &str, secret: Option<&str>) -> Result<(), Fault> {
        let key = self.key(secret.unwrap_or_default());
        self.compare(&key, policy, "", secret.is_some())
    }

    fn compare(&self, key: &[u8], text: &str, canonical: &str, known: bool) -> Result<(), Fault> {
        let is_right = is_mac(key, text, &self.code);
        if !known {
            let message = format!(
                "the access key id `{}` does not exist",
                self.access_key_id.escape_debug()
            );
            return Err(Fault::new(
                StatusCode::FORBIDDEN,
                "InvalidAccessKeyId",
                message,
            ));
        }
        if is_right {
            return Ok(());
        }
        Err(
            mismatch("check the secret key, and compare the canonical text")
                .detail("AWSAccessKeyId", &self.access_key_id)
                .detail("StringToSign", text)
                .detail("CanonicalRequest", without_secrets(canonical)),
        )
    }

    fn require_time(&self, now: i64) -> Result<(), Fault> {
        let ahead = self.seconds > now.saturating_add(TOLERANCE);
        if let Some(expires) = self.expires {
            if ahead {
                return Err(denied(
                    "Request is not valid yet: X-Amz-Date is in the future",
                ));
            }
            let end = self.seconds.saturating_add(expires);
            if now > end {
                return Err(denied(&format!(
                    "Request has expired: valid until {}, and the server's time is {}",
                    format_iso_utc(end),
                    format_iso_utc(now)
                )));
            }
            return Ok(());
        }
        if ahead || now > self.seconds.saturating_add(TOLERANCE) {
            let message = format!(
                "the request's time {} is too far from the server's time {}: set the clock",
                self.time,
                basic(now)
            );
            let code = "RequestTimeTooSkewed";
            return Err(Fault::new(StatusCode::FORBIDDEN, code, message));
        }
        Ok(())
    }

    /// The host has to be signed, and so does what S3 is asked for.
    fn require_signed(&self, headers: &HeaderMap) -> Result<(), Fault> {
        let is_signed = |name: &str| self.signed_headers.iter().any(|own| own == name);
        let names = headers.keys().map(http::HeaderName::as_str);
        let unsigned: Vec<_> = names
            .filter(|name| (*name == HOST || name.starts_with("x-amz-")) && !is_signed(name))
            // A presigned URL says it itself.
            .filter(|name| !(self.expires.is_some() && *name == CONTENT_HASH))
            .collect();
        if unsigned.is_empty() {
            return Ok(());
        }
        let unsigned = unsigned.join(", ");
        let message = "There were headers present in the request which were not signed";
        Err(denied(message).detail("HeadersNotSigned", unsigned))
    }

    fn scope(&self) -> String {
        format!("{}/{}/{SERVICE}/{END}", self.date, self.region)
    }

    fn key(&self, secret: &str) -> Vec<u8> {
        let first = format!("AWS4{secret}");
        [self.date.as_str(), &self.region, SERVICE, END]
            .iter()
            .fold(first.into_bytes(), |key, part| code(&key, part.as_bytes()))
    }
}

/// Each once, since each repeats its value in the text that is hashed.
fn listed(names: &str) -> Vec<String> {
    let mut seen = HashSet::new();
    let names = names.split(';').map(str::to_ascii_lowercase);
    names.filter(|name| seen.insert(name.clone())).collect()
}

fn malformed(why: &str) -> Fault {
    let message = format!("The authorization header is malformed; {why}");
    let code = "AuthorizationHeaderMalformed";
    Fault::new(StatusCode::BAD_REQUEST, code, message)
}

fn malformed_query(why: &str) -> Fault {
    let message = format!("the signature in the URL cannot be used: {why}");
    let code = "AuthorizationQueryParametersError";
    Fault::new(StatusCode::BAD_REQUEST, code, message)
}

fn denied(message: &str) -> Fault {
    Fault::new(StatusCode::FORBIDDEN, "AccessDenied", message)
}

#[cfg(test)]
mod tests;
