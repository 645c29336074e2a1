//! Why a local cloud cannot run.

use std::error::Error;
use std::io;

use crate::cam::AccountError;
use crate::seed::SeedError;
use crate::store::StoreError;

/// Why a local cloud cannot start or continue serving.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LocalError {
    /// The state cannot be opened. The message names the folder or the database, and the next step.
    #[error("cannot open the state of the local cloud: {0}")]
    Store(#[source] Box<dyn Error + Send + Sync>),
    /// [`Settings::buckets`](crate::Settings::buckets) names what cannot be a bucket.
    #[error(
        "`{0}` cannot be a bucket; use lower-case letters, digits and hyphens, and the number of the \
         account at the end, as in examplebucket-1250000000"
    )]
    Bucket(String),
    /// A service cannot be mocked. The text names the service, and what is wrong with its metadata.
    #[error("cannot mock {0}")]
    Mock(String),
    /// The account contradicts itself.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// [`Settings::seed`](crate::Settings::seed) has what the cloud refuses.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// There is no TLS: its files cannot be used, or this program was built without it.
    #[error("cannot answer over TLS: {0}")]
    Tls(String),
    /// The listener is broken.
    #[error("cannot accept connections: {0}; check that the address still exists")]
    Listen(#[source] io::Error),
}

impl From<StoreError> for LocalError {
    fn from(error: StoreError) -> Self {
        Self::Store(error.into())
    }
}
