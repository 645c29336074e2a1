//! What the local cloud fetches from itself: it is asked in the same way, without a network, and has no
//! trust in itself that it has not in its clients.

use std::net::Ipv4Addr;

use http::{Request, Response};
use reqwest::Url;
use tcloud_core::body::Body;
use tcloud_core::future::BoxFuture;
use tcloud_core::sign::encode;

use super::{Gateway, Peer, Via, target};
use crate::fetch::{Leads, Own};

impl Own for Gateway {
    fn leads(&self, url: &Url) -> Leads {
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return Leads::Elsewhere;
        };
        if target::is_of_service(host) {
            return Leads::ToService;
        }
        let is_own = (url.scheme() == "http" || self.settings().tls)
            && target::is_local(host, self.settings())
            && self.state.listens_at(host, port);
        match encode::decode_path(url.path()) {
            _ if !is_own => Leads::Elsewhere,
            Some(path) if path.starts_with(target::PAGES) => Leads::ToPage,
            _ => Leads::ToService,
        }
    }

    fn answer(&self, request: Request<Body>) -> BoxFuture<'_, Response<Body>> {
        Box::pin(self.handle(request))
    }

    fn answer_client(&self, mut request: Request<Body>) -> BoxFuture<'_, Response<Body>> {
        // Which client has named the address is not known here, so it is the farthest one. What is worth
        // something on this machine alone, as the built-in key is, stays so where others can ask.
        let via = if self.state.is_open_to_others() {
            Via::Network
        } else {
            Via::Loopback
        };
        let extensions = request.extensions_mut();
        extensions.insert(via);
        extensions.insert(Peer(Ipv4Addr::UNSPECIFIED.into()));
        Box::pin(self.handle(request))
    }

    fn bucket_at(&self, host: &str, path: &str) -> Option<(String, String)> {
        target::bucket_at(host, path, self.settings())
    }
}
