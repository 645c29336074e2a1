//! Who may speak to the local cloud.
//!
//! A browser on this machine reaches it, and with it any page on the web does: by a request across
//! sites, or by having the page's own name lead to this machine. The built-in key protects nothing,
//! so both are refused: the first by its `Origin`, the second by its `Host`.

use std::net::{IpAddr, Ipv4Addr};

use http::HeaderMap;
use http::header::{HOST, ORIGIN};
use http::request::Parts;

use super::host;
use super::refusal::Refusal;
use crate::Settings;

/// How a request came in; a socket sets it as an extension of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Via {
    /// Without a socket.
    #[default]
    InProcess,
    /// From this machine.
    Loopback,
    /// From any machine.
    Network,
}

/// The address a request came from; a socket sets it as an extension of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Peer(pub(crate) IpAddr);

impl Default for Peer {
    /// That of this machine: what came without a socket came from within.
    fn default() -> Self {
        Self(Ipv4Addr::LOCALHOST.into())
    }
}

/// The host a request names, as sent: that of a proxy request's URL, or the header `Host`. Empty
/// where an old client sends none.
pub(super) fn host(parts: &Parts) -> Result<&str, Refusal> {
    if let Some(authority) = parts.uri.authority() {
        return Ok(host::without_user(authority.as_str()));
    }
    let mut sent = parts.headers.get_all(HOST).iter();
    match (sent.next(), sent.next()) {
        (Some(host), None) => host
            .to_str()
            .ok()
            .filter(|host| !host.contains('@') && !host::name(host).is_empty())
            .ok_or(Refusal::NoHost),
        (None, _) if parts.version < http::Version::HTTP_11 => Ok("localhost"),
        _ => Err(Refusal::NoHost),
    }
}

/// Whether whoever started the local cloud gave it the name of `host`.
pub(super) fn is_allowed(host: &str, settings: &Settings) -> bool {
    let name = host::name(host);
    settings
        .allowed_hosts
        .iter()
        .any(|allowed| host::name(allowed) == name)
}

/// Lets a web page of `host` itself pass, and whatever is no web page.
pub(super) fn check_origin(headers: &HeaderMap, host: &str) -> Result<(), Refusal> {
    let foreign = headers.get_all(ORIGIN).iter().find(|origin| {
        let of_host = origin.to_str().ok().and_then(|origin| {
            let (_, authority) = origin.split_once("://")?;
            Some(bare(authority) == bare(host))
        });
        !origin.is_empty() && of_host != Some(true)
    });
    match foreign {
        None => Ok(()),
        Some(origin) => Err(Refusal::Origin(
            String::from_utf8_lossy(origin.as_bytes()).into_owned(),
        )),
    }
}

/// Name and port, without a default port.
fn bare(authority: &str) -> (String, Option<&str>) {
    let port = authority
        .rsplit_once(':')
        .map(|(_, port)| port.trim())
        .filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
        .filter(|port| !matches!(*port, "" | "80" | "443"));
    (host::name(authority), port)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Request, Version};

    use super::super::{Access, Refusal, resolve};
    use super::check_origin;
    use crate::Settings;

    /// What becomes of a request for a page about the local cloud with these headers `Host`.
    fn page(hosts: &[&str], settings: &Settings) -> Result<Access, Refusal> {
        let mut request = Request::builder().uri("/_local/requests");
        for host in hosts {
            request = request.header("host", *host);
        }
        resolve(&request.body(()).unwrap().into_parts().0, settings, None)
    }

    #[test]
    fn only_names_that_cannot_lead_elsewhere_are_served() {
        let settings = Settings::default();
        for host in [
            "127.0.0.1:9000",
            "[::1]:9000",
            "LOCALHOST.:9000",
            "x.localhost",
            "192.168.1.5:9000",
        ] {
            assert_eq!(page(&[host], &settings), Ok(Access::Page), "{host}");
        }
        for host in [
            "rebound.example",
            "rebound.example:9000",
            "localhost.evil.example",
            "127.0.0.1.nip.example",
            "notmyqcloud.com",
            "0x7f.1",
        ] {
            let name = host.split(':').next().unwrap().to_owned();
            assert_eq!(page(&[host], &settings), Err(Refusal::Stranger(name)));
        }
        for hosts in [
            &[][..],
            &[""],
            &[":80"],
            &["localhost", "localhost"],
            &["localhost", "rebound.example"],
            &["localhost@rebound.example"],
        ] {
            assert_eq!(page(hosts, &settings), Err(Refusal::NoHost), "{hosts:?}");
        }
    }

    #[test]
    fn a_name_can_be_allowed() {
        let settings = Settings::default()
            .allow_host("emulator")
            .allow_host("Cloud.Example.:9000");
        for host in ["emulator", "EMULATOR:9000", "cloud.example:80"] {
            assert_eq!(page(&[host], &settings), Ok(Access::Page), "{host}");
        }
        for host in ["b-1250000000.emulator", "emulator.example", "loud.example"] {
            let refused = Err(Refusal::Stranger(host.to_owned()));
            assert_eq!(page(&[host], &settings), refused);
        }
    }

    #[test]
    fn an_old_client_need_not_name_the_host() {
        let request = Request::builder().uri("/_local/health");
        let request = request.version(Version::HTTP_10).body(()).unwrap();
        let found = resolve(&request.into_parts().0, &Settings::default(), None);
        assert_eq!(found, Ok(Access::Page));
    }

    #[test]
    fn pages_of_other_sites_are_refused() {
        let check = |origins: &[&str], host: &str| {
            let mut headers = HeaderMap::new();
            for origin in origins {
                headers.append("origin", HeaderValue::from_str(origin).unwrap());
            }
            check_origin(&headers, host)
        };
        for (origin, host) in [
            ("http://localhost:9000", "localhost:9000"),
            ("http://LOCALHOST:9000", "localhost.:9000"),
            ("http://[::1]:9000", "[::1]:9000"),
            ("http://b.cos.r.myqcloud.com", "b.cos.r.myqcloud.com:80"),
            ("https://b.cos.r.myqcloud.com", "b.cos.r.myqcloud.com"),
            ("", "localhost:9000"),
        ] {
            assert_eq!(check(&[origin], host), Ok(()), "{origin} at {host}");
        }
        assert_eq!(check(&[], "localhost:9000"), Ok(()));
        for origin in [
            "null",
            "http://evil.example",
            "http://localhost",
            "http://localhost:3000",
            "http://127.0.0.1:9000",
            "http://localhost:9000.evil.example",
            "http://evil.example/localhost:9000",
        ] {
            let refused = Err(Refusal::Origin(origin.to_owned()));
            assert_eq!(check(&[origin], "localhost:9000"), refused, "{origin}");
        }
        let both = ["http://localhost:9000", "http://evil.example"];
        assert!(check(&both, "localhost:9000").is_err());
    }
}
