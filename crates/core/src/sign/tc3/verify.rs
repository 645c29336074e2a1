//! The server's side of the signature: reading it from a request and checking it.

use std::collections::BTreeSet;
use std::fmt;

use http::header::{AUTHORIZATION, HOST};

use super::canonical::{
    ALGORITHM, Request, SKIP, TIMESTAMP, canonical_request, signing_key, string_to_sign,
};
use crate::sign::digest::{HmacSha256, mac, matches};
use crate::sign::headers::host_candidates;
use crate::sign::items::{MAX_AUTHORIZATION, single};
use crate::sign::rejection::{Policy, Rejection};
use crate::time::utc_date;

/// Which headers' values clients write in lower case: those the documents show so, none, all.
const LOWERED: [fn(&str) -> bool; 3] = [|name| name.starts_with("x-tc-"), |_| false, |_| true];

/// A signature as a request carries it, read but not yet checked. `Debug` hides the signature
/// itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Authorization {
    access_key_id: String,
    date: String,
    service: String,
    signed_headers: Vec<String>,
    signature: String,
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorization")
            .field("access_key_id", &self.access_key_id)
            .field("date", &self.date)
            .field("service", &self.service)
            .field("signed_headers", &self.signed_headers)
            .finish_non_exhaustive()
    }
}

impl Authorization {
    /// Reads the `Authorization` header of a request.
    ///
    /// # Errors
    ///
    /// [`Rejection::MissingAuthorization`] if there is none, or one that says `SKIP`, and
    /// [`Rejection::InvalidAuthorization`] if it cannot be read.
    pub fn from_request(request: &Request<'_>) -> Result<Self, Rejection> {
        let header = request
            .headers
            .get(AUTHORIZATION)
            .filter(|header| !header.is_empty() && *header != SKIP)
            .ok_or(Rejection::MissingAuthorization)?;
        Self::parse(
            header
                .to_str()
                .map_err(|_| Rejection::invalid("it is not ASCII text"))?,
        )
    }

    /// Reads the value of an `Authorization` header, with or without spaces after its commas.
    ///
    /// # Errors
    ///
    /// [`Rejection::InvalidAuthorization`], saying what is wrong.
    pub fn parse(text: &str) -> Result<Self, Rejection> {
        if text.len() > MAX_AUTHORIZATION {
            return Err(Rejection::invalid(format!(
                "it is longer than {MAX_AUTHORIZATION} bytes"
            )));
        }
        let (algorithm, items) = text.trim().split_once(' ').unwrap_or((text, ""));
        if algorithm != ALGORITHM {
            return Err(Rejection::invalid(format!(
                "it does not start with `{ALGORITHM}`"
            )));
        }
        let items = items
            .split(',')
            .filter_map(|item| item.trim().split_once('='));
        let item = |name: &str| single(items.clone(), name);
        let credential: Vec<_> = item("Credential")?.split('/').collect();
        let [access_key_id, date, service, "tc3_request"] = credential.as_slice() else {
            return Err(Rejection::invalid(
                "`Credential` is not `<id>/<date>/<service>/tc3_request`",
            ));
        };
        if [access_key_id, date, service]
            .iter()
            .any(|part| part.is_empty())
        {
            return Err(Rejection::invalid("a part of `Credential` is empty"));
        }
        let signed_headers: Vec<String> = item("SignedHeaders")?
            .split(';')
            .map(str::to_owned)
            .collect();
        // Each name repeats its header's value in the text that is hashed.
        let distinct: BTreeSet<&String> = signed_headers.iter().collect();
        if distinct.len() < signed_headers.len() {
            return Err(Rejection::invalid("`SignedHeaders` names a header twice"));
        }
        Ok(Self {
            access_key_id: (*access_key_id).to_owned(),
            date: (*date).to_owned(),
            service: (*service).to_owned(),
            signed_headers,
            signature: item("Signature")?.to_owned(),
        })
    }

    /// The access key's id, by which the server finds the secret key.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The UTC date of the scope, `2023-11-14`.
    pub fn date(&self) -> &str {
        &self.date
    }

    /// The service of the scope. Some SDKs take it from the first label of the endpoint, so it is
    /// no proof of which service is meant.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// Names of the signed headers, in the order sent.
    pub fn signed_headers(&self) -> impl Iterator<Item = &str> {
        self.signed_headers.iter().map(String::as_str)
    }

    /// Checks the signature of `request`.
    ///
    /// `secret_key` is `None` if the server does not know the access key; the refusal then takes
    /// as long as that of a wrong signature. `now` is the server's Unix time in seconds.
    ///
    /// # Errors
    ///
    /// Any [`Rejection`] but the one for a missing signature.
    pub fn verify(
        &self,
        request: &Request<'_>,
        secret_key: Option<&str>,
        now: i64,
        policy: Policy,
    ) -> Result<(), Rejection> {
        let timestamp = self.check_head(request, now, policy)?;
        let names: Vec<_> = self.signed_headers().collect();
        let key = signing_key(secret_key.unwrap_or_default(), &self.date, &self.service);
        let mut first = None;
        for host in host_candidates(request.headers) {
            for lowers in LOWERED {
                let canonical = canonical_request(request, &names, Some(host), lowers);
                let string_to_sign =
                    string_to_sign(timestamp, &self.date, &self.service, &canonical);
                if matches(
                    mac::<HmacSha256>(&key, string_to_sign.as_bytes()),
                    &self.signature,
                ) && secret_key.is_some()
                {
                    return Ok(());
                }
                first.get_or_insert((canonical, string_to_sign));
            }
        }
        if secret_key.is_none() {
            return Err(Rejection::UnknownKey {
                access_key_id: self.access_key_id.clone(),
            });
        }
        let (http_string, string_to_sign) = first.unwrap_or_default();
        Err(Rejection::SignatureMismatch {
            http_string,
            string_to_sign,
        })
    }

    /// Checks what the head of `request` alone can show: its time, and that its host is signed. A
    /// server asks this before it reads a payload, which it then need not do for everybody.
    ///
    /// # Errors
    ///
    /// The [`Rejection`] with which [`Authorization::verify`] would end whatever the payload is.
    pub fn verify_head(
        &self,
        request: &Request<'_>,
        now: i64,
        policy: Policy,
    ) -> Result<(), Rejection> {
        self.check_head(request, now, policy).map(drop)
    }

    /// [`Authorization::verify_head`], with the timestamp.
    fn check_head(
        &self,
        request: &Request<'_>,
        now: i64,
        policy: Policy,
    ) -> Result<i64, Rejection> {
        let timestamp = self.check_time(request, now, policy)?;
        let signs_host = self.signed_headers().any(|name| name == "host");
        if policy.require_host && !(signs_host && request.headers.contains_key(HOST)) {
            return Err(Rejection::HostNotSigned);
        }
        Ok(timestamp)
    }

    /// The request's timestamp, if it is near enough and belongs to the scope's date.
    fn check_time(
        &self,
        request: &Request<'_>,
        now: i64,
        policy: Policy,
    ) -> Result<i64, Rejection> {
        let text = request
            .headers
            .get(TIMESTAMP)
            .and_then(|value| value.to_str().ok());
        let timestamp = text
            .and_then(|text| Some((text, text.parse::<i64>().ok()?)))
            .filter(|(text, seconds)| seconds.to_string() == *text && *seconds >= 0)
            .map(|(_, seconds)| seconds)
            .ok_or_else(|| {
                Rejection::invalid("`X-TC-Timestamp` is not the Unix time in seconds")
            })?;
        if utc_date(timestamp) != self.date {
            return Err(Rejection::invalid(
                "the date of `Credential` is not that of `X-TC-Timestamp`",
            ));
        }
        let end = timestamp.saturating_add(policy.tolerance_seconds);
        if now > end {
            return Err(Rejection::Expired { end, now });
        }
        if timestamp > now.saturating_add(policy.tolerance_seconds) {
            return Err(Rejection::TimeTooSkewed {
                requested: timestamp,
                now,
            });
        }
        Ok(timestamp)
    }
}
