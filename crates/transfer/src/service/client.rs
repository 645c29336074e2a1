//! The client, and where its calls go.

use tcloud_core::call::CallOptions;
use tcloud_cos::Client;

/// The client, and what transfers ask of it.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    pub(super) client: Client,
}

impl Service {
    pub(crate) fn new(client: &Client) -> Self {
        Self {
            client: client.clone(),
        }
    }
}

/// A call that goes to the bucket's region.
pub(super) fn options(region: Option<&String>) -> CallOptions {
    let options = CallOptions::new();
    match region {
        Some(region) => options.region(region),
        None => options,
    }
}
