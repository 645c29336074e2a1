//! What the two ways to a role have in common: the name of its session, and how long it lives.

use std::time::Duration;

use tcloud_core::environment::Environment;

/// The name by which the service's logs know a session that was given none.
pub(crate) fn name(given: Option<&str>, environment: &dyn Environment) -> String {
    match given {
        Some(name) => name.to_owned(),
        None => format!("tcloud-{}", environment.now().div_euclid(1000)),
    }
}

pub(crate) fn seconds(duration: Option<Duration>) -> Option<String> {
    duration.map(|duration| duration.as_secs().to_string())
}
