//! Cloud Infinite.

mod binding;
mod fault;
mod file;
mod job;
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
    Service {
        handlers,
        // The latter is the older host of bucket settings.
        hosts: &["ci", "pic"],
        kinds,
        ..Service::new(&tcloud_ci::CATALOG)
    }
}
