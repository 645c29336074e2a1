//! The ready transport: `reqwest` over rustls with ring.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::header::HOST;
use http::{Request, Response};
use rustls::ClientConfig;

use super::connect::ConnectClock;
use super::send::{Transport, TransportError};
use crate::body::Body;
use crate::future::BoxFuture;
use crate::network::{Network, Way, without_login};
use crate::timeouts::Timeouts;

mod bodies;
mod connecting;
mod tls;

use bodies::{Incoming, Outgoing};

/// The ready transport: `reqwest` over rustls, with pooled connections and the system's proxy.
///
/// Proxies are those of `http_proxy`, `https_proxy` and `ALL_PROXY`, without the hosts of
/// `NO_PROXY`, unless [`Network::proxy`] says otherwise. What is on this machine, such as a local
/// cloud, is then reached directly: `localhost`, names below it, and loopback addresses. The
/// metadata service of virtual machines is reached directly in any case: through a proxy it would
/// give the keys of another machine.
#[derive(Clone)]
pub struct Reqwest {
    client: ::reqwest::Client,
    /// Without a proxy; made when it is first needed, since most programs never do.
    direct: Arc<OnceLock<::reqwest::Client>>,
    /// How clients are made, unless the one client was made elsewhere.
    setup: Option<Arc<Setup>>,
}

impl Reqwest {
    /// A transport with the defaults, which follows no redirects: their signatures would not fit.
    ///
    /// # Errors
    /// TLS could not be set up.
    pub fn new() -> Result<Self, TransportError> {
        Self::with(&Network::new(), Timeouts::new())
    }

    /// A transport that reaches the network as `network` says, for calls with `timeouts`.
    ///
    /// # Errors
    /// A proxy or certificate of `network` cannot be used, or TLS could not be set up.
    pub fn with(network: &Network, timeouts: Timeouts) -> Result<Self, TransportError> {
        let setup = Setup {
            tls: tls::config(&network.certificates)?,
            network: network.clone(),
            timeouts,
        };
        Ok(Self {
            client: setup.client(&network.proxy.0)?,
            direct: Arc::default(),
            setup: Some(Arc::new(setup)),
        })
    }

    /// The client by which `request` is sent.
    fn client_for(
        &self,
        request: &::reqwest::Request,
    ) -> Result<&::reqwest::Client, TransportError> {
        let Some(setup) = &self.setup else {
            return Ok(&self.client);
        };
        let host = request.url().host_str().unwrap_or_default();
        let is_next_door = match setup.network.proxy.0 {
            Way::Direct => false,
            Way::System => is_this_machine(host) || is_metadata(request),
            Way::Through { .. } => is_metadata(request),
        };
        if !is_next_door {
            return Ok(&self.client);
        }
        if let Some(client) = self.direct.get() {
            return Ok(client);
        }
        let client = setup.client(&Way::Direct)?;
        Ok(self.direct.get_or_init(|| client))
    }
}

impl fmt::Debug for Reqwest {
    // `reqwest` would print the proxy's password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let network = self.setup.as_ref().map(|setup| &setup.network);
        f.debug_tuple("Reqwest").field(&network).finish()
    }
}

/// How long the other side may leave sent bytes unread before the operating system gives the
/// connection up. A shorter stall is noticed by the call; what is left of a connection that TLS
/// cannot say goodbye on lasts as long as this.
const UNREAD: Duration = Duration::from_secs(30);

/// What the clients of one transport have in common. Reading the system's certificates takes longer
/// than many calls, so it is done once.
struct Setup {
    tls: ClientConfig,
    network: Network,
    timeouts: Timeouts,
}

impl Setup {
    fn client(&self, way: &Way) -> Result<::reqwest::Client, TransportError> {
        let mut builder = ::reqwest::Client::builder()
            .connector_layer(connecting::Noticing)
            .redirect(::reqwest::redirect::Policy::none())
            // Another crate may turn these on for all. What is compressed is the call's to decide: an
            // object comes out as it is stored.
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .pool_max_idle_per_host(self.network.idle_connections)
            .pool_idle_timeout(self.network.idle_time);
        #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
        {
            let unread = self.timeouts.longest_stall().map(|stall| stall.max(UNREAD));
            builder = builder.tcp_user_timeout(unread);
        }
        match way {
            Way::System => {}
            Way::Direct => builder = builder.no_proxy(),
            Way::Through { url, login } => builder = builder.proxy(proxy(url, login.as_ref())?),
        }
        builder
            .tls_backend_preconfigured(self.tls.clone())
            .build()
            .map_err(|error| TransportError::unsent(innermost(&error).to_string()))
    }
}

fn proxy(url: &str, login: Option<&(String, String)>) -> Result<::reqwest::Proxy, TransportError> {
    // The URL may hold a password, and so may an error that `reqwest` makes of it.
    let refuse = |why: &str| {
        let shown = without_login(url);
        TransportError::unsent(format!("{shown:?} cannot be a proxy: {why}"))
    };
    if let Some((scheme, _)) = url.split_once("://")
        && !["http", "https"].contains(&scheme)
    {
        return Err(refuse("only http and https proxies are supported"));
    }
    let proxy =
        ::reqwest::Proxy::all(url).map_err(|error| refuse(&innermost(&error).to_string()))?;
    Ok(match login {
        Some((user, password)) => proxy.basic_auth(user, password),
        None => proxy,
    })
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

/// The metadata service of virtual machines. Which machine asks it shows by where a request comes
/// from.
const METADATA: &str = "metadata.tencentyun.com";

/// Whether `request` is for the metadata service: by its address, or by the host that is asked at
/// another address.
fn is_metadata(request: &::reqwest::Request) -> bool {
    let host = request.headers().get(HOST);
    let asked = host.and_then(|host| host.to_str().ok());
    let names = [request.url().host_str(), asked];
    names.into_iter().flatten().any(is_metadata_host)
}

fn is_metadata_host(host: &str) -> bool {
    // A port may follow the host of a header.
    let name = host.split(':').next().unwrap_or_default();
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_link_local = |address: Ipv4Addr| address.is_link_local();
    name.eq_ignore_ascii_case(METADATA) || name.parse().is_ok_and(is_link_local)
}

/// A client made elsewhere, with proxies and certificates of its own, for all hosts. Its limit for
/// connecting is its own as well: that of the calls does not reach it.
impl From<::reqwest::Client> for Reqwest {
    fn from(client: ::reqwest::Client) -> Self {
        Self {
            client,
            direct: Arc::default(),
            setup: None,
        }
    }
}

impl Transport for Reqwest {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let clock = request.extensions().get::<ConnectClock>().cloned();
            let request = request.map(|body| ::reqwest::Body::wrap(Outgoing::new(body)));
            let request = ::reqwest::Request::try_from(request)
                .map_err(|error| TransportError::unsent(error.to_string()))?;
            let client = self.client_for(&request)?;
            let response = connecting::watched(clock, client.execute(request))
                .await
                .map_err(described)?;
            let length = response.content_length();
            let (parts, body) = Response::from(response).into_parts();
            let body = Body::from_stream(Incoming::new(body), length);
            Ok(Response::from_parts(parts, body))
        })
    }
}

fn described(error: ::reqwest::Error) -> TransportError {
    TransportError {
        message: innermost(&error).to_string(),
        sent: !(error.is_connect() || error.is_builder()),
        timeout: error.is_timeout(),
        source: Some(error.into()),
    }
}

/// The innermost cause says more than the layers around it.
fn innermost(error: &::reqwest::Error) -> &dyn std::error::Error {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause
}

#[cfg(test)]
mod tests {
    use super::{is_metadata_host, is_this_machine};

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

    #[test]
    fn what_is_the_metadata_service() {
        for host in [
            "metadata.tencentyun.com",
            "Metadata.TencentYun.com.",
            "metadata.tencentyun.com:80",
            "169.254.0.23",
            "169.254.0.23:80",
        ] {
            assert!(is_metadata_host(host), "{host}");
        }
        for host in [
            "",
            "metadata.tencentyun.com.example.com",
            "ametadata.tencentyun.com",
            "tencentyun.com",
            "sts.internal.tencentcloudapi.com",
            "10.0.0.1",
            "[fe80::1]",
        ] {
            assert!(!is_metadata_host(host), "{host}");
        }
    }
}
