//! Object Storage.

mod acl;
mod buckets;
mod fault;
mod names;
mod object;
mod unsupported;

use tcloud_core::server::Handlers;

use self::object::{deleting, listing, reading, storing};
use crate::service::Service;

#[cfg(feature = "pictures")]
pub(crate) use names::is_listable;
pub(crate) use names::{KEY_LIMIT, is_bucket_name};
pub(crate) use object::media_type;

/// The service.
pub(crate) fn service() -> Service {
    let handlers = Handlers::new()
        .on(buckets::list)
        .on(buckets::create)
        .on(buckets::describe)
        .on(buckets::delete)
        .on(listing::list)
        .on(storing::put)
        .on(deleting::delete)
        .on(reading::get)
        .on(reading::head)
        .on(acl::put)
        .on(acl::get);
    Service {
        handlers,
        hosts: &["cos", "cos-internal", "cos-dualstack"],
        admit: unsupported::require_built,
        is_public: acl::may_anyone,
        ..Service::new(&tcloud_cos::CATALOG)
    }
}
