//! The server's side of the signature: reading it from a request and checking it.

use std::collections::BTreeSet;
use std::fmt;

use http::header::{AUTHORIZATION, HOST};

use super::canonical::{Canonical, Request, Window, sign_key, signature_mac, string_to_sign};
use super::token::TokenName;
use crate::sign::digest::matches;
use crate::sign::foreign;
use crate::sign::headers::host_candidates;
use crate::sign::items::{MAX_AUTHORIZATION, single};
use crate::sign::rejection::{Policy, Rejection};

/// A signature as a request carries it, read but not yet checked.
///
/// `Debug` hides the signature itself.
///
/// ```
/// use http::{HeaderMap, Method, header};
/// use tcloud_core::sign::Policy;
/// use tcloud_core::sign::qsign::{Authorization, Request};
///
/// let authorization = "q-sign-algorithm=sha1&q-ak=AKIDEXAMPLE&q-sign-time=1699999940;1700010000\
///     &q-key-time=1699999940;1700010000&q-header-list=host&q-url-param-list=\
///     &q-signature=22f00eef7b980464b28e63f1ec4a21c492c6aa3f";
/// let mut headers = HeaderMap::new();
/// headers.insert(
///     header::HOST,
///     "examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com".parse().unwrap(),
/// );
/// headers.insert(header::AUTHORIZATION, authorization.parse().unwrap());
/// let request =
///     Request { method: &Method::GET, path: "/exampleobject.txt", query: &[], headers: &headers };
///
/// let signed = Authorization::from_request(&request).unwrap();
/// assert_eq!(signed.access_key_id(), "AKIDEXAMPLE");
/// let secret = Some("SECRETEXAMPLE");
/// assert_eq!(signed.verify(&request, secret, 1_700_000_000, Policy::COS), Ok(()));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Authorization {
    access_key_id: String,
    sign_time: Window,
    key_time: Window,
    header_list: BTreeSet<String>,
    param_list: BTreeSet<String>,
    signature: String,
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorization")
            .field("access_key_id", &self.access_key_id)
            .field("sign_time", &self.sign_time)
            .field("key_time", &self.key_time)
            .field("header_list", &self.header_list)
            .field("param_list", &self.param_list)
            .finish_non_exhaustive()
    }
}

impl Authorization {
    /// Finds the signature of a request: in the `Authorization` header, else in the query, as the
    /// one item `sign` or as the items `q-…`.
    ///
    /// # Errors
    ///
    /// [`Rejection::MissingAuthorization`] if there is none, [`Rejection::Unsupported`] if there is
    /// one of Amazon S3, and [`Rejection::InvalidAuthorization`] if it cannot be read.
    pub fn from_request(request: &Request<'_>) -> Result<Self, Rejection> {
        let header = request.headers.get(AUTHORIZATION);
        // An SDK without keys sends the header empty.
        if let Some(header) = header.filter(|header| !header.is_empty()) {
            let text = header
                .to_str()
                .map_err(|_| Rejection::invalid("it is not ASCII text"))?;
            return match foreign::in_header(text) {
                Some(rejection) => Err(rejection),
                None => Self::parse(text),
            };
        }
        let merged = |(key, value): &&(String, String)| key == "sign" && value.starts_with("q-");
        if let Some((_, value)) = request.query.iter().find(merged) {
            return Self::parse(value);
        }
        if request
            .query
            .iter()
            .any(|(key, _)| key == "q-signature" || key == "q-sign-algorithm")
        {
            return Self::from_items(&request.query.iter().map(|(k, v)| (k.as_str(), v.as_str())));
        }
        let names = request.query.iter().map(|(name, _)| name.as_str());
        Err(foreign::in_query(names).unwrap_or(Rejection::MissingAuthorization))
    }

    /// Reads the form of the `Authorization` header. Items may come in any order; unknown ones
    /// are ignored.
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
        Self::from_items(
            &text
                .trim()
                .split('&')
                .filter_map(|item| item.split_once('=')),
        )
    }

    fn from_items<'a>(
        items: &(impl Iterator<Item = (&'a str, &'a str)> + Clone),
    ) -> Result<Self, Rejection> {
        let item = |name: &str| single(items.clone(), name);
        Ok(Self {
            access_key_id: access_key_id(items)?,
            sign_time: window("q-sign-time", item("q-sign-time")?)?,
            key_time: window("q-key-time", item("q-key-time")?)?,
            header_list: names(item("q-header-list")?),
            param_list: names(item("q-url-param-list")?),
            signature: item("q-signature")?.to_owned(),
        })
    }

    /// The access key's id, by which the server finds the secret key.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// When the signature is valid, as the client says; see [`Self::key_time`].
    pub const fn sign_time(&self) -> Window {
        self.sign_time
    }

    /// When the signing key is valid. All SDKs send the same as [`Self::sign_time`].
    pub const fn key_time(&self) -> Window {
        self.key_time
    }

    /// Encoded, lower-case names of the signed headers, sorted.
    pub fn header_list(&self) -> impl Iterator<Item = &str> {
        self.header_list.iter().map(String::as_str)
    }

    /// Encoded, lower-case names of the signed query parameters, sorted.
    pub fn param_list(&self) -> impl Iterator<Item = &str> {
        self.param_list.iter().map(String::as_str)
    }

    /// Checks the signature of `request`, of which exactly the listed headers and parameters are
    /// covered; a listed name covers all its values.
    ///
    /// `secret_key` is `None` if the server does not know the access key; the refusal then takes
    /// as long as that of a wrong signature. `now` is the server's Unix time in seconds.
    ///
    /// If the two validities differ, both must hold, and either may be in the signed text,
    /// since clients disagree about it; the one of the key is always covered by the signature.
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
        self.check_time(now, policy)?;
        let host_signed = self.header_list.contains("host") && request.headers.contains_key(HOST);
        if policy.require_host && !host_signed {
            return Err(Rejection::HostNotSigned);
        }
        let key_time = self.key_time.to_string();
        let sign_key = sign_key(secret_key.unwrap_or_default(), &key_time);
        let mut times = vec![key_time];
        if self.sign_time != self.key_time {
            times.push(self.sign_time.to_string());
        }
        let mut first = None;
        for host in host_candidates(request.headers) {
            let http_string = self.http_string(request, host);
            for times in &times {
                let string_to_sign = string_to_sign(times, &http_string);
                if matches(signature_mac(&sign_key, &string_to_sign), &self.signature)
                    && secret_key.is_some()
                {
                    return Ok(());
                }
                first.get_or_insert_with(|| (http_string.clone(), string_to_sign));
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

    fn check_time(&self, now: i64, policy: Policy) -> Result<(), Rejection> {
        let start = self.sign_time.start().max(self.key_time.start());
        let end = self.sign_time.end().min(self.key_time.end());
        check_window(Window::new(start, end), now, policy)
    }

    fn http_string(&self, request: &Request<'_>, host: &[u8]) -> String {
        let headers = |name: &str| self.header_list.contains(name);
        let params = |name: &str| self.param_list.contains(name);
        Canonical::new(request, Some(host), headers, params).http_string
    }
}

/// The session token of a request, under either service's name, as a header or in the query:
/// SDKs do not agree on which service takes which.
pub fn security_token<'a>(request: &Request<'a>) -> Option<&'a str> {
    let names = [TokenName::Cos.as_str(), TokenName::Ci.as_str()];
    let mut headers = names
        .iter()
        .filter_map(|name| request.headers.get(*name)?.to_str().ok());
    let mut params = request
        .query
        .iter()
        .filter(|(key, _)| names.contains(&key.as_str()));
    headers
        .next()
        .or_else(|| params.next().map(|(_, value)| value.as_str()))
}

/// The access key's id among `items`, which the one method there is has signed.
pub(super) fn access_key_id<'a>(
    items: &(impl Iterator<Item = (&'a str, &'a str)> + Clone),
) -> Result<String, Rejection> {
    if single(items.clone(), "q-sign-algorithm")? != "sha1" {
        return Err(Rejection::invalid("`q-sign-algorithm` is not `sha1`"));
    }
    match single(items.clone(), "q-ak")? {
        "" => Err(Rejection::invalid("`q-ak` is empty")),
        id => Ok(id.to_owned()),
    }
}

/// Refuses what is not valid `now`.
pub(super) fn check_window(window: Window, now: i64, policy: Policy) -> Result<(), Rejection> {
    let (start, end) = (window.start(), window.end());
    if now > end {
        return Err(Rejection::Expired { end, now });
    }
    if start > now.saturating_add(policy.tolerance_seconds) {
        return Err(Rejection::TimeTooSkewed {
            requested: start,
            now,
        });
    }
    Ok(())
}

/// Reads `start;end`. Only the plain decimal form is taken, so that the text can be made again.
pub(super) fn window(name: &str, text: &str) -> Result<Window, Rejection> {
    let window = text
        .split_once(';')
        .and_then(|(start, end)| Some(Window::new(start.parse().ok()?, end.parse().ok()?)))
        .filter(|window| window.to_string() == text && window.start() >= 0);
    match window {
        Some(window) if window.start() <= window.end() => Ok(window),
        Some(_) => Err(Rejection::invalid(format!(
            "`{name}` ends before it starts"
        ))),
        None => Err(Rejection::invalid(format!(
            "`{name}` is not `start;end` in Unix seconds"
        ))),
    }
}

fn names(list: &str) -> BTreeSet<String> {
    list.split(';')
        .filter(|name| !name.is_empty())
        .map(str::to_ascii_lowercase)
        .collect()
}
