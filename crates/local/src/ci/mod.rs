//! Cloud Infinite.

mod binding;
mod fault;
mod job;

use tcloud_core::server::Handlers;

use self::job::{ImageInspect, lookup, submit};
use crate::service::Service;

/// The service.
pub(crate) fn service() -> Service {
    let handlers = Handlers::new()
        .on(binding::bind)
        .on(binding::enable_pictures)
        .on(binding::pic_buckets)
        .on(submit::<ImageInspect>)
        .on(lookup::describe)
        .on(lookup::list)
        .on(lookup::cancel);
    Service {
        handlers,
        // The latter is the older host of bucket settings.
        hosts: &["ci", "pic"],
        kinds: job::kinds,
        ..Service::new(&tcloud_ci::CATALOG)
    }
}
