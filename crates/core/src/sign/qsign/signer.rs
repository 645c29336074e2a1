//! The client's side of the signature.

use std::fmt;

use http::header::HOST;
use http::{HeaderMap, Method};

use super::canonical::{Canonical, Request, Window, string_to_sign};
use super::token::TokenName;
use crate::credentials::Credentials;
use crate::sign::digest::mac_hex;
use crate::sign::encode;
use crate::sign::error::SignError;
use crate::sign::headers::{insert, require};
use crate::sign::signature::Signature;

/// Headers that are signed whenever they are sent, besides `x-cos-…` and `x-ci-…`.
const SIGNED_HEADERS: [&str; 17] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-length",
    "content-md5",
    "content-type",
    "expect",
    "expires",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-unmodified-since",
    "origin",
    "pic-operations",
    "range",
    "transfer-encoding",
];

/// A URL that carries its own signature.
///
/// Whoever has it can make the request until it expires; hence `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Presigned {
    /// The whole URL.
    pub url: String,
    /// The signature in it, for explanations.
    pub signature: Signature,
}

impl fmt::Debug for Presigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presigned")
            .field("signature", &self.signature)
            .finish_non_exhaustive()
    }
}

/// Signs requests with one set of credentials for one period.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    credentials: &'a Credentials,
    token_name: TokenName,
    window: Window,
}

impl<'a> Signer<'a> {
    /// A signer whose signatures are valid during `window`.
    pub const fn new(credentials: &'a Credentials, token_name: TokenName, window: Window) -> Self {
        Self {
            credentials,
            token_name,
            window,
        }
    }

    pub(super) const fn credentials(&self) -> &'a Credentials {
        self.credentials
    }

    pub(super) const fn window(&self) -> Window {
        self.window
    }

    /// Computes the signature of a request as it is.
    ///
    /// Covers the whole query and, of the headers, those the service's own SDKs sign. A session
    /// token has to be among the headers or the query already; [`Signer::authorize`] and
    /// [`Signer::presign`] see to that.
    pub fn sign(&self, request: &Request<'_>) -> Signature {
        self.compute(request).1
    }

    /// Adds the session token, if any, and the `Authorization` header.
    ///
    /// # Errors
    ///
    /// If `host` is not set, or the credentials have characters no header may contain.
    pub fn authorize(
        &self,
        method: &Method,
        path: &str,
        query: &[(String, String)],
        headers: &mut HeaderMap,
    ) -> Result<Signature, SignError> {
        require(headers, "host")?;
        if let Some(token) = self.credentials.token() {
            insert(headers, self.token_name.as_str(), token)?;
        }
        let signature = self.sign(&Request {
            method,
            path,
            query,
            headers,
        });
        insert(headers, "authorization", &signature.authorization)?;
        Ok(signature)
    }

    /// Makes a URL that carries its signature, and the session token, in the query.
    ///
    /// The host is the one of `headers`; whoever uses the URL has to send those of `headers` that
    /// are signed, with the same values. Usually there is only `host`.
    ///
    /// # Errors
    ///
    /// If `host` is not set or is not text.
    pub fn presign(&self, scheme: &str, request: &Request<'_>) -> Result<Presigned, SignError> {
        require(request.headers, "host")?;
        let host = request
            .headers
            .get(HOST)
            .and_then(|host| host.to_str().ok());
        let host = host.ok_or(SignError::InvalidHeader("host"))?;
        let mut query = request.query.to_vec();
        if let Some(token) = self.credentials.token() {
            query.push((self.token_name.as_str().to_owned(), token.to_owned()));
        }
        let (items, signature) = self.compute(&Request {
            query: &query,
            ..*request
        });
        let pairs = query.iter().map(|(key, value)| (key.as_str(), value));
        let pairs = pairs.chain(items.iter().map(|(key, value)| (*key, value)));
        let url = format!(
            "{scheme}://{host}{}?{}",
            encode::path(request.path),
            encode::query(pairs)
        );
        Ok(Presigned { url, signature })
    }

    /// The items of the signature, with their values as the header form has them.
    fn compute(&self, request: &Request<'_>) -> ([(&'static str, String); 7], Signature) {
        let canonical = Canonical::new(request, None, is_signed, |_| true);
        let times = self.window.to_string();
        let string_to_sign = string_to_sign(&times, &canonical.http_string);
        let credentials = self.credentials;
        let signature = credentials.kept_key().sign(
            credentials.secret_key(),
            self.window,
            &times,
            &string_to_sign,
        );
        let items = [
            ("q-sign-algorithm", "sha1".to_owned()),
            ("q-ak", credentials.secret_id().to_owned()),
            ("q-sign-time", times.clone()),
            ("q-key-time", times),
            ("q-header-list", canonical.header_list),
            ("q-url-param-list", canonical.param_list),
            ("q-signature", mac_hex(signature)),
        ];
        let length = |(key, value): &(&str, String)| key.len().saturating_add(value.len());
        let length: usize = items.iter().map(length).sum();
        // Two marks an item.
        let length = length.saturating_add(items.len().saturating_mul(2));
        let mut authorization = String::with_capacity(length);
        for (key, value) in &items {
            if !authorization.is_empty() {
                authorization.push('&');
            }
            authorization.push_str(key);
            authorization.push('=');
            authorization.push_str(value);
        }
        (
            items,
            Signature {
                authorization,
                http_string: canonical.http_string,
                string_to_sign,
            },
        )
    }
}

/// Whether the service's SDKs sign this header, given in lower case.
fn is_signed(name: &str) -> bool {
    SIGNED_HEADERS.contains(&name) || name.starts_with("x-cos-") || name.starts_with("x-ci-")
}
