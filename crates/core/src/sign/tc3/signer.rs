//! The client's side of the signature.

use http::{HeaderMap, Method};

use super::canonical::{
    ACTION, ALGORITHM, CONTENT_HASH, Request, SKIP, TIMESTAMP, TOKEN, UNSIGNED_PAYLOAD,
    canonical_request, signing_key, string_to_sign,
};
use crate::credentials::Credentials;
use crate::sign::digest::{HmacSha256, mac, mac_hex};
use crate::sign::error::SignError;
use crate::sign::headers::{insert, require};
use crate::sign::signature::Signature;
use crate::time::utc_date;

/// Signs requests to one service with one set of credentials at one time.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    credentials: &'a Credentials,
    service: &'a str,
    timestamp: i64,
    signs_action: bool,
    signs_payload: bool,
}

impl<'a> Signer<'a> {
    /// A signer for `service`, such as `mps`, at `timestamp`, in Unix seconds.
    pub const fn new(credentials: &'a Credentials, service: &'a str, timestamp: i64) -> Self {
        Self {
            credentials,
            service,
            timestamp,
            signs_action: false,
            signs_payload: true,
        }
    }

    /// Covers the header `X-TC-Action` as well, if the request has it.
    pub const fn with_signed_action(self) -> Self {
        Self {
            signs_action: true,
            ..self
        }
    }

    /// Leaves the payload out of what [`Signer::authorize`] signs.
    pub const fn with_unsigned_payload(self) -> Self {
        Self {
            signs_payload: false,
            ..self
        }
    }

    /// Computes the signature of a request as it is.
    ///
    /// Whether the payload is covered depends on its header `X-TC-Content-SHA256`, which
    /// [`Signer::authorize`] sets, as it does the token and the timestamp.
    pub fn sign(&self, request: &Request<'_>) -> Signature {
        let mut names = vec!["content-type", "host"];
        if self.signs_action && request.headers.contains_key(ACTION) {
            names.push(ACTION);
        }
        let http_string = canonical_request(request, &names, None, |name| name == ACTION);
        let date = utc_date(self.timestamp);
        let string_to_sign = string_to_sign(self.timestamp, &date, self.service, &http_string);
        let key = signing_key(self.credentials.secret_key(), &date, self.service);
        let authorization = format!(
            "{ALGORITHM} Credential={}/{date}/{}/tc3_request, SignedHeaders={}, Signature={}",
            self.credentials.secret_id(),
            self.service,
            names.join(";"),
            mac_hex(mac::<HmacSha256>(&key, string_to_sign.as_bytes())),
        );
        Signature {
            authorization,
            http_string,
            string_to_sign,
        }
    }

    /// Sets `X-TC-Timestamp`, `X-TC-Token` if there is a token, `X-TC-Content-SHA256` if the
    /// payload is not covered, and `Authorization`.
    ///
    /// # Errors
    ///
    /// If `host` or `content-type` is not set, or the credentials have characters no header may
    /// contain.
    pub fn authorize(
        &self,
        method: &Method,
        query: &str,
        headers: &mut HeaderMap,
        payload: &[u8],
    ) -> Result<Signature, SignError> {
        require(headers, "host")?;
        require(headers, "content-type")?;
        insert(headers, TIMESTAMP, &self.timestamp.to_string())?;
        if let Some(token) = self.credentials.token() {
            insert(headers, TOKEN, token)?;
        }
        if !self.signs_payload {
            insert(headers, CONTENT_HASH, UNSIGNED_PAYLOAD)?;
        }
        let signature = self.sign(&Request {
            method,
            query,
            headers,
            payload,
        });
        insert(headers, "authorization", &signature.authorization)?;
        Ok(signature)
    }
}

/// Marks a request that is called without a signature, as operations are whose request carries its
/// own proof. Sets `X-TC-Timestamp` and `Authorization`.
///
/// # Errors
///
/// None in practice; see [`Signer::authorize`].
pub fn skip(timestamp: i64, headers: &mut HeaderMap) -> Result<Signature, SignError> {
    insert(headers, TIMESTAMP, &timestamp.to_string())?;
    insert(headers, "authorization", SKIP)?;
    Ok(Signature {
        authorization: SKIP.to_owned(),
        http_string: String::new(),
        string_to_sign: String::new(),
    })
}
