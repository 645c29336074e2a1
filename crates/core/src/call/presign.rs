//! URLs that carry their own signature.

use std::fmt;
use std::time::Duration;

use http::header::{CONTENT_LENGTH, HOST, USER_AGENT};
use http::{HeaderMap, Method};

use super::identity::Identity;
use super::options::CallOptions;
use super::prepare::{VALID_BEFORE, prepare};
use super::request::Request;
use super::typed::Call;
use crate::body::Body;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::future::BoxFuture;
use crate::node::Node;
use crate::operation::{BodyFormat, Operation, Protocol};
use crate::sign::qsign;

/// A URL that is being signed.
pub type Presigning = BoxFuture<'static, Result<PresignedRequest, Error>>;

/// A request whose URL carries its own signature: whoever has it can make the request until it
/// expires.
///
/// `Debug` shows neither signature nor token.
#[derive(Clone)]
pub struct PresignedRequest {
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Vec<u8>,
    expires: i64,
}

impl<Q: Request> Call<Q> {
    /// A URL by which anyone can make this call for `duration`, without an access key. Nothing is
    /// sent, and a raw body is left to whoever uses the URL.
    ///
    /// It is signed by the client's credentials, and is good no longer than they are; it leads to
    /// the host that the client's [`Hosts`](crate::host::Hosts) choose, and has the whole query of
    /// the call, a picture pipeline included.
    ///
    /// # Errors
    /// The request lacks something; there are no credentials; `duration` is shorter than a second;
    /// the operation is one of API 3.0, whose signatures are headers.
    pub fn presign(self, duration: Duration) -> Presigning {
        Box::pin(async move {
            let (client, request, options) = self.into_parts();
            client
                .presign(Q::operation(), &request, &options, duration)
                .await
        })
    }
}

impl Client {
    /// A URL that makes a call of `operation`, as [`Call::presign`].
    ///
    /// # Errors
    /// As [`Call::presign`].
    pub fn presign<'a>(
        &'a self,
        operation: &'static Operation,
        request: &'a dyn Node,
        options: &'a CallOptions,
        duration: Duration,
    ) -> BoxFuture<'a, Result<PresignedRequest, Error>> {
        Box::pin(async move {
            presign(self, operation, request, options, duration)
                .await
                .map_err(|error| error.of(operation))
        })
    }
}

async fn presign(
    client: &Client,
    operation: &'static Operation,
    request: &dyn Node,
    options: &CallOptions,
    duration: Duration,
) -> Result<PresignedRequest, Error> {
    let refuse = |why: &str, advice: &str| Error::new(ErrorKind::Request, why).advise(advice);
    let token = match operation.service.protocol {
        Protocol::Cos => qsign::TokenName::Cos,
        Protocol::Ci => qsign::TokenName::Ci,
        Protocol::Tc3 => {
            return Err(refuse(
                "a call of API 3.0 has no presigned URL: its signature is a header",
                "sign the request and send it while it is good, or have a server make the call",
            ));
        }
    };
    let seconds = i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    if seconds == 0 {
        return Err(refuse(
            "a presigned URL has to be good for a second at least",
            "give a longer duration",
        ));
    }
    let mut identity = Identity::of(client, operation, options).await;
    let region = identity.region();
    let mut prepared = prepare(client, operation, request, Body::empty(), options, region)?;
    // A raw body is left to whoever uses the URL.
    if operation.request_body != BodyFormat::Raw {
        prepared.compute_headers().await?;
    }
    let Some(credentials) = identity.credentials().await? else {
        return Err(refuse(
            "an anonymous client has nothing to sign a URL with",
            "give credentials; a public object has a URL without a signature",
        ));
    };
    let mut headers = prepared.headers;
    headers.remove(USER_AGENT);
    // Whoever sends the request knows its length, and a URL is good for bodies of any.
    headers.remove(CONTENT_LENGTH);
    let destination = prepared.first;
    headers.insert(HOST, destination.host.clone());
    let now = client.now(client.skew());
    let expires = now.saturating_add(seconds);
    let window = qsign::Window::new(now.saturating_sub(VALID_BEFORE), expires);
    let scheme = destination.uri.scheme_str().unwrap_or("https");
    let signed = qsign::Signer::new(&credentials, token, window)
        .presign(
            scheme,
            &qsign::Request {
                method: &prepared.method,
                path: &prepared.path,
                query: &prepared.query,
                headers: &headers,
            },
        )
        .map_err(|error| Error::new(ErrorKind::Credentials, error.to_string()).caused_by(error))?;
    // The URL names the host that is asked, which may be another one than is connected to.
    let host = destination.host.to_str().unwrap_or_default();
    let authority = destination.uri.authority().map_or(host, |it| it.as_str());
    let url = if authority == host {
        headers.remove(HOST);
        signed.url
    } else {
        let rest = signed.url.split_once(host).map_or("", |(_, rest)| rest);
        format!("{scheme}://{authority}{rest}")
    };
    Ok(PresignedRequest {
        method: prepared.method,
        url,
        headers,
        body: prepared.body.as_bytes().unwrap_or_default().to_vec(),
        expires,
    })
}

impl PresignedRequest {
    /// The HTTP method that is signed. A URL for `GET` does not serve `HEAD`.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The URL. It is a secret until it expires.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The headers that have to be sent with it, as they are here; mostly none. `host` is among them
    /// where the URL leads to an [`Endpoint`](crate::endpoint::Endpoint) instead of the host itself.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The document that has to be sent with it; empty if the operation has none. It is not signed.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The last second in which it is good, in Unix time by the service's clock. A temporary key may
    /// end earlier.
    pub fn expires(&self) -> i64 {
        self.expires
    }
}

impl fmt::Debug for PresignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is signed is in the query, and so are signature and token.
        let url = self.url.split('?').next().unwrap_or_default();
        f.debug_struct("PresignedRequest")
            .field("method", &self.method)
            .field("url", &format_args!("{url}?…"))
            .field("headers", &self.headers)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}
