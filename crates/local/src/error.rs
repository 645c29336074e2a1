//! Why a local cloud cannot run.

use std::io;

use crate::store::StoreError;

/// Why a local cloud cannot start or go on serving.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LocalError {
    /// The state cannot be opened.
    #[error("cannot open the state of the local cloud: {0}")]
    Store(#[from] StoreError),
    /// The client for callbacks and picture downloads cannot be set up.
    #[error("cannot set up outgoing requests: {0}; check the machine's network setup")]
    Fetch(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The listener is broken.
    #[error("cannot accept connections: {0}; check that the address is still there")]
    Listen(#[source] io::Error),
}
