//! Content in an S3 bucket: where it is, how long it is waited for.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientConfigKey, ObjectStore, RetryConfig};

use crate::content_bucket::ContentBucket;
use crate::store::error::{Result, StoreError};

/// How many bytes are sent at once: no part but the last may have less.
pub(super) const PART_SIZE: usize = 5 * 1024 * 1024;
/// How many parts may be on their way. With the one that is gathered, an upload takes three times
/// the size of a part.
pub(super) const PARTS_IN_FLIGHT: usize = 2;

/// The most time between two attempts.
const LONGEST_BACKOFF: Duration = Duration::from_secs(2);
/// How long the bucket may be silent.
const SILENCE: &str = "20 seconds";
/// How long a request may take in all: as long as it moves. A slow client reads what it asked for
/// at its own pace.
const TOTAL: &str = "1 day";

/// A bucket that content is kept in.
#[derive(Clone)]
pub(in crate::store) struct Bucket {
    url: String,
    content: Arc<dyn ObjectStore>,
}

impl Bucket {
    /// The bucket `named`. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`StoreError::Bucket`]: the environment or an option says something impossible.
    pub(in crate::store) fn new(named: &ContentBucket) -> Result<Self> {
        let url = named.to_string();
        let wrong = |source| StoreError::Bucket {
            url: url.clone(),
            source,
        };
        crate::tls::choose();
        let mut builder = AmazonS3Builder::from_env();
        for (name, value) in &named.options {
            builder = builder.with_config(name.parse().map_err(wrong)?, value);
        }
        let retry = RetryConfig {
            backoff: BackoffConfig {
                max_backoff: LONGEST_BACKOFF,
                ..BackoffConfig::default()
            },
            max_retries: usize::MAX,
            retry_timeout: named.patience,
        };
        let client = AmazonS3ConfigKey::Client;
        let built = builder
            .with_bucket_name(&named.bucket)
            .with_retry(retry)
            // Content is deleted one by one, and not all that call themselves S3 know the other.
            .with_disable_bulk_delete(true)
            .with_config(client(ClientConfigKey::ReadTimeout), SILENCE)
            .with_config(client(ClientConfigKey::Timeout), TOTAL);
        // Whoever sets an address without TLS has chosen so.
        let address = [AmazonS3ConfigKey::S3Endpoint, AmazonS3ConfigKey::Endpoint]
            .iter()
            .find_map(|key| built.get_config_value(key));
        let plain = address.is_some_and(|address| address.starts_with("http://"));
        let built = if plain {
            built.with_allow_http(true)
        } else {
            built
        };
        let bucket = built.build().map_err(wrong)?;
        let content: Arc<dyn ObjectStore> = if named.prefix.is_empty() {
            Arc::new(bucket)
        } else {
            Arc::new(PrefixStore::new(bucket, Path::from(named.prefix.as_str())))
        };
        Ok(Self { url, content })
    }

    pub(super) fn content(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.content)
    }

    /// The address, for people.
    pub(super) fn url(&self) -> &str {
        &self.url
    }
}
