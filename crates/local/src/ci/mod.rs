//! Cloud Infinite.

mod binding;
mod fault;
mod file;
mod job;
mod queues;
mod time;

use tcloud_core::server::Handlers;

use self::file::{hash, preview};
use self::job::{FileCompress, FileHashCode, FileUncompress, ImageInspect, lookup, submit};
use crate::service::Service;

/// The service.
pub(crate) fn service() -> Service {
    let handlers = Handlers::new()
        .on(binding::bind)
        .on(binding::enable_pictures)
        .on(binding::pic_buckets)
        .on(binding::enable_files)
        .on(queues::files)
        .on(queues::change_files)
        .on(submit::<FileCompress>)
        .on(submit::<FileHashCode>)
        .on(submit::<FileUncompress>)
        .on(submit::<ImageInspect>)
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
        kinds: job::kinds,
        ..Service::new(&tcloud_ci::CATALOG)
    }
}
