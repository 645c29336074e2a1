#![doc = include_str!("../README.md")]

mod assume_role;
mod chain;
mod files;
mod keys;
mod metadata;
mod process;
mod profile;
mod session;
mod sts;
mod web_identity;

use std::sync::Arc;

use tcloud_core::config::Config;
pub use tcloud_core::credentials::{
    Credentials, CredentialsError, CredentialsProvider, EnvironmentProvider, ProviderContext,
    Refresh, StaticProvider, Variables,
};

pub use crate::assume_role::AssumeRole;
pub use crate::chain::{Chain, DefaultChain};
pub use crate::metadata::CvmRole;
pub use crate::process::ExternalProcess;
pub use crate::profile::{Profile, ProfileFile, ProfileFiles, ProfileProvider};
pub use crate::web_identity::WebIdentity;

/// Lets a configuration that was given no credentials use the [`DefaultChain`]. Clients of the
/// services call this when they are made; only the first does anything.
pub fn provide_default(config: &Config) {
    config.default_credentials(|| Arc::new(DefaultChain::new()));
}
