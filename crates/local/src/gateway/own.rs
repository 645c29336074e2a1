//! What the local cloud fetches from itself: it is asked in the same way, without a network.

use http::{Request, Response};
use reqwest::Url;
use tcloud_core::body::Body;
use tcloud_core::future::BoxFuture;

use super::{Gateway, target};
use crate::fetch::Own;

impl Own for Gateway {
    fn is_named_by(&self, url: &Url) -> bool {
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return false;
        };
        if target::is_of_service(host) {
            return true;
        }
        // The pages about the local cloud are not for those who use it.
        (url.scheme() == "http" || self.settings().tls)
            && !url.path().starts_with("/_local/")
            && target::is_local(host, self.settings())
            && self.state.listens_at(host, port)
    }

    fn answer(&self, request: Request<Body>) -> BoxFuture<'_, Response<Body>> {
        Box::pin(self.handle(request))
    }

    fn bucket_at(&self, host: &str, path: &str) -> Option<(String, String)> {
        target::bucket_at(host, path, self.settings())
    }
}
