//! Opening the state that settings name.

use std::sync::Arc;

use crate::store::{Result, SharedContent, Store, StoreError};
use crate::{Data, Settings};

/// Opens the state.
///
/// # Errors
///
/// It cannot be opened, or the settings contradict themselves.
pub(crate) async fn open(settings: &Settings) -> Result<Store> {
    let clock = Arc::clone(&settings.clock);
    match (&settings.data, &settings.blobs) {
        (Data::Folder(folder), bucket) => {
            Store::in_folder(folder, bucket.as_ref(), clock, settings.group_commit).await
        }
        (Data::Database { url, folder }, bucket) => {
            let content = match (bucket, folder) {
                (Some(bucket), _) => SharedContent::Bucket(bucket),
                (None, Some(folder)) => SharedContent::Folder(folder),
                (None, None) => return Err(StoreError::NoPlaceForContent),
            };
            Store::shared(url, content, settings.lease, clock).await
        }
        (Data::Ephemeral, None) => Store::in_memory(clock, settings.ephemeral_limit).await,
        (Data::Ephemeral, Some(bucket)) => {
            let url = bucket.to_string();
            Err(StoreError::BucketWithoutState { url })
        }
    }
}
