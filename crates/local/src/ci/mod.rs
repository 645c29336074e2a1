//! Cloud Infinite.

mod binding;
#[cfg(feature = "networks")]
mod enhancing;
mod fault;
mod file;
mod job;
#[cfg(feature = "pictures")]
mod pictures;
mod queues;
mod time;

use self::file::{hash, preview};
use self::job::{Jobs, lookup};
use crate::service::Service;

/// The service.
pub(crate) fn service() -> Service {
    let Jobs { handlers, kinds } = job::all();
    let handlers = handlers
        .on(binding::bind)
        .on(binding::enable_pictures)
        .on(binding::pic_buckets)
        .on(binding::enable_files)
        .on(queues::files)
        .on(queues::change_files)
        .on(hash::get)
        .on(preview::get)
        .on(lookup::describe)
        .on(lookup::describe_files)
        .on(lookup::list)
        .on(lookup::cancel);
    #[cfg(feature = "pictures")]
    let handlers = handlers.on(pictures::info).on(pictures::average);
    #[cfg(feature = "networks")]
    let handlers = handlers.on(enhancing::enlarge).on(enhancing::improve);
    Service {
        handlers,
        // The latter is the older host of bucket settings.
        hosts: &["ci", "pic"],
        kinds,
        #[cfg(feature = "pictures")]
        is_public: crate::cos::may_anyone,
        ..Service::new(&tcloud_ci::CATALOG)
    }
}
