//! Security Token Service: temporary keys, and who somebody is.
//!
//! Its operations say themselves who may call them: `AssumeRole` is permitted for a role by the
//! policies of the caller and by the role's own word, `AssumeRoleWithWebIdentity` needs no key, and
//! who one is may be asked by everyone who has one.

mod assume;
mod fault;
mod federation;
mod identity;
mod issue;
mod proven;
mod role;

use tcloud_core::server::Handlers;

use crate::service::Service;

/// The service.
pub(crate) fn service() -> Service {
    let handlers = Handlers::new()
        .on(identity::get)
        .on(assume::by_key)
        .on(assume::by_web_identity)
        .on(federation::get)
        .on(proven::get);
    Service {
        handlers,
        permits: true,
        ..Service::new(&tcloud_sts::CATALOG)
    }
}
