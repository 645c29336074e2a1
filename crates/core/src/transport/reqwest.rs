//! The ready transport: `reqwest` over rustls.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::{Request, Response};

use super::send::{Transport, TransportError};
use crate::body::Body;
use crate::future::BoxFuture;

/// The ready transport: `reqwest` over rustls, with pooled connections and the system's proxy.
///
/// Proxies are those of `http_proxy`, `https_proxy` and `ALL_PROXY`, without the hosts of
/// `NO_PROXY`. What is on this machine, such as a local cloud, is reached directly: `localhost`,
/// names below it, and loopback addresses.
#[derive(Debug, Clone)]
pub struct Reqwest {
    client: ::reqwest::Client,
    /// Without a proxy; made when it is first needed, since most programs never do.
    direct: Arc<OnceLock<::reqwest::Client>>,
}

impl Reqwest {
    /// A transport with the defaults: 10 s to connect, no redirects, whose signatures would not
    /// fit.
    ///
    /// # Errors
    /// TLS could not be set up.
    pub fn new() -> Result<Self, TransportError> {
        Ok(Self {
            client: build(builder())?,
            direct: Arc::default(),
        })
    }

    /// The client by which `host` is reached.
    fn client_for(&self, host: &str) -> Result<&::reqwest::Client, TransportError> {
        if !is_this_machine(host) {
            return Ok(&self.client);
        }
        if let Some(client) = self.direct.get() {
            return Ok(client);
        }
        let client = build(builder().no_proxy())?;
        Ok(self.direct.get_or_init(|| client))
    }
}

fn builder() -> ::reqwest::ClientBuilder {
    ::reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(10))
        .redirect(::reqwest::redirect::Policy::none())
        // Another crate may turn these on for all. What is compressed is the call's to decide: an
        // object comes out as it is stored.
        .no_gzip()
        .no_brotli()
        .no_deflate()
        .no_zstd()
}

fn build(builder: ::reqwest::ClientBuilder) -> Result<::reqwest::Client, TransportError> {
    builder
        .build()
        .map_err(|error| TransportError::unsent(error.to_string()))
}

/// Whether `host`, as a URI has it, is this machine. Another one's proxy cannot reach it, and a
/// local cloud that is the proxy itself needs none.
fn is_this_machine(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(host);
    if let Ok(address) = bare.parse::<IpAddr>() {
        let address = address.to_canonical();
        return address.is_loopback() || address.is_unspecified();
    }
    let last = host.rsplit('.').next().unwrap_or_default();
    last.eq_ignore_ascii_case("localhost")
}

/// A client made elsewhere, with proxies and certificates of its own, for all hosts.
impl From<::reqwest::Client> for Reqwest {
    fn from(client: ::reqwest::Client) -> Self {
        Self {
            direct: Arc::new(OnceLock::from(client.clone())),
            client,
        }
    }
}

impl Transport for Reqwest {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let request = request.map(|body| match body.as_bytes() {
                Some(bytes) => ::reqwest::Body::from(bytes.to_vec()),
                None => ::reqwest::Body::wrap_stream(body),
            });
            let request = ::reqwest::Request::try_from(request)
                .map_err(|error| TransportError::unsent(error.to_string()))?;
            let client = self.client_for(request.url().host_str().unwrap_or_default())?;
            let response = client.execute(request).await.map_err(described)?;
            let length = response.content_length();
            let response = Response::from(response);
            let (parts, body) = response.into_parts();
            Ok(Response::from_parts(
                parts,
                Body::from_stream(Incoming(body), length),
            ))
        })
    }
}

/// The innermost cause says more than the layers around it.
fn described(error: ::reqwest::Error) -> TransportError {
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    TransportError {
        message: cause.to_string(),
        sent: !(error.is_connect() || error.is_builder()),
        timeout: error.is_timeout(),
        source: Some(error.into()),
    }
}

/// The response's body as a stream of chunks.
struct Incoming(::reqwest::Body);

impl futures_core::Stream for Incoming {
    type Item = std::io::Result<bytes::Bytes>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        use http_body::Body as _;
        loop {
            match std::pin::Pin::new(&mut self.0).poll_frame(context) {
                std::task::Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        return std::task::Poll::Ready(Some(Ok(data)));
                    }
                }
                std::task::Poll::Ready(Some(Err(error))) => {
                    return std::task::Poll::Ready(Some(Err(std::io::Error::other(error))));
                }
                std::task::Poll::Ready(None) => return std::task::Poll::Ready(None),
                std::task::Poll::Pending => return std::task::Poll::Pending,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_this_machine;

    #[test]
    fn what_is_this_machine() {
        for host in [
            "127.0.0.1",
            "127.8.9.10",
            "0.0.0.0",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "localhost",
            "LocalHost.",
            "album-1250000000.cos.ap-guangzhou.localhost",
        ] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in [
            "",
            "10.0.0.1",
            "[::ffff:10.0.0.1]",
            "[2001:db8::1]",
            "localhost.example.com",
            "notlocalhost",
            "127.0.0.1.example.com",
            "mps.tencentcloudapi.com",
        ] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
