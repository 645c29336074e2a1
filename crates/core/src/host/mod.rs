//! Which hosts requests are for.
//!
//! An operation names its service's own host, such as `{bucket}.cos.{region}.myqcloud.com`. The
//! service answers at others, too: under a second domain, inside the cloud's network, near the
//! caller, at a domain of the bucket's owner. [`Hosts`] says which of them are asked, and whether
//! another one may serve where the first cannot be reached. The signature covers the host that is
//! asked.
//!
//! An [`Endpoint`](crate::endpoint::Endpoint) is another matter: it says where to connect, and
//! leaves the host as it is.

mod address;
mod breaker;
mod domain;
mod policy;
mod url;

pub(crate) use address::{Address, Addresses, Given};
pub(crate) use breaker::Breaker;
pub use domain::Domain;
pub use policy::{ApiDomain, ApiHost, CiHost, CosHost, Hosts};
pub use url::HostUrl;

#[cfg(test)]
mod tests;
