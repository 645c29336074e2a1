//! Cloud Infinite.

mod address;
#[cfg(feature = "pictures")]
mod assessing;
mod binding;
#[cfg(feature = "codes")]
mod codes;
#[cfg(feature = "networks")]
mod enhancing;
mod fault;
mod file;
mod inspecting;
mod job;
#[cfg(feature = "pictures")]
mod made;
mod picture_calls;
#[cfg(feature = "pictures")]
mod picture_settings;
#[cfg(feature = "pictures")]
mod pictures;
#[cfg(feature = "pictures")]
mod processed;
mod queues;
#[cfg(feature = "pictures")]
mod retouching;
#[cfg(feature = "pictures")]
mod rules;
#[cfg(feature = "pictures")]
mod templates;
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
        .on(queues::pictures)
        .on(queues::change_pictures)
        .on(hash::get)
        .on(preview::get)
        .on(inspecting::inspect)
        .on(lookup::describe)
        .on(lookup::describe_files)
        .on(lookup::list)
        .on(lookup::describe_pictures)
        .on(lookup::list_pictures)
        .on(lookup::cancel);
    #[cfg(feature = "pictures")]
    let handlers = handlers
        .on(pictures::info)
        .on(pictures::average)
        .on(pictures::exif)
        .on(pictures::original)
        .on(retouching::repair)
        .on(retouching::crop)
        .on(assessing::assess)
        .on(templates::create)
        .on(templates::update)
        .on(templates::delete)
        .on(templates::list)
        .on(rules::put)
        .on(rules::process)
        .on(picture_settings::put_style)
        .on(picture_settings::styles)
        .on(picture_settings::delete_style)
        .on(picture_settings::protect)
        .on(picture_settings::protection)
        .on(picture_settings::unprotect)
        .on(picture_settings::enable_guetzli)
        .on(picture_settings::guetzli)
        .on(picture_settings::disable_guetzli)
        .on(picture_settings::set_slimming)
        .on(picture_settings::slimming)
        .on(picture_settings::delete_slimming)
        .on(picture_settings::set_hotlink)
        .on(picture_settings::hotlink);
    #[cfg(feature = "codes")]
    let handlers = handlers.on(codes::read).on(codes::generate);
    #[cfg(feature = "networks")]
    let handlers = handlers.on(enhancing::enlarge).on(enhancing::improve);
    Service {
        handlers,
        // The latter is the older host of bucket settings.
        hosts: &["ci", "pic"],
        kinds,
        support: picture_calls::CALLS.to_vec(),
        admit: crate::cos::require_built,
        #[cfg(feature = "pictures")]
        is_granted: crate::cos::is_granted,
        ..Service::new(&tcloud_ci::CATALOG)
    }
}
