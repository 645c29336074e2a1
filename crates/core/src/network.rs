//! How the ready transport reaches the network: proxy, certificates, pool.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

/// How the ready transport reaches the network.
///
/// ```
/// use std::time::Duration;
/// use tcloud_core::network::{Network, Proxy};
///
/// let network = Network::new()
///     .proxy(Proxy::with_login("http://proxy.example.com:3128", "user", "password"))
///     .idle_connections(32)
///     .idle_time(Duration::from_secs(30));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    pub(crate) proxy: Proxy,
    pub(crate) certificates: Vec<Certificates>,
    pub(crate) idle_connections: usize,
    pub(crate) idle_time: Option<Duration>,
}

/// PEM of certificates; `Debug` does not print it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Certificates(pub(crate) Bytes);

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes of PEM", self.0.len())
    }
}

impl Default for Network {
    fn default() -> Self {
        Self {
            proxy: Proxy::system(),
            certificates: Vec::new(),
            idle_connections: usize::MAX,
            idle_time: Some(Duration::from_secs(90)),
        }
    }
}

impl Network {
    /// The system's proxy, its certificates, and a pool that keeps every idle connection for 90 s.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends through `proxy`; through that of the system unless set.
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = proxy;
        self
    }

    /// Trusts the certificates in `pem` as well as those the system trusts: the authority of a
    /// proxy that looks into TLS, or of a private cloud. May be given more than once, and `pem` may
    /// hold several.
    pub fn certificates(mut self, pem: impl Into<Bytes>) -> Self {
        self.certificates.push(Certificates(pem.into()));
        self
    }

    /// Keeps at most `most` idle connections to each host; all of them unless set. Zero makes a
    /// connection for each request. The connections in use have no bound.
    pub fn idle_connections(mut self, most: usize) -> Self {
        self.idle_connections = most;
        self
    }

    /// Closes a connection after it was idle for `time`, 90 s unless set; never, if that is `None`.
    pub fn idle_time(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.idle_time = time.into();
        self
    }
}

/// The proxy that requests go through.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy(pub(crate) Way);

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Way {
    System,
    Direct,
    Through {
        url: String,
        login: Option<(String, String)>,
    },
}

impl Proxy {
    /// Those of `http_proxy`, `https_proxy` and `ALL_PROXY`, without the hosts of `NO_PROXY`. What
    /// is on this machine, such as a local cloud, is reached directly.
    pub fn system() -> Self {
        Self(Way::System)
    }

    /// None.
    pub fn none() -> Self {
        Self(Way::Direct)
    }

    /// The one at `url`, such as `http://proxy.example.com:3128`, for all hosts, this machine
    /// included. Only the metadata service of a virtual machine is reached without it.
    pub fn url(url: impl Into<String>) -> Self {
        Self(Way::Through {
            url: url.into(),
            login: None,
        })
    }

    /// The one at `url`, which wants to know who asks (HTTP basic authentication).
    pub fn with_login(
        url: impl Into<String>,
        user: impl Into<String>,
        password: impl Into<String>,
    ) -> Self {
        Self(Way::Through {
            url: url.into(),
            login: Some((user.into(), password.into())),
        })
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Way::System => f.write_str("Proxy(the system's)"),
            Way::Direct => f.write_str("Proxy(none)"),
            Way::Through { url, .. } => write!(f, "Proxy({})", without_login(url)),
        }
    }
}

/// A URL without the name and the password it may hold.
pub(crate) fn without_login(url: &str) -> String {
    let Some((before, host)) = url.rsplit_once('@') else {
        return url.to_owned();
    };
    match before.split_once("://") {
        Some((scheme, _)) => format!("{scheme}://{host}"),
        None => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_holds_no_password() {
        let shown = |proxy: Proxy| format!("{:?}", Network::new().proxy(proxy));
        let url = "http://name:hidden@proxy.example.com:3128/x";
        let text = shown(Proxy::with_login(url, "other", "concealed"));
        assert!(
            text.contains("Proxy(http://proxy.example.com:3128/x)"),
            "{text}"
        );
        for secret in ["name", "hidden", "other", "concealed"] {
            assert!(!text.contains(secret), "{text}");
        }
        // A password may hold anything, a slash and an at sign among it.
        for url in ["name:hid@d/en@proxy", "http://name:hid/d@en@proxy:1"] {
            let text = shown(Proxy::url(url));
            assert!(!text.contains("en@") && text.contains("proxy"), "{text}");
        }
    }
}
