//! Who makes a call: access keys, where they come from, and how long they are kept.
//!
//! A [`CredentialsProvider`] is a place that keys come from. A configuration asks it once for all
//! its clients and keeps the answer until shortly before its end.

mod cache;
mod environment;
mod error;
mod flight;
mod key;
mod provider;

pub use cache::Refresh;
pub(crate) use cache::{CredentialsCache, RefreshNotice};
pub use environment::{EnvironmentProvider, Variables};
pub use error::CredentialsError;
pub use key::Credentials;
pub use provider::{CredentialsProvider, ProviderContext, StaticProvider};
