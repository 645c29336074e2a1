//! Object Storage.

mod acl;
pub(crate) mod background;
pub(crate) mod batch;
mod bucket;
mod cors;
mod domains;
mod encryption;
mod fault;
mod fetching;
mod inventory;
mod lifecycle;
mod logging;
mod midnight;
mod multipart;
mod names;
mod object;
pub(crate) mod origin;
mod page;
mod permission;
mod referer;
mod refused;
pub(crate) mod replication;
#[cfg(feature = "select")]
pub(crate) mod select;
mod strictness;
mod tags;
mod tiers;
mod unsupported;
mod website;

use tcloud_core::server::Handlers;

use self::object::{
    appending, copying, deleting, linking, listing, locking, posting, reading, restoring, storing,
    tagging, versions,
};
use crate::service::Service;
use crate::support::{Support, missing};

pub(crate) use bucket::setting::replication::KIND as REPLICATION;
pub(crate) use bucket::setting::reports::LOGGING;
pub(crate) use cors::shared;
pub(crate) use domains::{Led, led, require_accelerated};
pub(crate) use fetching::new_id as fetch_task_id;
#[cfg(feature = "pictures")]
pub(crate) use names::is_listable;
#[cfg(feature = "codes")]
pub(crate) use names::version;
pub(crate) use names::{KEY_LIMIT, is_bucket_name, object as object_name};
pub(crate) use object::media_type;
pub(crate) use permission::OfBucket;
pub(crate) use referer::{SignedBy, require_page};
pub(crate) use strictness::require_covered;
pub(crate) use unsupported::require_built;
pub(crate) use website::{Elsewhere, Website};
#[cfg(feature = "pictures")]
pub(crate) use {
    acl::is_granted,
    acl::of_object as acl_of_object,
    encryption::encrypt_by_default,
    object::attributes::{as_put, attributes, quoted},
    object::rendition,
    object::storing::receive,
    permission::require as require_permission,
};

/// What depends on how this program was built.
const SELECT: (&str, Support) = (
    "SelectObjectContent",
    Support::built(
        cfg!(feature = "select"),
        "its own engine of SQL",
        missing::SELECT,
    ),
);

/// The service.
pub(crate) fn service() -> Service {
    let handlers = Handlers::new()
        .on(bucket::life::list)
        .on(bucket::life::create)
        .on(bucket::life::describe)
        .on(bucket::life::delete)
        .on(bucket::location::get)
        .on(cors::preflight)
        .on(listing::list)
        .on(storing::put)
        .on(posting::post)
        .on(appending::append)
        .on(deleting::delete)
        .on(deleting::delete_many)
        .on(copying::copy)
        .on(copying::rename)
        .on(restoring::restore)
        .on(locking::put)
        .on(locking::get)
        .on(linking::put)
        .on(linking::get)
        .on(tagging::put)
        .on(tagging::get)
        .on(tagging::delete)
        .on(bucket::versioning::put)
        .on(bucket::versioning::get)
        .on(versions::list)
        .on(reading::get)
        .on(reading::head)
        .on(multipart::life::begin)
        .on(multipart::life::complete)
        .on(multipart::life::abort)
        .on(multipart::parts::upload)
        .on(multipart::copying::copy)
        .on(multipart::lists::parts)
        .on(multipart::lists::uploads)
        .on(acl::put_bucket)
        .on(acl::get_bucket)
        .on(acl::put)
        .on(acl::get)
        .on(fetching::put)
        .on(fetching::get)
        .on(batch::create)
        .on(batch::list)
        .on(batch::describe)
        .on(batch::set_priority)
        .on(batch::set_status)
        .on(batch::delete);
    #[cfg(feature = "select")]
    let handlers = handlers.on_refusing(select::select, select::refusal);
    let bucket::setting::Registered { handlers, kept } = bucket::setting::register(handlers);
    Service {
        handlers,
        support: [SELECT]
            .into_iter()
            .chain(refused::OPERATIONS.iter().copied())
            .chain(kept)
            .collect(),
        hosts: &["cos", "cos-internal", "cos-dualstack"],
        kinds: vec![fetching::fetch_task],
        admit: unsupported::require_built,
        is_granted: acl::is_granted,
        ..Service::new(&tcloud_cos::CATALOG)
    }
}
