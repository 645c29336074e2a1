#![doc = include_str!("../README.md")]
#![doc = include_str!("generated/operations.md")]

pub mod callback;
// The generator has its own layout, and its arguments are the rows that a table requires.
#[rustfmt::skip]
#[allow(
    clippy::similar_names,
    clippy::too_many_arguments,
    clippy::too_many_lines,
    reason = "the tables name and count them"
)]
mod generated;
pub mod picture;

/// The runtime under all clients.
pub use tcloud_core as runtime;
pub use tcloud_core::body::{self, Body};
pub use tcloud_core::call::{CallOptions, Reply};
pub use tcloud_core::config::Config;
pub use tcloud_core::credentials::Credentials;
pub use tcloud_core::endpoint::Endpoint;
pub use tcloud_core::error::{Error, ErrorKind};
#[cfg(feature = "testing")]
pub use tcloud_core::testing;
pub use tcloud_core::{interceptor, observe};
#[cfg(feature = "credentials")]
pub use tcloud_credentials as credentials;

pub use self::generated::*;
