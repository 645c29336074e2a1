//! Tunnels: how a client of a proxy reaches a host to which it speaks TLS.
//!
//! They lead to this cloud alone. Whoever listens says whether a connection can become one
//! ([`MayTunnel`]), and learns by the answer that it has ([`Tunnel`]).

use http::Response;
use tcloud_core::body::Body;

use super::target::Refusal;

/// Marks a request that came by a connection that can become a tunnel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MayTunnel;

/// Marks an answer after which the connection is a tunnel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tunnel;

/// Lets a tunnel begin.
pub(super) fn begin() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(Tunnel);
    response
}

/// The first line of an answer that refuses a tunnel: most clients show nothing but that.
pub(super) fn reason(refusal: &Refusal) -> Option<&'static [u8]> {
    match refusal {
        Refusal::Tunnel => Some(b"No tunnels here: use the scheme http, or set the endpoint"),
        Refusal::Foreign(_) => Some(b"No host of Tencent Cloud: exclude it by NO_PROXY"),
        _ => None,
    }
}
