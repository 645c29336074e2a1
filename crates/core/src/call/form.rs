//! Forms by which a browser stores an object, with the signature of what they may hold.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use http::HeaderMap;
use http::header::HOST;
use serde_json::{Value, json};

use super::identity::Identity;
use super::options::CallOptions;
use super::prepare::{VALID_BEFORE, prepare};
use crate::body::Body;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::future::BoxFuture;
use crate::node::Node;
use crate::operation::Operation;
use crate::sign::qsign;
use crate::time::format_iso_utc;

/// A form that is being signed.
pub type SigningForm<'a> = BoxFuture<'a, Result<PresignedForm, Error>>;

/// What a form has to hold for the service to take it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Condition {
    /// A field has one value.
    Equals {
        /// The name of the field.
        field: String,
        /// Its value.
        value: String,
    },
    /// The value of a field begins in one way. An empty prefix allows every value, but the form
    /// must have the field.
    StartsWith {
        /// The name of the field.
        field: String,
        /// How its value begins.
        prefix: String,
    },
    /// The content has so many bytes, both ends included.
    ContentLength(RangeInclusive<u64>),
}

impl Condition {
    /// That `field` is `value`.
    pub fn equals(field: impl Into<String>, value: impl Into<String>) -> Self {
        Self::Equals {
            field: field.into(),
            value: value.into(),
        }
    }

    /// That `field` begins with `prefix`.
    pub fn starts_with(field: impl Into<String>, prefix: impl Into<String>) -> Self {
        Self::StartsWith {
            field: field.into(),
            prefix: prefix.into(),
        }
    }

    /// As the text of a policy has it.
    fn to_json(&self) -> Value {
        match self {
            Self::Equals { field, value } => json!({ field.as_str(): value }),
            Self::StartsWith { field, prefix } => {
                json!(["starts-with", format!("${field}"), prefix])
            }
            Self::ContentLength(range) => {
                json!(["content-length-range", range.start(), range.end()])
            }
        }
    }
}

/// A form with its signature: whoever has it can store an object by it until it expires.
///
/// `Debug` shows neither signature nor token.
#[derive(Clone)]
pub struct PresignedForm {
    url: String,
    headers: HeaderMap,
    fields: Vec<(String, String)>,
    policy: String,
    expires: i64,
}

impl Client {
    /// A form to be sent by `operation`, which is good for `duration` and has to satisfy
    /// `conditions`. `fields` are what it holds from the beginning. Nothing is sent.
    ///
    /// # Errors
    /// The request has no valid address; there are no credentials; `duration` is shorter than a
    /// second.
    pub fn presign_form<'a>(
        &'a self,
        operation: &'static Operation,
        request: &'a dyn Node,
        options: &'a CallOptions,
        duration: Duration,
        fields: Vec<(String, String)>,
        conditions: &'a [Condition],
    ) -> SigningForm<'a> {
        Box::pin(async move {
            let form = presign_form(
                self, operation, request, options, duration, fields, conditions,
            );
            form.await.map_err(|error| error.of(operation))
        })
    }
}

async fn presign_form(
    client: &Client,
    operation: &'static Operation,
    request: &dyn Node,
    options: &CallOptions,
    duration: Duration,
    mut fields: Vec<(String, String)>,
    conditions: &[Condition],
) -> Result<PresignedForm, Error> {
    let refuse = |why: &str, advice: &str| Error::new(ErrorKind::Request, why).advise(advice);
    let seconds = i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    if seconds == 0 {
        return Err(refuse(
            "a form has to be good for a second at least",
            "give a longer duration",
        ));
    }
    let mut identity = Identity::of_form(client, options).await;
    let region = identity.region();
    let prepared = prepare(client, operation, request, Body::empty(), options, region)?;
    let Some(credentials) = identity.credentials().await? else {
        return Err(refuse(
            "an anonymous client has nothing to sign a form with",
            "give credentials; a bucket that everyone may write takes a form without a signature",
        ));
    };
    let now = client.now(client.skew());
    let expires = now.saturating_add(seconds);
    let window = qsign::Window::new(now.saturating_sub(VALID_BEFORE), expires);
    let policy = policy(conditions, credentials.secret_id(), window);
    fields.push(("policy".to_owned(), BASE64_STANDARD.encode(&policy)));
    let signature = qsign::Signer::new(&credentials, qsign::TokenName::Cos, window)
        .sign_form(&policy)
        .map(|(name, value)| (name.to_owned(), value));
    fields.extend(signature);
    if let Some(token) = credentials.token() {
        let name = qsign::TokenName::Cos.as_str();
        fields.push((name.to_owned(), token.to_owned()));
    }
    let destination = prepared.first;
    let mut headers = HeaderMap::new();
    let host = destination.uri.authority().map_or("", |it| it.as_str());
    if host.as_bytes() != destination.host.as_bytes() {
        headers.insert(HOST, destination.host);
    }
    Ok(PresignedForm {
        url: destination.uri.to_string(),
        headers,
        fields,
        policy,
        expires,
    })
}

/// The text that is signed: what the form has to hold, who signs it, and when it ends.
fn policy(conditions: &[Condition], access_key_id: &str, window: qsign::Window) -> String {
    let signed = [
        Condition::equals("q-sign-algorithm", "sha1"),
        Condition::equals("q-ak", access_key_id),
        Condition::equals("q-sign-time", window.to_string()),
    ];
    let all = conditions.iter().chain(&signed).map(Condition::to_json);
    json!({
        "expiration": format_iso_utc(window.end()),
        "conditions": all.collect::<Vec<_>>(),
    })
    .to_string()
}

impl PresignedForm {
    /// Where the form goes, its `action`. The method is `POST`, the encoding `multipart/form-data`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The headers that have to be sent with it, mostly none. `host` is among them where the URL
    /// leads to an [`Endpoint`](crate::endpoint::Endpoint) instead of the host itself: a browser
    /// cannot set it, other programs can.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The fields, in their order. The content goes behind all of them, as the field `file`. They
    /// are a secret until the form expires.
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// The text of the policy, which the field `policy` has in Base64.
    pub fn policy(&self) -> &str {
        &self.policy
    }

    /// The last second in which it is good, in Unix time by the service's clock. A temporary key
    /// may end earlier.
    pub fn expires(&self) -> i64 {
        self.expires
    }
}

impl fmt::Debug for PresignedForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PresignedForm")
            .field("url", &self.url)
            .field("headers", &self.headers)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}
