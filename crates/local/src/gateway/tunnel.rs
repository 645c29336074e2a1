//! Tunnels: how a client of a proxy reaches a host to which it speaks TLS.
//!
//! They lead to this cloud alone. Whoever listens says whether a connection can become one
//! ([`MayTunnel`]), and learns by the answer that it has ([`Tunnel`]).

use http::Response;
use tcloud_core::body::Body;

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
